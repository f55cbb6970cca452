/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of GRE for PPTP (RFC 2637): a packet of version 1 carries the call id of its receiver only. What
 * the sender's is, the helper has read in the control connection and enters here, so that the tuples of
 * both directions have both.
 *
 * Life-cycle: a key belongs to the control connection that told of it; the helper holds it in its data
 * and frees it when that connection goes. At most CT_GRE_KEYS_MAX are there at once.
 * Synchronization: one lock for all of them.
 */
#ifndef PKTT_CT_PROTO_GRE_H
#define PKTT_CT_PROTO_GRE_H

#include "conntrack/tuple.h"

struct conntrack;
struct ct_gre_key;

enum { CT_GRE_BUCKETS = 64, CT_GRE_KEYS_MAX = 65536 };

struct ct_gre_map { /* of struct conntrack */
	struct ct_gre_key *bucket[CT_GRE_BUCKETS];
	uint32_t count;
	uint8_t lock;
};

/*
 * Packets with the addresses and the dport of tuple have its sport too: nf_ct_gre_keymap_add(). *slot
 * is the helper's, one a direction. 0 if the slot has it already; -EEXIST: it has another one; -ENOMEM;
 * -ENOSPC: too many.
 */
int ct_gre_key_add(struct conntrack *ct, struct ct_gre_key **slot, const struct ct_tuple *tuple);
/* All of tracking ends, and connections with it that did not give back their keys. */
void ct_gre_map_fini(struct ct_gre_map *map);
/* Nulls the slot; it may be empty. */
void ct_gre_key_free(struct ct_gre_key **slot);
/*
 * The other half of a tuple that a packet's header gave: to be called for every tuple of a packet, quoted
 * ones included, before it is looked up. Tuples of other protocols stay as they are.
 */
void ct_gre_complete(struct conntrack *ct, struct ct_tuple *tuple);

#endif
