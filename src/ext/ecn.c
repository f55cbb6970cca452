/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

#include <errno.h>
#include <netinet/in.h>

struct ecn_args {
	struct pktt_args head;
	bool ece, cwr;
	uint8_t ect;
};

enum { ECE, CWR, ECT };
enum { TCP_LEN = 20, FLAGS_AT = 13, ECE_BIT = 0x40, CWR_BIT = 0x80 };

static const struct pktt_param ecn_params[] = {
	[ECE] = {
		.name = "ecn-tcp-ece",
		.help = "the ECE bit of the TCP header is set",
		PKTT_STORE(struct ecn_args, ece, flag),
		.flags = PKTT_NEGATABLE,
	},
	[CWR] = {
		.name = "ecn-tcp-cwr",
		.help = "the CWR bit of the TCP header is set",
		PKTT_STORE(struct ecn_args, cwr, flag),
		.flags = PKTT_NEGATABLE,
	},
	[ECT] = {
		.name = "ecn-ip-ect",
		.help = "codepoint of explicit congestion notification in the IP header",
		PKTT_STORE(struct ecn_args, ect, u8),
		.max = 3,
		.flags = PKTT_NEGATABLE,
	},
};

static int ecn_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct ecn_args *args = vargs;

	(void)ctx;
	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL,
				 "ecn needs --ecn-tcp-ece, --ecn-tcp-cwr or --ecn-ip-ect");
	return 0;
}

static const uint8_t *ecn_l4(const void *args)
{
	static const uint8_t tcp[8] = { IPPROTO_TCP }, any[8];

	return pktt_given(args, ECE) || pktt_given(args, CWR) ? tcp : any;
}

/* Not being able to read the TCP header is a miss, as in Linux, where -p tcp has read it before. */
static enum pktt_hit ecn_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ecn_args *args = vargs;
	const uint8_t *h;
	uint8_t tos;

	(void)state;
	if (!packet_tos(pkt, &tos))
		return PKTT_BAD;
	if (fails(args, ECT, (tos & 3) == args->ect))
		return PKTT_MISS;
	if (!pktt_given(args, ECE) && !pktt_given(args, CWR))
		return PKTT_HIT;
	h = pktt_packet_read(pkt, unasked_l4(pkt), 0, TCP_LEN);
	return hit_if(h && !fails(args, ECE, h[FLAGS_AT] & ECE_BIT) &&
		      !fails(args, CWR, h[FLAGS_AT] & CWR_BIT));
}

PKTT_REGISTER(pktt_match, ecn) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "ecn",
		.summary = "bits of explicit congestion notification in the IP and TCP header",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(ecn_params, struct ecn_args),
		.check = ecn_check,
		.l4_for = ecn_l4,
	},
	.match = ecn_match,
};
