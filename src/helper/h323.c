/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helper/h323.h"

#include <string.h>

#include "nat/nat.h"

/* Everything that the message says, and the port that follows an address at once. */
bool h323_read(const struct h323 *m, const struct per_note *note, struct h323_place *ret)
{
	struct buf b = m->help->payload;
	const uint8_t *at;

	if (note->len != ct_addr_len(m->help->tuple[0].family) || !buf_skip(&b, note->at))
		return false;
	at = buf_get(&b, note->len + 2u);
	if (!at)
		return false;
	*ret = (struct h323_place){ .note = note, .addr.len = note->len };
	memcpy(ret->addr.byte, at, note->len);
	memcpy(&ret->port, at + note->len, 2);
	return true;
}

bool h323_write(struct h323 *m, const struct per_note *note, const uint8_t *addr, uint16_t port)
{
	uint8_t with[18];

	memcpy(with, addr, note->len);
	memcpy(with + note->len, &port, 2);
	return help_replace(m->help, note->at, note->len + 2u, with, note->len + 2u) == 0 &&
	       help_begin(m->help, m->help->pkt, m->help->conn, m->help->info);
}

bool h323_is_translated(const struct h323 *m)
{
	return m->help->tuple[0].family == PKTT_IPV4 && help_is_translated(m->help);
}

struct expect *h323_expect(const struct h323 *m, uint8_t protocol, const struct pktt_addr *dst,
			   uint16_t port, const struct ct_helper *helper)
{
	struct pktt_addr src = ct_tuple_src(h323_there(m));
	struct expect *e = expect_new(m->help->ct, m->help->conn);

	if (!e)
		return NULL;
	expect_init(e, 0, &src, dst, protocol, NULL, &port);
	e->helper = helper;
	return e;
}

void h323_follow(const struct h323 *m, struct expect *expect)
{
	expect->saved_port = expect->tuple.dport;
	expect->expected = nat_follow_master;
	expect->nat_dir = m->help->dir == CT_ORIGINAL ? CT_REPLY : CT_ORIGINAL;
}
