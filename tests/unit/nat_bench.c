/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nat_bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc32c.h"
#include "core/l3.h"

enum { V4_LEN = 20, V6_LEN = 40 };

static struct nat_bench *bench_of(struct pktt_env *env)
{
	return (struct nat_bench *)(void *)((char *)env - offsetof(struct nat_bench, bench.env));
}

static uint32_t bench_random(struct pktt_env *env)
{
	struct nat_bench *nb = bench_of(env);

	nb->random = nb->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(nb->random >> 32);
}

static int bench_source(struct pktt_env *env, const struct pktt_addr *dst,
			const struct pktt_iface *dev, struct pktt_addr *ret)
{
	(void)dev;
	*ret = bench_of(env)->source[dst->len == 16];
	return ret->len ? 0 : -EADDRNOTAVAIL;
}

static int bench_route(struct pktt_env *env, const struct pktt_route_query *q,
		       struct pktt_route *ret)
{
	struct nat_bench *nb = bench_of(env);

	if (nb->no_route)
		return -ENETUNREACH;
	*ret = (struct pktt_route){
		.type = PKTT_ROUTE_UNICAST,
		.out = &nb->bench.out,
		.preferred = nb->source[q->family == PKTT_IPV6],
		.mtu = 1500,
	};
	return 0;
}

static int bench_own_address(struct pktt_env *env, const struct pktt_addr *dst,
			     const struct pktt_iface *dev, struct pktt_addr *ret)
{
	return bench_source(env, dst, dev, ret);
}

static const struct pktt_env_ops ops = {
	.random = bench_random,
	.route = bench_route,
	.source = bench_source,
	.own_address = bench_own_address,
};

void nat_bench_init(struct nat_bench *nb, const struct ct_settings *settings)
{
	struct pktt_error err = { 0 };

	memset(nb, 0, sizeof(*nb));
	engine_bench_init(&nb->bench);
	nb->engine = nb->bench.engine;
	nb->bench.env.ops = &ops;
	nb->bench.in.index = 2;
	nb->bench.in.mtu = nb->bench.out.mtu = 1500;
	nb->bench.in.arphrd = nb->bench.out.arphrd = 1;
	nb->bench.out.index = 3;
	strcpy(nb->lo.name, "lo");
	nb->lo.index = 1;
	nb->lo.arphrd = 772;
	nb->source[0] = (struct pktt_addr){ 4, { 192, 0, 2, 1 } };
	nb->source[1] = (struct pktt_addr){ 16, { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	nb->now_ns = UINT64_C(1000000000000);
	if (conntrack_attach(nb->engine, settings, &err) || nat_attach(nb->engine, &err))
		fail_msg("%s", err.text);
	nb->ct = conntrack_of(nb->engine);
}

void nat_bench_fini(struct nat_bench *nb)
{
	engine_bench_fini(&nb->bench);
}

void nat_bench_load(struct nat_bench *nb, enum pktt_family family, const char *text)
{
	if (engine_bench_load(&nb->bench, family, text, PKTT_APPLY_RESTORE))
		fail_msg("%s", nb->bench.errs.count ? nb->bench.errs.item[0].text : "no memory");
}

/* --- Making ----------------------------------------------------------------------------------- */

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* RFC 1071, byte by byte, and by nothing that the engine has. */
static uint64_t sum_bytes(const uint8_t *p, uint32_t len)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < len; i++)
		sum += (uint64_t)p[i] << (i & 1 ? 0 : 8);
	return sum;
}

static uint64_t sum_pseudo(const uint8_t *ip, uint8_t protocol, uint32_t len)
{
	bool is_v6 = ip[0] >> 4 == 6;

	return sum_bytes(ip + (is_v6 ? 8 : 12), is_v6 ? 32 : 8) + protocol + len;
}

static bool has_pseudo(uint8_t protocol)
{
	return protocol != IPPROTO_ICMP;
}

static int csum_at(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	}
	return -1;
}

static void put_l4_sum(uint8_t *ip, uint8_t *l4, uint8_t protocol, uint32_t len)
{
	int at = csum_at(protocol);
	uint16_t sum;

	if (protocol == IPPROTO_SCTP) {
		uint32_t crc = ~crc32c_add(CRC32C_INIT, l4, len);

		put_be32(l4 + 8, __builtin_bswap32(crc));
	}
	if (at < 0)
		return;
	sum = (uint16_t)~fold(sum_bytes(l4, len) +
			      (has_pseudo(protocol) ? sum_pseudo(ip, protocol, len) : 0));
	put_be16(l4 + at, sum == 0 && protocol != IPPROTO_TCP ? 0xffff : sum);
}

static uint32_t header_len(const struct nat_spec *s)
{
	switch (s->protocol) {
	case IPPROTO_TCP:
		return 20u + s->noptions;
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return 16;
	}
	return 8;
}

static void put_l4(uint8_t *l4, const struct nat_spec *s, uint32_t len)
{
	put_be16(l4, s->sport);
	put_be16(l4 + 2, s->dport);
	switch (s->protocol) {
	case IPPROTO_TCP:
		put_be32(l4 + 4, s->seq);
		put_be32(l4 + 8, s->ack);
		l4[12] = (uint8_t)((20u + s->noptions) << 2);
		l4[13] = s->flags;
		put_be16(l4 + 14, 65535);
		if (s->noptions)
			memcpy(l4 + 20, s->options, s->noptions);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		put_be16(l4 + 4, (uint16_t)len);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		memset(l4, 0, 8);
		l4[0] = s->protocol == IPPROTO_ICMP ? (s->is_reply ? 0 : 8)
						    : (s->is_reply ? 129 : 128);
		put_be16(l4 + 4, s->sport);
		break;
	case IPPROTO_SCTP: /* an INIT chunk is the only one that opens a connection */
		l4[12] = 1;
		put_be16(l4 + 14, (uint16_t)(len - 12));
		break;
	case IPPROTO_DCCP: /* a request with a long sequence number */
		l4[4] = 4;
		l4[8] = 1;
		break;
	}
}

static void put_l3(uint8_t *ip, const char *src, const char *dst, uint8_t protocol, uint32_t len)
{
	if (strchr(src, ':')) {
		ip[0] = 0x60;
		put_be16(ip + 4, (uint16_t)len);
		ip[6] = protocol;
		ip[7] = 64;
		assert_int_equal(inet_pton(AF_INET6, src, ip + 8), 1);
		assert_int_equal(inet_pton(AF_INET6, dst, ip + 24), 1);
		return;
	}
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)(V4_LEN + len));
	ip[8] = 64;
	ip[9] = protocol;
	assert_int_equal(inet_pton(AF_INET, src, ip + 12), 1);
	assert_int_equal(inet_pton(AF_INET, dst, ip + 16), 1);
	put_be16(ip + 10, (uint16_t)~fold(sum_bytes(ip, V4_LEN)));
}

static struct pktt_packet *new_packet(struct nat_bench *nb, bool is_v6, uint32_t len)
{
	struct pktt_packet *pkt;

	assert_int_equal(pktt_packet_new(&pkt, len + (is_v6 ? V6_LEN : V4_LEN)), 0);
	pkt->family = pkt->l3_family = is_v6 ? PKTT_IPV6 : PKTT_IPV4;
	pkt->ethertype = is_v6 ? 0x86dd : 0x0800;
	pkt->env = &nb->bench.env;
	pkt->engine = nb->engine;
	pkt->time_ns = nb->now_ns;
	return pkt;
}

struct pktt_packet *nat_bench_make(struct nat_bench *nb, const struct nat_spec *s)
{
	bool is_v6 = strchr(s->src, ':');
	uint32_t l3 = is_v6 ? V6_LEN : V4_LEN, len = header_len(s) + s->payload;
	struct pktt_packet *pkt = new_packet(nb, is_v6, len);
	uint8_t *ip = pkt->buf + pkt->l3;

	put_l3(ip, s->src, s->dst, s->protocol, len);
	put_l4(ip + l3, s, len);
	for (uint32_t i = 0; i < s->payload; i++)
		ip[l3 + header_len(s) + i] = (uint8_t)(i * 7 + 3);
	if (s->protocol == IPPROTO_SCTP) /* initiate tag, window and streams of its INIT */
		for (uint32_t i = 16; i < len; i++)
			ip[l3 + i] = 1;
	if (!s->no_csum)
		put_l4_sum(ip, ip + l3, s->protocol, len);
	assert_int_equal(pktt_packet_parse_ip(pkt), 0);
	return pkt;
}

struct pktt_packet *nat_bench_error(struct nat_bench *nb, const char *src,
				    const struct pktt_packet *about, uint32_t quoted)
{
	bool is_v6 = about->l3_family == PKTT_IPV6;
	uint32_t l3 = is_v6 ? V6_LEN : V4_LEN, len = 8 + quoted;
	struct pktt_packet *pkt = new_packet(nb, is_v6, len);
	uint8_t *ip = pkt->buf + pkt->l3;
	uint8_t protocol = is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	char dst[64];
	struct pktt_addr to = pktt_packet_src(about);

	assert_true(quoted <= about->end - about->l3);
	inet_ntop(is_v6 ? AF_INET6 : AF_INET, to.byte, dst, sizeof(dst));
	put_l3(ip, src, dst, protocol, len);
	ip[l3] = is_v6 ? 1 : 3;
	ip[l3 + 1] = is_v6 ? 4 : 3; /* port unreachable */
	memcpy(ip + l3 + 8, about->buf + about->l3, quoted);
	put_l4_sum(ip, ip + l3, protocol, len);
	assert_int_equal(pktt_packet_parse_ip(pkt), 0);
	return pkt;
}

/* --- Sending ---------------------------------------------------------------------------------- */

static enum pktt_verdict run(struct nat_bench *nb, struct pktt_packet *pkt, enum pktt_hook hook)
{
	bool has_in = hook != PKTT_LOCAL_OUT && hook != PKTT_POST_ROUTING;
	bool has_out = hook != PKTT_PRE_ROUTING && hook != PKTT_LOCAL_IN;

	nb->bench.env.generation = pktt_engine_generation(nb->engine);
	pkt->in = has_in ? &nb->bench.in : NULL;
	pkt->out = has_out ? &nb->bench.out : NULL;
	return pktt_hook_run(nb->engine, pkt, hook);
}

static enum pktt_verdict run_all(struct nat_bench *nb, struct pktt_packet *pkt,
				 const enum pktt_hook *hook, unsigned int n)
{
	enum pktt_verdict v = PKTT_ACCEPT;

	pkt->time_ns = nb->now_ns;
	conntrack_advance(nb->ct, nb->now_ns);
	for (unsigned int i = 0; v == PKTT_ACCEPT && i < n; i++)
		v = run(nb, pkt, hook[i]);
	return v;
}

enum pktt_verdict nat_bench_forward(struct nat_bench *nb, struct pktt_packet *pkt)
{
	static const enum pktt_hook hook[] = { PKTT_PRE_ROUTING, PKTT_FORWARD, PKTT_POST_ROUTING };

	return run_all(nb, pkt, hook, 3);
}

enum pktt_verdict nat_bench_output(struct nat_bench *nb, struct pktt_packet *pkt)
{
	static const enum pktt_hook hook[] = { PKTT_LOCAL_OUT, PKTT_POST_ROUTING };

	pkt->is_local = true;
	return run_all(nb, pkt, hook, 2);
}

enum pktt_verdict nat_bench_input(struct nat_bench *nb, struct pktt_packet *pkt)
{
	static const enum pktt_hook hook[] = { PKTT_PRE_ROUTING, PKTT_LOCAL_IN };

	return run_all(nb, pkt, hook, 2);
}

void nat_bench_done(struct pktt_packet **pkt)
{
	if (*pkt)
		conntrack_packet_done(*pkt);
	pktt_packet_free(pkt);
}

struct nat_spec nat_bench_answer(const struct pktt_packet *pkt, char src[64], char dst[64])
{
	struct pktt_addr from = pktt_packet_src(pkt), to = pktt_packet_dst(pkt);
	int af = from.len == 16 ? AF_INET6 : AF_INET;
	const uint8_t *l4 = pktt_packet_read(pkt, PKTT_L4, 0, 8);
	bool is_icmp = pkt->protocol == IPPROTO_ICMP || pkt->protocol == IPPROTO_ICMPV6;
	struct nat_spec s = { .src = src, .dst = dst, .protocol = pkt->protocol };

	inet_ntop(af, to.byte, src, 64);
	inet_ntop(af, from.byte, dst, 64);
	s.sport = get_be16(is_icmp ? l4 + 4 : l4 + 2);
	s.dport = is_icmp ? 0 : get_be16(l4);
	s.is_reply = true;
	return s;
}

/* --- Verifying -------------------------------------------------------------------------------- */

static void assert_l4_sum(const uint8_t *ip, const uint8_t *l4, uint8_t protocol, uint32_t len)
{
	int at = csum_at(protocol);
	uint64_t sum = sum_bytes(l4, len);

	if (protocol == IPPROTO_SCTP) {
		uint8_t copy[2048];

		assert_true(len >= 12 && len <= sizeof(copy));
		memcpy(copy, l4, len);
		memset(copy + 8, 0, 4);
		assert_int_equal(get_be32(l4 + 8),
				 __builtin_bswap32(~crc32c_add(CRC32C_INIT, copy, len)));
	}
	if (at < 0 || (protocol == IPPROTO_UDP && get_be16(l4 + at) == 0))
		return;
	if (has_pseudo(protocol))
		sum += sum_pseudo(ip, protocol, len);
	assert_int_equal(fold(sum), 0xffff);
}

/* What an error quotes; its layer 4 only where all of it is there. */
static void assert_quoted(const uint8_t *ip, uint32_t len)
{
	bool is_v6 = ip[0] >> 4 == 6;
	uint32_t l3 = is_v6 ? V6_LEN : V4_LEN;
	uint32_t total = is_v6 ? get_be16(ip + 4) + V6_LEN : get_be16(ip + 2);

	if (!is_v6)
		assert_int_equal(fold(sum_bytes(ip, V4_LEN)), 0xffff);
	if (len >= total)
		assert_l4_sum(ip, ip + l3, is_v6 ? ip[6] : ip[9], total - l3);
}

void nat_bench_assert_sums(const struct pktt_packet *pkt)
{
	uint32_t len = pkt->end - pkt->l3, l3 = pkt->l4 - pkt->l3;
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, len);
	const uint8_t *l4 = ip + l3;

	assert_non_null(ip);
	if (pkt->l3_family == PKTT_IPV4)
		assert_int_equal(fold(sum_bytes(ip, V4_LEN)), 0xffff);
	assert_l4_sum(ip, l4, pkt->protocol, len - l3);
	if ((pkt->protocol == IPPROTO_ICMP && l4[0] == 3) ||
	    (pkt->protocol == IPPROTO_ICMPV6 && l4[0] == 1))
		assert_quoted(l4 + 8, len - l3 - 8);
}

static const char *put_text(char text[160], const struct pktt_addr *src, uint16_t sport,
			    const struct pktt_addr *dst, uint16_t dport)
{
	char from[64], to[64];
	int af = src->len == 16 ? AF_INET6 : AF_INET;

	inet_ntop(af, src->byte, from, sizeof(from));
	inet_ntop(af, dst->byte, to, sizeof(to));
	snprintf(text, 160, "%s:%u > %s:%u", from, sport, to, dport);
	return text;
}

const char *nat_bench_text(const struct pktt_packet *pkt, char text[160])
{
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);
	const uint8_t *l4 = pktt_packet_read(pkt, PKTT_L4, 0, 8);

	if (pkt->protocol == IPPROTO_ICMP || pkt->protocol == IPPROTO_ICMPV6)
		return put_text(text, &src, get_be16(l4 + 4), &dst, 0);
	return put_text(text, &src, get_be16(l4), &dst, get_be16(l4 + 2));
}

const char *nat_bench_tuple(const struct pktt_packet *pkt, enum ct_dir dir, char text[160])
{
	struct ct_tuple t;
	struct pktt_addr src, dst;

	conn_tuple(pkt->ct, dir, &t);
	src = ct_tuple_src(&t);
	dst = ct_tuple_dst(&t);
	return put_text(text, &src, ntohs(t.sport), &dst, ntohs(t.dport));
}
