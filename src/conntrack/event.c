/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dirty queues.
 *
 * Overview: a worker's queue is a stack of connections, linked through the connections themselves by
 * their index, that anybody pushes onto and the drainer takes whole, turns over and tells in order.
 * Nothing is allocated, so nothing can be lost: what waits is bounded by the table.
 *
 * Life-cycle of a connection's bits: set by ct_event(); with the first bit that somebody wants to hear of
 * QUEUED is set as well, which puts it into one queue, with a reference. The drainer unlinks it, then
 * takes all bits and QUEUED in one exchange, so that a change that comes later queues it again.
 *
 * While nobody listens nothing is queued: a reference that nobody comes to fetch would never end.
 *
 * Synchronization: pushing takes no lock. A queue has one drainer at a time (its lock). Listeners are
 * called under a read lock of theirs: they may not listen or unlisten.
 */
#include "conntrack/event.h"

#include "base/own.h"
#include "conntrack/expect.h"
#include "conntrack/own.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#define LISTENERS_MAX 16
#define QUEUED	      (1u << 15) /* of conn->events; the others are CT_EVENT_* */

struct queue {
	pthread_mutex_t lock; /* of who drains */
	uint32_t pushed;      /* newest first */
	uint32_t pending;     /* oldest first; the drainer's */
} __attribute__((aligned(64)));

struct ct_events {
	pthread_rwlock_t lock; /* of the listeners */
	struct ct_listener listener[LISTENERS_MAX];
	unsigned int listeners, conn_listeners; /* read without the lock: is there any? */
	struct queue queue[];
};

/* --- Listeners -------------------------------------------------------------------------------- */

int conntrack_listen(struct conntrack *ct, const struct ct_listener *listener)
{
	struct ct_events *events = ct->events;
	int r = -ENOSPC;

	pthread_rwlock_wrlock(&events->lock);
	if (events->listeners < LISTENERS_MAX) {
		events->listener[events->listeners++] = *listener;
		if (listener->conn)
			__atomic_fetch_add(&events->conn_listeners, 1, __ATOMIC_RELEASE);
		r = 0;
	}
	pthread_rwlock_unlock(&events->lock);
	return r;
}

void conntrack_unlisten(struct conntrack *ct, const void *ctx)
{
	struct ct_events *events = ct->events;
	unsigned int n = 0;

	pthread_rwlock_wrlock(&events->lock);
	for (unsigned int i = 0; i < events->listeners; i++) {
		struct ct_listener *listener = &events->listener[i];

		if (listener->ctx != ctx)
			events->listener[n++] = *listener;
		else if (listener->conn)
			__atomic_fetch_sub(&events->conn_listeners, 1, __ATOMIC_RELEASE);
	}
	events->listeners = n;
	pthread_rwlock_unlock(&events->lock);
	/* What is queued, others are told of; if there are none, its references end. */
	if (!__atomic_load_n(&events->conn_listeners, __ATOMIC_ACQUIRE))
		for (unsigned int i = 0; i < ct->workers; i++)
			conntrack_drain(ct, i, 0);
}

/* --- Queueing --------------------------------------------------------------------------------- */

/*
 * Whether these bits together are worth a telling. As on Linux one bit of the rule's mask lets all that
 * happened through, and a rule that gave a mask has its way with events off in the settings.
 */
static bool is_wanted(const struct conntrack *ct, const struct conn *conn, uint32_t bits)
{
	/* It stands beside another of the same tuple for a second: nobody is to see it. */
	if (conn_status(conn) & CT_NAT_CLASH)
		return false;
	if (conn->ext && conn->ext->has_events)
		return conn->ext->event_mask & bits;
	return ct->settings.events;
}

static void push(struct conntrack *ct, unsigned int worker, struct conn *conn)
{
	struct queue *queue = &ct->events->queue[worker < ct->workers ? worker : 0];
	uint32_t head = __atomic_load_n(&queue->pushed, __ATOMIC_RELAXED);

	do
		conn->dirty_next = head;
	while (!__atomic_compare_exchange_n(&queue->pushed, &head, conn_index(conn), true,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

void ct_event(struct conntrack *ct, unsigned int worker, struct conn *conn, uint32_t events)
{
	uint32_t bits;

	if (!__atomic_load_n(&ct->events->conn_listeners, __ATOMIC_ACQUIRE))
		return;
	bits = events | __atomic_fetch_or(&conn->events, (uint16_t)events, __ATOMIC_ACQ_REL);
	/* Who confirms it tells of that, behind setting CONFIRMED: these bits go with it. */
	if (bits & QUEUED || !conn_is_confirmed(conn) || !is_wanted(ct, conn, bits))
		return;
	if (__atomic_fetch_or(&conn->events, QUEUED, __ATOMIC_ACQ_REL) & QUEUED)
		return;
	if (conn_get(conn))
		push(ct, worker, conn);
}

void ct_expect_event(struct conntrack *ct, const struct expect *expect, uint32_t events)
{
	const struct conn_ext *ext = expect->master->ext;
	struct ct_events *all = ct->events;

	if (ext && ext->has_events ? !(ext->expect_mask & events) : !ct->settings.events)
		return;
	if (!__atomic_load_n(&all->listeners, __ATOMIC_ACQUIRE))
		return;
	pthread_rwlock_rdlock(&all->lock);
	for (unsigned int i = 0; i < all->listeners; i++)
		if (all->listener[i].expect)
			all->listener[i].expect(all->listener[i].ctx, expect, events);
	pthread_rwlock_unlock(&all->lock);
}

/* --- Draining --------------------------------------------------------------------------------- */

/* The oldest, unlinked; its bits are still QUEUED. NULL = the queue is empty. */
static struct conn *pop(struct conntrack *ct, struct queue *queue)
{
	struct conn *conn;

	if (!queue->pending) {
		uint32_t at = __atomic_exchange_n(&queue->pushed, 0, __ATOMIC_ACQUIRE);

		while (at) {
			uint32_t next;

			conn = conndb_at(ct->db, at);
			next = conn->dirty_next;
			conn->dirty_next = queue->pending;
			queue->pending = at;
			at = next;
		}
	}
	if (!queue->pending)
		return NULL;
	conn = conndb_at(ct->db, queue->pending);
	queue->pending = conn->dirty_next;
	return conn;
}

static void tell(struct conntrack *ct, struct conn *conn)
{
	uint32_t bits = __atomic_exchange_n(&conn->events, 0, __ATOMIC_ACQ_REL) & ~QUEUED;
	struct ct_events *events = ct->events;

	pthread_rwlock_rdlock(&events->lock);
	for (unsigned int i = 0; i < events->listeners; i++)
		if (events->listener[i].conn)
			events->listener[i].conn(events->listener[i].ctx, conn, bits);
	pthread_rwlock_unlock(&events->lock);
}

unsigned int conntrack_drain(struct conntrack *ct, unsigned int worker, unsigned int budget)
{
	struct queue *queue = &ct->events->queue[worker];
	unsigned int told = 0;
	struct conn *conn;

	pthread_mutex_lock(&queue->lock);
	while ((budget == 0 || told < budget) && (conn = pop(ct, queue))) {
		tell(ct, conn);
		conn_put(ct->db, &conn);
		told++;
	}
	pthread_mutex_unlock(&queue->lock);
	return told;
}

/* --- Life ------------------------------------------------------------------------------------- */

int ct_events_new(struct conntrack *ct)
{
	size_t size = sizeof(struct ct_events) + ct->workers * sizeof(struct queue);
	struct ct_events *events = aligned_alloc(64, (size + 63) / 64 * 64);

	if (!events)
		return -ENOMEM;
	memset(events, 0, size);
	pthread_rwlock_init(&events->lock, NULL);
	for (unsigned int i = 0; i < ct->workers; i++)
		pthread_mutex_init(&events->queue[i].lock, NULL);
	ct->events = events;
	return 0;
}

/* What is queued is told to nobody. */
void ct_events_free(struct conntrack *ct)
{
	struct ct_events *events = ct->events;

	if (!events)
		return;
	events->listeners = 0;
	events->conn_listeners = 0;
	for (unsigned int i = 0; i < ct->workers; i++) {
		conntrack_drain(ct, i, 0);
		pthread_mutex_destroy(&events->queue[i].lock);
	}
	pthread_rwlock_destroy(&events->lock);
	free(events);
	ct->events = NULL;
}
