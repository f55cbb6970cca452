/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets without which a network quietly breaks: IPv6 neighbour discovery (RFC 4890, 4.4.1) and
 * "packet too big" or "fragmentation needed", without which path MTU discovery leaves connections
 * hanging. Each is sent through the rules in thought: at a condition that cannot be known here - an
 * interface, a state, a rate - both ways are followed, and only what is dropped on all of them is
 * told.
 */
#include "base/own.h"
#include "core/ext.h"
#include "core/l3.h"
#include "datapath/replay/craft.h"
#include "tools/lint.h"

#include <string.h>

/* What may become of the packet. */
enum { MAY_ACCEPT = 1, MAY_DROP = 2, MAY_GO_ON = 4 };

struct thought {
	struct pktt_packet *pkt;
	const struct pktt_rule *dropper; /* the rule that drops it for certain, NULL = the policy */
	unsigned int depth;
};

/* Conditions that depend on more than the packet itself. */
#define UNKNOWN_READS                                                              \
	(PKTT_READS_IFACE | PKTT_READS_MARK | PKTT_READS_STATE | PKTT_READS_TIME | \
	 PKTT_READS_RANDOM | PKTT_READS_OWN_STATE | PKTT_READS_HOST)

/* The addresses and interfaces are only examples: of a head's conditions, the protocol is known. */
static bool head_is_known(const struct pktt_use *head)
{
	const struct pktt_args *args = head->args;

	for (unsigned int n = 0; n < head->ext->nparams; n++)
		if (args->given >> n & 1 && head->ext->params[n].letter != 'p')
			return false;
	return true;
}

/* A head's protocol alone, its other conditions taken as met. */
static bool protocol_misses(const struct thought *t, const struct pktt_use *head)
{
	struct pktt_args *args = head->args;
	uint64_t given = args->given;
	bool hit;

	for (unsigned int n = 0; n < head->ext->nparams; n++)
		if (head->ext->params[n].letter != 'p')
			args->given &= ~(UINT64_C(1) << n);
	hit = pktt_match_run(head->ext, t->pkt, args, NULL) == PKTT_HIT;
	args->given = given;
	return !hit;
}

/* 1 hit, 0 miss, -1 cannot be known. */
static int use_hits(const struct thought *t, const struct pktt_use *use)
{
	if (use->ext->kind == PKTT_KIND_HEAD) {
		if (protocol_misses(t, use))
			return 0;
		return head_is_known(use) ? 1 : -1;
	}
	if (use->ext->reads & UNKNOWN_READS || use->ext->state_size || use->ext->setup ||
	    use->ext->flags & (PKTT_EXT_NEEDS_CT | PKTT_EXT_LIVE_ONLY | PKTT_EXT_INERT))
		return -1;
	return pktt_match_run(use->ext, t->pkt, use->args, NULL) == PKTT_HIT;
}

/* 1 the rule takes it, 0 it does not, -1 perhaps. */
static int rule_hits(const struct thought *t, const struct pktt_rule *rule)
{
	int all = use_hits(t, &rule->spec->head);

	for (unsigned int i = 0; all != 0 && i < rule->spec->nmatches; i++) {
		int one = use_hits(t, &rule->spec->match[i]);

		all = one == 0 ? 0 : one < 0 ? -1 : all;
	}
	return all;
}

static unsigned int think_chain(struct thought *t, const struct pktt_chain *chain);

/* What becomes of it when the rule's targets run. */
static unsigned int think_targets(struct thought *t, const struct pktt_rule *rule)
{
	unsigned int may = MAY_GO_ON;

	for (unsigned int i = 0; i < rule->spec->ntargets && may & MAY_GO_ON; i++) {
		const struct pktt_ext *ext = rule->spec->target[i].ext;
		bool is_goto = false;
		const struct pktt_chain *to = lint_jump(rule, i, &is_goto);

		if (to) {
			may = (may & ~(unsigned int)MAY_GO_ON) | think_chain(t, to);
			if (is_goto) /* its end is this chain's end */
				return may;
		} else if (strcmp(ext->name, "DROP") == 0 || strcmp(ext->name, "REJECT") == 0) {
			t->dropper = rule;
			may = (may & ~(unsigned int)MAY_GO_ON) | MAY_DROP;
		} else if (ext->flags & PKTT_EXT_TERMINAL) {
			may = (may & ~(unsigned int)MAY_GO_ON) | MAY_ACCEPT;
		}
	}
	return may;
}

static unsigned int think_chain(struct thought *t, const struct pktt_chain *chain)
{
	unsigned int may = 0;

	if (++t->depth > 64) { /* too deep to be sure of anything */
		t->depth--;
		return MAY_ACCEPT | MAY_GO_ON;
	}
	for (const struct pktt_rule *r = NULL; (r = pktt_rule_next(chain, r));) {
		int hit = rule_hits(t, r);
		unsigned int then = hit ? think_targets(t, r) : MAY_GO_ON;

		may |= then & ~(unsigned int)MAY_GO_ON;
		if (hit > 0 && (!(then & MAY_GO_ON) || lint_may_leave(r))) {
			t->depth--;
			return may | (then & MAY_GO_ON);
		}
	}
	t->depth--;
	return may | MAY_GO_ON;
}

static bool is_dropped(struct thought *t, const struct pktt_chain *base)
{
	unsigned int may = think_chain(t, base);

	if (may & MAY_GO_ON) {
		may |= pktt_chain_policy(base) == PKTT_DROP ? MAY_DROP : MAY_ACCEPT;
		t->dropper = may == MAY_DROP && !t->dropper ? NULL : t->dropper;
	}
	return !(may & MAY_ACCEPT);
}

static const struct {
	enum pktt_family family;
	enum pktt_hook hook;
	const char *packet, *name, *consequence;
} lifelines[] = {
	{ PKTT_IPV6, PKTT_LOCAL_IN, "icmp6 fe80::1 > fe80::2 type=135 ttl=255 len=16",
	  "neighbour solicitation", "nobody can reach this host by IPv6" },
	{ PKTT_IPV6, PKTT_LOCAL_IN, "icmp6 fe80::1 > fe80::2 type=136 ttl=255 len=16",
	  "neighbour advertisement", "this host reaches nobody by IPv6" },
	{ PKTT_IPV6, PKTT_LOCAL_IN, "icmp6 2001:db8::1 > 2001:db8::2 type=2 len=48",
	  "packet too big", "connections of this host hang where a path is narrow" },
	{ PKTT_IPV6, PKTT_FORWARD, "icmp6 2001:db8::1 > 2001:db8::2 type=2 len=48",
	  "packet too big", "connections through this router hang where a path is narrow" },
	{ PKTT_IPV4, PKTT_LOCAL_IN, "icmp 192.0.2.1 > 192.0.2.2 type=3 code=4 len=28",
	  "fragmentation needed", "connections of this host hang where a path is narrow" },
	{ PKTT_IPV4, PKTT_FORWARD, "icmp 192.0.2.1 > 192.0.2.2 type=3 code=4 len=28",
	  "fragmentation needed", "connections through this router hang where a path is narrow" },
};

static void look_at(struct lint *lint, const struct pktt_chain *base, size_t i)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *pkt = NULL;
	struct craft_where where;
	struct pktt_env_ops ops = { 0 };
	struct pktt_env env = { .ops = &ops };
	struct thought t = { 0 };

	if (craft_packet(&pkt, &where, lifelines[i].packet, NULL))
		return;
	pkt->env = &env;
	pkt->engine = lint->engine;
	pkt->hook = lifelines[i].hook;
	t.pkt = pkt;
	if (!is_dropped(&t, base))
		return;
	lint_warn(lint, t.dropper ? &t.dropper->spec->place : NULL,
		  "%s %s: %s is dropped by %s: %s", pktt_family_name(lifelines[i].family),
		  pktt_chain_name(base), lifelines[i].name, t.dropper ? "this rule" : "its policy",
		  lifelines[i].consequence);
}

static void look_in(struct lint *lint, const struct pktt_table *table)
{
	enum pktt_family family = pktt_table_family(table);

	for (const struct pktt_chain *c = NULL; (c = pktt_chain_next(table, c));)
		for (size_t i = 0; i < pktt_countof(lifelines); i++)
			if (pktt_chain_is_base(c) && pktt_chain_hook(c) == lifelines[i].hook &&
			    (family == lifelines[i].family || family == PKTT_INET))
				look_at(lint, c, i);
}

void lint_lifelines(struct lint *lint)
{
	for (struct pktt_table *t = NULL; (t = pktt_table_next(lint->engine, t));)
		if (strcmp(pktt_table_name(t), "filter") == 0)
			look_in(lint, t);
}
