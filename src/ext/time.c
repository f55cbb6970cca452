/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time of day, day and date of the packet, in UTC.
 *
 * The kernel's time zone, which --kerneltz asks for, is a property of one running host; a capture
 * does not carry it, and UTC is taken.
 */
#include "ext/match.h"

#include <errno.h>
#include <time.h>

struct time_args {
	struct pktt_args head;
	uint32_t start, stop; /* of the day */
	uint32_t monthdays;
	uint8_t weekdays;
	int64_t date_start, date_stop;
	bool contiguous, kernel_tz, utc;
};

enum { START, STOP, MONTHDAYS, WEEKDAYS, DATE_START, DATE_STOP, KERNELTZ, CONTIGUOUS, UTC };
enum { DAY = 86400, ALL_WEEKDAYS = 0xfe };
#define ALL_MONTHDAYS 0xfffffffeu
#define BIT(n)	      (UINT64_C(1) << (n))

static const struct pktt_param time_params[] = {
	[START] = {
		.name = "timestart",
		.help = "first second of the day",
		PKTT_STORE(struct time_args, start, time_of_day),
		.def = "00:00:00",
	},
	[STOP] = {
		.name = "timestop",
		.help = "last second of the day; before the first, the time runs over midnight",
		PKTT_STORE(struct time_args, stop, time_of_day),
		.def = "23:59:59",
	},
	[MONTHDAYS] = {
		.name = "monthdays",
		.help = "days of the month",
		PKTT_STORE(struct time_args, monthdays, monthdays),
		.flags = PKTT_NEGATABLE,
	},
	[WEEKDAYS] = {
		.name = "weekdays",
		.help = "days of the week, by name or number from 1 (Monday)",
		PKTT_STORE(struct time_args, weekdays, weekdays),
		.flags = PKTT_NEGATABLE,
	},
	[DATE_START] = {
		.name = "datestart",
		.help = "first second of the date",
		PKTT_STORE(struct time_args, date_start, timestamp),
		.def = "1970",
	},
	[DATE_STOP] = {
		.name = "datestop",
		.help = "last second of the date",
		PKTT_STORE(struct time_args, date_stop, timestamp),
		.def = "2038-01-19T03:14:07",
		.flags = PKTT_SHOW_ALWAYS, /* as iptables-save does */
	},
	[KERNELTZ] = {
		.name = "kerneltz",
		.aliases = "localtz",
		.help = "the kernel's time zone, for which UTC is taken here",
		PKTT_STORE(struct time_args, kernel_tz, flag),
		.excludes = BIT(UTC),
	},
	[CONTIGUOUS] = {
		.name = "contiguous",
		.help = "what runs over midnight belongs to the day on which it began",
		PKTT_STORE(struct time_args, contiguous, flag),
	},
	[UTC] = {
		.name = "utc",
		.help = "times are UTC, which they are without it too",
		PKTT_STORE(struct time_args, utc, flag),
		.excludes = BIT(KERNELTZ),
		.flags = PKTT_HIDDEN,
	},
};

static int time_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct time_args *args = vargs;

	(void)ctx;
	if (args->contiguous && args->start < args->stop)
		return pktt_fail(err, -EINVAL,
				 "--contiguous only makes sense when --timestop is before "
				 "--timestart");
	if ((pktt_negated(args, WEEKDAYS) && args->weekdays == ALL_WEEKDAYS) ||
	    (pktt_negated(args, MONTHDAYS) && args->monthdays == ALL_MONTHDAYS))
		return pktt_fail(err, -EINVAL, "all days are excluded: nothing can match");
	return 0;
}

/* A negated list is kept as the days that remain, and all days as none given. */
static void time_canon(const struct pktt_context *ctx, void *vargs)
{
	struct time_args *args = vargs;

	(void)ctx;
	if (pktt_negated(args, MONTHDAYS))
		args->monthdays = ~args->monthdays & ALL_MONTHDAYS;
	if (pktt_negated(args, WEEKDAYS))
		args->weekdays = (uint8_t)(~args->weekdays & ALL_WEEKDAYS);
	args->head.negated = 0;
	if (!pktt_given(args, MONTHDAYS) || args->monthdays == ALL_MONTHDAYS)
		forget(args, MONTHDAYS);
	if (!pktt_given(args, WEEKDAYS) || args->weekdays == ALL_WEEKDAYS)
		forget(args, WEEKDAYS);
	forget(args, UTC);
	/* shown both or neither, as iptables-save does */
	if (args->start == 0 && args->stop == DAY - 1)
		args->head.given &= ~(BIT(START) | BIT(STOP));
	else
		args->head.given |= BIT(START) | BIT(STOP);
}

static bool is_hour(const struct time_args *args, uint32_t second)
{
	if (args->start < args->stop)
		return args->start <= second && second <= args->stop;
	return args->start <= second || second <= args->stop;
}

static bool is_day(const struct time_args *args, int64_t stamp)
{
	time_t t = (time_t)stamp;
	struct tm tm;

	if (!pktt_given(args, WEEKDAYS) && !pktt_given(args, MONTHDAYS))
		return true;
	if (!gmtime_r(&t, &tm))
		return false;
	if (pktt_given(args, WEEKDAYS) && !(args->weekdays >> (tm.tm_wday ? tm.tm_wday : 7) & 1))
		return false;
	return !pktt_given(args, MONTHDAYS) || args->monthdays >> tm.tm_mday & 1;
}

static enum pktt_hit time_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct time_args *args = vargs;
	int64_t stamp = (int64_t)(pkt->time_ns / UINT64_C(1000000000));
	uint32_t second = (uint32_t)(stamp % DAY);

	(void)state;
	if (stamp < args->date_start || stamp > args->date_stop || !is_hour(args, second))
		return PKTT_MISS;
	if (args->contiguous && args->start >= args->stop && second <= args->stop)
		stamp -= DAY;
	return hit_if(is_day(args, stamp));
}

PKTT_REGISTER(pktt_match, time) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "time",
		.summary = "time of day, day and date, in UTC",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_TIME,
		PKTT_PARAMS(time_params, struct time_args),
		.check = time_check,
		.canon = time_canon,
	},
	.match = time_match,
};
