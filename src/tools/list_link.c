/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -L for ARP and bridges, in the manner of arptables -L and ebtables -L. */
#include "tools/list.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"

#include <inttypes.h>
#include <string.h>

static bool is_wanted(const struct book_chain *chain, const struct list_style *style)
{
	return !style->only || strcmp(style->only, chain->name) == 0;
}

static void put_iface(const struct pktt_rule_spec *rule, const char *option, char letter,
		      bool always, struct str *out)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	bool has = list_is_given(rule, &rule->head, option);

	if (!has && !always)
		return;
	if (has)
		list_value(rule, &rule->head, option, &text);
	if (has && list_is_negated(rule, &rule->head, option))
		str_puts(out, "! ");
	str_putf(out, "-%c %s ", letter, has ? str_text(&text) : "*");
}

/* The head's other options as save prints them, the interfaces left out. */
static void put_head(const struct pktt_rule_spec *rule, struct str *out)
{
	struct pktt_args *args = rule->head.args;
	struct pktt_args whole = *args;
	size_t before = out->len;
	unsigned int n;

	for (int i = 0; i < 2; i++) {
		const char *option = i ? "out-interface" : "in-interface";

		if (pktt_args_lookup(rule->head.ext, rule->family, option, strlen(option), &n) == 0)
			args->given &= ~(UINT64_C(1) << n);
	}
	pktt_args_print(rule->head.ext, rule->family, args, out);
	*args = whole;
	if (out->len > before)
		str_putc(out, ' ');
}

static void put_matches(const struct pktt_rule_spec *rule, struct str *out)
{
	for (unsigned int i = 0; i < rule->nmatches; i++) {
		str_putf(out, "-m %s ", rule->match[i].ext->name);
		pktt_args_print(rule->match[i].ext, rule->family, rule->match[i].args, out);
		str_putc(out, ' ');
	}
}

static void put_arp_rule(const struct book_rule *r, uint32_t number, const struct list_style *style,
			 struct str *out)
{
	const struct pktt_rule_spec *rule = r->spec;

	if (style->numbers)
		str_putf(out, "%" PRIu32 " ", number);
	for (unsigned int i = 0; i < rule->ntargets; i++) {
		const struct pktt_use *use = &rule->target[i];
		const struct pktt_jump_args *jump = use->args;

		str_putf(out, "-j %s ",
			 use->ext->flags & PKTT_EXT_JUMP ? jump->chain : use->ext->name);
	}
	put_iface(rule, "in-interface", 'i', style->verbose, out);
	put_iface(rule, "out-interface", 'o', style->verbose, out);
	put_head(rule, out);
	put_matches(rule, out);
	for (unsigned int i = 0; i < rule->ntargets; i++) {
		size_t before = out->len;

		if (rule->target[i].ext->flags & PKTT_EXT_JUMP)
			continue;
		pktt_args_print(rule->target[i].ext, rule->family, rule->target[i].args, out);
		if (out->len > before)
			str_putc(out, ' ');
	}
	if (style->verbose) {
		str_puts(out, ", pcnt=");
		str_putf(out, "%" PRIu64 " -- bcnt=%" PRIu64 " ", r->counters.packets,
			 r->counters.bytes);
	}
	list_extra(r, style, out);
	str_putc(out, '\n');
}

/* FORWARD is there for bridges; arptables itself shows it. */
void list_arp(const struct book_table *table, const struct list_style *style, struct str *out)
{
	bool first = true;

	for (size_t c = 0; c < table->nchains; c++) {
		const struct book_chain *chain = &table->chain[c];

		if (!is_wanted(chain, style))
			continue;
		if (!first)
			str_putc(out, '\n');
		first = false;
		if (!chain->is_base)
			str_putf(out, "Chain %s (%u references)\n", chain->name, chain->references);
		else if (style->verbose)
			str_putf(out,
				 "Chain %s (policy %s %" PRIu64 " packets, %" PRIu64 " bytes)\n",
				 chain->name, chain->policy == PKTT_DROP ? "DROP" : "ACCEPT",
				 chain->counters.packets, chain->counters.bytes);
		else
			str_putf(out, "Chain %s (policy %s)\n", chain->name,
				 chain->policy == PKTT_DROP ? "DROP" : "ACCEPT");
		for (size_t i = 0; i < chain->nrules; i++)
			if (!style->number || style->number == i + 1)
				put_arp_rule(&chain->rule[i], (uint32_t)i + 1, style, out);
	}
}

static const char *policy_name(const struct book_chain *chain)
{
	if (chain->policy == PKTT_RETURN)
		return "RETURN";
	return chain->policy == PKTT_DROP ? "DROP" : "ACCEPT";
}

static void put_bridge_rule(const struct book_rule *r, uint32_t number,
			    const struct list_style *style, struct str *out)
{
	if (style->numbers)
		str_putf(out, "%" PRIu32 ". ", number);
	pktt_rule_spec_print(r->spec, out);
	if (r->spec->ntargets == 0)
		str_puts(out, " -j CONTINUE");
	str_putc(out, ' ');
	if (style->verbose)
		str_putf(out, ", pcnt = %" PRIu64 " -- bcnt = %" PRIu64, r->counters.packets,
			 r->counters.bytes);
	list_extra(r, style, out);
	str_putc(out, '\n');
}

void list_bridge(const struct book_table *table, const struct list_style *style, struct str *out)
{
	str_putf(out, "Bridge table: %s\n", table->name);
	for (size_t c = 0; c < table->nchains; c++) {
		const struct book_chain *chain = &table->chain[c];

		if (!is_wanted(chain, style))
			continue;
		str_putf(out, "\nBridge chain: %s, entries: %zu, policy: %s\n", chain->name,
			 chain->nrules, policy_name(chain));
		for (size_t i = 0; i < chain->nrules; i++)
			if (!style->number || style->number == i + 1)
				put_bridge_rule(&chain->rule[i], (uint32_t)i + 1, style, out);
	}
}
