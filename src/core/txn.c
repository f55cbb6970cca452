/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: a transaction is a writer's view at generation current + 1. Objects enter and leave
 * with that number written into their lives, which no reader looks at before commit stores it: one
 * store makes everything visible at one instant, in all tables of all families.
 *
 * Life-cycle: begin locks the engine; changes note how to take them back; commit verifies, stores
 * the generation and hands the dead to the limbo list; abort walks the notes backwards.
 *
 * Synchronization: readers load the generation with acquire, commit stores it with release; lives
 * are written before. An aborted object has the life [never, never) and leaves through the limbo
 * list too, since a reader may be stepping over it.
 */
#include "core/set.h"
#include "core/store.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct life *life_of(enum kind kind, void *object)
{
	switch (kind) {
	case KIND_RULE:
		return &((struct rule *)object)->life;
	case KIND_CHAIN:
		return &((struct pktt_chain *)object)->life;
	case KIND_TABLE:
		return &((struct pktt_table *)object)->life;
	case KIND_POLICY:
	case KIND_NAME:
	case KIND_HOOKS:
		break;
	}
	return NULL;
}

static struct limbo *limbo_of(enum kind kind, void *object)
{
	switch (kind) {
	case KIND_RULE:
		return &((struct rule *)object)->limbo;
	case KIND_CHAIN:
		return &((struct pktt_chain *)object)->limbo;
	case KIND_TABLE:
		return &((struct pktt_table *)object)->limbo;
	case KIND_POLICY:
		return &((struct policy *)object)->limbo;
	case KIND_NAME:
		return &((struct chain_name *)object)->limbo;
	case KIND_HOOKS:
		break;
	}
	return &((struct hooks *)object)->limbo;
}

int txn_undo(struct pktt_txn *txn, enum undo_what what, enum kind kind, void *object)
{
	struct undo *u = arena_take(&txn->arena, sizeof(*u));

	if (!u)
		return -ENOMEM;
	/* Asked now, while the rule is in the cache. */
	*u = (struct undo){ txn->undo, what, kind, object,
			    kind == KIND_RULE && rule_is_stateful(object) };
	txn->undo = u;
	return 0;
}

int txn_born(struct pktt_txn *txn, enum kind kind, void *object)
{
	return txn_undo(txn, UNDO_BORN, kind, object);
}

int txn_died(struct pktt_txn *txn, enum kind kind, void *object)
{
	int r = txn_undo(txn, UNDO_DIED, kind, object);

	if (r == 0)
		__atomic_store_n(&life_of(kind, object)->dies, txn->gen, __ATOMIC_RELEASE);
	return r;
}

static int pend(struct pktt_txn *txn, struct list *to, void *object, struct pktt_counters value)
{
	struct pending *p = arena_take(&txn->arena, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->object = object;
	p->value = value;
	list_insert_before(to, &p->node);
	return 0;
}

int txn_touch(struct pktt_txn *txn, struct rule *rule)
{
	txn->has_jumps |= rule->njumps > 0;
	return pend(txn, &txn->touched, rule, (struct pktt_counters){ 0 });
}

int txn_count(struct pktt_txn *txn, struct hits *hits, const struct pktt_counters *value)
{
	return pend(txn, &txn->counts, hits, *value);
}

struct pktt_engine *pktt_txn_engine(struct pktt_txn *txn)
{
	return txn->engine;
}

int pktt_txn_begin(struct pktt_txn **ret, struct pktt_engine *engine, struct pktt_error *err)
{
	struct pktt_txn *txn = &engine->txn;

	(void)err;
	pthread_mutex_lock(&engine->lock);
	*txn = (struct pktt_txn){ .engine = engine, .arena = txn->arena };
	txn->gen = engine->generation + 1;
	list_init(&txn->counts);
	list_init(&txn->touched);
	change_begin(txn);
	*ret = txn;
	return 0;
}

static void txn_end(struct pktt_txn **txn)
{
	struct pktt_engine *engine = (*txn)->engine;

	arena_empty(&(*txn)->arena);
	*txn = NULL;
	reclaim_step(engine);
	pthread_mutex_unlock(&engine->lock);
}

/* Readers of the generation before may still be looking at an older policy or name. */
static void bury(struct pktt_txn *txn, const struct undo *u)
{
	struct pktt_chain *chain = u->object;
	struct chain_name *name = u->object;

	switch (u->what) {
	case UNDO_BORN:
		break;
	case UNDO_DIED:
		limbo_add(txn->engine, limbo_of(u->kind, u->object), u->kind, txn->gen);
		break;
	case UNDO_POLICY:
		if (chain->policy->older)
			limbo_add(txn->engine, &chain->policy->older->limbo, KIND_POLICY, txn->gen);
		break;
	case UNDO_RENAME:
		limbo_add(txn->engine, &name->older->limbo, KIND_NAME, txn->gen);
		break;
	}
}

static void store_counters(const struct pktt_txn *txn)
{
	list_for_each (n, &txn->counts) {
		const struct pending *p = list_entry(n, struct pending, node);
		struct hits *h = p->object;

		for (unsigned int i = 0; i < txn->engine->config.workers; i++) {
			struct pktt_counters *c = &h[i].c;

			__atomic_store_n(&c->packets, i ? 0 : p->value.packets, __ATOMIC_RELAXED);
			__atomic_store_n(&c->bytes, i ? 0 : p->value.bytes, __ATOMIC_RELAXED);
		}
	}
}

/* A family is tracked from its first rule that needs it to its last. */
static void count_stateful(const struct pktt_txn *txn)
{
	for (const struct undo *u = txn->undo; u; u = u->older) {
		const struct rule *rule = u->object;
		uint32_t *n;

		if (!u->is_stateful)
			continue;
		n = &txn->engine->nstateful[rule->pub.chain->table->family];
		if (u->what == UNDO_BORN)
			__atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
		else if (u->what == UNDO_DIED)
			__atomic_fetch_sub(n, 1, __ATOMIC_RELAXED);
	}
}

/* Notes stand newest first; the dead must be buried in the order of dying. */
static void reverse(struct undo **list)
{
	struct undo *turned = NULL;

	while (*list) {
		struct undo *u = *list;

		*list = u->older;
		u->older = turned;
		turned = u;
	}
	*list = turned;
}

int pktt_txn_commit(struct pktt_txn **txn, struct pktt_errors *errs)
{
	struct pktt_engine *engine = (*txn)->engine;
	int r = verify_commit(*txn, errs);

	if (r == 0)
		r = pktt_set_txn_verify(*txn, errs);
	if (r) {
		pktt_txn_abort(txn);
		return r;
	}
	store_counters(*txn);
	count_stateful(*txn);
	__atomic_store_n(&engine->generation, (*txn)->gen, __ATOMIC_RELEASE);
	/* Who is told may look at what has just ended, sets included. */
	change_tell(*txn);
	pktt_set_txn_commit(engine->sets, (*txn)->gen);
	reverse(&(*txn)->undo);
	for (const struct undo *u = (*txn)->undo; u; u = u->older)
		bury(*txn, u);
	txn_end(txn);
	return 0;
}

static void undo_birth(struct pktt_txn *txn, const struct undo *u)
{
	struct life *life = life_of(u->kind, u->object);

	__atomic_store_n(&life->born, LIFE_NEVER, __ATOMIC_RELEASE);
	limbo_add(txn->engine, limbo_of(u->kind, u->object), u->kind, txn->gen);
}

static void undo_policy(struct pktt_txn *txn, struct pktt_chain *chain)
{
	struct policy *p = chain->policy;

	__atomic_store_n(&chain->policy, p->older, __ATOMIC_RELEASE);
	limbo_add(txn->engine, &p->limbo, KIND_POLICY, txn->gen);
}

static void undo_one(struct pktt_txn *txn, const struct undo *u)
{
	struct pktt_chain *chain = u->object;
	struct chain_name *name = u->object;

	switch (u->what) {
	case UNDO_BORN:
		if (u->kind == KIND_RULE)
			rule_uncount(u->object);
		undo_birth(txn, u);
		break;
	case UNDO_DIED:
		if (u->kind == KIND_RULE)
			rule_recount(u->object);
		__atomic_store_n(&life_of(u->kind, u->object)->dies, LIFE_NEVER, __ATOMIC_RELEASE);
		break;
	case UNDO_POLICY:
		undo_policy(txn, chain);
		break;
	case UNDO_RENAME:
		chain_unname(name->chain);
		limbo_add(txn->engine, &name->limbo, KIND_NAME, txn->gen);
		break;
	}
}

/* The hooks that reach a chain were kept in the transaction's view. */
static void restore_hooks(struct pktt_txn *txn)
{
	uint64_t serial = ++txn->engine->visits;

	txn->gen = txn->engine->generation;
	for (const struct undo *u = txn->undo; u; u = u->older) {
		const struct rule *rule = u->object;

		if (u->kind != KIND_RULE)
			continue;
		for (unsigned int i = 0; i < rule->njumps; i++)
			if (rule->jump[i].is_linked)
				graph_update_hooks(txn, rule->jump[i].to, serial);
	}
}

void pktt_txn_abort(struct pktt_txn **txn)
{
	if (!*txn)
		return;
	restore_hooks(*txn);
	for (const struct undo *u = (*txn)->undo; u; u = u->older)
		undo_one(*txn, u);
	pktt_set_txn_abort((*txn)->engine->sets);
	(*txn)->gen = (*txn)->engine->generation;
	txn_end(txn);
}
