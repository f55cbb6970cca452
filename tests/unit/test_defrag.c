/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fragments of both families become one datagram, or do not: in any order, with any flaw, in a flood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/own.h"
#include "conntrack/conntrack.h"
#include "conntrack/defrag.h"
#include "core/env.h"
#include "core/l3.h"
#include "ct_bench.h"

enum { PAYLOAD = 4000, V4_HEADER = 20, V6_HEADER = 40, V6_FRAGMENT = 8, MORE = 0x2000 };

struct bench {
	struct ct_bench ct;
	struct defrag *defrag;
	struct pktt_env env;
	uint64_t now_ns;
	uint8_t payload[65536];
};

static const struct pktt_env_ops no_ops;

static void bench_init(struct bench *b)
{
	ct_bench_init(&b->ct);
	ct_bench_start(&b->ct);
	assert_int_equal(defrag_new(&b->defrag, b->ct.ct), 0);
	b->env = (struct pktt_env){ .ops = &no_ops };
	b->now_ns = CT_BEGIN;
	for (size_t i = 0; i < sizeof(b->payload); i++)
		b->payload[i] = (uint8_t)(i * 7 + (i >> 8));
}

static void bench_fini(struct bench *b)
{
	defrag_free(&b->defrag);
	ct_bench_fini(&b->ct);
}

/* Part of a datagram's payload. */
struct part {
	bool is_v6;
	uint32_t id, offset, len;
	bool is_last;
	uint8_t ecn;
};

static void fill_v4(uint8_t *ip, const struct part *p)
{
	ip[0] = 0x45;
	ip[1] = p->ecn;
	put_be16(ip + 2, (uint16_t)(V4_HEADER + p->len));
	put_be16(ip + 4, (uint16_t)p->id);
	put_be16(ip + 6, (uint16_t)(p->offset / 8 | (p->is_last ? 0 : MORE)));
	ip[8] = 64;
	ip[9] = 17;
	put_be32(ip + 12, 0x0a000001);
	put_be32(ip + 16, 0x0a000101);
	put_be16(ip + 10, pktt_csum_fold(pktt_csum_add(0, ip, V4_HEADER)));
}

static void fill_v6(uint8_t *ip, const struct part *p)
{
	ip[0] = 0x60;
	ip[1] = (uint8_t)(p->ecn << 4);
	put_be16(ip + 4, (uint16_t)(V6_FRAGMENT + p->len));
	ip[6] = 44;
	ip[7] = 64;
	ip[8] = ip[24] = 0x20;
	ip[9] = ip[25] = 0x01;
	ip[23] = 1;
	ip[39] = 2;
	ip[40] = 17;
	put_be16(ip + 42, (uint16_t)(p->offset | !p->is_last));
	put_be32(ip + 44, p->id);
}

/* The caller frees it by done(). */
static struct pktt_packet *craft(struct bench *b, const struct part *p)
{
	uint32_t header = p->is_v6 ? V6_HEADER + V6_FRAGMENT : V4_HEADER;
	struct pktt_packet *pkt;
	uint8_t *ip;

	assert_int_equal(pktt_packet_new(&pkt, header + p->len), 0);
	ip = pktt_packet_write(pkt, PKTT_L3, 0, header + p->len);
	(p->is_v6 ? fill_v6 : fill_v4)(ip, p);
	memcpy(ip + header, b->payload + p->offset, p->len);
	pkt->family = pkt->l3_family = p->is_v6 ? PKTT_IPV6 : PKTT_IPV4;
	pkt->ethertype = p->is_v6 ? 0x86dd : 0x0800;
	pkt->wire_len = header + p->len;
	pkt->time_ns = b->now_ns;
	pkt->env = &b->env;
	pkt->engine = b->ct.engine;
	pkt->hook = PKTT_PRE_ROUTING;
	assert_int_equal(pktt_packet_parse_ip(pkt), 0);
	return pkt;
}

/* Its own buffer goes back where it came from, whatever it points to now. */
static void done(struct pktt_packet *pkt, uint8_t *own)
{
	pktt_pieces_free(&pkt->pieces);
	pkt->buf = own;
	pktt_packet_free(&pkt);
}

static enum pktt_verdict give(struct bench *b, const struct part *p)
{
	struct pktt_packet *pkt = craft(b, p);
	uint8_t *own = pkt->buf;
	enum pktt_verdict v = defrag_packet(b->defrag, pkt);

	assert_true((v == PKTT_ACCEPT) == (pkt->pieces != NULL));
	done(pkt, own);
	return v;
}

/* The one that makes it whole: the datagram is right, to the byte. */
static void give_last(struct bench *b, const struct part *p, uint32_t total, uint32_t pieces)
{
	struct pktt_packet *pkt = craft(b, p);
	uint32_t header = p->is_v6 ? V6_HEADER : V4_HEADER;
	uint8_t *own = pkt->buf;
	const uint8_t *all;

	assert_int_equal(defrag_packet(b->defrag, pkt), PKTT_ACCEPT);
	assert_non_null(pkt->pieces);
	assert_int_equal(pkt->pieces->count, pieces);
	assert_int_equal(pkt->pieces->payload, total);
	assert_int_equal(pktt_packet_wire_len(pkt), header + total);
	all = pktt_packet_read(pkt, PKTT_L3, 0, header + total);
	assert_non_null(all);
	assert_memory_equal(all + header, b->payload, total);
	assert_false(pkt->more_frags || pkt->frag_off);
	assert_int_equal(pkt->protocol, 17);
	done(pkt, own);
}

static uint64_t counter(const struct bench *b, enum ct_count what)
{
	uint64_t all[CT_COUNT_COUNT];

	conntrack_counters(b->ct.ct, all);
	return all[what];
}

/* --- Whole ------------------------------------------------------------------------------------ */

static void shuffle(struct part *p, unsigned int n, uint64_t *seed)
{
	for (unsigned int i = n; i > 1; i--) {
		struct part keep = p[i - 1];
		unsigned int j;

		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		j = (unsigned int)(*seed >> 33) % i;
		p[i - 1] = p[j];
		p[j] = keep;
	}
}

static unsigned int split(struct part *p, bool is_v6, uint32_t id, uint32_t total, uint64_t *seed)
{
	unsigned int n = 0;

	for (uint32_t at = 0; at < total; n++) {
		uint32_t len;

		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		len = 8 * (1 + (uint32_t)(*seed >> 33) % 100);
		p[n] = (struct part){ is_v6, id, at, len, at + len >= total, 0 };
		if (p[n].is_last)
			p[n].len = total - at;
		at += p[n].len;
	}
	return n;
}

static void test_any_order(void **state)
{
	static struct bench b;
	static struct part p[PAYLOAD / 8 + 1];
	uint64_t seed = 1;

	(void)state;
	bench_init(&b);
	for (uint32_t round = 0; round < 2000; round++) {
		uint32_t total = 9 + round % (PAYLOAD - 9);
		unsigned int n = split(p, round & 1, round, total, &seed);

		if (n < 2)
			continue;
		shuffle(p, n, &seed);
		for (unsigned int i = 0; i + 1 < n; i++)
			assert_int_equal(give(&b, &p[i]), PKTT_STOLEN);
		give_last(&b, &p[n - 1], total, n);
	}
	assert_int_equal(counter(&b, CT_COUNT_FRAG_BAD), 0);
	bench_fini(&b);
}

/* Those of other datagrams between them, and the same again. */
static void test_apart(void **state)
{
	static struct bench b;
	struct part first = { .id = 1, .len = 800 },
		    last = { .id = 1, .offset = 800, .len = 55, .is_last = true };

	(void)state;
	bench_init(&b);
	for (uint32_t id = 1; id < 50; id++) {
		first.id = id;
		assert_int_equal(give(&b, &first), PKTT_STOLEN);
		assert_int_equal(give(&b, &first), PKTT_STOLEN);
	}
	for (uint32_t id = 1; id < 50; id++) {
		last.id = id;
		give_last(&b, &last, 855, 2);
	}
	bench_fini(&b);
}

static void test_no_fragment(void **state)
{
	static struct bench b;
	struct part whole = { .len = 100, .is_last = true };
	struct pktt_packet *pkt;

	(void)state;
	bench_init(&b);
	pkt = craft(&b, &whole);
	assert_int_equal(defrag_packet(b.defrag, pkt), PKTT_ACCEPT);
	assert_null(pkt->pieces);
	pktt_packet_free(&pkt);
	bench_fini(&b);
}

/* RFC 3168: one that met congestion marks all; with one that knows no ECN it contradicts itself. */
static void test_ecn(void **state)
{
	static struct bench b;

	(void)state;
	bench_init(&b);
	for (int v6 = 0; v6 < 2; v6++) {
		struct part first = { .is_v6 = v6, .id = 7, .len = 8, .ecn = 2 };
		struct part last = {
			.is_v6 = v6, .id = 7, .offset = 8, .len = 8, .is_last = true, .ecn = 3
		};

		assert_int_equal(give(&b, &first), PKTT_STOLEN);
		give_last(&b, &last, 16, 2);
		first.ecn = 0;
		assert_int_equal(give(&b, &first), PKTT_STOLEN);
		assert_int_equal(give(&b, &last), PKTT_DROP);
	}
	bench_fini(&b);
}

/* --- Flaws ------------------------------------------------------------------------------------ */

/* RFC 5722: what overlaps spoils the whole; a later fragment begins anew. */
static void test_overlap(void **state)
{
	static struct bench b;

	(void)state;
	bench_init(&b);
	for (int v6 = 0; v6 < 2; v6++) {
		struct part first = { .is_v6 = v6, .id = 5, .len = 160 };
		struct part over = { .is_v6 = v6, .id = 5, .offset = 80, .len = 160 };
		struct part last = {
			.is_v6 = v6, .id = 5, .offset = 160, .len = 10, .is_last = true
		};

		assert_int_equal(give(&b, &first), PKTT_STOLEN);
		assert_int_equal(give(&b, &over), PKTT_DROP);
		assert_int_equal(give(&b, &last), PKTT_STOLEN);
		give_last(&b, &first, 170, 2);
	}
	assert_int_equal(counter(&b, CT_COUNT_FRAG_BAD), 2);
	bench_fini(&b);
}

/* Behind the end there is nothing, and the end does not move. */
static void test_beyond_end(void **state)
{
	static struct bench b;
	struct part last = { .is_v6 = true, .id = 3, .offset = 80, .len = 8, .is_last = true };
	struct part beyond = { .is_v6 = true, .id = 3, .offset = 160, .len = 8 };
	struct part other = { .is_v6 = true, .id = 3, .offset = 160, .len = 8, .is_last = true };
	struct part first = { .is_v6 = true, .id = 3, .len = 80 };
	struct part odd = { .is_v6 = true, .id = 9, .len = 13 };
	struct part nothing = { .is_v6 = true, .id = 11, .offset = 8, .len = 0, .is_last = true };

	(void)state;
	bench_init(&b);
	assert_int_equal(give(&b, &last), PKTT_STOLEN);
	assert_int_equal(give(&b, &beyond), PKTT_DROP);
	assert_int_equal(give(&b, &other), PKTT_DROP);
	give_last(&b, &first, 88, 2);
	assert_int_equal(give(&b, &odd), PKTT_DROP);
	assert_int_equal(give(&b, &nothing), PKTT_DROP);
	bench_fini(&b);
}

/* The ping of death: more than a datagram may have. */
static void test_too_large(void **state)
{
	static struct bench b;

	(void)state;
	bench_init(&b);
	for (int v6 = 0; v6 < 2; v6++) {
		struct part p = { .is_v6 = v6, .id = 66, .len = 1000 };

		for (; p.offset < 65000; p.offset += p.len)
			assert_int_equal(give(&b, &p), PKTT_STOLEN);
		p.len = 536;
		p.is_last = true;
		assert_int_equal(give(&b, &p), PKTT_DROP);
	}
	bench_fini(&b);
}

/* Time is the packets' own: 30 s and 60 s from the first fragment. */
static void test_timeout(void **state)
{
	static struct bench b;

	(void)state;
	bench_init(&b);
	for (int v6 = 0; v6 < 2; v6++) {
		uint64_t limit = (v6 ? 60 : 30) * SECOND;
		struct part first = { .is_v6 = v6, .id = 2, .len = 80 };
		struct part last = {
			.is_v6 = v6, .id = 2, .offset = 80, .len = 8, .is_last = true
		};

		assert_int_equal(give(&b, &first), PKTT_STOLEN);
		b.now_ns += limit - 1;
		defrag_advance(b.defrag, b.now_ns);
		give_last(&b, &last, 88, 2);
		assert_int_equal(give(&b, &first), PKTT_STOLEN);
		b.now_ns += limit;
		defrag_advance(b.defrag, b.now_ns);
		assert_int_equal(give(&b, &last), PKTT_STOLEN);
	}
	assert_int_equal(counter(&b, CT_COUNT_FRAG_TIMEOUT), 3);
	bench_fini(&b);
}

/* A capture that was cut: lengths are the wire's, bytes end where the first one is missing. */
static void test_cut_capture(void **state)
{
	static struct bench b;
	struct part first = { .id = 1, .len = 800 },
		    last = { .id = 1, .offset = 800, .len = 200, .is_last = true };
	struct pktt_packet *pkt;
	uint8_t *own;

	(void)state;
	bench_init(&b);
	pkt = craft(&b, &first);
	pkt->end -= 300;
	assert_int_equal(defrag_packet(b.defrag, pkt), PKTT_STOLEN);
	pktt_packet_free(&pkt);
	pkt = craft(&b, &last);
	own = pkt->buf;
	assert_int_equal(defrag_packet(b.defrag, pkt), PKTT_ACCEPT);
	assert_int_equal(pktt_packet_wire_len(pkt), V4_HEADER + 1000);
	assert_int_equal(pktt_packet_length(pkt, PKTT_L3), V4_HEADER + 500);
	done(pkt, own);
	bench_fini(&b);
}

/* --- Attacks ---------------------------------------------------------------------------------- */

/* A million fragments that never become whole: memory has its bound, and others still become whole. */
static void test_flood(void **state)
{
	static struct bench b;
	struct part junk = { .offset = 8, .len = 1000 };
	struct part first = { .id = 1, .len = 1000 },
		    last = { .id = 1, .offset = 1000, .len = 100, .is_last = true };

	(void)state;
	bench_init(&b);
	for (uint32_t i = 0; i < 200000; i++) {
		junk.is_v6 = i & 1;
		junk.id = 1000 + i;
		assert_int_equal(give(&b, &junk), PKTT_STOLEN);
		if (i % 1000)
			continue;
		first.is_v6 = last.is_v6 = junk.is_v6;
		assert_int_equal(give(&b, &first), PKTT_STOLEN);
		give_last(&b, &last, 1100, 2);
	}
	assert_true(defrag_memory(b.defrag) <= 2 * (UINT64_C(4) << 20) + 65536);
	assert_true(counter(&b, CT_COUNT_FRAG_FULL) > 100000);
	assert_int_equal(counter(&b, CT_COUNT_FRAG_DONE), 200);
	b.now_ns += 61 * SECOND;
	defrag_advance(b.defrag, b.now_ns);
	assert_int_equal(defrag_memory(b.defrag), 0);
	bench_fini(&b);
}

/* The smallest pieces of one datagram, in the worst order. */
static void test_many_pieces(void **state)
{
	static struct bench b;
	struct part p = { .is_v6 = true, .id = 1, .offset = 65520, .len = 8, .is_last = true };

	(void)state;
	bench_init(&b);
	for (; p.offset; p.offset -= 8, p.is_last = false)
		assert_int_equal(give(&b, &p), PKTT_STOLEN);
	give_last(&b, &p, 65528, 8191);
	assert_int_equal(defrag_memory(b.defrag), 0);
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),   cmocka_unit_test(test_apart),
		cmocka_unit_test(test_no_fragment), cmocka_unit_test(test_ecn),
		cmocka_unit_test(test_overlap),	    cmocka_unit_test(test_beyond_end),
		cmocka_unit_test(test_too_large),   cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_cut_capture), cmocka_unit_test(test_flood),
		cmocka_unit_test(test_many_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
