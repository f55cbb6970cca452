/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and addresses as helpers read them: what Linux accepts, no more and no less. */
#include "helper/text.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void decimals_stop_at_anything_else(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
		size_t left;
	} row[] = {
		{ "3232235777 4001", 3232235777u, 5 },
		{ "", 0, 0 },
		{ "x", 0, 1 },
		{ "007\r", 7, 1 },
		{ "18446744073709551617", 1, 0 }, /* 2^64 + 1 */
	};

	(void)state;
	for (size_t i = 0; i < pktt_countof(row); i++) {
		struct buf text = buf_of(row[i].text, strlen(row[i].text));

		assert_int_equal(text_decimal(&text), row[i].value);
		assert_int_equal(buf_left(&text), row[i].left);
	}
}

static void numbers_end_as_was_asked(void **state)
{
	static const struct {
		const char *text;
		unsigned int count;
		char sep;
		int term;
		int taken; /* -1 = refused */
		uint32_t last;
	} row[] = {
		{ "10,0,0,5,4,1\r\n", 6, ',', '\r', 12, 1 },
		{ "10,0,0,5,4,1\n", 6, ',', '\r', -1, 0 },
		{ "10,0,0,5,4,1)", 6, ',', -1, 12, 1 },
		{ "10,0,0,5,4,1", 6, ',', -1, -1, 0 }, /* more digits may come */
		{ ",,,,,\r", 6, ',', '\r', 5, 0 },
		{ "1,2,3,4,5,6,\r", 6, ',', '\r', -1, 0 },
		{ "1,2,3,4,5\r", 6, ',', '\r', -1, 0 },
		{ "1,2,3,4,5,4294967297\r", 6, ',', '\r', 20, 1 },
		{ "1 2,3,4,5,6\r", 6, ',', '\r', -1, 0 },
		{ "10.0.0.5|", 4, '.', '|', 8, 5 },
		{ "", 4, '.', '|', -1, 0 },
	};
	uint32_t n[6];

	(void)state;
	for (size_t i = 0; i < pktt_countof(row); i++) {
		size_t len = strlen(row[i].text);
		struct buf text = buf_of(row[i].text, len);
		bool ok = text_numbers(&text, n, row[i].count, row[i].sep, row[i].term);

		assert_int_equal(ok ? (int)(len - buf_left(&text)) : -1, row[i].taken);
		assert_int_equal(buf_left(&text), ok ? len - (size_t)row[i].taken : len);
		if (ok)
			assert_int_equal(n[row[i].count - 1], row[i].last);
	}
}

static void numbers_that_are_too_large_run_over(void **state)
{
	static const uint32_t n[4] = { 10, 1, 256, 5 };
	static const uint8_t want[4] = { 10, 1, 0, 5 };
	uint8_t addr[4];

	(void)state;
	text_ipv4_of(n, addr);
	assert_memory_equal(addr, want, 4);
}

/* As inet_pton() has it where both accept; term '|'. */
static void ipv6_addresses_are_the_kernels(void **state)
{
	static const struct {
		const char *text;
		const char *want; /* NULL = refused */
		size_t left;
	} row[] = {
		{ "2001:db8:1::5|99|", "2001:db8:1::5", 4 },
		{ "1:2:3:4:5:6:7:8|", "1:2:3:4:5:6:7:8", 1 },
		{ "::|", "::", 1 },
		{ "::1|", "::1", 1 },
		{ "1::|", "1::", 1 },
		{ "1::8", "1::8", 0 }, /* the end of the text ends it too */
		{ "1:2:3:4:5:6:7::|", "1:2:3:4:5:6:7:0", 1 },
		{ "::2:3:4:5:6:7:8|", "0:2:3:4:5:6:7:8", 1 },
		{ "::ffff:1.2.3.4|", "::ffff:1.2.3.4", 1 },
		{ "1:2:3:4:5:6:1.2.3.4|", "1:2:3:4:5:6:102:304", 1 },
		{ "::ffff:1.2.3.4:", "::ffff:1.2.3.4", 1 },
		{ "00001::2|", "1::2", 1 },
		{ "ABCD::ef|", "abcd::ef", 1 },
		{ "1::2::3|", NULL, 0 },
		{ ":1|", NULL, 0 },
		{ "1:|", NULL, 0 },
		{ ":|", NULL, 0 },
		{ "|", NULL, 0 },
		{ "", NULL, 0 },
		{ ":::|", NULL, 0 },
		{ "1:2:3:4:5:6:7|", NULL, 0 },
		{ "1:2:3:4:5:6:7:8:9|", NULL, 0 },
		{ "1::2:3:4:5:6:7:8|", NULL, 0 },
		{ "1:2:3:4:5:6:7:1.2.3.4|", NULL, 0 },
		{ "12345::|", NULL, 0 },
		{ "g::|", NULL, 0 },
		{ "::1.2.3|", NULL, 0 },
		{ "::1.2.3.256|", NULL, 0 },
		{ "::1.2.3.a|", NULL, 0 },
		{ "::a.2.3.4|", NULL, 0 },
		{ "fe80::1%eth0|", NULL, 0 },
	};
	uint8_t got[16], want[16];

	(void)state;
	for (size_t i = 0; i < pktt_countof(row); i++) {
		size_t len = strlen(row[i].text);
		struct buf text = buf_of(row[i].text, len);
		bool ok = text_ipv6(&text, '|', got);

		assert_int_equal(ok, row[i].want != NULL);
		assert_int_equal(buf_left(&text), ok ? row[i].left : len);
		if (!ok)
			continue;
		assert_int_equal(inet_pton(AF_INET6, row[i].want, want), 1);
		assert_memory_equal(got, want, 16);
	}
}

static void a_delimiter_may_be_a_digit_of_the_address(void **state)
{
	struct buf text = buf_of("1::5a6", 6);
	uint8_t got[16];

	(void)state;
	assert_true(text_ipv6(&text, 'a', got));
	assert_int_equal(buf_left(&text), 2);
	assert_int_equal(got[15], 5);
}

/* Whatever it may be: the reader and inet_pton() agree, but for what only the one has. */
static void ipv6_agrees_with_inet_pton(void **state)
{
	static const char letters[] = "0123af:::::..";
	char text[24];
	uint8_t got[16], want[16];
	unsigned int accepted = 0;
	uint32_t seed = 1;

	(void)state;
	for (unsigned int round = 0; round < 300000; round++) {
		struct buf b;
		size_t len;
		bool ok;

		seed = seed * 1664525 + 1013904223;
		len = 2 + (seed >> 16) % 20;
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = letters[(seed >> 16) % (sizeof(letters) - 1)];
		}
		text[len] = 0;
		b = buf_of(text, len);
		ok = text_ipv6(&b, '|', got) && buf_left(&b) == 0;
		if (inet_pton(AF_INET6, text, want) != 1)
			continue;
		assert_true(ok);
		assert_memory_equal(got, want, 16);
		accepted++;
	}
	assert_true(accepted > 100);
}

static void ipv6_is_written_in_full(void **state)
{
	static const uint8_t addr[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x5 };
	char out[TEXT_IPV6_SIZE];

	(void)state;
	assert_int_equal(text_put_ipv6(out, addr), 39);
	assert_string_equal(out, "2001:0db8:0000:0000:0000:0000:0000:0005");
}

static void words_are_found_and_taken_whole(void **state)
{
	struct buf text = buf_of("abc CONNECT x", 13);

	(void)state;
	assert_false(text_take(&text, "abd"));
	assert_false(text_find(&text, "CONNECT y"));
	assert_int_equal(buf_left(&text), 13);
	assert_true(text_find(&text, "CONNECT "));
	assert_int_equal(text_peek(&text), 'x');
	assert_false(text_take(&text, "xy"));
	assert_true(text_take_nocase(&text, "X"));
	assert_int_equal(text_peek(&text), -1);
	assert_true(text_is_begun(buf_of("pOr", 3), "PORT"));
	assert_false(text_is_begun(buf_of("PORTS", 5), "PORT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimals_stop_at_anything_else),
		cmocka_unit_test(numbers_end_as_was_asked),
		cmocka_unit_test(numbers_that_are_too_large_run_over),
		cmocka_unit_test(ipv6_addresses_are_the_kernels),
		cmocka_unit_test(a_delimiter_may_be_a_digit_of_the_address),
		cmocka_unit_test(ipv6_agrees_with_inet_pton),
		cmocka_unit_test(ipv6_is_written_in_full),
		cmocka_unit_test(words_are_found_and_taken_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
