/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four workers on one engine that tracks and translates: packets of the same connections, both ways, at
 * once; new ones that clash; time that goes on; a listener that is told. To be run under ThreadSanitizer
 * too. TAP. usage: ct_threads [PACKETS of each worker]
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "conntrack/conntrack.h"
#include "conntrack/event.h"
#include "conntrack/expect.h"
#include "engine_bench.h"
#include "ext/stateful.h"
#include "soak_packet.h"

#define WORKERS	 4
#define NS_PER_S UINT64_C(1000000000)
#define START	 (UINT64_C(1700000000) * NS_PER_S)

static const char rules[] =
	"*raw\n"
	"-A PREROUTING -p tcp --dport 21 -j CT --helper ftp\n"
	"COMMIT\n*mangle\n"
	"-A FORWARD -j CONNMARK --set-mark 3\n"
	"COMMIT\n*nat\n"
	"-A PREROUTING -d 10.0.1.2 -p udp -j DNAT --to-destination 10.2.0.1-10.2.0.9 --random\n"
	"-A POSTROUTING -s 10.0.0.0/29 -p tcp -j SNAT --to-source 192.0.2.1-192.0.2.2:2000-2999\n"
	"COMMIT\n*filter\n"
	"-A FORWARD -m conntrack --ctstate INVALID -j DROP\n"
	"COMMIT\n";

struct shared {
	struct engine_bench b;
	struct conntrack *ct;
	uint64_t now;	     /* of all workers' packets */
	uint64_t born, died; /* that the listener heard of */
	uint64_t packets;
};

struct worker {
	struct shared *shared;
	struct pktt_env env;
	uint64_t random;
	pthread_t thread;
};

static uint32_t draw(struct worker *w, uint32_t below)
{
	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((w->random >> 33) % below);
}

static uint32_t env_random(struct pktt_env *env)
{
	return draw(pktt_container_of(env, struct worker, env), UINT32_MAX);
}

static const struct pktt_env_ops env_ops = { .random = env_random };

static void hear(void *ctx, struct conn *conn, uint32_t events)
{
	struct shared *s = ctx;

	(void)conn;
	if (events & (CT_EVENT_NEW | CT_EVENT_RELATED))
		__atomic_fetch_add(&s->born, 1, __ATOMIC_RELAXED);
	if (events & CT_EVENT_DESTROY)
		__atomic_fetch_add(&s->died, 1, __ATOMIC_RELAXED);
}

/* One of few connections, so that workers meet in them. */
static void choose(struct worker *w, struct soak_spec *spec)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP };
	static const uint8_t flags[] = { 2, 18, 16, 24, 17, 20 };

	memset(spec, 0, sizeof(*spec));
	spec->protocol = protocols[draw(w, 3)];
	memcpy(spec->src.addr, (uint8_t[]){ 10, 0, 0, (uint8_t)draw(w, 16) }, 4);
	memcpy(spec->dst.addr, (uint8_t[]){ 10, 0, 1, (uint8_t)draw(w, 4) }, 4);
	spec->src.port = (uint16_t)(1000 + draw(w, 4));
	spec->dst.port = spec->protocol == IPPROTO_TCP ? 21 : 53;
	spec->icmp_type = 8;
	spec->tcp_flags = flags[draw(w, sizeof(flags))];
	spec->payload = (const uint8_t *)"PORT 10,0,0,1,9,9\r\n";
	spec->payload_len = spec->tcp_flags == 24 ? 19 : 0;
}

/* Forwarded; *out are the ends that it left with. */
static bool forward(struct worker *w, const struct soak_spec *spec, struct soak_end out[2])
{
	static const enum pktt_hook hooks[] = { PKTT_PRE_ROUTING, PKTT_FORWARD, PKTT_POST_ROUTING };
	struct shared *s = w->shared;
	struct pktt_packet *pkt = soak_packet(spec);
	enum pktt_verdict v = PKTT_ACCEPT;

	if (!pkt)
		abort();
	pkt->env = &w->env;
	pkt->in = &s->b.in;
	pkt->out = &s->b.out;
	pkt->time_ns = __atomic_load_n(&s->now, __ATOMIC_RELAXED);
	for (unsigned int i = 0; v == PKTT_ACCEPT && i < pktt_countof(hooks); i++)
		v = pktt_hook_run(s->b.engine, pkt, hooks[i]);
	if (v == PKTT_ACCEPT)
		soak_ends(pkt, &out[0], &out[1]);
	conntrack_packet_done(pkt);
	pktt_packet_free(&pkt);
	return v == PKTT_ACCEPT;
}

/* Like receives do: batches, between which nothing is held. */
static void end_batch(struct worker *w)
{
	struct shared *s = w->shared;
	uint64_t now;

	conndb_quiescent(conntrack_db(s->ct), w->env.worker);
	conntrack_drain(s->ct, w->env.worker, 0);
	if (w->env.worker != 0)
		return;
	now = __atomic_add_fetch(&s->now, NS_PER_S / 2, __ATOMIC_RELAXED);
	conntrack_advance(s->ct, now);
}

static void *run(void *arg)
{
	struct worker *w = arg;

	for (uint64_t i = 0; i < w->shared->packets; i++) {
		struct soak_spec spec;
		struct soak_end out[2];

		choose(w, &spec);
		if (forward(w, &spec, out)) {
			spec.src = out[1];
			spec.dst = out[0];
			spec.icmp_type = 0;
			spec.tcp_flags = 18;
			forward(w, &spec, out);
		}
		if (i % 64 == 0)
			end_batch(w);
	}
	return NULL;
}

static void setup(struct shared *s)
{
	static const struct pktt_engine_config config = { .workers = WORKERS };
	struct ct_listener listener = { .conn = hear, .ctx = s };

	s->b.env.ops = &env_ops;
	s->now = START;
	strcpy(s->b.in.name, "eth0");
	strcpy(s->b.out.name, "eth1");
	if (pktt_engine_new(&s->b.engine, &config, NULL) ||
	    stateful_attach(s->b.engine, NULL, NULL) ||
	    engine_bench_load(&s->b, PKTT_IPV4, rules, 0)) {
		printf("Bail out! no engine: %s\n",
		       s->b.errs.kept ? s->b.errs.item[0].text : "no memory");
		exit(1);
	}
	s->ct = conntrack_of(s->b.engine);
	conntrack_listen(s->ct, &listener);
	conntrack_advance(s->ct, s->now);
}

/* true = nothing is left, and all that was heard of has ended. */
static bool is_over(struct shared *s)
{
	struct conndb_stats stats;

	conntrack_advance(s->ct, s->now + 10 * 86400 * NS_PER_S);
	for (unsigned int i = 0; i < WORKERS; i++)
		conntrack_drain(s->ct, i, 0);
	conndb_stats(conntrack_db(s->ct), &stats);
	printf("# %" PRIu64 " born, %" PRIu64 " died, %u left, %u unconfirmed, %u expectations\n",
	       s->born, s->died, stats.connections, stats.unconfirmed, expect_count(s->ct));
	return stats.connections == 0 && stats.unconfirmed == 0 && expect_count(s->ct) == 0 &&
	       s->born == s->died && s->born > 0;
}

int main(int argc, char **argv)
{
	static struct shared s;
	static struct worker worker[WORKERS];
	bool ok;

	s.packets = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
	setup(&s);
	for (unsigned int i = 0; i < WORKERS; i++) {
		struct worker *w = &worker[i];

		w->shared = &s;
		w->random = i + 1;
		w->env = s.b.env;
		w->env.worker = i;
		w->env.generation = pktt_engine_generation(s.b.engine);
		if (pthread_create(&w->thread, NULL, run, w))
			abort();
	}
	for (unsigned int i = 0; i < WORKERS; i++)
		pthread_join(worker[i].thread, NULL);
	ok = is_over(&s);
	conntrack_unlisten(s.ct, &s);
	pktt_engine_free(&s.b.engine);
	printf("%s 1 - four workers, %" PRIu64 " packets and their answers each\n1..1\n",
	       ok ? "ok" : "not ok", s.packets);
	return 0;
}
