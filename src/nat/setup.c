/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bindings: made once for each half of a connection before it is confirmed (Linux's
 * nf_nat_setup_info()), given back when it goes.
 */
#include <errno.h>
#include <string.h>

#include "conntrack/helper.h"
#include "core/hook.h"
#include "nat/own.h"
#include "nat/portmap.h"
#include "nat/source.h"

/* Who is assigned by port has another port now. Never one that a rule or a master gave. */
static void find_helper_again(struct conntrack *ct, struct conn *conn, const struct ct_tuple *reply)
{
	const struct ct_helper *helper;

	if (!conntrack_settings(ct)->helper || conn_status(conn) & CT_HELPER ||
	    (conn->ext && conn->ext->master))
		return;
	helper = ct_helper_by_port(reply);
	if (helper != conn_helper(conn))
		conn_set_helper(ct, conn, helper);
}

/* The connection is translated: answers come to where `to` leaves from. */
static void change(struct nat_wish *wish, const struct ct_tuple *to)
{
	struct ct_tuple reply, now;

	if (!ct_tuple_invert(&reply, to))
		return;
	reply.zone = wish->reply.zone;
	conn_tuple(wish->conn, CT_REPLY, &now);
	if (!ct_tuple_equal(&reply, &now))
		conn_set_reply(wish->conn, &reply);
	conn_set_status(wish->conn, wish->kind == NAT_SRC ? CT_SRC_NAT : CT_DST_NAT);
	if (wish->kind == NAT_SRC)
		nat_source_enter(wish->nat->sources, wish->conn);
	find_helper_again(wish->nat->ct, wish->conn, &reply);
}

static enum pktt_verdict refuse(struct nat_wish *wish, int why)
{
	if (why == -ENOSPC)
		ct_count(wish->nat->ct, wish->pkt->env->worker, CT_COUNT_NO_PORT);
	return pktt_packet_drop(wish->pkt, PKTT_REASON_NAT);
}

enum pktt_verdict nat_setup(struct pktt_packet *pkt, struct conn *conn,
			    const struct nat_range *range, enum nat_kind kind)
{
	struct nat_wish wish = {
		.nat = nat_of(conntrack_of(pkt->engine)),
		.pkt = pkt,
		.conn = conn,
		.range = range,
		.kind = kind,
	};
	struct ct_tuple from, to;
	int r;

	if (conn_is_confirmed(conn))
		return PKTT_ACCEPT;
	if (conn_status(conn) & nat_done_bit(kind))
		return pktt_packet_drop(pkt, PKTT_REASON_NAT);
	conn_tuple(conn, CT_REPLY, &wish.reply);
	if (ct_tuple_invert(&from, &wish.reply)) {
		r = nat_choose(&wish, &from, &to);
		if (r < 0)
			return refuse(&wish, r);
		if (!ct_tuple_equal(&from, &to))
			change(&wish, &to);
	}
	conn_set_status(conn, nat_done_bit(kind));
	return PKTT_ACCEPT;
}

enum pktt_verdict nat_null_binding(struct pktt_packet *pkt, struct conn *conn, enum nat_kind kind)
{
	struct nat_range range = { .flags = NAT_MAP_IPS };
	struct ct_tuple reply;

	/* The reply's: a packet of this host may have been translated already. */
	conn_tuple(conn, CT_REPLY, &reply);
	range.min = kind == NAT_SRC ? ct_tuple_dst(&reply) : ct_tuple_src(&reply);
	range.max = range.min;
	return nat_setup(pkt, conn, &range, kind);
}

enum pktt_verdict nat_target(struct pktt_packet *pkt, const struct nat_range *range)
{
	if (!pkt->ct || !nat_of(conntrack_of(pkt->engine)))
		return PKTT_DROP;
	return nat_setup(pkt, pkt->ct, range, nat_kind_of(pkt->hook));
}

/* --- What the table asks for -------------------------------------------------------------------- */

int nat_bind(struct conntrack *ct, struct conn *conn, const struct ct_tuple *reply)
{
	struct ct_tuple original, plain, is = *reply;
	uint32_t status = CT_NAT_DONE_MASK;
	int r;

	conn_tuple(conn, CT_ORIGINAL, &original);
	if (!ct_tuple_invert(&plain, &original))
		return -EINVAL;
	if (memcmp(plain.dst, is.dst, sizeof(is.dst)) != 0 ||
	    *nat_portmap_port(&plain) != *nat_portmap_port(&is))
		status |= CT_SRC_NAT;
	*nat_portmap_port(&plain) = *nat_portmap_port(&is);
	if (memcmp(plain.src, is.src, sizeof(is.src)) != 0 || plain.sport != is.sport)
		status |= CT_DST_NAT;
	conn_set_reply(conn, reply);
	r = conndb_reserve_reply(conntrack_db(ct), conn, nat_now_ms(ct));
	if (r < 0)
		return r;
	conn_set_status(conn, status);
	if (status & CT_SRC_NAT)
		nat_source_enter(nat_of(ct)->sources, conn);
	return 0;
}

void nat_forget(struct conntrack *ct, struct conn *conn)
{
	struct nat *nat = nat_of(ct);
	struct ct_tuple t;

	if (!nat)
		return;
	nat_source_leave(nat->sources, conn);
	nat_masquerade_forget(nat, conn);
	/* Either direction may have been what kept a port from another. */
	conn_tuple(conn, CT_REPLY, &t);
	nat_portmap_forget(nat->portmaps, &t);
	conn_tuple(conn, CT_ORIGINAL, &t);
	nat_portmap_forget(nat->portmaps, &t);
}
