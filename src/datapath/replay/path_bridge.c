/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridging: br_handle_frame() and what follows. A frame meets broute, then the bridge's own hooks;
 * it goes where its destination was last seen, or everywhere, and up to the bridge's own interface.
 *
 * A frame that is flooded has one way for each port. Its verdict is that of the last port that let
 * it out; if none did, of the way up, or of the last port that refused it.
 */
#include <string.h>

#include "base/own.h"
#include "conntrack/conntrack.h"
#include "core/l3.h"
#include "path.h"

enum { MAC = 6, HEADER = 14 };

static const uint8_t *frame_of(const struct pktt_packet *pkt)
{
	return pktt_packet_read(pkt, PKTT_L2, 0, HEADER);
}

static bool is_group(const uint8_t *mac)
{
	return mac[0] & 1;
}

static bool is_zero(const uint8_t *mac)
{
	static const uint8_t zero[MAC];

	return memcmp(mac, zero, MAC) == 0;
}

/* 01:80:c2:00:00:0X: groups that a bridge does not forward (IEEE 802.1D, 7.12.6), X or -1. */
static int reserved_group(const uint8_t *mac)
{
	static const uint8_t head[5] = { 0x01, 0x80, 0xc2, 0x00, 0x00 };

	return memcmp(mac, head, 5) == 0 && mac[5] < 16 ? mac[5] : -1;
}

static bool is_mac_of(const struct pktt_iface *iface, const uint8_t *mac)
{
	return iface->has_mac && memcmp(iface->mac, mac, MAC) == 0;
}

/* The bridge itself or a port of it: what Linux keeps as local entries of the address table. */
static bool is_own_mac(const struct flight *f, const struct pktt_iface *bridge, const uint8_t *mac)
{
	const struct pktt_iface *iface;

	for (unsigned int i = 0; (iface = router_iface_at(f->replay->config.router, i)); i++)
		if ((iface == bridge || iface->bridge == bridge) && is_mac_of(iface, mac))
			return true;
	return false;
}

static enum pktt_verdict leave(struct flight *f)
{
	const struct pktt_iface *port = f->pkt->physout;

	/* is_skb_forwardable(): a bridge cannot fragment, and leaves room for a tag. */
	if (pktt_packet_wire_len(f->pkt) > port->mtu + 4u)
		return path_drop(f, PKTT_REASON_MTU);
	result_emit_packet(f->replay, f->pkt, port, f->is_reply);
	return PKTT_ACCEPT;
}

static enum pktt_verdict post_routing_nf(struct flight *f)
{
	return path_bridge_nf(f, PKTT_POST_ROUTING, leave);
}

static enum pktt_verdict post_routing(struct flight *f)
{
	return path_hook(f, PKTT_POST_ROUTING, NULL, f->pkt->physout, post_routing_nf);
}

static enum pktt_verdict forward_nf(struct flight *f)
{
	return path_bridge_nf(f, PKTT_FORWARD, post_routing);
}

/* __br_forward() and br_forward_finish() */
static enum pktt_verdict forward_to(struct flight *f, const struct pktt_iface *port)
{
	f->pkt->physin = f->pkt->in;
	f->pkt->physout = port;
	return path_hook(f, PKTT_FORWARD, f->pkt->in, port, forward_nf);
}

/* What the way of a copy came to becomes what the frame came to. */
static void take_over(struct flight *f, const struct flight *way)
{
	f->has_hook = way->has_hook;
	f->pkt->hook = way->pkt->hook;
	f->pkt->decision = way->pkt->decision;
	f->pkt->mark = way->pkt->mark;
}

/* Ways of copies, and the best that any of them came to. */
struct spread {
	struct flight *f;
	const struct pktt_iface *in;
	enum pktt_verdict verdict;
	bool is_judged;
	bool waits; /* one of them waits for a program, and is judged when it ends */
};

static void judge(struct spread *s, const struct flight *way, enum pktt_verdict v)
{
	if (way->is_parked) {
		s->waits = true;
		return;
	}
	if (s->is_judged && s->verdict == PKTT_ACCEPT && v != PKTT_ACCEPT)
		return;
	s->is_judged = true;
	s->verdict = v;
	take_over(s->f, way);
}

static void copy_to(struct spread *s, const struct pktt_iface *port)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *copy = NULL;
	struct flight way = *s->f;
	enum pktt_verdict v;

	if (pktt_packet_copy(&copy, s->f->pkt) < 0) {
		s->f->replay->record->result.failed = true;
		return;
	}
	conntrack_packet_share(copy, s->f->pkt);
	copy->in = s->in;
	way.pkt = copy;
	way.kind = FLIGHT_WAY;
	v = forward_to(&way, port);
	conntrack_packet_done(copy);
	judge(s, &way, v);
}

/* br_flood(): Linux puts new ports at the head of its list. */
static void flood(struct spread *s)
{
	const struct router *router = s->f->replay->config.router;
	const struct pktt_iface *port;
	unsigned int n = 0;

	while (router_iface_at(router, n))
		n++;
	while (n-- > 0) {
		port = router_iface_at(router, n);
		if (port->bridge == s->in->bridge && port != s->in)
			copy_to(s, port);
	}
}

/* What is known of the ways; if all of them wait, so does the frame: it is STOLEN for now. */
static enum pktt_verdict outcome(const struct spread *s)
{
	if (s->is_judged || !s->waits)
		return s->verdict;
	s->f->is_parked = true;
	return PKTT_STOLEN;
}

/* br_pass_frame_up(): the bridge's own layer 3 has it now. */
static enum pktt_verdict passed_up(struct flight *f)
{
	const struct pktt_iface *port = f->pkt->in;

	f->pkt->in = port->bridge;
	f->pkt->physin = port;
	f->pkt->physout = NULL;
	return path_receive(f);
}

static enum pktt_verdict pass_up(struct flight *f, const struct pktt_iface *port)
{
	return path_hook(f, PKTT_LOCAL_IN, port, NULL, passed_up);
}

/* A group's frame: everywhere, and up. */
static enum pktt_verdict spread_group(struct flight *f, const struct pktt_iface *port)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *copy = NULL;
	struct spread s = { .f = f, .in = port, .verdict = PKTT_DROP };
	struct flight up = *f;
	enum pktt_verdict v;

	flood(&s);
	if (pktt_packet_copy(&copy, f->pkt) < 0) {
		f->replay->record->result.failed = true;
		return PKTT_DROP;
	}
	conntrack_packet_share(copy, f->pkt);
	up.pkt = copy;
	up.kind = FLIGHT_WAY;
	v = pass_up(&up, port);
	conntrack_packet_done(copy);
	if (!s.is_judged || s.verdict != PKTT_ACCEPT)
		judge(&s, &up, v);
	return outcome(&s);
}

/* br_handle_frame_finish() */
static enum pktt_verdict bridge_on(struct flight *f)
{
	const struct pktt_iface *port = f->pkt->physin;
	struct spread s = { .f = f, .in = port, .verdict = PKTT_DROP };
	uint64_t now = f->pkt->time_ns;
	const uint8_t *frame = frame_of(f->pkt);
	const struct pktt_iface *to;

	if (!frame)
		return path_drop(f, PKTT_REASON_MALFORMED);
	fdb_learn(f->replay->fdb, port, frame + MAC, now);
	if (is_group(frame))
		return spread_group(f, port);
	if (is_own_mac(f, port->bridge, frame))
		return pass_up(f, port);
	to = fdb_lookup(f->replay->fdb, port->bridge, frame, now);
	if (to == port)
		return path_drop(f, PKTT_REASON_NO_ROUTE);
	if (to) {
		f->pkt->in = port;
		return forward_to(f, to);
	}
	flood(&s);
	return s.is_judged || s.waits ? outcome(&s) : path_drop(f, PKTT_REASON_NO_ROUTE);
}

static enum pktt_verdict pre_routing_nf(struct flight *f)
{
	return path_bridge_nf(f, PKTT_PRE_ROUTING, bridge_on);
}

/* ebt_broute(): DROP means that the frame is routed, by the port's own layer 3. */
static bool is_routed(struct flight *f, const struct pktt_iface *port)
{
	const uint8_t *frame;

	if (path_ask(f, PKTT_BROUTING, port, NULL) == PKTT_ACCEPT)
		return false;
	frame = frame_of(f->pkt);
	if (frame && f->pkt->pkttype == PKTT_PKT_HOST && port->has_mac && !is_mac_of(port, frame) &&
	    is_mac_of(port->bridge, frame))
		f->pkt->pkttype = PKTT_PKT_OTHERHOST;
	return true;
}

enum pktt_verdict path_bridge(struct flight *f)
{
	struct pktt_packet *pkt = f->pkt;
	const struct pktt_iface *port = pkt->in;
	const uint8_t *frame = frame_of(pkt);

	if (!frame || is_group(frame + MAC) || is_zero(frame + MAC))
		return path_drop(f, PKTT_REASON_MALFORMED);
	pkt->family = PKTT_BRIDGE;
	pktt_l3_of(PKTT_BRIDGE)->parse(pkt);
	pkt->physin = port;
	if (reserved_group(frame) == 1)
		return path_drop(f, PKTT_REASON_NO_HANDLER);
	/* A frame for the link itself is the port's, and never forwarded. */
	if (reserved_group(frame) > 1)
		return path_hook(f, PKTT_LOCAL_IN, port, NULL, path_receive);
	if (is_mac_of(port->bridge, frame))
		pkt->pkttype = PKTT_PKT_HOST;
	if (is_routed(f, port))
		return path_receive(f);
	return path_hook(f, PKTT_PRE_ROUTING, port, NULL, pre_routing_nf);
}
