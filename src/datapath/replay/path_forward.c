/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forwarding: ip_forward() and ip6_forward(). The order is the kernel's: TTL, then MTU, then the
 * TTL goes down, and only then FORWARD sees the packet.
 */
#include "base/buf.h"
#include "conntrack/defrag.h"
#include "core/l3.h"
#include "path.h"

enum {
	V4_UNREACHABLE = 3,
	V4_FRAGMENTATION_NEEDED = 4,
	V4_SOURCE_ROUTE_FAILED = 5,
	V4_TIME_EXCEEDED = 11,
	V6_UNREACHABLE = 1,
	V6_NOT_NEIGHBOUR = 2,
	V6_PACKET_TOO_BIG = 2,
	V6_TIME_EXCEEDED = 3,
	V6_MTU_MIN = 1280,
	DONT_FRAGMENT = 0x4000,
};

/* rt_tos2priority(): what the queueing disciplines of Linux make of the old TOS field. */
static uint32_t tos_priority(uint8_t tos)
{
	static const uint8_t by_tos[16] = { 0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4 };

	return by_tos[tos >> 1 & 15];
}

/* ip_exceeds_mtu(), ip6_pkt_too_big(): of a datagram that came in pieces, the pieces count. */
static bool is_too_large(const struct pktt_packet *pkt, uint32_t mtu)
{
	if (path_size(pkt) <= mtu)
		return false;
	return !pkt->pieces || pkt->pieces->max_size > mtu;
}

static enum pktt_verdict after_forward(struct flight *f)
{
	if (f->opt.len)
		ipv4_options_forward(f);
	return path_post_routing(f, f->pkt->in);
}

static enum pktt_verdict forward(struct flight *f)
{
	return path_hook(f, PKTT_FORWARD, f->pkt->in, f->route.out, after_forward);
}

enum pktt_verdict path_forwarded(struct flight *f)
{
	if (pktt_packet_parse_ip(f->pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	return forward(f);
}

enum pktt_verdict path_forward_ipv4(struct flight *f)
{
	struct pktt_packet *pkt = f->pkt;
	uint8_t *ip = pktt_packet_write(pkt, PKTT_L3, 0, 20);
	uint8_t lowered[2];

	/* What came as a broadcast on the link is not for us to spread. */
	if (!ip || pkt->pkttype != PKTT_PKT_HOST)
		return path_drop(f, PKTT_REASON_OTHERHOST);
	if (ip[8] <= 1) {
		path_error(f, V4_TIME_EXCEEDED, 0, 0);
		return path_drop(f, PKTT_REASON_TTL);
	}
	if (f->opt.is_strict && f->route.via.len) {
		path_error(f, V4_UNREACHABLE, V4_SOURCE_ROUTE_FAILED, 0);
		return path_drop(f, PKTT_REASON_OPTIONS);
	}
	if (is_too_large(pkt, f->route.mtu) &&
	    (pkt->segment_len || get_be16(ip + 6) & DONT_FRAGMENT)) {
		path_error(f, V4_UNREACHABLE, V4_FRAGMENTATION_NEEDED, f->route.mtu);
		return path_drop(f, PKTT_REASON_MTU);
	}
	lowered[0] = ip[8] - 1;
	lowered[1] = ip[9];
	pktt_csum_replace(ip + 10, ip + 8, lowered, 2);
	ip[8]--;
	pkt->priority = tos_priority(ip[1]);
	return forward(f);
}

/* The security check of ip6_forward(): sources that must not leave their link. */
static bool may_leave_link(struct flight *f)
{
	struct pktt_addr src = pktt_packet_src(f->pkt);
	static const struct pktt_addr any = { .len = 16 };

	if (f->route.out == f->pkt->in)
		return true;
	if (router_addr_equal(&src, &any) || router_addr_is_multicast(&src) ||
	    router_addr_is_loopback(&src))
		return false;
	if (!router_addr_is_link_local(&src))
		return true;
	path_error(f, V6_UNREACHABLE, V6_NOT_NEIGHBOUR, 0);
	return false;
}

enum pktt_verdict path_forward_ipv6(struct flight *f)
{
	struct pktt_packet *pkt = f->pkt;
	uint8_t *ip = pktt_packet_write(pkt, PKTT_L3, 0, 40);
	uint32_t mtu = f->route.mtu < V6_MTU_MIN ? V6_MTU_MIN : f->route.mtu;

	if (!ip || pkt->pkttype != PKTT_PKT_HOST)
		return path_drop(f, PKTT_REASON_OTHERHOST);
	if (ip[7] <= 1) {
		path_error(f, V6_TIME_EXCEEDED, 0, 0);
		return path_drop(f, PKTT_REASON_TTL);
	}
	if (!may_leave_link(f))
		return path_drop(f, PKTT_REASON_MARTIAN);
	if (is_too_large(pkt, mtu)) {
		path_error(f, V6_PACKET_TOO_BIG, 0, mtu);
		return path_drop(f, PKTT_REASON_MTU);
	}
	ip[7]--;
	return forward(f);
}
