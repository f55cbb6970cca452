/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chains whose jumps multiply: a packet that matches nothing may meet a chain once for every way
 * that leads to it. Harmless in small numbers; doubled at each of ten levels it stops a router.
 */
#include "tools/lint.h"

#include <inttypes.h>
#include <stdlib.h>

/* Told of when a packet may meet this many rules, and this many times more than the table has. */
#define STEPS_MAX  10000u
#define FACTOR_MAX 8u

/* Rules that a packet meets at worst in each chain of a table; found once per chain. */
struct cost {
	const struct pktt_chain *chain;
	uint64_t steps;
};

struct costs {
	struct cost *item;
	size_t n, room;
};

static const struct cost *find(const struct costs *costs, const struct pktt_chain *chain)
{
	for (size_t i = costs->n; i-- > 0;)
		if (costs->item[i].chain == chain)
			return &costs->item[i];
	return NULL;
}

static void keep(struct costs *costs, const struct pktt_chain *chain, uint64_t steps)
{
	if (costs->n == costs->room) {
		size_t room = costs->room ? costs->room * 2 : 32;
		struct cost *more = realloc(costs->item, room * sizeof(*more));

		if (!more)
			return;
		costs->item = more;
		costs->room = room;
	}
	costs->item[costs->n++] = (struct cost){ chain, steps };
}

/* Loops were refused at commit, so this ends; saturates instead of overflowing. */
static uint64_t steps_of(struct costs *costs, const struct pktt_chain *chain)
{
	const struct cost *known = find(costs, chain);
	uint64_t steps = 0;

	if (known)
		return known->steps;
	for (const struct pktt_rule *r = NULL; (r = pktt_rule_next(chain, r));) {
		steps++;
		for (unsigned int i = 0; i < r->spec->ntargets; i++) {
			bool is_goto;
			const struct pktt_chain *to = lint_jump(r, i, &is_goto);

			if (to)
				steps += steps_of(costs, to);
		}
		if (steps > UINT32_MAX)
			steps = UINT32_MAX;
	}
	keep(costs, chain, steps);
	return steps;
}

static uint64_t rules_of(const struct pktt_table *table)
{
	uint64_t n = 0;

	for (const struct pktt_chain *c = NULL; (c = pktt_chain_next(table, c));)
		for (const struct pktt_rule *r = NULL; (r = pktt_rule_next(c, r));)
			n++;
	return n;
}

static void graph_table(struct lint *lint, const struct pktt_table *table)
{
	uint64_t rules = rules_of(table);
	struct costs costs = { 0 };

	for (const struct pktt_chain *c = NULL; (c = pktt_chain_next(table, c));) {
		uint64_t steps = pktt_chain_is_base(c) ? steps_of(&costs, c) : 0;

		if (steps > STEPS_MAX && steps / FACTOR_MAX > rules)
			lint_warn(lint, &pktt_rule_next(c, NULL)->spec->place,
				  "jumps multiply: a packet in %s may meet %s%" PRIu64
				  " rules, the table has %" PRIu64,
				  pktt_chain_name(c), steps >= UINT32_MAX ? "more than " : "",
				  steps, rules);
	}
	free(costs.item);
}

void lint_graph(struct lint *lint)
{
	for (struct pktt_table *t = NULL; (t = pktt_table_next(lint->engine, t));)
		graph_table(lint, t);
}
