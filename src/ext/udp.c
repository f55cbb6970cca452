/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP; and UDP-Lite, whose match Linux has and iptables 1.8 has no front end for. */
#include "ext/match.h"

#include <netinet/in.h>
#include <netinet/udp.h>

struct udp_args {
	struct pktt_args head;
	struct pktt_range16 sport, dport;
};

enum { SPORT, DPORT };

static const struct pktt_param udp_params[] = {
	[SPORT] = {
		.name = "sport",
		.aliases = "source-port",
		.help = "source port, or an inclusive range of ports",
		PKTT_STORE(struct udp_args, sport, port_range),
		PKTT_COMPARE(PKTT_L4, struct udphdr, uh_sport),
		.def = "0:65535",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
	[DPORT] = {
		.name = "dport",
		.aliases = "destination-port",
		.help = "destination port, or an inclusive range of ports",
		PKTT_STORE(struct udp_args, dport, port_range),
		PKTT_COMPARE(PKTT_L4, struct udphdr, uh_dport),
		.def = "0:65535",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
};

PKTT_REGISTER(pktt_match, udp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "udp",
		.summary = "ports of the UDP header",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_UDP },
		.l4_min = sizeof(struct udphdr),
		.reads = PKTT_READS_TUPLE,
		PKTT_PARAMS(udp_params, struct udp_args),
	},
};

PKTT_REGISTER(pktt_match, udplite) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "udplite",
		.summary = "ports of the UDP-Lite header",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_UDPLITE },
		.l4_min = sizeof(struct udphdr),
		.reads = PKTT_READS_TUPLE,
		PKTT_PARAMS(udp_params, struct udp_args),
	},
};
