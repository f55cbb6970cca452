/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plain conditions of bridge rules: ebt_basic_match(). */
#include "ext/head_bridge.h"

#include "desc/command.h"
#include "ext/match.h"

struct bridge_args {
	struct pktt_args head;
	uint16_t proto;
	struct pktt_mac_mask src, dst;
	struct pktt_ifname in, out, logical_in, logical_out;
};

enum { PROTO, SRC, DST, IN, OUT, LOGICAL_IN, LOGICAL_OUT };

/* No protocol is below 0x600: there the field is the length of an 802.3 frame. */
enum { MIN_PROTO = 0x600, VLAN = 0x8100 };

static const struct pktt_symbol protos[] = { { "LENGTH", BRIDGE_LENGTH }, { NULL, 0 } };

static const struct pktt_param bridge_params[] = {
	[PROTO] = {
		.name = "protocol",
		.aliases = "proto",
		.letter = 'p',
		.help = "protocol of the frame, by name or hexadecimal; LENGTH for 802.3 frames",
		PKTT_STORE(struct bridge_args, proto, ethertype),
		.symbols = protos,
		.flags = PKTT_NEGATABLE,
	},
	[SRC] = {
		.name = "source",
		.aliases = "src",
		.letter = 's',
		.help = "source address with mask, or Unicast, Multicast, Broadcast or BGA",
		PKTT_STORE(struct bridge_args, src, mac_mask),
		.flags = PKTT_NEGATABLE,
	},
	[DST] = {
		.name = "destination",
		.aliases = "dst",
		.letter = 'd',
		.help = "destination address with mask, or Unicast, Multicast, Broadcast or BGA",
		PKTT_STORE(struct bridge_args, dst, mac_mask),
		.flags = PKTT_NEGATABLE,
	},
	[IN] = {
		.name = "in-interface",
		.aliases = "in-if",
		.letter = 'i',
		.help = "port that the frame came in by; a trailing + stands for any rest",
		PKTT_STORE(struct bridge_args, in, ifname),
		.flags = PKTT_NEGATABLE,
	},
	[OUT] = {
		.name = "out-interface",
		.aliases = "out-if",
		.letter = 'o',
		.help = "port that the frame leaves by; a trailing + stands for any rest",
		PKTT_STORE(struct bridge_args, out, ifname),
		.flags = PKTT_NEGATABLE,
	},
	[LOGICAL_IN] = {
		.name = "logical-in",
		.help = "bridge that the frame came in by; not asked where it came by none",
		PKTT_STORE(struct bridge_args, logical_in, ifname),
		.flags = PKTT_NEGATABLE,
	},
	[LOGICAL_OUT] = {
		.name = "logical-out",
		.help = "bridge that the frame leaves by; not asked where it leaves by none",
		PKTT_STORE(struct bridge_args, logical_out, ifname),
		.flags = PKTT_NEGATABLE,
	},
};

int bridge_rule_proto(const struct pktt_rule_spec *rule)
{
	const struct bridge_args *args = rule->head.args;

	if (rule->family != PKTT_BRIDGE || !pktt_given(args, PROTO) || pktt_negated(args, PROTO))
		return -1;
	return args->proto;
}

static bool proto_is(const struct pktt_packet *pkt, uint16_t want)
{
	uint16_t proto = pkt->has_vlan ? VLAN : pkt->ethertype;

	return want == BRIDGE_LENGTH ? proto < MIN_PROTO : proto == want;
}

static bool ports_match(const struct bridge_args *args, const struct pktt_packet *pkt)
{
	if (fails(args, IN, iface_is(&args->in, pkt->in)) ||
	    fails(args, OUT, iface_is(&args->out, pkt->out)))
		return false;
	if (pkt->in && pkt->in->bridge &&
	    fails(args, LOGICAL_IN, iface_is(&args->logical_in, pkt->in->bridge)))
		return false;
	return !pkt->out || !pkt->out->bridge ||
	       !fails(args, LOGICAL_OUT, iface_is(&args->logical_out, pkt->out->bridge));
}

static enum pktt_hit bridge_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct bridge_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L2, 0, 14);

	(void)state;
	if (!h)
		return PKTT_BAD;
	if (fails(args, PROTO, proto_is(pkt, args->proto)) || !ports_match(args, pkt))
		return PKTT_MISS;
	return hit_if(!fails(args, SRC, mac_is(&args->src, h + 6)) &&
		      !fails(args, DST, mac_is(&args->dst, h)));
}

PKTT_REGISTER(pktt_match, head_bridge) = {
	.ext = {
		.kind = PKTT_KIND_HEAD,
		.name = "bridge",
		.summary = "addresses, ports and protocol of Ethernet frames",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_HEADER | PKTT_READS_IFACE,
		PKTT_PARAMS(bridge_params, struct bridge_args),
	},
	.match = bridge_match,
};
