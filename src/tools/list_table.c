/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The columns of iptables -L, to the byte for what iptables can express. What only pkttables has (a
 * rule's name, handle, last hit; further targets) stands behind the last column.
 */
#include "tools/list.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

bool list_value(const struct pktt_rule_spec *rule, const struct pktt_use *use, const char *option,
		struct str *out)
{
	struct pktt_context ctx = { NULL, use->ext, rule->family };
	unsigned int n;

	if (pktt_args_lookup(use->ext, rule->family, option, strlen(option), &n) ||
	    (!pktt_given(use->args, n) && !use->ext->params[n].def))
		return false;
	ctx.param = &use->ext->params[n];
	if (ctx.param->type->print)
		ctx.param->type->print(&ctx, (const char *)use->args + ctx.param->offset, out);
	return true;
}

bool list_is_negated(const struct pktt_rule_spec *rule, const struct pktt_use *use,
		     const char *option)
{
	unsigned int n;

	return pktt_args_lookup(use->ext, rule->family, option, strlen(option), &n) == 0 &&
	       pktt_negated(use->args, n);
}

bool list_is_given(const struct pktt_rule_spec *rule, const struct pktt_use *use,
		   const char *option)
{
	unsigned int n;

	return pktt_args_lookup(use->ext, rule->family, option, strlen(option), &n) == 0 &&
	       pktt_given(use->args, n);
}

uint64_t list_part(const struct pktt_rule_spec *rule, const struct pktt_use *use,
		   const char *option, unsigned int part)
{
	const struct pktt_param *p;
	unsigned int n;

	if (pktt_args_lookup(use->ext, rule->family, option, strlen(option), &n))
		return 0;
	p = &use->ext->params[n];
	return pktt_part_get(&p->type->part[part], (const char *)use->args + p->offset);
}

void list_number(uint64_t number, bool exact, struct str *out)
{
	static const char unit[] = " KMGT";
	unsigned int at = 0;

	if (exact) {
		str_putf(out, "%8" PRIu64 " ", number);
		return;
	}
	if (number <= 99999) {
		str_putf(out, "%5" PRIu64 " ", number);
		return;
	}
	do {
		number = number / 1000 + (number % 1000 >= 500);
		at++;
	} while (number > 9999 && at < 4);
	str_putf(out, "%4" PRIu64 "%c ", number, unit[at]);
}

/* The same without its column's width, as the line of a chain has it. */
static void put_bare_number(uint64_t number, bool exact, struct str *out)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;

	list_number(number, exact, &text);
	str_puts(out, str_text(&text) + strspn(str_text(&text), " "));
}

/* --- Names --------------------------------------------------------------------------------------- */

void list_protocol(unsigned int number, bool numeric, struct str *out)
{
	const struct protoent *p = numeric || !number ? NULL : getprotobynumber((int)number);

	if (p)
		str_puts(out, p->p_name);
	else if (number == 0 && !numeric)
		str_puts(out, "all");
	else
		str_putf(out, "%u", number);
}

/* The resolver's name of a plain address, if it has one. */
static bool put_host(const char *text, struct str *out)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *v4 = (void *)&ss;
	struct sockaddr_in6 *v6 = (void *)&ss;
	char name[256];
	socklen_t len = 0;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		len = sizeof(*v4);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		len = sizeof(*v6);
	}
	if (!len ||
	    getnameinfo((void *)&ss, len, name, sizeof(name), NULL, 0, NI_NAMEREQD | NI_DGRAM))
		return false;
	str_put_escaped(out, name, strlen(name));
	return true;
}

static void put_address(const struct pktt_rule_spec *rule, const char *option,
			const struct list_style *style, struct str *out)
{
	const char *any = rule->family == PKTT_IPV4 ? "0.0.0.0/0" : "::/0";
	const char *whole = rule->family == PKTT_IPV4 ? "/32" : "/128";
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	size_t tail = strlen(whole);

	if (rule->family == PKTT_INET)
		any = "0.0.0.0/0";
	if (!list_is_given(rule, &rule->head, option) ||
	    !list_value(rule, &rule->head, option, &text))
		str_puts(&text, style->numeric ? any : "anywhere");
	if (rule->family == PKTT_INET && !strchr(str_text(&text), ':'))
		whole = "/32";
	tail = strlen(whole);
	if (text.len > tail && strcmp(text.data + text.len - tail, whole) == 0)
		text.data[text.len -= tail] = '\0';
	if (!style->numeric && style->asks_names && !strchr(str_text(&text), '/') &&
	    strcmp(str_text(&text), "anywhere") != 0 && put_host(str_text(&text), out))
		return;
	str_puts(out, str_text(&text));
}

/* --- A rule -------------------------------------------------------------------------------------- */

static void put_target_name(const struct pktt_rule_spec *rule, struct str *out)
{
	for (unsigned int i = 0; i < rule->ntargets; i++) {
		const struct pktt_use *use = &rule->target[i];
		const struct pktt_jump_args *jump = use->args;

		if (i)
			str_putc(out, ',');
		str_puts(out, use->ext->flags & PKTT_EXT_JUMP ? jump->chain : use->ext->name);
	}
}

static bool is_goto(const struct pktt_rule_spec *rule)
{
	for (unsigned int i = 0; i < rule->ntargets; i++)
		if (rule->target[i].ext->flags & PKTT_EXT_JUMP &&
		    ((const struct pktt_jump_args *)rule->target[i].args)->is_goto)
			return true;
	return false;
}

/* A column: text of the function, padded. */
static void pad(struct str *out, size_t start, size_t width)
{
	size_t len = out->len - start;

	if (len < width)
		str_putf(out, "%*s", (int)(width - len), "");
	str_putc(out, ' ');
}

static void put_iface(const struct pktt_rule_spec *rule, const char *option, bool numeric,
		      struct str *out)
{
	if (list_is_negated(rule, &rule->head, option))
		str_putc(out, '!');
	if (!list_is_given(rule, &rule->head, option) ||
	    !list_value(rule, &rule->head, option, out))
		str_puts(out, numeric ? "*" : "any");
}

static void put_options(const struct pktt_rule_spec *rule, struct str *out)
{
	bool has = list_is_given(rule, &rule->head, "fragments");
	bool not = has && list_is_negated(rule, &rule->head, "fragments");

	/* Without fragments in the language (IPv6), two blanks, as ip6tables has. */
	str_putc(out, not ? '!' : '-');
	str_putc(out, has ? 'f' : '-');
	str_putc(out, ' ');
}

static void put_uses(const struct pktt_rule_spec *rule, bool numeric, struct str *out)
{
	if (is_goto(rule))
		str_puts(out, "[goto] ");
	for (unsigned int i = 0; i < rule->nmatches; i++)
		list_use(rule, &rule->match[i], numeric, out);
	for (unsigned int i = 0; i < rule->ntargets; i++)
		list_use(rule, &rule->target[i], numeric, out);
}

static void put_protocol(const struct pktt_rule_spec *rule, bool numeric, struct str *out)
{
	str_putc(out, list_is_negated(rule, &rule->head, "protocol") ? '!' : ' ');
	list_protocol((unsigned int)list_part(rule, &rule->head, "protocol", 0), numeric, out);
}

static void put_rule(const struct book_rule *r, uint32_t number, const struct list_style *style,
		     struct str *out)
{
	const struct pktt_rule_spec *rule = r->spec;
	size_t start;

	if (style->numbers)
		str_putf(out, "%-4" PRIu32 " ", number);
	if (style->verbose) {
		list_number(r->counters.packets, style->exact, out);
		list_number(r->counters.bytes, style->exact, out);
	}
	start = out->len;
	put_target_name(rule, out);
	pad(out, start, 9);
	start = out->len;
	put_protocol(rule, style->numeric, out);
	if (out->len - start < 6)
		str_putf(out, "%*s", (int)(6 - (out->len - start)), "");
	else if (out->len - start > 6)
		str_putc(out, ' ');
	put_options(rule, out);
	if (style->verbose) {
		str_putc(out, ' ');
		start = out->len;
		put_iface(rule, "in-interface", style->numeric, out);
		pad(out, start, 6);
		start = out->len;
		put_iface(rule, "out-interface", style->numeric, out);
		pad(out, start, 6);
	}
	for (int dst = 0; dst < 2; dst++) {
		const char *option = dst ? "destination" : "source";

		str_putc(out, list_is_negated(rule, &rule->head, option) ? '!' : ' ');
		start = out->len;
		put_address(rule, option, style, out);
		pad(out, start, 19);
	}
	put_uses(rule, style->numeric, out);
	list_extra(r, style, out);
	str_putc(out, '\n');
}

static void put_ago(uint64_t last_ns, uint64_t now_ns, struct str *out)
{
	uint64_t s = now_ns > last_ns ? (now_ns - last_ns) / 1000000000 : 0;

	if (s < 120)
		str_putf(out, "%" PRIu64 " s ago", s);
	else if (s < 7200)
		str_putf(out, "%" PRIu64 " min ago", s / 60);
	else if (s < 172800)
		str_putf(out, "%" PRIu64 " h ago", s / 3600);
	else
		str_putf(out, "%" PRIu64 " d ago", s / 86400);
}

void list_extra(const struct book_rule *rule, const struct list_style *style, struct str *out)
{
	if (!style->has_extra)
		return;
	if (rule->spec->name[0])
		str_putf(out, " name %s", rule->spec->name);
	if (!style->verbose)
		return;
	if (rule->handle)
		str_putf(out, " handle %" PRIu64, rule->handle);
	if (rule->last_hit_ns) {
		str_puts(out, " last hit ");
		put_ago(rule->last_hit_ns, style->now_ns, out);
	}
}

/* --- A chain, a table ---------------------------------------------------------------------------- */

static void put_chain_line(const struct book_chain *chain, const struct list_style *style,
			   struct str *out)
{
	str_putf(out, "Chain %s", chain->name);
	if (!chain->is_base) {
		str_putf(out, " (%u references)\n", chain->references);
		return;
	}
	str_putf(out, " (policy %s", chain->policy == PKTT_DROP ? "DROP" : "ACCEPT");
	if (style->verbose) {
		str_putc(out, ' ');
		put_bare_number(chain->counters.packets, style->exact, out);
		str_puts(out, "packets, ");
		put_bare_number(chain->counters.bytes, style->exact, out);
		str_puts(out, "bytes");
	}
	str_puts(out, ")\n");
}

static void put_header(const struct list_style *style, struct str *out)
{
	if (style->numbers)
		str_puts(out, "num  ");
	if (style->verbose && style->exact)
		str_puts(out, "    pkts      bytes ");
	else if (style->verbose)
		str_puts(out, " pkts bytes ");
	str_puts(out, "target     prot opt");
	if (style->verbose)
		str_puts(out, " in     out    ");
	str_puts(out, " source               destination         \n");
}

static void put_ip(const struct book_table *table, const struct list_style *style, struct str *out)
{
	bool first = true;

	for (size_t c = 0; c < table->nchains; c++) {
		const struct book_chain *chain = &table->chain[c];

		if (style->only && strcmp(style->only, chain->name) != 0)
			continue;
		if (!first)
			str_putc(out, '\n');
		first = false;
		if (!style->number) {
			put_chain_line(chain, style, out);
			put_header(style, out);
		}
		for (size_t i = 0; i < chain->nrules; i++)
			if (!style->number || style->number == i + 1)
				put_rule(&chain->rule[i], (uint32_t)i + 1, style, out);
	}
}

void list_table(const struct book_table *table, const struct list_style *style, struct str *out)
{
	switch (table->family) {
	case PKTT_IPV4:
	case PKTT_IPV6:
	case PKTT_INET:
		put_ip(table, style, out);
		return;
	case PKTT_ARP:
		list_arp(table, style, out);
		return;
	case PKTT_BRIDGE:
		list_bridge(table, style, out);
		return;
	}
}

void list_one_line(const struct pktt_rule_spec *rule, struct str *out)
{
	static const struct list_style style = { .numeric = true };

	if (rule->ntargets)
		put_target_name(rule, out);
	str_putc(out, ' ');
	put_protocol(rule, false, out);
	str_puts(out, " opt ");
	put_options(rule, out);
	str_puts(out, "in ");
	put_iface(rule, "in-interface", true, out);
	str_puts(out, " out ");
	put_iface(rule, "out-interface", true, out);
	for (int dst = 0; dst < 2; dst++) {
		const char *option = dst ? "destination" : "source";

		str_putc(out, ' ');
		str_putc(out, list_is_negated(rule, &rule->head, option) ? '!' : ' ');
		str_puts(out, dst ? "-> " : "");
		put_address(rule, option, &style, out);
	}
	str_puts(out, "  ");
	put_uses(rule, true, out);
	str_putc(out, '\n');
}
