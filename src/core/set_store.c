/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sets of an engine, by name; its clock for timeouts; and what waits for readers to leave. */
#include "core/set_store.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RETIRED_BATCH 64u

static uint64_t mix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int pktt_set_store_new(struct pktt_set_store **ret, struct pktt_engine *engine)
{
	struct pktt_set_store *store = calloc(1, sizeof(*store));
	uint64_t seed = pktt_engine_config(engine)->seed ^ UINT64_C(0x5e75);

	if (!store)
		return -ENOMEM;
	store->engine = engine;
	store->key = (struct siphash_key){ { mix(&seed), mix(&seed) } };
	store->retired_end = &store->retired;
	pthread_mutex_init(&store->lock, NULL);
	*ret = store;
	return 0;
}

void pktt_set_store_free(struct pktt_set_store **slot)
{
	struct pktt_set_store *store = *slot;

	if (!store)
		return;
	pktt_set_reclaimed(pktt_set_reclaim(store));
	/* Lists first: they hold other sets, as sets that were swapped do. */
	for (size_t i = 0; i < store->nsets; i++) {
		struct set_shows *shows = store->set[i]->shows;

		store->set[i]->shows = NULL;
		set_shows_free(shows);
	}
	for (size_t i = 0; i < store->nsets; i++)
		set_list_free(store->set[i]);
	for (size_t i = 0; i < store->nsets; i++)
		pktt_set_put(store->set[i]);
	pktt_set_reclaimed(pktt_set_reclaim(store));
	free(store->set);
	pthread_mutex_destroy(&store->lock);
	free(store);
	*slot = NULL;
}

/* --- Names ----------------------------------------------------------------------------------- */

/* The first whose name is not before. */
static size_t lower_bound(const struct pktt_set_store *store, const char *name)
{
	size_t low = 0, high = store->nsets;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(store->set[mid]->key, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct pktt_set *set_store_at(struct pktt_set_store *store, const char *name, uint64_t gen)
{
	struct pktt_set *last = store->last;

	if (last && life_is_at(&last->life, gen) && strcmp(last->key, name) == 0)
		return last;
	for (size_t i = lower_bound(store, name);
	     i < store->nsets && strcmp(store->set[i]->key, name) == 0; i++)
		if (life_is_at(&store->set[i]->life, gen))
			return store->last = store->set[i];
	return NULL;
}

int set_store_insert(struct pktt_set_store *store, struct pktt_set *set)
{
	size_t at = lower_bound(store, set->key);

	if (store->nsets == store->room) {
		size_t room = store->room ? 2 * store->room : 16;
		struct pktt_set **more = realloc(store->set, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		store->set = more;
		store->room = room;
	}
	memmove(store->set + at + 1, store->set + at, (store->nsets - at) * sizeof(*store->set));
	store->set[at] = set;
	store->nsets++;
	return 0;
}

void set_store_remove(struct pktt_set_store *store, const struct pktt_set *set)
{
	size_t at = lower_bound(store, set->key);

	while (at < store->nsets && store->set[at] != set)
		at++;
	if (at == store->nsets)
		return;
	store->nsets--;
	memmove(store->set + at, store->set + at + 1, (store->nsets - at) * sizeof(*store->set));
	store->last = NULL;
}

struct pktt_set *pktt_set_lookup(struct pktt_engine *engine, const char *name)
{
	struct pktt_set_store *store = pktt_engine_sets(engine);

	uint64_t gen = pktt_engine_generation(engine);
	struct pktt_set *set = set_store_at(store, name, gen);

	return set ? set_shown(set, gen) : NULL;
}

/* An open transaction is the next generation; without one nothing is born there yet. */
struct pktt_set *pktt_set_find(struct pktt_engine *engine, const char *name)
{
	struct pktt_set_store *store = pktt_engine_sets(engine);

	return set_store_at(store, name, pktt_engine_generation(engine) + 1);
}

struct pktt_set *pktt_set_next(struct pktt_engine *engine, const struct pktt_set *after)
{
	struct pktt_set_store *store = pktt_engine_sets(engine);
	uint64_t gen = pktt_engine_generation(engine);
	size_t i = after ? lower_bound(store, after->name) : 0;

	while (after && i < store->nsets && set_shown(store->set[i], gen) != after)
		i++;
	for (i += after != NULL; i < store->nsets; i++)
		if (life_is_at(&store->set[i]->life, gen))
			return set_shown(store->set[i], gen);
	return NULL;
}

/* --- Time ------------------------------------------------------------------------------------ */

uint64_t set_clock(struct pktt_set_store *store, uint64_t time_ns)
{
	uint64_t epoch = __atomic_load_n(&store->epoch, __ATOMIC_RELAXED);

	if (!time_ns)
		return 0;
	if (!epoch && __atomic_compare_exchange_n(&store->epoch, &epoch, time_ns, false,
						  __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		epoch = time_ns;
	if (time_ns > __atomic_load_n(&store->now, __ATOMIC_RELAXED))
		__atomic_store_n(&store->now, time_ns, __ATOMIC_RELAXED);
	return time_ns > epoch ? time_ns - epoch : 0;
}

uint64_t set_clock_now(const struct pktt_set_store *store)
{
	uint64_t epoch = __atomic_load_n(&store->epoch, __ATOMIC_RELAXED);
	uint64_t now = __atomic_load_n(&store->now, __ATOMIC_RELAXED);

	return epoch && now > epoch ? now - epoch : 0;
}

void pktt_engine_set_time(struct pktt_engine *engine, uint64_t time_ns)
{
	set_clock(pktt_engine_sets(engine), time_ns);
}

uint64_t pktt_engine_time(struct pktt_engine *engine)
{
	return __atomic_load_n(&pktt_engine_sets(engine)->now, __ATOMIC_RELAXED);
}

/* --- What readers may still look at ---------------------------------------------------------- */

/* Without memory for the note it is never freed, which is safe. */
void set_retire(struct pktt_set_store *store, void *object, void (*release)(void *object))
{
	struct set_retired *r = calloc(1, sizeof(*r));

	if (!r)
		return;
	r->object = object;
	r->release = release;
	pthread_mutex_lock(&store->lock);
	*store->retired_end = r;
	store->retired_end = &r->next;
	store->nretired++;
	pthread_mutex_unlock(&store->lock);
}

bool pktt_set_wants_reclaim(struct pktt_set_store *store)
{
	return store && __atomic_load_n(&store->nretired, __ATOMIC_RELAXED) >= RETIRED_BATCH;
}

struct set_retired *pktt_set_reclaim(struct pktt_set_store *store)
{
	struct set_retired *all;

	if (!store)
		return NULL;
	pthread_mutex_lock(&store->lock);
	all = store->retired;
	store->retired = NULL;
	store->retired_end = &store->retired;
	store->nretired = 0;
	pthread_mutex_unlock(&store->lock);
	return all;
}

void pktt_set_reclaimed(struct set_retired *all)
{
	while (all) {
		struct set_retired *next = all->next;

		all->release(all->object);
		free(all);
		all = next;
	}
}
