/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time to live (ttl) and hop limit (hl): one field, two names. */
#include "ext/match.h"

#include <errno.h>

struct ttl_args {
	struct pktt_args head;
	uint8_t eq, lt, gt;
};

enum { EQ, LT, GT };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_param ttl_params[] = {
	[EQ] = {
		.name = "ttl-eq",
		.aliases = "ttl",
		.help = "the time to live is this",
		PKTT_STORE(struct ttl_args, eq, u8),
		.flags = PKTT_NEGATABLE,
		.excludes = BIT(LT) | BIT(GT),
	},
	[LT] = {
		.name = "ttl-lt",
		.help = "the time to live is less",
		PKTT_STORE(struct ttl_args, lt, u8),
		.excludes = BIT(EQ) | BIT(GT),
	},
	[GT] = {
		.name = "ttl-gt",
		.help = "the time to live is greater",
		PKTT_STORE(struct ttl_args, gt, u8),
		.excludes = BIT(EQ) | BIT(LT),
	},
};

static const struct pktt_param hl_params[] = {
	[EQ] = {
		.name = "hl-eq",
		.aliases = "hl",
		.help = "the hop limit is this",
		PKTT_STORE(struct ttl_args, eq, u8),
		.flags = PKTT_NEGATABLE,
		.excludes = BIT(LT) | BIT(GT),
	},
	[LT] = {
		.name = "hl-lt",
		.help = "the hop limit is less",
		PKTT_STORE(struct ttl_args, lt, u8),
		.excludes = BIT(EQ) | BIT(GT),
	},
	[GT] = {
		.name = "hl-gt",
		.help = "the hop limit is greater",
		PKTT_STORE(struct ttl_args, gt, u8),
		.excludes = BIT(EQ) | BIT(LT),
	},
};

static int ttl_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct ttl_args *args = vargs;
	const struct pktt_param *p = ctx->ext->params;

	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL, "%s needs --%s, --%s or --%s", ctx->ext->name,
				 p[EQ].name, p[LT].name, p[GT].name);
	return 0;
}

static enum pktt_hit ttl_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ttl_args *args = vargs;
	uint8_t ttl;

	(void)state;
	if (!packet_ttl(pkt, &ttl))
		return PKTT_BAD;
	if (pktt_given(args, LT))
		return hit_if(ttl < args->lt);
	if (pktt_given(args, GT))
		return hit_if(ttl > args->gt);
	return pktt_test(args, EQ, ttl == args->eq);
}

PKTT_REGISTER(pktt_match, ttl) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "ttl",
		.summary = "time to live",
		.families = PKTT_FAM_V4,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(ttl_params, struct ttl_args),
		.check = ttl_check,
	},
	.match = ttl_match,
};

PKTT_REGISTER(pktt_match, hl) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "hl",
		.summary = "hop limit",
		.families = PKTT_FAM_V6,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(hl_params, struct ttl_args),
		.check = ttl_check,
	},
	.match = ttl_match,
};
