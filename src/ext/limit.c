/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A token bucket of the rule's own; Linux's xt_limit and ebt_limit, which do the same. */
#include "core/engine.h"
#include "ext/match.h"
#include "ext/rate.h"

#include <errno.h>

struct limit_args {
	struct pktt_args head;
	struct pktt_rate rate;
	uint32_t burst;
};

struct limit_state {
	struct rate_price price;
	struct rate_bucket bucket;
};

enum { RATE, BURST };
enum { MAX_PER_SECOND = 10000 };

static const struct pktt_param limit_params[] = {
	[RATE] = {
		.name = "limit",
		.help = "average rate at which packets match",
		PKTT_STORE(struct limit_args, rate, rate),
		.def = "3/hour",
		.flags = PKTT_SHOW_ALWAYS,
	},
	[BURST] = {
		.name = "limit-burst",
		.help = "packets that may match before the rate applies",
		PKTT_STORE(struct limit_args, burst, u32),
		.def = "5",
		.min = 1,
		.max = 10000,
		.flags = PKTT_HIDE_DEFAULT,
	},
};

static const struct pktt_param ebt_limit_params[] = {
	[RATE] = {
		.name = "limit",
		.help = "average rate at which frames match",
		PKTT_STORE(struct limit_args, rate, rate),
		.def = "3/hour",
		.flags = PKTT_SHOW_ALWAYS,
	},
	[BURST] = {
		.name = "limit-burst",
		.help = "frames that may match before the rate applies",
		PKTT_STORE(struct limit_args, burst, u32),
		.def = "5",
		.min = 1,
		.max = 10000,
		.flags = PKTT_SHOW_ALWAYS,
	},
};

static int limit_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct limit_args *args = vargs;

	(void)ctx;
	if (args->rate.is_bytes)
		return pktt_fail(err, -EINVAL, "--limit counts packets, not bytes");
	if (args->rate.count == 0 || args->rate.seconds == 0)
		return pktt_fail(err, -EINVAL, "--limit: a rate of 0 never matches");
	if (args->rate.count > (uint64_t)MAX_PER_SECOND * args->rate.seconds)
		return pktt_fail(err, -ERANGE, "--limit: more than 10000/sec is too fast");
	return 0;
}

static int limit_setup(struct pktt_engine *engine, const void *vargs, void *vstate,
		       struct pktt_error *err)
{
	const struct limit_args *args = vargs;
	struct limit_state *state = vstate;

	(void)err;
	rate_price_limit(&state->price, &args->rate, args->burst, pktt_engine_config(engine)->hz);
	state->bucket.credit = state->bucket.cap = state->price.cap;
	return 0;
}

static void limit_teardown(struct pktt_engine *engine, const void *args, void *state)
{
	(void)engine, (void)args, (void)state;
}

static enum pktt_hit limit_match(struct pktt_packet *pkt, const void *args, void *vstate)
{
	struct limit_state *state = vstate;

	(void)args;
	rate_refill(&state->bucket, &state->price, rate_now(pkt->time_ns, state->price.hz));
	return hit_if(rate_take(&state->bucket, state->price.cost));
}

PKTT_REGISTER(pktt_match, limit) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "limit",
		.summary = "match at a limited rate (token bucket)",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_TIME | PKTT_READS_OWN_STATE,
		PKTT_PARAMS(limit_params, struct limit_args),
		.state_size = sizeof(struct limit_state),
		.check = limit_check,
		.setup = limit_setup,
		.teardown = limit_teardown,
	},
	.match = limit_match,
};

PKTT_REGISTER(pktt_match, ebt_limit) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "limit",
		.summary = "match at a limited rate (token bucket)",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_TIME | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(ebt_limit_params, struct limit_args),
		.state_size = sizeof(struct limit_state),
		.check = limit_check,
		.setup = limit_setup,
		.teardown = limit_teardown,
	},
	.match = limit_match,
};
