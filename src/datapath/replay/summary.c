/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a run in a screenful or two: which rules counted what, and where packets ended. */
#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "base/own.h"
#include "desc/family.h"

void report_count(struct report_totals *totals, const struct replay_result *r)
{
	if (totals->records++ == 0)
		totals->first_ns = r->time_ns;
	totals->last_ns = r->time_ns;
	totals->verdict[r->has_verdict ? r->verdict : PKTT_CONTINUE]++;
	totals->reason[r->decision.reason]++;
	totals->emitted += r->nemitted;
	totals->logs += r->nlog;
	for (size_t i = 0; i < r->nemitted; i++)
		totals->bytes += r->emitted[i].len - r->emitted[i].l3;
}

static const char *policy_of(const struct pktt_chain *chain)
{
	if (!pktt_chain_is_base(chain))
		return "";
	return pktt_chain_policy(chain) == PKTT_DROP ? "  policy DROP" : "  policy ACCEPT";
}

/* Rules are other people's text: what is not printable is no terminal's business. */
static void put_printable(struct str *out, const struct str *text)
{
	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->data[i];

		if (c >= 0x20 && c < 0x7f)
			str_putc(out, (char)c);
		else
			str_putf(out, "\\x%02x", c);
	}
}

static void put_rule(const struct pktt_rule *rule, unsigned int number, struct str *out)
{
	struct pktt_counters c;
	struct str text = STR_INIT;

	pktt_rule_counters(rule, &c);
	pktt_rule_spec_print(rule->spec, &text);
	str_putf(out, "%4u %9" PRIu64 " %12" PRIu64 "  ", number, c.packets, c.bytes);
	put_printable(out, &text);
	str_putc(out, '\n');
	str_fini(&text);
}

static void put_chain(const struct pktt_table *table, const struct pktt_chain *chain,
		      struct str *out)
{
	struct pktt_counters c;
	unsigned int number = 0;

	pktt_chain_counters(chain, &c);
	str_putf(out, "\n%s %s/", pktt_family_name(pktt_table_family(table)),
		 pktt_table_name(table));
	str_put_escaped(out, pktt_chain_name(chain), strlen(pktt_chain_name(chain)));
	str_puts(out, policy_of(chain));
	if (pktt_chain_is_base(chain))
		str_putf(out, " (%" PRIu64 " packets, %" PRIu64 " bytes)", c.packets, c.bytes);
	str_putc(out, '\n');
	for (struct pktt_rule *rule = NULL; (rule = pktt_rule_next(chain, rule));)
		put_rule(rule, ++number, out);
}

/* A base chain without rules says nothing but that its policy let everything by. */
static bool is_telling(const struct pktt_chain *chain)
{
	return pktt_rule_next(chain, NULL) || !pktt_chain_is_base(chain) ||
	       pktt_chain_policy(chain) != PKTT_ACCEPT;
}

static void put_verdicts(const struct report_totals *t, struct str *out)
{
	static const struct {
		enum pktt_verdict verdict;
		const char *name;
	} rows[] = {
		{ PKTT_ACCEPT, "accepted" }, { PKTT_DROP, "dropped" }, { PKTT_REJECT, "rejected" },
		{ PKTT_STOLEN, "stolen" },   { PKTT_QUEUE, "queued" }, { PKTT_CONTINUE, "skipped" },
	};
	const char *between = "  ";

	str_putf(out, "\n%" PRIu64 " packets in %.3f s of capture:", t->records,
		 (double)(t->last_ns - t->first_ns) / 1e9);
	for (size_t i = 0; i < pktt_countof(rows); i++) {
		if (!t->verdict[rows[i].verdict])
			continue;
		str_putf(out, "%s%" PRIu64 " %s", between, t->verdict[rows[i].verdict],
			 rows[i].name);
		between = ", ";
	}
	str_putf(out,
		 "\n%" PRIu64 " packets left the router (%" PRIu64 " bytes); %" PRIu64
		 " log records\n",
		 t->emitted, t->bytes, t->logs);
}

static void put_reasons(const struct report_totals *t, struct str *out)
{
	uint64_t left[PKTT_REASON_COUNT];
	bool has_title = false;

	memcpy(left, t->reason, sizeof(left));
	left[PKTT_REASON_NONE] = 0;
	for (;;) {
		unsigned int best = 0;

		for (unsigned int i = 1; i < PKTT_REASON_COUNT; i++)
			if (left[i] > left[best])
				best = i;
		if (left[best] == 0)
			return;
		if (!has_title)
			str_puts(out, "\nwithout a rule:\n");
		has_title = true;
		str_putf(out, "%14" PRIu64 "  %s\n", left[best], pktt_reason_name(best));
		left[best] = 0;
	}
}

void report_summary(const struct report_totals *totals, const struct pktt_engine *engine,
		    struct str *out)
{
	str_puts(out, "rule   packets        bytes\n");
	for (struct pktt_table *t = NULL; (t = pktt_table_next(engine, t));)
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			if (is_telling(c))
				put_chain(t, c, out);
	put_verdicts(totals, out);
	put_reasons(totals, out);
}
