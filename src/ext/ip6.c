/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6 in a bridged frame, which nobody has checked yet. */
#include "base/buf.h"
#include "core/l3.h"
#include "ext/head_bridge.h"
#include "ext/icmp.h"
#include "ext/match.h"

#include <errno.h>
#include <netinet/in.h>

struct ip6_args {
	struct pktt_args head;
	struct pktt_prefix src, dst;
	uint8_t tclass, proto;
	struct pktt_range16 sport, dport;
	struct pktt_icmp_range icmp;
};

enum { SRC, DST, TCLASS, PROTO, SPORT, DPORT, ICMP };
enum { ETHER_IPV6 = 0x86dd };
#define BIT(n)	 (UINT64_C(1) << (n))
#define PORTS	 (BIT(SPORT) | BIT(DPORT))
#define PAYLOADS (PORTS | BIT(ICMP))

static const struct pktt_param ip6_params[] = {
	[SRC] = {
		.name = "ip6-src",
		.aliases = "ip6-source",
		.help = "source address, with prefix length or mask",
		PKTT_STORE(struct ip6_args, src, prefix),
		.flags = PKTT_NEGATABLE | PKTT_ONLY_V6 | PKTT_SHOW_HOST,
	},
	[DST] = {
		.name = "ip6-dst",
		.aliases = "ip6-destination",
		.help = "destination address, with prefix length or mask",
		PKTT_STORE(struct ip6_args, dst, prefix),
		.flags = PKTT_NEGATABLE | PKTT_ONLY_V6 | PKTT_SHOW_HOST,
	},
	[TCLASS] = {
		.name = "ip6-tclass",
		.help = "traffic class",
		PKTT_STORE(struct ip6_args, tclass, u8),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HEX,
	},
	[PROTO] = {
		.name = "ip6-proto",
		.aliases = "ip6-protocol",
		.help = "protocol behind the extension headers, by name or number",
		PKTT_STORE(struct ip6_args, proto, proto),
		.flags = PKTT_NEGATABLE,
	},
	[SPORT] = {
		.name = "ip6-sport",
		.aliases = "ip6-source-port",
		.help = "source port, or an inclusive range of ports",
		PKTT_STORE(struct ip6_args, sport, port_range),
		.needs = BIT(PROTO),
		.flags = PKTT_NEGATABLE,
	},
	[DPORT] = {
		.name = "ip6-dport",
		.aliases = "ip6-destination-port",
		.help = "destination port, or an inclusive range of ports",
		PKTT_STORE(struct ip6_args, dport, port_range),
		.needs = BIT(PROTO),
		.flags = PKTT_NEGATABLE,
	},
	[ICMP] = {
		.name = "ip6-icmp-type",
		.help = "type of the ICMPv6 message, by name or as ranges of type and code",
		PKTT_STORE(struct ip6_args, icmp, icmp_range),
		.symbols = pktt_icmp6_names,
		.needs = BIT(PROTO),
		.flags = PKTT_NEGATABLE | PKTT_CASELESS | PKTT_PREFIX,
	},
};

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_DCCP;
}

static int ip6_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct ip6_args *args = vargs;
	uint8_t proto = pktt_negated(args, PROTO) ? 0 : args->proto;

	(void)ctx;
	if (args->head.given & PORTS && !has_ports(proto))
		return pktt_fail(err, -EINVAL,
				 "--ip6-sport and --ip6-dport need --ip6-proto tcp, udp, udplite, "
				 "sctp or dccp");
	if (pktt_given(args, ICMP) && proto != IPPROTO_ICMPV6)
		return pktt_fail(err, -EINVAL, "--ip6-icmp-type needs --ip6-proto ipv6-icmp");
	return 0;
}

static int ip6_check_rule(const struct pktt_rule_spec *rule, const void *args,
			  struct pktt_error *err)
{
	(void)args;
	if (bridge_rule_proto(rule) == ETHER_IPV6)
		return 0;
	return pktt_fail(err, -EINVAL, "ip6 needs -p IPv6");
}

/*
 * Offset of what follows the extension headers, or -1. A later fragment's is its fragment header.
 */
static int find_payload(const struct pktt_packet *pkt, uint8_t *proto)
{
	uint16_t off;
	int at = pktt_ipv6_find(pkt, -1, proto, &off);

	if (at == -ENOENT || (at >= 0 && off)) {
		at = pktt_ipv6_find(pkt, IPPROTO_FRAGMENT, proto, &off);
		*proto = IPPROTO_FRAGMENT;
	}
	return at >= 0 && *proto == IPPROTO_NONE ? -1 : at;
}

static bool payload_matches(const struct ip6_args *args, const uint8_t *h)
{
	const struct pktt_icmp_range *icmp = &args->icmp;
	bool is_icmp = icmp->type_min <= h[0] && h[0] <= icmp->type_max && icmp->code_min <= h[1] &&
		       h[1] <= icmp->code_max;

	return !fails(args, DPORT, in_range16(&args->dport, get_be16(h + 2))) &&
	       !fails(args, SPORT, in_range16(&args->sport, get_be16(h))) &&
	       !fails(args, ICMP, is_icmp);
}

static enum pktt_hit ip6_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ip6_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, 40), *payload;
	uint8_t proto;
	int at;

	(void)state;
	if (!h)
		return unread(pkt);
	if (fails(args, TCLASS, (uint8_t)(h[0] << 4 | h[1] >> 4) == args->tclass) ||
	    fails(args, SRC, prefix_has(&args->src, h + 8, 16)) ||
	    fails(args, DST, prefix_has(&args->dst, h + 24, 16)))
		return PKTT_MISS;
	if (!pktt_given(args, PROTO))
		return PKTT_HIT;
	at = find_payload(pkt, &proto);
	if (at < 0)
		return unread(pkt);
	if (fails(args, PROTO, proto == args->proto))
		return PKTT_MISS;
	if (!(args->head.given & PAYLOADS))
		return PKTT_HIT;
	payload = pktt_packet_read(pkt, PKTT_L3, (uint32_t)at, 4);
	return payload ? hit_if(payload_matches(args, payload)) : unread(pkt);
}

PKTT_REGISTER(pktt_match, ebt_ip6) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "ip6",
		.summary = "fields of IPv6 in a frame",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(ip6_params, struct ip6_args),
		.check = ip6_check,
		.check_rule = ip6_check_rule,
	},
	.match = ip6_match,
};
