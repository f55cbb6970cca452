/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random changes: who follows the events has at every generation what a listing has. */
#include "sub_pktt_bench.h"

enum { FOLLOWED = 64 };

/* Handles of INPUT's rules in order, as a follower keeps them. */
struct follower {
	uint64_t handle[FOLLOWED * 4];
	size_t n;
};

static size_t find(const struct follower *f, uint64_t handle)
{
	size_t i = 0;

	while (i < f->n && f->handle[i] != handle)
		i++;
	return i;
}

static void take_out(struct follower *f, uint64_t handle)
{
	size_t i = find(f, handle);

	assert_true(i < f->n);
	memmove(&f->handle[i], &f->handle[i + 1], (f->n - i - 1) * sizeof(f->handle[0]));
	f->n--;
}

static void put_in(struct follower *f, uint64_t handle, uint64_t after)
{
	size_t i = after ? find(f, after) + 1 : 0;

	assert_true(i <= f->n && f->n < FOLLOWED * 4);
	memmove(&f->handle[i + 1], &f->handle[i], (f->n - i) * sizeof(f->handle[0]));
	f->handle[i] = handle;
	f->n++;
}

/* One line of what hear() writes down. */
static void follow(struct follower *f, const char *line)
{
	const char *at = strstr(line, " handle="), *end = strchr(line, '\n');
	uint64_t handle = at && at < end ? strtoull(at + 8, NULL, 10) : 0, after = 0;

	at = strstr(line, " after=");
	if (at && at < end)
		after = strtoull(at + 7, NULL, 10);
	if (strncmp(line, "rule ", 5) == 0) {
		if (find(f, handle) < f->n)
			take_out(f, handle);
		put_in(f, handle, after);
	} else if (strncmp(line, "del-rule ", 9) == 0) {
		take_out(f, handle);
	} else if (strncmp(line, "move ", 5) == 0) {
		take_out(f, handle);
		put_in(f, handle, after);
	} else if (strncmp(line, "empty-table ", 12) == 0) {
		f->n = 0;
	}
}

static void compare(const struct follower *f, struct client *c)
{
	struct wire_object obj;
	const char *at;
	size_t n = 0;

	wire_object_init(&obj, PKTT_MSG_GETRULE, PKTT_IPV4);
	wire_set_text(&obj, PKTTA_CHAIN, "INPUT");
	put(c, &obj, NLM_F_DUMP);
	flush(c);
	at = hear(c);
	while ((at = strstr(at, " handle="))) {
		at += 8;
		assert_true(n < f->n);
		assert_int_equal(strtoull(at, NULL, 10), f->handle[n++]);
	}
	assert_int_equal(n, f->n);
}

static void random_change(struct client *c, unsigned int *seed, uint64_t chosen, uint64_t beside)
{
	struct pktt_command cmd = { .table = "filter", .chain = "INPUT", .handle = chosen };
	unsigned int what = (unsigned int)rand_r(seed) % 8;
	struct wire_object obj;
	char line[96];

	if (what == 0 && chosen) {
		cmd.verb = PKTT_RULE_DELETE_AT;
	} else if (what <= 3 && chosen && beside && chosen != beside) {
		cmd.verb = PKTT_RULE_MOVE;
		*(what & 1 ? &cmd.after : &cmd.before) = beside;
	} else if (what == 4 && chosen) {
		snprintf(line, sizeof(line), "-R INPUT --handle %llu -s 10.2.0.%u -j DROP",
			 (unsigned long long)chosen, (unsigned int)rand_r(seed) % 250);
		put_rule(c, "filter", line, 0);
		return;
	} else {
		snprintf(line, sizeof(line), "-%s INPUT -s 10.1.0.%u -j ACCEPT",
			 what & 1 ? "I" : "A", (unsigned int)rand_r(seed) % 250);
		put_rule(c, "filter", line, 0);
		return;
	}
	assert_true(wire_command_object(&cmd, 0, &obj));
	put(c, &obj, 0);
}

static void events_equal_listings(void **state)
{
	struct follower f = { .n = 0 };
	struct client *c, *l;
	struct bench b;
	unsigned int seed = 4;

	(void)state;
	bench_new(&b, NULL);
	c = client_new(&b, PKTT_RIGHT_ALL);
	l = client_new(&b, PKTT_RIGHT_VIEW);
	join(l, PKTT_GROUP_RULES);
	for (int round = 0; round < 400; round++) {
		uint64_t gone = 0;

		put_batch(c, NFNL_MSG_BATCH_BEGIN, 0, 0);
		for (int i = 0; i < 1 + round % 3; i++) {
			uint64_t one = f.n ? f.handle[(size_t)rand_r(&seed) % f.n] : 0;
			uint64_t two = f.n ? f.handle[(size_t)rand_r(&seed) % f.n] : 0;

			random_change(c, &seed, one == gone ? 0 : one, two);
			gone = one;
		}
		if (f.n > FOLLOWED)
			put_rule(c, "filter", "-F INPUT", 0);
		put_batch(c, NFNL_MSG_BATCH_END, 0, 0);
		flush(c);
		hear(c);
		for (const char *at = hear(l); *at; at = strchr(at, '\n') + 1)
			follow(&f, at);
		compare(&f, c);
	}
	assert_true(b.commits > 200);
	client_free(c);
	client_free(l);
	bench_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(events_equal_listings) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
