/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extensions as descriptions: a client that has nothing but what it was sent reads, prints and explains
 * rules as the engine does. usage: test_wire_ext FOLDER-OF-T-FILES
 */
#include "wire/command.h"
#include "wire/ext.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/catalog.h"
#include "desc/describe.h"
#include "desc/family.h"
#include "round_trip.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *folder;
static struct wire_catalog *remote;
static union {
	struct nlmsghdr nlh;
	char bytes[256 * 1024];
} room;

static int setup(void **state)
{
	struct pktt_error err = { 0 };
	const struct pktt_ext *ext;

	(void)state;
	assert_int_equal(wire_catalog_new(&remote), 0);
	for (size_t i = 0; (ext = pktt_catalog_at(round_trip_catalog(), i)); i++) {
		long len = wire_ext_encode(ext, room.bytes, sizeof(room));

		if (len < 0)
			fail_msg("%s: %ld", ext->name, len);
		if (wire_catalog_add(remote, room.bytes, (size_t)len, &err))
			fail_msg("%s", err.text);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	wire_catalog_free(&remote);
	return 0;
}

static const struct pktt_catalog *theirs(void)
{
	return wire_catalog_desc(remote);
}

/* --- What people are told ------------------------------------------------------------------------ */

static void put_json(const struct pktt_ext *ext, struct str *out)
{
	struct json json = json_to(out);

	pktt_describe_json(ext, &json);
}

static void put_schema(const struct pktt_ext *ext, struct str *out)
{
	struct json json = json_to(out);

	pktt_describe_schema(ext, &json);
}

static void compare(const struct pktt_ext *ours, const struct pktt_ext *other,
		    void (*put)(const struct pktt_ext *ext, struct str *out))
{
	struct str a = STR_INIT, b = STR_INIT;

	put(ours, &a);
	put(other, &b);
	assert_string_equal(str_text(&a), str_text(&b));
	str_fini(&a);
	str_fini(&b);
}

static void tells_the_same_of_every_extension(void **state)
{
	const struct pktt_ext *ours, *other;
	size_t i;

	(void)state;
	for (i = 0; (ours = pktt_catalog_at(round_trip_catalog(), i)); i++) {
		other = pktt_catalog_at(theirs(), i);
		assert_non_null(other);
		assert_null(wire_ext_unknown(other));
		compare(ours, other, pktt_describe_help);
		compare(ours, other, pktt_describe_line);
		compare(ours, other, pktt_describe_scdoc);
		compare(ours, other, put_json);
		compare(ours, other, put_schema);
		for (unsigned int n = 0; n < ours->nparams; n++) {
			struct str a = STR_INIT, b = STR_INIT;

			pktt_describe_param(ours, n, &a);
			pktt_describe_param(other, n, &b);
			assert_string_equal(str_text(&a), str_text(&b));
			str_fini(&a);
			str_fini(&b);
		}
	}
	assert_null(pktt_catalog_at(theirs(), i));
	assert_true(i > 100);
}

static void has_the_same_schema(void **state)
{
	struct str a = STR_INIT, b = STR_INIT;

	(void)state;
	pktt_schema_print(round_trip_catalog(), &a);
	pktt_schema_print(theirs(), &b);
	assert_true(a.len > 1000);
	assert_string_equal(str_text(&a), str_text(&b));
	str_fini(&a);
	str_fini(&b);
}

/* --- Rules ---------------------------------------------------------------------------------------- */

struct reading {
	struct pktt_rule_spec *rule;
	struct pktt_errors errs;
};

static int keep(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct reading *r = ctx;

	(void)err;
	if (cmd->rule && !r->rule)
		r->rule = pktt_take(&cmd->rule);
	return 0;
}

static void read_rule(const struct pktt_catalog *cat, enum pktt_family family, const char *text,
		      struct reading *ret)
{
	const struct pktt_source src = {
		.catalog = cat, .name = "t", .family = family, .is_native = true
	};
	const struct pktt_receiver to = { keep, ret };

	*ret = (struct reading){ 0 };
	pktt_text_read(&src, text, strlen(text), &to, &ret->errs);
}

/* Sends rule to somebody who has cat. */
static int carry(const struct pktt_rule_spec *rule, const struct pktt_catalog *cat,
		 struct wire_object *ret, struct pktt_error *err)
{
	struct wire_object obj;

	wire_object_init(&obj, PKTT_MSG_NEWRULE, rule->family);
	wire_set_rule(&obj, rule);
	assert_true(wire_object_encode(&obj, room.bytes, sizeof(room)) > 0);
	return wire_object_decode(ret, &room.nlh, cat, err);
}

static void put_rule_json(const struct pktt_rule_spec *rule, struct str *out)
{
	struct json json = json_to(out);

	json_begin_object(&json);
	pktt_rule_spec_json(rule, &json);
	json_end_object(&json);
}

static void check_same_rule(const struct pktt_rule_spec *a, const struct pktt_rule_spec *b)
{
	struct str one = STR_INIT, two = STR_INIT;

	pktt_rule_spec_print(a, &one);
	pktt_rule_spec_print(b, &two);
	assert_string_equal(str_text(&one), str_text(&two));
	str_clear(&one);
	str_clear(&two);
	put_rule_json(a, &one);
	put_rule_json(b, &two);
	assert_string_equal(str_text(&one), str_text(&two));
	str_fini(&one);
	str_fini(&two);
}

static unsigned int good, refused;

/* The engine takes it: so does the client, and what it sends is what the engine reads itself. */
static void check_good(const char *line, const struct pktt_rule_spec *ours,
		       const struct pktt_rule_spec *other)
{
	struct wire_object sent, listed;
	struct pktt_error err = { 0 };

	if (carry(other, round_trip_catalog(), &sent, &err))
		fail_msg("%s: sent, and refused: %s", line, err.text);
	check_same_rule(ours, sent.rule);
	assert_true(pktt_rule_spec_equal(ours, sent.rule));
	if (carry(ours, theirs(), &listed, &err))
		fail_msg("%s: listed, and not understood: %s", line, err.text);
	check_same_rule(ours, listed.rule);
	wire_object_fini(&sent);
	wire_object_fini(&listed);
	good++;
}

static void check_line(enum pktt_family family, const char *table, const char *chain,
		       const char *line)
{
	struct reading ours, other;
	struct str text = STR_INIT;
	struct wire_object sent;
	struct pktt_error err = { 0 };

	str_putf(&text, "*%s %s\n-A %s %s\nCOMMIT\n", table, pktt_family_name(family), chain, line);
	read_rule(round_trip_catalog(), family, str_text(&text), &ours);
	read_rule(theirs(), family, str_text(&text), &other);
	if (ours.errs.count == 0 && ours.rule) {
		if (!other.rule)
			fail_msg("%s: the client refuses it: %s", line, other.errs.item[0].text);
		check_good(line, ours.rule, other.rule);
	} else if (other.rule) {
		/* What only a function of the extension can refuse. */
		assert_true(carry(other.rule, round_trip_catalog(), &sent, &err) < 0);
		assert_true(err.text[0] != '\0');
		refused++;
	} else {
		assert_string_equal(ours.errs.item[0].text, other.errs.item[0].text);
		assert_int_equal(ours.errs.item[0].place.column, other.errs.item[0].place.column);
		refused++;
	}
	pktt_rule_spec_free(&ours.rule);
	pktt_rule_spec_free(&other.rule);
	str_fini(&text);
}

static void check_file(const char *path)
{
	char *line = NULL, families[64] = "ipv4", table[32] = "filter", chain[32] = "INPUT";
	FILE *file = fopen(path, "r");
	size_t size = 0;

	assert_non_null(file);
	while (getline(&line, &size, file) > 0) {
		size_t end = strcspn(line, "\n");
		char *stop;

		line[end] = '\0';
		if (sscanf(line, ": %63s %31[^/]/%31s", families, table, chain) == 3 ||
		    line[0] != '-')
			continue;
		stop = strstr(line, " ;");
		if (strstr(line, " | ") && (!stop || strstr(line, " | ") < stop))
			stop = strstr(line, " | ");
		assert_non_null(stop);
		*stop = '\0';
		for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++)
			if (strstr(families, pktt_family_name((enum pktt_family)f)))
				check_line((enum pktt_family)f, table, chain, line);
	}
	free(line);
	assert_int_equal(fclose(file), 0);
}

static void reads_and_prints_as_the_engine(void **state)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[512];

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len < 3 || strcmp(entry->d_name + len - 2, ".t") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		check_file(path);
	}
	closedir(dir);
	print_message("%u rules, %u refusals\n", good, refused);
	assert_true(good > 1000 && refused > 200);
}

/* --- What a client lacks ------------------------------------------------------------------------- */

static const struct pktt_type future_type = { .name = "moon-phase",
					      .syntax = "PHASE",
					      .size = 1,
					      .words = 1,
					      .part = { { "", 0, 1, PKTT_PART_UINT } } };

static void turn(const void *from, void *to)
{
	*(uint32_t *)to = *(const uint32_t *)from * 3;
}

struct future_args {
	struct pktt_args head;
	uint8_t phase;
	uint32_t count;
};

static const struct pktt_param future_params[] = {
	{ .name = "count",
	  .help = "how many",
	  PKTT_STORE(struct future_args, count, u32),
	  .def = "1",
	  .max = 9 },
	{ .name = "phase",
	  .help = "phase of the moon",
	  .type = &future_type,
	  .offset = offsetof(struct future_args, phase),
	  .size = 1 },
	{ .name = "thrice",
	  .help = "three times that",
	  PKTT_SAME_AS(0),
	  PKTT_TAKES(u32),
	  .convert = turn },
};

static const struct pktt_ext future = {
	.kind = PKTT_KIND_MATCH,
	.name = "moon",
	.summary = "what the moon does",
	.families = PKTT_FAM_IP,
	.reads = PKTT_READS_TIME,
	PKTT_PARAMS(future_params, struct future_args),
};

static void future_line(const char *line, const char *printed, const char *sentence)
{
	struct reading r;
	struct str text = STR_INIT;

	str_putf(&text, "*filter\n-A INPUT %s\nCOMMIT\n", line);
	read_rule(theirs(), PKTT_IPV4, str_text(&text), &r);
	assert_string_equal(r.errs.item[0].text, sentence);
	str_clear(&text);
	if (r.rule)
		pktt_rule_spec_print(r.rule, &text);
	assert_string_equal(str_text(&text), printed);
	pktt_rule_spec_free(&r.rule);
	str_fini(&text);
}

static void sees_what_it_cannot_use(void **state)
{
	long len = wire_ext_encode(&future, room.bytes, sizeof(room));
	const struct pktt_ext *ext;
	struct pktt_error err = { 0 };
	struct str help = STR_INIT;

	(void)state;
	assert_true(len > 0);
	if (wire_catalog_add(remote, room.bytes, (size_t)len, &err))
		fail_msg("%s", err.text);
	ext = pktt_catalog_lookup(theirs(), PKTT_KIND_MATCH, "moon", PKTT_IPV4);
	assert_non_null(ext);
	assert_ptr_equal(wire_ext_unknown(ext), &ext->params[1]);
	pktt_describe_help(ext, &help);
	assert_non_null(strstr(str_text(&help), "--phase PHASE"));
	str_fini(&help);
	future_line("-m moon --count 3 -j DROP", "-m moon --count 3 -j DROP", "");
	future_line("-m moon --count 10 -j DROP", "", "--count: 10 is outside 0 to 9");
	future_line(
		"-m moon --phase full", "",
		"--phase takes a value of type moon-phase, which this program does not know: it is "
		"older than pkttd");
	future_line(
		"-m moon --thrice 1", "",
		"--thrice is another spelling of an option, and only pkttd can convert its value");
	assert_int_equal(wire_catalog_add(remote, room.bytes, (size_t)len, &err), -EEXIST);
}

/* Every description cut off anywhere, and with every byte changed, is refused or harmless. */
static void survives_damage(void **state)
{
	struct wire_catalog *cat;
	struct pktt_error err = { 0 };
	long len = wire_ext_encode(&future, room.bytes, sizeof(room));

	(void)state;
	for (long cut = 0; cut < len; cut++) {
		char *copy = malloc((size_t)cut + 1);

		assert_non_null(copy);
		memcpy(copy, room.bytes, (size_t)cut);
		assert_int_equal(wire_catalog_new(&cat), 0);
		if (wire_catalog_add(cat, copy, (size_t)cut, &err) == 0)
			assert_non_null(pktt_catalog_at(wire_catalog_desc(cat), 0));
		wire_catalog_free(&cat);
		free(copy);
	}
	for (long at = 0; at < len; at++) {
		char *copy = malloc((size_t)len);

		assert_non_null(copy);
		memcpy(copy, room.bytes, (size_t)len);
		copy[at] = (char)~copy[at];
		assert_int_equal(wire_catalog_new(&cat), 0);
		wire_catalog_add(cat, copy, (size_t)len, &err);
		wire_catalog_free(&cat);
		free(copy);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_same_of_every_extension),
		cmocka_unit_test(has_the_same_schema),
		cmocka_unit_test(reads_and_prints_as_the_engine),
		cmocka_unit_test(sees_what_it_cannot_use),
		cmocka_unit_test(survives_damage),
	};

	if (argc != 2)
		return 2;
	folder = argv[1];
	return cmocka_run_group_tests(tests, setup, teardown);
}
