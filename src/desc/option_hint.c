/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/option_hint.h"

#include "base/distance.h"
#include "desc/args.h"
#include "desc/catalog.h"
#include "desc/command.h"
#include "desc/family.h"
#include "desc/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The nearest spelling so far, and who has it. */
struct nearest {
	const struct pktt_ext *ext;
	const char *name;
	size_t distance;
};

static void consider(struct nearest *best, const struct pktt_ext *ext, enum pktt_family family,
		     const char *name)
{
	const char *found = ext ? pktt_args_suggest(ext, family, name) : NULL;
	size_t dist = found ? distance(name, strlen(name), found, strlen(found)) : 0;

	if (found && (!best->name || dist < best->distance))
		*best = (struct nearest){ ext, found, dist };
}

static struct nearest find_nearest(const struct pktt_rule_spec *rule,
				   const struct pktt_ext *implied, const char *name)
{
	struct nearest best = { NULL, NULL, 0 };

	if (rule->ntargets)
		consider(&best, rule->target[rule->ntargets - 1].ext, rule->family, name);
	for (unsigned int i = rule->nmatches; i > 0; i--)
		consider(&best, rule->match[i - 1].ext, rule->family, name);
	consider(&best, implied, rule->family, name);
	consider(&best, rule->head.ext, rule->family, name);
	return best;
}

static const char *kind_name(const struct pktt_ext *ext)
{
	return ext->kind == PKTT_KIND_TARGET ? "target" : "match";
}

/* " for match tcp", or nothing where the family's own options are meant. */
static void put_context(const struct pktt_ext *ext, char *buf, size_t room)
{
	buf[0] = '\0';
	if (ext && ext->kind != PKTT_KIND_HEAD && !(ext->flags & PKTT_EXT_JUMP))
		snprintf(buf, room, " for %s %s", kind_name(ext), ext->name);
}

/* Which extensions have the option: "tcp, udp"; at most four. */
static unsigned int find_homes(const struct pktt_catalog *cat, enum pktt_family family,
			       const struct option *opt, char *buf, size_t room)
{
	const struct pktt_ext *ext;
	unsigned int found = 0, n;
	size_t len = 0;

	for (size_t i = 0; found < 4 && (ext = pktt_catalog_at(cat, i)); i++) {
		if (ext->kind == PKTT_KIND_HEAD || ext->kind == PKTT_KIND_SET ||
		    !(ext->families & PKTT_FAM(family)))
			continue;
		if (pktt_args_lookup(ext, family, opt->name, opt->len, &n) || len >= room)
			continue;
		len += (size_t)snprintf(buf + len, room - len, "%s%s %s", found ? ", " : "",
					kind_name(ext), ext->name);
		found++;
	}
	return found;
}

/* An option after -j NAME where NAME is no target: most likely it should have been one. */
static int hint_target(const struct pktt_catalog *cat, const struct pktt_rule_spec *rule,
		       const char *chain, const char *spelled, struct pktt_error *err)
{
	const char *meant = pktt_catalog_suggest(cat, PKTT_KIND_TARGET, chain, rule->family);

	if (meant)
		return pktt_fail(err, -EINVAL,
				 "unknown option %s: %.32s is no target, but %s is one", spelled,
				 chain, meant);
	return pktt_fail(err, -EINVAL, "unknown option %s: there is no target %.32s", spelled,
			 chain);
}

/* The chain that the last target jumps to, or NULL. */
static const char *jumps_to(const struct pktt_rule_spec *rule)
{
	const struct pktt_use *last = rule->ntargets ? &rule->target[rule->ntargets - 1] : NULL;

	if (!last || !(last->ext->flags & PKTT_EXT_JUMP))
		return NULL;
	return ((const struct pktt_jump_args *)last->args)->chain;
}

int option_hint(const struct pktt_catalog *cat, const struct pktt_rule_spec *rule,
		const struct pktt_ext *context, const struct pktt_ext *implied,
		const struct option *opt, struct pktt_error *err)
{
	char spelled[64], where[80], homes[128], name[64];
	const char *chain = jumps_to(rule);
	struct nearest best;

	words_spell(opt, spelled, sizeof(spelled));
	put_context(context, where, sizeof(where));
	if (opt->letter)
		return pktt_fail(err, -EINVAL, "unknown option %s", spelled);
	snprintf(name, sizeof(name), "%s", spelled + 2);
	best = find_nearest(rule, implied, name);
	if (best.name) {
		put_context(best.ext, where, sizeof(where));
		return pktt_fail(err, -EINVAL, "unknown option %s%s; did you mean --%s?", spelled,
				 where, best.name);
	}
	if (chain)
		return hint_target(cat, rule, chain, spelled, err);
	if (find_homes(cat, rule->family, opt, homes, sizeof(homes)))
		return pktt_fail(err, -EINVAL, "unknown option %s%s; it belongs to %s", spelled,
				 where, homes);
	return pktt_fail(err, -EINVAL, "unknown option %s%s", spelled, where);
}

int option_hint_match(const struct pktt_catalog *cat, const char *name, enum pktt_family family,
		      struct pktt_error *err)
{
	const char *meant = pktt_catalog_suggest(cat, PKTT_KIND_MATCH, name, family);

	for (int f = 0; f < PKTT_FAMILY_COUNT; f++)
		if (pktt_catalog_lookup(cat, PKTT_KIND_MATCH, name, (enum pktt_family)f))
			return pktt_fail(err, -ENOENT, "match %.60s is not for family %s", name,
					 pktt_family_name(family));
	if (meant)
		return pktt_fail(err, -ENOENT, "there is no match %.60s; did you mean %s?", name,
				 meant);
	return pktt_fail(err, -ENOENT, "there is no match %.60s", name);
}
