/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: what is dead for every generation from now on, and how it leaves.
 *
 * Synchronization: writer only. A batch of readers loads its generation inside one read side, so
 * after the first grace period nobody looks at a generation in which the object was alive, and it
 * can be unlinked; a reader may still stand on it. After the second grace period nobody does, and
 * it is freed. Draining waits until a batch is worth the two waits.
 */
#include "core/set.h"
#include "core/store.h"

#include <errno.h>
#include <stdlib.h>
#include <urcu-qsbr.h>

#define LIMBO_BATCH 1024u

/* Without memory for the note, the object stays linked, invisible, until the engine goes. */
void limbo_add(struct pktt_engine *engine, enum kind kind, void *object)
{
	struct limbo *l = calloc(1, sizeof(*l));

	if (!l)
		return;
	l->kind = kind;
	l->object = object;
	list_insert_before(&engine->limbo, &l->node);
	engine->nlimbo++;
}

static void unlink_object(const struct limbo *l)
{
	struct pktt_table *table;

	switch (l->kind) {
	case KIND_RULE:
		rule_unlink(l->object);
		break;
	case KIND_CHAIN:
		chain_unlink(l->object);
		break;
	case KIND_TABLE:
		table = l->object;
		list_remove(&table->node);
		break;
	case KIND_POLICY: /* replaced by its owner */
	case KIND_HOOKS:
		break;
	}
}

static void free_object(const struct limbo *l)
{
	switch (l->kind) {
	case KIND_RULE:
		rule_free(l->object);
		break;
	case KIND_CHAIN:
		chain_free(l->object);
		break;
	case KIND_TABLE:
		table_free(l->object);
		break;
	case KIND_POLICY: /* alone: nobody follows a newer one's link to it any more */
	case KIND_HOOKS:
		free(l->object);
		break;
	}
}

/*
 * Rules go before the chain that they stand in, chains before their table: order of dying. What
 * unlinking adds (a base chain's array of hooks) waits for the next round.
 */
static void drain(struct pktt_engine *engine)
{
	struct set_retired *of_sets = pktt_set_reclaim(engine->sets);
	struct list batch = engine->limbo;

	if (list_is_empty(&engine->limbo) && !of_sets)
		return;
	if (list_is_empty(&engine->limbo))
		list_init(&batch);
	batch.next->prev = batch.prev->next = &batch;
	list_init(&engine->limbo);
	engine->nlimbo = 0;
	synchronize_rcu();
	list_for_each(n, &batch) unlink_object(list_entry(n, struct limbo, node));
	synchronize_rcu();
	list_for_each_safe(n, tmp, &batch)
	{
		struct limbo *l = list_entry(n, struct limbo, node);

		free_object(l);
		free(l);
	}
	pktt_set_reclaimed(of_sets);
}

void limbo_drain(struct pktt_engine *engine, bool all)
{
	if (all || engine->nlimbo >= LIMBO_BATCH || pktt_set_wants_reclaim(engine->sets))
		drain(engine);
}
