/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks under a mask, and what tc(8) has: classes, times and rates with units. */
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

/* --- Marks ----------------------------------------------------------------------------------- */

static int parse_mark(const struct pktt_context *ctx, const char *const *word, void *val,
		      struct pktt_error *err)
{
	struct pktt_mask32 *m = val;
	struct span value, mask;
	uint64_t v, w = UINT32_MAX;
	int r;

	if (span_split(span_of(word[0]), '/', &value, &mask)) {
		r = type_uint(ctx, mask, UINT32_MAX, &w, err);
		if (r)
			return r;
	}
	r = type_uint(ctx, value, UINT32_MAX, &v, err);
	if (r)
		return r;
	m->value = (uint32_t)v;
	m->mask = (uint32_t)w;
	return 0;
}

static void print_mark(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_mask32 *m = val;

	(void)ctx;
	str_putf(out, "0x%" PRIx32, m->value);
	if (m->mask != UINT32_MAX)
		str_putf(out, "/0x%" PRIx32, m->mask);
}

const struct pktt_type pktt_type_mark = {
	.name = "mark",
	.syntax = "VALUE[/MASK]",
	.size = sizeof(struct pktt_mask32),
	.words = 1,
	.cmp = PKTT_CMP_MASK,
	.part = { TYPE_PART(struct pktt_mask32, value, UINT),
		  TYPE_PART(struct pktt_mask32, mask, UINT) },
	.parse = parse_mark,
	.print = print_mark,
};

/* As targets show it: the mask says which bits are written, so it is never left out. */
static void print_xmark(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_mask32 *m = val;

	(void)ctx;
	str_putf(out, "0x%" PRIx32 "/0x%" PRIx32, m->value, m->mask);
}

const struct pktt_type pktt_type_xmark = {
	.name = "xmark",
	.syntax = "VALUE[/MASK]",
	.size = sizeof(struct pktt_mask32),
	.words = 1,
	.part = { TYPE_PART(struct pktt_mask32, value, UINT),
		  TYPE_PART(struct pktt_mask32, mask, UINT) },
	.parse = parse_mark,
	.print = print_xmark,
};

/* As ebtables has it: "/MASK" alone asks for any of these bits. */
static int parse_mark_test(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	struct pktt_mark_test *m = val;
	struct pktt_mask32 mark;
	uint64_t mask;
	int r;

	m->is_any = word[0][0] == '/';
	if (m->is_any) {
		r = type_uint(ctx, span_of(word[0] + 1), UINT32_MAX, &mask, err);
		m->mask = r ? 0 : (uint32_t)mask;
		return r;
	}
	r = parse_mark(ctx, word, &mark, err);
	if (r == 0) {
		m->value = mark.value;
		m->mask = mark.mask;
	}
	return r;
}

static int check_mark_test(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_mark_test *m = val;

	if (m->is_any && m->value)
		return type_fail(ctx, -EINVAL, err, "any bit of a mask is asked for, or a value");
	return 0;
}

static void print_mark_test(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_mark_test *m = val;
	struct pktt_mask32 mark = { .value = m->value, .mask = m->mask };

	if (m->is_any)
		str_putf(out, "/0x%" PRIx32, m->mask);
	else
		print_mark(ctx, &mark, out);
}

const struct pktt_type pktt_type_mark_test = {
	.name = "mark-test",
	.syntax = "VALUE[/MASK]|/MASK",
	.size = sizeof(struct pktt_mark_test),
	.words = 1,
	.part = { TYPE_PART(struct pktt_mark_test, value, UINT),
		  TYPE_PART(struct pktt_mark_test, mask, UINT),
		  TYPE_PART(struct pktt_mark_test, is_any, BOOL) },
	.parse = parse_mark_test,
	.check = check_mark_test,
	.print = print_mark_test,
};

/* --- Classes: tc(8) writes both halves in hexadecimal ----------------------------------------- */

static int read_half(const struct pktt_context *ctx, struct span s, uint32_t *ret,
		     struct pktt_error *err)
{
	uint32_t v = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return type_refuse(ctx, s, "a hexadecimal number", err);
	}
	*ret = v;
	return 0;
}

static int parse_tc_class(const struct pktt_context *ctx, const char *const *word, void *val,
			  struct pktt_error *err)
{
	struct span major, minor;
	uint32_t high = 0, low = 0;
	int r;

	if (!span_split(span_of(word[0]), ':', &major, &minor) || !major.len || major.len > 4 ||
	    !minor.len || minor.len > 4)
		return type_refuse(ctx, span_of(word[0]), "MAJOR:MINOR, each of 1 to 4 hex digits",
				   err);
	r = read_half(ctx, major, &high, err);
	if (r == 0)
		r = read_half(ctx, minor, &low, err);
	if (r == 0)
		*(uint32_t *)val = high << 16 | low;
	return r;
}

/* arptables writes no leading zeros. */
static void print_tc_class(const struct pktt_context *ctx, const void *val, struct str *out)
{
	uint32_t v = *(const uint32_t *)val;

	str_putf(out, ctx->family == PKTT_ARP ? "%x:%x" : "%04x:%04x", v >> 16, v & 0xffff);
}

const struct pktt_type pktt_type_tc_class = {
	.name = "tc-class",
	.syntax = "MAJOR:MINOR",
	.size = sizeof(uint32_t),
	.words = 1,
	.part = TYPE_SOLE(uint32_t, UINT),
	.parse = parse_tc_class,
	.print = print_tc_class,
};

/* --- Times and rates: a decimal number and a unit --------------------------------------------- */

struct unit {
	const char *name;
	uint32_t factor;
};

/* Microseconds. */
static const struct unit times[] = {
	{ "s", 1000000 }, { "sec", 1000000 }, { "secs", 1000000 }, { "ms", 1000 },
	{ "msec", 1000 }, { "msecs", 1000 },  { "us", 1 },	   { "usec", 1 },
	{ "usecs", 1 },	  { "", 1 },	      { NULL, 0 },
};

/* Eighths of a byte a second: bits. A bare number counts bits, as in tc. */
static const struct unit rates[] = {
	{ "bit", 1 },
	{ "kibit", 1024 },
	{ "kbit", 1000 },
	{ "mibit", 1024 * 1024 },
	{ "mbit", 1000000 },
	{ "gibit", 1024 * 1024 * 1024 },
	{ "gbit", 1000000000 },
	{ "bps", 8 },
	{ "kibps", 8 * 1024 },
	{ "kbps", 8000 },
	{ "mibps", 8 * 1024 * 1024 },
	{ "mbps", 8000000 },
	{ "", 1 },
	{ NULL, 0 },
};

/* All of s: digits, perhaps a fraction of at most nine digits, then one of the units. */
static int read_units(struct span s, const struct unit *unit, uint64_t *ret)
{
	uint64_t whole = 0, fraction = 0, scale = 1;
	size_t i = 0;

	for (; i < s.len && s.at[i] >= '0' && s.at[i] <= '9' && whole < UINT32_MAX; i++)
		whole = whole * 10 + (uint64_t)(s.at[i] - '0');
	if (i == 0)
		return -EINVAL;
	if (i < s.len && s.at[i] == '.')
		for (i++; i < s.len && s.at[i] >= '0' && s.at[i] <= '9' && scale < 1000000000;
		     i++) {
			fraction = fraction * 10 + (uint64_t)(s.at[i] - '0');
			scale *= 10;
		}
	for (; unit->name; unit++)
		if (strlen(unit->name) == s.len - i &&
		    strncasecmp(unit->name, s.at + i, s.len - i) == 0)
			break;
	if (!unit->name)
		return -EINVAL;
	*ret = whole * unit->factor + fraction * unit->factor / scale;
	return 0;
}

static int parse_tc_time(const struct pktt_context *ctx, const char *const *word, void *val,
			 struct pktt_error *err)
{
	uint64_t v;

	if (read_units(span_of(word[0]), times, &v) || v > UINT32_MAX)
		return type_refuse(ctx, span_of(word[0]), "a time: such as 250ms, 1.5s, 20us", err);
	*(uint32_t *)val = (uint32_t)v;
	return 0;
}

/* One decimal place, as iptables-save, in the largest unit in which that says all. */
static void print_tc_time(const struct pktt_context *ctx, const void *val, struct str *out)
{
	uint32_t v = *(const uint32_t *)val;

	(void)ctx;
	if (v >= 1000000 && v % 100000 == 0)
		str_putf(out, "%u.%us", v / 1000000, v / 100000 % 10);
	else if (v >= 1000 && v % 100 == 0)
		str_putf(out, "%u.%ums", v / 1000, v / 100 % 10);
	else
		str_putf(out, "%uus", v);
}

const struct pktt_type pktt_type_tc_time = {
	.name = "tc-time",
	.syntax = "TIME",
	.size = sizeof(uint32_t),
	.words = 1,
	.part = TYPE_SOLE(uint32_t, UINT),
	.parse = parse_tc_time,
	.print = print_tc_time,
};

static int parse_tc_rate(const struct pktt_context *ctx, const char *const *word, void *val,
			 struct pktt_error *err)
{
	uint64_t v;

	if (read_units(span_of(word[0]), rates, &v) || v / 8 > UINT32_MAX)
		return type_refuse(ctx, span_of(word[0]), "a rate: such as 1mbit, 20kbps", err);
	*(uint32_t *)val = (uint32_t)(v / 8);
	return 0;
}

static void print_tc_rate(const struct pktt_context *ctx, const void *val, struct str *out)
{
	uint64_t bits = (uint64_t) * (const uint32_t *)val * 8;

	(void)ctx;
	if (bits % 1000 == 0 && bits >= 1000000)
		str_putf(out, "%" PRIu64 "Kbit", bits / 1000);
	else
		str_putf(out, "%" PRIu64 "bit", bits);
}

const struct pktt_type pktt_type_tc_rate = {
	.name = "tc-rate",
	.syntax = "RATE",
	.size = sizeof(uint32_t),
	.words = 1,
	.part = TYPE_SOLE(uint32_t, UINT),
	.parse = parse_tc_rate,
	.print = print_tc_rate,
};
