/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's sets, for set.c and set_txn.c. */
#ifndef PKTT_CORE_SET_STORE_H
#define PKTT_CORE_SET_STORE_H

#include "core/set_own.h"

struct set_undo {
	struct set_undo *older;
	enum set_undo_what what;
	struct pktt_set *set;
};

struct set_retired {
	struct set_retired *next;
	void *object;
	void (*release)(void *object);
};

struct pktt_set_store {
	struct pktt_engine *engine;
	struct siphash_key key;
	struct pktt_set **set; /* by name; writer only */
	size_t nsets, room;
	struct pktt_set *last;	     /* the one that was asked for last */
	uint64_t epoch, now;	     /* ns; 0 = nobody has told the time yet */
	struct set_undo *undo;	     /* of the open transaction, newest first */
	pthread_mutex_t lock;	     /* of retired */
	struct set_retired *retired; /* oldest first */
	struct set_retired **retired_end;
	unsigned int nretired;
};

/* Into and out of the order of names. -ENOMEM. */
int set_store_insert(struct pktt_set_store *store, struct pktt_set *set);
void set_store_remove(struct pktt_set_store *store, const struct pktt_set *set);
/* -EBUSY with a sentence: a rule or list of the transaction's view uses it (set_users.c). */
int set_check_unused(const struct pktt_txn *txn, const struct pktt_set *set,
		     struct pktt_error *err);
/* The same, by what was there before the transaction; by a rule that it has added. */
int set_check_unused_by_old(const struct pktt_txn *txn, const struct pktt_set *set,
			    struct pktt_error *err);
int set_check_unused_by_new(const struct pktt_txn *txn, const struct pktt_set *set,
			    struct pktt_error *err);
struct pktt_set *set_store_at(struct pktt_set_store *store, const char *name, uint64_t gen);

#endif
