/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: what is dead for every generation from now on, and how it leaves, without anybody waiting
 * for it.
 *
 * A batch of readers loads its generation inside one read side, so after a first grace period nobody
 * looks at a generation in which the object was alive, and it can be unlinked; a reader may still stand
 * on it. After a second one nobody does, and it is freed. Both are asked for together: what waits for
 * its first and what waits for its second share one.
 *
 *   fresh -> waiting -> blind -> unlinked -> leaving -> done
 *        asked     over     unlinked     asked      over     freed
 *
 * Who waits is a thread of the engine's, begun when there is a batch worth it. The work itself is done
 * by the writer, a bounded part after each transaction: twice what that one killed and a little more, so
 * that what waits cannot grow with the number of changes, and none of them pays for a flush. Nobody else
 * does it: the writer's thread looks at lists and trees between its transactions, too, without a lock.
 *
 * Snapshots (change.h) are held by threads that are no readers. They walk lists under the snapshots'
 * lock, which unlinking takes, too; an object that lives in the oldest snapshot is not unlinked. So a
 * walk finds whole lists, and what it stands on between its steps stays where it is.
 *
 * Synchronization: all but what waiting for grace periods needs is the writer's, under the engine's lock.
 * Order of locks: the engine's, then reclaim's or the snapshots'. liburcu's grace periods are not seen by
 * ThreadSanitizer: there a counter says what they order.
 */
#include "core/set.h"
#include "core/store.h"

#include <errno.h>
#include <stdlib.h>
#include <urcu-qsbr.h>

#define LIMBO_BATCH 1024u
#define STEP_LEAST  16u /* objects of a step, at least */

enum grace { GRACE_NONE, GRACE_ASKED, GRACE_OVER };

#if defined(__SANITIZE_THREAD__)
#	define IS_TSAN true
#else
#	define IS_TSAN false
#endif

void reclaim_read_end(struct pktt_engine *engine)
{
	if (IS_TSAN)
		__atomic_fetch_add(&engine->reclaim.reads, 1, __ATOMIC_RELEASE);
}

static void grace_period(struct pktt_engine *engine)
{
	synchronize_rcu();
	if (IS_TSAN)
		__atomic_fetch_add(&engine->reclaim.reads, 0, __ATOMIC_ACQUIRE);
}

/* Move all of from to the end of to. */
static void splice(struct list *to, struct list *from)
{
	if (list_is_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

void limbo_add(struct pktt_engine *engine, struct limbo *l, enum kind kind, uint64_t gen)
{
	struct reclaim *r = &engine->reclaim;

	l->kind = kind;
	l->gen = gen;
	list_insert_before(&r->fresh, &l->node);
	r->nfresh++;
	r->died++;
	__atomic_store_n(&r->count, r->count + 1, __ATOMIC_RELAXED);
}

static void unlink_object(struct limbo *l)
{
	switch (l->kind) {
	case KIND_RULE:
		rule_unlink(list_entry(l, struct rule, limbo));
		break;
	case KIND_CHAIN:
		chain_unlink(list_entry(l, struct pktt_chain, limbo));
		break;
	case KIND_TABLE:
		list_remove(&list_entry(l, struct pktt_table, limbo)->node);
		break;
	case KIND_POLICY: /* replaced by their owner */
	case KIND_NAME:
	case KIND_HOOKS:
		break;
	}
}

static void free_object(struct limbo *l)
{
	switch (l->kind) {
	case KIND_RULE:
		rule_free(list_entry(l, struct rule, limbo));
		break;
	case KIND_CHAIN:
		chain_free(list_entry(l, struct pktt_chain, limbo));
		break;
	case KIND_TABLE:
		table_free(list_entry(l, struct pktt_table, limbo));
		break;
	case KIND_POLICY: /* alone: nobody follows a newer one's link to it any more */
		free(list_entry(l, struct policy, limbo));
		break;
	case KIND_NAME:
		free(list_entry(l, struct chain_name, limbo));
		break;
	case KIND_HOOKS:
		free(list_entry(l, struct hooks, limbo));
		break;
	}
}

static struct limbo *first_of(const struct list *head)
{
	return list_is_empty(head) ? NULL : list_entry(head->next, struct limbo, node);
}

/* Rules go before the chain that they stand in, chains before their table: order of dying. */
static size_t free_done(struct pktt_engine *engine, size_t most)
{
	struct reclaim *r = &engine->reclaim;
	size_t n = 0;

	for (struct limbo *l; n < most && (l = first_of(&r->done)); n++) {
		list_remove(&l->node);
		free_object(l);
	}
	__atomic_store_n(&r->count, r->count - n, __ATOMIC_RELAXED);
	return n;
}

/* What unlinking adds (a base chain's array of hooks) begins anew. */
static size_t unlink_blind(struct pktt_engine *engine, size_t most)
{
	struct reclaim *r = &engine->reclaim;
	uint64_t oldest;
	size_t n = 0;

	if (list_is_empty(&r->blind))
		return 0;
	pthread_mutex_lock(&engine->snapshots.lock);
	oldest = snapshot_oldest(engine);
	for (struct limbo *l; n < most && (l = first_of(&r->blind)) && l->gen <= oldest; n++) {
		list_remove(&l->node);
		unlink_object(l);
		list_insert_before(&r->unlinked, &l->node);
	}
	pthread_mutex_unlock(&engine->snapshots.lock);
	r->nfresh += n;
	return n;
}

/* --- Grace periods --------------------------------------------------------------------------- */

static void is_over(struct reclaim *r)
{
	splice(&r->blind, &r->waiting);
	splice(&r->done, &r->leaving);
	pktt_set_reclaimed(r->of_sets);
	r->of_sets = NULL;
	__atomic_store_n(&r->grace, GRACE_NONE, __ATOMIC_RELAXED);
}

static void *run(void *arg);

static bool start(struct pktt_engine *engine)
{
	struct reclaim *r = &engine->reclaim;

	if (!r->has_thread)
		r->has_thread = pthread_create(&r->thread, NULL, run, engine) == 0;
	return r->has_thread;
}

static void ask(struct pktt_engine *engine)
{
	struct reclaim *r = &engine->reclaim;

	splice(&r->waiting, &r->fresh);
	splice(&r->leaving, &r->unlinked);
	r->of_sets = pktt_set_reclaim(engine->sets);
	r->nfresh = 0;
	if (!start(engine)) {
		grace_period(engine);
		is_over(r);
		return;
	}
	pthread_mutex_lock(&r->lock);
	__atomic_store_n(&r->grace, GRACE_ASKED, __ATOMIC_RELEASE);
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
}

static bool step(struct pktt_engine *engine, size_t most, size_t batch)
{
	struct reclaim *r = &engine->reclaim;
	size_t done;

	if (__atomic_load_n(&r->grace, __ATOMIC_ACQUIRE) == GRACE_OVER)
		is_over(r);
	done = free_done(engine, most) + unlink_blind(engine, most);
	if (__atomic_load_n(&r->grace, __ATOMIC_ACQUIRE) != GRACE_NONE)
		return true;
	if (r->nfresh >= batch || pktt_set_wants_reclaim(engine->sets)) {
		ask(engine);
		return true;
	}
	return done > 0;
}

void reclaim_step(struct pktt_engine *engine)
{
	struct reclaim *r = &engine->reclaim;
	size_t most = STEP_LEAST + 2 * r->died;

	r->died = 0;
	/* A writer holds nothing that it read as a reader. */
	if (r->count && rcu_read_ongoing())
		rcu_quiescent_state();
	step(engine, most, LIMBO_BATCH);
}

/* --- The thread ------------------------------------------------------------------------------ */

static void *run(void *arg)
{
	struct pktt_engine *engine = arg;
	struct reclaim *r = &engine->reclaim;

	pthread_mutex_lock(&r->lock);
	while (!r->is_over) {
		if (__atomic_load_n(&r->grace, __ATOMIC_RELAXED) != GRACE_ASKED) {
			pthread_cond_wait(&r->wake, &r->lock);
			continue;
		}
		pthread_mutex_unlock(&r->lock);
		grace_period(engine);
		pthread_mutex_lock(&r->lock);
		__atomic_store_n(&r->grace, GRACE_OVER, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* --- Life ------------------------------------------------------------------------------------ */

int reclaim_init(struct pktt_engine *engine)
{
	struct reclaim *r = &engine->reclaim;
	struct list *all[] = { &r->fresh,    &r->waiting, &r->blind,
			       &r->unlinked, &r->leaving, &r->done };
	pthread_condattr_t attr;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		list_init(all[i]);
	pthread_mutex_init(&r->lock, NULL);
	if (pthread_condattr_init(&attr))
		return -ENOMEM;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->wake, &attr);
	pthread_condattr_destroy(&attr);
	return 0;
}

/* Waiting for the thread, which may be waiting for readers: this one is none. */
static void stop(struct reclaim *r)
{
	bool is_online = rcu_read_ongoing();

	if (!r->has_thread)
		return;
	pthread_mutex_lock(&r->lock);
	r->is_over = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	if (is_online)
		rcu_thread_offline();
	pthread_join(r->thread, NULL);
	if (is_online)
		rcu_thread_online();
	r->has_thread = false;
}

void reclaim_fini(struct pktt_engine *engine)
{
	struct reclaim *r = &engine->reclaim;

	stop(r);
	grace_period(engine);
	do {
		is_over(r);
		free_done(engine, SIZE_MAX);
		unlink_blind(engine, SIZE_MAX);
		splice(&r->leaving, &r->unlinked);
		splice(&r->waiting, &r->fresh);
	} while (r->count);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
}
