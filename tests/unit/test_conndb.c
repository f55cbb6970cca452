/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection table: what its header promises, one by one, and against a simple model. */
#include "conndb_common.h"

#include "base/siphash.h"
#include "conntrack/hash.h"

static void test_life(void **state)
{
	static const uint8_t protocols[] = { IPPROTO_UDP, IPPROTO_TCP, IPPROTO_SCTP, IPPROTO_DCCP };
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 1);

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		uint8_t family = i & 1 ? PKTT_IPV6 : PKTT_IPV4, protocol = protocols[i / 2];
		struct conn *conn = make(db, family, protocol, 7, 30 * SECOND);
		struct ct_tuple t = tuple(family, protocol, 7), got;

		memset(conn_l4(conn), 0xff, protocol == IPPROTO_TCP ? sizeof(struct ct_tcp) : 16);
		conn_tuple(conn, CT_ORIGINAL, &got);
		assert_memory_equal(&got, &t, sizeof(t));
		t = inverted(&t);
		conn_tuple(conn, CT_REPLY, &got);
		assert_memory_equal(&got, &t, sizeof(t));
		assert_false(has_n(db, family, protocol, 7, 0));
		assert_int_equal(conn_timeout_left(conn, 99), 30 * SECOND);
		assert_int_equal(conndb_insert(db, conn, 100, NULL), 0);
		assert_int_equal(conn_timeout_left(conn, 100), 30 * SECOND);
		assert_true(has_n(db, family, protocol, 7, 0));
		assert_true(conndb_remove(db, conn));
		assert_false(conndb_remove(db, conn));
		assert_false(has_n(db, family, protocol, 7, 0));
		assert_int_equal(log.released, i);
		conn_put(db, &conn);
		assert_null(conn);
		assert_int_equal(log.released, i + 1);
	}
	conndb_free(&db);
}

/* Up to 20,000 and down again by time, everything found on the way. */
static void test_resize(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 2);
	struct conndb_stats stats;

	(void)state;
	for (uint32_t i = 1; i <= 20000; i++) {
		add(db, i & 1 ? PKTT_IPV4 : PKTT_IPV6, IPPROTO_UDP, i, 0, i * 10);
		for (uint32_t k = i; k; k /= 3)
			assert_true(has_n(db, k & 1 ? PKTT_IPV4 : PKTT_IPV6, IPPROTO_UDP, k, 0));
	}
	conndb_stats(db, &stats);
	assert_int_equal(stats.connections, 20000);
	assert_in_range(stats.buckets, 40000 / 7, 40000 / 5);
	for (uint32_t ms = 0; ms <= 201000; ms += 1000) {
		assert_true(conndb_advance(db, ms, 0));
		conndb_quiescent(db, 0);
		for (uint32_t k = 1; k <= 20000; k += 7)
			assert_int_equal(
				has_n(db, k & 1 ? PKTT_IPV4 : PKTT_IPV6, IPPROTO_UDP, k, ms),
				k * 10 > ms);
	}
	conndb_stats(db, &stats);
	assert_int_equal(stats.connections + stats.unconfirmed, 0);
	assert_int_equal(log.expired, 20000);
	assert_int_equal(log.released, 20000);
	assert_in_range(stats.buckets, 64, 70);
	assert_int_equal(stats.memory, stats.buckets * 64);
	conndb_free(&db);
}

/* --- Clashes and reservations --------------------------------------------------------------------- */

static void test_clash(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 3);
	struct conn *first = make(db, PKTT_IPV4, IPPROTO_UDP, 1, SECOND);
	struct conn *second = make(db, PKTT_IPV4, IPPROTO_UDP, 1, SECOND), *other = NULL;
	struct ct_tuple t = tuple(PKTT_IPV4, IPPROTO_UDP, 2), r = tuple(PKTT_IPV4, IPPROTO_UDP, 1);
	struct conn *third = conndb_alloc(db, &t, &r, 0);

	(void)state;
	assert_int_equal(conndb_insert(db, first, 0, &other), 0);
	assert_int_equal(conndb_insert(db, first, 0, &other), -EINVAL);
	assert_null(other);
	assert_int_equal(conndb_insert(db, second, 0, &other), -EEXIST);
	assert_ptr_equal(other, first);
	conn_put(db, &other);
	/* Its reply is the first one's original. */
	conn_set_timeout(third, 0, SECOND);
	assert_int_equal(conndb_insert(db, third, 0, NULL), -EEXIST);
	assert_false(has(db, &t, 0, CT_ORIGINAL));
	assert_true(conndb_is_taken(db, &r, NULL, 0));
	assert_false(conndb_is_taken(db, &r, first, 0));
	/* Once the first has expired, the second takes its place, and the first is told about. */
	assert_false(conndb_is_taken(db, &r, NULL, SECOND));
	assert_int_equal(conndb_insert(db, second, SECOND, NULL), 0);
	assert_int_equal(log.expired, 1);
	assert_true(conn_is_dying(first));
	assert_false(conn_is_dying(second));
	assert_true(has_n(db, PKTT_IPV4, IPPROTO_UDP, 1, SECOND));
	conn_put(db, &first);
	conn_put(db, &second);
	conn_put(db, &third);
	assert_int_equal(log.released, 2);
	conndb_free(&db);
}

static void set_reply(struct conn *conn, uint32_t n)
{
	struct ct_tuple t = tuple(PKTT_IPV6, IPPROTO_TCP, n);

	conn_set_reply(conn, &t);
}

static bool is_taken(struct conndb *db, uint32_t n, const struct conn *self)
{
	struct ct_tuple t = tuple(PKTT_IPV6, IPPROTO_TCP, n);

	return conndb_is_taken(db, &t, self, 0);
}

static void test_reserve(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 4);
	struct conn *a = make(db, PKTT_IPV6, IPPROTO_TCP, 1, SECOND);
	struct conn *b = make(db, PKTT_IPV6, IPPROTO_TCP, 2, SECOND), *other = NULL;
	struct ct_tuple t = tuple(PKTT_IPV6, IPPROTO_TCP, 101);

	(void)state;
	set_reply(a, 100);
	set_reply(b, 100);
	assert_int_equal(conndb_reserve_reply(db, a, 0), 0);
	assert_true(is_taken(db, 100, NULL));
	assert_true(is_taken(db, 100, b));
	assert_false(is_taken(db, 100, a));
	assert_int_equal(conndb_reserve_reply(db, b, 0), -EEXIST);
	assert_int_equal(conndb_insert(db, b, 0, &other), -EEXIST);
	assert_ptr_equal(other, a);
	conn_put(db, &other);
	/* Another one: the first is free again. */
	set_reply(a, 101);
	assert_int_equal(conndb_reserve_reply(db, a, 0), 0);
	assert_int_equal(conndb_reserve_reply(db, a, 0), 0);
	assert_false(is_taken(db, 100, NULL));
	assert_int_equal(conndb_reserve_reply(db, b, 0), 0);
	/* Reservations move with the buckets, and packets do not find them. */
	for (uint32_t i = 1000; i < 6000; i++)
		add(db, PKTT_IPV6, IPPROTO_TCP, i, 0, SECOND);
	assert_true(is_taken(db, 100, a));
	assert_true(is_taken(db, 101, b));
	assert_false(has(db, &t, 0, CT_REPLY));
	assert_int_equal(conndb_insert(db, a, 0, NULL), 0);
	assert_true(has(db, &t, 0, CT_REPLY));
	/* One that changes its mind without a word, and one that is freed, leave nothing. */
	set_reply(b, 102);
	assert_int_equal(conndb_insert(db, b, 0, NULL), 0);
	assert_false(is_taken(db, 100, NULL));
	assert_true(is_taken(db, 102, NULL));
	other = make(db, PKTT_IPV6, IPPROTO_TCP, 3, SECOND);
	set_reply(other, 103);
	assert_int_equal(conndb_reserve_reply(db, other, 0), 0);
	conn_put(db, &other);
	assert_false(is_taken(db, 103, NULL));
	assert_true(conndb_remove(db, a));
	assert_true(conndb_remove(db, b));
	conn_put(db, &a);
	conn_put(db, &b);
	conndb_advance(db, 60 * SECOND, 0);
	assert_int_equal(log.released, 5003);
	conndb_free(&db);
}

/* The original tuple is another's: answers find it, packets and walks do not. */
static void test_insert_reply(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 17);
	struct conn *first = make(db, PKTT_IPV6, IPPROTO_TCP, 1, SECOND);
	struct conn *second = make(db, PKTT_IPV6, IPPROTO_TCP, 1, SECOND), *got[4];
	struct ct_tuple t = tuple(PKTT_IPV6, IPPROTO_TCP, 100);
	uint64_t cursor = 0;

	(void)state;
	assert_int_equal(conndb_insert(db, first, 0, NULL), 0);
	assert_int_equal(conndb_insert_reply(db, second, 0), -EEXIST);
	set_reply(second, 100);
	assert_int_equal(conndb_reserve_reply(db, second, 0), 0);
	assert_int_equal(conndb_insert_reply(db, second, 0), 0);
	assert_int_equal(conndb_insert_reply(db, second, 0), -EINVAL);
	assert_true(conn_status(second) & CT_NAT_CLASH);
	assert_true(has(db, &t, 0, CT_REPLY));
	assert_true(has_n(db, PKTT_IPV6, IPPROTO_TCP, 1, 0));
	for (uint32_t i = 1000; i < 3000; i++)
		add(db, PKTT_IPV6, IPPROTO_TCP, i, 0, 9 * SECOND);
	assert_true(has(db, &t, 0, CT_REPLY));
	assert_int_equal(conndb_next(db, &cursor, got, 1), 1);
	assert_ptr_equal(got[0], first);
	conn_put(db, &got[0]);
	assert_true(conndb_advance(db, 2 * SECOND, 0));
	assert_int_equal(log.expired, 2);
	assert_false(has(db, &t, 0, CT_REPLY));
	assert_false(is_taken(db, 100, NULL));
	conn_put(db, &first);
	conn_put(db, &second);
	assert_int_equal(log.released, 2);
	conndb_free(&db);
}

/* A host that talks to itself from port to same port: replies, as Linux finds them. */
static void test_self(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 5);
	struct ct_tuple t = tuple(PKTT_IPV4, IPPROTO_UDP, 53);
	struct conn *conn;

	(void)state;
	memcpy(t.dst, t.src, 16);
	conn = conndb_alloc(db, &t, &t, 0);
	conn_set_timeout(conn, 0, SECOND);
	assert_int_equal(conndb_insert(db, conn, 0, NULL), 0);
	assert_true(has(db, &t, 0, CT_REPLY));
	assert_true(conndb_remove(db, conn));
	assert_false(has(db, &t, 0, CT_REPLY));
	conn_put(db, &conn);
	conndb_free(&db);
}

static void test_zones(void **state)
{
	static const uint8_t dirs[] = { 0, CT_ZONE_ORIGINAL, CT_ZONE_REPLY, CT_ZONE_BOTH };
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 6);
	struct ct_tuple t[4], r[4];

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct conn *conn;

		/* One that has a zone in one direction only clashes in the other with none. */
		t[i] = tuple(PKTT_IPV4, IPPROTO_UDP, i == 1 || i == 2 ? i : 0);
		r[i] = inverted(&t[i]);
		t[i].zone = dirs[i] & CT_ZONE_ORIGINAL ? 7 : 0;
		r[i].zone = dirs[i] & CT_ZONE_REPLY ? 7 : 0;
		conn = conndb_alloc(db, &t[i], &r[i], dirs[i]);
		conn_set_timeout(conn, 0, SECOND);
		assert_int_equal(conn->zone, i ? 7 : 0);
		assert_int_equal(conndb_insert(db, conn, 0, NULL), 0);
		conn_put(db, &conn);
	}
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(has(db, &t[i], 0, CT_ORIGINAL));
		assert_true(has(db, &r[i], 0, CT_REPLY));
		t[i].zone ^= 8;
		assert_false(has(db, &t[i], 0, CT_ORIGINAL));
	}
	conndb_free(&db);
}

/* --- Time ----------------------------------------------------------------------------------------- */

/* Across the end of the clock, in the order of the timeouts as far as a slot of 128 ms tells them. */
static void test_clock(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 7);
	uint32_t begin = 0u - 100 * SECOND, now;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		add(db, PKTT_IPV4, IPPROTO_UDP, (i * 7) % 1000, begin, 200 + (i * 7) % 1000 * 200);
	for (now = begin; now != 102 * SECOND; now += 100) {
		unsigned int past = (now - begin) / 200;

		past = past > 1000 ? 1000 : past;
		assert_true(conndb_advance(db, now, 0));
		assert_in_range(log.expired, past > 1 ? past - 2 : 0, past);
		assert_int_equal(has_n(db, PKTT_IPV4, IPPROTO_UDP, 500, now), past < 501);
	}
	assert_int_equal(log.expired, 1000);
	for (unsigned int i = 0; i < 1000; i++)
		assert_int_equal(log.port[i], i);
	conndb_free(&db);
}

/* Weeks at once: one visit for each that lives on, and one for each that does not. */
static void test_jump(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 8);
	uint32_t day = 86400 * SECOND, visits = 0;

	(void)state;
	conndb_advance(db, 0, 0);
	for (uint32_t i = 0; i < 2000; i++)
		add(db, PKTT_IPV4, IPPROTO_TCP, i, 0, i & 1 ? 20 * day : 3 * SECOND + i);
	/* No more than 100 at once; in the same order all the same. */
	while (!conndb_advance(db, 14 * day, 100))
		visits += 100;
	assert_in_range(visits, 1900, 2000);
	assert_int_equal(log.expired, 1000);
	for (unsigned int i = 1; i < 1000; i++)
		assert_true(log.port[i] / 128 >= log.port[i - 1] / 128 ||
			    (log.port[i] + 3000) / 128 >= (log.port[i - 1] + 3000) / 128);
	/* A timeout that is moved: the wheel comes by in its own time, nobody finds it before. */
	assert_true(has_n(db, PKTT_IPV4, IPPROTO_TCP, 1, 14 * day));
	assert_false(has_n(db, PKTT_IPV4, IPPROTO_TCP, 1, 20 * day));
	assert_true(conndb_advance(db, 20 * day + SECOND, 1001));
	assert_int_equal(log.expired, 2000);
	assert_int_equal(log.released, 2000);
	conndb_free(&db);
}

static void test_timeout_moves(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 9);
	struct conn *conn = make(db, PKTT_IPV4, IPPROTO_TCP, 1, 10 * SECOND);
	uint32_t now;

	(void)state;
	assert_int_equal(conndb_insert(db, conn, 0, NULL), 0);
	for (now = 0; now < 100 * SECOND; now += SECOND) {
		conn_set_timeout(conn, now, 10 * SECOND);
		conndb_advance(db, now, 0);
		assert_true(has_n(db, PKTT_IPV4, IPPROTO_TCP, 1, now));
	}
	conn_set_timeout(conn, now, INT32_MAX);
	conndb_advance(db, now + 1000 * SECOND, 0);
	assert_int_equal(conn_timeout_left(conn, now + 1000 * SECOND),
			 CONN_TIMEOUT_MAX - 1000 * SECOND);
	conn_set_timeout(conn, now + 1000 * SECOND, 5);
	assert_int_equal(conn_timeout_left(conn, now + 1000 * SECOND + 5), 0);
	for (uint32_t i = 1000; !conn_is_dying(conn); i++)
		conndb_advance(db, now + i * SECOND, 0);
	conn_put(db, &conn);
	assert_int_equal(log.released, 1);
	conndb_free(&db);
}

/* --- All of them ------------------------------------------------------------------------------------ */

/* Every other one goes during the walk, and as many come; those that stay are seen once. */
static void test_walk(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 10);
	static uint8_t seen[30000];
	struct conn *got[7];
	uint64_t cursor = 0;
	unsigned int n;

	(void)state;
	memset(seen, 0, sizeof(seen));
	for (uint32_t i = 0; i < 10000; i++)
		add(db, i % 3 ? PKTT_IPV4 : PKTT_IPV6, i % 5 ? IPPROTO_UDP : IPPROTO_TCP, i, 0,
		    SECOND);
	for (uint32_t step = 0; (n = conndb_next(db, &cursor, got, 7)); step++) {
		for (unsigned int i = 0; i < n; i++) {
			struct ct_tuple t;

			conn_tuple(got[i], CT_ORIGINAL, &t);
			seen[t.sport]++;
			if (t.sport & 1)
				conndb_remove(db, got[i]);
			conn_put(db, &got[i]);
		}
		add(db, PKTT_IPV4, IPPROTO_UDP, 20000 + step, 0, SECOND);
	}
	assert_int_equal(cursor, 0);
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(seen[i], 1);
	conndb_free(&db);
}

static void test_limit(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 3, 11);
	struct ct_tuple t = tuple(PKTT_IPV4, IPPROTO_UDP, 9);
	struct conn *conn = make(db, PKTT_IPV4, IPPROTO_UDP, 1, SECOND), *near[4] = { NULL };
	struct conndb_stats stats;

	(void)state;
	add(db, PKTT_IPV4, IPPROTO_UDP, 2, 0, SECOND);
	add(db, PKTT_IPV4, IPPROTO_UDP, 3, 0, SECOND);
	errno = 0;
	assert_null(conndb_alloc(db, &t, &t, 0));
	assert_int_equal(errno, ENOSPC);
	conndb_stats(db, &stats);
	assert_int_equal(stats.connections, 2);
	assert_int_equal(stats.unconfirmed, 1);
	/* What is on its way out makes room, though somebody has it still. */
	assert_int_equal(conndb_near(db, &t, near, 4), 2);
	assert_true(conndb_remove(db, near[0]));
	conndb_stats(db, &stats);
	assert_int_equal(stats.connections + stats.unconfirmed, 2);
	assert_int_equal(stats.dying, 1);
	add(db, PKTT_IPV4, IPPROTO_UDP, 4, 0, SECOND);
	assert_null(conndb_alloc(db, &t, &t, 0));
	conn_put(db, &conn);
	add(db, PKTT_IPV4, IPPROTO_UDP, 5, 0, SECOND);
	conndb_set_max(db, 4);
	add(db, PKTT_IPV4, IPPROTO_UDP, 6, 0, SECOND);
	assert_null(conndb_alloc(db, &t, &t, 0));
	conn_put(db, &near[0]);
	conn_put(db, &near[1]);
	assert_int_equal(log.released, 2);
	conndb_free(&db);
}

static int compare_ids(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void test_ids(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 12), *twin = db_new(&log, 0, 12);
	enum { N = 30000 };
	static uint32_t id[N];

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		struct conn *conn = make(db, i & 1 ? PKTT_IPV4 : PKTT_IPV6,
					 i & 2 ? IPPROTO_TCP : IPPROTO_UDP, i, SECOND);
		struct conn *same, *other = make(twin, i & 1 ? PKTT_IPV4 : PKTT_IPV6,
						 i & 2 ? IPPROTO_TCP : IPPROTO_UDP, i, SECOND);

		id[i] = conn->id;
		assert_int_not_equal(id[i], 0);
		assert_int_equal(other->id, id[i]);
		same = conndb_by_id(db, id[i]);
		assert_ptr_equal(same, conn);
		assert_ptr_equal(conndb_at(db, conn_index(conn)), conn);
		conn_put(db, &same);
		/* A third of the places are used again. */
		if (i % 3)
			assert_int_equal(conndb_insert(db, conn, 0, NULL), 0);
		if (i % 3)
			assert_int_equal(conndb_insert(twin, other, 0, NULL), 0);
		conn_put(db, &conn);
		conn_put(twin, &other);
		same = conndb_by_id(db, id[i]);
		assert_int_equal(same != NULL, i % 3 != 0);
		conn_put(db, &same);
	}
	qsort(id, N, sizeof(id[0]), compare_ids);
	for (uint32_t i = 1; i < N; i++)
		assert_int_not_equal(id[i], id[i - 1]);
	assert_null(conndb_by_id(db, 0));
	conndb_free(&db);
	conndb_free(&twin);
}

/* --- Hashing ------------------------------------------------------------------------------------- */

static void test_hashes(void **state)
{
	struct siphash_key key = { { 1, 2 } };
	struct ct_tuple t6 = tuple(PKTT_IPV6, IPPROTO_UDP, 77),
			t4 = tuple(PKTT_IPV4, IPPROTO_UDP, 77);
	uint8_t packed[16];

	(void)state;
	memcpy(packed, t4.src, 4);
	memcpy(packed + 4, t4.dst, 4);
	memcpy(packed + 8, &t4.sport, 8);
	assert_true(ct_hash_siphash(&key, &t6) == siphash(&key, &t6, sizeof(t6)));
	assert_true(ct_hash_siphash(&key, &t4) == siphash(&key, packed, sizeof(packed)));
	for (const struct ct_hash *h = ct_hashes; h->name; h++) {
		struct siphash_key other = { { 3, 2 } };
		struct ct_tuple r = t4;

		r.sport = 78;
		assert_true(h->hash(&key, &t4) != h->hash(&key, &r));
		assert_true(h->hash(&key, &t4) == h->hash(&key, &t4));
		assert_int_equal(h->hash(&key, &t4) != h->hash(&other, &t4), h->is_keyed);
	}
}

/* Tuples that are in one bucket of a thousand, by this key. */
static uint64_t longest_of(uint64_t key, const uint32_t *n, unsigned int count)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, key);
	struct conndb_stats stats;

	for (unsigned int i = 0; i < count; i++)
		add(db, PKTT_IPV4, IPPROTO_UDP, n[i], 0, SECOND);
	conndb_stats(db, &stats);
	assert_int_equal(stats.connections, count);
	conndb_free(&db);
	return stats.longest;
}

static void test_attack(void **state)
{
	struct siphash_key key = { { 13, ~UINT64_C(13) } };
	enum { N = 10000 };
	static uint32_t n[N];
	unsigned int count = 0;

	(void)state;
	for (uint32_t i = 1; count < N; i++) {
		struct ct_tuple t = tuple(PKTT_IPV4, IPPROTO_UDP, i);

		if ((ct_hash_siphash(&key, &t) & 1023) == 0)
			n[count++] = i;
	}
	assert_true(longest_of(13, n, N) > 1000); /* who knows the key */
	assert_in_range(longest_of(14, n, N), 10, 40);
}

/* What an entry takes, index included, without a helper. */
static void test_memory(void **state)
{
	static const struct {
		uint8_t family, protocol;
		const char *name;
		unsigned int most;
	} kinds[] = {
		{ PKTT_IPV4, IPPROTO_UDP, "IPv4 UDP", 160 },
		{ PKTT_IPV6, IPPROTO_UDP, "IPv6 UDP", 224 },
		{ PKTT_IPV4, IPPROTO_TCP, "IPv4 TCP", 208 },
		{ PKTT_IPV6, IPPROTO_TCP, "IPv6 TCP", 256 },
	};

	(void)state;
	for (unsigned int k = 0; k < 4; k++) {
		struct log log = { 0 };
		struct conndb *db = db_new(&log, 0, 14);
		struct conndb_stats stats;
		unsigned int sum = 0, samples = 0;

		/* At loads of all kinds, since the index grows by steps. */
		for (uint32_t i = 0; i < 80000; i++) {
			add(db, kinds[k].family, kinds[k].protocol, i, 0, SECOND);
			if (i < 40000 || i % 1000)
				continue;
			conndb_stats(db, &stats);
			sum += (unsigned int)(stats.memory / (i + 1));
			samples++;
			assert_in_range(stats.memory / (i + 1), 100, kinds[k].most);
		}
		print_message("%s: %u bytes an entry\n", kinds[k].name, sum / samples);
		conndb_free(&db);
	}
}

/* Many at once are what each is alone. */
static void test_batch(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 15);
	struct ct_tuple t[64];
	struct conn *got[64];
	enum ct_dir dir[64];

	(void)state;
	for (uint32_t i = 0; i < 2000; i += 2)
		add(db, PKTT_IPV4, IPPROTO_UDP, i, 0, SECOND);
	for (uint32_t i = 0; i < 2000; i += 64) {
		for (uint32_t k = 0; k < 64; k++) {
			t[k] = tuple(PKTT_IPV4, IPPROTO_UDP, i + k);
			if (k & 2)
				t[k] = inverted(&t[k]);
		}
		conndb_find_batch(db, t, 64, 0, got, dir);
		for (uint32_t k = 0; k < 64; k++) {
			assert_int_equal(got[k] != NULL, !(k & 1) && i + k < 2000);
			if (got[k])
				assert_int_equal(dir[k], k & 2 ? CT_REPLY : CT_ORIGINAL);
			conn_put(db, &got[k]);
		}
	}
	conndb_free(&db);
}

/* What is left when the table goes, goes with it. */
static void test_leftovers(void **state)
{
	struct log log = { 0 };
	struct conndb *db = db_new(&log, 0, 16);
	struct conn *conn = make(db, PKTT_IPV4, IPPROTO_UDP, 1, SECOND);

	(void)state;
	assert_non_null(conn_extend(conn));
	assert_ptr_equal(conn_extend(conn), conn->ext);
	add(db, PKTT_IPV6, IPPROTO_UDP, 1, 0, SECOND);
	conndb_free(&db);
	assert_null(db);
	conndb_free(&db);
	assert_int_equal(log.released, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),	     cmocka_unit_test(test_resize),
		cmocka_unit_test(test_clash),	     cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_insert_reply), cmocka_unit_test(test_self),
		cmocka_unit_test(test_zones),	     cmocka_unit_test(test_clock),
		cmocka_unit_test(test_jump),	     cmocka_unit_test(test_timeout_moves),
		cmocka_unit_test(test_walk),	     cmocka_unit_test(test_limit),
		cmocka_unit_test(test_ids),	     cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_attack),	     cmocka_unit_test(test_memory),
		cmocka_unit_test(test_batch),	     cmocka_unit_test(test_leftovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
