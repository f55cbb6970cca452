/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helper/help.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/own.h"
#include "conntrack/defrag.h"
#include "core/hook.h"
#include "nat/nat.h"

#define TCP_HEADER_MIN 20u
#define UDP_HEADER     8u

/* Bytes of the layer-4 header; 0 = it cannot be read. */
static uint32_t header_len(const struct pktt_packet *pkt)
{
	const uint8_t *tcp;

	if (pkt->protocol != IPPROTO_TCP)
		return UDP_HEADER;
	tcp = pktt_packet_read(pkt, PKTT_L4, 0, TCP_HEADER_MIN);
	return tcp && tcp[12] >> 4 >= 5 ? (tcp[12] >> 4) * 4u : 0;
}

void help_linearize(struct pktt_packet *pkt)
{
	if (pkt->pieces)
		pkt->pieces->is_linear = true;
}

bool help_begin(struct help *help, struct pktt_packet *pkt, struct conn *conn,
		enum pktt_ct_info info)
{
	uint32_t header = header_len(pkt), len = packet_len(pkt, PKTT_L4);
	const uint8_t *payload;

	if (!header || len < header)
		return false;
	payload = pktt_packet_read(pkt, PKTT_L4, header, len - header);
	if (!payload)
		return false;
	*help = (struct help){ .pkt = pkt, .conn = conn, .info = info };
	help->dir = ct_packet_dir(pkt);
	help->ct = conntrack_of(pkt->engine);
	help->payload = buf_of(payload, len - header);
	conn_tuple(conn, CT_ORIGINAL, &help->tuple[CT_ORIGINAL]);
	conn_tuple(conn, CT_REPLY, &help->tuple[CT_REPLY]);
	return true;
}

enum pktt_verdict help_drop(const struct help *help)
{
	return pktt_packet_drop(help->pkt, PKTT_REASON_HELPER);
}

void help_refresh(const struct help *help, uint32_t seconds)
{
	if (!(conn_status(help->conn) & CT_FIXED_TIMEOUT))
		conn_set_timeout(help->conn, ct_ms(conntrack_time_ns(help->ct)), seconds * 1000);
}

int help_replace(const struct help *help, uint32_t offset, uint32_t len, const void *with,
		 uint32_t with_len)
{
	if (help->pkt->protocol == IPPROTO_TCP)
		return nat_mangle_tcp(help->pkt, help->conn, help->info, offset, len, with,
				      with_len);
	return nat_mangle_udp(help->pkt, help->conn, help->info, offset, len, with, with_len);
}

/* At a port that is free, which the payload then says. */
static int announce_translated(const struct help *help, const struct announcement *what,
			       struct expect *expect)
{
	uint8_t text[ANNOUNCEMENT_TEXT_MAX];
	uint16_t port;
	int r;

	expect->saved_port = what->saved_port;
	expect->nat_dir = what->nat_dir;
	expect->expected = nat_follow_master;
	if (!what->write)
		return expect_related(help->ct, expect);
	port = nat_expect_port(help->ct, expect, ntohs(what->saved_port));
	if (!port)
		return -EADDRINUSE;
	r = help_replace(help, what->offset, what->len, text, what->write(help, what, port, text));
	if (r < 0)
		expect_unrelate(help->ct, expect);
	return r;
}

enum pktt_verdict help_announce(const struct help *help, const struct announcement *what)
{
	PKTT_AUTO(expect_put) struct expect *expect = expect_new(help->ct, help->conn);
	int r;

	if (!expect)
		return help_drop(help);
	expect_init(expect, what->class, what->src, &what->dst, what->protocol, NULL, &what->port);
	expect->helper = what->helper;
	if (what->follows && help_is_translated(help))
		r = announce_translated(help, what, expect);
	else
		r = expect_related(help->ct, expect);
	return r < 0 ? help_drop(help) : PKTT_ACCEPT;
}

uint16_t help_expect_pair(struct conntrack *ct, struct expect *rtp, struct expect *rtcp)
{
	for (uint32_t port = ntohs(rtp->tuple.dport); port && port < UINT16_MAX; port += 2) {
		int r;

		rtp->tuple.dport = htons((uint16_t)port);
		r = expect_related(ct, rtp);
		if (r == -EBUSY)
			continue;
		if (r < 0)
			return 0;
		rtcp->tuple.dport = htons((uint16_t)(port + 1));
		r = expect_related(ct, rtcp);
		if (r == 0)
			return (uint16_t)port;
		expect_unrelate(ct, rtp);
		if (r != -EBUSY)
			return 0;
	}
	return 0;
}

void help_bind(struct pktt_packet *pkt, struct conn *conn, const uint8_t *addr,
	       const uint16_t *port, enum nat_kind kind)
{
	struct nat_range range = { .flags = NAT_MAP_IPS };

	range.min.len = range.max.len = (uint8_t)ct_addr_len(conn->family);
	memcpy(range.min.byte, addr, range.min.len);
	memcpy(range.max.byte, addr, range.max.len);
	if (port) {
		range.flags |= NAT_PROTO_SPECIFIED;
		range.min_port = range.max_port = *port;
	}
	nat_setup(pkt, conn, &range, kind);
}
