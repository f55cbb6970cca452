/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/args_value.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

bool pktt_param_serves(const struct pktt_param *p, enum pktt_family family)
{
	uint32_t both = PKTT_FAM_V4 | PKTT_FAM_V6;

	if (p->families == 0 || p->families & PKTT_FAM(family))
		return true;
	return family == PKTT_INET && (p->families & both) == both;
}

unsigned int pktt_param_real(const struct pktt_ext *ext, unsigned int n)
{
	uint8_t same = ext->params[n].same_as;

	return same && same <= ext->nparams ? same - 1u : n;
}

const struct pktt_param *pktt_param_negation(const struct pktt_ext *ext, unsigned int n)
{
	for (unsigned int i = 0; i < ext->nparams; i++)
		if (ext->params[i].same_as == n + 1 && ext->params[i].negate)
			return &ext->params[i];
	return NULL;
}

size_t pktt_args_value_size(const struct pktt_param *p)
{
	return p->type->size ? p->type->size : p->size;
}

unsigned int pktt_args_value_count(const struct pktt_type *type, const void *val)
{
	uint16_t count;

	if (!type->list_max)
		return 1;
	memcpy(&count, val, sizeof(count));
	return count < type->list_max ? count : type->list_max;
}

const void *pktt_args_value_element(const struct pktt_type *type, const void *val, unsigned int i)
{
	if (!type->list_max)
		return val;
	return (const char *)val + type->list_offset + (size_t)i * type->list_stride;
}

void *pktt_args_value_slot(const struct pktt_type *type, void *val, unsigned int i)
{
	if (!type->list_max)
		return val;
	return (char *)val + type->list_offset + (size_t)i * type->list_stride;
}

bool pktt_args_value_is_bytes(const struct pktt_type *type)
{
	return type->list_max && type->list_stride == 1 && type->part[0].size == 1 &&
	       type->part[0].name[0] == '\0' && type->part[1].kind == PKTT_PART_END;
}

size_t pktt_part_size(const struct pktt_param *p, const struct pktt_part *part)
{
	return part->size ? part->size : p->size;
}

static uint64_t extend(uint64_t v, uint16_t size)
{
	uint64_t sign = UINT64_C(1) << (8 * size - 1);

	return (v ^ sign) - sign;
}

uint64_t pktt_part_get(const struct pktt_part *part, const void *val)
{
	const char *at = (const char *)val + part->offset;
	uint64_t v = 0;
	uint32_t v32 = 0;
	uint16_t v16 = 0;

	switch (part->size) {
	case 1:
		v = *(const uint8_t *)at;
		break;
	case 2:
		memcpy(&v16, at, sizeof(v16));
		v = v16;
		break;
	case 4:
		memcpy(&v32, at, sizeof(v32));
		v = v32;
		break;
	case 8:
		memcpy(&v, at, sizeof(v));
		break;
	}
	return part->kind == PKTT_PART_INT && part->size < 8 ? extend(v, part->size) : v;
}

void pktt_part_put(const struct pktt_part *part, void *val, uint64_t v)
{
	char *at = (char *)val + part->offset;
	uint32_t v32 = (uint32_t)v;
	uint16_t v16 = (uint16_t)v;
	uint8_t v8 = (uint8_t)v;

	switch (part->size) {
	case 1:
		memcpy(at, &v8, sizeof(v8));
		break;
	case 2:
		memcpy(at, &v16, sizeof(v16));
		break;
	case 4:
		memcpy(at, &v32, sizeof(v32));
		break;
	case 8:
		memcpy(at, &v, sizeof(v));
		break;
	}
}

void pktt_args_value_reset(const struct pktt_param *p, void *val)
{
	if (p->type->fini)
		p->type->fini(val);
	memset(val, 0, pktt_args_value_size(p));
}

/* The word that starts at *in, its quotes taken off, ended by NUL at its place; false if open. */
static bool take_word(char **in)
{
	char *out = *in, *at = *in;
	bool quoted = false;

	for (; *at && (quoted || *at != ' '); at++) {
		if (*at == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && *at == '\\' && at[1])
			at++;
		*out++ = *at;
	}
	*in = *at ? at + 1 : at;
	*out = '\0';
	return !quoted;
}

int pktt_words_split(char *text, const char **word, unsigned int max)
{
	unsigned int n = 0;

	for (;;) {
		while (*text == ' ')
			text++;
		if (*text == '\0')
			return (int)n;
		if (n == max)
			return -EINVAL;
		word[n++] = text;
		if (!take_word(&text))
			return -EINVAL;
	}
}

static int parse_words(const struct pktt_context *ctx, char *text, void *val,
		       struct pktt_error *err)
{
	const struct pktt_type *type = ctx->param->type;
	const char *word[PKTT_WORDS_MAX] = { NULL, NULL };
	int n = pktt_words_split(text, word, PKTT_WORDS_MAX);

	if (n != type->words)
		return pktt_fail(err, -EINVAL, "--%s takes %s", ctx->param->name, type->syntax);
	return type->parse(ctx, word, val, err);
}

int pktt_args_value_parse(const struct pktt_context *ctx, const char *text, void *val,
			  struct pktt_error *err)
{
	PKTT_AUTO_FREE char *copy = NULL;
	int r;

	if (ctx->param->type->words < 2) {
		r = ctx->param->type->parse(ctx, &text, val, err);
	} else {
		copy = strdup(text);
		if (!copy)
			return pktt_fail(err, -ENOMEM, "no memory for --%s", ctx->param->name);
		r = parse_words(ctx, copy, val, err);
	}
	if (r)
		memset(val, 0, pktt_args_value_size(ctx->param));
	return r;
}

void pktt_args_value_text(const struct pktt_context *ctx, const void *val, struct str *out)
{
	struct str printed = STR_INIT;
	const char *word[1];

	if (!ctx->param->type->print)
		return;
	ctx->param->type->print(ctx, val, &printed);
	if (printed.failed)
		out->failed = true;
	else if (ctx->param->type->words == 1 && printed.data &&
		 pktt_words_split(printed.data, word, 1) == 1)
		str_puts(out, word[0]);
	else
		str_puts(out, str_text(&printed));
	str_fini(&printed);
}

static int check_bounds(const struct pktt_context *ctx, const struct pktt_part *part,
			const void *element, struct pktt_error *err)
{
	const struct pktt_param *p = ctx->param;
	uint64_t max, v;

	if (part->kind != PKTT_PART_UINT)
		return 0;
	max = UINT64_MAX >> (64 - 8 * part->size);
	v = pktt_part_get(part, element);
	if (p->max && p->max < max)
		max = p->max;
	if (v >= p->min && v <= max)
		return 0;
	return pktt_fail(err, -ERANGE, "--%s: %" PRIu64 " is outside %" PRIu64 " to %" PRIu64,
			 p->name, v, p->min, max);
}

int pktt_args_value_check(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_type *type = ctx->param->type;
	bool is_bound = ctx->param->min || ctx->param->max;
	unsigned int count = is_bound ? pktt_args_value_count(type, val) : 0;

	for (unsigned int i = 0; i < count && !pktt_args_value_is_bytes(type); i++) {
		const void *element = pktt_args_value_element(type, val, i);

		for (unsigned int k = 0; k < PKTT_PARTS_MAX && type->part[k].kind; k++) {
			int r = check_bounds(ctx, &type->part[k], element, err);

			if (r)
				return r;
		}
	}
	return type->check ? type->check(ctx, val, err) : 0;
}

static bool is_same_addr(const struct pktt_addr *a, const struct pktt_addr *b)
{
	size_t len = a->len < sizeof(a->byte) ? a->len : sizeof(a->byte);

	return a->len == b->len && memcmp(a->byte, b->byte, len) == 0;
}

static bool is_same_part(const struct pktt_param *p, const struct pktt_part *part, const void *a,
			 const void *b)
{
	const char *x = (const char *)a + part->offset, *y = (const char *)b + part->offset;
	struct pktt_addr ax, ay;

	switch (part->kind) {
	case PKTT_PART_END:
		break;
	case PKTT_PART_UINT:
	case PKTT_PART_INT:
	case PKTT_PART_BOOL:
		return pktt_part_get(part, a) == pktt_part_get(part, b);
	case PKTT_PART_ADDR:
		memcpy(&ax, x, sizeof(ax));
		memcpy(&ay, y, sizeof(ay));
		return is_same_addr(&ax, &ay);
	case PKTT_PART_BYTES:
		return memcmp(x, y, part->size) == 0;
	case PKTT_PART_TEXT:
		return strncmp(x, y, pktt_part_size(p, part)) == 0;
	}
	return true;
}

static bool is_same_text(const struct pktt_context *ctx, const void *a, const void *b)
{
	struct str x = STR_INIT, y = STR_INIT;
	bool same;

	ctx->param->type->print(ctx, a, &x);
	ctx->param->type->print(ctx, b, &y);
	same = !x.failed && !y.failed && strcmp(str_text(&x), str_text(&y)) == 0;
	str_fini(&x);
	str_fini(&y);
	return same;
}

bool pktt_args_value_equal(const struct pktt_context *ctx, const void *a, const void *b)
{
	const struct pktt_type *type = ctx->param->type;
	unsigned int count = pktt_args_value_count(type, a);

	if (type->part[0].kind == PKTT_PART_END)
		return type->words == 0 ? memcmp(a, b, pktt_args_value_size(ctx->param)) == 0
					: is_same_text(ctx, a, b);
	if (pktt_args_value_count(type, b) != count)
		return false;
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int k = 0; k < PKTT_PARTS_MAX && type->part[k].kind; k++)
			if (!is_same_part(ctx->param, &type->part[k],
					  pktt_args_value_element(type, a, i),
					  pktt_args_value_element(type, b, i)))
				return false;
	return true;
}

bool pktt_args_value_is_default(const struct pktt_context *ctx, const void *val)
{
	PKTT_AUTO_FREE void *def = NULL;
	bool is_equal;

	if (!ctx->param->def)
		return false;
	def = calloc(1, pktt_args_value_size(ctx->param));
	if (!def || pktt_args_value_parse(ctx, ctx->param->def, def, NULL))
		return false;
	is_equal = pktt_args_value_equal(ctx, val, def);
	pktt_args_value_reset(ctx->param, def);
	return is_equal;
}
