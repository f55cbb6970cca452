/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TTL of IPv4 and HL, the hop limit of IPv6: one operation, two places. */
#include <errno.h>

#include "ext/edit.h"

struct ttl_args {
	struct pktt_args head;
	uint8_t set, dec, inc;
};

enum { SET, DEC, INC };
#define BIT(n) (1u << (n))
#define ALL    0x7u

static const struct pktt_param ttl_params[] = {
	[SET] = {
		.name = "ttl-set",
		.help = "set it to this",
		PKTT_STORE(struct ttl_args, set, u8),
		.excludes = ALL & ~BIT(SET),
	},
	[DEC] = {
		.name = "ttl-dec",
		.help = "take this from it, not below 0",
		PKTT_STORE(struct ttl_args, dec, u8),
		.min = 1,
		.max = 255,
		.excludes = ALL & ~BIT(DEC),
	},
	[INC] = {
		.name = "ttl-inc",
		.help = "add this to it, not above 255",
		PKTT_STORE(struct ttl_args, inc, u8),
		.min = 1,
		.max = 255,
		.excludes = ALL & ~BIT(INC),
	},
};

static const struct pktt_param hl_params[] = {
	[SET] = {
		.name = "hl-set",
		.help = "set it to this",
		PKTT_STORE(struct ttl_args, set, u8),
		.excludes = ALL & ~BIT(SET),
	},
	[DEC] = {
		.name = "hl-dec",
		.help = "take this from it, not below 0",
		PKTT_STORE(struct ttl_args, dec, u8),
		.min = 1,
		.max = 255,
		.excludes = ALL & ~BIT(DEC),
	},
	[INC] = {
		.name = "hl-inc",
		.help = "add this to it, not above 255",
		PKTT_STORE(struct ttl_args, inc, u8),
		.min = 1,
		.max = 255,
		.excludes = ALL & ~BIT(INC),
	},
};

static int ttl_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct ttl_args *args = vargs;
	const struct pktt_param *p = ctx->ext->params;

	if (!args->head.given)
		return pktt_fail(err, -EINVAL, "%s needs --%s, --%s or --%s", ctx->ext->name,
				 p[SET].name, p[DEC].name, p[INC].name);
	return 0;
}

static uint8_t changed(const struct ttl_args *args, uint8_t old)
{
	if (pktt_given(args, SET))
		return args->set;
	if (pktt_given(args, INC))
		return old > 255 - args->inc ? 255 : (uint8_t)(old + args->inc);
	return old < args->dec ? 0 : (uint8_t)(old - args->dec);
}

static enum pktt_verdict ttl_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	uint8_t *ip = pktt_packet_write(pkt, PKTT_L3, 0, 20);

	(void)state;
	if (!ip)
		return PKTT_DROP;
	edit_ipv4_be16(ip, 8, (uint16_t)(changed(vargs, ip[8]) << 8 | ip[9]));
	return PKTT_CONTINUE;
}

static enum pktt_verdict hl_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	uint8_t *hop_limit = pktt_packet_write(pkt, PKTT_L3, 7, 1);

	(void)state;
	if (!hop_limit)
		return PKTT_DROP;
	*hop_limit = changed(vargs, *hop_limit);
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, ttl) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "TTL",
		.summary = "change the time to live",
		.families = PKTT_FAM_V4,
		.tables = "mangle",
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(ttl_params, struct ttl_args),
		.check = ttl_check,
	},
	.run = ttl_run,
};

PKTT_REGISTER(pktt_target, hl) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "HL",
		.summary = "change the hop limit",
		.families = PKTT_FAM_V6,
		.tables = "mangle",
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(hl_params, struct ttl_args),
		.check = ttl_check,
	},
	.run = hl_run,
};
