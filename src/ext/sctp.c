/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"
#include "ext/match.h"

#include <netinet/in.h>

struct sctp_args {
	struct pktt_args head;
	struct pktt_range16 sport, dport;
	struct pktt_sctp_chunks chunks;
};

enum { SPORT, DPORT, CHUNKS };
enum { HEADER_LEN = 12, CHUNK_LEN = 4 };
enum { MATCH_ANY = 1, MATCH_ALL = 2, MATCH_ONLY = 3 };

static const struct pktt_param sctp_params[] = {
	[SPORT] = {
		.name = "sport",
		.aliases = "source-port",
		.help = "source port, or an inclusive range of ports",
		PKTT_STORE(struct sctp_args, sport, port_range),
		PKTT_COMPARE_AT(PKTT_L4, 0, 2),
		.flags = PKTT_NEGATABLE,
	},
	[DPORT] = {
		.name = "dport",
		.aliases = "destination-port",
		.help = "destination port, or an inclusive range of ports",
		PKTT_STORE(struct sctp_args, dport, port_range),
		PKTT_COMPARE_AT(PKTT_L4, 2, 2),
		.flags = PKTT_NEGATABLE,
	},
	[CHUNKS] = {
		.name = "chunk-types",
		.help = "any of these chunks is there, all are, or only these",
		PKTT_STORE(struct sctp_args, chunks, sctp_chunks),
		.flags = PKTT_NEGATABLE,
	},
};

static bool is_listed(const struct pktt_bitmap256 *map, uint8_t type)
{
	return map->word[type / 32] >> type % 32 & 1;
}

/* A listed type, with its flags as they are asked for. */
static bool fits(const struct pktt_sctp_chunks *want, uint8_t type, uint8_t flags)
{
	for (unsigned int i = 0; i < want->nflags; i++)
		if (want->flag[i].type == type)
			return (flags & want->flag[i].mask) == want->flag[i].value;
	return true;
}

static bool is_empty(const struct pktt_bitmap256 *map)
{
	for (unsigned int i = 0; i < 8; i++)
		if (map->word[i])
			return false;
	return true;
}

/* Chunks are read until the mode is decided; one of length 0, or none at the start, is BAD. */
static enum pktt_hit walk_chunks(const struct pktt_packet *pkt, const struct pktt_sctp_chunks *want)
{
	struct pktt_bitmap256 missing = want->type;
	uint32_t at = HEADER_LEN, end = pktt_packet_wire_len(pkt) - (pkt->l4 - pkt->l3);

	do {
		const uint8_t *chunk = pktt_packet_read(pkt, PKTT_L4, at, CHUNK_LEN);
		bool fit;

		if (!chunk || get_be16(chunk + 2) == 0)
			return PKTT_BAD;
		fit = is_listed(&want->type, chunk[0]) && fits(want, chunk[0], chunk[1]);
		if (want->mode == MATCH_ANY && fit)
			return PKTT_HIT;
		if (want->mode == MATCH_ONLY && !fit)
			return PKTT_MISS;
		if (fit)
			missing.word[chunk[0] / 32] &= ~(1u << chunk[0] % 32);
		at += (get_be16(chunk + 2) + 3u) & ~3u;
	} while (at < end);
	return hit_if(want->mode == MATCH_ONLY || (want->mode == MATCH_ALL && is_empty(&missing)));
}

static enum pktt_hit sctp_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct sctp_args *args = vargs;

	(void)state;
	if (!pktt_given(args, CHUNKS))
		return PKTT_HIT;
	return pktt_negate(args, CHUNKS, walk_chunks(pkt, &args->chunks));
}

PKTT_REGISTER(pktt_match, sctp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "sctp",
		.summary = "ports and chunks of SCTP",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_SCTP },
		.l4_min = HEADER_LEN,
		.reads = PKTT_READS_TUPLE | PKTT_READS_HEADER,
		PKTT_PARAMS(sctp_params, struct sctp_args),
	},
	.match = sctp_match,
};
