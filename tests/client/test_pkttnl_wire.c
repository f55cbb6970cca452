/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client that has nothing but descriptions agrees with the engine: what is an option's value, how it is
 * printed, and which bytes travel. Random rules, from a fixed seed.
 *
 *   engine's args -> text -> client's rule -> text -> message -> engine's rule: equal, and the texts are;
 *   the engine's message -> client's rule -> JSON -> client's rule -> message -> engine's rule: equal
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"
#include "desc/catalog.h"
#include "libpkttnetlink/object.h"
#include "random_args.h"
#include "round_trip.h"
#include "wire/ext.h"
#include "wire/object.h"

enum { ROUNDS = 60, MESSAGE = 65536 };

static struct wire_catalog *wire;
static struct pkttnl_catalog *cat; /* the client's */
static _Alignas(8) char message[MESSAGE];

static int set_up(void **state)
{
	static _Alignas(8) uint8_t buf[MESSAGE];
	const struct pktt_catalog *engine = round_trip_catalog();
	const struct pktt_ext *ext;

	(void)state;
	assert_int_equal(wire_catalog_new(&wire), 0);
	for (size_t i = 0; (ext = pktt_catalog_at(engine, i)); i++) {
		struct pktt_error err = { 0 };
		long len = wire_ext_encode(ext, buf, sizeof(buf));

		assert_true(len > 0);
		if (wire_catalog_add(wire, buf, (size_t)len, &err))
			fail_msg("%s: %s", ext->name, err.text);
	}
	return pkttnl_catalog_of(&cat, wire_catalog_desc(wire), "test");
}

static int tear_down(void **state)
{
	(void)state;
	pkttnl_catalog_put(&cat);
	wire_catalog_free(&wire);
	return 0;
}

/* --- Messages --------------------------------------------------------------------------------- */

static void put_message(const struct pktt_rule_spec *spec)
{
	struct wire_object obj;

	wire_object_init(&obj, PKTT_MSG_NEWRULE, spec->family);
	wire_set_rule(&obj, spec);
	assert_true(wire_object_encode(&obj, message, sizeof(message)) > 0);
}

/* The rule of the message, as the owner of a catalog reads it; NULL: it is refused. */
static struct pktt_rule_spec *get_message(const struct pktt_catalog *from, struct pktt_error *err)
{
	const void *at = message;
	struct wire_object obj;

	return wire_object_decode(&obj, at, from, err) ? NULL : pktt_take(&obj.owned);
}

/* --- Random rules ----------------------------------------------------------------------------- */

static bool fill(struct random *r, struct pktt_use *use, enum pktt_family family)
{
	uint8_t buf[4096];
	size_t len = random_args(r, use->ext, family, buf, sizeof(buf));

	if (pktt_args_decode(use->ext, family, buf, len, use->args, NULL) == 0)
		return true;
	pktt_args_fini(use->ext, use->args);
	memset(use->args, 0, pktt_args_size(use->ext));
	return pktt_args_finish(use->ext, family, use->args, NULL) == 0;
}

static void set_protocol(struct pktt_rule_spec *spec, uint8_t protocol)
{
	char number[8];
	const char *word[1] = { number };
	unsigned int n;

	snprintf(number, sizeof(number), "%u", protocol);
	if (protocol && pktt_args_lookup_letter(spec->head.ext, spec->family, 'p', &n) == 0)
		pktt_args_take(spec->head.ext, spec->family, spec->head.args, n, false, word, NULL);
}

/* A good rule with one use of ext, or NULL where chance made none. */
static struct pktt_rule_spec *random_rule(struct random *r, const struct pktt_ext *ext,
					  enum pktt_family family)
{
	PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *spec = NULL;
	struct pktt_use *use;

	assert_int_equal(pktt_rule_spec_new(&spec, round_trip_catalog(), family), 0);
	use = ext->kind == PKTT_KIND_HEAD ? &spec->head : pktt_rule_spec_add(spec, ext);
	assert_non_null(use);
	if (!fill(r, use, family))
		return NULL;
	if (ext->kind != PKTT_KIND_HEAD)
		set_protocol(spec, ext->l4_for ? ext->l4_for(use->args)[0] : ext->l4[0]);
	return pktt_rule_spec_finish(spec, NULL) ? NULL : pktt_take(&spec);
}

/* --- Laws ------------------------------------------------------------------------------------- */

static void assert_engine_equal(const struct pktt_rule_spec *spec, const struct pkttnl_rule *rule,
				const char *text)
{
	PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *again = NULL;
	struct pktt_error err = { 0 };

	put_message(pkttnl_rule_spec(rule));
	again = get_message(round_trip_catalog(), &err);
	if (!again)
		fail_msg("%s: the engine refuses: %s", text, err.text);
	if (!pktt_rule_spec_equal(spec, again))
		fail_msg("%s: the engine has another rule", text);
}

static void check_text(const struct pktt_rule_spec *spec, const char *text)
{
	struct pkttnl_rule *rule = NULL;
	struct pkttnl_error err = { 0 };
	char again[16384];

	if (pkttnl_rule_parse(&rule, cat, (enum pkttnl_family)spec->family, text, &err))
		fail_msg("%s: the client refuses, at %u: %s", text, err.column, err.text);
	pkttnl_rule_print(rule, again, sizeof(again));
	assert_string_equal(again, text);
	assert_engine_equal(spec, rule, text);
	pkttnl_rule_free(&rule);
}

static void check_message(const struct pktt_rule_spec *spec, const char *text)
{
	struct pkttnl_rule *rule = NULL, *again = NULL;
	struct pktt_rule_spec *got;
	struct pkttnl_error said = { 0 };
	struct pktt_error err = { 0 };
	char json[32768];

	put_message(spec);
	got = get_message(wire_catalog_desc(wire), &err);
	if (!got)
		fail_msg("%s: the client refuses the message: %s", text, err.text);
	assert_int_equal(pkttnl_rule_from_spec(&rule, cat, &got), 0);
	assert_true(pkttnl_rule_json(rule, json, sizeof(json)) < (int)sizeof(json));
	if (pkttnl_rule_parse_json(&again, cat, json, strlen(json), &said))
		fail_msg("%s: %s: %s", text, json, said.text);
	assert_engine_equal(spec, again, text);
	pkttnl_rule_free(&again);
	pkttnl_rule_free(&rule);
}

static unsigned int try_ext(struct random *r, const struct pktt_ext *ext, enum pktt_family family)
{
	unsigned int good = 0;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct pktt_rule_spec *spec = random_rule(r, ext, family);
		struct str text = STR_INIT;

		if (!spec)
			continue;
		good++;
		pktt_rule_spec_print(spec, &text);
		check_text(spec, str_text(&text));
		check_message(spec, str_text(&text));
		str_fini(&text);
		pktt_rule_spec_free(&spec);
	}
	return good;
}

static bool serves(const struct pktt_ext *ext, enum pktt_family family)
{
	uint32_t both = PKTT_FAM_V4 | PKTT_FAM_V6;

	if (ext->kind == PKTT_KIND_SET || ext->flags & PKTT_EXT_JUMP)
		return false;
	return ext->families & PKTT_FAM(family) ||
	       (family == PKTT_INET && ext->kind != PKTT_KIND_HEAD &&
		(ext->families & both) == both);
}

static void test_laws(void **state)
{
	struct random r = { 20021113 };
	unsigned int tried = 0, never = 0;
	const struct pktt_ext *ext;

	(void)state;
	for (size_t i = 0; (ext = pktt_catalog_at(round_trip_catalog(), i)); i++)
		for (int f = 0; f < PKTT_FAMILY_COUNT; f++) {
			if (!serves(ext, (enum pktt_family)f))
				continue;
			tried++;
			if (try_ext(&r, ext, (enum pktt_family)f) == 0) {
				never++;
				print_message("no good rule of %s (%d)\n", ext->name, f);
			}
		}
	assert_true(tried > 150);
	assert_true(never * 10 < tried);
}

/* What a client says of an extension is what the engine says, to the letter. */
static void test_descriptions(void **state)
{
	const struct pkttnl_ext *mine = NULL;
	struct pkttnl_catalog *theirs = NULL;
	const struct pkttnl_ext *its;

	(void)state;
	assert_int_equal(pkttnl_catalog_of(&theirs, round_trip_catalog(), "engine"), 0);
	for (its = NULL; (its = pkttnl_ext_next(theirs, its));) {
		static char a[65536], b[65536];

		mine = pkttnl_ext_next(cat, mine);
		assert_non_null(mine);
		pkttnl_ext_json(mine, a, sizeof(a));
		pkttnl_ext_json(its, b, sizeof(b));
		assert_string_equal(a, b);
		pkttnl_ext_help(mine, a, sizeof(a));
		pkttnl_ext_help(its, b, sizeof(b));
		assert_string_equal(a, b);
	}
	assert_null(pkttnl_ext_next(cat, mine));
	pkttnl_catalog_put(&theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptions),
		cmocka_unit_test(test_laws),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
