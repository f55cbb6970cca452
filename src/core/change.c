/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: changes are noted while a transaction makes them, if a listener wants them, and told when
 * they have become visible. Notes and their texts stand in the transaction's arena. What they point at
 * cannot be freed before: the transaction holds the engine's lock, and dying takes two grace periods.
 */
#include "core/store.h"

#include <errno.h>
#include <string.h>

int pktt_engine_listen(struct pktt_engine *engine, const struct pktt_change_listener *listener)
{
	int r = -ENOSPC;

	pthread_mutex_lock(&engine->lock);
	if (engine->nlisteners < LISTENERS_MAX) {
		engine->listener[engine->nlisteners++] = *listener;
		r = 0;
	}
	pthread_mutex_unlock(&engine->lock);
	return r;
}

void pktt_engine_unlisten(struct pktt_engine *engine, const void *ctx)
{
	unsigned int kept = 0;

	pthread_mutex_lock(&engine->lock);
	for (unsigned int i = 0; i < engine->nlisteners; i++)
		if (engine->listener[i].ctx != ctx)
			engine->listener[kept++] = engine->listener[i];
	engine->nlisteners = kept;
	pthread_mutex_unlock(&engine->lock);
}

void pktt_txn_set_user(struct pktt_txn *txn, void *user)
{
	txn->user = user;
}

uint64_t pktt_txn_generation(const struct pktt_txn *txn)
{
	return txn->gen;
}

void change_begin(struct pktt_txn *txn)
{
	const struct pktt_engine *engine = txn->engine;

	for (unsigned int i = 0; i < engine->nlisteners; i++) {
		const struct pktt_change_listener *l = &engine->listener[i];

		if (l->change && (!l->wants || l->wants(l->ctx)))
			txn->wanted |= 1u << i;
	}
}

bool change_is_wanted(const struct pktt_txn *txn)
{
	return txn->wanted && !txn->is_quiet;
}

static int keep(struct pktt_txn *txn, const char **text)
{
	if (*text)
		*text = arena_text(&txn->arena, *text);
	return *text ? 0 : -ENOMEM;
}

int change_note(struct pktt_txn *txn, const struct pktt_change *change)
{
	struct note *n;

	txn->nchanges += !txn->is_quiet;
	if (!change_is_wanted(txn))
		return 0;
	n = arena_take(&txn->arena, sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct note){ .change = *change };
	if ((change->set && keep(txn, &n->change.set)) ||
	    (change->text && keep(txn, &n->change.text)))
		return -ENOMEM;
	*(txn->last_note ? &txn->last_note->newer : &txn->notes) = n;
	txn->last_note = n;
	return 0;
}

int change_table(struct pktt_txn *txn, enum pktt_change_kind kind, const struct pktt_table *table)
{
	struct pktt_change c = { .kind = kind, .table = table };

	return change_note(txn, &c);
}

int change_chain(struct pktt_txn *txn, enum pktt_change_kind kind, const struct pktt_chain *chain)
{
	struct pktt_change c = { .kind = kind, .table = chain->table, .chain = chain };

	return change_note(txn, &c);
}

int change_rule(struct pktt_txn *txn, enum pktt_change_kind kind, const struct rule *rule,
		const struct rule *old)
{
	struct pktt_change c = {
		.kind = kind,
		.table = rule->pub.chain->table,
		.chain = rule->pub.chain,
		.rule = &rule->pub,
		.old = old ? &old->pub : NULL,
	};

	if (change_is_wanted(txn) && kind != PKTT_CHANGE_ZERO)
		c.after = rule_before(rule);
	return change_note(txn, &c);
}

int change_set(struct pktt_txn *txn, enum pktt_change_kind kind, const char *set, const char *text)
{
	struct pktt_change c = { .kind = kind, .set = set, .text = text };

	return change_note(txn, &c);
}

static void tell_one(const struct pktt_change_listener *l, const struct pktt_txn *txn, bool wants)
{
	for (const struct note *n = txn->notes; wants && n; n = n->newer)
		l->change(l->ctx, &n->change, txn->gen, txn->user);
	if (l->committed)
		l->committed(l->ctx, txn->gen, txn->nchanges, txn->user);
}

void change_tell(struct pktt_txn *txn)
{
	for (unsigned int i = 0; i < txn->engine->nlisteners; i++)
		tell_one(&txn->engine->listener[i], txn, txn->wanted >> i & 1);
}
