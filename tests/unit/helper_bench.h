/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helpers to try payloads on: a client and a server with a connection of that helper, packets of the
 * one or the other as they leave the router, and what is expected behind them.
 *
 *	PLAIN	10.0.0.5:40000 > 192.0.2.80
 *	SNAT	the same, seen as 192.0.2.1:40000
 *	DNAT	198.51.100.7:40000 > 192.0.2.1, which is 10.0.0.80
 *	MOVED	PLAIN, seen from port 50000 of 192.0.2.1
 *	PLAIN6	2001:db8:1::5 port 40000 > 2001:db8:2::80
 *	SNAT6	the same, seen as 2001:db8:2::1
 *	DNAT6	2001:db8:7::7 > 2001:db8:2::1, which is 2001:db8:1::80
 */
#ifndef PKTT_TEST_HELPER_BENCH_H
#define PKTT_TEST_HELPER_BENCH_H

#include "base/str.h"
#include "conntrack/helper.h"
#include "core/env.h"

enum helper_bench_kind { PLAIN, SNAT, DNAT, MOVED, PLAIN6, SNAT6, DNAT6 };

struct helper_bench {
	struct pktt_engine *engine;
	struct conntrack *ct;
	struct pktt_env env;
	struct pktt_iface out;
	const struct ct_helper *helper;
	struct conn *conn;
	uint32_t seq[2];
	struct pktt_packet *last;
	struct str expected;
	bool is_local;	       /* the router itself sends */
	enum pktt_ct_info new; /* of the first packet: what info packets have; 0 = established */
};

/* settings NULL = the defaults */
void helper_bench_init(struct helper_bench *b, const struct ct_settings *settings);
void helper_bench_fini(struct helper_bench *b);
/* A connection with the helper, in the place of the one before. */
void helper_bench_open(struct helper_bench *b, const char *helper, enum helper_bench_kind kind);
/* It goes, and with it all that is expected. */
void helper_bench_close(struct helper_bench *b);
/* The next packet of a direction: the verdict. Its checksum is held against its bytes. */
enum pktt_verdict helper_bench_say(struct helper_bench *b, enum ct_dir dir, const void *data,
				   size_t len);
enum pktt_verdict helper_bench_text(struct helper_bench *b, enum ct_dir dir, const char *text);
/* The payload of the last packet, as it is now. */
struct buf helper_bench_heard(const struct helper_bench *b);
bool helper_bench_heard_text(const struct helper_bench *b, const char *text);
/*
 * What is expected, in order of appearance, separated by ", ": "tcp 192.0.2.80 > 10.0.0.5:1025"; then, as
 * it applies, "really :N" (the saved port), "reply" or "original" (the direction for NAT), "permanent",
 * "helper NAME", "mask ADDR". "" = nothing. Valid until the next call.
 */
const char *helper_bench_expected(struct helper_bench *b);

#endif
