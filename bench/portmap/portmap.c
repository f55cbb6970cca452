/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a source port costs, and whether there is one: 64,512 clients, each with an address of its own
 * and a port by chance, are translated to one address and talk to one server. Timed is what lies between
 * the connection and its place in the table: choosing the port and inserting.
 *
 * The peer looks for ports as Linux 6.18 does (nf_nat_l4proto_unique_tuple()): the client's own; 128 in a
 * row from a place by chance; 64 from another, 32, 16; then none. It asks the same table.
 */
#include "nat/nat.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/engine.h"

enum { PORTS = 64512, PORT_MIN = 1024, MORE = 10000, ROUNDS = 3 };

struct bench {
	struct pktt_env env; /* first */
	struct pktt_engine *engine;
	struct conntrack *ct;
	struct conndb *db;
	uint64_t random;
};

static uint32_t draw(struct pktt_env *env)
{
	struct bench *b = (struct bench *)(void *)env;

	b->random = b->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(b->random >> 32);
}

static const struct pktt_env_ops ops = { .random = draw };

static void die(const char *why)
{
	fprintf(stderr, "bench_portmap: %s\n", why);
	exit(1);
}

static void bench_init(struct bench *b)
{
	static const struct pktt_engine_config config = { .workers = 1, .seed = 1 };
	struct pktt_error err = { 0 };

	memset(b, 0, sizeof(*b));
	b->env.ops = &ops;
	b->random = 42;
	if (pktt_engine_new(&b->engine, &config, &err) || conntrack_attach(b->engine, NULL, &err) ||
	    nat_attach(b->engine, &err))
		die(err.text);
	b->ct = conntrack_of(b->engine);
	b->db = conntrack_db(b->ct);
	conntrack_advance(b->ct, UINT64_C(1000000000000));
}

/* The n-th client's connection, not yet in the table. */
static struct conn *client(struct bench *b, uint32_t n)
{
	struct ct_tuple t = { .family = PKTT_IPV4, .protocol = 17, .dport = htons(53) }, reply;
	uint32_t addr = htonl(0x0a000000 + n);
	struct conn *conn;

	memcpy(t.src, &addr, sizeof(addr));
	memcpy(t.dst, "\xc6\x33\x64\x50", 4);
	t.sport = htons((uint16_t)(PORT_MIN + draw(&b->env) % PORTS));
	if (!ct_tuple_invert(&reply, &t))
		die("no answer");
	conn = conndb_alloc(b->db, &t, &reply, CT_ZONE_BOTH);
	if (!conn)
		die("no memory");
	conn_set_timeout(conn, ct_ms(conntrack_time_ns(b->ct)), 1000000);
	return conn;
}

/* --- Two ways to a port ------------------------------------------------------------------------- */

typedef bool choose_fn(struct bench *b, struct conn *conn);

static bool ours(struct bench *b, struct conn *conn)
{
	struct nat_range range = { .flags = NAT_MAP_IPS, .min = { 4, { 192, 0, 2, 1 } } };
	struct pktt_packet pkt = { .env = &b->env, .engine = b->engine };

	range.max = range.min;
	return nat_setup(&pkt, conn, &range, NAT_SRC) == PKTT_ACCEPT;
}

static bool is_free(struct bench *b, struct ct_tuple *reply, uint16_t port, const struct conn *conn)
{
	reply->dport = htons(port);
	return !conndb_is_taken(b->db, reply, conn, ct_ms(conntrack_time_ns(b->ct)));
}

static bool probe(struct bench *b, struct ct_tuple *reply, const struct conn *conn)
{
	for (unsigned int attempts = 128; attempts >= 16; attempts /= 2) {
		uint16_t off = (uint16_t)draw(&b->env);

		for (unsigned int i = 0; i < attempts; i++, off++)
			if (is_free(b, reply, (uint16_t)(PORT_MIN + off % PORTS), conn))
				return true;
	}
	return false;
}

static bool as_linux(struct bench *b, struct conn *conn)
{
	struct ct_tuple reply;

	conn_tuple(conn, CT_REPLY, &reply);
	memcpy(reply.dst, "\xc0\x00\x02\x01", 4);
	if (!is_free(b, &reply, ntohs(reply.dport), conn) && !probe(b, &reply, conn))
		return false;
	conn_set_reply(conn, &reply);
	return true;
}

/* The client's own address and port: what the table itself costs. */
static bool no_port(struct bench *b, struct conn *conn)
{
	(void)b, (void)conn;
	return true;
}

/* --- Measuring ------------------------------------------------------------------------------------ */

struct part {
	const char *name;
	uint32_t end; /* of 64,512 */
};

static const struct part parts[] = {
	{ "0-25 %", PORTS / 4 },	 { "25-50 %", PORTS / 2 },
	{ "50-75 %", PORTS / 4 * 3 },	 { "75-90 %", PORTS / 10 * 9 },
	{ "90-99 %", PORTS / 100 * 99 }, { "last 1 %", PORTS },
	{ "beyond", PORTS + MORE },
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

struct result {
	double ns; /* a connection */
	uint32_t asked, given;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool enter(struct bench *b, struct conn *conn, choose_fn *choose)
{
	return choose(b, conn) &&
	       conndb_insert(b->db, conn, ct_ms(conntrack_time_ns(b->ct)), NULL) == 0;
}

static struct result run_part(struct bench *b, choose_fn *choose, uint32_t from, uint32_t to)
{
	struct conn **conn = calloc(to - from, sizeof(*conn));
	struct result r = { .asked = to - from };
	double start;

	if (!conn)
		die("no memory");
	for (uint32_t i = 0; i < to - from; i++)
		conn[i] = client(b, from + i);
	start = seconds();
	for (uint32_t i = 0; i < to - from; i++)
		r.given += enter(b, conn[i], choose);
	r.ns = (seconds() - start) * 1e9 / (to - from);
	for (uint32_t i = 0; i < to - from; i++)
		conn_put(b->db, &conn[i]);
	free(conn);
	return r;
}

/* The best time of some rounds: the others had company on the machine. */
static void run_all(struct result ret[PARTS], choose_fn *choose)
{
	struct bench b;
	uint32_t from = 0;

	bench_init(&b);
	for (unsigned int i = 0; i < PARTS; i++) {
		struct result r = run_part(&b, choose, from, parts[i].end);

		if (ret[i].asked == 0 || r.ns < ret[i].ns)
			ret[i] = r;
		from = parts[i].end;
	}
	pktt_engine_free(&b.engine);
}

int main(void)
{
	struct result us[PARTS] = { 0 }, linux_way[PARTS] = { 0 }, table[PARTS] = { 0 };

	for (unsigned int i = 0; i < ROUNDS; i++) {
		run_all(us, ours);
		run_all(linux_way, as_linux);
		run_all(table, no_port);
	}
	printf("ns a connection, inserted; port: without what the table takes alone; ratio: Linux' to ours\n");
	printf("%-9s %6s %6s %8s %14s %8s %6s %7s\n", "ports", "pktt", "port", "given",
	       "as Linux does", "given", "ratio", "table");
	for (unsigned int i = 0; i < PARTS; i++)
		printf("%-9s %6.0f %6.0f %7.2f%% %14.0f %7.2f%% %6.2f %7.0f\n", parts[i].name,
		       us[i].ns, us[i].ns - table[i].ns, 100.0 * us[i].given / us[i].asked,
		       linux_way[i].ns, 100.0 * linux_way[i].given / linux_way[i].asked,
		       linux_way[i].ns / us[i].ns, table[i].ns);
	return 0;
}
