/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

enum { ETHER_LEN = 14, MAC_AT = 6, IPV6_LEN = 40, INTERFACE_ID_AT = 8 + 8 };

/* RFC 4291, appendix A: ff:fe in the middle of the address, its universal bit inverted. */
static enum pktt_hit eui64_match(struct pktt_packet *pkt, const void *args, void *state)
{
	const uint8_t *mac = pktt_packet_read(pkt, PKTT_L2, MAC_AT, 6);
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, IPV6_LEN);
	uint8_t id[8];

	(void)args, (void)state;
	if (!h)
		return PKTT_BAD;
	if (!mac || pktt_packet_length(pkt, PKTT_L2) < ETHER_LEN)
		return PKTT_MISS;
	memcpy(id, mac, 3);
	id[0] ^= 0x02;
	id[3] = 0xff;
	id[4] = 0xfe;
	memcpy(id + 5, mac + 3, 3);
	return hit_if(memcmp(h + INTERFACE_ID_AT, id, sizeof(id)) == 0);
}

PKTT_REGISTER(pktt_match, eui64) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "eui64",
		.summary = "the source address is made from the hardware address",
		.families = PKTT_FAM_V6,
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_IN) |
			 PKTT_HOOK(PKTT_FORWARD),
		.reads = PKTT_READS_TUPLE | PKTT_READS_HEADER,
	},
	.match = eui64_match,
};
