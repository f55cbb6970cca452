/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manipulation interface: what ctnetlink lets one make, change and delete, and what not. */
#include "ct_bench.h"

#include "base/own.h"
#include "conntrack/proto_tcp.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct ct_bench bench;
static struct pktt_error err;

static int setup(void **state)
{
	(void)state;
	ct_bench_init(&bench);
	bench.settings.timestamp = true;
	bench.settings.max = 1000;
	ct_bench_start(&bench);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ct_bench_fini(&bench);
	return 0;
}

static void drop(struct conn *conn)
{
	conn_put(conntrack_db(bench.ct), &conn);
}

static struct ct_tuple web(uint16_t sport)
{
	return ct_bench_tuple("10.0.0.1", "192.0.2.1", 6, sport, 80);
}

static struct ct_change basic(uint32_t has)
{
	return (struct ct_change){ .has = CT_HAS_TIMEOUT | has, .timeout = 600 };
}

static int create(const struct ct_tuple *t, const struct ct_tuple *reply,
		  const struct ct_change *change, struct conn **ret)
{
	memset(&err, 0, sizeof(err));
	return ct_query_create(bench.ct, t, reply, change, ret, &err);
}

static struct conn *made(uint16_t sport, const struct ct_change *change)
{
	struct ct_tuple t = web(sport);
	struct conn *ret = NULL;

	assert_int_equal(create(&t, NULL, change, &ret), 0);
	return ret;
}

static int update(struct conn *conn, const struct ct_change *change)
{
	memset(&err, 0, sizeof(err));
	return ct_query_update(bench.ct, conn, change, &err);
}

static void makes_all_of_it(void **state)
{
	struct ct_tuple t = web(1), reply;
	struct ct_change change = basic(CT_HAS_MARK | CT_HAS_STATUS | CT_HAS_LABEL | CT_HAS_SEQADJ |
					CT_HAS_PROTOINFO | CT_HAS_COUNTERS | CT_HAS_START |
					CT_HAS_SYNPROXY | CT_HAS_HELPER);
	struct conn *conn, *found;
	enum ct_dir dir;

	(void)state;
	change.helper = ct_bench_helper();
	change.mark = 7;
	change.status = CT_CONFIRMED | CT_ASSURED | CT_SEEN_REPLY;
	change.label[1] = 5;
	change.seqadj[1].offset_after = -3;
	change.synproxy.isn = 9;
	change.l4.tcp.state = CT_TCP_ESTABLISHED;
	change.l4.tcp.seen[0].end = 4711;
	change.counter[1].bytes = 1500;
	change.start_ns = 5;
	assert_int_equal(create(&t, NULL, &change, &conn), 0);
	assert_true(ct_tuple_invert(&reply, &t));
	found = ct_query_get(bench.ct, &reply, &dir);
	assert_ptr_equal(found, conn);
	assert_int_equal(dir, CT_REPLY);
	assert_int_equal(conn_status(conn),
			 CT_CONFIRMED | CT_ASSURED | CT_SEEN_REPLY | CT_SEQ_ADJUST | CT_HELPER);
	assert_int_equal(conn_mark(conn), 7);
	assert_int_equal(conn->ext->label[1], 5);
	assert_int_equal(conn->ext->seqadj[1].offset_after, -3);
	assert_int_equal(conn->ext->synproxy.isn, 9);
	assert_int_equal(conn->ext->start_ns, 5);
	assert_int_equal(conn_l4(conn)->tcp.seen[0].end, 4711);
	assert_int_equal(conn->counter[1].bytes, 1500);
	assert_ptr_equal(conn_helper(conn), ct_bench_helper());
	assert_int_equal(conn_timeout_left(conn, ct_ms(CT_BEGIN)), 600000);
	drop(found);
	drop(conn);
}

static void refuses_to_make(void **state)
{
	struct ct_tuple t = web(1), other = ct_bench_tuple("::1", "::2", 6, 80, 1), reply;
	struct ct_tuple error = ct_bench_tuple("10.0.0.1", "192.0.2.1", 1, 0, 0x0301);
	struct ct_change change = basic(0), no_time = { 0 };
	struct conn *conn = NULL, *there = NULL;

	(void)state;
	assert_int_equal(create(&t, NULL, &no_time, NULL), -EINVAL);
	assert_non_null(strstr(err.text, "timeout"));
	assert_int_equal(create(&t, &other, &change, NULL), -EINVAL);
	assert_true(ct_tuple_invert(&reply, &t));
	reply.protocol = 17;
	assert_int_equal(create(&t, &reply, &change, NULL), -EINVAL);
	reply.protocol = 6;
	t.zone = 1;
	reply.zone = 2;
	assert_int_equal(create(&t, &reply, &change, NULL), -EINVAL);
	assert_int_equal(create(&error, NULL, &change, NULL), -EINVAL);
	t.zone = 0;
	change.has |= CT_HAS_STATUS;
	change.status = CT_CONFIRMED | CT_DYING;
	assert_int_equal(create(&t, NULL, &change, NULL), -EBUSY);
	change = basic(CT_HAS_PROTOINFO);
	change.l4.tcp.state = CT_TCP_STATE_COUNT;
	assert_int_equal(create(&t, NULL, &change, NULL), -ERANGE);
	change = basic(0);
	assert_int_equal(create(&t, NULL, &change, &conn), 0);
	assert_int_equal(create(&t, NULL, &change, &there), -EEXIST);
	assert_ptr_equal(there, conn);
	drop(there);
	drop(conn);
	assert_int_equal(ct_bench_live(&bench), 1);
}

static void zones_of_directions(void **state)
{
	struct ct_tuple t = web(1), reply;
	struct ct_change change = basic(0);
	struct conn *conn;

	(void)state;
	assert_true(ct_tuple_invert(&reply, &t));
	t.zone = 6;
	assert_int_equal(create(&t, &reply, &change, &conn), 0);
	assert_int_equal(conn->zone, 6);
	assert_int_equal(conn->zone_dirs, CT_ZONE_ORIGINAL);
	assert_int_equal(conn_status(conn) & CT_NAT_MASK, 0);
	drop(conn);
	t.zone = 0;
	reply.zone = 7;
	reply.dport = PORT(2);
	t.sport = PORT(2);
	assert_int_equal(create(&t, &reply, &change, &conn), 0);
	assert_int_equal(conn->zone, 7);
	assert_int_equal(conn->zone_dirs, CT_ZONE_REPLY);
	drop(conn);
}

static void another_reply_is_nat(void **state)
{
	struct ct_tuple t = web(1), reply;
	struct ct_change change = basic(0);
	struct conn *conn;

	(void)state;
	assert_true(ct_tuple_invert(&reply, &t));
	reply.dport = PORT(1024);
	assert_int_equal(create(&t, &reply, &change, &conn), 0);
	assert_int_equal(conn_status(conn), CT_CONFIRMED | CT_SRC_NAT | CT_NAT_DONE_MASK);
	drop(conn);
	t = web(2);
	assert_true(ct_tuple_invert(&reply, &t));
	reply.src[3] = 99;
	assert_int_equal(create(&t, &reply, &change, &conn), 0);
	assert_int_equal(conn_status(conn), CT_CONFIRMED | CT_DST_NAT | CT_NAT_DONE_MASK);
	drop(conn);
}

static void masters(void **state)
{
	struct ct_change change = basic(0);
	struct conn *master = made(1, &change), *conn;

	(void)state;
	change.has |= CT_HAS_MASTER;
	change.master = master;
	conn = made(2, &change);
	assert_true(conn_status(conn) & CT_EXPECTED);
	assert_ptr_equal(conn->ext->master, master);
	change.has = CT_HAS_MASTER;
	assert_int_equal(update(conn, &change), -EOPNOTSUPP);
	change = (struct ct_change){ .has = CT_HAS_HELPER, .helper = ct_bench_helper() };
	assert_int_equal(update(conn, &change), -EBUSY);
	assert_int_equal(ct_query_delete(bench.ct, master), 0);
	drop(master);
	assert_int_equal(ct_query_delete(bench.ct, conn), 0);
	drop(conn);
	assert_int_equal(ct_bench_live(&bench), 0);
}

static void full_table(void **state)
{
	struct ct_change change = basic(0);
	uint64_t counts[CT_COUNT_COUNT];
	struct ct_tuple t = web(60000);

	(void)state;
	for (uint16_t i = 0; i < 1000; i++)
		drop(made(1 + i, &change));
	assert_int_equal(create(&t, NULL, &change, NULL), -ENOSPC);
	conntrack_counters(bench.ct, counts);
	assert_int_equal(counts[CT_COUNT_TABLE_FULL], 1);
	assert_int_equal(counts[CT_COUNT_INSERT], 1000);
}

/* nf_ct_change_status_common() */
static void status_rules(void **state)
{
	struct ct_change change = basic(0);
	struct conn *conn = made(1, &change);

	(void)state;
	change = (struct ct_change){ .has = CT_HAS_STATUS, .status = CT_ASSURED };
	assert_int_equal(update(conn, &change), -EBUSY); /* CONFIRMED cannot be unset */
	change.status = CT_CONFIRMED | CT_EXPECTED;
	assert_int_equal(update(conn, &change), -EBUSY);
	change.status = CT_CONFIRMED | CT_ASSURED | CT_SEEN_REPLY;
	assert_int_equal(update(conn, &change), 0);
	assert_int_equal(conn_status(conn), CT_CONFIRMED | CT_ASSURED | CT_SEEN_REPLY);
	change.status = CT_CONFIRMED | CT_SEEN_REPLY;
	assert_int_equal(update(conn, &change), -EBUSY);
	change.status = CT_CONFIRMED | CT_ASSURED;
	assert_int_equal(update(conn, &change), -EBUSY);
	/* what is tracking's own is passed over without a word */
	change.status = CT_CONFIRMED | CT_ASSURED | CT_SEEN_REPLY | CT_SRC_NAT | CT_OFFLOAD |
			CT_FIXED_TIMEOUT;
	assert_int_equal(update(conn, &change), 0);
	assert_int_equal(conn_status(conn),
			 CT_CONFIRMED | CT_ASSURED | CT_SEEN_REPLY | CT_FIXED_TIMEOUT);
	change = basic(0);
	assert_int_equal(update(conn, &change), -EPERM);
	drop(conn);
}

/* ctnetlink_change_helper() */
static void helper_rules(void **state)
{
	struct ct_helper other = *ct_bench_helper();
	struct ct_change change = basic(0);
	struct conn *plain = made(1, &change), *conn;

	(void)state;
	change = basic(CT_HAS_HELPER);
	change.helper = ct_bench_helper();
	conn = made(2, &change);
	change.has = CT_HAS_HELPER;
	assert_int_equal(update(conn, &change), 0);
	assert_int_equal(update(plain, &change), -EOPNOTSUPP);
	change.helper = &other;
	assert_int_equal(update(conn, &change), -EBUSY);
	change.helper = NULL;
	assert_int_equal(update(conn, &change), 0);
	assert_null(conn_helper(conn));
	assert_int_equal(update(plain, &change), 0);
	change = basic(CT_HAS_HELPER);
	other.protocol[0] = other.protocol[1] = 132;
	change.helper = &other;
	{
		struct ct_tuple t = web(3);

		assert_int_equal(create(&t, NULL, &change, NULL), -EOPNOTSUPP);
	}
	drop(plain);
	drop(conn);
}

static void fields(void **state)
{
	struct ct_change change = basic(CT_HAS_MARK | CT_HAS_LABEL);
	struct conn *conn;

	(void)state;
	change.mark = 0xff00;
	change.label[0] = 0xf;
	conn = made(1, &change);
	change = (struct ct_change){ .has = CT_HAS_MARK | CT_HAS_LABEL | CT_HAS_TIMEOUT };
	change.timeout = 5;
	change.mark = 0x21;
	change.mark_mask = 0xff;
	change.label[0] = 0x10;
	change.label_mask[0] = 0x3;
	assert_int_equal(update(conn, &change), 0);
	assert_int_equal(conn_mark(conn), 0xff21);
	assert_int_equal(conn->ext->label[0], 0x1c);
	assert_int_equal(conn_timeout_left(conn, ct_ms(CT_BEGIN)), 5000);
	change.timeout = UINT32_MAX;
	assert_int_equal(update(conn, &change), 0);
	assert_int_equal(conn_timeout_left(conn, ct_ms(CT_BEGIN)), CONN_TIMEOUT_MAX);
	assert_int_equal(ct_query_delete(bench.ct, conn), 0);
	assert_int_equal(update(conn, &change), -ETIME);
	drop(conn);
}

/* nlattr_to_tcp(): only what is given changes, scales only if both sides scale. */
static void protocol_state_merges(void **state)
{
	struct ct_change change = basic(CT_HAS_PROTOINFO);
	struct conn *conn;
	struct ct_tcp *tcp;

	(void)state;
	change.l4.tcp.state = CT_TCP_SYN_SENT;
	change.l4.tcp.seen[0].end = 100;
	change.l4.tcp.seen[0].flags = CT_TCP_WINDOW_SCALE | CT_TCP_SACK_PERM;
	conn = made(1, &change);
	tcp = &conn_l4(conn)->tcp;
	change = (struct ct_change){ .has = CT_HAS_PROTOINFO };
	change.l4_has = CT_L4_FLAGS_ORIGINAL | CT_L4_SCALES;
	change.l4.tcp.seen[0].flags = CT_TCP_BE_LIBERAL;
	change.l4_mask[0] = CT_TCP_BE_LIBERAL | CT_TCP_SACK_PERM;
	change.l4.tcp.seen[0].scale = 7;
	assert_int_equal(update(conn, &change), 0);
	assert_int_equal(tcp->state, CT_TCP_SYN_SENT);
	assert_int_equal(tcp->seen[0].flags, CT_TCP_WINDOW_SCALE | CT_TCP_BE_LIBERAL);
	assert_int_equal(tcp->seen[0].end, 100);
	assert_int_equal(tcp->seen[0].scale, 0);
	change.l4_has = CT_L4_FLAGS_REPLY | CT_L4_SCALES | CT_L4_STATE;
	change.l4.tcp.seen[1].flags = change.l4_mask[1] = CT_TCP_WINDOW_SCALE;
	change.l4.tcp.state = CT_TCP_ESTABLISHED;
	assert_int_equal(update(conn, &change), 0);
	assert_int_equal(tcp->seen[0].scale, 7);
	assert_int_equal(tcp->state, CT_TCP_ESTABLISHED);
	change.l4.tcp.state = 77;
	assert_int_equal(update(conn, &change), -ERANGE);
	drop(conn);
}

static unsigned int count(const struct ct_filter *filter, unsigned int n)
{
	struct conn *conn[16];
	uint64_t cursor = 0;
	unsigned int ret = 0;
	bool done = false;

	while (!done) {
		unsigned int got = ct_query_next(bench.ct, filter, &cursor, conn, n, &done);

		ret += got;
		while (got)
			drop(conn[--got]);
	}
	return ret;
}

static void filters(void **state)
{
	struct ct_filter f = { 0 };
	struct ct_tuple v6 = ct_bench_tuple("2001:db8::1", "2001:db8::2", 17, 1, 53);

	(void)state;
	for (uint16_t i = 0; i < 100; i++) {
		struct ct_change change = basic(CT_HAS_MARK | CT_HAS_PROTOINFO | CT_HAS_LABEL);

		change.mark = i;
		change.label[0] = i & 1;
		change.l4.tcp.state = i < 30 ? CT_TCP_ESTABLISHED : CT_TCP_SYN_SENT;
		drop(made(1000 + i, &change));
	}
	{
		struct ct_change change = basic(0);

		assert_int_equal(create(&v6, NULL, &change, NULL), 0);
	}
	for (unsigned int n = 1; n <= 16; n += 5)
		assert_int_equal(count(&f, n), 101);
	f = (struct ct_filter){ .has = CT_HAS_FAMILY, .family = PKTT_IPV6 };
	assert_int_equal(count(&f, 3), 1);
	f = (struct ct_filter){ .has = CT_HAS_PROTOCOL, .protocol = 6 };
	assert_int_equal(count(&f, 3), 100);
	f = (struct ct_filter){ .has = CT_HAS_MARK, .mark = 1, .mark_mask = 3 };
	assert_int_equal(count(&f, 3), 25);
	f = (struct ct_filter){ .has = CT_HAS_LABEL, .label = { 1 }, .label_mask = { 1 } };
	assert_int_equal(count(&f, 3), 50);
	f = (struct ct_filter){ .has = CT_HAS_STATE, .state = "ESTABLISHED" };
	assert_int_equal(count(&f, 3), 30);
	f = (struct ct_filter){ .has = CT_HAS_STATUS,
				.status = CT_ASSURED,
				.status_mask = CT_ASSURED };
	assert_int_equal(count(&f, 3), 0);
	f = (struct ct_filter){ .has = CT_HAS_ORIG_SPORT | CT_HAS_REPLY_SPORT };
	f.orig_sport = PORT(1007);
	f.reply_sport = PORT(80);
	assert_int_equal(count(&f, 3), 1);
	f = (struct ct_filter){ .has = CT_HAS_REPLY_DST,
				.reply_dst = { { 4, { 10, 0, 0, 0 } }, { 4, { 255 } } } };
	assert_int_equal(count(&f, 3), 100);
	f.reply_dst.addr.byte[0] = 11;
	assert_int_equal(count(&f, 3), 0);
}

static void flushes(void **state)
{
	struct ct_filter f = { .has = CT_HAS_MARK, .mark = 1, .mark_mask = 1 };
	struct ct_change change = basic(CT_HAS_MARK);
	unsigned int gone = 0;
	uint64_t cursor = 0;
	bool done = false;

	(void)state;
	for (uint16_t i = 0; i < 500; i++) {
		change.mark = i;
		drop(made(1 + i, &change));
	}
	while (!done)
		gone += ct_query_flush(bench.ct, &f, &cursor, 7, &done);
	assert_int_equal(gone, 250);
	assert_int_equal(ct_bench_live(&bench), 250);
	f.has = 0;
	assert_int_equal(count(&f, 16), 250);
}

static void counters_are_taken(void **state)
{
	struct ct_change change = basic(CT_HAS_COUNTERS);
	struct ct_counter got[2];
	struct conn *conn;

	(void)state;
	change.counter[0] = (struct ct_counter){ 3, 180 };
	conn = made(1, &change);
	ct_query_take_counters(conn, got);
	assert_int_equal(got[0].packets, 3);
	assert_int_equal(got[0].bytes, 180);
	ct_query_take_counters(conn, got);
	assert_int_equal(got[0].packets + got[0].bytes + got[1].packets, 0);
	drop(conn);
}

static void expectations(void **state)
{
	struct ct_change change = basic(CT_HAS_HELPER);
	struct ct_tuple t = web(80);
	struct pktt_addr to = ct_tuple_dst(&t);
	uint16_t port = PORT(99);
	struct expect *expect;
	struct conn *conn, *plain;

	(void)state;
	plain = made(1, &change);
	change.helper = ct_bench_helper();
	conn = made(2, &change);
	expect = expect_new(bench.ct, plain);
	expect_init(expect, CLASS_TWO, NULL, &to, 6, NULL, &port);
	assert_int_equal(ct_query_expect_create(bench.ct, expect, 0, &err), -EOPNOTSUPP);
	expect_put(&expect);
	expect = expect_new(bench.ct, conn);
	expect_init(expect, CLASS_TWO, NULL, &to, 6, NULL, &port);
	expect->class = 3;
	assert_int_equal(ct_query_expect_create(bench.ct, expect, 0, &err), -EINVAL);
	expect->class = CLASS_TWO;
	expect->flags = CT_EXPECT_USERSPACE;
	assert_int_equal(ct_query_expect_create(bench.ct, expect, 77, &err), 0);
	assert_int_equal(expect->flags, 0);
	assert_int_equal(expect_timeout_left(bench.ct, expect), 77);
	assert_int_equal(ct_query_expect_delete(bench.ct, expect), 0);
	assert_int_equal(ct_query_expect_delete(bench.ct, expect), -ENOENT);
	expect_put(&expect);
	drop(conn);
	drop(plain);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(makes_all_of_it),	  T(refuses_to_make), T(zones_of_directions),
		T(another_reply_is_nat),  T(masters),	      T(full_table),
		T(status_rules),	  T(helper_rules),    T(fields),
		T(protocol_state_merges), T(filters),	      T(flushes),
		T(counters_are_taken),	  T(expectations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
