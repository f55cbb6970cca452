/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that programs hand in, and packets that come back from programs.
 *
 * Overview: a PACKET message becomes a job for the worker that the datapath names; the result comes back
 * through the bus' mailbox, and the peer, if it is still there, gets it. Verdicts of queues take the way
 * of jobs as well.
 *
 * Synchronization: functions named up_* run in workers; the others in the control thread.
 */
#include "daemon/daemon.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/str.h"
#include "core/change.h"
#include "core/env.h"
#include "daemon/journal.h"
#include "datapath/replay/replay.h"
#include "datapath/replay/report.h"

enum { IFACE_MAX = 16, WAITING_MAX = 16384, TEXT_PIECE = 32768 };

/* A frame that was handed in, until it has been answered. */
struct handed {
	struct worker_job job;
	struct datapath_frame frame;
	char interface[IFACE_MAX];
	uint32_t port;
	struct nlmsghdr request; /* its header, for the acknowledgement */
	pid_t pid;
	struct replay_result *result;
	uint8_t data[];
};

/* --- Answers ---------------------------------------------------------------------------------- */

/* The peer that asked, unless it has gone; its port is not given again soon, its process says the rest. */
static struct nfnl_peer *peer_of(const struct handed *h)
{
	struct nfnl_peer *peer = NULL;

	while ((peer = nfnl_peer_next(pkttd.bus, peer)))
		if (nfnl_peer_port(peer) == h->port && nfnl_peer_who(peer)->pid == h->pid)
			return peer;
	return NULL;
}

static void number_rule(struct replay_result *r)
{
	struct pktt_rule *rule = NULL;

	if (r->where.is_there && !r->where.is_policy)
		rule = pktt_rule_by_handle(pkttd.engine, r->where.handle);
	if (rule)
		r->where.number = pktt_rule_position(rule);
}

/* One text may be larger than an attribute: it comes in pieces, in order. */
static void put_text(struct nlmsghdr *nlh, size_t room, const struct str *text)
{
	for (size_t at = 0; at < text->len; at += TEXT_PIECE) {
		size_t len = text->len - at < TEXT_PIECE ? text->len - at : TEXT_PIECE;

		mnl_attr_put_check(nlh, room, PKTTA_TEXT, len, text->data + at);
	}
}

static void answer(struct nfnl_peer *peer, const struct handed *h, const struct replay_result *r)
{
	struct str json = STR_INIT, line = STR_INIT;
	struct nlmsghdr *nlh;

	report_json(r, &json);
	report_text(r, &line);
	nlh = nfnl_begin(pkttd.bus, json.len + line.len + 4096,
			 PKTT_SUBSYS_RULES << 8 | PKTT_MSG_PACKET, 0, 0, 0);
	if (nlh && !json.failed) {
		size_t room = nfnl_room(pkttd.bus);

		mnl_attr_put_u32_check(nlh, room, PKTTA_VERDICT, htonl(r->verdict));
		mnl_attr_put_u32_check(nlh, room, PKTTA_NUMBER, htonl((uint32_t)r->number));
		put_text(nlh, room, &json);
		mnl_attr_put_strz_check(nlh, room, PKTTA_NAME, str_text(&line));
		nfnl_send(peer, nlh, h->request.nlmsg_seq);
	}
	str_fini(&json);
	str_fini(&line);
}

static void answer_later(void *ctx)
{
	struct handed *h = ctx;
	struct nfnl_peer *peer = peer_of(h);
	struct pktt_error err = { 0 };

	if (!h->result)
		pktt_fail(&err, -ENOMEM, "no memory for a packet");
	if (peer && h->result) {
		number_rule(h->result);
		answer(peer, h, h->result);
	}
	if (peer)
		nfnl_answer(peer, &h->request, &err);
	replay_result_free(&h->result);
	free(h);
}

static void up_done(void *ctx, void *user, struct replay_result *result)
{
	struct handed *h = user;

	(void)ctx;
	h->result = result;
	if (nfnl_post(pkttd.bus, answer_later, h)) {
		replay_result_free(&h->result);
		free(h);
	}
}

/* --- Frames in -------------------------------------------------------------------------------- */

static void judge(struct worker_job *job, const struct datapath_ops *ops, void *worker)
{
	struct handed *h = pktt_container_of(job, struct handed, job);

	if (ops->judge(worker, &h->frame, h))
		up_done(NULL, h, NULL);
}

static uint32_t u32_of(const struct nfnl_request *req, enum pktt_attr attr, uint32_t otherwise)
{
	return req->attr[attr] ? ntohl(mnl_attr_get_u32(req->attr[attr])) : otherwise;
}

static struct handed *handed_new(const struct nfnl_request *req)
{
	const struct nlattr *data = req->attr[PKTTA_DATA];
	uint16_t len = mnl_attr_get_payload_len(data);
	struct handed *h = calloc(1, sizeof(*h) + len);

	if (!h)
		return NULL;
	memcpy(h->data, mnl_attr_get_payload(data), len);
	strcpy(h->interface, mnl_attr_get_str(req->attr[PKTTA_IFACE]));
	h->port = nfnl_peer_port(req->peer);
	h->pid = nfnl_peer_who(req->peer)->pid;
	h->request = *req->nlh;
	h->request.nlmsg_len = sizeof(h->request);
	h->job.run = judge;
	h->frame = (struct datapath_frame){
		.interface = h->interface,
		.linktype = u32_of(req, PKTTA_KIND, 1),
		.data = h->data,
		.len = len,
		.wire_len = u32_of(req, PKTTA_LENGTH, 0),
		.number = u32_of(req, PKTTA_NUMBER, 0),
		.time_ns = daemon_now_ns(),
	};
	if (req->attr[PKTTA_TIME])
		h->frame.time_ns = be64toh(mnl_attr_get_u64(req->attr[PKTTA_TIME]));
	return h;
}

int packets_call(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	const char *name;
	struct handed *h;

	(void)ctx;
	if (!req->attr[PKTTA_DATA] || !req->attr[PKTTA_IFACE])
		return pktt_fail(err, -EINVAL, "PACKET needs DATA and IFACE");
	name = mnl_attr_get_str(req->attr[PKTTA_IFACE]);
	if (!pkttd.ops->has_interface(pkttd.datapath, name))
		return pktt_fail(err, -ENODEV, "pkttd has no interface %.20s", name);
	if (workers_waiting(pkttd.workers) > WAITING_MAX)
		return pktt_fail(err, -ENOBUFS, "too many packets wait for a worker");
	h = handed_new(req);
	if (!h)
		return pktt_fail(err, -ENOMEM, "no memory for a packet");
	pkttd.injected++;
	workers_post(pkttd.workers,
		     pkttd.ops->worker_of(pkttd.datapath, &h->frame, workers_count(pkttd.workers)),
		     &h->job);
	return 1;
}

/* --- Packets of queues ------------------------------------------------------------------------ */

struct resumed {
	struct worker_job job;
	struct pktt_packet *pkt;
	struct sub_queue_verdict verdict;
	uint8_t data[];
};

static void go_on(struct worker_job *job, const struct datapath_ops *ops, void *worker)
{
	struct resumed *r = pktt_container_of(job, struct resumed, job);

	ops->resume(worker, r->pkt, &r->verdict);
	free(r);
}

void packets_resume(void *ctx, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict)
{
	static const struct sub_queue_verdict drop = { .verdict = PKTT_DROP };
	size_t len = verdict->data ? verdict->len : 0;
	struct resumed *r = malloc(sizeof(*r) + len);

	(void)ctx;
	/* pkttd ends, and the packet with it. */
	if (!pkttd.workers) {
		free(r);
		return;
	}
	/* Without memory for the answer the packet can still be dropped, once there is some. */
	while (!r) {
		verdict = &drop;
		len = 0;
		r = malloc(sizeof(*r));
	}
	r->job.run = go_on;
	r->pkt = pkt;
	r->verdict = *verdict;
	if (verdict->data) {
		memcpy(r->data, verdict->data, len);
		r->verdict.data = r->data;
	}
	workers_post(pkttd.workers, pkt->env->worker, &r->job);
}

static bool up_queue(void *ctx, struct pktt_packet *pkt, bool *passes)
{
	(void)ctx;
	return sub_queue_packet(pkttd.queues, pkt, passes);
}

/* --- What rules tell -------------------------------------------------------------------------- */

static void up_advance(void *ctx, uint64_t now_ns)
{
	(void)ctx;
	daemon_advance(now_ns);
}

static bool up_wants_trace(void *ctx, const struct pktt_packet *pkt)
{
	(void)ctx;
	return sub_pktt_wants_trace(pkttd.rules, pkt);
}

static void up_step(void *ctx, const struct pktt_step *step)
{
	(void)ctx;
	sub_pktt_step(pkttd.rules, step);
}

static void up_nflog(void *ctx, const struct pktt_nflog *log)
{
	(void)ctx;
	sub_ulog_packet(pkttd.logs, log);
}

static void up_log(void *ctx, const struct pktt_log *log)
{
	struct journal_field field[] = {
		{ "PKTT_GENERATION", NULL, log->pkt->env->generation },
		{ "PKTT_IN", log->pkt->in ? log->pkt->in->name : "", 0 },
		{ "PKTT_OUT", log->pkt->out ? log->pkt->out->name : "", 0 },
	};

	(void)ctx;
	journal_packet(log->level, field, pktt_countof(field), log->text);
	sub_ulog_line(pkttd.logs, log);
}

static void up_interface(void *ctx, const char *name, const char *why)
{
	(void)ctx;
	if (why)
		journal_say(LOG_ERR, "%s: %s", name, why);
	else
		journal_say(LOG_INFO, "%s: packets are judged", name);
}

const struct datapath_upcalls packets_upcalls = {
	.interface = up_interface,
	.queue = up_queue,
	.done = up_done,
	.advance = up_advance,
	.wants_trace = up_wants_trace,
	.step = up_step,
	.log = up_log,
	.nflog = up_nflog,
};
