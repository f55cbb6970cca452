/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine as a whole: made with its catalog, freed with all that it holds. */
#include "core/engine.h"

#include "base/own.h"
#include "core/ext.h"
#include "core/named.h"
#include "core/set.h"
#include "core/store.h"
#include "desc/catalog.h"

#include <errno.h>
#include <stdlib.h>
#include <urcu-qsbr.h>

static int fill(struct pktt_engine *engine, struct pktt_error *err)
{
	int r = pktt_catalog_new(&engine->catalog);

	if (r == 0)
		r = pktt_named_registry_new(&engine->named);
	if (r == 0)
		r = pktt_set_store_new(&engine->sets, engine);
	if (r)
		return pktt_fail(err, r, "no memory for an engine");
	r = pktt_ext_register_builtin(engine->catalog, err);
	if (r == 0 && engine->config.plugin_folder)
		r = pktt_ext_load_folder(&engine->plugins, engine->catalog,
					 engine->config.plugin_folder, err);
	return r;
}

int pktt_engine_new(struct pktt_engine **ret, const struct pktt_engine_config *config,
		    struct pktt_error *err)
{
	PKTT_AUTO(pktt_engine_free) struct pktt_engine *engine = calloc(1, sizeof(*engine));
	int r;

	if (!engine)
		return pktt_fail(err, -ENOMEM, "no memory for an engine");
	engine->config = *config;
	if (engine->config.workers == 0)
		engine->config.workers = 1;
	pthread_mutex_init(&engine->lock, NULL);
	list_init(&engine->tables);
	list_init(&engine->snapshots.all);
	pthread_mutex_init(&engine->snapshots.lock, NULL);
	reclaim_init(engine);
	r = fill(engine, err);
	if (r == 0)
		*ret = pktt_take(&engine);
	return r;
}

static void free_chain(struct pktt_chain *chain)
{
	list_for_each_safe (n, tmp, &chain->rules)
		rule_free(list_entry(n, struct rule, node));
	chain_free(chain);
}

static void free_table(struct pktt_table *table)
{
	list_for_each_safe (n, tmp, &table->chains)
		free_chain(list_entry(n, struct pktt_chain, node));
	table_free(table);
}

void pktt_engine_free(struct pktt_engine **slot)
{
	struct pktt_engine *engine = *slot;

	if (!engine)
		return;
	for (unsigned int i = PKTT_SLOT_COUNT; i-- > 0;)
		if (engine->part[i].free)
			engine->part[i].free(engine->part[i].object);
	reclaim_fini(engine);
	list_for_each_safe (n, tmp, &engine->tables)
		free_table(list_entry(n, struct pktt_table, node));
	for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++)
		for (unsigned int h = 0; h < PKTT_HOOK_COUNT; h++)
			free(engine->hooks[f][h]);
	pktt_named_registry_free(&engine->named);
	pktt_set_store_free(&engine->sets);
	own_tables_free(engine);
	pktt_catalog_free(&engine->catalog);
	pktt_ext_unload(&engine->plugins);
	index_fini(&engine->by_handle);
	index_fini(&engine->by_spec);
	index_fini(&engine->by_name);
	arena_fini(&engine->txn.arena);
	pthread_mutex_destroy(&engine->snapshots.lock);
	pthread_mutex_destroy(&engine->lock);
	free(engine);
	*slot = NULL;
}

const struct pktt_catalog *pktt_engine_catalog(const struct pktt_engine *engine)
{
	return engine->catalog;
}

const struct pktt_engine_config *pktt_engine_config(const struct pktt_engine *engine)
{
	return &engine->config;
}

uint64_t pktt_engine_generation(const struct pktt_engine *engine)
{
	return __atomic_load_n(&engine->generation, __ATOMIC_ACQUIRE);
}

struct pktt_named_registry *pktt_engine_named(const struct pktt_engine *engine)
{
	return engine->named;
}

void pktt_engine_set_slot(struct pktt_engine *engine, enum pktt_slot slot, void *object,
			  void (*free)(void *object))
{
	engine->part[slot] = (struct part){ object, free };
}

void *pktt_engine_slot(const struct pktt_engine *engine, enum pktt_slot slot)
{
	return engine->part[slot].object;
}

static bool has_stateful(const struct pktt_engine *engine, enum pktt_family family)
{
	return __atomic_load_n(&engine->nstateful[family], __ATOMIC_RELAXED);
}

bool pktt_engine_is_stateful(const struct pktt_engine *engine, enum pktt_family family)
{
	if (!engine->part[PKTT_SLOT_CONNTRACK].object)
		return false;
	if (family != PKTT_IPV4 && family != PKTT_IPV6)
		return false;
	return has_stateful(engine, family) || has_stateful(engine, PKTT_INET);
}
