/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rewriting: whatever is translated there comes back as it was sent, its checksums right at every
 * step, for all protocols, both families, whole and cut; and errors with what they quote.
 */
#include "nat_bench.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "nat/own.h"

static struct nat_bench nb;
static uint64_t seed = 7;

static uint32_t draw(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(((seed >> 32) * below) >> 32);
}

static int setup(void **state)
{
	(void)state;
	nat_bench_init(&nb, NULL);
	return 0;
}

/* Linux, and so tracking, takes a right checksum of UDP-Lite for a wrong one. */
static int setup_unverified(void **state)
{
	struct ct_settings settings;

	(void)state;
	ct_settings_init(&settings);
	settings.checksum = false;
	nat_bench_init(&nb, &settings);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nat_bench_fini(&nb);
	return 0;
}

static const uint8_t protocols[] = {
	IPPROTO_TCP,  IPPROTO_UDP,  IPPROTO_UDPLITE, IPPROTO_SCTP,
	IPPROTO_DCCP, IPPROTO_ICMP, IPPROTO_ICMPV6,  50 /* ESP: an address and no port */,
};

static const char *draw_addr(bool is_v6, char text[64])
{
	/* Words of zeros and of ones are what checksums stumble on. */
	static const char *const word[] = { "0", "ffff", "1", "fffe", "8000", "abcd" };

	if (is_v6)
		snprintf(text, 64, "2001:%s:%s:%s::%x", word[draw(6)], word[draw(6)], word[draw(6)],
			 draw(0xffff) + 1);
	else
		snprintf(text, 64, "%u.%u.%u.%u", draw(222) + 1, draw(4) ? draw(256) : 255,
			 draw(4) ? draw(256) : 0, draw(256));
	return text;
}

static uint16_t draw_port(void)
{
	static const uint16_t edge[] = { 0, 1, 0xffff, 0xfffe, 0x8000 };

	return draw(3) ? (uint16_t)draw(65536) : edge[draw(5)];
}

static struct pktt_packet *draw_packet(uint8_t protocol, bool is_v6, char src[64], char dst[64])
{
	struct nat_spec s = {
		.src = draw_addr(is_v6, src),
		.dst = draw_addr(is_v6, dst),
		.protocol = protocol,
		.sport = draw_port(),
		.dport = draw_port(),
		.flags = (uint8_t)draw(64),
		.seq = draw(UINT32_MAX),
		.ack = draw(UINT32_MAX),
		.payload = draw(5) ? draw(100) + 4 : draw(1200) + 4,
		.no_csum = protocol == IPPROTO_UDP && !is_v6 && draw(4) == 0,
	};

	return nat_bench_make(&nb, &s);
}

static bool fits(uint8_t protocol, bool is_v6)
{
	return protocol != (is_v6 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

/* A tuple of the packet's kind with other addresses and ports. */
static struct ct_tuple draw_target(const struct pktt_packet *pkt)
{
	struct ct_tuple t = { .family = pkt->l3_family, .protocol = pkt->protocol };

	for (unsigned int i = 0; i < ct_addr_len(t.family); i++) {
		t.src[i] = draw(3) ? (uint8_t)draw(256) : 255;
		t.dst[i] = draw(3) ? (uint8_t)draw(256) : 0;
	}
	t.sport = draw_port();
	t.dport = draw_port();
	return t;
}

/* Of the headers as they are; ICMP's dport is its type, which nobody rewrites. */
static struct ct_tuple tuple_of(const struct pktt_packet *pkt)
{
	struct ct_tuple t = { .family = pkt->l3_family, .protocol = pkt->protocol };
	const uint8_t *l4 = pktt_packet_read(pkt, PKTT_L4, 0, 8);
	bool is_icmp = t.protocol == IPPROTO_ICMP || t.protocol == IPPROTO_ICMPV6;
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);

	ct_tuple_set_src(&t, &src);
	ct_tuple_set_dst(&t, &dst);
	memcpy(&t.sport, l4 + (is_icmp ? 4 : 0), 2);
	memcpy(&t.dport, l4 + 2, 2);
	return t;
}

static void rewrite_both(struct pktt_packet *pkt, const struct ct_tuple *t)
{
	assert_true(nat_rewrite(pkt, 0, t, NAT_SRC));
	nat_bench_assert_sums(pkt);
	assert_true(nat_rewrite(pkt, 0, t, NAT_DST));
	nat_bench_assert_sums(pkt);
}

static void test_there_and_back(void **state)
{
	char src[64], dst[64];

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		uint8_t protocol = protocols[i % pktt_countof(protocols)];
		bool is_v6 = draw(2);
		struct pktt_packet *pkt, *sent;
		struct ct_tuple was, target;

		if (!fits(protocol, is_v6))
			continue;
		pkt = draw_packet(protocol, is_v6, src, dst);
		nat_bench_assert_sums(pkt);
		assert_int_equal(pktt_packet_copy(&sent, pkt), 0);
		was = tuple_of(pkt);
		target = draw_target(pkt);
		rewrite_both(pkt, &target);
		rewrite_both(pkt, &was);
		assert_int_equal(pkt->end - pkt->l3, sent->end - sent->l3);
		assert_memory_equal(pkt->buf + pkt->l3, sent->buf + sent->l3, pkt->end - pkt->l3);
		pktt_packet_free(&sent);
		nat_bench_done(&pkt);
	}
}

/* What a capture has cut off does not change what becomes of the rest. */
static void test_cut_is_rewritten_alike(void **state)
{
	char src[64], dst[64];

	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		uint8_t protocol = protocols[i % pktt_countof(protocols)];
		bool is_v6 = draw(2);
		struct pktt_packet *pkt, *cut;
		struct ct_tuple target;
		uint32_t keep;

		if (!fits(protocol, is_v6))
			continue;
		pkt = draw_packet(protocol, is_v6, src, dst);
		assert_int_equal(pktt_packet_copy(&cut, pkt), 0);
		keep = protocol == IPPROTO_TCP ? 20 : 8;
		keep = protocol == IPPROTO_SCTP || protocol == IPPROTO_DCCP ? 12 : keep;
		keep += draw(packet_len(pkt, PKTT_L4) - keep);
		if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
			keep = packet_len(pkt, PKTT_L4);
		cut->end = cut->l4 + keep;
		target = draw_target(pkt);
		rewrite_both(pkt, &target);
		assert_true(nat_rewrite(cut, 0, &target, NAT_SRC));
		assert_true(nat_rewrite(cut, 0, &target, NAT_DST));
		assert_memory_equal(pkt->buf + pkt->l3, cut->buf + cut->l3, cut->end - cut->l3);
		pktt_packet_free(&cut);
		nat_bench_done(&pkt);
	}
}

/* Eight bytes of layer 4 are all that an error has to quote; fewer are not to be rewritten. */
static void test_short_headers(void **state)
{
	char src[64], dst[64];

	(void)state;
	for (unsigned int p = 0; p < pktt_countof(protocols); p++)
		for (uint32_t keep = 0; keep <= 12; keep++) {
			bool is_v6 = protocols[p] == IPPROTO_ICMPV6 ||
				     (protocols[p] != IPPROTO_ICMP && draw(2));
			struct pktt_packet *pkt = draw_packet(protocols[p], is_v6, src, dst);
			struct ct_tuple target = draw_target(pkt);
			bool needs_none = protocols[p] == 50;

			pkt->end = pkt->l4 + keep;
			assert_int_equal(nat_rewrite(pkt, 0, &target, NAT_DST),
					 needs_none || keep >= 8);
			pkt->end = pkt->l3 + 10;
			assert_false(nat_rewrite(pkt, 0, &target, NAT_SRC));
			nat_bench_done(&pkt);
		}
}

/* Bytes of chance instead of a packet: nothing outside of it is touched (ASan), nothing runs on. */
static void test_noise(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		uint32_t len = draw(120);
		struct pktt_packet *pkt;
		struct ct_tuple target;

		assert_int_equal(pktt_packet_new(&pkt, len), 0);
		pkt->family = pkt->l3_family = draw(2) ? PKTT_IPV6 : PKTT_IPV4;
		pkt->room = pkt->end;
		for (uint32_t n = 0; n < len; n++)
			pkt->buf[pkt->l3 + n] = draw(3) ? (uint8_t)draw(256) : (uint8_t)draw(64);
		pkt->protocol = protocols[draw(pktt_countof(protocols))];
		target = draw_target(pkt);
		nat_rewrite(pkt, draw(3) ? 0 : draw(40), &target, draw(2) ? NAT_SRC : NAT_DST);
		pktt_packet_free(&pkt);
	}
}

/* IPv6 extension headers stand between; a later fragment has no ports. */
static void test_extension_headers(void **state)
{
	/* hop-by-hop, destination options of 16 bytes, then UDP */
	static const uint8_t header[24] = { 60, 0, 1, 4, 0, 0, 0, 0, 17, 1, 1, 12 };
	struct nat_spec s = { .src = "fd00::1",
			      .dst = "fd00::2",
			      .protocol = IPPROTO_UDP,
			      .sport = 5,
			      .dport = 6,
			      .payload = 20 };
	struct pktt_packet *plain = nat_bench_make(&nb, &s), *pkt;
	struct ct_tuple target = draw_target(plain);
	uint8_t *ip;

	(void)state;
	assert_int_equal(pktt_packet_copy(&pkt, plain), 0);
	assert_int_equal(pktt_packet_resize(pkt, 40, sizeof(header)), 0);
	ip = pktt_packet_write(pkt, PKTT_L3, 0, 40 + sizeof(header));
	assert_non_null(ip);
	ip[6] = 0;
	memcpy(ip + 40, header, sizeof(header));
	rewrite_both(plain, &target);
	assert_true(nat_rewrite(pkt, 0, &target, NAT_SRC));
	assert_true(nat_rewrite(pkt, 0, &target, NAT_DST));
	assert_memory_equal(ip + 64, plain->buf + plain->l4, 28);
	ip[40] = 44; /* hop-by-hop, then a fragment header at offset 8 */
	ip[48] = 17;
	put_be16(ip + 50, 8 | 1);
	memset(&target, 0, sizeof(target));
	target.family = PKTT_IPV6;
	target.protocol = IPPROTO_UDP;
	assert_true(nat_rewrite(pkt, 0, &target, NAT_SRC));
	assert_memory_equal(ip + 64, plain->buf + plain->l4, 28);
	pktt_packet_free(&pkt);
	nat_bench_done(&plain);
}

/* --- Errors ----------------------------------------------------------------------------------- */

/*
 * Client, translated by masquerade, to a server; somebody behind us says that it cannot get there. The
 * client is to read of the packet that it sent.
 */
static void assert_error_comes_home(uint8_t protocol, bool is_v6, uint32_t payload, uint32_t cut)
{
	struct nat_spec s = {
		.src = is_v6 ? "fd00::7" : "10.0.0.7",
		.dst = is_v6 ? "2001:db8::80" : "198.51.100.80",
		.protocol = protocol,
		.sport = 1234,
		.dport = 80,
		.flags = 2,
		.payload = payload + (protocol == IPPROTO_SCTP ? 16 : 0), /* a whole INIT */
	};
	const char *router = is_v6 ? "2001:db8::99" : "198.51.100.99";
	struct pktt_packet *pkt = nat_bench_make(&nb, &s), *sent, *err;
	uint32_t quoted = pkt->end - pkt->l3, l3 = is_v6 ? 40 : 20;
	char src[160], want[160];

	quoted = cut && cut < quoted - l3 ? l3 + cut : quoted;
	assert_int_equal(pktt_packet_copy(&sent, pkt), 0);
	assert_int_equal(nat_bench_forward(&nb, pkt), PKTT_ACCEPT);
	assert_non_null(pkt->ct);
	assert_true(conn_status(pkt->ct) & CT_SRC_NAT);
	err = nat_bench_error(&nb, router, pkt, quoted);
	assert_int_equal(nat_bench_forward(&nb, err), PKTT_ACCEPT);
	assert_int_equal(err->ct_info, PKTT_CT_RELATED_REPLY);
	nat_bench_assert_sums(err);
	/* As Linux does it, SCTP's checksum is made of as much as is quoted: right only for all of it. */
	if (protocol == IPPROTO_SCTP && cut)
		quoted = l3 + 8;
	assert_memory_equal(err->buf + err->l4 + 8, sent->buf + sent->l3, quoted);
	snprintf(want, sizeof(want), "%s:", router);
	assert_memory_equal(nat_bench_text(err, src), want, strlen(want));
	assert_memory_equal(pktt_packet_dst(err).byte, pktt_packet_src(sent).byte, is_v6 ? 16 : 4);
	nat_bench_done(&err);
	pktt_packet_free(&sent);
	conntrack_kill(nb.ct, 0, pkt->ct);
	nat_bench_done(&pkt);
}

#define RULES                                                                            \
	"*nat ipv4\n-A POSTROUTING -j MASQUERADE\n-A PREROUTING -d 203.0.113.1 -j DNAT " \
	"--to-destination 10.0.0.2\nCOMMIT\n*nat ipv6\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n"

static void test_errors_are_translated(void **state)
{
	static const uint8_t tried[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP };

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4, RULES);
	for (unsigned int i = 0; i < pktt_countof(tried); i++)
		for (unsigned int v6 = 0; v6 < 2; v6++)
			for (uint32_t payload = 4; payload < 40; payload += 9) {
				assert_error_comes_home(tried[i], v6, payload, 0);
				assert_error_comes_home(tried[i], v6, payload, 8);
				assert_error_comes_home(tried[i], v6, payload, 9 + payload / 2);
			}
	assert_error_comes_home(IPPROTO_ICMP, false, 16, 0);
	assert_error_comes_home(IPPROTO_ICMPV6, true, 16, 0);
}

/* The server behind a translated destination says so itself: as if the public address had. */
static void test_error_of_a_hidden_server(void **state)
{
	struct nat_spec s = { .src = "198.51.100.9",
			      .dst = "203.0.113.1",
			      .protocol = IPPROTO_UDP,
			      .sport = 99,
			      .dport = 53,
			      .payload = 30 };
	struct pktt_packet *pkt = nat_bench_make(&nb, &s), *err;
	char text[160];

	(void)state;
	nat_bench_load(&nb, PKTT_IPV4,
		       "*nat\n-A PREROUTING -d 203.0.113.1 -j DNAT "
		       "--to-destination 10.0.0.2\nCOMMIT\n");
	assert_int_equal(nat_bench_forward(&nb, pkt), PKTT_ACCEPT);
	assert_string_equal(nat_bench_text(pkt, text), "198.51.100.9:99 > 10.0.0.2:53");
	err = nat_bench_error(&nb, "10.0.0.2", pkt, 28);
	assert_int_equal(nat_bench_forward(&nb, err), PKTT_ACCEPT);
	nat_bench_assert_sums(err);
	assert_memory_equal(pktt_packet_src(err).byte, "\xcb\x00\x71\x01", 4);
	assert_memory_equal(err->buf + err->l4 + 8 + 16, "\xcb\x00\x71\x01", 4);
	nat_bench_done(&err);
	/* one with a wrong checksum is not translated, and so not made right */
	err = nat_bench_error(&nb, "10.0.0.2", pkt, 28);
	err->buf[err->l4 + 30] ^= 1;
	nat_bench_forward(&nb, err);
	assert_int_equal(err->ct_info, PKTT_CT_INVALID);
	assert_false(pktt_csum_l4_ok(err));
	nat_bench_done(&err);
	nat_bench_done(&pkt);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_there_and_back),
		TEST(test_cut_is_rewritten_alike),
		TEST(test_short_headers),
		TEST(test_noise),
		TEST(test_extension_headers),
		cmocka_unit_test_setup_teardown(test_errors_are_translated, setup_unverified,
						teardown),
		TEST(test_error_of_a_hidden_server),
	};

	return cmocka_run_group_tests_name("nat_packet", tests, NULL, NULL);
}
