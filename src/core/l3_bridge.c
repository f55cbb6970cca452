/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bridge: frames of any kind. What they carry is looked at as far as a known handler reads it. */
#include "core/l3_families.h"

#include <stddef.h>

/*
 * A bridge forwards what it cannot read: an inner header that its handler refuses is no error, the
 * frame is then simply of no known family.
 */
static int parse(struct pktt_packet *pkt)
{
	const struct pktt_l3 *inner = pktt_l3_by_ethertype(pkt->ethertype);
	struct pktt_packet was = *pkt;

	pkt->has_l4 = false;
	pkt->l3_family = PKTT_BRIDGE;
	if (!inner)
		return 0;
	if (inner->parse(pkt) != 0) {
		*pkt = was;
		pkt->has_l4 = false;
		return 0;
	}
	/* Counters and copies are of the frame as it came, padding included. */
	pkt->end = was.end;
	pkt->wire_len = was.wire_len;
	pkt->l3_family = inner->family;
	return 0;
}

static const char *const hook_names[PKTT_HOOK_COUNT] = {
	[PKTT_PRE_ROUTING] = "PREROUTING",   [PKTT_LOCAL_IN] = "INPUT",
	[PKTT_FORWARD] = "FORWARD",	     [PKTT_LOCAL_OUT] = "OUTPUT",
	[PKTT_POST_ROUTING] = "POSTROUTING", [PKTT_BROUTING] = "BROUTING",
};

/* linux/netfilter_bridge.h, enum nf_br_hook_priorities */
static const struct pktt_std_table tables[] = {
	{ "broute", { { PKTT_BROUTING, -300 } }, 1 },
	{ "nat",
	  { { PKTT_PRE_ROUTING, -300 }, { PKTT_LOCAL_OUT, 100 }, { PKTT_POST_ROUTING, 300 } },
	  3 },
	{ "filter",
	  { { PKTT_LOCAL_IN, -200 }, { PKTT_FORWARD, -200 }, { PKTT_LOCAL_OUT, 200 } },
	  3 },
};

const struct pktt_l3 pktt_l3_bridge = {
	.family = PKTT_BRIDGE,
	.hook_name = hook_names,
	.table = tables,
	.ntables = sizeof(tables) / sizeof(tables[0]),
	.parse = parse,
};
