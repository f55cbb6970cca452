/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RATEEST and rateest: measure a rate under a name, and compare such rates. */
#include <errno.h>

#include "core/packet.h"

#define BIT(n) (UINT64_C(1) << (n))
#define WHY    "no rates are measured here"

struct gather_args {
	struct pktt_args head;
	char name[16];
	uint32_t interval, ewma;
};

enum { NAME, INTERVAL, EWMALOG };

static const struct pktt_param gather_params[] = {
	[NAME] = {
		.name = "rateest-name",
		.help = "name of the estimator",
		PKTT_STORE_TEXT(struct gather_args, name),
		.flags = PKTT_REQUIRED,
	},
	[INTERVAL] = {
		.name = "rateest-interval",
		.help = "how often the rate is computed",
		PKTT_STORE(struct gather_args, interval, tc_time),
		.flags = PKTT_REQUIRED,
	},
	[EWMALOG] = {
		.name = "rateest-ewmalog",
		.help = "time over which the rate is averaged",
		PKTT_STORE(struct gather_args, ewma, tc_time),
		.flags = PKTT_REQUIRED,
	},
};

static int gather_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct gather_args *args = vargs;

	(void)ctx;
	if (args->ewma <= args->interval)
		return pktt_fail(err, -ERANGE,
				 "RATEEST: the averaging time must be longer than the interval");
	return 0;
}

static enum pktt_verdict gather_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, rateest) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "RATEEST",
		.summary = "measure the rate of the packets",
		.why = WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(gather_params, struct gather_args),
		.check = gather_check,
	},
	.run = gather_run,
};

/* --- rateest ---------------------------------------------------------------------------------- */

struct rateest_args {
	struct pktt_args head;
	bool delta, lt, gt, eq;
	char name1[16], name2[16];
	uint32_t bps1, pps1, bps2, pps2;
};

enum { DELTA, RATEEST1, BPS1, PPS1, LT, GT, EQ, BPS2, PPS2, RATEEST2 };
#define MODES (BIT(LT) | BIT(GT) | BIT(EQ))

static const struct pktt_param rateest_params[] = {
	[DELTA] = {
		.name = "rateest-delta",
		.help = "compare how far the measured rate is below the given one",
		PKTT_STORE(struct rateest_args, delta, flag),
	},
	[RATEEST1] = {
		.name = "rateest1",
		.aliases = "rateest",
		.help = "name of the estimator",
		PKTT_STORE_TEXT(struct rateest_args, name1),
		.flags = PKTT_REQUIRED,
	},
	[BPS1] = {
		.name = "rateest-bps1",
		.aliases = "rateest-bps",
		.help = "bytes a second to compare with",
		PKTT_STORE(struct rateest_args, bps1, tc_rate),
	},
	[PPS1] = {
		.name = "rateest-pps1",
		.aliases = "rateest-pps",
		.help = "packets a second to compare with",
		PKTT_STORE(struct rateest_args, pps1, u32),
	},
	[LT] = {
		.name = "rateest-lt",
		.help = "the rate is less",
		PKTT_STORE(struct rateest_args, lt, flag),
		.excludes = BIT(GT) | BIT(EQ),
		.flags = PKTT_NEGATABLE,
	},
	[GT] = {
		.name = "rateest-gt",
		.help = "the rate is greater",
		PKTT_STORE(struct rateest_args, gt, flag),
		.excludes = BIT(LT) | BIT(EQ),
		.flags = PKTT_NEGATABLE,
	},
	[EQ] = {
		.name = "rateest-eq",
		.help = "the rate is equal",
		PKTT_STORE(struct rateest_args, eq, flag),
		.excludes = BIT(LT) | BIT(GT),
		.flags = PKTT_NEGATABLE,
	},
	[BPS2] = {
		.name = "rateest-bps2",
		.help = "bytes a second to take from the second estimator's",
		PKTT_STORE(struct rateest_args, bps2, tc_rate),
		.needs = BIT(RATEEST2),
	},
	[PPS2] = {
		.name = "rateest-pps2",
		.help = "packets a second to take from the second estimator's",
		PKTT_STORE(struct rateest_args, pps2, u32),
		.needs = BIT(RATEEST2),
	},
	[RATEEST2] = {
		.name = "rateest2",
		.help = "name of an estimator to compare with",
		PKTT_STORE_TEXT(struct rateest_args, name2),
	},
};

static int rateest_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct rateest_args *args = vargs;

	(void)ctx;
	if (!(args->head.given & MODES))
		return pktt_fail(err, -EINVAL,
				 "rateest needs --rateest-lt, --rateest-gt or --rateest-eq");
	return 0;
}

static enum pktt_hit rateest_match(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_MISS;
}

PKTT_REGISTER(pktt_match, rateest) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "rateest",
		.summary = "compare measured rates",
		.why = WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(rateest_params, struct rateest_args),
		.check = rateest_check,
	},
	.match = rateest_match,
};
