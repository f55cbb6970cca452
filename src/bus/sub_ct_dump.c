/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctnetlink: one connection, or all that fit a filter.
 *
 * A dump walks the table by place (conndb_next()): who lives through the whole dump is in it exactly once,
 * whatever the table does meanwhile, so no dump of ours is ever interrupted.
 */
#include "bus/sub_ct_own.h"

#include "conntrack/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32 };

struct dump {
	struct sub_ct *sub;
	struct sub_ct_filter filter;
	uint64_t cursor;
	bool takes_counters;
};

static void see(struct sub_ct *sub, struct conn *conn, bool takes_counters, struct ct_view *v)
{
	conn_view(sub->ct, conn, v);
	if (takes_counters && v->has & CTV_COUNTER_0)
		ct_query_take_counters(conn, v->counter);
}

/* Filtering here, not in ct_query_next(): a filter of ours says more. */
static int fill(struct nfnl_dump *dump, void *state)
{
	struct dump *d = state;
	uint32_t now = ct_ms(conntrack_time_ns(d->sub->ct));
	struct conndb *db = conntrack_db(d->sub->ct);
	struct conn *conn[BATCH];
	unsigned int n = conndb_next(db, &d->cursor, conn, BATCH);
	int r = n || d->cursor;
	uint16_t flags = d->filter.is_any ? 0 : NLM_F_DUMP_FILTERED;

	for (unsigned int i = 0; i < n; i++) {
		struct nlmsghdr *nlh;
		struct ct_view v;

		if (r == 1 && !conn_is_expired(conn[i], now) &&
		    sub_ct_filter_fits(&d->filter, conn[i])) {
			see(d->sub, conn[i], d->takes_counters, &v);
			nlh = sub_ct_message(d->sub, &v, IPCTNL_MSG_CT_NEW, flags, CT_ORDER_DUMP);
			if (nlh)
				(void)nfnl_dump_send(dump, nlh);
			else
				r = -ENOMEM;
		}
		conn_put(db, &conn[i]);
	}
	return r;
}

static int start_dump(struct sub_ct *sub, struct nfnl_request *req, const struct ct_view *v,
		      bool takes_counters, struct pktt_error *err)
{
	struct dump *d = calloc(1, sizeof(*d));
	struct nfnl_dump dump = { .fill = fill, .free = free, .state = d };
	int r;

	if (!d)
		return pktt_fail(err, -ENOMEM, "no memory for a dump");
	d->sub = sub;
	d->takes_counters = takes_counters;
	r = sub_ct_filter_of(&d->filter, v, ct_family_of_wire(req->family), err);
	if (r) {
		free(d);
		return r;
	}
	return nfnl_dump_start(req, &dump);
}

/* Answers have NLM_F_MULTI though they are alone, as the kernel's. */
static int answer(struct sub_ct *sub, struct nfnl_request *req, struct conn *conn,
		  bool takes_counters)
{
	struct nlmsghdr *nlh;
	struct ct_view v;

	see(sub, conn, takes_counters, &v);
	v.use++; /* ours, while we look */
	nlh = sub_ct_message(sub, &v, IPCTNL_MSG_CT_NEW, NLM_F_MULTI, CT_ORDER_DUMP);
	if (!nlh)
		return -ENOMEM;
	nfnl_send(req->peer, nlh, req->nlh->nlmsg_seq);
	return 0;
}

static int get(struct sub_ct *sub, struct nfnl_request *req, bool takes_counters,
	       struct pktt_error *err)
{
	unsigned int which;
	struct conn *conn;
	struct ct_view v;
	enum ct_dir dir;
	int r = ct_decode(req->nlh, &v, err);

	if (r)
		return r;
	if ((req->nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		return start_dump(sub, req, &v, takes_counters, err);
	if (!(v.has & (CTV_ORIG | CTV_REPLY)))
		return pktt_fail(err, -EINVAL, "a tuple says which connection is wanted");
	which = v.has & CTV_ORIG ? 0 : 1;
	r = sub_ct_take_zones(&v, err);
	if (r == 0)
		r = sub_ct_check_tuple(&v.tuple[which], v.given[which], err);
	if (r)
		return r;
	conn = ct_query_get(sub->ct, &v.tuple[which], &dir);
	if (!conn)
		return pktt_fail(err, -ENOENT, "there is no such connection");
	r = answer(sub, req, conn, takes_counters);
	conn_put(conntrack_db(sub->ct), &conn);
	return r;
}

int sub_ct_run_get(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	return get(ctx, req, false, err);
}

int sub_ct_run_zero(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	return get(ctx, req, true, err);
}

/* --- Nothing at all ----------------------------------------------------------------------------------- */

static int fill_nothing(struct nfnl_dump *dump, void *state)
{
	(void)dump;
	(void)state;
	return 0;
}

/*
 * The kernel's list of the dying holds those whose end could not be told; ours is told to whoever
 * listens, so there are none. Unconfirmed ones no kernel since 5.19 lists.
 */
int sub_ct_run_nothing(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct nfnl_dump dump = { .fill = fill_nothing };

	(void)ctx;
	if ((req->nlh->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		return pktt_fail(err, -EOPNOTSUPP, "these connections can only be dumped");
	return nfnl_dump_start(req, &dump);
}
