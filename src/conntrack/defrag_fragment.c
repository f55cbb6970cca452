/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a fragment says of itself: RFC 791, RFC 8200. Limits are those of Linux's two reassemblies. */
#include "conntrack/defrag_queue.h"

#include "base/buf.h"
#include "core/l3.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum { DONT_FRAGMENT = 0x4000, MORE_V4 = 0x2000, MORE_V6 = 1, PAYLOAD_MAX = 65535 };
enum { V6_HEADER = 40, FRAGMENT_HEADER = 8 };

static int read_v4(const struct pktt_packet *pkt, struct fragment *f)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, 20);
	uint16_t word;

	if (!ip)
		return 0;
	word = get_be16(ip + 6);
	f->offset = (word & 0x1fffu) * 8;
	f->is_last = !(word & MORE_V4);
	if (f->is_last && f->offset == 0)
		return 0;
	f->has_df = word & DONT_FRAGMENT;
	f->payload_at = f->header_len = (ip[0] & 15u) * 4;
	f->ecn = (uint8_t)(1 << (ip[1] & 3));
	f->key.protocol = ip[9];
	f->key.id = get_be16(ip + 4);
	memcpy(f->key.src, ip + 12, 4);
	memcpy(f->key.dst, ip + 16, 4);
	return 1;
}

/* The byte that says that the header at `at` follows: of the one before it. */
static uint32_t names_header(const struct pktt_packet *pkt, uint32_t at)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, V6_HEADER);
	uint32_t named_by = 6, pos = V6_HEADER;
	uint8_t type = ip ? ip[6] : 0;

	while (pos < at) {
		const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, pos, 2);

		if (!h)
			break;
		named_by = pos;
		pos += type == IPPROTO_AH ? (h[1] + 2u) << 2 : (h[1] + 1u) << 3;
		type = h[0];
	}
	return named_by;
}

/* Addresses of a link are told apart by it. */
static bool is_of_link(const uint8_t *addr)
{
	return (addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80) || addr[0] == 0xff;
}

/* RFC 8200, 4.5: a first fragment holds all headers. What does not, Linux tracks as it is: INVALID. */
static bool is_head_cut(const struct pktt_packet *pkt)
{
	uint32_t need = 1;

	if (!pkt->has_l4 || pkt->frag_off)
		return false;
	if (pkt->protocol == IPPROTO_TCP)
		need = 20;
	else if (pkt->protocol == IPPROTO_UDP || pkt->protocol == IPPROTO_ICMPV6)
		need = 8;
	return pkt->l4 - pkt->l3 + need > pktt_packet_wire_len(pkt);
}

static int read_v6(const struct pktt_packet *pkt, struct fragment *f)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, V6_HEADER), *h;
	uint16_t off;
	int at = pktt_ipv6_find(pkt, IPPROTO_FRAGMENT, &f->next, &off);

	/* Linux lets pass what it cannot read here, and jumbograms. */
	if (!ip || at < 0 || get_be16(ip + 4) == 0 || is_head_cut(pkt))
		return 0;
	h = pktt_packet_read(pkt, PKTT_L3, (uint32_t)at, FRAGMENT_HEADER);
	if (!h)
		return -EBADMSG;
	f->next = h[0];
	f->offset = get_be16(h + 2) & ~7u;
	f->is_last = !(get_be16(h + 2) & MORE_V6);
	f->header_len = (uint32_t)at;
	f->payload_at = (uint32_t)at + FRAGMENT_HEADER;
	f->next_at = names_header(pkt, (uint32_t)at);
	f->ecn = (uint8_t)(1 << (ip[1] >> 4 & 3));
	f->key.id = get_be32(h + 4);
	memcpy(f->key.src, ip + 8, 16);
	memcpy(f->key.dst, ip + 24, 16);
	if (is_of_link(ip + 24) && pkt->in)
		f->key.ifindex = pkt->in->index;
	return 1;
}

int fragment_read(const struct pktt_packet *pkt, struct fragment *f)
{
	int r;

	memset(f, 0, sizeof(*f));
	f->key.family = (uint8_t)pkt->l3_family;
	f->key.is_output = pkt->hook == PKTT_LOCAL_OUT;
	r = pkt->l3_family == PKTT_IPV6 ? read_v6(pkt, f) : read_v4(pkt, f);
	if (r <= 0)
		return r;
	f->size = pktt_packet_wire_len(pkt);
	if (f->size < f->payload_at)
		return -EBADMSG;
	f->end = f->offset + f->size - f->payload_at;
	if (f->end > PAYLOAD_MAX && pkt->l3_family == PKTT_IPV6)
		return -EBADMSG;
	return 1;
}
