/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of datagrams: TFTP, Amanda, talk, and those that ask a whole subnet. */
#include "helper_bench.h"

#include "base/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- TFTP ------------------------------------------------------------------------------------- */

static const struct {
	enum helper_bench_kind kind;
	const char *say;
	size_t len;
	const char *expected;
} tftp_rows[] = {
	{ PLAIN, "\0\1file\0octet", 13, "udp 192.0.2.80 > 10.0.0.5:40000" },
	{ PLAIN, "\0\2file\0octet", 13, "udp 192.0.2.80 > 10.0.0.5:40000" },
	{ PLAIN, "\0\1", 2, "udp 192.0.2.80 > 10.0.0.5:40000" },
	{ PLAIN, "\0\3\0\1data", 8, "" },
	{ PLAIN, "\0\4\0\1", 4, "" },
	{ PLAIN, "\1\1", 2, "" },
	{ PLAIN, "\0", 1, "" },
	{ PLAIN, "", 0, "" },
	{ SNAT, "\0\1f", 3, "udp 192.0.2.80 > 192.0.2.1:40000 really :40000 reply" },
	{ MOVED, "\0\1f", 3, "udp 192.0.2.80 > 192.0.2.1:50000 really :40000 reply" },
	{ DNAT, "\0\1f", 3, "udp 10.0.0.80 > 198.51.100.7:40000 really :40000 reply" },
	{ PLAIN6, "\0\1f", 3, "udp 2001:db8:2::80 > 2001:db8:1::5:40000" },
	{ SNAT6, "\0\1f", 3, "udp 2001:db8:2::80 > 2001:db8:2::1:40000 really :40000 reply" },
};

static void tftp_servers_answer_from_any_port(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	for (size_t i = 0; i < pktt_countof(tftp_rows); i++) {
		helper_bench_open(&b, "tftp", tftp_rows[i].kind);
		b.new = PKTT_CT_NEW;
		assert_int_equal(
			helper_bench_say(&b, CT_ORIGINAL, tftp_rows[i].say, tftp_rows[i].len),
			PKTT_ACCEPT);
		if (strcmp(helper_bench_expected(&b), tftp_rows[i].expected) != 0)
			fail_msg("row %zu: expects %s", i, helper_bench_expected(&b));
	}
	helper_bench_fini(&b);
}

/* --- Amanda ----------------------------------------------------------------------------------- */

static const struct {
	enum helper_bench_kind kind;
	const char *say, *expected, *heard;
} amanda_rows[] = {
	{ PLAIN, "OPTIONS ;\nCONNECT DATA 5001 MESG 5002 INDEX 5003\nOPTIONS ;\n",
	  "tcp 10.0.0.5 > 192.0.2.80:5001, tcp 10.0.0.5 > 192.0.2.80:5002, "
	  "tcp 10.0.0.5 > 192.0.2.80:5003",
	  NULL },
	{ PLAIN, "CONNECT DATA 5001 STATE 5004 MESG 5002\n",
	  "tcp 10.0.0.5 > 192.0.2.80:5001, tcp 10.0.0.5 > 192.0.2.80:5002, "
	  "tcp 10.0.0.5 > 192.0.2.80:5004",
	  NULL },
	{ PLAIN, "CONNECT DATA 70537\n", "tcp 10.0.0.5 > 192.0.2.80:5001", NULL }, /* wraps */
	{ PLAIN, "CONNECT DATA 005001\n", "tcp 10.0.0.5 > 192.0.2.80:500", NULL }, /* five digits */
	{ PLAIN, "CONNECT DATA 0 MESG 5002\n", "", NULL },
	{ PLAIN, "CONNECT DATA x MESG 5002\n", "", NULL },
	{ PLAIN, "CONNECT DATA 5001 MESG 5002", "", NULL },
	{ PLAIN, "DATA 5001 MESG 5002\n", "", NULL },
	{ PLAIN, "CONNECT \nDATA 5001\n", "", NULL },
	{ PLAIN, "CONNECT DATA \n", "", NULL },
	{ PLAIN, "CONNECT", "", NULL },
	{ PLAIN, "", "", NULL },
	{ SNAT, "CONNECT DATA 5001 MESG 5002\n",
	  "tcp 10.0.0.5 > 192.0.2.80:5001 really :5001 original, "
	  "tcp 10.0.0.5 > 192.0.2.80:5002 really :5002 original",
	  NULL },
	/* Shorter, so that the line moves: the words are looked for where they were. */
	{ DNAT, "CONNECT DATA 05001 MESG 5002 INDEX 00003\n",
	  "tcp 198.51.100.7 > 192.0.2.1:5001 really :5001 original, "
	  "tcp 198.51.100.7 > 192.0.2.1:5002 really :5002 original, "
	  "tcp 198.51.100.7 > 192.0.2.1:3 really :3 original",
	  "CONNECT DATA 5001 MESG 5002 INDEX 3\n" },
	{ PLAIN6, "CONNECT DATA 5001\n", "tcp 2001:db8:1::5 > 2001:db8:2::80:5001", NULL },
};

static void amanda_names_up_to_four_ports(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	for (size_t i = 0; i < pktt_countof(amanda_rows); i++) {
		const char *say = amanda_rows[i].say, *heard = amanda_rows[i].heard;

		helper_bench_open(&b, "amanda", amanda_rows[i].kind);
		assert_int_equal(helper_bench_text(&b, CT_ORIGINAL, say), PKTT_ACCEPT);
		assert_string_equal(helper_bench_expected(&b), "");
		assert_int_equal(conn_timeout_left(b.conn, ct_ms(conntrack_time_ns(b.ct))), 600000);
		assert_int_equal(helper_bench_text(&b, CT_REPLY, say), PKTT_ACCEPT);
		assert_int_equal(conn_timeout_left(b.conn, ct_ms(conntrack_time_ns(b.ct))), 300000);
		if (strcmp(helper_bench_expected(&b), amanda_rows[i].expected) != 0)
			fail_msg("row %zu: expects %s", i, helper_bench_expected(&b));
		if (!helper_bench_heard_text(&b, heard ? heard : say))
			fail_msg("row %zu: became %.*s", i, (int)packet_len(b.last, PKTT_L4) - 8,
				 (const char *)helper_bench_heard(&b).at);
	}
	helper_bench_fini(&b);
}

static void a_fixed_timeout_stays(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "amanda", PLAIN);
	conn_set_status(b.conn, CT_FIXED_TIMEOUT);
	helper_bench_text(&b, CT_REPLY, "x");
	assert_int_equal(conn_timeout_left(b.conn, ct_ms(conntrack_time_ns(b.ct))), 600000);
	helper_bench_fini(&b);
}

/* --- Asking a subnet -------------------------------------------------------------------------- */

/* The connection of PLAIN cannot be to a broadcast address, so its tuples are the packet's own. */
static void ask(struct helper_bench *b, const char *helper, const uint8_t dst[4],
		enum helper_bench_kind kind)
{
	struct conndb *db = conntrack_db(b->ct);
	struct ct_tuple orig, reply;

	helper_bench_open(b, helper, kind);
	conn_tuple(b->conn, CT_ORIGINAL, &orig);
	conn_tuple(b->conn, CT_REPLY, &reply);
	memcpy(orig.dst, dst, 4);
	memcpy(reply.src, dst, 4);
	conndb_remove(db, b->conn);
	conn_put(db, &b->conn);
	b->conn = conndb_alloc(db, &orig, &reply, CT_ZONE_BOTH);
	assert_non_null(b->conn);
	conn_set_helper(b->ct, b->conn, b->helper);
	conn_set_timeout(b->conn, ct_ms(conntrack_time_ns(b->ct)), 30000);
	assert_int_equal(conndb_insert(db, b->conn, ct_ms(conntrack_time_ns(b->ct)), NULL), 0);
	assert_int_equal(helper_bench_text(b, CT_ORIGINAL, "who?"), PKTT_ACCEPT);
}

static void a_subnet_answers_whom_it_was_asked_by(void **state)
{
	static const uint8_t subnet[4] = { 10, 0, 0, 255 }, half[4] = { 192, 0, 2, 127 },
			     host[4] = { 10, 0, 0, 9 }, all[4] = { 255, 255, 255, 255 };
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	ask(&b, "netbios-ns", subnet, PLAIN);
	assert_string_equal(helper_bench_expected(&b), ""); /* not the router's own question */
	b.is_local = true;
	ask(&b, "netbios-ns", subnet, PLAIN);
	assert_string_equal(helper_bench_expected(&b),
			    "udp 10.0.0.255:137 > 10.0.0.5:40000 permanent mask 255.255.255.0");
	assert_int_equal(conn_timeout_left(b.conn, ct_ms(conntrack_time_ns(b.ct))), 3000);
	ask(&b, "snmp", half, PLAIN);
	assert_string_equal(helper_bench_expected(&b),
			    "udp 192.0.2.127:161 > 10.0.0.5:40000 permanent mask 255.255.255.128");
	assert_int_equal(conn_timeout_left(b.conn, ct_ms(conntrack_time_ns(b.ct))), 30000);
	ask(&b, "netbios-ns", host, PLAIN);
	assert_string_equal(helper_bench_expected(&b), "");
	ask(&b, "netbios-ns", all, PLAIN);
	assert_string_equal(helper_bench_expected(&b), "");
	/* Answers ask nobody. */
	helper_bench_text(&b, CT_REPLY, "me");
	assert_string_equal(helper_bench_expected(&b), "");
	helper_bench_fini(&b);
}

/* --- SNMP, translated ------------------------------------------------------------------------- */

/* odd: the community's name has a letter more, so that the address stands at an odd place. */
static size_t message(uint8_t *out, bool odd, const uint8_t addr[4])
{
	static const uint8_t rest[] = "\xa2\x16\2\1\1\2\1\0\2\1\0"
				      "\x30\x0b\x30\x09\6\1\x29\x40\4";
	uint8_t name = odd ? 4 : 3;
	uint8_t head[11] = { 0x30, (uint8_t)(29 + name), 2, 1, 0, 4, name, 'p', 'u', 'b', 'l' };
	size_t len = 7u + name;

	memcpy(out, head, len);
	memcpy(out + len, rest, sizeof(rest) - 1);
	len += sizeof(rest) - 1;
	memcpy(out + len, addr, 4);
	return len + 4;
}

static void addresses_in_answers_are_translated(void **state)
{
	static const uint8_t own[4] = { 10, 0, 0, 5 }, seen[4] = { 192, 0, 2, 1 },
			     other[4] = { 10, 0, 0, 6 };
	uint8_t say[64], want[64];
	struct helper_bench b;
	struct buf heard;

	(void)state;
	helper_bench_init(&b, NULL);
	for (unsigned int pad = 0; pad < 2; pad++) {
		size_t len = message(say, pad, own);

		message(want, pad, seen);
		helper_bench_open(&b, "snmp", SNAT);
		assert_int_equal(helper_bench_say(&b, CT_REPLY, say, len), PKTT_ACCEPT);
		heard = helper_bench_heard(&b);
		assert_int_equal(buf_left(&heard), len);
		assert_memory_equal(heard.at, want, len);
		/* Another's address; a connection that is not translated; traps, the other way. */
		message(say, pad, other);
		assert_int_equal(helper_bench_say(&b, CT_REPLY, say, len), PKTT_ACCEPT);
		heard = helper_bench_heard(&b);
		assert_memory_equal(heard.at, say, len);
		message(say, pad, own);
		helper_bench_open(&b, "snmp", PLAIN);
		assert_int_equal(helper_bench_say(&b, CT_REPLY, say, len), PKTT_ACCEPT);
		heard = helper_bench_heard(&b);
		assert_memory_equal(heard.at, say, len);
		helper_bench_open(&b, "snmp_trap", SNAT);
		assert_int_equal(helper_bench_say(&b, CT_ORIGINAL, say, len), PKTT_ACCEPT);
		heard = helper_bench_heard(&b);
		assert_memory_equal(heard.at, want, len);
		assert_string_equal(helper_bench_expected(&b), "");
	}
	helper_bench_fini(&b);
}

static void what_cannot_be_translated_is_dropped(void **state)
{
	static const uint8_t own[4] = { 10, 0, 0, 5 };
	uint8_t say[64];
	struct helper_bench b;
	size_t len = message(say, false, own);

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "snmp", SNAT);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(helper_bench_say(&b, CT_REPLY, say, cut), PKTT_DROP);
	assert_int_equal(helper_bench_say(&b, CT_REPLY, say, len), PKTT_ACCEPT);
	/* An answer that is not one of port 161 is read as well, in whichever direction. */
	assert_int_equal(helper_bench_say(&b, CT_ORIGINAL, say, 3), PKTT_DROP);
	helper_bench_open(&b, "snmp", PLAIN);
	assert_int_equal(helper_bench_say(&b, CT_REPLY, say, 3), PKTT_ACCEPT);
	helper_bench_fini(&b);
}

/* --- talk ------------------------------------------------------------------------------------- */

enum { LEAVE_INVITE, LOOK_UP, DELETE, ANNOUNCE };

static void put_addr(uint8_t *out, uint16_t port, const uint8_t host[4])
{
	out[1] = 2; /* AF_INET */
	put_be16(out + 2, port);
	memcpy(out + 4, host, 4);
}

static const uint8_t client[4] = { 10, 0, 0, 5 }, daemon_host[4] = { 192, 0, 2, 80 },
		     hidden_host[4] = { 10, 0, 0, 80 }, seen_host[4] = { 192, 0, 2, 1 };

struct talk_protocol {
	const char *helper;
	uint8_t version, request_len, addr_at, ctl_at, answer_len;
};

static const struct talk_protocol protocols[] = {
	{ "talk", 0, 76, 44, 60, 24 },
	{ "ntalk", 1, 84, 8, 24, 24 },
	{ "ntalk", 2, 84, 8, 24, 36 },
};

static size_t request(const struct talk_protocol *p, uint8_t *out, uint8_t type, uint16_t port,
		      uint16_t ctl, const uint8_t host[4])
{
	memset(out, 0, 128);
	if (p->version)
		out[0] = p->version;
	out[p->version ? 1 : 0] = type;
	put_addr(out + p->addr_at, port, host);
	put_addr(out + p->ctl_at, ctl, host);
	return p->request_len;
}

static size_t answer(const struct talk_protocol *p, uint8_t *out, uint8_t type, uint8_t what,
		     uint16_t port, const uint8_t host[4])
{
	unsigned int at = p->version ? 1 : 0;

	memset(out, 0, 128);
	if (p->version)
		out[0] = p->version;
	out[at] = type;
	out[at + 1] = what;
	put_addr(out + 8, port, host);
	return p->answer_len;
}

static void assert_heard(const struct helper_bench *b, const uint8_t *want, size_t len)
{
	struct buf heard = helper_bench_heard(b);

	assert_int_equal(buf_left(&heard), len);
	assert_memory_equal(heard.at, want, len);
}

static void try_talk(struct helper_bench *b, const struct talk_protocol *p)
{
	uint8_t say[128], want[128];
	char expected[128];
	size_t len;

	/* The answer to an ANNOUNCE: the callee will look up at the caller's daemon. */
	helper_bench_open(b, p->helper, PLAIN);
	len = answer(p, say, ANNOUNCE, 0, 0, daemon_host);
	assert_int_equal(helper_bench_say(b, CT_REPLY, say, len), PKTT_ACCEPT);
	snprintf(expected, sizeof(expected), "udp 192.0.2.80 > 10.0.0.5:%u helper %s",
		 b->helper->ports[0], p->helper);
	assert_string_equal(helper_bench_expected(b), expected);
	/* A refusal, and a question. */
	helper_bench_open(b, p->helper, PLAIN);
	helper_bench_say(b, CT_REPLY, say, answer(p, say, ANNOUNCE, 1, 0, daemon_host));
	helper_bench_say(b, CT_REPLY, say, answer(p, say, DELETE, 0, 0, daemon_host));
	helper_bench_say(b, CT_ORIGINAL, say, request(p, say, ANNOUNCE, 0, 40000, client));
	assert_string_equal(helper_bench_expected(b), "");
	/* The answer to a LOOK_UP: who asked will connect. */
	len = answer(p, say, LOOK_UP, 0, 1500, daemon_host);
	helper_bench_say(b, CT_REPLY, say, len - 1);
	helper_bench_say(b, CT_ORIGINAL, say, len);
	assert_string_equal(helper_bench_expected(b), "");
	helper_bench_say(b, CT_REPLY, say, len);
	assert_string_equal(helper_bench_expected(b), "tcp 10.0.0.5 > 192.0.2.80:1500");
	/* Not to another host, and not to no port. */
	helper_bench_open(b, p->helper, PLAIN);
	helper_bench_say(b, CT_REPLY, say, answer(p, say, LOOK_UP, 0, 1500, hidden_host));
	helper_bench_say(b, CT_REPLY, say, answer(p, say, LOOK_UP, 0, 0, daemon_host));
	assert_string_equal(helper_bench_expected(b), "");
	/* Translated: the caller's addresses in its requests ... */
	helper_bench_open(b, p->helper, MOVED);
	len = request(p, say, LOOK_UP, 1500, 40000, client);
	assert_int_equal(helper_bench_say(b, CT_ORIGINAL, say, len), PKTT_ACCEPT);
	request(p, want, LOOK_UP, 1500, 50000, seen_host);
	assert_heard(b, want, len);
	request(p, say, LOOK_UP, 1500, 40000, hidden_host);
	helper_bench_say(b, CT_ORIGINAL, say, len);
	assert_heard(b, say, len);
	helper_bench_say(b, CT_REPLY, say, answer(p, say, ANNOUNCE, 0, 0, daemon_host));
	snprintf(expected, sizeof(expected),
		 "udp 192.0.2.80 > 192.0.2.1:%u really :%u reply helper %s", b->helper->ports[0],
		 b->helper->ports[0], p->helper);
	assert_string_equal(helper_bench_expected(b), expected);
	/* ... and the invitation of one who is hidden himself. */
	helper_bench_open(b, p->helper, DNAT);
	len = answer(p, say, LOOK_UP, 0, 1500, hidden_host);
	assert_int_equal(helper_bench_say(b, CT_REPLY, say, len), PKTT_ACCEPT);
	answer(p, want, LOOK_UP, 0, 1500, seen_host);
	assert_heard(b, want, len);
	assert_string_equal(helper_bench_expected(b),
			    "tcp 198.51.100.7 > 192.0.2.1:1500 really :1500 original");
}

static void talk_goes_by_invitation(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	for (size_t i = 0; i < pktt_countof(protocols); i++)
		try_talk(&b, &protocols[i]);
	helper_bench_fini(&b);
}

static void ntalk2_says_how_long_it_is(void **state)
{
	const struct talk_protocol *p = &protocols[2];
	uint8_t say[128], want[128];
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "ntalk", SNAT);
	request(p, say, LOOK_UP, 1500, 40000, client);
	request(p, want, LOOK_UP, 1500, 40000, seen_host);
	say[3] = want[3] = 5;
	helper_bench_say(&b, CT_ORIGINAL, say, 84);
	assert_heard(&b, say, 84);
	helper_bench_say(&b, CT_ORIGINAL, say, 89);
	assert_heard(&b, want, 89);
	helper_bench_say(&b, CT_REPLY, say, answer(p, say, LOOK_UP, 0, 1500, daemon_host) + 40);
	assert_string_equal(helper_bench_expected(&b),
			    "tcp 10.0.0.5 > 192.0.2.80:1500 really :1500 original");
	helper_bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftp_servers_answer_from_any_port),
		cmocka_unit_test(amanda_names_up_to_four_ports),
		cmocka_unit_test(a_fixed_timeout_stays),
		cmocka_unit_test(a_subnet_answers_whom_it_was_asked_by),
		cmocka_unit_test(addresses_in_answers_are_translated),
		cmocka_unit_test(what_cannot_be_translated_is_dropped),
		cmocka_unit_test(talk_goes_by_invitation),
		cmocka_unit_test(ntalk2_says_how_long_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
