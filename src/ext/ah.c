/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The authentication header: in IPv4 a protocol, in IPv6 one of the extension headers. */
#include "base/buf.h"
#include "core/l3.h"
#include "ext/match.h"

#include <errno.h>
#include <netinet/in.h>

struct ah_args {
	struct pktt_args head;
	struct pktt_range32 spi;
	uint32_t length;
	bool reserved;
};

enum { SPI, LENGTH, RESERVED };
enum { HEADER_LEN = 12, SPI_AT = 4 };

static const struct pktt_param ah4_params[] = {
	[SPI] = {
		.name = "ahspi",
		.help = "security parameter index, or a range of them",
		PKTT_STORE(struct ah_args, spi, range32),
		PKTT_COMPARE_AT(PKTT_L4, SPI_AT, 4),
		.def = "0:4294967295",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
};

PKTT_REGISTER(pktt_match, ah4) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "ah",
		.summary = "security parameter index of the authentication header",
		.families = PKTT_FAM_V4 | PKTT_FAM(PKTT_INET),
		.l4 = { IPPROTO_AH },
		.l4_min = HEADER_LEN,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(ah4_params, struct ah_args),
	},
};

static const struct pktt_param ah6_params[] = {
	[SPI] = {
		.name = "ahspi",
		.help = "security parameter index, or a range of them",
		PKTT_STORE(struct ah_args, spi, range32),
		.def = "0:4294967295",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
	[LENGTH] = {
		.name = "ahlen",
		.help = "length of the header in bytes; 0 is any",
		PKTT_STORE(struct ah_args, length, u32),
		.def = "0",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
	[RESERVED] = {
		.name = "ahres",
		.help = "the reserved field is zero",
		PKTT_STORE(struct ah_args, reserved, flag),
	},
};

static enum pktt_hit ah6_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ah_args *args = vargs;
	uint8_t next;
	uint16_t frag;
	int at = pktt_ipv6_find(pkt, IPPROTO_AH, &next, &frag);
	const uint8_t *h;

	(void)state;
	if (at < 0)
		return at == -ENOENT ? PKTT_MISS : PKTT_BAD;
	h = pktt_packet_read(pkt, PKTT_L3, (uint32_t)at, HEADER_LEN);
	if (!h)
		return PKTT_BAD;
	/* A header that is longer than its packet. */
	if (pktt_packet_wire_len(pkt) - (uint32_t)at < ((uint32_t)h[1] + 2) << 2)
		return PKTT_BAD;
	if (fails(args, SPI, in_range32(&args->spi, get_be32(h + SPI_AT))))
		return PKTT_MISS;
	if (args->length && fails(args, LENGTH, ((uint32_t)h[1] + 2) << 2 == args->length))
		return PKTT_MISS;
	return hit_if(!args->reserved || get_be16(h + 2) == 0);
}

PKTT_REGISTER(pktt_match, ah6) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "ah",
		.summary = "fields of the authentication header",
		.families = PKTT_FAM_V6,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(ah6_params, struct ah_args),
	},
	.match = ah6_match,
};
