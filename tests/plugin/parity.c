/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An extension as somebody outside would write it: built from pktt/ext.h alone, loaded as a shared
 * object. parity: is the number of set bits of the source address odd?
 */
#include <pktt/ext.h>

struct parity_args {
	struct pktt_args head;
	bool odd;
	uint32_t mask;
};

enum { ODD, MASK };

static const struct pktt_param params[] = {
	[ODD] = {
		.name = "odd",
		.help = "the number of bits that are set is odd",
		PKTT_STORE(struct parity_args, odd, flag),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
	[MASK] = {
		.name = "parity-mask",
		.help = "look at these bits of the address only",
		PKTT_STORE(struct parity_args, mask, hex32),
		.def = "0xffffffff",
		.flags = PKTT_HIDE_DEFAULT,
	},
};

static enum pktt_hit parity_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct parity_args *args = vargs;
	const uint8_t *src = pktt_packet_read(pkt, PKTT_L3, 12, 4);
	uint32_t v;

	(void)state;
	if (!src)
		return PKTT_BAD;
	v = (uint32_t)src[0] << 24 | (uint32_t)src[1] << 16 | (uint32_t)src[2] << 8 | src[3];
	return pktt_test(args, ODD, __builtin_parity(v & args->mask));
}

static const struct pktt_match parity = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "parity",
		.summary = "the parity of the source address",
		.families = PKTT_FAM_V4,
		.reads = PKTT_READS_TUPLE,
		PKTT_PARAMS(params, struct parity_args),
	},
	.match = parity_match,
};

/* FLIP: a target, to see that those load too. */
static enum pktt_verdict flip_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)args;
	(void)state;
	pktt_packet_set_mark(pkt, ~pktt_packet_mark(pkt));
	return PKTT_CONTINUE;
}

static const struct pktt_target flip = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "FLIP",
		.summary = "invert every bit of the mark",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_MARK,
	},
	.run = flip_run,
};

static const struct pktt_match *const matches[] = { &parity, NULL };
static const struct pktt_target *const targets[] = { &flip, NULL };

__attribute__((visibility("default"))) extern const struct pktt_plugin pktt_plugin;
const struct pktt_plugin pktt_plugin = {
	.version = PKTT_EXT_VERSION,
	.matches = matches,
	.targets = targets,
};
