/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pattern anywhere in the packet, from the first byte of layer 3. */
#include "ext/match.h"

#include <errno.h>

struct string_args {
	struct pktt_args head;
	struct pktt_pattern pattern;
	uint8_t algo;
	uint16_t from, to;
	bool icase;
};

enum { STRING, HEX_STRING, ALGO, FROM, TO, ICASE };
enum { BM, KMP };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_symbol algos[] = { { "bm", BM }, { "kmp", KMP }, { NULL, 0 } };

static const struct pktt_param string_params[] = {
	[STRING] = {
		.name = "string",
		.help = "the pattern",
		PKTT_STORE(struct string_args, pattern, pattern),
		.excludes = BIT(HEX_STRING),
		.flags = PKTT_NEGATABLE,
	},
	[HEX_STRING] = {
		.name = "hex-string",
		.help = "the pattern, with bytes in hexadecimal between bars",
		PKTT_STORE(struct string_args, pattern, hex_pattern),
		.excludes = BIT(STRING),
		.flags = PKTT_NEGATABLE,
	},
	[ALGO] = {
		.name = "algo",
		.help = "how to search; the result is the same",
		PKTT_STORE(struct string_args, algo, enum8),
		.symbols = algos,
		.flags = PKTT_REQUIRED,
	},
	[FROM] = {
		.name = "from",
		.help = "offset at which the search begins",
		PKTT_STORE(struct string_args, from, u16),
		.def = "0",
		.flags = PKTT_HIDE_DEFAULT,
	},
	[TO] = {
		.name = "to",
		.help = "offset before which the pattern has to end",
		PKTT_STORE(struct string_args, to, u16),
		.def = "65535",
		.flags = PKTT_HIDE_DEFAULT,
	},
	[ICASE] = {
		.name = "icase",
		.help = "capital and small letters are alike",
		PKTT_STORE(struct string_args, icase, flag),
	},
};

static int string_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct string_args *args = vargs;

	(void)ctx;
	if (!pktt_given(args, STRING) && !pktt_given(args, HEX_STRING))
		return pktt_fail(err, -EINVAL, "string needs --string or --hex-string");
	if (args->from > args->to)
		return pktt_fail(err, -EINVAL, "--from %u is after --to %u", args->from, args->to);
	return 0;
}

static bool is_printable(const struct pktt_pattern *p)
{
	for (unsigned int i = 0; i < p->len; i++)
		if (p->byte[i] < 0x20 || p->byte[i] > 0x7e)
			return false;
	return true;
}

/* What can be read is kept as text, the rest in hexadecimal, however it was written. */
static void string_canon(const struct pktt_context *ctx, void *vargs)
{
	struct string_args *args = vargs;
	unsigned int is = pktt_given(args, STRING) ? STRING : HEX_STRING;
	unsigned int should = is_printable(&args->pattern) ? STRING : HEX_STRING;
	bool negated = pktt_negated(args, is);

	(void)ctx;
	if (is == should)
		return;
	forget(args, is);
	args->head.given |= BIT(should);
	if (negated)
		args->head.negated |= BIT(should);
}

/* The kernel's toupper(), which knows Latin-1. */
static uint8_t upper(uint8_t c)
{
	bool is_small = (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7);

	return is_small ? (uint8_t)(c - 0x20) : c;
}

static bool stands_at(const uint8_t *text, const struct pktt_pattern *p, bool icase)
{
	if (!icase)
		return memcmp(text, p->byte, p->len) == 0;
	for (unsigned int i = 0; i < p->len; i++)
		if (upper(text[i]) != upper(p->byte[i]))
			return false;
	return true;
}

static bool contains(const struct string_args *args, const uint8_t *text, uint32_t len)
{
	const struct pktt_pattern *p = &args->pattern;

	for (uint32_t at = args->from; at + p->len <= len; at++)
		if (stands_at(text + at, p, args->icase))
			return true;
	return false;
}

/* What the capture cut off might hold the pattern: unless it is found before, nobody can tell. */
static enum pktt_hit string_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct string_args *args = vargs;
	unsigned int n = pktt_given(args, STRING) ? STRING : HEX_STRING;
	uint32_t held = packet_len(pkt, PKTT_L3), wire = pktt_packet_wire_len(pkt);
	const uint8_t *text = pktt_packet_read(pkt, PKTT_L3, 0, held);
	uint32_t end = args->to < wire ? args->to : wire;

	(void)state;
	if (text && contains(args, text, held < end ? held : end))
		return pktt_test(args, n, true);
	return held < end ? PKTT_BAD : pktt_test(args, n, false);
}

PKTT_REGISTER(pktt_match, string) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "string",
		.summary = "a pattern in the packet",
		.families = PKTT_FAM_ALL,
		.reads = PKTT_READS_HEADER | PKTT_READS_PAYLOAD,
		PKTT_PARAMS(string_params, struct string_args),
		.check = string_check,
		.canon = string_canon,
	},
	.match = string_match,
};
