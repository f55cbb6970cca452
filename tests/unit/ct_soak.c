/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A long random run: connections of all protocols in both families, through NAT and helpers, with
 * losses, errors, fragments, announcements, floods and pauses. When all has timed out nothing may be
 * left: no connection, no expectation, no fragment, and every connection that listeners heard of has
 * ended for them. TAP. usage: ct_soak [PACKETS [SEED]]
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "conntrack/conntrack.h"
#include "conntrack/event.h"
#include "conntrack/expect.h"
#include "conntrack/own.h"
#include "engine_bench.h"
#include "ext/stateful.h"
#include "soak_packet.h"

#define FLOWS	   4096u
#define EXPECT_MAX 30u
#define TABLE_MAX  3000u /* fewer than flows: the table is full now and then */
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_S   UINT64_C(1000000000)
#define DAY	   (86400 * NS_PER_S)

static const char rules4[] =
	"*raw\n"
	"-A PREROUTING -p tcp --dport 21 -j CT --helper ftp\n"
	"-A PREROUTING -p tcp --dport 6667 -j CT --helper irc\n"
	"-A PREROUTING -p udp --dport 69 -j CT --helper tftp\n"
	"-A PREROUTING -s 10.0.0.3 -j CT --zone 5\n"
	"-A PREROUTING -s 10.0.0.4 -j NOTRACK\n"
	"COMMIT\n*mangle\n"
	"-A FORWARD -m conntrack --ctstate NEW -j CONNMARK --set-mark 7\n"
	"-A FORWARD -m connmark --mark 7 -j MARK --set-mark 1\n"
	"COMMIT\n*nat\n"
	"-A PREROUTING -d 10.0.1.1 -p tcp -j DNAT --to-destination 10.2.0.1-10.2.0.4\n"
	"-A PREROUTING -d 10.0.1.2 -p udp -j DNAT --to-destination 10.2.0.9:500-520\n"
	"-A POSTROUTING -s 10.0.0.0/28 -p tcp -j SNAT --to-source 192.0.2.1:30000-30100\n"
	"-A POSTROUTING -s 10.0.0.16/28 -j MASQUERADE\n"
	"-A POSTROUTING -s 10.0.0.32/28 -j SNAT --to-source 192.0.2.9-192.0.2.10 --random\n"
	"COMMIT\n*filter\n"
	"-A FORWARD -m conntrack --ctstate INVALID -j DROP\n"
	"-A FORWARD -s 10.0.0.5 -m conntrack --ctstate NEW -j DROP\n"
	"-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
	"COMMIT\n";
static const char rules6[] =
	"*nat\n"
	"-A PREROUTING -d 2001:db8:1::1 -p tcp -j DNAT --to-destination 2001:db8:2::7\n"
	"-A POSTROUTING -p tcp -j MASQUERADE\n"
	"COMMIT\n*filter\n"
	"-A FORWARD -m conntrack --ctstate INVALID -j DROP\n"
	"COMMIT\n";

struct flow {
	bool is_ipv6, has_out;
	uint8_t protocol, stage;
	struct soak_end client, server; /* as the client has them */
	struct soak_end near, far;	/* as the server has them: client and itself */
	uint32_t seq[2];
};

struct soak {
	struct engine_bench b;
	struct conntrack *ct;
	uint64_t now, random;
	uint64_t born, died; /* that the listener heard of */
	uint64_t announced;
	unsigned int faults;
	struct flow flow[FLOWS];
};

static uint32_t draw(struct soak *s, uint32_t below)
{
	s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((s->random >> 33) % below);
}

/* --- Around the engine ------------------------------------------------------------------------ */

static struct soak *soak_of(struct pktt_env *env)
{
	return pktt_container_of(pktt_container_of(env, struct engine_bench, env), struct soak, b);
}

static uint32_t env_random(struct pktt_env *env)
{
	return draw(soak_of(env), UINT32_MAX);
}

static int env_source(struct pktt_env *env, const struct pktt_addr *dst,
		      const struct pktt_iface *dev, struct pktt_addr *ret)
{
	(void)env;
	(void)dev;
	if (dst->len == 4)
		*ret = (struct pktt_addr){ 4, { 192, 0, 2, 77 } };
	else
		*ret = (struct pktt_addr){
			16, { 0x20, 0x01, 0x0d, 0xb8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }
		};
	return 0;
}

static int env_route(struct pktt_env *env, const struct pktt_route_query *q, struct pktt_route *ret)
{
	*ret = (struct pktt_route){ .type = PKTT_ROUTE_UNICAST,
				    .out = &soak_of(env)->b.out,
				    .mtu = 1500 };
	return env_source(env, &q->dst, NULL, &ret->preferred);
}

static const struct pktt_env_ops env_ops = {
	.random = env_random,
	.route = env_route,
	.source = env_source,
};

static void hear(void *ctx, struct conn *conn, uint32_t events)
{
	struct soak *s = ctx;

	(void)conn;
	s->born += !!(events & (CT_EVENT_NEW | CT_EVENT_RELATED));
	s->died += !!(events & CT_EVENT_DESTROY);
}

/* --- Judging ---------------------------------------------------------------------------------- */

static void check(struct soak *s, bool ok, const char *what)
{
	if (!ok && s->faults++ < 20)
		printf("# %s\n", what);
}

static void check_bounds(struct soak *s)
{
	struct conndb_stats stats;

	conndb_stats(conntrack_db(s->ct), &stats);
	conntrack_drain(s->ct, 0, 0);
	check(s, stats.connections <= TABLE_MAX, "more connections than there may be");
	check(s, stats.unconfirmed == 0, "an unconfirmed connection that no packet has");
	check(s, expect_count(s->ct) <= EXPECT_MAX, "more expectations than there may be");
}

/* --- Flows ------------------------------------------------------------------------------------ */

static void set_addr(struct soak_end *end, bool is_ipv6, uint8_t net, uint32_t host)
{
	static const uint8_t prefix6[4] = { 0x20, 0x01, 0x0d, 0xb8 };

	memset(end, 0, sizeof(*end));
	if (is_ipv6) {
		memcpy(end->addr, prefix6, 4);
		end->addr[5] = net;
		end->addr[15] = (uint8_t)host;
		return;
	}
	end->addr[0] = 10;
	end->addr[2] = net;
	end->addr[3] = (uint8_t)host;
}

static uint16_t server_port(struct soak *s, uint8_t protocol)
{
	static const uint16_t tcp[] = { 21, 80, 443, 6667 }, udp[] = { 53, 69, 4500, 5060 };

	return protocol == IPPROTO_TCP ? tcp[draw(s, 4)] : udp[draw(s, 4)];
}

static void flow_begin(struct soak *s, struct flow *f)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_TCP,	IPPROTO_TCP,  IPPROTO_UDP,
					     IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_SCTP, 89 };

	memset(f, 0, sizeof(*f));
	f->is_ipv6 = draw(s, 4) == 0;
	f->protocol = protocols[draw(s, sizeof(protocols))];
	if (f->is_ipv6 && f->protocol == IPPROTO_ICMP)
		f->protocol = IPPROTO_ICMPV6;
	set_addr(&f->client, f->is_ipv6, 0, 1 + draw(s, 60));
	set_addr(&f->server, f->is_ipv6, 1, 1 + draw(s, 4));
	f->client.port = (uint16_t)(1024 + draw(s, 400));
	f->server.port = server_port(s, f->protocol);
	f->seq[0] = draw(s, UINT32_MAX);
	f->seq[1] = draw(s, UINT32_MAX);
}

/* What an end says that a helper reads. An announcement may become a flow of its own. */
static uint32_t say(struct soak *s, struct flow *f, bool is_reply, char *text, size_t room)
{
	uint32_t port = 2000 + draw(s, 200);
	const uint8_t *a = is_reply ? f->far.addr : f->client.addr;
	struct flow *other = &s->flow[draw(s, FLOWS)];
	int n = 0;

	if (f->server.port == 21)
		n = snprintf(text, room,
			     is_reply ? "227 Now (%d,%d,%d,%d,%u,%u)\r\n"
				      : "PORT %d,%d,%d,%d,%u,%u\r\n",
			     a[0], a[1], a[2], a[3], port >> 8, port & 255);
	else if (f->server.port == 6667)
		n = snprintf(text, room, "PRIVMSG x :\1DCC SEND f %u %u\1\r\n",
			     (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 |
				     a[3],
			     port);
	else
		n = snprintf(text, room, "data %u", draw(s, 1000));
	if (f->server.port != 443 && f->server.port != 80 && draw(s, 2) && f->has_out &&
	    other != f) {
		*other = *f;
		other->client = is_reply ? f->client : f->far;
		other->server = is_reply ? f->server : f->near;
		other->server.port = (uint16_t)port;
		other->has_out = false;
		other->stage = 0;
	}
	return (uint32_t)n;
}

static void next_tcp(struct soak *s, struct flow *f, struct soak_spec *spec, bool *is_reply)
{
	enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

	*is_reply = f->stage == 1 || (f->stage > 2 && draw(s, 2));
	if (f->stage < 3)
		spec->tcp_flags = f->stage == 0 ? SYN : f->stage == 1 ? SYN | ACK : ACK;
	else
		spec->tcp_flags = draw(s, 12) == 0 ? FIN | ACK : draw(s, 40) == 0 ? RST | ACK : ACK;
	if (draw(s, 30) == 0)
		spec->tcp_flags = (uint8_t)draw(s, 64);
	spec->seq = f->seq[*is_reply] + (draw(s, 50) ? 0 : draw(s, UINT32_MAX));
	spec->ack = f->seq[!*is_reply];
	f->seq[*is_reply] += !!(spec->tcp_flags & (SYN | FIN));
	if (f->stage < 3 && draw(s, 20))
		f->stage++;
}

static void next_other(struct soak *s, struct flow *f, struct soak_spec *spec, bool *is_reply)
{
	*is_reply = f->has_out && draw(s, 2);
	if (f->protocol == IPPROTO_ICMP)
		spec->icmp_type = *is_reply ? 0 : 8;
	else if (f->protocol == IPPROTO_ICMPV6)
		spec->icmp_type = *is_reply ? 129 : 128;
	else
		spec->icmp_type = (uint8_t)(f->stage ? draw(s, 15) : 1);
	f->stage = 1;
}

/* --- Sending ---------------------------------------------------------------------------------- */

static enum pktt_verdict pass_hooks(struct soak *s, struct pktt_packet *pkt)
{
	static const enum pktt_hook ways[3][3] = {
		{ PKTT_PRE_ROUTING, PKTT_FORWARD, PKTT_POST_ROUTING },
		{ PKTT_PRE_ROUTING, PKTT_LOCAL_IN, PKTT_LOCAL_IN },
		{ PKTT_LOCAL_OUT, PKTT_POST_ROUTING, PKTT_POST_ROUTING },
	};
	uint32_t way = draw(s, 20);
	const enum pktt_hook *hook = ways[way < 3 ? way : 0];
	enum pktt_verdict v = PKTT_ACCEPT;

	for (unsigned int i = 0; v == PKTT_ACCEPT && i < 3 && (i == 0 || hook[i] != hook[i - 1]);
	     i++)
		v = pktt_hook_run(s->b.engine, pkt, hook[i]);
	return v;
}

/* true = it left. *out: how. */
static bool emit(struct soak *s, const struct soak_spec *spec, struct soak_end out[2])
{
	struct pktt_packet *pkt = soak_packet(spec);
	uint8_t *buf;
	bool ret;

	if (!pkt)
		abort();
	buf = pkt->buf;
	pkt->env = &s->b.env;
	pkt->in = &s->b.in;
	pkt->out = &s->b.out;
	pkt->time_ns = s->now;
	ret = pass_hooks(s, pkt) == PKTT_ACCEPT;
	if (ret)
		soak_ends(pkt, &out[0], &out[1]);
	conntrack_packet_done(pkt);
	pkt->buf = buf;
	pktt_packet_free(&pkt);
	return ret;
}

static void emit_pieces(struct soak *s, struct soak_spec *spec)
{
	struct soak_end out[2];
	uint16_t cut = (uint16_t)(8 * (1 + draw(s, 6)));
	bool is_turned = draw(s, 2);

	spec->id = (uint16_t)draw(s, 512);
	for (int i = 0; i < 2; i++) {
		bool is_last = is_turned ? i == 0 : i == 1;
		/* Some overlap, some leave a gap. */
		uint16_t slip = draw(s, 20) ? 0 : 8;

		spec->frag_off = is_last ? (uint16_t)(cut - slip) : 0;
		spec->frag_len = is_last ? UINT16_MAX : cut;
		spec->more = !is_last;
		if (draw(s, 10))
			emit(s, spec, out);
	}
}

static void emit_error(struct soak *s, const struct flow *f)
{
	struct soak_spec quoted = {
		.is_ipv6 = f->is_ipv6, .protocol = f->protocol, .src = f->near, .dst = f->far
	};
	struct soak_spec spec = { .is_ipv6 = f->is_ipv6, .dst = f->near };
	struct pktt_packet *about;
	struct soak_end out[2];

	quoted.icmp_type = f->protocol == IPPROTO_ICMPV6 ? 128 : 8;
	about = soak_packet(&quoted);
	spec.protocol = f->is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	spec.icmp_type = f->is_ipv6 ? 1 : 3;
	spec.payload_len = (f->is_ipv6 ? 40 : 20) + draw(s, 9);
	if (spec.payload_len > pktt_packet_length(about, PKTT_L3))
		spec.payload_len = pktt_packet_length(about, PKTT_L3);
	spec.payload = pktt_packet_read(about, PKTT_L3, 0, spec.payload_len);
	set_addr(&spec.src, f->is_ipv6, 9, draw(s, 200));
	emit(s, &spec, out);
	pktt_packet_free(&about);
}

static void emit_next(struct soak *s, struct flow *f)
{
	struct soak_spec spec = { .is_ipv6 = f->is_ipv6, .protocol = f->protocol };
	struct soak_end out[2];
	bool is_reply;
	char text[100];

	if (f->protocol == IPPROTO_TCP)
		next_tcp(s, f, &spec, &is_reply);
	else
		next_other(s, f, &spec, &is_reply);
	is_reply = is_reply && f->has_out;
	spec.src = is_reply ? f->far : f->client;
	spec.dst = is_reply ? f->near : f->server;
	if ((f->protocol == IPPROTO_TCP && f->stage == 3) || f->protocol == IPPROTO_UDP)
		spec.payload_len = say(s, f, is_reply, text, sizeof(text));
	spec.payload = (const uint8_t *)text;
	if (f->protocol == IPPROTO_TCP)
		f->seq[is_reply] += spec.payload_len;
	if (f->protocol == IPPROTO_UDP && !f->is_ipv6 && draw(s, 8) == 0) {
		emit_pieces(s, &spec);
	} else if (emit(s, &spec, out) && !is_reply) {
		f->near = out[0];
		f->far = out[1];
		f->has_out = true;
	}
}

/* Mostly thick and fast; now and then a pause that lets things time out. */
static void pass_time(struct soak *s)
{
	s->now += draw(s, 5000) ? draw(s, 2) * NS_PER_MS : draw(s, 800) * NS_PER_S;
	if (draw(s, 100000) == 0)
		s->now += draw(s, 40) * DAY;
	conntrack_advance(s->ct, s->now);
}

/* First packets from everywhere, or from one host; first pieces that no second follows. */
static void flood(struct soak *s)
{
	struct soak_spec spec = { .protocol = draw(s, 2) ? IPPROTO_TCP : IPPROTO_UDP,
				  .tcp_flags = 2 };
	static const uint8_t payload[800];
	bool is_one_host = draw(s, 2), is_pieces = draw(s, 3) == 0;
	struct soak_end out[2];

	spec.payload = payload;
	for (int i = 0; i < 4000; i++) {
		set_addr(&spec.src, false, 0, is_one_host ? 7 : draw(s, 250));
		set_addr(&spec.dst, false, 1, 1 + draw(s, 200));
		spec.src.port = (uint16_t)draw(s, 65536);
		spec.dst.port = (uint16_t)(1 + draw(s, 1000));
		if (is_pieces) {
			spec.payload_len = sizeof(payload);
			spec.id = (uint16_t)i;
			spec.frag_len = 800;
			spec.more = true;
		}
		emit(s, &spec, out);
	}
	check_bounds(s);
}

static void step(struct soak *s)
{
	/* Few of them at a time, so that they get somewhere. */
	struct flow *f = &s->flow[draw(s, 8) ? draw(s, FLOWS / 16) : draw(s, FLOWS)];

	pass_time(s);
	if (draw(s, 40000) == 0)
		flood(s);
	if (!f->protocol || draw(s, 30) == 0)
		flow_begin(s, f);
	if (f->has_out && draw(s, 25) == 0)
		emit_error(s, f);
	else
		emit_next(s, f);
}

/* --- The end ---------------------------------------------------------------------------------- */

static void check_end(struct soak *s)
{
	struct conndb_stats stats;

	for (int i = 0; i < 3; i++) {
		s->now += 40 * DAY;
		conntrack_advance(s->ct, s->now);
		conntrack_drain(s->ct, 0, 0);
	}
	conndb_stats(conntrack_db(s->ct), &stats);
	printf("# %" PRIu64 " connections were born and %" PRIu64 " died\n", s->born, s->died);
	check(s, stats.connections == 0, "connections are left");
	check(s, stats.unconfirmed == 0, "unconfirmed connections are left");
	check(s, expect_count(s->ct) == 0, "expectations are left");
	check(s, s->born == s->died && s->born > 0, "not all that were born have died");
}

static void print_counters(const struct soak *s)
{
	uint64_t counter[CT_COUNT_COUNT];

	conntrack_counters(s->ct, counter);
	for (unsigned int i = 0; i < CT_COUNT_COUNT; i++)
		printf("# %s %" PRIu64 "\n", ct_count_names[i], counter[i]);
}

static void setup(struct soak *s, uint64_t seed)
{
	struct ct_settings settings;
	struct ct_listener listener = { .conn = hear, .ctx = s };

	s->random = seed;
	s->now = UINT64_C(1700000000) * NS_PER_S;
	ct_settings_init(&settings);
	settings.max = TABLE_MAX;
	settings.expect_max = EXPECT_MAX;
	settings.source_max = 300;
	settings.timestamp = true;
	settings.frag_high_thresh = 64 * 1024;
	engine_bench_init(&s->b);
	s->b.env.ops = &env_ops;
	if (stateful_attach(s->b.engine, &settings, NULL) ||
	    engine_bench_load(&s->b, PKTT_IPV4, rules4, 0) ||
	    engine_bench_load(&s->b, PKTT_IPV6, rules6, 0)) {
		printf("Bail out! no engine: %s\n",
		       s->b.errs.kept ? s->b.errs.item[0].text : "no memory");
		exit(1);
	}
	s->b.env.generation = pktt_engine_generation(s->b.engine);
	s->ct = conntrack_of(s->b.engine);
	conntrack_listen(s->ct, &listener);
	conntrack_advance(s->ct, s->now);
}

int main(int argc, char **argv)
{
	uint64_t packets = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct soak *s = calloc(1, sizeof(*s));

	if (!s)
		return 1;
	setup(s, seed);
	for (uint64_t i = 0; i < packets; i++) {
		step(s);
		if (i % 1024 == 0)
			check_bounds(s);
	}
	check_end(s);
	print_counters(s);
	conntrack_unlisten(s->ct, s);
	engine_bench_fini(&s->b);
	printf("%s 1 - %" PRIu64 " packets leave nothing behind (seed %" PRIu64 ")\n1..1\n",
	       s->faults ? "not ok" : "ok", packets, seed);
	free(s);
	return 0;
}
