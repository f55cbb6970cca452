/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bindings: what rules make of the first packet, and what becomes of all that follow. */
#include "nat_bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conntrack/event.h"
#include "conntrack/proto_tcp.h"
#include "conntrack/query.h"
#include "nat/own.h"
#include "nat/portmap.h"
#include "nat/source.h"

#define SERVER "198.51.100.80"
#define PUBLIC "192.0.2.1"

static struct nat_bench nb;

static int setup(void **state)
{
	(void)state;
	nat_bench_init(&nb, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nat_bench_fini(&nb);
	return 0;
}

static struct nat_spec spec_of(uint8_t protocol, const char *src, uint16_t sport, const char *dst,
			       uint16_t dport)
{
	return (struct nat_spec){ .src = src,
				  .dst = dst,
				  .protocol = protocol,
				  .sport = sport,
				  .dport = dport,
				  .flags = CT_TCP_SYN,
				  .seq = 1000,
				  .payload = 20 };
}

/* A packet forwarded, which is to look like that behind us, with right checksums. The caller's. */
static struct pktt_packet *forward(const struct nat_spec *spec, const char *want)
{
	struct pktt_packet *pkt = nat_bench_make(&nb, spec);
	char text[160];

	assert_int_equal(nat_bench_forward(&nb, pkt), PKTT_ACCEPT);
	nat_bench_assert_sums(pkt);
	if (want)
		assert_string_equal(nat_bench_text(pkt, text), want);
	return pkt;
}

static struct pktt_packet *udp(const char *src, uint16_t sport, const char *dst, uint16_t dport,
			       const char *want)
{
	struct nat_spec s = spec_of(IPPROTO_UDP, src, sport, dst, dport);

	return forward(&s, want);
}

/* The answer to a packet that was forwarded is to look like that. */
static void answer(const struct pktt_packet *pkt, const char *want)
{
	char src[64], dst[64];
	struct nat_spec s = nat_bench_answer(pkt, src, dst);
	struct pktt_packet *back;

	s.payload = 20;
	s.flags = CT_TCP_SYN | CT_TCP_ACK;
	s.ack = 1001;
	back = forward(&s, want);
	assert_ptr_equal(back->ct, pkt->ct);
	nat_bench_done(&back);
}

static uint16_t sport_of(const struct pktt_packet *pkt)
{
	return get_be16(pktt_packet_read(pkt, PKTT_L4, 0, 2));
}

static void assert_status(const struct pktt_packet *pkt, uint32_t want)
{
	assert_int_equal(conn_status(pkt->ct) & (CT_NAT_MASK | CT_NAT_DONE_MASK), want);
}

#define DONE CT_NAT_DONE_MASK

/* --- Kinds of binding --------------------------------------------------------------------------- */

static void test_masquerade(void **state)
{
	struct pktt_packet *pkt;
	struct nat_spec s6 = spec_of(IPPROTO_TCP, "fd00::7", 999, "2001:db8::80", 80);

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat ipv4\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n"
		       "*nat ipv6\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n");
	pkt = udp("10.0.0.7", 5000, SERVER, 53, PUBLIC ":5000 > " SERVER ":53");
	assert_status(pkt, CT_SRC_NAT | DONE);
	answer(pkt, SERVER ":53 > 10.0.0.7:5000");
	nat_bench_done(&pkt);
	pkt = forward(&s6, "2001:db8::1:999 > 2001:db8::80:80");
	answer(pkt, "2001:db8::80:80 > fd00::7:999");
	nat_bench_done(&pkt);
}

static void test_null_binding(void **state)
{
	struct pktt_packet *pkt;

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE\nCOMMIT\n");
	pkt = udp("10.0.0.7", 5000, SERVER, 53, "10.0.0.7:5000 > " SERVER ":53");
	assert_status(pkt, DONE);
	nat_bench_done(&pkt);
}

static void test_dnat_with_ports(void **state)
{
	struct nat_spec s = spec_of(IPPROTO_TCP, "198.51.100.9", 4000, PUBLIC, 8080);
	struct pktt_packet *pkt;

	(void)state;
	nat_bench_load(
		&nb, PKTT_IPV4,
		"*nat\n-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80\n"
		"-A PREROUTING -p tcp --dport 9000:9009 -j DNAT --to-destination "
		"10.0.0.3:7000-7009/9000\nCOMMIT\n");
	pkt = forward(&s, "198.51.100.9:4000 > 10.0.0.2:80");
	assert_status(pkt, CT_DST_NAT | DONE);
	answer(pkt, PUBLIC ":8080 > 198.51.100.9:4000");
	nat_bench_done(&pkt);
	s.dport = 9004;
	pkt = forward(&s, "198.51.100.9:4000 > 10.0.0.3:7004");
	nat_bench_done(&pkt);
}

static void test_netmap(void **state)
{
	struct pktt_packet *pkt;

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A PREROUTING -d 203.0.113.0/24 -j NETMAP --to 10.1.2.0/24\n"
		       "-A POSTROUTING -s 10.5.0.0/16 -j NETMAP --to 172.16.0.0/16\nCOMMIT\n");
	pkt = udp("198.51.100.9", 1, "203.0.113.77", 2, "198.51.100.9:1 > 10.1.2.77:2");
	answer(pkt, "203.0.113.77:2 > 198.51.100.9:1");
	nat_bench_done(&pkt);
	pkt = udp("10.5.6.7", 1, SERVER, 2, "172.16.6.7:1 > " SERVER ":2");
	answer(pkt, SERVER ":2 > 10.5.6.7:1");
	nat_bench_done(&pkt);
}

static void test_redirect(void **state)
{
	struct nat_spec s = spec_of(IPPROTO_TCP, "10.0.0.7", 4000, SERVER, 80);
	struct pktt_packet *pkt;
	char text[160];

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A PREROUTING -p tcp -j REDIRECT --to-ports 3128\n"
		       "-A OUTPUT -p tcp -j REDIRECT --to-ports 3129\nCOMMIT\n");
	pkt = nat_bench_make(&nb, &s);
	assert_int_equal(nat_bench_input(&nb, pkt), PKTT_ACCEPT);
	assert_string_equal(nat_bench_text(pkt, text), "10.0.0.7:4000 > " PUBLIC ":3128");
	nat_bench_assert_sums(pkt);
	nat_bench_done(&pkt);
	s.src = PUBLIC;
	pkt = nat_bench_make(&nb, &s);
	assert_int_equal(nat_bench_output(&nb, pkt), PKTT_ACCEPT);
	assert_string_equal(nat_bench_text(pkt, text), PUBLIC ":4000 > 127.0.0.1:3129");
	assert_true(pkt->is_rerouted);
	nat_bench_done(&pkt);
}

static void test_local_output_without_a_way(void **state)
{
	struct nat_spec s = spec_of(IPPROTO_UDP, PUBLIC, 4000, SERVER, 80);
	struct pktt_packet *pkt;

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A OUTPUT -p udp -j DNAT --to-destination 10.0.0.2\nCOMMIT\n");
	nb.no_route = true;
	pkt = nat_bench_make(&nb, &s);
	assert_int_equal(nat_bench_output(&nb, pkt), PKTT_DROP);
	assert_int_equal(pkt->decision.reason, PKTT_REASON_NO_ROUTE);
	nat_bench_done(&pkt);
}

static void test_local_input_source(void **state)
{
	struct nat_spec s = spec_of(IPPROTO_UDP, "10.0.0.7", 4000, PUBLIC, 80);
	struct pktt_packet *pkt;
	char text[160];

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4, "*nat\n-A INPUT -j SNAT --to-source 10.7.7.7\nCOMMIT\n");
	pkt = nat_bench_make(&nb, &s);
	assert_int_equal(nat_bench_input(&nb, pkt), PKTT_ACCEPT);
	assert_string_equal(nat_bench_text(pkt, text), "10.7.7.7:4000 > " PUBLIC ":80");
	nat_bench_assert_sums(pkt);
	nat_bench_done(&pkt);
}

/* Client and server behind us, and the client knows the server's public address only. */
static void test_hairpin(void **state)
{
	struct nat_spec s = spec_of(IPPROTO_TCP, "10.0.0.7", 4000, PUBLIC, 80);
	struct pktt_packet *pkt;

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A PREROUTING -d " PUBLIC " -j DNAT --to-destination 10.0.0.2\n"
		       "-A POSTROUTING -s 10.0.0.0/24 -d 10.0.0.2 -j MASQUERADE\nCOMMIT\n");
	pkt = forward(&s, PUBLIC ":4000 > 10.0.0.2:80");
	assert_status(pkt, CT_NAT_MASK | DONE);
	answer(pkt, PUBLIC ":80 > 10.0.0.7:4000");
	nat_bench_done(&pkt);
}

/* --- Choosing ----------------------------------------------------------------------------------- */

#define SNAT_ALL "*nat\n-A POSTROUTING -j SNAT --to-source " PUBLIC "\nCOMMIT\n"

static void test_clash_gets_another_port(void **state)
{
	struct pktt_packet *a, *b;
	uint16_t port;
	char want[160];

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4, SNAT_ALL);
	a = udp("10.0.0.7", 5000, SERVER, 53, PUBLIC ":5000 > " SERVER ":53");
	b = udp("10.0.0.8", 5000, SERVER, 53, NULL);
	port = sport_of(b);
	assert_true(port >= 1024 && port != 5000);
	answer(a, SERVER ":53 > 10.0.0.7:5000");
	answer(b, SERVER ":53 > 10.0.0.8:5000");
	nat_bench_done(&b);
	/* The same source keeps what it was given; another destination leaves all others theirs. */
	snprintf(want, sizeof(want), PUBLIC ":%u > 203.0.113.3:53", port);
	b = udp("10.0.0.8", 5000, "203.0.113.3", 53, want);
	nat_bench_done(&b);
	b = udp("10.0.0.9", 5000, "203.0.113.4", 53, PUBLIC ":5000 > 203.0.113.4:53");
	nat_bench_done(&b);
	nat_bench_done(&a);
}

static void test_privileged_ports_stay_so(void **state)
{
	static const struct {
		uint16_t port, min, max;
	} cases[] = { { 100, 1, 511 },
		      { 511, 1, 511 },
		      { 512, 600, 1023 },
		      { 1023, 600, 1023 },
		      { 1024, 1024, 65535 } };

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4, SNAT_ALL);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pktt_packet *a = udp("10.0.0.7", cases[i].port, SERVER, 53, NULL);
		struct pktt_packet *b = udp("10.0.0.8", cases[i].port, SERVER, 53, NULL);

		assert_int_equal(sport_of(a), cases[i].port);
		assert_int_not_equal(sport_of(b), cases[i].port);
		assert_in_range(sport_of(b), cases[i].min, cases[i].max);
		nat_bench_done(&a);
		nat_bench_done(&b);
	}
}

static void test_clash_of_an_untranslated_one(void **state)
{
	struct pktt_packet *a, *b;

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A POSTROUTING -s 10.0.0.0/24 -j SNAT --to-source " PUBLIC
		       "\nCOMMIT\n");
	a = udp("10.0.0.7", 5000, SERVER, 53, PUBLIC ":5000 > " SERVER ":53");
	/* Somebody who has that address himself. */
	b = udp(PUBLIC, 5000, SERVER, 53, NULL);
	assert_int_not_equal(sport_of(b), 5000);
	assert_status(b, CT_SRC_NAT | DONE);
	answer(b, SERVER ":53 > " PUBLIC ":5000");
	answer(a, SERVER ":53 > 10.0.0.7:5000");
	nat_bench_done(&a);
	nat_bench_done(&b);
}

static void test_ranges_of_addresses(void **state)
{
	char src[32], first[160], text[160];
	bool seen[4] = { false };
	unsigned int moved = 0;

	(void)state;
	nat_bench_load(
		&nb, PKTT_IPV4,
		"*nat\n-A POSTROUTING -p udp -j SNAT --to-source 192.0.2.4-192.0.2.7\n"
		"-A POSTROUTING -p tcp -j SNAT --to-source 192.0.2.4-192.0.2.7 --persistent\n"
		"COMMIT\n");
	for (unsigned int i = 1; i < 100; i++) {
		struct pktt_packet *a, *b;
		struct nat_spec s;

		snprintf(src, sizeof(src), "10.0.0.%u", i);
		/* one source, as long as it talks, has one address, wherever it talks to */
		a = udp(src, 5000, SERVER, 53, NULL);
		b = udp(src, 5000, "203.0.113.9", 53, NULL);
		assert_memory_equal(pktt_packet_src(a).byte, pktt_packet_src(b).byte, 4);
		assert_in_range(pktt_packet_src(a).byte[3], 4, 7);
		seen[pktt_packet_src(a).byte[3] - 4] = true;
		nat_bench_done(&b);
		/* from another port it depends on where it talks to */
		b = udp(src, 5001, "203.0.113.9", 53, NULL);
		moved += pktt_packet_src(a).byte[3] != pktt_packet_src(b).byte[3];
		nat_bench_done(&b);
		nat_bench_done(&a);
		s = spec_of(IPPROTO_TCP, src, (uint16_t)(6000 + i), SERVER, 80);
		a = forward(&s, NULL);
		snprintf(first, sizeof(first), "%s", nat_bench_text(a, text));
		s = spec_of(IPPROTO_TCP, src, (uint16_t)(7000 + i), "203.0.113.9", 80);
		b = forward(&s, NULL);
		assert_memory_equal(pktt_packet_src(a).byte, pktt_packet_src(b).byte, 4);
		nat_bench_done(&a);
		nat_bench_done(&b);
	}
	assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
	assert_in_range(moved, 40, 99);
}

static void test_port_ranges_and_chance(void **state)
{
	unsigned int kept = 0;

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A POSTROUTING -p udp -d " SERVER " -j SNAT --to-source " PUBLIC
		       ":7000-7003\n-A POSTROUTING -p udp -j SNAT --to-source " PUBLIC
		       " --random\nCOMMIT\n");
	for (unsigned int i = 0; i < 6; i++) {
		struct nat_spec s =
			spec_of(IPPROTO_UDP, "10.0.0.7", (uint16_t)(7002 + i), SERVER, 5);
		struct pktt_packet *pkt = nat_bench_make(&nb, &s);
		enum pktt_verdict v = nat_bench_forward(&nb, pkt);

		assert_int_equal(v, i < 4 ? PKTT_ACCEPT : PKTT_DROP);
		if (i < 4)
			assert_in_range(sport_of(pkt), 7000, 7003);
		else
			assert_int_equal(pkt->decision.reason, PKTT_REASON_NAT);
		if (i < 2) /* in the range already */
			assert_int_equal(sport_of(pkt), s.sport);
		nat_bench_done(&pkt);
	}
	for (unsigned int i = 0; i < 200; i++) {
		struct pktt_packet *pkt =
			udp("10.0.0.7", (uint16_t)(3000 + i), "203.0.113.1", 5, NULL);

		kept += sport_of(pkt) == 3000 + i;
		assert_true(sport_of(pkt) >= 1024);
		nat_bench_done(&pkt);
	}
	assert_true(kept < 3);
}

static void test_echo_ids(void **state)
{
	struct nat_spec s = { .src = "10.0.0.7",
			      .dst = SERVER,
			      .protocol = IPPROTO_ICMP,
			      .sport = 77,
			      .payload = 8 };
	struct pktt_packet *a, *b;
	uint16_t id;

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4, SNAT_ALL);
	a = forward(&s, PUBLIC ":77 > " SERVER ":0");
	s.src = "10.0.0.8";
	b = forward(&s, NULL);
	id = get_be16(pktt_packet_read(b, PKTT_L4, 4, 2));
	assert_int_not_equal(id, 77);
	answer(a, SERVER ":77 > 10.0.0.7:0");
	answer(b, SERVER ":77 > 10.0.0.8:0");
	nat_bench_done(&a);
	nat_bench_done(&b);
}

/* --- To the last port ----------------------------------------------------------------------------- */

enum { ALL_PORTS = 64512, CLIENTS = 200 };

static struct nat_spec nth_client(unsigned int n, char src[32])
{
	snprintf(src, 32, "10.%u.%u.1", n % CLIENTS, n / CLIENTS % 250);
	return spec_of(IPPROTO_UDP, src, (uint16_t)(1024 + n / 50000 * 300 + n % 251), SERVER, 53);
}

static uint64_t counter(enum ct_count what)
{
	uint64_t counts[CT_COUNT_COUNT];

	conntrack_counters(nb.ct, counts);
	return counts[what];
}

static void test_last_port_is_given(void **state)
{
	static bool given[65536];
	struct pktt_packet *first = NULL, *pkt;
	struct nat_spec s;
	char src[32], want[160];
	uint16_t freed;

	(void)state;
	memset(given, 0, sizeof(given));
	nat_bench_load(&nb, PKTT_IPV4, SNAT_ALL);
	for (unsigned int n = 0; n < ALL_PORTS; n++) {
		s = nth_client(n, src);
		pkt = nat_bench_make(&nb, &s);
		assert_int_equal(nat_bench_forward(&nb, pkt), PKTT_ACCEPT);
		assert_int_equal(pkt->ct_info, PKTT_CT_NEW);
		assert_false(given[sport_of(pkt)]);
		given[sport_of(pkt)] = true;
		if (n == 0)
			first = pkt;
		else
			nat_bench_done(&pkt);
	}
	assert_int_equal(counter(CT_COUNT_NO_PORT), 0);
	s = spec_of(IPPROTO_UDP, "10.250.0.1", 9, SERVER, 53);
	s.sport = 2000;
	for (unsigned int i = 1; i <= 3; i++) {
		pkt = nat_bench_make(&nb, &s);
		assert_int_equal(nat_bench_forward(&nb, pkt), PKTT_DROP);
		assert_int_equal(pkt->decision.reason, PKTT_REASON_NAT);
		assert_int_equal(counter(CT_COUNT_NO_PORT), i);
		nat_bench_done(&pkt);
	}
	/* Who is connected stays so, and other destinations have all their ports. */
	snprintf(want, sizeof(want), SERVER ":53 > 10.0.0.1:%u", 1024);
	answer(first, want);
	s.dst = "203.0.113.3";
	pkt = forward(&s, PUBLIC ":2000 > 203.0.113.3:53");
	nat_bench_done(&pkt);
	s.dst = SERVER;
	freed = sport_of(first);
	conntrack_kill(nb.ct, 0, first->ct);
	nat_bench_done(&first);
	snprintf(want, sizeof(want), PUBLIC ":%u > " SERVER ":53", freed);
	first = forward(&s, want);
	nat_bench_done(&first);
}

/* A single port, whose connection has ended: a newer one of higher numbers takes it over. */
static void test_port_of_the_dead(void **state)
{
	struct nat_spec s = spec_of(IPPROTO_TCP, "10.0.0.7", 4000, SERVER, 80);
	struct pktt_packet *a, *b;

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A POSTROUTING -p tcp -j SNAT --to-source " PUBLIC ":7000\nCOMMIT\n");
	a = forward(&s, PUBLIC ":7000 > " SERVER ":80");
	s.src = "10.0.0.8";
	s.seq = 5000;
	b = nat_bench_make(&nb, &s);
	assert_int_equal(nat_bench_forward(&nb, b), PKTT_DROP);
	nat_bench_done(&b);
	conn_l4(a->ct)->tcp.state = CT_TCP_TIME_WAIT;
	b = forward(&s, PUBLIC ":7000 > " SERVER ":80");
	assert_true(conn_is_dying(a->ct));
	nat_bench_done(&a);
	nat_bench_done(&b);
}

/* When the last connection has gone, no mapping and no map is left of a crowded hour. */
static void test_nothing_stays(void **state)
{
	struct nat *nat = conntrack_nat_state(nb.ct);
	uint32_t sources, maps;
	uint64_t memory;
	char src[32];

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A POSTROUTING -j SNAT --to-source 192.0.2.1-192.0.2.2\nCOMMIT\n");
	for (unsigned int n = 0; n < 20000; n++) {
		struct nat_spec s = nth_client(n, src);
		struct pktt_packet *pkt = forward(&s, NULL);

		nat_bench_done(&pkt);
	}
	nat_sources_stats(nat->sources, &sources, &memory);
	nat_portmaps_stats(nat->portmaps, &maps, &memory);
	assert_int_equal(sources, 20000);
	assert_int_equal(maps, 2);
	nb.now_ns += UINT64_C(40) * 1000000000;
	conntrack_advance(nb.ct, nb.now_ns);
	nat_portmaps_stats(nat->portmaps, &maps, &memory);
	assert_int_equal(maps, 0);
	nat_sources_stats(nat->sources, &sources, &memory);
	assert_int_equal(sources, 0);
	assert_true(memory <= 4096); /* the table of chains as it began */
}

/* --- Interfaces and the API --------------------------------------------------------------------- */

static void assert_follows_its_interface(const struct nat_spec *s)
{
	struct pktt_addr other = { 4, { 192, 0, 2, 9 } };
	bool is_v6 = strchr(s->src, ':');
	struct pktt_packet *a = forward(s, NULL), *b;

	nb.bench.out.index = 7;
	b = nat_bench_make(&nb, s);
	assert_int_equal(nat_bench_forward(&nb, b), PKTT_DROP);
	assert_true(conn_is_dying(a->ct));
	nat_bench_done(&b);
	nat_bench_done(&a);
	a = forward(s, NULL);
	nat_flush_masquerade(nb.ct, 3, NULL);
	nat_flush_masquerade(nb.ct, 7, &other);
	assert_false(conn_is_dying(a->ct));
	nat_flush_masquerade(nb.ct, 7, &nb.source[is_v6]);
	assert_true(conn_is_dying(a->ct));
	nat_bench_done(&a);
	nb.bench.out.index = 3;
}

/* Whatever the protocol and family. */
static void test_masquerade_follows_its_interface(void **state)
{
	static const uint8_t protocol[] = { IPPROTO_UDP, IPPROTO_TCP, IPPROTO_SCTP };

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat ipv4\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n"
		       "*nat ipv6\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n");
	for (unsigned int i = 0; i < 3; i++) {
		struct nat_spec s = spec_of(protocol[i], "10.0.0.7", 5000, SERVER, 53);

		assert_follows_its_interface(&s);
		s = spec_of(protocol[i], "fd00::7", 5000, "2001:db8::80", 53);
		assert_follows_its_interface(&s);
	}
}

static struct ct_tuple tuple_of(const char *src, uint16_t sport, const char *dst, uint16_t dport)
{
	struct ct_tuple t = { .family = PKTT_IPV4, .protocol = IPPROTO_UDP };

	assert_int_equal(inet_pton(AF_INET, src, t.src), 1);
	assert_int_equal(inet_pton(AF_INET, dst, t.dst), 1);
	t.sport = htons(sport);
	t.dport = htons(dport);
	return t;
}

static void test_made_by_program(void **state)
{
	struct ct_tuple original = tuple_of("10.0.0.7", 5000, SERVER, 53);
	struct ct_tuple reply = tuple_of("10.0.0.2", 54, PUBLIC, 6000);
	struct ct_change change = { .has = CT_HAS_TIMEOUT, .timeout = 100 };
	struct conn *conn = NULL;
	struct pktt_error err = { 0 };
	struct pktt_packet *pkt;

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4, SNAT_ALL);
	conntrack_advance(nb.ct, nb.now_ns);
	if (ct_query_create(nb.ct, &original, &reply, &change, &conn, &err))
		fail_msg("%s", err.text);
	assert_int_equal(conn_status(conn) & (CT_NAT_MASK | DONE), CT_NAT_MASK | DONE);
	conn_put(conntrack_db(nb.ct), &conn);
	pkt = udp("10.0.0.7", 5000, SERVER, 53, PUBLIC ":6000 > 10.0.0.2:54");
	answer(pkt, SERVER ":53 > 10.0.0.7:5000");
	nat_bench_done(&pkt);
	original = tuple_of("10.0.0.9", 5000, SERVER, 53);
	assert_int_equal(ct_query_create(nb.ct, &original, &reply, &change, &conn, &err), -EEXIST);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_masquerade),
		TEST(test_null_binding),
		TEST(test_dnat_with_ports),
		TEST(test_netmap),
		TEST(test_redirect),
		TEST(test_local_output_without_a_way),
		TEST(test_local_input_source),
		TEST(test_hairpin),
		TEST(test_clash_gets_another_port),
		TEST(test_privileged_ports_stay_so),
		TEST(test_clash_of_an_untranslated_one),
		TEST(test_ranges_of_addresses),
		TEST(test_port_ranges_and_chance),
		TEST(test_echo_ids),
		TEST(test_last_port_is_given),
		TEST(test_nothing_stays),
		TEST(test_port_of_the_dead),
		TEST(test_masquerade_follows_its_interface),
		TEST(test_made_by_program),
	};

	return cmocka_run_group_tests_name("nat", tests, NULL, NULL);
}
