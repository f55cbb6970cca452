/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things that stand where they cannot work: inert extensions, interfaces that a hook has not. */
#include "base/own.h"
#include "tools/lint.h"

#include <string.h>

static void warn_use(struct lint *lint, const struct pktt_use *use)
{
	if (use->ext->flags & PKTT_EXT_INERT)
		lint_warn(lint, &use->place, "%s does nothing here: %s", use->ext->name,
			  use->ext->why);
	else if (use->ext->flags & PKTT_EXT_LIVE_ONLY)
		lint_warn(lint, &use->place, "%s works on a live host only: %s", use->ext->name,
			  use->ext->why);
}

static void inert_rule(struct lint *lint, struct pktt_rule *rule)
{
	for (unsigned int i = 0; i < rule->spec->nmatches; i++)
		warn_use(lint, &rule->spec->match[i]);
	for (unsigned int i = 0; i < rule->spec->ntargets; i++)
		warn_use(lint, &rule->spec->target[i]);
}

void lint_inert(struct lint *lint)
{
	lint_each_rule(lint, inert_rule);
}

/* Packets have no outgoing interface before routing, and none by which locally made ones came. */
static const struct {
	char letter;
	uint32_t hooks;
	const char *what;
} without[] = {
	{ 'o', PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_IN) | PKTT_HOOK(PKTT_BROUTING),
	  "no packet has an outgoing interface there" },
	{ 'i', PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_POST_ROUTING),
	  "no packet has an incoming interface there" },
};

static void iface_rule(struct lint *lint, struct pktt_rule *rule)
{
	const struct pktt_use *head = &rule->spec->head;

	if (!pktt_chain_is_base(rule->chain))
		return;
	for (unsigned int n = 0; n < head->ext->nparams; n++)
		for (size_t i = 0; i < pktt_countof(without); i++)
			if (head->ext->params[n].letter == without[i].letter &&
			    pktt_given(head->args, n) &&
			    without[i].hooks & PKTT_HOOK(pktt_chain_hook(rule->chain)))
				lint_warn(lint, &rule->spec->place, "-%c in %s %s: %s",
					  without[i].letter, pktt_chain_name(rule->chain),
					  pktt_negated(head->args, n) ? "always matches"
								      : "never matches",
					  without[i].what);
}

void lint_interfaces(struct lint *lint)
{
	lint_each_rule(lint, iface_rule);
}
