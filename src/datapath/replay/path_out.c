/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending: ip_local_out(), ip_output(), ip_fragment() and their counterparts of IPv6. What this host
 * sends to itself comes back on lo: PRE_ROUTING and LOCAL_IN see it, no route is asked again.
 */
#include "base/buf.h"
#include "conntrack/defrag.h"
#include "core/l3.h"
#include "path.h"

#include <string.h>

enum {
	V4_UNREACHABLE = 3,
	V4_FRAGMENTATION_NEEDED = 4,
	DONT_FRAGMENT = 0x4000,
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
	struct pktt_route_query q = {
		.family = f->pkt->l3_family,
		.src = pktt_packet_src(f->pkt),
		.dst = pktt_packet_dst(f->pkt),
		.mark = f->pkt->mark,
	};
	int r;

	if (needs_link(&q.dst))
		q.oif = f->oif;
	r = path_route(f->replay, &q, &f->route);
	if (r == 0 || !q.oif)
		return r;
	f->route = (struct pktt_route){ .type = PKTT_ROUTE_MULTICAST,
					.out = q.oif,
					.mtu = q.oif->mtu };
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

	f->pkt->pkttype = PKTT_PKT_HOST;
	put_loopback_header(f->pkt);
	return path_hook(f, PKTT_PRE_ROUTING, lo, NULL, path_deliver);
}

static enum pktt_verdict send_whole(struct flight *f)
{
	uint32_t len = packet_len(f->pkt, PKTT_L3);
	const uint8_t *data = pktt_packet_read(f->pkt, PKTT_L3, 0, len);

	if (data)
		result_send(f, len, data);
	return PKTT_ACCEPT;
}

/*
 * A datagram that was put together leaves in pieces, however small it is: ip_finish_output(),
 * ip6_finish_output(). Larger ones than came are not made.
 */
static enum pktt_verdict send_pieces(struct flight *f)
{
	const struct pktt_pieces *p = f->pkt->pieces;
	uint32_t len = pktt_packet_wire_len(f->pkt);
	bool is_v6 = f->pkt->l3_family == PKTT_IPV6;

	if (is_v6 && len <= f->route.mtu && len <= p->max_size)
		return send_whole(f);
	if (p->max_size > f->route.mtu && (is_v6 || p->has_df)) {
		path_error(f, is_v6 ? V6_PACKET_TOO_BIG : V4_UNREACHABLE,
			   is_v6 ? 0 : V4_FRAGMENTATION_NEEDED, f->route.mtu);
		return path_drop(f, PKTT_REASON_MTU);
	}
	return path_fragment(f);
}

/* ip_fragment(): rules may have made it larger than what FORWARD's check saw. */
static enum pktt_verdict send_large(struct flight *f)
{
	const uint8_t *ip = pktt_packet_read(f->pkt, PKTT_L3, 0, 20);

	if (f->pkt->l3_family == PKTT_IPV6 && f->route.mtu < V6_MTU_MIN &&
	    path_size(f->pkt) <= V6_MTU_MIN)
		return send_whole(f);
	if (f->pkt->l3_family == PKTT_IPV4 && ip && !f->pkt->segment_len &&
	    !(get_be16(ip + 6) & DONT_FRAGMENT))
		return path_fragment(f);
	/* The error about a copy comes from where the original came in. */
	if (f->pkt->is_tee)
		f->pkt->in = f->arrived;
	if (f->pkt->l3_family == PKTT_IPV4 && (!f->pkt->is_local || f->pkt->is_tee))
		path_error(f, V4_UNREACHABLE, V4_FRAGMENTATION_NEEDED, f->route.mtu);
	if (f->pkt->l3_family == PKTT_IPV6)
		path_error(f, V6_PACKET_TOO_BIG, 0, f->route.mtu);
	return path_drop(f, PKTT_REASON_MTU);
}

/* ip_finish_output() and what is before the device */
static enum pktt_verdict leave(struct flight *f)
{
	if (f->route.type == PKTT_ROUTE_LOCAL || f->route.type == PKTT_ROUTE_ANYCAST)
		return loop_back(f);
	if (f->pkt->pieces)
		return send_pieces(f);
	if (path_size(f->pkt) > f->route.mtu)
		return send_large(f);
	return send_whole(f);
}

enum pktt_verdict path_post_routing(struct flight *f, const struct pktt_iface *in)
{
	return path_hook(f, PKTT_POST_ROUTING, in, f->route.out, leave);
}

static enum pktt_verdict after_output(struct flight *f)
{
	/* ip_route_me_harder(): a copy, too, then goes by its own destination. */
	if (f->pkt->is_rerouted && route_output(f) < 0)
		return path_drop(f, PKTT_REASON_NO_ROUTE);
	f->is_linked &= !f->pkt->is_rerouted;
	f->pkt->is_rerouted = false;
	return path_post_routing(f, f->post_in);
}

enum pktt_verdict path_output_routed(struct flight *f)
{
	/* nf_dup_ipv4() leaves the device set on its copy, and ip_output() shows it as input. */
	f->post_in = f->pkt->is_tee ? f->route.out : NULL;
	return path_hook(f, PKTT_LOCAL_OUT, NULL, f->route.out, after_output);
}

enum pktt_verdict path_output(struct flight *f)
{
	if (pktt_packet_parse_ip(f->pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	if (route_output(f) < 0)
		return path_drop(f, PKTT_REASON_NO_ROUTE);
	return path_output_routed(f);
}

static enum pktt_verdict send_arp(struct flight *f)
{
	result_emit_packet(f->replay, f->pkt, f->pkt->out, f->is_reply);
	return PKTT_ACCEPT;
}

/* arp_xmit() */
enum pktt_verdict path_output_arp(struct flight *f, const struct pktt_iface *out)
{
	if (pktt_packet_parse_ip(f->pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	return path_hook(f, PKTT_LOCAL_OUT, NULL, out, send_arp);
}
