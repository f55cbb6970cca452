/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

struct dscp_args {
	struct pktt_args head;
	uint8_t dscp;
};

enum { DSCP, CLASS };

static const struct pktt_symbol classes[] = {
	{ "CS0", 0x00 },  { "CS1", 0x08 },  { "CS2", 0x10 },  { "CS3", 0x18 },	{ "CS4", 0x20 },
	{ "CS5", 0x28 },  { "CS6", 0x30 },  { "CS7", 0x38 },  { "BE", 0x00 },	{ "AF11", 0x0a },
	{ "AF12", 0x0c }, { "AF13", 0x0e }, { "AF21", 0x12 }, { "AF22", 0x14 }, { "AF23", 0x16 },
	{ "AF31", 0x1a }, { "AF32", 0x1c }, { "AF33", 0x1e }, { "AF41", 0x22 }, { "AF42", 0x24 },
	{ "AF43", 0x26 }, { "EF", 0x2e },   { NULL, 0 },
};

static void class_to_dscp(const void *from, void *to)
{
	*(uint8_t *)to = *(const uint8_t *)from;
}

static const struct pktt_param dscp_params[] = {
	[DSCP] = {
		.name = "dscp",
		.help = "differentiated services codepoint",
		PKTT_STORE(struct dscp_args, dscp, u8),
		.max = 63,
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED | PKTT_SHOW_HEX,
	},
	[CLASS] = {
		.name = "dscp-class",
		.help = "codepoint by the name of its class",
		PKTT_TAKES(enum8),
		.symbols = classes,
		PKTT_SAME_AS(DSCP),
		.convert = class_to_dscp,
		.flags = PKTT_NEGATABLE | PKTT_CASELESS,
	},
};

static enum pktt_hit dscp_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct dscp_args *args = vargs;
	uint8_t tos;

	(void)state;
	if (!packet_tos(pkt, &tos))
		return PKTT_BAD;
	return pktt_test(args, DSCP, tos >> 2 == args->dscp);
}

PKTT_REGISTER(pktt_match, dscp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "dscp",
		.summary = "differentiated services codepoint",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(dscp_params, struct dscp_args),
	},
	.match = dscp_match,
};
