/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4: RFC 791, with the sanity checks of Linux's ip_rcv(). */
#include "base/buf.h"
#include "core/l3_families.h"

#include <errno.h>
#include <string.h>

#define MIN_HEADER 20u

/*
 * What the capture cut off is not held against the packet: lengths are compared with the wire's.
 * The header itself must be there.
 */
static int parse(struct pktt_packet *pkt)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, MIN_HEADER);
	uint32_t hlen, total;
	uint16_t frag;

	pkt->has_l4 = false;
	if (!h || h[0] >> 4 != 4)
		return -EINVAL;
	hlen = (h[0] & 0xfu) * 4;
	total = get_be16(h + 2);
	if (hlen < MIN_HEADER || !pktt_packet_read(pkt, PKTT_L3, 0, hlen))
		return -EINVAL;
	if (pktt_csum_fold(pktt_csum_add(0, h, hlen)) != 0)
		return -EINVAL;
	if (total < hlen || total > pkt->wire_len)
		return -EINVAL;
	if (pkt->end - pkt->l3 > total)
		pkt->end = pkt->l3 + total;
	pkt->wire_len = total;
	frag = get_be16(h + 6);
	pkt->frag_off = (uint16_t)((frag & 0x1fff) << 3);
	pkt->more_frags = frag & 0x2000;
	pkt->l4 = pkt->l3 + hlen;
	pkt->protocol = h[9];
	pkt->has_l4 = true;
	return 0;
}

static void addresses(const struct pktt_packet *pkt, struct pktt_addr *src, struct pktt_addr *dst)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, MIN_HEADER);

	if (!h)
		return;
	src->len = dst->len = 4;
	memcpy(src->byte, h + 12, 4);
	memcpy(dst->byte, h + 16, 4);
}

static const struct pktt_std_table tables[] = {
	PKTT_IP_TABLES,
};

const struct pktt_l3 pktt_l3_ipv4 = {
	.family = PKTT_IPV4,
	.ethertype = 0x0800,
	.addr_len = 4,
	.hook_name = pktt_ip_hook_names,
	.table = tables,
	.ntables = sizeof(tables) / sizeof(tables[0]),
	.parse = parse,
	.addresses = addresses,
};
