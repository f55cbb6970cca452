/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manipulation interface: looking up, going through, deleting. */
#include "conntrack/query.h"

#include "conntrack/helper.h"
#include "conntrack/own.h"

#include <errno.h>
#include <string.h>

/* --- Filters ---------------------------------------------------------------------------------- */

static bool addr_fits(const struct pktt_prefix *prefix, uint8_t family, const uint8_t *addr)
{
	if (prefix->addr.len != ct_addr_len(family))
		return false;
	for (unsigned int i = 0; i < prefix->addr.len; i++)
		if ((prefix->addr.byte[i] ^ addr[i]) & prefix->mask.byte[i])
			return false;
	return true;
}

static bool original_fits(const struct ct_filter *f, const struct ct_tuple *t)
{
	return !((f->has & CT_HAS_FAMILY && t->family != f->family) ||
		 (f->has & CT_HAS_PROTOCOL && t->protocol != f->protocol) ||
		 (f->has & CT_HAS_ORIG_SRC && !addr_fits(&f->orig_src, t->family, t->src)) ||
		 (f->has & CT_HAS_ORIG_DST && !addr_fits(&f->orig_dst, t->family, t->dst)) ||
		 (f->has & CT_HAS_ORIG_SPORT && t->sport != f->orig_sport) ||
		 (f->has & CT_HAS_ORIG_DPORT && t->dport != f->orig_dport));
}

static bool reply_fits(const struct ct_filter *f, const struct ct_tuple *t)
{
	return !((f->has & CT_HAS_REPLY_SRC && !addr_fits(&f->reply_src, t->family, t->src)) ||
		 (f->has & CT_HAS_REPLY_DST && !addr_fits(&f->reply_dst, t->family, t->dst)) ||
		 (f->has & CT_HAS_REPLY_SPORT && t->sport != f->reply_sport) ||
		 (f->has & CT_HAS_REPLY_DPORT && t->dport != f->reply_dport));
}

/* A connection without labels has none of them set. */
static bool labels_fit(const struct ct_filter *f, const struct conn_ext *ext)
{
	for (unsigned int i = 0; i < 2; i++) {
		uint64_t label = ext && ext->has_label ? ext->label[i] : 0;

		if ((label ^ f->label[i]) & f->label_mask[i])
			return false;
	}
	return true;
}

static bool state_fits(const struct conn *conn, const struct ct_tuple *t, const char *state)
{
	const struct ct_l4proto *proto = ct_l4proto_of(t->family, t->protocol);
	const char *now = proto->state ? proto->state(conn) : NULL;

	return now && state && strcmp(now, state) == 0;
}

static bool meta_fits(const struct ct_filter *f, const struct conn *conn)
{
	return !((f->has & CT_HAS_ZONE && conn->zone != f->zone) ||
		 (f->has & CT_HAS_MARK && (conn_mark(conn) ^ f->mark) & f->mark_mask) ||
		 (f->has & CT_HAS_STATUS && (conn_status(conn) ^ f->status) & f->status_mask) ||
		 (f->has & CT_HAS_ID && conn->id != f->id));
}

bool ct_filter_fits(const struct ct_filter *filter, struct conn *conn)
{
	struct ct_tuple t;

	if (!filter->has)
		return true;
	if (!meta_fits(filter, conn))
		return false;
	if (filter->has & CT_HAS_LABEL &&
	    !labels_fit(filter, __atomic_load_n(&conn->ext, __ATOMIC_ACQUIRE)))
		return false;
	conn_tuple(conn, CT_REPLY, &t);
	if (!reply_fits(filter, &t))
		return false;
	conn_tuple(conn, CT_ORIGINAL, &t);
	return original_fits(filter, &t) &&
	       !(filter->has & CT_HAS_STATE && !state_fits(conn, &t, filter->state));
}

/* --- Looking ---------------------------------------------------------------------------------- */

struct conn *ct_query_get(struct conntrack *ct, const struct ct_tuple *tuple, enum ct_dir *dir)
{
	return conndb_find(ct->db, tuple, ct_ms(conntrack_time_ns(ct)), dir);
}

/* Of n connections with references those that fit, in front; the others are let go of. */
static unsigned int keep_fitting(struct conntrack *ct, const struct ct_filter *filter,
				 struct conn **conn, unsigned int n)
{
	uint32_t now = ct_ms(conntrack_time_ns(ct));
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (!conn_is_expired(conn[i], now) && ct_filter_fits(filter, conn[i]))
			conn[kept++] = conn[i];
		else
			conn_put(ct->db, &conn[i]);
	}
	return kept;
}

unsigned int ct_query_next(struct conntrack *ct, const struct ct_filter *filter, uint64_t *cursor,
			   struct conn **ret, unsigned int n, bool *done)
{
	unsigned int kept = 0;

	*done = false;
	for (unsigned int looked = 0; kept < n && looked < 4 * n && !*done;) {
		unsigned int got = conndb_next(ct->db, cursor, ret + kept, n - kept);

		*done = got == 0 && *cursor == 0;
		looked += got ? got : 1;
		kept += keep_fitting(ct, filter, ret + kept, got);
	}
	return kept;
}

/* --- Deleting --------------------------------------------------------------------------------- */

int ct_query_delete(struct conntrack *ct, struct conn *conn)
{
	return conntrack_kill(ct, 0, conn) ? 0 : -ENOENT;
}

unsigned int ct_query_flush(struct conntrack *ct, const struct ct_filter *filter, uint64_t *cursor,
			    unsigned int n, bool *done)
{
	struct conn *conn[64];
	unsigned int gone = 0;

	n = n < 64 ? n : 64;
	n = ct_query_next(ct, filter, cursor, conn, n, done);
	for (unsigned int i = 0; i < n; i++) {
		gone += ct_query_delete(ct, conn[i]) == 0;
		conn_put(ct->db, &conn[i]);
	}
	return gone;
}

uint32_t ct_query_doom(struct conntrack *ct)
{
	uint32_t doomed = conndb_doom(ct->db, ct_ms(conntrack_time_ns(ct)));

	__atomic_fetch_add(&ct->doomed, doomed, __ATOMIC_RELAXED);
	return doomed;
}

unsigned int ct_query_sweep(struct conntrack *ct, uint64_t *cursor, unsigned int n, bool *done)
{
	struct conn *conn[64];
	unsigned int got = conndb_next(ct->db, cursor, conn, n < 64 ? n : 64), gone = 0;

	*done = got == 0 && *cursor == 0;
	for (unsigned int i = 0; i < got; i++) {
		if (conn_is(conn[i], CT_DOOMED))
			gone += ct_query_delete(ct, conn[i]) == 0;
		conn_put(ct->db, &conn[i]);
	}
	return gone;
}

void ct_query_take_counters(struct conn *conn, struct ct_counter ret[2])
{
	for (unsigned int dir = 0; dir < 2; dir++) {
		struct ct_counter *c = &conn->counter[dir];

		ret[dir].packets = __atomic_exchange_n(&c->packets, 0, __ATOMIC_RELAXED);
		ret[dir].bytes = __atomic_exchange_n(&c->bytes, 0, __ATOMIC_RELAXED);
	}
}

/* --- Expectations ------------------------------------------------------------------------------ */

static int refuse_expect(int code, struct pktt_error *err)
{
	switch (code) {
	case -EBUSY:
		return pktt_fail(err, code, "another expectation takes such packets already");
	case -EALREADY:
		return pktt_fail(err, code, "the same expectation is there in another class");
	case -EEXIST:
		return pktt_fail(err, code, "the expectation is in the table already");
	case -EMFILE:
		return pktt_fail(err, code, "there are as many expectations as are allowed");
	case -ESHUTDOWN:
		return pktt_fail(err, code, "the master connection is gone");
	case -EINVAL:
		return pktt_fail(err, code, "the master's helper has no such class");
	}
	return pktt_fail(err, code, "no memory for an expectation");
}

int ct_query_expect_create(struct conntrack *ct, struct expect *expect, uint32_t timeout,
			   struct pktt_error *err)
{
	int r;

	if (!conn_helper(expect->master))
		return pktt_fail(err, -EOPNOTSUPP, "the master connection has no helper");
	expect->flags &= (uint8_t)~CT_EXPECT_USERSPACE;
	r = expect_related(ct, expect);
	if (r)
		return refuse_expect(r, err);
	if (timeout)
		(void)expect_set_timeout(ct, expect, timeout);
	return 0;
}

int ct_query_expect_delete(struct conntrack *ct, struct expect *expect)
{
	return expect_unrelate(ct, expect) ? 0 : -ENOENT;
}

static bool is_of_helper(const struct expect *expect, const char *name)
{
	const struct ct_helper *helper = conn_helper(expect->master);

	return !name || (helper && strcmp(helper->name, name) == 0);
}

unsigned int ct_query_expect_flush(struct conntrack *ct, const char *helper)
{
	struct expect *expect[16];
	uint64_t cursor = 0;
	unsigned int n, gone = 0;

	while ((n = expect_next(ct, &cursor, expect, 16)) > 0)
		for (unsigned int i = 0; i < n; i++) {
			if (is_of_helper(expect[i], helper))
				gone += expect_unrelate(ct, expect[i]);
			expect_put(&expect[i]);
		}
	return gone;
}
