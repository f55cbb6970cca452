/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments as a JSON object, written. args_from_json.c reads it back; the form is told in args.h.
 */
#include "desc/args.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/args_value.h"
#include "desc/type_own.h"

#include <stdio.h>
#include <string.h>

/* Single numbers that people know by a name that no table of symbols holds. */
static const struct pktt_type *const named_types[] = {
	&pktt_type_proto,
	&pktt_type_ethertype,
	&pktt_type_weekdays,
	&pktt_type_monthdays,
};

enum pktt_json_form pktt_args_value_form(const struct pktt_param *p)
{
	const struct pktt_type *type = p->type;

	if (type->words == 0)
		return PKTT_JSON_FLAG;
	for (size_t i = 0; i < pktt_countof(named_types); i++)
		if (type == named_types[i])
			return PKTT_JSON_TEXT;
	if (type->part[0].kind == PKTT_PART_END || pktt_args_value_is_bytes(type))
		return PKTT_JSON_TEXT;
	if (type->list_max)
		return PKTT_JSON_ARRAY;
	return type->part[0].name[0] ? PKTT_JSON_OBJECT : PKTT_JSON_SCALAR;
}

bool pktt_args_value_has_bits(const struct pktt_param *p)
{
	return p->symbols && (p->type == &pktt_type_bits32 || p->type == &pktt_type_flags8);
}

/* The names whose bits v has, in the order of the table, and what no name covers as a number. */
static void put_bits(struct json *out, const struct pktt_symbol *s, uint64_t v)
{
	json_begin_array(out);
	for (; s->name; s++) {
		if ((v & s->value) != s->value || s->value == 0)
			continue;
		json_text(out, s->name);
		v &= ~(uint64_t)s->value;
	}
	if (v)
		json_uint(out, v);
	json_end_array(out);
}

static void put_uint(struct json *out, const struct pktt_param *p, uint64_t v)
{
	const struct pktt_symbol *s = p->symbols;

	if (pktt_args_value_has_bits(p)) {
		put_bits(out, s, v);
		return;
	}
	while (s && s->name && s->value != v)
		s++;
	if (s && s->name && pktt_args_value_form(p) == PKTT_JSON_SCALAR)
		json_text(out, s->name);
	else
		json_uint(out, v);
}

static void put_addr(struct json *out, const char *at)
{
	char text[TYPE_ADDR_ROOM];
	struct pktt_addr addr;

	memcpy(&addr, at, sizeof(addr));
	if (addr.len == 0)
		json_none(out);
	else
		json_textn(out, text, type_addr_text(&addr, text));
}

static void put_bytes(struct json *out, const uint8_t *byte, size_t len)
{
	char mac[18];

	if (len == 6) {
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", byte[0], byte[1],
			 byte[2], byte[3], byte[4], byte[5]);
		json_text(out, mac);
		return;
	}
	json_begin_object(out);
	json_key(out, "hex");
	json_hex(out, byte, len);
	json_end_object(out);
}

static void put_part(struct json *out, const struct pktt_context *ctx, const struct pktt_part *part,
		     const void *element)
{
	const char *at = (const char *)element + part->offset;

	switch (part->kind) {
	case PKTT_PART_END:
		break;
	case PKTT_PART_UINT:
		put_uint(out, ctx->param, pktt_part_get(part, element));
		break;
	case PKTT_PART_INT:
		json_int(out, (int64_t)pktt_part_get(part, element));
		break;
	case PKTT_PART_BOOL:
		json_bool(out, pktt_part_get(part, element));
		break;
	case PKTT_PART_ADDR:
		put_addr(out, at);
		break;
	case PKTT_PART_BYTES:
		put_bytes(out, (const uint8_t *)at, part->size);
		break;
	case PKTT_PART_TEXT:
		json_textn(out, at, strnlen(at, pktt_part_size(ctx->param, part)));
		break;
	}
}

static void put_element(struct json *out, const struct pktt_context *ctx, const void *element)
{
	const struct pktt_part *part = ctx->param->type->part;

	if (part[0].name[0] == '\0') {
		put_part(out, ctx, &part[0], element);
		return;
	}
	json_begin_object(out);
	for (unsigned int i = 0; i < PKTT_PARTS_MAX && part[i].kind; i++) {
		json_key(out, part[i].name);
		put_part(out, ctx, &part[i], element);
	}
	json_end_object(out);
}

static void put_text(struct json *out, const struct pktt_context *ctx, const void *val)
{
	struct str text = STR_INIT;

	pktt_args_value_text(ctx, val, &text);
	out->out->failed |= text.failed;
	json_textn(out, str_text(&text), text.len);
	str_fini(&text);
}

static void put_value(struct json *out, const struct pktt_context *ctx, const void *val)
{
	const struct pktt_type *type = ctx->param->type;

	switch (pktt_args_value_form(ctx->param)) {
	case PKTT_JSON_FLAG:
		json_bool(out, true);
		break;
	case PKTT_JSON_TEXT:
		put_text(out, ctx, val);
		break;
	case PKTT_JSON_ARRAY:
		json_begin_array(out);
		for (uint32_t i = 0; i < pktt_args_value_count(type, val); i++)
			put_element(out, ctx, pktt_args_value_element(type, val, i));
		json_end_array(out);
		break;
	case PKTT_JSON_OBJECT:
	case PKTT_JSON_SCALAR:
		put_element(out, ctx, val);
		break;
	}
}

void pktt_args_json(const struct pktt_ext *ext, enum pktt_family family, const void *args,
		    struct json *out)
{
	json_begin_object(out);
	for (unsigned int n = 0; n < ext->nparams; n++) {
		const struct pktt_param *p = &ext->params[n];
		struct pktt_context ctx = { p, ext, family };

		if (p->same_as || !pktt_given(args, n))
			continue;
		json_key(out, p->name);
		if (pktt_negated(args, n)) {
			json_begin_object(out);
			json_put_bool(out, "not", true);
			json_key(out, "value");
		}
		put_value(out, &ctx, (const char *)args + p->offset);
		if (pktt_negated(args, n))
			json_end_object(out);
	}
	json_end_object(out);
}
