/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/explain_beside.h"

#include "base/buf.h"
#include "base/own.h"
#include "base/str.h"
#include "conntrack/defrag.h"
#include "conntrack/helper.h"

#include <arpa/inet.h>
#include <string.h>

static bool read_ports(const struct pktt_packet *pkt, uint8_t ret[4])
{
	static const uint8_t with_ports[] = { 6, 17, 33, 132, 136 };
	const uint8_t *ports;

	if (!pkt->has_l4 || pkt->frag_off || !memchr(with_ports, pkt->protocol, sizeof(with_ports)))
		return false;
	ports = pktt_packet_read(pkt, PKTT_L4, 0, 4);
	if (ports)
		memcpy(ret, ports, 4);
	return ports;
}

void beside_before(struct beside_before *ret, const struct pktt_packet *pkt)
{
	*ret = (struct beside_before){
		.src = pktt_packet_src(pkt),
		.dst = pktt_packet_dst(pkt),
		.is_confirmed = pkt->ct && conn_is_confirmed(pkt->ct),
		.is_whole = pkt->pieces,
	};
	ret->has_ports = read_ports(pkt, ret->ports);
}

/* --- Translation ------------------------------------------------------------------------------ */

static void put_end(const struct pktt_addr *addr, const uint8_t *port, struct str *out)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(addr->len == 4 ? AF_INET : AF_INET6, addr->byte, text, sizeof(text));
	if (!port)
		str_puts(out, text);
	else
		str_putf(out, addr->len == 4 ? "%s:%u" : "[%s]:%u", text, get_be16(port));
}

/* One end of the packet, if it is another now. */
static void put_change(const char *which, const struct pktt_addr *from, const uint8_t *from_port,
		       const struct pktt_addr *to, const uint8_t *to_port, struct str *out)
{
	bool same_port = !from_port || !to_port || memcmp(from_port, to_port, 2) == 0;

	if (same_port && memcmp(from->byte, to->byte, sizeof(from->byte)) == 0)
		return;
	str_putf(out, "%s%s ", out->len ? ", " : "", which);
	put_end(from, from_port, out);
	str_puts(out, " -> ");
	put_end(to, to_port, out);
}

static void put_nat(const struct beside_before *before, const struct pktt_packet *pkt,
		    struct str *out)
{
	struct beside_before now;
	const uint8_t *was, *is;

	beside_before(&now, pkt);
	was = before->has_ports ? before->ports : NULL;
	is = now.has_ports ? now.ports : NULL;
	put_change("source", &before->src, was, &now.src, is, out);
	put_change("destination", &before->dst, was ? was + 2 : NULL, &now.dst, is ? is + 2 : NULL,
		   out);
}

/* --- Connections ------------------------------------------------------------------------------ */

static void put_connection(const struct pktt_packet *pkt, struct str *out)
{
	const struct ct_l4proto *proto = ct_l4proto_of(pkt->ct->family, pkt->ct->protocol);
	const char *state = proto->state ? proto->state(pkt->ct) : NULL;
	struct conntrack *ct = conntrack_of(pkt->engine);

	str_putf(out, ", %s%s%s, timeout %u s", proto->name, state ? " " : "", state ? state : "",
		 conn_timeout_left(pkt->ct, ct_ms(conntrack_time_ns(ct))) / 1000);
	if (pkt->ct->zone)
		str_putf(out, ", zone %u", pkt->ct->zone);
	if (conn_helper(pkt->ct))
		str_putf(out, ", helper %s", conn_helper(pkt->ct)->name);
}

static const char *of_connection(const struct pktt_packet *pkt)
{
	switch (pkt->ct_info) {
	case PKTT_CT_NEW:
		return conn_is_confirmed(pkt->ct) ? "connection not answered yet"
						  : "new connection";
	case PKTT_CT_RELATED:
	case PKTT_CT_RELATED_REPLY:
		return conn_is_confirmed(pkt->ct) ? "about a connection: RELATED"
						  : "new connection, expected: RELATED";
	case PKTT_CT_ESTABLISHED_REPLY:
		return "connection there, its reply: ESTABLISHED";
	case PKTT_CT_NONE:
	case PKTT_CT_ESTABLISHED:
	case PKTT_CT_INVALID:
	case PKTT_CT_UNTRACKED:
		break;
	}
	return "connection there: ESTABLISHED";
}

static void put_tracked(const struct pktt_packet *pkt, struct str *out)
{
	if (pkt->ct) {
		str_puts(out, of_connection(pkt));
		put_connection(pkt, out);
	} else if (pkt->ct_info == PKTT_CT_INVALID) {
		str_puts(out, "belongs to no connection and opens none: INVALID");
	} else if (pkt->ct_info == PKTT_CT_UNTRACKED) {
		str_puts(out, "not tracked: UNTRACKED");
	}
}

static void put_confirmed(const struct beside_before *before, const struct pktt_packet *pkt,
			  struct str *out)
{
	if (pkt->ct && !before->is_confirmed && conn_is_confirmed(pkt->ct))
		str_puts(out, "confirmed: the connection is in the table");
}

static void put_whole(const struct beside_before *before, const struct pktt_packet *pkt,
		      struct str *out)
{
	if (pkt->pieces && !before->is_whole)
		str_putf(out, "datagram of %u fragments put together", pkt->pieces->count);
}

void beside_print(const struct beside_before *before, const struct pktt_packet *pkt,
		  const struct pktt_hook_fn *fn, enum pktt_verdict verdict, struct str *out)
{
	if (verdict == PKTT_STOLEN)
		str_puts(out, "held until its other fragments come");
	else if (verdict != PKTT_ACCEPT)
		str_putf(out, "dropped: %s", pktt_reason_name(pkt->decision.reason));
	else if (strcmp(fn->name, "conntrack") == 0)
		put_tracked(pkt, out);
	else if (strcmp(fn->name, "confirm") == 0)
		put_confirmed(before, pkt, out);
	else if (strcmp(fn->name, "defrag") == 0)
		put_whole(before, pkt, out);
	else
		put_nat(before, pkt, out);
}
