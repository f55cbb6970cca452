/* SPDX-License-Identifier: BSD-2-Clause */
/* Durations, times of day, points in time, days. All in UTC: a rule knows no other zone. */
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>
#include <time.h>

/* --- Durations: 90, 1h30m --------------------------------------------------------------------- */

static const struct {
	char unit;
	uint32_t seconds;
} duration_units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

static uint32_t unit_seconds(char c)
{
	for (size_t i = 0; i < pktt_countof(duration_units); i++)
		if (duration_units[i].unit == (c | 0x20))
			return duration_units[i].seconds;
	return 0;
}

static int parse_duration(const struct pktt_context *ctx, const char *const *word, void *val,
			  struct pktt_error *err)
{
	const char *p = word[0];
	uint64_t total = 0, n;

	if (type_number(span_of(p), UINT32_MAX, &n) == 0) {
		*(uint32_t *)val = (uint32_t)n;
		return 0;
	}
	while (*p) {
		size_t digits = strspn(p, "0123456789");
		uint32_t unit = unit_seconds(p[digits]);

		n = 0;
		for (size_t i = 0; i < digits && n <= UINT32_MAX; i++)
			n = n * 10 + (uint64_t)(p[i] - '0');
		if (digits == 0 || unit == 0)
			return type_refuse(ctx, span_of(word[0]),
					   "a duration: seconds, or as 1d12h30m5s", err);
		total += n > UINT32_MAX ? UINT32_MAX + 1ull : n * unit;
		if (total > UINT32_MAX)
			return type_refuse(ctx, span_of(word[0]),
					   "a duration of at most 4294967295 seconds", err);
		p += digits + 1;
	}
	if (p == word[0])
		return type_refuse(ctx, span_of(p), "a duration: seconds, or as 1h30m", err);
	*(uint32_t *)val = (uint32_t)total;
	return 0;
}

static void print_duration(const struct pktt_context *ctx, const void *val, struct str *out)
{
	(void)ctx;
	str_putf(out, "%" PRIu32, *(const uint32_t *)val);
}

const struct pktt_type pktt_type_duration = {
	.name = "duration",
	.syntax = "SECONDS|1d2h3m4s",
	.size = sizeof(uint32_t),
	.words = 1,
	.part = TYPE_SOLE(uint32_t, UINT),
	.parse = parse_duration,
	.print = print_duration,
};

/* --- Times of day ----------------------------------------------------------------------------- */

/* One or two decimal digits, at most max. */
static bool two_digits(struct span s, unsigned int max, unsigned int *ret)
{
	unsigned int v = 0;

	if (s.len == 0 || s.len > 2)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		v = v * 10 + (unsigned int)(s.at[i] - '0');
	}
	*ret = v;
	return v <= max;
}

/* hh[:mm[:ss]], at least the first least of them. */
static bool read_clock(struct span s, unsigned int least, uint32_t *ret)
{
	unsigned int v[3] = { 0 }, n = 0;
	struct span piece;

	for (; span_cut(&s, ':', &piece); n++)
		if (n == 3 || !two_digits(piece, n ? 59 : 23, &v[n]))
			return false;
	*ret = v[0] * 3600 + v[1] * 60 + v[2];
	return n >= least;
}

static int parse_time_of_day(const struct pktt_context *ctx, const char *const *word, void *val,
			     struct pktt_error *err)
{
	if (read_clock(span_of(word[0]), 2, val))
		return 0;
	return type_refuse(ctx, span_of(word[0]), "a time of day: hh:mm[:ss], 00:00 to 23:59:59",
			   err);
}

static int check_time_of_day(const struct pktt_context *ctx, const void *val,
			     struct pktt_error *err)
{
	if (*(const uint32_t *)val < 86400)
		return 0;
	return type_fail(ctx, -ERANGE, err, "a day has 86400 seconds");
}

static void print_time_of_day(const struct pktt_context *ctx, const void *val, struct str *out)
{
	uint32_t v = *(const uint32_t *)val;

	(void)ctx;
	str_putf(out, "%02u:%02u:%02u", v / 3600, v / 60 % 60, v % 60);
}

const struct pktt_type pktt_type_time_of_day = {
	.name = "time-of-day",
	.syntax = "hh:mm[:ss]",
	.size = sizeof(uint32_t),
	.words = 1,
	.part = TYPE_SOLE(uint32_t, UINT),
	.parse = parse_time_of_day,
	.check = check_time_of_day,
	.print = print_time_of_day,
};

/* --- Points in time: YYYY[-MM[-DD[Thh[:mm[:ss]]]]] -------------------------------------------- */

/* What 32 bits of seconds hold, as xt_time stores it. */
#define TIMESTAMP_MAX 0xffffffffll

static bool read_year(struct span s, unsigned int *ret)
{
	unsigned int high, low;

	if (s.len != 4 || !two_digits((struct span){ s.at, 2 }, 99, &high) ||
	    !two_digits((struct span){ s.at + 2, 2 }, 99, &low))
		return false;
	*ret = high * 100 + low;
	return *ret >= 1970;
}

static bool read_timestamp(struct span s, int64_t *ret)
{
	struct span date, clock, year, month, day;
	bool has_clock = span_split(s, 'T', &date, &clock);
	bool has_month = span_split(date, '-', &year, &month);
	bool has_day = has_month && span_split(month, '-', &month, &day);
	unsigned int y, m = 1, d = 1;
	uint32_t seconds = 0;
	struct tm tm = { 0 };

	if (!read_year(year, &y) || (has_month && (!two_digits(month, 12, &m) || m == 0)) ||
	    (has_day && (!two_digits(day, 31, &d) || d == 0)) ||
	    (has_clock && (!has_day || !read_clock(clock, 1, &seconds))))
		return false;
	tm.tm_year = (int)y - 1900;
	tm.tm_mon = (int)m - 1;
	tm.tm_mday = (int)d;
	*ret = (int64_t)timegm(&tm) + seconds;
	return tm.tm_mday == (int)d; /* timegm turns the 31st of April into the 1st of May */
}

static int parse_timestamp(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	if (read_timestamp(span_of(word[0]), val))
		return 0;
	return type_refuse(ctx, span_of(word[0]),
			   "a date: YYYY[-MM[-DD[Thh[:mm[:ss]]]]], 1970 or later", err);
}

static int check_timestamp(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	int64_t v = *(const int64_t *)val;

	if (v >= 0 && v <= TIMESTAMP_MAX)
		return 0;
	return type_fail(ctx, -ERANGE, err, "the date is outside 1970 to 2106-02-07T06:28:15");
}

static void print_timestamp(const struct pktt_context *ctx, const void *val, struct str *out)
{
	time_t v = (time_t) * (const int64_t *)val;
	struct tm tm = { 0 };

	(void)ctx;
	if (gmtime_r(&v, &tm))
		str_putf(out, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
			 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

const struct pktt_type pktt_type_timestamp = {
	.name = "timestamp",
	.syntax = "YYYY[-MM[-DD[Thh[:mm[:ss]]]]]",
	.size = sizeof(int64_t),
	.words = 1,
	.part = TYPE_SOLE(int64_t, INT),
	.parse = parse_timestamp,
	.check = check_timestamp,
	.print = print_timestamp,
};

/* --- Days ------------------------------------------------------------------------------------- */

static const char *const day_names[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
					 "Friday", "Saturday", "Sunday" };

/* 1 (Monday) to 7, by number or by two letters of the name at least; 0 = no day. */
static unsigned int read_weekday(struct span s)
{
	if (s.len == 1 && s.at[0] >= '1' && s.at[0] <= '7')
		return (unsigned int)(s.at[0] - '0');
	for (unsigned int i = 0; s.len >= 2 && i < pktt_countof(day_names); i++)
		if (s.len <= strlen(day_names[i]) && strncasecmp(day_names[i], s.at, s.len) == 0)
			return i + 1;
	return 0;
}

static int parse_weekdays(const struct pktt_context *ctx, const char *const *word, void *val,
			  struct pktt_error *err)
{
	struct span rest = span_of(word[0]), piece;

	while (span_cut(&rest, ',', &piece)) {
		unsigned int day = read_weekday(piece);

		if (day == 0)
			return type_refuse(ctx, piece, "a day: Mon to Sun, or 1 to 7", err);
		*(uint8_t *)val |= (uint8_t)(1u << day);
	}
	return 0;
}

static int check_weekdays(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	uint8_t v = *(const uint8_t *)val;

	if (v && !(v & 1))
		return 0;
	return type_fail(ctx, -EINVAL, err, "days from Mon (1) to Sun (7) are expected");
}

static void print_weekdays(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const char *sep = "";

	(void)ctx;
	for (unsigned int i = 0; i < pktt_countof(day_names); i++)
		if (*(const uint8_t *)val >> (i + 1) & 1) {
			str_putf(out, "%s%.3s", sep, day_names[i]);
			sep = ",";
		}
}

const struct pktt_type pktt_type_weekdays = {
	.name = "weekdays",
	.syntax = "Mon|1[,...]",
	.size = sizeof(uint8_t),
	.words = 1,
	.part = TYPE_SOLE(uint8_t, UINT),
	.parse = parse_weekdays,
	.check = check_weekdays,
	.print = print_weekdays,
};

/* An English ending (1st, 22nd) may follow the number, as iptables' manual writes it. */
static bool read_monthday(struct span s, unsigned int *ret)
{
	static const char *const endings[] = { "st", "nd", "rd", "th" };

	for (size_t i = 0; s.len > 2 && i < pktt_countof(endings); i++)
		if (strncasecmp(s.at + s.len - 2, endings[i], 2) == 0) {
			s.len -= 2;
			break;
		}
	return two_digits(s, 31, ret) && *ret > 0;
}

static int parse_monthdays(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	struct span rest = span_of(word[0]), piece;
	unsigned int day;

	while (span_cut(&rest, ',', &piece)) {
		if (!read_monthday(piece, &day))
			return type_refuse(ctx, piece, "a day of the month: 1 to 31", err);
		*(uint32_t *)val |= 1u << day;
	}
	return 0;
}

static int check_monthdays(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	uint32_t v = *(const uint32_t *)val;

	if (v && !(v & 1))
		return 0;
	return type_fail(ctx, -EINVAL, err, "days of the month from 1 to 31 are expected");
}

static void print_monthdays(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const char *sep = "";

	(void)ctx;
	for (unsigned int i = 1; i < 32; i++)
		if (*(const uint32_t *)val >> i & 1) {
			str_putf(out, "%s%u", sep, i);
			sep = ",";
		}
}

const struct pktt_type pktt_type_monthdays = {
	.name = "monthdays",
	.syntax = "DAY[,DAY]...",
	.size = sizeof(uint32_t),
	.words = 1,
	.part = TYPE_SOLE(uint32_t, UINT),
	.parse = parse_monthdays,
	.check = check_monthdays,
	.print = print_monthdays,
};
