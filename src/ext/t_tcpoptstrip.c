/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCPOPTSTRIP: overwrite TCP options with NOPs, so that neither end uses them. */
#include <netinet/in.h>

#include "ext/edit.h"

enum { TCP_LEN = 20, NOP = 1 };

struct strip_args {
	struct pktt_args head;
	struct pktt_bitmap256 options;
};

enum { OPTIONS };

static const struct pktt_symbol options[] = {
	{ "wscale", 3 }, { "mss", 2 }, { "sack-permitted", 4 }, { "sack", 5 }, { "timestamp", 8 },
	{ "md5", 19 },	 { 0 },
};

static const struct pktt_param strip_params[] = {
	[OPTIONS] = {
		.name = "strip-options",
		.help = "TCP options to overwrite",
		PKTT_STORE(struct strip_args, options, bitmap256),
		.symbols = options,
		.min = 2, /* 0 and 1 fill up: there is nothing to overwrite */
		.flags = PKTT_SHOW_NUMBER,
	},
};

static void strip(uint8_t *tcp, uint32_t at, uint32_t len)
{
	for (uint32_t i = at; i < at + len; i++) {
		/* A byte at an odd offset is the low half of its word. */
		uint8_t from[2] = { 0 }, to[2] = { 0 };

		from[i & 1] = tcp[i];
		to[i & 1] = NOP;
		pktt_csum_replace(tcp + 16, from, to, sizeof(from));
		tcp[i] = NOP;
	}
}

static void strip_options(uint8_t *tcp, uint32_t header, const struct pktt_bitmap256 *set)
{
	uint32_t at = TCP_LEN, len;

	for (; at + 1 < header; at += len) {
		uint8_t kind = tcp[at];

		len = kind <= NOP || tcp[at + 1] == 0 ? 1 : tcp[at + 1];
		if (at + len > header)
			return;
		if (set->word[kind / 32] >> kind % 32 & 1)
			strip(tcp, at, len);
	}
}

static enum pktt_verdict strip_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct strip_args *args = vargs;
	uint8_t *tcp = pktt_packet_write(pkt, PKTT_L4, 0, TCP_LEN);
	uint32_t header;

	(void)state;
	if (pktt_packet_is_later_fragment(pkt))
		return PKTT_CONTINUE;
	if (!tcp)
		return PKTT_DROP;
	header = (tcp[12] >> 4) * 4u;
	if (header < TCP_LEN || !pktt_packet_write(pkt, PKTT_L4, 0, header))
		return PKTT_DROP;
	strip_options(tcp, header, &args->options);
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, tcpoptstrip) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "TCPOPTSTRIP",
		.summary = "overwrite TCP options",
		.families = PKTT_FAM_IP,
		.tables = "mangle",
		.l4 = { IPPROTO_TCP },
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(strip_params, struct strip_args),
	},
	.run = strip_run,
};
