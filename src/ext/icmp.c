/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/icmp.h"

#include "ext/match.h"

#include <netinet/in.h>

struct icmp_args {
	struct pktt_args head;
	struct pktt_icmp type;
};

enum { TYPE };
enum { HEADER_LEN = 8, ANY = 255 };

#define WHOLE(type)	 PKTT_ICMP(type, 0, 255)
#define CODE(type, code) PKTT_ICMP(type, code, code)

const struct pktt_symbol pktt_icmp_names[] = {
	{ "any", WHOLE(ANY) },
	{ "echo-reply", WHOLE(0) },
	{ "pong", WHOLE(0) },
	{ "destination-unreachable", WHOLE(3) },
	{ "network-unreachable", CODE(3, 0) },
	{ "host-unreachable", CODE(3, 1) },
	{ "protocol-unreachable", CODE(3, 2) },
	{ "port-unreachable", CODE(3, 3) },
	{ "fragmentation-needed", CODE(3, 4) },
	{ "source-route-failed", CODE(3, 5) },
	{ "network-unknown", CODE(3, 6) },
	{ "host-unknown", CODE(3, 7) },
	{ "network-prohibited", CODE(3, 9) },
	{ "host-prohibited", CODE(3, 10) },
	{ "TOS-network-unreachable", CODE(3, 11) },
	{ "TOS-host-unreachable", CODE(3, 12) },
	{ "communication-prohibited", CODE(3, 13) },
	{ "host-precedence-violation", CODE(3, 14) },
	{ "precedence-cutoff", CODE(3, 15) },
	{ "source-quench", WHOLE(4) },
	{ "redirect", WHOLE(5) },
	{ "network-redirect", CODE(5, 0) },
	{ "host-redirect", CODE(5, 1) },
	{ "TOS-network-redirect", CODE(5, 2) },
	{ "TOS-host-redirect", CODE(5, 3) },
	{ "echo-request", WHOLE(8) },
	{ "ping", WHOLE(8) },
	{ "router-advertisement", WHOLE(9) },
	{ "router-solicitation", WHOLE(10) },
	{ "time-exceeded", WHOLE(11) },
	{ "ttl-exceeded", WHOLE(11) },
	{ "ttl-zero-during-transit", CODE(11, 0) },
	{ "ttl-zero-during-reassembly", CODE(11, 1) },
	{ "parameter-problem", WHOLE(12) },
	{ "ip-header-bad", CODE(12, 0) },
	{ "required-option-missing", CODE(12, 1) },
	{ "timestamp-request", WHOLE(13) },
	{ "timestamp-reply", WHOLE(14) },
	{ "address-mask-request", WHOLE(17) },
	{ "address-mask-reply", WHOLE(18) },
	{ NULL, 0 },
};

static const struct pktt_param icmp_params[] = {
	[TYPE] = {
		.name = "icmp-type",
		.help = "type, or type and code, of the message, by name or number; any for all",
		PKTT_STORE(struct icmp_args, type, icmp),
		.symbols = pktt_icmp_names,
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED | PKTT_CASELESS | PKTT_PREFIX,
	},
};

static enum pktt_hit icmp_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct icmp_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L4, 0, 2);
	const struct pktt_icmp *want = &args->type;

	(void)state;
	if (!h)
		return PKTT_BAD;
	return pktt_test(args, TYPE,
			 want->type == ANY || (want->type == h[0] && want->code_min <= h[1] &&
					       h[1] <= want->code_max));
}

PKTT_REGISTER(pktt_match, icmp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "icmp",
		.summary = "type and code of ICMP messages",
		.families = PKTT_FAM_V4 | PKTT_FAM(PKTT_INET),
		.l4 = { IPPROTO_ICMP },
		.l4_min = HEADER_LEN,
		.reads = PKTT_READS_TUPLE,
		PKTT_PARAMS(icmp_params, struct icmp_args),
	},
	.match = icmp_match,
};
