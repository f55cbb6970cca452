/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-1-3 against published and independently computed values. */
#include "base/siphash.h"

#include "base/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * Key 00 01 .. 0f, message 00 01 .. of a length: from a direct reading of the paper in another
 * language, whose SipHash-2-4 gives the paper's own vector.
 */
static void hashes_the_counting_messages(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} vector[] = {
		{ 0, 0xabac0158050fc4dc },  { 1, 0xc9f49bf37d57ca93 },	{ 2, 0x82cb9b024dc7d44d },
		{ 3, 0x8bf80ab8e7ddf7fb },  { 7, 0xd3927d989bb11140 },	{ 8, 0x369095118d299a8e },
		{ 9, 0x25a48eb36c063de4 },  { 15, 0xd320d86d2a519956 }, { 16, 0xcc4fdd1a7d908b66 },
		{ 63, 0x9d199062b7bbb3a8 },
	};
	uint8_t bytes[65];
	struct siphash_key key;

	(void)state;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	key = siphash_key_of(bytes);
	for (size_t i = 0; i < pktt_countof(vector); i++)
		assert_int_equal(siphash(&key, bytes, vector[i].len), vector[i].hash);
}

/* What CPython 3.11 gives for hash(bytes) under PYTHONHASHSEED=0, whose key is zero. */
static void hashes_as_another_implementation(void **state)
{
	const struct siphash_key zero = { { 0, 0 } };
	const char *talk = "The future of Linux packet filtering";

	(void)state;
	assert_int_equal(siphash(&zero, "a", 1), 0x407448d2b89b1813);
	assert_int_equal(siphash(&zero, "abcdefgh", 8), 0x3f7b849c0b8e35ea);
	assert_int_equal(siphash(&zero, talk, strlen(talk)), 0xc81d0944c62a4358);
}

/* Where a message begins in memory is no part of it. */
static void does_not_care_for_alignment(void **state)
{
	const struct siphash_key key = { { 1, 2 } };
	char room[32] = "", *at = room + 1;
	uint64_t aligned;

	(void)state;
	memcpy(room, "nineteen characters", 20);
	aligned = siphash(&key, room, 19);
	memmove(at, room, 20);
	assert_int_equal(siphash(&key, at, 19), aligned);
	assert_int_not_equal(siphash(&key, at, 18), aligned);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_the_counting_messages),
		cmocka_unit_test(hashes_as_another_implementation),
		cmocka_unit_test(does_not_care_for_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
