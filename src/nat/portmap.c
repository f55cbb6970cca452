/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: the kernel tries ports one after the other from a place that chance chose; the fuller an
 * address is, the longer that takes, and it gives up after some 250 of them. Here, the first port that
 * chance chose is tried as well - with few taken that is all - and when it is taken, a map of 65,536
 * bits is made for that address and destination. A bit set means: taken, as far as is known. Words that
 * are full are marked in a word above, so that the next free port at or behind a place is found in a
 * few steps. Each is then asked for in the connection table; if that says taken, the bit is set and the
 * search goes on: a port is found to be taken once, not again by every connection.
 *
 * A bit is cleared when a connection with that tuple goes. Bits can be wrong for a moment - an entry
 * that has timed out and was not yet visited, one that went while it was being asked for - so before
 * the first refusal in a second all are forgotten and asked for again.
 *
 * Life-cycle: a map goes with its last bit; when there are MAPS_MAX of them in a shard, the one with the
 * fewest bits of some goes: it only costs questions.
 *
 * Synchronization: a lock for each shard, never held while the table is asked.
 */
#include "nat/portmap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"

enum {
	PORTS = 65536,
	WORDS = PORTS / 64,
	SUMS = WORDS / 64,
	SHARDS = 16,
	BUCKETS = 256,	/* of a shard */
	MAPS_MAX = 256, /* in a shard: 16 times 256 maps of 8 KiB are 34 MB */
	SAMPLES = 8,
	FEW = 64,
	SWEEP_MS = 1000,
};

struct portmap {
	struct portmap *next;
	struct ct_tuple key; /* the reply, its port 0 */
	uint32_t count;	     /* bits that are set */
	uint32_t swept_ms;
	bool was_swept;
	uint64_t full[SUMS]; /* bit n: word n has no free port */
	uint64_t word[WORDS];
};

struct shard {
	pthread_mutex_t lock;
	uint32_t count, hand; /* hand: where the search for one to drop goes on */
	struct portmap *bucket[BUCKETS];
} __attribute__((aligned(64)));

struct nat_portmaps {
	struct siphash_key key;
	uint32_t count; /* of all shards; read without a lock */
	struct shard shard[SHARDS];
};

/* --- Bits ------------------------------------------------------------------------------------- */

static bool is_set(const struct portmap *map, uint32_t port)
{
	return map->word[port / 64] >> port % 64 & 1;
}

static void set(struct portmap *map, uint32_t port)
{
	uint32_t w = port / 64;

	if (is_set(map, port))
		return;
	map->count++;
	map->word[w] |= UINT64_C(1) << port % 64;
	if (map->word[w] == UINT64_MAX)
		map->full[w / 64] |= UINT64_C(1) << w % 64;
}

static void clear(struct portmap *map, uint32_t port)
{
	uint32_t w = port / 64;

	if (!is_set(map, port))
		return;
	map->count--;
	map->word[w] &= ~(UINT64_C(1) << port % 64);
	map->full[w / 64] &= ~(UINT64_C(1) << w % 64);
}

static void clear_all(struct portmap *map)
{
	map->count = 0;
	memset(map->full, 0, sizeof(map->full));
	memset(map->word, 0, sizeof(map->word));
}

/* The first zero bit of n words at or behind a place, or 64 * n. */
static uint32_t next_zero(const uint64_t *word, uint32_t n, uint32_t from)
{
	uint64_t behind = UINT64_MAX << from % 64;

	for (uint32_t w = from / 64; w < n; w++) {
		uint64_t left = ~word[w] & behind;

		if (left)
			return w * 64 + (uint32_t)__builtin_ctzll(left);
		behind = UINT64_MAX;
	}
	return 64 * n;
}

/* The first free port in from .. end - 1, or end. */
static uint32_t next_free(const struct portmap *map, uint32_t from, uint32_t end)
{
	uint32_t w = from / 64, port;

	if (from >= end)
		return end;
	port = next_zero(&map->word[w], 1, from % 64);
	if (port < 64)
		return w * 64 + port < end ? w * 64 + port : end;
	w = next_zero(map->full, SUMS, w + 1);
	if (w >= WORDS)
		return end;
	port = w * 64 + next_zero(&map->word[w], 1, 0);
	return port < end ? port : end;
}

/* From a place on, and once around. -1 = none. */
static int free_port(const struct portmap *map, const struct nat_port_query *q)
{
	uint32_t end = q->min + q->size, port = next_free(map, q->from, end);

	if (port < end)
		return (int)port;
	port = next_free(map, q->min, q->from);
	return port < q->from ? (int)port : -1;
}

/* --- Maps ------------------------------------------------------------------------------------- */

uint16_t *nat_portmap_port(struct ct_tuple *reply)
{
	bool is_icmp = reply->protocol == 1 || reply->protocol == 58;

	return is_icmp ? &reply->sport : &reply->dport;
}

struct place {
	struct shard *shard;
	struct portmap **bucket;
	struct ct_tuple key;
	uint16_t port; /* host order */
};

static struct place place_of(struct nat_portmaps *maps, const struct ct_tuple *reply)
{
	struct place p = { .key = *reply };
	uint64_t hash;

	p.port = ntohs(*nat_portmap_port(&p.key));
	*nat_portmap_port(&p.key) = 0;
	hash = siphash(&maps->key, &p.key, sizeof(p.key));
	p.shard = &maps->shard[hash % SHARDS];
	p.bucket = &p.shard->bucket[hash / SHARDS % BUCKETS];
	return p;
}

static struct portmap *map_lookup(const struct place *p)
{
	struct portmap *map = *p->bucket;

	while (map && !ct_tuple_equal(&map->key, &p->key))
		map = map->next;
	return map;
}

static void map_free(struct nat_portmaps *maps, struct shard *shard, struct portmap **at)
{
	struct portmap *map = *at;

	*at = map->next;
	shard->count--;
	__atomic_fetch_sub(&maps->count, 1, __ATOMIC_RELAXED);
	free(map);
}

/* Of the next few in the shard the one that knows least. */
static void drop_one(struct nat_portmaps *maps, struct shard *shard)
{
	struct portmap **least = NULL;
	unsigned int seen = 0;

	for (unsigned int i = 0; i < BUCKETS && seen < SAMPLES; i++) {
		shard->hand = (shard->hand + 1) % BUCKETS;
		for (struct portmap **at = &shard->bucket[shard->hand]; *at; at = &(*at)->next) {
			seen++;
			if (!least || (*at)->count < (*least)->count)
				least = at;
		}
	}
	if (least)
		map_free(maps, shard, least);
}

static struct portmap *map_get(struct nat_portmaps *maps, const struct place *p)
{
	struct portmap *map = map_lookup(p);

	if (map)
		return map;
	if (p->shard->count >= MAPS_MAX)
		drop_one(maps, p->shard);
	map = calloc(1, sizeof(*map));
	if (!map)
		return NULL;
	map->key = p->key;
	map->next = *p->bucket;
	*p->bucket = map;
	p->shard->count++;
	__atomic_fetch_add(&maps->count, 1, __ATOMIC_RELAXED);
	return map;
}

int nat_portmaps_new(struct nat_portmaps **ret, const struct siphash_key *key)
{
	struct nat_portmaps *maps = aligned_alloc(64, sizeof(*maps));

	if (!maps)
		return -ENOMEM;
	memset(maps, 0, sizeof(*maps));
	maps->key = *key;
	for (unsigned int i = 0; i < SHARDS; i++)
		pthread_mutex_init(&maps->shard[i].lock, NULL);
	*ret = maps;
	return 0;
}

static void shard_fini(struct nat_portmaps *maps, struct shard *shard)
{
	for (unsigned int b = 0; b < BUCKETS; b++)
		while (shard->bucket[b])
			map_free(maps, shard, &shard->bucket[b]);
	pthread_mutex_destroy(&shard->lock);
}

void nat_portmaps_free(struct nat_portmaps **maps)
{
	if (!*maps)
		return;
	for (unsigned int i = 0; i < SHARDS; i++)
		shard_fini(*maps, &(*maps)->shard[i]);
	free(*maps);
	*maps = NULL;
}

/* --- Taking and giving back ---------------------------------------------------------------------- */

/* All bits are asked for again, at most once a second. false = not yet. */
static bool sweep(struct portmap *map, uint32_t now_ms)
{
	if (map->was_swept && now_ms - map->swept_ms < SWEEP_MS)
		return false;
	map->was_swept = true;
	map->swept_ms = now_ms;
	clear_all(map);
	return true;
}

/*
 * The next port to ask for, its bit set already, so that no other thread asks too. -ENOENT: there is no
 * map yet, and none is to be made.
 */
static int propose(struct nat_portmaps *maps, const struct place *p, const struct nat_port_query *q,
		   bool may_make)
{
	struct portmap *map;
	int port = may_make ? -ENOMEM : -ENOENT;

	pthread_mutex_lock(&p->shard->lock);
	map = may_make ? map_get(maps, p) : map_lookup(p);
	if (map) {
		port = free_port(map, q);
		if (port < 0 && sweep(map, q->now_ms))
			port = free_port(map, q);
		if (port >= 0)
			set(map, (uint32_t)port);
	}
	pthread_mutex_unlock(&p->shard->lock);
	return !map || port >= 0 ? port : -ENOSPC;
}

static void change(struct nat_portmaps *maps, const struct place *p, uint16_t port, bool is_taken)
{
	struct portmap *map;

	pthread_mutex_lock(&p->shard->lock);
	map = map_lookup(p);
	if (map && is_taken)
		set(map, port);
	else if (map)
		clear(map, port);
	if (map && map->count == 0)
		for (struct portmap **at = p->bucket; *at; at = &(*at)->next)
			if (*at == map) {
				map_free(maps, p->shard, at);
				break;
			}
	pthread_mutex_unlock(&p->shard->lock);
}

/* A few ports are asked for one by one, and need no map. */
static int take_of_few(const struct nat_port_query *q)
{
	for (uint32_t i = 0; i < q->size; i++) {
		uint32_t port = q->min + (q->from - q->min + i) % q->size;
		int r = q->take(q->ctx, (uint16_t)port);

		if (r != -EEXIST)
			return r ? r : (int)port;
	}
	return -ENOSPC;
}

int nat_portmap_take(struct nat_portmaps *maps, const struct nat_port_query *q)
{
	struct place p;
	int port, r;

	if (q->size <= FEW)
		return take_of_few(q);
	p = place_of(maps, &q->reply);
	port = propose(maps, &p, q, false);
	/* The first that chance leads to is most often free, and then no map is needed. */
	if (port == -ENOENT)
		port = (int)q->from;
	while (port >= 0) {
		r = q->take(q->ctx, (uint16_t)port);
		if (r == 0)
			return port;
		if (r != -EEXIST) {
			change(maps, &p, (uint16_t)port, false);
			return r;
		}
		port = propose(maps, &p, q, true);
	}
	return port;
}

bool nat_portmap_is_taken(struct nat_portmaps *maps, const struct ct_tuple *reply)
{
	const struct portmap *map;
	struct place p;
	bool r;

	if (__atomic_load_n(&maps->count, __ATOMIC_RELAXED) == 0)
		return false;
	p = place_of(maps, reply);
	pthread_mutex_lock(&p.shard->lock);
	map = map_lookup(&p);
	r = map && is_set(map, p.port);
	pthread_mutex_unlock(&p.shard->lock);
	return r;
}

void nat_portmap_note(struct nat_portmaps *maps, const struct ct_tuple *reply)
{
	struct place p;

	if (__atomic_load_n(&maps->count, __ATOMIC_RELAXED) == 0)
		return;
	p = place_of(maps, reply);
	change(maps, &p, p.port, true);
}

void nat_portmap_forget(struct nat_portmaps *maps, const struct ct_tuple *tuple)
{
	struct place p;

	if (__atomic_load_n(&maps->count, __ATOMIC_RELAXED) == 0)
		return;
	p = place_of(maps, tuple);
	change(maps, &p, p.port, false);
}

void nat_portmaps_stats(struct nat_portmaps *maps, uint32_t *count, uint64_t *memory)
{
	*count = __atomic_load_n(&maps->count, __ATOMIC_RELAXED);
	*memory = (uint64_t)*count * sizeof(struct portmap) + sizeof(*maps);
}
