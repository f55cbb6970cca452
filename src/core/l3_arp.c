/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARP: RFC 826 for IPv4 over anything with hardware addresses. */
#include "base/buf.h"
#include "core/l3_families.h"

#include <errno.h>
#include <string.h>

#define FIXED 8u

/* arp_rcv(): addresses of the protocol are IPv4's, and all four addresses are there. */
static int parse(struct pktt_packet *pkt)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, FIXED);

	pkt->has_l4 = false;
	if (!h || h[5] != 4 || pkt->wire_len < FIXED + 2u * h[4] + 8)
		return -EINVAL;
	if (pkt->in && pkt->in->has_mac && h[4] != sizeof(pkt->in->mac))
		return -EINVAL;
	return 0;
}

static void addresses(const struct pktt_packet *pkt, struct pktt_addr *src, struct pktt_addr *dst)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, FIXED);
	const uint8_t *from = h ? pktt_packet_read(pkt, PKTT_L3, FIXED + h[4], 4) : NULL;
	const uint8_t *to = h ? pktt_packet_read(pkt, PKTT_L3, FIXED + 2u * h[4] + 4, 4) : NULL;

	if (!from || !to)
		return;
	src->len = dst->len = 4;
	memcpy(src->byte, from, 4);
	memcpy(dst->byte, to, 4);
}

static const char *const hook_names[PKTT_HOOK_COUNT] = {
	[PKTT_LOCAL_IN] = "INPUT",
	[PKTT_FORWARD] = "FORWARD",
	[PKTT_LOCAL_OUT] = "OUTPUT",
};

/* FORWARD is there for bridged ARP; arptables-save lists it only where it is used. */
static const struct pktt_std_table tables[] = {
	{ "filter", { { PKTT_LOCAL_IN, 0 }, { PKTT_LOCAL_OUT, 0 }, { PKTT_FORWARD, 0 } }, 3 },
};

const struct pktt_l3 pktt_l3_arp = {
	.family = PKTT_ARP,
	.ethertype = 0x0806,
	.addr_len = 4,
	.hook_name = hook_names,
	.table = tables,
	.ntables = sizeof(tables) / sizeof(tables[0]),
	.parse = parse,
	.addresses = addresses,
};
