/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "soak_packet.h"

#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "core/l3.h"

#define L4_MAX 1600

static uint32_t lay_tcp(uint8_t *at, const struct soak_spec *s)
{
	put_be16(at, s->src.port);
	put_be16(at + 2, s->dst.port);
	put_be32(at + 4, s->seq);
	put_be32(at + 8, s->ack);
	at[12] = 5 << 4;
	at[13] = s->tcp_flags;
	put_be16(at + 14, 8192);
	return 20;
}

static uint32_t lay_udp(uint8_t *at, const struct soak_spec *s)
{
	put_be16(at, s->src.port);
	put_be16(at + 2, s->dst.port);
	put_be16(at + 4, (uint16_t)(8 + s->payload_len));
	put_be16(at + 6, 0x1234);
	return 8;
}

static uint32_t lay_icmp(uint8_t *at, const struct soak_spec *s)
{
	at[0] = s->icmp_type;
	at[1] = s->icmp_code;
	put_be16(at + 4, s->src.port);
	return 8;
}

static uint32_t lay_sctp(uint8_t *at, const struct soak_spec *s)
{
	put_be16(at, s->src.port);
	put_be16(at + 2, s->dst.port);
	put_be32(at + 4, s->ack);
	at[12] = s->icmp_type;
	put_be16(at + 14, 20);
	put_be32(at + 16, s->seq);
	return 32;
}

static uint32_t lay_l4(uint8_t *at, const struct soak_spec *s)
{
	uint32_t len;

	switch (s->protocol) {
	case IPPROTO_TCP:
		len = lay_tcp(at, s);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		len = lay_udp(at, s);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		len = lay_icmp(at, s);
		break;
	case IPPROTO_SCTP:
		len = lay_sctp(at, s);
		break;
	default:
		len = 4;
	}
	if (s->payload_len && len + s->payload_len <= L4_MAX) {
		memcpy(at + len, s->payload, s->payload_len);
		len += s->payload_len;
	}
	return len;
}

static void lay_ipv4(uint8_t *at, const struct soak_spec *s, uint32_t len)
{
	at[0] = 0x45;
	put_be16(at + 2, (uint16_t)(20 + len));
	put_be16(at + 4, s->id);
	put_be16(at + 6, (uint16_t)(s->frag_off / 8 | (s->more ? 0x2000 : 0)));
	at[8] = 64;
	at[9] = s->protocol;
	memcpy(at + 12, s->src.addr, 4);
	memcpy(at + 16, s->dst.addr, 4);
	put_be16(at + 10, pktt_csum_fold(pktt_csum_add(0, at, 20)));
}

static void lay_ipv6(uint8_t *at, const struct soak_spec *s, uint32_t len)
{
	at[0] = 0x60;
	put_be16(at + 4, (uint16_t)len);
	at[6] = s->protocol;
	at[7] = 64;
	memcpy(at + 8, s->src.addr, 16);
	memcpy(at + 24, s->dst.addr, 16);
}

struct pktt_packet *soak_packet(const struct soak_spec *s)
{
	uint8_t l4[L4_MAX] = { 0 };
	uint32_t from = 0, len = lay_l4(l4, s), header = s->is_ipv6 ? 40 : 20;
	struct pktt_packet *pkt;
	uint8_t *at;

	if (s->frag_len) {
		from = s->frag_off < len ? s->frag_off : len;
		len = s->frag_len < len - from ? s->frag_len : len - from;
	}
	if (pktt_packet_new(&pkt, header + len))
		return NULL;
	at = pktt_packet_write(pkt, PKTT_L3, 0, header + len);
	if (s->is_ipv6)
		lay_ipv6(at, s, len);
	else
		lay_ipv4(at, s, len);
	memcpy(at + header, l4 + from, len);
	pkt->ethertype = s->is_ipv6 ? 0x86dd : 0x0800;
	pkt->csum_unneeded = true;
	if (pktt_packet_parse_ip(pkt))
		pktt_packet_free(&pkt);
	return pkt;
}

static void set_end(struct soak_end *end, const struct pktt_addr *addr, const uint8_t *port)
{
	memset(end, 0, sizeof(*end));
	memcpy(end->addr, addr->byte, addr->len);
	end->port = port ? get_be16(port) : 0;
}

void soak_ends(const struct pktt_packet *pkt, struct soak_end *src, struct soak_end *dst)
{
	struct pktt_addr from = pktt_packet_src(pkt), to = pktt_packet_dst(pkt);
	bool is_icmp = pkt->protocol == IPPROTO_ICMP || pkt->protocol == IPPROTO_ICMPV6;
	const uint8_t *ports = pktt_packet_read(pkt, PKTT_L4, is_icmp ? 4 : 0, 4);

	set_end(src, &from, ports);
	set_end(dst, &to, ports ? ports + (is_icmp ? 0 : 2) : NULL);
}
