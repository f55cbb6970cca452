/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/set_table.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>

#define SIZE_MIN 16u

static unsigned int stride(const struct set_table *t)
{
	return t->shape.key_words + t->shape.value_words;
}

static uint32_t *slot_at(const struct set_table *t, uint32_t n)
{
	return t->slot + (size_t)n * stride(t);
}

static uint64_t hash_of(const struct set_table *t, const uint32_t *key)
{
	return siphash(&t->shape.key, key, t->shape.hash_words * sizeof(*key));
}

static uint8_t tag_of(uint64_t hash)
{
	return (uint8_t)(0x80 | hash >> 57);
}

static uint8_t tag_load(const struct set_table *t, uint32_t n)
{
	return __atomic_load_n(&t->tag[n], __ATOMIC_ACQUIRE);
}

static void tag_store(struct set_table *t, uint32_t n, uint8_t tag)
{
	__atomic_store_n(&t->tag[n], tag, __ATOMIC_RELEASE);
}

static void words_store(uint32_t *to, const uint32_t *from, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		__atomic_store_n(&to[i], from[i], __ATOMIC_RELEASE);
}

static int make(struct set_table **ret, const struct set_shape *shape, uint32_t size)
{
	PKTT_AUTO(set_table_free) struct set_table *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->shape = *shape;
	t->size = size;
	t->tag = calloc(size, 1);
	/* One word at least, for a dense table whose elements carry nothing. */
	t->slot = calloc((size_t)size * stride(t) + 1, sizeof(*t->slot));
	if (!t->tag || !t->slot)
		return -ENOMEM;
	*ret = pktt_take(&t);
	return 0;
}

int set_table_new(struct set_table **ret, const struct set_shape *shape, uint32_t size)
{
	uint32_t slots = SIZE_MIN;

	if (shape->is_dense)
		return make(ret, shape, size);
	while (slots < UINT32_C(1) << 31 && slots / 4 * 3 <= size)
		slots *= 2;
	return make(ret, shape, slots);
}

void set_table_free(struct set_table **slot)
{
	struct set_table *t = *slot;

	if (!t)
		return;
	free(t->tag);
	free(t->slot);
	free(t);
	*slot = NULL;
}

bool set_table_is_full(const struct set_table *t)
{
	return !t->shape.is_dense && t->used >= t->size / 4 * 3;
}

bool set_slot_is(const uint32_t *slot, const uint32_t *key, unsigned int words)
{
	for (unsigned int i = 0; i < words; i++)
		if (set_word(&slot[i]) != key[i])
			return false;
	return true;
}

struct set_cursor set_table_seek(const struct set_table *t, const uint32_t *key)
{
	struct set_cursor c = { 0 };

	if (t->shape.is_dense)
		return (struct set_cursor){ 0, key[0], key[0] < t->size };
	c.hash = hash_of(t, key);
	c.at = (uint32_t)c.hash & (t->size - 1);
	c.left = t->size;
	return c;
}

uint32_t *set_table_next(const struct set_table *t, struct set_cursor *c)
{
	uint8_t want = tag_of(c->hash), tag;

	while (c->left) {
		uint32_t at = c->at;

		c->left--;
		c->at = (at + 1) & (t->size - 1);
		tag = tag_load(t, at);
		if (tag == 0)
			c->left = 0;
		else if (tag == want)
			return slot_at(t, at);
	}
	return NULL;
}

bool set_table_get(const struct set_table *t, const uint32_t *key, uint32_t *value)
{
	struct set_cursor start = set_table_seek(t, key), c;
	uint32_t seq;
	bool found;

	do {
		uint32_t *slot;

		c = start;
		seq = set_table_enter(t);
		do
			slot = set_table_next(t, &c);
		while (slot && !set_slot_is(slot, key, t->shape.key_words));
		found = slot;
		for (unsigned int i = 0; slot && i < t->shape.value_words; i++)
			value[i] = set_word(&slot[t->shape.key_words + i]);
	} while (set_table_again(t, seq));
	return found;
}

/* --- Writers --------------------------------------------------------------------------------- */

/* What is stored from here on is stored with release: nobody sees it and an even count. */
static void change_begin(struct set_table *t)
{
	__atomic_store_n(&t->seq, t->seq + 1, __ATOMIC_RELAXED);
}

static void change_end(struct set_table *t)
{
	__atomic_store_n(&t->seq, t->seq + 1, __ATOMIC_RELEASE);
}

uint32_t *set_table_find(const struct set_table *t, const uint32_t *key)
{
	struct set_cursor c = set_table_seek(t, key);
	uint32_t *slot;

	do
		slot = set_table_next(t, &c);
	while (slot && !set_slot_is(slot, key, t->shape.key_words));
	return slot;
}

void set_table_insert(struct set_table *t, const uint32_t *key, const uint32_t *value)
{
	struct set_cursor c = set_table_seek(t, key);
	uint32_t *slot;

	while (t->tag[c.at])
		c.at = (c.at + 1) & (t->size - 1);
	slot = slot_at(t, c.at);
	words_store(slot, key, t->shape.key_words);
	words_store(slot + t->shape.key_words, value, t->shape.value_words);
	tag_store(t, c.at, tag_of(c.hash));
	t->used++;
}

void set_table_update(struct set_table *t, uint32_t *slot, const uint32_t *value)
{
	change_begin(t);
	words_store(slot + t->shape.key_words, value, t->shape.value_words);
	change_end(t);
}

/*
 * The gap is filled by whoever was pushed past it: an element at j whose home is not in (gap, j]
 * may stand in the gap. No grave is left behind, so that lookups stay short however much comes and
 * goes.
 */
static void close_gap(struct set_table *t, uint32_t gap)
{
	uint32_t mask = t->size - 1;

	for (uint32_t j = (gap + 1) & mask; t->tag[j]; j = (j + 1) & mask) {
		uint32_t home = (uint32_t)hash_of(t, slot_at(t, j)) & mask;

		if (((j - home) & mask) < ((j - gap) & mask))
			continue;
		words_store(slot_at(t, gap), slot_at(t, j), stride(t));
		tag_store(t, gap, t->tag[j]);
		gap = j;
	}
	tag_store(t, gap, 0);
}

void set_table_remove(struct set_table *t, uint32_t *slot)
{
	uint32_t n = (uint32_t)((size_t)(slot - t->slot) / (stride(t) ? stride(t) : 1));

	change_begin(t);
	if (t->shape.is_dense)
		tag_store(t, n, 0);
	else
		close_gap(t, n);
	change_end(t);
	t->used--;
}

uint32_t *set_table_walk(const struct set_table *t, uint32_t *at)
{
	while (*at < t->size)
		if (t->tag[(*at)++])
			return slot_at(t, *at - 1);
	return NULL;
}

int set_table_grown(const struct set_table *t, struct set_table **ret)
{
	struct set_table *larger;
	uint32_t at = 0;
	int r = t->size > UINT32_C(1) << 30 ? -ENOMEM : make(&larger, &t->shape, t->size * 2);

	if (r)
		return r;
	for (uint32_t *slot; (slot = set_table_walk(t, &at));)
		set_table_insert(larger, slot, slot + t->shape.key_words);
	*ret = larger;
	return 0;
}
