/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The array of buckets: linear hashing. It grows by one bucket, which takes its nodes from one other,
 * and shrinks by giving them back: the load is always the same, and no step is long.
 *
 * Synchronization: count is changed under `resize`, which nobody waits for. A step up from n to n + 1
 * buckets, of bucket p:
 *
 *   lock p; copy the nodes that belong to bucket n into it, locked; count = n + 1, by release;
 *   remove them from p; unlock both
 *
 * so that every node is in the bucket that count says, or in both. A step down is the reverse: lock p
 * and n; copy all from n to p; count = n; clear n.
 *
 * A reader takes count, then bucket b of it, and finds nothing in it at an unchanged seq. Then it takes
 * count again, and seq again. If the node was not in b, because it was in another by another count,
 *   - and count is still that other one: the reader sees it, for count was stored before b lost the
 *     node; it goes on with the other bucket;
 *   - and count was set back meanwhile: b was changed for that, before count: seq differs.
 */
#include "conntrack/conndb_private.h"

#include <errno.h>
#include <stdlib.h>

int buckets_init(struct buckets *buckets)
{
	struct bucket *b = piece_alloc(BUCKETS_MIN, sizeof(*b));

	if (!b)
		return -ENOMEM;
	for (uint32_t i = 0; i < BUCKETS_MIN; i++)
		b[i] = (struct bucket){ .seq = 0 };
	buckets->piece[0] = b;
	buckets->count = buckets->high = BUCKETS_MIN;
	return 0;
}

void buckets_fini(struct buckets *buckets)
{
	for (unsigned int i = 0; i < PIECES; i++)
		free(buckets->piece[i]);
	overflow_fini(&buckets->overflow);
}

/* --- Locks ------------------------------------------------------------------------------------ */

struct bucket *buckets_lock(struct buckets *buckets, uint64_t hash)
{
	for (;;) {
		uint32_t number = bucket_number(hash, load_acquire(&buckets->count));
		struct bucket *b = bucket_at(buckets, number);

		bucket_lock(b);
		if (bucket_number(hash, load_acquire(&buckets->count)) == number)
			return b;
		bucket_unlock(b);
	}
}

static bool is_stale(const struct buckets *buckets, const uint64_t hash[2],
		     const uint32_t number[2])
{
	uint32_t count = load_acquire(&buckets->count);

	return bucket_number(hash[0], count) != number[0] ||
	       bucket_number(hash[1], count) != number[1];
}

void buckets_lock_two(struct buckets *buckets, const uint64_t hash[2], struct bucket *ret[2])
{
	for (;;) {
		uint32_t count = load_acquire(&buckets->count);
		uint32_t number[2] = { bucket_number(hash[0], count),
				       bucket_number(hash[1], count) };
		bool swap = number[1] < number[0];

		ret[0] = bucket_at(buckets, number[0]);
		ret[1] = bucket_at(buckets, number[1]);
		__builtin_prefetch(ret[!swap], 1);
		bucket_lock(ret[swap]);
		if (ret[0] != ret[1])
			bucket_lock(ret[!swap]);
		if (!is_stale(buckets, hash, number))
			return;
		buckets_unlock_two(ret);
	}
}

void buckets_unlock_two(struct bucket *b[2])
{
	bucket_unlock(b[0]);
	if (b[0] != b[1])
		bucket_unlock(b[1]);
}

/* --- Growing and shrinking ----------------------------------------------------------------------- */

/* The bucket that number was split from. */
static uint32_t parent_of(uint32_t number)
{
	return number & UINT32_MAX >> __builtin_clz(number) >> 1;
}

/* Bucket `number`, the next to come, empty and locked; NULL without memory. */
static struct bucket *make_bucket(struct buckets *buckets, uint32_t number)
{
	uint32_t offset;
	unsigned int piece = piece_of(number, BUCKETS_FIRST, &offset);
	struct bucket *b = piece < PIECES ? buckets->piece[piece] : NULL;

	if (number < buckets->high) {
		if (buckets->idle_since[piece]) {
			buckets->idle_since[piece] = 0;
			store_relaxed(&buckets->idle, buckets->idle - 1);
		}
		bucket_lock(&b[offset]);
		return &b[offset];
	}
	if (!b) {
		if (piece == PIECES)
			return NULL;
		b = piece_alloc(piece_count(piece, BUCKETS_FIRST), sizeof(*b));
		if (!b)
			return NULL;
		store_relaxed(&buckets->piece[piece], b);
	}
	bucket_init_locked(&b[offset]);
	buckets->high = number + 1;
	return &b[offset];
}

/* The nodes of `from` that belong to bucket `number` of count go into `to`, and stay where they are. */
static int copy_nodes(struct conndb *db, struct bucket *from, struct bucket *to, uint32_t number,
		      uint32_t count)
{
	struct bucket_walk walk = { .b = from };

	while (bucket_next(&db->buckets.overflow, &walk)) {
		if (bucket_number(conndb_node_hash(db, walk.node), count) == number &&
		    bucket_add(&db->buckets.overflow, to, walk.tag, walk.node))
			return -ENOMEM;
	}
	return 0;
}

/* All of them: for this no hash is needed. */
static int copy_all(struct conndb *db, struct bucket *from, struct bucket *to)
{
	struct bucket_walk walk = { .b = from };

	while (bucket_next(&db->buckets.overflow, &walk)) {
		if (bucket_add(&db->buckets.overflow, to, walk.tag, walk.node))
			return -ENOMEM;
	}
	return 0;
}

/* Both buckets are locked, so to holds still what it was given. */
static void remove_nodes(struct conndb *db, struct bucket *from, struct bucket *to)
{
	struct bucket_walk walk = { .b = to };

	while (bucket_next(&db->buckets.overflow, &walk))
		bucket_remove(&db->buckets.overflow, from, walk.node);
}

/*
 * The connections of the bucket that is to be split next are wanted then, for their hashes, and the
 * bucket after it: by that time they will have come.
 */
static void prefetch_next(const struct conndb *db, uint32_t number)
{
	const struct bucket *b = bucket_at(&db->buckets, parent_of(number));

	__builtin_prefetch(bucket_at(&db->buckets, parent_of(number + 1)), 1);
	for (unsigned int i = 0; i < BUCKET_NODES; i++)
		conn_prefetch(db, load_relaxed(&b->node[i]));
}

static bool split_one(struct conndb *db)
{
	struct buckets *buckets = &db->buckets;
	uint32_t number = buckets->count;
	struct bucket *from = bucket_at(buckets, parent_of(number)), *to;
	bool done = false;

	bucket_lock(from);
	to = make_bucket(buckets, number);
	if (to) {
		done = !copy_nodes(db, from, to, number, number + 1);
		if (done) {
			store_release(&buckets->count, number + 1);
			remove_nodes(db, from, to);
		} else {
			bucket_clear(&buckets->overflow, to);
		}
		bucket_unlock(to);
	}
	bucket_unlock(from);
	prefetch_next(db, number + 1);
	return done;
}

/* A piece that no bucket is used of waits until nobody can have its address any more. */
static void note_idle(struct buckets *buckets)
{
	uint32_t offset;
	unsigned int piece = piece_of(buckets->count, BUCKETS_FIRST, &offset);

	if (offset || !buckets->piece[piece])
		return;
	buckets->idle_since[piece] = __atomic_add_fetch(&buckets->epoch, 1, __ATOMIC_ACQ_REL);
	store_relaxed(&buckets->idle, buckets->idle + 1);
}

static bool merge_one(struct conndb *db)
{
	struct buckets *buckets = &db->buckets;
	uint32_t number = buckets->count - 1;
	struct bucket *to = bucket_at(buckets, parent_of(number));
	struct bucket *from = bucket_at(buckets, number);
	bool done;

	bucket_lock(to);
	bucket_lock(from);
	done = !copy_all(db, from, to);
	if (done) {
		store_release(&buckets->count, number);
		bucket_clear(&buckets->overflow, from);
		note_idle(buckets);
	} else {
		remove_nodes(db, to, from);
	}
	bucket_unlock(from);
	bucket_unlock(to);
	return done;
}

/*
 * A worker that has seen an epoch when it held nothing takes count anew, which is what it was when that
 * epoch began or has since come and gone: then the piece was in use again, and its epoch is later.
 */
static void free_idle(struct conndb *db)
{
	struct buckets *buckets = &db->buckets;
	uint64_t seen = UINT64_MAX;

	for (unsigned int i = 0; i < db->workers; i++) {
		uint64_t epoch = load_acquire(&db->worker[i].epoch);

		seen = epoch < seen ? epoch : seen;
	}
	for (unsigned int i = 1; i < PIECES; i++) {
		struct bucket *old = buckets->piece[i];

		if (!buckets->idle_since[i] || buckets->idle_since[i] > seen)
			continue;
		store_relaxed(&buckets->piece[i], NULL);
		free(old);
		buckets->idle_since[i] = 0;
		store_relaxed(&buckets->idle, buckets->idle - 1);
		if (buckets->high > piece_begin(i, BUCKETS_FIRST))
			buckets->high = piece_begin(i, BUCKETS_FIRST);
	}
}

void conndb_quiescent(struct conndb *db, unsigned int worker)
{
	struct buckets *buckets = &db->buckets;

	store_release(&db->worker[worker].epoch, load_acquire(&buckets->epoch));
	if (load_relaxed(&buckets->idle) && spin_trylock(&buckets->resize)) {
		free_idle(db);
		spin_unlock(&buckets->resize);
	}
}

/* How many buckets should there be: -1 fewer, 1 more. */
static int wanted(const struct conndb *db)
{
	uint64_t nodes =
		2 * (uint64_t)load_relaxed(&db->confirmed) + load_relaxed(&db->buckets.reserved);
	uint64_t count = load_relaxed(&db->buckets.count);

	if (nodes > count * LOAD_HIGH)
		return 1;
	return nodes < count * LOAD_LOW && count > BUCKETS_MIN ? -1 : 0;
}

/*
 * A step or two towards the load that is wanted. An insertion brings two nodes and asks for a third of
 * a bucket, so two steps a call keep up and catch up.
 */
void buckets_adapt(struct conndb *db)
{
	struct buckets *buckets = &db->buckets;
	int by = wanted(db);

	if (!by || !spin_trylock(&buckets->resize))
		return;
	for (unsigned int i = 0; i < 2 && by; i++, by = wanted(db)) {
		bool done = by > 0 ? split_one(db) : merge_one(db);

		store_relaxed(&buckets->resizes, buckets->resizes + done);
	}
	spin_unlock(&buckets->resize);
}
