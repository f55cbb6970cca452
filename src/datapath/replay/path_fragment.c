/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cutting: ip_do_fragment() and ip6_fragment(). A datagram that connection tracking put together leaves
 * in the sizes that it came in, as long as its length is what it was; otherwise, and where only we found
 * a packet too large, in pieces as large as may be.
 */
#include "base/buf.h"
#include "conntrack/defrag.h"
#include "path.h"

#include <string.h>

enum {
	V6_HEADER_MAX = 1024,
	V6_FRAGMENT = 44,
	V6_FRAGMENT_LEN = 8,
	V6_MTU_MIN = 1280,
	MORE_FRAGMENTS = 0x2000,
	DONT_FRAGMENT = 0x4000,
	MORE_V6 = 1,
};

struct cutter {
	struct flight *f;
	uint8_t header[V6_HEADER_MAX];
	uint32_t header_len; /* of each piece, IPv6: fragment header included */
	uint32_t start;	     /* of the payload in the packet */
	uint32_t room;	     /* for payload in a piece */
	uint32_t at, left;   /* of the payload, by the wire */
	uint32_t offset;     /* of the payload in the datagram */
	uint16_t flags;
	bool more_follow;     /* the packet is a fragment itself, not the last */
	const uint32_t *size; /* of the pieces in turn, or NULL */
};

/* Sizes that fit stay; else the largest that does: the "slow path". */
static void choose_sizes(struct cutter *c, uint32_t mtu)
{
	const struct pktt_pieces *p = c->f->pkt->pieces;
	bool fits = p && p->payload == c->left && !p->is_linear;

	if (p && p->max_size < mtu)
		mtu = p->max_size;
	if (c->f->pkt->l3_family == PKTT_IPV6 && mtu < V6_MTU_MIN)
		mtu = V6_MTU_MIN;
	c->room = mtu - c->header_len;
	for (uint32_t i = 0; fits && i < p->count; i++)
		fits = p->size[i] <= c->room && (p->size[i] % 8 == 0 || i + 1 == p->count);
	c->size = fits ? p->size : NULL;
}

static uint32_t next_size(struct cutter *c)
{
	if (c->size)
		return *c->size++;
	return c->left > c->room ? c->room & ~7u : c->left;
}

static void put_v4(struct cutter *c, uint32_t len, bool is_last)
{
	uint16_t flags = c->flags | (is_last ? 0 : MORE_FRAGMENTS);

	put_be16(c->header + 2, (uint16_t)(c->header_len + len));
	put_be16(c->header + 6, (uint16_t)(c->offset >> 3 | flags));
	put_be16(c->header + 10, 0);
	put_be16(c->header + 10, pktt_csum_fold(pktt_csum_add(0, c->header, c->header_len)));
}

static void put_v6(struct cutter *c, uint32_t len, bool is_last)
{
	uint8_t *fragment = c->header + c->header_len - V6_FRAGMENT_LEN;

	put_be16(c->header + 4, (uint16_t)(c->header_len - 40 + len));
	put_be16(fragment + 2, (uint16_t)(c->offset | (is_last ? 0 : MORE_V6)));
}

/* One piece of len bytes; of what the capture cut off there is nothing to send. */
static void cut_one(struct cutter *c, uint32_t len)
{
	struct pktt_packet *pkt = c->f->pkt;
	uint32_t have = packet_len(pkt, PKTT_L3), start = c->start + c->at;
	uint32_t held = start < have ? have - start : 0;
	bool is_last = c->left == len && !c->more_follow;
	uint8_t frame[V6_HEADER_MAX + 65536];
	const uint8_t *data;

	held = held < len ? held : len;
	data = pktt_packet_read(pkt, PKTT_L3, start < have ? start : have, held);
	if (pkt->l3_family == PKTT_IPV6)
		put_v6(c, len, is_last);
	else
		put_v4(c, len, is_last);
	memcpy(frame, c->header, c->header_len);
	if (data)
		memcpy(frame + c->header_len, data, held);
	result_send(c->f, c->header_len + held, frame);
}

static enum pktt_verdict cut(struct cutter *c)
{
	bool is_v4 = c->f->pkt->l3_family == PKTT_IPV4;

	while (c->left > 0) {
		uint32_t len = next_size(c);

		cut_one(c, len);
		if (is_v4 && c->offset == 0)
			ipv4_options_uncopied(c->header + 20, c->header_len - 20);
		c->at += len;
		c->offset += len;
		c->left -= len;
	}
	return PKTT_ACCEPT;
}

static enum pktt_verdict fragment_ipv4(struct flight *f)
{
	struct cutter c = { .f = f };
	const uint8_t *ip = pktt_packet_read(f->pkt, PKTT_L3, 0, 20);

	c.header_len = c.start = ip ? (ip[0] & 15u) * 4 : 0;
	ip = pktt_packet_read(f->pkt, PKTT_L3, 0, c.header_len);
	if (!ip || c.header_len < 20 || f->route.mtu < c.header_len + 8)
		return path_drop(f, PKTT_REASON_MTU);
	memcpy(c.header, ip, c.header_len);
	c.left = pktt_packet_wire_len(f->pkt) - c.header_len;
	c.offset = (get_be16(ip + 6) & 0x1fffu) << 3;
	c.more_follow = get_be16(ip + 6) & MORE_FRAGMENTS;
	if (f->pkt->pieces && f->pkt->pieces->has_df)
		c.flags = DONT_FRAGMENT;
	choose_sizes(&c, f->route.mtu);
	return cut(&c);
}

/* Only what came in pieces is cut by a router: RFC 8200, 5. Its id is kept, so that it is the same. */
static enum pktt_verdict fragment_ipv6(struct flight *f)
{
	const struct pktt_pieces *p = f->pkt->pieces;
	struct cutter c = { .f = f };
	const uint8_t *ip = pktt_packet_read(f->pkt, PKTT_L3, 0, p->header_len);
	uint8_t *fragment;

	if (!ip || p->header_len + V6_FRAGMENT_LEN > sizeof(c.header))
		return path_drop(f, PKTT_REASON_MTU);
	memcpy(c.header, ip, p->header_len);
	fragment = c.header + p->header_len;
	fragment[0] = c.header[p->next_at];
	fragment[1] = 0;
	put_be32(fragment + 4, p->id);
	c.header[p->next_at] = V6_FRAGMENT;
	c.start = p->header_len;
	c.header_len = p->header_len + V6_FRAGMENT_LEN;
	c.left = pktt_packet_wire_len(f->pkt) - p->header_len;
	choose_sizes(&c, f->route.mtu);
	return cut(&c);
}

enum pktt_verdict path_fragment(struct flight *f)
{
	return f->pkt->l3_family == PKTT_IPV6 ? fragment_ipv6(f) : fragment_ipv4(f);
}
