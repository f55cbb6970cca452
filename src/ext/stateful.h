/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What needs connection tracking is declared in full and refused at commit (PKTT_EXT_NEEDS_CT). If
 * a packet met it all the same, it would be dropped: a condition that nobody can answer is BAD.
 */
#ifndef PKTT_EXT_STATEFUL_H
#define PKTT_EXT_STATEFUL_H

#include <pktt/ext.h>

#define STATEFUL_WHY "needs connection tracking"

static inline enum pktt_hit stateful_match(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_BAD;
}

static inline enum pktt_verdict stateful_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_DROP;
}

/* Protocols that have ports to translate, or, like ICMP, something that serves as one. */
static const uint8_t stateful_port_l4[8] = { 6, 17, 132, 33, 136, 1 };

#endif
