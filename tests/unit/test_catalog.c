/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalog, and that every fault of a table is found. */
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
#include "desc/catalog.h"

struct sample_args {
	struct pktt_args head;
	uint8_t ttl, kind;
	struct pktt_mask8 flags;
	struct pktt_rate rate;
	char note[16];
};

static const struct pktt_symbol kinds[] = { { "one", 1 }, { "two", 2 }, { 0 } };

enum { TTL, KIND, FLAGS, RATE, NOTE, FAST, COUNT };

/* A table without faults, of which each test spoils one copy. */
struct sample {
	struct pktt_param param[COUNT];
	struct pktt_symbol symbol[3];
	struct pktt_ext ext;
};

static void convert_none(const void *from, void *to)
{
	(void)from, (void)to;
}

static void init(struct sample *s)
{
	static const struct pktt_param params[COUNT] = {
		[TTL] = { .name = "ttl",
			  .aliases = "hl hoplimit",
			  .help = "time to live",
			  PKTT_STORE(struct sample_args, ttl, u8),
			  .def = "64",
			  .min = 1 },
		[KIND] = { .name = "kind",
			   .help = "which of two",
			   PKTT_STORE(struct sample_args, kind, enum8),
			   .symbols = kinds,
			   .def = "two" },
		[FLAGS] = { .name = "flags",
			    .help = "what is set",
			    PKTT_STORE(struct sample_args, flags, flags8),
			    .symbols = kinds,
			    .def = "one,two one" },
		[RATE] = { .name = "rate",
			   .help = "how often, as N/hour",
			   .letter = 'r',
			   PKTT_STORE(struct sample_args, rate, rate),
			   .def = "3/hour",
			   .min = 1,
			   .max = 1000 },
		[NOTE] = { .name = "note",
			   .help = "a word on it",
			   PKTT_STORE_TEXT(struct sample_args, note),
			   .def = "two words" },
		[FAST] = { .name = "fast",
			   .help = "a thousand a second",
			   PKTT_SAME_AS(RATE),
			   .preset = "1000/sec" },
	};

	memcpy(s->param, params, sizeof(params));
	memcpy(s->symbol, kinds, sizeof(kinds));
	s->ext = (struct pktt_ext){
		.kind = PKTT_KIND_MATCH,
		.name = "sample",
		.aliases = "example specimen",
		.summary = "match nothing in particular",
		.families = PKTT_FAM_V4 | PKTT_FAM_V6,
		.reads = PKTT_READS_HEADER,
		.params = s->param,
		.nparams = COUNT,
		.args_size = sizeof(struct sample_args),
	};
}

static void assert_fault(const struct sample *s, const char *part)
{
	struct pktt_error err = { .code = 0 };

	assert_int_equal(pktt_lint_ext(&s->ext, &err), -EINVAL);
	if (!strstr(err.text, part))
		fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

static void assert_clean(const struct sample *s)
{
	struct pktt_error err = { .code = 0 };

	if (pktt_lint_ext(&s->ext, &err))
		fail_msg("%s", err.text);
}

/* One fault: a field of a fresh sample, its bad value, and a piece of the sentence. */
#define FAULT(field, bad, part)                  \
	do {                                     \
		struct sample bad_sample;        \
                                                 \
		init(&bad_sample);               \
		bad_sample.field = (bad);        \
		assert_fault(&bad_sample, part); \
	} while (0)

static void clean_table_passes(void **state)
{
	struct sample s;

	(void)state;
	init(&s);
	assert_clean(&s);
	s.ext.flags = PKTT_EXT_INERT;
	s.ext.why = "there is no hardware for it";
	assert_clean(&s);
}

static void faults_of_the_table(void **state)
{
	(void)state;
	FAULT(ext.name, "two words", "name");
	FAULT(ext.name, "", "name");
	FAULT(ext.aliases, "a  b", "aliases");
	FAULT(ext.aliases, "a b ", "aliases");
	FAULT(ext.tables, "filter,nat", "tables");
	FAULT(ext.summary, "ends with a stop.", "summary");
	FAULT(ext.summary, "SHOUTED AT ALL", "summary");
	FAULT(ext.summary, NULL, "summary");
	FAULT(ext.families, 0, "family");
	FAULT(ext.families, 1u << 9, "family");
	FAULT(ext.hooks, 1u << PKTT_HOOK_COUNT, "hook");
	FAULT(ext.reads, 0, "reads");
	FAULT(ext.l4_min, 8, "layer-4");
	FAULT(ext.nparams, 65, "64 parameters");
	FAULT(ext.params, NULL, "64 parameters");
	FAULT(ext.args_size, 8, "pktt_args");
	FAULT(ext.flags, PKTT_EXT_NEEDS_CT, "why");
	FAULT(ext.flags, PKTT_EXT_LIVE_ONLY, "why");
}

static void faults_of_names(void **state)
{
	(void)state;
	FAULT(param[TTL].name, "--ttl", "name");
	FAULT(param[TTL].name, NULL, "name");
	FAULT(param[TTL].name, "kind", "another parameter");
	FAULT(param[TTL].aliases, "x rate", "another parameter");
	FAULT(param[KIND].letter, 'r', "another parameter");
	FAULT(param[KIND].name, "hoplimit", "another parameter");
	FAULT(param[TTL].help, "a stop.", "help");
	FAULT(param[TTL].help, "", "help");
	FAULT(param[TTL].help, "two\nlines", "help");
	FAULT(param[TTL].families, PKTT_FAM_ARP, "no family");
}

static void same_name_in_other_families(void **state)
{
	struct sample s;

	(void)state;
	init(&s);
	s.param[TTL].families = PKTT_FAM_V4;
	s.param[KIND].name = "ttl";
	s.param[KIND].families = PKTT_FAM_V6;
	assert_clean(&s);
	s.param[KIND].families = PKTT_FAM_V6 | PKTT_FAM_V4;
	assert_fault(&s, "another parameter");
}

static void faults_of_types(void **state)
{
	(void)state;
	FAULT(param[TTL].type, NULL, "no type");
	FAULT(param[TTL].size, 2, "size");
	FAULT(param[NOTE].size, 1, "size");
	FAULT(param[TTL].offset, 8, "outside");
	FAULT(param[NOTE].offset, sizeof(struct sample_args) - 15, "outside");
	FAULT(param[KIND].symbols, NULL, "symbols");
	FAULT(param[TTL].min, 300, "beyond");
	FAULT(param[TTL].max, 256, "beyond");
	FAULT(param[RATE].min, 2000, "above");
	FAULT(param[NOTE].max, 5, "no number");
	FAULT(param[TTL].field.size, 1, "header field");
	FAULT(param[RATE].field.layer, PKTT_L3, "header field");
}

static void faults_of_symbols(void **state)
{
	struct sample s;

	(void)state;
	init(&s);
	s.param[KIND].symbols = s.symbol;
	s.symbol[0].value = 256;
	assert_fault(&s, "8 bits");
	init(&s);
	s.param[KIND].symbols = s.symbol;
	s.symbol[0].name = "two";
	assert_fault(&s, "twice");
	init(&s);
	s.param[KIND].symbols = s.symbol;
	s.symbol[0].name = "a b";
	assert_fault(&s, "blank");
}

static void faults_of_defaults(void **state)
{
	(void)state;
	FAULT(param[TTL].def, "0", "refused");
	FAULT(param[TTL].def, "many", "refused");
	FAULT(param[KIND].def, "three", "refused");
	FAULT(param[FLAGS].def, "one", "refused");
	FAULT(param[RATE].def, "2000/sec", "refused");
	FAULT(param[NOTE].def, "this is more than fits", "refused");
	FAULT(param[TTL].flags, PKTT_REQUIRED, "default");
}

static void faults_of_synonyms(void **state)
{
	struct sample s;

	(void)state;
	FAULT(param[FAST].same_as, COUNT + 1, "not there");
	FAULT(param[FAST].same_as, FAST + 1, "synonym of a synonym");
	FAULT(param[FAST].preset, "never", "refused");
	FAULT(param[FAST].def, "1/hour", "synonym has no default");
	FAULT(param[TTL].preset, "1", "only a synonym");
	FAULT(param[TTL].convert, convert_none, "only a synonym");
	FAULT(param[TTL].negate, true, "only a synonym");
	init(&s);
	s.param[FAST].preset = NULL;
	s.param[FAST].type = &pktt_type_u8;
	assert_fault(&s, "converts");
	s.param[FAST].convert = convert_none;
	assert_fault(&s, "no size");
	s.param[FAST].size = 1;
	assert_clean(&s);
}

static void faults_of_company(void **state)
{
	(void)state;
	FAULT(param[TTL].excludes, UINT64_C(1) << COUNT, "not there");
	FAULT(param[TTL].needs, UINT64_C(1) << 63, "not there");
	FAULT(param[TTL].needs, UINT64_C(1) << TTL, "itself");
	FAULT(param[TTL].excludes, UINT64_C(1) << FAST, "synonym");
}

/* --- The catalog ------------------------------------------------------------------------------ */

static void names_are_found(void **state)
{
	PKTT_AUTO(pktt_catalog_free) struct pktt_catalog *cat = NULL;
	struct sample s;

	(void)state;
	init(&s);
	assert_int_equal(pktt_catalog_new(&cat), 0);
	assert_null(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, "sample", PKTT_IPV4));
	assert_int_equal(pktt_catalog_add(cat, &s.ext, NULL), 0);
	assert_ptr_equal(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, "sample", PKTT_IPV4), &s.ext);
	assert_ptr_equal(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, "specimen", PKTT_IPV6), &s.ext);
	assert_ptr_equal(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, "example", PKTT_INET), &s.ext);
	assert_null(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, "sample", PKTT_ARP));
	assert_null(pktt_catalog_lookup(cat, PKTT_KIND_TARGET, "sample", PKTT_IPV4));
	assert_null(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, "exampl", PKTT_IPV4));
	assert_string_equal(pktt_catalog_suggest(cat, PKTT_KIND_MATCH, "smaple", PKTT_IPV4),
			    "sample");
	assert_string_equal(pktt_catalog_suggest(cat, PKTT_KIND_MATCH, "exampel", PKTT_INET),
			    "sample");
	assert_null(pktt_catalog_suggest(cat, PKTT_KIND_MATCH, "conntrack", PKTT_IPV4));
	assert_null(pktt_catalog_suggest(cat, PKTT_KIND_MATCH, "smaple", PKTT_ARP));
}

static void one_name_of_two_families(void **state)
{
	PKTT_AUTO(pktt_catalog_free) struct pktt_catalog *cat = NULL;
	struct pktt_error err = { .code = 0 };
	struct sample a, b;

	(void)state;
	init(&a);
	init(&b);
	a.ext.families = PKTT_FAM_V4;
	b.ext.families = PKTT_FAM_V6;
	assert_int_equal(pktt_catalog_new(&cat), 0);
	assert_int_equal(pktt_catalog_add(cat, &a.ext, &err), 0);
	assert_int_equal(pktt_catalog_add(cat, &b.ext, &err), 0);
	assert_ptr_equal(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, "sample", PKTT_IPV4), &a.ext);
	assert_ptr_equal(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, "sample", PKTT_IPV6), &b.ext);
	assert_null(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, "sample", PKTT_INET));
	assert_int_equal(pktt_catalog_add(cat, &b.ext, &err), -EEXIST);
	assert_non_null(strstr(err.text, "taken"));
	b.ext.reads = 0;
	assert_int_equal(pktt_catalog_add(cat, &b.ext, &err), -EINVAL);
}

static void one_head_a_family(void **state)
{
	PKTT_AUTO(pktt_catalog_free) struct pktt_catalog *cat = NULL;
	struct sample a, b;

	(void)state;
	init(&a);
	init(&b);
	a.ext.kind = b.ext.kind = PKTT_KIND_HEAD;
	a.ext.families = b.ext.families = PKTT_FAM_ARP;
	b.ext.name = "other";
	b.ext.aliases = NULL;
	assert_int_equal(pktt_catalog_new(&cat), 0);
	assert_null(pktt_catalog_head(cat, PKTT_ARP));
	assert_int_equal(pktt_catalog_add(cat, &a.ext, NULL), 0);
	assert_ptr_equal(pktt_catalog_head(cat, PKTT_ARP), &a.ext);
	assert_null(pktt_catalog_head(cat, PKTT_IPV4));
	assert_int_equal(pktt_catalog_add(cat, &b.ext, NULL), -EEXIST);
}

static void many_are_in_order(void **state)
{
	enum { MANY = 500 };
	PKTT_AUTO(pktt_catalog_free) struct pktt_catalog *cat = NULL;
	static struct pktt_ext ext[MANY];
	static char name[MANY][12];
	struct sample s;

	(void)state;
	init(&s);
	assert_int_equal(pktt_catalog_new(&cat), 0);
	for (unsigned int i = 0; i < MANY; i++) {
		snprintf(name[i], sizeof(name[i]), "e%03u", (i * 263) % MANY);
		ext[i] = s.ext;
		ext[i].name = name[i];
		ext[i].aliases = NULL;
		assert_int_equal(pktt_catalog_add(cat, &ext[i], NULL), 0);
	}
	for (unsigned int i = 0; i < MANY; i++) {
		const struct pktt_ext *x = pktt_catalog_at(cat, i);

		assert_non_null(x);
		assert_int_equal(strtoul(x->name + 1, NULL, 10), i);
		assert_ptr_equal(pktt_catalog_lookup(cat, PKTT_KIND_MATCH, x->name, PKTT_IPV4), x);
	}
	assert_null(pktt_catalog_at(cat, MANY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_table_passes),
		cmocka_unit_test(faults_of_the_table),
		cmocka_unit_test(faults_of_names),
		cmocka_unit_test(same_name_in_other_families),
		cmocka_unit_test(faults_of_types),
		cmocka_unit_test(faults_of_symbols),
		cmocka_unit_test(faults_of_defaults),
		cmocka_unit_test(faults_of_synonyms),
		cmocka_unit_test(faults_of_company),
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(one_name_of_two_families),
		cmocka_unit_test(one_head_a_family),
		cmocka_unit_test(many_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
