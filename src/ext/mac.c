/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

struct mac_args {
	struct pktt_args head;
	struct pktt_mac source;
};

enum { SOURCE };
enum { ETHER_LEN = 14, SOURCE_AT = 6, ARPHRD_ETHER = 1 };

static const struct pktt_param mac_params[] = {
	[SOURCE] = {
		.name = "mac-source",
		.help = "source address of the Ethernet frame; without one no match, ! or not",
		PKTT_STORE(struct mac_args, source, mac),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
};

static enum pktt_hit mac_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mac_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L2, 0, ETHER_LEN);

	(void)state;
	if (!pkt->in || pkt->in->arphrd != ARPHRD_ETHER || !h)
		return PKTT_MISS;
	return pktt_test(args, SOURCE, memcmp(h + SOURCE_AT, args->source.byte, 6) == 0);
}

PKTT_REGISTER(pktt_match, mac) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "mac",
		.summary = "source address of the Ethernet frame",
		.families = PKTT_FAM_IP,
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_IN) |
			 PKTT_HOOK(PKTT_FORWARD),
		.reads = PKTT_READS_HEADER | PKTT_READS_IFACE,
		PKTT_PARAMS(mac_params, struct mac_args),
	},
	.match = mac_match,
};
