/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a packet line: headers from the inside out are laid one after the other. */
#include "datapath/replay/craft_build.h"

#include "base/buf.h"
#include "core/l3.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* Bytes being laid; more than fit is an error told once, at the end. */
struct bytes {
	uint8_t at[4096];
	size_t len;
	bool is_full;
};

static void lay(struct bytes *b, const void *data, size_t len)
{
	if (len > sizeof(b->at) - b->len) {
		b->is_full = true;
		return;
	}
	if (len)
		memcpy(b->at + b->len, data, len);
	b->len += len;
}

static void lay8(struct bytes *b, uint8_t v)
{
	lay(b, &v, 1);
}

static void lay16(struct bytes *b, uint16_t v)
{
	uint8_t two[2];

	put_be16(two, v);
	lay(b, two, 2);
}

static void lay32(struct bytes *b, uint32_t v)
{
	uint8_t four[4];

	put_be32(four, v);
	lay(b, four, 4);
}

static void lay_zero(struct bytes *b, size_t len)
{
	while (len-- > 0)
		lay8(b, 0);
}

static void lay_payload(struct bytes *b, const struct craft_args *a)
{
	lay(b, a->payload.byte, a->payload.len);
	lay_zero(b, a->len);
}

/* --- Layer 4 ------------------------------------------------------------------------------- */

static void lay_tcp(struct bytes *b, const struct craft_args *a)
{
	size_t opts = (a->mss ? 4u : 0u) + a->options.len;
	size_t pad = (4 - opts % 4) % 4;
	uint8_t flags = (uint8_t)(a->fin | a->syn << 1 | a->rst << 2 | a->psh << 3 | a->ack << 4 |
				  a->urg << 5 | a->ece << 6 | a->cwr << 7);

	lay16(b, a->sport);
	lay16(b, a->dport);
	lay32(b, a->seq);
	lay32(b, a->ackno);
	lay8(b, (uint8_t)((20 + opts + pad) / 4 << 4));
	lay8(b, flags);
	lay16(b, a->win ? a->win : 0xffff);
	lay32(b, 0); /* checksum, urgent pointer */
	if (a->mss) {
		lay16(b, 0x0204);
		lay16(b, a->mss);
	}
	lay(b, a->options.byte, a->options.len);
	lay_zero(b, pad);
}

static void lay_udp(struct bytes *b, const struct craft_args *a)
{
	lay16(b, a->sport);
	lay16(b, a->dport);
	lay16(b, (uint16_t)(8 + a->payload.len + a->len));
	lay16(b, 0);
}

static void lay_icmp(struct bytes *b, const struct craft_args *a)
{
	lay8(b, a->type);
	lay8(b, a->code);
	lay16(b, 0);
	lay16(b, a->id);
	lay16(b, (uint16_t)a->seq);
}

static void lay_sctp(struct bytes *b, const struct craft_args *a)
{
	lay16(b, a->sport);
	lay16(b, a->dport);
	lay32(b, 0); /* verification tag */
	lay32(b, 0); /* CRC-32c: nothing here looks at it */
	lay8(b, a->type);
	lay8(b, a->code);
	lay16(b, (uint16_t)(4 + a->payload.len + a->len));
}

static void lay_dccp(struct bytes *b, const struct craft_args *a)
{
	lay16(b, a->sport);
	lay16(b, a->dport);
	lay8(b, (uint8_t)((16 + a->options.len + 3) / 4)); /* data offset */
	lay8(b, 0);
	lay16(b, 0);
	lay8(b, (uint8_t)(a->type << 1 | 1)); /* extended sequence numbers */
	lay8(b, 0);
	lay16(b, 0);
	lay32(b, a->seq);
	lay(b, a->options.byte, a->options.len);
	lay_zero(b, (4 - a->options.len % 4u) % 4);
}

static void lay_l4(struct bytes *b, const struct craft_args *a)
{
	switch (a->kind) {
	case CRAFT_TCP:
		lay_tcp(b, a);
		break;
	case CRAFT_UDP:
		lay_udp(b, a);
		break;
	case CRAFT_ICMP:
		lay_icmp(b, a);
		break;
	case CRAFT_SCTP:
		lay_sctp(b, a);
		break;
	case CRAFT_DCCP:
		lay_dccp(b, a);
		break;
	case CRAFT_SPI:
		lay32(b, a->spi);
		lay32(b, a->seq);
		break;
	case CRAFT_AH:
		lay32(b, 59u << 24 | 4u << 16); /* no next header; 24 bytes long */
		lay32(b, a->spi);
		lay32(b, a->seq);
		lay_zero(b, 12);
		break;
	case CRAFT_IPCOMP:
		lay16(b, 59u << 8);
		lay16(b, (uint16_t)a->spi);
		break;
	case CRAFT_NONE:
	case CRAFT_OTHER:
	case CRAFT_ARP:
	case CRAFT_HEX:
	case CRAFT_FRAME:
		break;
	}
	lay_payload(b, a);
}

/* Offset of the checksum in layer 4, 0 = it has none that is filled in. */
static size_t csum_at(const struct craft_args *a)
{
	switch (a->kind) {
	case CRAFT_TCP:
		return 16;
	case CRAFT_UDP:
		return 6;
	case CRAFT_ICMP:
		return 2;
	case CRAFT_DCCP:
		return 6;
	case CRAFT_NONE:
	case CRAFT_SCTP:
	case CRAFT_SPI:
	case CRAFT_AH:
	case CRAFT_IPCOMP:
	case CRAFT_OTHER:
	case CRAFT_ARP:
	case CRAFT_HEX:
	case CRAFT_FRAME:
		break;
	}
	return 0;
}

static void fill_csum(struct bytes *b, const struct craft_args *a)
{
	size_t at = csum_at(a);
	uint32_t sum = (uint32_t)(b->len + a->protocol);
	uint16_t csum;

	if (at == 0 || at + 2 > b->len)
		return;
	sum = pktt_csum_add(sum, a->saddr.byte, a->saddr.len);
	sum = pktt_csum_add(sum, a->daddr.byte, a->daddr.len);
	if (a->protocol == IPPROTO_ICMP)
		sum = 0;
	csum = pktt_csum_fold(pktt_csum_add(sum, b->at, b->len));
	put_be16(b->at + at, (uint16_t)(csum ^ (a->badcsum ? 0x5555 : 0)));
}

/* --- Layer 3 ------------------------------------------------------------------------------- */

static void lay_ipv4(struct bytes *b, const struct craft_args *a, const struct bytes *l4)
{
	/* TCP's own options have the word in a TCP packet; other protocols give it to IPv4. */
	size_t opts = a->kind == CRAFT_TCP || a->kind == CRAFT_DCCP ? 0 : a->options.len;
	size_t pad = (4 - opts % 4) % 4, start = b->len;
	uint16_t frag = (uint16_t)(a->df << 14 | a->mf << 13 | a->frag >> 3);

	lay8(b, (uint8_t)(0x40 | (20 + opts + pad) / 4));
	lay8(b, a->tos);
	lay16(b, (uint16_t)(20 + opts + pad + l4->len));
	lay16(b, a->id);
	lay16(b, frag);
	lay8(b, a->ttl ? a->ttl : 64);
	lay8(b, a->protocol);
	lay16(b, 0);
	lay(b, a->saddr.byte, 4);
	lay(b, a->daddr.byte, 4);
	lay(b, a->options.byte, opts);
	lay_zero(b, pad);
	if (!b->is_full)
		put_be16(b->at + start + 10,
			 pktt_csum_fold(pktt_csum_add(0, b->at + start, b->len - start)));
	lay(b, l4->at, l4->len);
}

/* An IPv6 extension header of options: content, padded to a multiple of 8. */
static void lay_extension(struct bytes *b, uint8_t next, const struct pktt_pattern *content)
{
	size_t len = (content->len + 2u + 7) / 8 * 8;

	lay8(b, next);
	lay8(b, (uint8_t)(len / 8 - 1));
	lay(b, content->byte, content->len);
	lay_zero(b, len - 2 - content->len);
}

static void lay_extensions(struct bytes *b, const struct craft_args *a, uint8_t *first)
{
	bool is_fragment = a->frag || a->mf;
	uint8_t after_rt = is_fragment ? IPPROTO_FRAGMENT : a->protocol;
	uint8_t after_dst = a->rt.len ? IPPROTO_ROUTING : after_rt;
	uint8_t after_hbh = a->dst.len ? IPPROTO_DSTOPTS : after_dst;

	*first = a->hbh.len ? IPPROTO_HOPOPTS : after_hbh;
	if (a->hbh.len)
		lay_extension(b, after_hbh, &a->hbh);
	if (a->dst.len)
		lay_extension(b, after_dst, &a->dst);
	if (a->rt.len)
		lay_extension(b, after_rt, &a->rt);
	if (is_fragment) {
		lay16(b, (uint16_t)(a->protocol << 8));
		lay16(b, (uint16_t)((a->frag & ~7u) | a->mf));
		lay32(b, a->id);
	}
}

static void lay_ipv6(struct bytes *b, const struct craft_args *a, const struct bytes *l4)
{
	struct bytes ext = { .len = 0 };
	uint8_t first;

	lay_extensions(&ext, a, &first);
	lay32(b, 6u << 28 | (uint32_t)a->tos << 20);
	lay16(b, (uint16_t)(ext.len + l4->len));
	lay8(b, first);
	lay8(b, a->ttl ? a->ttl : 64);
	lay(b, a->saddr.byte, 16);
	lay(b, a->daddr.byte, 16);
	lay(b, ext.at, ext.len);
	lay(b, l4->at, l4->len);
}

static void lay_arp(struct bytes *b, const struct craft_args *a)
{
	static const uint8_t nobody[6];

	lay16(b, 1);
	lay16(b, 0x0800);
	lay16(b, 0x0604);
	lay16(b, a->op ? a->op : 1);
	lay(b, a->mac.byte, 6);
	lay(b, a->saddr.byte, 4);
	lay(b, a->op == 2 ? a->to_mac.byte : nobody, 6);
	lay(b, a->daddr.byte, 4);
}

static uint16_t ethertype_of(const struct craft_args *a)
{
	bool is_v6 = a->kind == CRAFT_HEX ? a->nraw && a->raw[0] >> 4 == 6 : a->saddr.len == 16;

	if (a->kind == CRAFT_ARP)
		return 0x0806;
	return is_v6 ? 0x86dd : 0x0800;
}

static void lay_link(struct bytes *b, const struct craft_args *a)
{
	lay(b, a->to_mac.byte, 6);
	lay(b, a->mac.byte, 6);
	if (a->vlan) {
		lay16(b, 0x8100);
		lay16(b, a->vlan);
	}
	lay16(b, ethertype_of(a));
}

static void lay_l3(struct bytes *b, const struct craft_args *a)
{
	struct bytes l4 = { .len = 0 };

	lay_l4(&l4, a);
	fill_csum(&l4, a);
	if (craft_is_raw(a))
		lay(b, a->raw, a->nraw);
	else if (a->kind == CRAFT_ARP)
		lay_arp(b, a);
	else if (a->saddr.len == 4)
		lay_ipv4(b, a, &l4);
	else
		lay_ipv6(b, a, &l4);
	b->is_full |= l4.is_full;
}

static bool is_zero(const struct pktt_mac *mac)
{
	static const struct pktt_mac zero;

	return memcmp(mac, &zero, sizeof(zero)) == 0;
}

int craft_build(struct pktt_packet **ret, const struct craft_args *args, struct pktt_error *err)
{
	struct craft_args a = *args;
	struct bytes b = { .len = 0 };
	struct pktt_packet *pkt;
	int r;

	if (is_zero(&a.mac))
		a.mac = (struct pktt_mac){ { 2, 0, 0, 0, 0, 1 } };
	if (is_zero(&a.to_mac))
		a.to_mac = (struct pktt_mac){ { 2, 0, 0, 0, 0, 2 } };
	if (a.kind != CRAFT_FRAME)
		lay_link(&b, &a);
	lay_l3(&b, &a);
	if (b.is_full)
		return pktt_fail(err, -EMSGSIZE, "a packet line makes at most 4096 bytes");
	r = pktt_packet_new(&pkt, (uint32_t)b.len);
	if (r)
		return pktt_fail(err, r, "no memory for a packet");
	memcpy(pkt->buf + pkt->l3, b.at, b.len);
	pkt->l2 = pkt->l3;
	r = pktt_packet_parse_ethernet(pkt);
	pkt->wire_len = pkt->end - pkt->l3;
	pkt->mark = a.mark;
	if (r == 0)
		r = pktt_packet_parse_ip(pkt);
	if (r == -EPROTONOSUPPORT)
		pkt->family = pkt->l3_family = PKTT_BRIDGE;
	/* Bytes given as hex may be as broken as the test wants them. */
	if (r && !craft_is_raw(&a)) {
		pktt_packet_free(&pkt);
		return pktt_fail(err, r, "this line makes no packet of IPv4, IPv6 or ARP");
	}
	*ret = pkt;
	return 0;
}
