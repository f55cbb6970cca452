/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values whatever their type: what args, describe and the language need of a struct pktt_type
 * beyond its own three functions.
 *
 * Three shapes. A plain value is its parts. A list (list_max != 0) has its elements inside the
 * value, or, where the type owns memory (mac_list, the only one), behind the pointer that stands
 * at list_offset; pktt_value_count/item/resize hide which. A value without any part (u32_tests,
 * sctp_chunks, patterns, bitmap256) travels in JSON and on the wire as its text.
 */
#ifndef PKTT_DESC_TYPES_H
#define PKTT_DESC_TYPES_H

#include <pktt/type.h>

struct str;

/* The closed set by index (NULL ends) and by name ("port-range"; NULL where there is none). */
const struct pktt_type *pktt_type_at(size_t index);
const struct pktt_type *pktt_type_lookup(const char *name);
/* Bytes of a value: the type's, or the parameter's own for text. */
size_t pktt_value_size(const struct pktt_param *param);

/*
 * Parse text that holds all words of the value (a default, a preset, a JSON string): separated
 * by blanks, quoted as print() quotes. Where the type takes one word, text that does not begin
 * with a quote is that word, blanks included. *val is zeroed memory of pktt_value_size().
 */
int pktt_value_read(const struct pktt_context *ctx, const char *text, void *val,
		    struct pktt_error *err);

/* Elements of a list; 0 and NULL for other types and beyond the end. */
uint32_t pktt_value_count(const struct pktt_type *type, const void *val);
const void *pktt_value_item(const struct pktt_type *type, const void *val, uint32_t index);
/*
 * Make a list n elements long, new ones zeroed (their memory may then be written through
 * pktt_value_item's place). -E2BIG beyond the capacity, -ENOMEM.
 */
int pktt_value_resize(const struct pktt_type *type, void *val, uint32_t n);
void *pktt_value_slot(const struct pktt_type *type, void *val, uint32_t index);

/* Whether values own memory: then they are released, copied and compared by these only. */
bool pktt_type_owns(const struct pktt_type *type);
void pktt_value_fini(const struct pktt_type *type, void *val); /* leaves an empty value */
/* dst need not be initialised. -ENOMEM leaves it empty. */
int pktt_value_copy(const struct pktt_param *param, void *dst, const void *src);
bool pktt_value_equal(const struct pktt_param *param, const void *a, const void *b);

/* One word as iptables-save quotes it: in "", with \ before " ' and \, unless [-_0-9A-Za-z]+. */
void pktt_word_print(const char *text, size_t len, struct str *out);

#endif
