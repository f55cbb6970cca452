/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ids of connections: 32 bits that say the place and how often it was used, mixed.
 *
 *   | class 2 | piece 5 | offset 8 .. 25, by the piece | uses: the rest |
 *
 * The code of a place begins no other place's, so no two that live have one id; a place's ids repeat
 * after 2^17 uses in the smallest piece, and after fewer in one that only a large table has. Mixing is
 * reversible: an id finds its connection without a search.
 */
#include "conntrack/conndb_private.h"

#define PIECE_SHIFT  25
#define OFFSET_BELOW 25

static uint32_t mix(uint32_t x, uint32_t factor)
{
	x ^= x >> 16;
	x *= factor;
	return x ^ x >> 16;
}

void ids_init(struct conndb *db)
{
	uint32_t factor = (uint32_t)(db->key.k[0] ^ db->key.k[1] >> 32) | 1, inverse = factor;

	/* Newton's iteration doubles the bits that are right: 3, 6, 12, 24, 48. */
	for (int i = 0; i < 4; i++)
		inverse *= 2 - factor * inverse;
	db->id_factor = factor;
	db->id_inverse = inverse;
}

static unsigned int use_bits(unsigned int piece)
{
	return OFFSET_BELOW - (POOL_FIRST + (piece ? piece - 1 : 0));
}

static uint32_t code_of(uint32_t index, unsigned int *bits)
{
	uint32_t offset;
	unsigned int piece = piece_of(index & CLASS_NUMBER, POOL_FIRST, &offset);

	*bits = use_bits(piece);
	return index >> CLASS_SHIFT << 30 | (uint32_t)piece << PIECE_SHIFT | offset << *bits;
}

/* conn->id is that of the last connection at this place, or 0. */
uint32_t ids_next(struct conndb *db, const struct conn *conn)
{
	unsigned int bits;
	uint32_t code = code_of(conn->index, &bits);
	uint32_t used = mix(conn->id, db->id_inverse);

	return mix(code | ((used + 1) & ((UINT32_C(1) << bits) - 1)), db->id_factor);
}

/* The place of an id that ids_next() made; 0 = it cannot have. */
static uint32_t index_of(const struct conndb *db, uint32_t id)
{
	uint32_t x = mix(id, db->id_inverse), class = x >> 30;
	unsigned int piece = x >> PIECE_SHIFT & 31, bits;
	uint32_t number;

	if (piece >= POOL_PIECES)
		return 0;
	bits = use_bits(piece);
	number = piece_begin(piece, POOL_FIRST) + ((x & ((1 << OFFSET_BELOW) - 1)) >> bits);
	return number < load_acquire(&db->pool[class].high) ? class << CLASS_SHIFT | number : 0;
}

struct conn *conndb_by_id(struct conndb *db, uint32_t id)
{
	uint32_t index = id ? index_of(db, id) : 0;
	struct conn *conn = index & CLASS_NUMBER ? pool_at(db->pool, index) : NULL;

	if (!conn || !conn_get(conn))
		return NULL;
	if (conn->id != id)
		conn_put(db, &conn);
	return conn;
}
