/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many connections each source address has open.
 *
 * Overview: a keyed hash table of addresses, in shards with a lock each, so that workers seldom wait for
 * one another; a shard grows with what it holds. An address is there as long as it has a connection, so
 * memory is bounded by the limit of connections. Where no limit is set, nothing is counted.
 */
#include "conntrack/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS	64u
#define BUCKETS 16u /* of a shard, at first */

struct source {
	struct source *next;
	uint64_t hash;
	uint8_t family, addr[16];
	uint32_t count;
};

struct shard {
	struct source **bucket;
	uint32_t nbuckets, count;
	uint8_t lock;
};

struct ct_sources {
	struct siphash_key key;
	struct shard shard[SHARDS];
};

int ct_sources_new(struct conntrack *ct)
{
	ct->sources = calloc(1, sizeof(*ct->sources));
	if (!ct->sources)
		return -ENOMEM;
	ct->sources->key = conntrack_hash_key(ct);
	return 0;
}

void ct_sources_free(struct conntrack *ct)
{
	for (unsigned int i = 0; ct->sources && i < SHARDS; i++) {
		struct shard *shard = &ct->sources->shard[i];

		for (uint32_t b = 0; b < shard->nbuckets; b++)
			while (shard->bucket[b]) {
				struct source *s = shard->bucket[b];

				shard->bucket[b] = s->next;
				free(s);
			}
		free(shard->bucket);
	}
	free(ct->sources);
	ct->sources = NULL;
}

static void lock(struct shard *shard)
{
	while (__atomic_exchange_n(&shard->lock, 1, __ATOMIC_ACQUIRE))
		;
}

static void unlock(struct shard *shard)
{
	__atomic_store_n(&shard->lock, 0, __ATOMIC_RELEASE);
}

static struct source **bucket_of(struct shard *shard, uint64_t hash)
{
	return &shard->bucket[(hash >> 8) & (shard->nbuckets - 1)];
}

/* As many buckets as addresses, or more. Without memory the chains get longer; -ENOMEM at the first. */
static int grow(struct shard *shard)
{
	uint32_t n = shard->nbuckets ? shard->nbuckets * 2 : BUCKETS, was = shard->nbuckets;
	struct source **old = shard->bucket;
	struct source **bucket;

	if (shard->count < was)
		return 0;
	bucket = calloc(n, sizeof(*bucket));
	if (!bucket)
		return old ? 0 : -ENOMEM;
	shard->bucket = bucket;
	shard->nbuckets = n;
	for (uint32_t b = 0; b < was; b++)
		while (old[b]) {
			struct source *s = old[b], **to = bucket_of(shard, s->hash);

			old[b] = s->next;
			s->next = *to;
			*to = s;
		}
	free(old);
	return 0;
}

/* Where the address hangs, or would: a place that holds NULL. */
static struct source **find(struct shard *shard, uint64_t hash, const struct ct_tuple *t)
{
	struct source **at = bucket_of(shard, hash);

	while (*at && ((*at)->hash != hash || (*at)->family != t->family ||
		       memcmp((*at)->addr, t->src, sizeof(t->src)) != 0))
		at = &(*at)->next;
	return at;
}

static struct source *source_new(struct shard *shard, uint64_t hash, const struct ct_tuple *t)
{
	struct source *s = calloc(1, sizeof(*s));
	struct source **to = bucket_of(shard, hash);

	if (!s)
		return NULL;
	s->hash = hash;
	s->family = t->family;
	memcpy(s->addr, t->src, sizeof(s->addr));
	s->next = *to;
	*to = s;
	shard->count++;
	return s;
}

static bool take(struct shard *shard, uint64_t hash, const struct ct_tuple *t, uint32_t max)
{
	struct source *s;

	if (grow(shard))
		return false;
	s = *find(shard, hash, t);
	if (!s)
		s = source_new(shard, hash, t);
	if (!s || s->count >= max)
		return false;
	s->count++;
	return true;
}

static struct shard *shard_of(struct conntrack *ct, const struct ct_tuple *t, uint64_t *hash)
{
	*hash = siphash(&ct->sources->key, t->src, sizeof(t->src));
	return &ct->sources->shard[*hash % SHARDS];
}

bool ct_source_take(struct conntrack *ct, const struct ct_tuple *original)
{
	uint64_t hash;
	struct shard *shard = shard_of(ct, original, &hash);
	bool ret;

	lock(shard);
	ret = take(shard, hash, original, ct->settings.source_max);
	unlock(shard);
	return ret;
}

void ct_source_give(struct conntrack *ct, const struct ct_tuple *original)
{
	uint64_t hash;
	struct shard *shard = shard_of(ct, original, &hash);
	struct source **at, *s;

	lock(shard);
	at = find(shard, hash, original);
	s = *at;
	if (s && --s->count == 0) {
		*at = s->next;
		shard->count--;
		free(s);
	}
	unlock(shard);
}
