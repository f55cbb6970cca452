/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounting objects: shared by name, counted, taken, with quotas of packets and bytes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "engine_bench.h"
#include "ext/nfacct.h"

#define RULES                                                   \
	"*filter\n:FORWARD ACCEPT [0:0]\n"                      \
	"-A FORWARD -p udp -m nfacct --nfacct-name a -j DROP\n" \
	"-A FORWARD -m nfacct --nfacct-name b\nCOMMIT\n"
#define PACKET "udp 10.0.0.1:1 > 10.0.1.1:2 len=72" /* of 100 bytes */

static void count_names(void *ctx, const char *name, const struct nfacct_count *count)
{
	assert_true(strcmp(name, "a") == 0 || strcmp(name, "b") == 0);
	assert_int_equal(count->kind, NFACCT_NO_QUOTA);
	++*(int *)ctx;
}

static void test_counts(void **state)
{
	struct engine_bench b;
	struct nfacct_count c;
	int names = 0;

	(void)state;
	engine_bench_init(&b);
	assert_int_equal(engine_bench_load(&b, PKTT_IPV4, RULES, 0), 0);
	nfacct_each(b.engine, count_names, &names);
	assert_int_equal(names, 2);
	assert_int_equal(engine_bench_run(&b, PACKET, PKTT_FORWARD, NULL), PKTT_DROP);
	assert_int_equal(engine_bench_run(&b, PACKET, PKTT_FORWARD, NULL), PKTT_DROP);
	assert_int_equal(nfacct_get(b.engine, "a", true, &c), 0);
	assert_int_equal(c.packets, 2);
	assert_int_equal(c.bytes, 200);
	assert_int_equal(nfacct_get(b.engine, "a", false, &c), 0);
	assert_int_equal(c.packets, 0);
	assert_int_equal(nfacct_get(b.engine, "none", false, &c), -ENOENT);
	engine_bench_fini(&b);
}

/* As nfnl_acct_overquota(): the match hits from the packet on that reaches it. */
static void test_quota(void **state)
{
	static const struct {
		enum nfacct_quota kind;
		uint64_t quota;
	} cases[] = { { NFACCT_QUOTA_PACKETS, 3 }, { NFACCT_QUOTA_BYTES, 201 } };
	struct nfacct_count c;
	struct engine_bench b;

	(void)state;
	engine_bench_init(&b);
	assert_int_equal(engine_bench_load(&b, PKTT_IPV4, RULES, 0), 0);
	assert_int_equal(nfacct_set_quota(b.engine, "none", NFACCT_QUOTA_BYTES, 1), -ENOENT);
	for (size_t i = 0; i < pktt_countof(cases); i++) {
		nfacct_get(b.engine, "a", true, &c);
		nfacct_set_quota(b.engine, "a", cases[i].kind, cases[i].quota);
		assert_int_equal(engine_bench_run(&b, PACKET, PKTT_FORWARD, NULL), PKTT_ACCEPT);
		assert_int_equal(engine_bench_run(&b, PACKET, PKTT_FORWARD, NULL), PKTT_ACCEPT);
		assert_int_equal(engine_bench_run(&b, PACKET, PKTT_FORWARD, NULL), PKTT_DROP);
	}
	engine_bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_quota),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
