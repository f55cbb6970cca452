/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the connection table share: the pool that connections live in (pool.c), buckets
 * (bucket.c), the array of them that grows and shrinks (buckets.c), the wheel (wheel.c).
 */
#ifndef PKTT_CT_CONNDB_PRIVATE_H
#define PKTT_CT_CONNDB_PRIVATE_H

#include "conntrack/conndb.h"
#include "conntrack/hash.h"

#include <string.h>

/* --- Small things ----------------------------------------------------------------------------- */

#define load_relaxed(p)	    __atomic_load_n(p, __ATOMIC_RELAXED)
#define load_acquire(p)	    __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define store_relaxed(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

struct spinlock {
	uint32_t held;
};
void spin_wait(
	unsigned int turn); /* one turn of waiting: a pause, later the processor is given away */
bool spin_trylock(struct spinlock *lock);
void spin_lock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);

/*
 * Arrays that grow without moving: piece 0 has 2^FIRST elements, piece i > 0 as many as all before it
 * together. A reader that knows a number below the array's length finds its element without a lock.
 */
enum { PIECES = 26 };

static inline unsigned int piece_of(uint32_t number, unsigned int first, uint32_t *offset)
{
	unsigned int top = 31 - (unsigned int)__builtin_clz(number | 1);

	if (top < first) {
		*offset = number;
		return 0;
	}
	*offset = number - (UINT32_C(1) << top);
	return top - first + 1;
}

static inline uint32_t piece_begin(unsigned int piece, unsigned int first)
{
	return piece ? UINT32_C(1) << (first + piece - 1) : 0;
}

static inline uint32_t piece_count(unsigned int piece, unsigned int first)
{
	return UINT32_C(1) << (first + (piece ? piece - 1 : 0));
}

/* Memory for count elements, aligned to a cache line, not initialised; NULL without. */
void *piece_alloc(uint32_t count, size_t size);

/* --- The pool --------------------------------------------------------------------------------- */

enum {
	CLASS_LARGE = 1 << 0, /* L4_LARGE bytes of layer-4 state, not L4_SMALL */
	CLASS_IPV6 = 1 << 1,
	CLASS_COUNT = 4,
	CLASS_SHIFT = 28, /* an index: class, number in the class; 30 bits; 0 is none */
	POOL_FIRST = 8,
	POOL_PIECES = 19, /* 2^26 of a class */
	L4_SMALL = 16,	  /* bytes of layer-4 state */
	L4_LARGE = 64,
};
#define CLASS_NUMBER ((UINT32_C(1) << CLASS_SHIFT) - 1)

static inline uint32_t tuple_words(bool is_ipv6)
{
	return is_ipv6 ? 9 : 3;
}

struct pool {
	char *piece[POOL_PIECES];
	uint32_t size;	 /* of an element */
	uint32_t before; /* bytes before struct conn in it */
	uint32_t high;	 /* numbers below were handed out once */
	uint32_t free;	 /* index of the first free one, linked by wheel.next */
	uint32_t used;
	struct spinlock lock;
} __attribute__((aligned(64)));

void pool_init(struct pool pool[CLASS_COUNT]);
void pool_fini(struct pool pool[CLASS_COUNT]);
/* All bytes zero but ref (0), id (the last owner's) and index; NULL without memory. */
struct conn *pool_take(struct pool pool[CLASS_COUNT], unsigned int class);
void pool_give(struct pool pool[CLASS_COUNT], struct conn *conn);

static inline struct conn *pool_at(const struct pool *pools, uint32_t index)
{
	const struct pool *pool = &pools[index >> CLASS_SHIFT];
	uint32_t offset;
	unsigned int piece = piece_of(index & CLASS_NUMBER, POOL_FIRST, &offset);
	char *p = load_relaxed(&pool->piece[piece]);

	return (struct conn *)(void *)(p + (size_t)offset * pool->size + pool->before);
}

/* --- Tuples as they are kept: addresses and ports, as words ----------------------------------------- */

static inline bool conn_is_ipv6(const struct conn *conn)
{
	return conn->family == PKTT_IPV6;
}

static inline uint32_t *conn_words(const struct conn *conn, enum ct_dir dir)
{
	uint32_t *end = (uint32_t *)(uintptr_t)conn;

	return end - tuple_words(conn_is_ipv6(conn)) * (dir == CT_REPLY ? 1 : 2);
}

void conn_write_tuple(struct conn *conn, enum ct_dir dir, const struct ct_tuple *tuple);

static inline uint16_t conn_zone(const struct conn *conn, enum ct_dir dir)
{
	return conn->zone_dirs >> dir & 1 ? conn->zone : 0;
}

static inline uint32_t tuple_word(const struct ct_tuple *t, unsigned int i)
{
	uint32_t word;

	memcpy(&word, (const char *)t + 4 * (size_t)i, sizeof(word));
	return word;
}

static inline bool conn_has_tuple(const struct conn *conn, enum ct_dir dir,
				  const struct ct_tuple *tuple)
{
	const uint32_t *own = conn_words(conn, dir);
	uint32_t differs = 0;

	if (conn->family != tuple->family || conn->protocol != tuple->protocol ||
	    conn_zone(conn, dir) != tuple->zone)
		return false;
	if (!conn_is_ipv6(conn))
		return load_relaxed(&own[0]) == tuple_word(tuple, 0) &&
		       load_relaxed(&own[1]) == tuple_word(tuple, 4) &&
		       load_relaxed(&own[2]) == tuple_word(tuple, 8);
	for (unsigned int i = 0; i < 9; i++)
		differs |= load_relaxed(&own[i]) ^ tuple_word(tuple, i);
	return !differs;
}

/* conn_get(), where it is worth not being called. */
static inline bool conn_try_get(struct conn *conn)
{
	uint32_t ref = load_relaxed(&conn->ref);

	while (ref) {
		if (__atomic_compare_exchange_n(&conn->ref, &ref, ref + 1, true, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}
void conn_ext_free(struct conn_ext **ext);

/* --- Buckets ---------------------------------------------------------------------------------- */

/*
 * Up to ten nodes; a node is index << 1 | direction, its tag 16 bits of its hash, never 0; tag 0 is an
 * empty place. A bucket that is chained has in its last place, with NODE_LINK, the number of the next.
 *
 * seq: bit 0 locked; bit 1 being changed; bit 2 chained; above, a number that each change raises.
 */
enum {
	BUCKET_NODES = 10,
	BUCKET_LOCKED = 1 << 0,
	BUCKET_CHANGING = 1 << 1,
	BUCKET_CHAINED = 1 << 2,
	BUCKET_CHANGE = 1 << 3,
	OVERFLOW_FIRST = 4,
};

/* No node: a reader without a lock may see the old tag of a place and its new content. */
#define NODE_LINK UINT32_C(0x80000000)

struct bucket {
	uint32_t seq;
	uint32_t tag2; /* two tags, of places 8 and 9 */
	uint64_t tag[2];
	uint32_t node[BUCKET_NODES];
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct bucket) == 64, "a bucket is a cache line");

/* Buckets that others are chained with. Their memory stays theirs: a late reader meets buckets only. */
struct overflow {
	struct bucket *piece[PIECES];
	uint32_t high, free, used;
	struct spinlock lock;
};

static inline struct bucket *overflow_at(const struct overflow *overflow, uint32_t number)
{
	uint32_t offset;
	unsigned int piece = piece_of(number, OVERFLOW_FIRST, &offset);

	return load_relaxed(&overflow->piece[piece]) + offset;
}

static inline uint16_t tag_of(uint64_t hash)
{
	uint16_t tag = (uint16_t)(hash >> 48);

	return tag ? tag : 1;
}

/* 16-bit lanes of x that are zero, a bit each, from 0 on. */
static inline unsigned int zero_lanes(uint64_t x)
{
	const uint64_t low = UINT64_C(0x7fff7fff7fff7fff);
	uint64_t lanes = ~(((x & low) + low) | x | low) >> 15;

	return (unsigned int)(lanes * (UINT64_C(1) << 48 | UINT64_C(1) << 33 | 1 << 18 | 1 << 3) >>
			      48);
}

/*
 * Places with this tag, a bit each. What is read is published by release stores: who finds a place
 * changed finds seq changed, too.
 */
static inline unsigned int bucket_match(const struct bucket *b, uint16_t tag)
{
	uint64_t all = tag * UINT64_C(0x0001000100010001);

	return zero_lanes(load_acquire(&b->tag[0]) ^ all) |
	       zero_lanes(load_acquire(&b->tag[1]) ^ all) << 4 |
	       (zero_lanes((load_acquire(&b->tag2) ^ all) & UINT32_MAX) & 3) << 8;
}

/* For the lock's holder, who alone changes it; others may be trying to. */
static inline uint32_t bucket_seq(const struct bucket *b)
{
	return load_relaxed(&b->seq);
}

/* The next of a chain by what was read of seq; 0 is none. */
static inline uint32_t bucket_link(const struct bucket *b, uint32_t seq)
{
	uint32_t last = seq & BUCKET_CHAINED ? load_acquire(&b->node[BUCKET_NODES - 1]) : 0;

	return last & NODE_LINK ? last & ~NODE_LINK : 0;
}

void bucket_lock(struct bucket *b);
void bucket_unlock(struct bucket *b);
/* Locked ones only. -ENOMEM. */
int bucket_add(struct overflow *overflow, struct bucket *b, uint16_t tag, uint32_t node);
bool bucket_remove(struct overflow *overflow, struct bucket *b, uint32_t node);
void bucket_clear(struct overflow *overflow, struct bucket *b);
void bucket_init_locked(struct bucket *b);
void overflow_fini(struct overflow *overflow);

/* Walks a locked bucket's nodes. */
struct bucket_walk {
	struct bucket *b;
	unsigned int place;
	uint16_t tag;
	uint32_t node;
};
bool bucket_next(const struct overflow *overflow, struct bucket_walk *walk);

/* --- The array of buckets ------------------------------------------------------------------------- */

enum {
	BUCKETS_FIRST = 6, /* 64 buckets at least */
	BUCKETS_MIN = 1 << BUCKETS_FIRST,
	LOAD_HIGH = 6, /* nodes a bucket, at which it grows, and shrinks */
	LOAD_LOW = 3,
};

struct buckets {
	struct bucket *piece[PIECES];
	uint32_t count;	   /* of buckets; changed under resize */
	uint32_t high;	   /* buckets below were used once; under resize */
	uint32_t reserved; /* nodes of replies */
	struct spinlock resize;
	uint64_t resizes;
	/*
	 * The epoch since which no bucket of a piece is used; 0 = it is in use. How many are not: read by
	 * anybody.
	 */
	uint64_t idle_since[PIECES], epoch;
	uint32_t idle;
	struct overflow overflow;
};

/* Linear hashing: as many low bits as there are buckets, one less for those not split yet. */
static inline uint32_t bucket_number(uint64_t hash, uint32_t count)
{
	uint32_t mask = UINT32_MAX >> __builtin_clz(count);
	uint32_t number = (uint32_t)hash & mask;

	return number < count ? number : number & mask >> 1;
}

static inline struct bucket *bucket_at(const struct buckets *buckets, uint32_t number)
{
	uint32_t offset;
	unsigned int piece = piece_of(number, BUCKETS_FIRST, &offset);

	return load_relaxed(&buckets->piece[piece]) + offset;
}

int buckets_init(struct buckets *buckets);
void buckets_fini(struct buckets *buckets);
struct bucket *buckets_lock(struct buckets *buckets, uint64_t hash);
/* Both, in the order of their numbers. They may be the same one. */
void buckets_lock_two(struct buckets *buckets, const uint64_t hash[2], struct bucket *ret[2]);
void buckets_unlock_two(struct bucket *b[2]);

/* --- The wheel -------------------------------------------------------------------------------- */

enum {
	WHEEL_TICK_SHIFT = 7, /* 128 ms */
	WHEEL_SLOTS = 256,
	WHEEL_DUE = WHEEL_SLOTS, /* the list of those whose slot has passed */
	WHEEL_LISTS,
	WHEEL_SHARDS_MAX = 16,
};

struct wheel {
	struct spinlock lock;
	bool is_started;
	uint32_t tick; /* slots before were moved to the due ones */
	struct conn_link list[WHEEL_LISTS];
} __attribute__((aligned(64)));

struct worker {
	uint64_t epoch; /* that it saw when it last held nothing */
} __attribute__((aligned(64)));

struct conndb {
	struct siphash_key key;
	uint32_t max;
	unsigned int workers, shards; /* shards: a power of two */
	struct conndb_config config;
	struct wheel *wheel; /* shards of them */
	struct worker *worker;
	struct pool pool[CLASS_COUNT];
	struct buckets buckets;
	uint32_t live;	    /* connections that have not left the table */
	uint32_t confirmed; /* those in it: two nodes each */
	uint32_t id_factor, id_inverse;
};

/* By its nodes in locked buckets: what bucket_number() needs of the hash. */
uint64_t conndb_node_hash(const struct conndb *db, uint32_t node);
/* Out of the table as expired; the caller's reference goes, too. */
void conndb_expire(struct conndb *db, struct conn **conn);
void conndb_give_up_reply(struct conndb *db, struct conn *conn);
void ids_init(struct conndb *db);
uint32_t ids_next(struct conndb *db, const struct conn *conn);
void buckets_adapt(struct conndb *db);

static inline uint64_t conndb_hash(const struct conndb *db, const struct ct_tuple *tuple)
{
	return ct_hash_siphash(&db->key, tuple);
}

/* Tuples and the first fields of a node's connection. */
static inline void conn_prefetch(const struct conndb *db, uint32_t node)
{
	const char *conn;

	if (!node || node & NODE_LINK)
		return;
	conn = (const char *)pool_at(db->pool, node >> 1);
	__builtin_prefetch(conn, 1);
	__builtin_prefetch(conn - 32, 1);
}

void wheel_init(struct wheel *wheel);
void wheel_add(struct conndb *db, struct conn *conn, uint32_t now_ms);
void wheel_remove(struct conndb *db, struct conn *conn);

#endif
