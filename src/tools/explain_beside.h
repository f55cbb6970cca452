/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What explain says of the functions beside the chains: fragments, connections, NAT. */
#ifndef TOOLS_EXPLAIN_BESIDE_H
#define TOOLS_EXPLAIN_BESIDE_H

#include "core/hook.h"

struct str;

/* A packet before such a function ran. */
struct beside_before {
	struct pktt_addr src, dst;
	uint8_t ports[4];
	bool has_ports, is_confirmed, is_whole;
};

void beside_before(struct beside_before *ret, const struct pktt_packet *pkt);
/* In words what it did, nothing if it did nothing: "source 10.0.0.5:1234 -> 203.0.113.1:1234". */
void beside_print(const struct beside_before *before, const struct pktt_packet *pkt,
		  const struct pktt_hook_fn *fn, enum pktt_verdict verdict, struct str *out);

#endif
