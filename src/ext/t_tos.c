/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TOS and DSCP: the type-of-service byte of IPv4, the traffic class of IPv6 (RFC 2474). */
#include "ext/edit.h"

struct tos_args {
	struct pktt_args head;
	struct pktt_mask8 set;
};

static enum pktt_verdict tos_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct tos_args *args = vargs;
	int old = edit_get_dsfield(pkt);
	uint8_t tos;

	(void)state;
	if (old < 0)
		return PKTT_DROP;
	tos = (uint8_t)((old & ~args->set.mask) ^ args->set.value);
	if (tos != old)
		edit_set_dsfield(pkt, tos);
	return PKTT_CONTINUE;
}

static void tos_from_and(const void *from, void *to)
{
	*(struct pktt_mask8 *)to = (struct pktt_mask8){ .mask = (uint8_t) ~*(const uint8_t *)from };
}

static void tos_from_or(const void *from, void *to)
{
	uint8_t bits = *(const uint8_t *)from;

	*(struct pktt_mask8 *)to = (struct pktt_mask8){ .value = bits, .mask = bits };
}

static void tos_from_xor(const void *from, void *to)
{
	*(struct pktt_mask8 *)to = (struct pktt_mask8){ .value = *(const uint8_t *)from };
}

enum { SET_TOS, AND_TOS, OR_TOS, XOR_TOS };

static const struct pktt_param tos_params[] = {
	[SET_TOS] = {
		.name = "set-tos",
		.help = "clear the bits of MASK, then XOR with VALUE",
		PKTT_STORE(struct tos_args, set, tos),
		.flags = PKTT_REQUIRED,
	},
	[AND_TOS] = {
		.name = "and-tos",
		.help = "keep these bits only",
		PKTT_SAME_AS(SET_TOS),
		PKTT_TAKES(u8),
		.convert = tos_from_and,
	},
	[OR_TOS] = {
		.name = "or-tos",
		.help = "set these bits",
		PKTT_SAME_AS(SET_TOS),
		PKTT_TAKES(u8),
		.convert = tos_from_or,
	},
	[XOR_TOS] = {
		.name = "xor-tos",
		.help = "turn these bits over",
		PKTT_SAME_AS(SET_TOS),
		PKTT_TAKES(u8),
		.convert = tos_from_xor,
	},
};

PKTT_REGISTER(pktt_target, tos) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "TOS",
		.summary = "set the type of service (IPv4) or traffic class (IPv6)",
		.families = PKTT_FAM_IP,
		.tables = "mangle",
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(tos_params, struct tos_args),
	},
	.run = tos_run,
};

/* --- DSCP: its upper six bits ----------------------------------------------------------------- */

struct dscp_args {
	struct pktt_args head;
	uint8_t dscp;
};

/* RFC 2474, 2597, 3246. */
static const struct pktt_symbol dscp_classes[] = {
	{ "CS0", 0x00 },
	{ "CS1", 0x08 },
	{ "CS2", 0x10 },
	{ "CS3", 0x18 },
	{ "CS4", 0x20 },
	{ "CS5", 0x28 },
	{ "CS6", 0x30 },
	{ "CS7", 0x38 },
	{ "BE", 0x00 },
	{ "AF11", 0x0a },
	{ "AF12", 0x0c },
	{ "AF13", 0x0e },
	{ "AF21", 0x12 },
	{ "AF22", 0x14 },
	{ "AF23", 0x16 },
	{ "AF31", 0x1a },
	{ "AF32", 0x1c },
	{ "AF33", 0x1e },
	{ "AF41", 0x22 },
	{ "AF42", 0x24 },
	{ "AF43", 0x26 },
	{ "EF", 0x2e },
	{ 0 },
};

static void dscp_from_class(const void *from, void *to)
{
	*(uint8_t *)to = *(const uint8_t *)from;
}

enum { SET_DSCP, SET_CLASS };

static const struct pktt_param dscp_params[] = {
	[SET_DSCP] = {
		.name = "set-dscp",
		.help = "differentiated-services code point",
		PKTT_STORE(struct dscp_args, dscp, u8),
		.max = 63,
		.flags = PKTT_REQUIRED | PKTT_SHOW_HEX,
	},
	[SET_CLASS] = {
		.name = "set-dscp-class",
		.help = "the same by the name of a class",
		PKTT_SAME_AS(SET_DSCP),
		PKTT_TAKES(enum8),
		.symbols = dscp_classes,
		.convert = dscp_from_class,
		.flags = PKTT_CASELESS,
	},
};

static enum pktt_verdict dscp_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct dscp_args *args = vargs;
	int old = edit_get_dsfield(pkt);

	(void)state;
	if (old < 0)
		return PKTT_DROP;
	if (old >> 2 != args->dscp)
		edit_set_dsfield(pkt, (uint8_t)((old & 3) | args->dscp << 2));
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, dscp) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "DSCP",
		.summary = "set the differentiated-services code point",
		.families = PKTT_FAM_IP,
		.tables = "mangle",
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(dscp_params, struct dscp_args),
	},
	.run = dscp_run,
};
