/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that have names: one of a set, several of a set, flags under a mask, a bitmap. */
#include "base/distance.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

/* --- Names of a parameter's symbol table ------------------------------------------------------ */

const char *type_symbol_name(const struct pktt_symbol *symbols, uint32_t value)
{
	for (; symbols && symbols->name; symbols++)
		if (symbols->value == value)
			return symbols->name;
	return NULL;
}

/* The symbol nearest to a misspelt one, or NULL. */
static const char *near_symbol(const struct pktt_symbol *sym, struct span s)
{
	size_t best = DISTANCE_MAX + 1;
	const char *found = NULL;

	for (; sym && sym->name; sym++) {
		size_t dist = distance(s.at, s.len, sym->name, strlen(sym->name));

		if (dist < best && distance_is_near(dist, s.len)) {
			best = dist;
			found = sym->name;
		}
	}
	return found;
}

static int refuse_symbol(const struct pktt_context *ctx, struct span s, struct pktt_error *err)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	const struct pktt_symbol *sym = ctx->param->symbols;
	const char *sep = "one of ", *near = near_symbol(sym, s);

	if (near) {
		str_putf(&text, "known here; did you mean %s?", near);
		return type_refuse(ctx, s, str_text(&text), err);
	}
	for (; sym && sym->name && text.len < 110; sym++, sep = ", ")
		str_putf(&text, "%s%s", sep, sym->name);
	if (sym && sym->name)
		str_puts(&text, ", ...");
	return type_refuse(ctx, s, text.len ? str_text(&text) : "a name that is known here", err);
}

static bool fits(const char *name, struct span s, bool is_caseless)
{
	if (is_caseless)
		return strncasecmp(name, s.at, s.len) == 0;
	return strncmp(name, s.at, s.len) == 0;
}

/*
 * iptables takes the first of several names that a caseless abbreviation fits. Which one that is
 * depends on the order of a table that nobody sees, so an ambiguous one is refused here.
 */
static int prefix_symbol(const struct pktt_context *ctx, struct span s, uint32_t *ret,
			 struct pktt_error *err)
{
	const struct pktt_symbol *found = NULL;

	for (const struct pktt_symbol *sym = ctx->param->symbols; sym && sym->name; sym++) {
		if (!fits(sym->name, s, true))
			continue;
		if (found && found->value != sym->value)
			return pktt_fail(err, -EINVAL, "--%s: '%.*s' may be %s or %s",
					 ctx->param->name, (int)s.len, s.at, found->name,
					 sym->name);
		found = sym;
	}
	if (!found)
		return refuse_symbol(ctx, s, err);
	*ret = found->value;
	return 0;
}

int type_symbol(const struct pktt_context *ctx, struct span s, uint32_t *ret,
		struct pktt_error *err)
{
	bool is_caseless = ctx->param->flags & PKTT_CASELESS;

	for (const struct pktt_symbol *sym = ctx->param->symbols; sym && sym->name; sym++)
		if (strlen(sym->name) == s.len && fits(sym->name, s, is_caseless)) {
			*ret = sym->value;
			return 0;
		}
	if (ctx->param->flags & PKTT_PREFIX && s.len)
		return prefix_symbol(ctx, s, ret, err);
	return refuse_symbol(ctx, s, err);
}

/* --- One of a set ----------------------------------------------------------------------------- */

static int parse_enum(const struct pktt_context *ctx, struct span s, uint64_t max, uint32_t *ret,
		      struct pktt_error *err)
{
	uint64_t v;
	int r;

	if (!(ctx->param->flags & PKTT_NUMERIC) || !s.len || s.at[0] < '0' || s.at[0] > '9' ||
	    type_number(s, UINT64_MAX, &v) == -EINVAL)
		return type_symbol(ctx, s, ret, err);
	r = type_uint(ctx, s, max, &v, err);
	*ret = (uint32_t)v;
	return r;
}

static int check_enum(const struct pktt_context *ctx, uint32_t v, struct pktt_error *err)
{
	if (ctx->param->flags & PKTT_NUMERIC || type_symbol_name(ctx->param->symbols, v))
		return 0;
	return pktt_fail(err, -EINVAL, "--%s: %" PRIu32 " has no name here", ctx->param->name, v);
}

static void print_number(const struct pktt_context *ctx, uint32_t v, struct str *out)
{
	str_putf(out, ctx->param->flags & PKTT_SHOW_HEX ? "0x%" PRIx32 : "%" PRIu32, v);
}

static void print_enum(const struct pktt_context *ctx, uint32_t v, struct str *out)
{
	const char *name = type_symbol_name(ctx->param->symbols, v);

	if (name && !(ctx->param->flags & PKTT_SHOW_NUMBER))
		str_puts(out, name);
	else
		print_number(ctx, v, out);
}

#define TYPE_ENUM(n, c)                                                                          \
	static int parse_##n(const struct pktt_context *ctx, const char *const *word, void *val, \
			     struct pktt_error *err)                                             \
	{                                                                                        \
		uint32_t v;                                                                      \
		int r = parse_enum(ctx, span_of(word[0]), (c)-1, &v, err);                       \
                                                                                                 \
		if (r == 0)                                                                      \
			*(c *)val = (c)v;                                                        \
		return r;                                                                        \
	}                                                                                        \
                                                                                                 \
	static int check_##n(const struct pktt_context *ctx, const void *val,                    \
			     struct pktt_error *err)                                             \
	{                                                                                        \
		return check_enum(ctx, *(const c *)val, err);                                    \
	}                                                                                        \
                                                                                                 \
	static void print_##n(const struct pktt_context *ctx, const void *val, struct str *out)  \
	{                                                                                        \
		print_enum(ctx, *(const c *)val, out);                                           \
	}                                                                                        \
                                                                                                 \
	const struct pktt_type pktt_type_##n = {                                                 \
		.name = #n,                                                                      \
		.syntax = "NAME",                                                                \
		.size = sizeof(c),                                                               \
		.words = 1,                                                                      \
		.cmp = PKTT_CMP_EQUAL,                                                           \
		.part = TYPE_SOLE(c, UINT),                                                      \
		.parse = parse_##n,                                                              \
		.check = check_##n,                                                              \
		.print = print_##n,                                                              \
	}

TYPE_ENUM(enum8, uint8_t);
TYPE_ENUM(enum16, uint16_t);
TYPE_ENUM(enum32, uint32_t);

/* --- Several of a set ------------------------------------------------------------------------- */

static int parse_bits(const struct pktt_context *ctx, struct span s, uint64_t max, uint32_t *ret,
		      struct pktt_error *err)
{
	struct span piece;
	uint32_t all = 0, one = 0;
	int r = 0;

	while (r == 0 && span_cut(&s, ',', &piece)) {
		r = parse_enum(ctx, piece, max, &one, err);
		all |= one;
	}
	*ret = all;
	return r;
}

/*
 * Names of a single bit first; then those of several that add a bit not yet named; the rest as a
 * number.
 */
static void print_bits(const struct pktt_context *ctx, uint32_t v, struct str *out)
{
	const struct pktt_symbol *sym;
	const char *sep = "";
	uint32_t all = v;

	if (v == 0) {
		print_enum(ctx, 0, out);
		return;
	}
	for (int several = 0; several < 2; several++)
		for (sym = ctx->param->symbols; sym && sym->name; sym++) {
			bool is_single = sym->value && (sym->value & (sym->value - 1)) == 0;

			if (is_single == several || !(v & sym->value) ||
			    (all & sym->value) != sym->value)
				continue;
			str_putf(out, "%s%s", sep, sym->name);
			sep = ",";
			v &= ~sym->value;
		}
	if (v)
		str_putf(out, "%s0x%" PRIx32, sep, v);
}

/* Whether print_bits() finds a name for all of v. */
static int check_bits(const struct pktt_context *ctx, uint32_t v, struct pktt_error *err)
{
	uint32_t named = 0;

	if (ctx->param->flags & PKTT_NUMERIC)
		return 0;
	if (v == 0 && !type_symbol_name(ctx->param->symbols, 0))
		return type_fail(ctx, -EINVAL, err, "at least one name is expected");
	for (const struct pktt_symbol *sym = ctx->param->symbols; sym && sym->name; sym++)
		if ((v & sym->value) == sym->value)
			named |= sym->value;
	if (v & ~named)
		return pktt_fail(err, -EINVAL, "--%s: the bits 0x%" PRIx32 " have no name here",
				 ctx->param->name, v & ~named);
	return 0;
}

static int parse_bits32(const struct pktt_context *ctx, const char *const *word, void *val,
			struct pktt_error *err)
{
	return parse_bits(ctx, span_of(word[0]), UINT32_MAX, val, err);
}

static int check_bits32(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	return check_bits(ctx, *(const uint32_t *)val, err);
}

static void print_bits32(const struct pktt_context *ctx, const void *val, struct str *out)
{
	print_bits(ctx, *(const uint32_t *)val, out);
}

const struct pktt_type pktt_type_bits32 = {
	.name = "bits32",
	.syntax = "NAME[,NAME]...",
	.size = sizeof(uint32_t),
	.words = 1,
	.part = TYPE_SOLE(uint32_t, UINT),
	.parse = parse_bits32,
	.check = check_bits32,
	.print = print_bits32,
};

/*
 * MASK COMP: of the flags in MASK exactly those in COMP are set. iptables takes a COMP that has
 * flags which MASK lacks (it never matches), so it is taken.
 */
static int parse_flags8(const struct pktt_context *ctx, const char *const *word, void *val,
			struct pktt_error *err)
{
	struct pktt_mask8 *m = val;
	uint32_t mask, value;
	int r = parse_bits(ctx, span_of(word[0]), UINT8_MAX, &mask, err);

	if (r == 0)
		r = parse_bits(ctx, span_of(word[1]), UINT8_MAX, &value, err);
	if (r)
		return r;
	m->mask = (uint8_t)mask;
	m->value = (uint8_t)value;
	return 0;
}

static int check_flags8(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_mask8 *m = val;

	int r = check_bits(ctx, m->mask, err);

	return r ? r : check_bits(ctx, m->value, err);
}

static void print_flags8(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_mask8 *m = val;

	print_bits(ctx, m->mask, out);
	str_putc(out, ' ');
	print_bits(ctx, m->value, out);
}

const struct pktt_type pktt_type_flags8 = {
	.name = "flags8",
	.syntax = "MASK COMP",
	.size = sizeof(struct pktt_mask8),
	.words = 2,
	.cmp = PKTT_CMP_MASK,
	.part = { TYPE_PART(struct pktt_mask8, value, UINT),
		  TYPE_PART(struct pktt_mask8, mask, UINT) },
	.parse = parse_flags8,
	.check = check_flags8,
	.print = print_flags8,
};

/* --- A bitmap of 256 -------------------------------------------------------------------------- */

static int parse_bit(const struct pktt_context *ctx, struct span s, uint32_t *ret,
		     struct pktt_error *err)
{
	uint64_t v;

	if (s.len == 0 || s.at[0] < '0' || s.at[0] > '9')
		return type_symbol(ctx, s, ret, err);
	if (type_number(s, UINT8_MAX, &v))
		return type_refuse(ctx, s, "a number from 0 to 255", err);
	*ret = (uint32_t)v;
	return 0;
}

static int parse_bitmap256(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	struct pktt_bitmap256 *map = val;
	struct span rest = span_of(word[0]), piece;

	while (span_cut(&rest, ',', &piece)) {
		uint32_t n = 0;
		int r = parse_bit(ctx, piece, &n, err);

		if (r)
			return r;
		map->word[n / 32] |= 1u << n % 32;
	}
	return 0;
}

/* The bounds of the parameter are those of the bits. */
static int check_bitmap256(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	uint64_t min = ctx->param->min, max = ctx->param->max ? ctx->param->max : UINT8_MAX;
	const struct pktt_bitmap256 *map = val;
	unsigned int count = 0;

	for (unsigned int n = 0; n < 256; n++) {
		if (!(map->word[n / 32] >> n % 32 & 1))
			continue;
		if (n < min || n > max)
			return pktt_fail(err, -ERANGE,
					 "--%s: %u is outside %" PRIu64 " to %" PRIu64,
					 ctx->param->name, n, min, max);
		count++;
	}
	if (count == 0)
		return type_fail(ctx, -EINVAL, err, "at least one name or number is expected");
	return 0;
}

static void print_bitmap256(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_bitmap256 *map = val;
	const char *sep = "";

	for (uint32_t n = 0; n < 256; n++) {
		if (!(map->word[n / 32] >> n % 32 & 1))
			continue;
		str_puts(out, sep);
		print_enum(ctx, n, out);
		sep = ",";
	}
}

const struct pktt_type pktt_type_bitmap256 = {
	.name = "bitmap256",
	.syntax = "NAME|NUMBER[,...]",
	.size = sizeof(struct pktt_bitmap256),
	.words = 1,
	.parse = parse_bitmap256,
	.check = check_bitmap256,
	.print = print_bitmap256,
};
