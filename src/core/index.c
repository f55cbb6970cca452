/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/index.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_BITS 6u
#define FIRST	   (1u << FIRST_BITS)

#define SPLITS_AHEAD 6u /* insertions that a load from memory may take */

/* Bucket b stands in the segment of its highest bit. */
static struct index_node **bucket(const struct index *index, uint32_t b)
{
	unsigned int s = 0;

	if (b >= FIRST) {
		s = 31 - (unsigned int)__builtin_clz(b) - FIRST_BITS;
		b -= FIRST << s;
		s++;
	}
	return &__atomic_load_n(&index->segment[s], __ATOMIC_ACQUIRE)[b];
}

/* With 2^k <= size < 2^(k+1), the first size - 2^k buckets are told apart by one bit more. */
static uint32_t bucket_of(uint32_t size, uint64_t hash)
{
	uint32_t half = 1u << (31 - (unsigned int)__builtin_clz(size));
	uint32_t b = (uint32_t)(hash >> 8) & (2 * half - 1);

	return b < size ? b : b - half;
}

static struct index_node *load(struct index_node *const *slot)
{
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

static void push(struct index_node **head, struct index_node *node)
{
	__atomic_store_n(&node->next, *head, __ATOMIC_RELEASE);
	node->prev = head;
	if (*head)
		(*head)->prev = &node->next;
	__atomic_store_n(head, node, __ATOMIC_RELEASE);
}

static void take(struct index_node *node)
{
	__atomic_store_n(node->prev, node->next, __ATOMIC_RELEASE);
	if (node->next)
		node->next->prev = node->prev;
	node->prev = NULL;
}

/* Room for one bucket more. */
static int reserve(struct index *index)
{
	uint32_t b = index->size, room = FIRST;
	unsigned int s = 0;
	struct index_node **segment;

	if (b >= FIRST) {
		s = 31 - (unsigned int)__builtin_clz(b) - FIRST_BITS;
		room = FIRST << s;
		s++;
	}
	if (s == INDEX_SEGMENTS || index->segment[s])
		return s == INDEX_SEGMENTS ? -ENOSPC : 0;
	segment = calloc(room, sizeof(*segment));
	if (!segment)
		return -ENOMEM;
	__atomic_store_n(&index->segment[s], segment, __ATOMIC_RELEASE);
	return 0;
}

/* What will be split soon stands all over the memory: asked for now, it is there then. */
static void expect(const struct index *index, uint32_t b)
{
	const struct index_node *n = *bucket(index, bucket_of(b, (uint64_t)b << 8));

	if (n)
		__builtin_prefetch(n, 1);
}

/* The new bucket takes its part of the one that had both. */
static void split(struct index *index)
{
	uint32_t b = index->size;
	struct index_node **from = bucket(index, bucket_of(b, (uint64_t)b << 8));
	struct index_node **to = bucket(index, b);

	expect(index, b + SPLITS_AHEAD);
	/* Every link that follows is stored with release, so that who sees one sees this, too. */
	__atomic_store_n(&index->seq, index->seq + 1, __ATOMIC_RELAXED);
	for (struct index_node *n = *from, *next; n; n = next) {
		next = n->next;
		if (bucket_of(b + 1, n->hash) != b)
			continue;
		take(n);
		push(to, n);
	}
	__atomic_store_n(&index->size, b + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&index->seq, index->seq + 1, __ATOMIC_RELEASE);
}

int index_insert(struct index *index, struct index_node *node, uint64_t hash)
{
	if (index->size == 0) {
		if (reserve(index))
			return -ENOMEM;
		__atomic_store_n(&index->size, FIRST, __ATOMIC_RELEASE);
	}
	node->hash = hash;
	push(bucket(index, bucket_of(index->size, hash)), node);
	/* Without memory buckets are only longer. */
	if (++index->count > index->size && reserve(index) == 0)
		split(index);
	return 0;
}

void index_remove(struct index *index, struct index_node *node)
{
	if (!node->prev)
		return;
	take(node);
	index->count--;
}

void index_fini(struct index *index)
{
	for (unsigned int s = 0; s < INDEX_SEGMENTS; s++)
		free(index->segment[s]);
	*index = (struct index){ 0 };
}

static struct index_node *find(struct index_node *n, uint64_t hash)
{
	while (n && n->hash != hash)
		n = load(&n->next);
	return n;
}

struct index_node *index_first(const struct index *index, uint64_t hash)
{
	uint32_t size = __atomic_load_n(&index->size, __ATOMIC_ACQUIRE);

	return size ? find(load(bucket(index, bucket_of(size, hash))), hash) : NULL;
}

struct index_node *index_next(const struct index_node *node)
{
	return find(load(&node->next), node->hash);
}
