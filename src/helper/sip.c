/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIP (RFC 3261) with session descriptions (RFC 8866): calls announce where their media go, and
 * registrations where calls come in.
 *
 * Overview: a message is a request or an answer to one; a table says what each method's mean. INVITE and
 * its relatives carry descriptions: each audio, video or image stream is expected at its port (RTP) and
 * the next one (RTCP). REGISTER says where its sender takes calls: that is expected, but inactive until
 * the registrar has agreed. As Linux's nf_conntrack_sip.c with its defaults: media and signalling come
 * from the other end of the conversation only.
 *
 * Some phones send requests from a high port, but listen for the answer at the port that their Via names.
 * That one is remembered, and answers are sent there.
 */
#include "helper/sip.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/own.h"
#include "core/env.h"
#include "nat/seqadj.h"

enum { LIFE_S = 3600, ANSWER_MIN = sizeof("SIP/2.0 200") - 1, MEDIA_PORT_MIN = 1024 };

static enum pktt_verdict verdict(const struct sip *m, bool is_good)
{
	return is_good ? PKTT_ACCEPT : help_drop(m->help);
}

static bool is_own_source(const struct sip *m, const uint8_t addr[16])
{
	return memcmp(m->help->tuple[m->help->dir].src, addr, 16) == 0;
}

/* --- What was announced before ---------------------------------------------------------------- */

enum { EACH_MAX = 16 };

/* The newest goes first. Of registrations one at a time. */
static void flush(const struct sip *m, bool is_media)
{
	struct expect *each[EACH_MAX];
	unsigned int n = expect_of_master(m->help->ct, m->help->conn, each, EACH_MAX);
	bool is_done = false;

	for (unsigned int i = 0; i < n; i++) {
		if (!is_done && (each[i]->class != SIP_SIGNALLING) == is_media)
			is_done = expect_unrelate(m->help->ct, each[i]) && !is_media;
		expect_put(&each[i]);
	}
}

/* --- Media ------------------------------------------------------------------------------------ */

static const struct {
	const char *word;
	enum sip_class class;
} media_types[] = {
	{ "audio ", SIP_AUDIO },
	{ "video ", SIP_VIDEO },
	{ "image ", SIP_IMAGE },
};

/* A stream as its description says it. */
struct stream {
	uint8_t addr[16];
	uint16_t port; /* network order */
	enum sip_class class;
	struct sip_match number; /* where the port stands */
	uint32_t from;		 /* of its own lines */
};

static struct expect *expect_stream(const struct sip *m, const struct stream *s, uint16_t port)
{
	const struct ct_tuple *here = &m->help->tuple[m->help->dir],
			      *there = &m->help->tuple[!m->help->dir];
	struct pktt_addr src = ct_tuple_src(there), dst = ct_tuple_src(here);
	struct expect *e = expect_new(m->help->ct, m->help->conn);

	memcpy(dst.byte, s->addr, dst.len);
	port = htons(port);
	if (e) {
		expect_init(e, s->class, &src, &dst, IPPROTO_UDP, NULL, &port);
		e->may_be_anothers = true;
	}
	return e;
}

/* The same stream may be announced again, to several at once: then it is there already. */
static bool enter_plain(const struct sip *m, struct expect *rtp, struct expect *rtcp)
{
	int first = expect_related(m->help->ct, rtp), second;

	if (first && first != -EALREADY)
		return false;
	second = expect_related(m->help->ct, rtcp);
	if (second == 0 || second == -EALREADY)
		return true;
	if (first == 0)
		expect_unrelate(m->help->ct, rtp);
	return false;
}

/* Somebody else's expectation of the same stream: another leg of the same call, through us. */
static struct expect *find_other_leg(const struct sip *m, const struct stream *s)
{
	struct ct_tuple t = { .family = m->help->tuple[0].family, .protocol = IPPROTO_UDP };
	struct expect *e;

	memcpy(t.src, m->help->tuple[!m->help->dir].src, 16);
	memcpy(t.dst, s->addr, 16);
	t.dport = s->port;
	t.zone = m->help->tuple[m->help->dir].zone;
	e = expect_find(m->help->ct, &t, false);
	if (e && (e->master == m->help->conn ||
		  conn_helper(e->master) != conn_helper(m->help->conn) || e->class != s->class))
		expect_put(&e);
	return e;
}

static bool is_redirected(const struct expect *e)
{
	return memcmp(e->saved_addr, e->tuple.dst, 16) != 0 || e->saved_port != e->tuple.dport;
}

/*
 * Both legs are translated: the ends may talk directly, at the place that the other leg's announcement
 * really pointed to. true = the stream is expected already.
 */
static bool use_other_leg(const struct sip *m, struct stream *s, bool *is_direct)
{
	struct expect *e;

	*is_direct = false;
	while ((e = find_other_leg(m, s))) {
		bool is_there = *is_direct || !is_redirected(e) || !help_is_translated(m->help);

		if (!is_there) {
			memcpy(s->addr, e->saved_addr, 16);
			s->port = e->saved_port;
			*is_direct = true;
		}
		expect_put(&e);
		if (is_there)
			return true;
	}
	return false;
}

static bool enter_stream(struct sip *m, struct stream *s, bool is_direct)
{
	uint16_t base = ntohs(s->port) & 0xfffe;
	struct expect *rtp = expect_stream(m, s, base),
		      *rtcp = expect_stream(m, s, (uint16_t)(base + 1));
	bool is_good = false;

	if (rtp && rtcp)
		is_good = help_is_translated(m->help) && !is_direct
				  ? sip_nat_media(m, rtp, rtcp, &s->number, s->addr)
				  : enter_plain(m, rtp, rtcp);
	if (rtp)
		expect_put(&rtp);
	if (rtcp)
		expect_put(&rtcp);
	return is_good;
}

/* set_expected_rtp_rtcp(): streams to others than the speaker are not ours to expect. */
static bool expect_media(struct sip *m, struct stream *s)
{
	bool is_direct, is_there;

	if (!is_own_source(m, s->addr))
		return true;
	is_there = use_other_leg(m, s, &is_direct);
	if (is_direct && !sip_nat_media_port(m, &s->number, ntohs(s->port) & 0xfffe))
		return false;
	return is_there || enter_stream(m, s, is_direct);
}

/* The next media line with a port; its type is known. 1, 0 = there is none, -1 = a wrong port. */
static int next_stream(const struct sip *m, uint32_t *at, struct stream *s)
{
	struct sip_match line;

	while (sdp_find(m, *at, SDP_MEDIA, SDP_NONE, &line) > 0) {
		unsigned int i = 0;
		uint32_t port, end;

		*at = line.at;
		while (i < pktt_countof(media_types) &&
		       !sip_has_exactly(m, line.at, media_types[i].word))
			i++;
		if (i == pktt_countof(media_types)) {
			*at += line.len;
			continue;
		}
		s->class = media_types[i].class;
		s->number.at = s->from = *at = line.at + (uint32_t)strlen(media_types[i].word);
		s->number.len = line.len - (uint32_t)strlen(media_types[i].word);
		port = sip_number(m, s->number.at, &end);
		if (port == 0)
			continue;
		s->port = htons((uint16_t)port);
		return port >= MEDIA_PORT_MIN && port <= UINT16_MAX ? 1 : -1;
	}
	return 0;
}

/* One stream: its own address goes before the session's, at session, if that has one. */
static bool take_stream(struct sip *m, struct stream *s, const uint8_t *session)
{
	struct sip_match own;
	bool has_own = sdp_find_address(m, s->from, SDP_CONNECTION, SDP_MEDIA, &own) > 0;

	if (!has_own && !session)
		return false;
	memcpy(s->addr, has_own ? own.addr : session, 16);
	if (!expect_media(m, s))
		return false;
	return !has_own || !help_is_translated(m->help) ||
	       sip_nat_media_address(m, s->from, s->addr);
}

static bool read_description(struct sip *m)
{
	struct sip_match version, session;
	struct stream s = { 0 };
	const uint8_t *addr = NULL;
	bool has_address;
	uint32_t at;

	if (sdp_find(m, 0, SDP_VERSION, SDP_NONE, &version) <= 0)
		return true;
	at = version.at;
	has_address = sdp_find_address(m, at, SDP_CONNECTION, SDP_MEDIA, &session) > 0;
	for (unsigned int i = 0; i < pktt_countof(media_types); i++) {
		int r = next_stream(m, &at, &s);

		if (r == 0)
			break;
		if (r < 0 || !take_stream(m, &s, has_address ? session.addr : NULL))
			return false;
		addr = s.addr;
	}
	/*
	 * Without any stream Linux has not set what it writes here. What its compiler makes of that is
	 * the session's own address: nothing changes but the length, if that was wrong.
	 */
	if (!addr && has_address)
		addr = session.addr;
	return !addr || !help_is_translated(m->help) || sip_nat_session(m, version.at, addr);
}

/* --- Registrations ---------------------------------------------------------------------------- */

static uint32_t expires_of(const struct sip *m)
{
	struct sip_match match;
	uint32_t end;

	return sip_find_header(m, 0, SIP_EXPIRES, &match) > 0 ? sip_number(m, match.at, &end) : 0;
}

/* Calls to the place that Contact names; inactive until the registrar agrees. */
static bool expect_calls(struct sip *m, const struct sip_match *contact, uint8_t protocol)
{
	PKTT_AUTO(expect_put) struct expect *e = expect_new(m->help->ct, m->help->conn);
	struct pktt_addr src = ct_tuple_src(&m->help->tuple[!m->help->dir]), dst = src;

	if (!e)
		return false;
	memcpy(dst.byte, contact->addr, dst.len);
	expect_init(e, SIP_SIGNALLING, &src, &dst, protocol, NULL, &contact->port);
	e->helper = conn_helper(m->help->conn);
	e->flags = CT_EXPECT_PERMANENT | CT_EXPECT_INACTIVE;
	if (help_is_translated(m->help))
		return sip_nat_expect(m, e, contact);
	return expect_related(m->help->ct, e) == 0;
}

static enum pktt_verdict on_register(struct sip *m, uint32_t cseq)
{
	uint32_t expires = expires_of(m);
	struct sip_match contact, ignored;
	uint8_t protocol;
	int r;

	/* What a registration brought about registers nothing. */
	if (conn_status(m->help->conn) & CT_EXPECTED)
		return PKTT_ACCEPT;
	r = sip_find_uri(m, SIP_CONTACT, NULL, &contact);
	if (r <= 0)
		return verdict(m, r == 0);
	/* Nobody registers for others. */
	if (!is_own_source(m, contact.addr) ||
	    !sip_find_transport(m, contact.at + contact.len, &protocol))
		return PKTT_ACCEPT;
	if (sip_find_number(m, contact.at + contact.len, "expires=", &ignored, &expires) < 0)
		return help_drop(m->help);
	/* Zero ends the registration; it is forgotten when the registrar says so. */
	if (expires && !expect_calls(m, &contact, protocol))
		return help_drop(m->help);
	m->state->register_cseq = cseq;
	return PKTT_ACCEPT;
}

static bool activate(const struct sip *m, const struct sip_match *contact, uint8_t protocol,
		     uint32_t expires)
{
	struct expect *each[EACH_MAX];
	unsigned int n = expect_of_master(m->help->ct, m->help->conn, each, EACH_MAX);
	bool is_found = false;

	for (unsigned int i = 0; i < n; i++) {
		struct expect *e = each[i];

		if (!is_found && e->class == SIP_SIGNALLING &&
		    memcmp(e->tuple.dst, contact->addr, 16) == 0 && e->tuple.protocol == protocol &&
		    e->tuple.dport == contact->port &&
		    expect_set_timeout(m->help->ct, e, expires) == 0) {
			e->flags &= (uint8_t)~CT_EXPECT_INACTIVE;
			is_found = true;
		}
		expect_put(&each[i]);
	}
	return is_found;
}

/* true = the registrar has agreed to what is expected; false = it has not, or it has ended. */
static bool read_bindings(const struct sip *m, bool *is_broken)
{
	const struct ct_tuple *here = &m->help->tuple[m->help->dir];
	uint32_t usual = expires_of(m);
	struct sip_walk walk = { 0 };
	struct sip_match contact, ignored;
	int r;

	while ((r = sip_find_uri(m, SIP_CONTACT, &walk, &contact)) > 0) {
		uint32_t expires = usual, end = contact.at + contact.len;
		uint8_t protocol;

		if (memcmp(here->dst, contact.addr, 16) != 0 ||
		    !sip_find_transport(m, end, &protocol))
			continue;
		r = sip_find_number(m, end, "expires=", &ignored, &expires);
		if (r < 0 || expires == 0)
			break;
		if (activate(m, &contact, protocol, expires))
			return true;
	}
	*is_broken = r < 0;
	return false;
}

static enum pktt_verdict on_registered(struct sip *m, uint32_t cseq, uint32_t code)
{
	bool is_broken = false;

	/* Late answers, to requests that were sent again, are not for us. */
	if (m->state->register_cseq != cseq || (code >= 100 && code <= 199))
		return PKTT_ACCEPT;
	if (code >= 200 && code <= 299 && read_bindings(m, &is_broken))
		return PKTT_ACCEPT;
	if (is_broken)
		return help_drop(m->help);
	flush(m, false);
	return PKTT_ACCEPT;
}

/* --- Methods ---------------------------------------------------------------------------------- */

static enum pktt_verdict on_description(struct sip *m, uint32_t cseq)
{
	(void)cseq;
	return verdict(m, read_description(m));
}

static enum pktt_verdict on_invite(struct sip *m, uint32_t cseq)
{
	flush(m, true);
	if (!read_description(m))
		return help_drop(m->help);
	m->state->invite_cseq = cseq;
	return PKTT_ACCEPT;
}

static enum pktt_verdict on_bye(struct sip *m, uint32_t cseq)
{
	(void)cseq;
	flush(m, true);
	return PKTT_ACCEPT;
}

/* A refusal of the call takes its media back. */
static enum pktt_verdict on_answer(struct sip *m, uint32_t cseq, uint32_t code)
{
	if (code >= 100 && code <= 299)
		return verdict(m, read_description(m));
	if (m->state->invite_cseq == cseq)
		flush(m, true);
	return PKTT_ACCEPT;
}

static const struct method {
	const char *name;
	enum pktt_verdict (*request)(struct sip *m, uint32_t cseq);
	enum pktt_verdict (*answer)(struct sip *m, uint32_t cseq, uint32_t code);
} methods[] = {
	{ "INVITE", on_invite, on_answer },
	{ "UPDATE", on_description, on_answer },
	{ "ACK", on_description, NULL },
	{ "PRACK", on_description, on_answer },
	{ "BYE", on_bye, NULL },
	{ "REGISTER", on_register, on_registered },
};

/* CSeq's number and the place behind it and the blank that follows. */
static bool read_cseq(const struct sip *m, uint32_t *cseq, uint32_t *behind)
{
	struct sip_match match;
	uint32_t end;

	if (sip_find_header(m, 0, SIP_CSEQ, &match) <= 0)
		return false;
	*cseq = sip_number(m, match.at, &end);
	*behind = match.at + match.len + 1;
	return *cseq || sip_at(m, match.at) == '0';
}

static enum pktt_verdict on_response(struct sip *m)
{
	uint32_t code, cseq, at, end;

	if (m->len < ANSWER_MIN)
		return PKTT_ACCEPT;
	code = sip_number(m, (uint32_t)strlen("SIP/2.0 "), &end);
	if (!code || !read_cseq(m, &cseq, &at))
		return help_drop(m->help);
	for (unsigned int i = 0; i < pktt_countof(methods); i++)
		if (methods[i].answer && sip_has(m, at, methods[i].name))
			return methods[i].answer(m, cseq, code);
	return PKTT_ACCEPT;
}

static void note_via_port(struct sip *m)
{
	const struct ct_tuple *here = &m->help->tuple[m->help->dir];
	struct sip_match via;

	if (sip_find_uri(m, SIP_VIA_UDP, NULL, &via) > 0 && via.port != here->sport &&
	    is_own_source(m, via.addr))
		m->state->forced_dport = via.port;
}

static enum pktt_verdict on_request(struct sip *m)
{
	uint32_t cseq, ignored;

	note_via_port(m);
	for (unsigned int i = 0; i < pktt_countof(methods); i++) {
		uint32_t len = (uint32_t)strlen(methods[i].name);

		if (m->len < len + 2 || !sip_has(m, 0, methods[i].name) || sip_at(m, len) != ' ' ||
		    !isalpha(sip_at(m, len + 1)))
			continue;
		if (!read_cseq(m, &cseq, &ignored))
			return help_drop(m->help);
		return methods[i].request(m, cseq);
	}
	return PKTT_ACCEPT;
}

static enum pktt_verdict on_message(struct sip *m)
{
	enum pktt_verdict v = sip_has(m, 0, "SIP/2.0 ") ? on_response(m) : on_request(m);

	if (v == PKTT_ACCEPT && help_is_translated(m->help) && !sip_nat_message(m))
		return help_drop(m->help);
	return v;
}

/* --- Packets ---------------------------------------------------------------------------------- */

static enum pktt_verdict on_datagram(struct help *help, struct sip_state *state)
{
	struct sip m = { .help = help, .state = state };

	m.len = (uint32_t)buf_left(&help->payload);
	return m.len < ANSWER_MIN ? PKTT_ACCEPT : on_message(&m);
}

/* The length of the message that begins m, by its Content-Length; 0 = it is not whole. */
static uint32_t message_len(const struct sip *m)
{
	struct sip_match match;
	uint32_t content, end;

	if (sip_find_header(m, 0, SIP_CONTENT_LENGTH, &match) <= 0)
		return 0;
	content = sip_number(m, match.at, &end);
	if (end == match.at || content > m->len)
		return 0;
	for (; end + 4 <= m->len; end++)
		if (sip_has(m, end, "\r\n\r\n"))
			return end + 4 + content <= m->len ? end + 4 + content : 0;
	return 0;
}

/* All messages of a segment; how much they grew is noted once, behind the last. */
static enum pktt_verdict on_segment(struct help *help, struct sip_state *state, uint32_t seq)
{
	enum pktt_verdict v = PKTT_ACCEPT;
	uint32_t at = 0, before = (uint32_t)buf_left(&help->payload);
	int32_t grown;

	while (v == PKTT_ACCEPT) {
		struct sip m = { .help = help, .state = state, .start = at };

		m.len = (uint32_t)buf_left(&help->payload) - at;
		m.len = message_len(&m);
		if (!m.len)
			break;
		v = on_message(&m);
		at += m.len;
	}
	grown = (int32_t)((uint32_t)buf_left(&help->payload) - before);
	if (v == PKTT_ACCEPT && grown)
		nat_seqadj_set(help->ct, help->pkt->env->worker, help->conn, help->dir, seq, grown);
	return v;
}

static enum pktt_verdict sip_help(struct pktt_packet *pkt, struct conn *conn,
				  enum pktt_ct_info info)
{
	bool is_tcp = pkt->protocol == IPPROTO_TCP;
	const uint8_t *tcp = is_tcp ? pktt_packet_read(pkt, PKTT_L4, 0, 20) : NULL;
	struct sip_state *state = conn_helper_data(conn);
	uint32_t seq = tcp ? get_be32(tcp + 4) : 0;
	struct help help;

	if (is_tcp && !help_is_established(info))
		return PKTT_ACCEPT;
	if (!help_begin(&help, pkt, conn, info) || !buf_left(&help.payload))
		return PKTT_ACCEPT;
	help_linearize(pkt);
	help_refresh(&help, LIFE_S);
	return is_tcp ? on_segment(&help, state, seq) : on_datagram(&help, state);
}

static const struct ct_expect_policy sip_classes[] = {
	[SIP_SIGNALLING] = { .name = "signalling", .max = 1, .timeout = 3 * 60 },
	[SIP_AUDIO] = { .name = "audio", .max = 4, .timeout = 3 * 60 },
	[SIP_VIDEO] = { .name = "video", .max = 4, .timeout = 3 * 60 },
	[SIP_IMAGE] = { .name = "image", .max = 2, .timeout = 3 * 60 },
};

PKTT_HELPER(sip) = {
	.name = "sip",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.protocol = { IPPROTO_UDP, IPPROTO_TCP },
	.ports = { 5060 },
	.classes = sip_classes,
	.nclasses = SIP_CLASSES,
	.data_size = sizeof(struct sip_state),
	.help = sip_help,
};
