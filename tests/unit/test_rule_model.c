/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chain of hundreds of rules under random changes, committed or taken back, against an array: order,
 * numbers, handles, what is found by text, and counters that go with a rule that moves.
 */
#include "engine_bench.h"

#include "base/str.h"
#include "core/change.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST   400
#define ROUNDS 6000

struct entry {
	uint64_t handle;
	unsigned int mark; /* of its text */
};

struct model {
	struct engine_bench bench;
	struct entry rule[MOST + 1], kept[MOST + 1];
	unsigned int n, nkept;
	uint64_t next_handle;
	unsigned int seed;
};

static unsigned int chance(struct model *m, unsigned int below)
{
	m->seed = m->seed * 1103515245u + 12345u;
	return (m->seed >> 8) % below;
}

static void put_in(struct model *m, unsigned int at, struct entry e)
{
	memmove(&m->rule[at + 1], &m->rule[at], (m->n - at) * sizeof(e));
	m->rule[at] = e;
	m->n++;
}

static struct entry take_out(struct model *m, unsigned int at)
{
	struct entry e = m->rule[at];

	m->n--;
	memmove(&m->rule[at], &m->rule[at + 1], (m->n - at) * sizeof(e));
	return e;
}

static void add(struct model *m, struct str *text)
{
	struct entry e = { ++m->next_handle, chance(m, 300) };
	unsigned int at = chance(m, m->n + 1);
	unsigned int how = at < m->n ? chance(m, 3) : 0;

	if (how == 1)
		str_putf(text, "-I c --before %llu -m mark --mark %u\n",
			 (unsigned long long)m->rule[at].handle, e.mark);
	else if (how == 2 && at > 0)
		str_putf(text, "-I c --after %llu -m mark --mark %u\n",
			 (unsigned long long)m->rule[at - 1].handle, e.mark);
	else
		str_putf(text, "-I c %u -m mark --mark %u\n", at + 1, e.mark);
	put_in(m, at, e);
}

static void replace(struct model *m, struct str *text)
{
	unsigned int at = chance(m, m->n);

	m->rule[at].mark = chance(m, 300);
	str_putf(text, "-R c %u -m mark --mark %u\n", at + 1, m->rule[at].mark);
}

static void move(struct model *m, struct str *text)
{
	unsigned int from = chance(m, m->n), to = chance(m, m->n), how = chance(m, 3);
	unsigned long long handle = m->rule[from].handle, beside = m->rule[to].handle;
	struct entry e;

	if (how == 0)
		str_putf(text, "--move c %u --to %u\n", from + 1, to + 1);
	else
		str_putf(text, "--move c --handle %llu --%s %llu\n", handle,
			 how == 1 ? "before" : "after", beside);
	if (from == to)
		return;
	e = take_out(m, from);
	if (how != 0) {
		for (to = 0; m->rule[to].handle != beside;)
			to++;
		to += how == 2;
	}
	put_in(m, to, e);
}

static void drop(struct model *m, struct str *text)
{
	unsigned int at = chance(m, m->n), how = chance(m, 3);

	if (how == 0) {
		str_putf(text, "-D c %u\n", at + 1);
	} else if (how == 1) {
		str_putf(text, "-D c --handle %llu\n", (unsigned long long)m->rule[at].handle);
	} else {
		str_putf(text, "-D c -m mark --mark %u\n", m->rule[at].mark);
		for (unsigned int i = 0; i < at; i++)
			if (m->rule[i].mark == m->rule[at].mark)
				at = i;
	}
	take_out(m, at);
}

static void change(struct model *m, struct str *text)
{
	unsigned int what = chance(m, 8);

	if (m->n < MOST && (m->n == 0 || what < 3))
		add(m, text);
	else if (m->n && what < 5)
		replace(m, text);
	else if (m->n && what < 6)
		move(m, text);
	else if (m->n)
		drop(m, text);
}

static void check(struct model *m, const struct pktt_chain *chain)
{
	struct pktt_rule *r = NULL;
	unsigned int i = 0;

	while ((r = pktt_rule_next(chain, r))) {
		assert_true(i < m->n);
		assert_int_equal(r->handle, m->rule[i].handle);
		assert_int_equal(pktt_rule_position(r), i + 1);
		assert_ptr_equal(pktt_rule_by_handle(m->bench.engine, r->handle), r);
		i++;
	}
	assert_int_equal(i, m->n);
}

static void one_transaction(struct model *m, struct str *text)
{
	bool fails = chance(m, 4) == 0;

	memcpy(m->kept, m->rule, sizeof(m->rule));
	m->nkept = m->n;
	str_clear(text);
	str_puts(text, "*filter\n");
	for (unsigned int i = chance(m, 6) + 1; i > 0; i--)
		change(m, text);
	if (fails)
		str_puts(text, "-A c -j nowhere\n");
	str_puts(text, "COMMIT\n");
	if (!engine_bench_load(&m->bench, PKTT_IPV4, str_text(text), 0) == fails)
		fail_msg("%s: %s", m->bench.errs.item[0].text, str_text(text));
	if (!fails)
		return;
	memcpy(m->rule, m->kept, sizeof(m->rule));
	m->n = m->nkept;
	m->next_handle++; /* of the rule that led nowhere */
}

static void test_model(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	struct pktt_snapshot *held = NULL;
	struct str text = STR_INIT;
	struct pktt_chain *chain;

	(void)state;
	assert_non_null(m);
	m->seed = 7;
	engine_bench_init(&m->bench);
	assert_int_equal(engine_bench_load(&m->bench, PKTT_IPV4, "*filter\n-N c\nCOMMIT\n", 0), 0);
	chain = pktt_chain_lookup(pktt_table_lookup(m->bench.engine, PKTT_IPV4, "filter"), "c");
	for (int i = 0; i < ROUNDS; i++) {
		one_transaction(m, &text);
		if (i % 16 == 0)
			check(m, chain);
		if (i % 500 == 0)
			assert_int_equal(pktt_snapshot_get(&held, m->bench.engine), 0);
		else if (i % 500 == 100)
			pktt_snapshot_put(&held);
	}
	check(m, chain);
	pktt_snapshot_put(&held);
	engine_bench_fini(&m->bench);
	str_fini(&text);
	free(m);
}

/* --- Moving and renaming keep what a rule has ------------------------------------------------- */

static void run(struct engine_bench *b)
{
	engine_bench_run(b, "udp 10.0.0.1:1 > 10.0.0.2:2", PKTT_LOCAL_IN, NULL);
}

static void load(struct engine_bench *b, const char *text)
{
	if (engine_bench_load(b, PKTT_IPV4, text, 0))
		fail_msg("refused: %s", b->errs.item[0].text);
}

static uint64_t packets(struct engine_bench *b, uint64_t handle)
{
	struct pktt_counters c;

	pktt_rule_counters(pktt_rule_by_handle(b->engine, handle), &c);
	return c.packets;
}

static void check_saved(struct engine_bench *b, const char *want)
{
	struct pktt_errors errs = { 0 };
	struct str text = STR_INIT;

	assert_int_equal(pktt_save_text(b->engine, PKTT_IPV4, 0, &text, &errs), 0);
	assert_string_equal(str_text(&text), want);
	str_fini(&text);
}

static void test_keeps(void **state)
{
	struct engine_bench b;

	(void)state;
	engine_bench_init(&b);
	load(&b,
	     "*filter\n-N a\n-A INPUT -m quota --quota 1000000\n-A INPUT -j a\n-A INPUT\nCOMMIT\n");
	run(&b);
	load(&b,
	     "*filter\n--move INPUT 2 --to 3\n-E a b\n--move INPUT --handle 1 --after 3\nCOMMIT\n");
	run(&b);
	check_saved(
		&b,
		"*filter\n:INPUT ACCEPT [2:56]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		":b - [0:0]\n-A INPUT\n-A INPUT -m quota --quota 1000000\n-A INPUT -j b\nCOMMIT\n");
	assert_int_equal(packets(&b, 1), 2);
	assert_int_equal(packets(&b, 2), 2);
	/* By its new text; and a rename that is taken back changes no text. */
	assert_int_equal(
		engine_bench_load(&b, PKTT_IPV4, "*filter\n-E b c\n-A INPUT -j x\nCOMMIT\n", 0),
		-ENOENT);
	load(&b, "*filter\n-C INPUT -j b\n-D INPUT -j b\n-X b\nCOMMIT\n");
	assert_null(pktt_rule_by_handle(b.engine, 2));
	engine_bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_model),
					    cmocka_unit_test(test_keeps) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
