/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No packet sees half of what a transaction does to sets: a writer moves addresses from one set to the
 * other and back, by single elements, by flushing and by deltas that are folded, while readers ask for
 * addresses which must be in exactly one of the two, and put others into a third set and take them out
 * again. Also meant for a build with -Db_sanitize=thread.
 */
#include "engine_bench.h"

#include "base/str.h"
#include "core/set.h"
#include "datapath/replay/craft.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <urcu-qsbr.h>

#define CHANGES	  1500
#define READERS	  2 /* as many workers as engine_bench has */
#define ADDRESSES 8

struct shared {
	struct engine_bench bench;
	bool is_over;
	unsigned long judged, refused;
	unsigned int workers; /* numbers given out */
};

static const char rules[] =
	"create a hash:ip counters\ncreate b hash:net\ncreate busy hash:ip timeout 1\n"
	"create l list:set\nadd l b\n"
	"*filter\n"
	"-A FORWARD -m set --match-set a src -m set --match-set l src -j DROP\n"
	"-A FORWARD -m set ! --match-set a src -m set ! --match-set l src -j DROP\n"
	"-A FORWARD -j SET --add-set busy dst --exist\n"
	"-A FORWARD -m statistic --mode nth --every 3 -j SET --del-set busy dst\n"
	"COMMIT\n";

static struct pktt_packet *make(unsigned int n)
{
	struct pktt_packet *pkt = NULL;
	struct craft_where where;
	char line[80];

	snprintf(line, sizeof(line), "udp 10.0.0.%u:1 > 10.0.1.%u:2", n + 1, n + 1);
	if (craft_packet(&pkt, &where, line, NULL))
		abort();
	return pkt;
}

static void *reader(void *arg)
{
	struct shared *s = arg;
	struct pktt_packet *pkt[ADDRESSES];
	struct pktt_env env = s->bench.env;
	unsigned long judged = 0, refused = 0;

	rcu_register_thread();
	env.worker = __atomic_fetch_add(&s->workers, 1, __ATOMIC_RELAXED);
	for (unsigned int n = 0; n < ADDRESSES; n++)
		pkt[n] = make(n);
	do {
		env.generation = pktt_engine_generation(s->bench.engine);
		for (unsigned int n = 0; n < ADDRESSES; n++, judged++) {
			pkt[n]->env = &env;
			pkt[n]->in = &s->bench.in;
			pkt[n]->out = &s->bench.out;
			pkt[n]->time_ns = judged * 1000000;
			refused +=
				pktt_hook_run(s->bench.engine, pkt[n], PKTT_FORWARD) != PKTT_ACCEPT;
		}
		rcu_quiescent_state();
	} while (!__atomic_load_n(&s->is_over, __ATOMIC_ACQUIRE));
	for (unsigned int n = 0; n < ADDRESSES; n++)
		pktt_packet_free(&pkt[n]);
	rcu_unregister_thread();
	__atomic_fetch_add(&s->judged, judged, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->refused, refused, __ATOMIC_RELAXED);
	return NULL;
}

static void change(struct shared *s, unsigned int i)
{
	const char *from = i % 2 ? "a" : "b", *to = i % 2 ? "b" : "a";
	bool flushes = i % 7 == 0, aborts = i % 5 == 0;
	struct str text = STR_INIT;

	if (flushes)
		str_putf(&text, "flush %s\n", from);
	for (unsigned int n = 1; n <= ADDRESSES; n++) {
		if (!flushes)
			str_putf(&text, "del %s 10.0.0.%u\n", from, n);
		str_putf(&text, "add %s 10.0.0.%u\n", to, n);
	}
	/* What does not come to be must not be seen either. */
	if (aborts) {
		str_puts(&text, "add nosuch 1.1.1.1\n");
		assert_int_not_equal(engine_bench_load(&s->bench, PKTT_IPV4, str_text(&text), 0),
				     0);
		text.data[text.len - sizeof("add nosuch 1.1.1.1\n") + 1] = '\0';
	}
	if (engine_bench_load(&s->bench, PKTT_IPV4, str_text(&text), 0))
		fail_msg("refused: %s", s->bench.errs.item[0].text);
	str_fini(&text);
}

static void test_moves(void **state)
{
	struct shared s = { 0 };
	pthread_t thread[READERS];

	(void)state;
	engine_bench_init(&s.bench);
	assert_int_equal(engine_bench_load(&s.bench, PKTT_IPV4, rules, 0), 0);
	assert_int_equal(engine_bench_load(&s.bench, PKTT_IPV4,
					   "add b 10.0.0.0/29\n"
					   "add b 10.0.0.8\n",
					   0),
			 0);
	assert_int_equal(engine_bench_load(&s.bench, PKTT_IPV4,
					   "flush b\n"
					   "add a 10.0.0.1-10.0.0.8\n",
					   0),
			 0);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, reader, &s), 0);
	for (unsigned int i = 1; i < CHANGES; i++)
		change(&s, i);
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
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_moves) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
