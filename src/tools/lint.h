/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `pktt check` warns of: rules that load but do not do what their writer hopes. Each lint is
 * one file and one line in lint.c. A lint warns of what is certain; it may miss, it must not cry
 * wolf.
 */
#ifndef TOOLS_LINT_H
#define TOOLS_LINT_H

#include "core/engine.h"

struct lint_warning {
	struct pktt_place place;
	char text[240];
};

struct lint {
	struct pktt_engine *engine;
	struct lint_warning *warning; /* in the order of finding */
	size_t nwarnings, room;
};

/* Run all lints. */
void lint_run(struct lint *lint);
/* By place: file, line, column. */
void lint_sort(struct lint *lint);
void lint_fini(struct lint *lint);

/* For the lints: */
void lint_warn(struct lint *lint, const struct pktt_place *place, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Run fn on every chain of every table; on every rule. */
void lint_each_chain(struct lint *lint, void (*fn)(struct lint *lint, struct pktt_chain *chain));
void lint_each_rule(struct lint *lint, void (*fn)(struct lint *lint, struct pktt_rule *rule));
/* The chain that the rule's target number i jumps or goes to, or NULL. */
struct pktt_chain *lint_jump(const struct pktt_rule *rule, unsigned int i, bool *is_goto);
/*
 * Whether every packet that meets the chain's rules gets a verdict there (never falls off its
 * end).
 */
bool lint_always_decides(const struct pktt_chain *chain, unsigned int depth);
/* Whether the rule gives every packet that its conditions hit a verdict. */
bool lint_is_final(const struct pktt_rule *rule, unsigned int depth);
/* Whether it has a RETURN or a goto, so that packets leave its chain there. */
bool lint_may_leave(const struct pktt_rule *rule);
/* Whether it has no condition at all. */
bool lint_is_unconditional(const struct pktt_rule *rule);

void lint_inert(struct lint *lint);	 /* extensions that never do anything here */
void lint_interfaces(struct lint *lint); /* -o where nothing leaves, -i where nothing comes in */
void lint_reach(struct lint *lint);	 /* rules and chains that no packet meets */
void lint_shadow(struct lint *lint);	 /* rules whose packets an earlier rule has taken */
void lint_graph(struct lint *lint);	 /* chains whose jumps multiply */
void lint_families(struct lint *lint);	 /* IPv6 left open beside a closed IPv4 */
void lint_lifelines(struct lint *lint);	 /* neighbour discovery, packet too big refused */

#endif
