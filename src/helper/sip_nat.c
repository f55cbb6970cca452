/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What NAT makes of SIP messages: Linux's nf_nat_sip.c. Wherever a message names an end of the
 * connection as one side sees it, the other side is told what it sees; media and registrations are
 * expected where the message says, and said where they will be expected.
 */
#include "helper/sip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "nat/nat.h"

enum { TEXT_MAX = INET6_ADDRSTRLEN + sizeof("[]:65535") };

static const struct ct_tuple *tuple_of(const struct sip *m, enum ct_dir dir)
{
	return &m->help->tuple[dir];
}

static bool is_addr(const uint8_t a[16], const uint8_t b[16])
{
	return memcmp(a, b, 16) == 0;
}

/* --- Replacing -------------------------------------------------------------------------------- */

/* The payload may stand elsewhere behind this; places stay what they are. */
static bool replace(struct sip *m, uint32_t at, uint32_t len, const char *with)
{
	struct help *help = m->help;
	uint32_t with_len = (uint32_t)strlen(with), from = m->start + at;
	int r;

	if (help->pkt->protocol == IPPROTO_TCP)
		r = nat_replace_tcp(help->pkt, from, len, with, with_len);
	else
		r = nat_mangle_udp(help->pkt, help->conn, help->info, from, len, with, with_len);
	if (r || !help_begin(help, help->pkt, help->conn, help->info))
		return false;
	m->len += with_len - len;
	return true;
}

static void put_addr(const struct sip *m, const uint8_t addr[16], bool has_brackets,
		     char text[TEXT_MAX])
{
	bool is_v6 = tuple_of(m, CT_ORIGINAL)->family == PKTT_IPV6;
	char plain[INET6_ADDRSTRLEN] = "";

	inet_ntop(is_v6 ? AF_INET6 : AF_INET, addr, plain, sizeof(plain));
	snprintf(text, TEXT_MAX, is_v6 && has_brackets ? "[%s]" : "%s", plain);
}

static void put_place(const struct sip *m, const uint8_t addr[16], uint16_t port,
		      char text[TEXT_MAX])
{
	size_t len;

	put_addr(m, addr, true, text);
	len = strlen(text);
	snprintf(text + len, TEXT_MAX - len, ":%u", ntohs(port));
}

/* An end of the connection as this side has it becomes the same as the other side has it. */
static bool map_place(struct sip *m, const struct sip_match *match)
{
	const struct ct_tuple *here = tuple_of(m, m->help->dir),
			      *there = tuple_of(m, !m->help->dir);
	const uint8_t *addr;
	uint16_t port;
	char text[TEXT_MAX];

	if (is_addr(here->src, match->addr) && here->sport == match->port) {
		addr = there->dst;
		port = there->dport;
	} else if (is_addr(here->dst, match->addr) && here->dport == match->port) {
		addr = there->src;
		port = m->state->forced_dport ? m->state->forced_dport : there->sport;
	} else {
		return true;
	}
	if (is_addr(addr, match->addr) && port == match->port)
		return true;
	put_place(m, addr, port, text);
	return replace(m, match->at, match->len, text);
}

/* --- Messages --------------------------------------------------------------------------------- */

static bool map_header(struct sip *m, enum sip_header header)
{
	struct sip_match match;

	return sip_find_uri(m, header, NULL, &match) <= 0 || map_place(m, &match);
}

static bool map_contacts(struct sip *m)
{
	struct sip_walk walk = { 0 };
	struct sip_match match;

	while (sip_find_uri(m, SIP_CONTACT, &walk, &match) > 0) {
		uint32_t before = m->len;

		if (!map_place(m, &match))
			return false;
		walk.at += m->len - before;
	}
	return true;
}

/* An address parameter of Via that names an end. */
static bool map_parameter(struct sip *m, uint32_t from, const char *name, bool has_brackets,
			  const uint8_t *is, const uint8_t *becomes)
{
	struct sip_match match;
	char text[TEXT_MAX];

	if (sip_find_address(m, from, name, has_brackets, &match) <= 0 ||
	    !is_addr(match.addr, is) || is_addr(match.addr, becomes))
		return true;
	put_addr(m, becomes, has_brackets, text);
	return replace(m, match.at, match.len, text);
}

static bool map_rport(struct sip *m, uint32_t from)
{
	const struct ct_tuple *here = tuple_of(m, m->help->dir),
			      *there = tuple_of(m, !m->help->dir);
	struct sip_match match;
	char text[TEXT_MAX];
	uint32_t n = 0;

	if (sip_find_number(m, from, "rport=", &match, &n) <= 0 ||
	    htons((uint16_t)n) != here->dport || htons((uint16_t)n) == there->sport)
		return true;
	snprintf(text, sizeof(text), "%u", ntohs(there->sport));
	return replace(m, match.at, match.len, text);
}

/* The topmost Via, if it is of this connection: where the answer goes, and where it came from. */
static bool map_via(struct sip *m, bool is_request)
{
	const struct ct_tuple *here = tuple_of(m, m->help->dir),
			      *there = tuple_of(m, !m->help->dir);
	enum sip_header header = here->protocol == IPPROTO_TCP ? SIP_VIA_TCP : SIP_VIA_UDP;
	const uint8_t *addr = is_request ? here->src : here->dst;
	uint16_t port = is_request ? here->sport : here->dport;
	uint32_t before = m->len, end;
	struct sip_match match;

	if (sip_find_uri(m, header, NULL, &match) <= 0 || !is_addr(match.addr, addr) ||
	    match.port != port)
		return true;
	if (!map_place(m, &match))
		return false;
	end = match.at + match.len + m->len - before;
	return map_parameter(m, end, "maddr=", true, here->src, there->dst) &&
	       map_parameter(m, end, "received=", false, here->dst, there->src) &&
	       map_rport(m, end);
}

/* Phones that send from a high port and listen at another: see sip.c. */
static bool force_port(struct sip *m)
{
	struct help *help = m->help;
	uint8_t *udp;

	if (help->dir != CT_REPLY || !m->state->forced_dport)
		return true;
	udp = pktt_packet_write(help->pkt, PKTT_L4, 0, 4);
	if (!udp)
		return false;
	memcpy(udp + 2, &m->state->forced_dport, 2);
	return nat_mangle_udp(help->pkt, help->conn, help->info, 0, 0, "", 0) == 0;
}

bool sip_nat_message(struct sip *m)
{
	bool is_request = !sip_has(m, 0, "SIP/2.0");
	struct sip_match match;

	if (is_request && sip_find_request_uri(m, &match) > 0 && !map_place(m, &match))
		return false;
	return map_via(m, is_request) && map_contacts(m) && map_header(m, SIP_FROM) &&
	       map_header(m, SIP_TO) && force_port(m);
}

/* --- Expectations ----------------------------------------------------------------------------- */

/* What the master expects from the very place that this connection comes from: the other way round. */
static struct expect *find_pair(struct conntrack *ct, struct conn *conn, struct conn *master)
{
	struct expect *each[16];
	struct ct_tuple t;
	struct expect *pair = NULL;
	unsigned int n = expect_of_master(ct, master, each, 16);

	conn_tuple(conn, CT_ORIGINAL, &t);
	for (unsigned int i = 0; i < n; i++) {
		bool is_it = !pair && each[i]->tuple.protocol == t.protocol &&
			     is_addr(t.src, each[i]->saved_addr) && t.sport == each[i]->saved_port;

		if (is_it)
			pair = each[i];
		else
			expect_put(&each[i]);
	}
	return pair;
}

/* To where the announcement really pointed; from where the other side knows the sender. */
static void expected(struct pktt_packet *pkt, struct conn *conn, const struct expect *expect)
{
	struct conntrack *ct = conntrack_of(pkt->engine);
	struct expect *pair = NULL;
	struct ct_tuple of_master, own, back;

	help_bind(pkt, conn, expect->saved_addr, &expect->saved_port, NAT_DST);
	if (expect->class != SIP_SIGNALLING)
		pair = find_pair(ct, conn, expect->master);
	if (pair) {
		help_bind(pkt, conn, pair->tuple.dst, &pair->tuple.dport, NAT_SRC);
		expect_put(&pair);
		return;
	}
	conn_tuple(expect->master, (enum ct_dir)expect->nat_dir, &of_master);
	conn_tuple(conn, CT_ORIGINAL, &own);
	if (!is_addr(of_master.src, own.src))
		return;
	conn_tuple(expect->master, expect->nat_dir == CT_ORIGINAL ? CT_REPLY : CT_ORIGINAL, &back);
	help_bind(pkt, conn, back.dst, NULL, NAT_SRC);
}

/* The address that packets to the speaker come to. */
static void seen_address(const struct sip *m, const struct expect *expect, uint8_t ret[16])
{
	const struct ct_tuple *here = tuple_of(m, m->help->dir),
			      *there = tuple_of(m, !m->help->dir);

	memcpy(ret, is_addr(here->src, there->dst) ? expect->tuple.dst : there->dst, 16);
}

static void redirect(const struct sip *m, struct expect *expect, const uint8_t addr[16])
{
	memcpy(expect->saved_addr, expect->tuple.dst, 16);
	memcpy(expect->tuple.dst, addr, 16);
	expect->saved_port = expect->tuple.dport;
	expect->nat_dir = m->help->dir == CT_ORIGINAL ? CT_REPLY : CT_ORIGINAL;
	expect->expected = expected;
}

bool sip_nat_expect(struct sip *m, struct expect *expect, const struct sip_match *match)
{
	const struct ct_tuple *here = tuple_of(m, m->help->dir),
			      *there = tuple_of(m, !m->help->dir);
	uint16_t own = m->state->forced_dport ? m->state->forced_dport : here->sport;
	uint16_t first = expect->tuple.dport == own ? there->dport : expect->tuple.dport;
	uint8_t addr[16];
	char text[TEXT_MAX];
	uint16_t port;

	seen_address(m, expect, addr);
	redirect(m, expect, addr);
	port = nat_expect_port(m->help->ct, expect, ntohs(first));
	if (!port)
		return false;
	if (is_addr(expect->tuple.dst, expect->saved_addr) &&
	    expect->tuple.dport == expect->saved_port)
		return true;
	put_place(m, addr, htons(port), text);
	if (replace(m, match->at, match->len, text))
		return true;
	expect_unrelate(m->help->ct, expect);
	return false;
}

bool sip_nat_media(struct sip *m, struct expect *rtp, struct expect *rtcp,
		   const struct sip_match *media, uint8_t addr[16])
{
	uint16_t port;

	seen_address(m, rtp, addr);
	redirect(m, rtp, addr);
	redirect(m, rtcp, addr);
	port = help_expect_pair(m->help->ct, rtp, rtcp);
	if (!port)
		return false;
	if (rtp->tuple.dport == rtp->saved_port || sip_nat_media_port(m, media, port))
		return true;
	expect_unrelate(m->help->ct, rtp);
	expect_unrelate(m->help->ct, rtcp);
	return false;
}

/* --- Session descriptions --------------------------------------------------------------------- */

static bool fix_content_length(struct sip *m)
{
	struct sip_match match;
	uint32_t len;
	char text[TEXT_MAX];

	if (sdp_find(m, 0, SDP_VERSION, SDP_NONE, &match) <= 0)
		return false;
	len = m->len - match.at + (uint32_t)strlen("v=");
	if (sip_find_header(m, 0, SIP_CONTENT_LENGTH, &match) <= 0)
		return false;
	snprintf(text, sizeof(text), "%u", len);
	return replace(m, match.at, match.len, text);
}

enum replaced { REPLACED, ABSENT, FAILED };

static enum replaced replace_line(struct sip *m, uint32_t from, enum sdp_line line,
				  const char *with)
{
	struct sip_match match;

	if (sdp_find(m, from, line, SDP_MEDIA, &match) <= 0)
		return ABSENT;
	return replace(m, match.at, match.len, with) ? REPLACED : FAILED;
}

bool sip_nat_media_port(struct sip *m, const struct sip_match *media, uint16_t port)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "%u", port);
	return replace(m, media->at, media->len, text) && fix_content_length(m);
}

bool sip_nat_media_address(struct sip *m, uint32_t from, const uint8_t addr[16])
{
	char text[TEXT_MAX];

	put_addr(m, addr, false, text);
	return replace_line(m, from, SDP_CONNECTION, text) == REPLACED && fix_content_length(m);
}

/* c= may be missing where every media description has its own: RFC 8866, 5.7. */
bool sip_nat_session(struct sip *m, uint32_t from, const uint8_t addr[16])
{
	char text[TEXT_MAX];

	put_addr(m, addr, false, text);
	return replace_line(m, from, SDP_OWNER, text) == REPLACED &&
	       replace_line(m, from, SDP_CONNECTION, text) != FAILED && fix_content_length(m);
}
