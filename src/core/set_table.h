/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table of fixed-size keys, made for the elements of sets: small, and read without a lock
 * while it changes.
 *
 * Overview: open addressing with linear probing, under SipHash with a key of the engine's, so that
 * whoever chooses elements cannot choose their places. A slot is key words and value words; beside
 * the slots stands an array of tags, one byte each: 0 = empty, else 0x80 and seven bits of the
 * hash, so that a miss rarely looks at a key. A dense table has no hash: the key is the slot's
 * number.
 *
 * Synchronization: one writer at a time (the set's lock). A slot is filled before its tag is
 * stored, so an insertion needs nothing of readers. A removal moves slots, and an update changes
 * words in place: seq is odd meanwhile, and a reader that saw it change reads again. A table never
 * grows in place; the set publishes a larger one.
 */
#ifndef PKTT_CORE_SET_TABLE_H
#define PKTT_CORE_SET_TABLE_H

#include "base/siphash.h"

#include <stdbool.h>
#include <stddef.h>

#define SET_KEY_WORDS	10 /* two IPv6 addresses, port, protocol and prefix lengths */
#define SET_VALUE_WORDS 4

struct set_shape {
	struct siphash_key key;
	uint8_t hash_words; /* of the key: those that choose the place */
	uint8_t key_words, value_words;
	bool is_dense;
};

struct set_table {
	struct set_shape shape;
	uint32_t size; /* slots; a power of two unless dense */
	uint32_t used;
	uint32_t seq;
	uint8_t *tag;
	uint32_t *slot;
};

/* size: of a dense table; else the number of elements to make room for. -ENOMEM. */
int set_table_new(struct set_table **ret, const struct set_shape *shape, uint32_t size);
void set_table_free(struct set_table **table);
/* Whether another element needs a larger table. */
bool set_table_is_full(const struct set_table *table);
/* A table twice as large with the same elements. -ENOMEM. */
int set_table_grown(const struct set_table *table, struct set_table **ret);

/* The slots whose hashed words may be the key's, one after the other. */
struct set_cursor {
	uint64_t hash;
	uint32_t at, left;
};

struct set_cursor set_table_seek(const struct set_table *table, const uint32_t *key);
/* The next slot's words, or NULL. Reader or writer; compare with set_slot_is(). */
uint32_t *set_table_next(const struct set_table *table, struct set_cursor *cursor);
bool set_slot_is(const uint32_t *slot, const uint32_t *key, unsigned int words);

/* Acquire, so that the sequence count is looked at after the words; writers store them alike. */
static inline uint32_t set_word(const uint32_t *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

/* Readers: what was read between the two is good if again() says no. */
static inline uint32_t set_table_enter(const struct set_table *table)
{
	return __atomic_load_n(&table->seq, __ATOMIC_ACQUIRE);
}

static inline bool set_table_again(const struct set_table *table, uint32_t seq)
{
	return seq & 1 || __atomic_load_n(&table->seq, __ATOMIC_RELAXED) != seq;
}

/* The value words of the element, or false. Readers; copied, so nothing is held. */
bool set_table_get(const struct set_table *table, const uint32_t *key, uint32_t *value);

/* Writers. The element is not there, and the table is not full. */
void set_table_insert(struct set_table *table, const uint32_t *key, const uint32_t *value);
uint32_t *set_table_find(const struct set_table *table, const uint32_t *key);
void set_table_update(struct set_table *table, uint32_t *slot, const uint32_t *value);
void set_table_remove(struct set_table *table, uint32_t *slot);
/* The slots in use, from *at on (which begins as 0); NULL ends. Words are key, then value. */
uint32_t *set_table_walk(const struct set_table *table, uint32_t *at);

#endif
