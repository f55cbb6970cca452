/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which ports of one translated address towards one destination are taken: what finds a free one in
 * constant time, to the very last.
 *
 * A map is knowledge about the connection table, not the truth: the truth is asked, by take(), for
 * every port before it is given. So a map may be made late, know too little, or be dropped.
 */
#ifndef PKTT_NAT_PORTMAP_H
#define PKTT_NAT_PORTMAP_H

#include "base/siphash.h"
#include "conntrack/tuple.h"

struct nat_portmaps;

struct nat_port_query {
	struct ct_tuple reply; /* its port (of ICMP: id) is what is searched for */
	uint32_t min, size;    /* host order; min + size <= 65536, size > 0 */
	uint32_t from;	       /* the first to try, in that range */
	uint32_t now_ms;
	/* Take that port: 0, -EEXIST: somebody has it, other: no port at all. */
	int (*take)(void *ctx, uint16_t port);
	void *ctx;
};

int nat_portmaps_new(struct nat_portmaps **ret, const struct siphash_key *key);
void nat_portmaps_free(struct nat_portmaps **maps);
/* A port that take() took, host order; -ENOSPC: all are taken; -ENOMEM; what take() said. */
int nat_portmap_take(struct nat_portmaps *maps, const struct nat_port_query *query);
/* As far as is known: false where there is no map. */
bool nat_portmap_is_taken(struct nat_portmaps *maps, const struct ct_tuple *reply);
/* A connection has this reply tuple by another way; or it goes, and with it its tuple. */
void nat_portmap_note(struct nat_portmaps *maps, const struct ct_tuple *reply);
void nat_portmap_forget(struct nat_portmaps *maps, const struct ct_tuple *tuple);
/* The place in a tuple that answers where the port stands that source NAT gave. */
uint16_t *nat_portmap_port(struct ct_tuple *reply);
/* Maps that are there; bytes. */
void nat_portmaps_stats(struct nat_portmaps *maps, uint32_t *count, uint64_t *memory);

#endif
