/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP: the core compares ports and flags, an option has no fixed place. */
#include "ext/match.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

struct tcp_args {
	struct pktt_args head;
	struct pktt_range16 sport, dport;
	struct pktt_mask8 flags;
	uint8_t option;
};

enum { SPORT, DPORT, OPTION, FLAGS, SYN };

static const struct pktt_symbol tcp_flags[] = {
	{ "FIN", 0x01 }, { "SYN", 0x02 }, { "RST", 0x04 }, { "PSH", 0x08 }, { "ACK", 0x10 },
	{ "URG", 0x20 }, { "ALL", 0x3f }, { "NONE", 0 },   { NULL, 0 },
};

static const struct pktt_param tcp_params[] = {
	[SPORT] = {
		.name = "sport",
		.aliases = "source-port",
		.help = "source port, or an inclusive range of ports",
		PKTT_STORE(struct tcp_args, sport, port_range),
		PKTT_COMPARE(PKTT_L4, struct tcphdr, th_sport),
		.def = "0:65535",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
	[DPORT] = {
		.name = "dport",
		.aliases = "destination-port",
		.help = "destination port, or an inclusive range of ports",
		PKTT_STORE(struct tcp_args, dport, port_range),
		PKTT_COMPARE(PKTT_L4, struct tcphdr, th_dport),
		.def = "0:65535",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
	[OPTION] = {
		.name = "tcp-option",
		.help = "the TCP option with this number is present",
		PKTT_STORE(struct tcp_args, option, u8),
		.min = 1,
		.flags = PKTT_NEGATABLE,
	},
	[FLAGS] = {
		.name = "tcp-flags",
		.help = "of the flags in the first list, exactly those in the second are set",
		.symbols = tcp_flags,
		PKTT_STORE(struct tcp_args, flags, flags8),
		PKTT_COMPARE(PKTT_L4, struct tcphdr, th_flags),
		.flags = PKTT_NEGATABLE | PKTT_CASELESS,
	},
	[SYN] = {
		.name = "syn",
		.help = "the packet asks for a connection: of SYN, RST, ACK and FIN only SYN is set",
		PKTT_SAME_AS(FLAGS),
		.preset = "FIN,SYN,RST,ACK SYN",
		.flags = PKTT_NEGATABLE,
	},
};

static enum pktt_hit tcp_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct tcp_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L4, 0, sizeof(struct tcphdr));
	const uint8_t *opt;
	uint32_t len;

	(void)state;
	if (!h)
		return PKTT_BAD;
	if (!pktt_given(args, OPTION))
		return PKTT_HIT;
	len = (uint32_t)h[12] >> 4 << 2;
	if (len < sizeof(struct tcphdr))
		return PKTT_BAD;
	len -= (uint32_t)sizeof(struct tcphdr);
	opt = pktt_packet_read(pkt, PKTT_L4, sizeof(struct tcphdr), len);
	if (!opt)
		return PKTT_BAD;
	return pktt_test(args, OPTION, has_option(opt, len, args->option));
}

PKTT_REGISTER(pktt_match, tcp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "tcp",
		.summary = "ports, flags and options of the TCP header",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_TCP },
		.l4_min = sizeof(struct tcphdr),
		.reads = PKTT_READS_TUPLE | PKTT_READS_HEADER,
		.flags = PKTT_EXT_FRAG8_BAD,
		PKTT_PARAMS(tcp_params, struct tcp_args),
	},
	.match = tcp_match,
};
