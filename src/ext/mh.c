/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header of Mobile IPv6, RFC 6275. */
#include "ext/match.h"

#include <netinet/in.h>

struct mh_args {
	struct pktt_args head;
	struct pktt_range8 type;
};

enum { TYPE };
enum { HEADER_LEN = 6, NEXT_AT = 0, TYPE_AT = 2 };

static const struct pktt_symbol types[] = {
	{ "binding-refresh-request", 0 },
	{ "brr", 0 },
	{ "home-test-init", 1 },
	{ "hoti", 1 },
	{ "careof-test-init", 2 },
	{ "coti", 2 },
	{ "home-test", 3 },
	{ "hot", 3 },
	{ "careof-test", 4 },
	{ "cot", 4 },
	{ "binding-update", 5 },
	{ "bu", 5 },
	{ "binding-acknowledgement", 6 },
	{ "ba", 6 },
	{ "binding-error", 7 },
	{ "be", 7 },
	{ NULL, 0 },
};

static const struct pktt_param mh_params[] = {
	[TYPE] = {
		.name = "mh-type",
		.help = "type of message, or a range, by name or number",
		PKTT_STORE(struct mh_args, type, range8),
		.symbols = types,
		.def = "0:255",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT | PKTT_CASELESS | PKTT_PREFIX |
			 PKTT_ASCENDING,
	},
};

/* RFC 6275, 6.1.1: nothing follows the header; where something claims to, the packet is dropped. */
static enum pktt_hit mh_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mh_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L4, 0, HEADER_LEN);

	(void)state;
	if (!h || h[NEXT_AT] != IPPROTO_NONE)
		return PKTT_BAD;
	return hit_if(!fails(args, TYPE, in_range8(&args->type, h[TYPE_AT])));
}

PKTT_REGISTER(pktt_match, mh) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "mh",
		.aliases = "mobility-header",
		.summary = "messages of Mobile IPv6",
		.families = PKTT_FAM_V6,
		.l4 = { IPPROTO_MH },
		.l4_min = HEADER_LEN,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(mh_params, struct mh_args),
	},
	.match = mh_match,
};
