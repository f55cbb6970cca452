/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ruleset as text: what iptables-save prints, and the native superset. */
#include "core/set.h"
#include "core/store.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>

/* ebtables gives user-defined chains a policy, too, and wants to read one. */
static const char *policy_name(const struct pktt_chain *chain)
{
	enum pktt_verdict policy = pktt_chain_policy(chain);

	if (policy == PKTT_RETURN)
		return chain->table->family == PKTT_BRIDGE ? "RETURN" : "-";
	return policy == PKTT_DROP ? "DROP" : "ACCEPT";
}

static void put_chain(const struct pktt_chain *chain, struct str *out)
{
	struct pktt_counters c;

	pktt_chain_counters(chain, &c);
	str_putf(out, ":%s %s [%" PRIu64 ":%" PRIu64 "]\n", pktt_chain_name(chain),
		 policy_name(chain), c.packets, c.bytes);
}

static void put_rule(const struct pktt_rule *rule, unsigned int flags, struct str *out)
{
	struct pktt_counters c;
	size_t mark;

	if (flags & PKTT_SAVE_COUNTERS) {
		pktt_rule_counters(rule, &c);
		str_putc(out, '[');
		str_put_uint(out, c.packets);
		str_putc(out, ':');
		str_put_uint(out, c.bytes);
		str_puts(out, "] ");
	}
	str_puts(out, "-A ");
	str_puts(out, pktt_chain_name(rule->chain));
	mark = out->len;
	str_putc(out, ' ');
	pktt_rule_spec_print(rule->spec, out);
	if (!out->failed && out->len == mark + 1) /* a rule without any condition or target */
		out->data[--out->len] = '\0';
	str_putc(out, '\n');
}

/* iptables can express it, or the reason goes to errs with the rule's handle. */
static int check_rule(const struct pktt_rule *rule, struct pktt_errors *errs)
{
	struct pktt_error why, err;
	int r = pktt_rule_spec_is_iptables(rule->spec, NULL);

	if (r == 0)
		return 0;
	pktt_rule_spec_is_iptables(rule->spec, &why);
	err.place = rule->spec->place;
	pktt_fail(&err, r, "handle %" PRIu64 ": %.180s", rule->handle, why.text);
	pktt_errors_add(errs, &err);
	return r;
}

static int put_rules(struct pktt_chain *chain, unsigned int flags, struct str *out,
		     struct pktt_errors *errs)
{
	int ret = 0;

	for (struct pktt_rule *rule = NULL; (rule = pktt_rule_next(chain, rule));) {
		int r = flags & PKTT_SAVE_NATIVE ? 0 : check_rule(rule, errs);

		if (r == 0)
			put_rule(rule, flags, out);
		else
			ret = r;
	}
	return ret;
}

/* ARP's FORWARD is there for bridges; arptables does not know it, so it shows only when used. */
static bool is_shown(const struct pktt_chain *chain)
{
	return chain->table->family != PKTT_ARP || chain->hook != PKTT_FORWARD || !chain->is_base ||
	       pktt_rule_next(chain, NULL) || pktt_chain_policy(chain) != PKTT_ACCEPT;
}

static int put_table(const struct pktt_table *table, unsigned int flags, struct str *out,
		     struct pktt_errors *errs)
{
	int ret = 0;

	str_putf(out, "*%s", table->name);
	if (flags & PKTT_SAVE_NATIVE)
		str_putf(out, " %s", pktt_family_name(table->family));
	str_putc(out, '\n');
	for (struct pktt_chain *c = NULL; (c = pktt_chain_next(table, c));)
		if (is_shown(c))
			put_chain(c, out);
	for (struct pktt_chain *c = NULL; (c = pktt_chain_next(table, c));) {
		int r = put_rules(c, flags, out, errs);

		ret = r ? r : ret;
	}
	str_puts(out, "COMMIT\n");
	return ret;
}

int pktt_save_text(struct pktt_engine *engine, enum pktt_family family, unsigned int flags,
		   struct str *out, struct pktt_errors *errs)
{
	int ret = 0;

	if (flags & PKTT_SAVE_NATIVE)
		pktt_sets_save(engine, out);
	for (struct pktt_table *t = NULL; (t = pktt_table_next(engine, t));) {
		int r = 0;

		if (flags & PKTT_SAVE_NATIVE || t->family == family)
			r = put_table(t, flags, out, errs);
		ret = r ? r : ret;
	}
	return out->failed ? -ENOMEM : ret;
}
