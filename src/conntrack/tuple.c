/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tuples: read from headers, inverted, and turned into the language's addresses and back. */
#include "conntrack/tuple.h"

#include "conntrack/l4proto.h"

#include <netinet/in.h>
#include <string.h>

static struct pktt_addr addr_of(uint8_t family, const uint8_t byte[16])
{
	struct pktt_addr ret = { .len = (uint8_t)ct_addr_len(family) };

	memcpy(ret.byte, byte, ret.len);
	return ret;
}

struct pktt_addr ct_tuple_src(const struct ct_tuple *t)
{
	return addr_of(t->family, t->src);
}

struct pktt_addr ct_tuple_dst(const struct ct_tuple *t)
{
	return addr_of(t->family, t->dst);
}

static void set_addr(uint8_t byte[16], const struct pktt_addr *addr)
{
	memset(byte, 0, 16);
	memcpy(byte, addr->byte, addr->len <= 16 ? addr->len : 16);
}

void ct_tuple_set_src(struct ct_tuple *t, const struct pktt_addr *addr)
{
	set_addr(t->src, addr);
}

void ct_tuple_set_dst(struct ct_tuple *t, const struct pktt_addr *addr)
{
	set_addr(t->dst, addr);
}

bool ct_tuple_equal(const struct ct_tuple *a, const struct ct_tuple *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool ct_tuple_of_l4(uint8_t protocol, struct buf l4, struct ct_tuple *ret)
{
	const struct ct_l4proto *proto = ct_l4proto_of(ret->family, protocol);

	ret->protocol = protocol;
	ret->sport = ret->dport = 0;
	return !proto->tuple || proto->tuple(l4, ret);
}

/* "No next header" ends a packet: there is nothing that anybody could be asked with. */
static bool has_l4(const struct pktt_packet *pkt)
{
	if (!pkt->has_l4 || pkt->frag_off)
		return false;
	return pkt->l3_family == PKTT_IPV4 || pkt->protocol != IPPROTO_NONE;
}

bool ct_tuple_of_packet(const struct pktt_packet *pkt, struct ct_tuple *ret)
{
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);
	uint32_t len = pktt_packet_length(pkt, PKTT_L4);

	*ret = (struct ct_tuple){ .family = (uint8_t)pkt->l3_family };
	if (src.len == 0 || !has_l4(pkt))
		return false;
	ct_tuple_set_src(ret, &src);
	ct_tuple_set_dst(ret, &dst);
	return ct_tuple_of_l4(pkt->protocol, buf_of(pktt_packet_read(pkt, PKTT_L4, 0, len), len),
			      ret);
}

bool ct_tuple_invert(struct ct_tuple *ret, const struct ct_tuple *t)
{
	const struct ct_l4proto *proto = ct_l4proto_of(t->family, t->protocol);

	*ret = *t;
	memcpy(ret->src, t->dst, sizeof(ret->src));
	memcpy(ret->dst, t->src, sizeof(ret->dst));
	if (proto->invert)
		return proto->invert(ret, t);
	ret->sport = t->dport;
	ret->dport = t->sport;
	return true;
}
