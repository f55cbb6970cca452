/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buckets: a cache line of tags and nodes each, with others chained behind it when it is full.
 *
 * Synchronization: a writer holds the lock of the first bucket of a chain, which is for all of it, and
 * says in seq when it begins to change something. A reader takes no lock. What it finds it proves on
 * the connection itself; if it finds nothing, it looks at seq again:
 *
 *   writer: seq |= CHANGING; places, by release stores; seq = (seq + CHANGE) & ~CHANGING, by release
 *   reader: s = seq, acquire; places, by acquire; seq again: the same as s and not CHANGING?
 *
 * If the reader saw any store of a change, it sees that change's CHANGING or a later seq in its second
 * look. A lock that changes nothing disturbs no reader.
 */
#include "conntrack/conndb_private.h"

#include <errno.h>
#include <stdlib.h>

#define LAST (BUCKET_NODES - 1)

void bucket_lock(struct bucket *b)
{
	for (unsigned int turn = 0;; turn++) {
		uint32_t seq = load_relaxed(&b->seq);

		if (!(seq & BUCKET_LOCKED) &&
		    __atomic_compare_exchange_n(&b->seq, &seq, seq | BUCKET_LOCKED, true,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		spin_wait(turn);
	}
}

void bucket_unlock(struct bucket *b)
{
	uint32_t seq = bucket_seq(b) & ~(uint32_t)BUCKET_LOCKED;

	if (seq & BUCKET_CHANGING)
		seq = (seq & ~(uint32_t)BUCKET_CHANGING) + BUCKET_CHANGE;
	store_release(&b->seq, seq);
}

/* Nobody else knows of it yet. */
void bucket_init_locked(struct bucket *b)
{
	*b = (struct bucket){ .seq = BUCKET_LOCKED | BUCKET_CHANGING };
}

static void begin_change(struct bucket *b)
{
	store_relaxed(&b->seq, bucket_seq(b) | BUCKET_CHANGING);
}

static void set_chained(struct bucket *b, bool is_chained)
{
	uint32_t seq = bucket_seq(b) & ~(uint32_t)BUCKET_CHAINED;

	store_release(&b->seq, is_chained ? seq | BUCKET_CHAINED : seq);
}

static uint16_t get_tag(const struct bucket *b, unsigned int place)
{
	return (uint16_t)(place < 8 ? b->tag[place / 4] >> 16 * (place % 4)
				    : b->tag2 >> 16 * (place - 8));
}

static void set_place(struct bucket *b, unsigned int place, uint16_t tag, uint32_t node)
{
	unsigned int shift = 16 * (place % 4);

	store_release(&b->node[place], node);
	if (place < 8) {
		uint64_t tags = b->tag[place / 4] & ~(UINT64_C(0xffff) << shift);

		store_release(&b->tag[place / 4], tags | (uint64_t)tag << shift);
	} else {
		uint32_t tags = b->tag2 & ~(UINT32_C(0xffff) << shift);

		store_release(&b->tag2, tags | (uint32_t)tag << shift);
	}
}

/* The first empty place, or BUCKET_NODES. */
static unsigned int empty_place(const struct bucket *b)
{
	unsigned int empty = bucket_match(b, 0);

	if (bucket_seq(b) & BUCKET_CHAINED)
		empty &= (1 << LAST) - 1;
	return empty ? (unsigned int)__builtin_ctz(empty) : BUCKET_NODES;
}

/* --- Overflow --------------------------------------------------------------------------------- */

static uint32_t overflow_new(struct overflow *overflow)
{
	uint32_t offset, number = overflow->high + 1;
	unsigned int piece = piece_of(number, OVERFLOW_FIRST, &offset);
	uint32_t count = piece_count(piece, OVERFLOW_FIRST);

	if (piece >= PIECES)
		return 0;
	if (!overflow->piece[piece]) {
		struct bucket *b = piece_alloc(count, sizeof(*b));

		if (!b)
			return 0;
		store_relaxed(&overflow->piece[piece], b);
	}
	overflow->piece[piece][offset] = (struct bucket){ .seq = 0 };
	overflow->high = number;
	return number;
}

/* An empty bucket's number; 0 without memory. A free one's first node is the next free one. */
static uint32_t overflow_take(struct overflow *overflow)
{
	uint32_t number;

	spin_lock(&overflow->lock);
	number = overflow->free;
	if (number)
		overflow->free = overflow_at(overflow, number)->node[0] & ~NODE_LINK;
	else
		number = overflow_new(overflow);
	if (number)
		store_relaxed(&overflow->used, overflow->used + 1);
	spin_unlock(&overflow->lock);
	return number;
}

static void overflow_give(struct overflow *overflow, uint32_t number)
{
	struct bucket *b = overflow_at(overflow, number);

	for (unsigned int i = 0; i < BUCKET_NODES; i++)
		set_place(b, i, 0, 0);
	set_chained(b, false);
	spin_lock(&overflow->lock);
	store_release(&b->node[0], overflow->free | NODE_LINK);
	overflow->free = number;
	store_relaxed(&overflow->used, overflow->used - 1);
	spin_unlock(&overflow->lock);
}

void overflow_fini(struct overflow *overflow)
{
	for (unsigned int i = 0; i < PIECES; i++)
		free(overflow->piece[i]);
}

/* --- Chains ----------------------------------------------------------------------------------- */

/* A full bucket gets another behind it: its last place's node moves there. */
static int extend_chain(struct overflow *overflow, struct bucket *last, uint16_t tag, uint32_t node)
{
	uint32_t number = overflow_take(overflow);
	struct bucket *next;

	if (!number)
		return -ENOMEM;
	next = overflow_at(overflow, number);
	set_place(next, 0, get_tag(last, LAST), last->node[LAST]);
	set_place(next, 1, tag, node);
	set_place(last, LAST, 0, number | NODE_LINK);
	set_chained(last, true);
	return 0;
}

int bucket_add(struct overflow *overflow, struct bucket *b, uint16_t tag, uint32_t node)
{
	unsigned int place;

	begin_change(b);
	while ((place = empty_place(b)) == BUCKET_NODES) {
		if (!(bucket_seq(b) & BUCKET_CHAINED))
			return extend_chain(overflow, b, tag, node);
		b = overflow_at(overflow, bucket_link(b, bucket_seq(b)));
	}
	set_place(b, place, tag, node);
	return 0;
}

bool bucket_next(const struct overflow *overflow, struct bucket_walk *walk)
{
	for (;;) {
		if (walk->place == BUCKET_NODES) {
			uint32_t link = bucket_link(walk->b, bucket_seq(walk->b));

			if (!link)
				return false;
			walk->b = overflow_at(overflow, link);
			walk->place = 0;
		}
		walk->tag = get_tag(walk->b, walk->place);
		walk->node = walk->b->node[walk->place++];
		if (walk->tag)
			return true;
	}
}

/*
 * The hole is filled with a node from the chain's end, so that all buckets but the last are full, and
 * an empty one at the end is given back.
 */
static void shorten_chain(struct overflow *overflow, struct bucket *b, struct bucket *hole,
			  unsigned int place)
{
	struct bucket *before = b, *last = b;
	unsigned int filled, from;

	while (bucket_seq(last) & BUCKET_CHAINED) {
		before = last;
		last = overflow_at(overflow, bucket_link(last, bucket_seq(last)));
	}
	filled = ~bucket_match(last, 0) & ((1 << BUCKET_NODES) - 1);
	if (last != hole) {
		from = (unsigned int)__builtin_ctz(filled);
		set_place(hole, place, get_tag(last, from), last->node[from]);
		set_place(last, from, 0, 0);
		filled &= filled - 1;
	}
	if (!filled) {
		uint32_t number = bucket_link(before, bucket_seq(before));

		set_place(before, LAST, 0, 0);
		set_chained(before, false);
		overflow_give(overflow, number);
	}
}

/* An empty place holds node 0, a link is none, so that nodes alone tell. BUCKET_NODES = not there. */
static unsigned int place_of(const struct bucket *b, uint32_t node)
{
	unsigned int places = 0;

	for (unsigned int i = 0; i < BUCKET_NODES; i++)
		places |= (unsigned int)(b->node[i] == node) << i;
	return places ? (unsigned int)__builtin_ctz(places) : BUCKET_NODES;
}

bool bucket_remove(struct overflow *overflow, struct bucket *b, uint32_t node)
{
	struct bucket *at = b;
	unsigned int place;

	while ((place = place_of(at, node)) == BUCKET_NODES) {
		uint32_t link = bucket_link(at, bucket_seq(at));

		if (!link)
			return false;
		at = overflow_at(overflow, link);
	}
	begin_change(b);
	set_place(at, place, 0, 0);
	if (bucket_seq(b) & BUCKET_CHAINED)
		shorten_chain(overflow, b, at, place);
	return true;
}

/* All nodes go, and the chain with them. */
void bucket_clear(struct overflow *overflow, struct bucket *b)
{
	uint32_t link = bucket_link(b, bucket_seq(b));

	begin_change(b);
	for (unsigned int i = 0; i < BUCKET_NODES; i++)
		set_place(b, i, 0, 0);
	set_chained(b, false);
	while (link) {
		uint32_t next = bucket_link(overflow_at(overflow, link),
					    bucket_seq(overflow_at(overflow, link)));

		overflow_give(overflow, link);
		link = next;
	}
}
