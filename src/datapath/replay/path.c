/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all ways have in common: hooks, drops, errors, packets of our own. */
#include "path.h"

#include "base/own.h"
#include "conntrack/conntrack.h"
#include "core/reply_icmp.h"

enum pktt_verdict path_drop(struct flight *f, enum pktt_reason reason)
{
	f->pkt->decision = (struct pktt_decision){ .reason = reason };
	return PKTT_DROP;
}

/* Packets that targets make meanwhile have flights of their own, within this one. */
static enum pktt_verdict run_hook(struct flight *f, enum pktt_hook hook, path_step *next)
{
	struct replay *replay = f->replay;
	struct flight *outer = replay->flight;
	enum pktt_verdict v;

	f->next = next;
	f->has_hook = true;
	replay->flight = f;
	v = pktt_hook_run(replay->config.engine, f->pkt, hook);
	replay->flight = outer;
	return v;
}

enum pktt_verdict path_hook(struct flight *f, enum pktt_hook hook, const struct pktt_iface *in,
			    const struct pktt_iface *out, path_step *next)
{
	enum pktt_verdict v;

	f->pkt->in = in;
	f->pkt->out = out;
	v = run_hook(f, hook, next);
	if (f->is_queued)
		v = wait_for_program(f);
	return v == PKTT_ACCEPT ? next(f) : v;
}

enum pktt_verdict path_ask(struct flight *f, enum pktt_hook hook, const struct pktt_iface *in,
			   const struct pktt_iface *out)
{
	f->pkt->in = in;
	f->pkt->out = out;
	return run_hook(f, hook, NULL);
}

static enum pktt_verdict delivered(struct flight *f)
{
	const struct replay_host *host = f->replay->config.host;

	if (host && f->replay->record->is_real)
		host->deliver(host->ctx, f->pkt);
	return PKTT_ACCEPT;
}

int path_route(struct replay *replay, const struct pktt_route_query *q, struct pktt_route *ret)
{
	const struct replay_host *host = replay->config.host;

	if (host)
		return host->route(host->ctx, q, ret);
	return router_lookup(replay->config.router, &q->dst, q->oif, ret);
}

uint32_t path_size(const struct pktt_packet *pkt)
{
	return pkt->segment_len ? pkt->segment_len : pktt_packet_wire_len(pkt);
}

enum pktt_verdict path_deliver(struct flight *f)
{
	return path_hook(f, PKTT_LOCAL_IN, f->pkt->in, NULL, delivered);
}

void path_error(struct flight *f, uint8_t type, uint8_t code, uint32_t info)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *reply = NULL;

	if (pktt_reply_icmp_error(&reply, f->pkt, type, code, info) == 0)
		path_made(f->replay, reply, f->pkt);
}

/* An ICMP error that Linux limits the rate of: all but those of path MTU discovery. */
static bool is_limited(const struct pktt_packet *reply)
{
	const uint8_t *icmp = pktt_packet_read(reply, PKTT_L4, 0, 2);

	if (!icmp)
		return false;
	if (reply->l3_family == PKTT_IPV4)
		return reply->protocol == 1 && !(icmp[0] == 3 && icmp[1] == 4);
	return reply->protocol == 58 && !(icmp[0] & 0x80) && icmp[0] != 2;
}

void path_made(struct replay *replay, struct pktt_packet *pkt, const struct pktt_packet *cause)
{
	struct flight f = {
		.replay = replay,
		.pkt = pkt,
		.kind = FLIGHT_MADE,
		.is_reply = true,
	};
	struct pktt_addr dst = pktt_packet_dst(pkt);

	if (replay->depth == PATH_DEPTH_MAX)
		return;
	if (replay->ratelimit && is_limited(pkt) &&
	    !ratelimit_allows(replay->ratelimit, &dst, pkt->time_ns))
		return;
	/* An address of a link says nothing without the link. */
	if (router_addr_is_link_local(&dst))
		f.oif = cause->in ? cause->in : cause->out;
	/* Linux's nf_ct_attach(): our answers are related to what they answer, confirmed or not. */
	if (!pkt->ct)
		conntrack_packet_attach(pkt, cause);
	replay->depth++;
	path_output(&f);
	replay->depth--;
	conntrack_packet_done(pkt);
}
