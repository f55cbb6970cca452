/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: mappings stand in chunks and are named by index; a table of chains, keyed by source, grows
 * and shrinks by one bucket with every mapping that enters or leaves (linear hashing, Litwin 1980), so
 * that no single connection pays for all.
 *
 * Synchronization: one lock; what is done under it is a few steps of a short chain. A chain that an
 * attacker made long, by many translations of one source, is looked at no further than LOOK_MAX.
 */
#include "nat/source.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "nat/own.h"

enum { CHUNK = 1024, LOOK_MAX = 64, BUCKETS_MIN = CHUNK };

struct source { /* compared and hashed as it is: no gap */
	uint8_t addr[16];
	uint16_t port, zone;
	uint8_t family, protocol;
	uint16_t zero;
};

struct mapping {
	struct source source;
	uint8_t to[16];
	uint16_t to_port;
	uint32_t hash;
	uint32_t refs;
	uint32_t next, prev; /* in the chain, newest first; free: next free */
};

struct chunks { /* an array that grows without moving what is in it */
	void **at;
	uint32_t count;
};

struct nat_sources {
	pthread_mutex_t lock;
	struct siphash_key key;
	bool keeps_all;
	struct chunks bucket; /* of indices; 0 ends a chain */
	uint32_t nbuckets;
	struct chunks mapping;
	uint32_t used, free; /* used: indices given out so far, from 1 on */
	uint32_t count;	     /* read without the lock: are there any? */
};

/* --- Memory ----------------------------------------------------------------------------------- */

static struct mapping *mapping_at(const struct nat_sources *s, uint32_t index)
{
	struct mapping *chunk = s->mapping.at[index / CHUNK];

	return &chunk[index % CHUNK];
}

static uint32_t *bucket_at(const struct nat_sources *s, uint32_t bucket)
{
	uint32_t *chunk = s->bucket.at[bucket / CHUNK];

	return &chunk[bucket % CHUNK];
}

/* One chunk more, where index needs it. */
static int grow(struct chunks *chunks, uint32_t index, size_t size)
{
	void **more;

	if (index / CHUNK < chunks->count)
		return 0;
	more = reallocarray(chunks->at, chunks->count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	chunks->at = more;
	more[chunks->count] = calloc(CHUNK, size);
	if (!more[chunks->count])
		return -ENOMEM;
	chunks->count++;
	return 0;
}

static void shrink(struct chunks *chunks, uint32_t keep)
{
	while (chunks->count > keep)
		free(chunks->at[--chunks->count]);
}

static void add_count(struct nat_sources *s, uint32_t n)
{
	__atomic_store_n(&s->count, s->count + n, __ATOMIC_RELAXED);
}

static uint32_t mapping_new(struct nat_sources *s)
{
	uint32_t index = s->free;

	if (index) {
		s->free = mapping_at(s, index)->next;
		return index;
	}
	if (grow(&s->mapping, s->used + 1, sizeof(struct mapping)))
		return 0;
	return ++s->used;
}

/* When the last is gone, so is the memory of a crowded hour. */
static void forget_memory(struct nat_sources *s)
{
	shrink(&s->mapping, 0);
	s->used = s->free = 0;
}

static void mapping_release(struct nat_sources *s, uint32_t index)
{
	mapping_at(s, index)->next = s->free;
	s->free = index;
	add_count(s, UINT32_MAX);
	if (s->count == 0)
		forget_memory(s);
}

/* --- Chains ----------------------------------------------------------------------------------- */

/* The bucket of a hash among n: those that the growing has not come to take two buckets' hashes. */
static uint32_t bucket_of(uint32_t hash, uint32_t n)
{
	uint32_t high = (uint32_t)((UINT64_C(2) << (31 - __builtin_clz(n))) - 1);
	uint32_t bucket = hash & high;

	return bucket < n ? bucket : hash & high >> 1;
}

static void push(struct nat_sources *s, uint32_t bucket, uint32_t index)
{
	uint32_t *head = bucket_at(s, bucket);
	struct mapping *m = mapping_at(s, index);

	m->next = *head;
	m->prev = 0;
	if (*head)
		mapping_at(s, *head)->prev = index;
	*head = index;
}

static void unlink_mapping(struct nat_sources *s, uint32_t index)
{
	struct mapping *m = mapping_at(s, index);

	if (m->prev)
		mapping_at(s, m->prev)->next = m->next;
	else
		*bucket_at(s, bucket_of(m->hash, s->nbuckets)) = m->next;
	if (m->next)
		mapping_at(s, m->next)->prev = m->prev;
}

/* Chains keep their order: newest first, seen from the end of the old one. */
static void rehash(struct nat_sources *s, uint32_t head)
{
	uint32_t last = head;

	while (last && mapping_at(s, last)->next)
		last = mapping_at(s, last)->next;
	while (last) {
		uint32_t prev = mapping_at(s, last)->prev;

		push(s, bucket_of(mapping_at(s, last)->hash, s->nbuckets), last);
		last = prev;
	}
}

static uint32_t take_chain(struct nat_sources *s, uint32_t bucket)
{
	uint32_t head = *bucket_at(s, bucket);

	*bucket_at(s, bucket) = 0;
	return head;
}

/* One bucket more: the chain that its hashes were in is dealt out anew. */
static void split(struct nat_sources *s)
{
	uint32_t n = s->nbuckets, from = bucket_of(n, n);

	if (n == UINT32_C(1) << 31 || grow(&s->bucket, n, sizeof(uint32_t)))
		return; /* longer chains are all that follows */
	s->nbuckets++;
	rehash(s, take_chain(s, from));
}

/* The last bucket's chain goes back to where it came from. */
static void merge(struct nat_sources *s)
{
	uint32_t head = take_chain(s, s->nbuckets - 1);

	s->nbuckets--;
	rehash(s, head);
	shrink(&s->bucket, (s->nbuckets + CHUNK - 1) / CHUNK);
}

/* --- Interface -------------------------------------------------------------------------------- */

int nat_sources_new(struct nat_sources **ret, const struct siphash_key *key)
{
	PKTT_AUTO(nat_sources_free) struct nat_sources *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->key = *key;
	pthread_mutex_init(&s->lock, NULL);
	if (grow(&s->bucket, 0, sizeof(uint32_t)))
		return -ENOMEM;
	s->nbuckets = BUCKETS_MIN;
	*ret = pktt_take(&s);
	return 0;
}

void nat_sources_free(struct nat_sources **sources)
{
	struct nat_sources *s = pktt_take(sources);

	if (!s)
		return;
	shrink(&s->bucket, 0);
	shrink(&s->mapping, 0);
	free(s->bucket.at);
	free(s->mapping.at);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct source source_of(const struct ct_tuple *original)
{
	struct source source = {
		.port = original->sport,
		.zone = original->zone,
		.family = original->family,
		.protocol = original->protocol,
	};

	memcpy(source.addr, original->src, sizeof(source.addr));
	return source;
}

static bool is_source(const struct mapping *m, uint32_t hash, const struct source *source)
{
	return m->hash == hash && memcmp(&m->source, source, sizeof(*source)) == 0;
}

/* The mapping of source to what tuple has, or 0. */
static uint32_t lookup(const struct nat_sources *s, uint32_t hash, const struct source *source,
		       const struct ct_tuple *tuple)
{
	uint32_t index = *bucket_at(s, bucket_of(hash, s->nbuckets));

	for (unsigned int n = 0; index && n < LOOK_MAX; n++) {
		const struct mapping *m = mapping_at(s, index);

		if (is_source(m, hash, source) && m->to_port == tuple->sport &&
		    memcmp(m->to, tuple->src, sizeof(m->to)) == 0)
			return index;
		index = m->next;
	}
	return 0;
}

static uint32_t enter(struct nat_sources *s, const struct source *source, uint32_t hash,
		      const struct ct_tuple *tuple)
{
	uint32_t index = lookup(s, hash, source, tuple);

	if (index) {
		unlink_mapping(s, index);
	} else {
		index = mapping_new(s);
		if (!index)
			return 0;
		*mapping_at(s, index) = (struct mapping){
			.source = *source,
			.to_port = tuple->sport,
			.hash = hash,
		};
		memcpy(mapping_at(s, index)->to, tuple->src, sizeof(tuple->src));
		add_count(s, 1);
		if (s->count > s->nbuckets)
			split(s);
	}
	mapping_at(s, index)->refs++;
	push(s, bucket_of(hash, s->nbuckets), index);
	return index;
}

void nat_source_enter(struct nat_sources *sources, struct conn *conn)
{
	struct ct_tuple original, reply, leaves;
	struct source source;
	uint32_t hash;

	conn_tuple(conn, CT_ORIGINAL, &original);
	conn_tuple(conn, CT_REPLY, &reply);
	if (!ct_tuple_invert(&leaves, &reply))
		return;
	if (leaves.sport == original.sport &&
	    !__atomic_load_n(&sources->keeps_all, __ATOMIC_RELAXED))
		return;
	source = source_of(&original);
	hash = (uint32_t)siphash(&sources->key, &source, sizeof(source));
	pthread_mutex_lock(&sources->lock);
	if (!conn->nat_next)
		conn->nat_next = enter(sources, &source, hash, &leaves);
	pthread_mutex_unlock(&sources->lock);
}

void nat_source_leave(struct nat_sources *sources, struct conn *conn)
{
	uint32_t index;

	if (!conn->nat_next)
		return;
	pthread_mutex_lock(&sources->lock);
	index = conn->nat_next;
	conn->nat_next = 0;
	if (index && --mapping_at(sources, index)->refs == 0) {
		unlink_mapping(sources, index);
		mapping_release(sources, index);
		/* Twice, so that a table that empties ends as small as it began. */
		for (unsigned int i = 0; i < 2; i++)
			if (sources->nbuckets > BUCKETS_MIN &&
			    sources->count < sources->nbuckets / 2)
				merge(sources);
	}
	pthread_mutex_unlock(&sources->lock);
}

/* The first in the chain that is in the range. */
static bool find(const struct nat_sources *s, uint32_t hash, const struct source *source,
		 const struct nat_range *range, struct ct_tuple *tuple)
{
	uint32_t index = *bucket_at(s, bucket_of(hash, s->nbuckets));

	for (unsigned int n = 0; index && n < LOOK_MAX; n++) {
		const struct mapping *m = mapping_at(s, index);

		if (is_source(m, hash, source)) {
			memcpy(tuple->src, m->to, sizeof(m->to));
			tuple->sport = m->to_port;
			if (nat_in_range(tuple, range))
				return true;
		}
		index = m->next;
	}
	return false;
}

bool nat_source_find(struct nat_sources *sources, const struct ct_tuple *original,
		     const struct nat_range *range, struct ct_tuple *tuple)
{
	struct source source = source_of(original);
	struct ct_tuple found = *tuple;
	uint32_t hash;
	bool r;

	if (__atomic_load_n(&sources->count, __ATOMIC_RELAXED) == 0)
		return false;
	hash = (uint32_t)siphash(&sources->key, &source, sizeof(source));
	pthread_mutex_lock(&sources->lock);
	r = find(sources, hash, &source, range, &found);
	pthread_mutex_unlock(&sources->lock);
	if (r)
		*tuple = found;
	return r;
}

void nat_sources_keep_all(struct nat_sources *sources)
{
	__atomic_store_n(&sources->keeps_all, true, __ATOMIC_RELAXED);
}

void nat_sources_stats(struct nat_sources *sources, uint32_t *count, uint64_t *memory)
{
	pthread_mutex_lock(&sources->lock);
	*count = sources->count;
	*memory = (uint64_t)sources->mapping.count * CHUNK * sizeof(struct mapping) +
		  (uint64_t)sources->bucket.count * CHUNK * sizeof(uint32_t);
	pthread_mutex_unlock(&sources->lock);
}
