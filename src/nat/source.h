/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which source is translated to what at the moment: so that the next connection of the same source gets
 * the same translation (Linux's find_appropriate_src(), endpoint-independent mapping of RFC 4787).
 *
 * A mapping is kept once, however many connections have it, and is counted: entering and leaving take
 * constant time even for a source with very many connections.
 */
#ifndef PKTT_NAT_SOURCE_H
#define PKTT_NAT_SOURCE_H

#include "base/siphash.h"
#include "nat/nat.h"

struct nat_sources;

int nat_sources_new(struct nat_sources **ret, const struct siphash_key *key);
void nat_sources_free(struct nat_sources **sources);
/* The connection's source, as it leaves; noted in conn->nat_next. Without memory it is not kept. */
void nat_source_enter(struct nat_sources *sources, struct conn *conn);
void nat_source_leave(struct nat_sources *sources, struct conn *conn);
/*
 * The newest translation of the source of original that lies in the range: tuple gets it in place of its
 * own source. false = none.
 */
bool nat_source_find(struct nat_sources *sources, const struct ct_tuple *original,
		     const struct nat_range *range, struct ct_tuple *tuple);
/*
 * From now on all sources are kept. Before, only those whose port was changed: with ranges of one
 * address, the others get the same translation again without being remembered.
 */
void nat_sources_keep_all(struct nat_sources *sources);
/* Mappings that are there, and their memory in bytes. */
void nat_sources_stats(struct nat_sources *sources, uint32_t *count, uint64_t *memory);

#endif
