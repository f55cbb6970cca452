/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections as text and JSON. That the text is conntrack(8)'s, tests/oracle/ct_text.py shows; here are
 * the forms that the kernel cannot be brought to list, and JSON.
 */
#include "ct_bench.h"

#include "base/json.h"
#include "base/str.h"
#include "conntrack/proto_tcp.h"
#include "conntrack/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct ct_bench bench;
static struct str out;

static int setup(void **state)
{
	(void)state;
	ct_bench_init(&bench);
	ct_bench_start(&bench);
	setenv("TZ", "UTC", 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	str_fini(&out);
	out = (struct str)STR_INIT;
	ct_bench_fini(&bench);
	return 0;
}

static void drop(struct conn *conn)
{
	conn_put(conntrack_db(bench.ct), &conn);
}

static struct conn *made(const struct ct_tuple *t, const struct ct_change *change)
{
	struct conn *ret = NULL;

	assert_int_equal(ct_query_create(bench.ct, t, NULL, change, &ret, NULL), 0);
	return ret;
}

static struct conn *web(void)
{
	struct ct_tuple t = ct_bench_tuple("10.0.0.1", "192.0.2.1", 6, 40000, 80);
	struct ct_change change = { .has = CT_HAS_TIMEOUT | CT_HAS_PROTOINFO | CT_HAS_STATUS |
					   CT_HAS_COUNTERS | CT_HAS_LABEL };

	change.timeout = 432000;
	change.status = CT_CONFIRMED | CT_SEEN_REPLY | CT_ASSURED;
	change.l4.tcp.state = CT_TCP_ESTABLISHED;
	change.counter[0] = (struct ct_counter){ 2, 120 };
	change.label[0] = 3;
	change.label[1] = UINT64_C(1) << 63;
	return made(&t, &change);
}

static const char *text(struct conn *conn, unsigned int flags)
{
	str_clear(&out);
	conn_text(bench.ct, conn, flags, &out);
	return str_text(&out);
}

static void lines(void **state)
{
	struct conn *conn = web();

	(void)state;
	assert_string_equal(text(conn, CT_TEXT_EXTENDED | CT_TEXT_LABELS),
			    "ipv4     2 tcp      6 432000 ESTABLISHED src=10.0.0.1 dst=192.0.2.1 "
			    "sport=40000 dport=80 packets=2 bytes=120 src=192.0.2.1 dst=10.0.0.1 "
			    "sport=80 dport=40000 packets=0 bytes=0 [ASSURED] mark=0 use=1 "
			    "labels=0,1,127");
	assert_string_equal(text(conn, CT_TEXT_EVENT),
			    "tcp      6 432000 ESTABLISHED src=10.0.0.1 dst=192.0.2.1 sport=40000 "
			    "dport=80 src=192.0.2.1 dst=10.0.0.1 sport=80 dport=40000 [ASSURED]");
	conn_set_status(conn, CT_OFFLOAD);
	assert_string_equal(text(conn, 0),
			    "tcp      6 src=10.0.0.1 dst=192.0.2.1 sport=40000 dport=80 packets=2 "
			    "bytes=120 src=192.0.2.1 dst=10.0.0.1 sport=80 dport=40000 packets=0 "
			    "bytes=0 [OFFLOAD] mark=0 use=1");
	conn_set_status(conn, CT_HW_OFFLOAD);
	assert_non_null(strstr(text(conn, 0), " [HW_OFFLOAD] mark"));
	drop(conn);
}

static void time_stamps(void **state)
{
	struct conn *conn = web();

	(void)state;
	conn_extend(conn)->start_ns = CT_BEGIN;
	ct_bench_time(&bench, 90 * SECOND);
	assert_non_null(strstr(text(conn, CT_TEXT_TIMESTAMP),
			       "mark=0 delta-time=90 [start=Tue Nov 14 22:13:20 2023] use=1"));
	conn->ext->stop_ns = CT_BEGIN + 60 * SECOND;
	assert_non_null(strstr(text(conn, CT_TEXT_TIMESTAMP),
			       "delta-time=60 [start=Tue Nov 14 22:13:20 2023] "
			       "[stop=Tue Nov 14 22:14:20 2023] use=1"));
	drop(conn);
}

static json_t *json_of(struct conn *conn)
{
	struct json j;
	json_t *ret;

	str_clear(&out);
	j = json_to(&out);
	conn_json(bench.ct, conn, &j);
	ret = json_loads(str_text(&out), 0, NULL);
	assert_non_null(ret);
	return ret;
}

static int64_t number(json_t *object, const char *part, const char *key)
{
	json_t *value = json_object_get(part ? json_object_get(object, part) : object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static const char *word(json_t *object, const char *part, const char *key)
{
	json_t *value = json_object_get(part ? json_object_get(object, part) : object, key);

	assert_true(json_is_string(value));
	return json_string_value(value);
}

static void json_of_tcp(void **state)
{
	struct conn *conn = web();
	json_t *j = json_of(conn), *status = json_object_get(j, "status");

	(void)state;
	assert_int_equal(number(j, NULL, "id"), conn->id);
	assert_string_equal(word(j, NULL, "l4"), "tcp");
	assert_string_equal(word(j, NULL, "state"), "ESTABLISHED");
	assert_int_equal(json_array_size(status), 3);
	assert_string_equal(json_string_value(json_array_get(status, 0)), "seen-reply");
	assert_string_equal(word(j, "orig", "src"), "10.0.0.1");
	assert_string_equal(word(j, "reply", "src"), "192.0.2.1");
	assert_int_equal(number(j, "orig", "sport"), 40000);
	assert_int_equal(number(j, "orig", "packets"), 2);
	assert_int_equal(number(j, "reply", "bytes"), 0);
	assert_int_equal(number(j, NULL, "mark"), 0);
	assert_int_equal(number(j, NULL, "timeout"), 432000);
	assert_int_equal(json_array_size(json_object_get(j, "labels")), 3);
	assert_null(json_object_get(j, "zone"));
	assert_null(json_object_get(j, "helper"));
	json_decref(j);
	drop(conn);
}

static void json_of_others(void **state)
{
	struct ct_tuple ping = ct_bench_tuple("2001:db8::1", "2001:db8::2", 58, 77, 0x8000);
	struct ct_tuple gre = ct_bench_tuple("10.0.0.1", "192.0.2.1", 47, 0x11, 0x22);
	struct ct_tuple ospf = ct_bench_tuple("10.0.0.1", "192.0.2.1", 89, 0, 0);
	struct ct_change change = { .has = CT_HAS_TIMEOUT, .timeout = 30 };
	struct conn *conn;
	json_t *j;

	(void)state;
	ping.zone = 4;
	conn = made(&ping, &change);
	j = json_of(conn);
	assert_int_equal(number(j, "orig", "id"), 77);
	assert_int_equal(number(j, "orig", "type"), 128);
	assert_int_equal(number(j, "reply", "type"), 129);
	assert_int_equal(number(j, NULL, "zone"), 4);
	json_decref(j);
	drop(conn);
	conn = made(&gre, &change);
	j = json_of(conn);
	assert_int_equal(number(j, "orig", "srckey"), 0x11);
	json_decref(j);
	drop(conn);
	conn = made(&ospf, &change);
	j = json_of(conn);
	assert_string_equal(word(j, NULL, "l4"), "unknown");
	assert_int_equal(number(j, NULL, "protocol"), 89);
	assert_null(json_object_get(j, "state"));
	json_decref(j);
	drop(conn);
}

static void expectations(void **state)
{
	struct conn *conn = ct_bench_conn(&bench, 1, CT_HAS_HELPER, ct_bench_helper());
	struct ct_tuple t = ct_bench_tuple("192.0.2.1", "192.0.2.1", 6, 0, 0);
	struct pktt_addr to = ct_tuple_dst(&t);
	uint16_t port = PORT(5000);
	struct expect *expect = expect_new(bench.ct, conn);
	struct json j;
	json_t *object;

	(void)state;
	expect_init(expect, CLASS_ANY, &to, &to, 6, NULL, &port);
	expect->flags = CT_EXPECT_PERMANENT | CT_EXPECT_INACTIVE;
	assert_int_equal(expect_related(bench.ct, expect), 0);
	str_clear(&out);
	expect_text(bench.ct, expect, &out);
	assert_string_equal(
		str_text(&out),
		"300 proto=6 src=192.0.2.1 dst=192.0.2.1 sport=0 dport=5000 "
		"mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 dport=65535 "
		"master-src=10.0.0.0 master-dst=192.0.2.1 sport=1 dport=53 PERMANENT,INACTIVE "
		"class=1 helper=bench");
	str_clear(&out);
	j = json_to(&out);
	expect_json(bench.ct, expect, &j);
	object = json_loads(str_text(&out), 0, NULL);
	assert_non_null(object);
	assert_int_equal(number(object, "tuple", "dport"), 5000);
	assert_int_equal(number(object, "master", "connection"), conn->id);
	assert_string_equal(word(object, NULL, "helper"), "bench");
	json_decref(object);
	expect_put(&expect);
	drop(conn);
}

/* The whole table by id, without what has expired. */
static void saves(void **state)
{
	struct ct_change short_life = { .has = CT_HAS_TIMEOUT, .timeout = 5 };
	unsigned int lines = 0;

	(void)state;
	conntrack_save(bench.ct, &out);
	assert_string_equal(str_text(&out), "");
	for (uint32_t i = 0; i < 300; i++) {
		struct conn *conn = ct_bench_conn(&bench, i, 0, NULL);

		if (i % 3 == 0)
			assert_int_equal(ct_query_update(bench.ct, conn, &short_life, NULL), 0);
		drop(conn);
	}
	ct_bench_time(&bench, 5 * SECOND);
	conntrack_save(bench.ct, &out);
	for (const char *at = str_text(&out); *at; at = strchr(at, '\n') + 1) {
		assert_int_equal(strncmp(at, "ipv4     2 udp      17 595 src=10.", 34), 0);
		lines++;
	}
	assert_int_equal(lines, 200);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(lines),	   T(time_stamps),  T(json_of_tcp),
		T(json_of_others), T(expectations), T(saves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
