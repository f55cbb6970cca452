/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plain conditions of ARP rules: arp_packet_match(). */
#include "base/buf.h"
#include "ext/match.h"

struct arp_args {
	struct pktt_args head;
	struct pktt_ifname in, out;
	struct pktt_prefix src, dst;
	struct pktt_mac_mask src_mac, dst_mac;
	uint8_t hlen;
	uint16_t opcode, htype, ptype;
};

enum { IN, OUT, SRC, SRC_MAC, DST, DST_MAC, HLEN, OPCODE, HTYPE, PTYPE };

static const struct pktt_symbol opcodes[] = {
	{ "Request", 1 },	  { "Reply", 2 },
	{ "Request_Reverse", 3 }, { "Reply_Reverse", 4 },
	{ "DRARP_Request", 5 },	  { "DRARP_Reply", 6 },
	{ "DRARP_Error", 7 },	  { "InARP_Request", 8 },
	{ "ARP_NAK", 9 },	  { NULL, 0 },
};

static const struct pktt_symbol htypes[] = { { "Ethernet", 1 }, { NULL, 0 } };

static const struct pktt_symbol ptypes[] = { { "IPv4", 0x0800 }, { NULL, 0 } };

static const struct pktt_param arp_params[] = {
	[IN] = {
		.name = "in-interface",
		.letter = 'i',
		.help = "interface that the packet came in by; a trailing + stands for any rest",
		PKTT_STORE(struct arp_args, in, ifname),
		.flags = PKTT_NEGATABLE,
	},
	[OUT] = {
		.name = "out-interface",
		.letter = 'o',
		.help = "interface that the packet leaves by; a trailing + stands for any rest",
		PKTT_STORE(struct arp_args, out, ifname),
		.flags = PKTT_NEGATABLE,
	},
	[SRC] = {
		.name = "source-ip",
		.aliases = "source src-ip src",
		.letter = 's',
		.help = "protocol address of the sender, with prefix length or mask",
		PKTT_STORE(struct arp_args, src, prefix),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HOST,
	},
	[SRC_MAC] = {
		.name = "src-mac",
		.aliases = "source-mac",
		.help = "hardware address of the sender, with mask",
		PKTT_STORE(struct arp_args, src_mac, mac_mask),
		.flags = PKTT_NEGATABLE,
	},
	[DST] = {
		.name = "destination-ip",
		.aliases = "destination dst-ip dst",
		.letter = 'd',
		.help = "protocol address of the target, with prefix length or mask",
		PKTT_STORE(struct arp_args, dst, prefix),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HOST,
	},
	[DST_MAC] = {
		.name = "dst-mac",
		.aliases = "destination-mac",
		.help = "hardware address of the target, with mask",
		PKTT_STORE(struct arp_args, dst_mac, mac_mask),
		.flags = PKTT_NEGATABLE,
	},
	[HLEN] = {
		.name = "h-length",
		.letter = 'l',
		.help = "length of a hardware address in bytes",
		PKTT_STORE(struct arp_args, hlen, u8),
		.flags = PKTT_NEGATABLE,
	},
	[OPCODE] = {
		.name = "opcode",
		.help = "operation, by name or number",
		PKTT_STORE(struct arp_args, opcode, enum16),
		.symbols = opcodes,
		.flags = PKTT_NEGATABLE | PKTT_NUMERIC | PKTT_CASELESS,
	},
	[HTYPE] = {
		.name = "h-type",
		.help = "type of hardware address, Ethernet or a number",
		PKTT_STORE(struct arp_args, htype, enum16),
		.symbols = htypes,
		.flags = PKTT_NEGATABLE | PKTT_NUMERIC | PKTT_CASELESS,
	},
	[PTYPE] = {
		.name = "proto-type",
		.help = "protocol of the addresses, IPv4 or a number",
		PKTT_STORE(struct arp_args, ptype, enum16),
		.symbols = ptypes,
		.flags = PKTT_NEGATABLE | PKTT_NUMERIC | PKTT_CASELESS | PKTT_SHOW_HEX,
	},
};

static bool fixed_matches(const struct arp_args *args, const uint8_t *h)
{
	return !fails(args, OPCODE, get_be16(h + 6) == args->opcode) &&
	       !fails(args, HTYPE, get_be16(h) == args->htype) &&
	       !fails(args, PTYPE, get_be16(h + 2) == args->ptype) &&
	       !fails(args, HLEN, h[4] == args->hlen);
}

/* Linux compares as many bytes as the device's address has; a shorter one is zero behind. */
static bool hardware_is(const struct pktt_mac_mask *want, const uint8_t *at, uint8_t len)
{
	return bytes_are(at, want->addr.byte, want->mask.byte, len < 6 ? len : 6);
}

static bool addresses_match(const struct arp_args *args, const uint8_t *at, uint8_t hlen)
{
	const uint8_t *from = at + hlen, *to_mac = from + 4, *to = to_mac + hlen;

	return !fails(args, SRC_MAC, hardware_is(&args->src_mac, at, hlen)) &&
	       !fails(args, DST_MAC, hardware_is(&args->dst_mac, to_mac, hlen)) &&
	       !fails(args, SRC, prefix_has(&args->src, from, 4)) &&
	       !fails(args, DST, prefix_has(&args->dst, to, 4));
}

static enum pktt_hit arp_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct arp_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, 8);
	const uint8_t *at;

	(void)state;
	if (!h)
		return PKTT_BAD;
	at = pktt_packet_read(pkt, PKTT_L3, 8, 2u * h[4] + 8);
	if (!at)
		return PKTT_BAD;
	if (!fixed_matches(args, h) || !addresses_match(args, at, h[4]))
		return PKTT_MISS;
	return hit_if(!fails(args, IN, iface_is(&args->in, pkt->in)) &&
		      !fails(args, OUT, iface_is(&args->out, pkt->out)));
}

PKTT_REGISTER(pktt_match, head_arp) = {
	.ext = {
		.kind = PKTT_KIND_HEAD,
		.name = "arp",
		.summary = "addresses, interfaces and operation of ARP packets",
		.families = PKTT_FAM_ARP,
		.reads = PKTT_READS_HEADER | PKTT_READS_IFACE,
		PKTT_PARAMS(arp_params, struct arp_args),
	},
	.match = arp_match,
};
