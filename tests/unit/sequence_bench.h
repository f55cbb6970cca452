/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracking to try sequences of packets on: two hosts, 10.0.0.1 and 10.0.1.1, that talk through an engine
 * without rules, and what became of their one connection.
 */
#ifndef PKTT_TEST_SEQUENCE_BENCH_H
#define PKTT_TEST_SEQUENCE_BENCH_H

#include "conntrack/conntrack.h"
#include "engine_bench.h"

struct sequence_bench {
	struct engine_bench engine;
	struct conntrack *ct;
	uint64_t now_ns;
};

/* A packet of either host: direction 0 is from 10.0.0.1. Checksums of layer 4 are the caller's. */
struct sequence_packet {
	uint8_t protocol, dir;
	uint32_t len;
	uint8_t l4[2048];
};

struct sequence_seen {
	enum pktt_verdict verdict;
	enum pktt_ct_info info;
	uint8_t protocol;
	bool is_there; /* a live, confirmed connection of the packet's tuple */
	uint8_t base;  /* the direction that is its original */
	const char *state;
	uint32_t status, seconds;
	struct ct_counter counter[2];
	union ct_l4 l4;
};

void sequence_init(struct sequence_bench *t, const struct ct_settings *settings);
void sequence_fini(struct sequence_bench *t);
void sequence_pass(struct sequence_bench *t, uint64_t ns);
void sequence_send(struct sequence_bench *t, const struct sequence_packet *p,
		   struct sequence_seen *ret);
/* The Internet checksum of the packet's pseudo header and its first `cover` bytes, into two bytes at. */
void sequence_checksum(struct sequence_packet *p, uint32_t at, uint32_t cover);

/* --- Sequences as text ------------------------------------------------------------------------- */

/*
 * A file of sequences. "== name" begins one; "> packet ; outcome" and "< packet ; outcome" send, "+N"
 * lets N seconds pass, "set name=value" stands before all else, "#" is a comment. The protocol's test
 * reads what stands between arrow and semicolon. An outcome is what tracking made of the packet, and of
 * the connection: state, seconds, whether it is assured and whether the second host began it, packets that
 * it counted: "new SYN_SENT 120 n=1/0", "reply ESTABLISHED 432000 assured turned n=2/1", "invalid gone".
 */
struct sequence_language {
	uint8_t protocol;
	/* conversation holds what the next line may build on. */
	bool (*read)(const char *text, struct sequence_packet *p, void *conversation);
	/* What is to be compared beside state and time; may be NULL. */
	void (*detail)(const struct sequence_seen *seen, char *out, size_t size);
	void *conversation;
	size_t conversation_size; /* zeroed for every sequence */
};

/*
 * Runs all sequences; how many lines came out otherwise, which it prints. With SEQUENCE_SHOW in the
 * environment: prints the file as it came out; if that is "hex", with the packets' bytes, unrun.
 */
unsigned int sequence_run(const struct sequence_language *language, const char *path);

/* "invalid SYN_SENT 120 n=1/0": what a line has as its outcome. */
void sequence_outcome(const struct sequence_language *language, const struct sequence_seen *seen,
		      char *out, size_t size);
/* "set name=value": false if there is no such setting. */
bool sequence_set(struct ct_settings *settings, const char *text);

#endif
