/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements that transactions add and delete, as text. */
#include "core/set_own.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* What went wrong with one element of those that the text names. */
static int fail_element(const struct pktt_set *set, const char *text, int code,
			struct pktt_error *err)
{
	int len = (int)strcspn(text, " \t");

	switch (-code) {
	case EEXIST:
		return set_fail_at(err, 0, (size_t)len, code, "%.*s is already in set %s",
				   len < 100 ? len : 100, text, set->name);
	case ENOENT:
		return set_fail_at(err, 0, (size_t)len, code, "%.*s is not in set %s",
				   len < 100 ? len : 100, text, set->name);
	case ENOSPC:
		return set_fail_at(err, 0, (size_t)len, code, "set %s is full: maxelem is %" PRIu32,
				   set->name, set->args.maxelem);
	case ERANGE:
		if (set->type->store == SET_BITMAP)
			return set_fail_at(err, 0, (size_t)len, code,
					   "%.*s is outside the range of set %s",
					   len < 100 ? len : 100, text, set->name);
		return set_fail_at(err, 0, (size_t)len, code,
				   "address 0 cannot be in a set of type %s", set->type->ext.name);
	}
	return set_fail_at(err, 0, (size_t)len, code, "no memory for an element of set %s",
			   set->name);
}

/* More than fit are refused before the work, not after the last that fitted. */
static int check_count(const struct pktt_set *set, const struct set_element *e, const char *text,
		       struct pktt_error *err)
{
	uint64_t count = set_element_count(set, e);
	uint64_t most = set->type->store == SET_BITMAP ? set->range : set->args.maxelem;

	if (count <= most || set->has_mask || count <= UINT16_MAX + 1)
		return 0;
	return set_fail_at(err, 0, strcspn(text, " \t"), -ENOSPC,
			   "this names %" PRIu64 " elements; set %s holds at most %" PRIu64, count,
			   set->name, most);
}

static bool is_tolerated(const struct set_element *e, const struct pktt_set *set, bool is_first,
			 int r)
{
	bool repeats = set->args.bitmask.len && !is_first; /* masked, several are one */

	return (r == -EEXIST || r == -ENOENT) && (e->exists_too || repeats);
}

static int change(struct set_write *w, struct set_element *e, bool adds)
{
	struct set_point point = { 0 };
	bool is_first = true;
	int r;

	w->replaces = e->exists_too;
	set_element_first(w->set, e, &point);
	do {
		r = adds ? set_element_put(w, &point, &e->attr) : set_element_drop(w, &point);
		if (r && is_tolerated(e, w->set, is_first, r))
			r = 0;
		is_first = false;
	} while (r == 0 && set_element_next(w->set, e, &point));
	return r;
}

static int change_element(struct pktt_txn *txn, const char *name, const char *text, bool adds,
			  struct pktt_error *err)
{
	struct set_element e;
	struct pktt_set *set;
	struct set_write w;
	int r = set_find(txn, name, &set, err);

	if (r == 0)
		r = set_element_parse(set, text, &e, err);
	if (r)
		return r;
	if (set->type->store == SET_LIST)
		return adds ? set_list_add(txn, set, &e, err) : set_list_delete(txn, set, &e, err);
	r = check_count(set, &e, text, err);
	if (r)
		return r;
	set_body_settle(set, txn);
	pthread_mutex_lock(&set->lock);
	set_touch(set);
	r = set_write_begin(&w, set, txn, txn->gen);
	if (r == 0)
		r = change(&w, &e, adds);
	pthread_mutex_unlock(&set->lock);
	return r ? fail_element(set, text, r, err) : 0;
}

void pktt_set_sweep(struct pktt_txn *txn, const char *name)
{
	struct pktt_set *set;
	struct set_write w;

	if (set_find(txn, name, &set, NULL) || set->type->store == SET_LIST)
		return;
	set_body_settle(set, txn);
	pthread_mutex_lock(&set->lock);
	set_touch(set);
	if (set_write_begin(&w, set, txn, txn->gen) == 0)
		set_element_sweep(&w);
	pthread_mutex_unlock(&set->lock);
}

static int note_element(struct pktt_txn *txn, enum pktt_change_kind kind, const char *name,
			const char *element, struct pktt_error *err)
{
	if (change_set(txn, kind, name, element))
		return pktt_fail(err, -ENOMEM, "no memory for an element of set %s", name);
	return 0;
}

int pktt_set_element_add(struct pktt_txn *txn, const char *name, const char *element,
			 struct pktt_error *err)
{
	int r = change_element(txn, name, element, true, err);

	return r ? r : note_element(txn, PKTT_CHANGE_ELEMENT_NEW, name, element, err);
}

int pktt_set_element_delete(struct pktt_txn *txn, const char *name, const char *element,
			    struct pktt_error *err)
{
	int r = change_element(txn, name, element, false, err);

	return r ? r : note_element(txn, PKTT_CHANGE_ELEMENT_DELETE, name, element, err);
}
