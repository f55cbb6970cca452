/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One value, seen through the parts of its type: what arguments, JSON, wire and help share. ctx
 * says where the value stands; ctx->param is the parameter that stores it, never a synonym without
 * type.
 */
#ifndef PKTT_DESC_ARGS_VALUE_H
#define PKTT_DESC_ARGS_VALUE_H

#include <pktt/ext.h>

struct str;

/* Arguments that one option takes at most. */
#define PKTT_WORDS_MAX 2
#define PKTT_PARTS_MAX (sizeof(((struct pktt_type *)0)->part) / sizeof(struct pktt_part))

/* Whether parameter p exists in a family; inet has what IPv4 and IPv6 both have. */
bool pktt_param_serves(const struct pktt_param *p, enum pktt_family family);
/* Whether a name is p's or one of its aliases. */
bool pktt_param_is_spelling(const struct pktt_param *p, const char *name, size_t len);
/* Number of the parameter that n stores into: n, or what it is a synonym of. */
unsigned int pktt_param_real(const struct pktt_ext *ext, unsigned int n);
/* The spelling that means "not n": a synonym with negate, or NULL. */
const struct pktt_param *pktt_param_negation(const struct pktt_ext *ext, unsigned int n);

size_t pktt_args_value_size(const struct pktt_param *p);
unsigned int pktt_args_value_count(const struct pktt_type *type, const void *val);
const void *pktt_args_value_element(const struct pktt_type *type, const void *val, unsigned int i);
void *pktt_args_value_slot(const struct pktt_type *type, void *val, unsigned int i);
/* Elements are one unnamed part of one byte each. */
bool pktt_args_value_is_bytes(const struct pktt_type *type);
size_t pktt_part_size(const struct pktt_param *p, const struct pktt_part *part);
void pktt_part_put(const struct pktt_part *part, void *val, uint64_t v);

/* What a value is in JSON (args.h). */
enum pktt_json_form {
	PKTT_JSON_FLAG,
	PKTT_JSON_TEXT,
	PKTT_JSON_SCALAR,
	PKTT_JSON_OBJECT,
	PKTT_JSON_ARRAY,
};
enum pktt_json_form pktt_args_value_form(const struct pktt_param *p);
/* Whether numbers of p are sets of named bits. */
bool pktt_args_value_has_bits(const struct pktt_param *p);

/* Releases and zeroes. */
void pktt_args_value_reset(const struct pktt_param *p, void *val);
/*
 * The text form: what a command line has after the option. One word stands as it is; two are split
 * at spaces, and quotes keep together. val is zeroed.
 */
int pktt_args_value_parse(const struct pktt_context *ctx, const char *text, void *val,
			  struct pktt_error *err);
/* The inverse. */
void pktt_args_value_text(const struct pktt_context *ctx, const void *val, struct str *out);
/* Bounds of the parameter, then the type's own check: the gate of one value. */
int pktt_args_value_check(const struct pktt_context *ctx, const void *val, struct pktt_error *err);
bool pktt_args_value_equal(const struct pktt_context *ctx, const void *a, const void *b);
/* Whether val is what the parameter's default says. */
bool pktt_args_value_is_default(const struct pktt_context *ctx, const void *val);

/*
 * Split text in place into words, as iptables-restore does: spaces separate, double quotes keep
 * together, and a backslash inside them takes the next character as it is. The number of words, or
 * -EINVAL for an open quote or more than max.
 */
int pktt_words_split(char *text, const char **word, unsigned int max);

#endif
