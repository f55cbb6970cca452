/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What no packet meets: rules behind one that takes everything, chains that nothing leads to. */
#include "tools/lint.h"

#include <inttypes.h>

static void reach_chain(struct lint *lint, struct pktt_chain *chain)
{
	const struct pktt_rule *stop = NULL;
	const struct pktt_rule *first = NULL;
	unsigned int lost = 0;

	for (struct pktt_rule *r = NULL; (r = pktt_rule_next(chain, r));) {
		if (stop && lost++ == 0)
			first = r;
		if (!stop && lint_is_unconditional(r) && lint_is_final(r, 0))
			stop = r;
	}
	if (lost)
		lint_warn(lint, &first->spec->place,
			  "no packet reaches this rule%s: the one in line %" PRIu32
			  " takes everything",
			  lost > 1 ? " and those after it" : "", stop->spec->place.line);
	if (!pktt_chain_is_base(chain) && pktt_chain_references(chain) == 0 &&
	    pktt_rule_next(chain, NULL))
		lint_warn(lint, &pktt_rule_next(chain, NULL)->spec->place,
			  "no rule jumps to chain %s", pktt_chain_name(chain));
}

void lint_reach(struct lint *lint)
{
	lint_each_chain(lint, reach_chain);
}
