/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 in a bridged frame, which nobody has checked yet. */
#include "base/buf.h"
#include "ext/head_bridge.h"
#include "ext/icmp.h"
#include "ext/match.h"

#include <errno.h>
#include <netinet/in.h>

struct ip_args {
	struct pktt_args head;
	struct pktt_prefix src, dst;
	uint8_t tos, proto;
	struct pktt_range16 sport, dport;
	struct pktt_icmp_range icmp;
	struct pktt_range8 igmp;
};

enum { SRC, DST, TOS, PROTO, SPORT, DPORT, ICMP, IGMP };
enum { ETHER_IPV4 = 0x0800 };
#define BIT(n)	 (UINT64_C(1) << (n))
#define PORTS	 (BIT(SPORT) | BIT(DPORT))
#define PAYLOADS (PORTS | BIT(ICMP) | BIT(IGMP))

static const struct pktt_symbol igmp_names[] = {
	{ "membership-query", 0x11 },	  { "membership-report-v1", 0x12 },
	{ "membership-report-v2", 0x16 }, { "leave-group", 0x17 },
	{ "membership-report-v3", 0x22 }, { NULL, 0 },
};

static const struct pktt_param ip_params[] = {
	[SRC] = {
		.name = "ip-src",
		.aliases = "ip-source",
		.help = "source address, with prefix length or mask",
		PKTT_STORE(struct ip_args, src, prefix),
		.flags = PKTT_NEGATABLE | PKTT_ONLY_V4 | PKTT_SHOW_HOST,
	},
	[DST] = {
		.name = "ip-dst",
		.aliases = "ip-destination",
		.help = "destination address, with prefix length or mask",
		PKTT_STORE(struct ip_args, dst, prefix),
		.flags = PKTT_NEGATABLE | PKTT_ONLY_V4 | PKTT_SHOW_HOST,
	},
	[TOS] = {
		.name = "ip-tos",
		.help = "type of service",
		PKTT_STORE(struct ip_args, tos, u8),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HEX,
	},
	[PROTO] = {
		.name = "ip-proto",
		.aliases = "ip-protocol",
		.help = "protocol above IP, by name or number",
		PKTT_STORE(struct ip_args, proto, proto),
		.flags = PKTT_NEGATABLE,
	},
	[SPORT] = {
		.name = "ip-sport",
		.aliases = "ip-source-port",
		.help = "source port, or an inclusive range of ports",
		PKTT_STORE(struct ip_args, sport, port_range),
		.needs = BIT(PROTO),
		.flags = PKTT_NEGATABLE,
	},
	[DPORT] = {
		.name = "ip-dport",
		.aliases = "ip-destination-port",
		.help = "destination port, or an inclusive range of ports",
		PKTT_STORE(struct ip_args, dport, port_range),
		.needs = BIT(PROTO),
		.flags = PKTT_NEGATABLE,
	},
	[ICMP] = {
		.name = "ip-icmp-type",
		.help = "type of the ICMP message, by name or as ranges of type and code",
		PKTT_STORE(struct ip_args, icmp, icmp_range),
		.symbols = pktt_icmp_names,
		.needs = BIT(PROTO),
		.flags = PKTT_NEGATABLE | PKTT_CASELESS | PKTT_PREFIX,
	},
	[IGMP] = {
		.name = "ip-igmp-type",
		.help = "type of the IGMP message, by name or as a range",
		PKTT_STORE(struct ip_args, igmp, range8),
		.symbols = igmp_names,
		.needs = BIT(PROTO),
		.flags = PKTT_NEGATABLE | PKTT_CASELESS | PKTT_PREFIX,
	},
};

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_DCCP;
}

static int ip_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct ip_args *args = vargs;
	uint64_t given = args->head.given;
	uint8_t proto = pktt_negated(args, PROTO) ? 0 : args->proto;

	(void)ctx;
	if (given & PORTS && !has_ports(proto))
		return pktt_fail(
			err, -EINVAL,
			"--ip-sport and --ip-dport need --ip-proto tcp, udp, udplite, sctp "
			"or dccp");
	if (given & BIT(ICMP) && proto != IPPROTO_ICMP)
		return pktt_fail(err, -EINVAL, "--ip-icmp-type needs --ip-proto icmp");
	if (given & BIT(IGMP) && proto != IPPROTO_IGMP)
		return pktt_fail(err, -EINVAL, "--ip-igmp-type needs --ip-proto igmp");
	return 0;
}

static int ip_check_rule(const struct pktt_rule_spec *rule, const void *args,
			 struct pktt_error *err)
{
	(void)args;
	if (bridge_rule_proto(rule) == ETHER_IPV4)
		return 0;
	return pktt_fail(err, -EINVAL, "ip needs -p IPv4");
}

static bool payload_matches(const struct ip_args *args, const uint8_t *h)
{
	const struct pktt_icmp_range *icmp = &args->icmp;
	bool is_icmp = icmp->type_min <= h[0] && h[0] <= icmp->type_max && icmp->code_min <= h[1] &&
		       h[1] <= icmp->code_max;

	return !fails(args, DPORT, in_range16(&args->dport, get_be16(h + 2))) &&
	       !fails(args, SPORT, in_range16(&args->sport, get_be16(h))) &&
	       !fails(args, ICMP, is_icmp) && !fails(args, IGMP, in_range8(&args->igmp, h[0]));
}

static enum pktt_hit ip_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ip_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, 20), *payload;

	(void)state;
	if (!h)
		return unread(pkt);
	if (fails(args, TOS, h[1] == args->tos) ||
	    fails(args, SRC, prefix_has(&args->src, h + 12, 4)) ||
	    fails(args, DST, prefix_has(&args->dst, h + 16, 4)) ||
	    fails(args, PROTO, h[9] == args->proto))
		return PKTT_MISS;
	if (!(args->head.given & PAYLOADS))
		return PKTT_HIT;
	if (get_be16(h + 6) & 0x1fff)
		return PKTT_MISS;
	payload = pktt_packet_read(pkt, PKTT_L3, (h[0] & 15u) * 4, 4);
	return payload ? hit_if(payload_matches(args, payload)) : unread(pkt);
}

PKTT_REGISTER(pktt_match, ebt_ip) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "ip",
		.summary = "fields of IPv4 in a frame",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(ip_params, struct ip_args),
		.check = ip_check,
		.check_rule = ip_check_rule,
	},
	.match = ip_match,
};
