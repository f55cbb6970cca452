/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPTP (RFC 2637): the control connection agrees on two call ids, which are the keys of the GRE packets
 * that then carry the calls.
 *
 * Overview: the client (PNS) opens the control connection to the server (PAC). Each side numbers its
 * half of a call; a GRE packet carries the number that its receiver chose. When a call is accepted, GRE
 * of both directions is expected, and the keys are entered for the protocol (proto_gre.h), so that its
 * tuples have both. Where the client is translated, the server is told another number of its: the port
 * of the control connection, which is the client's own there, so that two clients that chose the same
 * number do not meet.
 *
 * Synchronization: none of its own. Messages of one control connection follow each other by whole round
 * trips; two workers that had some at once could only miss a call.
 */
#include "helper/help.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "conntrack/own.h"
#include "conntrack/proto_gre.h"
#include "nat/nat.h"

enum { SESSION_NONE, SESSION_ERROR, SESSION_STOPREQ, SESSION_REQUESTED, SESSION_CONFIRMED };
enum { CALL_NONE, CALL_OUT_REQ, CALL_OUT_CONF, CALL_IN_REQ, CALL_IN_REP, CALL_IN_CONF, CALL_CLEAR };

struct pptp_state {
	uint8_t session, call;
	uint16_t pac_id, pns_id;	 /* call ids as the other side sees them; network order */
	uint16_t nat_pac_id, nat_pns_id; /* as whoever chose them says them */
	struct ct_gre_key *key[2];
};
_Static_assert(sizeof(struct pptp_state) <= CT_HELPER_DATA, "a helper's own fits");

enum { PACKET_CONTROL = 1, HEADER = 8, CONTROL_HEADER = 4 };
#define MAGIC 0x1a2b3c4du

enum pptp_message {
	START_REQUEST = 1,
	START_REPLY = 2,
	STOP_REQUEST = 3,
	STOP_REPLY = 4,
	ECHO_REQUEST = 5,
	ECHO_REPLY = 6,
	OUT_CALL_REQUEST = 7,
	OUT_CALL_REPLY = 8,
	IN_CALL_REQUEST = 9,
	IN_CALL_REPLY = 10,
	IN_CALL_CONNECT = 11,
	CLEAR_REQUEST = 12,
	DISCONNECT_NOTIFY = 13,
	WAN_ERROR = 14,
	SET_LINK_INFO = 15,
	MESSAGE_COUNT
};

/* Bytes of each message behind its type. */
static const uint16_t message_size[MESSAGE_COUNT] = {
	[START_REQUEST] = 144,	   [START_REPLY] = 144,	   [STOP_REQUEST] = 4,
	[STOP_REPLY] = 4,	   [ECHO_REQUEST] = 4,	   [ECHO_REPLY] = 8,
	[OUT_CALL_REQUEST] = 156,  [OUT_CALL_REPLY] = 20,  [IN_CALL_REQUEST] = 208,
	[IN_CALL_REPLY] = 12,	   [IN_CALL_CONNECT] = 16, [CLEAR_REQUEST] = 4,
	[DISCONNECT_NOTIFY] = 136, [WAN_ERROR] = 28,	   [SET_LINK_INFO] = 12,
};

enum { START_OK = 1, STOP_OK = 1, OUT_CALL_CONNECTED = 1, IN_CALL_ACCEPTED = 1 };
enum { GRE_TIMEOUT_S = 10 * 60, GRE_STREAM_TIMEOUT_S = 5 * 60 * 60 };

/* A message: its type, and the fields that any of them has at these places. */
struct message {
	enum pptp_message type;
	uint16_t word[2];		   /* the first two, mostly call ids; network order */
	uint8_t result;			   /* behind two call ids */
	uint8_t early_result, late_result; /* behind a version, and at once */
};

/* --- Expecting GRE ---------------------------------------------------------------------------- */

static struct ct_tuple gre_tuple(const struct ct_tuple *of, uint16_t sport, uint16_t dport)
{
	struct ct_tuple t = *of;

	t.protocol = IPPROTO_GRE;
	t.sport = sport;
	t.dport = dport;
	return t;
}

static void unexpect(struct conntrack *ct, const struct ct_tuple *tuple)
{
	struct expect *other = expect_find(ct, tuple, false);

	if (!other)
		return;
	expect_unrelate(ct, other);
	expect_put(&other);
}

/*
 * What the other direction of the same call would have been, as the master's NAT has it. Linux looks for
 * the keys of the client's direction in what belongs to the new connection, where they are not, so that
 * this direction stays expected if the server speaks first. The client then finds the call's connection
 * and does not need it: we follow.
 */
static void unexpect_translated(struct conntrack *ct, const struct expect *expect)
{
	struct pptp_state *s = conn_helper_data(expect->master);
	bool is_original = expect->nat_dir == CT_ORIGINAL;
	struct ct_tuple t;

	conn_tuple(expect->master, is_original ? CT_REPLY : CT_ORIGINAL, &t);
	t = is_original ? gre_tuple(&t, s->pac_id, s->pns_id) : gre_tuple(&t, 0, 0);
	unexpect(ct, &t);
}

/* pptp_nat_expected(): the call takes the way of the control connection, under the keys that were told. */
static void bind_as_master(struct pktt_packet *pkt, struct conn *conn, const struct expect *expect)
{
	bool is_original = expect->nat_dir == CT_ORIGINAL;
	struct ct_tuple back;
	struct pktt_addr addr;

	conn_tuple(expect->master, is_original ? CT_REPLY : CT_ORIGINAL, &back);
	addr = ct_tuple_dst(&back);
	help_bind(pkt, conn, addr.byte, is_original ? &expect->saved_port : NULL, NAT_SRC);
	addr = ct_tuple_src(&back);
	help_bind(pkt, conn, addr.byte, is_original ? NULL : &expect->saved_port, NAT_DST);
}

/* The first GRE packet of a call came: calls last, and the other direction is expected no more. */
static void call_begins(struct pktt_packet *pkt, struct conn *conn, const struct expect *expect)
{
	struct conntrack *ct = conntrack_of(pkt->engine);
	struct ct_gre *gre = &conn_l4(conn)->gre;
	struct ct_tuple inverse;

	gre->timeout = GRE_TIMEOUT_S;
	gre->stream_timeout = GRE_STREAM_TIMEOUT_S;
	if (conn_status(expect->master) & CT_NAT_MASK) {
		unexpect_translated(ct, expect);
		bind_as_master(pkt, conn, expect);
	} else if (ct_tuple_invert(&inverse, &expect->tuple)) {
		unexpect(ct, &inverse);
	}
}

static struct expect *expect_gre(const struct help *help, enum ct_dir dir, uint16_t sport,
				 uint16_t dport)
{
	struct pktt_addr src = ct_tuple_src(&help->tuple[dir]),
			 dst = ct_tuple_dst(&help->tuple[dir]);
	struct expect *expect = expect_new(help->ct, help->conn);

	if (!expect)
		return NULL;
	expect_init(expect, 0, &src, &dst, IPPROTO_GRE, &sport, &dport);
	expect->nat_dir = dir;
	expect->expected = call_begins;
	return expect;
}

/* pptp_exp_gre(): to whoever is behind NAT, keys are those that it knows. */
static void translate(const struct help *help, struct pptp_state *s, struct expect *original,
		      struct expect *reply)
{
	if (!help_is_translated(help))
		return;
	s->nat_pac_id = s->pac_id;
	original->saved_port = s->pns_id;
	original->tuple.sport = s->nat_pns_id;
	original->tuple.dport = s->pac_id;
	reply->saved_port = s->nat_pns_id;
	reply->tuple.sport = s->nat_pac_id;
	reply->tuple.dport = s->pns_id;
}

static void announce_pair(const struct help *help, struct pptp_state *s, struct expect *original,
			  struct expect *reply)
{
	if (expect_related(help->ct, original))
		return;
	if (expect_related(help->ct, reply) == 0) {
		if (ct_gre_key_add(help->ct, &s->key[CT_ORIGINAL], &original->tuple) == 0 &&
		    ct_gre_key_add(help->ct, &s->key[CT_REPLY], &reply->tuple) == 0)
			return;
		ct_gre_key_free(&s->key[CT_ORIGINAL]);
		ct_gre_key_free(&s->key[CT_REPLY]);
		expect_unrelate(help->ct, reply);
	}
	expect_unrelate(help->ct, original);
}

/* Ids as the packets of the control connection say them. */
static void announce_call(const struct help *help, struct pptp_state *s, uint16_t pac_id,
			  uint16_t pns_id)
{
	struct expect *original = expect_gre(help, CT_ORIGINAL, pns_id, pac_id);
	struct expect *reply = expect_gre(help, CT_REPLY, pac_id, pns_id);

	if (original && reply) {
		translate(help, s, original, reply);
		announce_pair(help, s, original, reply);
	}
	if (original)
		expect_put(&original);
	if (reply)
		expect_put(&reply);
}

/* --- The end of a call ------------------------------------------------------------------------ */

static void end_call(struct conntrack *ct, const struct ct_tuple *tuple)
{
	enum ct_dir dir;
	struct conn *call =
		conndb_find(conntrack_db(ct), tuple, ct_ms(conntrack_time_ns(ct)), &dir);

	if (!call) {
		unexpect(ct, tuple);
		return;
	}
	conn_l4(call)->gre.timeout = conn_l4(call)->gre.stream_timeout = 0;
	conntrack_kill(ct, 0, call);
	conn_put(conntrack_db(ct), &call);
}

static void end_calls(struct conntrack *ct, struct conn *conn, struct pptp_state *s)
{
	struct ct_tuple t;

	ct_gre_key_free(&s->key[CT_ORIGINAL]);
	ct_gre_key_free(&s->key[CT_REPLY]);
	/* When all of tracking ends, the calls end by themselves. */
	if (!ct->expects)
		return;
	conn_tuple(conn, CT_ORIGINAL, &t);
	t = gre_tuple(&t, s->pns_id, s->pac_id);
	end_call(ct, &t);
	conn_tuple(conn, CT_REPLY, &t);
	t = gre_tuple(&t, s->pac_id, s->pns_id);
	end_call(ct, &t);
}

/* --- Messages --------------------------------------------------------------------------------- */

/* The client's; false = it does not fit what was said before. */
static bool from_client(struct pptp_state *s, const struct message *m)
{
	switch (m->type) {
	case START_REQUEST:
		if (s->session != SESSION_NONE)
			return false;
		s->session = SESSION_REQUESTED;
		return true;
	case STOP_REQUEST:
		s->session = SESSION_STOPREQ;
		return true;
	case OUT_CALL_REQUEST:
		if (s->session != SESSION_CONFIRMED)
			return false;
		s->call = CALL_OUT_REQ;
		s->pns_id = m->word[0];
		return true;
	case IN_CALL_REPLY:
		if ((s->call != CALL_IN_REQ && s->call != CALL_IN_REP) || s->pac_id != m->word[1])
			return false;
		if (m->result == IN_CALL_ACCEPTED) {
			s->call = CALL_IN_REP;
			s->pns_id = m->word[0];
		}
		return true;
	case CLEAR_REQUEST:
		if (s->session != SESSION_CONFIRMED)
			return false;
		s->call = CALL_CLEAR;
		return true;
	case SET_LINK_INFO:
	case ECHO_REQUEST:
	case ECHO_REPLY:
		return true;
	case START_REPLY:
	case STOP_REPLY:
	case OUT_CALL_REPLY:
	case IN_CALL_REQUEST:
	case IN_CALL_CONNECT:
	case DISCONNECT_NOTIFY:
	case WAN_ERROR:
	case MESSAGE_COUNT:
		break;
	}
	return false;
}

static bool out_call_reply(const struct help *help, struct pptp_state *s, const struct message *m)
{
	if (s->session != SESSION_CONFIRMED ||
	    (s->call != CALL_OUT_REQ && s->call != CALL_OUT_CONF) || s->pns_id != m->word[1])
		return false;
	if (m->result != OUT_CALL_CONNECTED) {
		s->call = CALL_NONE;
		return true;
	}
	s->call = CALL_OUT_CONF;
	s->pac_id = m->word[0];
	announce_call(help, s, m->word[0], m->word[1]);
	return true;
}

static bool in_call_connect(const struct help *help, struct pptp_state *s, const struct message *m)
{
	if (s->session != SESSION_CONFIRMED ||
	    (s->call != CALL_IN_REP && s->call != CALL_IN_CONF) || s->pns_id != m->word[0])
		return false;
	s->call = CALL_IN_CONF;
	announce_call(help, s, s->pac_id, m->word[0]);
	return true;
}

static bool from_server(const struct help *help, struct pptp_state *s, const struct message *m)
{
	switch (m->type) {
	case START_REPLY:
		if (s->session < SESSION_REQUESTED)
			return false;
		s->session = m->early_result == START_OK ? SESSION_CONFIRMED : SESSION_ERROR;
		return true;
	case STOP_REPLY:
		if (s->session > SESSION_STOPREQ)
			return false;
		s->session = m->late_result == STOP_OK ? SESSION_NONE : SESSION_ERROR;
		return true;
	case OUT_CALL_REPLY:
		return out_call_reply(help, s, m);
	case IN_CALL_REQUEST:
		if (s->session != SESSION_CONFIRMED)
			return false;
		s->call = CALL_IN_REQ;
		s->pac_id = m->word[0];
		return true;
	case IN_CALL_CONNECT:
		return in_call_connect(help, s, m);
	case DISCONNECT_NOTIFY:
		s->call = CALL_NONE;
		end_calls(help->ct, help->conn, s);
		return true;
	case WAN_ERROR:
	case SET_LINK_INFO:
	case ECHO_REQUEST:
	case ECHO_REPLY:
		return true;
	case START_REQUEST:
	case STOP_REQUEST:
	case OUT_CALL_REQUEST:
	case IN_CALL_REPLY:
	case CLEAR_REQUEST:
	case MESSAGE_COUNT:
		break;
	}
	return false;
}

/* --- Telling another call id ------------------------------------------------------------------ */

/* The client's id in its own messages: the server is told the port of the control connection. */
static int client_id(const struct help *help, struct pptp_state *s, const struct message *m,
		     uint16_t *with)
{
	if (m->type == OUT_CALL_REQUEST) {
		s->nat_pns_id = s->pns_id;
		s->pns_id = help->tuple[CT_REPLY].dport;
	}
	*with = s->pns_id;
	return m->type == OUT_CALL_REQUEST || m->type == IN_CALL_REPLY || m->type == CLEAR_REQUEST
		       ? 0
		       : -1;
}

/* The client's id in the server's messages, back to what it chose; the place of it, or -1. */
static int server_id(const struct pptp_state *s, const struct message *m, uint16_t *with)
{
	*with = s->nat_pns_id;
	if (m->type == OUT_CALL_REPLY)
		return 2;
	return m->type == IN_CALL_CONNECT || m->type == WAN_ERROR || m->type == DISCONNECT_NOTIFY ||
			       m->type == SET_LINK_INFO
		       ? 0
		       : -1;
}

static bool read_message(const struct help *help, struct message *m)
{
	struct buf b = help->payload, body;
	uint16_t length, packet_type, type, ignored;
	uint32_t magic;

	buf_get_be16(&b, &length);
	buf_get_be16(&b, &packet_type);
	buf_get_be32(&b, &magic);
	buf_get_be16(&b, &type);
	buf_get_be16(&b, &ignored);
	if (b.failed || packet_type != PACKET_CONTROL || magic != MAGIC)
		return false;
	if (type == 0 || type >= MESSAGE_COUNT || buf_left(&b) < message_size[type])
		return false;
	body = b;
	*m = (struct message){ .type = (enum pptp_message)type };
	buf_get_be16(&body, &m->word[0]);
	buf_get_be16(&body, &m->word[1]);
	if (buf_left(&body))
		buf_get_u8(&body, &m->result);
	m->late_result = (uint8_t)(m->word[0] >> 8);
	m->early_result = (uint8_t)(m->word[1] >> 8);
	m->word[0] = htons(m->word[0]);
	m->word[1] = htons(m->word[1]);
	return true;
}

static enum pktt_verdict pptp_help(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info)
{
	struct pptp_state *s = conn_helper_data(conn);
	uint16_t with = 0;
	struct message m;
	struct help help;
	bool fits;
	int at;

	if (!help_is_established(info) || !help_begin(&help, pkt, conn, info) ||
	    !read_message(&help, &m))
		return PKTT_ACCEPT;
	fits = help.dir == CT_ORIGINAL ? from_client(s, &m) : from_server(&help, s, &m);
	if (!fits || !help_is_translated(&help))
		return PKTT_ACCEPT;
	at = help.dir == CT_ORIGINAL ? client_id(&help, s, &m, &with) : server_id(s, &m, &with);
	if (at < 0)
		return PKTT_ACCEPT;
	if (help_replace(&help, HEADER + CONTROL_HEADER + (uint32_t)at, sizeof(with), &with,
			 sizeof(with)))
		return help_drop(&help);
	return PKTT_ACCEPT;
}

/* gre_pptp_destroy_siblings(): the calls go with the control connection. */
static void pptp_destroy(struct conntrack *ct, struct conn *conn)
{
	struct pptp_state *s = conn_helper_data(conn);

	if (s)
		end_calls(ct, conn, s);
}

static const struct ct_expect_policy pptp_classes[] = {
	{ .name = "default", .max = 2, .timeout = 5 * 60 },
};

PKTT_HELPER(pptp) = {
	.name = "pptp",
	.families = PKTT_FAM_V4,
	.protocol = { IPPROTO_TCP },
	.ports = { 1723 },
	.classes = pptp_classes,
	.nclasses = 1,
	.data_size = sizeof(struct pptp_state),
	.help = pptp_help,
	.destroy = pptp_destroy,
};
