/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending: ip_local_out(), ip_output(), ip_fragment() and their counterparts of IPv6. What this host
 * sends to itself comes back on lo: PRE_ROUTING and LOCAL_IN see it, no route is asked again.
 */
#include "base/buf.h"
#include "core/l3.h"
#include "path.h"

#include <string.h>

enum {
	V4_UNREACHABLE = 3,
	V4_FRAGMENTATION_NEEDED = 4,
	DONT_FRAGMENT = 0x4000,
	MORE_FRAGMENTS = 0x2000,
	V6_PACKET_TOO_BIG = 2,
	V6_MTU_MIN = 1280,
	LOOPBACK_HEADER = 14,
};

/* A destination that does not name a link by itself: groups, and addresses of a link. */
static bool needs_link(const struct pktt_addr *dst)
{
	if (dst->len == 4 && get_be32(dst->byte) == 0xffffffff)
		return true;
	return router_addr_is_multicast(dst) || router_addr_is_link_local(dst);
}

static int route_output(struct flight *f)
{
	const struct router *router = f->replay->config.router;
	struct pktt_addr dst = pktt_packet_dst(f->pkt);
	const struct pktt_iface *oif = needs_link(&dst) ? f->oif : NULL;
	int r = router_lookup(router, &dst, oif, &f->route);

	if (r == 0 || !oif)
		return r;
	f->route = (struct pktt_route){ .type = PKTT_ROUTE_MULTICAST, .out = oif, .mtu = oif->mtu };
	return 0;
}

/* The link header of lo: nobody's addresses. */
static void put_loopback_header(struct pktt_packet *pkt)
{
	if (pkt->l3 < LOOPBACK_HEADER)
		return;
	pkt->l2 = pkt->l3 - LOOPBACK_HEADER;
	pkt->l2_len = LOOPBACK_HEADER;
	memset(pkt->buf + pkt->l2, 0, LOOPBACK_HEADER);
	put_be16(pkt->buf + pkt->l3 - 2, pkt->ethertype);
}

/* dev_loopback_xmit(): back in, the sender's marks kept. */
static enum pktt_verdict loop_back(struct flight *f)
{
	const struct pktt_iface *lo = router_loopback(f->replay->config.router);
	enum pktt_verdict v;

	f->pkt->pkttype = PKTT_PKT_HOST;
	put_loopback_header(f->pkt);
	v = path_hook(f, PKTT_PRE_ROUTING, lo, NULL);
	return v == PKTT_ACCEPT ? path_deliver(f) : v;
}

static enum pktt_verdict send_whole(struct flight *f)
{
	struct replay_emitted what = {
		.out = f->route.out,
		.len = packet_len(f->pkt, PKTT_L3),
		.is_reply = f->is_reply,
	};
	const uint8_t *data = pktt_packet_read(f->pkt, PKTT_L3, 0, (uint32_t)what.len);

	if (data)
		result_emit(f->replay, &what, data);
	return PKTT_ACCEPT;
}

/* ip_fragment(): rules may have made it larger than what FORWARD's check saw. */
static enum pktt_verdict send_large(struct flight *f)
{
	const uint8_t *ip = pktt_packet_read(f->pkt, PKTT_L3, 0, 20);

	if (f->pkt->l3_family == PKTT_IPV6 && f->route.mtu < V6_MTU_MIN &&
	    pktt_packet_wire_len(f->pkt) <= V6_MTU_MIN)
		return send_whole(f);
	if (f->pkt->l3_family == PKTT_IPV4 && ip && !(get_be16(ip + 6) & DONT_FRAGMENT))
		return path_fragment_ipv4(f);
	/* The error about a copy comes from where the original came in. */
	if (f->pkt->is_tee)
		f->pkt->in = f->arrived;
	if (f->pkt->l3_family == PKTT_IPV4 && (!f->pkt->is_local || f->pkt->is_tee))
		path_error(f, V4_UNREACHABLE, V4_FRAGMENTATION_NEEDED, f->route.mtu);
	if (f->pkt->l3_family == PKTT_IPV6)
		path_error(f, V6_PACKET_TOO_BIG, 0, f->route.mtu);
	return path_drop(f, PKTT_REASON_MTU);
}

enum pktt_verdict path_post_routing(struct flight *f, const struct pktt_iface *in)
{
	enum pktt_verdict v = path_hook(f, PKTT_POST_ROUTING, in, f->route.out);

	if (v != PKTT_ACCEPT)
		return v;
	if (f->route.type == PKTT_ROUTE_LOCAL || f->route.type == PKTT_ROUTE_ANYCAST)
		return loop_back(f);
	if (pktt_packet_wire_len(f->pkt) > f->route.mtu)
		return send_large(f);
	return send_whole(f);
}

enum pktt_verdict path_output_routed(struct flight *f)
{
	/* nf_dup_ipv4() leaves the device set on its copy, and ip_output() shows it as input. */
	const struct pktt_iface *in = f->pkt->is_tee ? f->route.out : NULL;
	enum pktt_verdict v = path_hook(f, PKTT_LOCAL_OUT, NULL, f->route.out);

	if (v != PKTT_ACCEPT)
		return v;
	/* ip_route_me_harder(): a copy, too, then goes by its own destination. */
	if (f->pkt->is_rerouted && route_output(f) < 0)
		return path_drop(f, PKTT_REASON_NO_ROUTE);
	f->pkt->is_rerouted = false;
	return path_post_routing(f, in);
}

enum pktt_verdict path_output(struct flight *f)
{
	if (pktt_packet_parse_ip(f->pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	if (route_output(f) < 0)
		return path_drop(f, PKTT_REASON_NO_ROUTE);
	return path_output_routed(f);
}

/* arp_xmit() */
enum pktt_verdict path_output_arp(struct flight *f, const struct pktt_iface *out)
{
	enum pktt_verdict v;

	if (pktt_packet_parse_ip(f->pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	v = path_hook(f, PKTT_LOCAL_OUT, NULL, out);
	if (v == PKTT_ACCEPT)
		result_emit_packet(f->replay, f->pkt, out, f->is_reply);
	return v;
}

/* --- Fragments --------------------------------------------------------------------------------- */

enum { V4_HEADER_MAX = 60 };

struct cutter {
	struct flight *f;
	uint8_t header[V4_HEADER_MAX];
	uint32_t header_len, room; /* for data in a fragment */
	uint32_t at, left;	   /* of the data, by the wire */
	uint32_t offset;	   /* of the data in the datagram */
	bool more_follow;	   /* the packet is a fragment itself, not the last */
};

/* One fragment of len bytes; of what the capture cut off there is nothing to send. */
static void cut_one(struct cutter *c, uint32_t len)
{
	struct pktt_packet *pkt = c->f->pkt;
	uint32_t have = packet_len(pkt, PKTT_L3), start = c->header_len + c->at;
	uint8_t frame[V4_HEADER_MAX + 65536];
	struct replay_emitted what = { .out = c->f->route.out, .is_reply = c->f->is_reply };
	uint32_t held = start < have ? have - start : 0;
	const uint8_t *data;
	uint16_t flags = c->left > len || c->more_follow ? MORE_FRAGMENTS : 0;

	held = held < len ? held : len;
	data = pktt_packet_read(pkt, PKTT_L3, start < have ? start : have, held);
	put_be16(c->header + 2, (uint16_t)(c->header_len + len));
	put_be16(c->header + 6, (uint16_t)(c->offset >> 3 | flags));
	put_be16(c->header + 10, 0);
	put_be16(c->header + 10, pktt_csum_fold(pktt_csum_add(0, c->header, c->header_len)));
	memcpy(frame, c->header, c->header_len);
	if (data)
		memcpy(frame + c->header_len, data, held);
	what.len = c->header_len + held;
	result_emit(c->f->replay, &what, frame);
}

enum pktt_verdict path_fragment_ipv4(struct flight *f)
{
	struct cutter c = { .f = f };
	const uint8_t *ip = pktt_packet_read(f->pkt, PKTT_L3, 0, 20);

	c.header_len = ip ? (ip[0] & 15u) * 4 : 0;
	ip = pktt_packet_read(f->pkt, PKTT_L3, 0, c.header_len);
	if (!ip || c.header_len < 20 || f->route.mtu < c.header_len + 8)
		return path_drop(f, PKTT_REASON_MTU);
	memcpy(c.header, ip, c.header_len);
	c.room = f->route.mtu - c.header_len;
	c.left = pktt_packet_wire_len(f->pkt) - c.header_len;
	c.offset = (get_be16(ip + 6) & 0x1fffu) << 3;
	c.more_follow = get_be16(ip + 6) & MORE_FRAGMENTS;
	while (c.left > 0) {
		uint32_t len = c.left > c.room ? c.room & ~7u : c.left;

		cut_one(&c, len);
		if (c.offset == 0)
			ipv4_options_uncopied(c.header + 20, c.header_len - 20);
		c.at += len;
		c.offset += len;
		c.left -= len;
	}
	return PKTT_ACCEPT;
}
