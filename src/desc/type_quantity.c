/* SPDX-License-Identifier: BSD-2-Clause */
/* Probabilities, amounts of packets or bytes, and ranges of the numbers of users and groups. */
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>

#define MIB UINT64_C(1048576)

/* --- Probabilities: parts of 2^31, as xt_statistic compares them with a random number --------- */

#define CERTAIN 0x80000000u

/* Decimal fraction, at most 18 places, without the C library's locale. */
static bool read_fraction(struct span s, uint64_t *units, uint64_t *scale)
{
	bool has_digit = false, has_point = false;

	*units = 0;
	*scale = 1;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '.' && !has_point) {
			has_point = true;
			continue;
		}
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		has_digit = true;
		if (*scale >= UINT64_C(1000000000000000000) || *units > UINT64_MAX / 10 - 1)
			continue;
		*units = *units * 10 + (uint64_t)(s.at[i] - '0');
		*scale *= has_point ? 10 : 1;
	}
	return has_digit;
}

static int parse_probability(const struct pktt_context *ctx, const char *const *word, void *val,
			     struct pktt_error *err)
{
	struct span s = span_of(word[0]);
	uint64_t units, scale;

	if (!read_fraction(s, &units, &scale) || units > scale)
		return type_refuse(ctx, s, "a probability: 0 to 1, such as 0.25", err);
	*(uint32_t *)val = (uint32_t)(((unsigned __int128)units * CERTAIN + scale / 2) / scale);
	return 0;
}

static int check_probability(const struct pktt_context *ctx, const void *val,
			     struct pktt_error *err)
{
	if (*(const uint32_t *)val <= CERTAIN)
		return 0;
	return type_fail(ctx, -ERANGE, err, "a probability is 0 to 1");
}

/* Eleven places, as iptables-save: enough to tell any two apart, so that it reads back the same. */
static void print_probability(const struct pktt_context *ctx, const void *val, struct str *out)
{
	uint64_t v = *(const uint32_t *)val, places = UINT64_C(100000000000);
	uint64_t digits = (uint64_t)(((unsigned __int128)v * places + CERTAIN / 2) / CERTAIN);

	(void)ctx;
	str_putf(out, "%" PRIu64 ".%011" PRIu64, digits / places, digits % places);
}

const struct pktt_type pktt_type_probability = {
	.name = "probability",
	.syntax = "0..1",
	.size = sizeof(uint32_t),
	.words = 1,
	.parse = parse_probability,
	.check = check_probability,
	.print = print_probability,
};

/* --- Amounts: a number of packets, or bytes with the unit b, kb or mb ------------------------- */

static int parse_amount(const struct pktt_context *ctx, const char *const *word, void *val,
			struct pktt_error *err)
{
	struct pktt_amount *amount = val;
	struct span whole = span_of(word[0]), s = whole;
	uint64_t scale = 1;

	if (s.len && s.at[s.len - 1] == 'b') {
		s.len--;
		amount->is_bytes = true;
	}
	if (s.len && (s.at[s.len - 1] == 'k' || s.at[s.len - 1] == 'm')) {
		scale = s.at[s.len - 1] == 'k' ? 1024 : MIB;
		s.len--;
		amount->is_bytes = true;
	}
	if (type_number(s, UINT64_MAX / scale, &amount->count))
		return type_refuse(ctx, whole, "a number of packets, or of bytes as 16kb", err);
	amount->count *= scale;
	return 0;
}

static void print_amount(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_amount *amount = val;
	uint64_t n = amount->count;

	(void)ctx;
	if (!amount->is_bytes)
		str_putf(out, "%" PRIu64, n);
	else if (n && n % MIB == 0)
		str_putf(out, "%" PRIu64 "mb", n / MIB);
	else if (n && n % 1024 == 0)
		str_putf(out, "%" PRIu64 "kb", n / 1024);
	else
		str_putf(out, "%" PRIu64 "b", n);
}

const struct pktt_type pktt_type_amount = {
	.name = "amount",
	.syntax = "PACKETS|BYTESb|kb|mb",
	.size = sizeof(struct pktt_amount),
	.words = 1,
	.part = { TYPE_PART(struct pktt_amount, count, UINT),
		  TYPE_PART(struct pktt_amount, is_bytes, BOOL) },
	.parse = parse_amount,
	.print = print_amount,
};

/* --- Users and groups: ID[-ID], each a number or (alone) a name of this host ------------------ */

static bool lookup_user(const char *name, uint32_t *ret)
{
	struct passwd entry, *found = NULL;
	char buf[4096];

	if (getpwnam_r(name, &entry, buf, sizeof(buf), &found) || !found)
		return false;
	*ret = found->pw_uid;
	return true;
}

static bool lookup_group(const char *name, uint32_t *ret)
{
	struct group entry, *found = NULL;
	char buf[16384];

	if (getgrnam_r(name, &entry, buf, sizeof(buf), &found) || !found)
		return false;
	*ret = found->gr_gid;
	return true;
}

static int parse_ids(const struct pktt_context *ctx, const char *word,
		     bool (*lookup)(const char *name, uint32_t *ret), struct pktt_range32 *ret,
		     struct pktt_error *err)
{
	struct span low, high;
	uint64_t min, max;

	if (lookup(word, &ret->min)) {
		ret->max = ret->min;
		return 0;
	}
	if (!span_split(span_of(word), '-', &low, &high))
		high = low;
	/* The highest number stands for none. */
	if (type_number(low, UINT32_MAX - 1, &min) || type_number(high, UINT32_MAX - 1, &max))
		return type_refuse(ctx, span_of(word), "a number, a range of them, or a known name",
				   err);
	ret->min = (uint32_t)min;
	ret->max = (uint32_t)max;
	return 0;
}

static int parse_uid_range(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	return parse_ids(ctx, word[0], lookup_user, val, err);
}

static int parse_gid_range(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	return parse_ids(ctx, word[0], lookup_group, val, err);
}

static int check_ids(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_range32 *v = val;

	if (v->min <= v->max && v->max < UINT32_MAX)
		return 0;
	return type_fail(ctx, -ERANGE, err, "the range is backwards or too high");
}

static void print_ids(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_range32 *v = val;

	(void)ctx;
	str_putf(out, "%" PRIu32, v->min);
	if (v->min != v->max)
		str_putf(out, "-%" PRIu32, v->max);
}

const struct pktt_type pktt_type_uid_range = {
	.name = "uid-range",
	.syntax = "USER[-USER]",
	.size = sizeof(struct pktt_range32),
	.words = 1,
	.part = { TYPE_PART(struct pktt_range32, min, UINT),
		  TYPE_PART(struct pktt_range32, max, UINT) },
	.parse = parse_uid_range,
	.check = check_ids,
	.print = print_ids,
};

const struct pktt_type pktt_type_gid_range = {
	.name = "gid-range",
	.syntax = "GROUP[-GROUP]",
	.size = sizeof(struct pktt_range32),
	.words = 1,
	.part = { TYPE_PART(struct pktt_range32, min, UINT),
		  TYPE_PART(struct pktt_range32, max, UINT) },
	.parse = parse_gid_range,
	.check = check_ids,
	.print = print_ids,
};
