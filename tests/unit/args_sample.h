/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A made-up extension that has one of everything that a table can say, for the tests of what
 * derives from tables; and what those tests share.
 */
#ifndef TESTS_UNIT_ARGS_SAMPLE_H
#define TESTS_UNIT_ARGS_SAMPLE_H

#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"
#include "desc/args_value.h"

#include "args_line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct sample_args {
	struct pktt_args head;
	struct pktt_range16 port;
	struct pktt_mask8 tcp_flags;
	uint32_t burst, level, bits, hundred;
	bool quick, slow;
	char note[16];
	struct pktt_prefix from;
	struct pktt_port_list ports;
	struct pktt_addr gw4, gw6;
	struct pktt_pattern word;
	struct pktt_mac mac;
	struct pktt_mac_list among;
	uint64_t bytes;
	struct pktt_set_ref set;
	uint8_t days;
	int64_t start;
};

enum {
	PORT,
	FLAGS,
	SYN,
	BURST,
	LEVEL,
	BITS,
	QUICK,
	SLOW,
	NOT_SLOW,
	NOTE,
	FROM,
	PORTS,
	GW4,
	GW6,
	WORD,
	MAC,
	AMONG,
	BYTES,
	SET,
	DAYS,
	START,
	HUNDRED,
	HUNDREDS,
};

static const struct pktt_symbol sample_tcp[] = { { "FIN", 1 },	{ "SYN", 2 },	 { "RST", 4 },
						 { "ACK", 16 }, { "ALL", 0x3f }, { "NONE", 0 },
						 { NULL, 0 } };
static const struct pktt_symbol sample_levels[] = {
	{ "low", 1 }, { "high", 2 }, { "top", 2 }, { NULL, 0 }
};
static const struct pktt_symbol sample_bits[] = {
	{ "red", 1 }, { "green", 2 }, { "blue", 4 }, { NULL, 0 }
};

static inline void sample_hundreds(const void *from, void *to)
{
	uint16_t n;
	uint32_t v;

	memcpy(&n, from, sizeof(n));
	v = n * 100u;
	memcpy(to, &v, sizeof(v));
}

static inline int sample_check(const struct pktt_context *ctx, const void *args,
			       struct pktt_error *err)
{
	const struct sample_args *a = args;

	assert_null(ctx->param);
	return a->burst == 13 ? pktt_fail(err, -EINVAL, "13 brings no luck") : 0;
}

static const struct pktt_param sample_params[] = {
	[PORT] = {
		.name = "port",
		.aliases = "the-port gate",
		.letter = 'p',
		.help = "a port, or an inclusive range",
		PKTT_STORE(struct sample_args, port, port_range),
		.flags = PKTT_NEGATABLE,
	},
	[FLAGS] = {
		.name = "tcp-flags",
		.help = "which flags are looked at, and which of them are set",
		PKTT_STORE(struct sample_args, tcp_flags, flags8),
		.symbols = sample_tcp,
		.flags = PKTT_NEGATABLE,
	},
	[SYN] = {
		.name = "syn",
		.help = "the packet opens a connection",
		PKTT_SAME_AS(FLAGS),
		.preset = "FIN,SYN,RST,ACK SYN",
		.flags = PKTT_NEGATABLE,
	},
	[BURST] = {
		.name = "burst",
		.help = "packets before the limit",
		PKTT_STORE(struct sample_args, burst, u32),
		.def = "5",
		.min = 1,
		.max = 10000,
		.flags = PKTT_HIDE_DEFAULT,
	},
	[LEVEL] = {
		.name = "level",
		.help = "how loud",
		PKTT_STORE(struct sample_args, level, enum32),
		.symbols = sample_levels,
		.def = "low",
		.flags = PKTT_SHOW_ALWAYS,
	},
	[BITS] = {
		.name = "bits",
		.help = "colours",
		PKTT_STORE(struct sample_args, bits, bits32),
		.symbols = sample_bits,
		.flags = PKTT_NEGATABLE,
	},
	[QUICK] = {
		.name = "quick",
		.help = "do not wait",
		PKTT_STORE(struct sample_args, quick, flag),
		.excludes = 1u << SLOW,
	},
	[SLOW] = {
		.name = "slow",
		.help = "wait",
		PKTT_STORE(struct sample_args, slow, flag),
		.needs = 1u << PORT | 1u << BURST,
	},
	[NOT_SLOW] = {
		.name = "hurry",
		.help = "the opposite of slow",
		PKTT_SAME_AS(SLOW),
		.negate = true,
		.preset = "",
	},
	[NOTE] = {
		.name = "note",
		.help = "words for people",
		PKTT_STORE_TEXT(struct sample_args, note),
		.flags = PKTT_REPEATABLE,
	},
	[FROM] = {
		.name = "from",
		.help = "addresses",
		PKTT_STORE(struct sample_args, from, prefix),
		.flags = PKTT_NEGATABLE,
	},
	[PORTS] = {
		.name = "ports",
		.help = "ports from 10 to 1000",
		PKTT_STORE(struct sample_args, ports, port_list),
		.min = 10,
		.max = 1000,
	},
	[GW4] = {
		.name = "gateway",
		.help = "where to",
		PKTT_STORE(struct sample_args, gw4, addr),
		.families = PKTT_FAM_V4,
	},
	[GW6] = {
		.name = "gateway",
		.help = "where to",
		PKTT_STORE(struct sample_args, gw6, addr),
		.families = PKTT_FAM_V6,
	},
	[WORD] = {
		.name = "word",
		.help = "bytes to find",
		PKTT_STORE(struct sample_args, word, hex_pattern),
	},
	[MAC] = {
		.name = "mac",
		.help = "who sent it",
		PKTT_STORE(struct sample_args, mac, mac),
		.flags = PKTT_NEGATABLE,
	},
	[AMONG] = {
		.name = "among",
		.help = "one of these",
		PKTT_STORE(struct sample_args, among, mac_list),
		.flags = PKTT_NEGATABLE,
	},
	[BYTES] = {
		.name = "bytes",
		.help = "a large number",
		PKTT_STORE(struct sample_args, bytes, u64),
	},
	[SET] = {
		.name = "set",
		.help = "a set and what of the packet is looked up in it",
		PKTT_STORE(struct sample_args, set, set_ref),
		.flags = PKTT_NEGATABLE,
	},
	[DAYS] = {
		.name = "days",
		.help = "days of the week",
		PKTT_STORE(struct sample_args, days, weekdays),
	},
	[START] = {
		.name = "start",
		.help = "since when",
		PKTT_STORE(struct sample_args, start, timestamp),
	},
	[HUNDRED] = {
		.name = "count",
		.help = "how many",
		PKTT_STORE(struct sample_args, hundred, u32),
	},
	[HUNDREDS] = {
		.name = "hundreds",
		.help = "how many hundreds",
		PKTT_TAKES(u16),
		.max = 9,
		PKTT_SAME_AS(HUNDRED),
		.convert = sample_hundreds,
	},
};

static const struct pktt_ext sample = {
	.kind = PKTT_KIND_MATCH,
	.name = "sample",
	.aliases = "example",
	.summary = "match what the tests want",
	.families = PKTT_FAM_IP,
	.l4 = { 6, 17 },
	PKTT_PARAMS(sample_params, struct sample_args),
	.check = sample_check,
};

#endif
