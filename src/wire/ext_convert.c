/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A synonym may turn its argument into another parameter's value by a function (--or-mark BITS is
 * --set-xmark BITS/BITS). Functions do not travel, but these few do the same everywhere, so they have
 * names. Which one an extension's function is shows by what it does to some values: an extension needs
 * to say nothing, and one whose function is none of these is simply not converted by clients.
 */
#include "wire/ext_convert.h"

#include "base/own.h"

#include <string.h>

/* What a conversion makes of bits of an argument: a value and a mask. */
struct made {
	uint32_t value, mask;
};

static struct made make_same(struct made from)
{
	return from;
}

static struct made make_mark(struct made from)
{
	return (struct made){ from.value, from.mask | from.value };
}

static struct made make_and(struct made from)
{
	return (struct made){ 0, ~from.value };
}

static struct made make_or(struct made from)
{
	return (struct made){ from.value, from.value };
}

static struct made make_xor(struct made from)
{
	return (struct made){ from.value, 0 };
}

/* Memory of the three shapes that values have here: a number of 8 or 32 bits, a mask of them. */
enum shape { SHAPE_8, SHAPE_32, SHAPE_MASK8, SHAPE_MASK32, SHAPE_COUNT };

static bool shape_of(const struct pktt_type *type, enum shape *ret)
{
	if (type == &pktt_type_u8 || type == &pktt_type_enum8)
		*ret = SHAPE_8;
	else if (type == &pktt_type_u32 || type == &pktt_type_hex32 || type == &pktt_type_enum32)
		*ret = SHAPE_32;
	else if (type == &pktt_type_tos)
		*ret = SHAPE_MASK8;
	else if (type == &pktt_type_mark || type == &pktt_type_xmark)
		*ret = SHAPE_MASK32;
	else
		return false;
	return true;
}

static struct made load(enum shape shape, const void *at)
{
	const struct pktt_mask8 *m8 = at;
	const struct pktt_mask32 *m32 = at;

	switch (shape) {
	case SHAPE_8:
		return (struct made){ *(const uint8_t *)at, 0 };
	case SHAPE_32:
		return (struct made){ *(const uint32_t *)at, 0 };
	case SHAPE_MASK8:
		return (struct made){ m8->value, m8->mask };
	case SHAPE_MASK32:
		return (struct made){ m32->value, m32->mask };
	case SHAPE_COUNT:
		break;
	}
	return (struct made){ 0 };
}

static void store(enum shape shape, void *at, struct made made)
{
	switch (shape) {
	case SHAPE_8:
		*(uint8_t *)at = (uint8_t)made.value;
		break;
	case SHAPE_32:
		*(uint32_t *)at = made.value;
		break;
	case SHAPE_MASK8:
		*(struct pktt_mask8 *)at = (struct pktt_mask8){ .mask = (uint8_t)made.mask,
								.value = (uint8_t)made.value };
		break;
	case SHAPE_MASK32:
		*(struct pktt_mask32 *)at = (struct pktt_mask32){ made.value, made.mask };
		break;
	case SHAPE_COUNT:
		break;
	}
}

#define CONVERT(name, from, to)                                  \
	static void name##_##from##_##to(const void *f, void *t) \
	{                                                        \
		store(to, t, make_##name(load(from, f)));        \
	}

CONVERT(same, SHAPE_8, SHAPE_8)
CONVERT(same, SHAPE_32, SHAPE_32)
CONVERT(mark, SHAPE_MASK32, SHAPE_MASK32)
CONVERT(and, SHAPE_32, SHAPE_MASK32)
CONVERT(or, SHAPE_32, SHAPE_MASK32)
CONVERT(xor, SHAPE_32, SHAPE_MASK32)
CONVERT(and, SHAPE_8, SHAPE_MASK8)
CONVERT(or, SHAPE_8, SHAPE_MASK8)
CONVERT(xor, SHAPE_8, SHAPE_MASK8)

static const struct known {
	const char *name;
	enum shape from, to;
	wire_convert *run;
} known[] = {
	{ "same", SHAPE_8, SHAPE_8, same_SHAPE_8_SHAPE_8 },
	{ "same", SHAPE_32, SHAPE_32, same_SHAPE_32_SHAPE_32 },
	{ "mark", SHAPE_MASK32, SHAPE_MASK32, mark_SHAPE_MASK32_SHAPE_MASK32 },
	{ "and", SHAPE_32, SHAPE_MASK32, and_SHAPE_32_SHAPE_MASK32 },
	{ "or", SHAPE_32, SHAPE_MASK32, or_SHAPE_32_SHAPE_MASK32 },
	{ "xor", SHAPE_32, SHAPE_MASK32, xor_SHAPE_32_SHAPE_MASK32 },
	{ "and", SHAPE_8, SHAPE_MASK8, and_SHAPE_8_SHAPE_MASK8 },
	{ "or", SHAPE_8, SHAPE_MASK8, or_SHAPE_8_SHAPE_MASK8 },
	{ "xor", SHAPE_8, SHAPE_MASK8, xor_SHAPE_8_SHAPE_MASK8 },
};

union value {
	uint8_t u8;
	uint32_t u32;
	struct pktt_mask8 mask8;
	struct pktt_mask32 mask32;
};

static bool does_the_same(const struct known *k, wire_convert *run)
{
	static const uint32_t try[] = {
		0, 1, 0x80, 0xff, 0xa5, 0x12345678, 0x80000000, 0xffffffff, 0x00ff00ff, 0xcafef00d
	};

	for (size_t i = 0; i < pktt_countof(try); i++)
		for (size_t j = 0; j < pktt_countof(try); j++) {
			union value from = { .u32 = 0 }, mine, theirs;

			memset(&from, 0, sizeof(from));
			memset(&mine, 0, sizeof(mine));
			memset(&theirs, 0, sizeof(theirs));
			store(k->from, &from, (struct made){ try[i], try[j] });
			k->run(&from, &mine);
			run(&from, &theirs);
			if (memcmp(&mine, &theirs, sizeof(mine)) != 0)
				return false;
		}
	return true;
}

const char *wire_convert_name(const struct pktt_param *p, const struct pktt_param *real)
{
	enum shape from, to;

	if (!shape_of(p->type, &from) || !shape_of(real->type, &to))
		return NULL;
	for (size_t i = 0; i < pktt_countof(known); i++)
		if (known[i].from == from && known[i].to == to &&
		    does_the_same(&known[i], p->convert))
			return known[i].name;
	return NULL;
}

wire_convert *wire_convert_lookup(const char *name, const struct pktt_type *from,
				  const struct pktt_type *to)
{
	enum shape f, t;

	if (!shape_of(from, &f) || !shape_of(to, &t))
		return NULL;
	for (size_t i = 0; i < pktt_countof(known); i++)
		if (known[i].from == f && known[i].to == t && strcmp(known[i].name, name) == 0)
			return known[i].run;
	return NULL;
}
