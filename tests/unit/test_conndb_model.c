/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection table against an array: millions of seeded operations on a few thousand tuples, with
 * time, both families, timeouts moved, reservations, resizing up and down, and walks.
 */
#include "conndb_common.h"

enum { TUPLES = 4096, OPERATIONS = 2000000, SEEDS = 3 };

/* What the table should know of the n-th tuple. */
struct entry {
	bool is_in;
	uint32_t expires;
	struct conn *reserved; /* unconfirmed, its reply in the table */
};

struct model {
	struct conndb *db;
	struct log log;
	uint64_t seed;
	uint32_t now, span; /* span: how many of the tuples are used at present */
	struct entry entry[TUPLES];
};

static uint8_t family_of(uint32_t n)
{
	return n & 1 ? PKTT_IPV4 : PKTT_IPV6;
}

static uint8_t protocol_of(uint32_t n)
{
	return n & 2 ? IPPROTO_TCP : IPPROTO_UDP;
}

static bool lives(const struct model *m, const struct entry *e)
{
	return e->is_in && !conndb_is_past(e->expires, m->now);
}

static struct conn *find(struct model *m, uint32_t n, enum ct_dir want)
{
	struct ct_tuple t = tuple(family_of(n), protocol_of(n), n);
	enum ct_dir dir = want;
	struct conn *conn;

	if (want == CT_REPLY)
		t = inverted(&t);
	conn = conndb_find(m->db, &t, m->now, &dir);
	assert_int_equal(conn != NULL, lives(m, &m->entry[n]));
	assert_int_equal(dir, want);
	return conn;
}

static void insert(struct model *m, uint32_t n)
{
	struct entry *e = &m->entry[n];
	uint32_t timeout = 1 + (uint32_t)next_random(&m->seed) % 60000;
	struct conn *conn = e->reserved, *other = NULL;
	int r;

	e->reserved = NULL;
	if (!conn)
		conn = make(m->db, family_of(n), protocol_of(n), n, timeout);
	conn_set_timeout(conn, m->now, timeout);
	r = conndb_insert(m->db, conn, m->now, &other);
	assert_int_equal(r, lives(m, e) ? -EEXIST : 0);
	assert_int_equal(other != NULL, r != 0);
	if (!r) {
		e->is_in = true;
		e->expires = m->now + timeout;
	}
	conn_put(m->db, &other);
	conn_put(m->db, &conn);
}

static void remove_it(struct model *m, uint32_t n)
{
	struct conn *conn = find(m, n, n & 4 ? CT_REPLY : CT_ORIGINAL);

	if (conn) {
		assert_true(conndb_remove(m->db, conn));
		m->entry[n].is_in = false;
	}
	conn_put(m->db, &conn);
}

static void move_timeout(struct model *m, uint32_t n)
{
	struct conn *conn = find(m, n, CT_ORIGINAL);
	uint32_t timeout = 1 + (uint32_t)next_random(&m->seed) % 100000;

	if (conn) {
		conn_set_timeout(conn, m->now, timeout);
		m->entry[n].expires = m->now + timeout;
	}
	conn_put(m->db, &conn);
}

static void reserve(struct model *m, uint32_t n)
{
	struct entry *e = &m->entry[n];
	struct ct_tuple t = tuple(family_of(n), protocol_of(n), n);
	bool is_taken = lives(m, e) || e->reserved;
	struct conn *conn;

	t = inverted(&t);
	assert_int_equal(conndb_is_taken(m->db, &t, NULL, m->now), is_taken);
	conn = make(m->db, family_of(n), protocol_of(n), n, 1);
	assert_int_equal(conndb_reserve_reply(m->db, conn, m->now), is_taken ? -EEXIST : 0);
	if (is_taken)
		conn_put(m->db, &conn);
	else
		e->reserved = conn;
}

static void drop_reserved(struct model *m, uint32_t n)
{
	if (m->entry[n].reserved)
		conn_put(m->db, &m->entry[n].reserved);
}

static void advance(struct model *m, uint64_t random)
{
	m->now += random % 64 ? (uint32_t)(random >> 8) % 100 : (uint32_t)(random >> 8) % 40000;
	while (!conndb_advance(m->db, m->now, 50))
		;
	conndb_quiescent(m->db, 0);
}

/* All that live are met once; others that are met have expired since the wheel last turned. */
static void walk(struct model *m)
{
	static uint8_t seen[TUPLES];
	struct conn *got[64];
	uint64_t cursor = 0;
	unsigned int n;

	memset(seen, 0, sizeof(seen));
	while ((n = conndb_next(m->db, &cursor, got, 64))) {
		while (n--) {
			struct ct_tuple t;

			conn_tuple(got[n], CT_ORIGINAL, &t);
			assert_int_equal(conn_is_expired(got[n], m->now),
					 !lives(m, &m->entry[t.sport]));
			seen[t.sport]++;
			conn_put(m->db, &got[n]);
		}
	}
	for (uint32_t i = 0; i < TUPLES; i++)
		assert_in_range(seen[i], lives(m, &m->entry[i]), 1);
}

static void step(struct model *m)
{
	uint64_t random = next_random(&m->seed);
	uint32_t n = (uint32_t)(random >> 40) % m->span;
	struct conn *conn;

	switch (random % 16) {
	case 0 ... 3:
		return insert(m, n);
	case 4 ... 5:
		return remove_it(m, n);
	case 6 ... 7:
		return move_timeout(m, n);
	case 8:
		return reserve(m, n);
	case 9:
		return drop_reserved(m, n);
	case 10:
		if (random >> 32 & 15)
			return;
		return advance(m, random >> 8);
	default:
		conn = find(m, n, random >> 32 & 1);
		conn_put(m->db, &conn);
	}
}

static void run(uint64_t seed)
{
	static struct model m;
	struct conndb_stats stats;

	m = (struct model){ .seed = seed * UINT64_C(0x9e3779b97f4a7c15), .now = 0u - 200000 };
	m.db = db_new(&m.log, 0, seed);
	for (uint32_t i = 0; i < OPERATIONS; i++) {
		/* Now few, now many: the table follows. */
		if (i % 100000 == 0)
			m.span = i / 100000 % 2 ? 64 : TUPLES;
		step(&m);
		if (i % 50000 == 0)
			walk(&m);
	}
	for (uint32_t i = 0; i < TUPLES; i++)
		drop_reserved(&m, i);
	/* Some timeouts go beyond one turn of the wheel. */
	for (int i = 0; i < 4; i++)
		conndb_advance(m.db, m.now += 40000, 0);
	conndb_stats(m.db, &stats);
	assert_int_equal(stats.connections + stats.unconfirmed, 0);
	for (uint32_t i = 0; i < 5000; i++) /* shrinks by and by */
		add(m.db, PKTT_IPV4, IPPROTO_UDP, i, m.now, 1);
	conndb_advance(m.db, m.now += 40000, 0);
	conndb_stats(m.db, &stats);
	assert_int_equal(stats.memory, stats.buckets * 64);
	assert_true(stats.resizes > 500);
	conndb_free(&m.db);
}

static void test_model(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
