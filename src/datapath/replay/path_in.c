/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Receiving, as Linux's netif_receive_skb(), ip_rcv(), ipv6_rcv() and arp_rcv() do it. What is
 * dropped before PRE_ROUTING has seen no rule; everything else is routed after it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "conntrack/defrag.h"
#include "core/l3.h"
#include "path.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd, ETHERTYPE_ARP = 0x0806 };
enum { VLAN_ID = 0x0fff };
enum { UNREACHABLE_V4 = 3, UNREACHABLE_V6 = 1, NO_ROUTE = 0 };

/* Where a packet that PRE_ROUTING let through goes. */
enum way {
	WAY_FORWARD,
	WAY_DELIVER,
	WAY_UNREACHABLE, /* the sender is told so */
	WAY_MARTIAN,
	WAY_NOWHERE, /* nobody is told anything */
};

static bool is_zero(const struct pktt_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->byte, zero, a->len) == 0;
}

static bool is_limited_broadcast(const struct pktt_addr *a)
{
	return a->len == 4 && get_be32(a->byte) == 0xffffffff;
}

/* A multicast source is as impossible as a broadcast one. */
static bool is_group(const struct pktt_addr *a)
{
	return router_addr_is_multicast(a) || is_limited_broadcast(a);
}

/* Which groups programs of this machine have joined is for its kernel to know. */
static bool is_joined(const struct flight *f, const struct pktt_addr *group)
{
	return f->replay->config.host ||
	       router_is_joined(f->replay->config.router, group, f->pkt->in);
}

/* The way of what came in. */
static int route_input(struct flight *f, const struct pktt_addr *dst, const struct pktt_iface *link)
{
	const struct pktt_packet *pkt = f->pkt;
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, 2);
	struct pktt_route_query q = {
		.family = pkt->l3_family,
		.src = pktt_packet_src(pkt),
		.dst = *dst,
		.in = pkt->in,
		.oif = link,
		.mark = pkt->mark,
	};

	if (ip && pkt->l3_family == PKTT_IPV4)
		q.tos = ip[1];
	else if (ip)
		q.tos = (uint8_t)(get_be16(ip) >> 4);
	return path_route(f->replay, &q, &f->route);
}

/* ip_mc_validate_source() and ip_check_mc_rcu() */
static enum way route_multicast(const struct flight *f, const struct pktt_addr *src,
				const struct pktt_addr *dst)
{
	bool is_link_group = get_be32(dst->byte) >> 8 == 0xe00000;

	if (!is_joined(f, dst))
		return WAY_NOWHERE;
	if (is_group(src) || router_addr_is_loopback(src))
		return WAY_MARTIAN;
	if (src->byte[0] == 0)
		return is_link_group ? WAY_DELIVER : WAY_MARTIAN;
	return router_is_own(f->replay->config.router, src) ? WAY_MARTIAN : WAY_DELIVER;
}

/* The unicast part of ip_route_input_slow(): the table decides. */
static enum way route_by_table(struct flight *f, const struct pktt_addr *src,
			       const struct pktt_addr *dst)
{
	const struct router *router = f->replay->config.router;
	int r = route_input(f, dst, NULL);

	if (r < 0)
		return r == -EINVAL ? WAY_MARTIAN : WAY_UNREACHABLE;
	if (f->route.type == PKTT_ROUTE_BROADCAST)
		return !is_zero(src) && router_is_own(router, src) ? WAY_MARTIAN : WAY_DELIVER;
	if (f->route.type != PKTT_ROUTE_LOCAL && !f->replay->config.settings->forwarding)
		return WAY_UNREACHABLE;
	if (router_is_own(router, src))
		return WAY_MARTIAN;
	return f->route.type == PKTT_ROUTE_LOCAL ? WAY_DELIVER : WAY_FORWARD;
}

/* ip_route_input_slow(), whose order this is. */
static enum way route_ipv4(struct flight *f)
{
	struct pktt_addr src = pktt_packet_src(f->pkt), dst = pktt_packet_dst(f->pkt);

	if (router_addr_is_multicast(&dst))
		return route_multicast(f, &src, &dst);
	if (is_group(&src))
		return WAY_MARTIAN;
	if (is_limited_broadcast(&dst) || (is_zero(&src) && is_zero(&dst))) {
		f->route.type = PKTT_ROUTE_BROADCAST;
		if (src.byte[0] != 0 && router_is_own(f->replay->config.router, &src))
			return WAY_MARTIAN;
		return WAY_DELIVER;
	}
	if (src.byte[0] == 0 || dst.byte[0] == 0)
		return WAY_MARTIAN;
	if (router_addr_is_loopback(&src) || router_addr_is_loopback(&dst))
		return WAY_MARTIAN;
	return route_by_table(f, &src, &dst);
}

/* Addresses of a link are looked up on it only. */
static enum way route_ipv6(struct flight *f)
{
	struct pktt_addr dst = pktt_packet_dst(f->pkt);
	const struct pktt_iface *link = router_addr_is_link_local(&dst) ? f->pkt->in : NULL;

	if (router_addr_is_multicast(&dst))
		return is_joined(f, &dst) ? WAY_DELIVER : WAY_NOWHERE;
	if (route_input(f, &dst, link) < 0)
		return WAY_UNREACHABLE;
	if (f->route.type != PKTT_ROUTE_UNICAST)
		return WAY_DELIVER;
	return f->replay->config.settings->forwarding ? WAY_FORWARD : WAY_NOWHERE;
}

static bool has_options(const struct pktt_packet *pkt)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, 1);

	return ip && (*ip & 15) > 5;
}

/* ip_error(): a host that does not forward keeps quiet in IPv4. */
static enum pktt_verdict unreachable(struct flight *f, uint8_t type)
{
	if (f->replay->config.settings->forwarding || f->pkt->l3_family == PKTT_IPV6)
		path_error(f, type, NO_ROUTE, 0);
	return path_drop(f, PKTT_REASON_NO_ROUTE);
}

/*
 * tcp_v4_early_demux(), tcp_v6_early_demux(): every TCP header is read in one, before the route is
 * known. Pieces that it goes across are one from then on.
 */
static void demux_early(struct pktt_packet *pkt)
{
	enum { TCP = 6, TCP_LEN = 20 };

	if (pkt->pieces && pkt->protocol == TCP && pkt->pieces->size[0] < TCP_LEN &&
	    pktt_packet_read(pkt, PKTT_L4, 0, TCP_LEN))
		pkt->pieces->is_linear = true;
}

/* ip_sabotage_in(): not a second time for what came over a bridge. */
static enum pktt_verdict pre_routing(struct flight *f, path_step *next)
{
	if (f->is_prerouted)
		return next(f);
	return path_hook(f, PKTT_PRE_ROUTING, f->pkt->in, NULL, next);
}

/* ip_rcv_finish() */
static enum pktt_verdict go_on_ipv4(struct flight *f)
{
	enum way way;

	if (!f->is_prerouted)
		demux_early(f->pkt);
	way = route_ipv4(f);
	if (way == WAY_MARTIAN)
		return path_drop(f, PKTT_REASON_MARTIAN);
	if (way == WAY_NOWHERE)
		return path_drop(f, PKTT_REASON_NO_ROUTE);
	/* Linux knows the way before it reads the options, and writes its address into them. */
	if (has_options(f->pkt) && ipv4_options_receive(f) < 0)
		return path_drop(f, PKTT_REASON_OPTIONS);
	if (way == WAY_UNREACHABLE)
		return unreachable(f, UNREACHABLE_V4);
	return way == WAY_DELIVER ? path_deliver(f) : path_forward_ipv4(f);
}

enum pktt_verdict path_receive_ipv4(struct flight *f)
{
	if (f->pkt->pkttype == PKTT_PKT_OTHERHOST)
		return path_drop(f, PKTT_REASON_OTHERHOST);
	if (pktt_packet_parse_ip(f->pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	return pre_routing(f, go_on_ipv4);
}

/*
 * ip6_rcv_core(): what RFC 4291 (2.5.3, 2.7 and erratum 3480) forbids on a wire: loopback
 * addresses, groups of scope 0 and 1, groups as sources.
 */
static bool is_martian_ipv6(const struct pktt_packet *pkt)
{
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);

	if (router_addr_is_loopback(&src) || router_addr_is_loopback(&dst))
		return true;
	if (router_addr_is_multicast(&dst) && (dst.byte[1] & 15) <= 1)
		return true;
	return router_addr_is_multicast(&src);
}

static bool has_hop_by_hop(const struct pktt_packet *pkt)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, 40);

	return ip && ip[6] == 0;
}

/* ip6_rcv_finish() */
static enum pktt_verdict go_on_ipv6(struct flight *f)
{
	if (!f->is_prerouted)
		demux_early(f->pkt);
	switch (route_ipv6(f)) {
	case WAY_FORWARD:
		return path_forward_ipv6(f);
	case WAY_DELIVER:
		return path_deliver(f);
	case WAY_UNREACHABLE:
		return unreachable(f, UNREACHABLE_V6);
	case WAY_MARTIAN:
		return path_drop(f, PKTT_REASON_MARTIAN);
	case WAY_NOWHERE:
		break;
	}
	return path_drop(f, PKTT_REASON_NO_ROUTE);
}

enum pktt_verdict path_receive_ipv6(struct flight *f)
{
	if (f->pkt->pkttype == PKTT_PKT_OTHERHOST)
		return path_drop(f, PKTT_REASON_OTHERHOST);
	if (pktt_packet_parse_ip(f->pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	if (is_martian_ipv6(f->pkt))
		return path_drop(f, PKTT_REASON_MARTIAN);
	if (has_hop_by_hop(f->pkt) && ipv6_options_receive(f) < 0)
		return path_drop(f, PKTT_REASON_OPTIONS);
	return pre_routing(f, go_on_ipv6);
}

enum pktt_verdict path_receive_arp(struct flight *f)
{
	if (f->pkt->pkttype == PKTT_PKT_OTHERHOST)
		return path_drop(f, PKTT_REASON_OTHERHOST);
	if (pktt_packet_parse_ip(f->pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	return path_deliver(f);
}

/*
 * vlan_do_receive(): a tagged frame belongs to the interface NAME.ID if there is one. Otherwise
 * Linux takes it for somebody else's, unless the tag carries a priority only.
 */
static void enter_vlan(struct flight *f)
{
	struct pktt_packet *pkt = f->pkt;
	unsigned int id = pkt->vlan_tci & VLAN_ID;
	char name[sizeof(pkt->in->name) + 8];
	const struct pktt_iface *vlan;

	if (!pkt->has_vlan || id == 0)
		return;
	snprintf(name, sizeof(name), "%s.%u", pkt->in->name, id);
	vlan = router_iface(f->replay->config.router, name);
	if (!vlan) {
		pkt->pkttype = PKTT_PKT_OTHERHOST;
		return;
	}
	pkt->in = vlan;
	pkt->has_vlan = false;
}

enum pktt_verdict path_receive(struct flight *f)
{
	enter_vlan(f);
	switch (f->pkt->ethertype) {
	case ETHERTYPE_IPV4:
		return path_receive_ipv4(f);
	case ETHERTYPE_IPV6:
		return path_receive_ipv6(f);
	case ETHERTYPE_ARP:
		return path_receive_arp(f);
	}
	return path_drop(f, PKTT_REASON_NO_HANDLER);
}
