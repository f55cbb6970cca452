/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sets: against an array, and read while it changes. */
#include "core/set_table.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEYS 600u

static uint64_t state = 1;

static uint32_t draw(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

static void key_of(uint32_t n, uint32_t key[2])
{
	key[0] = n % 7;
	key[1] = n;
}

static void check_all(const struct set_table *t, const uint32_t *have)
{
	uint32_t used = 0;

	for (uint32_t n = 0; n < KEYS; n++) {
		uint32_t key[2], value = 0;

		key_of(n, key);
		assert_int_equal(set_table_get(t, key, &value), have[n] != 0);
		if (have[n])
			assert_int_equal(value, have[n]);
		used += have[n] != 0;
	}
	assert_int_equal(t->used, used);
}

static void change(struct set_table **t, uint32_t *have, uint32_t n)
{
	uint32_t key[2], value = draw(1000) + 1, *slot;
	struct set_table *larger;

	key_of(n, key);
	slot = set_table_find(*t, key);
	assert_int_equal(slot != NULL, have[n] != 0);
	if (slot && draw(2)) {
		set_table_remove(*t, slot);
		have[n] = 0;
		return;
	}
	if (slot) {
		set_table_update(*t, slot, &value);
	} else {
		if (set_table_is_full(*t)) {
			assert_int_equal(set_table_grown(*t, &larger), 0);
			set_table_free(t);
			*t = larger;
		}
		set_table_insert(*t, key, &value);
	}
	have[n] = value;
}

static void test_against_array(void **unused)
{
	const struct set_shape shape = { { { 1, 2 } }, 2, 2, 1, false };
	uint32_t have[KEYS] = { 0 };
	struct set_table *t;

	(void)unused;
	assert_int_equal(set_table_new(&t, &shape, 0), 0);
	for (unsigned int i = 0; i < 20000; i++) {
		/* A few keys, then many: dense clusters and growth. */
		change(&t, have, draw(i < 5000 ? 13 : KEYS));
		if (i % 500 == 0)
			check_all(t, have);
	}
	check_all(t, have);
	set_table_free(&t);
}

static void test_dense(void **unused)
{
	const struct set_shape shape = { { { 0, 0 } }, 1, 1, 0, true };
	uint32_t key = 5, beyond = 100, value;
	struct set_table *t;

	(void)unused;
	assert_int_equal(set_table_new(&t, &shape, 100), 0);
	set_table_insert(t, &key, NULL);
	assert_true(set_table_get(t, &key, &value));
	assert_false(set_table_get(t, &beyond, &value));
	key = 99;
	assert_false(set_table_get(t, &key, &value));
	set_table_insert(t, &key, NULL);
	set_table_remove(t, set_table_find(t, &key));
	assert_false(set_table_get(t, &key, &value));
	assert_int_equal(t->used, 1);
	set_table_free(&t);
}

/* --- Readers beside a writer ----------------------------------------------------------------- */

struct shared {
	struct set_table *t;
	bool is_over;
	unsigned long wrong, asked;
};

/* Even keys below 100 are always there, with their value; odd ones never are. */
static void *reader(void *arg)
{
	struct shared *s = arg;
	unsigned long wrong = 0, asked = 0;

	while (!__atomic_load_n(&s->is_over, __ATOMIC_ACQUIRE))
		for (uint32_t n = 0; n < 100; n++, asked++) {
			uint32_t key[2], value = 0;
			bool found;

			key_of(n, key);
			found = set_table_get(s->t, key, &value);
			wrong += n % 2 ? found : !found || value != n + 1;
		}
	__atomic_fetch_add(&s->wrong, wrong, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->asked, asked, __ATOMIC_RELAXED);
	return NULL;
}

static void churn(struct set_table *t)
{
	bool have[KEYS] = { false };

	for (unsigned int i = 0; i < 400000; i++) {
		uint32_t n = 100 + draw(200), key[2], value = n + 1;

		key_of(n, key);
		if (have[n])
			set_table_remove(t, set_table_find(t, key));
		else
			set_table_insert(t, key, &value);
		have[n] = !have[n];
	}
}

static void test_readers(void **unused)
{
	const struct set_shape shape = { { { 3, 4 } }, 2, 2, 1, false };
	struct shared s = { 0 };
	pthread_t thread[2];

	(void)unused;
	assert_int_equal(set_table_new(&s.t, &shape, 300), 0);
	for (uint32_t n = 0; n < 100; n += 2) {
		uint32_t key[2], value = n + 1;

		key_of(n, key);
		set_table_insert(s.t, key, &value);
	}
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, reader, &s), 0);
	churn(s.t);
	__atomic_store_n(&s.is_over, true, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(s.wrong, 0);
	assert_true(s.asked > 0);
	set_table_free(&s.t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_array),
		cmocka_unit_test(test_dense),
		cmocka_unit_test(test_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
