/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of an extension, for people and for programs. */
#include "args_sample.h"

#include "base/json.h"
#include "desc/describe.h"

#include <jansson.h>

static const struct pktt_param limit_params[] = {
	{
		.name = "limit",
		.help = "average rate at which packets match",
		PKTT_STORE(struct sample_args, burst, u32),
		.def = "3",
	},
	{
		.name = "limit-burst",
		.aliases = "burst",
		.help = "packets that may match before the rate applies, and after that no more than it says",
		PKTT_STORE(struct sample_args, level, u32),
		.def = "5",
		.min = 1,
		.max = 10000,
	},
	{
		.name = "old",
		.help = "an obsolete spelling",
		PKTT_SAME_AS(0),
		.preset = "3",
		.flags = PKTT_HIDDEN,
	},
};

static const struct pktt_ext limit = {
	.kind = PKTT_KIND_MATCH,
	.name = "limit",
	.summary = "max average rate",
	.families = PKTT_FAM_ALL,
	PKTT_PARAMS(limit_params, struct sample_args),
};

static const struct pktt_ext inert = {
	.kind = PKTT_KIND_TARGET,
	.name = "LED",
	.summary = "light a lamp",
	.why = "there is no lamp",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.tables = "filter mangle",
	.hooks = PKTT_HOOK(PKTT_LOCAL_IN) | PKTT_HOOK(PKTT_FORWARD),
	.flags = PKTT_EXT_INERT,
};

static void tells_in_one_line(void **state)
{
	struct str out = STR_INIT;

	(void)state;
	pktt_describe_line(&limit, &out);
	assert_string_equal(str_text(&out), "limit (match, any family): max average rate"
					    "      params: --limit NUMBER [3]"
					    "   --limit-burst NUMBER 1..10000 [5]\n");
	str_fini(&out);
}

static void helps(void **state)
{
	struct str out = STR_INIT;

	(void)state;
	pktt_describe_help(&limit, &out);
	assert_string_equal(
		str_text(&out),
		"limit: max average rate\n"
		"  use        -m limit\n"
		"  families   ipv4 ipv6 inet arp bridge\n"
		"\nOptions:\n"
		"      --limit NUMBER              average rate at which packets match (default\n"
		"                                  3)\n"
		"      --limit-burst NUMBER        packets that may match before the rate\n"
		"                                  applies, and after that no more than it says\n"
		"                                  (1 to 10000; default 5; also --burst)\n");
	str_clear(&out);
	pktt_describe_help(&inert, &out);
	assert_string_equal(
		str_text(&out),
		"LED: light a lamp\n"
		"  use        -j LED\n"
		"  families   ipv4 ipv6 inet\n"
		"  tables     filter mangle\n"
		"  hooks      INPUT FORWARD\n"
		"  note       accepted and saved, but does nothing here: there is no lamp\n");
	str_fini(&out);
}

/* No line of any help is longer than a terminal, but for words that cannot be broken. */
static void keeps_to_eighty_columns(void **state)
{
	struct str out = STR_INIT;

	(void)state;
	pktt_describe_help(&sample, &out);
	for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n"))
		if (strlen(line) > 80)
			fail_msg("%zu columns: %s", strlen(line), line);
	str_fini(&out);
}

static void tells_of_one_option(void **state)
{
	struct str out = STR_INIT;

	(void)state;
	pktt_describe_param(&sample, PORT, &out);
	assert_string_equal(str_text(&out), "sample.port: [!] -p, --port PORT[:PORT]\n"
					    "  a port, or an inclusive range\n"
					    "  type       port-range\n"
					    "  facts      also --the-port, --gate\n");
	str_clear(&out);
	pktt_describe_param(&sample, LEVEL, &out);
	assert_non_null(strstr(str_text(&out), "  high                         0x02  2\n"));
	str_clear(&out);
	pktt_describe_param(&sample, SYN, &out);
	assert_string_equal(str_text(&out),
			    "sample.syn: [!] --syn\n"
			    "  the packet opens a connection\n"
			    "  facts      same as --tcp-flags FIN,SYN,RST,ACK SYN\n");
	str_fini(&out);
}

static json_t *described(const struct pktt_ext *ext)
{
	struct str out = STR_INIT;
	struct json json = json_to(&out);
	json_t *object;

	pktt_describe_json(ext, &json);
	object = json_loads(str_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	str_fini(&out);
	return object;
}

static const char *text_at(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* What a form needs: type, bounds, default, names, company. */
static void tells_programs(void **state)
{
	json_t *object = described(&sample), *params, *p;

	(void)state;
	assert_string_equal(text_at(object, "name"), "sample");
	assert_string_equal(text_at(object, "kind"), "match");
	assert_int_equal(json_array_size(json_object_get(object, "families")), 3);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(object, "protocols"), 1)), "udp");
	params = json_object_get(object, "params");
	assert_int_equal(json_array_size(params), pktt_countof(sample_params));
	p = json_array_get(params, BURST);
	assert_int_equal(json_integer_value(json_object_get(p, "number")), BURST + 1);
	assert_int_equal(json_integer_value(json_object_get(p, "min")), 1);
	assert_int_equal(json_integer_value(json_object_get(p, "max")), 10000);
	assert_string_equal(text_at(p, "default"), "5");
	p = json_array_get(params, QUICK);
	assert_string_equal(json_string_value(json_array_get(json_object_get(p, "excludes"), 0)),
			    "slow");
	p = json_array_get(params, SYN);
	assert_string_equal(text_at(p, "same_as"), "tcp-flags");
	assert_string_equal(text_at(p, "type"), "flag");
	p = json_array_get(json_object_get(json_array_get(params, LEVEL), "values"), 1);
	assert_string_equal(text_at(p, "v"), "high");
	json_decref(object);
	object = described(&inert);
	assert_string_equal(json_string_value(json_array_get(json_object_get(object, "flags"), 0)),
			    "inert");
	assert_string_equal(text_at(object, "why"), "there is no lamp");
	json_decref(object);
}

static void writes_a_section_of_the_manual(void **state)
{
	struct str out = STR_INIT;

	(void)state;
	pktt_describe_scdoc(&limit, &out);
	assert_string_equal(
		str_text(&out),
		"## limit (match)\n\nMax average rate.\n\n"
		"Families: ipv4, ipv6, inet, arp, bridge.\n\n"
		"*--limit* _NUMBER_\n\tAverage rate at which packets match (default 3).\n\n"
		"*--limit-burst* _NUMBER_\n\tPackets that may match before the rate applies, and "
		"after that no more than it says (1 to 10000; default 5; also --burst).\n\n");
	str_clear(&out);
	pktt_describe_scdoc(&sample, &out);
	assert_non_null(strstr(str_text(&out), "\\[*!*\\] *-p*, *--port* _PORT\\[:PORT\\]_\n"));
	str_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_in_one_line),
		cmocka_unit_test(helps),
		cmocka_unit_test(keeps_to_eighty_columns),
		cmocka_unit_test(tells_of_one_option),
		cmocka_unit_test(tells_programs),
		cmocka_unit_test(writes_a_section_of_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
