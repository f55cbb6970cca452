/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON Schema (draft 2020-12) of an extension's arguments: what pktt_args_from_json() takes, as far
 * as a schema can say it. Which options go together is told by the sentence of a refusal only.
 */
#include "desc/describe.h"

#include "base/json.h"
#include "base/str.h"
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/describe_own.h"

#include <stdio.h>
#include <string.h>

static void put_type(struct json *out, const char *type)
{
	json_begin_object(out);
	json_put_text(out, "type", type);
	json_end_object(out);
}

/* Readers of JSON differ on numbers above 2^63 - 1: such a bound is left to the gate. */
static void put_range(struct json *out, uint64_t min, uint64_t max)
{
	json_begin_object(out);
	json_put_text(out, "type", "integer");
	json_put_uint(out, "minimum", min);
	if (max <= INT64_MAX)
		json_put_uint(out, "maximum", max);
	json_end_object(out);
}

static void put_hex(struct json *out)
{
	json_begin_object(out);
	json_put_text(out, "type", "object");
	json_key(out, "properties");
	json_begin_object(out);
	json_key(out, "hex");
	json_begin_object(out);
	json_put_text(out, "type", "string");
	json_put_text(out, "pattern", "^([0-9A-Fa-f]{2})*$");
	json_end_object(out);
	json_end_object(out);
	json_key(out, "required");
	json_begin_array(out);
	json_text(out, "hex");
	json_end_array(out);
	json_put_bool(out, "additionalProperties", false);
	json_end_object(out);
}

static void put_names(struct json *out, const struct pktt_symbol *s)
{
	json_begin_object(out);
	json_key(out, "enum");
	json_begin_array(out);
	for (; s->name; s++)
		json_text(out, s->name);
	json_end_array(out);
	json_end_object(out);
}

static void open_any(struct json *out)
{
	json_begin_object(out);
	json_key(out, "anyOf");
	json_begin_array(out);
}

static void close_any(struct json *out)
{
	json_end_array(out);
	json_end_object(out);
}

static void put_bits(struct json *out, const struct pktt_param *p, uint64_t max)
{
	open_any(out);
	put_range(out, 0, max);
	json_begin_object(out);
	json_put_text(out, "type", "array");
	json_key(out, "items");
	open_any(out);
	put_names(out, p->symbols);
	put_range(out, 0, max);
	close_any(out);
	json_end_object(out);
	close_any(out);
}

/* Digits may stand for a number that JavaScript would round. */
static void put_digits(struct json *out)
{
	json_begin_object(out);
	json_put_text(out, "type", "string");
	json_put_text(out, "pattern", "^[0-9]+$");
	json_end_object(out);
}

static void put_uint(struct json *out, const struct pktt_param *p, const struct pktt_part *part)
{
	uint64_t min = 0, max = UINT64_MAX >> (64 - 8 * part->size);
	uint64_t own = max;

	if (pktt_args_value_has_bits(p)) {
		put_bits(out, p, max);
		return;
	}
	if (pktt_describe_bounds(p, &min, &max) && max > own)
		max = own;
	open_any(out);
	put_range(out, min, max);
	if (p->symbols)
		put_names(out, p->symbols);
	put_digits(out);
	close_any(out);
}

static void put_int(struct json *out, const struct pktt_part *part)
{
	int64_t max = (int64_t)(UINT64_MAX >> (65 - 8 * part->size));

	json_begin_object(out);
	json_put_text(out, "type", "integer");
	json_key(out, "minimum");
	json_int(out, -max - 1);
	json_key(out, "maximum");
	json_int(out, max);
	json_end_object(out);
}

static void put_part(struct json *out, const struct pktt_param *p, const struct pktt_part *part)
{
	switch (part->kind) {
	case PKTT_PART_END:
		break;
	case PKTT_PART_UINT:
		put_uint(out, p, part);
		break;
	case PKTT_PART_INT:
		put_int(out, part);
		break;
	case PKTT_PART_BOOL:
		put_type(out, "boolean");
		break;
	case PKTT_PART_ADDR:
		open_any(out);
		put_type(out, "string");
		put_type(out, "null");
		close_any(out);
		break;
	case PKTT_PART_BYTES:
	case PKTT_PART_TEXT:
		open_any(out);
		put_type(out, "string");
		put_hex(out);
		close_any(out);
		break;
	}
}

static void put_object(struct json *out, const struct pktt_param *p)
{
	const struct pktt_part *part = p->type->part;

	json_begin_object(out);
	json_put_text(out, "type", "object");
	json_key(out, "properties");
	json_begin_object(out);
	for (unsigned int i = 0; i < PKTT_PARTS_MAX && part[i].kind; i++) {
		json_key(out, part[i].name);
		put_part(out, p, &part[i]);
	}
	json_end_object(out);
	json_key(out, "required");
	json_begin_array(out);
	for (unsigned int i = 0; i < PKTT_PARTS_MAX && part[i].kind; i++)
		json_text(out, part[i].name);
	json_end_array(out);
	json_put_bool(out, "additionalProperties", false);
	json_end_object(out);
}

static void put_element(struct json *out, const struct pktt_param *p)
{
	if (p->type->part[0].name[0])
		put_object(out, p);
	else
		put_part(out, p, &p->type->part[0]);
}

static void put_array(struct json *out, const struct pktt_param *p)
{
	json_begin_object(out);
	json_put_text(out, "type", "array");
	json_put_uint(out, "maxItems", p->type->list_max);
	json_key(out, "items");
	put_element(out, p);
	json_end_object(out);
}

static void put_true(struct json *out)
{
	json_begin_object(out);
	json_key(out, "const");
	json_bool(out, true);
	json_end_object(out);
}

static void put_form(struct json *out, const struct pktt_param *p)
{
	switch (pktt_args_value_form(p)) {
	case PKTT_JSON_FLAG:
		put_true(out);
		break;
	case PKTT_JSON_TEXT:
		put_hex(out);
		if (p->type->part[0].kind && !p->type->list_max)
			put_part(out, p, &p->type->part[0]);
		break;
	case PKTT_JSON_ARRAY:
		put_array(out, p);
		break;
	case PKTT_JSON_OBJECT:
	case PKTT_JSON_SCALAR:
		put_element(out, p);
		break;
	}
}

/* The value of option n; a string is the text form of all but flags. */
static void put_value(struct json *out, const struct pktt_ext *ext, unsigned int n)
{
	if (pktt_args_words(ext, n) == 0) {
		put_true(out);
		return;
	}
	open_any(out);
	json_begin_object(out);
	json_put_text(out, "type", "string");
	json_put_text(out, "description", pktt_describe_argument(ext, n)->syntax);
	json_end_object(out);
	if (!ext->params[n].same_as)
		put_form(out, &ext->params[n]);
	close_any(out);
}

static void put_negation(struct json *out, const struct pktt_ext *ext, unsigned int n)
{
	json_begin_object(out);
	json_put_text(out, "type", "object");
	json_key(out, "properties");
	json_begin_object(out);
	json_key(out, "not");
	put_type(out, "boolean");
	json_key(out, "value");
	put_value(out, ext, n);
	json_end_object(out);
	json_key(out, "required");
	json_begin_array(out);
	json_text(out, "not");
	json_text(out, "value");
	json_end_array(out);
	json_put_bool(out, "additionalProperties", false);
	json_end_object(out);
}

static void put_option(struct json *out, const struct pktt_ext *ext, unsigned int n)
{
	const struct pktt_param *p = &ext->params[n];

	json_begin_object(out);
	json_put_text(out, "description", p->help);
	if (p->def)
		json_put_text(out, "default", p->def);
	json_key(out, "anyOf");
	json_begin_array(out);
	put_value(out, ext, n);
	if (p->flags & PKTT_NEGATABLE)
		put_negation(out, ext, n);
	json_end_array(out);
	json_end_object(out);
}

/* --- Keys: every spelling once, though families may give it to several parameters ------------ */

struct keys {
	struct json *out;
	const struct pktt_ext *ext;
	unsigned int n; /* parameter whose spellings are walked */
};

static void put_key(void *ctx, const char *word, size_t len)
{
	struct keys *k = ctx;
	unsigned int count = 0;
	char key[64];

	for (unsigned int i = 0; i < k->ext->nparams; i++) {
		if (!pktt_param_is_spelling(&k->ext->params[i], word, len))
			continue;
		if (i < k->n)
			return;
		count++;
	}
	snprintf(key, sizeof(key), "%.*s", (int)len, word);
	json_key(k->out, key);
	if (count == 1) {
		put_option(k->out, k->ext, k->n);
		return;
	}
	open_any(k->out);
	for (unsigned int i = k->n; i < k->ext->nparams; i++)
		if (pktt_param_is_spelling(&k->ext->params[i], word, len))
			put_option(k->out, k->ext, i);
	close_any(k->out);
}

/* A key can be demanded where no alias, synonym or family offers another way. */
static bool is_demanded(const struct pktt_ext *ext, unsigned int n)
{
	const struct pktt_param *p = &ext->params[n];

	if (!(p->flags & PKTT_REQUIRED) || p->aliases ||
	    pktt_describe_param_families(ext, p) != pktt_describe_ext_families(ext))
		return false;
	for (unsigned int i = 0; i < ext->nparams; i++)
		if (ext->params[i].same_as == n + 1)
			return false;
	return true;
}

void pktt_describe_schema(const struct pktt_ext *ext, struct json *out)
{
	struct keys keys = { out, ext, 0 };

	json_begin_object(out);
	json_put_text(out, "description", ext->summary);
	json_put_text(out, "type", "object");
	json_key(out, "properties");
	json_begin_object(out);
	for (; keys.n < ext->nparams; keys.n++) {
		const struct pktt_param *p = &ext->params[keys.n];

		put_key(&keys, p->name, strlen(p->name));
		pktt_describe_words(p->aliases, put_key, &keys);
	}
	json_end_object(out);
	json_key(out, "required");
	json_begin_array(out);
	for (unsigned int n = 0; n < ext->nparams; n++)
		if (is_demanded(ext, n))
			json_text(out, ext->params[n].name);
	json_end_array(out);
	json_put_bool(out, "additionalProperties", false);
	json_end_object(out);
}
