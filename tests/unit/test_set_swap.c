/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets that change places, single elements, and elements listed in steps while they change. */
#include "engine_bench.h"

#include "base/str.h"
#include "core/change.h"
#include "core/set.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int load(struct engine_bench *b, const char *text)
{
	return engine_bench_load(b, PKTT_IPV4, text, 0);
}

static void good(struct engine_bench *b, const char *text)
{
	if (load(b, text))
		fail_msg("refused: %s", b->errs.item[0].text);
}

static bool drops(struct engine_bench *b)
{
	return engine_bench_run(b, "udp 10.0.0.1:1 > 10.0.0.2:2", PKTT_FORWARD, NULL) == PKTT_DROP;
}

static void saves(struct engine_bench *b, const char *want)
{
	struct str text = STR_INIT;

	pktt_sets_save(b->engine, &text);
	assert_string_equal(str_text(&text), want);
	str_fini(&text);
}

static void test_swap(void **state)
{
	struct engine_bench b;

	(void)state;
	engine_bench_init(&b);
	good(&b,
	     "create a hash:ip\ncreate b hash:ip timeout 100\nadd b 10.0.0.1\ncreate l list:set\n"
	     "add l a\n*filter\n-A FORWARD -m set --match-set a src -j DROP\nCOMMIT\n");
	assert_false(drops(&b));
	good(&b, "swap a b\n");
	assert_true(drops(&b));
	/* What is said under a name is of what the name shows. */
	good(&b, "del a 10.0.0.1\nadd b 10.0.0.9\n");
	assert_false(drops(&b));
	saves(&b, "create a hash:ip family inet hashsize 1024 maxelem 65536 timeout 100\n"
		  "create b hash:ip family inet hashsize 1024 maxelem 65536\nadd b 10.0.0.9\n"
		  "create l list:set size 8\nadd l a\n");
	assert_int_equal(load(&b, "destroy a\n"), -EINVAL);
	good(&b, "destroy b\n");
	good(&b, "create b hash:ip\nadd b 10.0.0.1\nswap b a\nswap a b\nswap a b\n");
	assert_true(drops(&b));
	assert_int_equal(load(&b, "swap a b\nadd a 10.0.0.5\nadd x y\n"), -EINVAL);
	assert_true(drops(&b));
	assert_int_equal(load(&b, "create c hash:net\nswap a c\n"), -EINVAL);
	saves(&b, "create a hash:ip family inet hashsize 1024 maxelem 65536\nadd a 10.0.0.1\n"
		  "create b hash:ip family inet hashsize 1024 maxelem 65536 timeout 100\n"
		  "create l list:set size 8\nadd l a\n");
	good(&b, "*filter\n-F\nCOMMIT\nflush l\n");
	engine_bench_fini(&b);
}

/* As programs that load blocklists do it, hundreds of times: nothing gathers. */
static void test_swap_again(void **state)
{
	struct engine_bench b;
	char text[256];

	(void)state;
	engine_bench_init(&b);
	good(&b,
	     "create a hash:ip\n*filter\n-A FORWARD -m set --match-set a src -j DROP\nCOMMIT\n");
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof(text),
			 "create t hash:ip\nadd t 10.0.0.%d\nswap a t\ndestroy t\n", i % 2 + 1);
		good(&b, text);
		assert_int_equal(drops(&b), i % 2 == 0);
	}
	engine_bench_fini(&b);
}

static void test_get(void **state)
{
	struct str text = STR_INIT;
	struct engine_bench b;
	struct pktt_set *s;

	(void)state;
	engine_bench_init(&b);
	pktt_engine_set_time(b.engine, UINT64_C(1795435200000000000));
	good(&b,
	     "create s hash:net timeout 60 counters\nadd s 10.0.0.0/8 timeout 9 packets 3 bytes 5\n");
	s = pktt_set_lookup(b.engine, "s");
	assert_int_equal(
		pktt_set_element_get(s, "10.0.0.0/8", pktt_engine_time(b.engine), &text, NULL), 1);
	assert_string_equal(str_text(&text), "10.0.0.0/8 timeout 9 packets 3 bytes 5");
	assert_int_equal(
		pktt_set_element_get(s, "10.0.0.0/9", pktt_engine_time(b.engine), &text, NULL), 0);
	assert_int_equal(pktt_set_element_get(s, "x", pktt_engine_time(b.engine), &text, NULL),
			 -EINVAL);
	assert_int_equal(pktt_set_count(s), 1);
	str_fini(&text);
	engine_bench_fini(&b);
}

#define MANY 3000

static unsigned int list_all(struct pktt_set *set, unsigned int *seen)
{
	struct pktt_set_cursor *c = NULL;
	struct str text = STR_INIT;
	unsigned int n = 0, i;

	assert_int_equal(pktt_set_cursor_new(&c, set), 0);
	while (pktt_set_cursor_next(c, 0, &text) == 1) {
		unsigned int x, y;

		assert_int_equal(sscanf(str_text(&text), "10.0.%u.%u", &x, &y), 2);
		i = x * 250 + y;
		assert_true(i < MANY + 250);
		seen[i]++;
		n++;
		str_clear(&text);
	}
	pktt_set_cursor_free(&c);
	str_fini(&text);
	return n;
}

static void add_many(struct str *text, unsigned int from, unsigned int n, const char *verb)
{
	for (unsigned int i = from; i < from + n; i++)
		str_putf(text, "%s s 10.0.%u.%u\n", verb, i / 250, i % 250);
}

static void test_cursor(void **state)
{
	unsigned int *seen = calloc(MANY + 250, sizeof(*seen));
	struct str text = STR_INIT;
	struct engine_bench b;
	struct pktt_set *s;
	uint64_t version;

	(void)state;
	engine_bench_init(&b);
	good(&b, "create s hash:ip\n");
	add_many(&text, 0, MANY - 200, "add");
	good(&b, str_text(&text));
	str_clear(&text);
	/* These stand in the delta. */
	add_many(&text, MANY - 200, 200, "add");
	good(&b, str_text(&text));
	s = pktt_set_lookup(b.engine, "s");
	version = pktt_set_version(s);
	assert_int_equal(pktt_set_count(s), MANY);
	assert_int_equal(list_all(s, seen), MANY);
	for (unsigned int i = 0; i < MANY; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(pktt_set_version(s), version);
	good(&b, "del s 10.0.0.5\n");
	assert_int_not_equal(pktt_set_version(s), version);
	str_fini(&text);
	free(seen);
	engine_bench_fini(&b);
}

/* The set is flushed, filled, destroyed under the cursor: it ends, and reads nothing that is gone. */
static void test_cursor_beside_changes(void **state)
{
	struct pktt_set_cursor *c = NULL;
	struct str text = STR_INIT, got = STR_INIT;
	struct engine_bench b;

	(void)state;
	engine_bench_init(&b);
	good(&b, "create s hash:ip comment\n");
	add_many(&text, 0, 1000, "add");
	good(&b, str_text(&text));
	assert_int_equal(pktt_set_cursor_new(&c, pktt_set_lookup(b.engine, "s")), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(pktt_set_cursor_next(c, 0, &got), 1);
	good(&b, "flush s\n");
	good(&b, str_text(&text));
	for (int i = 0; i < 200; i++)
		good(&b, i % 2 ? "create x hash:ip\ndestroy x\n" : "flush s\n");
	pktt_set_cursor_next(c, 0, &got);
	good(&b, "destroy s\n");
	while (pktt_set_cursor_next(c, 0, &got) == 1)
		;
	pktt_set_cursor_free(&c);
	str_fini(&text);
	str_fini(&got);
	engine_bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_swap),
		cmocka_unit_test(test_swap_again),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_cursor_beside_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
