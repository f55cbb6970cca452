/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/book_save.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/family.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is written at once. */
enum { WRITE_BYTES = 1 << 17 };

/* ebtables gives user-defined chains a policy, too, and wants to read one. */
static const char *policy_name(const struct book_table *table, const struct book_chain *chain)
{
	if (chain->policy == PKTT_RETURN)
		return table->family == PKTT_BRIDGE ? "RETURN" : "-";
	return chain->policy == PKTT_DROP ? "DROP" : "ACCEPT";
}

/* ARP's FORWARD is there for bridges; arptables-restore does not know it, so it shows only when used. */
static bool is_shown(const struct book_table *table, const struct book_chain *chain)
{
	return table->family != PKTT_ARP || strcmp(chain->name, "FORWARD") != 0 || chain->nrules ||
	       chain->policy != PKTT_ACCEPT;
}

static void put_rule(const struct book_chain *chain, const struct book_rule *rule,
		     unsigned int flags, struct str *out)
{
	size_t mark;

	if (flags & BOOK_COUNTERS)
		str_putf(out, "[%" PRIu64 ":%" PRIu64 "] ", rule->counters.packets,
			 rule->counters.bytes);
	str_puts(out, "-A ");
	str_puts(out, chain->name);
	mark = out->len;
	str_putc(out, ' ');
	book_put_rule(chain, rule, out);
	if (!out->failed && out->len == mark + 1)
		out->data[--out->len] = '\0';
	if (flags & BOOK_HANDLES && rule->handle)
		str_putf(out, " --handle %" PRIu64, rule->handle);
	str_putc(out, '\n');
}

static int check_rule(const struct book_rule *rule, struct pktt_errors *errs)
{
	struct pktt_error why = { 0 }, err = { 0 };
	int r = rule->spec ? pktt_rule_spec_is_iptables(rule->spec, NULL) : 0;

	if (r == 0)
		return 0;
	pktt_rule_spec_is_iptables(rule->spec, &why);
	pktt_fail(&err, r, "handle %" PRIu64 ": %.180s", rule->handle, why.text);
	pktt_errors_add(errs, &err);
	return r;
}

static int put_table(const struct book_table *table, unsigned int flags, struct str *out,
		     struct pktt_errors *errs)
{
	int ret = 0;

	str_putf(out, "*%s", table->name);
	if (flags & BOOK_NATIVE)
		str_putf(out, " %s", pktt_family_name(table->family));
	str_putc(out, '\n');
	for (size_t c = 0; c < table->nchains; c++)
		if (is_shown(table, &table->chain[c]))
			str_putf(out, ":%s %s [%" PRIu64 ":%" PRIu64 "]\n", table->chain[c].name,
				 policy_name(table, &table->chain[c]),
				 table->chain[c].counters.packets, table->chain[c].counters.bytes);
	for (size_t c = 0; c < table->nchains; c++)
		for (size_t i = 0; i < table->chain[c].nrules; i++) {
			const struct book_rule *rule = &table->chain[c].rule[i];
			int r = flags & BOOK_NATIVE ? 0 : check_rule(rule, errs);

			if (r == 0)
				put_rule(&table->chain[c], rule, flags, out);
			ret = r ? r : ret;
		}
	str_puts(out, "COMMIT\n");
	return ret;
}

int book_save(const struct book *book, enum pktt_family family, unsigned int flags, struct str *out,
	      struct pktt_errors *errs)
{
	int ret = 0;

	if (flags & BOOK_NATIVE && book->sets)
		str_putn(out, str_text(book->sets), book->sets->len);
	for (size_t i = 0; i < book->ntables; i++)
		if (flags & BOOK_NATIVE || book->table[i].family == family) {
			int r = put_table(&book->table[i], flags, out, errs);

			ret = r ? r : ret;
		}
	return out->failed ? -ENOMEM : ret;
}

/* --- JSON ------------------------------------------------------------------------------------------ */

static void put_counters(struct json *j, const struct pktt_counters *c)
{
	json_put_uint(j, "packets", c->packets);
	json_put_uint(j, "bytes", c->bytes);
}

static void open_item(struct json *j, const char *kind, const struct book_table *table)
{
	json_begin_object(j);
	json_key(j, kind);
	json_begin_object(j);
	json_put_text(j, "family", pktt_family_name(table->family));
}

static void close_item(struct json *j)
{
	json_end_object(j);
	json_end_object(j);
}

static void json_chain(const struct book_table *table, const struct book_chain *chain,
		       struct json *j)
{
	open_item(j, "chain", table);
	json_put_text(j, "table", table->name);
	json_put_text(j, "name", chain->name);
	if (chain->policy != PKTT_RETURN)
		json_put_text(j, "policy", chain->policy == PKTT_DROP ? "DROP" : "ACCEPT");
	if (chain->is_base)
		put_counters(j, &chain->counters);
	close_item(j);
}

static void json_rule(const struct book_table *table, const struct book_chain *chain, size_t i,
		      struct json *j)
{
	const struct book_rule *rule = &chain->rule[i];

	open_item(j, "rule", table);
	json_put_text(j, "table", table->name);
	json_put_text(j, "chain", chain->name);
	json_put_uint(j, "handle", rule->handle);
	put_counters(j, &rule->counters);
	if (rule->spec)
		pktt_rule_spec_json(rule->spec, j);
	else
		json_raw(j, chain->printed.data + rule->printed_at, rule->printed_len);
	close_item(j);
}

/* A line of ipset save as the object that the language reads back. */
static void json_set_line(const char *line, size_t len, struct json *j)
{
	struct pktt_command cmd = { .verb = PKTT_SET_CREATE };
	char *copy = strndup(line, len), *save = NULL;
	const char *verb = copy ? strtok_r(copy, " ", &save) : NULL;
	const char *name = verb ? strtok_r(NULL, " ", &save) : NULL;
	const char *type = NULL;

	if (name && strcmp(verb, "create") == 0)
		type = strtok_r(NULL, " ", &save);
	else
		cmd.verb = PKTT_SET_ADD;
	if (name) {
		snprintf(cmd.chain, sizeof(cmd.chain), "%s", name);
		snprintf(cmd.other, sizeof(cmd.other), "%s", type ? type : "");
		cmd.element = save ? save : "";
		pktt_command_json(&cmd, j);
	}
	free(copy);
}

/* What has come together is written; all of it where least is 0. */
static void put_out(struct str *out, size_t least, FILE *to)
{
	if (out->len < least || out->failed)
		return;
	fwrite(str_text(out), 1, out->len, to);
	str_clear(out);
}

static void json_table(const struct book_table *table, struct json *j, FILE *to)
{
	open_item(j, "table", table);
	json_put_text(j, "name", table->name);
	close_item(j);
	for (size_t c = 0; c < table->nchains; c++)
		json_chain(table, &table->chain[c], j);
	for (size_t c = 0; c < table->nchains; c++)
		for (size_t i = 0; i < table->chain[c].nrules; i++) {
			json_rule(table, &table->chain[c], i, j);
			put_out(j->out, WRITE_BYTES, to);
		}
}

int book_json(const struct book *book, const char *version, FILE *to)
{
	PKTT_AUTO(str_fini) struct str out = STR_INIT;
	struct json j = json_to(&out);
	const char *at = book->sets ? str_text(book->sets) : "";

	pktt_json_begin(version, &j);
	for (; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		json_set_line(at, strcspn(at, "\n"), &j);
		put_out(&out, WRITE_BYTES, to);
	}
	for (size_t t = 0; t < book->ntables; t++)
		json_table(&book->table[t], &j, to);
	pktt_json_end(&j);
	str_putc(&out, '\n');
	put_out(&out, 0, to);
	return out.failed ? -ENOMEM : 0;
}
