/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/icmp.h"
#include "ext/match.h"

#include <netinet/in.h>

struct icmp6_args {
	struct pktt_args head;
	struct pktt_icmp type;
};

enum { TYPE };
enum { HEADER_LEN = 8 };

#define WHOLE(type)	 PKTT_ICMP(type, 0, 255)
#define CODE(type, code) PKTT_ICMP(type, code, code)

const struct pktt_symbol pktt_icmp6_names[] = {
	{ "destination-unreachable", WHOLE(1) },
	{ "no-route", CODE(1, 0) },
	{ "communication-prohibited", CODE(1, 1) },
	{ "beyond-scope", CODE(1, 2) },
	{ "address-unreachable", CODE(1, 3) },
	{ "port-unreachable", CODE(1, 4) },
	{ "failed-policy", CODE(1, 5) },
	{ "reject-route", CODE(1, 6) },
	{ "packet-too-big", WHOLE(2) },
	{ "time-exceeded", WHOLE(3) },
	{ "ttl-exceeded", WHOLE(3) },
	{ "ttl-zero-during-transit", CODE(3, 0) },
	{ "ttl-zero-during-reassembly", CODE(3, 1) },
	{ "parameter-problem", WHOLE(4) },
	{ "bad-header", CODE(4, 0) },
	{ "unknown-header-type", CODE(4, 1) },
	{ "unknown-option", CODE(4, 2) },
	{ "echo-request", WHOLE(128) },
	{ "ping", WHOLE(128) },
	{ "echo-reply", WHOLE(129) },
	{ "pong", WHOLE(129) },
	{ "router-solicitation", WHOLE(133) },
	{ "router-advertisement", WHOLE(134) },
	{ "neighbour-solicitation", WHOLE(135) },
	{ "neighbor-solicitation", WHOLE(135) },
	{ "neighbour-advertisement", WHOLE(136) },
	{ "neighbor-advertisement", WHOLE(136) },
	{ "redirect", WHOLE(137) },
	{ NULL, 0 },
};

static const struct pktt_param icmp6_params[] = {
	[TYPE] = {
		.name = "icmpv6-type",
		.help = "type, or type and code, of the message, by name or number",
		PKTT_STORE(struct icmp6_args, type, icmp),
		.symbols = pktt_icmp6_names,
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED | PKTT_CASELESS | PKTT_PREFIX | PKTT_ONLY_V6,
	},
};

static enum pktt_hit icmp6_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct icmp6_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L4, 0, 2);
	const struct pktt_icmp *want = &args->type;

	(void)state;
	if (!h)
		return PKTT_BAD;
	return pktt_test(args, TYPE,
			 want->type == h[0] && want->code_min <= h[1] && h[1] <= want->code_max);
}

PKTT_REGISTER(pktt_match, icmp6) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "icmp6",
		.aliases = "icmpv6 ipv6-icmp",
		.summary = "type and code of ICMPv6 messages",
		.families = PKTT_FAM_V6 | PKTT_FAM(PKTT_INET),
		.l4 = { IPPROTO_ICMPV6 },
		.l4_min = HEADER_LEN,
		.reads = PKTT_READS_TUPLE,
		PKTT_PARAMS(icmp6_params, struct icmp6_args),
	},
	.match = icmp6_match,
};
