/* SPDX-License-Identifier: BSD-2-Clause */
/* Conversions of synonyms' arguments, by name; used by ext*.c. */
#ifndef WIRE_EXT_CONVERT_H
#define WIRE_EXT_CONVERT_H

#include <pktt/type.h>

typedef void wire_convert(const void *from, void *to);

/* The name of what p's function does to a value of the type of real, or NULL: none that is known. */
const char *wire_convert_name(const struct pktt_param *p, const struct pktt_param *real);
/* The function of that name between these types, or NULL. */
wire_convert *wire_convert_lookup(const char *name, const struct pktt_type *from,
				  const struct pktt_type *to);

#endif
