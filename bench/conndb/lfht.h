/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer: the same connections in liburcu's lock-free hash table, two nodes each. */
#ifndef PKTT_BENCH_LFHT_H
#define PKTT_BENCH_LFHT_H

#include "conntrack/tuple.h"

struct peer;

/* max: how many entries it is to be ready for; the peer gets its buckets in advance. */
struct peer *peer_new(uint32_t max);
void peer_free(struct peer **peer);
bool peer_insert(struct peer *peer, const struct ct_tuple *original, const struct ct_tuple *reply);
/* With a reference, given back at once. */
bool peer_find(struct peer *peer, const struct ct_tuple *tuple);
bool peer_remove(struct peer *peer, const struct ct_tuple *tuple);
/* Entry and buckets, without what malloc adds. */
uint32_t peer_bytes(const struct peer *peer);

#endif
