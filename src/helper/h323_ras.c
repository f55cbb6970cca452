/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * H.323 registration, admission and status (RAS, ITU-T H.225.0): endpoints tell their gatekeeper where
 * they take calls, and are told where to call. Linux's nf_conntrack_h323_main.c, with its default that
 * calls come by the gatekeeper only.
 */
#include "helper/h323.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/own.h"
#include "nat/nat.h"

enum { REGISTRATION_S = 300, UNREGISTRATION_S = 30, LOOPBACK = 127 };

static bool is_src(const struct ct_tuple *t, const struct h323_place *p)
{
	return memcmp(t->src, p->addr.byte, p->addr.len) == 0;
}

static bool is_dst(const struct ct_tuple *t, const struct h323_place *p)
{
	return memcmp(t->dst, p->addr.byte, p->addr.len) == 0;
}

/* The next note with a tag, from *i on. */
static const struct per_note *next_note(const struct h323 *m, enum h323_tag tag, unsigned int *i)
{
	while (*i < m->notes.count) {
		const struct per_note *note = &m->notes.note[(*i)++];

		if (note->tag == tag)
			return note;
	}
	return NULL;
}

static bool find_place(const struct h323 *m, enum h323_tag tag, struct h323_place *ret)
{
	unsigned int i = 0;
	const struct per_note *note = next_note(m, tag, &i);

	return note && h323_read(m, note, ret);
}

/* The first of several, where Gnomemeeting put its loopback address, and a list of more behind it. */
static const struct per_note *loopback_before(const struct h323 *m, enum h323_tag tag,
					      const struct per_note *note)
{
	unsigned int i = 0;
	const struct per_note *first = next_note(m, tag, &i);
	struct h323_place p;

	return first != note && h323_read(m, first, &p) && p.addr.byte[0] == LOOPBACK ? first
										      : NULL;
}

/* --- NAT of places that were announced before ------------------------------------------------- */

/* set_ras_addr(): the sender's own end of this conversation. */
static bool map_ras(struct h323 *m)
{
	const struct ct_tuple *here = h323_here(m), *there = h323_there(m);
	const struct per_note *note;
	unsigned int i = 0;
	struct h323_place p;

	if (!h323_is_translated(m))
		return true;
	while ((note = next_note(m, RAS_ADDRESS, &i)))
		if (h323_read(m, note, &p) && is_src(here, &p) && p.port == here->sport)
			return h323_write(m, note, there->dst, there->dport);
	return true;
}

/* set_sig_addr(): where calls come in, to the gatekeeper and back. */
static bool map_signal(struct h323 *m)
{
	const struct ct_tuple *here = h323_here(m), *there = h323_there(m);
	const uint16_t *known = m->state->signal_port;
	enum ct_dir dir = m->help->dir;
	const struct per_note *note;
	unsigned int i = 0;
	struct h323_place p;

	if (!h323_is_translated(m))
		return true;
	while ((note = next_note(m, RAS_SIGNAL_ADDRESS, &i))) {
		const struct per_note *first;

		if (!h323_read(m, note, &p) || p.port != known[dir])
			continue;
		first = loopback_before(m, RAS_SIGNAL_ADDRESS, note);
		if (is_src(here, &p))
			return h323_write(m, first ? first : note, there->dst, known[!dir]);
		if (is_dst(here, &p))
			return h323_write(m, note, there->src, known[!dir]);
	}
	return true;
}

/* --- Expecting -------------------------------------------------------------------------------- */

static bool enter_calls(const struct h323 *m, const struct pktt_addr *dst, uint16_t port)
{
	PKTT_AUTO(expect_put) struct expect *e = h323_expect(m, IPPROTO_TCP, dst, port, h323_q931);

	if (!e)
		return false;
	e->flags = CT_EXPECT_PERMANENT; /* several calls */
	return expect_related(m->help->ct, e) == 0;
}

/* nat_q931(): the registration names a port of ours. */
static bool translate_calls(struct h323 *m, const struct h323_place *p, struct expect *e)
{
	const struct per_note *first = loopback_before(m, RAS_SIGNAL_ADDRESS, p->note);
	uint16_t *known = m->state->signal_port, port;
	enum ct_dir dir = m->help->dir;
	const uint8_t *addr = h323_there(m)->dst;

	h323_follow(m, e);
	port = nat_expect_port(m->help->ct, e,
			       ntohs(known[dir] == p->port ? known[!dir] : p->port));
	if (!port)
		return true;
	if (!h323_write(m, p->note, addr, htons(port))) {
		expect_unrelate(m->help->ct, e);
		return false;
	}
	known[dir] = p->port;
	known[!dir] = htons(port);
	return !first || h323_write(m, first, addr, htons(port));
}

/* Calls to the first address of the sender's own. */
static bool expect_calls(struct h323 *m)
{
	struct pktt_addr dst = ct_tuple_dst(h323_there(m));
	PKTT_AUTO(expect_put) struct expect *e = NULL;
	const struct per_note *note;
	struct h323_place p;
	unsigned int i = 0;

	do
		note = next_note(m, RAS_SIGNAL_ADDRESS, &i);
	while (note && !(h323_read(m, note, &p) && is_src(h323_here(m), &p) && p.port));
	if (!note)
		return true;
	e = h323_expect(m, IPPROTO_TCP, &dst, p.port, h323_q931);
	if (!e)
		return false;
	e->flags = CT_EXPECT_PERMANENT;
	if (h323_is_translated(m))
		return translate_calls(m, &p, e);
	if (expect_related(m->help->ct, e))
		return false;
	m->state->signal_port[m->help->dir] = p.port;
	return true;
}

/* --- Messages --------------------------------------------------------------------------------- */

static void note_time_to_live(struct h323 *m)
{
	unsigned int i = 0;
	const struct per_note *note = next_note(m, RAS_TIME_TO_LIVE, &i);

	if (note)
		m->state->timeout = note->value;
}

/* A gatekeeper that answers from elsewhere than it was asked at. */
static bool on_gcf(struct h323 *m)
{
	const struct ct_tuple *here = h323_here(m);
	PKTT_AUTO(expect_put) struct expect *e = NULL;
	struct h323_place p;

	if (!find_place(m, RAS_ADDRESS, &p) || (is_src(here, &p) && p.port == here->sport) ||
	    conn_status(m->help->conn) & CT_EXPECTED)
		return true;
	e = h323_expect(m, IPPROTO_UDP, &p.addr, p.port, h323_ras);
	return e && expect_related(m->help->ct, e) == 0;
}

static bool on_rrq(struct h323 *m)
{
	if (!expect_calls(m) || !map_ras(m))
		return false;
	m->state->timeout = REGISTRATION_S;
	note_time_to_live(m);
	return true;
}

/* The registration holds as long as the gatekeeper says. */
static bool on_rcf(struct h323 *m)
{
	struct ct_tuple t = { .family = h323_here(m)->family, .protocol = IPPROTO_TCP };
	struct expect *e;

	if (!map_signal(m))
		return false;
	note_time_to_live(m);
	if (!m->state->timeout)
		return true;
	help_refresh(m->help, m->state->timeout);
	memcpy(t.dst, h323_here(m)->dst, 16);
	t.dport = m->state->signal_port[!m->help->dir];
	e = expect_find(m->help->ct, &t, false);
	if (e && e->master == m->help->conn)
		expect_set_timeout(m->help->ct, e, m->state->timeout);
	if (e)
		expect_put(&e);
	return true;
}

static bool on_urq(struct h323 *m)
{
	if (!map_signal(m))
		return false;
	expect_remove_all(m->help->ct, m->help->conn);
	m->state->signal_port[0] = m->state->signal_port[1] = 0;
	help_refresh(m->help, UNREGISTRATION_S);
	return true;
}

/* Of the called its own address, or of the caller. */
static bool on_arq(struct h323 *m)
{
	const struct ct_tuple *here = h323_here(m), *there = h323_there(m);
	const uint16_t *known = m->state->signal_port;
	struct h323_place p;

	if (!h323_is_translated(m))
		return true;
	if (find_place(m, H323_DEST_CALL_SIGNAL, &p) && is_src(here, &p) &&
	    p.port == known[m->help->dir])
		return h323_write(m, p.note, there->dst, known[!m->help->dir]);
	if (find_place(m, H323_SOURCE_CALL_SIGNAL, &p) && is_src(here, &p))
		return h323_write(m, p.note, there->dst, p.port);
	return true;
}

/* Where to call: the answering end itself, or somebody that is called soon. */
static bool on_acf(struct h323 *m)
{
	struct h323_place p;

	if (!find_place(m, RAS_SIGNAL_ADDRESS, &p))
		return true;
	return is_dst(h323_here(m), &p) ? map_signal(m) : enter_calls(m, &p.addr, p.port);
}

static bool on_lcf(struct h323 *m)
{
	struct h323_place p;

	return !find_place(m, RAS_SIGNAL_ADDRESS, &p) || enter_calls(m, &p.addr, p.port);
}

static bool on_irr(struct h323 *m)
{
	return map_ras(m) && map_signal(m);
}

static const struct {
	enum h323_tag message;
	bool (*act)(struct h323 *m);
} messages[] = {
	{ RAS_GRQ, map_ras }, { RAS_GCF, on_gcf }, { RAS_RRQ, on_rrq }, { RAS_RCF, on_rcf },
	{ RAS_URQ, on_urq },  { RAS_ARQ, on_arq }, { RAS_ACF, on_acf }, { RAS_LRQ, map_ras },
	{ RAS_LCF, on_lcf },  { RAS_IRR, on_irr },
};

static enum pktt_verdict ras_help(struct pktt_packet *pkt, struct conn *conn,
				  enum pktt_ct_info info)
{
	struct h323 m = { .state = conn_helper_data(conn) };
	struct help help;

	if (!help_begin(&help, pkt, conn, info))
		return PKTT_ACCEPT;
	m.help = &help;
	if (!per_read(help.payload, 0, &h323_ras_message, &m.notes) || !m.notes.count)
		return PKTT_ACCEPT;
	for (unsigned int i = 0; i < pktt_countof(messages); i++)
		if (messages[i].message == m.notes.note[0].tag && !messages[i].act(&m))
			return help_drop(&help);
	return PKTT_ACCEPT;
}

static const struct ct_expect_policy ras_classes[] = {
	{ .name = "default", .max = 32, .timeout = 240 },
};

PKTT_HELPER(ras) = {
	.name = "RAS",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.protocol = { IPPROTO_UDP },
	.ports = { 1719 },
	.classes = ras_classes,
	.nclasses = 1,
	.data_size = sizeof(struct h323_state),
	.help = ras_help,
};

const struct ct_helper *const h323_ras = &helper_ras;
