/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What FTP's helper expects behind which line, what it rewrites, and what it drops. */
#include "helper_bench.h"

#include "base/own.h"
#include "conntrack/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define C CT_ORIGINAL
#define S CT_REPLY

struct row {
	enum helper_bench_kind kind;
	enum ct_dir dir;
	const char *say;
	enum pktt_verdict verdict;
	const char *expected;
	const char *heard; /* NULL = as it was said */
};

static const struct row rows[] = {
	/* PORT */
	{ PLAIN, C, "PORT 10,0,0,5,4,1\r\n", PKTT_ACCEPT, "tcp 192.0.2.80 > 10.0.0.5:1025", NULL },
	{ PLAIN, C, "port 10,0,0,5,4,1\r\n", PKTT_ACCEPT, "tcp 192.0.2.80 > 10.0.0.5:1025", NULL },
	{ PLAIN, C, "PORT  10,0,0,5,4,1\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, C, "PORTx 10,0,0,5,4,1\r\n", PKTT_ACCEPT, "tcp 192.0.2.80 > 10.0.0.5:1025", NULL },
	{ PLAIN, C, "PORT 10,0,0,5,4,1\n", PKTT_DROP, "", NULL },
	{ PLAIN, C, "PORT 10,0,0,5,4\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, C, "PORT 10,0,0,5,4,1,9\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, C, "PORT 10,0,0,5,4,300\r\n", PKTT_ACCEPT, "tcp 192.0.2.80 > 10.0.0.5:1324",
	  NULL },
	{ PLAIN, C, "PORT 10,0,0,6,4,1\r\n", PKTT_ACCEPT, "", NULL }, /* another's address */
	{ PLAIN, C, "PO", PKTT_DROP, "", NULL },
	{ PLAIN, C, "PORT", PKTT_DROP, "", NULL },
	{ PLAIN, C, "PORT 10,0,0", PKTT_DROP, "", NULL },
	{ PLAIN, C, "PORT 10,0,0,5,4,1", PKTT_DROP, "", NULL },
	{ PLAIN, C, "PORT 10,0,0,5,4,1\r", PKTT_ACCEPT, "tcp 192.0.2.80 > 10.0.0.5:1025", NULL },
	{ PLAIN, C, "RETR x\r\n", PKTT_ACCEPT, "", NULL },
	{ PLAIN, C, "XPORT 10,0,0,5,4,1\r\n", PKTT_ACCEPT, "", NULL },
	{ PLAIN, S, "PORT 10,0,0,5,4,1\r\n", PKTT_ACCEPT, "", NULL },
	{ SNAT, C, "PORT 10,0,0,5,4,1\r\n", PKTT_ACCEPT,
	  "tcp 192.0.2.80 > 192.0.2.1:1025 really :1025 reply", "PORT 192,0,2,1,4,1\r\n" },
	{ DNAT, C, "PORT 198,51,100,7,4,1\r\n", PKTT_ACCEPT,
	  "tcp 10.0.0.80 > 198.51.100.7:1025 really :1025 reply", NULL },
	{ PLAIN6, C, "PORT 10,0,0,5,4,1\r\n", PKTT_ACCEPT, "", NULL },
	/* EPRT */
	{ PLAIN, C, "EPRT |1|10.0.0.5|1025|\r\n", PKTT_ACCEPT, "tcp 192.0.2.80 > 10.0.0.5:1025",
	  NULL },
	{ PLAIN, C, "EPRT |1|10.0.0.5|66561|\r\n", PKTT_ACCEPT, "tcp 192.0.2.80 > 10.0.0.5:1025",
	  NULL },
	{ PLAIN, C, "EPRT x1x10.0.0.5x1025x\r\n", PKTT_ACCEPT, "tcp 192.0.2.80 > 10.0.0.5:1025",
	  NULL },
	{ PLAIN, C, "EPRT |1|10.0.0.5|0|\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, C, "EPRT |1|10.0.0.5|1025\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, C, "EPRT |2|10.0.0.5|1025|\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, C, "EPRT |2|::1|1025|\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, C, "EPRT 11110.0.0.51025\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, C, "EPRT |1", PKTT_DROP, "", NULL },
	{ SNAT, C, "EPRT ;1;10.0.0.5;1025;\r\n", PKTT_ACCEPT,
	  "tcp 192.0.2.80 > 192.0.2.1:1025 really :1025 reply", "EPRT |1|192.0.2.1|1025|\r\n" },
	{ PLAIN6, C, "EPRT |2|2001:db8:1::5|1025|\r\n", PKTT_ACCEPT,
	  "tcp 2001:db8:2::80 > 2001:db8:1::5:1025", NULL },
	{ PLAIN6, C, "EPRT |1|10.0.0.5|1025|\r\n", PKTT_DROP, "", NULL },
	{ PLAIN6, C, "EPRT |2|2001:db8:1::6|1025|\r\n", PKTT_ACCEPT, "", NULL },
	{ PLAIN6, C, "EPRT |2|2001:db8:1:5|1025|\r\n", PKTT_DROP, "", NULL },
	{ SNAT6, C, "EPRT |2|2001:db8:1::5|1025|\r\n", PKTT_ACCEPT,
	  "tcp 2001:db8:2::80 > 2001:db8:2::1:1025 really :1025 reply",
	  "EPRT |2|2001:0db8:0002:0000:0000:0000:0000:0001|1025|\r\n" },
	/* 227 */
	{ PLAIN, S, "227 Entering Passive Mode (192,0,2,80,4,1).\r\n", PKTT_ACCEPT,
	  "tcp 10.0.0.5 > 192.0.2.80:1025", NULL },
	{ PLAIN, S, "227 =192,0,2,80,4,1\r\n", PKTT_ACCEPT, "tcp 10.0.0.5 > 192.0.2.80:1025",
	  NULL },
	{ PLAIN, S, "227 Entering Passive Mode\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, S, "227 4 you (192,0,2,80,4,1)\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, S, "227 Entering Passive Mode (192,0,2,80,4,1", PKTT_DROP, "", NULL },
	{ PLAIN, S, "227-Entering Passive Mode (192,0,2,80,4,1)\r\n", PKTT_ACCEPT, "", NULL },
	{ PLAIN, S, "227 (192,0,2,81,4,1)\r\n", PKTT_ACCEPT, "", NULL },
	{ PLAIN, S, "227 (192,0,2,80,0,0)\r\n", PKTT_ACCEPT, "tcp 10.0.0.5 > 192.0.2.80:0", NULL },
	{ PLAIN, S, "22", PKTT_DROP, "", NULL },
	{ PLAIN, C, "227 (192,0,2,80,4,1)\r\n", PKTT_ACCEPT, "", NULL },
	{ DNAT, S, "227 Entering Passive Mode (10,0,0,80,4,1).\r\n", PKTT_ACCEPT,
	  "tcp 198.51.100.7 > 192.0.2.1:1025 really :1025 original",
	  "227 Entering Passive Mode (192,0,2,1,4,1).\r\n" },
	{ SNAT, S, "227 (192,0,2,80,4,1)\r\n", PKTT_ACCEPT,
	  "tcp 10.0.0.5 > 192.0.2.80:1025 really :1025 original", NULL },
	/* 229 */
	{ PLAIN, S, "229 Extended Passive Mode (|||1025|)\r\n", PKTT_ACCEPT,
	  "tcp 10.0.0.5 > 192.0.2.80:1025", NULL },
	{ PLAIN, S, "229 (!!!1025!)\r\n", PKTT_ACCEPT, "tcp 10.0.0.5 > 192.0.2.80:1025", NULL },
	{ PLAIN, S, "229 |||1025|\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, S, "229 (||1025|)\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, S, "229 (|||1025)\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, S, "229 (|||0|)\r\n", PKTT_DROP, "", NULL },
	{ PLAIN, S, "229 (", PKTT_DROP, "", NULL },
	{ PLAIN6, S, "229 Entering Extended Passive Mode (|||1025|)\r\n", PKTT_ACCEPT,
	  "tcp 2001:db8:1::5 > 2001:db8:2::80:1025", NULL },
	{ DNAT6, S, "229 ok (|||1025|)\r\n", PKTT_ACCEPT,
	  "tcp 2001:db8:7::7 > 2001:db8:2::1:1025 really :1025 original", NULL },
	{ DNAT, S, "229 ok (!!!01025!)\r\n", PKTT_ACCEPT,
	  "tcp 198.51.100.7 > 192.0.2.1:1025 really :1025 original", "229 ok (|||1025|)\r\n" },
	{ PLAIN, S, "230 Login successful.\r\n", PKTT_ACCEPT, "", NULL },
};

/* A line before it, for the next one to begin behind a newline. */
static void try_row(struct helper_bench *b, const struct row *row, const char *where)
{
	enum pktt_verdict v;

	helper_bench_open(b, "ftp", row->kind);
	assert_int_equal(helper_bench_text(b, row->dir, "hello\r\n"), PKTT_ACCEPT);
	v = helper_bench_text(b, row->dir, row->say);
	if (v != row->verdict || strcmp(helper_bench_expected(b), row->expected) != 0)
		fail_msg("%s (%u): \"%s\": verdict %u, expects %s", where, row->kind, row->say, v,
			 helper_bench_expected(b));
	if (!helper_bench_heard_text(b, row->heard ? row->heard : row->say))
		fail_msg("%s (%u): \"%s\" became \"%.*s\"", where, row->kind, row->say,
			 (int)packet_len(b->last, PKTT_L4) - 20,
			 (const char *)helper_bench_heard(b).at);
}

static void lines_announce_what_they_say(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	for (size_t i = 0; i < pktt_countof(rows); i++)
		try_row(&b, &rows[i], "default");
	helper_bench_fini(&b);
}

static void other_hosts_are_a_setting(void **state)
{
	static const struct row loose[] = {
		{ PLAIN, C, "PORT 10,0,0,6,4,1\r\n", PKTT_ACCEPT, "tcp 192.0.2.80 > 10.0.0.6:1025",
		  NULL },
		{ PLAIN, S, "227 (192,0,2,81,4,1)\r\n", PKTT_ACCEPT,
		  "tcp 10.0.0.5 > 192.0.2.81:1025", NULL },
		{ PLAIN6, C, "EPRT |2|::9|1025|\r\n", PKTT_ACCEPT, "tcp 2001:db8:2::80 > ::9:1025",
		  NULL },
	};
	struct ct_settings settings;
	struct helper_bench b;

	(void)state;
	ct_settings_init(&settings);
	settings.ftp_loose = true;
	helper_bench_init(&b, &settings);
	for (size_t i = 0; i < pktt_countof(loose); i++)
		try_row(&b, &loose[i], "loose");
	helper_bench_fini(&b);
}

static void only_beginnings_of_lines_count(void **state)
{
	static const char port[] = "PORT 10,0,0,5,4,1\r\n";
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "ftp", PLAIN);
	/* Nobody knows whether the first segment begins a line. */
	assert_int_equal(helper_bench_text(&b, C, port), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "");
	assert_int_equal(helper_bench_text(&b, C, "STOR "), PKTT_ACCEPT);
	assert_int_equal(helper_bench_text(&b, C, port), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "");
	/* Each direction by itself. */
	assert_int_equal(helper_bench_text(&b, S, "227 (192,0,2,80,4,1)\r\n"), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "");
	assert_int_equal(helper_bench_text(&b, C, port), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "tcp 192.0.2.80 > 10.0.0.5:1025");
	helper_bench_fini(&b);
}

static void a_line_sent_again_is_read_again(void **state)
{
	struct helper_bench b;
	uint32_t first;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "ftp", PLAIN);
	helper_bench_text(&b, S, "220 hello\r\n");
	first = b.seq[S];
	helper_bench_text(&b, S, "227 (192,0,2,80,4,1)\r\n");
	/* A retransmission behind it, which two remembered ends allow for. */
	b.seq[S] = first;
	assert_int_equal(helper_bench_text(&b, S, "227 (192,0,2,80,4,2)\r\n"), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "tcp 10.0.0.5 > 192.0.2.80:1026");
	/* The third end takes the place of the oldest. */
	helper_bench_text(&b, S, "200 ok\r\n");
	b.seq[S] = first;
	helper_bench_text(&b, S, "227 (192,0,2,80,4,3)\r\n");
	assert_string_equal(helper_bench_expected(&b), "tcp 10.0.0.5 > 192.0.2.80:1026");
	helper_bench_fini(&b);
}

static void what_was_dropped_ends_no_line(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "ftp", PLAIN);
	helper_bench_text(&b, C, "USER x\r\n");
	assert_int_equal(helper_bench_text(&b, C, "PORT 10,0,0,5\r\n"), PKTT_DROP);
	assert_int_equal(helper_bench_text(&b, C, "PORT 10,0,0,5,4,1\r\n"), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "");
	helper_bench_fini(&b);
}

/* As a program says it, that takes over what another router had. */
static void a_failover_reads_on(void **state)
{
	struct ct_change change = { .has = CT_HAS_HELPER };
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "ftp", PLAIN);
	change.helper = b.helper;
	assert_int_equal(ct_query_update(b.ct, b.conn, &change, NULL), 0);
	assert_int_equal(helper_bench_text(&b, C, "PORT 10,0,0,5,4,1\r\n"), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "tcp 192.0.2.80 > 10.0.0.5:1025");
	b.seq[C] += 50;
	assert_int_equal(helper_bench_text(&b, C, "PORT 10,0,0,5,4,2\r\n"), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "tcp 192.0.2.80 > 10.0.0.5:1025");
	helper_bench_fini(&b);
}

/* In the middle of a conversation, of a handshake, of nothing. */
static void only_established_packets_are_read(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "ftp", PLAIN);
	helper_bench_text(&b, C, "USER x\r\n");
	b.new = PKTT_CT_NEW;
	assert_int_equal(helper_bench_text(&b, C, "PORT"), PKTT_ACCEPT);
	b.new = PKTT_CT_RELATED_REPLY;
	assert_int_equal(helper_bench_text(&b, S, "227 "), PKTT_ACCEPT);
	b.new = 0;
	assert_int_equal(helper_bench_say(&b, C, "", 0), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "");
	helper_bench_fini(&b);
}

/* Another connection has announced the port: the next free one is written. */
static void a_taken_port_becomes_another(void **state)
{
	struct helper_bench b;
	struct conn *first;
	unsigned int port = 0;
	struct buf heard;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "ftp", SNAT);
	helper_bench_text(&b, C, "USER x\r\n");
	helper_bench_text(&b, C, "PORT 10,0,0,5,4,1\r\n");
	first = b.conn;
	b.conn = NULL;
	conndb_remove(conntrack_db(b.ct), first);
	helper_bench_open(&b, "ftp", MOVED);
	helper_bench_text(&b, C, "USER x\r\n");
	assert_int_equal(helper_bench_text(&b, C, "PORT 10,0,0,5,4,1\r\n"), PKTT_ACCEPT);
	heard = helper_bench_heard(&b);
	assert_int_equal(sscanf((const char *)heard.at, "PORT 192,0,2,1,%u,", &port), 1);
	assert_true(strstr(helper_bench_expected(&b), "1025 really :1025 reply, tcp") != NULL);
	assert_true(strstr(b.expected.data, ", tcp 192.0.2.80 > 192.0.2.1:1025 ") == NULL);
	expect_remove_all(b.ct, first);
	conn_put(conntrack_db(b.ct), &first);
	helper_bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_announce_what_they_say),
		cmocka_unit_test(other_hosts_are_a_setting),
		cmocka_unit_test(only_beginnings_of_lines_count),
		cmocka_unit_test(a_line_sent_again_is_read_again),
		cmocka_unit_test(what_was_dropped_ends_no_line),
		cmocka_unit_test(a_failover_reads_on),
		cmocka_unit_test(only_established_packets_are_read),
		cmocka_unit_test(a_taken_port_becomes_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
