/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection table: allocation, references, look-up. (insert.c: insertion and removal.)
 *
 * Life-cycle: pool_take(), one reference -> conndb_reserve_reply(), a node of the reply's -> both nodes,
 * CT_CONFIRMED, the table's reference, the wheel -> CT_DYING, nodes and wheel gone, the table's
 * reference gone -> no reference: what hangs on it is released -> the pool.
 *
 * Synchronization: who finds a node takes a reference, refused at 0, and only then looks at the tuple:
 * the place may have become another connection, but its memory is one. A node is in a bucket only while
 * its connection is in the table or has it reserved, so under a bucket's lock no reference is needed.
 *
 * Lock order: buckets by number; then one of the leaves: a wheel, a pool class, the overflow. Callbacks
 * are called without any.
 */
#include "conntrack/conndb_private.h"
#include "conntrack/hash.h"

#include <errno.h>
#include <stdlib.h>

#define MAX_DEFAULT 262144

/* --- Making and freeing --------------------------------------------------------------------------- */

static unsigned int shards_for(unsigned int workers)
{
	unsigned int shards = 1;

	while (shards < workers && shards < WHEEL_SHARDS_MAX)
		shards *= 2;
	return shards;
}

static int init(struct conndb *db)
{
	db->wheel = aligned_alloc(64, db->shards * sizeof(*db->wheel));
	db->worker = aligned_alloc(64, db->workers * sizeof(*db->worker));
	if (!db->wheel || !db->worker)
		return -ENOMEM;
	for (unsigned int i = 0; i < db->shards; i++) {
		db->wheel[i] = (struct wheel){ .tick = 0 };
		wheel_init(&db->wheel[i]);
	}
	for (unsigned int i = 0; i < db->workers; i++)
		db->worker[i] = (struct worker){ 0 };
	return buckets_init(&db->buckets);
}

int conndb_new(struct conndb **ret, const struct conndb_config *config)
{
	struct conndb *db = aligned_alloc(64, sizeof(*db));
	int err;

	if (!db)
		return -ENOMEM;
	*db = (struct conndb){
		.key = config->key,
		.max = config->max ? config->max : MAX_DEFAULT,
		.workers = config->workers ? config->workers : 1,
		.shards = shards_for(config->workers),
		.config = *config,
	};
	pool_init(db->pool);
	ids_init(db);
	err = init(db);
	if (err) {
		conndb_free(&db);
		return err;
	}
	*ret = db;
	return 0;
}

void conndb_free(struct conndb **db)
{
	struct conndb *old = *db;

	if (!old)
		return;
	for (uint32_t class = 0; class < CLASS_COUNT; class ++) {
		for (uint32_t i = 1; i < old->pool[class].high; i++)
			conn_ext_free(&pool_at(old->pool, class << CLASS_SHIFT | i)->ext);
	}
	buckets_fini(&old->buckets);
	pool_fini(old->pool);
	free(old->wheel);
	free(old->worker);
	free(old);
	*db = NULL;
}

void conndb_set_max(struct conndb *db, uint32_t max)
{
	store_relaxed(&db->max, max ? max : MAX_DEFAULT);
}

struct conn *conndb_at(struct conndb *db, uint32_t index)
{
	return index ? pool_at(db->pool, index) : NULL;
}

static unsigned int class_of(const struct conndb *db, const struct ct_tuple *tuple)
{
	unsigned int class = tuple->family == PKTT_IPV6 ? CLASS_IPV6 : 0;

	if (!db->config.state_size ||
	    db->config.state_size(tuple->family, tuple->protocol) > L4_SMALL)
		class |= CLASS_LARGE;
	return class;
}

struct conn *conndb_alloc(struct conndb *db, const struct ct_tuple *original,
			  const struct ct_tuple *reply, uint8_t zone_dirs)
{
	bool is_full = __atomic_add_fetch(&db->live, 1, __ATOMIC_RELAXED) > load_relaxed(&db->max);
	struct conn *conn = is_full ? NULL : pool_take(db->pool, class_of(db, original));

	if (!conn) {
		__atomic_sub_fetch(&db->live, 1, __ATOMIC_RELAXED);
		errno = is_full ? ENOSPC : ENOMEM;
		return NULL;
	}
	conn->wheel = (struct conn_link){ 0, 0 };
	conn->family = original->family;
	conn->protocol = original->protocol;
	conn->zone_dirs = zone_dirs & CT_ZONE_BOTH;
	if (zone_dirs)
		conn->zone = zone_dirs & CT_ZONE_ORIGINAL ? original->zone : reply->zone;
	conn->id = ids_next(db, conn);
	conn_write_tuple(conn, CT_ORIGINAL, original);
	conn_write_tuple(conn, CT_REPLY, reply);
	store_release(&conn->ref, 1);
	return conn;
}

/* --- References --------------------------------------------------------------------------------- */

uint64_t conndb_node_hash(const struct conndb *db, uint32_t node)
{
	struct conn *conn = pool_at(db->pool, node >> 1);
	struct ct_tuple tuple;

	if (!conn_is_confirmed(conn)) /* the tuple itself may be changing */
		return conn->wheel.next;
	conn_tuple(conn, node & 1, &tuple);
	return conndb_hash(db, &tuple);
}

static void destroy(struct conndb *db, struct conn *conn)
{
	bool was_live = !conn_is_confirmed(conn);

	conndb_give_up_reply(db, conn);
	if (db->config.release)
		db->config.release(db->config.ctx, conn);
	conn_ext_free(&conn->ext);
	pool_give(db->pool, conn);
	if (was_live)
		__atomic_sub_fetch(&db->live, 1, __ATOMIC_RELAXED);
}

void conn_put(struct conndb *db, struct conn **conn)
{
	struct conn *old = *conn;

	*conn = NULL;
	if (old && !__atomic_sub_fetch(&old->ref, 1, __ATOMIC_ACQ_REL))
		destroy(db, old);
}

/* --- Looking up ----------------------------------------------------------------------------------- */

static bool is_in_table(const struct conn *conn)
{
	return (load_acquire(&conn->status) & (CT_CONFIRMED | CT_DYING)) == CT_CONFIRMED;
}

/* The connection that a node says, referenced, if it is really the one. */
static struct conn *get_if_equal(struct conndb *db, uint32_t node, const struct ct_tuple *tuple,
				 uint32_t now_ms)
{
	struct conn *conn;

	if (!node || node & NODE_LINK)
		return NULL;
	conn = pool_at(db->pool, node >> 1);
	if (!conn_try_get(conn))
		return NULL;
	if (!is_in_table(conn) || !conn_has_tuple(conn, node & 1, tuple) ||
	    conn_is_expired(conn, now_ms))
		conn_put(db, &conn);
	return conn;
}

/*
 * Where a connection's two tuples are the same (a host that talks to itself from the port that it talks
 * to), packets are replies, as on Linux.
 */
static enum ct_dir dir_of(const struct conn *conn, uint32_t node, const struct ct_tuple *tuple)
{
	if (!(node & 1) && tuple->sport == tuple->dport && conn_has_tuple(conn, CT_REPLY, tuple))
		return CT_REPLY;
	return node & 1;
}

static struct conn *scan_chain(struct conndb *db, const struct bucket *b, uint32_t seq,
			       const struct ct_tuple *tuple, uint16_t tag, uint32_t now_ms,
			       enum ct_dir *dir)
{
	for (;;) {
		for (unsigned int at = bucket_match(b, tag); at; at &= at - 1) {
			uint32_t node = load_acquire(&b->node[__builtin_ctz(at)]);
			struct conn *conn = get_if_equal(db, node, tuple, now_ms);

			if (conn) {
				*dir = dir_of(conn, node, tuple);
				return conn;
			}
		}
		seq = bucket_link(b, seq);
		if (!seq)
			return NULL;
		b = overflow_at(&db->buckets.overflow, seq);
		seq = load_acquire(&b->seq);
	}
}

static struct conn *find_hashed(struct conndb *db, const struct ct_tuple *tuple, uint64_t hash,
				uint32_t now_ms, enum ct_dir *dir)
{
	for (unsigned int turn = 0;; turn++) {
		uint32_t number = bucket_number(hash, load_acquire(&db->buckets.count));
		const struct bucket *b = bucket_at(&db->buckets, number);
		uint32_t seq = load_acquire(&b->seq);
		struct conn *conn = scan_chain(db, b, seq, tuple, tag_of(hash), now_ms, dir);

		if (conn)
			return conn;
		/* The order of these two: see buckets.c. */
		if (bucket_number(hash, load_acquire(&db->buckets.count)) == number &&
		    !(seq & BUCKET_CHANGING) &&
		    !((load_acquire(&b->seq) ^ seq) & ~(uint32_t)BUCKET_LOCKED))
			return NULL;
		spin_wait(turn);
	}
}

struct conn *conndb_find(struct conndb *db, const struct ct_tuple *tuple, uint32_t now_ms,
			 enum ct_dir *dir)
{
	return find_hashed(db, tuple, conndb_hash(db, tuple), now_ms, dir);
}

/* In three steps, so that the memory of one look-up is on its way while others are worked on. */
enum { BATCH = 64 };

struct ask {
	uint64_t hash;
	const struct bucket *b;
	uint32_t node; /* the first whose tag fits, or 0 */
};

static uint32_t first_node(const struct bucket *b, uint16_t tag)
{
	unsigned int at = bucket_match(b, tag);

	return at ? load_acquire(&b->node[__builtin_ctz(at)]) : 0;
}

static struct conn *answer(struct conndb *db, const struct ask *ask, const struct ct_tuple *tuple,
			   uint32_t now_ms, enum ct_dir *dir)
{
	struct conn *conn = get_if_equal(db, ask->node, tuple, now_ms);

	if (!conn)
		return find_hashed(db, tuple, ask->hash, now_ms, dir);
	*dir = dir_of(conn, ask->node, tuple);
	return conn;
}

static void find_some(struct conndb *db, const struct ct_tuple *tuple, unsigned int n,
		      uint32_t now_ms, struct conn **ret, enum ct_dir *dir)
{
	uint32_t count = load_acquire(&db->buckets.count);
	struct ask ask[BATCH];

	for (unsigned int i = 0; i < n; i++) {
		ask[i].hash = conndb_hash(db, &tuple[i]);
		ask[i].b = bucket_at(&db->buckets, bucket_number(ask[i].hash, count));
		__builtin_prefetch(ask[i].b);
	}
	for (unsigned int i = 0; i < n; i++) {
		ask[i].node = first_node(ask[i].b, tag_of(ask[i].hash));
		conn_prefetch(db, ask[i].node);
	}
	for (unsigned int i = 0; i < n; i++)
		ret[i] = answer(db, &ask[i], &tuple[i], now_ms, &dir[i]);
}

void conndb_find_batch(struct conndb *db, const struct ct_tuple *tuple, unsigned int n,
		       uint32_t now_ms, struct conn **ret, enum ct_dir *dir)
{
	for (unsigned int i = 0; i < n; i += BATCH)
		find_some(db, tuple + i, n - i < BATCH ? n - i : BATCH, now_ms, ret + i, dir + i);
}
