/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Value types.
 *
 * A type is what the code knows; an extension is data that names types. Each subject has a file
 * (type_num.c, type_addr.c ...); here is the list of the closed set, in the order of its
 * declaration.
 *
 * parse() is syntax: it turns words into a value, or says what was given and what is expected.
 * check() is what makes a value good, and so is passed by every value whatever way it came: parse()
 * must not be relied on. print() is total: of any value that passed check() it prints text which
 * parses to that value again; of any other it may print nonsense, but reads no memory beyond it.
 */
#include "desc/types.h"

#include "base/own.h"

#include <string.h>

static const struct pktt_type *const all_types[] = {
#define TYPE_REF(n, c) &pktt_type_##n,
	PKTT_TYPES(TYPE_REF)
#undef TYPE_REF
		& pktt_type_text,
};

const struct pktt_type *pktt_type_at(size_t index)
{
	return index < pktt_countof(all_types) ? all_types[index] : NULL;
}

const struct pktt_type *pktt_type_lookup(const char *name)
{
	for (size_t i = 0; i < pktt_countof(all_types); i++)
		if (strcmp(all_types[i]->name, name) == 0)
			return all_types[i];
	return NULL;
}
