/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: a record's bytes are copied into one buffer with room for what targets insert, its link
 * header is read, and path_*.c takes it from the point where Linux would meet it: at an interface,
 * at a port of a bridge, or where this host sends.
 *
 * Synchronization: one thread; it calls replay_batch() between its quiescent states.
 */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "capture.h"
#include "capture_link.h"
#include "conntrack/conntrack.h"
#include "core/l3.h"
#include "path.h"

/* Before the frame for a link header, behind it for options and padding to grow. */
enum { HEADROOM = 64, TAILROOM = 4096 };
enum { ETHERTYPE_ARP = 0x0806 };

static int make_parts(struct replay *replay)
{
	uint32_t interval = replay->config.settings->icmp_ratelimit_ms;
	int r = fdb_new(&replay->fdb, replay->config.seed);

	if (r == 0 && interval)
		r = ratelimit_new(&replay->ratelimit, replay->config.seed, interval);
	return r;
}

static void watch_look(struct pktt_env *env, struct pktt_packet *pkt,
		       const struct pktt_chain *chain, const struct pktt_rule *rule,
		       const struct pktt_use *missed, enum pktt_hit hit)
{
	const struct replay_watch *w = replay_of(env)->config.watch;

	w->look(w->ctx, pkt, chain, rule, missed, hit);
}

static void watch_beside(struct pktt_env *env, struct pktt_packet *pkt,
			 const struct pktt_hook_fn *fn, enum pktt_verdict verdict)
{
	const struct replay_watch *w = replay_of(env)->config.watch;

	w->beside(w->ctx, pkt, fn, verdict);
}

int replay_new(struct replay **ret, const struct replay_config *config, struct pktt_error *err)
{
	PKTT_AUTO(replay_free) struct replay *replay = calloc(1, sizeof(*replay));

	if (!replay)
		return pktt_fail(err, -ENOMEM, "no memory for a replay");
	replay->config = *config;
	replay->record = &replay->own;
	replay->env.ops = &replay_env_ops;
	replay->env.worker = config->worker;
	if (config->watch && config->watch->look)
		replay->env.look = watch_look;
	if (config->watch && config->watch->beside)
		replay->env.beside = watch_beside;
	replay->random = config->seed;
	replay->ct = conntrack_of(config->engine);
	if (make_parts(replay) || tracking_watch(replay))
		return pktt_fail(err, -ENOMEM, "no memory for a replay");
	if (config->local_out)
		replay->local_out = router_iface(config->router, config->local_out);
	if (config->local_out && !replay->local_out)
		return pktt_fail(err, -ENOENT, "--local-out: there is no interface %.20s",
				 config->local_out);
	if (config->in_name && !router_iface(config->router, config->in_name))
		return pktt_fail(err, -ENOENT, "--in: there is no interface %.20s",
				 config->in_name);
	replay_batch(replay);
	*ret = pktt_take(&replay);
	return 0;
}

void replay_free(struct replay **slot)
{
	struct replay *replay = *slot;

	if (!replay)
		return;
	tracking_unwatch(replay);
	fdb_free(&replay->fdb);
	ratelimit_free(&replay->ratelimit);
	result_fini(&replay->own.result);
	free(replay->buf);
	free(replay);
	*slot = NULL;
}

void replay_batch(struct replay *replay)
{
	replay->env.generation = pktt_engine_generation(replay->config.engine);
}

/* --- A record becomes a packet ---------------------------------------------------------------- */

/* Time does not go back. */
uint64_t replay_time(struct replay *replay, uint64_t now_ns)
{
	if (now_ns > replay->last_ns)
		replay->last_ns = now_ns;
	pktt_engine_set_time(replay->config.engine, replay->last_ns);
	if (replay->config.live)
		replay->config.live->advance(replay->config.live->ctx, replay->last_ns);
	else if (replay->ct)
		conntrack_advance(replay->ct, replay->last_ns);
	return replay->last_ns;
}

/* Nor is there any before the epoch. */
static uint64_t time_of(struct replay *replay, const struct capture_record *record)
{
	return replay_time(replay, record->time_ns > 0 ? (uint64_t)record->time_ns : 0);
}

static const struct pktt_iface *iface_of(const struct replay *replay,
					 const struct capture_record *record)
{
	const struct pktt_iface *iface = NULL;

	if (replay->local_out)
		return replay->local_out;
	if (record->interface)
		iface = router_iface(replay->config.router, record->interface);
	if (!iface && replay->config.in_name)
		iface = router_iface(replay->config.router, replay->config.in_name);
	return iface;
}

static int make_room(struct replay *replay, uint32_t len)
{
	size_t need = (size_t)len + HEADROOM + TAILROOM;
	uint8_t *more;

	if (need <= replay->room)
		return 0;
	more = realloc(replay->buf, need);
	if (!more)
		return -ENOMEM;
	replay->buf = more;
	replay->room = need;
	return 0;
}

static int load(struct replay *replay, const struct capture_record *record,
		const struct capture_link *link, struct pktt_packet *pkt)
{
	if (make_room(replay, record->caplen) < 0)
		return -ENOMEM;
	memcpy(replay->buf + HEADROOM, record->data, record->caplen);
	pkt->buf = replay->buf;
	pkt->room = (uint32_t)replay->room;
	pkt->l2 = HEADROOM;
	pkt->end = HEADROOM + record->caplen;
	pkt->l3 = HEADROOM + link->l3_offset;
	pkt->ethertype = link->ethertype;
	pkt->pkttype = (uint8_t)link->pkttype;
	pkt->env = &replay->env;
	pkt->engine = replay->config.engine;
	pkt->time_ns = replay->last_ns;
	if (link->is_ethernet && pktt_packet_parse_ethernet(pkt) < 0)
		return -EINVAL;
	pkt->wire_len = record->wirelen - (pkt->l3 - HEADROOM);
	return 0;
}

/* A link header that Linux gives no packet of its own: it is gone before LOCAL_OUT. */
static enum pktt_verdict run_local(struct flight *f, const struct pktt_iface *out)
{
	struct pktt_packet *pkt = f->pkt;

	pkt->pkttype = PKTT_PKT_HOST;
	pkt->is_local = true;
	/* A capture takes what this host sends before the device has filled in checksums. */
	pkt->csum_unneeded = true;
	if (pkt->ethertype == ETHERTYPE_ARP)
		return path_output_arp(f, out);
	if (!pktt_l3_by_ethertype(pkt->ethertype))
		return path_drop(f, PKTT_REASON_NO_HANDLER);
	pkt->l2_len = 0;
	if (out != router_loopback(f->replay->config.router))
		f->oif = out;
	return path_output(f);
}

static enum pktt_verdict run(struct flight *f, const struct pktt_iface *iface)
{
	if (f->replay->local_out || iface == router_loopback(f->replay->config.router))
		return run_local(f, iface);
	if (iface->bridge)
		return path_bridge(f);
	return path_receive(f);
}

/* Whoever wants to know what came, gets a look at it before anything is done with it. */
static void describe(struct replay *replay, struct pktt_packet *pkt)
{
	const struct replay_watch *w = replay->config.watch;
	const struct replay_live *live = replay->config.live;
	struct pktt_packet look = *pkt;
	const struct pktt_l3 *l3 = pktt_l3_by_ethertype(pkt->ethertype);

	look.family = look.l3_family = PKTT_BRIDGE;
	if (l3 && l3->parse(&look) == 0)
		look.family = look.l3_family = l3->family;
	if (replay->config.describes)
		result_describe(&replay->record->result, &look);
	if (w && w->arrived && look.family != PKTT_BRIDGE)
		w->arrived(w->ctx, &look);
	pkt->trace = w && w->step;
	if (live && look.family != PKTT_BRIDGE)
		pkt->trace = live->wants_trace(live->ctx, &look);
}

/* Why a record is no packet for this router; NONE = it is one. */
static enum pktt_reason why_not(const struct replay *replay, const struct capture_record *record,
				const struct capture_link *link, int link_error)
{
	const struct pktt_iface *iface = iface_of(replay, record);

	if (record->direction == CAPTURE_OUTBOUND)
		return PKTT_REASON_OUTBOUND;
	if (link_error == -EPROTONOSUPPORT)
		return PKTT_REASON_LINKTYPE;
	if (link_error == 0 && link->pkttype == PKTT_PKT_OUTGOING)
		return PKTT_REASON_OUTBOUND;
	if (!iface)
		return PKTT_REASON_UNKNOWN_INTERFACE;
	/* A bridge needs the frame. */
	if (iface->bridge && !replay->local_out && !link->is_ethernet)
		return PKTT_REASON_LINKTYPE;
	return PKTT_REASON_NONE;
}

static const char *name_of(const struct replay *replay, const struct capture_record *record)
{
	const struct pktt_iface *iface = iface_of(replay, record);

	return iface ? iface->name : record->interface;
}

/* Of what the record became so far, where no program has it. */
static void fly(struct replay *replay, const struct capture_record *record)
{
	struct replay_result *r = &replay->record->result;
	struct capture_link link = { 0 };
	struct pktt_packet pkt = { 0 };
	struct flight f = { .replay = replay, .pkt = &pkt };
	int wrong = capture_link_parse(&link, record->linktype, record->data, record->caplen);
	enum pktt_verdict v;

	r->number = record->number;
	r->time_ns = time_of(replay, record);
	r->interface = name_of(replay, record);
	r->decision.reason = why_not(replay, record, &link, wrong);
	if (r->decision.reason != PKTT_REASON_NONE)
		return;
	pkt.in = iface_of(replay, record);
	if (wrong == 0)
		wrong = load(replay, record, &link, &pkt);
	if (wrong) {
		result_judge(&f, path_drop(&f, PKTT_REASON_MALFORMED));
		r->failed |= wrong == -ENOMEM;
		return;
	}
	describe(replay, &pkt);
	v = run(&f, pkt.in);
	if (!f.is_parked) {
		result_judge(&f, v);
		tracking_note(replay, &pkt);
	}
	conntrack_packet_done(&pkt);
}

const struct replay_result *replay_packet(struct replay *replay,
					  const struct capture_record *record)
{
	result_clear(&replay->record->result);
	replay->record->is_judged = false;
	fly(replay, record);
	return &replay->record->result;
}

/* --- Live ------------------------------------------------------------------------------------- */

int replay_submit(struct replay *replay, const struct capture_record *record, void *user)
{
	struct record *own = calloc(1, sizeof(*own));

	if (!own)
		return -ENOMEM;
	own->user = user;
	own->waiting = 1;
	replay->record = own;
	fly(replay, record);
	wait_record_put(replay, own);
	return 0;
}

void replay_advance(struct replay *replay, uint64_t now_ns)
{
	replay_time(replay, now_ns);
}
