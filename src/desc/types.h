/* SPDX-License-Identifier: BSD-2-Clause */
/* The closed set of value types, and how a word of theirs is quoted. */
#ifndef PKTT_DESC_TYPES_H
#define PKTT_DESC_TYPES_H

#include <pktt/type.h>

struct str;

/* By index, in the order of their declaration (NULL ends); by name ("port-range"), or NULL. */
const struct pktt_type *pktt_type_at(size_t index);
const struct pktt_type *pktt_type_lookup(const char *name);

/* One word as iptables-save quotes it: in "", with \ before " ' and \, unless [-_0-9A-Za-z]+. */
void pktt_word_print(const char *text, size_t len, struct str *out);

#endif
