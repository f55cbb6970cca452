/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SNMP, two helpers: "snmp" for managers that ask (a broadcast may be answered by any agent), "snmp_trap"
 * for agents that report. In a translated connection the IpAddress values of answers and traps are
 * translated as the packet's source or destination is; what cannot be read is dropped then, for it might
 * name an address that is not to be seen.
 */
#include "helper/help.h"

#include <netinet/in.h>
#include <string.h>

#include "helper/broadcast.h"
#include "helper/snmp_ber.h"

#define SNMP_PORT	  161
#define SNMP_TRAP_PORT	  162
#define BROADCAST_TIMEOUT 30
#define UDP_HEADER	  8u
#define UDP_CHECKSUM	  6u

struct snmp_change {
	const struct help *help;
	const uint8_t *from, *to; /* four bytes each */
};

/* Sums count pairs of bytes: at an odd place an address spreads over three of them. */
static void replace_checksum(uint8_t *checksum, bool is_odd, const uint8_t *from, const uint8_t *to)
{
	uint8_t before[6] = { 0 }, after[6] = { 0 };

	if (get_be16(checksum) == 0)
		return;
	memcpy(before + is_odd, from, 4);
	memcpy(after + is_odd, to, 4);
	pktt_csum_replace(checksum, before, after, sizeof(before));
}

static void replace_addr(void *ctx, uint32_t at)
{
	const struct snmp_change *change = ctx;
	struct pktt_packet *pkt = change->help->pkt;
	uint8_t *addr = pktt_packet_write(pkt, PKTT_L4, UDP_HEADER + at, 4);
	uint8_t *checksum = pktt_packet_write(pkt, PKTT_L4, UDP_CHECKSUM, 2);

	if (!addr || !checksum || memcmp(addr, change->from, 4) != 0)
		return;
	replace_checksum(checksum, at & 1, change->from, change->to);
	memcpy(addr, change->to, 4);
}

/* Answers, and traps on their way: nothing else is looked at. */
static bool is_wanted(const struct help *help, const uint8_t *udp)
{
	if (get_be16(udp) == SNMP_PORT && help->dir != CT_REPLY)
		return false;
	if (get_be16(udp + 2) == SNMP_TRAP_PORT && help->dir != CT_ORIGINAL)
		return false;
	return help_is_translated(help);
}

/* Addresses of the original's source, in either direction: it stands behind the translation. */
static enum pktt_verdict translate(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info)
{
	const uint8_t *udp = pktt_packet_read(pkt, PKTT_L4, 0, UDP_HEADER);
	struct snmp_change change;
	struct help help;

	if (!udp || !help_begin(&help, pkt, conn, info) || !is_wanted(&help, udp))
		return PKTT_ACCEPT;
	if (get_be16(udp + 4) != pkt->wire_len - (pkt->l4 - pkt->l3))
		return help_drop(&help);
	change = (struct snmp_change){
		.help = &help,
		.from = help.tuple[CT_ORIGINAL].src,
		.to = help.tuple[CT_REPLY].dst,
	};
	if (memcmp(change.from, change.to, 4) == 0)
		return PKTT_ACCEPT;
	if (!snmp_each_addr(help.payload, replace_addr, &change))
		return help_drop(&help);
	return PKTT_ACCEPT;
}

static enum pktt_verdict snmp_help(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info);

static const struct ct_expect_policy snmp_classes[] = {
	{ .name = "default", .max = 1, .timeout = BROADCAST_TIMEOUT },
};

PKTT_HELPER(snmp) = {
	.name = "snmp",
	.families = PKTT_FAM_V4,
	.protocol = { IPPROTO_UDP },
	.ports = { SNMP_PORT },
	.classes = snmp_classes,
	.nclasses = 1,
	.help = snmp_help,
};

static enum pktt_verdict snmp_help(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info)
{
	help_broadcast(pkt, conn, info, &helper_snmp, BROADCAST_TIMEOUT);
	return translate(pkt, conn, info);
}

/* Announces nothing. */
static const struct ct_expect_policy snmp_trap_classes[] = {
	{ .name = "default", .max = 0, .timeout = 180 },
};

PKTT_HELPER(snmp_trap) = {
	.name = "snmp_trap",
	.families = PKTT_FAM_V4,
	.protocol = { IPPROTO_UDP },
	.ports = { SNMP_TRAP_PORT },
	.classes = snmp_trap_classes,
	.nclasses = 1,
	.help = translate,
};
