/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hash functions for tuples. The table uses the first; the others are there to be measured beside it
 * with the same tuples.
 */
#ifndef PKTT_CT_HASH_H
#define PKTT_CT_HASH_H

#include "base/siphash.h"
#include "conntrack/tuple.h"

struct ct_hash {
	const char *name;
	bool is_keyed; /* who does not know the key cannot choose the bucket */
	uint64_t (*hash)(const struct siphash_key *key, const struct ct_tuple *tuple);
};

extern const struct ct_hash ct_hashes[]; /* ended by a NULL name; [0] is the table's */
uint64_t ct_hash_siphash(const struct siphash_key *key, const struct ct_tuple *tuple);

#endif
