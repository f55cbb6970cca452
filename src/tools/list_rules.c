/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -S: every chain first, then the rules, each as a line that makes it again. */
#include "tools/list.h"

#include "base/str.h"
#include "desc/args.h"

#include <inttypes.h>
#include <string.h>

static bool is_wanted(const struct book_chain *chain, const struct list_style *style)
{
	return !style->only || strcmp(style->only, chain->name) == 0;
}

static void put_counters(const struct pktt_counters *c, struct str *out)
{
	str_putf(out, " -c %" PRIu64 " %" PRIu64, c->packets, c->bytes);
}

static void put_chain(const struct book_chain *chain, const struct list_style *style,
		      struct str *out)
{
	if (!chain->is_base) {
		str_putf(out, "-N %s\n", chain->name);
		return;
	}
	str_putf(out, "-P %s %s", chain->name, chain->policy == PKTT_DROP ? "DROP" : "ACCEPT");
	if (style->verbose)
		put_counters(&chain->counters, out);
	str_putc(out, '\n');
}

/* Counters stand between the conditions and what is done, as iptables writes them. */
static void put_with_counters(const struct book_rule *rule, struct str *out)
{
	struct pktt_rule_spec *spec = rule->spec;
	unsigned int ntargets = spec->ntargets;
	struct str whole = STR_INIT, conditions = STR_INIT;
	char name[PKTT_NAME_MAX];

	pktt_rule_spec_print(spec, &whole);
	memcpy(name, spec->name, sizeof(name));
	spec->ntargets = 0;
	spec->name[0] = '\0';
	pktt_rule_spec_print(spec, &conditions);
	spec->ntargets = ntargets;
	memcpy(spec->name, name, sizeof(name));
	if (conditions.len)
		str_putf(out, " %s", str_text(&conditions));
	put_counters(&rule->counters, out);
	if (whole.len > conditions.len)
		str_putf(out, "%s%s", conditions.len ? "" : " ", whole.data + conditions.len);
	str_fini(&whole);
	str_fini(&conditions);
}

static void put_rule(const struct book_chain *chain, const struct book_rule *rule, bool verbose,
		     struct str *out)
{
	size_t mark;

	str_puts(out, "-A ");
	str_puts(out, chain->name);
	mark = out->len;
	if (verbose) {
		put_with_counters(rule, out);
	} else {
		str_putc(out, ' ');
		book_put_rule(chain, rule, out);
	}
	if (!out->failed && out->len == mark + 1)
		out->len = mark;
	str_putc(out, '\n');
}

void list_rules(const struct book_table *table, const struct list_style *style, struct str *out)
{
	for (size_t c = 0; c < table->nchains && !style->number; c++)
		if (is_wanted(&table->chain[c], style))
			put_chain(&table->chain[c], style, out);
	for (size_t c = 0; c < table->nchains; c++) {
		const struct book_chain *chain = &table->chain[c];

		for (size_t i = 0; i < chain->nrules && is_wanted(chain, style); i++)
			if (!style->number || style->number == i + 1)
				put_rule(chain, &chain->rule[i], style->verbose, out);
	}
}
