/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helper_bench.h"

#include "base/own.h"
#include "core/engine.h"
#include "core/l3.h"
#include "nat/nat.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define BEGIN  (UINT64_C(1700000000) * SECOND)
#define ROOM   128u /* for a payload to grow */

/* What the bench itself stands on, and what holds for every packet. */
static void need(bool is_so, const char *what)
{
	if (is_so)
		return;
	fprintf(stderr, "helper_bench: %s\n", what);
	abort();
}

static uint32_t bench_random(struct pktt_env *env)
{
	(void)env;
	return 4; /* chance is not what these tests are about */
}

/* The subnets of the router: 10.0.0.0/24 and 192.0.2.0/25. */
static bool bench_broadcast_mask(struct pktt_env *env, const struct pktt_iface *dev,
				 const struct pktt_addr *addr, struct pktt_addr *mask)
{
	uint32_t host = get_be32(addr->byte);

	(void)env;
	(void)dev;
	*mask = (struct pktt_addr){ .len = 4, .byte = { 255, 255, 255, 0 } };
	if (host == 0xc000027f)
		mask->byte[3] = 128;
	return addr->len == 4 && (host == 0x0a0000ff || host == 0xc000027f);
}

static const struct pktt_env_ops ops = {
	.random = bench_random,
	.broadcast_mask = bench_broadcast_mask,
};

void helper_bench_init(struct helper_bench *b, const struct ct_settings *settings)
{
	static const struct pktt_engine_config config = { .workers = 1, .seed = 1 };

	memset(b, 0, sizeof(*b));
	b->env.ops = &ops;
	strcpy(b->out.name, "eth1");
	need(pktt_engine_new(&b->engine, &config, NULL) == 0, "no engine");
	need(conntrack_attach(b->engine, settings, NULL) == 0, "no tracking");
	need(nat_attach(b->engine, NULL) == 0, "no NAT");
	b->ct = conntrack_of(b->engine);
	conntrack_advance(b->ct, BEGIN);
}

void helper_bench_close(struct helper_bench *b)
{
	pktt_packet_free(&b->last);
	if (!b->conn)
		return;
	expect_remove_all(b->ct, b->conn);
	conndb_remove(conntrack_db(b->ct), b->conn);
	conn_put(conntrack_db(b->ct), &b->conn);
}

void helper_bench_fini(struct helper_bench *b)
{
	helper_bench_close(b);
	str_fini(&b->expected);
	pktt_engine_free(&b->engine);
}

/* --- The connection --------------------------------------------------------------------------- */

static const struct cast {
	const char *client, *server; /* as the client has it */
	const char *seen, *real;     /* as the server has it */
	uint16_t seen_port;
} casts[] = {
	[PLAIN] = { "10.0.0.5", "192.0.2.80", "10.0.0.5", "192.0.2.80", 40000 },
	[SNAT] = { "10.0.0.5", "192.0.2.80", "192.0.2.1", "192.0.2.80", 40000 },
	[DNAT] = { "198.51.100.7", "192.0.2.1", "198.51.100.7", "10.0.0.80", 40000 },
	[MOVED] = { "10.0.0.5", "192.0.2.80", "192.0.2.1", "192.0.2.80", 50000 },
	[PLAIN6] = { "2001:db8:1::5", "2001:db8:2::80", "2001:db8:1::5", "2001:db8:2::80", 40000 },
	[SNAT6] = { "2001:db8:1::5", "2001:db8:2::80", "2001:db8:2::1", "2001:db8:2::80", 40000 },
	[DNAT6] = { "2001:db8:7::7", "2001:db8:2::1", "2001:db8:7::7", "2001:db8:1::80", 40000 },
};

static void set_addr(uint8_t family, const char *text, uint8_t *ret)
{
	need(inet_pton(family == PKTT_IPV6 ? AF_INET6 : AF_INET, text, ret) == 1, text);
}

static struct ct_tuple tuple_of(const char *src, uint16_t sport, const char *dst, uint16_t dport)
{
	struct ct_tuple t = { .sport = htons(sport), .dport = htons(dport) };

	t.family = strchr(src, ':') ? PKTT_IPV6 : PKTT_IPV4;
	set_addr(t.family, src, t.src);
	set_addr(t.family, dst, t.dst);
	return t;
}

void helper_bench_open(struct helper_bench *b, const char *helper, enum helper_bench_kind kind)
{
	const struct cast *cast = &casts[kind];
	struct conndb *db = conntrack_db(b->ct);
	struct ct_tuple orig, reply;
	uint8_t family = strchr(cast->client, ':') ? PKTT_IPV6 : PKTT_IPV4;

	helper_bench_close(b);
	b->helper = ct_helper_find(helper, family, 0);
	need(b->helper, helper);
	orig = tuple_of(cast->client, 40000, cast->server, b->helper->ports[0]);
	reply = tuple_of(cast->real, b->helper->ports[0], cast->seen, cast->seen_port);
	orig.protocol = reply.protocol = b->helper->protocol[0];
	b->conn = conndb_alloc(db, &orig, &reply, CT_ZONE_BOTH);
	need(b->conn, "no connection");
	conn_set_timeout(b->conn, ct_ms(BEGIN), 600000);
	need(conn_set_helper(b->ct, b->conn, b->helper) == 0, "no helper");
	if (kind == SNAT || kind == SNAT6 || kind == MOVED)
		conn_set_status(b->conn, CT_SRC_NAT | CT_NAT_DONE_MASK);
	if (kind == DNAT || kind == DNAT6)
		conn_set_status(b->conn, CT_DST_NAT | CT_NAT_DONE_MASK);
	need(conndb_insert(db, b->conn, ct_ms(BEGIN), NULL) == 0, "not in the table");
	b->seq[CT_ORIGINAL] = 1000;
	b->seq[CT_REPLY] = 0xfffffff0; /* so that it wraps */
}

/* --- Packets ---------------------------------------------------------------------------------- */

static uint32_t put_l3(uint8_t *l3, const struct ct_tuple *t, uint32_t l4_len)
{
	if (t->family == PKTT_IPV6) {
		l3[0] = 0x60;
		put_be16(l3 + 4, (uint16_t)l4_len);
		l3[6] = t->protocol;
		l3[7] = 64;
		memcpy(l3 + 8, t->src, 16);
		memcpy(l3 + 24, t->dst, 16);
		return 40;
	}
	l3[0] = 0x45;
	put_be16(l3 + 2, (uint16_t)(20 + l4_len));
	l3[8] = 64;
	l3[9] = t->protocol;
	memcpy(l3 + 12, t->src, 4);
	memcpy(l3 + 16, t->dst, 4);
	put_be16(l3 + 10, pktt_csum_fold(pktt_csum_add(0, l3, 20)));
	return 20;
}

static uint32_t put_l4(uint8_t *l4, const struct ct_tuple *t, uint32_t seq, uint32_t len)
{
	memcpy(l4, &t->sport, 2);
	memcpy(l4 + 2, &t->dport, 2);
	if (t->protocol == IPPROTO_UDP) {
		put_be16(l4 + 4, (uint16_t)(8 + len));
		return 8;
	}
	put_be32(l4 + 4, seq);
	l4[12] = 5 << 4;
	l4[13] = 0x18; /* PSH ACK */
	put_be16(l4 + 14, 65535);
	return 20;
}

/* As it leaves the router, behind all NAT: the other direction's answer. */
static struct pktt_packet *packet_of(struct helper_bench *b, enum ct_dir dir, const void *data,
				     size_t len)
{
	uint32_t l3_len, l4_len, head;
	struct pktt_packet *pkt = NULL;
	struct ct_tuple other, t;
	uint8_t *l3, *l4;

	conn_tuple(b->conn, !dir, &other);
	need(ct_tuple_invert(&t, &other), "no answer");
	l3_len = t.family == PKTT_IPV6 ? 40 : 20;
	l4_len = t.protocol == IPPROTO_UDP ? 8 : 20;
	head = l3_len + l4_len;
	need(pktt_packet_new(&pkt, head + (uint32_t)len) == 0, "no packet");
	l3 = pkt->buf + pkt->l3;
	l4 = l3 + put_l3(l3, &t, l4_len + (uint32_t)len);
	memcpy(l4 + put_l4(l4, &t, b->seq[dir], (uint32_t)len), data, len);
	pkt->env = &b->env;
	pkt->engine = b->engine;
	pkt->out = &b->out;
	pkt->hook = PKTT_POST_ROUTING;
	pkt->time_ns = BEGIN;
	pkt->is_local = b->is_local;
	pkt->ethertype = t.family == PKTT_IPV6 ? 0x86dd : 0x0800;
	need(pktt_packet_parse_ip(pkt) == 0, "no IP");
	put_be16(l4 + (t.protocol == IPPROTO_UDP ? 6 : 16),
		 pktt_csum_fold(
			 pktt_csum_add(pktt_csum_pseudo(pkt, t.protocol, l4_len + (uint32_t)len),
				       l4, l4_len + len)));
	return pkt;
}

enum pktt_verdict helper_bench_say(struct helper_bench *b, enum ct_dir dir, const void *data,
				   size_t len)
{
	enum pktt_ct_info info = dir == CT_REPLY ? PKTT_CT_ESTABLISHED_REPLY : PKTT_CT_ESTABLISHED;
	struct pktt_packet *pkt = packet_of(b, dir, data, len);
	enum pktt_verdict v;

	pktt_packet_free(&b->last);
	b->last = pkt;
	need(conn_get(b->conn), "gone");
	pkt->ct = b->conn;
	pkt->ct_info = b->new ? b->new : info;
	b->seq[dir] += (uint32_t)len;
	v = b->helper->help(pkt, b->conn, pkt->ct_info);
	need(pktt_csum_l4_ok(pkt) == 1, "a wrong checksum");
	need((v == PKTT_DROP) == (pkt->decision.reason == PKTT_REASON_HELPER), "a wrong reason");
	need(pkt->wire_len == pkt->end - pkt->l3, "a wrong length");
	conn_put(conntrack_db(b->ct), &pkt->ct);
	return v;
}

enum pktt_verdict helper_bench_text(struct helper_bench *b, enum ct_dir dir, const char *text)
{
	return helper_bench_say(b, dir, text, strlen(text));
}

struct buf helper_bench_heard(const struct helper_bench *b)
{
	uint32_t head = b->last->protocol == IPPROTO_UDP ? 8 : 20;
	uint32_t len = packet_len(b->last, PKTT_L4) - head;

	return buf_of(pktt_packet_read(b->last, PKTT_L4, head, len), len);
}

bool helper_bench_heard_text(const struct helper_bench *b, const char *text)
{
	struct buf heard = helper_bench_heard(b);

	return buf_left(&heard) == strlen(text) && memcmp(heard.at, text, strlen(text)) == 0;
}

/* --- Expectations ----------------------------------------------------------------------------- */

static const char *addr_text(uint8_t family, const uint8_t *addr)
{
	static char text[2][INET6_ADDRSTRLEN];
	static unsigned int n;

	n ^= 1;
	return inet_ntop(family == PKTT_IPV6 ? AF_INET6 : AF_INET, addr, text[n], sizeof(text[n]));
}

static void put_source(struct str *out, const struct expect *e)
{
	static const uint8_t none[16];
	const struct ct_tuple *t = &e->tuple;

	if (memcmp(e->mask.src, none, 16) == 0)
		str_puts(out, "*");
	else
		str_puts(out, addr_text(t->family, t->src));
	if (e->mask.sport)
		str_putf(out, ":%u", ntohs(t->sport));
}

static void put_expect(struct str *out, const struct expect *e)
{
	const struct ct_tuple *t = &e->tuple;

	str_puts(out, t->protocol == IPPROTO_TCP ? "tcp " : "udp ");
	put_source(out, e);
	str_putf(out, " > %s:%u", addr_text(t->family, t->dst), ntohs(t->dport));
	if (e->saved_port)
		str_putf(out, " really :%u %s", ntohs(e->saved_port),
			 e->nat_dir == CT_REPLY ? "reply" : "original");
	if (e->flags & CT_EXPECT_PERMANENT)
		str_puts(out, " permanent");
	if (e->helper)
		str_putf(out, " helper %s", e->helper->name);
	if (e->mask.src[0] && t->family == PKTT_IPV4 && get_be32(e->mask.src) != UINT32_MAX)
		str_putf(out, " mask %s", addr_text(t->family, e->mask.src));
	need(!!e->saved_port == (e->expected == nat_follow_master), "a way of its own");
}

static int by_id(const void *a, const void *b)
{
	const struct expect *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : 1;
}

const char *helper_bench_expected(struct helper_bench *b)
{
	struct expect *list[64];
	uint64_t cursor = 0;
	unsigned int n = expect_next(b->ct, &cursor, list, 64);

	str_clear(&b->expected);
	qsort(list, n, sizeof(*list), by_id);
	for (unsigned int i = 0; i < n; i++) {
		if (i)
			str_puts(&b->expected, ", ");
		put_expect(&b->expected, list[i]);
		need(expect_timeout_left(b->ct, list[i]) ==
			     b->helper->classes[list[i]->class].timeout,
		     "a timeout");
		expect_put(&list[i]);
	}
	return str_text(&b->expected);
}
