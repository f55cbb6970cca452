/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tracking as an engine's packets meet it: states, zones, errors, and what is left behind. */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "conntrack/event.h"
#include "conntrack/expect.h"
#include "conntrack/helper.h"
#include "conntrack/timeout.h"
#include "track_bench.h"

#define ASK    "udp 10.0.0.1:1000 > 10.0.1.1:53 len=10"
#define ANSWER "udp 10.0.1.1:53 > 10.0.0.1:1000 len=20"

static void test_udp(void **state)
{
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	assert_int_equal(track_bench_entries(&t), 1);
	assert_int_equal(track_bench_seconds(&t, ASK), 30);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	assert_int_equal(conn_status(track_bench_look(&t, ASK)), CT_CONFIRMED);
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(conn_status(track_bench_look(&t, ASK)), CT_CONFIRMED | CT_SEEN_REPLY);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_ESTABLISHED);
	assert_int_equal(track_bench_seconds(&t, ASK), 30);
	track_bench_pass(&t, 2 * SECOND + SECOND / 2);
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(conn_status(track_bench_look(&t, ASK)),
			 CT_CONFIRMED | CT_SEEN_REPLY | CT_ASSURED);
	assert_int_equal(track_bench_seconds(&t, ANSWER), 120);
	assert_int_equal(track_bench_look(&t, ASK)->counter[CT_ORIGINAL].packets, 3);
	assert_int_equal(track_bench_look(&t, ASK)->counter[CT_ORIGINAL].bytes, 3 * 38);
	assert_int_equal(track_bench_look(&t, ASK)->counter[CT_REPLY].packets, 2);
	assert_int_equal(track_bench_look(&t, ASK)->counter[CT_REPLY].bytes, 2 * 48);
	track_bench_pass(&t, 121 * SECOND);
	assert_int_equal(track_bench_entries(&t), 0);
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_NEW);
	track_bench_fini(&t);
}

static void test_dropped_leaves_nothing(void **state)
{
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	t.drops = true;
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	assert_int_equal(track_bench_entries(&t), 0);
	assert_int_equal(track_bench_send(&t, "tcp 10.0.0.1:1000 > 10.0.1.1:80 syn"), PKTT_CT_NEW);
	assert_int_equal(track_bench_entries(&t), 0);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_NEW), 2);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_INSERT), 0);
	track_bench_fini(&t);
}

static void test_invalid(void **state)
{
	static const char *const bad[] = {
		ASK " badcsum",
		"udp 10.0.0.1:1 > 10.0.1.1:2 len=8 frag=64",
		"tcp 10.0.0.1:1000 > 10.0.1.1:80 rst",
		"icmp 10.0.0.1 > 10.0.1.1 type=0 id=4",
		"icmp 10.0.0.1 > 10.0.1.1 type=8 id=4 badcsum",
		"icmp 10.0.0.1 > 10.0.1.1 type=40",
		"icmp 10.0.0.1 > 10.0.1.1 type=3 code=1",
	};
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	for (size_t i = 0; i < pktt_countof(bad); i++) {
		if (strstr(bad[i], "frag="))
			continue; /* held to be put together: tests of their own */
		if (track_bench_send(&t, bad[i]) != PKTT_CT_INVALID)
			fail_msg("%s is not invalid", bad[i]);
	}
	assert_int_equal(track_bench_entries(&t), 0);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_ERROR), 3);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_INVALID), 3);
	track_bench_fini(&t);
}

static void test_checksum_setting(void **state)
{
	struct ct_settings settings;
	struct track_bench t;

	(void)state;
	ct_settings_init(&settings);
	settings.checksum = false;
	track_bench_init(&t, &settings);
	assert_int_equal(track_bench_send(&t, ASK " badcsum"), PKTT_CT_NEW);
	track_bench_fini(&t);
}

static void test_ping(void **state)
{
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	assert_int_equal(track_bench_send(&t, "icmp 10.0.0.1 > 10.0.1.1 type=8 id=4"), PKTT_CT_NEW);
	assert_int_equal(track_bench_send(&t, "icmp 10.0.1.1 > 10.0.0.1 type=0 id=5"),
			 PKTT_CT_INVALID);
	assert_int_equal(track_bench_send(&t, "icmp 10.0.1.1 > 10.0.0.1 type=0 id=4"),
			 PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(track_bench_send(&t, "icmp 10.0.0.1 > 10.0.1.1 type=8 id=4"),
			 PKTT_CT_ESTABLISHED);
	assert_int_equal(track_bench_send(&t, "icmp6 2001:db8::1 > 2001:db8::2 type=128 id=4"),
			 PKTT_CT_NEW);
	assert_int_equal(track_bench_send(&t, "icmp6 2001:db8::2 > 2001:db8::1 type=129 id=4"),
			 PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(track_bench_send(&t, "icmp6 2001:db8::2 > 2001:db8::1 type=135"),
			 PKTT_CT_UNTRACKED);
	assert_int_equal(track_bench_entries(&t), 2);
	track_bench_fini(&t);
}

/* An ICMP error of src to dst about a packet like `about`, in the words of craft.h. */
static int send_error(struct track_bench *t, const char *head, const char *about)
{
	struct pktt_packet *pkt = track_bench_craft(t, about);
	uint32_t len = pktt_packet_length(pkt, PKTT_L3);
	const uint8_t *at = pktt_packet_read(pkt, PKTT_L3, 0, len);
	char line[600];
	int n = snprintf(line, sizeof(line), "%s payload=|", head);

	for (uint32_t i = 0; i < len && n < 500; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%02x", at[i]);
	snprintf(line + n, sizeof(line) - (size_t)n, "|");
	pktt_packet_free(&pkt);
	return track_bench_send(t, line);
}

static void test_errors(void **state)
{
	static const char to_sender[] = "icmp 10.9.9.9 > 10.0.0.1 type=3 code=1";
	static const char to_answerer[] = "icmp 10.9.9.9 > 10.0.1.1 type=11";
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	assert_int_equal(send_error(&t, to_sender, ASK), PKTT_CT_INVALID);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	assert_int_equal(send_error(&t, to_sender, ASK), PKTT_CT_RELATED_REPLY);
	assert_int_equal(send_error(&t, to_answerer, ANSWER), PKTT_CT_RELATED);
	/* It goes to somebody who did not send what it quotes. */
	assert_int_equal(send_error(&t, "icmp 10.9.9.9 > 10.0.0.2 type=3 code=1", ASK),
			 PKTT_CT_INVALID);
	assert_int_equal(send_error(&t, to_sender, "udp 10.0.0.1:1001 > 10.0.1.1:53"),
			 PKTT_CT_INVALID);
	assert_int_equal(send_error(&t, "icmp 10.9.9.9 > 10.0.0.1 type=3 code=1 badcsum", ASK),
			 PKTT_CT_INVALID);
	/* Errors change nothing of the connection. */
	assert_int_equal(conn_status(track_bench_look(&t, ASK)), CT_CONFIRMED);
	assert_int_equal(track_bench_look(&t, ASK)->counter[CT_REPLY].packets, 0);
	track_bench_fini(&t);
}

#define ASK6 "udp [2001:db8::1]:1000 > [2001:db8::2]:53"

static void test_errors6(void **state)
{
	static const char too_big[] = "icmp6 2001:db8::9 > 2001:db8::1 type=2";
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	assert_int_equal(track_bench_send(&t, ASK6), PKTT_CT_NEW);
	assert_int_equal(send_error(&t, too_big, ASK6), PKTT_CT_RELATED_REPLY);
	assert_int_equal(send_error(&t, too_big, ASK6 " hbh=|0500000102000000|"),
			 PKTT_CT_RELATED_REPLY);
	assert_int_equal(send_error(&t, "icmp6 2001:db8::9 > 2001:db8::3 type=2", ASK6),
			 PKTT_CT_INVALID);
	track_bench_fini(&t);
}

/* The quoted packet may end anywhere. */
static void test_errors_cut(void **state)
{
	struct track_bench t;
	struct pktt_packet *pkt;
	uint32_t whole;

	(void)state;
	track_bench_init(&t, NULL);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	assert_int_equal(send_error(&t, "icmp 10.9.9.9 > 10.0.0.1 type=3 code=1", ASK),
			 PKTT_CT_RELATED_REPLY);
	whole = t.last->end;
	for (uint32_t end = t.last->l4; end < whole; end++) {
		assert_int_equal(pktt_packet_copy(&pkt, t.last), 0);
		pkt->end = end;
		pkt->env = &t.b.env;
		pkt->ct_info = PKTT_CT_NONE;
		track_bench_forward(&t, pkt);
		assert_int_equal(pkt->ct_info, end < t.last->l4 + 8 + 20 + 4
						       ? PKTT_CT_INVALID
						       : PKTT_CT_RELATED_REPLY);
		conntrack_packet_done(pkt);
		pktt_packet_free(&pkt);
	}
	track_bench_fini(&t);
}

static void test_zones(void **state)
{
	static const struct ct_template seven = { .zone = 7, .zone_dirs = CT_ZONE_BOTH },
					seven_out = { .zone = 7, .zone_dirs = CT_ZONE_ORIGINAL },
					mark = { .zone_dirs = CT_ZONE_BOTH, .zone_is_mark = true };
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	t.template = &seven;
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_NEW);
	assert_int_equal(track_bench_entries(&t), 2);
	t.template = NULL;
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_ESTABLISHED_REPLY);
	t.template = &seven;
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_ESTABLISHED_REPLY);
	t.template = &mark;
	assert_int_equal(track_bench_send(&t, ASK " mark=0x7"), PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(track_bench_send(&t, ASK " mark=0x8"), PKTT_CT_NEW);
	assert_int_equal(track_bench_entries(&t), 3);
	/* Out in a zone, back without one. */
	t.template = &seven_out;
	assert_int_equal(track_bench_send(&t, "udp 10.0.0.5:1 > 10.0.0.6:2"), PKTT_CT_NEW);
	t.template = NULL;
	assert_int_equal(track_bench_send(&t, "udp 10.0.0.6:2 > 10.0.0.5:1"),
			 PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(track_bench_send(&t, "udp 10.0.0.5:1 > 10.0.0.6:2"), PKTT_CT_NEW);
	t.template = &seven_out;
	assert_int_equal(track_bench_send(&t, "udp 10.0.0.5:1 > 10.0.0.6:2"), PKTT_CT_ESTABLISHED);
	track_bench_fini(&t);
}

static void test_attached(void **state)
{
	struct pktt_packet *ask, *reply;
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	ask = track_bench_craft(&t, "tcp 10.0.0.1:1000 > 10.0.1.1:80 syn");
	assert_int_equal(pktt_hook_run(t.b.engine, ask, PKTT_PRE_ROUTING), PKTT_ACCEPT);
	reply = track_bench_craft(&t, "tcp 10.0.1.1:80 > 10.0.0.1:1000 rst ack");
	conntrack_packet_attach(reply, ask);
	assert_int_equal(pktt_hook_run(t.b.engine, reply, PKTT_LOCAL_OUT), PKTT_ACCEPT);
	assert_int_equal(reply->ct_info, PKTT_CT_RELATED_REPLY);
	assert_ptr_equal(reply->ct, ask->ct);
	assert_int_equal(pktt_hook_run(t.b.engine, reply, PKTT_POST_ROUTING), PKTT_ACCEPT);
	conntrack_packet_done(reply);
	conntrack_packet_done(ask);
	pktt_packet_free(&reply);
	pktt_packet_free(&ask);
	assert_int_equal(track_bench_entries(&t), 0);
	track_bench_fini(&t);
}

/* Over the loopback: sent, and received again with what it has. */
static void test_loopback(void **state)
{
	struct pktt_packet *pkt;
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	pkt = track_bench_craft(&t, "udp 127.0.0.1:1 > 127.0.0.1:2");
	assert_int_equal(pktt_hook_run(t.b.engine, pkt, PKTT_LOCAL_OUT), PKTT_ACCEPT);
	assert_int_equal(pktt_hook_run(t.b.engine, pkt, PKTT_POST_ROUTING), PKTT_ACCEPT);
	assert_int_equal(pktt_hook_run(t.b.engine, pkt, PKTT_PRE_ROUTING), PKTT_ACCEPT);
	assert_int_equal(pkt->ct_info, PKTT_CT_NEW);
	assert_int_equal(pkt->ct->counter[CT_ORIGINAL].packets, 1);
	conntrack_packet_done(pkt);
	conntrack_packet_untrack(pkt);
	assert_int_equal(pktt_hook_run(t.b.engine, pkt, PKTT_PRE_ROUTING), PKTT_ACCEPT);
	assert_int_equal(pkt->ct_info, PKTT_CT_UNTRACKED);
	pktt_packet_free(&pkt);
	assert_int_equal(track_bench_entries(&t), 1);
	track_bench_fini(&t);
}

/* Two first packets at once: the second joins the connection of the first. */
static void test_clash(void **state)
{
	struct pktt_packet *first, *second;
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	first = track_bench_craft(&t, ASK);
	second = track_bench_craft(&t, ASK);
	assert_int_equal(pktt_hook_run(t.b.engine, first, PKTT_PRE_ROUTING), PKTT_ACCEPT);
	assert_int_equal(pktt_hook_run(t.b.engine, second, PKTT_PRE_ROUTING), PKTT_ACCEPT);
	assert_ptr_not_equal(first->ct, second->ct);
	assert_int_equal(pktt_hook_run(t.b.engine, first, PKTT_POST_ROUTING), PKTT_ACCEPT);
	assert_int_equal(pktt_hook_run(t.b.engine, second, PKTT_POST_ROUTING), PKTT_ACCEPT);
	assert_ptr_equal(first->ct, second->ct);
	assert_int_equal(first->ct->counter[CT_ORIGINAL].packets, 2);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_CLASH_RESOLVE), 1);
	conntrack_packet_done(first);
	conntrack_packet_done(second);
	pktt_packet_free(&first);
	pktt_packet_free(&second);
	assert_int_equal(track_bench_entries(&t), 1);
	track_bench_fini(&t);
}

/* NAT has sent the two different ways: both are answered, the second for a second only. */
static void test_nat_clash(void **state)
{
	struct pktt_packet *first, *second;
	struct ct_tuple reply;
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	first = track_bench_craft(&t, ASK);
	second = track_bench_craft(&t, ASK);
	assert_int_equal(pktt_hook_run(t.b.engine, first, PKTT_PRE_ROUTING), PKTT_ACCEPT);
	assert_int_equal(pktt_hook_run(t.b.engine, second, PKTT_PRE_ROUTING), PKTT_ACCEPT);
	conn_set_status(first->ct, CT_NAT_DONE_MASK);
	conn_tuple(second->ct, CT_REPLY, &reply);
	reply.src[3] = 77;
	conn_set_reply(second->ct, &reply);
	assert_int_equal(pktt_hook_run(t.b.engine, first, PKTT_POST_ROUTING), PKTT_ACCEPT);
	assert_int_equal(pktt_hook_run(t.b.engine, second, PKTT_POST_ROUTING), PKTT_ACCEPT);
	assert_true(conn_status(second->ct) & CT_NAT_CLASH);
	conntrack_packet_done(first);
	conntrack_packet_done(second);
	pktt_packet_free(&first);
	pktt_packet_free(&second);
	assert_int_equal(track_bench_entries(&t), 2);
	assert_int_equal(track_bench_send(&t, "udp 10.0.1.77:53 > 10.0.0.1:1000"),
			 PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_ESTABLISHED_REPLY);
	track_bench_pass(&t, 2 * SECOND);
	assert_int_equal(track_bench_entries(&t), 1);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_ESTABLISHED);
	track_bench_fini(&t);
}

static void expected(struct pktt_packet *pkt, struct conn *conn, const struct expect *expect)
{
	(void)pkt;
	conn->mark |= 0x100;
	assert_ptr_equal(conn->ext->master, expect->master);
}

static void test_expected(void **state)
{
	static const char data[] = "udp 10.0.1.1:2000 > 10.0.0.1:3000";
	uint16_t dport = htobe16(3000);
	struct pktt_addr dst;
	struct expect *expect;
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	track_bench_look(&t, ASK)->mark = 0x22;
	assert_non_null(conn_extend(track_bench_look(&t, ASK)));
	expect = expect_new(t.ct, track_bench_look(&t, ASK));
	dst = (struct pktt_addr){ 4, { 10, 0, 0, 1 } };
	expect_init(expect, 0, NULL, &dst, 17, NULL, &dport);
	expect->expected = expected;
	expect->expires_ns = t.now + 100 * SECOND;
	assert_int_equal(expect_related(t.ct, expect), 0);
	expect_put(&expect);
	assert_int_equal(track_bench_send(&t, data), PKTT_CT_RELATED);
	assert_int_equal(expect_count(t.ct), 0);
	assert_int_equal(conn_mark(track_bench_look(&t, data)), 0x122);
	assert_int_equal(conn_status(track_bench_look(&t, data)), CT_CONFIRMED | CT_EXPECTED);
	assert_int_equal(track_bench_send(&t, "udp 10.0.0.1:3000 > 10.0.1.1:2000"),
			 PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(track_bench_send(&t, data), PKTT_CT_ESTABLISHED);
	assert_int_equal(track_bench_counter(&t, CT_COUNT_EXPECT_NEW), 1);
	/* The master goes first: the other holds it. */
	assert_true(conntrack_kill(t.ct, 0, track_bench_look(&t, ASK)));
	assert_int_equal(track_bench_send(&t, data), PKTT_CT_ESTABLISHED);
	track_bench_fini(&t);
}

static void hear(void *ctx, struct conn *conn, uint32_t events)
{
	struct track_bench *t = ctx;

	(void)conn;
	t->events |= events;
}

static uint32_t heard(struct track_bench *t)
{
	uint32_t ret;

	conntrack_drain(t->ct, 0, 0);
	ret = t->events;
	t->events = 0;
	return ret;
}

static void test_events(void **state)
{
	struct track_bench t;
	struct ct_listener listener = { .conn = hear, .ctx = &t };

	(void)state;
	track_bench_init(&t, NULL);
	assert_int_equal(conntrack_listen(t.ct, &listener), 0);
	t.drops = true;
	track_bench_send(&t, ASK);
	assert_int_equal(heard(&t), 0);
	t.drops = false;
	track_bench_send(&t, ASK);
	assert_int_equal(heard(&t), CT_EVENT_NEW);
	track_bench_send(&t, ANSWER);
	assert_int_equal(heard(&t), CT_EVENT_REPLY);
	track_bench_pass(&t, 3 * SECOND);
	track_bench_send(&t, ANSWER);
	assert_int_equal(heard(&t), CT_EVENT_ASSURED);
	track_bench_pass(&t, 200 * SECOND);
	assert_int_equal(heard(&t), CT_EVENT_DESTROY);
	conntrack_unlisten(t.ct, &t);
	track_bench_fini(&t);
}

static void test_timeout_policy(void **state)
{
	struct ct_timeout_policy policy = { .name = "short", .family = PKTT_IPV4, .protocol = 17 };
	struct ct_template template = { 0 };
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	policy.seconds[CT_UDP_UNREPLIED_TIMEOUT] = 5;
	assert_int_equal(ct_timeout_policy_set(t.ct, &policy, NULL), 0);
	policy.protocol = 6;
	assert_int_equal(ct_timeout_policy_set(t.ct, &policy, NULL), -EINVAL);
	assert_null(ct_timeout_policy_find(t.ct, "long"));
	template.timeout = ct_timeout_policy_find(t.ct, "short");
	assert_int_equal(template.timeout->seconds[CT_UDP_STREAM_TIMEOUT], 120);
	t.template = &template;
	assert_int_equal(track_bench_send(&t, ASK), PKTT_CT_NEW);
	t.template = NULL;
	assert_int_equal(track_bench_seconds(&t, ASK), 5);
	assert_int_equal(track_bench_send(&t, ANSWER), PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(track_bench_seconds(&t, ASK), 5);
	/* Of another protocol it means nothing. */
	t.template = &template;
	assert_int_equal(track_bench_send(&t, "icmp 10.0.0.1 > 10.0.1.1 type=8 id=4"), PKTT_CT_NEW);
	assert_int_equal(track_bench_seconds(&t, "icmp 10.0.0.1 > 10.0.1.1 type=8 id=4"), 30);
	track_bench_fini(&t);
}

static void test_generic(void **state)
{
	struct track_bench t;

	(void)state;
	track_bench_init(&t, NULL);
	assert_int_equal(track_bench_send(&t, "esp 10.0.0.1 > 10.0.1.1 spi=1"), PKTT_CT_NEW);
	assert_int_equal(track_bench_send(&t, "esp 10.0.1.1 > 10.0.0.1 spi=2"),
			 PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(track_bench_seconds(&t, "esp 10.0.1.1 > 10.0.0.1 spi=2"), 600);
	track_bench_fini(&t);
}

static void test_settings(void **state)
{
	struct ct_settings s;

	(void)state;
	ct_settings_init(&s);
	assert_int_equal(s.max, 262144);
	assert_true(s.acct && s.checksum && s.tcp_loose && !s.tcp_be_liberal && !s.helper);
	assert_int_equal(s.tcp[CT_TCP_ESTABLISHED_TIMEOUT], 432000);
	assert_int_equal(s.tcp[CT_TCP_UNACKNOWLEDGED_TIMEOUT], 300);
	assert_int_equal(s.udp[CT_UDP_STREAM_TIMEOUT], 120);
	assert_int_equal(s.sctp[CT_SCTP_HEARTBEAT_SENT_TIMEOUT], 30);
	assert_int_equal(s.generic[0], 600);
	for (unsigned int i = 0; i < ct_setting_count; i++)
		for (unsigned int k = 0; k < i; k++)
			assert_string_not_equal(ct_setting_params[i].name,
						ct_setting_params[k].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_dropped_leaves_nothing),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_checksum_setting),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_errors6),
		cmocka_unit_test(test_errors_cut),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_attached),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_clash),
		cmocka_unit_test(test_nat_clash),
		cmocka_unit_test(test_expected),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_timeout_policy),
		cmocka_unit_test(test_generic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
