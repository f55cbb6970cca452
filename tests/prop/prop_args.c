/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold for the arguments of every extension there is, whatever they are:
 * what is printed reads back as equal, and prints the same again; JSON and wire likewise; a copy is
 * equal; and bytes that are broken in any place are refused, or are arguments that text takes too.
 *
 *	prop_args [EXTENSION [SEED [ROUNDS]]]
 */
#include "../unit/args_sample.h"
#include "args_laws.h"
#include "random_args.h"

#include "base/json.h"
#include "core/ext.h"
#include "desc/catalog.h"
#include "desc/describe.h"
#include "desc/family.h"

enum { ROOM = 16384 };

#include <jansson.h>

struct trial {
	const struct pktt_ext *ext;
	enum pktt_family family;
	struct random random;
	unsigned long accepted;
	char refusal[240]; /* the last one */
};

static void *new_args(const struct trial *t)
{
	void *args = calloc(1, pktt_args_size(t->ext));

	assert_non_null(args);
	return args;
}

static void free_args(const struct trial *t, void *args)
{
	pktt_args_fini(t->ext, args);
	free(args);
}

static void check_laws(const struct trial *t, const void *args)
{
	char why[LAWS_WHY];

	if (!args_laws_hold(t->ext, t->family, args, why))
		fail_msg("%s", why);
}

/* Bytes from a stranger, in memory of just their size: refused, or as good as text. */
static bool accept_bytes(struct trial *t, const uint8_t *bytes, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct pktt_error err = { 0 };
	void *args = new_args(t);
	bool ok;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	ok = pktt_args_decode(t->ext, t->family, exact, len, args, &err) == 0;
	if (ok)
		check_laws(t, args);
	else
		snprintf(t->refusal, sizeof(t->refusal), "%s", err.text);
	free_args(t, args);
	free(exact);
	return ok;
}

static void check_hostile(struct trial *t, const uint8_t *wire, size_t len)
{
	uint8_t broken[ROOM];
	unsigned int flips = 1 + random_below(&t->random, 3);

	for (size_t cut = 0; cut<len; cut += len> 512 ? 1 + random_below(&t->random, 64) : 1)
		accept_bytes(t, wire, cut);
	memcpy(broken, wire, len);
	for (unsigned int i = 0; len && i < flips; i++)
		broken[random_below(&t->random, (uint32_t)len)] ^= 1u
								   << random_below(&t->random, 8);
	accept_bytes(t, broken, len);
	len = random_below(&t->random, 64);
	for (size_t i = 0; i < len; i++)
		broken[i] = (uint8_t)random_below(&t->random, i % 4 == 0 ? 2 : 256);
	accept_bytes(t, broken, len);
}

static void run_once(struct trial *t)
{
	uint8_t wire[ROOM];
	size_t len = random_args(&t->random, t->ext, t->family, wire, sizeof(wire));
	struct pktt_error err = { 0 };
	void *args = new_args(t);

	if (pktt_args_decode(t->ext, t->family, wire, len, args, &err) == 0) {
		t->accepted++;
		check_laws(t, args);
		check_hostile(t, wire, len);
	} else {
		snprintf(t->refusal, sizeof(t->refusal), "%s", err.text);
	}
	free_args(t, args);
}

/* All rounds over one extension in each of its families; each must let some arguments in. */
static void run_ext(const struct pktt_ext *ext, uint64_t seed, unsigned long rounds)
{
	for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++) {
		struct trial t = { ext, (enum pktt_family)f, { seed * 5 + f + 1 }, 0, "" };

		if (!(ext->families & PKTT_FAM(f)))
			continue;
		for (unsigned long i = 0; i < 100 * rounds && t.accepted < rounds; i++)
			run_once(&t);
		if (t.accepted == 0)
			fail_msg("%s %s: no random arguments are good: %s",
				 pktt_family_name(t.family), ext->name, t.refusal);
	}
}

static const char *only;
static uint64_t seed = 1;
static unsigned long rounds = 100;

static void run_sample(void **state)
{
	(void)state;
	if (!only)
		run_ext(&sample, seed, 10 * rounds);
}

static struct pktt_catalog *catalog_of_all(void)
{
	struct pktt_catalog *cat = NULL;
	struct pktt_error err = { 0 };

	assert_int_equal(pktt_catalog_new(&cat), 0);
	if (pktt_ext_register_builtin(cat, &err))
		fail_msg("%s", err.text);
	return cat;
}

static void run_catalog(void **state)
{
	struct pktt_catalog *cat = catalog_of_all();
	const struct pktt_ext *ext;

	(void)state;
	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++)
		if (!only || strcmp(ext->name, only) == 0)
			run_ext(ext, seed, rounds);
	pktt_catalog_free(&cat);
}

/* Descriptions are JSON, and every line of help fits. */
static void describe_catalog(void **state)
{
	struct pktt_catalog *cat = catalog_of_all();
	const struct pktt_ext *ext;

	(void)state;
	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++) {
		struct str out = STR_INIT;
		struct json json = json_to(&out);
		json_t *parsed;

		json_begin_array(&json);
		pktt_describe_json(ext, &json);
		pktt_describe_schema(ext, &json);
		json_end_array(&json);
		parsed = json_loads(str_text(&out), JSON_REJECT_DUPLICATES, NULL);
		if (!parsed)
			fail_msg("%s: not JSON: %s", ext->name, str_text(&out));
		json_decref(parsed);
		str_fini(&out);
	}
	pktt_catalog_free(&cat);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_sample),
		cmocka_unit_test(run_catalog),
		cmocka_unit_test(describe_catalog),
	};

	only = argc > 1 && argv[1][0] ? argv[1] : NULL;
	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : seed;
	rounds = argc > 3 ? strtoul(argv[3], NULL, 0) : rounds;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
