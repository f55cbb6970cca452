/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usage: bench_conndb [ENTRIES ...] */
#include "conntrack/conndb.h"
#include "base/own.h"
#include "conntrack/hash.h"
#include "lfht.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOKUPS = 1 << 20, BATCH = 64, REPEAT = 3 };

struct bench {
	uint32_t entries;
	struct conndb *db;
	struct peer *peer;
	struct ct_tuple *asked; /* LOOKUPS of them, at random */
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void put_tuples(uint8_t family, uint8_t protocol, uint32_t n, struct ct_tuple ret[2])
{
	for (int i = 0; i < 2; i++) {
		ret[i] = (struct ct_tuple){ .family = family, .protocol = protocol };
		memcpy(i ? ret[i].dst : ret[i].src, &n, sizeof(n));
		ret[i].sport = (uint16_t)(i ? 53 : n * 7);
		ret[i].dport = (uint16_t)(i ? n * 7 : 53);
		(i ? ret[i].src : ret[i].dst)[0] = 192;
	}
}

static uint8_t state_size(uint8_t family, uint8_t protocol)
{
	(void)family;
	return protocol == IPPROTO_TCP ? sizeof(struct ct_tcp) : sizeof(struct ct_udp);
}

static struct conndb *new_table(void)
{
	struct conndb_config config = {
		.workers = 1, .key = { { 1, 2 } }, .max = UINT32_MAX, .state_size = state_size
	};
	struct conndb *db = NULL;

	if (conndb_new(&db, &config))
		abort();
	return db;
}

static void insert(struct conndb *db, const struct ct_tuple tuple[2])
{
	struct conn *conn = conndb_alloc(db, &tuple[0], &tuple[1], 0);

	if (!conn)
		abort();
	conn_set_timeout(conn, 0, 30000);
	if (conndb_insert(db, conn, 0, NULL))
		abort();
	conn_put(db, &conn);
}

/* --- One operation, ns ------------------------------------------------------------------------------- */

static void insert_ours(struct bench *b, uint32_t n)
{
	struct ct_tuple tuple[2];

	put_tuples(PKTT_IPV4, IPPROTO_UDP, n, tuple);
	insert(b->db, tuple);
}

static void insert_peer(struct bench *b, uint32_t n)
{
	struct ct_tuple tuple[2];

	put_tuples(PKTT_IPV4, IPPROTO_UDP, n, tuple);
	if (!peer_insert(b->peer, &tuple[0], &tuple[1]))
		abort();
}

static void remove_ours(struct bench *b, uint32_t n)
{
	struct ct_tuple tuple[2];
	struct conn *conn;
	enum ct_dir dir;

	put_tuples(PKTT_IPV4, IPPROTO_UDP, n, tuple);
	conn = conndb_find(b->db, &tuple[0], 0, &dir);
	if (!conn || !conndb_remove(b->db, conn))
		abort();
	conn_put(b->db, &conn);
}

static void remove_peer(struct bench *b, uint32_t n)
{
	struct ct_tuple tuple[2];

	put_tuples(PKTT_IPV4, IPPROTO_UDP, n, tuple);
	if (!peer_remove(b->peer, &tuple[0]))
		abort();
}

static double fill(struct bench *b, void (*insert_one)(struct bench *, uint32_t))
{
	double begin = now_ns();

	for (uint32_t i = 0; i < b->entries; i++)
		insert_one(b, i);
	return (now_ns() - begin) / b->entries;
}

/* The oldest goes, another comes: what a table that is neither growing nor shrinking does. */
static double replace(struct bench *b, void (*insert_one)(struct bench *, uint32_t),
		      void (*remove_one)(struct bench *, uint32_t))
{
	double begin = now_ns();

	for (uint32_t i = 0; i < LOOKUPS; i++) {
		remove_one(b, i);
		insert_one(b, b->entries + i);
	}
	return (now_ns() - begin) / LOOKUPS;
}

static double find_single(struct bench *b)
{
	double begin = now_ns();

	for (uint32_t i = 0; i < LOOKUPS; i++) {
		enum ct_dir dir;
		struct conn *conn = conndb_find(b->db, &b->asked[i], 0, &dir);

		if (!conn)
			abort();
		conn_put(b->db, &conn);
	}
	return (now_ns() - begin) / LOOKUPS;
}

static double find_batch(struct bench *b)
{
	double begin = now_ns();

	for (uint32_t i = 0; i < LOOKUPS; i += BATCH) {
		struct conn *conn[BATCH];
		enum ct_dir dir[BATCH];

		conndb_find_batch(b->db, &b->asked[i], BATCH, 0, conn, dir);
		for (uint32_t k = 0; k < BATCH; k++) {
			if (!conn[k])
				abort();
			conn_put(b->db, &conn[k]);
		}
	}
	return (now_ns() - begin) / LOOKUPS;
}

static double find_peer(struct bench *b)
{
	double begin = now_ns();

	for (uint32_t i = 0; i < LOOKUPS; i++) {
		if (!peer_find(b->peer, &b->asked[i]))
			abort();
	}
	return (now_ns() - begin) / LOOKUPS;
}

static double best(double (*run)(struct bench *b), struct bench *b)
{
	double least = run(b);

	for (int i = 1; i < REPEAT; i++) {
		double took = run(b);

		least = took < least ? took : least;
	}
	return least;
}

/* --- What is printed -------------------------------------------------------------------------------- */

static void print_row(const char *what, double ours, double peer)
{
	printf("  %-22s %8.1f ns   cds_lfht %8.1f ns   %5.2f times as fast\n", what, ours, peer,
	       peer / ours);
}

static void run_size(uint32_t entries)
{
	struct bench b = { .entries = entries, .db = new_table(), .peer = peer_new(entries) };
	uint64_t seed = 88172645463325252u;
	double ours, peer;

	b.asked = calloc(LOOKUPS, sizeof(*b.asked));
	if (!b.asked || !b.peer)
		abort();
	for (uint32_t i = 0; i < LOOKUPS; i++) {
		struct ct_tuple tuple[2];

		put_tuples(PKTT_IPV4, IPPROTO_UDP, (uint32_t)(next_random(&seed) % entries), tuple);
		b.asked[i] = tuple[seed >> 60 & 1];
	}
	printf("%u entries, IPv4 UDP\n", entries);
	ours = fill(&b, insert_ours);
	print_row("insert, growing", ours, fill(&b, insert_peer));
	peer = best(find_peer, &b);
	print_row("look up", best(find_single, &b), peer);
	print_row("look up, 64 at once", best(find_batch, &b), peer);
	ours = replace(&b, insert_ours, remove_ours);
	print_row("remove and insert", ours, replace(&b, insert_peer, remove_peer));
	for (uint32_t i = 0; i < entries; i++)
		remove_peer(&b, LOOKUPS + i);
	conndb_free(&b.db);
	peer_free(&b.peer);
	free(b.asked);
}

/* At many loads of the index, since it grows by steps. */
static double bytes_of(uint8_t family, uint8_t protocol)
{
	struct conndb *db = new_table();
	struct conndb_stats stats;
	double sum = 0;
	unsigned int samples = 0;

	for (uint32_t i = 0; i < 131072; i++) {
		struct ct_tuple tuple[2];

		put_tuples(family, protocol, i, tuple);
		insert(db, tuple);
		if (i < 65536 || i % 1024)
			continue;
		conndb_stats(db, &stats);
		sum += (double)stats.memory / (i + 1);
		samples++;
	}
	conndb_free(&db);
	return sum / samples;
}

static void print_memory(void)
{
	struct peer *peer = peer_new(100000);

	printf("bytes an entry, index included: IPv4 UDP %.0f, TCP %.0f; IPv6 UDP %.0f, TCP %.0f;"
	       " cds_lfht %u\n",
	       bytes_of(PKTT_IPV4, IPPROTO_UDP), bytes_of(PKTT_IPV4, IPPROTO_TCP),
	       bytes_of(PKTT_IPV6, IPPROTO_UDP), bytes_of(PKTT_IPV6, IPPROTO_TCP),
	       peer ? peer_bytes(peer) : 0);
	if (peer)
		peer_free(&peer);
}

static double time_hash(const struct ct_hash *hash, uint8_t family)
{
	enum { TIMES = 1 << 21 };
	struct siphash_key key = { { 1, 2 } };
	struct ct_tuple tuple[64][2];
	volatile uint64_t sink = 0;
	uint64_t sum = 0;
	double begin;

	for (uint32_t i = 0; i < 64; i++)
		put_tuples(family, IPPROTO_UDP, i, tuple[i]);
	begin = now_ns();
	for (uint32_t i = 0; i < TIMES; i++)
		sum += hash->hash(&key, &tuple[i % 64][0]);
	sink = sum;
	(void)sink;
	return (now_ns() - begin) / TIMES;
}

static void print_hashes(void)
{
	for (const struct ct_hash *hash = ct_hashes; hash->name; hash++)
		printf("hash %-12s %5.1f ns IPv4, %5.1f ns IPv6%s\n", hash->name,
		       time_hash(hash, PKTT_IPV4), time_hash(hash, PKTT_IPV6),
		       hash->is_keyed ? "" : ", not keyed");
}

int main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 1000, 100000, 1000000, 4000000 };

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			run_size((uint32_t)strtoul(argv[i], NULL, 10));
		return 0;
	}
	print_hashes();
	print_memory();
	for (unsigned int i = 0; i < pktt_countof(sizes); i++)
		run_size(sizes[i]);
	return 0;
}
