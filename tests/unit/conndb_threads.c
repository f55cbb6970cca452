/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four threads on one connection table, made to run under ThreadSanitizer: insertions, look-ups, removals,
 * reservations, timeouts, walks, while the table grows and shrinks all the time. Each thread has tuples
 * of its own, of which it knows what must be found, and all share some, of which only little is sure.
 * Nothing may be lost: at the end everything that was made has been released.
 * usage: conndb_threads [ROUNDS]
 */
#include "conntrack/conndb.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, OWN = 1500, SHARED = 200 };

/* A thread may stand still while the others let minutes pass; what is its own must not expire by that. */
#define OWN_TIMEOUT 1000000000u

struct world {
	struct conndb *db;
	uint32_t now, made, released, expired, found, clashes;
};

struct thread {
	struct world *world;
	unsigned int number, rounds;
	uint64_t seed;
	bool is_in[OWN];
};

static void require(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "conndb_threads: %s\n", what);
		abort();
	}
}

static void count(uint32_t *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

static void released(void *ctx, struct conn *conn)
{
	struct world *world = ctx;

	require(!__atomic_load_n(&conn->ref, __ATOMIC_RELAXED), "released with references");
	count(&world->released);
}

static void expired(void *ctx, struct conn *conn)
{
	struct world *world = ctx;

	require(conn_is_dying(conn), "expired, and not dying");
	count(&world->expired);
}

static uint64_t next_random(struct thread *t)
{
	t->seed ^= t->seed << 13;
	t->seed ^= t->seed >> 7;
	t->seed ^= t->seed << 17;
	return t->seed;
}

static uint32_t now_of(const struct thread *t)
{
	return __atomic_load_n(&t->world->now, __ATOMIC_RELAXED);
}

/* owner: a thread's number, or THREADS for what they share. */
static void tuples(unsigned int owner, uint32_t n, struct ct_tuple ret[2])
{
	uint8_t family = n & 1 ? PKTT_IPV6 : PKTT_IPV4;

	for (int dir = 0; dir < 2; dir++) {
		ret[dir] = (struct ct_tuple){ .family = family, .protocol = IPPROTO_UDP };
		ret[dir].src[0] = (uint8_t)(dir ? 192 : 10);
		ret[dir].dst[0] = (uint8_t)(dir ? 10 : 192);
		ret[dir].src[3] = ret[dir].dst[3] = (uint8_t)owner;
		ret[dir].sport = (uint16_t)(dir ? 53 : n);
		ret[dir].dport = (uint16_t)(dir ? n : 53);
	}
}

static struct conn *make(struct thread *t, unsigned int owner, uint32_t n, uint32_t timeout_ms)
{
	struct ct_tuple tuple[2];
	struct conn *conn;

	tuples(owner, n, tuple);
	conn = conndb_alloc(t->world->db, &tuple[0], &tuple[1], 0);
	require(conn, "no memory");
	count(&t->world->made);
	conn_set_timeout(conn, 0, timeout_ms);
	return conn;
}

static struct conn *find(struct thread *t, unsigned int owner, uint32_t n, enum ct_dir dir)
{
	enum ct_dir got = CT_ORIGINAL;
	struct ct_tuple tuple[2], is;
	struct conn *conn;

	tuples(owner, n, tuple);
	conn = conndb_find(t->world->db, &tuple[dir], now_of(t), &got);
	if (conn) {
		conn_tuple(conn, got, &is);
		require(got == dir && !memcmp(&is, &tuple[dir], sizeof(is)), "another was found");
		count(&t->world->found);
	}
	return conn;
}

/* --- One's own: everything is known ------------------------------------------------------------------ */

static void check_own(struct thread *t, uint32_t n)
{
	for (int dir = 0; dir < 2; dir++) {
		struct conn *conn = find(t, t->number, n, (enum ct_dir)dir);

		require((conn != NULL) == t->is_in[n], "lost, or there still");
		conn_put(t->world->db, &conn);
	}
}

static void check_many(struct thread *t)
{
	struct conn *conn[16];
	struct ct_tuple tuple[16][2], asked[16];
	enum ct_dir dir[16];
	uint32_t first = (uint32_t)next_random(t) % (OWN - 16);

	for (uint32_t i = 0; i < 16; i++) {
		tuples(t->number, first + i, tuple[i]);
		asked[i] = tuple[i][i & 1];
	}
	conndb_find_batch(t->world->db, asked, 16, now_of(t), conn, dir);
	for (uint32_t i = 0; i < 16; i++) {
		require((conn[i] != NULL) == t->is_in[first + i], "lost in a batch");
		conn_put(t->world->db, &conn[i]);
	}
}

static void enter_own(struct thread *t, uint32_t n)
{
	struct conn *conn = make(t, t->number, n, OWN_TIMEOUT);

	if (n % 3 == 0)
		require(!conndb_reserve_reply(t->world->db, conn, now_of(t)), "own reply is taken");
	require(!conndb_insert(t->world->db, conn, now_of(t), NULL), "own tuple is taken");
	t->is_in[n] = true;
	conn_put(t->world->db, &conn);
}

static void remove_own(struct thread *t, uint32_t n)
{
	struct conn *conn = find(t, t->number, n, CT_REPLY);

	require(conn && conndb_remove(t->world->db, conn), "own could not be removed");
	t->is_in[n] = false;
	conn_put(t->world->db, &conn);
}

/* --- Shared ----------------------------------------------------------------------------------------- */

static void insert_shared(struct thread *t, uint32_t n)
{
	struct conn *conn = make(t, THREADS, n, 1 + (uint32_t)next_random(t) % 3000);
	struct conn *other = NULL;
	struct ct_tuple reply[2];

	if (next_random(t) & 1) { /* as NAT does: another reply, and another again */
		tuples(THREADS, n + 2, reply);
		conn_set_reply(conn, &reply[1]);
		if (conndb_reserve_reply(t->world->db, conn, now_of(t))) {
			tuples(THREADS, n, reply);
			conn_set_reply(conn, &reply[1]);
		}
	}
	if (conndb_insert(t->world->db, conn, now_of(t), &other))
		count(&t->world->clashes);
	conn_put(t->world->db, &other);
	conn_put(t->world->db, &conn);
}

static void touch_shared(struct thread *t, uint32_t n)
{
	struct ct_tuple tuple[2];
	enum ct_dir dir;
	struct conn *conn;

	tuples(THREADS, n, tuple);
	conn = conndb_find(t->world->db, &tuple[n >> 1 & 1], now_of(t), &dir);
	if (conn && next_random(t) & 1)
		conndb_remove(t->world->db, conn);
	else if (conn)
		conn_set_timeout(conn, now_of(t), 1 + (uint32_t)next_random(t) % 3000);
	conn_put(t->world->db, &conn);
	conndb_is_taken(t->world->db, &tuple[0], NULL, now_of(t));
}

static void pass_time(struct thread *t)
{
	uint32_t by = next_random(t) % 16 ? 20 : 2000;

	conndb_advance(t->world->db, __atomic_add_fetch(&t->world->now, by, __ATOMIC_RELAXED), 20);
}

static void look_around(struct thread *t)
{
	struct conndb *db = t->world->db;
	struct conn *conn[32];
	uint64_t cursor = 0;
	struct ct_tuple tuple[2];
	struct conndb_stats stats;
	unsigned int n = conndb_next(db, &cursor, conn, 32);

	for (unsigned int i = 0; i < n; i++) {
		struct conn *same = conndb_by_id(db, conn[i]->id);

		require(same == conn[i], "not found by its id");
		conn_put(db, &same);
		conn_put(db, &conn[i]);
	}
	tuples(THREADS, 5, tuple);
	n = conndb_near(db, &tuple[0], conn, 8);
	while (n)
		conn_put(db, &conn[--n]);
	conndb_stats(db, &stats);
}

static void step_shared(struct thread *t)
{
	uint64_t random = next_random(t);
	uint32_t n = (uint32_t)(random >> 32) % SHARED;

	switch (random % 8) {
	case 0:
	case 1:
		insert_shared(t, n);
		break;
	case 2:
	case 3:
		touch_shared(t, n);
		break;
	case 4:
		pass_time(t);
		break;
	case 5:
		check_many(t);
		break;
	case 6:
		if (random >> 16 & 63)
			break;
		look_around(t);
		break;
	}
	conndb_quiescent(t->world->db, t->number);
}

/* --- The whole --------------------------------------------------------------------------------------- */

static void *run(void *arg)
{
	struct thread *t = arg;

	for (unsigned int round = 0; round < t->rounds; round++) {
		for (uint32_t n = 0; n < OWN; n++) {
			enter_own(t, n);
			check_own(t, (uint32_t)next_random(t) % OWN);
			step_shared(t);
		}
		for (uint32_t n = 0; n < OWN; n++) {
			remove_own(t, n);
			check_own(t, (uint32_t)next_random(t) % OWN);
			step_shared(t);
		}
	}
	return NULL;
}

static void run_all(struct world *world, unsigned int rounds)
{
	static struct thread thread[THREADS];
	pthread_t id[THREADS];

	for (unsigned int i = 0; i < THREADS; i++) {
		thread[i] = (struct thread){ .world = world, .number = i, .rounds = rounds };
		thread[i].seed = UINT64_C(88172645463325252) + i;
		require(!pthread_create(&id[i], NULL, run, &thread[i]), "no thread");
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
}

int main(int argc, char **argv)
{
	static struct world world;
	struct conndb_config config = { .workers = THREADS,
					.key = { { 1, 2 } },
					.release = released,
					.expired = expired,
					.ctx = &world };
	struct conndb_stats stats;

	world.now = 0u - 20000;
	require(!conndb_new(&world.db, &config), "no table");
	run_all(&world, argc > 1 ? (unsigned int)atoi(argv[1]) : 10);
	for (int i = 0; i < 4; i++)
		conndb_advance(world.db, world.now += 40000, 0);
	conndb_stats(world.db, &stats);
	printf("made %u, expired %u, found %u, clashes %u, resizes %llu\n", world.made,
	       world.expired, world.found, world.clashes, (unsigned long long)stats.resizes);
	require(!stats.connections && !stats.unconfirmed && !stats.dying, "entries are left");
	require(world.made == world.released, "something was lost");
	require(stats.resizes > 1000 && world.clashes && world.expired, "not much happened");
	conndb_free(&world.db);
	return 0;
}
