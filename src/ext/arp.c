/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARP and RARP in a bridged frame. */
#include "base/buf.h"
#include "ext/head_bridge.h"
#include "ext/match.h"

#include <errno.h>

struct arp_args {
	struct pktt_args head;
	uint16_t opcode, htype, ptype;
	struct pktt_prefix src, dst;
	struct pktt_mac_mask src_mac, dst_mac;
	bool gratuitous;
};

enum { OPCODE, HTYPE, PTYPE, SRC, DST, SRC_MAC, DST_MAC, GRATUITOUS };
enum { ETHER_ARP = 0x0806, ETHER_RARP = 0x8035, ETHER_IPV4 = 0x0800, HTYPE_ETHERNET = 1 };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_symbol opcodes[] = {
	{ "Request", 1 },	  { "Reply", 2 },
	{ "Request_Reverse", 3 }, { "Reply_Reverse", 4 },
	{ "DRARP_Request", 5 },	  { "DRARP_Reply", 6 },
	{ "DRARP_Error", 7 },	  { "InARP_Request", 8 },
	{ "ARP_NAK", 9 },	  { NULL, 0 },
};

static const struct pktt_symbol htypes[] = { { "Ethernet", HTYPE_ETHERNET }, { NULL, 0 } };

static const struct pktt_param arp_params[] = {
	[OPCODE] = {
		.name = "arp-op",
		.aliases = "arp-opcode",
		.help = "operation, by name or number",
		PKTT_STORE(struct arp_args, opcode, enum16),
		.symbols = opcodes,
		.flags = PKTT_NEGATABLE | PKTT_NUMERIC | PKTT_CASELESS,
	},
	[HTYPE] = {
		.name = "arp-htype",
		.help = "type of hardware address, Ethernet or a number",
		PKTT_STORE(struct arp_args, htype, enum16),
		.symbols = htypes,
		.flags = PKTT_NEGATABLE | PKTT_NUMERIC | PKTT_CASELESS,
	},
	[PTYPE] = {
		.name = "arp-ptype",
		.help = "protocol of the addresses, by name or in hexadecimal",
		PKTT_STORE(struct arp_args, ptype, ethertype),
		.flags = PKTT_NEGATABLE,
	},
	[SRC] = {
		.name = "arp-ip-src",
		.help = "protocol address of the sender, with prefix length or mask",
		PKTT_STORE(struct arp_args, src, prefix),
		.flags = PKTT_NEGATABLE | PKTT_ONLY_V4 | PKTT_SHOW_HOST,
	},
	[DST] = {
		.name = "arp-ip-dst",
		.help = "protocol address of the target, with prefix length or mask",
		PKTT_STORE(struct arp_args, dst, prefix),
		.flags = PKTT_NEGATABLE | PKTT_ONLY_V4 | PKTT_SHOW_HOST,
	},
	[SRC_MAC] = {
		.name = "arp-mac-src",
		.help = "hardware address of the sender, with mask",
		PKTT_STORE(struct arp_args, src_mac, mac_mask),
		.flags = PKTT_NEGATABLE,
	},
	[DST_MAC] = {
		.name = "arp-mac-dst",
		.help = "hardware address of the target, with mask",
		PKTT_STORE(struct arp_args, dst_mac, mac_mask),
		.flags = PKTT_NEGATABLE,
	},
	[GRATUITOUS] = {
		.name = "arp-gratuitous",
		.help = "sender and target have the same protocol address",
		PKTT_STORE(struct arp_args, gratuitous, flag),
		.flags = PKTT_NEGATABLE,
	},
};

static int arp_check_rule(const struct pktt_rule_spec *rule, const void *args,
			  struct pktt_error *err)
{
	int proto = bridge_rule_proto(rule);

	(void)args;
	if (proto == ETHER_ARP || proto == ETHER_RARP)
		return 0;
	return pktt_fail(err, -EINVAL, "arp needs -p ARP or -p RARP");
}

static enum pktt_hit match_ip(const struct pktt_packet *pkt, const struct arp_args *args,
			      const uint8_t *h)
{
	const uint8_t *from = pktt_packet_read(pkt, PKTT_L3, 8u + h[4], 4);
	const uint8_t *to = pktt_packet_read(pkt, PKTT_L3, 8u + 2u * h[4] + 4, 4);

	if (h[5] != 4 || get_be16(h + 2) != ETHER_IPV4)
		return PKTT_MISS;
	if (!from || !to)
		return unread(pkt);
	return hit_if(!fails(args, SRC, prefix_has(&args->src, from, 4)) &&
		      !fails(args, DST, prefix_has(&args->dst, to, 4)) &&
		      !fails(args, GRATUITOUS, memcmp(from, to, 4) == 0));
}

static enum pktt_hit match_mac(const struct pktt_packet *pkt, const struct arp_args *args,
			       const uint8_t *h)
{
	const uint8_t *from = pktt_packet_read(pkt, PKTT_L3, 8, 6);
	const uint8_t *to = pktt_packet_read(pkt, PKTT_L3, 8u + h[4] + h[5], 6);

	if (h[4] != 6 || get_be16(h) != HTYPE_ETHERNET)
		return PKTT_MISS;
	if ((pktt_given(args, SRC_MAC) && !from) || (pktt_given(args, DST_MAC) && !to))
		return unread(pkt);
	return hit_if((!from || !fails(args, SRC_MAC, mac_is(&args->src_mac, from))) &&
		      (!to || !fails(args, DST_MAC, mac_is(&args->dst_mac, to))));
}

static enum pktt_hit arp_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct arp_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, 8);
	enum pktt_hit hit = PKTT_HIT;

	(void)state;
	if (!h)
		return unread(pkt);
	if (fails(args, OPCODE, get_be16(h + 6) == args->opcode) ||
	    fails(args, HTYPE, get_be16(h) == args->htype) ||
	    fails(args, PTYPE, get_be16(h + 2) == args->ptype))
		return PKTT_MISS;
	if (args->head.given & (BIT(SRC) | BIT(DST) | BIT(GRATUITOUS)))
		hit = match_ip(pkt, args, h);
	if (hit == PKTT_HIT && args->head.given & (BIT(SRC_MAC) | BIT(DST_MAC)))
		hit = match_mac(pkt, args, h);
	return hit;
}

PKTT_REGISTER(pktt_match, ebt_arp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "arp",
		.summary = "fields of ARP in a frame",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(arp_params, struct arp_args),
		.check_rule = arp_check_rule,
	},
	.match = arp_match,
};
