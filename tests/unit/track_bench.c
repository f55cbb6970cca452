/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "datapath/replay/craft.h"
#include "track_bench.h"

void track_bench_init(struct track_bench *t, const struct ct_settings *settings)
{
	static const char rules[] = "*nat\n-A PREROUTING -s 192.0.2.254 -j ACCEPT\nCOMMIT\n";

	memset(t, 0, sizeof(*t));
	engine_bench_init(&t->b);
	assert_int_equal(conntrack_attach(t->b.engine, settings, NULL), 0);
	t->ct = conntrack_of(t->b.engine);
	assert_int_equal(engine_bench_load(&t->b, PKTT_IPV4, rules, 0), 0);
	assert_int_equal(engine_bench_load(&t->b, PKTT_IPV6,
					   "*nat\n-A PREROUTING -s ::9 -j ACCEPT\nCOMMIT\n", 0),
			 0);
	t->now = START;
	conntrack_advance(t->ct, t->now);
}

void track_bench_fini(struct track_bench *t)
{
	pktt_packet_free(&t->last);
	engine_bench_fini(&t->b);
}

void track_bench_pass(struct track_bench *t, uint64_t ns)
{
	t->now += ns;
	conntrack_advance(t->ct, t->now);
}

uint64_t track_bench_counter(const struct track_bench *t, enum ct_count what)
{
	uint64_t all[CT_COUNT_COUNT];

	conntrack_counters(t->ct, all);
	return all[what];
}

uint32_t track_bench_entries(const struct track_bench *t)
{
	struct conndb_stats stats;

	conndb_stats(conntrack_db(t->ct), &stats);
	assert_int_equal(stats.unconfirmed, 0);
	assert_int_equal(stats.dying, 0);
	return stats.connections;
}

struct pktt_packet *track_bench_craft(struct track_bench *t, const char *line)
{
	struct pktt_packet *pkt = NULL;
	struct craft_where where;

	if (craft_packet(&pkt, &where, line, NULL))
		fail_msg("cannot craft %s", line);
	t->b.env.generation = pktt_engine_generation(t->b.engine);
	pkt->env = &t->b.env;
	pkt->in = &t->b.in;
	pkt->out = &t->b.out;
	pkt->time_ns = t->now;
	pkt->ct_template = t->template;
	return pkt;
}

enum pktt_verdict track_bench_forward(struct track_bench *t, struct pktt_packet *pkt)
{
	enum pktt_verdict v = pktt_hook_run(t->b.engine, pkt, PKTT_PRE_ROUTING);

	if (v == PKTT_ACCEPT && t->drops)
		return PKTT_DROP;
	return v == PKTT_ACCEPT ? pktt_hook_run(t->b.engine, pkt, PKTT_POST_ROUTING) : v;
}

int track_bench_send(struct track_bench *t, const char *line)
{
	struct pktt_packet *pkt = track_bench_craft(t, line);
	uint8_t *buf = pkt->buf; /* a datagram that was put together has another */
	enum pktt_verdict v = track_bench_forward(t, pkt);
	int ret = v == PKTT_ACCEPT || t->drops ? (int)pkt->ct_info : TRACK_BENCH_DROPPED;

	conntrack_packet_done(pkt);
	pkt->buf = buf;
	pktt_packet_free(&t->last);
	t->last = pkt;
	return ret;
}

static struct ct_tuple tuple_of(struct track_bench *t, const char *line)
{
	struct pktt_packet *pkt = track_bench_craft(t, line);
	struct ct_tuple ret;

	assert_true(ct_tuple_of_packet(pkt, &ret));
	pktt_packet_free(&pkt);
	return ret;
}

struct conn *track_bench_look(struct track_bench *t, const char *line)
{
	struct ct_tuple tuple = tuple_of(t, line);
	enum ct_dir dir;
	struct conn *conn = conndb_find(conntrack_db(t->ct), &tuple, ct_ms(t->now), &dir),
		    *ret = conn;

	if (conn)
		conn_put(conntrack_db(t->ct), &conn);
	return ret;
}

uint32_t track_bench_seconds(struct track_bench *t, const char *line)
{
	return conn_timeout_left(track_bench_look(t, line), ct_ms(t->now)) / 1000;
}
