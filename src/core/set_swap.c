/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two sets change places: each shows the other's elements, options and all, from a generation on.
 *
 * Overview: a set is a name that rules and lists hold, and elements that it shows. Both stand in one
 * object, since most sets show their own for ever. What a set shows is a list of versions, as a chain's
 * policy is. Elements that no set of any generation shows are dropped, though their object may live on
 * as a name.
 *
 * Synchronization: writer only, but for set_shown().
 */
#include "core/set_own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct set_shows *shows_new(struct pktt_set *of, struct pktt_set *is, uint64_t born)
{
	struct set_shows *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct set_shows){ .born = born, .is = is, .of = of };
	is->nshown++;
	if (is != of)
		pktt_set_get(is);
	return s;
}

int set_shows_init(struct pktt_set *set)
{
	set->shows = shows_new(set, set, 0);
	return set->shows ? 0 : -ENOMEM;
}

static void drop_elements(struct pktt_set *set)
{
	pthread_mutex_lock(&set->lock);
	while (set->body) {
		struct set_body *older = set->body->older;

		set_body_free(&set->body, set);
		set->body = older;
	}
	pthread_mutex_unlock(&set->lock);
}

void set_shows_free(struct set_shows *s)
{
	if (--s->is->nshown == 0)
		drop_elements(s->is);
	if (s->is != s->of)
		pktt_set_put(s->is);
	free(s);
}

static void release_shows(void *object)
{
	struct set_shows *s = object;
	struct pktt_set *of = s->of;

	set_shows_free(s);
	pktt_set_put(of);
}

static void retire(struct set_shows *s)
{
	pktt_set_get(s->of);
	set_retire(s->of->store, s, release_shows);
}

static int show(struct pktt_txn *txn, struct pktt_set *set, struct pktt_set *is)
{
	struct set_shows *s = shows_new(set, is, txn->gen);

	if (!s)
		return -ENOMEM;
	if (set_undo(txn, SET_UNDO_SWAP, set)) {
		set_shows_free(s);
		return -ENOMEM;
	}
	s->older = set->shows;
	__atomic_store_n(&set->shows, s, __ATOMIC_RELEASE);
	snprintf(is->name, sizeof(is->name), "%s", set->key);
	set_touch(is);
	return 0;
}

/* One note of the transaction, of perhaps several: one version that only readers of before still need. */
void set_swap_commit(struct pktt_set *set)
{
	struct set_shows *s = set->shows, *older = s->older;

	set_touch(s->is);
	if (older->born == s->born)
		__atomic_store_n(&s->older, older->older, __ATOMIC_RELEASE);
	retire(older);
}

void set_swap_abort(struct pktt_set *set)
{
	struct set_shows *s = set->shows;

	__atomic_store_n(&set->shows, s->older, __ATOMIC_RELEASE);
	snprintf(s->older->is->name, sizeof(s->older->is->name), "%s", set->key);
	set_touch(s->is);
	retire(s);
}

static int check_alike(const struct pktt_set *a, const struct pktt_set *b, struct pktt_error *err)
{
	if (a->type == b->type && a->args.family == b->args.family)
		return 0;
	return pktt_fail(err, -EINVAL,
			 "set %s is a %s%s, set %s a %s%s: only sets alike are swapped", a->name,
			 a->type->ext.name, a->args.family == PKTT_IPV6 ? " of IPv6" : "", b->name,
			 b->type->ext.name, b->args.family == PKTT_IPV6 ? " of IPv6" : "");
}

int pktt_set_swap(struct pktt_txn *txn, const char *name, const char *other, struct pktt_error *err)
{
	struct pktt_set *a, *b, *in_a, *in_b;
	int r = set_find_named(txn, name, &a, err);

	if (r == 0)
		r = set_find_named(txn, other, &b, err);
	if (r)
		return r;
	in_a = set_shown(a, txn->gen);
	in_b = set_shown(b, txn->gen);
	r = check_alike(in_a, in_b, err);
	if (r || a == b)
		return r;
	if (show(txn, a, in_b) || show(txn, b, in_a) ||
	    change_set(txn, PKTT_CHANGE_SET_SWAP, name, other))
		return pktt_fail(err, -ENOMEM, "no memory to swap sets %s and %s", name, other);
	return 0;
}
