/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No packet is ever judged by half a ruleset: a writer changes one value in three tables, thousands
 * of times, while readers send packets that pass only where all three agree. Also meant for a build
 * with -Db_sanitize=thread.
 */
#include "engine_bench.h"

#include "datapath/replay/craft.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <urcu-qsbr.h>

#define CHANGES 3000
#define READERS 2 /* as many workers as engine_bench has */

struct shared {
	struct engine_bench bench;
	bool is_over;
	unsigned long judged, refused;
	unsigned int workers; /* numbers given out */
};

static enum pktt_verdict way(struct engine_bench *b, struct pktt_packet *pkt)
{
	enum pktt_verdict v = pktt_hook_run(b->engine, pkt, PKTT_PRE_ROUTING);

	return v == PKTT_ACCEPT ? pktt_hook_run(b->engine, pkt, PKTT_FORWARD) : v;
}

static void *reader(void *arg)
{
	struct shared *s = arg;
	struct pktt_packet *pkt = NULL;
	struct craft_where where;
	struct pktt_env env = s->bench.env;
	unsigned long judged = 0, refused = 0;

	rcu_register_thread();
	env.worker = __atomic_fetch_add(&s->workers, 1, __ATOMIC_RELAXED);
	if (craft_packet(&pkt, &where, "udp 10.0.0.1:1 > 10.0.0.2:2", NULL))
		abort();
	do {
		env.generation = pktt_engine_generation(s->bench.engine);
		pkt->env = &env;
		pkt->in = &s->bench.in;
		pkt->out = &s->bench.out;
		pkt->mark = 0;
		refused += way(&s->bench, pkt) != PKTT_ACCEPT;
		judged++;
		rcu_quiescent_state();
	} while (!__atomic_load_n(&s->is_over, __ATOMIC_ACQUIRE));
	pktt_packet_free(&pkt);
	rcu_unregister_thread();
	__atomic_fetch_add(&s->judged, judged, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->refused, refused, __ATOMIC_RELAXED);
	return NULL;
}

static void change(struct shared *s, unsigned int value, bool first)
{
	char text[512];

	snprintf(
		text, sizeof(text),
		"*raw\n%s PREROUTING %s -j MARK --set-mark %u\nCOMMIT\n"
		"*mangle\n%s FORWARD %s -m mark ! --mark %u -j DROP\nCOMMIT\n"
		"*filter\n:FORWARD DROP [0:0]\n%s FORWARD %s -m mark --mark %u -j ACCEPT\nCOMMIT\n",
		first ? "-A" : "-R", first ? "" : "1", value, first ? "-A" : "-R", first ? "" : "1",
		value, first ? "-A" : "-R", first ? "" : "1", value);
	if (engine_bench_load(&s->bench, PKTT_IPV4, text, 0))
		fail_msg("refused: %s", s->bench.errs.item[0].text);
}

/* A rule that inverts a bit moves about: seen twice, or not at all, the bit would be wrong. */
static void test_moves(void **state)
{
	struct shared s = { 0 };
	pthread_t thread[READERS];
	char text[128];

	(void)state;
	engine_bench_init(&s.bench);
	if (engine_bench_load(&s.bench, PKTT_IPV4,
			      "*mangle\n-A FORWARD -j MARK --xor-mark 1\n"
			      "-A FORWARD -m mark ! --mark 1 -j DROP\nCOMMIT\n",
			      0))
		fail_msg("refused: %s", s.bench.errs.item[0].text);
	for (int i = 0; i < 100; i++)
		engine_bench_load(&s.bench, PKTT_IPV4, "*mangle\n-I FORWARD\nCOMMIT\n", 0);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, reader, &s), 0);
	for (unsigned int i = 0; i < CHANGES; i++) {
		snprintf(text, sizeof(text), "*mangle\n--move FORWARD --handle 1 --to %u\nCOMMIT\n",
			 i * 37 % 100 + 1);
		if (engine_bench_load(&s.bench, PKTT_IPV4, text, 0))
			fail_msg("refused: %s", s.bench.errs.item[0].text);
	}
	__atomic_store_n(&s.is_over, true, __ATOMIC_RELEASE);
	for (int i = 0; i < READERS; i++)
		pthread_join(thread[i], NULL);
	engine_bench_fini(&s.bench);
	assert_true(s.judged > 0);
	assert_int_equal(s.refused, 0);
}

static void test_three_tables(void **state)
{
	struct shared s = { 0 };
	pthread_t thread[READERS];

	(void)state;
	engine_bench_init(&s.bench);
	change(&s, 1, true);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, reader, &s), 0);
	for (unsigned int i = 2; i < CHANGES; i++)
		change(&s, i, false);
	__atomic_store_n(&s.is_over, true, __ATOMIC_RELEASE);
	for (int i = 0; i < READERS; i++)
		pthread_join(thread[i], NULL);
	engine_bench_fini(&s.bench);
	print_message("%lu packets judged\n", s.judged);
	assert_true(s.judged > 0);
	assert_int_equal(s.refused, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_three_tables),
					    cmocka_unit_test(test_moves) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
