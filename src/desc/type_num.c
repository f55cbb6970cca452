/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flags, numbers, ranges of numbers, marks.
 *
 * Numbers are read as strtoul(3) does with base 0; a sign is refused, where strtoul would wrap.
 */
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>
#include <inttypes.h>

static int parse_flag(const struct pktt_context *ctx, const char *const *word, void *val,
		      struct pktt_error *err)
{
	(void)ctx, (void)word, (void)err;
	*(bool *)val = true;
	return 0;
}

const struct pktt_type pktt_type_flag = {
	.name = "flag",
	.syntax = "",
	.size = sizeof(bool),
	.words = 0,
	.part = TYPE_SOLE(bool, BOOL),
	.parse = parse_flag,
};

/* --- Numbers: the same four functions for each width ----------------------------------------- */

#define TYPE_UINT(n, c, hex)                                                                     \
	static int parse_##n(const struct pktt_context *ctx, const char *const *word, void *val, \
			     struct pktt_error *err)                                             \
	{                                                                                        \
		uint64_t v;                                                                      \
		int r = type_uint(ctx, span_of(word[0]), (c)-1, &v, err);                        \
                                                                                                 \
		if (r == 0)                                                                      \
			*(c *)val = (c)v;                                                        \
		return r;                                                                        \
	}                                                                                        \
                                                                                                 \
	static void print_##n(const struct pktt_context *ctx, const void *val, struct str *out)  \
	{                                                                                        \
		bool is_hex = (hex)[0] == '#' || ctx->param->flags & PKTT_SHOW_HEX;              \
                                                                                                 \
		if (ctx->param->flags & PKTT_SHOW_FULL_HEX)                                      \
			str_putf(out, "0x%0*" PRIx64, (int)sizeof(c) * 2,                        \
				 (uint64_t) * (const c *)val);                                   \
		else if (is_hex)                                                                 \
			str_putf(out, sizeof(c) == 1 ? "0x%02" PRIx64 : "0x%" PRIx64,            \
				 (uint64_t) * (const c *)val);                                   \
		else                                                                             \
			str_putf(out, "%" PRIu64, (uint64_t) * (const c *)val);                  \
	}                                                                                        \
                                                                                                 \
	const struct pktt_type pktt_type_##n = {                                                 \
		.name = #n,                                                                      \
		.syntax = "NUMBER",                                                              \
		.size = sizeof(c),                                                               \
		.words = 1,                                                                      \
		.cmp = PKTT_CMP_EQUAL,                                                           \
		.part = TYPE_SOLE(c, UINT),                                                      \
		.parse = parse_##n,                                                              \
		.print = print_##n,                                                              \
	}

TYPE_UINT(u8, uint8_t, "");
TYPE_UINT(u16, uint16_t, "");
TYPE_UINT(u32, uint32_t, "");
TYPE_UINT(u64, uint64_t, "");
TYPE_UINT(hex32, uint32_t, "#");

/*
 * --- Ranges N[:M]; an end left out is the type's own. -----------------------------------------
 *
 * A range that runs backwards is taken where iptables takes it: rulesets with one exist and
 * must load. It holds no number, so it never matches; lint tells of it.
 */

/* A number, or where the parameter has names, one of them. */
static int parse_end(const struct pktt_context *ctx, struct span s, uint64_t max, uint64_t *ret,
		     struct pktt_error *err)
{
	uint32_t named;
	int r;

	if (!ctx->param->symbols || !s.len || (s.at[0] >= '0' && s.at[0] <= '9'))
		return type_uint(ctx, s, max, ret, err);
	r = type_symbol(ctx, s, &named, err);
	if (r == 0)
		*ret = named;
	return r;
}

static int parse_range(const struct pktt_context *ctx, const char *word, uint64_t max,
		       struct pktt_range64 *ret, struct pktt_error *err)
{
	struct span low, high;
	int r = 0;

	*ret = (struct pktt_range64){ 0, max };
	if (!span_split(span_of(word), ':', &low, &high)) {
		r = parse_end(ctx, low, max, &ret->min, err);
		if (!(ctx->param->flags & PKTT_OPEN_RANGE))
			ret->max = ret->min;
		return r;
	}
	if (low.len)
		r = parse_end(ctx, low, max, &ret->min, err);
	if (r == 0 && high.len)
		r = parse_end(ctx, high, max, &ret->max, err);
	return r;
}

static int check_range(const struct pktt_context *ctx, uint64_t min, uint64_t max,
		       struct pktt_error *err)
{
	if (min <= max || !(ctx->param->flags & PKTT_ASCENDING))
		return 0;
	return pktt_fail(err, -ERANGE,
			 "--%s: the range %" PRIu64 ":%" PRIu64 " is backwards; write the lower "
			 "number first",
			 ctx->param->name, min, max);
}

static void print_range(const struct pktt_context *ctx, uint64_t min, uint64_t max, uint64_t last,
			struct str *out)
{
	bool is_hex = ctx->param->flags & PKTT_SHOW_HEX;
	bool is_open = ctx->param->flags & PKTT_OPEN_RANGE;

	str_putf(out, is_hex ? "0x%" PRIx64 : "%" PRIu64, min);
	if (max != (is_open ? last : min))
		str_putf(out, is_hex ? ":0x%" PRIx64 : ":%" PRIu64, max);
}

#define TYPE_RANGE(n, num)                                                                       \
	static int parse_##n(const struct pktt_context *ctx, const char *const *word, void *val, \
			     struct pktt_error *err)                                             \
	{                                                                                        \
		struct pktt_range64 v;                                                           \
		int r = parse_range(ctx, word[0], (num)-1, &v, err);                             \
                                                                                                 \
		if (r == 0)                                                                      \
			*(struct pktt_##n *)val = (struct pktt_##n){ (num)v.min, (num)v.max };   \
		return r;                                                                        \
	}                                                                                        \
                                                                                                 \
	static int check_##n(const struct pktt_context *ctx, const void *val,                    \
			     struct pktt_error *err)                                             \
	{                                                                                        \
		const struct pktt_##n *v = val;                                                  \
                                                                                                 \
		return check_range(ctx, v->min, v->max, err);                                    \
	}                                                                                        \
                                                                                                 \
	static void print_##n(const struct pktt_context *ctx, const void *val, struct str *out)  \
	{                                                                                        \
		const struct pktt_##n *v = val;                                                  \
                                                                                                 \
		print_range(ctx, v->min, v->max, (num)-1, out);                                  \
	}                                                                                        \
                                                                                                 \
	const struct pktt_type pktt_type_##n = {                                                 \
		.name = #n,                                                                      \
		.syntax = "N[:M]",                                                               \
		.size = sizeof(struct pktt_##n),                                                 \
		.words = 1,                                                                      \
		.cmp = PKTT_CMP_RANGE,                                                           \
		.part = { TYPE_PART(struct pktt_##n, min, UINT),                                 \
			  TYPE_PART(struct pktt_##n, max, UINT) },                               \
		.parse = parse_##n,                                                              \
		.check = check_##n,                                                              \
		.print = print_##n,                                                              \
	}

TYPE_RANGE(range8, uint8_t);
TYPE_RANGE(range16, uint16_t);
TYPE_RANGE(range32, uint32_t);
TYPE_RANGE(range64, uint64_t);
