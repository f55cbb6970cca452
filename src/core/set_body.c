/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The elements of a set, by generation.
 *
 * Overview: an element carries no generation of its own, so that a million addresses take a dozen
 * bytes each. Instead a set has bodies: the body born at a generation holds the elements from then
 * on. Creating and flushing a set make a new body, which is written directly, since nobody sees it
 * before commit: that is how sets are loaded. A transaction that changes a set with elements in it
 * writes a delta beside the body's table: for each key that it touches, whether the element is
 * there and from which generation on. A reader looks at the delta first, where the newest entry
 * that its generation knows decides, and then at the table. Abort makes the entries' generation one
 * that never comes. The delta is folded into the table when it has grown, after a grace period: no
 * reader is left that must not see it.
 *
 * Why not a copy swapped at commit: one element added to a large set must not cost its size. Why
 * not an undo log on the table: packets would see elements before commit, and half of a change.
 *
 * Changes by packets (SET) are seen at once, by all generations that see the body: they go to the
 * table or, where the packet's generation finds the key in the delta, into that entry.
 *
 * Life-cycle of a record (timeout, counters ...): its number is the element's value word, in the
 * table or the delta; folding moves the number, so counts are not lost. Bodies own their records.
 *
 * Synchronization: writers hold the set's lock; readers are inside an RCU read side, and use the
 * tables' sequence counts. Tables and bodies that were replaced go through set_retire().
 */
#include "core/set_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <urcu-qsbr.h>

/* An entry of a delta: the value word, then the generation, then what it says. */
enum { D_VALUE, D_BORN_LOW, D_BORN_HIGH, D_OP, D_WORDS };
enum { OP_IS_THERE = 1, OP_WAS_THERE = 2 }; /* now; before the transaction */

#define FOLD_MIN 256u /* entries: fewer are not worth the wait for a grace period */

static uint64_t born_of(const uint32_t *value)
{
	return (uint64_t)set_word(&value[D_BORN_HIGH]) << 32 | set_word(&value[D_BORN_LOW]);
}

static struct set_table *load(struct set_table *const *slot)
{
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

static void publish(struct set_table **slot, struct set_table *table)
{
	__atomic_store_n(slot, table, __ATOMIC_RELEASE);
}

static void release_table(void *table)
{
	struct set_table *t = table;

	set_table_free(&t);
}

/* --- Bodies ---------------------------------------------------------------------------------- */

int set_body_new(struct set_body **ret, const struct pktt_set *set, uint64_t born)
{
	struct set_body *body = calloc(1, sizeof(*body));
	int r;

	if (!body)
		return -ENOMEM;
	body->born = born;
	r = set_table_new(&body->table, &set->shape, set->range);
	if (r)
		free(body);
	else
		*ret = body;
	return r;
}

static void drop_records(const struct pktt_set *set, const struct set_body *body,
			 const struct set_table *table)
{
	uint32_t at = 0;

	for (uint32_t *slot; (slot = set_table_walk(table, &at));)
		if (slot[table->shape.key_words] >> 2)
			set_record_drop(set, set_record(set, body, slot[table->shape.key_words]));
}

void set_body_free(struct set_body **slot, const struct pktt_set *set)
{
	struct set_body *body = *slot;

	if (!body)
		return;
	if (set->layout.comment != SET_NO_PLACE) {
		drop_records(set, body, body->table);
		if (body->delta)
			drop_records(set, body, body->delta);
	}
	set_table_free(&body->table);
	set_table_free(&body->delta);
	set_slab_fini(&body->slab);
	free(body);
	*slot = NULL;
}

struct set_body *set_body_at(const struct pktt_set *set, uint64_t gen)
{
	struct set_body *b = __atomic_load_n(&set->body, __ATOMIC_ACQUIRE);

	while (b && __atomic_load_n(&b->born, __ATOMIC_ACQUIRE) > gen)
		b = __atomic_load_n(&b->older, __ATOMIC_ACQUIRE);
	return b;
}

/* --- Reading --------------------------------------------------------------------------------- */

/* What the delta says of a key to a generation: the entry that is newest to it, or NULL. */
static uint32_t *delta_newest(const struct set_table *delta, const uint32_t *key, uint64_t gen)
{
	struct set_cursor c = set_table_seek(delta, key);
	unsigned int words = delta->shape.key_words;
	uint32_t *best = NULL;

	for (uint32_t *slot; (slot = set_table_next(delta, &c));)
		if (set_slot_is(slot, key, words) && born_of(slot + words) <= gen &&
		    (!best || born_of(slot + words) >= born_of(best + words)))
			best = slot;
	return best;
}

/* 1 = there, 0 = not there, -1 = the delta does not say. */
static int delta_get(const struct set_table *delta, const uint32_t *key, uint64_t gen,
		     uint32_t *value)
{
	uint32_t seq, *slot, found[D_WORDS] = { 0 };

	do {
		seq = set_table_enter(delta);
		slot = delta_newest(delta, key, gen);
		for (unsigned int i = 0; slot && i < D_WORDS; i++)
			found[i] = set_word(&slot[delta->shape.key_words + i]);
	} while (set_table_again(delta, seq));
	if (!slot)
		return -1;
	*value = found[D_VALUE];
	return found[D_OP] & OP_IS_THERE;
}

bool set_body_get(const struct set_body *body, const uint32_t *key, uint64_t gen, uint32_t *value)
{
	const struct set_table *delta = load(&body->delta);
	int said = delta ? delta_get(delta, key, gen, value) : -1;

	*value = said > 0 ? *value : 0;
	return said >= 0 ? said : set_table_get(load(&body->table), key, value);
}

typedef bool see_fn(void *ctx, const uint32_t *key, uint32_t value);

/* Whether a slot of the delta is the one that counts for its key. */
static bool is_newest(const struct set_table *delta, const uint32_t *slot, uint64_t gen)
{
	return delta_newest(delta, slot, gen) == slot;
}

static void delta_each(const struct set_table *delta, uint64_t gen, uint32_t *at, see_fn *see,
		       void *ctx)
{
	unsigned int words = delta->shape.key_words;

	for (uint32_t *slot; (slot = set_table_walk(delta, at));)
		if (slot[words + D_OP] & OP_IS_THERE && is_newest(delta, slot, gen) &&
		    !see(ctx, slot, slot[words + D_VALUE]))
			return;
}

void set_body_step(const struct set_body *body, uint64_t gen, uint32_t *at, uint32_t *delta_at,
		   see_fn *see, void *ctx)
{
	const struct set_table *t = body->table;

	for (uint32_t *slot; (slot = set_table_walk(t, at));) {
		if (body->delta && delta_newest(body->delta, slot, gen))
			continue;
		if (!see(ctx, slot, t->shape.value_words ? slot[t->shape.key_words] : 0))
			return;
	}
	if (body->delta)
		delta_each(body->delta, gen, delta_at, see, ctx);
}

void set_body_each(const struct set_body *body, uint64_t gen, see_fn *see, void *ctx)
{
	uint32_t at = 0, delta_at = 0;

	set_body_step(body, gen, &at, &delta_at, see, ctx);
}

/* One pass over the slots that a key's hashed words lead to; value_at: of the value words. */
static bool scan_table(const struct set_table *t, const uint32_t *key,
		       bool (*take)(void *ctx, const struct set_table *t, const uint32_t *slot),
		       void *ctx)
{
	struct set_cursor start = set_table_seek(t, key), c;
	uint32_t seq;

	do {
		c = start;
		seq = set_table_enter(t);
		for (uint32_t *slot; (slot = set_table_next(t, &c));)
			if (set_slot_is(slot, key, t->shape.hash_words) && !take(ctx, t, slot))
				return false;
	} while (set_table_again(t, seq));
	return true;
}

struct scan {
	const struct set_body *body;
	const struct set_table *delta;
	uint64_t gen;
	see_fn *see;
	void *ctx;
};

static void copy_words(uint32_t *to, const uint32_t *from, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		to[i] = set_word(&from[i]);
}

static bool scan_base(void *ctx, const struct set_table *t, const uint32_t *slot)
{
	const struct scan *s = ctx;
	uint32_t key[SET_KEY_WORDS], value = 0, said;

	copy_words(key, slot, t->shape.key_words);
	if (t->shape.value_words)
		value = set_word(&slot[t->shape.key_words]);
	if (s->delta && delta_get(s->delta, key, s->gen, &said) >= 0)
		return true;
	return s->see(s->ctx, key, value);
}

static bool scan_delta(void *ctx, const struct set_table *t, const uint32_t *slot)
{
	const struct scan *s = ctx;
	uint32_t key[SET_KEY_WORDS], value;

	copy_words(key, slot, t->shape.key_words);
	if (delta_get(t, key, s->gen, &value) != 1)
		return true;
	return s->see(s->ctx, key, value);
}

bool set_body_scan(const struct set_body *body, const uint32_t *key, uint64_t gen, see_fn *see,
		   void *ctx)
{
	struct scan s = { body, load(&body->delta), gen, see, ctx };

	if (!scan_table(load(&body->table), key, scan_base, &s))
		return false;
	return !s.delta || scan_table(s.delta, key, scan_delta, &s);
}

/* --- Prefix lengths -------------------------------------------------------------------------- */

static void lengths_note(struct set_lengths *l, uint8_t cidr)
{
	__atomic_fetch_or(&l->present[cidr / 64], UINT64_C(1) << (cidr % 64), __ATOMIC_RELEASE);
	l->count[cidr]++;
}

static void lengths_forget(struct set_lengths *l, uint8_t cidr, bool seen_by_all)
{
	if (--l->count[cidr] == 0 && seen_by_all)
		__atomic_fetch_and(&l->present[cidr / 64], ~(UINT64_C(1) << (cidr % 64)),
				   __ATOMIC_RELEASE);
}

/* An element comes (+1) or goes (-1). */
static void account(const struct pktt_set *set, struct set_body *body, const uint32_t *key, int by)
{
	struct set_point point;
	uint8_t cidr[2];

	body->count += (uint32_t)by;
	if (set->nnets == 0)
		return;
	set_unpack(set, key, &point);
	set_lengths_of(set, &point, cidr);
	for (unsigned int i = 0; i < set->nnets; i++)
		if (by > 0)
			lengths_note(&body->lengths[i], cidr[i]);
		else
			lengths_forget(&body->lengths[i], cidr[i], !body->delta);
}

static void recount(const struct pktt_set *set, struct set_body *body)
{
	uint32_t at = 0;

	body->count = 0;
	for (unsigned int i = 0; i < set->nnets; i++)
		memset(body->lengths[i].count, 0, sizeof(body->lengths[i].count));
	for (uint32_t *slot; (slot = set_table_walk(body->table, &at));)
		account(set, body, slot, 1);
	for (unsigned int i = 0; i < set->nnets; i++)
		for (unsigned int c = 0; c < SET_LENGTHS; c++)
			if (body->lengths[i].count[c] == 0)
				__atomic_fetch_and(&body->lengths[i].present[c / 64],
						   ~(UINT64_C(1) << (c % 64)), __ATOMIC_RELEASE);
}

/* --- Writing --------------------------------------------------------------------------------- */

bool set_write_is_private(const struct set_write *w)
{
	return w->txn && w->body->born == w->txn->gen;
}

/* Nobody but the writer can look at a body that is not committed. */
static void retire_table(const struct set_write *w, struct set_table *table)
{
	if (set_write_is_private(w))
		set_table_free(&table);
	else
		set_retire(w->set->store, table, release_table);
}

static int make_room(const struct set_write *w, struct set_table **slot)
{
	struct set_table *old = *slot, *larger;
	int r;

	if (!set_table_is_full(old))
		return 0;
	r = set_table_grown(old, &larger);
	if (r)
		return r;
	publish(slot, larger);
	retire_table(w, old);
	return 0;
}

static void give_record(const struct set_write *w, uint32_t value)
{
	if (!(value >> 2))
		return;
	set_record_drop(w->set, set_record(w->set, w->body, value));
	set_slab_give(&w->body->slab, value >> 2);
}

static int put_base(const struct set_write *w, const uint32_t *key, const uint32_t *value)
{
	struct set_body *body = w->body;
	uint32_t *slot = set_table_find(body->table, key), old = 0;
	int r;

	if (slot && body->table->shape.value_words)
		old = slot[body->table->shape.key_words];
	if (!value) {
		if (slot)
			set_table_remove(body->table, slot);
		give_record(w, old);
		return 0;
	}
	if (slot) {
		if (body->table->shape.value_words)
			set_table_update(body->table, slot, value);
		if (old >> 2 != *value >> 2)
			give_record(w, old);
		return 0;
	}
	r = make_room(w, &body->table);
	if (r == 0)
		set_table_insert(body->table, key, value);
	return r;
}

static int delta_open(const struct set_write *w)
{
	struct set_shape shape = w->set->shape;
	struct set_table *delta;
	int r;

	if (w->body->delta)
		return make_room(w, &w->body->delta);
	shape.is_dense = false;
	shape.value_words = D_WORDS;
	r = set_table_new(&delta, &shape, 0);
	if (r == 0)
		publish(&w->body->delta, delta);
	return r;
}

/* An entry that readers may be looking at, or one of this transaction's. */
static void delta_change(const struct set_write *w, uint32_t *slot, const uint32_t *value)
{
	unsigned int words = w->body->delta->shape.key_words;
	uint32_t entry[D_WORDS];

	memcpy(entry, slot + words, sizeof(entry));
	if (!value || entry[D_VALUE] >> 2 != *value >> 2)
		give_record(w, entry[D_VALUE]);
	entry[D_VALUE] = value ? *value : 0;
	entry[D_OP] = (entry[D_OP] & OP_WAS_THERE) | (value ? OP_IS_THERE : 0);
	set_table_update(w->body->delta, slot, entry);
}

static int put_delta(const struct set_write *w, const uint32_t *key, bool was,
		     const uint32_t *value)
{
	uint64_t gen = w->txn->gen;
	uint32_t entry[D_WORDS] = {
		[D_VALUE] = value ? *value : 0,
		[D_BORN_LOW] = (uint32_t)gen,
		[D_BORN_HIGH] = (uint32_t)(gen >> 32),
		[D_OP] = (value ? OP_IS_THERE : 0) | (was ? OP_WAS_THERE : 0),
	};
	uint32_t *slot;
	int r = delta_open(w);

	if (r)
		return r;
	slot = delta_newest(w->body->delta, key, gen);
	if (slot && born_of(slot + w->body->delta->shape.key_words) == gen)
		delta_change(w, slot, value);
	else
		set_table_insert(w->body->delta, key, entry);
	return 0;
}

int set_body_put(const struct set_write *w, const uint32_t *key, bool was, const uint32_t *value)
{
	struct set_body *body = w->body;
	uint32_t *slot = NULL;
	int r = 0;

	/* Lengths are announced before, and forgotten after, so that nobody misses an element. */
	if (value && !was)
		account(w->set, body, key, 1);
	if (w->txn && !set_write_is_private(w)) {
		r = put_delta(w, key, was, value);
	} else {
		if (body->delta)
			slot = delta_newest(body->delta, key, w->gen);
		if (slot)
			delta_change(w, slot, value);
		else
			r = put_base(w, key, value);
	}
	if ((r && value && !was) || (r == 0 && !value && was))
		account(w->set, body, key, -1);
	return r;
}

/* --- Transactions ---------------------------------------------------------------------------- */

/*
 * After a grace period, with no transaction's entries in it but committed and aborted ones. Without
 * memory what is left stays in the delta, which is only slower.
 */
static void fold(const struct set_write *w)
{
	struct set_body *body = w->body;
	struct set_table *delta = body->delta;
	unsigned int words = delta->shape.key_words;
	uint32_t at = 0;
	int r = 0;

	for (uint32_t *slot; r == 0 && (slot = set_table_walk(delta, &at));) {
		uint32_t *value = slot + words;

		if (is_newest(delta, slot, LIFE_NEVER - 1)) {
			r = put_base(w, slot, value[D_OP] & OP_IS_THERE ? value : NULL);
		} else {
			give_record(w, value[D_VALUE]);
			__atomic_store_n(&value[D_VALUE], 0, __ATOMIC_RELAXED);
		}
	}
	if (r)
		return;
	publish(&body->delta, NULL);
	set_retire(w->set->store, delta, release_table);
	recount(w->set, body);
}

int set_write_begin(struct set_write *w, struct pktt_set *set, struct pktt_txn *txn, uint64_t gen)
{
	int r;

	*w = (struct set_write){ .set = set, .txn = txn, .gen = gen };
	w->now = set_clock_now(set->store);
	w->body = set_body_at(set, gen);
	if (!txn || set->changed == txn->gen || set_write_is_private(w))
		return 0;
	r = set_undo(txn, SET_UNDO_DELTA, set);
	if (r)
		return r;
	set->changed = txn->gen;
	return 0;
}

/*
 * The wait is without the lock: a packet that waits for the lock is inside its read side, and would be
 * waited for. Nobody but the transaction puts entries of a generation to come into the delta.
 */
void set_body_settle(struct pktt_set *set, const struct pktt_txn *txn)
{
	struct set_write w = { .set = set, .gen = txn->gen - 1 };

	w.body = set_body_at(set, w.gen);
	if (!w.body || set->changed == txn->gen || !w.body->delta ||
	    w.body->delta->used < FOLD_MIN + w.body->table->used / 4)
		return;
	synchronize_rcu();
	pthread_mutex_lock(&set->lock);
	fold(&w);
	pthread_mutex_unlock(&set->lock);
}

void set_body_abort(struct pktt_set *set, struct set_body *body, uint64_t gen)
{
	struct set_write w = { .set = set, .body = body, .gen = gen };
	struct set_table *delta = body->delta;
	uint32_t at = 0;

	for (uint32_t *slot; delta && (slot = set_table_walk(delta, &at));) {
		uint32_t *value = slot + delta->shape.key_words, op = value[D_OP];

		if (born_of(value) != gen)
			continue;
		if (op == OP_IS_THERE)
			account(set, body, slot, -1);
		else if (op == OP_WAS_THERE)
			account(set, body, slot, 1);
		__atomic_store_n(&value[D_BORN_HIGH], UINT32_MAX, __ATOMIC_RELAXED);
		__atomic_store_n(&value[D_BORN_LOW], UINT32_MAX, __ATOMIC_RELAXED);
		give_record(&w, value[D_VALUE]);
		__atomic_store_n(&value[D_VALUE], 0, __ATOMIC_RELAXED);
	}
}
