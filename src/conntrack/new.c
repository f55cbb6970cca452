/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection for the first packet of a tuple: room made for it in a full table, its master found
 * among the expectations, or its helper by the rule that said one. Linux's init_conntrack().
 */
#include "conntrack/event.h"
#include "conntrack/expect.h"
#include "conntrack/helper.h"
#include "conntrack/own.h"

#include <errno.h>

/* Who is looked at for one to go, when the table is full. */
#define NEAR 32u

/* Whom it hurts least: what has expired, what was never answered well, what its protocol gives away. */
enum rank { EXPIRED, UNASSURED, GIVEN_AWAY, KEPT };

static enum rank rank_of(const struct conn *conn, uint32_t now_ms)
{
	const struct ct_l4proto *proto = ct_l4proto_of(conn->family, conn->protocol);

	if (conn_is_expired(conn, now_ms))
		return EXPIRED;
	if (!(conn_status(conn) & CT_ASSURED))
		return UNASSURED;
	return proto->may_drop_early && proto->may_drop_early(conn) ? GIVEN_AWAY : KEPT;
}

/* Take one out for another. false = all that were looked at are worth keeping. */
static bool make_room(const struct ct_new *new, const struct ct_tuple *tuple)
{
	struct conn *near[NEAR];
	unsigned int n = conndb_near(new->ct->db, tuple, near, NEAR), best = 0;
	enum rank lowest = KEPT;
	bool ret;

	for (unsigned int i = 0; i < n; i++) {
		enum rank rank = rank_of(near[i], new->now_ms);

		if (rank < lowest) {
			lowest = rank;
			best = i;
		}
	}
	ret = lowest < KEPT && conntrack_kill(new->ct, new->pkt->env->worker, near[best]);
	for (unsigned int i = 0; i < n; i++)
		conn_put(new->ct->db, &near[i]);
	return ret;
}

static struct conn *alloc(const struct ct_new *new, const struct ct_tuple tuple[2])
{
	struct conndb *db = new->ct->db;
	unsigned int worker = new->pkt->env->worker;
	struct conn *conn = conndb_alloc(db, &tuple[0], &tuple[1], new->zone->dirs);

	if (conn || errno != ENOSPC)
		return conn;
	if (make_room(new, &tuple[0])) {
		ct_count(new->ct, worker, CT_COUNT_EARLY_DROP);
		conn = conndb_alloc(db, &tuple[0], &tuple[1], new->zone->dirs);
	}
	if (!conn)
		ct_count(new->ct, worker, CT_COUNT_TABLE_FULL);
	return conn;
}

/* Before it may take another's place in the table. false = the source has as many as it may. */
static bool take_source(const struct ct_new *new, const struct ct_tuple *original)
{
	if (!new->ct->settings.source_max || ct_source_take(new->ct, original))
		return true;
	ct_count(new->ct, new->pkt->env->worker, CT_COUNT_SOURCE_FULL);
	return false;
}

/* Counted for its source, and in the table's memory. */
static int alloc_counted(const struct ct_new *new, const struct ct_tuple tuple[2],
			 struct conn **ret)
{
	bool is_counted = new->ct->settings.source_max;

	if (!take_source(new, &tuple[CT_ORIGINAL]))
		return -ENOSPC;
	*ret = alloc(new, tuple);
	if (*ret)
		(*ret)->is_counted = is_counted;
	else if (is_counted)
		ct_source_give(new->ct, &tuple[CT_ORIGINAL]);
	return *ret ? 0 : -ENOMEM;
}

/* What the rule said before, and time stamps. */
static int fill_ext(const struct ct_new *new, struct conn *conn)
{
	const struct ct_template *t = new->template;
	bool has_template = t && (t->timeout || t->has_events || t->is_synproxy);
	struct conn_ext *ext;

	if (!has_template && !new->ct->settings.timestamp)
		return 0;
	ext = conn_extend(conn);
	if (!ext)
		return -ENOMEM;
	if (has_template) {
		ext->timeout = t->timeout;
		ext->has_events = t->has_events;
		ext->event_mask = t->event_mask;
		ext->expect_mask = t->expect_mask;
		ext->has_synproxy = t->is_synproxy;
	}
	return 0;
}

static int be_expected(const struct ct_new *new, struct conn *conn, struct expect *expect)
{
	struct conn_ext *ext = conn_extend(conn);
	int r = 0;

	if (!ext)
		return -ENOMEM;
	conn_set_status(conn, CT_EXPECTED);
	if (conn_get(expect->master))
		ext->master = expect->master;
	if (expect->helper)
		r = conn_set_helper(new->ct, conn, expect->helper);
	conn->mark = conn_mark(expect->master);
	ct_count(new->ct, new->pkt->env->worker, CT_COUNT_EXPECT_NEW);
	if (r == 0 && expect->expected)
		expect->expected(new->pkt, conn, expect);
	return r;
}

/* An expectation holds in its master's zone, whatever directions that is the zone of. */
static struct expect *find_expect(const struct ct_new *new, const struct ct_tuple *original)
{
	struct ct_tuple t = *original;

	t.zone = new->zone->id;
	return expect_count(new->ct) ? expect_find(new->ct, &t, true) : NULL;
}

static int find_master(const struct ct_new *new, struct conn *conn, const struct ct_tuple *original)
{
	struct expect *expect = find_expect(new, original);
	int r = 0;

	if (expect) {
		r = be_expected(new, conn, expect);
		expect_put(&expect);
	} else if (new->template &&new->template->helper) {
		conn_set_status(conn, CT_HELPER);
		r = conn_set_helper(new->ct, conn, new->template->helper);
	}
	return r;
}

int ct_conn_new(const struct ct_new *new, const struct ct_tuple *tuple, struct conn **ret)
{
	struct ct_tuple both[2] = { *tuple };
	struct conn *conn;
	int r;

	*ret = NULL;
	if (!ct_tuple_invert(&both[CT_REPLY], tuple))
		return 0;
	both[CT_ORIGINAL].zone = ct_zone_of(new->zone, CT_ORIGINAL);
	both[CT_REPLY].zone = ct_zone_of(new->zone, CT_REPLY);
	r = alloc_counted(new, both, &conn);
	if (r)
		return r;
	r = fill_ext(new, conn);
	if (r == 0)
		r = find_master(new, conn, &both[CT_ORIGINAL]);
	if (r) {
		conn_put(new->ct->db, &conn);
		return r;
	}
	ct_count(new->ct, new->pkt->env->worker, CT_COUNT_NEW);
	*ret = conn;
	return 0;
}
