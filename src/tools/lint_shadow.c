/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadowed rules: all that a rule could match, an earlier rule of its chain has matched and
 * decided.
 *
 * A covers B if every condition of A is one that B's packets fulfil: the same match with equal
 * arguments, or a plain condition that contains B's (a wider prefix, port range, interface
 * pattern). Matches that count, roll dice or look at the clock cover nothing.
 */
#include "base/own.h"
#include "tools/lint.h"

#include <stdlib.h>
#include <string.h>

/* A rule is compared with so many deciding rules before it, so that long chains cost no squares. */
#define PAIRS_MAX 2000u

static bool prefix_contains(const struct pktt_prefix *a, const struct pktt_prefix *b)
{
	if (a->addr.len != b->addr.len)
		return false;
	for (unsigned int i = 0; i < a->addr.len; i++)
		if ((a->mask.byte[i] & ~b->mask.byte[i]) ||
		    (a->addr.byte[i] & a->mask.byte[i]) != (b->addr.byte[i] & a->mask.byte[i]))
			return false;
	return true;
}

static bool ifname_contains(const struct pktt_ifname *a, const struct pktt_ifname *b)
{
	size_t len = strnlen(a->name, sizeof(a->name));

	return len && a->name[len - 1] == '+' && strncmp(a->name, b->name, len - 1) == 0;
}

static bool range_contains(const struct pktt_range16 *a, const struct pktt_range16 *b)
{
	return a->min <= b->min && b->max <= a->max;
}

static bool value_contains(const struct pktt_param *p, const void *a, const void *b)
{
	const char *x = (const char *)a + p->offset, *y = (const char *)b + p->offset;

	if (p->type == &pktt_type_prefix)
		return prefix_contains((const void *)x, (const void *)y);
	if (p->type == &pktt_type_ifname)
		return ifname_contains((const void *)x, (const void *)y);
	if (p->type == &pktt_type_port_range)
		return range_contains((const void *)x, (const void *)y);
	return false;
}

/* Whether option n of a takes every packet that the same option of b does; both are given. */
static bool option_contains(const struct pktt_ext *ext, unsigned int n, const void *a,
			    const void *b)
{
	const struct pktt_param *p = &ext->params[n];

	if (pktt_negated(a, n) != pktt_negated(b, n))
		return false;
	if (memcmp((const char *)a + p->offset, (const char *)b + p->offset, p->size) == 0)
		return true;
	return !pktt_negated(a, n) && value_contains(p, a, b);
}

/* Whether arguments a take every packet that b do. What neither gives is any. */
static bool args_contain(const struct pktt_ext *ext, const void *a, const void *b)
{
	const struct pktt_args *x = a, *y = b;

	if (x->given & ~y->given)
		return false;
	for (uint64_t left = x->given; left; left &= left - 1)
		if (!option_contains(ext, (unsigned int)__builtin_ctzll(left), a, b))
			return false;
	return true;
}

/* A match whose answer is the packet's alone. */
static bool is_pure(const struct pktt_ext *ext)
{
	return ext->state_size == 0 && !ext->setup &&
	       !(ext->reads &
		 (PKTT_READS_TIME | PKTT_READS_RANDOM | PKTT_READS_OWN_STATE | PKTT_READS_HOST));
}

static bool use_covers(const struct pktt_use *a, const struct pktt_rule_spec *b)
{
	if (strcmp(a->ext->name, "comment") == 0)
		return true;
	if (!is_pure(a->ext))
		return false;
	for (unsigned int i = 0; i < b->nmatches; i++)
		if (b->match[i].ext == a->ext && args_contain(a->ext, a->args, b->match[i].args))
			return true;
	return false;
}

static bool covers(const struct pktt_rule_spec *a, const struct pktt_rule_spec *b)
{
	if (!args_contain(a->head.ext, a->head.args, b->head.args))
		return false;
	for (unsigned int i = 0; i < a->nmatches; i++)
		if (!use_covers(&a->match[i], b))
			return false;
	return true;
}

static void look_back(struct lint *lint, const struct pktt_rule *const *earlier, size_t n,
		      const struct pktt_rule *rule)
{
	for (size_t i = 0; i < n; i++)
		if (covers(earlier[i]->spec, rule->spec)) {
			lint_warn(lint, &rule->spec->place,
				  "no packet reaches this rule: the one in line %u takes all that "
				  "it could match",
				  earlier[i]->spec->place.line);
			return;
		}
}

static size_t count_rules(const struct pktt_chain *chain)
{
	size_t n = 0;

	for (const struct pktt_rule *r = NULL; (r = pktt_rule_next(chain, r));)
		n++;
	return n;
}

static void shadow_chain(struct lint *lint, struct pktt_chain *chain)
{
	size_t total = count_rules(chain), n = 0;
	PKTT_AUTO_FREE const struct pktt_rule **earlier =
		calloc(total + 1, sizeof(const struct pktt_rule *));

	for (const struct pktt_rule *r = NULL; earlier && (r = pktt_rule_next(chain, r));) {
		/* What an unconditional rule hides, lint_reach has told. */
		if (lint_is_unconditional(r) && lint_is_final(r, 0))
			return;
		look_back(lint, n > PAIRS_MAX ? earlier + n - PAIRS_MAX : earlier,
			  n > PAIRS_MAX ? PAIRS_MAX : n, r);
		if (lint_is_final(r, 0))
			earlier[n++] = r;
	}
	if (n > PAIRS_MAX)
		lint_warn(
			lint, NULL,
			"chain %s has %zu deciding rules: each was compared with the %u before it "
			"only",
			pktt_chain_name(chain), n, PAIRS_MAX);
}

void lint_shadow(struct lint *lint)
{
	lint_each_chain(lint, shadow_chain);
}
