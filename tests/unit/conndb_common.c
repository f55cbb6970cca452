/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conndb_common.h"

static void released(void *ctx, struct conn *conn)
{
	struct log *log = ctx;

	(void)conn;
	log->released++;
}

static void expired(void *ctx, struct conn *conn)
{
	struct log *log = ctx;
	struct ct_tuple t;

	assert_true(conn_is_dying(conn));
	conn_tuple(conn, CT_ORIGINAL, &t);
	if (log->expired < 4096)
		log->port[log->expired] = t.sport;
	log->expired++;
}

static uint8_t state_size(uint8_t family, uint8_t protocol)
{
	(void)family;
	return protocol == IPPROTO_TCP	  ? sizeof(struct ct_tcp)
	       : protocol == IPPROTO_SCTP ? sizeof(struct ct_sctp)
					  : 16;
}

struct conndb *db_new(struct log *log, uint32_t max, uint64_t key)
{
	struct conndb_config config = { .workers = 1,
					.key = { { key, ~key } },
					.max = max,
					.state_size = state_size,
					.release = released,
					.expired = expired,
					.ctx = log };
	struct conndb *db = NULL;

	assert_int_equal(conndb_new(&db, &config), 0);
	return db;
}

struct ct_tuple tuple(uint8_t family, uint8_t protocol, uint32_t n)
{
	struct ct_tuple t = { .family = family, .protocol = protocol };

	t.src[0] = 10;
	t.src[family == PKTT_IPV6 ? 15 : 3] = (uint8_t)(n >> 16);
	t.dst[0] = 192;
	t.dst[family == PKTT_IPV6 ? 14 : 2] = (uint8_t)(n >> 24);
	t.sport = (uint16_t)n;
	t.dport = 53;
	return t;
}

struct ct_tuple inverted(const struct ct_tuple *t)
{
	struct ct_tuple r = *t;

	memcpy(r.src, t->dst, 16);
	memcpy(r.dst, t->src, 16);
	r.sport = t->dport;
	r.dport = t->sport;
	return r;
}

struct conn *make(struct conndb *db, uint8_t family, uint8_t protocol, uint32_t n,
		  uint32_t timeout_ms)
{
	struct ct_tuple t = tuple(family, protocol, n), r = inverted(&t);
	struct conn *conn = conndb_alloc(db, &t, &r, 0);

	assert_non_null(conn);
	conn_set_timeout(conn, 0, timeout_ms);
	return conn;
}

void add(struct conndb *db, uint8_t family, uint8_t protocol, uint32_t n, uint32_t now_ms,
	 uint32_t timeout_ms)
{
	struct conn *conn = make(db, family, protocol, n, timeout_ms);

	assert_int_equal(conndb_insert(db, conn, now_ms, NULL), 0);
	conn_put(db, &conn);
}

bool has(struct conndb *db, const struct ct_tuple *t, uint32_t now_ms, enum ct_dir want)
{
	enum ct_dir dir = CT_ORIGINAL;
	struct conn *conn = conndb_find(db, t, now_ms, &dir);
	bool ret = conn != NULL;

	if (conn)
		assert_int_equal(dir, want);
	conn_put(db, &conn);
	return ret;
}

bool has_n(struct conndb *db, uint8_t family, uint8_t protocol, uint32_t n, uint32_t now_ms)
{
	struct ct_tuple t = tuple(family, protocol, n), r = inverted(&t);
	bool ret = has(db, &t, now_ms, CT_ORIGINAL);

	assert_int_equal(ret, has(db, &r, now_ms, CT_REPLY));
	return ret;
}
