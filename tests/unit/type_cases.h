/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of texts and what a type makes of them; shared by the tests of types. */
#ifndef PKTT_TEST_TYPE_CASES_H
#define PKTT_TEST_TYPE_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "base/str.h"
#include "desc/args_value.h"

/* A parameter to stand in; the first 16 letters are enough for every sentence. */
struct setting {
	const struct pktt_type *type;
	const struct pktt_ext *ext; /* NULL = a setting */
	enum pktt_family family;
	uint32_t flags;
	const struct pktt_symbol *symbols;
	uint16_t size;
	uint64_t min, max;
};

/* Either shown, the canonical text, or refused, a piece of the sentence. */
struct type_case {
	const char *text, *shown, *refused;
};

static inline void run_case(const struct pktt_context *ctx, const struct type_case *c)
{
	PKTT_AUTO_FREE void *val = calloc(1, pktt_args_value_size(ctx->param));
	PKTT_AUTO_FREE void *again = calloc(1, pktt_args_value_size(ctx->param));
	PKTT_AUTO(str_fini) struct str out = STR_INIT;
	struct pktt_error err = { .code = 0 };
	int r = pktt_args_value_parse(ctx, c->text, val, &err);

	if (r == 0)
		r = pktt_args_value_check(ctx, val, &err);
	if (r && !c->refused)
		fail_msg("%s \"%s\" is refused: %s", ctx->param->type->name, c->text, err.text);
	if (r) {
		assert_int_equal(r, err.code);
		assert_true(strncmp(err.text, "--opt", 5) == 0);
		if (!strstr(err.text, c->refused))
			fail_msg("\"%s\": \"%s\" does not say \"%s\"", c->text, err.text,
				 c->refused);
		pktt_args_value_reset(ctx->param, val);
		return;
	}
	if (ctx->param->type->canon)
		ctx->param->type->canon(val);
	ctx->param->type->print(ctx, val, &out);
	if (c->refused)
		fail_msg("%s \"%s\" is taken as %s", ctx->param->type->name, c->text,
			 str_text(&out));
	assert_string_equal(str_text(&out), c->shown);
	str_clear(&out);
	pktt_args_value_text(ctx, val, &out);
	assert_int_equal(pktt_args_value_parse(ctx, str_text(&out), again, &err), 0);
	assert_true(pktt_args_value_equal(ctx, val, again));
	pktt_args_value_reset(ctx->param, val);
	pktt_args_value_reset(ctx->param, again);
}

/* Each case, which ends with one without text. */
static inline void run_cases(const struct setting *s, const struct type_case *cases)
{
	const struct pktt_param param = {
		.name = "opt",
		.type = s->type,
		.flags = s->flags,
		.symbols = s->symbols,
		.size = s->type->size ? s->type->size : s->size,
		.min = s->min,
		.max = s->max,
	};
	const struct pktt_context ctx = { &param, s->ext, s->family };

	for (; cases->text; cases++)
		run_case(&ctx, cases);
}

/* CASES(.type = &pktt_type_u8, .flags = ...)( { "1", "1", NULL }, ... ) */
#define SHOWS(text, shown)        \
	{                         \
		text, shown, NULL \
	}
#define SAME(text)               \
	{                        \
		text, text, NULL \
	}
#define REFUSES(text, refused)      \
	{                           \
		text, NULL, refused \
	}

#endif
