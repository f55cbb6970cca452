/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules in chains: how they enter and leave, and how one is found among a million.
 *
 * Overview: the list is what readers walk. Beside it stand, for the writer, an index by handle (readers
 * may ask it, too), one by what the rule says and one by name, and a tree that counts, for numbers. The
 * tree has every rule of the list, and counts those of the writer's view; it is made when a chain has
 * become long enough to need it.
 *
 * What died leaves the indices by text and name at once, and comes back if the transaction is aborted, so
 * that adding and deleting one rule for ever finds no trace of itself. By handle a reader of the current
 * generation finds it until the commit: it stays there, and the newest stands first.
 *
 * Synchronization: writer only, but for rule_by_handle().
 */
#include "core/store.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A chain with fewer is walked. */
#define WALK_MOST 48u
#define WALK_BACK 8u
/* So many equal rules are told apart by their numbers; more are found soon from the front. */
#define EQUAL_MOST 16u

static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * UINT64_C(0xff51afd7ed558ccd);
	return a ^ a >> 32;
}

static uint64_t handle_hash(uint64_t handle)
{
	return handle << 8; /* they count up: each gets a bucket of its own */
}

static uint64_t spec_hash(const struct pktt_chain *chain, uint64_t hash)
{
	return mix(hash, (uintptr_t)chain);
}

static uint64_t name_hash(const struct pktt_chain *chain, const char *name)
{
	uint64_t h = (uintptr_t)chain;

	for (; *name; name++)
		h = mix(h, (uint8_t)*name);
	return h;
}

/* --- The writer's view ----------------------------------------------------------------------- */

void rule_recount(struct rule *rule)
{
	struct pktt_chain *chain = rule->pub.chain;
	struct pktt_engine *engine = chain->table->engine;
	uint64_t hash =
		rule->has_own_spec ? pktt_rule_spec_hash(rule->pub.spec) : rule->body->spec_hash;

	chain->nrules++;
	rank_set(&rule->rank, true);
	index_insert(&engine->by_spec, &rule->by_spec, spec_hash(chain, hash));
	if (rule->pub.spec->name[0])
		index_insert(&engine->by_name, &rule->by_name,
			     name_hash(chain, rule->pub.spec->name));
}

void rule_uncount(struct rule *rule)
{
	struct pktt_chain *chain = rule->pub.chain;
	struct pktt_engine *engine = chain->table->engine;

	chain->nrules--;
	rank_set(&rule->rank, false);
	index_remove(&engine->by_spec, &rule->by_spec);
	index_remove(&engine->by_name, &rule->by_name);
}

static int rank_build(struct pktt_chain *chain, uint64_t gen)
{
	list_for_each (n, &chain->rules) {
		struct rule *r = list_entry(n, struct rule, node);

		if (rank_insert(&chain->rank, &r->rank, NULL)) {
			list_for_each (m, &chain->rules)
				rank_remove(&chain->rank, &list_entry(m, struct rule, node)->rank);
			return -ENOMEM;
		}
		if (!life_is_at(&r->life, gen))
			rank_set(&r->rank, false);
	}
	return 0;
}

static int rank_enter(struct pktt_chain *chain, struct rule *rule, const struct list *at,
		      uint64_t gen)
{
	const struct rule *next =
		at == &chain->rules ? NULL : pktt_container_of_const(at, struct rule, node);

	if (!chain->rank.root && chain->nlinked < WALK_MOST)
		return 0;
	if (!chain->rank.root && rank_build(chain, gen))
		return -ENOMEM;
	return rank_insert(&chain->rank, &rule->rank, next ? &next->rank : NULL);
}

int rule_enter(struct pktt_txn *txn, struct rule *rule, struct list *at)
{
	struct pktt_chain *chain = rule->pub.chain;
	struct pktt_engine *engine = txn->engine;

	if (rank_enter(chain, rule, at, txn->gen)) {
		rule_free(rule);
		return -ENOMEM;
	}
	if (index_insert(&engine->by_handle, &rule->by_handle, handle_hash(rule->pub.handle)) ||
	    txn_born(txn, KIND_RULE, rule)) {
		rank_remove(&chain->rank, &rule->rank);
		index_remove(&engine->by_handle, &rule->by_handle);
		rule_free(rule);
		return -ENOMEM;
	}
	chain->nlinked++;
	list_insert_before(at, &rule->node);
	__atomic_store_n(&rule->life.born, txn->gen, __ATOMIC_RELEASE);
	rule_recount(rule);
	return 0;
}

int rule_leave(struct pktt_txn *txn, struct rule *rule)
{
	int r = txn_died(txn, KIND_RULE, rule);

	txn->has_jumps |= rule->njumps > 0;
	if (r == 0)
		rule_uncount(rule);
	return r;
}

void rule_unlink(struct rule *rule)
{
	struct pktt_chain *chain = rule->pub.chain;

	graph_unlink(rule);
	rank_remove(&chain->rank, &rule->rank);
	index_remove(&chain->table->engine->by_handle, &rule->by_handle);
	list_remove(&rule->node);
	chain->nlinked--;
}

/* --- By number ------------------------------------------------------------------------------- */

static uint64_t view(const struct pktt_chain *chain)
{
	return chain->table->engine->txn.gen;
}

static struct rule *of_rank(struct rank_item *item)
{
	return item ? list_entry(item, struct rule, rank) : NULL;
}

struct rule *rule_by_number(const struct pktt_chain *chain, uint32_t number)
{
	struct rule *r = NULL;

	if (number == 0 || number > chain->nrules)
		return NULL;
	if (chain->rank.root)
		return of_rank(rank_at(&chain->rank, number));
	do
		r = rule_next_at(chain, r, view(chain));
	while (r && --number > 0);
	return r;
}

/* How many of the writer's view stand up to it. */
uint32_t rule_number(const struct rule *rule)
{
	const struct pktt_chain *chain = rule->pub.chain;
	uint32_t n = 0;

	if (chain->rank.root)
		return rank_number(&rule->rank);
	for (struct list *l = list_next(&chain->rules);; l = list_next(l)) {
		const struct rule *r = list_entry(l, struct rule, node);

		n += life_is_at(&r->life, view(chain));
		if (r == rule)
			return n;
	}
}

/* Mostly the one before it is there; where many have died, counting finds it faster than walking. */
uint64_t rule_before(const struct rule *rule)
{
	const struct pktt_chain *chain = rule->pub.chain;
	const struct list *l = rule->node.prev;
	const struct rule *before;

	for (unsigned int i = 0; i < WALK_BACK; i++, l = l->prev) {
		if (l == &chain->rules)
			return 0;
		before = pktt_container_of_const(l, struct rule, node);
		if (life_is_at(&before->life, view(chain)))
			return before->pub.handle;
	}
	before = rule_by_number(chain, rule_number(rule) - life_is_at(&rule->life, view(chain)));
	return before ? before->pub.handle : 0;
}

uint32_t pktt_rule_position(const struct pktt_rule *rule)
{
	return rule_number(rule_of(rule));
}

/* --- By handle, name, text ------------------------------------------------------------------- */

struct rule *rule_by_handle(const struct pktt_engine *engine, uint64_t handle, uint64_t gen)
{
	uint64_t hash = handle_hash(handle);
	struct rule *found = NULL;
	uint32_t seq;

	do {
		seq = index_enter(&engine->by_handle);
		for (struct index_node *n = index_first(&engine->by_handle, hash); n && !found;
		     n = index_next(n)) {
			struct rule *r = list_entry(n, struct rule, by_handle);

			if (r->pub.handle == handle && life_is_at(&r->life, gen))
				found = r;
		}
	} while (!found && index_again(&engine->by_handle, seq));
	return found;
}

struct pktt_rule *pktt_rule_by_handle(const struct pktt_engine *engine, uint64_t handle)
{
	struct rule *r = rule_by_handle(engine, handle, pktt_engine_generation(engine));

	return r ? &r->pub : NULL;
}

static bool is_like(const struct rule *rule, const struct pktt_chain *chain, const void *spec)
{
	return rule->pub.chain == chain && pktt_rule_spec_equal(rule->pub.spec, spec);
}

static bool is_named(const struct rule *rule, const struct pktt_chain *chain, const void *name)
{
	return rule->pub.chain == chain && strcmp(rule->pub.spec->name, name) == 0;
}

struct search {
	const struct pktt_chain *chain;
	const void *what;
	bool (*is)(const struct rule *rule, const struct pktt_chain *chain, const void *what);
	uint64_t gen;
};

/* Many are equal: the first is not far. */
static struct rule *first_in_list(const struct search *s)
{
	struct rule *r = NULL;

	while ((r = rule_next_at(s->chain, r, s->gen)) && !s->is(r, s->chain, s->what))
		;
	return r;
}

static struct rule *first_of(const struct search *s, struct index_node *n, size_t offset)
{
	struct rule *first = NULL;
	unsigned int equal = 0;

	for (; n; n = index_next(n)) {
		struct rule *r = (void *)((char *)n - offset);

		if (!s->is(r, s->chain, s->what))
			continue;
		if (++equal > EQUAL_MOST)
			return first_in_list(s);
		if (!first || rule_number(r) < rule_number(first))
			first = r;
	}
	return first;
}

struct rule *rule_by_name(const struct pktt_chain *chain, const char *name, uint64_t gen)
{
	const struct search s = { chain, name, is_named, gen };

	return first_of(&s, index_first(&chain->table->engine->by_name, name_hash(chain, name)),
			offsetof(struct rule, by_name));
}

struct rule *rule_like(const struct pktt_chain *chain, const struct pktt_rule_spec *spec,
		       uint64_t gen)
{
	const struct search s = { chain, spec, is_like, gen };
	uint64_t hash = spec_hash(chain, pktt_rule_spec_hash(spec));

	return first_of(&s, index_first(&chain->table->engine->by_spec, hash),
			offsetof(struct rule, by_spec));
}
