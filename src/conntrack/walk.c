/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection table: all of them, some of them, and how many. */
#include "conntrack/conndb_private.h"

/* A table that is nearly empty has its few neighbours far away; in a full one the first will do. */
enum { NEAR_BUCKETS = 64 };

static struct conn *get_live(struct conndb *db, uint32_t index)
{
	struct conn *conn = pool_at(db->pool, index);

	if (!conn_get(conn))
		return NULL;
	if ((load_acquire(&conn->status) & (CT_CONFIRMED | CT_DYING)) != CT_CONFIRMED)
		conn_put(db, &conn);
	return conn;
}

/* By place, which a connection keeps as long as it lives. */
unsigned int conndb_next(struct conndb *db, uint64_t *cursor, struct conn **ret, unsigned int n)
{
	uint32_t class = (uint32_t)(*cursor >> CLASS_SHIFT), number = *cursor & CLASS_NUMBER;
	unsigned int found = 0;

	for (; class < CLASS_COUNT; class ++, number = 0) {
		uint32_t high = load_acquire(&db->pool[class].high);

		if (!number)
			number = 1;
		for (; number < high && found < n; number++) {
			ret[found] = get_live(db, class << CLASS_SHIFT | number);
			if (ret[found] && conn_status(ret[found]) & CT_NAT_CLASH)
				conn_put(db, &ret[found]);
			found += ret[found] != NULL;
		}
		if (found == n)
			break;
	}
	*cursor = found ? (uint64_t) class << CLASS_SHIFT | number : 0;
	return found;
}

/* Marked as long as it lives in the table, so that whoever takes it out sees the mark. */
static bool mark_doomed(struct conn *conn)
{
	uint32_t old = load_relaxed(&conn->status);

	while ((old & (CT_CONFIRMED | CT_DYING | CT_DOOMED)) == CT_CONFIRMED)
		if (__atomic_compare_exchange_n(&conn->status, &old, old | CT_DOOMED, true,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return true;
	return false;
}

/* With a reference in hand, lest it be another's memory by then. */
static bool doom(struct conndb *db, struct conn *conn, uint32_t now_ms)
{
	bool is_ours;

	if (!(load_relaxed(&conn->status) & CT_CONFIRMED) || !conn_try_get(conn))
		return false;
	is_ours = mark_doomed(conn);
	if (is_ours)
		store_relaxed(&conn->expires, now_ms);
	conn_put(db, &conn);
	return is_ours;
}

/* In the order of memory: a million in some tens of ms. */
uint32_t conndb_doom(struct conndb *db, uint32_t now_ms)
{
	uint32_t doomed = 0;

	for (uint32_t class = 0; class < CLASS_COUNT; class ++) {
		uint32_t high = load_acquire(&db->pool[class].high);

		for (uint32_t number = 1; number < high; number++)
			doomed +=
				doom(db, pool_at(db->pool, class << CLASS_SHIFT | number), now_ms);
	}
	return doomed;
}

/* Each connection by its original tuple's node only, lest one come twice. */
static unsigned int take_bucket(struct conndb *db, const struct bucket *b, struct conn **ret,
				unsigned int n)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < BUCKET_NODES && found < n; i++) {
		uint32_t node = load_acquire(&b->node[i]);

		if (!node || node & (NODE_LINK | 1))
			continue;
		ret[found] = get_live(db, node >> 1);
		found += ret[found] != NULL;
	}
	return found;
}

unsigned int conndb_near(struct conndb *db, const struct ct_tuple *tuple, struct conn **ret,
			 unsigned int n)
{
	uint32_t count = load_acquire(&db->buckets.count);
	uint32_t number = bucket_number(conndb_hash(db, tuple), count);
	unsigned int found = 0;

	for (uint32_t i = 0; i < NEAR_BUCKETS && found < n; i++) {
		const struct bucket *b = bucket_at(&db->buckets, (number + i) % count);

		found += take_bucket(db, b, ret + found, n - found);
	}
	return found;
}

/* Locked, for a moment each. */
static uint64_t longest_chain(struct conndb *db)
{
	uint64_t longest = 0;

	for (uint32_t i = 0; i < load_acquire(&db->buckets.count); i++) {
		struct bucket_walk walk = { .b = bucket_at(&db->buckets, i) };
		struct bucket *b = walk.b;
		uint64_t nodes = 0;

		bucket_lock(b);
		while (bucket_next(&db->buckets.overflow, &walk))
			nodes++;
		bucket_unlock(b);
		longest = nodes > longest ? nodes : longest;
	}
	return longest;
}

static uint64_t index_memory(const struct conndb *db)
{
	return sizeof(struct bucket) * ((uint64_t)load_relaxed(&db->buckets.count) +
					load_relaxed(&db->buckets.overflow.used));
}

uint32_t conndb_count(const struct conndb *db)
{
	return load_relaxed(&db->confirmed);
}

void conndb_stats(struct conndb *db, struct conndb_stats *ret)
{
	uint32_t live = load_relaxed(&db->live), confirmed = load_relaxed(&db->confirmed), all = 0;

	*ret = (struct conndb_stats){
		.connections = confirmed,
		.unconfirmed = live > confirmed ? live - confirmed : 0,
		.buckets = load_relaxed(&db->buckets.count),
		.memory = index_memory(db),
		.resizes = load_relaxed(&db->buckets.resizes),
		.longest = longest_chain(db),
	};
	for (unsigned int i = 0; i < CLASS_COUNT; i++) {
		uint32_t used = load_relaxed(&db->pool[i].used);

		all += used;
		ret->memory += (uint64_t)used * db->pool[i].size;
	}
	ret->dying = all > live ? all - live : 0;
}
