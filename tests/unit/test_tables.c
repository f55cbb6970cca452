/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every table that is linked in is free of faults, and no two extensions claim one name. */
#include "core/ext.h"
#include "desc/catalog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

extern const struct pktt_match *const __start_pktt_matchs[], *const __stop_pktt_matchs[];
extern const struct pktt_target *const __start_pktt_targets[], *const __stop_pktt_targets[];

static unsigned int add(struct pktt_catalog *cat, const struct pktt_ext *ext)
{
	struct pktt_error err;

	if (pktt_catalog_add(cat, ext, &err) == 0)
		return 0;
	print_error("%s\n", err.text);
	return 1;
}

static void test_all(void **state)
{
	struct pktt_catalog *cat;
	unsigned int faults = 0;

	(void)state;
	assert_int_equal(pktt_catalog_new(&cat), 0);
	for (const struct pktt_match *const *m = __start_pktt_matchs; m != __stop_pktt_matchs; m++)
		faults += add(cat, &(*m)->ext);
	for (const struct pktt_target *const *t = __start_pktt_targets; t != __stop_pktt_targets;
	     t++)
		faults += add(cat, &(*t)->ext);
	pktt_catalog_free(&cat);
	assert_int_equal(faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_all) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
