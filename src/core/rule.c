/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules: a specification made ready to run.
 *
 * Overview: what runs - the uses of extensions with their state, the counters - is the rule's body; where
 * it stands, from which generation to which, is a place (struct rule). Most have one place. Moving one
 * makes another with the same body: readers of the generation before find it where it was, those of the
 * one after where it is, and its counters, handle and state go on.
 *
 * Life-cycle: rule_new() takes the specification and sets its extensions up; the transaction inserts it,
 * born at its generation; deleted it dies at a generation and passes through the limbo list. The body
 * goes with its last place.
 *
 * Memory: a rule is one allocation - body, first place, uses, states, jumps, counters - beside its
 * specification.
 */
#include "core/store.h"

#include "base/own.h"
#include "core/ext.h"
#include "desc/args.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

/* The parts of the one piece, in order. */
struct layout {
	size_t match, target, jump, hits, state, size;
};

static size_t align_up(size_t at)
{
	return (at + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
}

static unsigned int count_jumps(const struct pktt_rule_spec *spec)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < spec->ntargets; i++)
		n += (spec->target[i].ext->flags & PKTT_EXT_JUMP) != 0;
	return n;
}

static size_t states_size(const struct pktt_use *use, unsigned int n)
{
	size_t size = 0;

	for (unsigned int i = 0; i < n; i++)
		size += align_up(use[i].ext->state_size);
	return size;
}

static struct layout layout_of(const struct pktt_engine *engine, const struct pktt_rule_spec *spec)
{
	struct layout l;

	l.match = align_up(sizeof(struct rule_body));
	l.target = l.match + align_up(spec->nmatches * sizeof(struct use));
	l.jump = l.target + align_up(spec->ntargets * sizeof(struct use));
	l.hits = l.jump + align_up(count_jumps(spec) * sizeof(struct jump));
	l.state = l.hits + align_up(engine->config.workers * sizeof(struct hits));
	l.size = l.state + states_size(spec->match, spec->nmatches) +
		 states_size(spec->target, spec->ntargets);
	return l;
}

static char *uses_init(struct use *use, const struct pktt_use *of, unsigned int n, char *state)
{
	for (unsigned int i = 0; i < n; i++) {
		use[i].ext = of[i].ext;
		use[i].args = of[i].args;
		if (of[i].ext->state_size)
			use[i].state = state;
		state += align_up(of[i].ext->state_size);
	}
	return state;
}

static void jumps_init(struct rule *rule)
{
	unsigned int k = 0;

	for (unsigned int i = 0; k < rule->njumps; i++) {
		const struct pktt_jump_args *args = rule->target[i].args;

		if (!(rule->target[i].ext->flags & PKTT_EXT_JUMP))
			continue;
		rule->jump[k].rule = rule;
		rule->jump[k++].target = i;
		rule->target[i].is_jump = true;
		rule->target[i].is_goto = args->is_goto;
	}
}

/* The n-th use, matches first. */
static struct use *use_at(const struct rule *rule, unsigned int n)
{
	unsigned int nm = rule->pub.spec->nmatches;

	return n < nm ? &rule->match[n] : &rule->target[n - nm];
}

static int set_up(struct rule *rule, struct pktt_error *err)
{
	const struct pktt_rule_spec *spec = rule->pub.spec;
	struct rule_body *body = rule->body;

	for (unsigned int n = 0; n < spec->nmatches + spec->ntargets; n++) {
		struct use *u = use_at(rule, n);
		int r = u->ext->setup ? u->ext->setup(body->engine, u->args, u->state, err) : 0;

		if (r) {
			const struct pktt_use *of = n < spec->nmatches
							    ? &spec->match[n]
							    : &spec->target[n - spec->nmatches];
			if (err && err->place.line == 0)
				err->place = of->place;
			return r;
		}
		body->nset_up = n + 1;
	}
	return 0;
}

static void tear_down(struct rule_body *body)
{
	while (body->nset_up > 0) {
		struct use *u = use_at(&body->first, --body->nset_up);

		if (u->ext->teardown)
			u->ext->teardown(body->engine, u->args, u->state);
	}
}

static void body_put(struct rule_body *body)
{
	if (--body->places)
		return;
	tear_down(body);
	pktt_rule_spec_free(&body->spec);
	free(body);
}

void rule_free(struct rule *rule)
{
	struct rule_body *body = rule->body;

	if (rule->has_own_spec)
		pktt_rule_spec_free(&rule->pub.spec);
	if (rule != &body->first)
		free(rule);
	body_put(body);
}

static struct rule_body *body_new(struct pktt_chain *chain, struct pktt_rule_spec *spec)
{
	struct pktt_engine *engine = chain->table->engine;
	struct layout l = layout_of(engine, spec);
	struct rule_body *body = calloc(1, l.size);
	char *at = (char *)body;
	struct rule *rule;

	if (!body)
		return NULL;
	rule = &body->first;
	body->engine = engine;
	body->spec = spec;
	body->spec_hash = pktt_rule_spec_hash(spec);
	body->places = 1;
	rule->body = body;
	rule->pub.spec = spec;
	rule->pub.chain = chain;
	rule->life = (struct life){ LIFE_NEVER, LIFE_NEVER };
	rule->match = (void *)(at + l.match);
	rule->target = (void *)(at + l.target);
	rule->jump = (void *)(at + l.jump);
	rule->njumps = count_jumps(spec);
	rule->hits = (void *)(at + l.hits);
	uses_init(rule->target, spec->target, spec->ntargets,
		  uses_init(rule->match, spec->match, spec->nmatches, at + l.state));
	jumps_init(rule);
	return body;
}

/* Takes *spec on success only. */
int rule_new(struct pktt_chain *chain, struct pktt_rule_spec **spec, struct rule **ret,
	     struct pktt_error *err)
{
	struct rule_body *body = body_new(chain, *spec);
	int r;

	if (!body)
		return pktt_fail(err, -ENOMEM, "no memory for a rule");
	r = set_up(&body->first, err);
	if (r) {
		tear_down(body);
		free(body);
		return r;
	}
	*spec = NULL;
	*ret = &body->first;
	return 0;
}

int rule_twin(struct rule *rule, struct pktt_rule_spec **spec, struct rule **ret)
{
	struct rule *twin = calloc(1, sizeof(*twin) + rule->njumps * sizeof(struct jump));

	if (!twin)
		return -ENOMEM;
	twin->pub = rule->pub;
	twin->life = (struct life){ LIFE_NEVER, LIFE_NEVER };
	twin->match = rule->match;
	twin->target = rule->target;
	twin->hits = rule->hits;
	twin->body = rule->body;
	twin->jump = (void *)(twin + 1);
	twin->njumps = rule->njumps;
	if (!*spec && rule->has_own_spec && pktt_rule_spec_copy(spec, rule->pub.spec)) {
		free(twin);
		return -ENOMEM;
	}
	if (*spec) {
		twin->pub.spec = pktt_take(spec);
		twin->has_own_spec = true;
	}
	twin->body->places++;
	for (unsigned int i = 0; i < twin->njumps; i++) {
		twin->jump[i] = (struct jump){ .rule = twin, .target = rule->jump[i].target };
		if (rule->jump[i].is_linked)
			graph_link(&twin->jump[i], rule->jump[i].to);
	}
	*ret = twin;
	return 0;
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

const struct rule *rule_of(const struct pktt_rule *pub)
{
	return pktt_container_of_const(pub, struct rule, pub);
}

struct pktt_rule *pktt_rule_next(const struct pktt_chain *chain, const struct pktt_rule *after)
{
	struct rule *r = rule_next_at(chain, after ? rule_of(after) : NULL,
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

uint64_t pktt_rule_last_hit(const struct pktt_rule *rule)
{
	const struct rule *r = rule_of(rule);
	uint64_t last = 0;

	for (unsigned int i = 0; i < r->body->engine->config.workers; i++) {
		uint64_t t = __atomic_load_n(&r->hits[i].last_ns, __ATOMIC_RELAXED);

		last = t > last ? t : last;
	}
	return last;
}
