/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing a port and taking it are one step: threads that compete for the ports of one address get
 * every one of them, and none twice. Run it under TSan as well.
 */
#include "nat/nat.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/engine.h"

enum { THREADS = 4, PORTS = 64512, SHARE = PORTS / THREADS };

struct shared {
	struct pktt_engine *engine;
	struct conntrack *ct;
	bool comes_and_goes;
};

struct worker {
	struct pktt_env env; /* first */
	struct shared *shared;
	unsigned int number;
	uint64_t random;
	struct conn *conn[SHARE];
	unsigned int given, refused, clashed;
};

static uint32_t draw(struct pktt_env *env)
{
	struct worker *w = (struct worker *)(void *)env;

	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(w->random >> 32);
}

static const struct pktt_env_ops ops = { .random = draw };

static struct conn *client(struct worker *w, uint32_t n)
{
	struct conndb *db = conntrack_db(w->shared->ct);
	struct ct_tuple t = { .family = PKTT_IPV4, .protocol = 17, .dport = htons(53) }, reply;
	uint32_t addr = htonl(0x0a000000 + w->number * 0x100000 + n);
	struct conn *conn;

	memcpy(t.src, &addr, sizeof(addr));
	memcpy(t.dst, "\xc6\x33\x64\x50", 4);
	t.sport = htons((uint16_t)(1024 + n % 1000));
	ct_tuple_invert(&reply, &t);
	conn = conndb_alloc(db, &t, &reply, CT_ZONE_BOTH);
	if (conn)
		conn_set_timeout(conn, ct_ms(conntrack_time_ns(w->shared->ct)), 1000000);
	return conn;
}

/* Bound and confirmed; a connection that was bound never meets another in the table. */
static struct conn *enter(struct worker *w, uint32_t n)
{
	struct nat_range range = { .flags = NAT_MAP_IPS, .min = { 4, { 192, 0, 2, 1 } } };
	struct pktt_packet pkt = { .env = &w->env, .engine = w->shared->engine };
	struct conndb *db = conntrack_db(w->shared->ct);
	struct conn *conn = client(w, n);

	range.max = range.min;
	if (!conn)
		return NULL;
	if (nat_setup(&pkt, conn, &range, NAT_SRC) != PKTT_ACCEPT) {
		w->refused++;
		conn_put(db, &conn);
		return NULL;
	}
	w->given++;
	if (conndb_insert(db, conn, ct_ms(conntrack_time_ns(w->shared->ct)), NULL))
		w->clashed++;
	return conn;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct conndb *db = conntrack_db(w->shared->ct);

	for (uint32_t n = 0; n < SHARE; n++) {
		w->conn[n] = enter(w, n);
		if (w->shared->comes_and_goes && draw(&w->env) % 4 == 0 && w->conn[n]) {
			conntrack_kill(w->shared->ct, w->number, w->conn[n]);
			conn_put(db, &w->conn[n]);
		}
		if (n % 256 == 0)
			conndb_quiescent(db, w->number);
	}
	return NULL;
}

static void run(bool comes_and_goes, unsigned int total[3])
{
	static struct worker worker[THREADS];
	static const struct pktt_engine_config config = { .workers = THREADS, .seed = 5 };
	struct shared s = { .comes_and_goes = comes_and_goes };
	pthread_t thread[THREADS];

	assert_int_equal(pktt_engine_new(&s.engine, &config, NULL), 0);
	assert_int_equal(conntrack_attach(s.engine, NULL, NULL), 0);
	assert_int_equal(nat_attach(s.engine, NULL), 0);
	s.ct = conntrack_of(s.engine);
	conntrack_advance(s.ct, UINT64_C(1000000000000));
	memset(worker, 0, sizeof(worker));
	for (unsigned int i = 0; i < THREADS; i++) {
		worker[i].env = (struct pktt_env){ .ops = &ops, .worker = i };
		worker[i].shared = &s;
		worker[i].number = i;
		worker[i].random = i + 1;
		assert_int_equal(pthread_create(&thread[i], NULL, work, &worker[i]), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		total[0] += worker[i].given;
		total[1] += worker[i].refused;
		total[2] += worker[i].clashed;
		for (unsigned int n = 0; n < SHARE; n++)
			if (worker[i].conn[n])
				conn_put(conntrack_db(s.ct), &worker[i].conn[n]);
	}
	pktt_engine_free(&s.engine);
}

static void test_all_ports_once(void **state)
{
	unsigned int total[3] = { 0 };

	(void)state;
	run(false, total);
	assert_int_equal(total[0], PORTS);
	assert_int_equal(total[1], 0);
	assert_int_equal(total[2], 0);
}

static void test_ports_that_come_and_go(void **state)
{
	unsigned int total[3] = { 0 };

	(void)state;
	run(true, total);
	assert_int_equal(total[0], PORTS);
	assert_int_equal(total[1], 0);
	assert_int_equal(total[2], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_ports_once),
		cmocka_unit_test(test_ports_that_come_and_go),
	};

	return cmocka_run_group_tests_name("nat_threads", tests, NULL, NULL);
}
