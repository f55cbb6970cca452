/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The length that the IP header says, header included. */
#include "base/buf.h"
#include "ext/match.h"

struct length_args {
	struct pktt_args head;
	struct pktt_range16 length;
};

enum { LENGTH };
enum { IPV6_HEADER = 40 };

static const struct pktt_param length_params[] = {
	[LENGTH] = {
		.name = "length",
		.help = "length of the packet in bytes, or a range",
		PKTT_STORE(struct length_args, length, range16),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
};

static enum pktt_hit length_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct length_args *args = vargs;
	bool is_v6 = pkt->l3_family == PKTT_IPV6;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, is_v6 ? 4 : 2, 2);
	uint32_t len;

	(void)state;
	if (!h)
		return PKTT_BAD;
	len = get_be16(h) + (is_v6 ? IPV6_HEADER : 0u);
	return pktt_test(args, LENGTH, args->length.min <= len && len <= args->length.max);
}

PKTT_REGISTER(pktt_match, length) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "length",
		.summary = "length of the packet",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(length_params, struct length_args),
	},
	.match = length_match,
};
