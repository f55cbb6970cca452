/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words and their places. */
#include "desc/lex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "word@line:column+span word ..." of the first line of text, lines separated by " | " */
static void check(const char *text, bool joins_lines, const char *expected)
{
	struct lex_text lines = lex_text_of(text, strlen(text), joins_lines);
	struct lex_line line;
	struct lex lex = { 0 };
	struct pktt_error err = { 0 };
	char got[1024] = "";
	size_t len = 0;

	while (lex_next_line(&lines, &line)) {
		int r = lex_split(&lex, &line, &err);

		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s", len ? " |" : "");
		for (unsigned int i = 0; r == 0 && i < lex.nwords; i++)
			len += (size_t)snprintf(got + len, sizeof(got) - len, " %s@%u:%u+%u%s",
						lex.word[i].text, lex.word[i].line,
						lex.word[i].column, lex.word[i].span,
						lex.word[i].is_quoted ? "q" : "");
		if (r)
			len += (size_t)snprintf(got + len, sizeof(got) - len, " !%u:%u %s",
						err.place.line, err.place.column, err.text);
	}
	lex_fini(&lex);
	assert_string_equal(got, expected);
}

static void words_have_columns(void **state)
{
	(void)state;
	check("-A INPUT -j DROP\n", false, " -A@1:1+2 INPUT@1:4+5 -j@1:10+2 DROP@1:13+4");
	check("\t-A  X \n\nY", false, " -A@1:2+2 X@1:6+1 | | Y@3:1+1");
	check("a\r\nb\r\n", false, " a@1:1+1 | b@2:1+1");
	check("", false, "");
}

static void quotes_are_those_of_iptables(void **state)
{
	(void)state;
	check("x \"a b\" y", false, " x@1:1+1 a b@1:3+5q y@1:9+1");
	check("\"a\\\"b\\\\c\\'d\"", false, " a\"b\\c'd@1:1+12q");
	check("a\\b it's", false, " a\\b@1:1+3 it's@1:5+4");
	check("'a b' \"\"", false, " 'a@1:1+2 b'@1:4+2 @1:7+2q");
	check("--x=\"a b\"c", false, " --x=a b@1:1+9q c@1:10+1");
	check("a \"b", false, " !1:3 the quote that opens here is never closed");
	check("a 'b", false, " a@1:1+1 'b@1:3+2");
}

static void lines_are_joined_where_asked(void **state)
{
	(void)state;
	check("a \\\n b\nc", true, " a@1:1+1 b@2:2+1 | c@3:1+1");
	check("a \\\r\nb\\\n\nc", true, " a@1:1+1 b@2:1+1 | c@4:1+1");
	check("a \\\nb", false, " a@1:1+1 \\@1:3+1 | b@2:1+1");
	check("# a \\\nb", true, " #@1:1+1 a@1:3+1 | b@2:1+1");
	check("a \\", true, " a@1:1+1");
}

static void a_nul_byte_is_an_error(void **state)
{
	struct lex_line line = { "a\0b", 3, 7, false };
	struct lex lex = { 0 };
	struct pktt_error err = { 0 };

	(void)state;
	assert_int_not_equal(lex_split(&lex, &line, &err), 0);
	assert_int_equal(err.place.line, 7);
	assert_int_equal(err.place.column, 2);
	lex_fini(&lex);
}

static void long_lines_are_split(void **state)
{
	size_t len = 1 << 20;
	char *text = malloc(len);
	struct lex_text lines;
	struct lex_line line;
	struct lex lex = { 0 };

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	for (size_t i = 7; i < len; i += 8)
		text[i] = ' ';
	lines = lex_text_of(text, len, false);
	assert_true(lex_next_line(&lines, &line));
	assert_int_equal(lex_split(&lex, &line, NULL), 0);
	assert_int_equal(lex.nwords, len / 8);
	assert_int_equal(lex.word[lex.nwords - 1].column, len - 7);
	lex_fini(&lex);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_have_columns),
		cmocka_unit_test(quotes_are_those_of_iptables),
		cmocka_unit_test(lines_are_joined_where_asked),
		cmocka_unit_test(a_nul_byte_is_an_error),
		cmocka_unit_test(long_lines_are_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
