/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LOG's text of IPv4 and IPv6 packets; an error shows the packet that it quotes in brackets,
 * once.
 */
#include "core/log_text.h"

#include <netinet/in.h>

#include "base/buf.h"
#include "base/str.h"

#ifndef IPPROTO_UDPLITE
#	define IPPROTO_UDPLITE 136
#endif

#define TCP_LEN 20

static void put_tcp_flags(struct str *out, const uint8_t *tcp)
{
	static const struct {
		uint16_t bit;
		const char *text;
	} flag[] = {
		{ 0x100, "AE " }, { 0x80, "CWR " }, { 0x40, "ECE " },
		{ 0x20, "URG " }, { 0x10, "ACK " }, { 0x08, "PSH " },
		{ 0x04, "RST " }, { 0x02, "SYN " }, { 0x01, "FIN " },
	};
	uint16_t bits = get_be16(tcp + 12);

	/* Scaled as when CWR and ECE were reserved too. */
	str_putf(out, "RES=0x%02x ", (bits & 0x0e00) >> 6);
	for (size_t i = 0; i < sizeof(flag) / sizeof(flag[0]); i++)
		if (bits & flag[i].bit)
			str_puts(out, flag[i].text);
}

static bool put_tcp_options(const struct pktt_log_line *line, uint32_t at, uint32_t len)
{
	const uint8_t *options = pktt_log_read(line, at, len);

	if (!options) {
		str_puts(line->out, "OPT (TRUNCATED)");
		return false;
	}
	str_puts(line->out, "OPT (");
	pktt_log_put_hex(line, options, len);
	str_puts(line->out, ") ");
	return true;
}

bool pktt_log_tcp(const struct pktt_log_line *line, uint32_t at, bool is_later_fragment)
{
	struct str *out = line->out;
	const uint8_t *tcp;
	uint32_t len;

	str_puts(out, "PROTO=TCP ");
	if (is_later_fragment)
		return true;
	tcp = pktt_log_read(line, at, TCP_LEN);
	if (!tcp) {
		pktt_log_incomplete(line, at);
		return false;
	}
	str_putf(out, "SPT=%u DPT=%u ", get_be16(tcp), get_be16(tcp + 2));
	if (line->flags & PKTT_LOG_TCPSEQ)
		str_putf(out, "SEQ=%u ACK=%u ", get_be32(tcp + 4), get_be32(tcp + 8));
	str_putf(out, "WINDOW=%u ", get_be16(tcp + 14));
	put_tcp_flags(out, tcp);
	str_putf(out, "URGP=%u ", get_be16(tcp + 18));
	len = (tcp[12] >> 4) * 4u;
	if (!(line->flags & PKTT_LOG_TCPOPT) || len <= TCP_LEN)
		return true;
	return put_tcp_options(line, at + TCP_LEN, len - TCP_LEN);
}

bool pktt_log_udp(const struct pktt_log_line *line, uint32_t at, bool is_later_fragment,
		  uint8_t protocol)
{
	const uint8_t *udp;

	str_puts(line->out, protocol == IPPROTO_UDP ? "PROTO=UDP " : "PROTO=UDPLITE ");
	if (is_later_fragment)
		return true;
	udp = pktt_log_read(line, at, 8);
	if (!udp) {
		pktt_log_incomplete(line, at);
		return false;
	}
	str_putf(line->out, "SPT=%u DPT=%u LEN=%u ", get_be16(udp), get_be16(udp + 2),
		 get_be16(udp + 4));
	return true;
}

/* --- IPv4 ------------------------------------------------------------------------------------ */

enum { ECHO_REPLY = 0, UNREACHABLE = 3, QUENCH = 4, REDIRECT = 5, ECHO = 8, EXCEEDED = 11 };
enum { PARAMETER = 12, FRAG_NEEDED = 4 };

static void put_ipv4(const struct pktt_log_line *line, uint32_t at);

/* Bytes that a message of a type must have to be told in full; 0 = any. */
static uint32_t icmp_required(uint8_t type)
{
	static const uint8_t required[] = {
		[ECHO_REPLY] = 4, [UNREACHABLE] = 28, [QUENCH] = 28,	[REDIRECT] = 28,
		[ECHO] = 4,	  [EXCEEDED] = 28,    [PARAMETER] = 28, [13] = 20,
		[14] = 20,	  [17] = 12,	      [18] = 12,
	};

	return type < sizeof(required) ? required[type] : 0;
}

static void put_icmp_error(const struct pktt_log_line *line, uint32_t ip_at, uint32_t at,
			   const uint8_t *icmp)
{
	struct str *out = line->out;

	if (icmp[0] == REDIRECT) {
		str_puts(out, "GATEWAY=");
		pktt_log_put_ipv4(out, icmp + 4);
		str_puts(out, " ");
	}
	if (!ip_at) {
		str_puts(out, "[");
		put_ipv4(line, at + 8);
		str_puts(out, "] ");
	}
	if (icmp[0] == UNREACHABLE && icmp[1] == FRAG_NEEDED)
		str_putf(out, "MTU=%u ", get_be16(icmp + 6));
}

static void put_icmp(const struct pktt_log_line *line, uint32_t ip_at, uint32_t at)
{
	const uint8_t *icmp = pktt_log_read(line, at, 8);
	struct str *out = line->out;

	if (!icmp) {
		pktt_log_incomplete(line, at);
		return;
	}
	str_putf(out, "TYPE=%u CODE=%u ", icmp[0], icmp[1]);
	if (packet_len(line->pkt, PKTT_L3) - at < icmp_required(icmp[0])) {
		pktt_log_incomplete(line, at);
		return;
	}
	switch (icmp[0]) {
	case ECHO_REPLY:
	case ECHO:
		str_putf(out, "ID=%u SEQ=%u ", get_be16(icmp + 4), get_be16(icmp + 6));
		return;
	case PARAMETER:
		str_putf(out, "PARAMETER=%u ", icmp[4]);
		return;
	case REDIRECT:
	case UNREACHABLE:
	case QUENCH:
	case EXCEEDED:
		put_icmp_error(line, ip_at, at, icmp);
		return;
	}
}

/* AH and ESP show their SPI. */
static void put_spi(const struct pktt_log_line *line, uint32_t at, uint32_t header,
		    uint32_t spi_offset)
{
	const uint8_t *data = pktt_log_read(line, at, header);

	if (!data)
		pktt_log_incomplete(line, at);
	else
		str_putf(line->out, "SPI=0x%x ", get_be32(data + spi_offset));
}

/* false = the line ends here, without what follows the transport header. */
static bool put_ipv4_transport(const struct pktt_log_line *line, const uint8_t *ip, uint32_t ip_at)
{
	bool is_later = get_be16(ip + 6) & 0x1fff;
	uint32_t at = ip_at + (ip[0] & 15u) * 4;
	struct str *out = line->out;

	switch (ip[9]) {
	case IPPROTO_TCP:
		return pktt_log_tcp(line, at, is_later);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return pktt_log_udp(line, at, is_later, ip[9]);
	case IPPROTO_ICMP:
		str_puts(out, "PROTO=ICMP ");
		if (!is_later)
			put_icmp(line, ip_at, at);
		return true;
	case IPPROTO_AH:
		if (is_later)
			return true;
		str_puts(out, "PROTO=AH ");
		put_spi(line, at, 12, 4);
		return true;
	case IPPROTO_ESP:
		str_puts(out, "PROTO=ESP ");
		if (!is_later)
			put_spi(line, at, 8, 0);
		return true;
	}
	str_putf(out, "PROTO=%u ", ip[9]);
	return true;
}

static void put_ipv4_header(const struct pktt_log_line *line, const uint8_t *ip)
{
	uint16_t frag = get_be16(ip + 6);
	struct str *out = line->out;

	str_puts(out, "SRC=");
	pktt_log_put_ipv4(out, ip + 12);
	str_puts(out, " DST=");
	pktt_log_put_ipv4(out, ip + 16);
	str_putf(out, " LEN=%u TOS=0x%02X PREC=0x%02X TTL=%u ID=%u ", get_be16(ip + 2),
		 ip[1] & 0x1e, ip[1] & 0xe0, ip[8], get_be16(ip + 4));
	if (frag & 0x8000)
		str_puts(out, "CE ");
	if (frag & 0x4000)
		str_puts(out, "DF ");
	if (frag & 0x2000)
		str_puts(out, "MF ");
	if (frag & 0x1fff)
		str_putf(out, "FRAG:%u ", frag & 0x1fff);
}

static bool put_ipv4_options(const struct pktt_log_line *line, const uint8_t *ip, uint32_t at)
{
	uint32_t len = (ip[0] & 15u) * 4;
	const uint8_t *options;

	if (!(line->flags & PKTT_LOG_IPOPT) || len <= 20)
		return true;
	options = pktt_log_read(line, at + 20, len - 20);
	if (!options) {
		str_puts(line->out, "TRUNCATED");
		return false;
	}
	str_puts(line->out, "OPT (");
	pktt_log_put_hex(line, options, len - 20);
	str_puts(line->out, ") ");
	return true;
}

static void put_ipv4(const struct pktt_log_line *line, uint32_t at)
{
	const uint8_t *ip = pktt_log_read(line, at, 20);

	if (!ip) {
		str_puts(line->out, "TRUNCATED");
		return;
	}
	put_ipv4_header(line, ip);
	if (put_ipv4_options(line, ip, at) && put_ipv4_transport(line, ip, at) && !at)
		pktt_log_put_mark(line);
}

void pktt_log_ipv4(const struct pktt_log_line *line)
{
	put_ipv4(line, 0);
}

/* --- IPv6 ------------------------------------------------------------------------------------ */

static void put_ipv6(const struct pktt_log_line *line, uint32_t at, bool is_quoted);

/* A walk over extension headers. */
struct walk {
	const struct pktt_log_line *line;
	uint32_t at;
	uint8_t next;
	bool is_later;
};

static bool is_extension(uint8_t type)
{
	switch (type) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_ESP:
	case IPPROTO_AH:
	case IPPROTO_DSTOPTS:
		return true;
	}
	return false;
}

static bool wants_options(const struct walk *w)
{
	return w->line->flags & PKTT_LOG_IPOPT;
}

/* The length of the header, or 0: the line ends here. */
static uint32_t put_fragment(struct walk *w)
{
	struct str *out = w->line->out;
	const uint8_t *head;
	uint16_t off;

	str_puts(out, "FRAG:");
	head = pktt_log_read(w->line, w->at, 8);
	if (!head) {
		str_puts(out, "TRUNCATED ");
		return 0;
	}
	off = get_be16(head + 2);
	str_putf(out, "%u ", off & 0xfff8);
	if (off & 1)
		str_puts(out, "INCOMPLETE ");
	str_putf(out, "ID:%08x ", get_be32(head + 4));
	w->is_later = w->is_later || (off & 0xfff8);
	return 8;
}

/* AH and ESP, told only with the options. false = the line ends here. */
static bool put_ipsec(const struct walk *w, const char *name, uint32_t len, uint32_t spi_offset)
{
	struct str *out = w->line->out;
	const uint8_t *head;

	if (!wants_options(w))
		return true;
	str_puts(out, name);
	if (w->is_later) {
		str_puts(out, ")");
		return false;
	}
	head = pktt_log_read(w->line, w->at, len);
	if (!head) {
		pktt_log_incomplete(w->line, w->at);
		str_puts(out, ")");
		return false;
	}
	str_putf(out, "SPI=0x%x ", get_be32(head + spi_offset));
	return true;
}

static uint32_t put_extension(struct walk *w, uint8_t length)
{
	switch (w->next) {
	case IPPROTO_FRAGMENT:
		return put_fragment(w);
	case IPPROTO_AH:
		return put_ipsec(w, "AH ", 12, 4) ? (length + 2u) * 4 : 0;
	case IPPROTO_ESP:
		if (put_ipsec(w, "ESP ", 8, 0) && wants_options(w))
			str_puts(w->line->out, ")");
		return 0;
	}
	if (!w->is_later)
		return (length + 1u) * 8;
	if (wants_options(w))
		str_puts(w->line->out, ")");
	return 0;
}

/* false = the line ends here. */
static bool put_extensions(struct walk *w)
{
	while (is_extension(w->next)) {
		const uint8_t *head = pktt_log_read(w->line, w->at, 2);
		uint32_t len;

		if (!head) {
			str_puts(w->line->out, "TRUNCATED");
			return false;
		}
		if (wants_options(w))
			str_puts(w->line->out, "OPT ( ");
		len = put_extension(w, head[1]);
		if (!len)
			return false;
		if (wants_options(w))
			str_puts(w->line->out, ") ");
		w->next = head[0];
		w->at += len;
	}
	return true;
}

enum { UNREACHABLE6 = 1, TOO_BIG6 = 2, EXCEEDED6 = 3, PARAMETER6 = 4, ECHO6 = 128, REPLY6 = 129 };

static void put_icmpv6_body(const struct walk *w, const uint8_t *icmp, bool is_quoted)
{
	struct str *out = w->line->out;

	switch (icmp[0]) {
	case ECHO6:
	case REPLY6:
		str_putf(out, "ID=%u SEQ=%u ", get_be16(icmp + 4), get_be16(icmp + 6));
		return;
	case PARAMETER6:
		str_putf(out, "POINTER=%08x ", get_be32(icmp + 4));
		break;
	case UNREACHABLE6:
	case TOO_BIG6:
	case EXCEEDED6:
		break;
	default:
		return;
	}
	if (!is_quoted) {
		str_puts(out, "[");
		put_ipv6(w->line, w->at + 8, true);
		str_puts(out, "] ");
	}
	if (icmp[0] == TOO_BIG6)
		str_putf(out, "MTU=%u ", get_be32(icmp + 4));
}

static bool put_icmpv6(const struct walk *w, bool is_quoted)
{
	const uint8_t *icmp;

	str_puts(w->line->out, "PROTO=ICMPv6 ");
	if (w->is_later)
		return true;
	icmp = pktt_log_read(w->line, w->at, 8);
	if (!icmp) {
		pktt_log_incomplete(w->line, w->at);
		return false;
	}
	str_putf(w->line->out, "TYPE=%u CODE=%u ", icmp[0], icmp[1]);
	put_icmpv6_body(w, icmp, is_quoted);
	return true;
}

static bool put_ipv6_transport(const struct walk *w, bool is_quoted)
{
	switch (w->next) {
	case IPPROTO_TCP:
		return pktt_log_tcp(w->line, w->at, w->is_later);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return pktt_log_udp(w->line, w->at, w->is_later, w->next);
	case IPPROTO_ICMPV6:
		return put_icmpv6(w, is_quoted);
	}
	str_putf(w->line->out, "PROTO=%u ", w->next);
	return true;
}

static void put_ipv6(const struct pktt_log_line *line, uint32_t at, bool is_quoted)
{
	const uint8_t *ip = pktt_log_read(line, at, 40);
	struct walk w = { .line = line, .at = at + 40 };
	struct str *out = line->out;

	if (!ip) {
		str_puts(out, "TRUNCATED");
		return;
	}
	str_puts(out, "SRC=");
	pktt_log_put_ipv6(out, ip + 8);
	str_puts(out, " DST=");
	pktt_log_put_ipv6(out, ip + 24);
	str_putf(out, " LEN=%u TC=%u HOPLIMIT=%u FLOWLBL=%u ", get_be16(ip + 4) + 40,
		 get_be32(ip) >> 20 & 0xff, ip[7], get_be32(ip) & 0xfffff);
	w.next = ip[6];
	if (put_extensions(&w) && put_ipv6_transport(&w, is_quoted) && !is_quoted)
		pktt_log_put_mark(line);
}

void pktt_log_ipv6(const struct pktt_log_line *line)
{
	put_ipv6(line, 0, false);
}
