/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets of this machine: a frame is taken from its way at an interface, and goes the whole way at once.
 * What came in meets every hook to its end, so that where it leaves nobody asks again; what this host
 * sends, or forwards from an interface that is not ours, begins where it is about to leave.
 */
#include <errno.h>
#include <stdlib.h>

#include "conntrack/conntrack.h"
#include "core/l3.h"
#include "path.h"

enum { ETHERTYPE_ARP = 0x0806 };

/* The kernel has routed it, and has chosen its neighbour. */
static void set_route(struct flight *f, const struct pktt_iface *out)
{
	bool is_lo = out == router_loopback(f->replay->config.router);

	f->route = (struct pktt_route){
		.type = is_lo ? PKTT_ROUTE_LOCAL : PKTT_ROUTE_UNICAST,
		.out = out,
		.mtu = out->mtu,
	};
	f->oif = out;
	f->is_linked = true;
}

static enum pktt_verdict leave_here(struct flight *f, const struct pktt_iface *out)
{
	struct pktt_packet *pkt = f->pkt;

	pkt->pkttype = PKTT_PKT_HOST;
	pkt->is_local = true;
	if (pkt->ethertype == ETHERTYPE_ARP)
		return path_output_arp(f, out);
	if (pktt_packet_parse_ip(pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	set_route(f, out);
	return path_output_routed(f);
}

static enum pktt_verdict run(struct flight *f, const struct replay_frame *frame)
{
	struct pktt_packet *pkt = f->pkt;

	if (!pktt_l3_by_ethertype(pkt->ethertype))
		return path_drop(f, PKTT_REASON_NO_HANDLER);
	pkt->in = frame->in;
	if (!frame->out)
		return path_receive(f);
	if (!frame->in)
		return leave_here(f, frame->out);
	set_route(f, frame->out);
	return path_forwarded(f);
}

static void ask_for_trace(struct replay *replay, struct pktt_packet *pkt)
{
	const struct replay_live *live = replay->config.live;
	const struct pktt_l3 *l3 = pktt_l3_by_ethertype(pkt->ethertype);
	struct pktt_packet look = *pkt;

	if (l3 && l3->parse(&look) == 0)
		pkt->trace = live->wants_trace(live->ctx, &look);
}

int replay_frame(struct replay *replay, struct replay_frame *frame, uint64_t now_ns)
{
	struct pktt_packet *pkt = &frame->pkt;
	struct flight f = { .replay = replay, .pkt = pkt };
	struct record *own = calloc(1, sizeof(*own));

	if (!own)
		return -ENOMEM;
	own->is_real = true;
	own->waiting = 1;
	replay->record = own;
	pkt->env = &replay->env;
	pkt->engine = replay->config.engine;
	pkt->time_ns = replay_time(replay, now_ns);
	pkt->in = frame->in;
	pkt->out = frame->out;
	ask_for_trace(replay, pkt);
	run(&f, frame);
	conntrack_packet_done(pkt);
	wait_record_put(replay, own);
	return 0;
}

void replay_set_router(struct replay *replay, const struct router *router)
{
	replay->config.router = router;
}

unsigned int replay_waiting(const struct replay *replay)
{
	return replay->nparked;
}
