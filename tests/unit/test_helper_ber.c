/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SNMP messages in BER: which the kernel's decoder reads, and where it sees addresses. */
#include "helper/snmp_ber.h"

#include "base/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct seen {
	char text[64];
};

static void see(void *ctx, uint32_t at)
{
	struct seen *seen = ctx;

	snprintf(seen->text + strlen(seen->text), sizeof(seen->text) - strlen(seen->text), "%u ",
		 at);
}

/* Hexadecimal; what stands in braces has its length, of one byte, before it. */
static size_t from_hex(const char **hex, uint8_t *out)
{
	size_t len = 0;
	unsigned int byte;

	while (**hex && **hex != '}') {
		if (**hex == ' ') {
			++*hex;
		} else if (**hex == '{') {
			++*hex;
			byte = (unsigned int)from_hex(hex, out + len + 1);
			assert_int_equal(*(*hex)++, '}');
			out[len] = (uint8_t)byte;
			len += byte + 1;
		} else {
			assert_int_equal(sscanf(*hex, "%2x", &byte), 1);
			*hex += 2;
			out[len++] = (uint8_t)byte;
		}
	}
	return len;
}

#define HEAD	 "02{00} 04{707562} "
#define IDS	 "02{01} 02{00} 02{00} "
#define NAME	 "06{29} "
#define INTEGER	 "02{01} "
#define ADDRESS	 "40{0a000005} "
#define VARIABLE "30{" NAME INTEGER "}"

static const struct {
	const char *what, *hex;
	const char *at; /* NULL = refused */
} rows[] = {
	{ "an address", "30{" HEAD "a2{" IDS "30{30{" NAME ADDRESS "}}}}", "30 " },
	{ "two of them", "30{" HEAD "a2{" IDS "30{30{" NAME ADDRESS "}30{" NAME ADDRESS "}}}}",
	  "30 41 " },
	{ "an integer", "30{" HEAD "a2{" IDS "30{" VARIABLE "}}}", "" },
	{ "an integer and an address behind it",
	  "30{" HEAD "a2{" IDS "30{30{" NAME INTEGER ADDRESS "}}}}", "33 " },
	{ "an address and an integer behind it",
	  "30{" HEAD "a2{" IDS "30{30{" NAME ADDRESS INTEGER "}}}}", NULL },
	{ "an address and a counter behind it",
	  "30{" HEAD "a2{" IDS "30{30{" NAME ADDRESS "41{01}}}}}", "30 " },
	{ "an address and NULL behind it", "30{" HEAD "a2{" IDS "30{30{" NAME ADDRESS "05{}}}}}",
	  "30 " },
	{ "an address of five bytes", "30{" HEAD "a2{" IDS "30{30{" NAME "40{0a00000501}}}}}",
	  NULL },
	{ "nothing but a name", "30{" HEAD "a2{" IDS "30{30{" NAME "}}}}", "" },
	{ "no variable", "30{" HEAD "a2{" IDS "30{}}}", NULL },
	{ "NULL", "30{" HEAD "a0{" IDS "30{30{" NAME "05{}}}}}", "" },
	{ "endOfMibView", "30{" HEAD "a2{" IDS "30{30{" NAME "82{}}}}}", "" },
	{ "an unknown value", "30{" HEAD "a2{" IDS "30{30{" NAME "48{01}}}}}", NULL },
	{ "an opaque value", "30{" HEAD "a2{" IDS "30{30{" NAME "44{01}}}}}", "" },
	{ "a trap of version 1", "30{" HEAD "a4{" IDS "30{" VARIABLE "}}}", NULL },
	{ "version 2c", "30{02{01} 04{} a2{" IDS "30{" VARIABLE "}}}", "" },
	{ "version 3", "30{02{03} 04{} a2{" IDS "30{" VARIABLE "}}}", NULL },
	{ "a version of two bytes", "30{02{0001} 04{} a2{" IDS "30{" VARIABLE "}}}", NULL },
	{ "long lengths", "30{" HEAD "a28115 " IDS "30820008" VARIABLE "}", "" },
	{ "a length of three bytes", "30{" HEAD "a2{" IDS "3083000008" VARIABLE "}}", NULL },
	{ "a length beyond the end", "30{" HEAD "a2{" IDS "3009" VARIABLE "}}", NULL },
	{ "a list without end", "30{" HEAD "a2{" IDS "3080" VARIABLE VARIABLE "0000}}", "" },
	{ "all without end", "3080 " HEAD "a280 " IDS "3080" VARIABLE "0000 0000 0000", NULL },
	{ "a PDU without end", "30{" HEAD "a280 " IDS "3080" VARIABLE "0000 0000}", "" },
	{ "a list that lacks its end", "30{" HEAD "a2{" IDS "3080" VARIABLE "}}", NULL },
	{ "a list with a wrong end", "30{" HEAD "a2{" IDS "3080" VARIABLE "0001}}", NULL },
	{ "a variable without end", "30{" HEAD "a2{" IDS "30{3080" NAME INTEGER "0000}}}", NULL },
	{ "a NULL without end", "30{" HEAD "a2{" IDS "30{3080" NAME "05{} 0000}}}", "" },
	{ "no PDU", "30{" HEAD "}", "" },
	{ "two PDUs in order",
	  "30{" HEAD "a0{" IDS "30{" VARIABLE "}} a2{" IDS "30{" VARIABLE "}}}", "" },
	{ "two PDUs out of order",
	  "30{" HEAD "a2{" IDS "30{" VARIABLE "}} a0{" IDS "30{" VARIABLE "}}}", NULL },
	{ "bytes behind the message", "30{" HEAD "a2{" IDS "30{" VARIABLE "}}} ffff", "" },
	{ "bytes behind the PDU", "30{" HEAD "a2{" IDS "30{" VARIABLE "}} ffff}", NULL },
	{ "a sequence that is not marked as constructed", "10{" HEAD "a2{" IDS "30{" VARIABLE "}}}",
	  "" },
	{ "a long tag", "3f{" HEAD "a2{" IDS "30{" VARIABLE "}}}", NULL },
	{ "a string in pieces", "30{02{00} 24{04{70}} a2{" IDS "30{" VARIABLE "}}}", NULL },
	{ "nothing", "", NULL },
	{ "one byte", "30", NULL },
};

static size_t bytes_of(size_t row, uint8_t *out)
{
	const char *hex = rows[row].hex;

	return from_hex(&hex, out);
}

static void reads_what_the_kernel_reads(void **state)
{
	uint8_t bytes[128];

	(void)state;
	for (size_t i = 0; i < pktt_countof(rows); i++) {
		struct seen seen = { "" };
		size_t len = bytes_of(i, bytes);
		bool ok = snmp_each_addr(buf_of(bytes, len), see, &seen);

		if (ok != (rows[i].at != NULL) || (ok && strcmp(seen.text, rows[i].at) != 0))
			fail_msg("row %zu, %s: %s, addresses at %s", i, rows[i].what,
				 ok ? "read" : "refused", seen.text);
	}
}

/* Every message cut at every byte is refused, unless it was cut behind its end; none is overread. */
static void refuses_what_is_cut(void **state)
{
	uint8_t bytes[128];

	(void)state;
	for (size_t i = 0; i < pktt_countof(rows); i++) {
		size_t len = bytes_of(i, bytes);

		for (size_t cut = 0; cut < len; cut++) {
			uint8_t *exact = malloc(cut ? cut : 1);
			struct seen seen = { "" };
			bool ok;

			assert_non_null(exact);
			memcpy(exact, bytes, cut);
			ok = snmp_each_addr(buf_of(exact, cut), see, &seen);
			free(exact);
			if (ok && strcmp(rows[i].what, "bytes behind the message") != 0)
				fail_msg("row %zu, %s: read when cut at %zu", i, rows[i].what, cut);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_kernel_reads),
		cmocka_unit_test(refuses_what_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
