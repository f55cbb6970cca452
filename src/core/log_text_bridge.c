/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line of ebtables' log watcher, whose format is its own. */
#include "core/log_text.h"

#include <netinet/in.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/l3.h"

#ifndef IPPROTO_UDPLITE
#	define IPPROTO_UDPLITE 136
#endif

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_RARP = 0x8035 };
enum { ETHERTYPE_IPV6 = 0x86dd };

static void put_ports(const struct pktt_log_line *line, uint8_t protocol, uint32_t at)
{
	const uint8_t *ports;

	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		break;
	default:
		return;
	}
	ports = pktt_log_read(line, at, 4);
	if (!ports)
		str_puts(line->out, " INCOMPLETE TCP/UDP header");
	else
		str_putf(line->out, " SPT=%u DPT=%u", get_be16(ports), get_be16(ports + 2));
}

static void put_ipv4(const struct pktt_log_line *line)
{
	const uint8_t *ip = pktt_log_read(line, 0, 20);
	struct str *out = line->out;

	if (!ip) {
		str_puts(out, " INCOMPLETE IP header");
		return;
	}
	str_puts(out, " IP SRC=");
	pktt_log_put_ipv4(out, ip + 12);
	str_puts(out, " IP DST=");
	pktt_log_put_ipv4(out, ip + 16);
	str_putf(out, ", IP tos=0x%02X, IP proto=%u", ip[1], ip[9]);
	put_ports(line, ip[9], (ip[0] & 15u) * 4);
}

static void put_ipv6(const struct pktt_log_line *line)
{
	const uint8_t *ip = pktt_log_read(line, 0, 40);
	struct str *out = line->out;
	uint16_t frag_off;
	uint8_t next;
	int at;

	if (!ip) {
		str_puts(out, " INCOMPLETE IPv6 header");
		return;
	}
	str_puts(out, " IPv6 SRC=");
	pktt_log_put_ipv6(out, ip + 8);
	str_puts(out, " IPv6 DST=");
	pktt_log_put_ipv6(out, ip + 24);
	str_putf(out, ", IPv6 priority=0x%01X, Next Header=%u", ip[0] & 15, ip[6]);
	at = pktt_ipv6_find(line->pkt, -1, &next, &frag_off);
	if (at >= 0 && !frag_off)
		put_ports(line, next, (uint32_t)at);
}

static void put_arp(const struct pktt_log_line *line)
{
	const uint8_t *arp = pktt_log_read(line, 0, 8), *payload;
	struct str *out = line->out;

	if (!arp) {
		str_puts(out, " INCOMPLETE ARP header");
		return;
	}
	str_putf(out, " ARP HTYPE=%u, PTYPE=0x%04x, OPCODE=%u", get_be16(arp), get_be16(arp + 2),
		 get_be16(arp + 6));
	if (get_be16(arp) != 1 || arp[4] != 6 || arp[5] != 4)
		return;
	payload = pktt_log_read(line, 8, 20);
	if (!payload) {
		str_puts(out, " INCOMPLETE ARP payload");
		return;
	}
	str_puts(out, " ARP MAC SRC=");
	pktt_log_put_mac(out, payload);
	str_puts(out, " ARP IP SRC=");
	pktt_log_put_ipv4(out, payload + 6);
	str_puts(out, " ARP MAC DST=");
	pktt_log_put_mac(out, payload + 10);
	str_puts(out, " ARP IP DST=");
	pktt_log_put_ipv4(out, payload + 16);
}

void pktt_log_text_bridge(const struct pktt_packet *pkt, const char *prefix, uint32_t flags,
			  struct str *out)
{
	struct pktt_log_line line = { pkt, out, flags };
	uint32_t len = pkt->l2_len;
	const uint8_t *head = len < 14 ? NULL : pktt_packet_read(pkt, PKTT_L2, 0, len);
	uint16_t proto;

	str_putf(out, "%s IN=%s OUT=%s MAC source = ", prefix, pktt_packet_in(pkt),
		 pktt_packet_out(pkt));
	if (!head)
		return;
	/* A tag is not part of the header here: the kernel has taken it off the frame. */
	proto = get_be16(head + len - 2);
	pktt_log_put_mac(out, head + 6);
	str_puts(out, " MAC dest = ");
	pktt_log_put_mac(out, head);
	str_putf(out, " proto = 0x%04x", proto);
	if ((flags & PKTT_LOG_BR_IP) && proto == ETHERTYPE_IPV4)
		put_ipv4(&line);
	else if ((flags & PKTT_LOG_BR_IP6) && proto == ETHERTYPE_IPV6)
		put_ipv6(&line);
	else if ((flags & PKTT_LOG_BR_ARP) && (proto == ETHERTYPE_ARP || proto == ETHERTYPE_RARP))
		put_arp(&line);
}
