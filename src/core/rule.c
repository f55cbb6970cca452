/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules: a specification made ready to run, and its place in a chain.
 *
 * Life-cycle: rule_new() takes the specification and sets its extensions up; the transaction
 * inserts it, born at its generation; deleted it dies at a generation and passes through the limbo
 * list.
 */
#include "core/store.h"

#include "base/own.h"
#include "core/ext.h"
#include "desc/args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int use_init(struct use *use, const struct pktt_use *of)
{
	use->ext = of->ext;
	use->args = of->args;
	if (of->ext->state_size == 0)
		return 0;
	use->state = calloc(1, of->ext->state_size);
	return use->state ? 0 : -ENOMEM;
}

static struct use *uses_new(const struct pktt_use *of, unsigned int n)
{
	struct use *use = calloc(n + 1, sizeof(*use));

	for (unsigned int i = 0; use && i < n; i++)
		if (use_init(&use[i], &of[i])) {
			while (i-- > 0)
				free(use[i].state);
			free(use);
			return NULL;
		}
	return use;
}

static void uses_free(struct use *use, unsigned int n)
{
	for (unsigned int i = 0; use && i < n; i++)
		free(use[i].state);
	free(use);
}

static unsigned int count_jumps(const struct pktt_rule_spec *spec)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < spec->ntargets; i++)
		n += (spec->target[i].ext->flags & PKTT_EXT_JUMP) != 0;
	return n;
}

static void jumps_init(struct rule *rule)
{
	unsigned int k = 0;

	for (unsigned int i = 0; i < rule->pub.spec->ntargets; i++) {
		const struct pktt_jump_args *args = rule->target[i].args;

		if (!(rule->target[i].ext->flags & PKTT_EXT_JUMP))
			continue;
		rule->jump[k].rule = rule;
		rule->jump[k].target = i;
		rule->target[i].jump = &rule->jump[k++];
		rule->target[i].is_goto = args->is_goto;
	}
}

/* The n-th use, matches first. */
static struct use *use_at(const struct rule *rule, unsigned int n)
{
	unsigned int nm = rule->pub.spec->nmatches;

	return n < nm ? &rule->match[n] : &rule->target[n - nm];
}

static int set_up(struct pktt_engine *engine, struct rule *rule, struct pktt_error *err)
{
	const struct pktt_rule_spec *spec = rule->pub.spec;

	for (unsigned int n = 0; n < spec->nmatches + spec->ntargets; n++) {
		struct use *u = use_at(rule, n);
		int r = u->ext->setup ? u->ext->setup(engine, u->args, u->state, err) : 0;

		if (r) {
			const struct pktt_use *of = n < spec->nmatches
							    ? &spec->match[n]
							    : &spec->target[n - spec->nmatches];
			if (err && err->place.line == 0)
				err->place = of->place;
			return r;
		}
		rule->nset_up = n + 1;
	}
	return 0;
}

static void tear_down(struct rule *rule)
{
	struct pktt_engine *engine = rule->pub.chain->table->engine;

	while (rule->nset_up > 0) {
		struct use *u = use_at(rule, --rule->nset_up);

		if (u->ext->teardown)
			u->ext->teardown(engine, u->args, u->state);
	}
}

/* All of it but the specification. */
static void rule_release(struct rule *rule)
{
	const struct pktt_rule_spec *spec = rule->pub.spec;

	tear_down(rule);
	uses_free(rule->match, spec->nmatches);
	uses_free(rule->target, spec->ntargets);
	free(rule->jump);
	free(rule->hits);
	free(rule);
}

void rule_free(struct rule *rule)
{
	struct pktt_rule_spec *spec = rule->pub.spec;

	rule_release(rule);
	pktt_rule_spec_free(&spec);
}

static struct rule *rule_alloc(const struct pktt_engine *engine, const struct pktt_rule_spec *spec)
{
	struct rule *rule = calloc(1, sizeof(*rule));

	if (!rule)
		return NULL;
	rule->njumps = count_jumps(spec);
	rule->match = uses_new(spec->match, spec->nmatches);
	rule->target = uses_new(spec->target, spec->ntargets);
	rule->jump = calloc(rule->njumps + 1, sizeof(*rule->jump));
	rule->hits = calloc(engine->config.workers, sizeof(*rule->hits));
	if (rule->match && rule->target && rule->jump && rule->hits)
		return rule;
	uses_free(rule->match, spec->nmatches);
	uses_free(rule->target, spec->ntargets);
	free(rule->jump);
	free(rule->hits);
	free(rule);
	return NULL;
}

/* Takes *spec on success only. */
int rule_new(struct pktt_chain *chain, struct pktt_rule_spec **spec, struct rule **ret,
	     struct pktt_error *err)
{
	struct pktt_engine *engine = chain->table->engine;
	struct rule *rule = rule_alloc(engine, *spec);
	int r;

	if (!rule)
		return pktt_fail(err, -ENOMEM, "no memory for a rule");
	rule->pub.spec = *spec;
	rule->pub.chain = chain;
	rule->life = (struct life){ LIFE_NEVER, LIFE_NEVER };
	jumps_init(rule);
	r = set_up(engine, rule, err);
	if (r) {
		rule_release(rule);
		return r;
	}
	*spec = NULL;
	*ret = rule;
	return 0;
}

void rule_unlink(struct rule *rule)
{
	graph_unlink(rule);
	list_remove(&rule->node);
}

struct rule *rule_next_at(const struct pktt_chain *chain, const struct rule *after, uint64_t gen)
{
	struct list *n = list_next(after ? &after->node : &chain->rules);

	for (; n != &chain->rules; n = list_next(n)) {
		struct rule *r = list_entry(n, struct rule, node);

		if (life_is_at(&r->life, gen))
			return r;
	}
	return NULL;
}

struct rule *rule_by_number(const struct pktt_chain *chain, uint32_t number, uint64_t gen)
{
	struct rule *r = NULL;

	do
		r = rule_next_at(chain, r, gen);
	while (r && --number > 0);
	return r;
}

const struct rule *rule_of(const struct pktt_rule *pub)
{
	return pktt_container_of_const(pub, struct rule, pub);
}

uint64_t rule_before(const struct rule *rule, uint64_t gen)
{
	const struct list *head = &rule->pub.chain->rules;

	for (struct list *n = rule->node.prev; n != head; n = n->prev) {
		const struct rule *r = list_entry(n, struct rule, node);

		if (life_is_at(&r->life, gen))
			return r->pub.handle;
	}
	return 0;
}

static struct rule *find_in_table(const struct pktt_table *table, uint64_t handle, uint64_t gen)
{
	for (struct pktt_chain *c = NULL; (c = chain_next_at(table, c, gen));)
		for (struct rule *r = NULL; (r = rule_next_at(c, r, gen));)
			if (r->pub.handle == handle)
				return r;
	return NULL;
}

struct rule *rule_by_handle(const struct pktt_engine *engine, uint64_t handle, uint64_t gen)
{
	struct rule *r = NULL;

	for (struct pktt_table *t = NULL; !r && (t = table_next_at(engine, t, gen));)
		r = find_in_table(t, handle, gen);
	return r;
}

struct pktt_rule *pktt_rule_by_handle(const struct pktt_engine *engine, uint64_t handle)
{
	struct rule *r = rule_by_handle(engine, handle, pktt_engine_generation(engine));

	return r ? &r->pub : NULL;
}

uint32_t pktt_rule_position(const struct pktt_rule *rule)
{
	uint64_t gen = pktt_engine_generation(rule->chain->table->engine);
	uint32_t n = 0;

	for (struct rule *r = NULL; (r = rule_next_at(rule->chain, r, gen)) && ++n;)
		if (&r->pub == rule)
			return n;
	return 0;
}

struct pktt_rule *pktt_rule_next(const struct pktt_chain *chain, const struct pktt_rule *after)
{
	struct rule *r =
		rule_next_at(chain, after ? pktt_container_of_const(after, struct rule, pub) : NULL,
			     pktt_engine_generation(chain->table->engine));

	return r ? &r->pub : NULL;
}

void pktt_chain_number(struct pktt_chain *chain)
{
	uint64_t gen = pktt_engine_generation(chain->table->engine);
	uint32_t number = 0;

	if (chain->numbered == gen + 1)
		return;
	for (struct rule *r = NULL; (r = rule_next_at(chain, r, gen));)
		r->pub.number = ++number;
	chain->numbered = gen + 1;
}
