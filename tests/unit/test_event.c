/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events: coalesced, never lost, filtered by a rule's mask; a queue a worker. */
#include "ct_bench.h"

#include "base/own.h"
#include "conntrack/event.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct ct_bench bench;

/* What a listener was told. */
struct heard {
	unsigned int conns, expects;
	uint32_t events, last, expect_events;
	uint32_t ids[128];
};

static void hear(void *ctx, struct conn *conn, uint32_t events)
{
	struct heard *heard = ctx;

	heard->ids[heard->conns % 128] = conn->id;
	heard->conns++;
	heard->last = events;
	heard->events |= events;
}

static void hear_expect(void *ctx, const struct expect *expect, uint32_t events)
{
	struct heard *heard = ctx;

	assert_non_null(expect->master);
	heard->expects++;
	heard->expect_events |= events;
}

static int start(struct heard *heard)
{
	struct ct_listener listener = { hear, hear_expect, heard };

	ct_bench_start(&bench);
	return conntrack_listen(bench.ct, &listener);
}

static int setup(void **state)
{
	static struct heard heard;

	heard = (struct heard){ 0 };
	*state = &heard;
	ct_bench_init(&bench);
	return start(&heard);
}

static int setup_alone(void **state)
{
	(void)state;
	ct_bench_init(&bench);
	ct_bench_start(&bench);
	return 0;
}

static int setup_off(void **state)
{
	static struct heard heard;

	heard = (struct heard){ 0 };
	*state = &heard;
	ct_bench_init(&bench);
	bench.settings.events = false;
	return start(&heard);
}

static int teardown(void **state)
{
	(void)state;
	ct_bench_fini(&bench);
	return 0;
}

static struct conn *conn_of(uint32_t n)
{
	return ct_bench_conn(&bench, n, 0, NULL);
}

static void drop(struct conn *conn)
{
	conn_put(conntrack_db(bench.ct), &conn);
}

static unsigned int drain(void)
{
	return conntrack_drain(bench.ct, 0, 0);
}

/* The first of a connection, so that what follows is a change. */
static struct conn *known(uint32_t n)
{
	struct conn *conn = conn_of(n);

	drain();
	return conn;
}

static void tells_new_once(void **state)
{
	struct heard *heard = *state;
	struct conn *conn = conn_of(1);

	assert_int_equal(heard->conns, 0);
	assert_int_equal(drain(), 1);
	assert_int_equal(drain(), 0);
	assert_int_equal(heard->conns, 1);
	assert_int_equal(heard->ids[0], conn->id);
	assert_true(heard->last & CT_EVENT_NEW);
	assert_false(heard->last & (CT_EVENT_DESTROY | CT_EVENT_RELATED | CT_EVENT_LABEL));
	drop(conn);
}

static void burst_coalesces(void **state)
{
	struct heard *heard = *state;
	struct conn *conn[100];

	for (uint32_t i = 0; i < 100; i++)
		conn[i] = known(i + 1);
	*heard = (struct heard){ 0 };
	for (uint32_t i = 0; i < 1000000; i++)
		ct_event(bench.ct, 0, conn[i % 100], i & 1 ? CT_EVENT_MARK : CT_EVENT_PROTOINFO);
	for (uint32_t i = 0; i < 100; i++)
		ct_event(bench.ct, 0, conn[i], CT_EVENT_ASSURED);
	assert_int_equal(drain(), 100);
	assert_int_equal(heard->conns, 100);
	for (uint32_t i = 0; i < 100; i++) { /* in the order of their first change */
		assert_int_equal(heard->ids[i], conn[i]->id);
		drop(conn[i]);
	}
}

static void destroy_is_told(void **state)
{
	struct heard *heard = *state;
	struct conn *conn = known(1);

	assert_int_equal(ct_query_delete(bench.ct, conn), 0);
	assert_int_equal(ct_query_delete(bench.ct, conn), -ENOENT);
	drop(conn);
	assert_int_equal(ct_bench_live(&bench), 1); /* it waits to be told of */
	assert_int_equal(drain(), 1);
	assert_int_equal(heard->last, CT_EVENT_DESTROY);
	assert_int_equal(ct_bench_live(&bench), 0);
}

static void end_in_time_is_told(void **state)
{
	struct heard *heard = *state;

	drop(known(1));
	ct_bench_time(&bench, 700 * SECOND);
	assert_int_equal(drain(), 1);
	assert_int_equal(heard->last, CT_EVENT_DESTROY);
	assert_int_equal(ct_bench_live(&bench), 0);
}

static void came_and_went(void **state)
{
	struct heard *heard = *state;
	struct conn *conn = conn_of(1);

	assert_int_equal(ct_query_delete(bench.ct, conn), 0);
	drop(conn);
	assert_int_equal(drain(), 1);
	assert_int_equal(heard->conns, 1);
	assert_true(heard->last & CT_EVENT_NEW);
	assert_true(heard->last & CT_EVENT_DESTROY);
}

static void unconfirmed_keeps_its_bits(void **state)
{
	struct heard *heard = *state;
	struct ct_tuple t = ct_bench_tuple("10.0.0.1", "192.0.2.1", 17, 1, 53), reply;
	struct conn *conn;

	assert_true(ct_tuple_invert(&reply, &t));
	conn = conndb_alloc(conntrack_db(bench.ct), &t, &reply, CT_ZONE_BOTH);
	ct_event(bench.ct, 0, conn, CT_EVENT_MARK);
	assert_int_equal(drain(), 0);
	conn_set_timeout(conn, 0, 30000);
	assert_int_equal(conndb_insert(conntrack_db(bench.ct), conn, ct_ms(CT_BEGIN), NULL), 0);
	ct_event(bench.ct, 0, conn, CT_EVENT_NEW);
	assert_int_equal(drain(), 1);
	assert_int_equal(heard->last, CT_EVENT_NEW | CT_EVENT_MARK);
	drop(conn);
}

static void budget(void **state)
{
	struct heard *heard = *state;

	for (uint32_t i = 0; i < 10; i++)
		drop(conn_of(i + 1));
	assert_int_equal(conntrack_drain(bench.ct, 0, 4), 4);
	drop(conn_of(11));
	assert_int_equal(conntrack_drain(bench.ct, 0, 4), 4);
	assert_int_equal(conntrack_drain(bench.ct, 0, 4), 3);
	assert_int_equal(heard->conns, 11);
	for (uint32_t i = 1; i < 10; i++)
		assert_true(heard->ids[i] != heard->ids[i - 1]);
}

/* As nf_conntrack_ecache.c: one bit of the mask lets all that happened through. */
static void masks_of_rules(void **state)
{
	struct heard *heard = *state;
	struct conn *conn = known(1);
	struct conn_ext *ext = conn_extend(conn);

	ext->has_events = true;
	ext->event_mask = CT_EVENT_ASSURED;
	ct_event(bench.ct, 0, conn, CT_EVENT_MARK);
	assert_int_equal(drain(), 0);
	ct_event(bench.ct, 0, conn, CT_EVENT_ASSURED);
	assert_int_equal(drain(), 1);
	assert_int_equal(heard->last, CT_EVENT_ASSURED | CT_EVENT_MARK);
	assert_int_equal(ct_query_delete(bench.ct, conn), 0);
	assert_int_equal(drain(), 0); /* the mask has no destroy */
	drop(conn);
}

static void off_queues_nothing(void **state)
{
	struct heard *heard = *state;
	struct conn *conn = conn_of(1);

	ct_event(bench.ct, 0, conn, CT_EVENT_MARK);
	assert_int_equal(drain(), 0);
	conn_extend(conn)->has_events = true; /* unless a rule asked for it */
	conn->ext->event_mask = CT_EVENT_MARK;
	ct_event(bench.ct, 0, conn, CT_EVENT_MARK);
	assert_int_equal(drain(), 1);
	assert_int_equal(heard->conns, 1);
	drop(conn);
}

static void nobody_listens(void **state)
{
	struct heard heard = { 0 };
	struct ct_listener listener = { hear, NULL, &heard };
	struct conn *conn = conn_of(1);

	(void)state;
	assert_int_equal(ct_query_delete(bench.ct, conn), 0);
	drop(conn);
	assert_int_equal(ct_bench_live(&bench), 0); /* no queue holds it */
	assert_int_equal(conntrack_listen(bench.ct, &listener), 0);
	drop(conn_of(2));
	conntrack_unlisten(bench.ct, &heard);
	assert_int_equal(drain(), 0);
	drop(conn_of(3));
	assert_int_equal(drain(), 0);
	assert_int_equal(heard.conns, 0);
}

static void too_many_listeners(void **state)
{
	struct heard heard = { 0 };
	struct ct_listener listener = { hear, NULL, &heard };
	int r = 0;

	(void)state;
	for (unsigned int i = 0; i < 100 && r == 0; i++)
		r = conntrack_listen(bench.ct, &listener);
	assert_int_equal(r, -ENOSPC);
	drop(conn_of(1));
	assert_int_equal(drain(), 1);
	assert_true(heard.conns > 1); /* each of them */
}

static void expectations_at_once(void **state)
{
	struct heard *heard = *state;
	struct conn *conn = ct_bench_conn(&bench, 1, CT_HAS_HELPER, ct_bench_helper());
	struct expect *expect = expect_new(bench.ct, conn);
	struct ct_tuple t = ct_bench_tuple("192.0.2.1", "192.0.2.1", 6, 0, 0);
	struct pktt_addr to = ct_tuple_dst(&t);
	uint16_t port = PORT(99);

	expect_init(expect, CLASS_ANY, NULL, &to, 6, NULL, &port);
	assert_int_equal(expect_related(bench.ct, expect), 0);
	assert_int_equal(heard->expect_events, CT_EXPECT_EVENT_NEW);
	conn_extend(conn)->has_events = true;
	conn->ext->expect_mask = CT_EXPECT_EVENT_NEW;
	expect_unrelate(bench.ct, expect);
	assert_int_equal(heard->expects, 1);
	conn->ext->expect_mask = CT_EXPECT_EVENT_DESTROY;
	assert_int_equal(expect_related(bench.ct, expect), 0);
	expect_unrelate(bench.ct, expect);
	assert_int_equal(heard->expects, 2);
	expect_put(&expect);
	drop(conn);
}

/* --- Threads ---------------------------------------------------------------------------------- */

#define THREADS 4
#define SHARED	64
#define CHANGES 200000

static struct {
	struct conn *conn[SHARED];
	unsigned int running;
	uint64_t told;
	uint32_t mark[SHARED]; /* as the listener saw it last */
} race;

static void *change(void *arg)
{
	unsigned int worker = (unsigned int)(uintptr_t)arg;
	uint32_t seed = worker + 1;

	for (unsigned int i = 0; i < CHANGES; i++) {
		struct conn *conn = race.conn[(seed = seed * 1664525 + 1013904223) >> 26];

		__atomic_fetch_add(&conn->mark, 1, __ATOMIC_RELAXED);
		ct_event(bench.ct, worker, conn, CT_EVENT_MARK);
	}
	__atomic_fetch_sub(&race.running, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void note(void *ctx, struct conn *conn, uint32_t events)
{
	(void)ctx;
	(void)events;
	race.told++;
	for (unsigned int i = 0; i < SHARED; i++)
		if (race.conn[i] == conn)
			race.mark[i] = conn_mark(conn);
}

/* Whoever changes what: after the last drain the listener knows the last value of everything. */
static void threads(void **state)
{
	struct ct_listener listener = { note, NULL, &race };
	pthread_t thread[THREADS];

	(void)state;
	for (uint32_t i = 0; i < SHARED; i++)
		race.conn[i] = conn_of(i + 1);
	assert_int_equal(conntrack_listen(bench.ct, &listener), 0);
	race.running = THREADS;
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, change, (void *)i), 0);
	while (__atomic_load_n(&race.running, __ATOMIC_ACQUIRE))
		for (unsigned int w = 0; w < THREADS; w++)
			conntrack_drain(bench.ct, w, 0);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (unsigned int w = 0; w < THREADS; w++)
		conntrack_drain(bench.ct, w, 0);
	assert_true(race.told <= THREADS * CHANGES);
	for (unsigned int i = 0; i < SHARED; i++) {
		assert_int_equal(race.mark[i], conn_mark(race.conn[i]));
		assert_int_equal(race.conn[i]->ref, 2); /* the table's and ours */
		drop(race.conn[i]);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(tells_new_once),
		T(burst_coalesces),
		T(destroy_is_told),
		T(end_in_time_is_told),
		T(came_and_went),
		T(unconfirmed_keeps_its_bits),
		T(budget),
		T(masks_of_rules),
		cmocka_unit_test_setup_teardown(off_queues_nothing, setup_off, teardown),
		cmocka_unit_test_setup_teardown(nobody_listens, setup_alone, teardown),
		T(too_many_listeners),
		T(expectations_at_once),
		cmocka_unit_test_setup_teardown(threads, setup_alone, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
