/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection table when memory ends: each allocation in turn fails once (linked with
 * --wrap=aligned_alloc). What was refused leaves nothing behind and succeeds the next time.
 */
#include "conndb_common.h"

enum { N = 6000 };

static unsigned int until_failure; /* 0 = never */
static unsigned int failures;

void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	if (until_failure && --until_failure == 0) {
		failures++;
		return NULL;
	}
	return __real_aligned_alloc(align, size);
}

static uint8_t family_of(uint32_t n)
{
	return n & 1 ? PKTT_IPV4 : PKTT_IPV6;
}

static struct conn *try_make(struct conndb *db, uint32_t n)
{
	struct ct_tuple t = tuple(family_of(n), IPPROTO_UDP, n), r = inverted(&t);
	struct conn *conn;

	errno = 0;
	conn = conndb_alloc(db, &t, &r, 0);
	if (!conn) {
		assert_int_equal(errno, ENOMEM);
		conn = conndb_alloc(db, &t, &r, 0);
	}
	assert_non_null(conn);
	conn_set_timeout(conn, 0, SECOND);
	return conn;
}

static void enter(struct conndb *db, uint32_t n)
{
	struct conn *conn = try_make(db, n);
	int r = 0;

	if (n % 3 == 0)
		r = conndb_reserve_reply(db, conn, 0);
	if (r) {
		assert_int_equal(r, -ENOMEM);
		assert_int_equal(conndb_reserve_reply(db, conn, 0), 0);
	}
	r = conndb_insert(db, conn, 0, NULL);
	if (r) {
		assert_int_equal(r, -ENOMEM);
		assert_false(has_n(db, family_of(n), IPPROTO_UDP, n, 0));
		assert_int_equal(conndb_insert(db, conn, 0, NULL), 0);
	}
	conn_put(db, &conn);
}

/* false: so many allocations there are not. */
static bool run(unsigned int fail_at)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 1);
	struct conndb_stats stats;

	failures = 0;
	until_failure = fail_at;
	for (uint32_t n = 0; n < N; n++)
		enter(db, n);
	until_failure = 0;
	for (uint32_t n = 0; n < N; n++)
		assert_true(has_n(db, family_of(n), IPPROTO_UDP, n, 0));
	assert_true(conndb_advance(db, 60 * SECOND, 0));
	conndb_stats(db, &stats);
	assert_int_equal(stats.connections + stats.unconfirmed + stats.dying, 0);
	assert_int_equal(log.released, N);
	conndb_free(&db);
	return failures > 0;
}

static void test_each(void **state)
{
	unsigned int at = 1;

	(void)state;
	while (run(at))
		at++;
	assert_in_range(at, 15, 100);
}

/* Nothing of a table that could not be made. */
static void test_new(void **state)
{
	struct conndb_config config = { .workers = 2 };
	struct conndb *db = NULL;

	(void)state;
	for (unsigned int i = 1; i <= 4; i++) {
		until_failure = i;
		assert_int_equal(conndb_new(&db, &config), -ENOMEM);
		assert_null(db);
	}
	until_failure = 0;
	assert_int_equal(conndb_new(&db, &config), 0);
	conndb_free(&db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
