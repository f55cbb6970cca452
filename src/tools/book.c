/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/book.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "core/change.h"
#include "core/set.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void free_chain(struct book_chain *chain)
{
	for (size_t i = 0; i < chain->nrules; i++)
		pktt_rule_spec_free(&chain->rule[i].spec);
	free(chain->rule);
	str_fini(&chain->printed);
}

void book_fini(struct book *book)
{
	for (size_t t = 0; t < book->ntables; t++) {
		for (size_t c = 0; c < book->table[t].nchains; c++)
			free_chain(&book->table[t].chain[c]);
		free(book->table[t].chain);
	}
	free(book->table);
	if (book->sets)
		str_fini(book->sets);
	free(book->sets);
	*book = (struct book){ 0 };
}

/* Room for one more at the end, zeroed; NULL without memory. */
static void *grow(void **array, size_t *n, size_t *room, size_t size)
{
	char *at;

	if (*n == *room) {
		size_t want = *room ? *room * 2 : 8;
		void *more = reallocarray(*array, want, size);

		if (!more)
			return NULL;
		*array = more;
		*room = want;
	}
	at = (char *)*array + (*n)++ * size;
	memset(at, 0, size);
	return at;
}

struct book_table *book_add_table(struct book *book, enum pktt_family family, const char *name)
{
	void *array = book->table;
	struct book_table *t = grow(&array, &book->ntables, &book->room, sizeof(*t));

	book->table = array;
	if (!t)
		return NULL;
	t->family = family;
	snprintf(t->name, sizeof(t->name), "%s", name);
	return t;
}

struct book_chain *book_add_chain(struct book_table *table, const char *name)
{
	void *array = table->chain;
	struct book_chain *c = grow(&array, &table->nchains, &table->room, sizeof(*c));

	table->chain = array;
	if (!c)
		return NULL;
	c->policy = PKTT_RETURN;
	snprintf(c->name, sizeof(c->name), "%s", name);
	return c;
}

int book_add_rule(struct book_chain *chain, struct pktt_rule_spec **spec, uint64_t handle)
{
	void *array = chain->rule;
	struct book_rule *r = grow(&array, &chain->nrules, &chain->room, sizeof(*r));

	chain->rule = array;
	if (!r)
		return -ENOMEM;
	r->spec = pktt_take(spec);
	r->handle = handle;
	r->counters = r->spec->counters;
	return 0;
}

int book_print_last(struct book_chain *chain, enum book_form form)
{
	struct book_rule *rule = &chain->rule[chain->nrules - 1];
	struct json j = json_to(&chain->printed);

	if (form == BOOK_SPEC ||
	    (form == BOOK_TEXT && pktt_rule_spec_is_iptables(rule->spec, NULL)))
		return 0;
	rule->printed_at = chain->printed.len;
	if (form == BOOK_TEXT)
		pktt_rule_spec_print(rule->spec, &chain->printed);
	else
		pktt_rule_spec_json(rule->spec, &j);
	rule->printed_len = chain->printed.len - rule->printed_at;
	pktt_rule_spec_free(&rule->spec);
	return chain->printed.failed ? -ENOMEM : 0;
}

void book_put_rule(const struct book_chain *chain, const struct book_rule *rule, struct str *out)
{
	if (rule->spec)
		pktt_rule_spec_print(rule->spec, out);
	else if (rule->printed_len)
		str_putn(out, chain->printed.data + rule->printed_at, rule->printed_len);
}

struct book_table *book_table(const struct book *book, enum pktt_family family, const char *name)
{
	for (size_t i = 0; i < book->ntables; i++)
		if (book->table[i].family == family && strcmp(book->table[i].name, name) == 0)
			return &book->table[i];
	return NULL;
}

struct book_chain *book_chain(const struct book_table *table, const char *name)
{
	for (size_t i = 0; i < table->nchains; i++)
		if (strcmp(table->chain[i].name, name) == 0)
			return &table->chain[i];
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct book_chain *)a)->name, ((const struct book_chain *)b)->name);
}

void book_sort(struct book *book)
{
	for (size_t i = 0; i < book->ntables; i++) {
		struct book_table *t = &book->table[i];
		size_t first = 0;

		while (first < t->nchains && t->chain[first].is_base)
			first++;
		if (first < t->nchains)
			qsort(t->chain + first, t->nchains - first, sizeof(*t->chain), by_name);
	}
}

size_t book_count_rules(const struct book *book)
{
	size_t n = 0;

	for (size_t t = 0; t < book->ntables; t++)
		for (size_t c = 0; c < book->table[t].nchains; c++)
			n += book->table[t].chain[c].nrules;
	return n;
}

/* --- From an engine ----------------------------------------------------------------------------- */

static int copy_rules(struct book_chain *to, const struct pktt_chain *from)
{
	int r = 0;

	for (struct pktt_rule *rule = NULL; r == 0 && (rule = pktt_rule_next(from, rule));) {
		PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *spec = NULL;

		r = pktt_rule_spec_copy(&spec, rule->spec);
		r = r ? r : book_add_rule(to, &spec, rule->handle);
		if (r == 0)
			pktt_rule_counters(rule, &to->rule[to->nrules - 1].counters);
	}
	return r;
}

static int copy_chains(struct book_table *to, const struct pktt_table *from)
{
	int r = 0;

	for (struct pktt_chain *c = NULL; r == 0 && (c = pktt_chain_next(from, c));) {
		struct book_chain *mine = book_add_chain(to, pktt_chain_name(c));

		if (!mine)
			return -ENOMEM;
		mine->is_base = pktt_chain_is_base(c);
		mine->policy = pktt_chain_policy(c);
		mine->references = pktt_chain_references(c);
		pktt_chain_counters(c, &mine->counters);
		r = copy_rules(mine, c);
	}
	return r;
}

int book_of_engine(struct book *ret, struct pktt_engine *engine)
{
	struct book book = { .generation = pktt_engine_generation(engine) };
	int r = 0;

	book.sets = calloc(1, sizeof(*book.sets));
	if (!book.sets)
		return -ENOMEM;
	for (struct pktt_table *t = NULL; r == 0 && (t = pktt_table_next(engine, t));) {
		struct book_table *mine =
			book_add_table(&book, pktt_table_family(t), pktt_table_name(t));

		r = mine ? copy_chains(mine, t) : -ENOMEM;
	}
	pktt_sets_save(engine, book.sets);
	if (r)
		book_fini(&book);
	else
		*ret = book;
	return r;
}
