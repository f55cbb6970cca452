/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options taken, checked, printed, compared and copied by their table. */
#include "args_sample.h"

/* line parses; what is printed of it. */
static void prints(enum pktt_family family, const char *line, const char *expected)
{
	struct sample_args args = { 0 };
	struct pktt_error err = { 0 };
	struct str out = STR_INIT;

	if (parse_line(&sample, family, line, &args, &err))
		fail_msg("%s: %s", line, err.text);
	pktt_args_print(&sample, family, &args, &out);
	assert_string_equal(str_text(&out), expected);
	str_fini(&out);
	pktt_args_fini(&sample, &args);
}

static void refuses(enum pktt_family family, const char *line, const char *sentence)
{
	struct sample_args args = { 0 };
	struct pktt_error err = { 0 };

	if (parse_line(&sample, family, line, &args, &err) == 0)
		fail_msg("%s is accepted", line);
	assert_true(err.code < 0);
	assert_string_equal(err.text, sentence);
	pktt_args_fini(&sample, &args);
}

static void prints_as_saved(void **state)
{
	(void)state;
	prints(PKTT_IPV4, "", "--level low");
	prints(PKTT_IPV4, "--port 80", "-p 80 --level low");
	prints(PKTT_IPV4, "! --the-port 80:90", "! -p 80:90 --level low");
	prints(PKTT_IPV4, "-p 22 --quick", "-p 22 --level low --quick");
	prints(PKTT_IPV4, "--level top", "--level high");
	prints(PKTT_IPV4, "--burst 5", "--level low");
	prints(PKTT_IPV4, "--burst 6", "--burst 6 --level low");
	prints(PKTT_IPV4, "--note \"two words\"", "--level low --note \"two words\"");
	prints(PKTT_IPV4, "--bits red,blue", "--level low --bits red,blue");
	prints(PKTT_IPV4, "--set black src,dst", "--level low --set black src,dst");
}

static void resolves_synonyms(void **state)
{
	(void)state;
	prints(PKTT_IPV4, "--syn", "--tcp-flags FIN,SYN,RST,ACK SYN --level low");
	prints(PKTT_IPV4, "! --syn", "! --tcp-flags FIN,SYN,RST,ACK SYN --level low");
	prints(PKTT_IPV4, "--hundreds 3", "--level low --count 300");
	refuses(PKTT_IPV4, "--hundreds 10", "--hundreds: 10 is outside 0 to 9");
	refuses(PKTT_IPV4, "--syn --tcp-flags SYN SYN", "--tcp-flags is given twice");
	refuses(PKTT_IPV4, "--tcp-flags SYN SYN --syn",
		"--tcp-flags is given twice (--syn means the same)");
	/* a negation whose parameter knows no "!" prints by the synonym's name */
	prints(PKTT_IPV4, "-p 1 --hurry", "-p 1 --level low --hurry");
}

static void knows_families(void **state)
{
	(void)state;
	prints(PKTT_IPV4, "--gateway 10.0.0.1", "--level low --gateway 10.0.0.1");
	prints(PKTT_IPV6, "--gateway fe80::1", "--level low --gateway fe80::1");
	refuses(PKTT_INET, "--gateway 10.0.0.1", "unknown --gateway");
}

static void refuses_with_a_sentence(void **state)
{
	(void)state;
	refuses(PKTT_IPV4, "--burst 0", "--burst: 0 is outside 1 to 10000");
	refuses(PKTT_IPV4, "--burst 10001", "--burst: 10001 is outside 1 to 10000");
	refuses(PKTT_IPV4, "--ports 10,1001", "--ports: 1001 is outside 10 to 1000");
	refuses(PKTT_IPV4, "--ports 10:1001", "--ports: 1001 is outside 10 to 1000");
	refuses(PKTT_IPV4, "! --burst 7", "\"!\" does not apply to --burst");
	refuses(PKTT_IPV4, "--port 1 --port 2", "--port is given twice");
	refuses(PKTT_IPV4, "--slow", "--slow needs --port or --burst beside it");
	refuses(PKTT_IPV4, "-p 1 --slow --quick", "--quick must not stand beside --slow");
	refuses(PKTT_IPV4, "--burst 13", "13 brings no luck");
	prints(PKTT_IPV4, "--note a --note b", "--level low --note b");
}

static void demands_what_is_required(void **state)
{
	const struct pktt_param params[] = {
		{
			.name = "to",
			.help = "where to",
			PKTT_STORE(struct sample_args, burst, u32),
			.flags = PKTT_REQUIRED,
		},
	};
	const struct pktt_ext ext = { .name = "needy", PKTT_PARAMS(params, struct sample_args) };
	struct sample_args args = { 0 };
	struct pktt_error err = { 0 };

	(void)state;
	assert_int_equal(parse_line(&ext, PKTT_IPV4, "", &args, &err), -EINVAL);
	assert_string_equal(err.text, "needy needs --to");
	assert_int_equal(parse_line(&ext, PKTT_IPV4, "--to 7", &args, &err), 0);
}

static bool are_equal(const char *x, const char *y)
{
	struct sample_args a = { 0 }, b = { 0 };
	bool equal;

	assert_int_equal(parse_line(&sample, PKTT_IPV4, x, &a, NULL), 0);
	assert_int_equal(parse_line(&sample, PKTT_IPV4, y, &b, NULL), 0);
	equal = pktt_args_equal(&sample, &a, &b);
	assert_int_equal(pktt_args_equal(&sample, &b, &a), equal);
	pktt_args_fini(&sample, &a);
	pktt_args_fini(&sample, &b);
	return equal;
}

static void compares_by_value(void **state)
{
	(void)state;
	assert_true(are_equal("", "--burst 5"));
	assert_false(are_equal("", "--burst 6"));
	assert_true(are_equal("--syn", "--tcp-flags SYN,FIN,ACK,RST SYN"));
	assert_false(are_equal("--syn", "! --syn"));
	/* zero that is asked for is not zero that is not */
	assert_false(are_equal("", "--count 0"));
	assert_false(are_equal("--ports 20,30", "--ports 20"));
	assert_false(are_equal("--ports 20,30", "--ports 20,31"));
	assert_true(are_equal("--among 02:00:00:00:00:01,02:00:00:00:00:02",
			      "--among 02:00:00:00:00:02,02:00:00:00:00:01"));
}

static void copies_what_it_owns(void **state)
{
	struct sample_args a = { 0 }, b;

	(void)state;
	assert_int_equal(
		parse_line(&sample, PKTT_IPV4, "--among 02:00:00:00:00:01=10.0.0.1 -p 1", &a, NULL),
		0);
	assert_int_equal(pktt_args_copy(&sample, &b, &a), 0);
	assert_ptr_not_equal(a.among.item, b.among.item);
	assert_true(pktt_args_equal(&sample, &a, &b));
	pktt_args_fini(&sample, &a);
	assert_int_equal(b.among.count, 1);
	pktt_args_fini(&sample, &b);
}

static void finishes_twice_alike(void **state)
{
	struct sample_args a = { 0 };

	(void)state;
	assert_int_equal(parse_line(&sample, PKTT_IPV4, "-p 1", &a, NULL), 0);
	assert_int_equal(pktt_args_finish(&sample, PKTT_IPV4, &a, NULL), 0);
	assert_int_equal(a.burst, 5);
	assert_int_equal(a.level, 1);
}

static void suggests_the_nearest(void **state)
{
	(void)state;
	assert_string_equal(pktt_args_suggest(&sample, PKTT_IPV4, "prot"), "port");
	assert_string_equal(pktt_args_suggest(&sample, PKTT_IPV4, "tpc-flags"), "tcp-flags");
	assert_string_equal(pktt_args_suggest(&sample, PKTT_IPV4, "thee-port"), "port");
	assert_string_equal(pktt_args_suggest(&sample, PKTT_IPV4, "gatewaay"), "gateway");
	assert_null(pktt_args_suggest(&sample, PKTT_IPV4, "zebra"));
	assert_null(pktt_args_suggest(&sample, PKTT_IPV4, ""));
	assert_null(pktt_args_suggest(&sample, PKTT_INET, "gatewaay"));
}

static void splits_words_as_restore_does(void **state)
{
	char text[] = " a \"b c\" d\"e\\\"f\"g \"\"", open[] = "\"a", many[] = "a b c";
	const char *word[4];

	(void)state;
	assert_int_equal(pktt_words_split(text, word, 4), 4);
	assert_string_equal(word[0], "a");
	assert_string_equal(word[1], "b c");
	assert_string_equal(word[2], "de\"fg");
	assert_string_equal(word[3], "");
	assert_int_equal(pktt_words_split(open, word, 4), -EINVAL);
	assert_int_equal(pktt_words_split(many, word, 2), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_as_saved),
		cmocka_unit_test(resolves_synonyms),
		cmocka_unit_test(knows_families),
		cmocka_unit_test(refuses_with_a_sentence),
		cmocka_unit_test(demands_what_is_required),
		cmocka_unit_test(compares_by_value),
		cmocka_unit_test(copies_what_it_owns),
		cmocka_unit_test(finishes_twice_alike),
		cmocka_unit_test(suggests_the_nearest),
		cmocka_unit_test(splits_words_as_restore_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
