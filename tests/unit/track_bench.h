/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine that tracks, to send packets of one line through: they are forwarded. */
#ifndef PKTT_TEST_TRACK_BENCH_H
#define PKTT_TEST_TRACK_BENCH_H

#include "conntrack/conntrack.h"
#include "engine_bench.h"

#define SECOND UINT64_C(1000000000)
#define START  (UINT64_C(1700000000) * SECOND)

struct track_bench {
	struct engine_bench b;
	struct conntrack *ct;
	uint64_t now;
	const struct ct_template *template; /* of the next packets */
	bool drops;			    /* a rule drops them on the way */
	uint32_t events;		    /* that the listener heard of */
	struct pktt_packet *last;
};

/* settings NULL = the defaults. */
void track_bench_init(struct track_bench *t, const struct ct_settings *settings);
void track_bench_fini(struct track_bench *t);
/* Time goes on. */
void track_bench_pass(struct track_bench *t, uint64_t ns);
uint64_t track_bench_counter(const struct track_bench *t, enum ct_count what);
/* How many connections there are; none of them may be unconfirmed. */
uint32_t track_bench_entries(const struct track_bench *t);
struct pktt_packet *track_bench_craft(struct track_bench *t, const char *line);
/* Through the hooks of a packet that is forwarded, unless the bench drops it on the way. */
enum pktt_verdict track_bench_forward(struct track_bench *t, struct pktt_packet *pkt);
/* Craft and forward: enum pktt_ct_info, or that tracking itself dropped it. t->last is the packet. */
#define TRACK_BENCH_DROPPED 99
int track_bench_send(struct track_bench *t, const char *line);
/* The connection of a packet like that, without a reference, or NULL. */
struct conn *track_bench_look(struct track_bench *t, const char *line);
uint32_t track_bench_seconds(struct track_bench *t, const char *line);

#endif
