/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Views of connections and expectations.
 *
 * Synchronization: tuples are constant, status, mark, timeout and counters are read as the atomics that
 * they are, layer 4 and the extension under conn_lock(): a view is what was true at one instant of each
 * part.
 */
#include "conntrack/view.h"

#include "conntrack/expect.h"
#include "conntrack/helper.h"
#include "conntrack/own.h"

#include <netinet/in.h>
#include <string.h>

static void see_tcp(const struct ct_tcp *tcp, struct ct_view *v)
{
	v->has |= CTV_STATE | CTV_TCP_SCALE | CTV_TCP_FLAGS_0 | CTV_TCP_FLAGS_1;
	v->state = tcp->state;
	for (unsigned int dir = 0; dir < 2; dir++) {
		v->tcp_scale[dir] = tcp->seen[dir].scale;
		v->tcp_flags[dir] = tcp->seen[dir].flags;
	}
}

static void see_l4(const struct conn *conn, struct ct_view *v)
{
	const union ct_l4 *l4 = conn_l4_const(conn);

	switch (conn->protocol) {
	case IPPROTO_TCP:
		see_tcp(&l4->tcp, v);
		break;
	case IPPROTO_SCTP:
		v->has |= CTV_STATE | CTV_SCTP_VTAG;
		v->state = l4->sctp.state;
		v->sctp_vtag[0] = ntohl(l4->sctp.vtag[0]);
		v->sctp_vtag[1] = ntohl(l4->sctp.vtag[1]);
		break;
	case IPPROTO_DCCP:
		v->has |= CTV_STATE | CTV_DCCP_ROLE;
		v->state = l4->dccp.state;
		v->dccp_role = l4->dccp.role[CT_ORIGINAL];
		v->dccp_handshake_seq = l4->dccp.handshake_seq;
		break;
	}
}

static void see_counters(const struct conn *conn, struct ct_view *v)
{
	v->has |= CTV_COUNTER_0 | CTV_COUNTER_1;
	for (unsigned int dir = 0; dir < 2; dir++) {
		const struct ct_counter *c = &conn->counter[dir];

		v->counter[dir].packets = __atomic_load_n(&c->packets, __ATOMIC_RELAXED);
		v->counter[dir].bytes = __atomic_load_n(&c->bytes, __ATOMIC_RELAXED);
	}
}

static void see_adjustments(const struct conn_ext *ext, struct ct_view *v)
{
	if (ext->has_label && (ext->label[0] | ext->label[1])) {
		v->has |= CTV_LABEL;
		memcpy(v->label, ext->label, sizeof(v->label));
	}
	if (ext->has_seqadj && v->status & CT_SEQ_ADJUST) {
		v->has |= CTV_SEQADJ_0 | CTV_SEQADJ_1;
		memcpy(v->seqadj, ext->seqadj, sizeof(v->seqadj));
	}
	if (ext->has_synproxy) {
		v->has |= CTV_SYNPROXY;
		v->synproxy = ext->synproxy;
	}
}

static void see_ext(const struct conn *conn, const struct conn_ext *ext, struct ct_view *v)
{
	const struct ct_helper *helper = conn_helper(conn);

	see_adjustments(ext, v);
	if (ext->start_ns) {
		v->has |= CTV_START | (ext->stop_ns ? CTV_STOP : 0);
		v->start_ns = ext->start_ns;
		v->stop_ns = ext->stop_ns;
	}
	if (helper) {
		v->has |= CTV_HELPER;
		strncpy(v->helper, helper->name, sizeof(v->helper) - 1);
	}
	if (ext->master) {
		v->has |= CTV_MASTER;
		v->master_id = ext->master->id;
		conn_tuple(ext->master, CT_ORIGINAL, &v->master);
	}
}

void conn_view(struct conntrack *ct, struct conn *conn, struct ct_view *ret)
{
	const struct conn_ext *ext = __atomic_load_n(&conn->ext, __ATOMIC_ACQUIRE);
	uint32_t ref = __atomic_load_n(&conn->ref, __ATOMIC_RELAXED);

	memset(ret, 0, sizeof(*ret));
	ret->has = CTV_ORIG | CTV_REPLY | CTV_STATUS | CTV_TIMEOUT | CTV_MARK | CTV_ID | CTV_USE;
	conn_tuple(conn, CT_ORIGINAL, &ret->tuple[0]);
	conn_tuple(conn, CT_REPLY, &ret->tuple[1]);
	if (conn->zone && conn->zone_dirs == CT_ZONE_BOTH) {
		ret->has |= CTV_ZONE;
		ret->zone = conn->zone;
	}
	ret->status = conn_status(conn);
	ret->timeout = conn_timeout_left(conn, ct_ms(conntrack_time_ns(ct))) / 1000;
	ret->mark = conn_mark(conn);
	ret->id = conn->id;
	ret->use = ref > 2 ? ref - 1 : 1;
	if (ct->settings.acct)
		see_counters(conn, ret);
	conn_lock(conn);
	see_l4(conn, ret);
	if (ext)
		see_ext(conn, ext, ret);
	conn_unlock(conn);
	if (conn_is(conn, CT_MADE))
		ret->has |= CTV_SYNPROXY;
	if (ct->settings.timestamp) {
		ret->has |= CTV_EVENT_TIME;
		ret->event_ns = conntrack_time_ns(ct);
	}
}

#define HAS_L4                                                                           \
	(CTV_STATE | CTV_TCP_SCALE | CTV_TCP_FLAGS_0 | CTV_TCP_FLAGS_1 | CTV_SCTP_VTAG | \
	 CTV_DCCP_ROLE)

void conn_view_event(struct ct_view *v, uint32_t events)
{
	uint64_t keep = CTV_ORIG | CTV_REPLY | CTV_ZONE | CTV_ID | CTV_STATUS | CTV_EVENT_TIME;

	if (events & CT_EVENT_DESTROY) {
		keep |= CTV_COUNTER_0 | CTV_COUNTER_1 | CTV_START | CTV_STOP | CTV_STATE;
		keep |= v->timeout ? CTV_TIMEOUT : 0;
	} else {
		keep |= CTV_TIMEOUT | CTV_HELPER;
		keep |= events & CT_EVENT_PROTOINFO ? HAS_L4 : 0;
		keep |= events & CT_EVENT_LABEL ? CTV_LABEL : 0;
		keep |= events & CT_EVENT_RELATED ? CTV_MASTER : 0;
		keep |= events & CT_EVENT_SEQADJ ? CTV_SEQADJ_0 | CTV_SEQADJ_1 : 0;
		keep |= events & CT_EVENT_SYNPROXY ? CTV_SYNPROXY : 0;
	}
	if (v->mark || events & CT_EVENT_MARK)
		keep |= CTV_MARK;
	v->has &= keep;
}

/* Where the announcement pointed to before NAT rewrote it. */
static void see_nat(const struct expect *expect, struct ct_expect_view *v)
{
	static const uint8_t any[16];

	if (!expect->saved_port && memcmp(expect->saved_addr, any, sizeof(any)) == 0)
		return;
	v->has |= CTX_NAT;
	v->nat_dir = expect->nat_dir;
	v->nat.family = expect->tuple.family;
	v->nat.protocol = expect->tuple.protocol;
	v->nat.sport = expect->saved_port;
	memcpy(v->nat.src, expect->saved_addr, sizeof(v->nat.src));
}

void expect_view(struct conntrack *ct, const struct expect *expect, struct ct_expect_view *ret)
{
	const struct ct_helper *helper = conn_helper(expect->master);

	memset(ret, 0, sizeof(*ret));
	ret->has = CTX_MASTER | CTX_TUPLE | CTX_MASK | CTX_TIMEOUT | CTX_ID | CTX_FLAGS | CTX_CLASS;
	ret->tuple = expect->tuple;
	ret->mask = expect->mask;
	ret->mask.family = expect->tuple.family;
	ret->mask.protocol = expect->tuple.protocol;
	conn_tuple(expect->master, CT_ORIGINAL, &ret->master);
	ret->master_id = expect->master->id;
	ret->timeout = expect_timeout_left(ct, expect);
	ret->id = expect->id;
	ret->flags = expect->flags;
	ret->class = expect->class;
	see_nat(expect, ret);
	if (helper) {
		ret->has |= CTX_HELPER;
		strncpy(ret->helper, helper->name, sizeof(ret->helper) - 1);
	}
}
