/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matches that remember: what they say of a sequence of packets in time. Expected values are what
 * the arithmetic of Linux gives, to the tick.
 */
#include "base/own.h"
#include "base/str.h"
#include "core/engine.h"
#include "datapath/replay/craft.h"
#include "ext/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)
#define S  (1000 * MS)
/* An instant that no jiffy of 250 Hz begins at. */
#define START (UINT64_C(1795435200) * S + 1 * MS)

#define A "udp 10.0.0.1:1 > 10.0.0.2:2"
#define B "udp 10.0.0.7:1 > 10.0.0.2:2"

struct step {
	uint64_t at; /* after START */
	const char *packet;
	char want; /* h hit, m miss, b bad */
};

static uint32_t bench_random(struct pktt_env *env)
{
	(void)env;
	return 4;
}

static unsigned int logged;

static void bench_log(struct pktt_env *env, const struct pktt_log *log)
{
	(void)env, (void)log;
	logged++;
}

static const struct pktt_env_ops ops = { .random = bench_random, .log = bench_log };

static int receive(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	return pktt_txn_apply(ctx, cmd, 0, err);
}

static void load(struct pktt_engine *engine, const char *rules)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	struct pktt_source src = { .catalog = pktt_engine_catalog(engine), .name = "test" };
	struct pktt_receiver to = { receive, NULL };
	struct pktt_errors errs = { 0 };
	struct pktt_txn *txn;

	str_putf(&text, "*filter\n%s\nCOMMIT\n", rules);
	assert_int_equal(pktt_txn_begin(&txn, engine, NULL), 0);
	to.ctx = txn;
	if (pktt_text_read(&src, text.data, text.len, &to, &errs))
		fail_msg("%s", errs.item[0].text);
	if (pktt_txn_commit(&txn, &errs))
		fail_msg("%s", errs.item[0].text);
}

static char run(struct pktt_engine *engine, const struct step *step)
{
	struct pktt_iface in = { .name = "eth0", .arphrd = 1 }, out = { .name = "eth1" };
	struct pktt_env env = { .ops = &ops, .generation = pktt_engine_generation(engine) };
	struct pktt_packet *pkt = NULL;
	struct craft_where where;
	enum pktt_verdict v;
	char got;

	assert_int_equal(craft_packet(&pkt, &where, step->packet, NULL), 0);
	pkt->env = &env;
	pkt->in = &in;
	pkt->out = &out;
	pkt->time_ns = START + step->at;
	v = pktt_hook_run(engine, pkt, PKTT_FORWARD);
	got = v == PKTT_ACCEPT ? 'm' : 'h';
	if (pkt->decision.reason == PKTT_REASON_UNREADABLE)
		got = 'b';
	pktt_packet_free(&pkt);
	return got;
}

/* The rules drop what they match. */
static void try_config(const struct pktt_engine_config *config, const char *rules,
		       const struct step *steps)
{
	struct pktt_engine *engine = NULL;

	assert_int_equal(pktt_engine_new(&engine, config, NULL), 0);
	load(engine, rules);
	for (unsigned int i = 0; steps[i].packet; i++) {
		char got = run(engine, &steps[i]);

		if (got != steps[i].want)
			fail_msg("%s: step %u gives %c, not %c", rules, i, got, steps[i].want);
	}
	pktt_engine_free(&engine);
}

static void try_steps(const char *rules, const struct step *steps)
{
	static const struct pktt_engine_config config = { .workers = 1 };

	try_config(&config, rules, steps);
}

static void test_limit(void **state)
{
	static const struct step five_a_second[] = {
		{ 0, A, 'h' },
		{ 0, B, 'h' },
		{ 0, A, 'm' },
		{ 200 * MS - 1, A, 'm' },
		{ 200 * MS, A, 'h' },
		{ 399 * MS, A, 'm' },
		{ 400 * MS, A, 'h' },
		{ 3600 * S, A, 'h' },
		{ 3600 * S, A, 'h' },
		{ 3600 * S, A, 'm' },
		{ 0 },
	};
	/* A third of a second is kept as a third. */
	static const struct step three_a_second[] = {
		{ 0, A, 'h' },	       { 0, A, 'h' },	      { 333333333, A, 'm' },
		{ 333333334, A, 'h' }, { 666666666, A, 'm' }, { 666666667, A, 'h' },
		{ 1 * S - 1, A, 'm' }, { 1 * S, A, 'h' },     { 0 },
	};

	(void)state;
	try_steps("-A FORWARD -m limit --limit 5/s --limit-burst 2 -j DROP", five_a_second);
	try_steps("-A FORWARD -m limit --limit 3/s --limit-burst 2 -j DROP", three_a_second);
}

/* Jiffies of 4 ms: START stands 1 ms behind one, so the fiftieth after it comes at 199 ms. */
static void test_limit_in_jiffies(void **state)
{
	static const struct pktt_engine_config config = { .workers = 1, .hz = 250 };
	static const struct step five_a_second[] = {
		{ 0, A, 'h' },
		{ 199 * MS - 1, A, 'm' },
		{ 199 * MS, A, 'h' },
		{ 0 },
	};

	(void)state;
	try_config(&config, "-A FORWARD -m limit --limit 5/s --limit-burst 1 -j DROP",
		   five_a_second);
	try_config(&config,
		   "-A FORWARD -m hashlimit --hashlimit-upto 5/s --hashlimit-burst 1 "
		   "--hashlimit-name a -j DROP",
		   five_a_second);
}

/* The numbers that xt_limit.c computes with HZ 250: 128 credits a jiffy. */
static void test_prices(void **state)
{
	struct rate_price price = { 0 };
	struct pktt_rate rate = { .count = 3, .seconds = 1 };

	(void)state;
	rate_price_limit(&price, &rate, 5, 250);
	assert_int_equal(price.gain, 128);
	assert_int_equal(price.cost, 3333 * 32000ull / 10000);
	assert_int_equal(price.cap, 16665 * 32000ull / 10000);
	rate = (struct pktt_rate){ .count = 3, .seconds = 3600 };
	rate_price_limit(&price, &rate, 5, 250);
	assert_int_equal(price.cost, 12000000 / 10000 * 32000);
	assert_int_equal(price.cap, 60000000 / 10000 * 32000);
	rate_price_hashlimit(&price, &rate, 5, 250);
	assert_int_equal(price.gain, UINT64_C(1) << 39);
	assert_int_equal(price.cost, 1200000000 * 137438953ull);
	assert_int_equal(rate_now(UINT64_C(7999999), 250), 1);
	assert_int_equal(rate_now(UINT64_C(8000000), 250), 2);
}

static void test_hashlimit(void **state)
{
	static const struct step by_source[] = {
		{ 0, A, 'h' },	      { 0, A, 'h' },	     { 0, A, 'm' },	    { 0, B, 'h' },
		{ 999 * MS, A, 'm' }, { 1500 * MS, A, 'h' }, { 1501 * MS, A, 'm' }, { 0 },
	};
	/* An idle entry goes after the unit of its rate, and the next packet has all credit. */
	static const struct step expiry[] = {
		{ 0, A, 'h' },	       { 0, A, 'h' },
		{ 0, A, 'm' },	       { 999 * MS, A, 'm' },
		{ 1998 * MS, A, 'h' }, { 1998 * MS, A, 'm' },
		{ 2998 * MS, A, 'h' }, { 2998 * MS, A, 'h' },
		{ 2998 * MS, A, 'm' }, { 0 },
	};
	static const struct step masked[] = {
		{ 0, A, 'm' }, { 0, B, 'h' }, { 0, "udp 10.0.1.1:1 > 10.0.0.2:2", 'm' }, { 0 }
	};

	(void)state;
	try_steps("-A FORWARD -m hashlimit --hashlimit-upto 40/min --hashlimit-burst 2 "
		  "--hashlimit-mode srcip --hashlimit-name a -j DROP",
		  by_source);
	try_steps("-A FORWARD -m hashlimit --hashlimit-upto 1/s --hashlimit-burst 2 "
		  "--hashlimit-name a -j DROP",
		  expiry);
	try_steps("-A FORWARD -m hashlimit --hashlimit-above 1/s --hashlimit-burst 1 "
		  "--hashlimit-mode srcip --hashlimit-srcmask 24 --hashlimit-name a -j DROP",
		  masked);
}

/* Rules of one name share the buckets; a table that is full drops. */
static void test_hashlimit_tables(void **state)
{
	static const struct step shared[] = { { 0, A, 'h' }, { 0, A, 'm' }, { 0 } };
	static const struct step full[] = {
		{ 0, A, 'h' }, { 0, B, 'b' }, { 999 * MS, B, 'b' }, { 1 * S, B, 'h' }, { 0 }
	};

	(void)state;
	try_steps("-A FORWARD -m hashlimit --hashlimit-upto 1/s --hashlimit-burst 2 "
		  "--hashlimit-name a\n"
		  "-A FORWARD -m hashlimit --hashlimit-upto 1/s --hashlimit-burst 2 "
		  "--hashlimit-name a -j DROP",
		  shared);
	try_steps("-A FORWARD -m hashlimit --hashlimit-upto 1/s --hashlimit-mode srcip "
		  "--hashlimit-htable-size 1 --hashlimit-htable-max 1 --hashlimit-name a -j DROP",
		  full);
}

/*
 * 10 kb/s is 640 chunks of 16 bytes, and Linux prices a chunk as one of 641. 4028 bytes are 251
 * chunks and one more; two such packets leave credit of 21.4 %, so the third has to wait for 17.9
 * %.
 */
static void test_hashlimit_bytes(void **state)
{
	static const struct step rate[] = {
		{ 0, A " len=4000", 'h' },	  { 0, A " len=4000", 'h' },
		{ 0, A " len=4000", 'm' },	  { 179 * MS, A " len=4000", 'm' },
		{ 180 * MS, A " len=4000", 'h' }, { 0 },
	};
	static const struct step burst[] = {
		{ 0, A " len=3000", 'h' },
		{ 0, A " len=3000", 'h' },
		{ 0, A " len=3000", 'h' },
		{ 0, A " len=3000", 'm' },
		{ 0 },
	};

	(void)state;
	try_steps("-A FORWARD -m hashlimit --hashlimit-upto 10kb/s --hashlimit-name a -j DROP",
		  rate);
	try_steps("-A FORWARD -m hashlimit --hashlimit-upto 3kb/s --hashlimit-burst 6kb "
		  "--hashlimit-name a -j DROP",
		  burst);
}

static void test_rate_match(void **state)
{
	static const struct step steps[] = {
		{ 0, A, 'h' },	      { 100 * MS, A, 'h' },
		{ 200 * MS, A, 'h' }, { 300 * MS, A, 'm' },
		{ 999 * MS, A, 'm' }, { 1 * S, A, 'm' },
		{ 2 * S, A, 'h' },    { 0 },
	};

	(void)state;
	try_steps(
		"-A FORWARD -m hashlimit --hashlimit-upto 2/s --hashlimit-burst 1 "
		"--hashlimit-rate-match --hashlimit-htable-expire 9000 --hashlimit-name a -j DROP",
		steps);
}

static void test_recent(void **state)
{
	static const struct step hits[] = {
		{ 0, A, 'm' },	    { 1 * S, A, 'm' },	    { 2 * S, A, 'h' },	 { 2 * S, B, 'm' },
		{ 12 * S, A, 'h' }, { 12 * S + 1, A, 'h' }, { 100 * S, A, 'm' }, { 0 },
	};
	static const struct step update[] = {
		{ 0, A, 'm' }, { 4 * S, A, 'h' }, { 9 * S, A, 'h' }, { 14 * S + 1, A, 'm' }, { 0 },
	};
	/* On the list of 100 only the youngest stay. */
	struct step crowd[103] = { { 0 } };
	char text[102][40];

	(void)state;
	try_steps("-A FORWARD -m recent --set\n"
		  "-A FORWARD -m recent --rcheck --seconds 11 --hitcount 3 -j DROP",
		  hits);
	try_steps("-A FORWARD -m recent --update --seconds 5 -j DROP\n"
		  "-A FORWARD -m recent --set",
		  update);
	for (unsigned int i = 0; i < 102; i++) {
		unsigned int host = i < 101 ? i : 0;

		snprintf(text[i], sizeof(text[i]), "udp 10.1.0.%u:1 > 10.0.0.2:2", host);
		crowd[i] = (struct step){ i * S, text[i], 'm' };
	}
	try_steps("-A FORWARD -m recent --rcheck -j DROP\n-A FORWARD -m recent --set", crowd);
}

static void test_quota_and_statistic(void **state)
{
	/* 28 bytes each; once one does not fit, none does any more. */
	static const struct step quota[] = {
		{ 0, A, 'h' }, { 0, A " len=40", 'm' }, { 0, A, 'm' }, { 0 }
	};
	static const struct step nth[] = { { 0, A, 'm' }, { 0, A, 'h' }, { 0, A, 'm' },
					   { 0, A, 'm' }, { 0, A, 'h' }, { 0 } };

	(void)state;
	try_steps("-A FORWARD -m quota --quota 60 -j DROP", quota);
	try_steps("-A FORWARD -m statistic --mode nth --every 3 --packet 1 -j DROP", nth);
}

#define SYN "tcp 10.0.0.1:1 > 10.0.0.2:2 syn df ttl=64 win=5840 mss=1460 "

static void test_osf(void **state)
{
	char name[] = "/tmp/pktt-osf-XXXXXX";
	struct pktt_engine_config config = { .workers = 1, .osf_file = name };
	static const struct step genre[] = {
		{ 0, SYN, 'h' },
		{ 0, "tcp 10.0.0.1:1 > 10.0.0.2:2 syn df ttl=63 win=5840 mss=1460", 'm' },
		{ 0, "tcp 10.0.0.1:1 > 10.0.0.2:2 syn df ttl=64 win=5841 mss=1460", 'm' },
		{ 0, "tcp 10.0.0.1:1 > 10.0.0.2:2 ack df ttl=64 win=5840 mss=1460", 'm' },
		{ 0 },
	};
	static const struct step less[] = {
		{ 0, "tcp 10.0.0.1:1 > 10.0.0.2:2 syn df ttl=60 win=5840 mss=1460", 'h' }, { 0 }
	};
	int fd = mkstemp(name);

	(void)state;
	assert_true(fd >= 0);
	dprintf(fd,
		"# a comment\n\nS4:64:1:44:M*:Test:1.0::nothing\n%%8192:64:1:44:M*:Other::x:\n");
	close(fd);
	try_config(&config, "-A FORWARD -p tcp -m osf --genre Test -j DROP", genre);
	try_config(&config, "-A FORWARD -p tcp -m osf --genre Test --ttl 1 -j DROP", less);
	logged = 0;
	try_config(&config, "-A FORWARD -p tcp -m osf --genre Other --log 0 -j DROP", less + 1);
	try_config(&config, "-A FORWARD -p tcp -m osf --genre Other --log 0 -j DROP", genre);
	assert_int_equal(logged, 3);
	unlink(name);
}

static void test_bad_fingerprints(void **state)
{
	char name[] = "/tmp/pktt-osf-XXXXXX";
	struct pktt_engine_config config = { .workers = 1, .osf_file = name };
	struct pktt_source src = { .name = "test" };
	static const char rules[] = "*filter\n-A FORWARD -p tcp -m osf --genre Test\nCOMMIT\n";
	struct pktt_receiver to = { receive, NULL };
	struct pktt_errors errs = { 0 };
	struct pktt_engine *engine = NULL;
	struct pktt_txn *txn;
	int fd = mkstemp(name);

	(void)state;
	dprintf(fd, "S4:64:1:44:M*:Test:1.0::nothing\n%%0:64:1:44:M*:Other::x:\n");
	close(fd);
	assert_int_equal(pktt_engine_new(&engine, &config, NULL), 0);
	src.catalog = pktt_engine_catalog(engine);
	assert_int_equal(pktt_txn_begin(&txn, engine, NULL), 0);
	to.ctx = txn;
	if (pktt_text_read(&src, rules, strlen(rules), &to, &errs))
		pktt_txn_abort(&txn);
	else
		assert_int_not_equal(pktt_txn_commit(&txn, &errs), 0);
	assert_int_equal(errs.count, 1);
	assert_non_null(strstr(errs.item[0].text, ":2: this is no fingerprint"));
	pktt_engine_free(&engine);
	unlink(name);
}

static int setup(void **state)
{
	(void)state;
	rcu_register_thread();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rcu_unregister_thread();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_limit_in_jiffies),
		cmocka_unit_test(test_prices),
		cmocka_unit_test(test_hashlimit),
		cmocka_unit_test(test_hashlimit_tables),
		cmocka_unit_test(test_hashlimit_bytes),
		cmocka_unit_test(test_rate_match),
		cmocka_unit_test(test_recent),
		cmocka_unit_test(test_quota_and_statistic),
		cmocka_unit_test(test_osf),
		cmocka_unit_test(test_bad_fingerprints),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
