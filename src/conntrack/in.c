/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every packet's way in: its tuple, its connection or a new one, and what its protocol makes of it.
 *
 * A packet that has a connection already keeps it: an answer of ours that was attached to what it
 * answers, and what passes the hooks a second time, over the loopback.
 */
#include "conntrack/event.h"
#include "conntrack/own.h"

#include <netinet/in.h>

/* A tuple that is used again is looked up anew, once: what comes then is new. */
#define REPEAT_MAX 4

struct visit {
	struct ct_meet meet;
	struct ct_zone zone;
	struct ct_tuple tuple;
	const struct ct_template *template;
	const struct ct_l4proto *proto;
};

uint64_t ct_packet_clock(struct conntrack *ct, const struct pktt_packet *pkt)
{
	uint64_t now = __atomic_load_n(&ct->now_ns, __ATOMIC_RELAXED);

	while (now < pkt->time_ns &&
	       !__atomic_compare_exchange_n(&ct->now_ns, &now, pkt->time_ns, true, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED))
		;
	return now < pkt->time_ns ? pkt->time_ns : now;
}

static struct ct_zone zone_of(const struct pktt_packet *pkt, const struct ct_template *t)
{
	if (!t || !t->zone_dirs)
		return (struct ct_zone){ 0, CT_ZONE_BOTH };
	return (struct ct_zone){ t->zone_is_mark ? (uint16_t)pkt->mark : t->zone, t->zone_dirs };
}

/*
 * A zone of one direction leaves the other in zone 0, so a connection counts only if the direction that
 * was found is in the zone that the packet's would be.
 */
static struct conn *find_as(struct conntrack *ct, struct ct_tuple *tuple,
			    const struct ct_zone *zone, uint32_t now_ms, enum ct_dir *dir)
{
	struct conn *conn = conndb_find(ct->db, tuple, now_ms, dir);

	if (conn && ct_zone_of(zone, *dir) != tuple->zone)
		conn_put(ct->db, &conn);
	if (!conn)
		*dir = CT_ORIGINAL; /* of whatever is made in its place */
	return conn;
}

struct conn *ct_find_in_zone(struct conntrack *ct, const struct ct_tuple *tuple,
			     const struct ct_zone *zone, uint32_t now_ms, enum ct_dir *dir)
{
	struct ct_tuple t = *tuple;
	struct conn *conn;

	t.zone = ct_zone_of(zone, CT_ORIGINAL);
	conn = find_as(ct, &t, zone, now_ms, dir);
	if (conn || ct_zone_of(zone, CT_REPLY) == t.zone)
		return conn;
	t.zone = ct_zone_of(zone, CT_REPLY);
	return find_as(ct, &t, zone, now_ms, dir);
}

static enum pktt_ct_info info_of(const struct conn *conn, enum ct_dir dir)
{
	uint32_t status = conn_status(conn);

	if (dir == CT_REPLY)
		return PKTT_CT_ESTABLISHED_REPLY;
	if (status & CT_SEEN_REPLY)
		return PKTT_CT_ESTABLISHED;
	return status & CT_EXPECTED ? PKTT_CT_RELATED : PKTT_CT_NEW;
}

/* The connection of the tuple, found or made. meet.conn stays NULL where nothing could answer it. */
static int resolve(struct visit *v)
{
	struct ct_meet *m = &v->meet;
	struct ct_new new = { m->ct, m->pkt, v->template, &v->zone, m->now_ms };
	int r = 0;

	m->conn = ct_find_in_zone(m->ct, &v->tuple, &v->zone, m->now_ms, &m->dir);
	if (m->conn) {
		ct_count(m->ct, m->pkt->env->worker, CT_COUNT_FOUND);
	} else {
		/* One of another zone may have been met, the other way round. */
		m->dir = CT_ORIGINAL;
		r = ct_conn_new(&new, &v->tuple, &m->conn);
	}
	if (m->conn) {
		m->info = info_of(m->conn, m->dir);
		m->timeouts = ct_timeouts_of(m->ct, m->conn);
	}
	return r;
}

static enum pktt_verdict be_invalid(struct visit *v, enum ct_count why)
{
	ct_count(v->meet.ct, v->meet.pkt->env->worker, why);
	v->meet.pkt->ct_info = PKTT_CT_INVALID;
	return PKTT_ACCEPT;
}

static enum pktt_verdict drop(struct visit *v)
{
	ct_count(v->meet.ct, v->meet.pkt->env->worker, CT_COUNT_DROP);
	return pktt_packet_drop(v->meet.pkt, PKTT_REASON_CONNTRACK);
}

static enum pktt_verdict take(struct visit *v)
{
	struct ct_meet *m = &v->meet;

	if (m->info == PKTT_CT_ESTABLISHED_REPLY && conn_set_status(m->conn, CT_SEEN_REPLY))
		ct_event(m->ct, m->pkt->env->worker, m->conn, CT_EVENT_REPLY);
	m->pkt->ct = m->conn;
	m->pkt->ct_info = m->info;
	return PKTT_ACCEPT;
}

static enum pktt_verdict meet(struct visit *v)
{
	struct ct_meet *m = &v->meet;
	enum ct_judge judge = CT_REPEAT;

	for (int i = 0; judge == CT_REPEAT && i < REPEAT_MAX; i++) {
		if (resolve(v))
			return drop(v);
		if (!m->conn)
			return be_invalid(v, CT_COUNT_INVALID);
		judge = v->proto->packet(m);
		if (judge != CT_OK)
			conn_put(m->ct->db, &m->conn);
	}
	if (judge == CT_OK)
		return take(v);
	be_invalid(v, CT_COUNT_INVALID);
	return judge == CT_DROP ? drop(v) : PKTT_ACCEPT;
}

static enum pktt_verdict track(struct visit *v)
{
	struct pktt_packet *pkt = v->meet.pkt;
	bool has_tuple = ct_tuple_of_packet(pkt, &v->tuple);
	bool is_icmp =
		pkt->protocol == (pkt->l3_family == PKTT_IPV6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);

	if (pkt->has_l4 && !pkt->frag_off && is_icmp)
		switch (ct_icmp_in(&v->meet, &v->zone)) {
		case CT_ICMP_TRACK:
			break;
		case CT_ICMP_DONE:
			return PKTT_ACCEPT;
		case CT_ICMP_BAD:
			return be_invalid(v, CT_COUNT_ERROR);
		}
	if (!has_tuple)
		return be_invalid(v, CT_COUNT_INVALID);
	ct_gre_complete(v->meet.ct, &v->tuple);
	v->proto = ct_l4proto_of(v->tuple.family, v->tuple.protocol);
	return meet(v);
}

enum pktt_verdict ct_hook_in(struct pktt_packet *pkt, enum pktt_hook hook)
{
	struct conntrack *ct = conntrack_of(pkt->engine);
	struct visit v = {
		.meet = { .ct = ct, .pkt = pkt, .settings = &ct->settings },
		.template = pkt->ct_template,
	};

	(void)hook;
	if (pkt->ct || pkt->ct_info == PKTT_CT_UNTRACKED)
		return PKTT_ACCEPT;
	v.meet.now_ms = ct_ms(ct_packet_clock(ct, pkt));
	v.zone = zone_of(pkt, v.template);
	pkt->ct_template = NULL;
	return track(&v);
}
