/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HMARK: mark = hash(addresses, ports or SPI, protocol) % MOD + OFFSET, the same for both
 * directions of a flow and, with the same seed, on every machine. An ICMP error hashes as what it
 * quotes.
 */
#include <errno.h>
#include <netinet/in.h>

#include "base/buf.h"
#include "base/jhash.h"
#include "core/l3.h"

#ifndef IPPROTO_UDPLITE
#	define IPPROTO_UDPLITE 136
#endif

struct hmark_args {
	struct pktt_args head;
	uint32_t tuple;
	uint8_t src_prefix, dst_prefix;
	uint16_t sport_mask, dport_mask, sport, dport, proto_mask;
	uint32_t spi_mask, spi, rnd, mod, offset;
};

enum {
	SRC_PREFIX,
	DST_PREFIX,
	SPORT_MASK,
	DPORT_MASK,
	SPI_MASK,
	SPORT,
	DPORT,
	SPI,
	PROTO_MASK,
	RND,
	MOD,
	OFFSET,
	TUPLE,
};
#define BIT(n) (UINT64_C(1) << (n))

enum {
	TUPLE_SRC = 1 << 0,
	TUPLE_DST = 1 << 1,
	TUPLE_SPORT = 1 << 2,
	TUPLE_DPORT = 1 << 3,
	TUPLE_SPI = 1 << 4,
	TUPLE_PROTO = 1 << 5,
	TUPLE_CT = 1 << 6,
};

static const struct pktt_symbol tuple_names[] = {
	{ "src", TUPLE_SRC },	  { "dst", TUPLE_DST },
	{ "sport", TUPLE_SPORT }, { "dport", TUPLE_DPORT },
	{ "spi", TUPLE_SPI },	  { "proto", TUPLE_PROTO },
	{ "ct", TUPLE_CT },	  { 0 },
};

static const struct pktt_param hmark_params[] = {
	[SRC_PREFIX] = {
		.name = "hmark-src-prefix",
		.help = "bits of the source address to hash",
		PKTT_STORE(struct hmark_args, src_prefix, u8),
		.max = 128,
	},
	[DST_PREFIX] = {
		.name = "hmark-dst-prefix",
		.help = "bits of the destination address to hash",
		PKTT_STORE(struct hmark_args, dst_prefix, u8),
		.max = 128,
	},
	[SPORT_MASK] = {
		.name = "hmark-sport-mask",
		.help = "bits of the source port to hash",
		PKTT_STORE(struct hmark_args, sport_mask, u16),
		.flags = PKTT_SHOW_FULL_HEX,
	},
	[DPORT_MASK] = {
		.name = "hmark-dport-mask",
		.help = "bits of the destination port to hash",
		PKTT_STORE(struct hmark_args, dport_mask, u16),
		.flags = PKTT_SHOW_FULL_HEX,
	},
	[SPI_MASK] = {
		.name = "hmark-spi-mask",
		.help = "bits of the SPI of AH and ESP to hash",
		PKTT_STORE(struct hmark_args, spi_mask, u32),
		.excludes = BIT(SPORT_MASK) | BIT(DPORT_MASK),
		.flags = PKTT_SHOW_FULL_HEX,
	},
	[SPORT] = {
		.name = "hmark-sport",
		.help = "bits to OR into the source port",
		PKTT_STORE(struct hmark_args, sport, u16),
		.flags = PKTT_SHOW_FULL_HEX,
	},
	[DPORT] = {
		.name = "hmark-dport",
		.help = "bits to OR into the destination port",
		PKTT_STORE(struct hmark_args, dport, u16),
		.flags = PKTT_SHOW_FULL_HEX,
	},
	[SPI] = {
		.name = "hmark-spi",
		.help = "bits to OR into the SPI",
		PKTT_STORE(struct hmark_args, spi, u32),
		.excludes = BIT(SPORT) | BIT(DPORT),
		.flags = PKTT_SHOW_FULL_HEX,
	},
	[PROTO_MASK] = {
		.name = "hmark-proto-mask",
		.help = "bits of the protocol number to hash",
		PKTT_STORE(struct hmark_args, proto_mask, u16),
		.flags = PKTT_SHOW_FULL_HEX,
	},
	[RND] = {
		.name = "hmark-rnd",
		.help = "seed of the hash",
		PKTT_STORE(struct hmark_args, rnd, u32),
		.flags = PKTT_REQUIRED | PKTT_SHOW_FULL_HEX,
	},
	[MOD] = {
		.name = "hmark-mod",
		.help = "how many marks there are",
		PKTT_STORE(struct hmark_args, mod, u32),
		.min = 1,
		.max = UINT32_MAX,
		.flags = PKTT_REQUIRED,
	},
	[OFFSET] = {
		.name = "hmark-offset",
		.help = "the first mark",
		PKTT_STORE(struct hmark_args, offset, u32),
	},
	[TUPLE] = {
		.name = "hmark-tuple",
		.help = "what to hash, each in full; ct: as connection tracking saw it first",
		PKTT_STORE(struct hmark_args, tuple, bits32),
		.symbols = tuple_names,
	},
};

/* What the words of --hmark-tuple stand for. */
static const struct {
	uint32_t word;
	uint8_t param;
} tuple_params[] = {
	{ TUPLE_SRC, SRC_PREFIX },   { TUPLE_DST, DST_PREFIX }, { TUPLE_SPORT, SPORT_MASK },
	{ TUPLE_DPORT, DPORT_MASK }, { TUPLE_SPI, SPI_MASK },	{ TUPLE_PROTO, PROTO_MASK },
};

static uint64_t expanded(const struct hmark_args *args)
{
	uint64_t given = args->head.given;

	for (size_t i = 0; i < sizeof(tuple_params) / sizeof(tuple_params[0]); i++)
		if (args->tuple & tuple_params[i].word)
			given |= BIT(tuple_params[i].param);
	return given;
}

static int hmark_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct hmark_args *args = vargs;
	uint64_t given = expanded(args);
	unsigned int longest = ctx->family == PKTT_IPV4 ? 32 : 128;

	if (!args->tuple && !(given & (BIT(PROTO_MASK) | (BIT(PROTO_MASK) - 1))))
		return pktt_fail(err, -EINVAL, "HMARK needs --hmark-tuple at least");
	if (given & BIT(SPI_MASK) && given & (BIT(SPORT_MASK) | BIT(DPORT_MASK)))
		return pktt_fail(err, -EINVAL, "HMARK hashes either ports or the SPI, not both");
	if (args->src_prefix > longest || args->dst_prefix > longest)
		return pktt_fail(err, -ERANGE, "a prefix is longer than %u bits", longest);
	return 0;
}

/* The tuple goes into the single options, which is how it prints; ct alone stays. */
static void expand(struct hmark_args *args, uint8_t longest)
{
	uint64_t given = expanded(args), fresh = given & ~args->head.given;

	if (fresh & BIT(SRC_PREFIX))
		args->src_prefix = longest;
	if (fresh & BIT(DST_PREFIX))
		args->dst_prefix = longest;
	if (fresh & BIT(SPORT_MASK))
		args->sport_mask = UINT16_MAX;
	if (fresh & BIT(DPORT_MASK))
		args->dport_mask = UINT16_MAX;
	if (fresh & BIT(SPI_MASK))
		args->spi_mask = UINT32_MAX;
	if (fresh & BIT(PROTO_MASK))
		args->proto_mask = UINT16_MAX;
	args->tuple &= TUPLE_CT;
	args->head.given = args->tuple ? given : given & ~BIT(TUPLE);
}

static void hmark_canon_ipv4(const struct pktt_context *ctx, void *args)
{
	(void)ctx;
	expand(args, 32);
}

static void hmark_canon_ipv6(const struct pktt_context *ctx, void *args)
{
	(void)ctx;
	expand(args, 128);
}

/* --- The packet ------------------------------------------------------------------------------- */

/* What is hashed: the packet's own headers or those of the packet that an ICMP error quotes. */
struct flow {
	uint32_t src, dst, ports;
	uint8_t protocol;
	uint32_t l4; /* offset in layer 3; 0 = no ports */
};

static uint32_t masked_word(const uint8_t *addr, unsigned int at, unsigned int prefix)
{
	unsigned int bits = prefix <= at * 8 ? 0 : prefix - at * 8;
	uint32_t mask = bits >= 32 ? UINT32_MAX : ~(UINT32_MAX >> bits);

	return get_be32(addr + at) & mask;
}

static uint32_t masked_addr(const uint8_t *addr, unsigned int len, unsigned int prefix)
{
	uint32_t v = 0;

	for (unsigned int at = 0; at < len; at += 4)
		v ^= masked_word(addr, at, prefix);
	return v;
}

static bool is_icmp_error(uint8_t type)
{
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

static bool ipv4_flow(const struct pktt_packet *pkt, const struct hmark_args *args,
		      struct flow *flow)
{
	uint32_t at = 0;
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, at, 20), *icmp;

	if (ip && ip[9] == IPPROTO_ICMP) {
		icmp = pktt_packet_read(pkt, PKTT_L3, (ip[0] & 15u) * 4, 8);
		if (icmp && is_icmp_error(icmp[0])) {
			at = (ip[0] & 15u) * 4 + 8;
			ip = pktt_packet_read(pkt, PKTT_L3, at, 20);
		}
	}
	if (!ip)
		return false;
	flow->src = masked_addr(ip + 12, 4, args->src_prefix);
	flow->dst = masked_addr(ip + 16, 4, args->dst_prefix);
	flow->protocol = ip[9];
	if (ip[9] != IPPROTO_ICMP && !(get_be16(ip + 6) & 0x3fff))
		flow->l4 = at + (ip[0] & 15u) * 4;
	return true;
}

/* What a later fragment does not carry though its header names it: the walk fails there. */
static bool is_hidden(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT ||
	       next == IPPROTO_AH || next == IPPROTO_DSTOPTS;
}

/* Where a walk over extension headers from header type *next ends; AH ends it, for its SPI. */
static uint32_t skip_extensions(const struct pktt_packet *pkt, uint32_t at, uint8_t *next,
				bool *is_fragment)
{
	for (;;) {
		const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, at, 8);
		bool is_plain = *next == IPPROTO_HOPOPTS || *next == IPPROTO_ROUTING ||
				*next == IPPROTO_DSTOPTS;

		if (!is_plain && *next != IPPROTO_FRAGMENT)
			return at;
		if (!h)
			return 0;
		if (*next == IPPROTO_FRAGMENT)
			*is_fragment = true;
		at += is_plain ? (h[1] + 1u) * 8 : 8;
		*next = h[0];
		if (*is_fragment && !is_plain && get_be16(h + 2) & 0xfff8)
			return is_hidden(h[0]) ? 0 : at;
	}
}

static bool ipv6_flow(const struct pktt_packet *pkt, const struct hmark_args *args,
		      struct flow *flow)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, 40), *icmp;
	bool is_fragment = false;
	uint32_t at;

	if (!ip)
		return false;
	flow->protocol = ip[6];
	at = skip_extensions(pkt, 40, &flow->protocol, &is_fragment);
	/* Linux then marks by the hash of nothing. */
	if (!at) {
		*flow = (struct flow){ .l4 = 0 };
		return true;
	}
	icmp = pktt_packet_read(pkt, PKTT_L3, at, 8);
	if (!is_fragment && flow->protocol == IPPROTO_ICMPV6 && icmp && icmp[0] && icmp[0] < 128) {
		ip = pktt_packet_read(pkt, PKTT_L3, at + 8, 40);
		if (!ip || ip[0] >> 4 != 6)
			return false;
		flow->protocol = ip[6];
		at = skip_extensions(pkt, at + 48, &flow->protocol, &is_fragment);
	}
	if (!at)
		return false;
	flow->src = masked_addr(ip + 8, 16, args->src_prefix);
	flow->dst = masked_addr(ip + 24, 16, args->dst_prefix);
	if (flow->protocol != IPPROTO_ICMPV6 && !is_fragment)
		flow->l4 = at;
	return true;
}

/* Where ports or the SPI stand in the transport header, or -1. */
static int ports_offset(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_DCCP:
	case IPPROTO_ESP:
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
		return 0;
	case IPPROTO_AH:
		return 4;
	}
	return -1;
}

/* The greater port in the upper half, so that both directions agree. */
static uint32_t flow_ports(const struct pktt_packet *pkt, const struct hmark_args *args,
			   const struct flow *flow)
{
	uint32_t mask = (uint32_t)args->sport_mask << 16 | args->dport_mask | args->spi_mask;
	uint32_t set = (uint32_t)args->sport << 16 | args->dport | args->spi;
	int offset = flow->l4 ? ports_offset(flow->protocol) : -1;
	const uint8_t *at;
	uint32_t both, a, b;

	if (offset < 0)
		return 0;
	at = pktt_packet_read(pkt, PKTT_L3, flow->l4 + (uint32_t)offset, 4);
	if (!at)
		return 0;
	both = (get_be32(at) & mask) | set;
	a = both >> 16;
	b = both & 0xffff;
	return b > a ? b << 16 | a : both;
}

static uint32_t flow_mark(const struct hmark_args *args, const struct flow *flow)
{
	uint32_t low = flow->src < flow->dst ? flow->src : flow->dst;
	uint32_t high = flow->src < flow->dst ? flow->dst : flow->src;
	uint32_t hash = jhash_3words(low, high, flow->ports, args->rnd);

	/* Linux keeps the mask in a byte. */
	hash ^= flow->protocol & args->proto_mask & 0xff;
	return jhash_scale(hash, args->mod) + args->offset;
}

static enum pktt_verdict hmark_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct hmark_args *args = vargs;
	struct flow flow = { 0 };
	bool is_known;

	(void)state;
	if (args->tuple & TUPLE_CT)
		return PKTT_CONTINUE; /* nothing is tracked */
	is_known = pkt->l3_family == PKTT_IPV6 ? ipv6_flow(pkt, args, &flow)
					       : ipv4_flow(pkt, args, &flow);
	if (!is_known)
		return PKTT_CONTINUE;
	flow.ports = flow_ports(pkt, args, &flow);
	pkt->mark = flow_mark(args, &flow);
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, hmark) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "HMARK",
		.summary = "set the mark to a hash of the flow",
		.families = PKTT_FAM_V4,
		.reads = PKTT_READS_TUPLE | PKTT_READS_HEADER,
		PKTT_PARAMS(hmark_params, struct hmark_args),
		.check = hmark_check,
		.canon = hmark_canon_ipv4,
	},
	.run = hmark_run,
};

PKTT_REGISTER(pktt_target, hmark6) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "HMARK",
		.summary = "set the mark to a hash of the flow",
		.families = PKTT_FAM_V6,
		.reads = PKTT_READS_TUPLE | PKTT_READS_HEADER,
		PKTT_PARAMS(hmark_params, struct hmark_args),
		.check = hmark_check,
		.canon = hmark_canon_ipv6,
	},
	.run = hmark_run,
};
