/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6 left open when only IPv4 is ruled: most hosts speak both, and so do those who knock. */
#include "tools/lint.h"

#include <string.h>

static const enum pktt_hook guarded[] = { PKTT_LOCAL_IN, PKTT_FORWARD };

/* A chain that refuses something: by its policy, or by any rule that drops. */
static bool refuses(const struct pktt_chain *chain)
{
	if (pktt_chain_policy(chain) == PKTT_DROP)
		return true;
	for (const struct pktt_rule *r = NULL; (r = pktt_rule_next(chain, r));)
		for (unsigned int i = 0; i < r->spec->ntargets; i++)
			if (strcmp(r->spec->target[i].ext->name, "DROP") == 0 ||
			    strcmp(r->spec->target[i].ext->name, "REJECT") == 0)
				return true;
	return false;
}

static const struct pktt_chain *base_chain(struct pktt_engine *engine, enum pktt_family family,
					   enum pktt_hook hook)
{
	const struct pktt_table *t = pktt_table_lookup(engine, family, "filter");

	for (const struct pktt_chain *c = NULL; t && (c = pktt_chain_next(t, c));)
		if (pktt_chain_is_base(c) && pktt_chain_hook(c) == hook)
			return c;
	return NULL;
}

static bool has_rules(struct pktt_engine *engine, enum pktt_family family)
{
	for (struct pktt_table *t = NULL; (t = pktt_table_next(engine, t));)
		if (pktt_table_family(t) == family)
			return true;
	return false;
}

void lint_families(struct lint *lint)
{
	if (has_rules(lint->engine, PKTT_IPV6) || has_rules(lint->engine, PKTT_INET))
		return;
	for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++) {
		const struct pktt_chain *c = base_chain(lint->engine, PKTT_IPV4, guarded[i]);

		if (!c || !refuses(c))
			continue;
		lint_warn(
			lint, NULL,
			"IPv4 is filtered in %s, and no rules for IPv6 are given: IPv6 is left open",
			pktt_chain_name(c));
		return;
	}
}
