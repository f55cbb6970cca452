/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The language of -m u32.
 *
 *	tests    := test { "&&" test }
 *	test     := location "=" range { "," range }
 *	location := number { operator number }      operator: & << >> @
 *	range    := number [ ":" number ]
 *
 * Blanks may stand between any two. Limits are those of the kernel's structure as iptables fills
 * it: 10 tests, each of 10 numbers in its location and 10 ranges.
 */
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

#define U32_TESTS  10
#define U32_STEPS  10
#define U32_RANGES 10

struct reader {
	const struct pktt_context *ctx;
	const char *start, *at;
	struct pktt_error *err;
};

static void skip_blanks(struct reader *rd)
{
	while (isspace((unsigned char)*rd->at))
		rd->at++;
}

static int refuse(const struct reader *rd, const char *expected)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;

	str_put_escaped(&text, rd->at, strnlen(rd->at, 20));
	if (!*rd->at)
		str_puts(&text, "the end");
	return pktt_fail(rd->err, -EINVAL, "--%s: at character %zu, before %s: %s",
			 rd->ctx->param->name, (size_t)(rd->at - rd->start) + 1, str_text(&text),
			 expected);
}

static int take_number(struct reader *rd, uint32_t *ret)
{
	struct span s;
	uint64_t v;

	skip_blanks(rd);
	s = (struct span){ rd->at, 0 };
	while (isalnum((unsigned char)s.at[s.len]))
		s.len++;
	if (type_number(s, UINT32_MAX, &v))
		return refuse(rd, "a number from 0 to 0xffffffff is expected");
	rd->at += s.len;
	skip_blanks(rd);
	*ret = (uint32_t)v;
	return 0;
}

/* '&', '<', '>' or '@' for an operator that stands there, 0 for none; "&&" is none. */
static uint8_t take_operator(struct reader *rd)
{
	const char *at = rd->at;
	uint8_t op = 0;
	bool is_single = at[0] == '@' || (at[0] == '&' && at[1] != '&');
	bool is_double = (at[0] == '<' || at[0] == '>') && at[1] == at[0];

	if (is_single || is_double)
		op = (uint8_t)at[0];
	if (op)
		rd->at += op == '<' || op == '>' ? 2 : 1;
	return op;
}

static int take_location(struct reader *rd, struct pktt_u32_test *test)
{
	uint8_t op = 0;
	int r;

	for (;;) {
		if (test->nsteps == U32_STEPS)
			return refuse(rd, "a location has at most 10 numbers");
		r = take_number(rd, &test->step[test->nsteps].value);
		if (r)
			return r;
		test->step[test->nsteps++].op = op;
		if (*rd->at == '=') {
			rd->at++;
			return 0;
		}
		op = take_operator(rd);
		if (!op)
			return refuse(rd, "one of & << >> @ = is expected");
	}
}

static int take_range(struct reader *rd, struct pktt_range32 *range)
{
	int r = take_number(rd, &range->min);

	range->max = range->min;
	if (r || *rd->at != ':')
		return r;
	rd->at++;
	return take_number(rd, &range->max);
}

static int take_ranges(struct reader *rd, struct pktt_u32_test *test)
{
	int r;

	for (;;) {
		if (test->nranges == U32_RANGES)
			return refuse(rd, "a test has at most 10 ranges");
		r = take_range(rd, &test->range[test->nranges]);
		if (r)
			return r;
		test->nranges++;
		if (*rd->at != ',')
			return 0;
		rd->at++;
	}
}

static int parse_u32_tests(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	struct reader rd = { ctx, word[0], word[0], err };
	struct pktt_u32 *u = val;

	for (;;) {
		struct pktt_u32_test *test = &u->test[u->count];
		int r;

		if (u->count == U32_TESTS)
			return refuse(&rd, "at most 10 tests are possible");
		r = take_location(&rd, test);
		if (r == 0)
			r = take_ranges(&rd, test);
		if (r)
			return r;
		u->count++;
		if (*rd.at == '\0')
			return 0;
		if (rd.at[0] != '&' || rd.at[1] != '&')
			return refuse(&rd, "',' or '&&' is expected");
		rd.at += 2;
	}
}

/* --- Checking and printing -------------------------------------------------------------------- */

static bool is_good_step(const struct pktt_u32_test *test, unsigned int i)
{
	uint8_t op = test->step[i].op;

	if (i == 0)
		return op == 0;
	if (op == '<' || op == '>')
		return test->step[i].value < 32;
	return op == '&' || op == '@';
}

static int check_test(const struct pktt_context *ctx, const struct pktt_u32_test *test,
		      struct pktt_error *err)
{
	if (test->nsteps == 0 || test->nsteps > U32_STEPS || test->nranges == 0 ||
	    test->nranges > U32_RANGES)
		return type_fail(ctx, -EINVAL, err,
				 "a test has 1 to 10 numbers and 1 to 10 ranges");
	for (unsigned int i = 0; i < test->nsteps; i++)
		if (!is_good_step(test, i))
			return type_fail(ctx, -ERANGE, err,
					 "a shift is by 31 bits at most, operators are & << >> @");
	return 0;
}

static int check_u32_tests(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_u32 *u = val;
	int r = 0;

	if (u->count == 0 || u->count > U32_TESTS)
		return type_fail(ctx, -EINVAL, err, "1 to 10 tests are expected");
	for (unsigned int i = 0; r == 0 && i < u->count; i++)
		r = check_test(ctx, &u->test[i], err);
	return r;
}

static void print_test(const struct pktt_u32_test *test, struct str *out)
{
	for (unsigned int i = 0; i < test->nsteps && i < U32_STEPS; i++) {
		uint8_t op = test->step[i].op;

		if (op)
			str_putf(out, op == '<' || op == '>' ? "%c%c" : "%c", op, op);
		str_putf(out, "0x%" PRIx32, test->step[i].value);
	}
	str_putc(out, '=');
	for (unsigned int i = 0; i < test->nranges && i < U32_RANGES; i++) {
		const struct pktt_range32 *range = &test->range[i];

		str_putf(out, "%s0x%" PRIx32, i ? "," : "", range->min);
		if (range->min != range->max)
			str_putf(out, ":0x%" PRIx32, range->max);
	}
}

static void print_u32_tests(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_u32 *u = val;

	(void)ctx;
	str_putc(out, '"');
	for (unsigned int i = 0; i < u->count && i < U32_TESTS; i++) {
		if (i)
			str_puts(out, "&&");
		print_test(&u->test[i], out);
	}
	str_putc(out, '"');
}

const struct pktt_type pktt_type_u32_tests = {
	.name = "u32-tests",
	.syntax = "LOCATION=RANGE[,RANGE][&&...]",
	.size = sizeof(struct pktt_u32),
	.words = 1,
	.parse = parse_u32_tests,
	.check = check_u32_tests,
	.print = print_u32_tests,
};
