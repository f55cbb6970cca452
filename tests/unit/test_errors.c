/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors as people see them: kept, counted, shown with their lines. */
#include "base/str.h"
#include "desc/command.h"
#include "desc/source.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void at_most_twenty_errors_are_kept(void **state)
{
	struct pktt_errors errs = { 0 };
	struct pktt_error err = { .code = -EINVAL, .text = "x", .place = { .file = "f" } };
	struct str out = STR_INIT;

	(void)state;
	for (uint32_t line = 30; line > 0; line--) {
		err.place.line = line;
		pktt_errors_add(&errs, &err);
	}
	assert_int_equal(errs.count, 30);
	assert_int_equal(errs.kept, 20);
	assert_int_equal(errs.item[0].place.line, 1);
	assert_int_equal(errs.item[19].place.line, 20);
	pktt_errors_print(&errs, NULL, NULL, &out);
	assert_non_null(strstr(str_text(&out), "\n... and 10 more\n30 errors, nothing changed\n"));
	str_fini(&out);
}

static void long_lines_are_shown_in_part(void **state)
{
	char line[400];
	struct pktt_errors errs = { 0 };
	struct pktt_error err = { .text = "x", .place = { "f", 1, 300, 4 } };
	struct pktt_sources *files = NULL;
	const struct pktt_file *file;
	struct str out = STR_INIT;
	const char *at, *under;

	(void)state;
	memset(line, '.', sizeof(line));
	memset(line + 299, 'h', 4);
	assert_int_equal(pktt_sources_new(&files), 0);
	assert_int_equal(pktt_sources_add(files, "f", line, sizeof(line), &file), 0);
	pktt_errors_add(&errs, &err);
	pktt_errors_print(&errs, pktt_sources_line, files, &out);
	at = strstr(str_text(&out), "hhhh");
	under = strstr(str_text(&out), "^^^^");
	assert_non_null(at);
	assert_non_null(under);
	assert_int_equal(at - strstr(str_text(&out), "    1 |"),
			 under - strstr(str_text(&out), "      |"));
	str_fini(&out);
	pktt_sources_free(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_most_twenty_errors_are_kept),
		cmocka_unit_test(long_lines_are_shown_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
