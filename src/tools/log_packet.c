/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log_packet.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "core/l3.h"
#include "core/log_text.h"

#define ETHERNET_LEN 14

/* --- From a message ---------------------------------------------------------------------------- */

static void name_iface(struct pktt_iface *iface, uint32_t index)
{
	iface->index = index;
	if (!if_indextoname(index, iface->name))
		snprintf(iface->name, sizeof(iface->name), "if%u", index);
}

static uint64_t time_of(const struct nlattr *attr)
{
	struct nfulnl_msg_packet_timestamp at;

	memcpy(&at, mnl_attr_get_payload(attr), sizeof(at));
	return be64toh(at.sec) * UINT64_C(1000000000) + be64toh(at.usec) * 1000;
}

static void read_link(struct log_packet *log, const struct nlattr *attr)
{
	if (mnl_attr_get_payload_len(attr) != ETHERNET_LEN)
		return;
	memcpy(log->buf, mnl_attr_get_payload(attr), ETHERNET_LEN);
	log->pkt.l2_len = ETHERNET_LEN;
}

static void read_payload(struct log_packet *log, const struct nlattr *attr)
{
	uint16_t len = mnl_attr_get_payload_len(attr);

	memcpy(log->buf + ETHERNET_LEN, mnl_attr_get_payload(attr), len);
	log->pkt.end = ETHERNET_LEN + len;
}

static const struct {
	uint16_t attr, min;
} least[] = {
	{ NFULA_PACKET_HDR, sizeof(struct nfulnl_msg_packet_hdr) },
	{ NFULA_TIMESTAMP, sizeof(struct nfulnl_msg_packet_timestamp) },
	{ NFULA_MARK, 4 },
	{ NFULA_IFINDEX_INDEV, 4 },
	{ NFULA_IFINDEX_OUTDEV, 4 },
	{ NFULA_PREFIX, 1 },
};

static bool is_long_enough(const struct nlattr *attr)
{
	for (size_t i = 0; i < pktt_countof(least); i++)
		if (least[i].attr == mnl_attr_get_type(attr))
			return mnl_attr_get_payload_len(attr) >= least[i].min;
	return true;
}

static void read_attr(struct log_packet *log, const struct nlattr *attr)
{
	const struct nfulnl_msg_packet_hdr *head = mnl_attr_get_payload(attr);

	switch (mnl_attr_get_type(attr)) {
	case NFULA_PACKET_HDR:
		log->pkt.hook = head->hook;
		log->pkt.ethertype = be16toh(head->hw_protocol);
		break;
	case NFULA_MARK:
		log->pkt.mark = be32toh(mnl_attr_get_u32(attr));
		break;
	case NFULA_TIMESTAMP:
		log->pkt.time_ns = time_of(attr);
		break;
	case NFULA_IFINDEX_INDEV:
		name_iface(&log->in, be32toh(mnl_attr_get_u32(attr)));
		log->pkt.in = &log->in;
		break;
	case NFULA_IFINDEX_OUTDEV:
		name_iface(&log->out, be32toh(mnl_attr_get_u32(attr)));
		log->pkt.out = &log->out;
		break;
	case NFULA_PREFIX:
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
			log->prefix = mnl_attr_get_str(attr);
		break;
	case NFULA_HWHEADER:
	case NFULA_L2HDR:
		read_link(log, attr);
		break;
	case NFULA_PAYLOAD:
		read_payload(log, attr);
		break;
	}
}

static enum pktt_family family_of(const struct pktt_packet *pkt)
{
	switch (pkt->ethertype) {
	case 0x0800:
		return PKTT_IPV4;
	case 0x86dd:
		return PKTT_IPV6;
	case 0x0806:
		return PKTT_ARP;
	}
	return PKTT_BRIDGE;
}

bool log_packet_read(struct log_packet *ret, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	memset(ret, 0, offsetof(struct log_packet, buf));
	if (nlh->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
		return false;
	ret->prefix = "";
	ret->in.arphrd = ret->out.arphrd = 1;
	ret->pkt.buf = ret->buf;
	ret->pkt.room = sizeof(ret->buf);
	ret->pkt.l3 = ret->pkt.end = ETHERNET_LEN;
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) if (is_long_enough(attr))
		read_attr(ret, attr);
	ret->pkt.wire_len = ret->pkt.end - ret->pkt.l3;
	ret->pkt.family = ret->pkt.l3_family = family_of(&ret->pkt);
	return true;
}

/* --- Out ----------------------------------------------------------------------------------------- */

static void clock_of(const struct log_packet *log, struct tm *tm, uint32_t *us)
{
	struct timespec now;
	time_t sec = (time_t)(log->pkt.time_ns / UINT64_C(1000000000));

	*us = (uint32_t)(log->pkt.time_ns % UINT64_C(1000000000) / 1000);
	if (!log->pkt.time_ns) {
		clock_gettime(CLOCK_REALTIME, &now);
		sec = now.tv_sec;
		*us = (uint32_t)(now.tv_nsec / 1000);
	}
	localtime_r(&sec, tm);
}

/* The kernel's line has the very order that LOGEMU has. */
void log_packet_text(const struct log_packet *log, const char *host, struct str *out)
{
	PKTT_AUTO(str_fini) struct str line = STR_INIT;
	char stamp[32];
	struct tm tm;
	uint32_t us;

	clock_of(log, &tm, &us);
	strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
	str_puts(&line, log->prefix);
	if (log->prefix[0] && log->prefix[strlen(log->prefix) - 1] != ' ')
		str_putc(&line, ' ');
	pktt_log_text(&log->pkt, "", PKTT_LOG_TCPSEQ, &line);
	str_putf(out, "%s ", stamp);
	str_put_escaped(out, host, strlen(host));
	str_putc(out, ' ');
	str_put_escaped(out, str_text(&line), strlen(str_text(&line)));
	str_putc(out, '\n');
}

static void put_addr(struct json *j, const char *key, const struct pktt_addr *addr)
{
	char text[INET6_ADDRSTRLEN];

	if (addr->len &&
	    inet_ntop(addr->len == 4 ? AF_INET : AF_INET6, addr->byte, text, sizeof(text)))
		json_put_text(j, key, text);
}

static void put_tcp(struct json *j, const uint8_t *tcp)
{
	static const char *const flags[] = { "tcp.fin", "tcp.syn", "tcp.rst",
					     "tcp.psh", "tcp.ack", "tcp.urg" };

	json_put_uint(j, "tcp.seq", get_be32(tcp + 4));
	json_put_uint(j, "tcp.ackseq", get_be32(tcp + 8));
	json_put_uint(j, "tcp.window", get_be16(tcp + 14));
	for (unsigned int i = 0; i < pktt_countof(flags); i++)
		if (tcp[13] >> i & 1)
			json_put_uint(j, flags[i], 1);
}

static void put_l4(struct json *j, const struct pktt_packet *pkt, uint32_t at, uint8_t protocol)
{
	const uint8_t *head = pktt_packet_read(pkt, PKTT_L3, at, 4);
	const uint8_t *tcp = pktt_packet_read(pkt, PKTT_L3, at, 20);

	if (!head)
		return;
	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
	    protocol == IPPROTO_UDPLITE) {
		json_put_uint(j, "src_port", get_be16(head));
		json_put_uint(j, "dest_port", get_be16(head + 2));
	}
	if (protocol == IPPROTO_TCP && tcp)
		put_tcp(j, tcp);
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) {
		json_put_uint(j, protocol == IPPROTO_ICMP ? "icmp.type" : "icmpv6.type", head[0]);
		json_put_uint(j, protocol == IPPROTO_ICMP ? "icmp.code" : "icmpv6.code", head[1]);
	}
}

static void put_ipv4(struct json *j, const struct pktt_packet *pkt)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, 20);

	if (!ip)
		return;
	json_put_uint(j, "ip.protocol", ip[9]);
	json_put_uint(j, "ip.tos", ip[1]);
	json_put_uint(j, "ip.ttl", ip[8]);
	json_put_uint(j, "ip.totlen", get_be16(ip + 2));
	json_put_uint(j, "ip.ihl", ip[0] & 0xf);
	json_put_uint(j, "ip.id", get_be16(ip + 4));
	json_put_uint(j, "ip.fragoff", get_be16(ip + 6));
	if (!(get_be16(ip + 6) & 0x1fff))
		put_l4(j, pkt, (ip[0] & 0xfu) * 4, ip[9]);
}

static void put_ipv6(struct json *j, const struct pktt_packet *pkt)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, 40);

	if (!ip)
		return;
	json_put_uint(j, "ip6.payloadlen", get_be16(ip + 4));
	json_put_uint(j, "ip6.hoplimit", ip[7]);
	json_put_uint(j, "ip6.nexthdr", ip[6]);
	put_l4(j, pkt, 40, ip[6]);
}

static void put_mac(struct json *j, const struct pktt_packet *pkt)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	const uint8_t *head = pkt->buf;

	if (!pkt->l2_len)
		return;
	for (unsigned int i = 0; i < ETHERNET_LEN; i++)
		str_putf(&text, i ? ":%02x" : "%02x", head[i]);
	json_put_text(j, "raw.mac", str_text(&text));
}

void log_packet_json(const struct log_packet *log, const char *host, struct str *out)
{
	const struct pktt_packet *pkt = &log->pkt;
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);
	struct json j = json_to(out);
	char stamp[32], zone[8], whole[64];
	struct tm tm;
	uint32_t us;

	clock_of(log, &tm, &us);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	snprintf(whole, sizeof(whole), "%s.%06u%s", stamp, us % 1000000, zone);
	json_begin_object(&j);
	json_put_text(&j, "timestamp", whole);
	json_put_text(&j, "dvc", host);
	json_put_uint(&j, "raw.pktlen", packet_len(pkt, PKTT_L3));
	put_mac(&j, pkt);
	json_put_text(&j, "oob.prefix", log->prefix);
	json_put_uint(&j, "oob.mark", pkt->mark);
	json_put_text(&j, "oob.in", pkt->in ? pkt->in->name : "");
	json_put_text(&j, "oob.out", pkt->out ? pkt->out->name : "");
	json_put_uint(&j, "oob.hook", pkt->hook);
	json_put_uint(&j, "oob.protocol", pkt->ethertype);
	put_addr(&j, "src_ip", &src);
	put_addr(&j, "dest_ip", &dst);
	if (pkt->l3_family == PKTT_IPV4)
		put_ipv4(&j, pkt);
	else if (pkt->l3_family == PKTT_IPV6)
		put_ipv6(&j, pkt);
	json_end_object(&j);
	str_putc(out, '\n');
}
