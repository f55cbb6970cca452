/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making and taking apart, and interfaces that come and go. */
#include "linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/own.h"
#include "datapath/replay/router.h"
#include "filters.h"
#include "private.h"

/* "eth0", or "eth+" for all that begin with eth. */
static bool fits(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '+')
		return strncmp(pattern, name, len - 1) == 0;
	return strcmp(pattern, name) == 0;
}

static bool is_wanted(const struct linux_dp *dp, const struct pktt_iface *iface)
{
	if (iface->index == dp->tap.index || iface->bridge)
		return false;
	for (unsigned int i = 0; i < dp->config.npatterns; i++)
		if (fits(dp->config.pattern[i], iface->name))
			return true;
	return false;
}

static bool is_attached(const struct linux_dp *dp, uint32_t index)
{
	for (unsigned int i = 0; i < dp->nattached; i++)
		if (dp->attached[i] == index)
			return true;
	return false;
}

static void attach(struct linux_dp *dp, const struct pktt_iface *iface)
{
	struct pktt_error err = { 0 };
	uint32_t *more = realloc(dp->attached, (dp->nattached + 1) * sizeof(*more));
	bool has_link_header =
		iface->arphrd == ROUTER_ARPHRD_ETHER || iface->arphrd == ROUTER_ARPHRD_LOOPBACK;

	if (!more) {
		pktt_fail(&err, -ENOMEM, "no memory");
	} else {
		dp->attached = more;
		if (programs_attach(dp->programs, iface->index, has_link_header, &err) == 0)
			dp->attached[dp->nattached++] = iface->index;
	}
	dp->config.tell(dp->config.ctx, iface->name, err.code ? err.text : NULL);
}

/* Renamed away from our patterns, or gone: then there is nothing to take off. */
static void drop_others(struct linux_dp *dp)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < dp->nattached; i++) {
		const struct pktt_iface *iface = host_view_iface(dp->view, dp->attached[i]);

		if (iface && is_wanted(dp, iface))
			dp->attached[kept++] = dp->attached[i];
		else if (iface)
			programs_detach(dp->programs, iface->index);
	}
	dp->nattached = kept;
}

static void take_view(struct linux_dp *dp)
{
	const struct pktt_iface *iface;

	host_view_put(&dp->view);
	dp->view = host_view(dp->host);
	drop_others(dp);
	for (unsigned int i = 0; (iface = router_iface_at(host_view_router(dp->view), i)); i++)
		if (is_wanted(dp, iface) && !is_attached(dp, iface->index))
			attach(dp, iface);
}

static void set_control(struct linux_dp *dp)
{
	struct linux_control *control = programs_control(dp->programs);

	control->tap = dp->tap.index;
	control->is_open = dp->config.is_open;
	control->sees_arp = 1;
}

int linux_new(struct linux_dp **ret, const struct linux_config *config, struct pktt_error *err)
{
	PKTT_AUTO(linux_free) struct linux_dp *dp = calloc(1, sizeof(*dp));
	int r;

	if (!dp)
		return pktt_fail(err, -ENOMEM, "no memory for the datapath");
	dp->config = *config;
	r = programs_load(&dp->programs, config->workers, err);
	if (r == 0)
		r = tap_open(&dp->tap, "", config->workers, err);
	if (r == 0)
		r = programs_attach_down(dp->programs, dp->tap.index, err);
	if (r == 0)
		r = host_new(&dp->host, err);
	if (r)
		return r;
	set_control(dp);
	take_view(dp);
	*ret = pktt_take(&dp);
	return 0;
}

void linux_free(struct linux_dp **slot)
{
	struct linux_dp *dp = *slot;

	if (!dp)
		return;
	for (unsigned int i = 0; !dp->config.stays && i < dp->nattached; i++)
		programs_detach(dp->programs, dp->attached[i]);
	free(dp->attached);
	host_view_put(&dp->view);
	host_free(&dp->host);
	tap_close(&dp->tap);
	programs_free(&dp->programs);
	free(dp);
	*slot = NULL;
}

void linux_remove(struct linux_dp *dp)
{
	dp->config.stays = false;
}

/* That a filter is not there is no news. */
static int say_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

bool linux_let_go(unsigned int ifindex)
{
	libbpf_set_print(say_nothing);
	return filters_take(ifindex);
}

int linux_fd(const struct linux_dp *dp)
{
	return host_fd(dp->host);
}

int linux_run(struct linux_dp *dp, struct pktt_error *err)
{
	int r = host_read(dp->host, err);

	if (r > 0)
		take_view(dp);
	return r < 0 ? r : 0;
}

bool linux_has_interface(struct linux_dp *dp, const char *name)
{
	return router_iface(host_view_router(dp->view), name) != NULL;
}
