/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRE. Version 0 (RFC 2784) has no ports: one connection a pair of hosts. Version 1 (PPTP, RFC 2637) has
 * call ids: the receiver's stands in the packet, the sender's in the map below. Both ways seen, it
 * lives longer; a helper may have set how long.
 */
#include "conntrack/proto_gre.h"

#include "conntrack/l4proto.h"
#include "conntrack/own.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADER_LEN = 4,
	VERSION_MASK = 7, /* of the second byte */
	VERSION_PPTP = 1,
	PPTP_LEN = 8, /* up to and with the call id */
	CALL_ID_AT = 6,
	PROTOCOL_AT = 2,
	PROTOCOL_PPP = 0x880b,
};

struct ct_gre_key {
	struct ct_gre_key *next; /* in its bucket */
	struct ct_gre_map *map;
	struct ct_tuple tuple;
};

/* --- The map ------------------------------------------------------------------------------------ */

static void map_lock(struct ct_gre_map *map)
{
	while (__atomic_exchange_n(&map->lock, 1, __ATOMIC_ACQUIRE))
		;
}

static void map_unlock(struct ct_gre_map *map)
{
	__atomic_store_n(&map->lock, 0, __ATOMIC_RELEASE);
}

/* By the call id: whoever could choose it to hit one bucket is limited by CT_GRE_KEYS_MAX. */
static struct ct_gre_key **bucket_of(struct ct_gre_map *map, const struct ct_tuple *tuple)
{
	return &map->bucket[(tuple->dport ^ tuple->dport >> 8) % CT_GRE_BUCKETS];
}

static bool is_for(const struct ct_gre_key *key, const struct ct_tuple *tuple)
{
	return key->tuple.family == tuple->family && key->tuple.dport == tuple->dport &&
	       !memcmp(key->tuple.src, tuple->src, sizeof(tuple->src)) &&
	       !memcmp(key->tuple.dst, tuple->dst, sizeof(tuple->dst));
}

int ct_gre_key_add(struct conntrack *ct, struct ct_gre_key **slot, const struct ct_tuple *tuple)
{
	struct ct_gre_key *key = *slot, **last;
	struct ct_gre_map *map = &ct->gre;
	bool is_full;

	if (key)
		return is_for(key, tuple) ? 0 : -EEXIST;
	key = malloc(sizeof(*key));
	if (!key)
		return -ENOMEM;
	*key = (struct ct_gre_key){ .map = map, .tuple = *tuple };
	map_lock(map);
	is_full = map->count >= CT_GRE_KEYS_MAX;
	if (!is_full) {
		/* Behind those that are there: of two for one tuple the first one holds. */
		for (last = bucket_of(map, tuple); *last; last = &(*last)->next)
			;
		*last = key;
		__atomic_store_n(&map->count, map->count + 1, __ATOMIC_RELAXED);
	}
	map_unlock(map);
	if (is_full) {
		free(key);
		return -ENOSPC;
	}
	*slot = key;
	return 0;
}

void ct_gre_key_free(struct ct_gre_key **slot)
{
	struct ct_gre_key *key = *slot, **at;
	struct ct_gre_map *map;

	if (!key)
		return;
	map = key->map;
	map_lock(map);
	for (at = bucket_of(map, &key->tuple); *at != key; at = &(*at)->next)
		;
	*at = key->next;
	__atomic_store_n(&map->count, map->count - 1, __ATOMIC_RELAXED);
	map_unlock(map);
	free(key);
	*slot = NULL;
}

void ct_gre_map_fini(struct ct_gre_map *map)
{
	for (unsigned int i = 0; i < CT_GRE_BUCKETS; i++)
		while (map->bucket[i]) {
			struct ct_gre_key *key = map->bucket[i];

			map->bucket[i] = key->next;
			free(key);
		}
}

void ct_gre_complete(struct conntrack *ct, struct ct_tuple *tuple)
{
	struct ct_gre_map *map = &ct->gre;

	if (tuple->protocol != IPPROTO_GRE || !__atomic_load_n(&map->count, __ATOMIC_RELAXED))
		return;
	map_lock(map);
	for (const struct ct_gre_key *key = *bucket_of(map, tuple); key; key = key->next) {
		if (is_for(key, tuple)) {
			tuple->sport = key->tuple.sport;
			break;
		}
	}
	map_unlock(map);
}

/* --- The protocol ------------------------------------------------------------------------------- */

/* What is not PPTP's has keys 0, whatever key it may carry; version 1 is for PPP alone. */
static bool gre_tuple(struct buf l4, struct ct_tuple *ret)
{
	struct buf pptp = l4;
	const uint8_t *head = buf_get(&l4, HEADER_LEN);

	if (!head || (head[1] & VERSION_MASK) != VERSION_PPTP)
		return true;
	head = buf_get(&pptp, PPTP_LEN);
	if (!head)
		return true;
	if (get_be16(head + PROTOCOL_AT) != PROTOCOL_PPP)
		return false;
	memcpy(&ret->dport, head + CALL_ID_AT, sizeof(ret->dport));
	return true;
}

static enum ct_judge gre_packet(struct ct_meet *meet)
{
	struct ct_gre *gre = &conn_l4(meet->conn)->gre;
	bool is_stream = conn_status(meet->conn) & CT_SEEN_REPLY;
	uint32_t seconds;

	conn_lock(meet->conn);
	if (!conn_is_confirmed(meet->conn)) {
		gre->timeout = meet->timeouts[CT_GRE_UNREPLIED_TIMEOUT];
		gre->stream_timeout = meet->timeouts[CT_GRE_STREAM_TIMEOUT];
	}
	seconds = is_stream ? gre->stream_timeout : gre->timeout;
	conn_unlock(meet->conn);
	ct_refresh(meet, seconds);
	if (is_stream)
		ct_set_assured(meet);
	return CT_OK;
}

static const char *const timeout_names[] = {
#define X(id, name, seconds) [CT_GRE_##id##_TIMEOUT] = (name),
	CT_GRE_TIMEOUTS(X)
#undef X
};

const struct ct_l4proto ct_proto_gre = {
	.protocol = IPPROTO_GRE,
	.name = "gre",
	.state_size = sizeof(struct ct_gre),
	.tuple = gre_tuple,
	.packet = gre_packet,
	.timeout_count = CT_GRE_TIMEOUT_COUNT,
	.timeout_names = timeout_names,
	.timeouts_offset = offsetof(struct ct_settings, gre),
};
