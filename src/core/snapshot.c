/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: generations that are held for listings. Holding one costs nothing but memory: reclaim.c lets
 * what lives in it be where it is. The steps take the snapshots' lock each, so that nothing is unlinked
 * under them; between two steps the place is an object that is held.
 */
#include "core/store.h"

#include <errno.h>
#include <stdlib.h>

struct pktt_snapshot {
	struct list node; /* in engine->snapshots.all */
	struct pktt_engine *engine;
	uint64_t gen;
};

/* The newest is last, and generations only grow. */
uint64_t snapshot_oldest(const struct pktt_engine *engine)
{
	const struct list *all = &engine->snapshots.all;

	return list_is_empty(all) ? UINT64_MAX
				  : list_entry(all->next, struct pktt_snapshot, node)->gen;
}

/* Behind those that are as old: of what is held, the oldest stays first. */
static void insert(struct pktt_snapshot *s)
{
	struct list *at = &s->engine->snapshots.all;

	while (at->prev != &s->engine->snapshots.all &&
	       list_entry(at->prev, struct pktt_snapshot, node)->gen > s->gen)
		at = at->prev;
	list_insert_before(at, &s->node);
}

int pktt_snapshot_get_at(struct pktt_snapshot **ret, struct pktt_engine *engine,
			 uint64_t generation)
{
	struct pktt_snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->engine = engine;
	s->gen = generation;
	pthread_mutex_lock(&engine->snapshots.lock);
	insert(s);
	pthread_mutex_unlock(&engine->snapshots.lock);
	*ret = s;
	return 0;
}

int pktt_snapshot_get(struct pktt_snapshot **ret, struct pktt_engine *engine)
{
	struct pktt_snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->engine = engine;
	pthread_mutex_lock(&engine->snapshots.lock);
	s->gen = pktt_engine_generation(engine);
	insert(s);
	pthread_mutex_unlock(&engine->snapshots.lock);
	*ret = s;
	return 0;
}

void pktt_snapshot_put(struct pktt_snapshot **slot)
{
	struct pktt_snapshot *s = *slot;

	if (!s)
		return;
	pthread_mutex_lock(&s->engine->snapshots.lock);
	list_remove(&s->node);
	pthread_mutex_unlock(&s->engine->snapshots.lock);
	free(s);
	*slot = NULL;
}

uint64_t pktt_snapshot_generation(const struct pktt_snapshot *s)
{
	return s->gen;
}

static void lock(const struct pktt_snapshot *s)
{
	pthread_mutex_lock(&s->engine->snapshots.lock);
}

static void unlock(const struct pktt_snapshot *s)
{
	pthread_mutex_unlock(&s->engine->snapshots.lock);
}

struct pktt_table *pktt_snapshot_table(const struct pktt_snapshot *s,
				       const struct pktt_table *after)
{
	struct pktt_table *t;

	lock(s);
	t = table_next_at(s->engine, after, s->gen);
	unlock(s);
	return t;
}

struct pktt_chain *pktt_snapshot_chain(const struct pktt_snapshot *s,
				       const struct pktt_table *table,
				       const struct pktt_chain *after)
{
	struct pktt_chain *c;

	lock(s);
	c = chain_next_at(table, after, s->gen);
	unlock(s);
	return c;
}

struct pktt_rule *pktt_snapshot_rule(const struct pktt_snapshot *s, const struct pktt_chain *chain,
				     const struct pktt_rule *after)
{
	struct rule *r;

	lock(s);
	r = rule_next_at(chain, after ? rule_of(after) : NULL, s->gen);
	unlock(s);
	return r ? &r->pub : NULL;
}

enum pktt_verdict pktt_snapshot_policy(const struct pktt_snapshot *s,
				       const struct pktt_chain *chain)
{
	return chain_policy_at(chain, s->gen);
}

const char *pktt_snapshot_chain_name(const struct pktt_snapshot *s, const struct pktt_chain *chain)
{
	return chain_name_at(chain, s->gen);
}
