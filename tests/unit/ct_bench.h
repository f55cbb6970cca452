/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connection tracking to try things on: an engine with it, a helper, connections by hand. */
#ifndef PKTT_TEST_CT_BENCH_H
#define PKTT_TEST_CT_BENCH_H

#include "conntrack/helper.h"
#include "conntrack/query.h"
#include "core/engine.h"

#define SECOND	  UINT64_C(1000000000)
#define CT_BEGIN  (UINT64_C(1700000000) * SECOND) /* the time at which a bench starts */
#define CLASS_TWO 0				  /* of helper "bench": at most 2, 10 s */
#define CLASS_ANY 1				  /* as many as there is room for, 300 s */
#define PORT(n)	  ((uint16_t)__builtin_bswap16(n))

struct ct_bench {
	struct pktt_engine *engine;
	struct conntrack *ct;
	struct ct_settings settings; /* what ct_bench_start() takes */
	unsigned int workers;
};

/* Defaults; then change what is wanted, then start. */
void ct_bench_init(struct ct_bench *b);
void ct_bench_start(struct ct_bench *b);
void ct_bench_fini(struct ct_bench *b);
/* ns since the beginning */
void ct_bench_time(struct ct_bench *b, uint64_t ns);

/* addresses as text */
struct ct_tuple ct_bench_tuple(const char *src, const char *dst, uint8_t protocol, uint16_t sport,
			       uint16_t dport);
/* A UDP connection from 10.x.x.x port n to 192.0.2.1 port 53, timeout 600 s: with a reference. */
struct conn *ct_bench_conn(struct ct_bench *b, uint32_t n, uint32_t has,
			   const struct ct_helper *helper);
const struct ct_helper *ct_bench_helper(void);
uint32_t ct_bench_live(struct ct_bench *b); /* connections in use, in the table or not */

#endif
