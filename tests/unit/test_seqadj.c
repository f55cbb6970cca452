/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payload that becomes longer or shorter, and the numbers of TCP behind it. */
#include "nat/seqadj.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "conntrack/event.h"
#include "nat_bench.h"

enum { ACK = 0x10, PSH_ACK = 0x18, SYN = 0x02, SYN_ACK = 0x12 };

#define CLIENT "10.0.0.7"
#define SERVER "192.0.2.80"

struct flow {
	struct nat_bench nb;
	struct conn *conn; /* with a reference */
	struct pktt_packet *opening;
};

static const struct nat_spec from_client = {
	.src = CLIENT,
	.dst = SERVER,
	.protocol = IPPROTO_TCP,
	.sport = 1000,
	.dport = 21,
	.flags = PSH_ACK,
	.seq = 5000,
	.ack = 9000,
	.payload = 40,
};
static const struct nat_spec from_server = {
	.src = SERVER,
	.dst = CLIENT,
	.protocol = IPPROTO_TCP,
	.sport = 21,
	.dport = 1000,
	.flags = PSH_ACK,
	.seq = 9000,
	.ack = 5040,
	.payload = 10,
};

static int setup(void **state)
{
	static struct flow f;
	struct nat_spec syn = from_client;

	memset(&f, 0, sizeof(f));
	nat_bench_init(&f.nb, NULL);
	nat_bench_load(&f.nb, PKTT_IPV4, "*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n");
	syn.flags = SYN;
	syn.seq = 4999;
	syn.payload = 0;
	f.opening = nat_bench_make(&f.nb, &syn);
	if (nat_bench_forward(&f.nb, f.opening) != PKTT_ACCEPT || !f.opening->ct)
		return -1;
	f.conn = f.opening->ct;
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct flow *f = *state;

	nat_bench_done(&f->opening);
	nat_bench_fini(&f->nb);
	return 0;
}

static uint32_t number(const struct pktt_packet *pkt, uint32_t at)
{
	return get_be32(pktt_packet_read(pkt, PKTT_L4, at, 4));
}

static void mark_seq(struct flow *f, enum ct_dir dir, uint32_t seq, int32_t off)
{
	assert_int_equal(nat_seqadj_set(f->nb.ct, 0, f->conn, dir, seq, off), 0);
}

/* Sent as it is, adjusted as of its direction: seq and ack after it. */
static void assert_adjusts(struct flow *f, const struct nat_spec *spec, enum ct_dir dir,
			   uint32_t seq, uint32_t ack)
{
	struct pktt_packet *pkt = nat_bench_make(&f->nb, spec);

	assert_true(nat_seqadj_packet(pkt, f->conn, dir));
	assert_int_equal(number(pkt, 4), seq);
	assert_int_equal(number(pkt, 8), ack);
	nat_bench_assert_sums(pkt);
	nat_bench_done(&pkt);
}

static void test_both_directions(void **state)
{
	struct flow *f = *state;
	struct nat_spec c = from_client, s = from_server;

	mark_seq(f, CT_ORIGINAL, 5000, 7);
	assert_adjusts(f, &c, CT_ORIGINAL, 5000, 9000); /* where the change is */
	c.seq = 5040;
	assert_adjusts(f, &c, CT_ORIGINAL, 5047, 9000);
	s.ack = 5000; /* of what was before */
	assert_adjusts(f, &s, CT_REPLY, 9000, 5000);
	s.ack = 5047;
	assert_adjusts(f, &s, CT_REPLY, 9000, 5040);
	mark_seq(f, CT_REPLY, 9000, -3);
	s.seq = 9010;
	assert_adjusts(f, &s, CT_REPLY, 9007, 5040);
	c.ack = 9007;
	assert_adjusts(f, &c, CT_ORIGINAL, 5047, 9010);
}

static void test_change_upon_change(void **state)
{
	struct flow *f = *state;
	struct nat_spec c = from_client, s = from_server;

	mark_seq(f, CT_ORIGINAL, 5000, 7);
	mark_seq(f, CT_ORIGINAL, 5000, 7); /* sent again: counts once */
	assert_int_equal(nat_seqadj_offset(f->conn, CT_ORIGINAL, 5040), 7);
	mark_seq(f, CT_ORIGINAL, 5100, -10);
	c.seq = 5040;
	assert_adjusts(f, &c, CT_ORIGINAL, 5047, 9000);
	c.seq = 5140;
	assert_adjusts(f, &c, CT_ORIGINAL, 5137, 9000);
	s.ack = 5107;
	assert_adjusts(f, &s, CT_REPLY, 9000, 5100);
	s.ack = 5137;
	assert_adjusts(f, &s, CT_REPLY, 9000, 5140);
}

static void test_numbers_wrap(void **state)
{
	struct flow *f = *state;
	struct nat_spec c = from_client, s = from_server;

	mark_seq(f, CT_ORIGINAL, 0xfffffff0, 100);
	c.seq = 0xffffffff;
	assert_adjusts(f, &c, CT_ORIGINAL, 99, 9000);
	s.ack = 99;
	assert_adjusts(f, &s, CT_REPLY, 9000, 0xffffffff);
}

static void test_syn_has_no_ack(void **state)
{
	struct flow *f = *state;
	struct nat_spec c = from_client;

	mark_seq(f, CT_REPLY, 1, 50);
	c.flags = SYN;
	c.ack = 77;
	assert_adjusts(f, &c, CT_ORIGINAL, 5000, 77);
}

static void test_sack(void **state)
{
	struct flow *f = *state;
	struct nat_spec s = from_server;
	/* at an odd place: NOP, SACK of two blocks, then what fills up */
	uint8_t options[20] = { 1, 5, 18 };
	struct pktt_packet *pkt;

	put_be32(options + 3, 5047);
	put_be32(options + 7, 5087);
	put_be32(options + 11, 4990);
	put_be32(options + 15, 5000);
	s.options = options;
	s.noptions = sizeof(options);
	s.ack = 4990;
	mark_seq(f, CT_ORIGINAL, 5000, 7);
	pkt = nat_bench_make(&f->nb, &s);
	assert_true(nat_seqadj_packet(pkt, f->conn, CT_REPLY));
	assert_int_equal(number(pkt, 23), 5040);
	assert_int_equal(number(pkt, 27), 5080);
	assert_int_equal(number(pkt, 31), 4990);
	assert_int_equal(number(pkt, 35), 5000);
	nat_bench_assert_sums(pkt);
	nat_bench_done(&pkt);
}

static void test_bad_options_drop(void **state)
{
	struct flow *f = *state;
	static const uint8_t bad[][4] = { { 5, 9 }, { 1, 1, 1, 5 }, { 5, 1 }, { 5, 0 } };

	mark_seq(f, CT_ORIGINAL, 5000, 7);
	for (unsigned int i = 0; i < 4; i++) {
		struct nat_spec s = from_server;
		struct pktt_packet *pkt;

		s.options = bad[i];
		s.noptions = 4;
		pkt = nat_bench_make(&f->nb, &s);
		assert_false(nat_seqadj_packet(pkt, f->conn, CT_REPLY));
		nat_bench_done(&pkt);
	}
}

/* --- Payload ---------------------------------------------------------------------------------- */

static const uint8_t *payload_of(const struct pktt_packet *pkt, uint32_t header, uint32_t *len)
{
	*len = packet_len(pkt, PKTT_L4) - header;
	return pktt_packet_read(pkt, PKTT_L4, header, *len);
}

/* The payload with some bytes in the middle replaced. */
static void assert_mangled(const struct pktt_packet *pkt, uint32_t header, uint32_t was,
			   uint32_t at, uint32_t match, const char *with)
{
	uint32_t len, n = (uint32_t)strlen(with);
	const uint8_t *p = payload_of(pkt, header, &len);

	assert_int_equal(len, was - match + n);
	for (uint32_t i = 0; i < at; i++)
		assert_int_equal(p[i], (uint8_t)(i * 7 + 3));
	assert_memory_equal(p + at, with, n);
	for (uint32_t i = at + match; i < was; i++)
		assert_int_equal(p[i - match + n], (uint8_t)(i * 7 + 3));
	nat_bench_assert_sums(pkt);
}

static void test_mangle_tcp(void **state)
{
	static const char *const with[] = { "", "x", "12345", "longer than what it stands for" };
	struct flow *f = *state;

	for (unsigned int i = 0; i < 4; i++)
		for (uint32_t at = 0; at <= 35; at += 7) {
			struct nat_spec c = from_client;
			struct pktt_packet *pkt;

			c.seq += 100 * (10 * i + at + 1);
			pkt = nat_bench_make(&f->nb, &c);
			assert_int_equal(nat_mangle_tcp(pkt, f->conn, PKTT_CT_ESTABLISHED, at, 5,
							with[i], (uint32_t)strlen(with[i])),
					 0);
			assert_mangled(pkt, 20, 40, at, 5, with[i]);
			assert_int_equal(get_be16(pktt_packet_read(pkt, PKTT_L3, 2, 2)),
					 pkt->end - pkt->l3);
			nat_bench_done(&pkt);
		}
	assert_true(conn_status(f->conn) & CT_SEQ_ADJUST);
}

static void test_mangle_counts_for_what_follows(void **state)
{
	struct flow *f = *state;
	struct nat_spec c = from_client;
	struct pktt_packet *pkt = nat_bench_make(&f->nb, &c);

	assert_int_equal(nat_mangle_tcp(pkt, f->conn, PKTT_CT_ESTABLISHED, 3, 4, "0123456", 7), 0);
	nat_bench_done(&pkt);
	assert_int_equal(nat_seqadj_offset(f->conn, CT_ORIGINAL, 5040), 3);
	assert_int_equal(nat_seqadj_offset(f->conn, CT_REPLY, 9000), 0);
	c.seq = 5040;
	assert_adjusts(f, &c, CT_ORIGINAL, 5043, 9000);
}

static void test_mangle_udp(void **state)
{
	static const char *const addr[2][2] = { { CLIENT, SERVER }, { "fd00::1", "2001:db8::9" } };
	struct flow *f = *state;

	for (unsigned int v6 = 0; v6 < 2; v6++)
		for (unsigned int no_csum = 0; no_csum < 2 - v6; no_csum++) {
			struct nat_spec u = { .src = addr[v6][0],
					      .dst = addr[v6][1],
					      .protocol = IPPROTO_UDP,
					      .sport = 5060,
					      .dport = 5060,
					      .payload = 31,
					      .no_csum = no_csum };
			struct pktt_packet *pkt = nat_bench_make(&f->nb, &u);

			assert_int_equal(
				nat_mangle_udp(pkt, f->conn, PKTT_CT_NEW, 11, 2, "abcdefg", 7), 0);
			assert_mangled(pkt, 8, 31, 11, 2, "abcdefg");
			assert_int_equal(get_be16(pktt_packet_read(pkt, PKTT_L4, 4, 2)), 44);
			assert_int_equal(get_be16(pktt_packet_read(pkt, PKTT_L4, 6, 2)) == 0,
					 no_csum);
			nat_bench_done(&pkt);
		}
}

static void test_mangle_refuses(void **state)
{
	static char large[65000];
	struct flow *f = *state;
	struct pktt_packet *pkt = nat_bench_make(&f->nb, &from_client);
	enum pktt_ct_info info = PKTT_CT_ESTABLISHED;

	assert_int_equal(nat_mangle_tcp(pkt, f->conn, info, 38, 5, "x", 1), -EINVAL);
	assert_int_equal(nat_mangle_tcp(pkt, f->conn, info, UINT32_MAX, 5, "x", 1), -EINVAL);
	assert_int_equal(nat_mangle_tcp(pkt, f->conn, info, 0, UINT32_MAX, "x", 1), -EINVAL);
	assert_int_equal(nat_mangle_tcp(pkt, f->conn, info, 0, 1, large, sizeof(large)), -ENOSPC);
	assert_int_equal(nat_mangle_tcp(pkt, f->conn, info, 0, 1, large, UINT32_MAX), -ENOSPC);
	nat_bench_assert_sums(pkt);
	nat_bench_done(&pkt);
	assert_false(conn_status(f->conn) & CT_SEQ_ADJUST);
}

/* A capture that was cut: the checksum goes on by the difference. */
static void test_mangle_cut_packet(void **state)
{
	struct flow *f = *state;
	struct pktt_packet *whole = nat_bench_make(&f->nb, &from_client);
	struct pktt_packet *cut = nat_bench_make(&f->nb, &from_client);
	enum pktt_ct_info info = PKTT_CT_ESTABLISHED;

	cut->end -= 10;
	assert_int_equal(nat_mangle_tcp(whole, f->conn, info, 3, 4, "012345", 6), 0);
	assert_int_equal(nat_mangle_tcp(cut, f->conn, info, 3, 4, "012345", 6), 0);
	assert_memory_equal(whole->buf + whole->l3, cut->buf + cut->l3, cut->end - cut->l3);
	nat_bench_done(&whole);
	nat_bench_done(&cut);
}

struct heard {
	uint32_t events;
};

static void hear(void *ctx, struct conn *conn, uint32_t events)
{
	(void)conn;
	((struct heard *)ctx)->events |= events;
}

static void test_event(void **state)
{
	struct flow *f = *state;
	struct heard heard = { 0 };
	struct ct_listener listener = { .conn = hear, .ctx = &heard };

	assert_int_equal(conntrack_listen(f->nb.ct, &listener), 0);
	mark_seq(f, CT_ORIGINAL, 5000, 7);
	conntrack_drain(f->nb.ct, 0, 0);
	assert_true(heard.events & CT_EVENT_SEQADJ);
	conntrack_unlisten(f->nb.ct, &heard);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_both_directions),
		TEST(test_change_upon_change),
		TEST(test_numbers_wrap),
		TEST(test_syn_has_no_ack),
		TEST(test_sack),
		TEST(test_bad_options_drop),
		TEST(test_mangle_tcp),
		TEST(test_mangle_counts_for_what_follows),
		TEST(test_mangle_udp),
		TEST(test_mangle_refuses),
		TEST(test_mangle_cut_packet),
		TEST(test_event),
	};

	return cmocka_run_group_tests_name("seqadj", tests, NULL, NULL);
}
