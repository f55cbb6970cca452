/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection table: insertion and removal, both tuples in one step; reserved replies.
 *
 * A test and what it allows are done under the locks of the buckets that all others with these tuples
 * would need, too. An entry that has expired and that nobody has taken out yet is taken out then, so
 * that there are never two with one tuple.
 */
#include "base/own.h"
#include "conntrack/conndb_private.h"

#include <errno.h>
#include <string.h>

static uint32_t node_of(const struct conn *conn, enum ct_dir dir)
{
	return conn->index << 1 | (uint32_t)dir;
}

/*
 * A zone of one direction: whoever has the tuple in its other direction is in the way only if it shares
 * the zone of that direction as well, as nf_ct_key_equal() has it.
 */
static bool shares_zone(const struct conn *conn, enum ct_dir dir, const struct conn *self)
{
	return !self || conn_zone(conn, dir) == conn_zone(self, dir);
}

/* Another than self with this tuple, in a locked bucket; borrowed. One that is being freed is none. */
static struct conn *find_locked(struct conndb *db, const struct bucket *b, uint64_t hash,
				const struct ct_tuple *tuple, const struct conn *self)
{
	uint32_t link;

	for (;; b = overflow_at(&db->buckets.overflow, link)) {
		for (unsigned int at = bucket_match(b, tag_of(hash)); at; at &= at - 1) {
			uint32_t node = b->node[__builtin_ctz(at)];
			struct conn *conn = pool_at(db->pool, node >> 1);

			if (conn != self && load_relaxed(&conn->ref) &&
			    conn_has_tuple(conn, node & 1, tuple) &&
			    shares_zone(conn, node & 1, self))
				return conn;
		}
		link = bucket_link(b, bucket_seq(b));
		if (!link)
			return NULL;
	}
}

static bool is_over(const struct conn *conn, uint32_t now_ms)
{
	return conn_is_confirmed(conn) && conn_is_expired(conn, now_ms);
}

/* Packets of one flow, each with a connection of its own until one is confirmed. */
static bool is_same_flow(const struct conn *a, const struct conn *b)
{
	struct ct_tuple of_a, of_b;

	if (!b)
		return false;
	conn_tuple(a, CT_ORIGINAL, &of_a);
	conn_tuple(b, CT_ORIGINAL, &of_b);
	return memcmp(&of_a, &of_b, sizeof(of_a)) == 0;
}

bool conndb_is_taken(struct conndb *db, const struct ct_tuple *tuple, const struct conn *self,
		     uint32_t now_ms)
{
	uint64_t hash = conndb_hash(db, tuple);
	struct bucket *b = buckets_lock(&db->buckets, hash);
	const struct conn *other = find_locked(db, b, hash, tuple, self);
	bool is_taken = other && !is_over(other, now_ms) && !is_same_flow(other, self);

	bucket_unlock(b);
	return is_taken;
}

/* --- Reserved replies --------------------------------------------------------------------------- */

/* The node stands where the tuple was hashed to that it was made for. */
void conndb_give_up_reply(struct conndb *db, struct conn *conn)
{
	struct bucket *b;

	if (conn_is_confirmed(conn) || !conn->wheel.prev)
		return;
	b = buckets_lock(&db->buckets, conn->wheel.next);
	bucket_remove(&db->buckets.overflow, b, node_of(conn, CT_REPLY));
	conn->wheel = (struct conn_link){ 0, 0 };
	bucket_unlock(b);
	__atomic_sub_fetch(&db->buckets.reserved, 1, __ATOMIC_RELAXED);
}

/* *other, with a reference: the one that has it. -EEXIST, -ENOMEM. */
static int try_reserve(struct conndb *db, struct conn *conn, const struct ct_tuple *reply,
		       struct conn **other)
{
	uint64_t hash = conndb_hash(db, reply);
	struct bucket *b = buckets_lock(&db->buckets, hash);
	struct conn *clash = find_locked(db, b, hash, reply, conn);
	int err;

	if (clash) {
		*other = conn_get(clash) ? clash : NULL;
		err = -EEXIST;
	} else {
		err = bucket_add(&db->buckets.overflow, b, tag_of(hash), node_of(conn, CT_REPLY));
	}
	if (!err) {
		conn->wheel = (struct conn_link){ (uint32_t)hash, 1 };
		__atomic_add_fetch(&db->buckets.reserved, 1, __ATOMIC_RELAXED);
	}
	bucket_unlock(b);
	return err;
}

/*
 * What to do about a clash: true = it is gone, or another thread is just taking it out: try again.
 * Otherwise the caller has the reference still.
 */
static bool clear_clash(struct conndb *db, struct conn **clash, uint32_t now_ms, unsigned int turn)
{
	if (*clash && !is_over(*clash, now_ms) && !conn_is_dying(*clash))
		return false;
	if (*clash && is_over(*clash, now_ms))
		conndb_expire(db, clash);
	conn_put(db, clash);
	spin_wait(turn);
	return true;
}

int conndb_reserve_reply(struct conndb *db, struct conn *conn, uint32_t now_ms)
{
	struct conn *clash = NULL;
	struct ct_tuple reply;
	unsigned int turn = 0;
	int err;

	conndb_give_up_reply(db, conn);
	conn_tuple(conn, CT_REPLY, &reply);
	do
		err = try_reserve(db, conn, &reply, &clash);
	while (err == -EEXIST && clear_clash(db, &clash, now_ms, turn++));
	conn_put(db, &clash);
	if (!err)
		buckets_adapt(db);
	return err;
}

/* --- Insertion ---------------------------------------------------------------------------------- */

/* What is to be entered: both tuples, or, from = CT_REPLY, the reply only. */
struct both {
	enum ct_dir from;
	struct ct_tuple tuple[2];
	uint64_t hash[2];
	struct bucket *b[2];
};

static void hash_both(struct conndb *db, const struct conn *conn, struct both *both)
{
	for (unsigned int i = both->from; i < 2; i++) {
		conn_tuple(conn, (enum ct_dir)i, &both->tuple[i]);
		both->hash[i] = conndb_hash(db, &both->tuple[i]);
	}
	if (both->from == CT_REPLY)
		both->hash[CT_ORIGINAL] = both->hash[CT_REPLY];
}

/* Nodes into the locked buckets; a reserved one's tag may be of another tuple with the same bucket. */
static int add_nodes(struct conndb *db, struct conn *conn, const struct both *both)
{
	struct overflow *overflow = &db->buckets.overflow;
	bool is_reserved = conn->wheel.prev &&
			   bucket_remove(overflow, both->b[CT_REPLY], node_of(conn, CT_REPLY));

	conn->wheel = (struct conn_link){ 0, 0 };
	if (is_reserved)
		__atomic_sub_fetch(&db->buckets.reserved, 1, __ATOMIC_RELAXED);
	for (unsigned int i = both->from; i < 2; i++) {
		if (!bucket_add(overflow, both->b[i], tag_of(both->hash[i]),
				node_of(conn, (enum ct_dir)i)))
			continue;
		if (i > both->from)
			bucket_remove(overflow, both->b[CT_ORIGINAL], node_of(conn, CT_ORIGINAL));
		return -ENOMEM;
	}
	return 0;
}

/* Before it is unlocked, so that whoever finds one tuple finds the other. */
static void confirm(struct conn *conn, uint32_t now_ms, uint32_t status)
{
	__atomic_add_fetch(&conn->ref, 1, __ATOMIC_RELAXED);
	store_relaxed(&conn->expires, conn->expires + now_ms);
	__atomic_fetch_or(&conn->status, status, __ATOMIC_RELEASE);
}

static int try_insert(struct conndb *db, struct conn *conn, struct both *both, uint32_t now_ms,
		      struct conn **other)
{
	struct conn *clash = NULL;
	int err = -EEXIST;

	buckets_lock_two(&db->buckets, both->hash, both->b);
	for (unsigned int i = both->from; i < 2 && !clash; i++)
		clash = find_locked(db, both->b[i], both->hash[i], &both->tuple[i], conn);
	if (clash)
		*other = conn_get(clash) ? clash : NULL;
	else
		err = add_nodes(db, conn, both);
	if (!err)
		confirm(conn, now_ms,
			both->from == CT_REPLY ? CT_CONFIRMED | CT_NAT_CLASH : CT_CONFIRMED);
	buckets_unlock_two(both->b);
	return err;
}

static int insert(struct conndb *db, struct conn *conn, enum ct_dir from, uint32_t now_ms,
		  struct conn **other)
{
	struct both both = { .from = from };
	unsigned int turn = 0;
	int err;

	if (conn_status(conn) & (CT_CONFIRMED | CT_DYING))
		return -EINVAL;
	hash_both(db, conn, &both);
	if (conn->wheel.prev && conn->wheel.next != (uint32_t)both.hash[CT_REPLY])
		conndb_give_up_reply(db, conn);
	do
		err = try_insert(db, conn, &both, now_ms, other);
	while (err == -EEXIST && clear_clash(db, other, now_ms, turn++));
	if (err)
		return err;
	__atomic_add_fetch(&db->confirmed, 1, __ATOMIC_RELAXED);
	wheel_add(db, conn, now_ms);
	buckets_adapt(db);
	return 0;
}

int conndb_insert(struct conndb *db, struct conn *conn, uint32_t now_ms, struct conn **other)
{
	struct conn *clash = NULL;
	int err = insert(db, conn, CT_ORIGINAL, now_ms, &clash);

	if (err && other)
		*other = pktt_take(&clash);
	conn_put(db, &clash);
	return err;
}

int conndb_insert_reply(struct conndb *db, struct conn *conn, uint32_t now_ms)
{
	struct conn *clash = NULL;
	int err = insert(db, conn, CT_REPLY, now_ms, &clash);

	conn_put(db, &clash);
	return err;
}

/* --- Removal ------------------------------------------------------------------------------------ */

/* The caller has set CT_DYING, so nobody else does this. One that clashed has its reply only. */
static void take_out(struct conndb *db, struct conn *conn)
{
	struct both both = { .from = CT_ORIGINAL };

	hash_both(db, conn, &both);
	buckets_lock_two(&db->buckets, both.hash, both.b);
	for (int i = 0; i < 2; i++)
		bucket_remove(&db->buckets.overflow, both.b[i], node_of(conn, (enum ct_dir)i));
	buckets_unlock_two(both.b);
	__atomic_sub_fetch(&db->confirmed, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&db->live, 1, __ATOMIC_RELAXED);
	wheel_remove(db, conn);
	buckets_adapt(db);
}

bool conndb_remove(struct conndb *db, struct conn *conn)
{
	struct conn *table = conn;

	if (!conn_is_confirmed(conn) || !conn_set_status(conn, CT_DYING))
		return false;
	take_out(db, conn);
	conn_put(db, &table);
	return true;
}

void conndb_expire(struct conndb *db, struct conn **conn)
{
	struct conn *table = *conn;

	if (conn_set_status(*conn, CT_DYING)) {
		take_out(db, *conn);
		if (db->config.expired)
			db->config.expired(db->config.ctx, *conn);
		conn_put(db, &table);
	}
	conn_put(db, conn);
}
