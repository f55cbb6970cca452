/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of sets. Members are born and die by generation, as rules do: a list is short, so each can
 * afford its two numbers. Their order is that of the list; readers walk it without a lock.
 */
#include "core/set_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct set_member *set_member_next(const struct pktt_set *list, const struct set_member *after,
				   uint64_t gen)
{
	struct list *n = list_next(after ? &after->node : &list->members);

	for (; n != &list->members; n = list_next(n)) {
		struct set_member *m = list_entry(n, struct set_member, node);

		if (life_is_at(&m->life, gen))
			return m;
	}
	return NULL;
}

static void member_free(void *object)
{
	struct set_member *m = object;

	pktt_set_put(m->set);
	free(m->record);
	free(m);
}

/* The list's own reference to it is gone with its records: comments need the list's layout. */
static void member_release(const struct pktt_set *list, struct set_member *m)
{
	if (m->record)
		set_record_drop(list, m->record);
	member_free(m);
}

void set_list_free(struct pktt_set *list)
{
	list_for_each_safe (n, tmp, &list->members)
		member_release(list, list_entry(n, struct set_member, node));
	list_init(&list->members);
}

static struct set_member *member_of(const struct pktt_set *list, const struct pktt_set *set,
				    uint64_t gen)
{
	struct set_member *m = NULL;

	while ((m = set_member_next(list, m, gen)))
		if (m->set == set)
			return m;
	return NULL;
}

static int member_new(struct pktt_set *list, struct pktt_set *set, const struct set_element *e,
		      const struct set_member *old, struct set_member **ret)
{
	struct set_member *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->set = set;
	m->life = (struct life){ LIFE_NEVER, LIFE_NEVER };
	pktt_set_get(set);
	if (list->layout.size) {
		m->record = calloc(1, list->layout.size);
		if (!m->record ||
		    set_record_fill(list, m->record, &e->attr, set_clock_now(list->store))) {
			member_free(m);
			return -ENOMEM;
		}
		if (old && e->attr.packets == SET_NO_COUNT && e->attr.bytes == SET_NO_COUNT)
			set_record_carry(list, m->record, old->record);
	}
	*ret = m;
	return 0;
}

static int touch(struct pktt_txn *txn, struct pktt_set *list)
{
	if (list->changed == txn->gen)
		return 0;
	if (set_undo(txn, SET_UNDO_MEMBERS, list))
		return -ENOMEM;
	list->changed = txn->gen;
	return 0;
}

/* The member beside which the element names its place; NULL = none named. */
static int find_beside(struct pktt_txn *txn, struct pktt_set *list, const struct set_element *e,
		       struct set_member **ret, struct pktt_error *err)
{
	struct pktt_set *set;
	int r;

	*ret = NULL;
	if (!e->is_before && !e->is_after)
		return 0;
	r = set_find_named(txn, e->beside, &set, err);
	if (r)
		return r;
	*ret = member_of(list, set, txn->gen);
	return *ret ? 0
		    : pktt_fail(err, -ENOENT, "set %s is not in list %s", e->beside, list->name);
}

static int find_member_set(struct pktt_txn *txn, const struct set_element *e, struct pktt_set **ret,
			   struct pktt_error *err)
{
	int r = set_find_named(txn, e->member, ret, err);

	if (r)
		return r;
	if ((*ret)->type->store == SET_LIST)
		return pktt_fail(err, -EINVAL, "%s is a list itself: lists hold no lists",
				 e->member);
	return 0;
}

static void enter(struct pktt_set *list, struct set_member *m, struct set_member *beside,
		  const struct set_element *e, uint64_t gen)
{
	struct list *at = &list->members;

	if (beside)
		at = e->is_before ? &beside->node : list_next(&beside->node);
	set_touch(list);
	list_insert_before(at, &m->node);
	__atomic_store_n(&m->life.born, gen, __ATOMIC_RELEASE);
	list->nmembers++;
}

static int add_member(struct pktt_txn *txn, struct pktt_set *list, struct pktt_set *set,
		      struct set_element *e, struct set_member *beside)
{
	struct set_member *old = member_of(list, set, txn->gen), *m;

	if (touch(txn, list) || member_new(list, set, e, old, &m))
		return -ENOMEM;
	if (old) {
		/* It stays where it is. */
		e->is_before = true;
		beside = old;
		__atomic_store_n(&old->life.dies, txn->gen, __ATOMIC_RELEASE);
		list->nmembers--;
	}
	enter(list, m, beside, e, txn->gen);
	return 0;
}

int set_list_add(struct pktt_txn *txn, struct pktt_set *list, const struct set_element *element,
		 struct pktt_error *err)
{
	struct set_element e = *element;
	struct set_member *beside, *old;
	struct pktt_set *set;
	int r = find_member_set(txn, &e, &set, err);

	if (r == 0)
		r = find_beside(txn, list, &e, &beside, err);
	if (r)
		return r;
	/* The copy's comment still points into the original, which lives as long. */
	old = member_of(list, set, txn->gen);
	if (old && !e.exists_too &&
	    !set_record_is_expired(list, old->record, set_clock_now(list->store)))
		return set_fail_at(err, 0, strlen(e.member), -EEXIST, "%s is already in list %s",
				   e.member, list->name);
	pthread_mutex_lock(&list->lock);
	r = add_member(txn, list, set, &e, beside);
	pthread_mutex_unlock(&list->lock);
	return r ? pktt_fail(err, r, "no memory for a member of list %s", list->name) : 0;
}

static bool stands_beside(const struct pktt_set *list, const struct set_member *m,
			  const struct set_member *beside, const struct set_element *e,
			  uint64_t gen)
{
	if (!beside)
		return true;
	if (e->is_before)
		return set_member_next(list, m, gen) == beside;
	return set_member_next(list, beside, gen) == m;
}

static int kill(struct pktt_txn *txn, struct pktt_set *list, struct set_member *m)
{
	if (touch(txn, list))
		return -ENOMEM;
	set_touch(list);
	__atomic_store_n(&m->life.dies, txn->gen, __ATOMIC_RELEASE);
	list->nmembers--;
	return 0;
}

int set_list_delete(struct pktt_txn *txn, struct pktt_set *list, const struct set_element *e,
		    struct pktt_error *err)
{
	struct set_member *m, *beside;
	struct pktt_set *set;
	int r = find_member_set(txn, e, &set, err);

	if (r == 0)
		r = find_beside(txn, list, e, &beside, err);
	if (r)
		return r;
	m = member_of(list, set, txn->gen);
	if (!m || !stands_beside(list, m, beside, e, txn->gen)) {
		if (e->exists_too)
			return 0;
		return set_fail_at(err, 0, strlen(e->member), -ENOENT, "%s is not in list %s%s",
				   e->member, list->name, m ? " at that place" : "");
	}
	pthread_mutex_lock(&list->lock);
	r = kill(txn, list, m);
	pthread_mutex_unlock(&list->lock);
	return r ? pktt_fail(err, r, "no memory to change list %s", list->name) : 0;
}

int set_list_flush(struct pktt_txn *txn, struct pktt_set *list)
{
	struct set_member *m = NULL;
	int r = 0;

	pthread_mutex_lock(&list->lock);
	while (r == 0 && (m = set_member_next(list, m, txn->gen)))
		r = kill(txn, list, m);
	pthread_mutex_unlock(&list->lock);
	return r;
}

/* --- The transaction's outcome --------------------------------------------------------------- */

static void leave(struct pktt_set *list, struct set_member *m)
{
	if (m->record)
		set_record_drop(list, m->record);
	list_remove(&m->node);
	set_retire(list->store, m, member_free);
}

void set_list_commit(struct pktt_set *list, uint64_t gen)
{
	pthread_mutex_lock(&list->lock);
	list_for_each_safe (n, tmp, &list->members) {
		struct set_member *m = list_entry(n, struct set_member, node);

		/* Readers of the generation before still see it: it leaves with the next change. */
		if (m->life.dies < gen || m->life.born == LIFE_NEVER)
			leave(list, m);
	}
	pthread_mutex_unlock(&list->lock);
}

void set_list_abort(struct pktt_set *list, uint64_t gen)
{
	list_for_each (n, &list->members) {
		struct set_member *m = list_entry(n, struct set_member, node);

		if (m->life.born == gen) {
			__atomic_store_n(&m->life.born, LIFE_NEVER, __ATOMIC_RELEASE);
			list->nmembers--;
			if (m->life.dies == gen)
				list->nmembers++;
		} else if (m->life.dies == gen) {
			__atomic_store_n(&m->life.dies, LIFE_NEVER, __ATOMIC_RELEASE);
			list->nmembers++;
		}
	}
}
