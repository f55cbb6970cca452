/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksum: RFC 1071, and its incremental update, RFC 1624. */
#include "base/buf.h"
#include "core/l3.h"
#include "core/packet.h"

#include <netinet/in.h>

uint32_t pktt_csum_add(uint32_t sum, const uint8_t *data, size_t len)
{
	uint64_t wide = sum;

	for (; len > 1; data += 2, len -= 2)
		wide += get_be16(data);
	if (len)
		wide += (uint32_t)data[0] << 8;
	while (wide >> 32)
		wide = (wide & 0xffffffff) + (wide >> 32);
	return (uint32_t)wide;
}

uint16_t pktt_csum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint32_t pktt_csum_pseudo(const struct pktt_packet *pkt, uint8_t protocol, uint32_t len)
{
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);
	uint32_t sum = pktt_csum_add(protocol, src.byte, src.len);

	sum = pktt_csum_add(sum, dst.byte, dst.len);
	return (sum & 0xffff) + (sum >> 16) + (len >> 16) + (len & 0xffff);
}

/* HC' = ~(~HC + ~m + m') */
void pktt_csum_replace(uint8_t *csum, const uint8_t *from, const uint8_t *to, size_t len)
{
	uint32_t sum = (uint16_t)~get_be16(csum);
	uint32_t old = pktt_csum_add(0, from, len);

	sum += pktt_csum_fold(old);
	sum = pktt_csum_add(sum, to, len);
	put_be16(csum, pktt_csum_fold(sum));
}

void pktt_csum_replace_udp(uint8_t *csum, const uint8_t *from, const uint8_t *to, size_t len)
{
	if (get_be16(csum) == 0)
		return;
	pktt_csum_replace(csum, from, to, len);
	if (get_be16(csum) == 0)
		put_be16(csum, 0xffff);
}

/* Where the checksum of a protocol stands, or -1: it has none that Linux's nf_checksum looks at. */
static int csum_offset(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return -1;
	}
}

int pktt_csum_l4_ok(const struct pktt_packet *pkt)
{
	uint32_t len = pktt_packet_length(pkt, PKTT_L4), sum = 0;
	const uint8_t *data = pktt_packet_read(pkt, PKTT_L4, 0, len);
	int at = csum_offset(pkt->protocol);

	if (pkt->csum_unneeded || at < 0)
		return 1;
	/* A capture may have cut the packet: what is not there cannot be verified. */
	if (!data || (uint32_t)at + 2 > len || pkt->l3 + pkt->wire_len > pkt->end)
		return 0;
	if (pkt->protocol == IPPROTO_UDP && pkt->l3_family == PKTT_IPV4 && get_be16(data + at) == 0)
		return 1;
	if (pkt->protocol != IPPROTO_ICMP)
		sum = pktt_csum_pseudo(pkt, pkt->protocol, len);
	return pktt_csum_fold(pktt_csum_add(sum, data, len)) == 0;
}
