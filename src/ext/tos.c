/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

struct tos_args {
	struct pktt_args head;
	struct pktt_mask8 tos;
};

enum { TOS };

static const struct pktt_param tos_params[] = {
	[TOS] = {
		.name = "tos",
		.help = "type of service or traffic class, of which the bits in MASK are looked at",
		PKTT_STORE(struct tos_args, tos, tos),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
};

static enum pktt_hit tos_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct tos_args *args = vargs;
	uint8_t tos;

	(void)state;
	if (!packet_tos(pkt, &tos))
		return PKTT_BAD;
	return pktt_test(args, TOS, (tos & args->tos.mask) == args->tos.value);
}

PKTT_REGISTER(pktt_match, tos) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "tos",
		.summary = "type of service or traffic class",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(tos_params, struct tos_args),
	},
	.match = tos_match,
};
