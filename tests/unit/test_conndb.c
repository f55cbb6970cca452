/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection table: what its header promises, one by one, and against a simple model. */
#include "conntrack/conndb.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000u

struct log {
	unsigned int released, expired;
	uint16_t port[4096]; /* of what expired, in order */
};

static void released(void *ctx, struct conn *conn)
{
	struct log *log = ctx;

	(void)conn;
	log->released++;
}

static void expired(void *ctx, struct conn *conn)
{
	struct log *log = ctx;
	struct ct_tuple t;

	assert_true(conn_is_dying(conn));
	conn_tuple(conn, CT_ORIGINAL, &t);
	if (log->expired < 4096)
		log->port[log->expired] = t.sport;
	log->expired++;
}

static struct conndb *new_db(struct log *log, uint32_t max, uint64_t key)
{
	struct conndb_config config = { .workers = 1,
					.key = { { key, ~key } },
					.max = max,
					.release = released,
					.expired = expired,
					.ctx = log };
	struct conndb *db = NULL;

	assert_int_equal(conndb_new(&db, &config), 0);
	return db;
}

/* The n-th tuple of a kind. */
static struct ct_tuple tuple(uint8_t family, uint8_t protocol, uint32_t n)
{
	struct ct_tuple t = { .family = family, .protocol = protocol };

	t.src[0] = 10;
	t.src[family == PKTT_IPV6 ? 15 : 3] = (uint8_t)(n >> 16);
	t.dst[0] = 192;
	t.dst[family == PKTT_IPV6 ? 14 : 2] = (uint8_t)(n >> 24);
	t.sport = (uint16_t)n;
	t.dport = 53;
	return t;
}

static struct ct_tuple inverted(const struct ct_tuple *t)
{
	struct ct_tuple r = *t;

	memcpy(r.src, t->dst, 16);
	memcpy(r.dst, t->src, 16);
	r.sport = t->dport;
	r.dport = t->sport;
	return r;
}

static struct conn *make(struct conndb *db, uint8_t family, uint8_t protocol, uint32_t n,
			 uint32_t timeout_ms)
{
	struct ct_tuple t = tuple(family, protocol, n), r = inverted(&t);
	struct conn *conn = conndb_alloc(db, &t, &r, 0);

	assert_non_null(conn);
	conn_set_timeout(conn, 0, timeout_ms);
	return conn;
}

static void add(struct conndb *db, uint8_t family, uint8_t protocol, uint32_t n, uint32_t now_ms,
		uint32_t timeout_ms)
{
	struct conn *conn = make(db, family, protocol, n, timeout_ms);

	assert_int_equal(conndb_insert(db, conn, now_ms, NULL), 0);
	conn_put(db, &conn);
}

/* Whether a tuple is found, in the direction that is expected. */
static bool has(struct conndb *db, const struct ct_tuple *t, uint32_t now_ms, enum ct_dir want)
{
	enum ct_dir dir = CT_ORIGINAL;
	struct conn *conn = conndb_find(db, t, now_ms, &dir);
	bool ret = conn != NULL;

	if (conn)
		assert_int_equal(dir, want);
	conn_put(db, &conn);
	return ret;
}

static bool has_n(struct conndb *db, uint8_t family, uint8_t protocol, uint32_t n, uint32_t now_ms)
{
	struct ct_tuple t = tuple(family, protocol, n), r = inverted(&t);
	bool ret = has(db, &t, now_ms, CT_ORIGINAL);

	assert_int_equal(ret, has(db, &r, now_ms, CT_REPLY));
	return ret;
}

static void test_life(void **state)
{
	static const uint8_t protocols[] = { IPPROTO_UDP, IPPROTO_TCP, IPPROTO_SCTP, IPPROTO_DCCP };
	struct log log = { 0 };
	struct conndb *db = new_db(&log, 0, 1);

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		uint8_t family = i & 1 ? PKTT_IPV6 : PKTT_IPV4, protocol = protocols[i / 2];
		struct conn *conn = make(db, family, protocol, 7, 30 * SECOND);
		struct ct_tuple t = tuple(family, protocol, 7), got;

		memset(conn_l4(conn), 0xff, protocol == IPPROTO_TCP ? sizeof(struct ct_tcp) : 16);
		conn_tuple(conn, CT_ORIGINAL, &got);
		assert_memory_equal(&got, &t, sizeof(t));
		t = inverted(&t);
		conn_tuple(conn, CT_REPLY, &got);
		assert_memory_equal(&got, &t, sizeof(t));
		assert_false(has_n(db, family, protocol, 7, 0));
		assert_int_equal(conn_timeout_left(conn, 99), 30 * SECOND);
		assert_int_equal(conndb_insert(db, conn, 100, NULL), 0);
		assert_int_equal(conn_timeout_left(conn, 100), 30 * SECOND);
		assert_true(has_n(db, family, protocol, 7, 0));
		assert_true(conndb_remove(db, conn));
		assert_false(conndb_remove(db, conn));
		assert_false(has_n(db, family, protocol, 7, 0));
		assert_int_equal(log.released, i);
		conn_put(db, &conn);
		assert_null(conn);
		assert_int_equal(log.released, i + 1);
	}
	conndb_free(&db);
}

/* Up to 20,000 and down again by time, everything found on the way. */
static void test_resize(void **state)
{
	struct log log = { 0 };
	struct conndb *db = new_db(&log, 0, 2);
	struct conndb_stats stats;

	(void)state;
	for (uint32_t i = 1; i <= 20000; i++) {
		add(db, i & 1 ? PKTT_IPV4 : PKTT_IPV6, IPPROTO_UDP, i, 0, i * 10);
		for (uint32_t k = i; k; k /= 3)
			assert_true(has_n(db, k & 1 ? PKTT_IPV4 : PKTT_IPV6, IPPROTO_UDP, k, 0));
	}
	conndb_stats(db, &stats);
	assert_int_equal(stats.connections, 20000);
	assert_in_range(stats.buckets, 40000 / 7, 40000 / 5);
	for (uint32_t ms = 0; ms <= 201000; ms += 1000) {
		assert_true(conndb_advance(db, ms, 0));
		conndb_quiescent(db, 0);
		for (uint32_t k = 1; k <= 20000; k += 7)
			assert_int_equal(
				has_n(db, k & 1 ? PKTT_IPV4 : PKTT_IPV6, IPPROTO_UDP, k, ms),
				k * 10 > ms);
	}
	conndb_stats(db, &stats);
	assert_int_equal(stats.connections + stats.unconfirmed, 0);
	assert_int_equal(log.expired, 20000);
	assert_int_equal(log.released, 20000);
	assert_in_range(stats.buckets, 64, 70);
	assert_int_equal(stats.memory, stats.buckets * 64);
	conndb_free(&db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_resize),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
