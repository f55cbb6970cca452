/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine to try things on: rule text in, packets of one line through a hook. */
#ifndef PKTT_TEST_ENGINE_BENCH_H
#define PKTT_TEST_ENGINE_BENCH_H

#include "core/engine.h"

struct engine_bench {
	struct pktt_engine *engine;
	struct pktt_env env;
	struct pktt_iface in, out;
	struct pktt_errors errs; /* of the last load */
};

void engine_bench_init(struct engine_bench *b);
void engine_bench_fini(struct engine_bench *b);
/* Apply rule text (native, family of the sections without one) in one transaction. 0 or -errno. */
int engine_bench_load(struct engine_bench *b, enum pktt_family family, const char *text,
		      unsigned int flags);
/* Run a packet line through a hook; the mark at the end comes back in *mark (may be NULL). */
enum pktt_verdict engine_bench_run(struct engine_bench *b, const char *line, enum pktt_hook hook,
				   uint32_t *mark);

#endif
