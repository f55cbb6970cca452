/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine that tracks and translates: packets made from scratch, sent through, and verified. */
#ifndef PKTT_TEST_NAT_BENCH_H
#define PKTT_TEST_NAT_BENCH_H

#include "conntrack/conntrack.h"
#include "engine_bench.h"
#include "nat/nat.h"

struct nat_bench {
	struct engine_bench bench;
	struct pktt_engine *engine;
	struct conntrack *ct;
	struct pktt_iface lo;
	struct pktt_addr source[2]; /* of this host: IPv4, IPv6 */
	bool no_route;
	uint64_t now_ns, random;
};

void nat_bench_init(struct nat_bench *nb, const struct ct_settings *settings);
void nat_bench_fini(struct nat_bench *nb);
void nat_bench_load(struct nat_bench *nb, enum pktt_family family, const char *text);

/* A packet as it is to be made: addresses as text, ports in host order. */
struct nat_spec {
	const char *src, *dst;
	uint8_t protocol;
	uint16_t sport, dport; /* ICMP: sport is the id */
	uint8_t flags;	       /* TCP */
	uint32_t seq, ack;
	uint32_t payload;	/* bytes of it, by their place */
	bool is_reply;		/* ICMP: the answer */
	bool no_csum;		/* UDP */
	const uint8_t *options; /* TCP, a multiple of four bytes */
	uint8_t noptions;
};
struct pktt_packet *nat_bench_make(struct nat_bench *nb, const struct nat_spec *spec);
/* An ICMP error about a packet, of len bytes of it, from an address; type 3 or 1 as the family has it. */
struct pktt_packet *nat_bench_error(struct nat_bench *nb, const char *src,
				    const struct pktt_packet *about, uint32_t len);
/* Through PRE_ROUTING, FORWARD and POST_ROUTING; LOCAL_OUT and POST_ROUTING; PRE_ROUTING and LOCAL_IN. */
enum pktt_verdict nat_bench_forward(struct nat_bench *nb, struct pktt_packet *pkt);
enum pktt_verdict nat_bench_output(struct nat_bench *nb, struct pktt_packet *pkt);
enum pktt_verdict nat_bench_input(struct nat_bench *nb, struct pktt_packet *pkt);
/* Give back what it holds and free it. */
void nat_bench_done(struct pktt_packet **pkt);
/* What a receiver answers: addresses and ports exchanged. */
struct nat_spec nat_bench_answer(const struct pktt_packet *pkt, char src[64], char dst[64]);

/* Every checksum, computed from scratch: of layer 3, of layer 4, and of what an error quotes. */
void nat_bench_assert_sums(const struct pktt_packet *pkt);
/* "10.0.0.1:80 > 10.0.0.2:81" */
const char *nat_bench_text(const struct pktt_packet *pkt, char text[160]);
/* The same, of the tuple in a direction of its connection. */
const char *nat_bench_tuple(const struct pktt_packet *pkt, enum ct_dir dir, char text[160]);

#endif
