/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking back: whatever a commit did, its undo gives the ruleset of before, to the byte, handles included.
 * Random commits, then back to a generation at random, against texts that were saved on the way.
 */
#include "engine_bench.h"

#include "base/str.h"
#include "core/change.h"
#include "core/set.h"
#include "daemon/undo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GENERATIONS = 160 };

struct past {
	struct engine_bench bench;
	struct undo *undo[GENERATIONS]; /* by generation */
	struct str text[GENERATIONS];
	struct undo *collected;
	uint64_t random;
};

static uint32_t chance(struct past *p, uint32_t n)
{
	p->random = p->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(p->random >> 33) % n;
}

static void on_change(void *ctx, const struct pktt_change *c, uint64_t generation, void *user)
{
	struct past *p = ctx;

	(void)user;
	if (!p->collected)
		assert_int_equal(undo_new(&p->collected), 0);
	undo_note(p->collected, p->bench.engine, c, generation);
}

static void on_commit(void *ctx, uint64_t generation, uint64_t nchanges, void *user)
{
	struct past *p = ctx;

	(void)nchanges;
	(void)user;
	assert_true(generation < GENERATIONS);
	if (p->collected)
		undo_finish(p->collected);
	undo_free(&p->undo[generation]);
	p->undo[generation] = p->collected;
	p->collected = NULL;
}

/* The text of the language, and the handle of every rule. */
static void save(struct past *p, struct str *out)
{
	struct pktt_errors errs = { 0 };

	str_clear(out);
	assert_int_equal(pktt_save_text(p->bench.engine, PKTT_INET, PKTT_SAVE_NATIVE, out, &errs),
			 0);
	for (struct pktt_table *t = NULL; (t = pktt_table_next(p->bench.engine, t));)
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			for (struct pktt_rule *r = NULL; (r = pktt_rule_next(c, r));)
				str_putf(out, "%llu ", (unsigned long long)r->handle);
}

static void begin(struct past *p, uint64_t seed)
{
	const struct pktt_change_listener l = { on_change, on_commit, NULL, p };

	*p = (struct past){ .random = seed };
	engine_bench_init(&p->bench);
	assert_int_equal(pktt_engine_listen(p->bench.engine, &l), 0);
	/* All tables and sets that the commands below speak of. */
	assert_int_equal(engine_bench_load(&p->bench, PKTT_IPV4,
					   "create a hash:ip\ncreate b hash:net\n"
					   "*filter\n:ONE -\n:TWO -\nCOMMIT\n*mangle\nCOMMIT\n"
					   "*filter inet\nCOMMIT\n",
					   0),
			 0);
}

static void end(struct past *p)
{
	pktt_engine_unlisten(p->bench.engine, p);
	for (int i = 0; i < GENERATIONS; i++) {
		undo_free(&p->undo[i]);
		str_fini(&p->text[i]);
	}
	engine_bench_fini(&p->bench);
}

/* One line of a table's section; some are refused, and then the whole commit is. */
static void put_line(struct past *p, struct str *out)
{
	static const char *const chains[] = { "INPUT", "OUTPUT", "ONE", "TWO", "THREE" };
	const char *chain = chains[chance(p, 5)];
	uint32_t n = chance(p, 250) + 1;

	switch (chance(p, 14)) {
	case 0:
	case 1:
	case 2:
		str_putf(out, "-A %s -s 10.0.0.%u -j ACCEPT\n", chain, n);
		break;
	case 3:
		str_putf(out, "-I %s %u -p tcp --dport %u -j DROP --name r%u\n", chain, n % 3 + 1,
			 n, n);
		break;
	case 4:
	case 5:
		str_putf(out, "-D %s %u\n", chain, n % 3 + 1);
		break;
	case 6:
		str_putf(out, "-R %s %u -m comment --comment \"c %u\" -j RETURN\n", chain,
			 n % 3 + 1, n);
		break;
	case 7:
		str_putf(out, "--move %s %u --after %u\n", chain, n % 3 + 1, n % 40);
		break;
	case 8:
		str_putf(out, "-F %s\n", chain);
		break;
	case 9:
		str_putf(out, "-P INPUT %s\n", n % 2 ? "DROP" : "ACCEPT");
		break;
	case 10:
		str_putf(out, n % 2 ? "-N THREE\n" : "-X THREE\n");
		break;
	case 11:
		str_putf(out, n % 2 ? "-E THREE FOUR\n" : "-E FOUR THREE\n");
		break;
	case 12:
		str_putf(out, "-A INPUT -m set --match-set a src -j ONE\n");
		break;
	case 13:
		str_putf(out, "-Z %s\n", chain);
		break;
	}
}

static void put_sets(struct past *p, struct str *out)
{
	uint32_t n = chance(p, 6) + 1;

	switch (chance(p, 8)) {
	case 0:
	case 1:
	case 2:
		str_putf(out, "add a 192.0.2.%u\n", n);
		break;
	case 3:
		str_putf(out, "del a 192.0.2.%u\n", n);
		break;
	case 4:
		str_putf(out, "add b 192.0.%u.0/24\n", n);
		break;
	case 5:
		str_putf(out, "flush %s\n", n % 2 ? "a" : "b");
		break;
	case 6:
		str_putf(out, n % 2 ? "create c hash:ip\nadd c 1.2.3.4\n" : "destroy c\n");
		break;
	case 7:
		str_putf(out, n % 2 ? "destroy b\n" : "create b hash:net\nadd b 10.0.0.0/8\n");
		break;
	}
}

static void commit_one(struct past *p)
{
	struct str text = STR_INIT;
	unsigned int flags = chance(p, 8) ? 0 : PKTT_APPLY_RESTORE;

	for (uint32_t n = chance(p, 3); n > 0; n--)
		put_sets(p, &text);
	for (uint32_t sections = chance(p, 3); sections > 0; sections--) {
		str_puts(&text, chance(p, 4) ? "*filter\n" : "*filter inet\n:ONE -\n:TWO -\n");
		if (flags)
			str_puts(&text, ":ONE -\n:TWO -\n");
		for (uint32_t n = chance(p, 4); n > 0; n--)
			put_line(p, &text);
		str_puts(&text, "COMMIT\n");
	}
	(void)!engine_bench_load(&p->bench, PKTT_IPV4, str_text(&text), flags);
	str_fini(&text);
}

static void go_back(struct past *p, uint64_t to)
{
	uint64_t from = pktt_engine_generation(p->bench.engine);
	struct pktt_errors errs = { 0 };
	struct pktt_error err = { 0 };
	struct str now = STR_INIT;
	struct pktt_txn *txn;

	assert_int_equal(pktt_txn_begin(&txn, p->bench.engine, &err), 0);
	for (uint64_t g = from; g > to; g--)
		if (p->undo[g] && undo_apply(p->undo[g], txn, p->bench.engine, &err))
			fail_msg("generation %llu of %llu to %llu: %s", (unsigned long long)g,
				 (unsigned long long)from, (unsigned long long)to, err.text);
	if (pktt_txn_commit(&txn, &errs))
		fail_msg("commit: %s", errs.item[0].text);
	save(p, &now);
	assert_string_equal(str_text(&now), str_text(&p->text[to]));
	str_fini(&now);
}

static void run_seed(uint64_t seed)
{
	struct past *p = calloc(1, sizeof(*p));
	uint64_t first, now;

	assert_non_null(p);
	begin(p, seed);
	first = now = pktt_engine_generation(p->bench.engine);
	while (now + 3 < GENERATIONS) {
		save(p, &p->text[now]);
		if (now > first && chance(p, 25) == 0) {
			uint64_t far = now - first > 5 ? 5 : now - first;

			go_back(p, now - 1 - chance(p, (uint32_t)far));
		} else {
			commit_one(p);
		}
		now = pktt_engine_generation(p->bench.engine);
	}
	end(p);
	free(p);
}

static void test_random(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++)
		run_seed(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
