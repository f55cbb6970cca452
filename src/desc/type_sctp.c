/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCTP chunk types with flags: "any|all|only CHUNK[:FLAGS],...". RFC 9260, 3.2 and its
 * extensions.
 */
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

/* Names as iptables has them; flags: the letter of each bit from 7 to 0, '-' = none. */
static const struct chunk {
	const char *name;
	uint8_t type;
	const char *flags;
} chunks[] = {
	{ "DATA", 0, "----IUBE" },
	{ "INIT", 1, NULL },
	{ "INIT_ACK", 2, NULL },
	{ "SACK", 3, NULL },
	{ "HEARTBEAT", 4, NULL },
	{ "HEARTBEAT_ACK", 5, NULL },
	{ "ABORT", 6, "-------T" },
	{ "SHUTDOWN", 7, NULL },
	{ "SHUTDOWN_ACK", 8, NULL },
	{ "ERROR", 9, NULL },
	{ "COOKIE_ECHO", 10, NULL },
	{ "COOKIE_ACK", 11, NULL },
	{ "ECN_ECNE", 12, NULL },
	{ "ECN_CWR", 13, NULL },
	{ "SHUTDOWN_COMPLETE", 14, "-------T" },
	{ "I_DATA", 64, "----IUBE" },
	{ "ASCONF_ACK", 128, NULL },
	{ "RE_CONFIG", 130, NULL },
	{ "PAD", 132, NULL },
	{ "FORWARD_TSN", 192, NULL },
	{ "ASCONF", 193, NULL },
	{ "I_FORWARD_TSN", 194, NULL },
};

static const char *const modes[] = { NULL, "any", "all", "only" };

static const struct chunk *find_chunk(struct span s)
{
	for (size_t i = 0; i < pktt_countof(chunks); i++)
		if (strlen(chunks[i].name) == s.len &&
		    strncasecmp(chunks[i].name, s.at, s.len) == 0)
			return &chunks[i];
	return NULL;
}

static bool has_type(const struct pktt_sctp_chunks *v, unsigned int type)
{
	return v->type.word[type / 32] >> type % 32 & 1;
}

/* --- Parsing ---------------------------------------------------------------------------------- */

/* The mask of a flag letter, 0 = not one of this chunk. */
static uint8_t flag_mask(const struct chunk *chunk, char letter)
{
	for (unsigned int i = 0; chunk->flags && i < 8; i++)
		if (chunk->flags[i] != '-' && chunk->flags[i] == toupper((unsigned char)letter))
			return (uint8_t)(0x80 >> i);
	return 0;
}

/* The place of a chunk's flags, made in order of type where there is none. */
static unsigned int flag_place(struct pktt_sctp_chunks *v, uint8_t type)
{
	unsigned int at = 0;

	while (at < v->nflags && v->flag[at].type < type)
		at++;
	if (at < v->nflags && v->flag[at].type == type)
		return at;
	memmove(&v->flag[at + 1], &v->flag[at], (v->nflags - at) * sizeof(v->flag[0]));
	memset(&v->flag[at], 0, sizeof(v->flag[0]));
	v->flag[at].type = type;
	v->nflags++;
	return at;
}

/* Upper case: must be set; lower case: must not. There are fewer chunks with flags than places. */
static int take_flags(const struct pktt_context *ctx, struct pktt_sctp_chunks *v,
		      const struct chunk *chunk, struct span flags, struct pktt_error *err)
{
	unsigned int at;

	if (flags.len == 0)
		return 0;
	if (!chunk->flags)
		return pktt_fail(err, -EINVAL, "--%s: chunk %s has no flags", ctx->param->name,
				 chunk->name);
	at = flag_place(v, chunk->type);
	for (size_t i = 0; i < flags.len; i++) {
		uint8_t mask = flag_mask(chunk, flags.at[i]);

		if (!mask)
			return type_refuse(ctx, (struct span){ flags.at + i, 1 },
					   chunk->type == 0 || chunk->type == 64
						   ? "a flag of this chunk: I U B E, or i u b e"
						   : "a flag of this chunk: T or t",
					   err);
		v->flag[at].mask |= mask;
		if (isupper((unsigned char)flags.at[i]))
			v->flag[at].value |= mask;
	}
	return 0;
}

static int parse_chunks(const struct pktt_context *ctx, struct span rest,
			struct pktt_sctp_chunks *v, struct pktt_error *err)
{
	struct span piece, name, flags;
	int r = 0;

	if (rest.len == 3 && strncasecmp(rest.at, "ALL", 3) == 0) {
		memset(&v->type, 0xff, sizeof(v->type));
		return 0;
	}
	if (rest.len == 4 && strncasecmp(rest.at, "NONE", 4) == 0)
		return 0;
	while (r == 0 && span_cut(&rest, ',', &piece)) {
		const struct chunk *chunk;
		bool has_flags = span_split(piece, ':', &name, &flags);

		chunk = find_chunk(name);
		if (!chunk)
			return type_refuse(ctx, name,
					   "a chunk: ALL, NONE, or DATA, INIT, SACK, ABORT, ...",
					   err);
		v->type.word[chunk->type / 32] |= 1u << chunk->type % 32;
		if (has_flags)
			r = take_flags(ctx, v, chunk, flags, err);
	}
	return r;
}

static int parse_sctp_chunks(const struct pktt_context *ctx, const char *const *word, void *val,
			     struct pktt_error *err)
{
	struct pktt_sctp_chunks *v = val;

	for (unsigned int mode = 1; mode < pktt_countof(modes); mode++)
		if (strcasecmp(word[0], modes[mode]) == 0)
			v->mode = (uint8_t)mode;
	if (!v->mode)
		return type_refuse(ctx, span_of(word[0]), "any, all or only", err);
	return parse_chunks(ctx, span_of(word[1]), v, err);
}

/* --- Checking and printing -------------------------------------------------------------------- */

static bool is_all(const struct pktt_sctp_chunks *v)
{
	for (size_t i = 0; i < pktt_countof(v->type.word); i++)
		if (v->type.word[i] != UINT32_MAX)
			return false;
	return v->nflags == 0;
}

static bool is_nameless(const struct pktt_sctp_chunks *v)
{
	struct pktt_bitmap256 left = v->type;
	uint32_t any = 0;

	for (size_t i = 0; i < pktt_countof(chunks); i++)
		left.word[chunks[i].type / 32] &= ~(1u << chunks[i].type % 32);
	for (size_t i = 0; i < pktt_countof(left.word); i++)
		any |= left.word[i];
	return any;
}

static int check_sctp_chunks(const struct pktt_context *ctx, const void *val,
			     struct pktt_error *err)
{
	const struct pktt_sctp_chunks *v = val;

	if (v->mode == 0 || v->mode >= pktt_countof(modes))
		return type_fail(ctx, -EINVAL, err, "any, all or only is expected");
	if (v->nflags > pktt_countof(v->flag))
		return type_fail(ctx, -E2BIG, err, "there are too many chunks with flags");
	if (!is_all(v) && is_nameless(v))
		return type_fail(ctx, -EINVAL, err, "a chunk type has no name");
	for (unsigned int i = 0; i < v->nflags; i++)
		if (!has_type(v, v->flag[i].type) || v->flag[i].value & ~v->flag[i].mask)
			return type_fail(ctx, -EINVAL, err, "flags stand without their chunk");
	return 0;
}

static void print_flags(const struct pktt_sctp_chunks *v, const struct chunk *chunk,
			struct str *out)
{
	unsigned int at = 0;

	while (at < v->nflags && at < pktt_countof(v->flag) && v->flag[at].type != chunk->type)
		at++;
	if (at >= v->nflags || at >= pktt_countof(v->flag) || !chunk->flags || !v->flag[at].mask)
		return;
	str_putc(out, ':');
	for (unsigned int i = 0; i < 8; i++) {
		uint8_t bit = (uint8_t)(0x80 >> i);

		if (v->flag[at].mask & bit && v->flag[at].value & bit)
			str_putc(out, chunk->flags[i]);
		else if (v->flag[at].mask & bit)
			str_putc(out, (char)tolower((unsigned char)chunk->flags[i]));
	}
}

static void print_sctp_chunks(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_sctp_chunks *v = val;
	const char *sep = "";

	(void)ctx;
	str_putf(out, "%s ", v->mode < pktt_countof(modes) && v->mode ? modes[v->mode] : "any");
	if (is_all(v)) {
		str_puts(out, "ALL");
		return;
	}
	for (size_t i = 0; i < pktt_countof(chunks); i++) {
		if (!has_type(v, chunks[i].type))
			continue;
		str_putf(out, "%s%s", sep, chunks[i].name);
		print_flags(v, &chunks[i], out);
		sep = ",";
	}
	if (!*sep)
		str_puts(out, "NONE");
}

const struct pktt_type pktt_type_sctp_chunks = {
	.name = "sctp-chunks",
	.syntax = "any|all|only CHUNK[:FLAGS][,...]",
	.size = sizeof(struct pktt_sctp_chunks),
	.words = 2,
	.parse = parse_sctp_chunks,
	.check = check_sctp_chunks,
	.print = print_sctp_chunks,
};
