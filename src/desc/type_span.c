/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of text, numbers and sentences: what every type's parser is made of. */
#include "desc/type_own.h"

#include "base/own.h"
#include "base/str.h"

#include <errno.h>
#include <strings.h>

bool span_cut(struct span *rest, char sep, struct span *piece)
{
	const char *end;

	if (!rest->at)
		return false;
	*piece = *rest;
	end = memchr(rest->at, sep, rest->len);
	if (!end) {
		*rest = (struct span){ NULL, 0 };
		return true;
	}
	piece->len = (size_t)(end - rest->at);
	rest->at = end + 1;
	rest->len -= piece->len + 1;
	return true;
}

bool span_split(struct span whole, char sep, struct span *first, struct span *second)
{
	*second = whole;
	span_cut(second, sep, first);
	return second->at;
}

bool span_is(struct span s, const char *text)
{
	return strlen(text) == s.len && memcmp(s.at, text, s.len) == 0;
}

bool span_copy(struct span s, char *buf, size_t room)
{
	if (s.len >= room)
		return false;
	memcpy(buf, s.at, s.len);
	buf[s.len] = '\0';
	return true;
}

/* So much of what was given is shown that the sentence about it still fits. */
#define GIVEN_MAX 60

int type_refuse(const struct pktt_context *ctx, struct span given, const char *expected,
		struct pktt_error *err)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	size_t len = 0;

	if (!err)
		return -EINVAL;
	for (; len < given.len && text.len < GIVEN_MAX; len++)
		str_put_escaped(&text, given.at + len, 1);
	return pktt_fail(err, -EINVAL, "--%s: '%s%s' is not %s", ctx->param->name, str_text(&text),
			 len < given.len ? "..." : "", expected);
}

int type_fail(const struct pktt_context *ctx, int code, struct pktt_error *err,
	      const char *sentence)
{
	return pktt_fail(err, code, "--%s: %s", ctx->param->name, sentence);
}

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

int type_number(struct span s, uint64_t max, uint64_t *ret)
{
	unsigned int base = 10, d;
	bool is_huge = false;
	uint64_t v = 0;

	if (s.len > 2 && s.at[0] == '0' && (s.at[1] == 'x' || s.at[1] == 'X')) {
		base = 16;
		s.at += 2;
		s.len -= 2;
	} else if (s.len > 1 && s.at[0] == '0') {
		base = 8;
	}
	if (s.len == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		d = digit(s.at[i]);
		if (d >= base)
			return -EINVAL;
		is_huge |= v > (UINT64_MAX - d) / base;
		v = v * base + d;
	}
	if (is_huge || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int type_uint(const struct pktt_context *ctx, struct span s, uint64_t max, uint64_t *ret,
	      struct pktt_error *err)
{
	uint64_t low = ctx->param->min, high = ctx->param->max;
	char shown[44];
	int r = type_number(s, max, ret);

	if (high == 0 || high > max)
		high = max;
	if (r == -EINVAL)
		return type_refuse(ctx, s, "a number", err);
	if (r == -ERANGE && span_copy(s, shown, sizeof(shown)))
		return pktt_fail(err, r, "--%s: %s is outside %llu to %llu", ctx->param->name,
				 shown, (unsigned long long)low, (unsigned long long)high);
	if (r == -ERANGE)
		return pktt_fail(err, r, "--%s: the number is outside %llu to %llu",
				 ctx->param->name, (unsigned long long)low,
				 (unsigned long long)high);
	return 0;
}
