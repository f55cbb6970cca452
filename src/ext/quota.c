/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

struct quota_args {
	struct pktt_args head;
	uint64_t quota;
};

struct quota_state {
	uint64_t spent;
	bool is_over; /* a packet was larger than what was left: from then on none fits */
};

enum { QUOTA };

static const struct pktt_param quota_params[] = {
	[QUOTA] = {
		.name = "quota",
		.help = "bytes that match before the rule stops matching",
		PKTT_STORE(struct quota_args, quota, u64),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
};

static enum pktt_hit quota_match(struct pktt_packet *pkt, const void *vargs, void *vstate)
{
	const struct quota_args *args = vargs;
	struct quota_state *state = vstate;
	uint32_t len = pktt_packet_wire_len(pkt);

	if (state->is_over || args->quota - state->spent < len)
		state->is_over = true;
	else
		state->spent += len;
	return pktt_test(args, QUOTA, !state->is_over);
}

PKTT_REGISTER(pktt_match, quota) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "quota",
		.summary = "a number of bytes, then no more",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_OWN_STATE,
		PKTT_PARAMS(quota_params, struct quota_args),
		.state_size = sizeof(struct quota_state),
	},
	.match = quota_match,
};
