/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom the link layer sent the packet to; for IP as iptables, for frames as ebtables says it. */
#include "ext/match.h"

struct pkttype_args {
	struct pktt_args head;
	uint8_t type;
};

enum { TYPE };

static const struct pktt_symbol ip_types[] = {
	{ "unicast", PKTT_PKT_HOST },	     { "host", PKTT_PKT_HOST },
	{ "broadcast", PKTT_PKT_BROADCAST }, { "bcast", PKTT_PKT_BROADCAST },
	{ "multicast", PKTT_PKT_MULTICAST }, { "mcast", PKTT_PKT_MULTICAST },
	{ "otherhost", PKTT_PKT_OTHERHOST }, { NULL, 0 },
};

static const struct pktt_param ip_params[] = {
	[TYPE] = {
		.name = "pkt-type",
		.help = "type of packet on the link",
		PKTT_STORE(struct pkttype_args, type, enum8),
		.symbols = ip_types,
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED | PKTT_CASELESS,
	},
};

/* What a host sends itself comes back as loopback: multicast or, by default, broadcast. */
static uint8_t type_of(const struct pktt_packet *pkt)
{
	struct pktt_addr dst;

	if (pkt->pkttype != PKTT_PKT_LOOPBACK)
		return pkt->pkttype;
	dst = pktt_packet_dst(pkt);
	if ((dst.len == 4 && dst.byte[0] >> 4 == 14) || (dst.len == 16 && dst.byte[0] == 0xff))
		return PKTT_PKT_MULTICAST;
	return PKTT_PKT_BROADCAST;
}

static enum pktt_hit ip_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct pkttype_args *args = vargs;

	(void)state;
	return pktt_test(args, TYPE, type_of(pkt) == args->type);
}

PKTT_REGISTER(pktt_match, pkttype) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "pkttype",
		.summary = "whom the link layer sent the packet to",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(ip_params, struct pkttype_args),
	},
	.match = ip_match,
};

static const struct pktt_symbol bridge_types[] = {
	{ "host", PKTT_PKT_HOST },
	{ "broadcast", PKTT_PKT_BROADCAST },
	{ "multicast", PKTT_PKT_MULTICAST },
	{ "otherhost", PKTT_PKT_OTHERHOST },
	{ "outgoing", PKTT_PKT_OUTGOING },
	{ "loopback", PKTT_PKT_LOOPBACK },
	{ "fastroute", 6 },
	{ NULL, 0 },
};

static const struct pktt_param bridge_params[] = {
	[TYPE] = {
		.name = "pkttype-type",
		.help = "type of frame on the link, by name or number",
		PKTT_STORE(struct pkttype_args, type, enum8),
		.symbols = bridge_types,
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED | PKTT_CASELESS | PKTT_NUMERIC,
	},
};

static enum pktt_hit bridge_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct pkttype_args *args = vargs;

	(void)state;
	return pktt_test(args, TYPE, pkt->pkttype == args->type);
}

PKTT_REGISTER(pktt_match, ebt_pkttype) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "pkttype",
		.summary = "whom the frame is sent to",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(bridge_params, struct pkttype_args),
	},
	.match = bridge_match,
};
