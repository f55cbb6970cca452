/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * H.323 calls: Q.931 with H.225 (ITU-T H.225.0) sets them up and says where H.245 is spoken, which opens
 * the channels of their media; with "fast start", or tunnelled, the first says what the second would.
 *
 * Overview: a TCP segment carries packets with a header of their own (TPKT, RFC 1006); one whose header
 * came alone before is remembered by its length. Each is walked by the tables of h323_types.c; then what
 * was noted is gone through in order. A message that cannot be walked is let pass as it is.
 */
#include "helper/h323.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/own.h"
#include "core/env.h"
#include "nat/nat.h"

static bool is_own(const struct h323 *m, const struct h323_place *p)
{
	return p->port && memcmp(h323_here(m)->src, p->addr.byte, p->addr.len) == 0;
}

/* This end is seen at another address from the other side. */
static bool is_hidden(const struct h323 *m)
{
	return h323_is_translated(m) && memcmp(h323_here(m)->src, h323_there(m)->dst, 16) != 0;
}

static bool enter(const struct h323 *m, struct expect *e)
{
	return expect_related(m->help->ct, e) == 0;
}

/* --- Media ------------------------------------------------------------------------------------ */

static bool enter_two(const struct h323 *m, struct expect *rtp, struct expect *rtcp)
{
	if (!enter(m, rtp))
		return false;
	if (enter(m, rtcp))
		return true;
	expect_unrelate(m->help->ct, rtp);
	return false;
}

/* A channel that was announced before keeps its place; -1 = there are too many. */
static int channel_of(const struct h323 *m, uint16_t rtp_port)
{
	for (int i = 0; i < H323_CHANNELS; i++) {
		uint16_t known = m->state->rtp_port[i][m->help->dir];

		if (known == rtp_port || known == 0)
			return i;
	}
	return -1;
}

static bool translate_media(struct h323 *m, const struct h323_place *p, struct expect *rtp,
			    struct expect *rtcp)
{
	uint16_t rtp_port = rtp->tuple.dport, port;
	bool is_rtcp = ntohs(p->port) & 1;
	int channel = channel_of(m, rtp_port);

	h323_follow(m, rtp);
	h323_follow(m, rtcp);
	if (channel < 0)
		return true;
	port = help_expect_pair(m->help->ct, rtp, rtcp);
	if (!port)
		return true;
	if (!h323_write(m, p->note, h323_there(m)->dst, htons((uint16_t)(port + is_rtcp)))) {
		expect_unrelate(m->help->ct, rtp);
		expect_unrelate(m->help->ct, rtcp);
		return false;
	}
	m->state->rtp_port[channel][m->help->dir] = rtp_port;
	m->state->rtp_port[channel][!m->help->dir] = htons(port);
	return true;
}

/* RTP at the even port, RTCP at the next: whichever of them was said. */
static bool expect_media(struct h323 *m, const struct per_note *note)
{
	struct pktt_addr dst = ct_tuple_dst(h323_there(m));
	struct expect *rtp, *rtcp;
	struct h323_place p;
	bool is_good = false;

	if (!h323_read(m, note, &p) || !is_own(m, &p))
		return true;
	rtp = h323_expect(m, IPPROTO_UDP, &dst, p.port & htons(0xfffe), NULL);
	rtcp = h323_expect(m, IPPROTO_UDP, &dst, p.port | htons(1), NULL);
	if (rtp && rtcp)
		is_good =
			is_hidden(m) ? translate_media(m, &p, rtp, rtcp) : enter_two(m, rtp, rtcp);
	if (rtp)
		expect_put(&rtp);
	if (rtcp)
		expect_put(&rtcp);
	return is_good;
}

/* --- Connections ------------------------------------------------------------------------------ */

/* At a port that is free, which the message then says. */
static bool translate_place(struct h323 *m, const struct per_note *note, struct expect *e,
			    uint16_t first, uint16_t *port)
{
	*port = nat_expect_port(m->help->ct, e, first);
	if (!*port)
		return true;
	if (h323_write(m, note, h323_there(m)->dst, htons(*port)))
		return true;
	expect_unrelate(m->help->ct, e);
	return false;
}

static bool expect_t120(struct h323 *m, const struct per_note *note)
{
	struct pktt_addr dst = ct_tuple_dst(h323_there(m));
	PKTT_AUTO(expect_put) struct expect *e = NULL;
	struct h323_place p;
	uint16_t port;

	if (!h323_read(m, note, &p) || !is_own(m, &p))
		return true;
	e = h323_expect(m, IPPROTO_TCP, &dst, p.port, NULL);
	if (!e)
		return false;
	e->flags = CT_EXPECT_PERMANENT; /* several channels */
	if (!is_hidden(m))
		return enter(m, e);
	h323_follow(m, e);
	return translate_place(m, note, e, ntohs(p.port), &port);
}

static bool expect_h245(struct h323 *m, const struct per_note *note)
{
	uint16_t *known = m->state->signal_port, port, first;
	struct pktt_addr dst = ct_tuple_dst(h323_there(m));
	PKTT_AUTO(expect_put) struct expect *e = NULL;
	enum ct_dir dir = m->help->dir;
	struct h323_place p;

	if (!h323_read(m, note, &p) || !is_own(m, &p))
		return true;
	e = h323_expect(m, IPPROTO_TCP, &dst, p.port, h323_h245);
	if (!e)
		return false;
	if (!is_hidden(m))
		return enter(m, e);
	h323_follow(m, e);
	first = known[dir] == p.port ? known[!dir] : p.port;
	if (!translate_place(m, note, e, ntohs(first), &port))
		return false;
	if (port) {
		known[dir] = p.port;
		known[!dir] = htons(port);
	}
	return true;
}

/* Both by the same next hop: they will talk without us. */
static bool are_together(const struct h323 *m, const struct pktt_addr *a, const struct pktt_addr *b)
{
	struct pktt_env *env = m->help->pkt->env;
	struct pktt_route_query qa = { .family = m->help->pkt->l3_family, .dst = *a };
	struct pktt_route_query qb = { .family = m->help->pkt->l3_family, .dst = *b };
	struct pktt_route ra = { 0 }, rb = { 0 };
	const struct pktt_addr *va, *vb;

	if (!env->ops->route || env->ops->route(env, &qa, &ra) || env->ops->route(env, &qb, &rb))
		return false;
	va = ra.via.len ? &ra.via : a;
	vb = rb.via.len ? &rb.via : b;
	return ra.out == rb.out && memcmp(va->byte, vb->byte, a->len) == 0;
}

/* ip_nat_callforwarding_expect(): from whoever it comes, to where it was really forwarded. */
static void forwarded(struct pktt_packet *pkt, struct conn *conn, const struct expect *expect)
{
	struct ct_tuple own;

	conn_tuple(conn, CT_ORIGINAL, &own);
	help_bind(pkt, conn, own.src, NULL, NAT_SRC);
	help_bind(pkt, conn, expect->saved_addr, &expect->saved_port, NAT_DST);
}

static bool expect_forwarded(struct h323 *m, const struct per_note *note)
{
	struct pktt_addr caller = ct_tuple_src(h323_there(m));
	PKTT_AUTO(expect_put) struct expect *e = NULL;
	struct h323_place p;
	uint16_t port;

	if (!h323_read(m, note, &p) || !p.port || are_together(m, &p.addr, &caller))
		return true;
	e = h323_expect(m, IPPROTO_TCP, &p.addr, p.port, h323_q931);
	if (!e)
		return false;
	if (!is_hidden(m))
		return enter(m, e);
	memcpy(e->saved_addr, e->tuple.dst, 16);
	memcpy(e->tuple.dst, h323_there(m)->dst, 16);
	h323_follow(m, e);
	e->expected = forwarded;
	return translate_place(m, note, e, ntohs(p.port), &port);
}

/* Ends of the signalling connection itself, in a setup. */
static bool map_end(struct h323 *m, const struct per_note *note, const uint8_t *is, uint16_t port)
{
	struct h323_place p;

	if (!h323_is_translated(m) || !h323_read(m, note, &p) ||
	    memcmp(p.addr.byte, is, p.addr.len) == 0)
		return true;
	return h323_write(m, note, is, port);
}

/* --- Messages --------------------------------------------------------------------------------- */

static bool has_mark(const struct h323 *m, enum h323_tag mark)
{
	for (unsigned int i = 0; i < m->notes.count; i++)
		if (m->notes.note[i].tag == mark)
			return true;
	return false;
}

static bool act_on(struct h323 *m, const struct per_note *note, bool is_forwarded)
{
	const struct ct_tuple *there = h323_there(m);

	switch ((enum h323_tag)note->tag) {
	case H323_H245_ADDRESS:
		return expect_h245(m, note);
	case H323_DEST_CALL_SIGNAL:
		return map_end(m, note, there->src, there->sport);
	case H323_SOURCE_CALL_SIGNAL:
		return map_end(m, note, there->dst, there->dport);
	case H323_ALTERNATIVE:
		return !is_forwarded || expect_forwarded(m, note);
	case H323_MEDIA:
		return expect_media(m, note);
	case H323_SEPARATE_STACK:
		return !has_mark(m, H323_LAN_STACK) || expect_t120(m, note);
	case H323_SEPARATE_STACK_ACK:
		return expect_t120(m, note);
	case H323_NO_TAG:
	case H323_IS_FORWARDED:
	case H323_LAN_STACK:
	case RAS_GRQ:
	case RAS_GCF:
	case RAS_RRQ:
	case RAS_RCF:
	case RAS_URQ:
	case RAS_ARQ:
	case RAS_ACF:
	case RAS_LRQ:
	case RAS_LCF:
	case RAS_IRR:
	case RAS_ADDRESS:
	case RAS_SIGNAL_ADDRESS:
	case RAS_TIME_TO_LIVE:
		break;
	}
	return true;
}

/* What a call was forwarded for says nothing else. */
static bool act(struct h323 *m)
{
	bool is_forwarded = has_mark(m, H323_IS_FORWARDED);

	for (unsigned int i = 0; i < m->notes.count; i++) {
		const struct per_note *note = &m->notes.note[i];

		if (note->len == 0 || (is_forwarded && note->tag != H323_ALTERNATIVE))
			continue;
		if (!act_on(m, note, is_forwarded))
			return false;
	}
	return true;
}

/* --- Q.931 ------------------------------------------------------------------------------------ */

enum { Q931 = 0x08, USER_USER = 0x7e };

/* Where the H.225 message in the user-user element begins and ends. */
static bool find_user_user(struct buf b, uint32_t *at, uint32_t *len)
{
	size_t all = buf_left(&b);
	uint8_t discriminator, reference, type, element, short_len;
	uint16_t long_len;

	if (!buf_get_u8(&b, &discriminator) || discriminator != Q931 ||
	    !buf_get_u8(&b, &reference) || !buf_skip(&b, reference) || !buf_get_u8(&b, &type))
		return false;
	while (buf_get_u8(&b, &element)) {
		if (element != USER_USER) {
			if (!buf_get_u8(&b, &short_len) || !buf_skip(&b, short_len))
				return false;
			continue;
		}
		if (!buf_get_be16(&b, &long_len) || long_len < 2 || buf_left(&b) < long_len ||
		    !buf_skip(&b, 1))
			return false;
		*at = (uint32_t)(all - buf_left(&b));
		*len = long_len - 1u;
		return true;
	}
	return false;
}

/* --- Packets in segments (RFC 1006) ----------------------------------------------------------- */

enum { TPKT_HEADER = 4, TPKT_VERSION = 3 };

/* A packet's bytes in the payload. */
struct tpkt {
	uint32_t at, len;
};

static bool read_tpkt_header(const struct h323 *m, uint32_t at, uint32_t *len)
{
	struct buf b = m->help->payload;
	uint8_t version, reserved;
	uint16_t total;

	if (!buf_skip(&b, at) || !buf_get_u8(&b, &version) || !buf_get_u8(&b, &reserved) ||
	    !buf_get_be16(&b, &total) || version != TPKT_VERSION || reserved != 0)
		return false;
	*len = total;
	return true;
}

/* The first packet may lack its header: that came alone, in the segment before. */
static bool first_without_header(struct h323 *m, struct tpkt *p)
{
	uint16_t expected = m->state->tpkt_len[m->help->dir];

	m->state->tpkt_len[m->help->dir] = 0;
	*p = (struct tpkt){ 0, expected };
	return expected && expected <= buf_left(&m->help->payload);
}

/* The packet at a place of the segment. */
static bool next_tpkt(struct h323 *m, uint32_t from, struct tpkt *p)
{
	uint32_t left = (uint32_t)buf_left(&m->help->payload) - from, total;

	if (from && left <= TPKT_HEADER)
		return false;
	if (!read_tpkt_header(m, from, &total))
		return from == 0 && first_without_header(m, p);
	m->state->tpkt_len[m->help->dir] = 0;
	if (total < TPKT_HEADER)
		return false;
	if (total > left) {
		if (left == TPKT_HEADER)
			m->state->tpkt_len[m->help->dir] = (uint16_t)(total - TPKT_HEADER);
		return false;
	}
	*p = (struct tpkt){ from + TPKT_HEADER, total - TPKT_HEADER };
	return true;
}

typedef bool read_packet(struct h323 *m, const struct tpkt *p);

/* A walk of what stands between two places of the payload. */
static bool walk(struct h323 *m, uint32_t at, uint32_t len, const struct per_type *type)
{
	struct buf all = m->help->payload, some;

	m->notes.count = 0;
	return buf_get_buf(&all, at + len, &some) && per_read(some, at, type, &m->notes);
}

static bool read_h245(struct h323 *m, const struct tpkt *p)
{
	return walk(m, p->at, p->len, &h323_system_control);
}

static bool read_q931(struct h323 *m, const struct tpkt *p)
{
	struct buf b = m->help->payload, packet;
	uint32_t at, len;

	if (!buf_skip(&b, p->at) || !buf_get_buf(&b, p->len, &packet) ||
	    !find_user_user(packet, &at, &len))
		return false;
	return walk(m, p->at + at, len, &h323_user_information);
}

static enum pktt_verdict help_with(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info, read_packet *read)
{
	struct h323 m = { .state = conn_helper_data(conn) };
	struct tpkt p = { 0 };
	struct help help;

	if (!help_is_established(info) || !help_begin(&help, pkt, conn, info))
		return PKTT_ACCEPT;
	m.help = &help;
	while (next_tpkt(&m, p.at + p.len, &p))
		if (read(&m, &p) && !act(&m))
			return help_drop(&help);
	return PKTT_ACCEPT;
}

static enum pktt_verdict q931_help(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info)
{
	return help_with(pkt, conn, info, read_q931);
}

static enum pktt_verdict h245_help(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info)
{
	return help_with(pkt, conn, info, read_h245);
}

/* Pairs for each channel both ways, T.120, and for calls H.245. */
static const struct ct_expect_policy q931_classes[] = {
	{ .name = "default", .max = H323_CHANNELS * 4 + 4, .timeout = 240 },
};

static const struct ct_expect_policy h245_classes[] = {
	{ .name = "default", .max = H323_CHANNELS * 4 + 2, .timeout = 240 },
};

PKTT_HELPER(q931) = {
	.name = "Q.931",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.protocol = { IPPROTO_TCP },
	.ports = { 1720 },
	.classes = q931_classes,
	.nclasses = 1,
	.data_size = sizeof(struct h323_state),
	.help = q931_help,
};

PKTT_HELPER(h245) = {
	.name = "H.245",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.protocol = { IPPROTO_TCP },
	.classes = h245_classes,
	.nclasses = 1,
	.data_size = sizeof(struct h323_state),
	.help = h245_help,
};

const struct ct_helper *const h323_q931 = &helper_q931, *const h323_h245 = &helper_h245;
