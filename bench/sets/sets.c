/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large sets: how fast ipset save text loads, what an element takes, and how long a packet's lookup is.
 *
 *   bench_sets text TYPE COUNT     writes the text, for ipset restore
 *   bench_sets load FILE           loads it; prints seconds of processor time, bytes an element, ns a lookup
 */
#include "base/str.h"
#include "core/set.h"
#include "datapath/replay/craft.h"
#include "desc/source.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <urcu-qsbr.h>

#define LOOKUPS 2000000u

static uint64_t state = 1;

static uint32_t draw(void)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 32);
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Distinct addresses in no order: the number's bits mixed by an odd factor. */
static uint32_t address(uint32_t n)
{
	return (n + 1) * UINT32_C(2654435761);
}

static int write_text(const char *type, uint32_t count)
{
	bool is_net = strcmp(type, "hash:net") == 0, has_port = strstr(type, "port");

	printf("create s %s family inet hashsize 1024 maxelem %" PRIu32 "\n", type, count);
	for (uint32_t n = 0; n < count; n++) {
		uint32_t a = address(n);

		printf("add s %u.%u.%u.%u%s%s\n", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255,
		       is_net && n % 2 ? "/31" : "", has_port ? ",tcp:80" : "");
	}
	return 0;
}

static int apply(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	return pktt_txn_apply(ctx, cmd, 0, err);
}

static int load(struct pktt_engine *engine, const struct pktt_file *file)
{
	static struct pktt_errors errs;
	struct pktt_source src = { .name = file->name, .is_native = true };
	struct pktt_receiver to = { apply, NULL };
	struct pktt_txn *txn;
	int r;

	src.catalog = pktt_engine_catalog(engine);
	if (pktt_txn_begin(&txn, engine, NULL))
		return -1;
	to.ctx = txn;
	r = pktt_text_read(&src, file->text, file->len, &to, &errs);
	if (r)
		pktt_txn_abort(&txn);
	else
		r = pktt_txn_commit(&txn, &errs);
	if (r)
		fprintf(stderr, "%s\n", errs.item[0].text);
	return r;
}

/* Addresses of which about as many are in the set as not. */
static double look_up(struct pktt_engine *engine, uint32_t count, uint32_t *hits)
{
	static const struct pktt_set_ref ref = { .name = "s", .dims = 2, .src = 1 };
	static struct pktt_env env;
	struct pktt_set *set = pktt_set_lookup(engine, "s");
	struct pktt_packet *pkt = NULL;
	struct craft_where where;
	double from;

	if (craft_packet(&pkt, &where, "tcp 10.0.0.1:80 > 10.0.0.2:80", NULL))
		abort();
	env.generation = pktt_engine_generation(engine);
	pkt->env = &env;
	from = now_s();
	for (uint32_t i = 0; i < LOOKUPS; i++) {
		uint32_t a = address(draw() % (2 * count));
		uint8_t *src = pktt_packet_write(pkt, PKTT_L3, 12, 4);

		for (unsigned int k = 0; k < 4; k++)
			src[k] = (uint8_t)(a >> (24 - 8 * k));
		*hits += pktt_set_test_packet(set, pkt, &ref, NULL) == PKTT_HIT;
	}
	from = now_s() - from;
	pktt_packet_free(&pkt);
	return from / LOOKUPS * 1e9;
}

static int run_load(const char *path)
{
	static const struct pktt_engine_config config = { .workers = 1 };
	struct pktt_engine *engine = NULL;
	struct pktt_sources *sources = NULL;
	const struct pktt_file *file;
	struct pktt_error err;
	uint32_t count = 0, hits = 0;
	size_t before;
	double took, ns;

	if (pktt_sources_new(&sources) ||
	    pktt_sources_read(sources, path, PKTT_ANYBODY, &file, &err) ||
	    pktt_engine_new(&engine, &config, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (const char *at = file->text; (at = strchr(at, '\n')); at++)
		count++;
	count--; /* the line that creates the set */
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	took = now_s();
	if (load(engine, file))
		return 1;
	took = now_s() - took;
	ns = look_up(engine, count, &hits);
	printf("%.3f seconds, %.1f bytes an element, %.0f ns a lookup (%.0f %% hits)\n", took,
	       (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / count, ns,
	       100.0 * hits / LOOKUPS);
	pktt_engine_free(&engine);
	pktt_sources_free(&sources);
	return 0;
}

int main(int argc, char **argv)
{
	int r = 2;

	rcu_register_thread();
	if (argc == 4 && strcmp(argv[1], "text") == 0)
		r = write_text(argv[2], (uint32_t)strtoul(argv[3], NULL, 10));
	else if (argc == 3 && strcmp(argv[1], "load") == 0)
		r = run_load(argv[2]);
	else
		fprintf(stderr, "usage: bench_sets text TYPE COUNT | load FILE\n");
	rcu_unregister_thread();
	return r;
}
