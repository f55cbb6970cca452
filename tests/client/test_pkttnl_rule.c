/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of libpkttnetlink: made by names and values, read, printed, compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libpkttnetlink/own.h"
#include "round_trip.h"

static struct pkttnl_catalog *cat;

static int set_up(void **state)
{
	(void)state;
	return pkttnl_catalog_of(&cat, round_trip_catalog(), "test");
}

static int tear_down(void **state)
{
	(void)state;
	pkttnl_catalog_put(&cat);
	return 0;
}

static struct pkttnl_rule *new_rule(enum pkttnl_family family)
{
	struct pkttnl_rule *rule = NULL;

	assert_int_equal(pkttnl_rule_new(&rule, cat, family, NULL), 0);
	return rule;
}

static void assert_prints(struct pkttnl_rule *rule, const char *expected)
{
	struct pkttnl_error err = { 0 };
	char text[512];

	if (pkttnl_rule_check(rule, &err))
		fail_msg("%s: %s", expected, err.text);
	assert_true(pkttnl_rule_print(rule, text, sizeof(text)) > 0);
	assert_string_equal(text, expected);
}

static void test_by_names(void **state)
{
	struct pkttnl_rule *rule = new_rule(PKTTNL_IPV4);

	(void)state;
	assert_int_equal(pkttnl_rule_set(rule, NULL, "source", "192.0.2.0/24", NULL), 0);
	assert_int_equal(pkttnl_rule_set(rule, NULL, "protocol", "tcp", NULL), 0);
	assert_int_equal(pkttnl_rule_set(rule, "tcp", "dport", "443", NULL), 0);
	assert_int_equal(pkttnl_rule_set_not(rule, "tcp", "syn", NULL, NULL), 0);
	assert_int_equal(pkttnl_rule_set(rule, "LOG", "log-prefix", "a \"b", NULL), 0);
	assert_int_equal(pkttnl_rule_jump(rule, "OTHER", false, NULL), 0);
	assert_prints(rule, "-s 192.0.2.0/24 -p tcp -m tcp --dport 443 ! --tcp-flags "
			    "FIN,SYN,RST,ACK SYN -j LOG --log-prefix \"a \\\"b\" -j OTHER");
	assert_int_equal(pkttnl_rule_set(rule, "tcp", "dport", "80:90", NULL), 0);
	assert_int_equal(pkttnl_use_unset(pkttnl_rule_use(rule, PKTTNL_MATCH, 0), "syn", NULL), 0);
	assert_prints(rule, "-s 192.0.2.0/24 -p tcp -m tcp --dport 80:90 -j LOG --log-prefix "
			    "\"a \\\"b\" -j OTHER");
	pkttnl_rule_free(&rule);
}

static void test_errors(void **state)
{
	struct pkttnl_rule *rule = new_rule(PKTTNL_IPV4);
	struct pkttnl_error err = { 0 };

	(void)state;
	assert_int_equal(pkttnl_rule_set(rule, "tpc", "dport", "1", &err), -ENOENT);
	assert_non_null(strstr(err.text, "did you mean tcp"));
	assert_int_equal(pkttnl_rule_set(rule, "tcp", "dprt", "1", &err), -ENOENT);
	assert_non_null(strstr(err.text, "did you mean --dport"));
	assert_int_equal(pkttnl_rule_set(rule, "tcp", "dport", NULL, &err), -EINVAL);
	assert_int_equal(pkttnl_rule_set(rule, "tcp", "syn", "yes", &err), -EINVAL);
	assert_true(pkttnl_rule_set(rule, "tcp", "dport", "70000", &err) < 0);
	assert_int_equal(pkttnl_rule_set(rule, "tcp", "dport", "70", &err), 0);
	assert_true(pkttnl_rule_check(rule, &err) < 0); /* tcp needs -p tcp */
	assert_non_null(strstr(err.text, "-p tcp"));
	pkttnl_rule_free(&rule);
	assert_true(pkttnl_rule_parse(&rule, cat, PKTTNL_IPV4, "-p tcp --dprt 5", &err) < 0);
	assert_int_equal(err.column, 8);
	assert_int_equal(pkttnl_rule_parse(&rule, cat, PKTTNL_IPV4, "-s 10.0.0.1,10.0.0.2", &err),
			 -EINVAL);
	assert_true(pkttnl_rule_parse(&rule, cat, PKTTNL_IPV4, "-t nat -j ACCEPT", &err) < 0);
	assert_true(pkttnl_rule_parse(&rule, cat, PKTTNL_IPV4, "-j ACCEPT\n-j DROP", &err) < 0);
	assert_null(rule);
}

static void test_by_values(void **state)
{
	static const uint8_t address[4] = { 192, 0, 2, 9 };
	struct pkttnl_rule *rule = new_rule(PKTTNL_IPV4);
	struct pkttnl_use *head = pkttnl_rule_use(rule, PKTTNL_HEAD, 0), *use = NULL;
	uint64_t number = 0;
	uint8_t bytes[16];

	(void)state;
	assert_int_equal(
		pkttnl_use_set_bytes(head, "source", NULL, 0, address, sizeof(address), NULL), 0);
	assert_int_equal(pkttnl_use_set_u64(head, "protocol", NULL, 0, 17, NULL), 0);
	assert_int_equal(pkttnl_rule_add(&use, rule, PKTTNL_MATCH, "udp", NULL), 0);
	assert_int_equal(pkttnl_use_set_u64(use, "dport", NULL, 0, 53, NULL), 0);
	assert_int_equal(pkttnl_use_set_u64(use, "dport", "max", 0, 70000, NULL), -ERANGE);
	assert_int_equal(pkttnl_use_set_u64(use, "dport", "most", 0, 7, NULL), -ENOENT);
	assert_int_equal(pkttnl_use_set_not(use, "dport", true, NULL), 0);
	assert_int_equal(pkttnl_rule_add(&use, rule, PKTTNL_MATCH, "mark", NULL), 0);
	assert_int_equal(pkttnl_use_set_u64(use, "mark", NULL, 0, 7, NULL), 0);
	assert_int_equal(pkttnl_rule_add(&use, rule, PKTTNL_MATCH, "multiport", NULL), 0);
	assert_int_equal(pkttnl_use_set_u64(use, "sports", NULL, 0, 1, NULL), 0);
	assert_int_equal(pkttnl_use_set_u64(use, "sports", NULL, 1, 2, NULL), 0);
	assert_int_equal(pkttnl_use_set_u64(use, "sports", "max", 1, 5, NULL), 0);
	assert_int_equal(pkttnl_use_set_u64(use, "sports", NULL, 7, 5, NULL), -ENOENT);
	assert_prints(rule, "-s 192.0.2.9/32 -p udp -m udp ! --dport 53 -m mark --mark 0x7 "
			    "-m multiport --sports 1,2:5");
	assert_int_equal(pkttnl_use_count(use, "sports"), 2);
	assert_int_equal(pkttnl_use_u64(use, "sports", "max", 1, &number), 0);
	assert_int_equal(number, 5);
	assert_int_equal(pkttnl_use_bytes(head, "source", "addr", 0, bytes, sizeof(bytes)), 4);
	assert_memory_equal(bytes, address, 4);
	assert_int_equal(pkttnl_use_bytes(head, "destination", "addr", 0, bytes, 16), -ENOENT);
	pkttnl_use_remove(&use);
	assert_null(use);
	assert_int_equal(pkttnl_rule_uses(rule, PKTTNL_MATCH), 2);
	pkttnl_rule_free(&rule);
}

static void test_json(void **state)
{
	static const char text[] =
		"{\"rule\":{\"family\":\"ipv6\",\"matches\":[{\"limit\":{\"limit\":"
		"\"5/minute\"}}],\"targets\":[{\"DROP\":{}}]}}";
	struct pkttnl_rule *rule = NULL, *again = NULL;
	struct pkttnl_error err = { 0 };
	char json[1024];

	(void)state;
	if (pkttnl_rule_parse_json(&rule, cat, text, strlen(text), &err))
		fail_msg("%s", err.text);
	assert_int_equal(pkttnl_rule_family(rule), PKTTNL_IPV6);
	assert_prints(rule, "-m limit --limit 5/min -j DROP");
	assert_true(pkttnl_rule_json(rule, json, sizeof(json)) < (int)sizeof(json));
	assert_int_equal(pkttnl_rule_parse_json(&again, cat, json, strlen(json), &err), 0);
	assert_true(pkttnl_rule_equal(rule, again));
	pkttnl_rule_free(&again);
	assert_int_equal(pkttnl_rule_parse_json(&again, cat, "[]", 2, &err), -EINVAL);
	assert_int_equal(pkttnl_rule_parse_json(&again, cat, "{\"x\":1}", 7, &err), -EINVAL);
	pkttnl_rule_free(&rule);
}

static void test_clone_and_name(void **state)
{
	struct pkttnl_rule *rule = NULL, *copy = NULL;

	(void)state;
	assert_int_equal(pkttnl_rule_parse(&rule, cat, PKTTNL_INET,
					   "-p tcp --dport 22 -j ACCEPT --name ssh", NULL),
			 0);
	assert_string_equal(pkttnl_rule_name(rule), "ssh");
	assert_int_equal(pkttnl_rule_clone(&copy, rule), 0);
	assert_true(pkttnl_rule_equal(rule, copy));
	assert_int_equal(pkttnl_rule_set(copy, "tcp", "dport", "23", NULL), 0);
	assert_false(pkttnl_rule_equal(rule, copy));
	assert_true(pkttnl_rule_set_name(copy, "two words", NULL) < 0);
	assert_int_equal(pkttnl_rule_set_name(copy, NULL, NULL), 0);
	assert_string_equal(pkttnl_rule_name(copy), "");
	pkttnl_rule_free(&rule);
	pkttnl_rule_free(&copy);
}

static void test_descriptions(void **state)
{
	const struct pkttnl_ext *tcp = pkttnl_ext_lookup(cat, PKTTNL_MATCH, "tcp", PKTTNL_IPV4);
	const struct pkttnl_param *dport;
	unsigned int count = 0;
	char small[8];
	uint64_t min = 0, max = 0;

	(void)state;
	assert_non_null(tcp);
	dport = pkttnl_param_lookup(tcp, "destination-port", PKTTNL_IPV4);
	assert_non_null(dport);
	assert_string_equal(pkttnl_param_name(dport), "dport");
	assert_string_equal(pkttnl_param_part(dport, 1), "max");
	assert_null(pkttnl_param_part(dport, 2));
	assert_true(pkttnl_param_flags(dport) & PKTTNL_PARAM_NEGATABLE);
	assert_true(pkttnl_ext_json(tcp, small, sizeof(small)) > 500);
	assert_int_equal(strlen(small), sizeof(small) - 1);
	for (const struct pkttnl_ext *e = NULL; (e = pkttnl_ext_next(cat, e));)
		count++;
	assert_true(count > 100);
	dport = pkttnl_param_lookup(
		pkttnl_ext_lookup(cat, PKTTNL_MATCH, "limit", PKTTNL_ANY_FAMILY), "limit-burst",
		PKTTNL_ANY_FAMILY);
	assert_true(pkttnl_param_bounds(dport, &min, &max));
	assert_int_equal(max, 10000);
	assert_non_null(pkttnl_ext_lookup(cat, PKTTNL_HEAD, "", PKTTNL_ARP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_names),       cmocka_unit_test(test_errors),
		cmocka_unit_test(test_by_values),      cmocka_unit_test(test_json),
		cmocka_unit_test(test_clone_and_name), cmocka_unit_test(test_descriptions),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
