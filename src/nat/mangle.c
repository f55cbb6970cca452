/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Payload that becomes another: Linux's nf_nat_mangle_tcp_packet() and its counterpart of UDP. The
 * datagram is whole (fragments were put together before), so its lengths are those of the packet. A
 * checksum is made anew, as Linux makes it; in a capture that was cut, where that cannot be, it is
 * brought forward by the difference of what is there.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "conntrack/defrag.h"
#include "core/env.h"
#include "nat/nat.h"
#include "nat/seqadj.h"

enum {
	PACKET_MAX = 65535,
	V4_LENGTH_AT = 2,
	V6_LENGTH_AT = 4,
	V6_HEADER_LEN = 40,
	UDP_LENGTH_AT = 4,
	UDP_CSUM_AT = 6,
	UDP_HEADER_LEN = 8,
	TCP_CSUM_AT = 16,
	TCP_HEADER_LEN = 20,
};

struct edit {
	struct pktt_packet *pkt;
	uint32_t at; /* of layer 4 */
	uint32_t old_len, new_len;
	const void *with;
};

/* Sum of all that the checksum covers, of what is there; by the length that it has on the wire. */
static uint32_t sum_l4(const struct pktt_packet *pkt)
{
	uint32_t len = packet_len(pkt, PKTT_L4);
	uint32_t wire = pktt_packet_wire_len(pkt) - (pkt->l4 - pkt->l3);
	const uint8_t *l4 = pktt_packet_read(pkt, PKTT_L4, 0, len);

	return pktt_csum_add(pktt_csum_pseudo(pkt, pkt->protocol, wire), l4, len);
}

static bool is_cut(const struct pktt_packet *pkt)
{
	return pkt->end - pkt->l3 < pktt_packet_wire_len(pkt);
}

/* Layer 3's length, and IPv4's checksum made anew. */
static void put_length(struct pktt_packet *pkt)
{
	uint32_t len = pktt_packet_wire_len(pkt), ihl;
	uint8_t *ip = pktt_packet_write(pkt, PKTT_L3, 0, pkt->l4 - pkt->l3);

	if (!ip)
		return;
	if (pkt->l3_family == PKTT_IPV6) {
		put_be16(ip + V6_LENGTH_AT, (uint16_t)(len - V6_HEADER_LEN));
		return;
	}
	put_be16(ip + V4_LENGTH_AT, (uint16_t)len);
	put_be16(ip + 10, 0);
	ihl = (ip[0] & 15u) * 4;
	if (ihl <= pkt->l4 - pkt->l3)
		put_be16(ip + 10, pktt_csum_fold(pktt_csum_add(0, ip, ihl)));
}

static int replace(const struct edit *e)
{
	struct pktt_packet *pkt = e->pkt;
	int32_t grow = (int32_t)e->new_len - (int32_t)e->old_len;
	uint32_t at = pkt->l4 - pkt->l3 + e->at;
	uint8_t *p;

	if (!pktt_packet_read(pkt, PKTT_L4, e->at, e->old_len))
		return -EINVAL;
	if (e->new_len > PACKET_MAX || (int64_t)pktt_packet_wire_len(pkt) + grow > PACKET_MAX)
		return -ENOSPC;
	if (pktt_packet_resize(pkt, at + (grow > 0 ? e->old_len : e->new_len), grow) < 0)
		return -ENOSPC;
	p = pktt_packet_write(pkt, PKTT_L4, e->at, e->new_len);
	if (!p)
		return -EINVAL;
	memcpy(p, e->with, e->new_len);
	if (pkt->pieces)
		pkt->pieces->is_linear = true;
	put_length(pkt);
	return 0;
}

/* The checksum at csum, of a packet whose bytes summed up to before. */
static void put_csum(struct pktt_packet *pkt, uint32_t at, uint32_t before)
{
	uint8_t *csum = pktt_packet_write(pkt, PKTT_L4, at, 2);
	uint32_t sum;

	if (!csum)
		return;
	/* ~(~HC + ~before + after), RFC 1624: what was cut off is the same in both. */
	sum = is_cut(pkt) ? (uint16_t)~get_be16(csum) + (uint32_t)pktt_csum_fold(before) : 0;
	put_be16(csum, 0);
	sum += (uint16_t)~pktt_csum_fold(sum_l4(pkt));
	put_be16(csum, pktt_csum_fold(sum));
	if (pkt->protocol == IPPROTO_UDP && get_be16(csum) == 0)
		put_be16(csum, 0xffff);
}

/* What is summed up before a change: without the checksum itself. */
static uint32_t sum_before(struct pktt_packet *pkt, uint32_t at)
{
	uint8_t *csum = pktt_packet_write(pkt, PKTT_L4, at, 2), keep[2];
	uint32_t sum;

	if (!csum || !is_cut(pkt))
		return 0;
	memcpy(keep, csum, 2);
	memset(csum, 0, 2);
	sum = sum_l4(pkt);
	memcpy(csum, keep, 2);
	return sum;
}

int nat_replace_tcp(struct pktt_packet *pkt, uint32_t match_offset, uint32_t match_len,
		    const void *with, uint32_t with_len)
{
	const uint8_t *tcp = pktt_packet_read(pkt, PKTT_L4, 0, TCP_HEADER_LEN);
	struct edit e = { .pkt = pkt, .old_len = match_len, .new_len = with_len, .with = with };
	uint32_t before;
	int r;

	if (!tcp || match_offset > PACKET_MAX)
		return -EINVAL;
	e.at = (tcp[12] >> 4) * 4u + match_offset;
	before = sum_before(pkt, TCP_CSUM_AT);
	r = replace(&e);
	if (r == 0)
		put_csum(pkt, TCP_CSUM_AT, before);
	return r;
}

int nat_mangle_tcp(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		   uint32_t match_offset, uint32_t match_len, const void *with, uint32_t with_len)
{
	const uint8_t *tcp = pktt_packet_read(pkt, PKTT_L4, 0, TCP_HEADER_LEN);
	uint32_t seq = tcp ? get_be32(tcp + 4) : 0;
	enum ct_dir dir = info == PKTT_CT_ESTABLISHED_REPLY || info == PKTT_CT_RELATED_REPLY
				  ? CT_REPLY
				  : CT_ORIGINAL;
	int r = nat_replace_tcp(pkt, match_offset, match_len, with, with_len);

	if (r || match_len == with_len)
		return r;
	return nat_seqadj_set(conntrack_of(pkt->engine), pkt->env->worker, conn, dir, seq,
			      (int32_t)with_len - (int32_t)match_len);
}

int nat_mangle_udp(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		   uint32_t match_offset, uint32_t match_len, const void *with, uint32_t with_len)
{
	struct edit e = { .pkt = pkt, .old_len = match_len, .new_len = with_len, .with = with };
	uint32_t before;
	uint8_t *udp;
	int r;

	(void)conn, (void)info;
	if (!pktt_packet_read(pkt, PKTT_L4, 0, UDP_HEADER_LEN) || match_offset > PACKET_MAX)
		return -EINVAL;
	e.at = UDP_HEADER_LEN + match_offset;
	before = sum_before(pkt, UDP_CSUM_AT);
	r = replace(&e);
	if (r)
		return r;
	udp = pktt_packet_write(pkt, PKTT_L4, 0, UDP_HEADER_LEN);
	if (!udp)
		return -EINVAL;
	put_be16(udp + UDP_LENGTH_AT, (uint16_t)(pktt_packet_wire_len(pkt) - (pkt->l4 - pkt->l3)));
	if (get_be16(udp + UDP_CSUM_AT))
		put_csum(pkt, UDP_CSUM_AT, before);
	return 0;
}
