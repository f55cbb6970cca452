/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A full table, and sources that take too much: newcomers go, what is under way stays. */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "conntrack/expect.h"
#include "conntrack/hash.h"
#include "track_bench.h"

#define ASK    "udp 10.0.0.1:1000 > 10.0.1.1:53 len=10"
#define ANSWER "udp 10.0.1.1:53 > 10.0.0.1:1000 len=20"

static void test_early_drop(void **state)
{
	struct ct_settings settings;
	struct track_bench t;
	char line[100];

	(void)state;
	ct_settings_init(&settings);
	settings.max = 64;
	track_bench_init(&t, &settings);
	/* One that is worth keeping. */
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_ESTABLISHED_REPLY);
	track_bench_pass(&t, 3 * SECOND);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_ESTABLISHED);
	for (int i = 0; i < 2000; i++) {
		snprintf(line, sizeof(line), "udp 10.1.0.1:%d > 10.0.1.1:53", 1000 + i);
		track_bench_send(&t, line);
		assert_true(track_bench_entries(&t) <= 64);
	}
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_ESTABLISHED_REPLY);
	assert_true(track_bench_counter(&t, CT_COUNT_EARLY_DROP) > 1000);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_EARLY_DROP) +
				 track_bench_counter(&t, CT_COUNT_TABLE_FULL) + 64,
			 2001);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_DROP),
			 track_bench_counter(&t, CT_COUNT_TABLE_FULL));
	track_bench_fini(&t);
}

static struct ct_tuple numbered(uint32_t i)
{
	struct ct_tuple t = { .family = PKTT_IPV4, .protocol = 17, .dport = htobe16(53) };

	memcpy(t.src, &i, sizeof(i));
	return t;
}

/* What is assured is not taken for a newcomer, who is dropped. */
static void test_full(void **state)
{
	struct ct_settings settings;
	struct track_bench t;
	char line[100];

	(void)state;
	ct_settings_init(&settings);
	settings.max = 8;
	track_bench_init(&t, &settings);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 8; i++) {
			snprintf(line, sizeof(line), "udp 10.1.0.1:%d > 10.0.1.1:53", 1000 + i);
			track_bench_send(&t, line);
			snprintf(line, sizeof(line), "udp 10.0.1.1:53 > 10.1.0.1:%d", 1000 + i);
			track_bench_send(&t, line);
		}
		track_bench_pass(&t, 3 * SECOND);
	}
	assert_int_equal(track_bench_entries(&t), 8);
	assert_int_equal(track_bench_send(&t, ASK), TRACK_BENCH_DROPPED);
	assert_int_equal(t.last->decision.reason, PKTT_REASON_CONNTRACK);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_TABLE_FULL), 1);
	assert_int_equal(track_bench_entries(&t), 8);
	assert_int_equal(track_bench_send(&t, "udp 10.1.0.1:1000 > 10.0.1.1:53"),
			 PKTT_CT_ESTABLISHED);
	track_bench_fini(&t);
}

static void test_source_limit(void **state)
{
	struct ct_settings settings;
	struct track_bench t;
	char line[100];
	int dropped = 0;

	(void)state;
	ct_settings_init(&settings);
	settings.source_max = 10;
	track_bench_init(&t, &settings);
	for (int i = 0; i < 30; i++) {
		snprintf(line, sizeof(line), "udp 10.1.0.1:%d > 10.0.1.1:53", 1000 + i);
		dropped += track_bench_send(&t, line) == TRACK_BENCH_DROPPED;
	}
	assert_int_equal(dropped, 20);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_SOURCE_FULL), 20);
	/* Others, and what it has, are none the worse. */
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	assert_int_equal(track_bench_send(&t, "udp 10.1.0.1:1003 > 10.0.1.1:53"), PKTT_CT_NEW);
	assert_int_equal(track_bench_send(&t, "udp 10.0.1.1:53 > 10.1.0.1:1003"),
			 PKTT_CT_ESTABLISHED_REPLY);
	/* What is dropped on the way does not count. */
	track_bench_pass(&t, 40 * SECOND);
	assert_int_equal(track_bench_entries(&t), 0);
	t.drops = true;
	for (int i = 0; i < 30; i++)
		assert_int_equal(track_bench_send(&t, "udp 10.1.0.1:1003 > 10.0.1.1:53"),
				 PKTT_CT_NEW);
	track_bench_fini(&t);
}

/* Who has too many already takes nobody's place. */
static void test_source_beside_table(void **state)
{
	struct ct_settings settings;
	struct track_bench t;
	char line[100];

	(void)state;
	ct_settings_init(&settings);
	settings.max = 20;
	settings.source_max = 10;
	track_bench_init(&t, &settings);
	for (int i = 0; i < 40; i++) {
		snprintf(line, sizeof(line), "udp 10.1.0.%d:%d > 10.0.1.1:53", i < 10 ? i : 77,
			 1000 + i);
		track_bench_send(&t, line);
	}
	assert_int_equal(track_bench_entries(&t), 20);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_EARLY_DROP), 0);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_SOURCE_FULL), 20);
	track_bench_fini(&t);
}

/* Pieces that no second one follows: what is under way goes on, and who sends both pieces gets through. */
static void test_fragment_flood(void **state)
{
	static const char first[] = "udp 10.0.0.9:7 > 10.0.1.9:7 len=16 mf id=7",
			  second[] = "hex 4500001c00070003401165b60a0000090a000109"
				     "0000000000000000";
	struct ct_settings settings;
	struct track_bench t;
	char line[100];

	(void)state;
	ct_settings_init(&settings);
	settings.frag_high_thresh = 64 * 1024;
	track_bench_init(&t, &settings);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_ESTABLISHED_REPLY);
	for (int i = 0; i < 20000; i++) {
		snprintf(line, sizeof(line), "udp 10.1.0.%d:1 > 10.0.1.1:53 len=1000 mf id=%d",
			 i % 200, i % 65536);
		track_bench_send(&t, line);
	}
	assert_true(track_bench_counter(&t, CT_COUNT_FRAG_FULL) > 10000);
	assert_int_equal(track_bench_entries(&t), 1);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_ESTABLISHED);
	assert_int_equal(track_bench_send(&t, first), TRACK_BENCH_DROPPED);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_FRAG_DONE), 0);
	track_bench_send(&t, second);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_FRAG_DONE), 1);
	track_bench_fini(&t);
}

static int announce(struct track_bench *t, struct conn *master, uint16_t port)
{
	struct pktt_addr dst = { 4, { 10, 0, 0, 1 } };
	struct expect *expect = expect_new(t->ct, master);
	uint16_t dport = htobe16(port);
	int r;

	expect_init(expect, 0, NULL, &dst, 17, NULL, &dport);
	expect->expires_ns = t->now + 60 * SECOND;
	r = expect_related(t->ct, expect);
	expect_put(&expect);
	return r;
}

static void test_expectation_flood(void **state)
{
	struct ct_settings settings;
	struct track_bench t;
	struct conn *master;

	(void)state;
	ct_settings_init(&settings);
	settings.expect_max = 100;
	track_bench_init(&t, &settings);
	track_bench_send(&t, ASK);
	master = track_bench_look(&t, ASK);
	assert_non_null(conn_extend(master));
	for (uint16_t i = 0; i < 1000; i++)
		assert_int_equal(announce(&t, master, (uint16_t)(2000 + i)), i < 100 ? 0 : -EMFILE);
	assert_int_equal(expect_count(t.ct), 100);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_EXPECT_FULL), 900);
	assert_int_equal(track_bench_send(&t, "udp 10.0.9.9:4 > 10.0.0.1:2004"), PKTT_CT_RELATED);
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_ESTABLISHED_REPLY);
	track_bench_pass(&t, 61 * SECOND);
	assert_int_equal(expect_count(t.ct), 0);
	track_bench_fini(&t);
}

/* The longest chain of a table with this key that is given the tuples whose numbers are listed. */
static uint64_t longest_of(const struct siphash_key *key, const uint32_t *number, unsigned int n)
{
	struct conndb_config config = { .workers = 1, .key = *key };
	struct conndb_stats stats;
	struct conndb *db;

	assert_int_equal(conndb_new(&db, &config), 0);
	for (unsigned int i = 0; i < n; i++) {
		struct ct_tuple t = numbered(number[i]), reply;
		struct conn *conn;

		assert_true(ct_tuple_invert(&reply, &t));
		conn = conndb_alloc(db, &t, &reply, CT_ZONE_BOTH);
		assert_non_null(conn);
		conn_set_timeout(conn, 0, 60000);
		assert_int_equal(conndb_insert(db, conn, 0, NULL), 0);
		conn_put(db, &conn);
	}
	conndb_stats(db, &stats);
	conndb_free(&db);
	return stats.longest;
}

/* Tuples that fall into one bucket by a key that is known spread by another. */
static void test_collisions(void **state)
{
	static const struct siphash_key known = { { 1, 2 } }, other = { { 3, 4 } };
	uint32_t number[1000], n = 0;

	(void)state;
	for (uint32_t i = 0; n < pktt_countof(number); i++) {
		struct ct_tuple t = numbered(i);

		if ((ct_hash_siphash(&known, &t) & 1023) == 0)
			number[n++] = i;
	}
	assert_true(longest_of(&known, number, n) > 200);
	assert_true(longest_of(&other, number, n) < 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_early_drop),     cmocka_unit_test(test_full),
		cmocka_unit_test(test_source_limit),   cmocka_unit_test(test_source_beside_table),
		cmocka_unit_test(test_fragment_flood), cmocka_unit_test(test_expectation_flood),
		cmocka_unit_test(test_collisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
