/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See run. Single changes are timed by the clock, one by one; the rest by the processor's time. */
#include "core/change.h"
#include "base/json.h"
#include "base/str.h"
#include "core/set.h"
#include "desc/catalog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SAMPLES 20000u

struct bench {
	struct pktt_engine *engine;
	struct pktt_txn *txn;
	struct pktt_rule_spec **spec;
	uint64_t *ns;
	size_t nspecs;
};

static void die(const struct pktt_error *err)
{
	fprintf(stderr, "%s\n", err ? err->text : "no memory");
	exit(1);
}

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int receive(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct bench *b = ctx;

	return pktt_txn_apply(b->txn, cmd, 0, err);
}

static int keep(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct bench *b = ctx;

	(void)err;
	if (cmd->verb == PKTT_RULE_APPEND) {
		b->spec[b->nspecs++] = cmd->rule;
		cmd->rule = NULL;
	}
	return 0;
}

static void read_text(struct bench *b, const struct str *text,
		      int (*command)(void *ctx, struct pktt_command *cmd, struct pktt_error *err))
{
	struct pktt_source src = {
		.catalog = pktt_engine_catalog(b->engine),
		.name = "bench",
		.family = PKTT_IPV4,
		.is_native = true,
	};
	struct pktt_receiver to = { command, b };
	struct pktt_errors errs = { 0 };

	if (pktt_text_read(&src, str_text(text), text->len, &to, &errs))
		die(&errs.item[0]);
}

static void begin(struct bench *b)
{
	if (pktt_txn_begin(&b->txn, b->engine, NULL))
		die(NULL);
}

static void commit(struct bench *b)
{
	struct pktt_errors errs = { 0 };

	if (pktt_txn_commit(&b->txn, &errs))
		die(&errs.item[0]);
}

static void apply(struct bench *b, struct pktt_command *cmd)
{
	struct pktt_error err = { 0 };

	if (pktt_txn_apply(b->txn, cmd, 0, &err))
		die(&err);
}

static void put_rules(struct str *text, size_t from, size_t n)
{
	str_puts(text, "*filter\n");
	for (size_t i = from; i < from + n; i++)
		str_putf(
			text,
			"-A FORWARD -s 10.%zu.%zu.%zu/32 -i eth0 -p tcp -m tcp --dport %zu -m comment "
			"--comment \"rule %zu\" -j ACCEPT\n",
			i >> 16 & 255, i >> 8 & 255, i & 255, i % 60000 + 1, i);
	str_puts(text, "COMMIT\n");
}

static void make_specs(struct bench *b, size_t from, size_t n)
{
	struct str text = STR_INIT;

	b->nspecs = 0;
	put_rules(&text, from, n);
	read_text(b, &text, keep);
	str_fini(&text);
}

static struct pktt_command command(enum pktt_verb verb)
{
	struct pktt_command cmd = { .verb = verb, .family = PKTT_IPV4, .policy = PKTT_CONTINUE };

	strcpy(cmd.table, "filter");
	strcpy(cmd.chain, "FORWARD");
	return cmd;
}

/* --- Single changes -------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void report(struct bench *b, const char *what, size_t n)
{
	qsort(b->ns, n, sizeof(*b->ns), compare);
	printf("  %-28s %6.2f us, 99 of 100 below %6.2f us\n", what, (double)b->ns[n / 2] / 1e3,
	       (double)b->ns[n * 99 / 100] / 1e3);
}

static uint64_t one(struct bench *b, struct pktt_command *cmd)
{
	double from = now(CLOCK_MONOTONIC);
	uint64_t took;

	begin(b);
	apply(b, cmd);
	commit(b);
	took = (uint64_t)((now(CLOCK_MONOTONIC) - from) * 1e9);
	pktt_rule_spec_free(&cmd->rule);
	return took;
}

static struct pktt_rule_spec *copy(struct bench *b, size_t i)
{
	struct pktt_rule_spec *spec;

	if (pktt_rule_spec_copy(&spec, b->spec[i]))
		die(NULL);
	return spec;
}

static void measure(struct bench *b, const char *what, enum pktt_verb verb, size_t size)
{
	uint64_t *handle = calloc(SAMPLES, sizeof(*handle));

	for (size_t i = 0; i < SAMPLES; i++) {
		struct pktt_command cmd = command(PKTT_RULE_INSERT);

		cmd.number = (uint32_t)(i * 7919 % (size + i + 1)) + 1;
		cmd.rule = copy(b, i);
		b->ns[i] = one(b, &cmd);
		handle[i] = cmd.handle;
	}
	if (verb == PKTT_RULE_INSERT)
		report(b, what, SAMPLES);
	for (size_t i = 0; i < SAMPLES && verb != PKTT_RULE_INSERT; i++) {
		struct pktt_command cmd = command(verb);

		if (verb == PKTT_RULE_DELETE || verb == PKTT_RULE_CHECK ||
		    verb == PKTT_RULE_REPLACE)
			cmd.rule = copy(b, i);
		if (verb == PKTT_RULE_DELETE_AT || verb == PKTT_RULE_REPLACE ||
		    verb == PKTT_RULE_MOVE)
			cmd.handle = handle[i];
		cmd.to_number = verb == PKTT_RULE_MOVE;
		b->ns[i] = one(b, &cmd);
	}
	if (verb != PKTT_RULE_INSERT)
		report(b, what, SAMPLES);
	for (size_t i = 0; i < SAMPLES && verb != PKTT_RULE_DELETE && verb != PKTT_RULE_DELETE_AT;
	     i++) {
		struct pktt_command cmd = command(PKTT_RULE_DELETE_AT);

		cmd.handle = handle[i];
		one(b, &cmd);
	}
	free(handle);
}

static void single(struct bench *b, size_t size)
{
	printf("one rule in a chain of %zu:\n", size);
	measure(b, "insert by number", PKTT_RULE_INSERT, size);
	measure(b, "delete by handle", PKTT_RULE_DELETE_AT, size);
	measure(b, "delete by what it says", PKTT_RULE_DELETE, size);
	measure(b, "replace by handle", PKTT_RULE_REPLACE, size);
	measure(b, "move to the front", PKTT_RULE_MOVE, size);
	measure(b, "check", PKTT_RULE_CHECK, size);
}

/* --- Many ------------------------------------------------------------------------------------ */

static void batch(struct bench *b, size_t n)
{
	double from = now(CLOCK_PROCESS_CPUTIME_ID), applied;

	begin(b);
	for (size_t i = 0; i < n; i++) {
		struct pktt_command cmd = command(PKTT_RULE_APPEND);

		cmd.rule = b->spec[i];
		apply(b, &cmd);
	}
	applied = now(CLOCK_PROCESS_CPUTIME_ID);
	commit(b);
	printf("%zu decoded rules in one transaction: %.3f s (commit %.3f), %.0f ns a rule\n", n,
	       now(CLOCK_PROCESS_CPUTIME_ID) - from, now(CLOCK_PROCESS_CPUTIME_ID) - applied,
	       (now(CLOCK_PROCESS_CPUTIME_ID) - from) * 1e9 / (double)n);
}

static void flush(struct bench *b)
{
	struct pktt_command cmd = command(PKTT_CHAIN_FLUSH);
	double from = now(CLOCK_PROCESS_CPUTIME_ID);

	one(b, &cmd);
	printf("flush: %.3f s\n", now(CLOCK_PROCESS_CPUTIME_ID) - from);
}

static void text(struct bench *b, size_t n)
{
	struct str rules = STR_INIT;
	double from, took;

	put_rules(&rules, 0, n);
	from = now(CLOCK_PROCESS_CPUTIME_ID);
	begin(b);
	read_text(b, &rules, receive);
	commit(b);
	took = now(CLOCK_PROCESS_CPUTIME_ID) - from;
	printf("%zu rules as text: %.3f s, %.0f a second\n", n, took, (double)n / took);
	str_fini(&rules);
}

static void save(struct bench *b, size_t n)
{
	struct pktt_errors errs = { 0 };
	struct str out = STR_INIT;
	double from = now(CLOCK_PROCESS_CPUTIME_ID);

	pktt_save_text(b->engine, PKTT_IPV4, PKTT_SAVE_COUNTERS, &out, &errs);
	printf("save of %zu rules as text: %.1f ms\n", n,
	       (now(CLOCK_PROCESS_CPUTIME_ID) - from) * 1e3);
	str_clear(&out);
	from = now(CLOCK_PROCESS_CPUTIME_ID);
	pktt_save_json(b->engine, "bench", &out);
	printf("save of %zu rules as JSON: %.1f ms\n", n,
	       (now(CLOCK_PROCESS_CPUTIME_ID) - from) * 1e3);
	str_fini(&out);
}

static void element(struct bench *b, size_t size)
{
	char name[40];

	begin(b);
	if (pktt_set_create(b->txn, "s", "hash:net", "maxelem 4000000 timeout 0", NULL))
		die(NULL);
	for (size_t i = 0; i < size; i++) {
		snprintf(name, sizeof(name), "%zu.%zu.%zu.0/%u", 1 + (i >> 16), i >> 8 & 255,
			 i & 255, 24u);
		if (pktt_set_element_add(b->txn, "s", name, NULL))
			die(NULL);
	}
	commit(b);
	for (size_t i = 0; i < SAMPLES; i++) {
		double from;

		snprintf(name, sizeof(name), "200.%zu.%zu.0/24", i >> 8 & 255, i & 255);
		from = now(CLOCK_MONOTONIC);
		begin(b);
		if (pktt_set_element_add(b->txn, "s", name, NULL))
			die(NULL);
		commit(b);
		b->ns[i] = (uint64_t)((now(CLOCK_MONOTONIC) - from) * 1e9);
	}
	printf("a set of %zu prefixes:\n", size);
	report(b, "one more", SAMPLES);
}

int main(int argc, char **argv)
{
	static const struct pktt_engine_config config = { .workers = 2, .seed = 1 };
	size_t most = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	struct bench b = { 0 };
	struct pktt_error err = { 0 };

	if (pktt_engine_new(&b.engine, &config, &err))
		die(&err);
	b.spec = calloc(most + SAMPLES, sizeof(struct pktt_rule_spec *));
	b.ns = calloc(SAMPLES, sizeof(*b.ns));
	for (size_t size = 0; size <= most; size = size ? size * (size == 1000 ? 100 : 10) : 1000) {
		if (size) {
			make_specs(&b, 0, size);
			batch(&b, size);
		}
		make_specs(&b, 1u << 23, SAMPLES);
		single(&b, size);
		for (size_t i = 0; i < SAMPLES; i++)
			pktt_rule_spec_free(&b.spec[i]);
		if (size == 100000)
			save(&b, size);
		flush(&b);
	}
	text(&b, 200000);
	flush(&b);
	element(&b, most);
	free(b.spec);
	free(b.ns);
	pktt_engine_free(&b.engine);
	return 0;
}
