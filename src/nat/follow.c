/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What helpers need of NAT beside payload: expected connections go the way of their master. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "conntrack/expect.h"
#include "nat/own.h"

/* The exp->dir direction's far end: what the master's packets of the other direction go from and to. */
void nat_follow_master(struct pktt_packet *pkt, struct conn *conn, const struct expect *expect)
{
	struct nat_range range = { .flags = NAT_MAP_IPS };
	struct ct_tuple t;

	conn_tuple(expect->master, !expect->nat_dir, &t);
	range.min = range.max = ct_tuple_dst(&t);
	nat_setup(pkt, conn, &range, NAT_SRC);
	range.flags |= NAT_PROTO_SPECIFIED;
	range.min_port = range.max_port = expect->saved_port;
	range.min = range.max = ct_tuple_src(&t);
	nat_setup(pkt, conn, &range, NAT_DST);
}

uint16_t nat_expect_port(struct conntrack *ct, struct expect *expect, uint16_t first)
{
	enum { ATTEMPTS = 128 };
	uint32_t range = 65535u - first, tries = range < ATTEMPTS ? range : ATTEMPTS;
	uint16_t port = first;
	int r;

	for (;;) {
		expect->tuple.dport = htons(port);
		r = expect_related(ct, expect);
		if (r == 0)
			return port;
		if (r != -EBUSY || tries-- == 0)
			return 0;
		port = (uint16_t)(first + nat_random(nat_of(ct)) % range);
	}
}
