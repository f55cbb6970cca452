/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules as iptables-save prints them: conditions of the head, matches with their -m, targets; what
 * only the native form has comes last, so that a rule without it is iptables' to the byte.
 */
#include "desc/command.h"

#include "base/str.h"
#include "desc/args.h"

#include <string.h>

/* Blank between two parts, if there is something before. */
static void separate(struct str *out, size_t start)
{
	if (out->len > start)
		str_putc(out, ' ');
}

/* Options with a blank before them, if there are any. */
static bool put_args(const struct pktt_rule_spec *rule, const struct pktt_use *use, struct str *out)
{
	size_t before = out->len, start;

	str_putc(out, ' ');
	start = out->len;
	pktt_args_print(use->ext, rule->family, use->args, out);
	if (out->len > start)
		return true;
	if (!out->failed) {
		out->len = before;
		out->data[before] = '\0';
	}
	return false;
}

/* ebtables' matches have no -m, unless only that tells two of them apart. */
static bool needs_name(const struct pktt_rule_spec *rule, unsigned int i)
{
	if (!(rule->match[i].ext->flags & PKTT_EXT_IMPLICIT))
		return true;
	for (unsigned int k = 0; k < i; k++)
		if (rule->match[k].ext == rule->match[i].ext)
			return true;
	return false;
}

static void put_named(struct str *out, const char *option, const char *name)
{
	str_puts(out, option);
	str_puts(out, name);
}

static void put_match(const struct pktt_rule_spec *rule, unsigned int i, size_t start,
		      struct str *out)
{
	const struct pktt_use *use = &rule->match[i];
	size_t before = out->len;

	if (needs_name(rule, i)) {
		separate(out, start);
		put_named(out, "-m ", use->ext->name);
		put_args(rule, use, out);
		return;
	}
	if (out->len == start) {
		pktt_args_print(use->ext, rule->family, use->args, out);
		if (out->len == start)
			str_putf(out, "-m %s", use->ext->name);
	} else if (!put_args(rule, use, out) && out->len == before) {
		str_putf(out, " -m %s", use->ext->name);
	}
}

static void put_target(const struct pktt_rule_spec *rule, const struct pktt_use *use,
		       struct str *out)
{
	const struct pktt_jump_args *jump = use->args;

	size_t before = out->len;

	if (use->ext->flags & PKTT_EXT_JUMP) {
		put_named(out, jump->is_goto ? "-g " : "-j ", jump->chain);
		return;
	}
	/* ebtables' watchers are written by their options alone. */
	if (use->ext->flags & PKTT_EXT_IMPLICIT)
		pktt_args_print(use->ext, rule->family, use->args, out);
	if (out->len > before)
		return;
	put_named(out, "-j ", use->ext->name);
	put_args(rule, use, out);
}

static bool has_param(const struct pktt_rule_spec *rule, const struct pktt_use *use,
		      const char *name)
{
	unsigned int n;

	return pktt_args_lookup(use->ext, rule->family, name, strlen(name), &n) == 0;
}

/* "--name", or the spelling that no match or target of the rule can take for its own. */
static const char *name_option(const struct pktt_rule_spec *rule)
{
	for (unsigned int i = 0; i < rule->nmatches; i++)
		if (has_param(rule, &rule->match[i], "name"))
			return "--rule-name";
	for (unsigned int i = 0; i < rule->ntargets; i++)
		if (has_param(rule, &rule->target[i], "name"))
			return "--rule-name";
	return "--name";
}

void pktt_rule_spec_print(const struct pktt_rule_spec *rule, struct str *out)
{
	size_t start = out->len;

	pktt_args_print(rule->head.ext, rule->family, rule->head.args, out);
	for (unsigned int i = 0; i < rule->nmatches; i++)
		put_match(rule, i, start, out);
	for (unsigned int i = 0; i < rule->ntargets; i++) {
		separate(out, start);
		put_target(rule, &rule->target[i], out);
	}
	if (rule->name[0]) {
		separate(out, start);
		str_putf(out, "%s %s", name_option(rule), rule->name);
	}
}
