/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables, chains, transactions and the traversal, through the language as users write it. */
#include "base/str.h"
#include "core/l3.h"
#include "engine_bench.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <urcu-qsbr.h>

static int setup(void **state)
{
	static struct engine_bench bench;

	rcu_register_thread();
	engine_bench_init(&bench);
	*state = &bench;
	return 0;
}

static int teardown(void **state)
{
	engine_bench_fini(*state);
	rcu_unregister_thread();
	return 0;
}

static void load(struct engine_bench *b, const char *text)
{
	int r = engine_bench_load(b, PKTT_IPV4, text, PKTT_APPLY_RESTORE);

	if (r)
		fail_msg("refused: %s", b->errs.item[0].text);
}

static void refuse(struct engine_bench *b, const char *text, const char *why)
{
	uint64_t gen = pktt_engine_generation(b->engine);

	assert_int_not_equal(engine_bench_load(b, PKTT_IPV4, text, PKTT_APPLY_RESTORE), 0);
	if (!strstr(b->errs.item[0].text, why))
		fail_msg("the error is: %s", b->errs.item[0].text);
	assert_int_equal(pktt_engine_generation(b->engine), gen);
}

static void expect_saved(struct engine_bench *b, const char *want)
{
	struct str out = STR_INIT;

	assert_int_equal(pktt_save_text(b->engine, PKTT_IPV4, 0, &out, &b->errs), 0);
	/* Counters of chains differ from run to run of packets; the rest must not. */
	assert_string_equal(str_text(&out), want);
	str_fini(&out);
}

#define TCP22 "tcp 10.0.0.1:1000 > 10.0.0.2:22 syn"
#define TCP80 "tcp 10.0.0.1:1000 > 10.0.0.2:80 syn"

static void test_policy(void **state)
{
	struct engine_bench *b = *state;

	assert_int_equal(engine_bench_run(b, TCP22, PKTT_FORWARD, NULL), PKTT_ACCEPT);
	load(b, "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p tcp --dport 22 -j ACCEPT\nCOMMIT\n");
	assert_int_equal(engine_bench_run(b, TCP22, PKTT_FORWARD, NULL), PKTT_ACCEPT);
	assert_int_equal(engine_bench_run(b, TCP80, PKTT_FORWARD, NULL), PKTT_DROP);
	load(b, "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n");
	assert_int_equal(engine_bench_run(b, TCP80, PKTT_FORWARD, NULL), PKTT_ACCEPT);
}

static void test_jump_goto_return(void **state)
{
	struct engine_bench *b = *state;
	uint32_t mark;

	load(b, "*mangle\n:A - [0:0]\n:B - [0:0]\n:C - [0:0]\n"
		"-A FORWARD -p tcp --dport 22 -j A\n"
		"-A FORWARD -p tcp --dport 80 -g C\n"
		"-A FORWARD -j MARK --or-mark 0x100\n"
		"-A A -j B\n-A A -j MARK --or-mark 0x2\n"
		"-A B -j MARK --or-mark 0x1\n-A B -j RETURN\n-A B -j MARK --or-mark 0x80\n"
		"-A C -j MARK --or-mark 0x4\nCOMMIT\n");
	engine_bench_run(b, TCP22, PKTT_FORWARD, &mark);
	assert_int_equal(mark, 0x103);
	/* A goto does not come back: at the end of C the policy of FORWARD decides. */
	engine_bench_run(b, TCP80, PKTT_FORWARD, &mark);
	assert_int_equal(mark, 0x4);
}

static void test_targets_in_order(void **state)
{
	struct engine_bench *b = *state;
	uint32_t mark;

	load(b, "*mangle\n:A - [0:0]\n"
		"-A FORWARD -j MARK --set-mark 1 -j A -j MARK --or-mark 4 -j ACCEPT\n"
		"-A FORWARD -j DROP\n-A A -j MARK --or-mark 2\nCOMMIT\n");
	assert_int_equal(engine_bench_run(b, TCP22, PKTT_FORWARD, &mark), PKTT_ACCEPT);
	assert_int_equal(mark, 7);
}

static void test_counters(void **state)
{
	struct engine_bench *b = *state;
	struct pktt_counters c;
	struct pktt_chain *chain;

	load(b, "*filter\n:A - [0:0]\n-A FORWARD -j A\n-A A -p udp\n-A A -p tcp\nCOMMIT\n");
	engine_bench_run(b, TCP22, PKTT_FORWARD, NULL);
	engine_bench_run(b, TCP22 " len=60", PKTT_FORWARD, NULL);
	chain = pktt_chain_lookup(pktt_table_lookup(b->engine, PKTT_IPV4, "filter"), "A");
	pktt_rule_counters(pktt_rule_next(chain, NULL), &c);
	assert_int_equal(c.packets, 0);
	pktt_rule_counters(pktt_rule_next(chain, pktt_rule_next(chain, NULL)), &c);
	assert_int_equal(c.packets, 2);
	assert_int_equal(c.bytes, 40 + 100);
	chain = pktt_chain_lookup(pktt_table_lookup(b->engine, PKTT_IPV4, "filter"), "FORWARD");
	pktt_chain_counters(chain, &c);
	assert_int_equal(c.packets, 2);
}

static void test_refused(void **state)
{
	struct engine_bench *b = *state;

	refuse(b, "*filter\n:A - [0:0]\n:B - [0:0]\n-A A -j B\n-A B -j A\nCOMMIT\n", "A -> B -> A");
	refuse(b, "*filter\n:A - [0:0]\n-A A -g A\nCOMMIT\n", "A -> A");
	refuse(b, "*filter\n-A INPUT -j WEB\nCOMMIT\n", "WEB is not defined (defined: INPUT, ");
	refuse(b, "*filter\n-A INPUT -j ACCPET\nCOMMIT\n", "did you mean ACCEPT?");
	refuse(b, "*filter\n-A INPUT -j FORWARD\nCOMMIT\n", "built-in chain");
	refuse(b, "*filter\n-A WEB -j ACCEPT\nCOMMIT\n", "no chain WEB");
	refuse(b, "*filer\n-A INPUT\nCOMMIT\n", "filer");
	refuse(b, "*mangle\n-A INPUT -j REJECT\nCOMMIT\n", "REJECT belongs in table filter");
	assert_int_equal(b->errs.item[0].place.line, 2);
	refuse(b, "*filter\n:A - [0:0]\n-A A -o eth0\n-X A\nCOMMIT\n", "not empty");
	refuse(b, "*filter\n:A - [0:0]\n-A INPUT -j A\n-X A\nCOMMIT\n", "jumped to");
	refuse(b, "*filter\n-P INPUT RETURN\nCOMMIT\n", "ACCEPT or DROP");
	refuse(b, "*filter\n-D INPUT 1\nCOMMIT\n", "no rule number 1");
}

static void test_several_errors(void **state)
{
	struct engine_bench *b = *state;

	refuse(b,
	       "*filter\n-A INPUT -j NOWHERE\n-A FORWARD -p tcp --dport 22 -j ELSEWHERE\nCOMMIT\n",
	       "NOWHERE");
	assert_int_equal(b->errs.count, 2);
	assert_int_equal(b->errs.item[1].place.line, 3);
	assert_int_equal(b->errs.item[1].place.column, 33);
}

/* Nothing of a refused file is there, and what was there is as it was. */
static void test_nothing_half_applied(void **state)
{
	struct engine_bench *b = *state;
	static const char kept[] = "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n"
				   ":OUTPUT ACCEPT [0:0]\n:A - [0:0]\n"
				   "-A INPUT -j A\n-A A -p tcp -j ACCEPT\nCOMMIT\n";

	load(b, kept);
	refuse(b,
	       "*filter\n:INPUT ACCEPT [0:0]\n:B - [0:0]\n-A INPUT -j B\n-A B -j NONE\nCOMMIT\n"
	       "*raw\n-A PREROUTING -j DROP\nCOMMIT\n",
	       "NONE");
	expect_saved(b, kept);
	assert_int_equal(engine_bench_run(b, TCP22, PKTT_PRE_ROUTING, NULL), PKTT_ACCEPT);
	refuse(b, "*filter\n:B - [0:0]\n-A B -j B\nCOMMIT\n", "loop");
	expect_saved(b, kept);
}

static void test_one_at_a_time(void **state)
{
	struct engine_bench *b = *state;
	static const char *const step[] = {
		"*filter\n-N A\n-A A -s 10.0.0.3\n-A A -s 10.0.0.5\nCOMMIT\n",
		"*filter\n-I A 2 -s 10.0.0.4\n-I A -s 10.0.0.2\n-I A 5 -s 10.0.0.6\nCOMMIT\n",
		"*filter\n-D A 1\n-D A -s 10.0.0.6\n-R A 1 -s 10.0.0.9\nCOMMIT\n",
		"*filter\n-A INPUT -j A\n-E A B\n-P FORWARD DROP\nCOMMIT\n",
	};

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++)
		assert_int_equal(engine_bench_load(b, PKTT_IPV4, step[i], 0), 0);
	expect_saved(b, "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
			":B - [0:0]\n-A INPUT -j B\n-A B -s 10.0.0.9/32\n-A B -s 10.0.0.4/32\n"
			"-A B -s 10.0.0.5/32\nCOMMIT\n");
}

/* A hook that newly reaches a chain makes its old rules wrong. */
static void test_hooks_follow_jumps(void **state)
{
	struct engine_bench *b = *state;

	load(b, "*nat\n:A - [0:0]\n:B - [0:0]\n-A A -j B\nCOMMIT\n");
	assert_int_equal(engine_bench_load(b, PKTT_IPV4, "*nat\n-A B -j MASQUERADE\nCOMMIT\n", 0),
			 0);
	assert_int_not_equal(engine_bench_load(b, PKTT_IPV4, "*nat\n-A INPUT -j A\nCOMMIT\n", 0),
			     0);
	assert_string_equal(b->errs.item[0].text,
			    "MASQUERADE works in POSTROUTING, but chain B is reached from INPUT");
	assert_int_equal(engine_bench_load(b, PKTT_IPV4, "*nat\n-A POSTROUTING -j A\nCOMMIT\n", 0),
			 0);
	/* The jump gone, the chain is no longer reached and takes what it would not before. */
	assert_int_equal(engine_bench_load(b, PKTT_IPV4,
					   "*nat\n-D POSTROUTING 1\n-F B\n-A INPUT -j A\nCOMMIT\n",
					   0),
			 0);
	assert_int_not_equal(
		engine_bench_load(b, PKTT_IPV4, "*nat\n-A B -j MASQUERADE\nCOMMIT\n", 0), 0);
}

static void test_inet_serves_both(void **state)
{
	struct engine_bench *b = *state;

	load(b,
	     "*filter inet\n:FORWARD DROP [0:0]\n-A FORWARD -p tcp --dport 22 -j ACCEPT\nCOMMIT\n");
	assert_int_equal(engine_bench_run(b, TCP22, PKTT_FORWARD, NULL), PKTT_ACCEPT);
	assert_int_equal(engine_bench_run(b, TCP80, PKTT_FORWARD, NULL), PKTT_DROP);
	assert_int_equal(
		engine_bench_run(b, "tcp 2001:db8::1 > [2001:db8::2]:22 syn", PKTT_FORWARD, NULL),
		PKTT_ACCEPT);
	assert_int_equal(
		engine_bench_run(b, "udp 2001:db8::1 > [2001:db8::2]:22", PKTT_FORWARD, NULL),
		PKTT_DROP);
}

/* A program's own table: between raw and mangle in PREROUTING, and before everything in FORWARD. */
static void test_own_table(void **state)
{
	static const struct pktt_std_table early = {
		"early",
		{ { PKTT_PRE_ROUTING, -200 }, { PKTT_FORWARD, -1000 } },
		2,
	};
	static const struct pktt_std_table filter = { "filter", { { PKTT_FORWARD, 0 } }, 1 };
	struct engine_bench *b = *state;
	struct pktt_error err;
	uint32_t mark;

	assert_int_equal(pktt_table_register(b->engine, PKTT_IPV4, &filter, &err), -EEXIST);
	assert_int_equal(pktt_table_register(b->engine, PKTT_ARP, &early, &err), -EINVAL);
	assert_int_equal(pktt_table_register(b->engine, PKTT_IPV4, &early, &err), 0);
	load(b, "*raw\n-A PREROUTING -j MARK --set-mark 1\nCOMMIT\n"
		"*early\n-A PREROUTING -m mark --mark 1 -j MARK --set-mark 2\n"
		"-A FORWARD -m mark --mark 0 -j DROP\nCOMMIT\n"
		"*mangle\n-A PREROUTING -m mark --mark 2 -j MARK --set-mark 3\nCOMMIT\n");
	engine_bench_run(b, TCP22, PKTT_PRE_ROUTING, &mark);
	assert_int_equal(mark, 3);
	assert_int_equal(engine_bench_run(b, TCP22, PKTT_FORWARD, NULL), PKTT_DROP);
	refuse(b, "*late\n-A FORWARD -j DROP\nCOMMIT\n", "no table late");
}

/* A reader that loaded its generation before a commit sees the world of that generation. */
static void test_generations(void **state)
{
	struct engine_bench *b = *state;
	uint64_t before;

	load(b, "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n");
	before = pktt_engine_generation(b->engine);
	load(b, "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p udp -j DROP\nCOMMIT\n");
	assert_int_equal(pktt_engine_generation(b->engine), before + 1);
	assert_int_equal(engine_bench_run(b, TCP22, PKTT_FORWARD, NULL), PKTT_ACCEPT);
}

/* Many small changes: handles stay, nothing piles up that the sanitizer would call a leak. */
static void test_many_changes(void **state)
{
	struct engine_bench *b = *state;

	load(b, "*filter\n:A - [0:0]\n-A INPUT -j A\nCOMMIT\n");
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(engine_bench_load(b, PKTT_IPV4,
						   "*filter\n-A A -p tcp --dport 22\nCOMMIT\n", 0),
				 0);
		assert_int_equal(engine_bench_load(b, PKTT_IPV4, "*filter\n-D A 1\nCOMMIT\n", 0),
				 0);
	}
	expect_saved(b,
		     "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		     ":A - [0:0]\n-A INPUT -j A\nCOMMIT\n");
}

/* ebtables: a chain of the user's has a policy as well; RETURN is what other families have. */
static void test_policy_of_user_chain(void **state)
{
	static const char frame[] = "frame ffffffffffff0200000000010003424203";
	struct engine_bench *b = *state;

	load(b, "*filter bridge\n:B DROP\n-A FORWARD -j B\n-A B -p ARP -j RETURN\nCOMMIT\n");
	assert_int_equal(engine_bench_run(b, frame, PKTT_FORWARD, NULL), PKTT_DROP);
	load(b, "*filter bridge\n:B RETURN\n-A FORWARD -j B\nCOMMIT\n");
	assert_int_equal(engine_bench_run(b, frame, PKTT_FORWARD, NULL), PKTT_ACCEPT);
	load(b, "*filter bridge\n:FORWARD DROP\n:B ACCEPT\n-A FORWARD -j B\nCOMMIT\n");
	assert_int_equal(engine_bench_run(b, frame, PKTT_FORWARD, NULL), PKTT_ACCEPT);
	assert_int_equal(engine_bench_load(b, PKTT_BRIDGE, "*filter\n-P B DROP\n", 0), 0);
	assert_int_equal(engine_bench_run(b, frame, PKTT_FORWARD, NULL), PKTT_DROP);
	refuse(b, "*filter bridge\n:FORWARD RETURN\nCOMMIT\n", "a policy is ACCEPT or DROP");
	refuse(b, "*filter\n:B ACCEPT\nCOMMIT\n", "it has no policy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_policy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_jump_goto_return, setup, teardown),
		cmocka_unit_test_setup_teardown(test_targets_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_half_applied, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hooks_follow_jumps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_inet_serves_both, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own_table, setup, teardown),
		cmocka_unit_test_setup_teardown(test_generations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_policy_of_user_chain, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
