/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A streaming JSON writer onto a str. It places commas and quotes; nesting is the caller's.
 * Text that is valid UTF-8 is written as such, with control characters escaped; other bytes make
 * the value an object {"hex":"..."}, so that nothing is lost. No name here is one of jansson's,
 * which reads what this writes.
 */
#ifndef PKTT_BASE_JSON_H
#define PKTT_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str;

struct json {
	struct str *out;
	bool needs_comma;
};

static inline struct json json_to(struct str *out)
{
	return (struct json){ out, false };
}

void json_begin_object(struct json *j); /* { */
void json_end_object(struct json *j);
void json_begin_array(struct json *j); /* [ */
void json_end_array(struct json *j);
void json_key(struct json *j, const char *key); /* the next call writes its value */
void json_text(struct json *j, const char *text);
void json_textn(struct json *j, const char *text, size_t len);
void json_uint(struct json *j, uint64_t v); /* above 2^63 - 1 as text: few readers take it else */
void json_int(struct json *j, int64_t v);
void json_bool(struct json *j, bool v);
void json_none(struct json *j);
void json_raw(struct json *j, const char *text, size_t len); /* a value that is JSON already */
void json_hex(struct json *j, const uint8_t *data, size_t len); /* "0a1b" */
/* key and value at once */
void json_put_text(struct json *j, const char *key, const char *text);
void json_put_uint(struct json *j, const char *key, uint64_t v);
void json_put_bool(struct json *j, const char *key, bool v);

#endif
