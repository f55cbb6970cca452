/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that wait for a program.
 *
 * Overview: a rule leaves a packet to a program. When its hook has been left, the packet is copied with
 * its flight, which says what comes next, and the program's queue has it. What the program says comes
 * back here, and the flight goes on behind the rule that stopped it. A record's result is whole when
 * none of its flights waits any more.
 *
 * Synchronization: everything in the thread of the replay. The queue is another's: it may have its answer
 * before we have left.
 */
#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "conntrack/conntrack.h"
#include "core/hook.h"
#include "core/l3.h"

/* Room behind a payload that a program has changed, for targets that insert. */
enum { TAILROOM = 4096 };

struct parked {
	struct pktt_packet pkt; /* first: what the queue knows of us */
	struct flight flight;
	struct record *record;
};

/* --- Going to wait ---------------------------------------------------------------------------- */

/* What the packet holds becomes the copy's, or the other way round. */
static void move_holdings(struct pktt_packet *to, struct pktt_packet *from)
{
	to->ct = pktt_take(&from->ct);
	to->ct_info = from->ct_info;
	to->ct_template = pktt_take(&from->ct_template);
	to->pieces = pktt_take(&from->pieces);
}

static struct parked *parked_new(const struct flight *f)
{
	PKTT_AUTO_FREE struct pktt_packet *copy = NULL;
	struct parked *p = calloc(1, sizeof(*p));

	if (!p || pktt_packet_copy(&copy, f->pkt) < 0) {
		free(p);
		return NULL;
	}
	p->pkt = *copy;
	p->flight = *f;
	p->flight.pkt = &p->pkt;
	p->flight.depth = f->replay->depth;
	p->record = f->replay->record;
	f->replay->nparked++;
	return p;
}

static void parked_free(struct parked *p)
{
	p->flight.replay->nparked--;
	conntrack_packet_done(&p->pkt);
	free(p->pkt.buf);
	free(p);
}

/* Once more, by the rule that said so. */
static enum pktt_verdict ask(struct flight *f, struct parked *p, bool *go_on)
{
	const struct replay_live *live = f->replay->config.live;

	p->record->waiting++;
	move_holdings(&p->pkt, f->pkt);
	if (live->queue(live->ctx, &p->pkt, go_on)) {
		f->is_parked = true;
		return PKTT_STOLEN;
	}
	p->record->waiting--;
	move_holdings(f->pkt, &p->pkt);
	parked_free(p);
	return PKTT_QUEUE;
}

static enum pktt_verdict hook_resume(struct flight *f, enum pktt_verdict verdict)
{
	struct replay *replay = f->replay;
	struct flight *outer = replay->flight;
	enum pktt_verdict v;

	replay->flight = f;
	v = pktt_hook_resume(replay->config.engine, f->pkt, verdict);
	replay->flight = outer;
	return v;
}

enum pktt_verdict wait_for_program(struct flight *f)
{
	enum pktt_verdict v = PKTT_STOLEN;

	while (f->is_queued) {
		struct parked *p = parked_new(f);
		bool go_on = false;

		f->is_queued = false;
		if (!p) {
			f->replay->record->result.failed = true;
			return path_drop(f, PKTT_REASON_TARGET);
		}
		p->flight.is_queued = false;
		v = ask(f, p, &go_on);
		if (v == PKTT_QUEUE && go_on)
			v = hook_resume(f, PKTT_ACCEPT);
	}
	/* Nobody took it: Linux drops it, by the rule that wanted somebody to. */
	return v == PKTT_QUEUE ? PKTT_DROP : v;
}

/* --- Going on --------------------------------------------------------------------------------- */

/* Names in place of rules, which may go before anybody looks. */
static void note_where(struct replay_result *r)
{
	const struct pktt_decision *d = &r->decision;
	const struct pktt_chain *chain = d->rule ? d->chain : d->base;
	struct replay_where *w = &r->where;

	if (!chain)
		return;
	w->is_there = true;
	w->is_policy = !d->rule;
	w->family = pktt_table_family(pktt_chain_table(chain));
	strcpy(w->table, pktt_table_name(pktt_chain_table(chain)));
	strcpy(w->chain, pktt_chain_name(chain));
	if (d->rule) {
		w->handle = d->rule->handle;
		memcpy(w->name, d->rule->spec->name, sizeof(w->name));
	}
	r->decision = (struct pktt_decision){ .reason = d->reason };
}

void wait_record_put(struct replay *replay, struct record *record)
{
	const struct replay_live *live = replay->config.live;
	struct replay_result *r;

	note_where(&record->result);
	if (--record->waiting)
		return;
	if (replay->record == record)
		replay->record = &replay->own;
	if (record->is_real) {
		result_fini(&record->result);
		free(record);
		return;
	}
	r = malloc(sizeof(*r));
	if (r)
		*r = record->result;
	else
		result_fini(&record->result);
	live->done(live->ctx, record->user, r);
	free(record);
}

void replay_result_free(struct replay_result **slot)
{
	if (!*slot)
		return;
	result_fini(*slot);
	free(*slot);
	*slot = NULL;
}

/* nfqnl_mangle(): the payload is another one; checksums are the program's business. */
static int replace_payload(struct pktt_packet *pkt, const uint8_t *data, size_t len)
{
	uint32_t room = pkt->l3 + (uint32_t)len + TAILROOM;
	uint8_t *more;

	if (len > 65535 + 14)
		return -EMSGSIZE;
	if (room > pkt->room) {
		more = realloc(pkt->buf, room);
		if (!more)
			return -ENOMEM;
		memset(more + pkt->room, 0, room - pkt->room);
		pkt->buf = more;
		pkt->room = room;
	}
	memcpy(pkt->buf + pkt->l3, data, len);
	pkt->end = pkt->l3 + (uint32_t)len;
	pkt->wire_len = (uint32_t)len;
	pkt->csum_right = pkt->csum_unneeded = pkt->csum_partial = false;
	return pkt->family == PKTT_BRIDGE ? 0 : pktt_packet_parse_ip(pkt);
}

static enum pktt_verdict take_verdict(struct flight *f, const struct replay_verdict *verdict)
{
	struct pktt_packet *pkt = f->pkt;

	if (verdict->has_mark)
		pkt->mark = verdict->mark;
	if (verdict->verdict == PKTT_DROP || verdict->verdict == PKTT_STOLEN)
		return verdict->verdict;
	if (verdict->data && replace_payload(pkt, verdict->data, verdict->len) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	if (verdict->verdict == PKTT_QUEUE) {
		pkt->queue.number = verdict->queue;
		f->is_queued = true;
		return wait_for_program(f);
	}
	return hook_resume(f, verdict->verdict);
}

/* The packet is at its end; a record's own says what became of it. */
static void end(struct flight *f, enum pktt_verdict v)
{
	if (f->is_parked || f->kind == FLIGHT_MADE)
		return;
	result_judge(f, v);
	if (f->kind == FLIGHT_RECORD && !f->replay->record->is_real)
		tracking_note(f->replay, f->pkt);
}

void replay_resume(struct replay *replay, struct pktt_packet *pkt,
		   const struct replay_verdict *verdict)
{
	struct parked *p = pktt_container_of(pkt, struct parked, pkt);
	struct record *record = p->record;
	struct flight *f = &p->flight;
	enum pktt_verdict v;

	replay->record = record;
	replay->depth = f->depth;
	pkt->env = &replay->env;
	v = take_verdict(f, verdict);
	if (f->is_queued)
		v = wait_for_program(f);
	if (v == PKTT_ACCEPT)
		v = f->next(f);
	end(f, v);
	replay->depth = 0;
	parked_free(p);
	wait_record_put(replay, record);
	replay->record = &replay->own;
}
