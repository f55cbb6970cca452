/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports: every one is given before one is refused, and none twice. */
#include "nat/portmap.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MIN = 1024, ALL = 64512 };

/* The truth that a map is asked to find its way in. */
struct truth {
	struct nat_portmaps *maps;
	bool taken[65536];
	unsigned int asked;
	int fails_with;
	uint64_t random;
};

static int take(void *ctx, uint16_t port)
{
	struct truth *t = ctx;

	t->asked++;
	if (t->fails_with)
		return t->fails_with;
	if (t->taken[port])
		return -EEXIST;
	t->taken[port] = true;
	return 0;
}

static uint32_t draw(struct truth *t)
{
	t->random = t->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(t->random >> 33);
}

static struct nat_port_query query_of(struct truth *t, uint32_t min, uint32_t size)
{
	struct nat_port_query q = {
		.reply = { .src = { 192, 0, 2, 80 }, .dst = { 198, 51, 100, 1 }, .protocol = 6 },
		.min = min,
		.size = size,
		.from = min + draw(t) % size,
		.now_ms = 5000,
		.take = take,
		.ctx = t,
	};

	return q;
}

static struct ct_tuple reply_of(uint16_t port)
{
	struct truth none = { 0 };
	struct ct_tuple reply = query_of(&none, MIN, ALL).reply;

	*nat_portmap_port(&reply) = __builtin_bswap16(port);
	return reply;
}

static void give_back(struct truth *t, uint16_t port)
{
	struct ct_tuple reply = reply_of(port);

	t->taken[port] = false;
	nat_portmap_forget(t->maps, &reply);
}

static int setup(void **state)
{
	static const struct siphash_key key = { { 1, 2 } };
	struct truth *t = calloc(1, sizeof(*t));

	if (!t || nat_portmaps_new(&t->maps, &key))
		return -1;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct truth *t = *state;

	nat_portmaps_free(&t->maps);
	free(t);
	return 0;
}

static void fill(struct truth *t, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct nat_port_query q = query_of(t, MIN, ALL);
		int port = nat_portmap_take(t->maps, &q);

		assert_true(port >= MIN && port <= 65535);
		assert_true(t->taken[port]);
	}
}

static unsigned int maps_of(const struct truth *t)
{
	uint32_t count;
	uint64_t memory;

	nat_portmaps_stats(t->maps, &count, &memory);
	return count;
}

static void test_last_port_is_given(void **state)
{
	struct truth *t = *state;
	struct nat_port_query q;

	fill(t, ALL);
	/* No question was in vain, but for the first that clashed, which made the map. */
	assert_true(t->asked < ALL + ALL / 100);
	q = query_of(t, MIN, ALL);
	assert_int_equal(nat_portmap_take(t->maps, &q), -ENOSPC);
	/* That asked once for every port; a second refusal in the same second does not. */
	t->asked = 0;
	q = query_of(t, MIN, ALL);
	assert_int_equal(nat_portmap_take(t->maps, &q), -ENOSPC);
	assert_int_equal(t->asked, 0);
	give_back(t, 40000);
	q = query_of(t, MIN, ALL);
	assert_int_equal(nat_portmap_take(t->maps, &q), 40000);
}

static void test_outside_of_range_is_not_given(void **state)
{
	struct truth *t = *state;

	for (unsigned int i = 0; i < 200; i++) {
		struct nat_port_query q = query_of(t, 5000, 100);
		int port = nat_portmap_take(t->maps, &q);

		if (i < 100)
			assert_true(port >= 5000 && port < 5100);
		else
			assert_int_equal(port, -ENOSPC);
	}
	for (unsigned int i = 0; i < 20; i++) { /* a few: without a map */
		struct nat_port_query q = query_of(t, 600, 10);
		int port = nat_portmap_take(t->maps, &q);

		if (i < 10)
			assert_true(port >= 600 && port < 610);
		else
			assert_int_equal(port, -ENOSPC);
	}
	assert_int_equal(maps_of(t), 1);
}

/* Ports that others took without asking the map are found to be taken, once each. */
static void test_what_is_taken_otherwise(void **state)
{
	struct truth *t = *state;

	for (unsigned int port = MIN; port < 65536; port += 2)
		t->taken[port] = true;
	fill(t, ALL / 2);
	assert_true(t->asked < 2 * ALL);
}

/* A port that is free though its bit says otherwise is found when all others are gone. */
static void test_wrong_bits_refuse_nobody(void **state)
{
	struct truth *t = *state;
	struct nat_port_query q;

	fill(t, ALL);
	t->taken[50000] = false; /* nobody told the map */
	q = query_of(t, MIN, ALL);
	q.from = MIN;
	assert_int_equal(nat_portmap_take(t->maps, &q), 50000);
	t->taken[2000] = false; /* asked for and found taken a moment ago */
	q = query_of(t, MIN, ALL);
	q.from = MIN;
	assert_int_equal(nat_portmap_take(t->maps, &q), -ENOSPC);
	q.now_ms += 1000;
	assert_int_equal(nat_portmap_take(t->maps, &q), 2000);
}

static void test_map_goes_with_its_last_port(void **state)
{
	struct truth *t = *state;

	fill(t, 2000);
	assert_int_equal(maps_of(t), 1);
	for (unsigned int port = MIN; port < 65536; port++)
		if (t->taken[port])
			give_back(t, (uint16_t)port);
	assert_int_equal(maps_of(t), 0);
}

/* Kept ports are noted once there is a map, so that no search comes to them. */
static void test_noted_ports_are_not_asked_for(void **state)
{
	struct truth *t = *state;
	struct nat_port_query q;

	fill(t, 1000);
	for (unsigned int port = MIN; port < 65536; port++) {
		struct ct_tuple reply = reply_of((uint16_t)port);

		if (port == 60000)
			continue;
		t->taken[port] = true;
		nat_portmap_note(t->maps, &reply);
	}
	t->taken[60000] = false;
	give_back(t, 60000);
	t->asked = 0;
	q = query_of(t, MIN, ALL);
	q.from = MIN;
	assert_int_equal(nat_portmap_take(t->maps, &q), 60000);
	assert_int_equal(t->asked, 1);
}

static void test_memory_is_bounded(void **state)
{
	struct truth *t = *state;
	uint64_t memory;
	uint32_t count;

	for (unsigned int i = 0; i < 20000; i++) {
		struct nat_port_query q = query_of(t, MIN, ALL);

		memcpy(q.reply.src, &i, sizeof(i));
		t->taken[q.from] = true; /* the first guess clashes: a map is made */
		assert_true(nat_portmap_take(t->maps, &q) > 0);
		memset(t->taken, 0, sizeof(t->taken));
	}
	nat_portmaps_stats(t->maps, &count, &memory);
	assert_true(count > 1000 && count <= 4096);
	assert_true(memory < 40u << 20);
}

static void test_failure_is_passed_on(void **state)
{
	struct truth *t = *state;
	struct nat_port_query q = query_of(t, MIN, ALL);

	t->fails_with = -ENOMEM;
	assert_int_equal(nat_portmap_take(t->maps, &q), -ENOMEM);
	assert_int_equal(maps_of(t), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_last_port_is_given, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outside_of_range_is_not_given, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_is_taken_otherwise, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_bits_refuse_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_goes_with_its_last_port, setup, teardown),
		cmocka_unit_test_setup_teardown(test_noted_ports_are_not_asked_for, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_memory_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failure_is_passed_on, setup, teardown),
	};

	return cmocka_run_group_tests_name("portmap", tests, NULL, NULL);
}
