/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: programs parse these lines since 1999, so every blank, every missing blank and the
 * blank at the end are part of the format (net/netfilter/nf_log_syslog.c describes it by writing
 * it). This file has what all families share and ARP; log_text_ip.c has IPv4 and IPv6.
 */
#include "core/log_text.h"

#include "base/buf.h"
#include "base/str.h"

/* The kernel's buffer holds 1018 bytes, of which two are the log level. */
#define LINE_MAX_BYTES 1016

#define ETHERNET_LEN 14
#define ARPHRD_ETHER 1

const uint8_t *pktt_log_read(const struct pktt_log_line *line, uint32_t at, uint32_t len)
{
	return pktt_packet_read(line->pkt, PKTT_L3, at, len);
}

void pktt_log_incomplete(const struct pktt_log_line *line, uint32_t at)
{
	str_putf(line->out, "INCOMPLETE [%u bytes] ", packet_len(line->pkt, PKTT_L3) - at);
}

void pktt_log_put_hex(const struct pktt_log_line *line, const uint8_t *data, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		str_putf(line->out, "%02X", data[i]);
}

void pktt_log_put_mac(struct str *out, const uint8_t *mac)
{
	for (unsigned int i = 0; i < 6; i++)
		str_putf(out, i ? ":%02x" : "%02x", mac[i]);
}

void pktt_log_put_ipv4(struct str *out, const uint8_t *addr)
{
	str_putf(out, "%u.%u.%u.%u", addr[0], addr[1], addr[2], addr[3]);
}

void pktt_log_put_ipv6(struct str *out, const uint8_t *addr)
{
	for (unsigned int i = 0; i < 16; i += 2)
		str_putf(out, i ? ":%02x%02x" : "%02x%02x", addr[i], addr[i + 1]);
}

void pktt_log_put_mark(const struct pktt_log_line *line)
{
	if (line->pkt->mark)
		str_putf(line->out, "MARK=0x%x ", line->pkt->mark);
}

static void put_devices(const struct pktt_log_line *line, const char *prefix)
{
	const struct pktt_packet *pkt = line->pkt;

	str_putf(line->out, "%sIN=%s OUT=%s ", prefix, pktt_packet_in(pkt), pktt_packet_out(pkt));
	if (pkt->family == PKTT_BRIDGE)
		return;
	if (pkt->physin && pkt->physin != pkt->in)
		str_putf(line->out, "PHYSIN=%s ", pkt->physin->name);
	if (pkt->physout && pkt->physout != pkt->out)
		str_putf(line->out, "PHYSOUT=%s ", pkt->physout->name);
}

/* The Ethernet header as an interface without VLANs has it: a tag is reported apart. */
static const uint8_t *ethernet(const struct pktt_log_line *line, const uint8_t **proto)
{
	uint32_t len = line->pkt->l2_len;
	const uint8_t *head;

	if (len < ETHERNET_LEN)
		return NULL;
	head = pktt_packet_read(line->pkt, PKTT_L2, 0, len);
	*proto = head ? head + len - 2 : NULL;
	return head;
}

static void put_vlan(const struct pktt_log_line *line)
{
	if (line->pkt->has_vlan)
		str_putf(line->out, "VPROTO=%04x VID=%u ", line->pkt->vlan_proto,
			 line->pkt->vlan_tci);
}

/* MACSRC= MACDST= MACPROTO=, or nothing where there is no Ethernet header. */
static void put_mac_decoded(const struct pktt_log_line *line)
{
	const uint8_t *proto, *head = ethernet(line, &proto);

	if (!head)
		return;
	str_puts(line->out, "MACSRC=");
	pktt_log_put_mac(line->out, head + 6);
	str_puts(line->out, " MACDST=");
	pktt_log_put_mac(line->out, head);
	str_puts(line->out, " ");
	put_vlan(line);
	str_putf(line->out, "MACPROTO=%04x ", get_be16(proto));
}

static void put_mac_header(const struct pktt_log_line *line)
{
	const uint8_t *proto, *head = ethernet(line, &proto);

	/* Ethernet without a header is left out; other links are shown as they are. */
	if (line->flags & PKTT_LOG_MACDECODE &&
	    (!line->pkt->in || line->pkt->in->arphrd == ARPHRD_ETHER)) {
		put_mac_decoded(line);
		return;
	}
	str_puts(line->out, "MAC=");
	if (head) {
		for (unsigned int i = 0; i < 12; i++)
			str_putf(line->out, "%02x:", head[i]);
		str_putf(line->out, "%02x:%02x", proto[0], proto[1]);
	}
	str_puts(line->out, " ");
}

static void put_arp(const struct pktt_log_line *line)
{
	const uint8_t *arp = pktt_log_read(line, 0, 8), *payload;
	struct str *out = line->out;

	if (!arp) {
		str_puts(out, "TRUNCATED");
		return;
	}
	if (line->flags & PKTT_LOG_MACDECODE)
		put_mac_decoded(line);
	str_putf(out, "ARP HTYPE=%u PTYPE=0x%04x OPCODE=%u", get_be16(arp), get_be16(arp + 2),
		 get_be16(arp + 6));
	if (get_be16(arp) != ARPHRD_ETHER || arp[4] != 6 || arp[5] != 4)
		return;
	payload = pktt_log_read(line, 8, 20);
	if (!payload) {
		str_putf(out, " INCOMPLETE [%u bytes]", packet_len(line->pkt, PKTT_L3) - 8);
		return;
	}
	str_puts(out, " MACSRC=");
	pktt_log_put_mac(out, payload);
	str_puts(out, " IPSRC=");
	pktt_log_put_ipv4(out, payload + 6);
	str_puts(out, " MACDST=");
	pktt_log_put_mac(out, payload + 10);
	str_puts(out, " IPDST=");
	pktt_log_put_ipv4(out, payload + 16);
}

static void put_packet(const struct pktt_log_line *line)
{
	switch (line->pkt->l3_family) {
	case PKTT_IPV4:
	case PKTT_IPV6:
		if (line->pkt->in)
			put_mac_header(line);
		if (line->pkt->l3_family == PKTT_IPV4)
			pktt_log_ipv4(line);
		else
			pktt_log_ipv6(line);
		return;
	case PKTT_ARP:
		put_arp(line);
		return;
	case PKTT_INET:
	case PKTT_BRIDGE:
		put_mac_header(line);
		return;
	}
}

static void cut(struct str *out, size_t from)
{
	if (out->len - from > LINE_MAX_BYTES) {
		out->len = from + LINE_MAX_BYTES;
		out->data[out->len] = '\0';
	}
}

void pktt_log_text(const struct pktt_packet *pkt, const char *prefix, uint32_t flags,
		   struct str *out)
{
	struct pktt_log_line line = { pkt, out, flags };
	size_t from = out->len;

	put_devices(&line, prefix);
	put_packet(&line);
	cut(out, from);
}
