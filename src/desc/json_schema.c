/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON Schema (draft 2020-12) of the document: the fixed outer part is here, what rules hold
 * comes from the tables of the extensions.
 */
#include "desc/command.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/catalog.h"
#include "desc/describe.h"
#include "desc/family.h"

#include <string.h>

/* What a key of an outer object holds. */
enum key_type { KEY_NAME, KEY_TEXT, KEY_COUNT, KEY_FAMILY, KEY_POLICY, KEY_HEAD, KEY_USES };

struct key {
	const char *name; /* NULL ends */
	enum key_type type;
	bool is_required;
	enum pktt_ext_kind kind; /* KEY_USES: whose */
};

static const struct object {
	const char *name;
	struct key key[12];
} objects[] = {
	{ "metainfo",
	  { { .name = "version", .type = KEY_TEXT },
	    { .name = "json_schema_version", .type = KEY_COUNT } } },
	{ "table",
	  { { .name = "family", .type = KEY_FAMILY },
	    { .name = "name", .type = KEY_NAME, .is_required = true } } },
	{ "chain",
	  { { .name = "family", .type = KEY_FAMILY },
	    { .name = "table", .type = KEY_NAME, .is_required = true },
	    { .name = "name", .type = KEY_NAME, .is_required = true },
	    { .name = "policy", .type = KEY_POLICY },
	    { .name = "packets", .type = KEY_COUNT },
	    { .name = "bytes", .type = KEY_COUNT } } },
	{ "rule",
	  { { .name = "family", .type = KEY_FAMILY },
	    { .name = "table", .type = KEY_NAME, .is_required = true },
	    { .name = "chain", .type = KEY_NAME, .is_required = true },
	    { .name = "handle", .type = KEY_COUNT },
	    { .name = "name", .type = KEY_NAME },
	    { .name = "packets", .type = KEY_COUNT },
	    { .name = "bytes", .type = KEY_COUNT },
	    { .name = "head", .type = KEY_HEAD },
	    { .name = "matches", .type = KEY_USES, .kind = PKTT_KIND_MATCH },
	    { .name = "targets", .type = KEY_USES, .kind = PKTT_KIND_TARGET } } },
	{ "set",
	  { { .name = "name", .type = KEY_NAME, .is_required = true },
	    { .name = "type", .type = KEY_NAME, .is_required = true },
	    { .name = "options", .type = KEY_TEXT } } },
	{ "element",
	  { { .name = "set", .type = KEY_NAME, .is_required = true },
	    { .name = "value", .type = KEY_TEXT, .is_required = true } } },
};

static void put_names(const char *const *name, size_t n, struct json *out)
{
	json_key(out, "enum");
	json_begin_array(out);
	for (size_t i = 0; i < n; i++)
		json_text(out, name[i]);
	json_end_array(out);
}

/* The arguments of all extensions of a kind and name: one, or one for each family. */
static size_t put_alternatives(const struct pktt_catalog *cat, size_t at, struct json *out)
{
	const struct pktt_ext *first = pktt_catalog_at(cat, at), *ext = first;

	json_begin_object(out);
	json_key(out, "anyOf");
	json_begin_array(out);
	for (; ext && strcmp(ext->name, first->name) == 0; ext = pktt_catalog_at(cat, ++at))
		if (ext->kind == first->kind)
			pktt_describe_schema(ext, out);
	json_end_array(out);
	json_end_object(out);
	return at;
}

static void put_head(const struct pktt_catalog *cat, struct json *out)
{
	const struct pktt_ext *ext;

	json_key(out, "anyOf");
	json_begin_array(out);
	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++)
		if (ext->kind == PKTT_KIND_HEAD)
			pktt_describe_schema(ext, out);
	json_end_array(out);
}

static void put_uses(const struct pktt_catalog *cat, enum pktt_ext_kind kind, struct json *out)
{
	const struct pktt_ext *ext;
	const char *last = "";

	json_put_text(out, "type", "array");
	json_key(out, "items");
	json_begin_object(out);
	json_put_text(out, "type", "object");
	json_put_uint(out, "minProperties", 1);
	json_put_uint(out, "maxProperties", 1);
	json_put_bool(out, "additionalProperties", false);
	json_key(out, "properties");
	json_begin_object(out);
	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++) {
		if (ext->kind != kind || strcmp(ext->name, last) == 0)
			continue;
		last = ext->name;
		json_key(out, ext->name);
		put_alternatives(cat, i, out);
	}
	json_end_object(out);
	json_end_object(out);
}

static void put_families(struct json *out)
{
	const char *name[PKTT_FAMILY_COUNT];

	for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++)
		name[f] = pktt_family_name((enum pktt_family)f);
	put_names(name, PKTT_FAMILY_COUNT, out);
}

static void put_pattern(const char *pattern, struct json *out)
{
	json_begin_object(out);
	json_put_text(out, "type", "string");
	json_put_text(out, "pattern", pattern);
	json_end_object(out);
}

/* Above 2^63 - 1 it is text. */
static void put_count(struct json *out)
{
	json_key(out, "anyOf");
	json_begin_array(out);
	json_begin_object(out);
	json_put_text(out, "type", "integer");
	json_put_uint(out, "minimum", 0);
	json_end_object(out);
	put_pattern("^[0-9]+$", out);
	json_end_array(out);
}

/* A string; or, where it is not UTF-8, its bytes. max 0: of any length */
static void put_text(unsigned int min, unsigned int max, struct json *out)
{
	json_key(out, "anyOf");
	json_begin_array(out);
	json_begin_object(out);
	json_put_text(out, "type", "string");
	json_put_uint(out, "minLength", min);
	if (max)
		json_put_uint(out, "maxLength", max);
	json_end_object(out);
	json_begin_object(out);
	json_put_text(out, "type", "object");
	json_key(out, "properties");
	json_begin_object(out);
	json_key(out, "hex");
	put_pattern("^([0-9a-fA-F]{2})*$", out);
	json_end_object(out);
	json_key(out, "required");
	json_begin_array(out);
	json_text(out, "hex");
	json_end_array(out);
	json_put_bool(out, "additionalProperties", false);
	json_end_object(out);
	json_end_array(out);
}

static void put_key(const struct pktt_catalog *cat, const struct key *key, struct json *out)
{
	static const char *const policies[] = { "ACCEPT", "DROP", "RETURN" };

	json_key(out, key->name);
	json_begin_object(out);
	switch (key->type) {
	case KEY_NAME:
		put_text(1, PKTT_NAME_MAX - 1, out);
		break;
	case KEY_TEXT:
		put_text(0, 0, out);
		break;
	case KEY_COUNT:
		put_count(out);
		break;
	case KEY_FAMILY:
		put_families(out);
		break;
	case KEY_POLICY:
		put_names(policies, pktt_countof(policies), out);
		break;
	case KEY_HEAD:
		put_head(cat, out);
		break;
	case KEY_USES:
		put_uses(cat, key->kind, out);
		break;
	}
	json_end_object(out);
}

static void put_object(const struct pktt_catalog *cat, const struct object *object,
		       struct json *out)
{
	json_begin_object(out);
	json_put_text(out, "type", "object");
	json_key(out, "properties");
	json_begin_object(out);
	for (const struct key *key = object->key; key->name; key++)
		put_key(cat, key, out);
	json_end_object(out);
	json_key(out, "required");
	json_begin_array(out);
	for (const struct key *key = object->key; key->name; key++)
		if (key->is_required)
			json_text(out, key->name);
	json_end_array(out);
	json_put_bool(out, "additionalProperties", false);
	json_end_object(out);
}

static void put_items(const struct pktt_catalog *cat, struct json *out)
{
	json_begin_object(out);
	json_put_text(out, "type", "object");
	json_put_uint(out, "minProperties", 1);
	json_put_uint(out, "maxProperties", 1);
	json_put_bool(out, "additionalProperties", false);
	json_key(out, "properties");
	json_begin_object(out);
	for (size_t i = 0; i < pktt_countof(objects); i++) {
		json_key(out, objects[i].name);
		put_object(cat, &objects[i], out);
	}
	json_end_object(out);
	json_end_object(out);
}

void pktt_schema_print(const struct pktt_catalog *cat, struct str *out)
{
	struct json json = json_to(out);

	json_begin_object(&json);
	json_put_text(&json, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_put_text(&json, "title", "pkttables rules, chains, tables and sets");
	json_put_uint(&json, "version", PKTT_JSON_SCHEMA_VERSION);
	json_put_text(&json, "type", "object");
	json_key(&json, "required");
	json_begin_array(&json);
	json_text(&json, "pkttables");
	json_end_array(&json);
	json_put_bool(&json, "additionalProperties", false);
	json_key(&json, "properties");
	json_begin_object(&json);
	json_key(&json, "pkttables");
	json_begin_object(&json);
	json_put_text(&json, "type", "array");
	json_key(&json, "items");
	put_items(cat, &json);
	json_end_object(&json);
	json_end_object(&json);
	json_end_object(&json);
	str_putc(out, '\n');
}
