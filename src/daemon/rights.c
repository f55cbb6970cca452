/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/rights.h"

#include <grp.h>
#include <unistd.h>

#include "bus/nfnl.h"
#include "daemon/config.h"

#define NONE ((gid_t)-1)

static gid_t group_of(const char *name)
{
	const struct group *gr = *name ? getgrnam(name) : NULL;

	return gr ? gr->gr_gid : NONE;
}

void rights_init(struct rights *ret, const struct daemon_config *config)
{
	*ret = (struct rights){
		.all = group_of(config->group),
		.view = group_of(config->view_group),
		.elements = group_of(config->elements_group),
		.own = geteuid(),
	};
}

mode_t rights_mode(const struct rights *r)
{
	return r->all != NONE && r->elements != NONE ? RIGHTS_OPEN : RIGHTS_CLOSED;
}

gid_t rights_group(const struct rights *r)
{
	return r->all != NONE ? r->all : r->elements;
}

unsigned int rights_of_peer(void *ctx, const struct nfnl_who *who, int fd, unsigned int granted)
{
	const struct rights *r = ctx;

	if (!(granted & PKTT_RIGHT_ALL) || who->uid == 0 || who->uid == r->own)
		return granted;
	if (r->all != NONE && nfnl_is_member(who, fd, r->all))
		return granted;
	if (r->elements != NONE && nfnl_is_member(who, fd, r->elements))
		return granted & (PKTT_RIGHT_VIEW | PKTT_RIGHT_ELEMENTS);
	return r->is_open ? 0 : granted;
}
