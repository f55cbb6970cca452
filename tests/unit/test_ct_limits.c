/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A full table, and sources that take too much: newcomers go, what is under way stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_early_drop),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_source_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
