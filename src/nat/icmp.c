/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: an ICMP error is translated with the connection that it is about: what it quotes was a packet
 * of the other direction as it was seen behind us, so its other half gets what that direction's packets
 * have before us; the error itself then looks as if it answered them. Linux's
 * nf_nat_icmp_reply_translation() and nf_nat_icmpv6_reply_translation().
 *
 * An error whose checksum is wrong is not made right by translating it: it is dropped. A redirect says
 * that somebody else knows a better way to an address; for a translated connection that address is no
 * one's.
 */
#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "nat/own.h"

enum { ICMP_LEN = 8, V4_LEN = 20, V6_LEN = 40, V4_REDIRECT = 5, V6_REDIRECT = 137 };

static bool is_cut(const struct pktt_packet *pkt)
{
	return packet_len(pkt, PKTT_L3) < pktt_packet_wire_len(pkt);
}

static bool may_redirect(uint32_t status)
{
	return (status & CT_NAT_DONE_MASK) == CT_NAT_DONE_MASK && !(status & CT_NAT_MASK);
}

/* Sum of all that the checksum covers, without itself; what a capture has cut off is not there. */
static uint16_t sum_icmp(struct pktt_packet *pkt)
{
	uint32_t len = packet_len(pkt, PKTT_L4), sum = 0;
	uint8_t *icmp = pktt_packet_write(pkt, PKTT_L4, 0, len), keep[2];

	if (!icmp || len < ICMP_LEN)
		return 0;
	memcpy(keep, icmp + 2, 2);
	memset(icmp + 2, 0, 2);
	if (pkt->l3_family == PKTT_IPV6)
		sum = pktt_csum_pseudo(pkt, IPPROTO_ICMPV6,
				       pktt_packet_wire_len(pkt) - (pkt->l4 - pkt->l3));
	sum = pktt_csum_add(sum, icmp, len);
	memcpy(icmp + 2, keep, 2);
	return (uint16_t)~pktt_csum_fold(sum);
}

/* Made anew; of a packet that was cut brought forward, from what its bytes summed up to. */
static void put_csum(struct pktt_packet *pkt, uint16_t before)
{
	uint8_t *icmp = pktt_packet_write(pkt, PKTT_L4, 0, ICMP_LEN);
	uint32_t sum = sum_icmp(pkt);

	if (!icmp)
		return;
	if (is_cut(pkt))
		sum += (uint16_t)~get_be16(icmp + 2) + (uint32_t)(uint16_t)~before;
	put_be16(icmp + 2, pktt_csum_fold(sum));
}

/*
 * Verified once, where the packet comes first: what tracking has verified already, and what rules have
 * changed since, is not looked at again. Nor can be what a capture has cut off.
 */
static bool needs_verification(const struct pktt_packet *pkt)
{
	bool by_tracking = conntrack_settings(conntrack_of(pkt->engine))->checksum;

	return !is_cut(pkt) &&
	       (pkt->hook == PKTT_LOCAL_OUT || (pkt->hook == PKTT_PRE_ROUTING && !by_tracking));
}

static bool is_sum_right(struct pktt_packet *pkt)
{
	const uint8_t *icmp = pktt_packet_read(pkt, PKTT_L4, 0, ICMP_LEN);

	return icmp && (!needs_verification(pkt) ||
			pktt_csum_fold((uint32_t)sum_icmp(pkt) + get_be16(icmp + 2)) == 0);
}

/* The header and the quoted one are there, the checksum is right, and no redirect misleads. */
static bool is_good(struct pktt_packet *pkt, uint32_t status)
{
	bool is_v6 = pkt->l3_family == PKTT_IPV6;
	const uint8_t *icmp =
		pktt_packet_read(pkt, PKTT_L4, 0, ICMP_LEN + (is_v6 ? V6_LEN : V4_LEN));

	if (!icmp || (!pkt->csum_right && !is_sum_right(pkt)))
		return false;
	return icmp[0] != (is_v6 ? V6_REDIRECT : V4_REDIRECT) || may_redirect(status);
}

bool nat_icmp_error(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		    enum nat_kind kind)
{
	enum ct_dir dir = nat_dir_of(info);
	struct ct_tuple other, target;
	uint16_t before;

	if (!is_good(pkt, conn_status(conn)))
		return false;
	if (!(conn_status(conn) & nat_status_of(kind, dir)))
		return true;
	conn_tuple(conn, !dir, &other);
	if (!ct_tuple_invert(&target, &other))
		return false;
	before = sum_icmp(pkt);
	if (!nat_rewrite(pkt, pkt->l4 - pkt->l3 + ICMP_LEN, &other,
			 kind == NAT_SRC ? NAT_DST : NAT_SRC))
		return false;
	put_csum(pkt, before);
	target.protocol = pkt->protocol;
	return nat_rewrite(pkt, 0, &target, kind);
}
