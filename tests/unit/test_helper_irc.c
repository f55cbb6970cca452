/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Offers of DCC in IRC, and what only looks like one; SANE's answers beside it: both over TCP. */
#include "helper_bench.h"

#include "base/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 10.0.0.5, 192.0.2.1 (where SNAT is seen), 10.0.0.6 */
#define OWN   "167772165"
#define SEEN  "3221225985"
#define OTHER "167772166"
#define END   "\1\r\n"

struct row {
	enum helper_bench_kind kind;
	const char *say;
	const char *expected;
	const char *heard; /* NULL = as it was said */
};

static const struct row rows[] = {
	{ PLAIN, "PRIVMSG bob :\1DCC SEND f.txt " OWN " 4001 99" END, "tcp * > 10.0.0.5:4001",
	  NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC CHAT chat " OWN " 4001" END, "tcp * > 10.0.0.5:4001", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC MOVE f " OWN " 4001 99" END, "tcp * > 10.0.0.5:4001", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC TSEND f " OWN " 4001 99" END, "tcp * > 10.0.0.5:4001", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC SCHAT chat " OWN " 4001" END, "tcp * > 10.0.0.5:4001", NULL },
	{ PLAIN, "  \r\nprivmsg #c :\1DCC SEND f " OWN " 4001 99" END, "tcp * > 10.0.0.5:4001",
	  NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC SEND f " OWN "    4001 99" END, "tcp * > 10.0.0.5:4001",
	  NULL },
	/* 2^32 more, and 2^16 more */
	{ PLAIN, "PRIVMSG bob :\1DCC SEND f 4462739461 69537 99" END, "tcp * > 10.0.0.5:4001",
	  NULL },
	/* Not offers. */
	{ PLAIN, "PRIVMSG bob :\1DCC SEND f " OWN " 4001 99\1", "", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC SEND f " OTHER " 4001 99" END, "", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC SEND f " OWN " 0 99" END, "", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC SEND f " OWN END, "", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC SEND " END "                ", "", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC RESUME f " OWN " 4001 99" END, "", NULL },
	{ PLAIN, "PRIVMSG bob :\1dcc SEND f " OWN " 4001 99" END, "", NULL },
	{ PLAIN, "PRIVMSG bob :see \1DCC SEND f " OWN " 4001 99" END, "", NULL },
	{ PLAIN, "PRIVMSG bob :see :\1DCC SEND f " OWN " 4001 99" END, "", NULL },
	{ PLAIN, "NOTICE bob :\1DCC SEND f " OWN " 4001 99" END, "", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC SEND CHAT MOVE TSEND SCHAT " END, "", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC SEND ", "", NULL },
	{ PLAIN, "PRIVMSG b", "", NULL },
	{ PLAIN, "", "", NULL },
	/* Only the first command that offers anything counts. */
	{ PLAIN, "PRIVMSG bob :\1DCC SEND CHAT x " OWN " 4001 99" END, "", NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC SEND f 1 4001 99\1 :\1DCC SEND f " OWN " 4002 99" END, "",
	  NULL },
	{ PLAIN, "PRIVMSG bob :\1DCC FOO f 1 4001 99\1 :\1DCC SEND f " OWN " 4002 99" END,
	  "tcp * > 10.0.0.5:4002", NULL },
	/* Translated: either address may be named. */
	{ SNAT, "PRIVMSG bob :\1DCC SEND f " OWN " 4001 99" END,
	  "tcp * > 192.0.2.1:4001 really :4001 reply",
	  "PRIVMSG bob :\1DCC SEND f " SEEN " 4001 99" END },
	{ SNAT, "PRIVMSG bob :\1DCC SEND f " SEEN "   04001 99" END,
	  "tcp * > 192.0.2.1:4001 really :4001 reply",
	  "PRIVMSG bob :\1DCC SEND f " SEEN " 4001 99" END },
	{ SNAT, "PRIVMSG bob :\1DCC SEND f " OTHER " 4001 99" END, "", NULL },
};

static void offers_are_expected_from_anybody(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	for (size_t i = 0; i < pktt_countof(rows); i++) {
		const struct row *row = &rows[i];

		helper_bench_open(&b, "irc", row->kind);
		assert_int_equal(helper_bench_text(&b, CT_ORIGINAL, row->say), PKTT_ACCEPT);
		if (strcmp(helper_bench_expected(&b), row->expected) != 0)
			fail_msg("row %zu: expects %s", i, helper_bench_expected(&b));
		if (!helper_bench_heard_text(&b, row->heard ? row->heard : row->say))
			fail_msg("row %zu: became %.*s", i, (int)packet_len(b.last, PKTT_L4) - 20,
				 (const char *)helper_bench_heard(&b).at);
	}
	helper_bench_fini(&b);
}

static void the_server_offers_nothing(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "irc", PLAIN);
	helper_bench_text(&b, CT_REPLY, "PRIVMSG bob :\1DCC SEND f 3221226064 4001 99" END);
	helper_bench_text(&b, CT_REPLY, rows[0].say);
	b.new = PKTT_CT_NEW;
	helper_bench_text(&b, CT_ORIGINAL, rows[0].say);
	assert_string_equal(helper_bench_expected(&b), "");
	helper_bench_fini(&b);
}

static void eight_offers_stand_at_once(void **state)
{
	char say[64] = "PRIVMSG b :\1DCC SEND f " OWN " 400x 99" END;
	struct helper_bench b;
	const char *expected;
	unsigned int n = 1;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "irc", PLAIN);
	for (char c = '0'; c <= '9'; c++) {
		*strstr(say, " 99") = 0;
		say[strlen(say) - 1] = c;
		strcat(say, " 99" END);
		assert_int_equal(helper_bench_text(&b, CT_ORIGINAL, say), PKTT_ACCEPT);
	}
	expected = helper_bench_expected(&b);
	assert_int_equal(strncmp(expected, "tcp * > 10.0.0.5:4002", 21), 0);
	for (const char *p = expected; (p = strchr(p, ',')); p++)
		n++;
	assert_int_equal(n, 8);
	helper_bench_fini(&b);
}

/* A line feed behind what is looked at does not count. */
static void long_messages_are_read_in_part(void **state)
{
	static char say[5000];
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	helper_bench_open(&b, "irc", SNAT);
	memset(say, 'x', sizeof(say) - 1);
	memcpy(say, "PRIVMSG ", 8);
	memcpy(say + 4040, " :\1DCC SEND f " OWN " 4001 9\n", 32);
	assert_int_equal(helper_bench_text(&b, CT_ORIGINAL, say), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "tcp * > 192.0.2.1:4001 really :4001 reply");
	helper_bench_open(&b, "irc", SNAT);
	memset(say, 'x', sizeof(say) - 1);
	memcpy(say, "PRIVMSG ", 8);
	memcpy(say + 4066, " :\1DCC SEND f " OWN " 4001 9\n", 32);
	assert_int_equal(helper_bench_text(&b, CT_ORIGINAL, say), PKTT_ACCEPT);
	assert_string_equal(helper_bench_expected(&b), "");
	helper_bench_fini(&b);
}

/* --- SANE ------------------------------------------------------------------------------------- */

#define START  "\0\0\0\7\0\0\0\1"
#define CANCEL "\0\0\0\10\0\0\0\1"
#define ANSWER "\0\0\0\0\0\0\x1a\x2b more"

static const struct {
	const char *request;
	size_t request_len;
	const char *answer;
	size_t answer_len;
	const char *expected;
} sane_rows[] = {
	{ START, 8, ANSWER, 13, "tcp 10.0.0.5 > 192.0.2.80:6699" },
	{ START, 8, ANSWER, 8, "tcp 10.0.0.5 > 192.0.2.80:6699" },
	{ START, 8, ANSWER, 7, "" },
	{ START, 8, "\0\0\0\1\0\0\x1a\x2b", 8, "" },
	{ START, 8, "\0\0\0\0\0\1\x1a\x2b", 8, "" },
	{ CANCEL, 8, ANSWER, 8, "" },
	{ START "\0", 9, ANSWER, 8, "" },
};

static void scanners_name_their_port(void **state)
{
	struct helper_bench b;

	(void)state;
	helper_bench_init(&b, NULL);
	for (size_t i = 0; i < pktt_countof(sane_rows); i++) {
		helper_bench_open(&b, "sane", PLAIN);
		helper_bench_say(&b, CT_ORIGINAL, sane_rows[i].request, sane_rows[i].request_len);
		/* An acknowledgement without data is no answer. */
		helper_bench_say(&b, CT_REPLY, "", 0);
		helper_bench_say(&b, CT_REPLY, sane_rows[i].answer, sane_rows[i].answer_len);
		if (strcmp(helper_bench_expected(&b), sane_rows[i].expected) != 0)
			fail_msg("row %zu: expects %s", i, helper_bench_expected(&b));
	}
	/* Only the first answer. */
	helper_bench_open(&b, "sane", PLAIN);
	helper_bench_say(&b, CT_ORIGINAL, START, 8);
	helper_bench_say(&b, CT_REPLY, "x", 1);
	helper_bench_say(&b, CT_REPLY, ANSWER, 8);
	assert_string_equal(helper_bench_expected(&b), "");
	/* Translated, it is expected all the same, but not led anywhere. */
	helper_bench_open(&b, "sane", DNAT);
	helper_bench_say(&b, CT_ORIGINAL, START, 8);
	helper_bench_say(&b, CT_REPLY, ANSWER, 8);
	assert_string_equal(helper_bench_expected(&b), "tcp 198.51.100.7 > 192.0.2.1:6699");
	helper_bench_open(&b, "sane", PLAIN6);
	helper_bench_say(&b, CT_ORIGINAL, START, 8);
	helper_bench_say(&b, CT_REPLY, ANSWER, 8);
	assert_string_equal(helper_bench_expected(&b), "tcp 2001:db8:1::5 > 2001:db8:2::80:6699");
	helper_bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_are_expected_from_anybody),
		cmocka_unit_test(the_server_offers_nothing),
		cmocka_unit_test(eight_offers_stand_at_once),
		cmocka_unit_test(long_messages_are_read_in_part),
		cmocka_unit_test(scanners_name_their_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
