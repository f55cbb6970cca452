/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments as JSON, both ways. */
#include "args_sample.h"

#include "base/json.h"

#include <jansson.h>

/* The object that a line means, and that the object means the same again. */
static void writes(enum pktt_family family, const char *line, const char *expected)
{
	struct sample_args a = { 0 }, b = { 0 };
	struct pktt_error err = { 0 };
	struct str out = STR_INIT;
	struct json json = json_to(&out);
	json_t *object;

	if (parse_line(&sample, family, line, &a, &err))
		fail_msg("%s: %s", line, err.text);
	pktt_args_json(&sample, family, &a, &json);
	assert_string_equal(str_text(&out), expected);
	object = json_loads(str_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	if (pktt_args_from_json(&sample, family, object, &b, &err))
		fail_msg("%s: %s", expected, err.text);
	assert_true(pktt_args_equal(&sample, &a, &b));
	json_decref(object);
	str_fini(&out);
	pktt_args_fini(&sample, &a);
	pktt_args_fini(&sample, &b);
}

/* An object that means the same as a line. */
static void reads(enum pktt_family family, const char *text, const char *line)
{
	struct sample_args a = { 0 }, b = { 0 };
	struct pktt_error err = { 0 };
	json_t *object = json_loads(text, 0, NULL);

	assert_non_null(object);
	if (parse_line(&sample, family, line, &a, &err))
		fail_msg("%s: %s", line, err.text);
	if (pktt_args_from_json(&sample, family, object, &b, &err))
		fail_msg("%s: %s", text, err.text);
	assert_true(pktt_args_equal(&sample, &a, &b));
	json_decref(object);
	pktt_args_fini(&sample, &a);
	pktt_args_fini(&sample, &b);
}

static void refuses(const char *text, const char *sentence)
{
	struct sample_args args = { 0 };
	struct pktt_error err = { 0 };
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(value);
	if (pktt_args_from_json(&sample, PKTT_IPV4, value, &args, &err) == 0)
		fail_msg("%s is accepted", text);
	assert_string_equal(err.text, sentence);
	json_decref(value);
	pktt_args_fini(&sample, &args);
}

static void writes_every_form(void **state)
{
	(void)state;
	writes(PKTT_IPV4, "", "{}");
	writes(PKTT_IPV4, "--port 80:90 --quick",
	       "{\"port\":{\"min\":80,\"max\":90},\"quick\":true}");
	writes(PKTT_IPV4, "! --port 1",
	       "{\"port\":{\"not\":true,\"value\":{\"min\":1,\"max\":1}}}");
	writes(PKTT_IPV4, "--syn",
	       "{\"tcp-flags\":{\"value\":[\"SYN\"],\"mask\":[\"FIN\",\"SYN\",\"RST\",\"ACK\"]}}");
	writes(PKTT_IPV4, "--level top --bits red,blue",
	       "{\"level\":\"high\",\"bits\":[\"red\",\"blue\"]}");
	writes(PKTT_IPV4, "! --from 10.0.0.0/255.0.255.0",
	       "{\"from\":{\"not\":true,\"value\":{\"addr\":\"10.0.0.0\",\"mask\":\"255.0.255.0\"}}}");
	writes(PKTT_IPV6, "--gateway fe80::1", "{\"gateway\":\"fe80::1\"}");
	writes(PKTT_IPV4, "--ports 22,80:90",
	       "{\"ports\":[{\"min\":22,\"max\":22},{\"min\":80,\"max\":90}]}");
	writes(PKTT_IPV4, "--mac 02:00:00:00:00:0a", "{\"mac\":\"02:00:00:00:00:0a\"}");
	writes(PKTT_IPV4, "--word |0d0a|x", "{\"word\":\"|0d0a78|\"}");
	writes(PKTT_IPV4, "--bytes 18446744073709551615", "{\"bytes\":\"18446744073709551615\"}");
	writes(PKTT_IPV4, "--set black src,dst",
	       "{\"set\":{\"name\":\"black\",\"dims\":2,\"src\":1}}");
	writes(PKTT_IPV4, "--note \"a \\\"b\\\" \xc3\xa9\"", "{\"note\":\"a \\\"b\\\" \xc3\xa9\"}");
	writes(PKTT_IPV4, "--note \xff\xfe", "{\"note\":{\"hex\":\"fffe\"}}");
	writes(PKTT_IPV4, "--days Mon,Fri", "{\"days\":\"Mon,Fri\"}");
	writes(PKTT_IPV4, "! --among 02:00:00:00:00:01=10.0.0.1",
	       "{\"among\":{\"not\":true,\"value\":\"2:0:0:0:0:1=10.0.0.1\"}}");
	writes(PKTT_IPV4, "-p 1 --hurry",
	       "{\"port\":{\"min\":1,\"max\":1},\"slow\":{\"not\":true,\"value\":true}}");
}

static void reads_text_and_synonyms(void **state)
{
	(void)state;
	reads(PKTT_IPV4, "{\"port\":\"80:90\",\"note\":\"two words\"}",
	      "--port 80:90 --note \"two words\"");
	reads(PKTT_IPV4, "{\"gate\":\"80\"}", "--port 80");
	reads(PKTT_IPV4, "{\"note\":\"\\\"quoted\\\"\"}", "--note \"\\\"quoted\\\"\"");
	reads(PKTT_IPV4, "{\"tcp-flags\":\"SYN,ACK SYN\"}", "--tcp-flags SYN,ACK SYN");
	reads(PKTT_IPV4, "{\"set\":\"black src,dst\"}", "--set black src,dst");
	reads(PKTT_IPV4, "{\"syn\":{\"not\":true,\"value\":true}}", "! --syn");
	reads(PKTT_IPV4, "{\"port\":{\"not\":false,\"value\":\"9\"}}", "--port 9");
	reads(PKTT_IPV4, "{\"hundreds\":\"4\"}", "--count 400");
	reads(PKTT_IPV4, "{\"bits\":6,\"level\":2,\"days\":2}",
	      "--bits green,blue --level high --days Mon");
	reads(PKTT_IPV4, "{\"start\":86401}", "--start 1970-01-02T00:00:01");
}

static void refuses_with_the_key(void **state)
{
	(void)state;
	refuses("[]", "sample: expected an object of options, not an array");
	refuses("{\"prot\":80}", "sample has no option \"prot\"; did you mean \"port\"?");
	refuses("{\"zebra\":80}", "sample has no option \"zebra\"");
	refuses("{\"port\":80}",
		"\"port\": expected an object of its parts, or its text, not a number");
	refuses("{\"port\":{\"min\":80}}", "\"port\": \"max\" is missing");
	refuses("{\"port\":{\"min\":80,\"max\":80,\"mid\":1}}",
		"\"port\" has a key that is none of its parts");
	refuses("{\"port\":{\"min\":\"x\",\"max\":80}}",
		"\"port.min\": expected a whole number, not a string");
	refuses("{\"port\":{\"min\":-1,\"max\":80}}",
		"\"port.min\": expected a whole number, not a negative number");
	refuses("{\"port\":{\"min\":1,\"max\":65536}}",
		"\"port.max\": 65536 is outside 0 to 65535");
	refuses("{\"burst\":0}", "--burst: 0 is outside 1 to 10000");
	refuses("{\"burst\":1.5}", "\"burst\": expected a whole number, not a fraction");
	refuses("{\"burst\":{\"not\":true,\"value\":7}}", "\"!\" does not apply to --burst");
	refuses("{\"port\":{\"not\":true}}",
		"\"port\": a negation is {\"not\":true,\"value\":...}");
	refuses("{\"quick\":1}", "\"quick\": expected true, not a number");
	refuses("{\"syn\":\"x\"}", "\"syn\": expected true, not a string");
	refuses("{\"bits\":[\"pink\"]}", "\"bits\": expected an array of names, not an array");
	refuses("{\"note\":\"a\\nb\"}", "--note: line ends are not possible in a text");
	refuses("{\"note\":{\"hex\":\"00\"}}", "\"note\": a zero byte in its text");
	refuses("{\"note\":{\"hex\":\"0g\"}}",
		"\"note\": expected a string or {\"hex\":\"...\"}, not an object");
	refuses("{\"note\":7}", "\"note\": expected a string or {\"hex\":\"...\"}, not a number");
	refuses("{\"ports\":[1]}",
		"\"ports\": expected an object of its parts, or its text, not a number");
	refuses("{\"mac\":1}", "\"mac\": expected a MAC address, not a number");
	refuses("{\"from\":{\"addr\":5,\"mask\":null}}",
		"\"from.addr\": expected an address or null, not a number");
	refuses("{\"port\":\"1\",\"gate\":\"2\"}", "\"port\" is given twice");
	refuses("{\"bytes\":\"99999999999999999999\"}",
		"--bytes: 99999999999999999999 is outside 0 to 18446744073709551615");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_every_form),
		cmocka_unit_test(reads_text_and_synonyms),
		cmocka_unit_test(refuses_with_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
