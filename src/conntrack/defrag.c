/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: datagrams in the making, found by a keyed hash of what their fragments have in common. Each
 * family may hold so much memory (frag_high_thresh, frag6_high_thresh); beyond it the oldest datagrams
 * go, so that a flood of fragments that never become whole cannot keep others from becoming so: whose
 * fragments follow each other closely is done before it is the oldest.
 *
 * Life-cycle: of a datagram from its first fragment until it is whole, spoiled, too old, or pushed out.
 *
 * Synchronization: one lock; fragments are few, and held for the time of a copy.
 */
#include "conntrack/defrag.h"

#include "base/own.h"
#include "conntrack/defrag_queue.h"
#include "core/hook.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS	 1024u
#define NS_PER_S UINT64_C(1000000000)

/* One a family: they have limits of their own. */
struct shelf {
	struct list by_age; /* the oldest first: all have the same time */
	uint64_t memory;
};

struct defrag {
	struct conntrack *ct;
	struct siphash_key key;
	pthread_mutex_t lock;
	struct shelf shelf[2];
	struct list bucket[BUCKETS];
};

static struct shelf *shelf_of(struct defrag *d, uint8_t family)
{
	return &d->shelf[family == PKTT_IPV6];
}

int defrag_new(struct defrag **ret, struct conntrack *ct)
{
	struct defrag *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->ct = ct;
	d->key = conntrack_hash_key(ct);
	pthread_mutex_init(&d->lock, NULL);
	for (unsigned int i = 0; i < pktt_countof(d->shelf); i++)
		list_init(&d->shelf[i].by_age);
	for (unsigned int i = 0; i < BUCKETS; i++)
		list_init(&d->bucket[i]);
	*ret = d;
	return 0;
}

static void drop_queue(struct defrag *d, struct defrag_queue *q)
{
	shelf_of(d, q->key.family)->memory -= q->memory;
	list_remove(&q->age_node);
	list_remove(&q->hash_node);
	defrag_queue_free(q);
}

static struct defrag_queue *oldest(const struct shelf *s)
{
	return list_is_empty(&s->by_age)
		       ? NULL
		       : list_entry(s->by_age.next, struct defrag_queue, age_node);
}

void defrag_free(struct defrag **slot)
{
	struct defrag *d = *slot;
	struct defrag_queue *q;

	if (!d)
		return;
	for (unsigned int i = 0; i < pktt_countof(d->shelf); i++)
		while ((q = oldest(&d->shelf[i])))
			drop_queue(d, q);
	pthread_mutex_destroy(&d->lock);
	free(d);
	*slot = NULL;
}

void defrag_advance(struct defrag *d, uint64_t now_ns)
{
	struct defrag_queue *q;

	pthread_mutex_lock(&d->lock);
	for (unsigned int i = 0; i < pktt_countof(d->shelf); i++)
		while ((q = oldest(&d->shelf[i])) && q->deadline_ns <= now_ns) {
			drop_queue(d, q);
			ct_count(d->ct, 0, CT_COUNT_FRAG_TIMEOUT);
		}
	pthread_mutex_unlock(&d->lock);
}

uint64_t defrag_memory(struct defrag *d)
{
	uint64_t ret;

	pthread_mutex_lock(&d->lock);
	ret = d->shelf[0].memory + d->shelf[1].memory;
	pthread_mutex_unlock(&d->lock);
	return ret;
}

static struct list *bucket_of(struct defrag *d, const struct defrag_key *key)
{
	return &d->bucket[siphash(&d->key, key, sizeof(*key)) % BUCKETS];
}

static uint64_t deadline(const struct defrag *d, uint8_t family, uint64_t now_ns)
{
	const struct ct_settings *s = conntrack_settings(d->ct);

	return now_ns + (family == PKTT_IPV6 ? s->frag6_timeout : s->frag_timeout) * NS_PER_S;
}

static struct defrag_queue *queue_new(struct defrag *d, const struct fragment *f, uint64_t now_ns)
{
	struct defrag_queue *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->key = f->key;
	q->deadline_ns = deadline(d, f->key.family, now_ns);
	list_insert_before(&shelf_of(d, f->key.family)->by_age, &q->age_node);
	list_insert_before(bucket_of(d, &f->key), &q->hash_node);
	return q;
}

static struct defrag_queue *queue_of(struct defrag *d, const struct fragment *f, uint64_t now_ns)
{
	list_for_each (n, bucket_of(d, &f->key)) {
		struct defrag_queue *q = list_entry(n, struct defrag_queue, hash_node);

		if (memcmp(&q->key, &f->key, sizeof(q->key)) == 0)
			return q;
	}
	return queue_new(d, f, now_ns);
}

/* The one in hand is spared, though it be the oldest: it may be the flood's victim. */
static void make_room(struct defrag *d, const struct defrag_queue *in_hand, unsigned int worker)
{
	const struct ct_settings *s = conntrack_settings(d->ct);
	struct shelf *shelf = shelf_of(d, in_hand->key.family);
	uint64_t limit =
		in_hand->key.family == PKTT_IPV6 ? s->frag6_high_thresh : s->frag_high_thresh;

	list_for_each_safe (n, tmp, &shelf->by_age) {
		struct defrag_queue *q = list_entry(n, struct defrag_queue, age_node);

		if (shelf->memory <= limit)
			return;
		if (q == in_hand)
			continue;
		drop_queue(d, q);
		ct_count(d->ct, worker, CT_COUNT_FRAG_FULL);
	}
}

static enum pktt_verdict refuse(struct defrag *d, struct pktt_packet *pkt)
{
	ct_count(d->ct, pkt->env->worker, CT_COUNT_FRAG_BAD);
	return pktt_packet_drop(pkt, PKTT_REASON_FRAGMENT);
}

static enum pktt_verdict hold(struct defrag *d, struct pktt_packet *pkt)
{
	ct_count(d->ct, pkt->env->worker, CT_COUNT_FRAG_HELD);
	pkt->decision = (struct pktt_decision){ .reason = PKTT_REASON_NONE };
	return PKTT_STOLEN;
}

static enum pktt_verdict join(struct defrag *d, struct defrag_queue *q, struct pktt_packet *pkt)
{
	int r = defrag_queue_join(q, pkt);

	drop_queue(d, q);
	if (r)
		return refuse(d, pkt);
	ct_count(d->ct, pkt->env->worker, CT_COUNT_FRAG_DONE);
	return PKTT_ACCEPT;
}

static enum pktt_verdict add(struct defrag *d, const struct fragment *f, struct pktt_packet *pkt)
{
	struct defrag_queue *q = queue_of(d, f, pkt->time_ns);
	uint32_t before;
	int r;

	if (!q)
		return refuse(d, pkt);
	before = q->memory ? q->memory : 0;
	if (!q->memory)
		q->memory = sizeof(*q);
	r = defrag_queue_add(q, f, pkt);
	shelf_of(d, f->key.family)->memory += q->memory - before;
	if (r == DEFRAG_SPOILED || r < 0) {
		drop_queue(d, q);
		return refuse(d, pkt);
	}
	if (r == DEFRAG_REFUSED)
		return refuse(d, pkt);
	if (r == DEFRAG_DUPLICATE)
		return hold(d, pkt);
	if (defrag_queue_is_whole(q))
		return join(d, q, pkt);
	make_room(d, q, pkt->env->worker);
	return hold(d, pkt);
}

enum pktt_verdict defrag_packet(struct defrag *d, struct pktt_packet *pkt)
{
	struct fragment f;
	int r;
	enum pktt_verdict v;

	/* On its second way in, over the loopback, it is whole, or was not to be joined. */
	if (pkt->ct)
		return PKTT_ACCEPT;
	r = fragment_read(pkt, &f);
	if (r == 0)
		return PKTT_ACCEPT;
	if (r < 0)
		return refuse(d, pkt);
	pthread_mutex_lock(&d->lock);
	v = add(d, &f, pkt);
	pthread_mutex_unlock(&d->lock);
	return v;
}
