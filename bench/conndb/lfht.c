/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfht.h"

#include "base/list.h"
#include "conntrack/hash.h"

#include <stdlib.h>

#include <urcu-qsbr.h>
#include <urcu/rculfhash.h>

/* What is needed of a connection: both tuples, reference, status, timeout, counters. */
struct peer_conn {
	struct peer_node {
		struct cds_lfht_node node;
		struct ct_tuple tuple;
		uint32_t dir;
	} side[2];
	uint32_t ref, status, mark, expires, id;
	uint64_t counter[4];
};

struct peer {
	struct cds_lfht *table;
	struct siphash_key key;
	uint32_t max, buckets;
};

struct peer *peer_new(uint32_t max)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	rcu_register_thread();
	peer->max = max;
	for (peer->buckets = 64; peer->buckets < 2 * max;)
		peer->buckets *= 2;
	peer->key = (struct siphash_key){ { 1, 2 } };
	peer->table = cds_lfht_new(peer->buckets, peer->buckets, 0, 0, NULL);
	return peer;
}

void peer_free(struct peer **peer)
{
	cds_lfht_destroy((*peer)->table, NULL);
	rcu_unregister_thread();
	free(*peer);
	*peer = NULL;
}

static int matches(struct cds_lfht_node *node, const void *key)
{
	return ct_tuple_equal(&list_entry(node, struct peer_node, node)->tuple, key);
}

static bool add(struct peer *peer, struct peer_conn *conn, uint32_t dir,
		const struct ct_tuple *tuple)
{
	struct peer_node *side = &conn->side[dir];

	side->dir = dir;
	side->tuple = *tuple;
	return cds_lfht_add_unique(peer->table, ct_hash_siphash(&peer->key, tuple), matches, tuple,
				   &side->node) == &side->node;
}

bool peer_insert(struct peer *peer, const struct ct_tuple *original, const struct ct_tuple *reply)
{
	struct peer_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return false;
	conn->ref = 1;
	return add(peer, conn, 0, original) && add(peer, conn, 1, reply);
}

static struct peer_conn *lookup(struct peer *peer, const struct ct_tuple *tuple)
{
	struct cds_lfht_iter iter;
	struct cds_lfht_node *node;
	struct peer_node *side;

	cds_lfht_lookup(peer->table, ct_hash_siphash(&peer->key, tuple), matches, tuple, &iter);
	node = cds_lfht_iter_get_node(&iter);
	if (!node)
		return NULL;
	side = list_entry(node, struct peer_node, node);
	return list_entry(side - side->dir, struct peer_conn, side[0]);
}

bool peer_find(struct peer *peer, const struct ct_tuple *tuple)
{
	struct peer_conn *conn = lookup(peer, tuple);

	if (!conn)
		return false;
	__atomic_add_fetch(&conn->ref, 1, __ATOMIC_ACQUIRE);
	__atomic_sub_fetch(&conn->ref, 1, __ATOMIC_RELEASE);
	return true;
}

bool peer_remove(struct peer *peer, const struct ct_tuple *tuple)
{
	struct peer_conn *conn = lookup(peer, tuple);

	if (!conn)
		return false;
	cds_lfht_del(peer->table, &conn->side[1].node);
	cds_lfht_del(peer->table, &conn->side[0].node);
	free(conn); /* nobody else reads: the peer is spared the grace period */
	return true;
}

uint32_t peer_bytes(const struct peer *peer)
{
	return (uint32_t)(sizeof(struct peer_conn) +
			  peer->buckets * sizeof(struct cds_lfht_node) / peer->max);
}
