/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments from a JSON object. Only stores; whether the values are good is the gate's business
 * (pktt_args_finish). A sentence names the key and what was expected there.
 */
#include "desc/args.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/args_value.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *kind_of(const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return json_integer_value(j) < 0 ? "a negative number" : "a number";
	case JSON_REAL:
		return "a fraction";
	case JSON_TRUE:
	case JSON_FALSE:
		return "a boolean";
	case JSON_NULL:
		return "null";
	}
	return "nothing";
}

/* "dport.min": expected a whole number, not a string */
static int refuse(const struct pktt_param *p, const struct pktt_part *part, const char *expected,
		  const json_t *got, struct pktt_error *err)
{
	const char *dot = part && part->name[0] ? "." : "";

	return pktt_fail(err, -EINVAL, "\"%s%s%s\": expected %s, not %s", p->name, dot,
			 *dot ? part->name : "", expected, kind_of(got));
}

static bool hex_digit(char c, uint8_t *ret)
{
	static const char digit[] = "0123456789abcdef";
	const char *at = c ? strchr(digit, c | (c >= 'A' ? 0x20 : 0)) : NULL;

	if (at)
		*ret = (uint8_t)(at - digit);
	return at;
}

/* The bytes of {"hex":"0a1b"} into out; their number, or -1. */
static long hex_bytes(const json_t *j, uint8_t *out, size_t room)
{
	const json_t *hex = json_object_size(j) == 1 ? json_object_get(j, "hex") : NULL;
	const char *text = json_string_value(hex);
	size_t len = hex ? json_string_length(hex) : 0;

	if (!text || len % 2 || len / 2 > room)
		return -1;
	for (size_t i = 0; i < len / 2; i++) {
		uint8_t hi, lo;

		if (!hex_digit(text[2 * i], &hi) || !hex_digit(text[2 * i + 1], &lo))
			return -1;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return (long)(len / 2);
}

/* --- Scalars ------------------------------------------------------------------------------- */

static bool symbol_value(const struct pktt_param *p, const json_t *j, uint64_t *ret)
{
	const char *name = json_string_value(j);
	bool is_caseless = p->flags & PKTT_CASELESS;

	for (const struct pktt_symbol *s = p->symbols; name && s && s->name; s++)
		if (strcmp(s->name, name) == 0 || (is_caseless && !strcasecmp(s->name, name))) {
			*ret = s->value;
			return true;
		}
	return false;
}

static bool number_value(const json_t *j, uint64_t *ret)
{
	const char *text = json_string_value(j);
	char *end;

	if (json_is_integer(j) && json_integer_value(j) >= 0) {
		*ret = (uint64_t)json_integer_value(j);
		return true;
	}
	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool bits_value(const struct pktt_param *p, const json_t *j, uint64_t *ret)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(j))
		return number_value(j, ret);
	*ret = 0;
	json_array_foreach (j, i, item) {
		uint64_t bit;

		if (!symbol_value(p, item, &bit) && !number_value(item, &bit))
			return false;
		*ret |= bit;
	}
	return true;
}

static int set_uint(const struct pktt_param *p, const struct pktt_part *part, const json_t *j,
		    void *element, struct pktt_error *err)
{
	uint64_t max = UINT64_MAX >> (64 - 8 * part->size), v = 0;

	if (pktt_args_value_has_bits(p) ? !bits_value(p, j, &v)
					: !symbol_value(p, j, &v) && !number_value(j, &v))
		return refuse(p, part,
			      pktt_args_value_has_bits(p) ? "an array of names"
			      : p->symbols		  ? "a name or a whole number"
							  : "a whole number",
			      j, err);
	if (v > max)
		return pktt_fail(err, -ERANGE, "\"%s%s%s\": %" PRIu64 " is outside 0 to %" PRIu64,
				 p->name, part->name[0] ? "." : "", part->name, v, max);
	pktt_part_put(part, element, v);
	return 0;
}

static int set_int(const struct pktt_param *p, const struct pktt_part *part, const json_t *j,
		   void *element, struct pktt_error *err)
{
	int64_t max = (int64_t)(UINT64_MAX >> (65 - 8 * part->size)), v;

	if (!json_is_integer(j))
		return refuse(p, part, "a whole number", j, err);
	v = json_integer_value(j);
	if (v > max || v < -max - 1)
		return pktt_fail(err, -ERANGE,
				 "\"%s\": %" PRId64 " is outside %" PRId64 " to %" PRId64, p->name,
				 v, -max - 1, max);
	pktt_part_put(part, element, (uint64_t)v);
	return 0;
}

static int set_addr(const struct pktt_context *ctx, const struct pktt_part *part, const json_t *j,
		    void *element, struct pktt_error *err)
{
	const char *text = json_string_value(j);
	struct pktt_addr addr = { 0 };
	int r;

	if (!json_is_null(j) && !text)
		return refuse(ctx->param, part, "an address or null", j, err);
	r = text ? pktt_type_addr.parse(ctx, &text, &addr, err) : 0;
	if (r == 0)
		memcpy((char *)element + part->offset, &addr, sizeof(addr));
	return r;
}

static int set_bytes(const struct pktt_context *ctx, const struct pktt_part *part, const json_t *j,
		     void *element, struct pktt_error *err)
{
	uint8_t *at = (uint8_t *)element + part->offset;
	const char *text = json_string_value(j);

	if (part->size == 6 && text)
		return pktt_type_mac.parse(ctx, &text, at, err);
	if (hex_bytes(j, at, part->size) != part->size)
		return refuse(ctx->param, part,
			      part->size == 6 ? "a MAC address" : "{\"hex\":\"...\"} of its length",
			      j, err);
	return 0;
}

/* A string or {"hex":..} as text that a word may be; *ret is owned. */
static int get_text(const struct pktt_param *p, const struct pktt_part *part, const json_t *j,
		    char **ret, struct pktt_error *err)
{
	const char *hex = json_string_value(json_object_get(j, "hex"));
	size_t len = hex ? strlen(hex) / 2 : json_string_length(j);
	PKTT_AUTO_FREE char *text = calloc(1, len + 1);

	if (!text)
		return pktt_fail(err, -ENOMEM, "no memory for \"%s\"", p->name);
	if (json_is_string(j))
		memcpy(text, json_string_value(j), len);
	else if (hex_bytes(j, (uint8_t *)text, len) < 0)
		return refuse(p, part, "a string or {\"hex\":\"...\"}", j, err);
	if (strlen(text) != len)
		return pktt_fail(err, -EINVAL, "\"%s\": a zero byte in its text", p->name);
	*ret = pktt_take(&text);
	return 0;
}

static int set_text(const struct pktt_context *ctx, const struct pktt_part *part, const json_t *j,
		    void *element, struct pktt_error *err)
{
	size_t room = pktt_part_size(ctx->param, part);
	PKTT_AUTO_FREE char *text = NULL;
	int r = get_text(ctx->param, part, j, &text, err);

	if (r)
		return r;
	if (strlen(text) >= room)
		return pktt_fail(err, -ENAMETOOLONG, "\"%s\": text is longer than %zu characters",
				 ctx->param->name, room - 1);
	memcpy((char *)element + part->offset, text, strlen(text) + 1);
	return 0;
}

static int set_part(const struct pktt_context *ctx, const struct pktt_part *part, const json_t *j,
		    void *element, struct pktt_error *err)
{
	switch (part->kind) {
	case PKTT_PART_END:
		break;
	case PKTT_PART_UINT:
		return set_uint(ctx->param, part, j, element, err);
	case PKTT_PART_INT:
		return set_int(ctx->param, part, j, element, err);
	case PKTT_PART_BOOL:
		if (!json_is_boolean(j))
			return refuse(ctx->param, part, "true or false", j, err);
		pktt_part_put(part, element, json_is_true(j));
		break;
	case PKTT_PART_ADDR:
		return set_addr(ctx, part, j, element, err);
	case PKTT_PART_BYTES:
		return set_bytes(ctx, part, j, element, err);
	case PKTT_PART_TEXT:
		return set_text(ctx, part, j, element, err);
	}
	return 0;
}

/* --- Values -------------------------------------------------------------------------------- */

/* Every part must be there: a mask that is silently zero would match everything. */
static int set_object(const struct pktt_context *ctx, const json_t *j, void *element,
		      struct pktt_error *err)
{
	const struct pktt_part *part = ctx->param->type->part;
	unsigned int i;

	if (!json_is_object(j))
		return refuse(ctx->param, NULL, "an object of its parts, or its text", j, err);
	for (i = 0; i < PKTT_PARTS_MAX && part[i].kind; i++) {
		const json_t *item = json_object_get(j, part[i].name);
		int r;

		if (!item)
			return pktt_fail(err, -EINVAL, "\"%s\": \"%s\" is missing",
					 ctx->param->name, part[i].name);
		r = set_part(ctx, &part[i], item, element, err);
		if (r)
			return r;
	}
	if (json_object_size(j) != i)
		return pktt_fail(err, -EINVAL, "\"%s\" has a key that is none of its parts",
				 ctx->param->name);
	return 0;
}

static int set_element(const struct pktt_context *ctx, const json_t *j, void *element,
		       struct pktt_error *err)
{
	const struct pktt_part *part = ctx->param->type->part;

	return part[0].name[0] ? set_object(ctx, j, element, err)
			       : set_part(ctx, &part[0], j, element, err);
}

static int set_array(const struct pktt_context *ctx, const json_t *j, void *val,
		     struct pktt_error *err)
{
	const struct pktt_type *type = ctx->param->type;
	const json_t *item;
	uint16_t count;
	size_t i;

	if (!json_is_array(j))
		return refuse(ctx->param, NULL, "an array, or its text", j, err);
	if (json_array_size(j) > type->list_max)
		return pktt_fail(err, -E2BIG, "\"%s\" has more than %u elements", ctx->param->name,
				 type->list_max);
	count = (uint16_t)json_array_size(j);
	memcpy(val, &count, sizeof(count));
	json_array_foreach (j, i, item) {
		int r = set_element(ctx, item, pktt_args_value_slot(type, val, (unsigned int)i),
				    err);

		if (r)
			return r;
	}
	return 0;
}

static int set_from_text(const struct pktt_context *ctx, const json_t *j, void *val,
			 struct pktt_error *err)
{
	PKTT_AUTO_FREE char *text = NULL;
	int r = get_text(ctx->param, NULL, j, &text, err);

	return r ? r : pktt_args_value_parse(ctx, text, val, err);
}

static int set_flag(const struct pktt_context *ctx, const json_t *j, void *val,
		    struct pktt_error *err)
{
	if (!json_is_true(j))
		return refuse(ctx->param, NULL, "true", j, err);
	return ctx->param->type->parse(ctx, NULL, val, err);
}

static int set_value(const struct pktt_context *ctx, const json_t *j, void *val,
		     struct pktt_error *err)
{
	enum pktt_json_form form = pktt_args_value_form(ctx->param);

	if (json_is_string(j) && form != PKTT_JSON_FLAG)
		return set_from_text(ctx, j, val, err);
	switch (form) {
	case PKTT_JSON_FLAG:
		return set_flag(ctx, j, val, err);
	case PKTT_JSON_TEXT:
		if (json_is_integer(j) && ctx->param->type->part[0].kind &&
		    !ctx->param->type->list_max)
			return set_part(ctx, ctx->param->type->part, j, val, err);
		return set_from_text(ctx, j, val, err);
	case PKTT_JSON_ARRAY:
		return set_array(ctx, j, val, err);
	case PKTT_JSON_OBJECT:
	case PKTT_JSON_SCALAR:
		return set_element(ctx, j, val, err);
	}
	return -EINVAL;
}

/* --- Options ------------------------------------------------------------------------------- */

/* What is being read; the sentence of a failure goes to err. */
struct reader {
	const struct pktt_ext *ext;
	enum pktt_family family;
	void *args;
	struct pktt_error *err;
};

/* A synonym has no value of its own to tell: it is taken as the words of a command line. */
static int take_synonym(const struct reader *r, unsigned int n, const json_t *j, bool negated)
{
	const struct pktt_param *p = &r->ext->params[n];
	unsigned int words = pktt_args_words(r->ext, n);
	const char *word[PKTT_WORDS_MAX] = { NULL, NULL };
	PKTT_AUTO_FREE char *text = NULL;
	int fault;

	if (words == 0 && !json_is_true(j))
		return refuse(p, NULL, "true", j, r->err);
	fault = words ? get_text(p, NULL, j, &text, r->err) : 0;
	if (fault)
		return fault;
	word[0] = text;
	if (words > 1 && pktt_words_split(text, word, PKTT_WORDS_MAX) != (int)words)
		return pktt_fail(r->err, -EINVAL, "\"%s\": expected %u words", p->name, words);
	return pktt_args_take(r->ext, r->family, r->args, n, negated, word, r->err);
}

static int take_option(const struct reader *r, unsigned int n, const json_t *j, bool negated)
{
	const struct pktt_param *p = &r->ext->params[n];
	struct pktt_context ctx = { p, r->ext, r->family };
	struct pktt_args *head = r->args;
	int fault;

	if (p->same_as)
		return take_synonym(r, n, j, negated);
	if (pktt_given(head, n))
		return pktt_fail(r->err, -EEXIST, "\"%s\" is given twice", p->name);
	fault = set_value(&ctx, j, (char *)r->args + p->offset, r->err);
	if (fault)
		return fault;
	head->given |= UINT64_C(1) << n;
	if (negated)
		head->negated |= UINT64_C(1) << n;
	return 0;
}

static int refuse_key(const struct reader *r, const char *key)
{
	const char *near = pktt_args_suggest(r->ext, r->family, key);
	PKTT_AUTO(str_fini) struct str shown = STR_INIT;

	str_put_escaped(&shown, key, strnlen(key, 40));
	return pktt_fail(r->err, -ENOENT, "%s has no option \"%s\"%s%s%s", r->ext->name,
			 str_text(&shown), near ? "; did you mean \"" : "", near ? near : "",
			 near ? "\"?" : "");
}

/* {"not":true,"value":X} is X negated, whatever X is; no part of a type is named "not". */
static int take_key(const struct reader *r, const char *key, const json_t *j)
{
	const json_t *negation = json_object_get(j, "not"), *value = json_object_get(j, "value");
	unsigned int n;

	if (pktt_args_lookup(r->ext, r->family, key, strlen(key), &n))
		return refuse_key(r, key);
	if (!negation)
		return take_option(r, n, j, false);
	if (!json_is_boolean(negation) || !value || json_object_size(j) != 2)
		return pktt_fail(r->err, -EINVAL,
				 "\"%s\": a negation is {\"not\":true,\"value\":...}",
				 r->ext->params[n].name);
	return take_option(r, n, value, json_is_true(negation));
}

int pktt_args_from_json(const struct pktt_ext *ext, enum pktt_family family,
			const struct json_t *object, void *args, struct pktt_error *err)
{
	const struct reader reader = { ext, family, args, err };
	const char *key;
	json_t *value, *walked;

	if (!json_is_object(object))
		return pktt_fail(err, -EINVAL, "%s: expected an object of options, not %s",
				 ext->name, kind_of(object));
	/* jansson walks variable objects only, and changes nothing in walking */
	memcpy(&walked, &object, sizeof(walked));
	json_object_foreach (walked, key, value) {
		int fault = take_key(&reader, key, value);

		if (fault)
			return fault;
	}
	return pktt_args_finish(ext, family, args, err);
}
