/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rates: packets in a second, minute, hour or day, or bytes in a second.
 *
 * 120/minute and 2/second are one rate. It is kept and printed in the least unit in which it is a
 * whole number, which is what iptables-save prints. Where iptables' internal rounding makes it
 * print another rate than was asked for (7000/sec becomes 10000/sec), ours stays exact.
 */
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

#define MIB UINT64_C(1048576)

/* What iptables can express: hashlimit counts in millionths, bytes in 32 bits. */
#define RATE_MAX_PER_SECOND 1000000
#define RATE_MAX_BYTES	    UINT32_MAX

static const struct {
	const char *name, *shown;
	uint32_t seconds;
} units[] = {
	{ "second", "sec", 1 },
	{ "minute", "min", 60 },
	{ "hour", "hour", 3600 },
	{ "day", "day", 86400 },
};

static uint32_t read_unit(struct span s)
{
	for (size_t i = 0; s.len && i < pktt_countof(units); i++)
		if (s.len <= strlen(units[i].name) && strncasecmp(units[i].name, s.at, s.len) == 0)
			return units[i].seconds;
	return 0;
}

/* The least unit in which count in seconds is a whole number. */
static void reduce(void *val)
{
	struct pktt_rate *rate = val;

	for (size_t i = 0; i < pktt_countof(units) && units[i].seconds < rate->seconds; i++) {
		uint32_t factor = rate->seconds / units[i].seconds;

		if (rate->count % factor == 0) {
			rate->count /= factor;
			rate->seconds = units[i].seconds;
		}
	}
}

/* "512kb/s": k and m are 1024 and MIB, as in hashlimit. */
static bool read_bytes(struct span s, struct pktt_rate *rate)
{
	struct span count, unit;
	uint64_t scale = 1;

	if (!span_split(s, '/', &count, &unit) || !span_is(unit, "s") || count.len < 2 ||
	    count.at[count.len - 1] != 'b')
		return false;
	count.len--;
	if ((count.at[count.len - 1] | 0x20) == 'k')
		scale = 1024;
	else if ((count.at[count.len - 1] | 0x20) == 'm')
		scale = MIB;
	if (scale > 1)
		count.len--;
	if (type_number(count, RATE_MAX_BYTES / scale, &rate->count))
		return false;
	rate->count *= scale;
	rate->seconds = 1;
	rate->is_bytes = true;
	return true;
}

static int parse_rate(const struct pktt_context *ctx, const char *const *word, void *val,
		      struct pktt_error *err)
{
	struct span whole = span_of(word[0]), count, unit;
	struct pktt_rate *rate = val;

	if (read_bytes(whole, rate))
		return 0;
	rate->seconds = 1;
	if (span_split(whole, '/', &count, &unit))
		rate->seconds = read_unit(unit);
	if (rate->seconds == 0 || type_number(count, UINT32_MAX, &rate->count))
		return type_refuse(ctx, whole,
				   "a rate: N/second, /minute, /hour, /day, or bytes as 512kb/s",
				   err);
	rate->unit = rate->seconds;
	return 0;
}

static int check_rate(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_rate *rate = val;
	bool is_unit = rate->is_bytes ? rate->seconds == 1 : false;

	for (size_t i = 0; !is_unit && !rate->is_bytes && i < pktt_countof(units); i++)
		is_unit = units[i].seconds == rate->seconds;
	if (!is_unit)
		return type_fail(ctx, -EINVAL, err, "the unit of a rate is sec, min, hour or day");
	if (rate->count == 0)
		return type_fail(ctx, -ERANGE, err, "a rate of 0 is no rate");
	if (rate->is_bytes ? rate->count > RATE_MAX_BYTES
			   : rate->count / rate->seconds > RATE_MAX_PER_SECOND)
		return type_fail(ctx, -ERANGE, err,
				 "the rate is too fast: at most 1000000/sec or 4294967295b/s");
	return 0;
}

static void print_bytes(uint64_t count, struct str *out)
{
	if (count % MIB == 0)
		str_putf(out, "%" PRIu64 "mb/s", count / MIB);
	else if (count % 1024 == 0)
		str_putf(out, "%" PRIu64 "kb/s", count / 1024);
	else
		str_putf(out, "%" PRIu64 "b/s", count);
}

static void print_rate(const struct pktt_context *ctx, const void *val, struct str *out)
{
	struct pktt_rate rate = *(const struct pktt_rate *)val;

	(void)ctx;
	if (rate.is_bytes) {
		print_bytes(rate.count, out);
		return;
	}
	reduce(&rate);
	for (size_t i = 0; i < pktt_countof(units); i++)
		if (units[i].seconds == rate.seconds)
			str_putf(out, "%" PRIu64 "/%s", rate.count, units[i].shown);
}

const struct pktt_type pktt_type_rate = {
	.name = "rate",
	.syntax = "N[/second|/minute|/hour|/day]",
	.size = sizeof(struct pktt_rate),
	.words = 1,
	/* INT: the bounds of a parameter are those of the count */
	.part = { TYPE_PART(struct pktt_rate, count, UINT),
		  TYPE_PART(struct pktt_rate, seconds, INT),
		  TYPE_PART(struct pktt_rate, is_bytes, BOOL) },
	.parse = parse_rate,
	.check = check_rate,
	.print = print_rate,
	.canon = reduce,
};
