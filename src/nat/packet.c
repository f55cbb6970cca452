/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: a packet gets the addresses and ports that its connection's other direction expects: Linux's
 * nf_nat_manip_pkt(). Checksums are brought forward by the difference (RFC 1624), SCTP's is made anew. A
 * header that an error quotes may end behind eight bytes; a checksum that is not there is left out, as
 * are the ports of a later fragment.
 *
 * All offsets count from layer 3, since a quoted header is no layer of the packet.
 */
#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "base/own.h"
#include "conntrack/defrag.h"
#include "nat/own.h"

enum {
	V4_CSUM_AT = 10,
	V4_SRC_AT = 12,
	V4_HEADER_LEN = 20,
	V6_NEXT_AT = 6,
	V6_SRC_AT = 8,
	V6_HEADER_LEN = 40,
};
enum { HOPOPTS = 0, ROUTING = 43, FRAGMENT = 44, AUTH = 51, NONE = 59, DSTOPTS = 60 };
enum { ECHO_LEN = 8, ECHO_ID_AT = 4, ICMP_CSUM_AT = 2 };
enum { GRE_LEN = 8, GRE_VERSION_AT = 1, GRE_VERSION = 7, GRE_KEY_AT = 6 };

struct rewrite {
	struct pktt_packet *pkt;
	uint32_t ip, l4;
	const struct ct_tuple *target;
	enum nat_kind kind;
};

static unsigned int addr_len(const struct rewrite *r)
{
	return ct_addr_len(r->target->family);
}

static const uint8_t *new_addr(const struct rewrite *r)
{
	return r->kind == NAT_SRC ? r->target->src : r->target->dst;
}

/* The address that is rewritten; the header has been proven to be there. */
static uint8_t *addr_of(const struct rewrite *r)
{
	unsigned int len = addr_len(r);
	uint32_t at = len == 4 ? V4_SRC_AT : V6_SRC_AT;

	return pktt_packet_write(r->pkt, PKTT_L3, r->ip + at + (r->kind == NAT_DST ? len : 0), len);
}

static uint8_t *l4_of(const struct rewrite *r, uint32_t len)
{
	struct pktt_pieces *pieces = r->pkt->pieces;

	if (pieces && r->l4 + len > r->pkt->l4 - r->pkt->l3 + pieces->size[0])
		pieces->is_linear = true;
	return pktt_packet_write(r->pkt, PKTT_L3, r->l4, len);
}

/* Two bytes of layer 4 and the address that its pseudo header has, in the checksum at csum. */
static void update_csum(const struct rewrite *r, uint8_t *csum, const uint8_t *port,
			uint16_t new_port)
{
	uint8_t to[2];
	const uint8_t *addr = addr_of(r);

	memcpy(to, &new_port, sizeof(to));
	if (addr)
		pktt_csum_replace(csum, addr, new_addr(r), addr_len(r));
	pktt_csum_replace(csum, port, to, sizeof(to));
}

/* --- Ports ------------------------------------------------------------------------------------ */

struct port_proto {
	uint8_t protocol;
	uint8_t full; /* bytes of header with which the checksum is brought forward */
	uint8_t csum_at;
	bool may_lack;	/* a checksum of 0 is none */
	bool mangles_0; /* and a sum of 0 is written as its complement */
};

static const struct port_proto port_protos[] = {
	{ IPPROTO_TCP, 20, 16, false, false },
	{ IPPROTO_UDP, 8, 6, true, true },
	{ IPPROTO_UDPLITE, 8, 6, false, true },
	{ IPPROTO_DCCP, 12, 6, false, false },
};

static bool rewrite_ports(const struct rewrite *r, const struct port_proto *proto)
{
	uint16_t port = r->kind == NAT_SRC ? r->target->sport : r->target->dport;
	uint8_t *l4 = l4_of(r, 8), *csum;
	uint32_t at = r->kind == NAT_SRC ? 0 : 2;

	if (!l4)
		return false;
	csum = l4_of(r, proto->full) ? l4 + proto->csum_at : NULL;
	if (csum && !(proto->may_lack && get_be16(csum) == 0)) {
		update_csum(r, csum, l4 + at, port);
		if (proto->mangles_0 && get_be16(csum) == 0)
			put_be16(csum, 0xffff);
	}
	memcpy(l4 + at, &port, sizeof(port));
	return true;
}

/* --- SCTP ------------------------------------------------------------------------------------- */

enum { SCTP_LEN = 12, SCTP_CSUM_AT = 8 };

/* The checksum stands in it as the machine that computed it stores a word with the low byte first. */
static void put_le32(uint8_t *p, uint32_t v)
{
	put_be32(p, __builtin_bswap32(v));
}

/* A CRC is linear: that of a capture which was cut changes by the CRC of the difference. */
static uint32_t crc_of_change(const uint8_t from[4], const uint8_t to[4], uint32_t wire)
{
	uint8_t diff[4];

	for (unsigned int i = 0; i < sizeof(diff); i++)
		diff[i] = from[i] ^ to[i];
	return crc32c_add_zeros(crc32c_add(0, diff, sizeof(diff)), wire - sizeof(diff));
}

static void put_sctp_csum(const struct rewrite *r, uint8_t *l4, const uint8_t was[4])
{
	uint32_t len = packet_len(r->pkt, PKTT_L3) - r->l4;
	uint32_t wire = pktt_packet_wire_len(r->pkt) - r->l4;
	uint32_t crc = CRC32C_INIT;

	if (!pktt_packet_read(r->pkt, PKTT_L3, r->l4, len))
		return;
	if (wire > len) {
		crc = __builtin_bswap32(get_be32(l4 + SCTP_CSUM_AT));
		put_le32(l4 + SCTP_CSUM_AT, crc ^ crc_of_change(was, l4, wire));
		return;
	}
	memset(l4 + SCTP_CSUM_AT, 0, 4);
	put_le32(l4 + SCTP_CSUM_AT, ~crc32c_add(crc, l4, len));
}

static bool rewrite_sctp(const struct rewrite *r)
{
	uint16_t port = r->kind == NAT_SRC ? r->target->sport : r->target->dport;
	uint8_t *l4 = l4_of(r, 8), was[4];

	if (!l4)
		return false;
	memcpy(was, l4, sizeof(was));
	memcpy(l4 + (r->kind == NAT_SRC ? 0 : 2), &port, sizeof(port));
	if (l4_of(r, SCTP_LEN))
		put_sctp_csum(r, l4, was);
	return true;
}

/* --- What has an id or a key instead ------------------------------------------------------------- */

/* Echo, timestamp, information, address mask: requests and their replies. */
static bool has_id(uint8_t type)
{
	return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

static bool rewrite_icmp(const struct rewrite *r)
{
	uint8_t *l4 = l4_of(r, ECHO_LEN), to[2];

	if (!l4)
		return false;
	if (!has_id(l4[0]))
		return true;
	memcpy(to, &r->target->sport, sizeof(to));
	pktt_csum_replace(l4 + ICMP_CSUM_AT, l4 + ECHO_ID_AT, to, sizeof(to));
	memcpy(l4 + ECHO_ID_AT, to, sizeof(to));
	return true;
}

static bool rewrite_icmpv6(const struct rewrite *r)
{
	uint8_t *l4 = l4_of(r, ECHO_LEN);
	uint16_t id;

	if (!l4)
		return false;
	memcpy(&id, l4 + ECHO_ID_AT, sizeof(id));
	if (l4[0] == 128 || l4[0] == 129)
		id = r->target->sport;
	update_csum(r, l4 + ICMP_CSUM_AT, l4 + ECHO_ID_AT, id);
	memcpy(l4 + ECHO_ID_AT, &id, sizeof(id));
	return true;
}

/* The packet has its receiver's key only, and only PPTP's version has one that NAT knows. */
static bool rewrite_gre(const struct rewrite *r)
{
	uint8_t *l4 = l4_of(r, GRE_LEN);

	if (!l4)
		return false;
	if (r->kind == NAT_SRC || (l4[GRE_VERSION_AT] & GRE_VERSION) == 0)
		return true;
	if ((l4[GRE_VERSION_AT] & GRE_VERSION) != 1)
		return false;
	memcpy(l4 + GRE_KEY_AT, &r->target->dport, sizeof(r->target->dport));
	return true;
}

static bool rewrite_l4(const struct rewrite *r)
{
	uint8_t protocol = r->target->protocol;

	for (unsigned int i = 0; i < pktt_countof(port_protos); i++)
		if (port_protos[i].protocol == protocol)
			return rewrite_ports(r, &port_protos[i]);
	if (protocol == IPPROTO_SCTP)
		return rewrite_sctp(r);
	if (protocol == IPPROTO_ICMP)
		return rewrite_icmp(r);
	if (protocol == IPPROTO_ICMPV6)
		return rewrite_icmpv6(r);
	if (protocol == IPPROTO_GRE)
		return rewrite_gre(r);
	return true;
}

/* --- Layer 3 ---------------------------------------------------------------------------------- */

static bool is_extension(uint8_t next)
{
	return next == HOPOPTS || next == ROUTING || next == FRAGMENT || next == AUTH ||
	       next == NONE || next == DSTOPTS;
}

int64_t nat_skip_ipv6(const struct pktt_packet *pkt, uint32_t at, uint8_t *next, uint16_t *frag_off)
{
	const uint8_t *head = pktt_packet_read(pkt, PKTT_L3, at, V6_HEADER_LEN);

	*frag_off = 0;
	if (!head)
		return -1;
	*next = head[V6_NEXT_AT];
	at += V6_HEADER_LEN;
	while (is_extension(*next)) {
		uint8_t type = *next;

		head = pktt_packet_read(pkt, PKTT_L3, at, type == FRAGMENT ? 4 : 2);
		if (type == NONE || !head)
			return -1;
		if (type == FRAGMENT)
			*frag_off = get_be16(head + 2) & 0xfff8u;
		if (*frag_off)
			break;
		*next = head[0];
		if (type == FRAGMENT)
			at += 8;
		else
			at += type == AUTH ? (head[1] + 2u) * 4 : (head[1] + 1u) * 8;
	}
	return at;
}

static bool rewrite_ipv4(struct rewrite *r)
{
	uint8_t *ip = pktt_packet_write(r->pkt, PKTT_L3, r->ip, V4_HEADER_LEN), *addr;

	if (!ip)
		return false;
	r->l4 = r->ip + (ip[0] & 15u) * 4;
	addr = addr_of(r);
	if (!addr || !rewrite_l4(r))
		return false;
	pktt_csum_replace(ip + V4_CSUM_AT, addr, new_addr(r), addr_len(r));
	memcpy(addr, new_addr(r), addr_len(r));
	return true;
}

static bool rewrite_ipv6(struct rewrite *r)
{
	uint16_t frag_off;
	uint8_t next, *addr = addr_of(r);
	int64_t l4;

	if (!addr || !pktt_packet_read(r->pkt, PKTT_L3, r->ip, V6_HEADER_LEN))
		return false;
	l4 = nat_skip_ipv6(r->pkt, r->ip, &next, &frag_off);
	r->l4 = l4 < 0 ? 0 : (uint32_t)l4;
	if (l4 >= 0 && frag_off == 0 && !rewrite_l4(r))
		return false;
	memcpy(addr, new_addr(r), addr_len(r));
	return true;
}

bool nat_rewrite(struct pktt_packet *pkt, uint32_t at, const struct ct_tuple *target,
		 enum nat_kind kind)
{
	struct rewrite r = { .pkt = pkt, .ip = at, .target = target, .kind = kind };

	return target->family == PKTT_IPV6 ? rewrite_ipv6(&r) : rewrite_ipv4(&r);
}

bool nat_packet(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		enum nat_kind kind)
{
	enum ct_dir dir = nat_dir_of(info);
	struct ct_tuple other, target;

	if (!(conn_status(conn) & nat_status_of(kind, dir)))
		return true;
	conn_tuple(conn, !dir, &other);
	if (!ct_tuple_invert(&target, &other))
		return false;
	return nat_rewrite(pkt, 0, &target, kind);
}
