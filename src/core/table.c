/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables: made at their first use from the family's standard ones, with their base chains. */
#include "core/store.h"

#include "base/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The standard ones come first in listings, then the program's in the order of registration. */
static const struct pktt_std_table *std_table(const struct pktt_engine *engine,
					      enum pktt_family family, const char *name, int *order)
{
	const struct pktt_l3 *l3 = pktt_l3_of(family);

	for (int i = 0; i < l3->ntables; i++)
		if (strcmp(l3->table[i].name, name) == 0) {
			*order = i;
			return &l3->table[i];
		}
	*order = l3->ntables;
	for (const struct own_table *t = engine->own_tables; t; t = t->older)
		if (t->family == family && strcmp(t->name, name) == 0)
			return &t->std;
	return NULL;
}

int pktt_table_register(struct pktt_engine *engine, enum pktt_family family,
			const struct pktt_std_table *table, struct pktt_error *err)
{
	const struct pktt_l3 *l3 = pktt_l3_of(family);
	struct own_table *own;
	int order;
	int r = pktt_name_check("table", table->name, err);

	if (r)
		return r;
	if (std_table(engine, family, table->name, &order))
		return pktt_fail(err, -EEXIST, "%s has a table %s", pktt_family_name(family),
				 table->name);
	if (table->nchains == 0)
		return pktt_fail(err, -EINVAL, "table %s has no base chain", table->name);
	for (int i = 0; i < table->nchains; i++)
		if (!l3->hook_name[table->chain[i].hook])
			return pktt_fail(err, -EINVAL, "%s has no such hook",
					 pktt_family_name(family));
	own = calloc(1, sizeof(*own));
	if (!own)
		return pktt_fail(err, -ENOMEM, "no memory for table %s", table->name);
	own->family = family;
	own->std = *table;
	snprintf(own->name, sizeof(own->name), "%s", table->name);
	own->std.name = own->name;
	own->older = engine->own_tables;
	engine->own_tables = own;
	return 0;
}

void own_tables_free(struct pktt_engine *engine)
{
	while (engine->own_tables) {
		struct own_table *older = engine->own_tables->older;

		free(engine->own_tables);
		engine->own_tables = older;
	}
}

static int no_such_table(enum pktt_family family, const char *name, struct pktt_error *err)
{
	const struct pktt_l3 *l3 = pktt_l3_of(family);
	char known[100] = "";

	for (int i = 0; i < l3->ntables; i++) {
		size_t len = strlen(known);

		snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "",
			 l3->table[i].name);
	}
	return pktt_fail(err, -ENOENT, "there is no table %s for %s (tables: %s)", name,
			 pktt_family_name(family), known);
}

static struct pktt_table *table_at(const struct pktt_engine *engine, enum pktt_family family,
				   const char *name, uint64_t gen)
{
	list_for_each (n, &engine->tables) {
		struct pktt_table *t = list_entry(n, struct pktt_table, node);

		if (t->family == family && life_is_at(&t->life, gen) && strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

/* By family, then in the standard order: how saves and listings have them. */
static void insert_sorted(struct pktt_engine *engine, struct pktt_table *table)
{
	struct list *at = &engine->tables;

	list_for_each (n, &engine->tables) {
		const struct pktt_table *t = list_entry(n, struct pktt_table, node);

		if (t->family > table->family ||
		    (t->family == table->family && t->order > table->order)) {
			at = n;
			break;
		}
	}
	list_insert_before(at, &table->node);
}

static int table_new(struct pktt_txn *txn, enum pktt_family family, const char *name, int order,
		     struct pktt_table **ret)
{
	struct pktt_table *table = calloc(1, sizeof(*table));
	int r;

	if (!table)
		return -ENOMEM;
	table->engine = txn->engine;
	table->family = family;
	table->order = order;
	table->buckets = CHAIN_BUCKETS_MIN;
	table->by_name = calloc(table->buckets, sizeof(struct pktt_chain *));
	snprintf(table->name, sizeof(table->name), "%s", name);
	list_init(&table->chains);
	table->life = (struct life){ LIFE_NEVER, LIFE_NEVER };
	r = table->by_name ? txn_born(txn, KIND_TABLE, table) : -ENOMEM;
	if (r) {
		table_free(table);
		return r;
	}
	table->life.born = txn->gen;
	insert_sorted(txn->engine, table);
	*ret = table;
	return change_table(txn, PKTT_CHANGE_TABLE_NEW, table);
}

int table_open(struct pktt_txn *txn, enum pktt_family family, const char *name,
	       struct pktt_table **ret, struct pktt_error *err)
{
	const struct pktt_std_table *std;
	struct pktt_table *table = table_at(txn->engine, family, name, txn->gen);
	int order, r;

	if (table) {
		*ret = table;
		return 0;
	}
	std = std_table(txn->engine, family, name, &order);
	if (!std)
		return no_such_table(family, name, err);
	r = table_new(txn, family, name, order, &table);
	if (r)
		return pktt_fail(err, r, "no memory for table %s", name);
	for (int i = 0; i < std->nchains; i++) {
		r = chain_new_base(txn, table, &std->chain[i], err);
		if (r)
			return r;
	}
	*ret = table;
	return 0;
}

void table_free(struct pktt_table *table)
{
	free(table->by_name);
	free(table);
}

const char *pktt_table_name(const struct pktt_table *table)
{
	return table->name;
}

enum pktt_family pktt_table_family(const struct pktt_table *table)
{
	return table->family;
}

struct pktt_table *table_next_at(const struct pktt_engine *engine, const struct pktt_table *after,
				 uint64_t gen)
{
	struct list *n = list_next(after ? &after->node : &engine->tables);

	for (; n != &engine->tables; n = list_next(n)) {
		struct pktt_table *t = list_entry(n, struct pktt_table, node);

		if (life_is_at(&t->life, gen))
			return t;
	}
	return NULL;
}

struct pktt_table *pktt_table_next(const struct pktt_engine *engine, const struct pktt_table *after)
{
	return table_next_at(engine, after, pktt_engine_generation(engine));
}

struct pktt_table *pktt_table_lookup(const struct pktt_engine *engine, enum pktt_family family,
				     const char *name)
{
	return table_at(engine, family, name, pktt_engine_generation(engine));
}
