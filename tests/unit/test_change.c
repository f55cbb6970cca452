/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commits told to listeners, generations held for listings, and packets that go on after a queue. */
#include "engine_bench.h"

#include "base/str.h"
#include "core/change.h"
#include "core/hook.h"
#include "datapath/replay/craft.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct told {
	struct str text;
	uint64_t changes;
	unsigned int commits;
	bool wants;
	void *user;
};

static const char *const kinds[] = { "table+", "table-", "chain+",  "chain-", "rename", "policy",
				     "rule+",  "rule-",	 "replace", "move",   "zero",	"set+",
				     "set-",   "flush",	 "swap",    "elem+",  "elem-" };

static void on_change(void *ctx, const struct pktt_change *c, uint64_t generation, void *user)
{
	struct told *t = ctx;

	(void)generation;
	t->user = user;
	str_putf(&t->text, "%s", kinds[c->kind]);
	if (c->chain)
		str_putf(&t->text, " %s", pktt_chain_name(c->chain));
	if (c->rule)
		str_putf(&t->text, " %llu after %llu", (unsigned long long)c->rule->handle,
			 (unsigned long long)c->after);
	if (c->old)
		str_putf(&t->text, " for %llu", (unsigned long long)c->old->handle);
	if (c->kind == PKTT_CHANGE_CHAIN_POLICY)
		str_putf(&t->text, " was %d", c->policy);
	if (c->set)
		str_putf(&t->text, " %s", c->set);
	if (c->text)
		str_putf(&t->text, " (%s)", c->text);
	str_puts(&t->text, "\n");
}

static void on_commit(void *ctx, uint64_t generation, uint64_t nchanges, void *user)
{
	struct told *t = ctx;

	(void)generation;
	(void)user;
	t->commits++;
	t->changes = nchanges;
}

static bool on_wants(void *ctx)
{
	return ((struct told *)ctx)->wants;
}

static void listen(struct engine_bench *b, struct told *t)
{
	const struct pktt_change_listener l = { on_change, on_commit, on_wants, t };

	*t = (struct told){ .wants = true };
	assert_int_equal(pktt_engine_listen(b->engine, &l), 0);
}

static void load(struct engine_bench *b, const char *text)
{
	if (engine_bench_load(b, PKTT_IPV4, text, 0))
		fail_msg("refused: %s", b->errs.item[0].text);
}

static void check(struct told *t, const char *want)
{
	assert_string_equal(str_text(&t->text), want);
	str_clear(&t->text);
}

static void end(struct engine_bench *b, struct told *t)
{
	pktt_engine_unlisten(b->engine, t);
	engine_bench_fini(b);
	str_fini(&t->text);
}

static void test_rules(void **state)
{
	struct engine_bench b;
	struct told t;

	(void)state;
	engine_bench_init(&b);
	listen(&b, &t);
	load(&b, "*filter\n-A INPUT -j ACCEPT\n-A INPUT -j DROP\n-I INPUT 2 -p tcp\nCOMMIT\n");
	check(&t, "table+\nrule+ INPUT 1 after 0\nrule+ INPUT 2 after 1\nrule+ INPUT 3 after 1\n");
	assert_int_equal(t.changes, 4);
	load(&b, "*filter\n-R INPUT 3 -p udp\n-D INPUT 1\n-P INPUT DROP\n-Z INPUT 1\n-Z INPUT\n"
		 "-I INPUT --before 2 -p sctp\n-I INPUT --after 3 -p gre\nCOMMIT\n");
	check(&t,
	      "replace INPUT 2 after 3 for 2\nrule- INPUT 1 after 0\npolicy INPUT was 1\n"
	      "zero INPUT 3 after 0\nzero INPUT\nrule+ INPUT 4 after 3\nrule+ INPUT 5 after 3\n");
	load(&b, "*filter\n-F INPUT\nCOMMIT\n");
	check(&t, "rule- INPUT 3 after 0\nrule- INPUT 5 after 0\nrule- INPUT 4 after 0\n"
		  "rule- INPUT 2 after 0\n");
	end(&b, &t);
}

static void test_chains(void **state)
{
	struct engine_bench b;
	struct told t;

	(void)state;
	engine_bench_init(&b);
	listen(&b, &t);
	load(&b, "*filter\n-N a\n-A INPUT -j a\n-E a b\nCOMMIT\n");
	/* Told when all is done: names are the new ones. */
	check(&t, "table+\nchain+ b\nrule+ INPUT 1 after 0\nrename b (a)\n");
	load(&b, "*filter\n-F\n-X b\nCOMMIT\n");
	check(&t, "rule- INPUT 1 after 0\nchain- b\n");
	assert_int_equal(engine_bench_load(&b, PKTT_IPV4, "*filter\n-N x\n-N x\nCOMMIT\n", 0),
			 -EINVAL);
	check(&t, "");
	assert_int_equal(
		engine_bench_load(&b, PKTT_IPV4, "*filter\n-N y\nCOMMIT\n", PKTT_APPLY_RESTORE), 0);
	check(&t, "table-\nchain+ y\n");
	t.wants = false;
	load(&b, "*filter\n-A INPUT\nCOMMIT\n");
	check(&t, "");
	assert_int_equal(t.commits, 4);
	assert_int_equal(t.changes, 1);
	end(&b, &t);
}

static void test_sets(void **state)
{
	struct engine_bench b;
	struct told t;

	(void)state;
	engine_bench_init(&b);
	listen(&b, &t);
	load(&b, "create s hash:ip timeout 5\nadd s 10.0.0.1 timeout 7\n");
	check(&t, "set+ s (hash:ip timeout 5)\nelem+ s (10.0.0.1 timeout 7)\n");
	load(&b, "del s 10.0.0.1\nflush s\ndestroy s\n");
	check(&t, "elem- s (10.0.0.1)\nflush s\nset- s\n");
	end(&b, &t);
}

/* --- Snapshots ------------------------------------------------------------------------------- */

static void put_snapshot(const struct pktt_snapshot *s, struct str *out)
{
	for (struct pktt_table *t = NULL; (t = pktt_snapshot_table(s, t));)
		for (struct pktt_chain *c = NULL; (c = pktt_snapshot_chain(s, t, c));) {
			str_putf(out, "%s %d:", pktt_snapshot_chain_name(s, c),
				 pktt_snapshot_policy(s, c));
			for (struct pktt_rule *r = NULL; (r = pktt_snapshot_rule(s, c, r));)
				str_putf(out, " %llu", (unsigned long long)r->handle);
			str_puts(out, "\n");
		}
}

static void check_snapshot(const struct pktt_snapshot *s, const char *want)
{
	struct str text = { 0 };

	put_snapshot(s, &text);
	assert_string_equal(str_text(&text), want);
	str_fini(&text);
}

static void test_snapshot(void **state)
{
	static const char was[] = "INPUT 2: 1 2\nFORWARD 1:\nOUTPUT 1:\na 7: 3\n";
	struct pktt_snapshot *first = NULL, *second = NULL;
	struct engine_bench b;

	(void)state;
	engine_bench_init(&b);
	load(&b, "*filter\n-N a\n-A INPUT -j a\n-A INPUT\n-A a\n-P INPUT DROP\nCOMMIT\n");
	assert_int_equal(pktt_snapshot_get(&first, b.engine), 0);
	load(&b, "*filter\n-E a b\n-D INPUT 1\n-P INPUT ACCEPT\nCOMMIT\n");
	assert_int_equal(pktt_snapshot_get(&second, b.engine), 0);
	/* Enough dies for many grace periods. */
	for (int i = 0; i < 10000; i++)
		load(&b,
		     i % 2 ? "*filter\n-F b\n-X b\nCOMMIT\n" : "*filter\n-F\n-X\n-N b\nCOMMIT\n");
	check_snapshot(first, was);
	check_snapshot(second, "INPUT 1: 2\nFORWARD 1:\nOUTPUT 1:\nb 7: 3\n");
	pktt_snapshot_put(&first);
	check_snapshot(second, "INPUT 1: 2\nFORWARD 1:\nOUTPUT 1:\nb 7: 3\n");
	pktt_snapshot_put(&second);
	for (int i = 0; i < 4000; i++)
		load(&b, i % 2 ? "*filter\n-X\nCOMMIT\n" : "*filter\n-N b\nCOMMIT\n");
	engine_bench_fini(&b);
}

static void test_handles(void **state)
{
	struct pktt_rule *rule;
	struct engine_bench b;

	(void)state;
	engine_bench_init(&b);
	load(&b, "*filter\n-A INPUT\n-A INPUT --handle 77\n-I INPUT -j DROP\nCOMMIT\n");
	rule = pktt_rule_by_handle(b.engine, 77);
	assert_non_null(rule);
	assert_int_equal(pktt_rule_position(rule), 3);
	assert_null(pktt_rule_by_handle(b.engine, 5));
	assert_int_equal(pktt_rule_last_hit(rule), 0);
	engine_bench_run(&b, "udp 10.0.0.1:1 > 10.0.0.2:2", PKTT_LOCAL_IN, NULL);
	load(&b, "*filter\n-D INPUT --handle 77\nCOMMIT\n");
	assert_null(pktt_rule_by_handle(b.engine, 77));
	engine_bench_fini(&b);
}

/* --- Packets that go on ---------------------------------------------------------------------- */

struct waiting {
	struct engine_bench b;
	struct pktt_packet *pkt;
	struct craft_where where;
};

static enum pktt_verdict start(struct waiting *w, const char *rules, enum pktt_hook hook)
{
	engine_bench_init(&w->b);
	load(&w->b, rules);
	w->pkt = NULL;
	if (craft_packet(&w->pkt, &w->where, "udp 10.0.0.1:1 > 10.0.0.2:2", NULL))
		abort();
	w->b.env.generation = pktt_engine_generation(w->b.engine);
	w->pkt->env = &w->b.env;
	w->pkt->in = &w->b.in;
	w->pkt->out = &w->b.out;
	return pktt_hook_run(w->b.engine, w->pkt, hook);
}

static enum pktt_verdict go_on(struct waiting *w, enum pktt_verdict verdict)
{
	w->b.env.generation = pktt_engine_generation(w->b.engine);
	return pktt_hook_resume(w->b.engine, w->pkt, verdict);
}

static void finish(struct waiting *w)
{
	pktt_packet_free(&w->pkt);
	engine_bench_fini(&w->b);
}

static void test_resume(void **state)
{
	static const char rules[] = "*mangle\n-A FORWARD -m mark --mark 1 -j MARK --set-mark 2\n"
				    "-A FORWARD -m mark --mark 0 -j NFQUEUE --queue-num 3\n"
				    "-A FORWARD -j DROP\nCOMMIT\n"
				    "*filter\n-A FORWARD -j MARK --or-mark 16\nCOMMIT\n";
	struct waiting w;

	(void)state;
	assert_int_equal(start(&w, rules, PKTT_FORWARD), PKTT_QUEUE);
	assert_int_equal(w.pkt->queue.number, 3);
	/* The chain that queued it is over; the next one goes on. */
	assert_int_equal(go_on(&w, PKTT_ACCEPT), PKTT_ACCEPT);
	assert_int_equal(w.pkt->mark, 16);
	finish(&w);

	assert_int_equal(start(&w, rules, PKTT_FORWARD), PKTT_QUEUE);
	assert_int_equal(go_on(&w, PKTT_QUEUE), PKTT_QUEUE);
	assert_int_equal(go_on(&w, PKTT_REPEAT), PKTT_QUEUE);
	w.pkt->mark = 1;
	assert_int_equal(go_on(&w, PKTT_REPEAT), PKTT_DROP);
	assert_int_equal(w.pkt->mark, 2);
	finish(&w);
}

/* What the rules are when it goes on counts, not what they were. */
static void test_resume_changed(void **state)
{
	struct waiting w;

	(void)state;
	assert_int_equal(start(&w, "*mangle\n-A FORWARD -j NFQUEUE\nCOMMIT\n", PKTT_FORWARD),
			 PKTT_QUEUE);
	load(&w.b, "*mangle\n-F\nCOMMIT\n*filter\n-A FORWARD -j DROP\nCOMMIT\n");
	assert_int_equal(go_on(&w, PKTT_REPEAT), PKTT_DROP);
	finish(&w);
	assert_int_equal(start(&w, "*mangle\n-A OUTPUT -j NFQUEUE\nCOMMIT\n", PKTT_LOCAL_OUT),
			 PKTT_QUEUE);
	w.pkt->mark = 9;
	assert_int_equal(go_on(&w, PKTT_ACCEPT), PKTT_ACCEPT);
	assert_true(w.pkt->is_rerouted);
	finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),	       cmocka_unit_test(test_chains),
		cmocka_unit_test(test_sets),	       cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_handles),	       cmocka_unit_test(test_resume),
		cmocka_unit_test(test_resume_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
