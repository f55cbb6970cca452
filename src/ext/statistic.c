/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

#include <errno.h>

struct statistic_args {
	struct pktt_args head;
	uint8_t mode;
	uint32_t probability;
	uint32_t every, packet;
};

struct statistic_state {
	bool is_counting;
	uint32_t count;
};

enum { MODE, PROBABILITY, EVERY, PACKET };
enum { RANDOM, NTH };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_symbol modes[] = { { "random", RANDOM }, { "nth", NTH }, { NULL, 0 } };

static const struct pktt_param statistic_params[] = {
	[MODE] = {
		.name = "mode",
		.help = "by chance, or one of every so many",
		PKTT_STORE(struct statistic_args, mode, enum8),
		.symbols = modes,
		.flags = PKTT_REQUIRED,
	},
	[PROBABILITY] = {
		.name = "probability",
		.help = "mode random: share of the packets that match",
		PKTT_STORE(struct statistic_args, probability, probability),
		.excludes = BIT(EVERY) | BIT(PACKET),
		.flags = PKTT_NEGATABLE,
	},
	[EVERY] = {
		.name = "every",
		.help = "mode nth: one of so many packets matches",
		PKTT_STORE(struct statistic_args, every, u32),
		.min = 1,
		.excludes = BIT(PROBABILITY),
		.flags = PKTT_NEGATABLE,
	},
	[PACKET] = {
		.name = "packet",
		.help = "mode nth: which one of them, counted from 0",
		PKTT_STORE(struct statistic_args, packet, u32),
		.def = "0",
		.needs = BIT(EVERY),
	},
};

static int statistic_check(const struct pktt_context *ctx, const void *vargs,
			   struct pktt_error *err)
{
	const struct statistic_args *args = vargs;

	(void)ctx;
	if (args->mode == RANDOM && !pktt_given(args, PROBABILITY))
		return pktt_fail(err, -EINVAL, "--mode random needs --probability");
	if (args->mode == NTH && !pktt_given(args, EVERY))
		return pktt_fail(err, -EINVAL, "--mode nth needs --every");
	if (args->mode == NTH && args->packet >= args->every)
		return pktt_fail(err, -ERANGE, "--packet: %u is outside 0 to %u", args->packet,
				 args->every - 1);
	return 0;
}

/* --packet is shown where --every is, whether or not it was given. */
static void statistic_canon(const struct pktt_context *ctx, void *vargs)
{
	struct statistic_args *args = vargs;

	(void)ctx;
	if (args->mode == NTH)
		args->head.given |= BIT(PACKET);
}

static bool is_nth(const struct statistic_args *args, struct statistic_state *state)
{
	if (!state->is_counting) {
		state->is_counting = true;
		state->count = args->every - 1 - args->packet;
	}
	state->count = state->count == args->every - 1 ? 0 : state->count + 1;
	return state->count == 0;
}

static enum pktt_hit statistic_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct statistic_args *args = vargs;

	if (args->mode == NTH)
		return pktt_test(args, EVERY, is_nth(args, state));
	return pktt_test(args, PROBABILITY,
			 (pktt_packet_random(pkt) & 0x7fffffffu) < args->probability);
}

PKTT_REGISTER(pktt_match, statistic) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "statistic",
		.summary = "match by chance, or one packet of every so many",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_RANDOM | PKTT_READS_OWN_STATE,
		PKTT_PARAMS(statistic_params, struct statistic_args),
		.state_size = sizeof(struct statistic_state),
		.check = statistic_check,
		.canon = statistic_canon,
	},
	.match = statistic_match,
};
