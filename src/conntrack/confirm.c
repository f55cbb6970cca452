/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last hook of a packet: the helper reads it, its sequence numbers are adjusted, and a new
 * connection enters the table. What a rule dropped on the way never comes here and leaves nothing.
 */
#include "conntrack/event.h"
#include "conntrack/expect.h"
#include "conntrack/helper.h"
#include "conntrack/own.h"

#include <errno.h>
#include <netinet/in.h>

#define ARPHRD_LOOPBACK 772

/* Where an answer is expected per packet, two first packets at once are nobody's fault. */
static bool may_clash(const struct conn *conn)
{
	return conn->protocol == IPPROTO_UDP || conn->protocol == IPPROTO_UDPLITE ||
	       conn->protocol == IPPROTO_GRE;
}

static bool is_same(const struct conn *a, enum ct_dir a_first, const struct conn *b)
{
	struct ct_tuple one, other;

	conn_tuple(a, a_first, &one);
	conn_tuple(b, CT_ORIGINAL, &other);
	if (!ct_tuple_equal(&one, &other))
		return false;
	conn_tuple(a, a_first == CT_ORIGINAL ? CT_REPLY : CT_ORIGINAL, &one);
	conn_tuple(b, CT_REPLY, &other);
	return ct_tuple_equal(&one, &other);
}

/* The packet's bytes were counted with the connection that lost; they belong to the one that won. */
static void merge_counters(struct conntrack *ct, struct conn *winner, struct conn *loser)
{
	struct ct_counter *from = &loser->counter[CT_ORIGINAL], *to = &winner->counter[CT_ORIGINAL];

	if (!ct->settings.acct)
		return;
	__atomic_fetch_add(&to->packets, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&to->bytes, from->bytes, __ATOMIC_RELAXED);
}

static bool may_merge(const struct conn *winner, const struct conn *loser)
{
	if (conn_is_dying(winner))
		return false;
	return !(conn_status(winner) & CT_NAT_DONE_MASK) || is_same(winner, CT_ORIGINAL, loser) ||
	       is_same(winner, CT_REPLY, loser);
}

/*
 * NAT has promised the packet another way than the one before it: both go theirs. This one's answer is
 * let in for a second; who asks again goes the other's.
 */
static bool stand_beside(struct conntrack *ct, struct conn *loser, uint32_t now_ms)
{
	conn_set_timeout(loser, now_ms, 1000);
	conn_set_status(loser, CT_FIXED_TIMEOUT);
	return conndb_insert_reply(ct->db, loser, now_ms) == 0;
}

/* Another packet's connection came first: nf_ct_resolve_clash(). Takes the winner's reference. */
static enum pktt_verdict resolve_clash(struct conntrack *ct, struct pktt_packet *pkt,
				       struct conn *winner, uint32_t now_ms)
{
	struct conn *loser = pkt->ct;
	bool is_solved = may_clash(loser);

	if (is_solved && may_merge(winner, loser)) {
		merge_counters(ct, winner, loser);
		conn_put(ct->db, &pkt->ct);
		pkt->ct = winner;
	} else {
		is_solved = is_solved && stand_beside(ct, loser, now_ms);
		conn_put(ct->db, &winner);
	}
	if (is_solved) {
		ct_count(ct, pkt->env->worker, CT_COUNT_CLASH_RESOLVE);
		return PKTT_ACCEPT;
	}
	ct_count(ct, pkt->env->worker, CT_COUNT_DROP);
	ct_count(ct, pkt->env->worker, CT_COUNT_INSERT_FAILED);
	return pktt_packet_drop(pkt, PKTT_REASON_CONNTRACK);
}

/* What listeners hear of a connection that is new. */
static void tell(struct conntrack *ct, const struct pktt_packet *pkt, struct conn *conn)
{
	const struct conn_ext *ext = conn->ext;
	uint32_t events = ext && ext->master ? CT_EVENT_RELATED : CT_EVENT_NEW;

	if (ext && ext->helper)
		events |= CT_EVENT_HELPER;
	ct_event(ct, pkt->env->worker, conn, events);
}

static enum pktt_verdict insert(struct conntrack *ct, struct pktt_packet *pkt)
{
	uint32_t now_ms = ct_ms(ct_packet_clock(ct, pkt));
	struct conn *other = NULL;
	int r;

	if (conn_is_dying(pkt->ct)) {
		ct_count(ct, pkt->env->worker, CT_COUNT_INSERT_FAILED);
		return pktt_packet_drop(pkt, PKTT_REASON_CONNTRACK);
	}
	if (ct->settings.timestamp && pkt->ct->ext)
		pkt->ct->ext->start_ns = conntrack_time_ns(ct);
	r = conndb_insert(ct->db, pkt->ct, now_ms, &other);
	if (r == -EEXIST && other)
		return resolve_clash(ct, pkt, other, now_ms);
	if (r) {
		ct_count(ct, pkt->env->worker, CT_COUNT_INSERT_FAILED);
		return pktt_packet_drop(pkt, PKTT_REASON_CONNTRACK);
	}
	ct_count(ct, pkt->env->worker, CT_COUNT_INSERT);
	tell(ct, pkt, pkt->ct);
	return PKTT_ACCEPT;
}

static enum pktt_verdict confirm(struct conntrack *ct, struct pktt_packet *pkt)
{
	if (conn_is_confirmed(pkt->ct) || ct_packet_dir(pkt) == CT_REPLY)
		return PKTT_ACCEPT;
	return insert(ct, pkt);
}

/*
 * Without a rule, if the settings want it: by the port that answers, which NAT may have changed; so here
 * rather than when the packet came.
 */
static void assign_helper(struct conntrack *ct, struct conn *conn)
{
	const struct ct_helper *helper;
	struct ct_tuple reply;

	if (!ct->settings.helper || conn_is_confirmed(conn) ||
	    conn_status(conn) & (CT_EXPECTED | CT_HELPER) || conn_helper(conn))
		return;
	conn_tuple(conn, CT_REPLY, &reply);
	helper = ct_helper_by_port(&reply);
	if (helper)
		conn_set_helper(ct, conn, helper);
}

static bool is_loopback(const struct pktt_packet *pkt)
{
	return pkt->in && pkt->in->arphrd == ARPHRD_LOOPBACK;
}

static enum pktt_verdict seq_adjust(struct conntrack *ct, struct pktt_packet *pkt)
{
	if (!(conn_status(pkt->ct) & CT_SEQ_ADJUST) || is_loopback(pkt) || !ct->nat.seq_adjust ||
	    ct->nat.seq_adjust(pkt, pkt->ct, pkt->ct_info))
		return PKTT_ACCEPT;
	ct_count(ct, pkt->env->worker, CT_COUNT_DROP);
	return pktt_packet_drop(pkt, PKTT_REASON_NAT);
}

static enum pktt_verdict help(struct pktt_packet *pkt)
{
	const struct ct_helper *helper = conn_helper(pkt->ct);
	enum pktt_verdict v = helper ? helper->help(pkt, pkt->ct, pkt->ct_info) : PKTT_ACCEPT;

	return v == PKTT_DROP ? pktt_packet_drop(pkt, PKTT_REASON_HELPER) : v;
}

enum pktt_verdict ct_hook_confirm(struct pktt_packet *pkt, enum pktt_hook hook)
{
	struct conntrack *ct = conntrack_of(pkt->engine);
	enum pktt_verdict v = PKTT_ACCEPT;

	(void)hook;
	if (!pkt->ct)
		return PKTT_ACCEPT;
	assign_helper(ct, pkt->ct);
	/* An ICMP error is nothing that a helper could read. */
	if (pkt->ct_info != PKTT_CT_RELATED_REPLY && pkt->has_l4 && !pkt->frag_off) {
		v = help(pkt);
		if (v == PKTT_ACCEPT)
			v = seq_adjust(ct, pkt);
	}
	if (v == PKTT_ACCEPT)
		v = confirm(ct, pkt);
	/* What it announced on its only packet would hold it for nothing. */
	if (v != PKTT_ACCEPT && !conn_is_confirmed(pkt->ct))
		expect_remove_all(ct, pkt->ct);
	return v;
}
