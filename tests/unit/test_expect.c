/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expectations: what fits, what clashes, limits, and the exact end of each. */
#include "ct_bench.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct ct_bench bench;

static int setup(void **state)
{
	(void)state;
	ct_bench_init(&bench);
	ct_bench_start(&bench);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ct_bench_fini(&bench);
	return 0;
}

static struct conn *master(uint32_t n)
{
	return ct_bench_conn(&bench, n, CT_HAS_HELPER, ct_bench_helper());
}

static struct pktt_addr addr(const char *text)
{
	struct ct_tuple t = ct_bench_tuple(text, text, 6, 0, 0);

	return ct_tuple_src(&t);
}

/* TCP to 192.0.2.1:port, from src (NULL = anywhere), any port. */
static struct expect *make(struct conn *conn, uint8_t class, const char *src, uint16_t port)
{
	struct expect *ret = expect_new(bench.ct, conn);
	struct pktt_addr from = { 0 }, to = addr("192.0.2.1");
	uint16_t dport = PORT(port);

	assert_non_null(ret);
	if (src)
		from = addr(src);
	expect_init(ret, class, src ? &from : NULL, &to, 6, NULL, &dport);
	return ret;
}

static int announce(struct conn *conn, uint8_t class, const char *src, uint16_t port)
{
	struct expect *e = make(conn, class, src, port);
	int r = expect_related(bench.ct, e);

	expect_put(&e);
	return r;
}

/* Whether a packet from src to 192.0.2.1:port is expected. */
static bool comes(const char *src, uint16_t port, bool take)
{
	struct ct_tuple t = ct_bench_tuple(src, "192.0.2.1", 6, 4711, port);
	struct expect *e = expect_find(bench.ct, &t, take);
	bool ret = e;

	expect_put(&e);
	return ret;
}

static uint64_t counted(enum ct_count what)
{
	uint64_t counts[CT_COUNT_COUNT];

	conntrack_counters(bench.ct, counts);
	return counts[what];
}

static void drop(struct conn *conn)
{
	conn_put(conntrack_db(bench.ct), &conn);
}

static void finds_once(void **state)
{
	struct conn *m = master(1);

	(void)state;
	assert_int_equal(announce(m, CLASS_ANY, "10.0.0.9", 5000), 0);
	assert_int_equal(expect_count(bench.ct), 1);
	assert_false(comes("10.0.0.8", 5000, true));
	assert_false(comes("10.0.0.9", 5001, true));
	assert_true(comes("10.0.0.9", 5000, false));
	assert_true(comes("10.0.0.9", 5000, true));
	assert_false(comes("10.0.0.9", 5000, true));
	assert_int_equal(expect_count(bench.ct), 0);
	assert_int_equal(counted(CT_COUNT_EXPECT_CREATE), 1);
	assert_int_equal(counted(CT_COUNT_EXPECT_DELETE), 1);
	drop(m);
}

static void any_source(void **state)
{
	struct conn *m = master(1);

	(void)state;
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5000), 0);
	assert_true(comes("203.0.113.77", 5000, true));
	drop(m);
}

static void source_port(void **state)
{
	struct conn *m = master(1);
	struct pktt_addr to = addr("192.0.2.1");
	uint16_t sport = PORT(20), dport = PORT(5000);
	struct expect *e = expect_new(bench.ct, m);

	(void)state;
	expect_init(e, CLASS_ANY, NULL, &to, 6, &sport, &dport);
	assert_int_equal(expect_related(bench.ct, e), 0);
	expect_put(&e);
	assert_false(comes("10.0.0.9", 5000, true)); /* from port 4711 */
	drop(m);
}

static void only_in_its_zone(void **state)
{
	struct conn *m = master(1);
	struct ct_tuple t = ct_bench_tuple("10.0.0.9", "192.0.2.1", 6, 1, 5000);

	(void)state;
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5000), 0);
	t.zone = 3;
	assert_null(expect_find(bench.ct, &t, true));
	t.zone = 0;
	t.protocol = 17;
	assert_null(expect_find(bench.ct, &t, true));
	t = ct_bench_tuple("::1", "2001:db8::1", 6, 1, 5000);
	assert_null(expect_find(bench.ct, &t, true));
	assert_int_equal(expect_count(bench.ct), 1);
	drop(m);
}

static void clashes(void **state)
{
	struct conn *m = master(1), *other = master(2);

	(void)state;
	assert_int_equal(announce(m, CLASS_ANY, "10.0.0.9", 5000), 0);
	assert_int_equal(announce(other, CLASS_ANY, "10.0.0.9", 5000), -EBUSY);
	assert_int_equal(announce(other, CLASS_ANY, NULL, 5000), -EBUSY);
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5000), -EBUSY);
	assert_int_equal(announce(other, CLASS_ANY, "10.0.0.8", 5000), 0);
	assert_int_equal(announce(other, CLASS_ANY, NULL, 5001), 0);
	assert_int_equal(expect_count(bench.ct), 3);
	drop(m);
	drop(other);
}

static void equal_is_refreshed(void **state)
{
	struct conn *m = master(1);

	(void)state;
	assert_int_equal(announce(m, CLASS_TWO, NULL, 5000), 0);
	ct_bench_time(&bench, 9 * SECOND);
	assert_int_equal(announce(m, CLASS_TWO, NULL, 5000), 0);
	assert_int_equal(expect_count(bench.ct), 1);
	ct_bench_time(&bench, 18 * SECOND);
	assert_true(comes("10.0.0.9", 5000, false));
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5000), -EALREADY);
	drop(m);
}

static void listed_only_once(void **state)
{
	struct conn *m = master(1);
	struct expect *e = make(m, CLASS_ANY, NULL, 5000);

	(void)state;
	assert_int_equal(expect_related(bench.ct, e), 0);
	assert_int_equal(expect_related(bench.ct, e), -EEXIST);
	assert_true(expect_unrelate(bench.ct, e));
	assert_false(expect_unrelate(bench.ct, e));
	assert_int_equal(expect_set_timeout(bench.ct, e, 1), -ETIME);
	expect_put(&e);
	drop(m);
}

static void oldest_of_class_goes(void **state)
{
	struct conn *m = master(1), *other = master(2);

	(void)state;
	assert_int_equal(announce(other, CLASS_TWO, NULL, 4000), 0);
	assert_int_equal(announce(m, CLASS_ANY, NULL, 4999), 0);
	assert_int_equal(announce(m, CLASS_TWO, NULL, 5000), 0);
	assert_int_equal(announce(m, CLASS_TWO, NULL, 5001), 0);
	assert_int_equal(announce(m, CLASS_TWO, NULL, 5002), 0);
	assert_int_equal(expect_count(bench.ct), 4);
	assert_false(comes("10.0.0.9", 5000, false));
	assert_true(comes("10.0.0.9", 5001, false));
	assert_true(comes("10.0.0.9", 5002, false));
	assert_true(comes("10.0.0.9", 4999, false));
	assert_true(comes("10.0.0.9", 4000, false));
	drop(m);
	drop(other);
}

static void unknown_class_refused(void **state)
{
	struct conn *m = master(1), *plain = ct_bench_conn(&bench, 2, 0, NULL);

	(void)state;
	assert_int_equal(announce(m, 2, NULL, 5000), -EINVAL);
	assert_int_equal(announce(plain, 0, NULL, 5000), -ESHUTDOWN);
	drop(m);
	drop(plain);
}

static void ends_to_the_nanosecond(void **state)
{
	struct conn *m = master(1);

	(void)state;
	assert_int_equal(announce(m, CLASS_TWO, NULL, 5000), 0);
	ct_bench_time(&bench, 10 * SECOND - 1);
	assert_true(comes("10.0.0.9", 5000, false));
	ct_bench_time(&bench, 10 * SECOND);
	assert_false(comes("10.0.0.9", 5000, false));
	assert_int_equal(expect_count(bench.ct), 0);
	drop(m);
}

static void goes_with_its_master(void **state)
{
	struct conn *m = master(1);

	(void)state;
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5000), 0);
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5001), 0);
	assert_int_equal(ct_query_delete(bench.ct, m), 0);
	assert_int_equal(expect_count(bench.ct), 0);
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5002), -ESHUTDOWN);
	drop(m);
	assert_int_equal(ct_bench_live(&bench), 0);
}

static void master_times_out(void **state)
{
	struct conn *m = master(1);

	(void)state;
	drop(m);
	m = master(2);
	drop(m);
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5000), 0);
	ct_bench_time(&bench, 299 * SECOND);
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5001), 0);
	ct_bench_time(&bench, 599 * SECOND - 1);
	assert_int_equal(expect_count(bench.ct), 1);
	ct_bench_time(&bench, 700 * SECOND);
	assert_int_equal(expect_count(bench.ct), 0);
	assert_int_equal(ct_bench_live(&bench), 0);
}

static void unconfirmed_master_is_unheard(void **state)
{
	struct ct_tuple t = ct_bench_tuple("10.0.0.1", "192.0.2.1", 17, 1, 53), reply;
	struct conn *m;

	(void)state;
	assert_true(ct_tuple_invert(&reply, &t));
	m = conndb_alloc(conntrack_db(bench.ct), &t, &reply, CT_ZONE_BOTH);
	assert_int_equal(conn_set_helper(bench.ct, m, ct_bench_helper()), 0);
	conn_set_timeout(m, 0, 600000);
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5000), 0);
	assert_false(comes("10.0.0.9", 5000, false));
	assert_int_equal(conndb_insert(conntrack_db(bench.ct), m, ct_ms(CT_BEGIN), NULL), 0);
	assert_true(comes("10.0.0.9", 5000, false));
	drop(m);
}

static void flags(void **state)
{
	struct conn *m = master(1);
	struct expect *permanent = make(m, CLASS_ANY, NULL, 5000);
	struct expect *inactive = make(m, CLASS_ANY, NULL, 5001);

	(void)state;
	permanent->flags = CT_EXPECT_PERMANENT;
	inactive->flags = CT_EXPECT_INACTIVE;
	assert_int_equal(expect_related(bench.ct, permanent), 0);
	assert_int_equal(expect_related(bench.ct, inactive), 0);
	assert_true(comes("10.0.0.9", 5000, true));
	assert_true(comes("10.0.0.9", 5000, true));
	assert_false(comes("10.0.0.9", 5001, true));
	expect_put(&permanent);
	expect_put(&inactive);
	drop(m);
}

static void goes_through_all(void **state)
{
	struct conn *m = master(1);
	bool seen[200] = { false };
	struct expect *e[7];
	uint64_t cursor = 0;
	unsigned int n;

	(void)state;
	for (uint16_t i = 0; i < 200; i++)
		assert_int_equal(announce(m, CLASS_ANY, NULL, 1000 + i), 0);
	while ((n = expect_next(bench.ct, &cursor, e, 7)) > 0)
		for (unsigned int i = 0; i < n; i++) {
			unsigned int port = PORT(e[i]->tuple.dport) - 1000;
			struct expect *again = expect_by_id(bench.ct, e[i]->id);

			assert_false(seen[port]);
			assert_ptr_equal(again, e[i]);
			seen[port] = true;
			if (port % 3 == 0) /* who is removed disturbs nobody */
				expect_unrelate(bench.ct, e[i]);
			expect_put(&again);
			expect_put(&e[i]);
		}
	for (unsigned int i = 0; i < 200; i++)
		assert_true(seen[i]);
	assert_int_equal(ct_query_expect_flush(bench.ct, "other"), 0);
	assert_int_equal(ct_query_expect_flush(bench.ct, "bench"), 133);
	drop(m);
}

static void losing_the_helper(void **state)
{
	struct ct_change change = { .has = CT_HAS_HELPER };
	struct conn *m = master(1);

	(void)state;
	assert_int_equal(announce(m, CLASS_ANY, NULL, 5000), 0);
	assert_int_equal(ct_query_update(bench.ct, m, &change, NULL), 0);
	assert_null(conn_helper(m));
	assert_int_equal(expect_count(bench.ct), 0);
	drop(m);
}

/*
 * A million announcements by 20,000 connections: no more than the limit are there at any time, every
 * refusal is counted, and when all has timed out nothing is left, nor is a connection held.
 */
static void flood(void **state)
{
	uint64_t refused = 0;
	struct conn *m[20000];

	(void)state;
	for (uint32_t i = 0; i < pktt_countof(m); i++)
		m[i] = master(i);
	for (uint32_t i = 0; i < 1000000; i++) {
		int r = announce(m[i % pktt_countof(m)], CLASS_ANY, NULL, (uint16_t)(i / 50));

		assert_true(r == 0 || r == -EMFILE || r == -EBUSY);
		refused += r == -EMFILE;
		assert_true(expect_count(bench.ct) <= bench.settings.expect_max);
	}
	assert_int_equal(expect_count(bench.ct), bench.settings.expect_max);
	assert_true(refused > 0);
	assert_int_equal(counted(CT_COUNT_EXPECT_FULL), refused);
	for (uint32_t i = 0; i < pktt_countof(m); i++)
		drop(m[i]);
	ct_bench_time(&bench, 600 * SECOND);
	assert_int_equal(expect_count(bench.ct), 0);
	assert_int_equal(ct_bench_live(&bench), 0);
	assert_int_equal(counted(CT_COUNT_EXPECT_CREATE), counted(CT_COUNT_EXPECT_DELETE));
}

/* The same as a plain array of times does, for announcements and ends in any order. */
static void ends_as_a_model_says(void **state)
{
	struct ct_change life_long = { .has = CT_HAS_TIMEOUT, .timeout = 432000 };
	uint64_t ends[512] = { 0 }, now = 0;
	struct expect *e[512];
	struct conn *m[4];
	uint32_t seed = 1;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		m[i] = master(i + 1);
		assert_int_equal(ct_query_update(bench.ct, m[i], &life_long, NULL), 0);
	}
	for (uint16_t i = 0; i < 512; i++)
		e[i] = make(m[i % 4], CLASS_ANY, NULL, 1000 + i);
	for (unsigned int step = 0; step < 50000; step++) {
		unsigned int i = (seed = seed * 1664525 + 1013904223) >> 23;
		uint32_t life = (seed >> 8) % 40 + 1;

		if (step % 4 == 0) {
			now += seed % SECOND;
			ct_bench_time(&bench, now);
		} else if (!e[i]->is_listed && step % 4 == 1) {
			assert_true(ends[i] <= now);
			assert_int_equal(expect_related(bench.ct, e[i]), 0);
			ends[i] = now + 300 * SECOND;
		} else if (e[i]->is_listed) {
			assert_true(ends[i] > now);
			assert_int_equal(expect_set_timeout(bench.ct, e[i], life), 0);
			ends[i] = now + life * SECOND;
		}
		assert_int_equal(e[i]->is_listed, ends[i] > now);
	}
	for (unsigned int i = 0; i < 512; i++)
		expect_put(&e[i]);
	for (unsigned int i = 0; i < 4; i++)
		drop(m[i]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(finds_once),
		T(any_source),
		T(source_port),
		T(only_in_its_zone),
		T(clashes),
		T(equal_is_refreshed),
		T(listed_only_once),
		T(oldest_of_class_goes),
		T(unknown_class_refused),
		T(ends_to_the_nanosecond),
		T(goes_with_its_master),
		T(master_times_out),
		T(unconfirmed_master_is_unheard),
		T(flags),
		T(goes_through_all),
		T(losing_the_helper),
		T(flood),
		T(ends_as_a_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
