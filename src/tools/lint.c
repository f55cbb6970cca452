/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/lint.h"

#include "desc/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void (*const lints[])(struct lint *lint) = {
	lint_inert, lint_interfaces, lint_reach,     lint_shadow,
	lint_graph, lint_families,   lint_lifelines,
};

void lint_run(struct lint *lint)
{
	for (size_t i = 0; i < sizeof(lints) / sizeof(lints[0]); i++)
		lints[i](lint);
}

void lint_fini(struct lint *lint)
{
	free(lint->warning);
	lint->warning = NULL;
	lint->nwarnings = lint->room = 0;
}

void lint_warn(struct lint *lint, const struct pktt_place *place, const char *fmt, ...)
{
	struct lint_warning *w;
	va_list ap;

	if (lint->nwarnings == lint->room) {
		size_t room = lint->room ? lint->room * 2 : 16;
		struct lint_warning *more = realloc(lint->warning, room * sizeof(*more));

		if (!more)
			return;
		lint->warning = more;
		lint->room = room;
	}
	w = &lint->warning[lint->nwarnings++];
	w->place = place ? *place : (struct pktt_place){ 0 };
	va_start(ap, fmt);
	vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
}

static int by_place(const void *a, const void *b)
{
	const struct lint_warning *x = a, *y = b;
	int file = strcmp(x->place.file ? x->place.file : "", y->place.file ? y->place.file : "");

	if (file)
		return file;
	if (x->place.line != y->place.line)
		return x->place.line < y->place.line ? -1 : 1;
	return (x->place.column > y->place.column) - (x->place.column < y->place.column);
}

void lint_sort(struct lint *lint)
{
	if (lint->nwarnings)
		qsort(lint->warning, lint->nwarnings, sizeof(lint->warning[0]), by_place);
}

void lint_each_chain(struct lint *lint, void (*fn)(struct lint *lint, struct pktt_chain *chain))
{
	for (struct pktt_table *t = NULL; (t = pktt_table_next(lint->engine, t));)
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			fn(lint, c);
}

void lint_each_rule(struct lint *lint, void (*fn)(struct lint *lint, struct pktt_rule *rule))
{
	for (struct pktt_table *t = NULL; (t = pktt_table_next(lint->engine, t));)
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			for (struct pktt_rule *r = NULL; (r = pktt_rule_next(c, r));)
				fn(lint, r);
}

struct pktt_chain *lint_jump(const struct pktt_rule *rule, unsigned int i, bool *is_goto)
{
	const struct pktt_use *use = &rule->spec->target[i];
	const struct pktt_jump_args *args = use->args;

	if (!(use->ext->flags & PKTT_EXT_JUMP))
		return NULL;
	*is_goto = args->is_goto;
	return pktt_chain_lookup(pktt_chain_table(rule->chain), args->chain);
}

bool lint_is_unconditional(const struct pktt_rule *rule)
{
	const struct pktt_args *head = rule->spec->head.args;

	/* A comment is no condition. */
	for (unsigned int i = 0; i < rule->spec->nmatches; i++)
		if (strcmp(rule->spec->match[i].ext->name, "comment") != 0)
			return false;
	return head->given == 0;
}

/* Deeper than this nobody nests; then nothing is claimed. */
#define DEPTH_MAX 32

bool lint_is_final(const struct pktt_rule *rule, unsigned int depth)
{
	for (unsigned int i = 0; i < rule->spec->ntargets; i++) {
		const struct pktt_ext *ext = rule->spec->target[i].ext;
		bool is_goto = false;
		struct pktt_chain *to = lint_jump(rule, i, &is_goto);

		if (to && (is_goto || lint_always_decides(to, depth + 1)))
			return is_goto || depth < DEPTH_MAX;
		if (strcmp(ext->name, "RETURN") == 0 || ext->flags & PKTT_EXT_TERMINAL)
			return true;
	}
	return false;
}

/* A RETURN or a goto ends the chain's rules but decides nothing for its caller. */
static bool decides(const struct pktt_rule *rule, unsigned int depth)
{
	for (unsigned int i = 0; i < rule->spec->ntargets; i++) {
		const struct pktt_ext *ext = rule->spec->target[i].ext;
		bool is_goto = false;
		struct pktt_chain *to = lint_jump(rule, i, &is_goto);

		if (to && lint_always_decides(to, depth + 1))
			return true;
		if (to && is_goto)
			return false;
		if (ext->flags & PKTT_EXT_TERMINAL && strcmp(ext->name, "RETURN") != 0)
			return true;
	}
	return false;
}

bool lint_may_leave(const struct pktt_rule *rule)
{
	for (unsigned int i = 0; i < rule->spec->ntargets; i++) {
		bool is_goto = false;

		if (strcmp(rule->spec->target[i].ext->name, "RETURN") == 0)
			return true;
		if (lint_jump(rule, i, &is_goto) && is_goto)
			return true;
	}
	return false;
}

bool lint_always_decides(const struct pktt_chain *chain, unsigned int depth)
{
	if (depth > DEPTH_MAX)
		return false;
	for (struct pktt_rule *r = NULL; (r = pktt_rule_next(chain, r));) {
		if (lint_is_unconditional(r) && decides(r, depth))
			return true;
		if (lint_may_leave(r))
			return false;
	}
	return false;
}
