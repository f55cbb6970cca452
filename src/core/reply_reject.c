/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: a reply goes to whoever the packet names as its sender, so a packet that a forger or
 * a broken wire may have made gets none: the layer-4 checksum must be right. Protocols whose
 * checksum is another kind, covers a part, or is absent are answered without that proof.
 *
 * Linux checks every other protocol as if it carried the Internet checksum over all of its payload,
 * in IPv6 with a pseudo header. So do we: which packets are answered is part of what a ruleset
 * means.
 */
#include "core/reply_reject.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "base/own.h"
#include "core/l3.h"
#include "core/reply_icmp.h"

#ifndef IPPROTO_UDPLITE
#	define IPPROTO_UDPLITE 136
#endif

enum { TCP_LEN = 20, FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10 };
enum { ICMP_UNREACHABLE = 3, ICMP6_UNREACHABLE = 1 };

/* Where layer 4 of cause begins in layer 3. */
struct transport {
	uint32_t offset;
	uint8_t protocol;
};

/* -ENOMSG for later fragments and where no transport header can be told. */
static int find_transport(const struct pktt_packet *cause, struct transport *ret)
{
	const uint8_t *ip = pktt_packet_read(cause, PKTT_L3, 0, 20);
	uint16_t frag_off = 0;
	int at;

	if (!ip)
		return -ENOMSG;
	if (cause->l3_family == PKTT_IPV4) {
		*ret = (struct transport){ (ip[0] & 15u) * 4, ip[9] };
		return get_be16(ip + 6) & 0x1fff ? -ENOMSG : 0;
	}
	at = pktt_ipv6_find(cause, -1, &ret->protocol, &frag_off);
	if (at < 0 || frag_off || ret->protocol == IPPROTO_NONE)
		return -ENOMSG;
	ret->offset = (uint32_t)at;
	return ret->offset < packet_len(cause, PKTT_L3) ? 0 : -ENOMSG;
}

/* Whether the Internet checksum over the payload is there to be verified. */
static bool has_checksum(const struct pktt_packet *cause, const struct transport *l4)
{
	const uint8_t *udp;

	switch (l4->protocol) {
	case IPPROTO_UDP:
		udp = pktt_packet_read(cause, PKTT_L3, l4->offset, 8);
		return !udp || get_be16(udp + 6);
	case IPPROTO_GRE:
	case IPPROTO_AH:
	case IPPROTO_ESP:
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
		return false;
	}
	return true;
}

/*
 * A program of this host leaves TCP's and UDP's sum to the network card: the field then holds that
 * of the pseudo header alone. All else that leaves a host has its checksum.
 */
static bool is_left_to_card(const struct pktt_packet *cause, const struct transport *l4,
			    uint32_t len)
{
	uint32_t at = l4->offset + (l4->protocol == IPPROTO_TCP ? 16 : 6);
	const uint8_t *field = pktt_packet_read(cause, PKTT_L3, at, 2);
	uint16_t partial;

	if (!cause->csum_unneeded || !field ||
	    (l4->protocol != IPPROTO_TCP && l4->protocol != IPPROTO_UDP))
		return false;
	partial = pktt_csum_fold(pktt_csum_pseudo(cause, l4->protocol, len));
	return (get_be16(field) ^ partial) == 0xffff;
}

static bool checksum_is_right(const struct pktt_packet *cause, const struct transport *l4)
{
	uint32_t all = packet_len(cause, PKTT_L3);
	uint32_t len = all > l4->offset ? all - l4->offset : 0;
	const uint8_t *data = pktt_packet_read(cause, PKTT_L3, l4->offset, len);
	const uint8_t *ip = pktt_packet_read(cause, PKTT_L3, 0, l4->offset);
	uint32_t sum = 0;

	if (!data || !ip)
		return false;
	if (is_left_to_card(cause, l4, len))
		return true;
	/*
	 * Linux sums the IPv4 header too: right but where this host has written into the options.
	 */
	if (cause->l3_family == PKTT_IPV4)
		sum = pktt_csum_add(0, ip, l4->offset);
	if (cause->l3_family == PKTT_IPV6 || l4->protocol == IPPROTO_TCP ||
	    l4->protocol == IPPROTO_UDP)
		sum += pktt_csum_pseudo(cause, l4->protocol, len);
	return pktt_csum_fold(pktt_csum_add(sum, data, len)) == 0;
}

int pktt_reply_unreachable(struct pktt_packet **ret, const struct pktt_packet *cause, uint8_t code)
{
	struct transport l4;
	int rc = find_transport(cause, &l4);
	uint8_t type = ICMP_UNREACHABLE;

	if (rc)
		return rc;
	/* skb_csum_unnecessary(): nothing is summed twice. */
	if (!cause->csum_right && has_checksum(cause, &l4) && !checksum_is_right(cause, &l4))
		return -ENOMSG;
	if (cause->l3_family == PKTT_IPV6)
		type = ICMP6_UNREACHABLE;
	return pktt_reply_icmp_error(ret, cause, type, code, 0);
}

/* The TCP header that deserves a reset, or NULL. */
static const uint8_t *resettable(const struct pktt_packet *cause, struct transport *l4)
{
	const uint8_t *tcp;

	if (find_transport(cause, l4) || l4->protocol != IPPROTO_TCP)
		return NULL;
	tcp = pktt_packet_read(cause, PKTT_L3, l4->offset, TCP_LEN);
	if (!tcp || (tcp[13] & RST) || !checksum_is_right(cause, l4))
		return NULL;
	return tcp;
}

static bool is_unicast(const struct pktt_addr *a)
{
	static const uint8_t unspecified[16];

	return a->len == 16 && a->byte[0] != 0xff && memcmp(a->byte, unspecified, 16) != 0;
}

static bool may_reset(const struct pktt_packet *cause)
{
	struct pktt_addr src = pktt_packet_src(cause), dst = pktt_packet_dst(cause);

	if (cause->l3_family == PKTT_IPV6)
		return is_unicast(&src) && is_unicast(&dst);
	return !pktt_reply_is_to_many(cause);
}

/* RFC 9293: <SEQ=SEG.ACK><CTL=RST>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>. */
static void fill_reset(uint8_t *rst, const uint8_t *tcp, uint32_t l4_len)
{
	uint32_t flags = tcp[13];
	uint32_t seg_len = l4_len - (tcp[12] >> 4) * 4u + !!(flags & SYN) + !!(flags & FIN);

	memcpy(rst, tcp + 2, 2);
	memcpy(rst + 2, tcp, 2);
	rst[12] = (TCP_LEN / 4) << 4;
	rst[13] = RST;
	if (flags & ACK) {
		memcpy(rst + 4, tcp + 8, 4);
	} else {
		put_be32(rst + 8, get_be32(tcp + 4) + seg_len);
		rst[13] |= ACK;
	}
}

int pktt_reply_tcp_reset(struct pktt_packet **ret, const struct pktt_packet *cause)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *reply = NULL;
	struct pktt_addr src = pktt_packet_src(cause), dst = pktt_packet_dst(cause);
	bool is_ipv6 = cause->l3_family == PKTT_IPV6;
	uint32_t header = is_ipv6 ? 40 : 20;
	struct transport l4;
	const uint8_t *tcp = resettable(cause, &l4);
	uint8_t *all;
	int rc;

	if (!tcp || !may_reset(cause))
		return -ENOMSG;
	rc = pktt_reply_new(&reply, cause, header + TCP_LEN);
	if (rc)
		return rc;
	pktt_reply_ip_header(reply, IPPROTO_TCP, &dst, &src);
	all = pktt_packet_write(reply, PKTT_L3, 0, header + TCP_LEN);
	if (!all)
		return -EINVAL;
	if (!is_ipv6)
		all[6] = 0x40; /* never fragmented, so the identification may be 0: RFC 6864 */
	fill_reset(all + header, tcp, packet_len(cause, PKTT_L3) - l4.offset);
	rc = pktt_reply_finish(reply, IPPROTO_TCP, 16);
	reply->csum_partial = !is_ipv6;
	reply->is_reset = true;
	if (!rc)
		*ret = pktt_take(&reply);
	return rc;
}
