/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections and expectations on the bus: ctnetlink.
 *
 * Overview: a request is decoded into a view (wire/ct.h), carried out by the manipulation interface
 * (conntrack/query.h), and answered from a view. Events come out of the dirty queues when the bus' thread
 * drains them: a connection's latest state, once, as one message that all subscribers share. While nobody
 * listens tracking queues nothing.
 *
 * What a program does is told with its port, as the kernel does it: what had happened before is told
 * first, then the request is carried out, then what it did is told.
 *
 * Synchronization: all of it is the bus' thread's. Expectations are told by whoever makes them, in any
 * thread, so what there is to tell travels to the bus by nfnl_post().
 */
#include "bus/sub_ct_own.h"

#include "conntrack/event.h"
#include "conntrack/view.h"
#include "core/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- Messages ----------------------------------------------------------------------------------- */

struct nlmsghdr *sub_ct_message(struct sub_ct *sub, const struct ct_view *v, uint16_t type,
				uint16_t flags, enum ct_order order)
{
	struct nlmsghdr *nlh = nfnl_begin(sub->bus, CT_WIRE_ROOM, SUB_CT_TYPE(type), flags,
					  ct_wire_family(v->tuple[0].family), 0);

	if (nlh && ct_encode(nlh, CT_WIRE_ROOM, v, order))
		return NULL;
	return nlh;
}

struct nlmsghdr *sub_ct_expect_message(struct sub_ct *sub, const struct ct_expect_view *v,
				       uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = nfnl_begin(sub->bus, CT_WIRE_ROOM, SUB_CT_EXP_TYPE(type), flags,
					  ct_wire_family(v->tuple.family), 0);

	if (nlh && ct_expect_encode(nlh, CT_WIRE_ROOM, v))
		return NULL;
	return nlh;
}

/* --- Events of connections ------------------------------------------------------------------------ */

/* How one of these bits is told. */
struct telling {
	uint32_t group;
	uint16_t type, flags;
	enum ct_order order;
};

static const struct telling *telling_of(uint32_t events)
{
	static const struct telling destroyed = { NFNLGRP_CONNTRACK_DESTROY, IPCTNL_MSG_CT_DELETE,
						  0, CT_ORDER_DESTROY };
	static const struct telling created = { NFNLGRP_CONNTRACK_NEW, IPCTNL_MSG_CT_NEW,
						NLM_F_CREATE | NLM_F_EXCL, CT_ORDER_EVENT };
	static const struct telling updated = { NFNLGRP_CONNTRACK_UPDATE, IPCTNL_MSG_CT_NEW, 0,
						CT_ORDER_EVENT };

	if (events & CT_EVENT_DESTROY)
		return &destroyed;
	if (events & (CT_EVENT_NEW | CT_EVENT_RELATED))
		return &created;
	return events ? &updated : NULL;
}

static void tell_as(struct sub_ct *sub, struct conn *conn, uint32_t events)
{
	const struct telling *t = telling_of(events);
	struct nlmsghdr *nlh;
	struct ct_view v;

	if (!t || !nfnl_group_is_heard(sub->bus, t->group))
		return;
	conn_view(sub->ct, conn, &v);
	conn_view_event(&v, events);
	nlh = sub_ct_message(sub, &v, t->type, t->flags, t->order);
	if (!nlh)
		return;
	nlh->nlmsg_pid = sub->port;
	nfnl_multicast(sub->bus, t->group, nlh);
}

/* Who came and went while nobody looked is told twice: that it came, and that it went. */
static void tell_conn(void *ctx, struct conn *conn, uint32_t events)
{
	uint32_t born = CT_EVENT_NEW | CT_EVENT_RELATED;

	if (events & CT_EVENT_DESTROY && events & born)
		tell_as(ctx, conn, events & ~(uint32_t)CT_EVENT_DESTROY);
	tell_as(ctx, conn, events);
}

void sub_ct_drain(struct sub_ct *sub)
{
	unsigned int workers = pktt_engine_config(conntrack_engine(sub->ct))->workers;

	if (!sub->hears_conns)
		return;
	for (unsigned int i = 0; i < workers; i++)
		(void)conntrack_drain(sub->ct, i, 0);
}

int sub_ct_carry_out(struct sub_ct *sub, struct nfnl_request *req,
		     int (*change)(struct sub_ct *sub, struct nfnl_request *req, struct ct_view *v,
				   struct pktt_error *err),
		     struct pktt_error *err)
{
	struct ct_view v;
	int r = ct_decode(req->nlh, &v, err);

	if (r)
		return r;
	if (sub->hears_conns)
		(void)conntrack_drain(sub->ct, 0, 0);
	sub->port = nfnl_peer_port(req->peer);
	r = change(sub, req, &v, err);
	if (sub->hears_conns)
		(void)conntrack_drain(sub->ct, 0, 0);
	sub->port = 0;
	return r;
}

/* --- Events of expectations ------------------------------------------------------------------------ */

struct expect_note {
	struct sub_ct *sub;
	struct ct_expect_view view;
	bool is_new;
};

static void tell_note(void *ctx)
{
	struct expect_note *note = ctx;
	uint32_t group = note->is_new ? NFNLGRP_CONNTRACK_EXP_NEW : NFNLGRP_CONNTRACK_EXP_DESTROY;
	struct nlmsghdr *nlh;

	nlh = sub_ct_expect_message(note->sub, &note->view,
				    note->is_new ? IPCTNL_MSG_EXP_NEW : IPCTNL_MSG_EXP_DELETE,
				    note->is_new ? NLM_F_CREATE | NLM_F_EXCL : 0);
	if (nlh)
		nfnl_multicast(note->sub->bus, group, nlh);
	free(note);
}

/* In any thread, with expectations locked. */
static void tell_expect(void *ctx, const struct expect *expect, uint32_t events)
{
	struct sub_ct *sub = ctx;
	struct expect_note *note = malloc(sizeof(*note));

	if (!note)
		return;
	note->sub = sub;
	note->is_new = events & CT_EXPECT_EVENT_NEW;
	expect_view(sub->ct, expect, &note->view);
	if (nfnl_post(sub->bus, tell_note, note))
		free(note);
}

/* --- Listening --------------------------------------------------------------------------------------- */

static bool is_any_heard(const struct nfnl *bus, uint32_t first, uint32_t last)
{
	for (uint32_t group = first; group <= last; group++)
		if (nfnl_group_is_heard(bus, group))
			return true;
	return false;
}

/* Tracking works for listeners only while there are any. */
static void heard(void *ctx, uint32_t group, bool is_heard)
{
	struct sub_ct *sub = ctx;
	struct ct_listener listener = { .ctx = sub };
	bool conns = is_any_heard(sub->bus, NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_DESTROY);
	bool expects =
		is_any_heard(sub->bus, NFNLGRP_CONNTRACK_EXP_NEW, NFNLGRP_CONNTRACK_EXP_DESTROY);

	(void)group;
	(void)is_heard;
	if (conns == sub->hears_conns && expects == sub->hears_expects)
		return;
	sub_ct_drain(sub);
	conntrack_unlisten(sub->ct, sub);
	sub->hears_conns = conns;
	sub->hears_expects = expects;
	listener.conn = conns ? tell_conn : NULL;
	listener.expect = expects ? tell_expect : NULL;
	if (conns || expects)
		(void)conntrack_listen(sub->ct, &listener);
}

/* --- Life --------------------------------------------------------------------------------- */

static const struct nfnl_call conn_calls[] = {
	[IPCTNL_MSG_CT_NEW] = { "CT_NEW", PKTT_RIGHT_ALL, NULL, 0, sub_ct_run_new },
	[IPCTNL_MSG_CT_GET] = { "CT_GET", PKTT_RIGHT_VIEW, NULL, 0, sub_ct_run_get },
	[IPCTNL_MSG_CT_DELETE] = { "CT_DELETE", PKTT_RIGHT_ALL, NULL, 0, sub_ct_run_delete },
	[IPCTNL_MSG_CT_GET_CTRZERO] = { "CT_GET_CTRZERO", PKTT_RIGHT_ALL, NULL, 0,
					sub_ct_run_zero },
	[IPCTNL_MSG_CT_GET_STATS_CPU] = { "CT_GET_STATS_CPU", PKTT_RIGHT_VIEW, NULL, 0,
					  sub_ct_run_stats_cpu },
	[IPCTNL_MSG_CT_GET_STATS] = { "CT_GET_STATS", PKTT_RIGHT_VIEW, NULL, 0, sub_ct_run_stats },
	[IPCTNL_MSG_CT_GET_DYING] = { "CT_GET_DYING", PKTT_RIGHT_VIEW, NULL, 0,
				      sub_ct_run_nothing },
	[IPCTNL_MSG_CT_GET_UNCONFIRMED] = { "CT_GET_UNCONFIRMED", PKTT_RIGHT_VIEW, NULL, 0,
					    sub_ct_run_nothing },
};

static const struct nfnl_call expect_calls[] = {
	[IPCTNL_MSG_EXP_NEW] = { "EXP_NEW", PKTT_RIGHT_ALL, NULL, 0, sub_ct_run_expect_new },
	[IPCTNL_MSG_EXP_GET] = { "EXP_GET", PKTT_RIGHT_VIEW, NULL, 0, sub_ct_run_expect_get },
	[IPCTNL_MSG_EXP_DELETE] = { "EXP_DELETE", PKTT_RIGHT_ALL, NULL, 0,
				    sub_ct_run_expect_delete },
	[IPCTNL_MSG_EXP_GET_STATS_CPU] = { "EXP_GET_STATS_CPU", PKTT_RIGHT_VIEW, NULL, 0,
					   sub_ct_run_expect_stats },
};

static void fill_in(struct sub_ct *sub)
{
	sub->conns = (struct nfnl_subsys){
		.name = "ctnetlink",
		.id = NFNL_SUBSYS_CTNETLINK,
		.ncalls = IPCTNL_MSG_MAX,
		.call = conn_calls,
		.ctx = sub,
		.heard = heard,
	};
	sub->expects = (struct nfnl_subsys){
		.name = "ctnetlink-exp",
		.id = NFNL_SUBSYS_CTNETLINK_EXP,
		.ncalls = IPCTNL_MSG_EXP_MAX,
		.call = expect_calls,
		.ctx = sub,
	};
}

int sub_ct_new(struct sub_ct **ret, struct nfnl *bus, struct conntrack *ct, unsigned int worker,
	       struct pktt_error *err)
{
	struct sub_ct *sub = calloc(1, sizeof(*sub));
	int r;

	if (!sub)
		return pktt_fail(err, -ENOMEM, "no memory for the connections' subsystem");
	sub->bus = bus;
	sub->ct = ct;
	sub->worker = worker;
	fill_in(sub);
	r = sub_ct_sweep_new(sub);
	if (r == 0)
		r = nfnl_register(bus, &sub->conns);
	if (r == 0)
		r = nfnl_register(bus, &sub->expects);
	if (r) {
		sub_ct_free(&sub);
		return pktt_fail(err, r, "the connections' subsystem cannot be registered");
	}
	*ret = sub;
	return 0;
}

/* The bus is gone by now; what its timer had left to sweep is expired, and goes by itself. */
void sub_ct_free(struct sub_ct **psub)
{
	struct sub_ct *sub = *psub;

	*psub = NULL;
	if (!sub)
		return;
	nfnl_timer_free(&sub->sweep);
	if (sub->hears_conns || sub->hears_expects)
		conntrack_unlisten(sub->ct, sub);
	free(sub);
}
