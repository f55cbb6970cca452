/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine_bench.h"

#include "datapath/replay/craft.h"

#include <stdlib.h>
#include <string.h>

static uint32_t bench_random(struct pktt_env *env)
{
	(void)env;
	return 4; /* chance is not what these tests are about */
}

static const struct pktt_env_ops ops = { .random = bench_random };

void engine_bench_init(struct engine_bench *b)
{
	static const struct pktt_engine_config config = { .workers = 2 };

	memset(b, 0, sizeof(*b));
	b->env.ops = &ops;
	strcpy(b->in.name, "eth0");
	strcpy(b->out.name, "eth1");
	if (pktt_engine_new(&b->engine, &config, NULL))
		abort();
}

void engine_bench_fini(struct engine_bench *b)
{
	pktt_engine_free(&b->engine);
}

struct apply {
	struct pktt_txn *txn;
	unsigned int flags;
};

static int receive(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct apply *a = ctx;

	return pktt_txn_apply(a->txn, cmd, a->flags, err);
}

int engine_bench_load(struct engine_bench *b, enum pktt_family family, const char *text,
		      unsigned int flags)
{
	struct apply a = { .flags = flags };
	struct pktt_receiver to = { receive, &a };
	struct pktt_source src = {
		.catalog = pktt_engine_catalog(b->engine),
		.name = "test",
		.family = family,
		.is_native = true,
	};
	int r;

	memset(&b->errs, 0, sizeof(b->errs));
	r = pktt_txn_begin(&a.txn, b->engine, NULL);
	if (r)
		return r;
	r = pktt_text_read(&src, text, strlen(text), &to, &b->errs);
	if (r == 0)
		return pktt_txn_commit(&a.txn, &b->errs);
	pktt_txn_abort(&a.txn);
	return r;
}

enum pktt_verdict engine_bench_run(struct engine_bench *b, const char *line, enum pktt_hook hook,
				   uint32_t *mark)
{
	struct pktt_packet *pkt = NULL;
	struct craft_where where;
	enum pktt_verdict v;

	if (craft_packet(&pkt, &where, line, NULL))
		abort();
	b->env.generation = pktt_engine_generation(b->engine);
	pkt->env = &b->env;
	pkt->in = &b->in;
	pkt->out = &b->out;
	v = pktt_hook_run(b->engine, pkt, hook);
	if (mark)
		*mark = pkt->mark;
	pktt_packet_free(&pkt);
	return v;
}
