/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP and ICMPv6 that is about something else: errors, which quote the packet that caused them and so
 * are related to its connection, and what hosts tell each other of the link, which nobody tracks.
 *
 * Who sends an error can quote what he likes. It counts as related only if its own destination is the
 * one that sent, or seemed to send, what is quoted: an error passes on the way that answers take.
 */
#include "conntrack/own.h"

#include <netinet/in.h>
#include <string.h>

#define ICMP_HEADER   8u
#define ICMP_MAX_TYPE 18

enum { /* of ICMP, RFC 792 */
       UNREACHABLE = 3,
       SOURCE_QUENCH = 4,
       REDIRECT = 5,
       TIME_EXCEEDED = 11,
       PARAMETER_PROBLEM = 12,
};

enum { /* of ICMPv6 */
       MLD_QUERY = 130,
       NEIGHBOUR_ADVERTISEMENT = 136, /* the last of MLD 1 and neighbour discovery but for: */
       NEIGHBOUR_REDIRECT = 137,
       MLD2_REPORT = 143,
       FIRST_INFORMATIONAL = 128,
       OPTION_REDIRECTED = 4, /* RFC 4861, 4.6.3 */
};

/* --- The quoted packet ------------------------------------------------------------------------ */

static bool quoted_ipv4(struct buf b, struct ct_tuple *ret)
{
	struct buf l4 = b;
	const uint8_t *h = buf_get(&b, 20);

	/* A later fragment has no ports; the length of the header is believed as far as it is there. */
	if (!h || get_be16(h + 6) & 0x1fff || !buf_skip(&l4, (h[0] & 0xfu) * 4))
		return false;
	memcpy(ret->src, h + 12, 4);
	memcpy(ret->dst, h + 16, 4);
	return ct_tuple_of_l4(h[9], l4, ret);
}

/*
 * Past one extension header; *type becomes that of the next one. false = a later fragment, or cut before
 * its length; one that is longer than what was quoted leaves nothing, which is enough without ports.
 */
static bool skip_extension(struct buf *b, uint8_t *type)
{
	struct buf all = *b;
	const uint8_t *h = buf_get(b, 2);
	uint32_t len;

	if (!h)
		return false;
	if (*type == IPPROTO_FRAGMENT) {
		h = buf_get(&all, 8);
		if (!h || get_be16(h + 2) & ~7u)
			return false;
		*type = h[0];
		*b = all;
		return true;
	}
	len = *type == IPPROTO_AH ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
	*type = h[0];
	if (!buf_skip(b, len - 2))
		buf_skip(b, buf_left(b));
	return true;
}

static bool is_extension(uint8_t type)
{
	return type == IPPROTO_HOPOPTS || type == IPPROTO_ROUTING || type == IPPROTO_FRAGMENT ||
	       type == IPPROTO_AH || type == IPPROTO_DSTOPTS;
}

static bool quoted_ipv6(struct buf b, struct ct_tuple *ret)
{
	const uint8_t *h = buf_get(&b, 40);
	uint8_t type;

	if (!h)
		return false;
	memcpy(ret->src, h + 8, 16);
	memcpy(ret->dst, h + 24, 16);
	type = h[6];
	while (is_extension(type))
		if (!skip_extension(&b, &type))
			return false;
	return type != IPPROTO_NONE && ct_tuple_of_l4(type, b, ret);
}

/* The quoted packet begins at an offset of layer 4. */
static bool quoted_tuple(struct ct_meet *meet, uint32_t offset, struct ct_tuple *ret)
{
	const struct pktt_packet *pkt = meet->pkt;
	uint32_t len = pktt_packet_length(pkt, PKTT_L4) - offset;
	struct buf b = buf_of(pktt_packet_read(pkt, PKTT_L4, offset, len), len);

	*ret = (struct ct_tuple){ .family = (uint8_t)pkt->l3_family };
	if (pkt->l3_family == PKTT_IPV6 ? !quoted_ipv6(b, ret) : !quoted_ipv4(b, ret))
		return false;
	ct_gre_complete(meet->ct, ret);
	return true;
}

/* --- Whose it is ------------------------------------------------------------------------------ */

static bool goes_to_sender(const struct pktt_packet *pkt, const struct conn *conn, enum ct_dir dir)
{
	struct pktt_addr to = pktt_packet_dst(pkt), expected;
	struct ct_tuple t;

	conn_tuple(conn, dir, &t);
	expected = ct_tuple_dst(&t);
	return memcmp(&to, &expected, sizeof(to)) == 0;
}

/* What answers the quoted packet has the tuple that the error goes with: nf_conntrack_inet_error(). */
static enum ct_icmp_judge find(struct ct_meet *meet, const struct ct_zone *zone, uint32_t offset)
{
	struct ct_tuple quoted, answer;
	struct conn *conn;
	enum ct_dir dir;

	if (!quoted_tuple(meet, offset, &quoted) || !ct_tuple_invert(&answer, &quoted))
		return CT_ICMP_BAD;
	conn = ct_find_in_zone(meet->ct, &answer, zone, meet->now_ms, &dir);
	if (!conn)
		return CT_ICMP_BAD;
	if (!goes_to_sender(meet->pkt, conn, dir)) {
		ct_log_invalid(meet, "outer daddr differs from the inner one");
		conn_put(meet->ct->db, &conn);
		return CT_ICMP_BAD;
	}
	meet->pkt->ct = conn;
	meet->pkt->ct_info = dir == CT_REPLY ? PKTT_CT_RELATED_REPLY : PKTT_CT_RELATED;
	return CT_ICMP_DONE;
}

static enum ct_icmp_judge bad(struct ct_meet *meet, const char *reason)
{
	ct_log_invalid(meet, reason);
	return CT_ICMP_BAD;
}

static enum ct_icmp_judge icmp_in(struct ct_meet *meet, const struct ct_zone *zone, uint8_t type)
{
	if (ct_checksum_is_bad(meet))
		return bad(meet, "bad hw icmp checksum");
	if (type > ICMP_MAX_TYPE)
		return bad(meet, "invalid icmp type");
	switch (type) {
	case UNREACHABLE:
	case SOURCE_QUENCH:
	case REDIRECT:
	case TIME_EXCEEDED:
	case PARAMETER_PROBLEM:
		return find(meet, zone, ICMP_HEADER);
	default:
		return CT_ICMP_TRACK;
	}
}

/* A redirect carries what it is about in an option: RFC 4861, 4.5. */
static enum ct_icmp_judge redirect_in(struct ct_meet *meet, const struct ct_zone *zone)
{
	const uint8_t *ip = pktt_packet_read(meet->pkt, PKTT_L3, 0, 40);
	const uint8_t *h = pktt_packet_read(meet->pkt, PKTT_L4, 0, 40);
	const uint8_t *option = pktt_packet_read(meet->pkt, PKTT_L4, 40, 2);

	if (!ip || !h)
		return bad(meet, "short redirect");
	if (h[1] != 0)
		return CT_ICMP_BAD;
	if (ip[7] != 255 || ip[8] != 0xfe || (ip[9] & 0xc0) != 0x80)
		return bad(meet, "invalid saddr or hoplimit for redirect");
	if (!option || option[1] == 0)
		return bad(meet, "redirect without options");
	if (option[0] != OPTION_REDIRECTED || !pktt_packet_read(meet->pkt, PKTT_L4, 40, 8))
		return CT_ICMP_TRACK;
	return find(meet, zone, 48);
}

static enum ct_icmp_judge icmpv6_in(struct ct_meet *meet, const struct ct_zone *zone, uint8_t type)
{
	if (ct_checksum_is_bad(meet))
		return bad(meet, "icmpv6 checksum failed");
	if ((type >= MLD_QUERY && type <= NEIGHBOUR_ADVERTISEMENT) || type == MLD2_REPORT) {
		meet->pkt->ct_info = PKTT_CT_UNTRACKED;
		return CT_ICMP_DONE;
	}
	if (type == NEIGHBOUR_REDIRECT)
		return redirect_in(meet, zone);
	return type >= FIRST_INFORMATIONAL ? CT_ICMP_TRACK : find(meet, zone, ICMP_HEADER);
}

enum ct_icmp_judge ct_icmp_in(struct ct_meet *meet, const struct ct_zone *zone)
{
	const uint8_t *h = pktt_packet_read(meet->pkt, PKTT_L4, 0, ICMP_HEADER);

	if (!h)
		return bad(meet, "short packet");
	if (meet->pkt->l3_family == PKTT_IPV6)
		return icmpv6_in(meet, zone, h[0]);
	return icmp_in(meet, zone, h[0]);
}
