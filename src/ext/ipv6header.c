/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which IPv6 extension headers a packet has. */
#include "ext/match.h"

#include <netinet/in.h>

struct ipv6header_args {
	struct pktt_args head;
	uint32_t headers;
	bool soft;
};

enum { HEADER, SOFT };
enum {
	PROTOCOL = 1 << 0,
	NONE = 1 << 1,
	ESP = 1 << 2,
	AUTH = 1 << 3,
	FRAGMENT = 1 << 4,
	ROUTING = 1 << 5,
	DSTOPTS = 1 << 6,
	HOPOPTS = 1 << 7,
};
enum { IPV6_LEN = 40, NEXT_AT = 6 };

/* Numbers are those of the protocols, 255 whatever is no extension header. */
static const struct pktt_symbol headers[] = {
	{ "hop-by-hop", HOPOPTS },
	{ "hop", HOPOPTS },
	{ "0", HOPOPTS },
	{ "ipv6-opts", DSTOPTS },
	{ "dst", DSTOPTS },
	{ "60", DSTOPTS },
	{ "ipv6-route", ROUTING },
	{ "route", ROUTING },
	{ "43", ROUTING },
	{ "ipv6-frag", FRAGMENT },
	{ "frag", FRAGMENT },
	{ "44", FRAGMENT },
	{ "ah", AUTH },
	{ "auth", AUTH },
	{ "51", AUTH },
	{ "esp", ESP },
	{ "50", ESP },
	{ "ipv6-nonxt", NONE },
	{ "none", NONE },
	{ "59", NONE },
	{ "protocol", PROTOCOL },
	{ "prot", PROTOCOL },
	{ "255", PROTOCOL },
	{ NULL, 0 },
};

static const struct pktt_param ipv6header_params[] = {
	[HEADER] = {
		.name = "header",
		.help = "the packet has exactly these headers",
		PKTT_STORE(struct ipv6header_args, headers, bits32),
		.symbols = headers,
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
	[SOFT] = {
		.name = "soft",
		.help = "it may have others beside them; with ! it has none of them",
		PKTT_STORE(struct ipv6header_args, soft, flag),
	},
};

static uint32_t kind_of(uint8_t type)
{
	switch (type) {
	case IPPROTO_HOPOPTS:
		return HOPOPTS;
	case IPPROTO_ROUTING:
		return ROUTING;
	case IPPROTO_FRAGMENT:
		return FRAGMENT;
	case IPPROTO_ESP:
		return ESP;
	case IPPROTO_AH:
		return AUTH;
	case IPPROTO_NONE:
		return NONE;
	case IPPROTO_DSTOPTS:
		return DSTOPTS;
	default:
		return PROTOCOL;
	}
}

static uint32_t header_len(uint32_t kind, uint8_t len)
{
	if (kind == FRAGMENT)
		return 8;
	return kind == AUTH ? (len + 2u) << 2 : (len + 1u) << 3;
}

/* The headers that the packet has. MISS where the next one does not fit in, as in Linux. */
static enum pktt_hit walk(const struct pktt_packet *pkt, uint32_t *ret)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, IPV6_LEN);
	uint32_t wire = pktt_packet_wire_len(pkt), at = IPV6_LEN, kind;

	if (!h)
		return PKTT_BAD;
	*ret = 0;
	for (kind = kind_of(h[NEXT_AT]); kind != PROTOCOL; kind = kind_of(h[0])) {
		*ret |= kind;
		if (kind == NONE)
			return PKTT_HIT;
		if (at > wire || wire - at < 2)
			return PKTT_MISS;
		if (kind == ESP)
			return PKTT_HIT;
		h = pktt_packet_read(pkt, PKTT_L3, at, 2);
		if (!h)
			return PKTT_BAD;
		at += header_len(kind, h[1]);
		if (at > wire) {
			kind = kind_of(h[0]);
			break;
		}
	}
	if (kind != NONE && kind != ESP)
		*ret |= PROTOCOL;
	return PKTT_HIT;
}

static enum pktt_hit ipv6header_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ipv6header_args *args = vargs;
	uint32_t has, want = args->headers;
	enum pktt_hit hit = walk(pkt, &has);

	(void)state;
	if (hit != PKTT_HIT)
		return hit;
	if (args->soft)
		return hit_if(pktt_negated(args, HEADER) ? !(has & want) : (has & want) == want);
	return pktt_test(args, HEADER, has == want);
}

PKTT_REGISTER(pktt_match, ipv6header) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "ipv6header",
		.aliases = "ipv6",
		.summary = "which extension headers the packet has",
		.families = PKTT_FAM_V6,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(ipv6header_params, struct ipv6header_args),
	},
	.match = ipv6header_match,
};
