/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DCCP, RFC 4340. */
#include "ext/match.h"

#include <netinet/in.h>

struct dccp_args {
	struct pktt_args head;
	struct pktt_range16 sport, dport;
	uint32_t types;
	uint8_t option;
};

enum { SPORT, DPORT, TYPES, OPTION };
enum { HEADER_LEN = 12, DOFF_AT = 4, TYPE_AT = 8 };
enum { DATA = 2, REQUEST = 0, RESPONSE = 1, RESET = 7 };

static const struct pktt_symbol types[] = {
	{ "REQUEST", 1 << 0 }, { "RESPONSE", 1 << 1 }, { "DATA", 1 << 2 },     { "ACK", 1 << 3 },
	{ "DATAACK", 1 << 4 }, { "CLOSEREQ", 1 << 5 }, { "CLOSE", 1 << 6 },    { "RESET", 1 << 7 },
	{ "SYNC", 1 << 8 },    { "SYNCACK", 1 << 9 },  { "INVALID", 1 << 10 }, { NULL, 0 },
};

static const struct pktt_param dccp_params[] = {
	[SPORT] = {
		.name = "sport",
		.aliases = "source-port",
		.help = "source port, or an inclusive range of ports",
		PKTT_STORE(struct dccp_args, sport, port_range),
		PKTT_COMPARE_AT(PKTT_L4, 0, 2),
		.flags = PKTT_NEGATABLE,
	},
	[DPORT] = {
		.name = "dport",
		.aliases = "destination-port",
		.help = "destination port, or an inclusive range of ports",
		PKTT_STORE(struct dccp_args, dport, port_range),
		PKTT_COMPARE_AT(PKTT_L4, 2, 2),
		.flags = PKTT_NEGATABLE,
	},
	[TYPES] = {
		.name = "dccp-types",
		.help = "the packet is of one of these types",
		PKTT_STORE(struct dccp_args, types, bits32),
		.symbols = types,
		.flags = PKTT_NEGATABLE | PKTT_CASELESS,
	},
	[OPTION] = {
		.name = "dccp-option",
		.help = "the option with this number is present",
		PKTT_STORE(struct dccp_args, option, u8),
		.flags = PKTT_NEGATABLE,
	},
};

/* Length of the header before the options, by type and by whether sequence numbers are long. */
static uint32_t fixed_len(const uint8_t *h)
{
	uint32_t len = HEADER_LEN + (h[TYPE_AT] & 1 ? 4 : 0);

	switch (h[TYPE_AT] >> 1 & 15) {
	case DATA:
		return len;
	case REQUEST:
		return len + 4;
	case 3: /* ACK */
	case 4: /* DATAACK */
	case 5: /* CLOSEREQ */
	case 6: /* CLOSE */
	case 8: /* SYNC */
	case 9: /* SYNCACK */
		return len + 8;
	case RESPONSE:
	case RESET:
	default:
		return len + 12;
	}
}

static enum pktt_hit find_option(const struct pktt_packet *pkt, const uint8_t *h, uint8_t option)
{
	uint32_t fixed = fixed_len(h), len = (uint32_t)h[DOFF_AT] * 4;
	const uint8_t *opt;

	if (len < fixed)
		return PKTT_BAD;
	len -= fixed;
	if (len == 0)
		return PKTT_MISS;
	opt = pktt_packet_read(pkt, PKTT_L4, fixed, len);
	if (!opt)
		return PKTT_BAD;
	return hit_if(has_option(opt, len, option));
}

static enum pktt_hit dccp_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct dccp_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L4, 0, HEADER_LEN);

	(void)state;
	if (!h)
		return PKTT_BAD;
	if (fails(args, TYPES, args->types >> (h[TYPE_AT] >> 1 & 15) & 1))
		return PKTT_MISS;
	if (!pktt_given(args, OPTION))
		return PKTT_HIT;
	return pktt_negate(args, OPTION, find_option(pkt, h, args->option));
}

PKTT_REGISTER(pktt_match, dccp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "dccp",
		.summary = "ports, types and options of DCCP",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_DCCP },
		.l4_min = HEADER_LEN,
		.reads = PKTT_READS_TUPLE | PKTT_READS_HEADER,
		PKTT_PARAMS(dccp_params, struct dccp_args),
	},
	.match = dccp_match,
};
