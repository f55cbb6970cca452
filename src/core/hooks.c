/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hooks: which base chains, and functions beside them, a packet of a family meets, in order of
 * priority. An array is never changed but replaced by one store, so readers take no lock; dead chains
 * in it are skipped by life.
 */
#include "core/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void replace(struct pktt_engine *engine, struct hooks **slot, struct hooks *with)
{
	struct hooks *old = *slot;

	__atomic_store_n(slot, with, __ATOMIC_RELEASE);
	if (old)
		limbo_add(engine, &old->limbo, KIND_HOOKS, 0);
}

static int insert_one(struct pktt_engine *engine, struct hooks **slot, struct hook_entry entry)
{
	uint32_t n = *slot ? (*slot)->count : 0, at = 0;
	struct hooks *h = calloc(1, sizeof(*h) + (n + 1) * sizeof(h->at[0]));

	if (!h)
		return -ENOMEM;
	while (at < n && ((*slot)->at[at].priority < entry.priority ||
			  ((*slot)->at[at].priority == entry.priority && entry.chain)))
		at++;
	for (uint32_t i = 0; i < n; i++)
		h->at[i + (i >= at)] = (*slot)->at[i];
	h->at[at] = entry;
	h->count = n + 1;
	replace(engine, slot, h);
	return 0;
}

static void remove_one(struct pktt_engine *engine, struct hooks **slot,
		       const struct pktt_chain *chain)
{
	uint32_t n = *slot ? (*slot)->count : 0, kept = 0;
	struct hooks *h = calloc(1, sizeof(*h) + n * sizeof(h->at[0]));

	/* Without memory the dead chain stays listed and is skipped by its life. */
	if (!h)
		return;
	for (uint32_t i = 0; i < n; i++)
		if ((*slot)->at[i].chain != chain)
			h->at[kept++] = (*slot)->at[i];
	h->count = kept;
	replace(engine, slot, h);
}

/* inet's chains hang at IPv4's hooks and at IPv6's. */
static uint32_t families_of(const struct pktt_chain *chain)
{
	enum pktt_family f = chain->table->family;

	return f == PKTT_INET ? PKTT_FAM_V4 | PKTT_FAM_V6 : PKTT_FAM(f);
}

int hooks_insert(struct pktt_engine *engine, struct pktt_chain *chain)
{
	for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++) {
		int r = 0;

		if (families_of(chain) & PKTT_FAM(f))
			r = insert_one(engine, &engine->hooks[f][chain->hook],
				       (struct hook_entry){ chain->priority, chain, NULL });
		if (r)
			return r;
	}
	return 0;
}

void hooks_remove(struct pktt_engine *engine, struct pktt_chain *chain)
{
	for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++)
		if (families_of(chain) & PKTT_FAM(f))
			remove_one(engine, &engine->hooks[f][chain->hook], chain);
}

static int insert_fn(struct pktt_engine *engine, const struct pktt_hook_fn *fn)
{
	int r = 0;

	for (unsigned int f = 0; r == 0 && f < PKTT_FAMILY_COUNT; f++)
		if (fn->families & PKTT_FAM(f))
			r = insert_one(engine, &engine->hooks[f][fn->hook],
				       (struct hook_entry){ fn->priority, NULL, fn });
	return r;
}

int pktt_engine_hook(struct pktt_engine *engine, const struct pktt_hook_fn *fn, unsigned int n)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < n; i++)
		r = insert_fn(engine, &fn[i]);
	return r;
}
