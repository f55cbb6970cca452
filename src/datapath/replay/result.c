/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of a record. Memory is kept from one to the next, so a long file needs no more. */
#include <stdlib.h>

#include "base/buf.h"
#include "path.h"

#include <arpa/inet.h>

/* Room for one more in an array of results; NULL without memory. */
static void *grow(void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 8;
	void *ret;

	if (count < *room)
		return array;
	ret = realloc(array, more * size);
	if (ret)
		*room = more;
	return ret;
}

/* Replies stand last. */
static void insert(struct replay_result *r, const struct replay_emitted *e)
{
	size_t at = r->nemitted++;

	while (!e->is_reply && at > 0 && r->emitted[at - 1].is_reply) {
		r->emitted[at] = r->emitted[at - 1];
		at--;
	}
	r->emitted[at] = *e;
}

static void note(struct replay *replay, const struct replay_emitted *what, const uint8_t *data)
{
	struct replay_result *r = &replay->record->result;
	struct replay_emitted e = *what;
	void *more = grow(r->emitted, r->nemitted, &r->emitted_room, sizeof(e));

	if (!more) {
		r->failed = true;
		return;
	}
	r->emitted = more;
	e.at = r->bytes.len;
	e.pkt = NULL;
	str_putn(&r->bytes, (const char *)data, e.len);
	insert(r, &e);
}

void result_emit(struct replay *replay, const struct replay_emitted *what, const uint8_t *data)
{
	const struct replay_host *host = replay->config.host;

	if (host && replay->record->is_real)
		host->send(host->ctx, what, data);
	else
		note(replay, what, data);
}

void result_send(struct flight *f, uint32_t len, const uint8_t *data)
{
	const struct replay_emitted what = {
		.out = f->route.out,
		.len = len,
		.is_reply = f->is_reply,
		.pkt = f->pkt,
		.next_hop = f->route.via.len ? f->route.via : pktt_packet_dst(f->pkt),
		.is_linked = f->is_linked,
	};

	result_emit(f->replay, &what, data);
}

void result_emit_packet(struct replay *replay, const struct pktt_packet *pkt,
			const struct pktt_iface *out, bool is_reply)
{
	bool has_link = pkt->l2_len != 0;
	enum pktt_layer layer = has_link ? PKTT_L2 : PKTT_L3;
	struct replay_emitted what = {
		.out = out,
		.len = packet_len(pkt, layer),
		.l3 = has_link ? pkt->l3 - pkt->l2 : 0,
		.is_frame = true,
		.is_reply = is_reply,
		.pkt = pkt,
		.is_linked = has_link,
	};
	const uint8_t *data = pktt_packet_read(pkt, layer, 0, (uint32_t)what.len);

	if (data)
		result_emit(replay, &what, data);
}

void result_log(struct replay *replay, const struct replay_log *what, const char *text,
		const uint8_t *data)
{
	struct replay_result *r = &replay->record->result;
	struct replay_log log = *what;
	void *more = grow(r->log, r->nlog, &r->log_room, sizeof(log));

	if (!more) {
		r->failed = true;
		return;
	}
	r->log = more;
	log.text_at = r->bytes.len;
	str_putn(&r->bytes, text, log.text_len);
	log.data_at = r->bytes.len;
	if (data)
		str_putn(&r->bytes, (const char *)data, log.data_len);
	r->log[r->nlog++] = log;
}

void result_judge(const struct flight *f, enum pktt_verdict v)
{
	struct record *record = f->replay->record;
	struct replay_result *r = &record->result;

	if (record->is_judged && r->verdict == PKTT_ACCEPT && v != PKTT_ACCEPT)
		return;
	record->is_judged = true;
	r->has_verdict = true;
	r->verdict = v;
	r->has_hook = f->has_hook;
	r->hook = f->pkt->hook;
	r->decision = f->pkt->decision;
	r->where = (struct replay_where){ 0 };
	r->mark = f->pkt->mark;
}

void result_clear(struct replay_result *r)
{
	r->has_verdict = r->has_hook = false;
	r->verdict = PKTT_CONTINUE;
	r->hook = PKTT_PRE_ROUTING;
	r->decision = (struct pktt_decision){ 0 };
	r->interface = NULL;
	r->mark = 0;
	r->nemitted = r->nlog = 0;
	str_clear(&r->bytes);
	str_clear(&r->connection);
	str_clear(&r->expectations);
	str_clear(&r->words);
}

void result_fini(struct replay_result *r)
{
	free(r->emitted);
	free(r->log);
	str_fini(&r->bytes);
	str_fini(&r->connection);
	str_fini(&r->expectations);
	str_fini(&r->words);
}

/* --- In words --------------------------------------------------------------------------------- */

static void put_address(struct str *out, const struct pktt_addr *a, const uint8_t *port)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(a->len == 4 ? AF_INET : AF_INET6, a->byte, text, sizeof(text));
	if (!port)
		str_puts(out, text);
	else if (a->len == 4)
		str_putf(out, "%s:%u", text, get_be16(port));
	else
		str_putf(out, "[%s]:%u", text, get_be16(port));
}

static void put_protocol(struct str *out, const struct pktt_packet *pkt)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = {
		{ 1, "icmp" }, { 2, "igmp" }, { 6, "tcp" },    { 17, "udp" },	{ 47, "gre" },
		{ 50, "esp" }, { 51, "ah" },  { 58, "icmp6" }, { 132, "sctp" }, { 33, "dccp" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].number != pkt->protocol)
			continue;
		str_puts(out, names[i].name);
		return;
	}
	str_putf(out, "protocol %u", pkt->protocol);
}

static bool has_ports(uint8_t protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 132 || protocol == 33 ||
	       protocol == 136;
}

/* "[S.]": flags as tcpdump shows them */
static void put_tcp_flags(struct str *out, const struct pktt_packet *pkt)
{
	const uint8_t *tcp = pktt_packet_read(pkt, PKTT_L4, 0, 14);
	static const char letters[] = "FSRP.UEW";

	if (!tcp || pkt->protocol != 6)
		return;
	str_puts(out, " [");
	for (unsigned int i = 0; i < 8; i++)
		if (tcp[13] >> i & 1)
			str_putc(out, letters[i]);
	str_putc(out, ']');
}

static void put_icmp(struct str *out, const struct pktt_packet *pkt)
{
	const uint8_t *icmp = pktt_packet_read(pkt, PKTT_L4, 0, 2);

	if (icmp && (pkt->protocol == 1 || pkt->protocol == 58))
		str_putf(out, " type %u code %u", icmp[0], icmp[1]);
}

static void describe_ip(struct str *out, const struct pktt_packet *pkt)
{
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);
	const uint8_t *ports = NULL;

	if (!pkt->has_l4)
		str_puts(out, "ipv6");
	else
		put_protocol(out, pkt);
	if (pkt->has_l4 && !pkt->frag_off && has_ports(pkt->protocol))
		ports = pktt_packet_read(pkt, PKTT_L4, 0, 4);
	str_putc(out, ' ');
	put_address(out, &src, ports);
	str_puts(out, " > ");
	put_address(out, &dst, ports ? ports + 2 : NULL);
	if (pkt->has_l4 && !pkt->frag_off) {
		put_tcp_flags(out, pkt);
		put_icmp(out, pkt);
	}
	if (pkt->frag_off || pkt->more_frags)
		str_putf(out, " fragment %u%s", pkt->frag_off, pkt->more_frags ? "+" : "");
	str_putf(out, " %u B", pktt_packet_wire_len(pkt));
}

static void describe_arp(struct str *out, const struct pktt_packet *pkt)
{
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);
	const uint8_t *arp = pktt_packet_read(pkt, PKTT_L3, 0, 8);

	str_putf(out, "arp %s ", arp && get_be16(arp + 6) == 1 ? "request" : "reply");
	put_address(out, &src, NULL);
	str_puts(out, " > ");
	put_address(out, &dst, NULL);
}

void result_describe(struct replay_result *r, const struct pktt_packet *pkt)
{
	struct pktt_addr src = pktt_packet_src(pkt);

	if (src.len == 0)
		str_putf(&r->words, "ethertype 0x%04x", pkt->ethertype);
	else if (pkt->l3_family == PKTT_ARP)
		describe_arp(&r->words, pkt);
	else
		describe_ip(&r->words, pkt);
}
