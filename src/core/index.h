/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table whose nodes are part of what they find. It grows by one bucket at a time (linear hashing),
 * so that no insertion pays for all others, and takes a node out in constant time.
 *
 * Synchronization: one writer. Readers inside an RCU read side may walk a bucket meanwhile, between
 * index_enter() and index_again(); a node that was taken out keeps its way on until the grace period.
 */
#ifndef PKTT_CORE_INDEX_H
#define PKTT_CORE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_node {
	struct index_node *next, **prev; /* prev NULL: it is not in */
	uint64_t hash;
};

#define INDEX_SEGMENTS 32

struct index {
	struct index_node **segment[INDEX_SEGMENTS]; /* the first 64 buckets, 64, 128, 256 ... */
	uint32_t size;				     /* buckets in use */
	uint32_t count;
	uint32_t seq; /* odd while a bucket is split */
};

/* -ENOMEM. A zeroed index is empty. */
int index_insert(struct index *index, struct index_node *node, uint64_t hash);
void index_remove(struct index *index, struct index_node *node);
void index_fini(struct index *index);
/* The first of all that have the hash, and the next; NULL ends. */
struct index_node *index_first(const struct index *index, uint64_t hash);
struct index_node *index_next(const struct index_node *node);

static inline uint32_t index_enter(const struct index *index)
{
	return __atomic_load_n(&index->seq, __ATOMIC_ACQUIRE);
}

/* Whether what was not found may have been there all the same. Links are loaded with acquire. */
static inline bool index_again(const struct index *index, uint32_t seq)
{
	return seq & 1 || __atomic_load_n(&index->seq, __ATOMIC_RELAXED) != seq;
}

#endif
