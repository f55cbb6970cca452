/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Super-packets and partial checksums, as struct virtio_net_hdr describes them (Virtio 1.2, 5.1.6).
 *
 * A partial checksum field holds the sum of the pseudo header. Rules change addresses and ports, and the
 * field with them as if it were whole, which is wrong for a partial one: so it is made whole on the way up
 * or, of a super-packet, of which every segment will have its own, made anew on the way down.
 */
#include <errno.h>
#include <linux/virtio_net.h>
#include <string.h>

#include "base/buf.h"
#include "private.h"

enum { TCP = 6, UDP = 17, TCP_CSUM = 16, UDP_CSUM = 6, TCP_CWR = 0x80 };

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#	define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

static int complete(const struct virtio_net_hdr *vnet, uint8_t *frame, size_t len)
{
	size_t start = vnet->csum_start, at = start + vnet->csum_offset;
	uint16_t sum;

	if (start > len || at + 2 > len)
		return -EINVAL;
	sum = pktt_csum_fold(pktt_csum_add(0, frame + start, (uint32_t)(len - start)));
	/* RFC 768: no checksum is written as 0. Of TCP both zeros mean the same. */
	put_be16(frame + at, sum ? sum : 0xffff);
	return 0;
}

static int measure(struct pktt_packet *pkt, const struct virtio_net_hdr *vnet, const uint8_t *frame,
		   size_t len)
{
	size_t l4 = vnet->csum_start, l3 = (size_t)(pkt->buf + pkt->l3 - frame), header = 8;

	if (!(vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || l4 + 20 > len || l4 < l3)
		return -EINVAL;
	if (vnet->csum_offset == TCP_CSUM)
		header = (frame[l4 + 12] >> 4) * 4u;
	pkt->segment_len = (uint32_t)(l4 - l3 + header + vnet->gso_size);
	return 0;
}

int offload_come(struct pktt_packet *pkt, const struct virtio_net_hdr *vnet, uint8_t *frame,
		 size_t len)
{
	bool is_partial = vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;

	pkt->csum_unneeded =
		vnet->flags & (VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_DATA_VALID);
	if (vnet->gso_type != VIRTIO_NET_HDR_GSO_NONE)
		return measure(pkt, vnet, frame, len);
	return is_partial ? complete(vnet, frame, len) : 0;
}

static uint8_t type_of(const struct pktt_packet *pkt, const uint8_t *l4)
{
	uint8_t ecn = 0;

	if (pkt->protocol == UDP)
		return VIRTIO_NET_HDR_GSO_UDP_L4;
	if (l4[13] & TCP_CWR)
		ecn = VIRTIO_NET_HDR_GSO_ECN;
	return ecn |
	       (pkt->l3_family == PKTT_IPV4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6);
}

int offload_go(const struct pktt_packet *pkt, struct virtio_net_hdr *vnet, uint8_t *header,
	       size_t len, size_t l2_len)
{
	uint32_t l4 = pkt->l4 - pkt->l3, l4_len = packet_len(pkt, PKTT_L4), head = 8;
	uint16_t csum = pkt->protocol == TCP ? TCP_CSUM : UDP_CSUM;

	if ((pkt->protocol != TCP && pkt->protocol != UDP) || l4 + 20 > len)
		return -EINVAL;
	if (pkt->protocol == TCP)
		head = (header[l4 + 12] >> 4) * 4u;
	if (pkt->segment_len <= l4 + head)
		return -EINVAL;
	*vnet = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = type_of(pkt, header + l4),
		.hdr_len = (uint16_t)(l2_len + l4 + head),
		.gso_size = (uint16_t)(pkt->segment_len - l4 - head),
		.csum_start = (uint16_t)(l2_len + l4),
		.csum_offset = csum,
	};
	put_be16(header + l4 + csum,
		 (uint16_t)~pktt_csum_fold(pktt_csum_pseudo(pkt, pkt->protocol, l4_len)));
	return 0;
}
