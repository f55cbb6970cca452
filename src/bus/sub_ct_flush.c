/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctnetlink: the end of one connection, of some, of all.
 *
 * Of all: they are ended where they are, in one go through memory (ct_query_doom()), and the request is
 * answered: nobody finds one any more. Taking them out of the table, and telling of it, goes on behind
 * the answer, in slices that let others have their turn.
 */
#include "bus/sub_ct_own.h"

#include <errno.h>

enum { SLICE = 2048, BATCH = 64 };

/* A slice of what was doomed. */
static void sweep(void *ctx)
{
	struct sub_ct *sub = ctx;
	bool done = false;

	for (unsigned int i = 0; i < SLICE / BATCH && !done; i++)
		(void)ct_query_sweep(sub->ct, &sub->sweep_cursor, BATCH, &done);
	sub_ct_drain(sub);
	if (done && !sub->must_sweep_again) {
		sub->is_sweeping = false;
		return;
	}
	if (done) {
		sub->must_sweep_again = false;
		sub->sweep_cursor = 0;
	}
	nfnl_timer_set(sub->sweep, 1);
}

int sub_ct_sweep_new(struct sub_ct *sub)
{
	return nfnl_timer_new(&sub->sweep, sub->bus, sweep, sub);
}

static void flush_all(struct sub_ct *sub)
{
	if (!ct_query_doom(sub->ct))
		return;
	if (sub->is_sweeping) {
		sub->must_sweep_again = true;
		return;
	}
	sub->is_sweeping = true;
	sub->sweep_cursor = 0;
	nfnl_timer_set(sub->sweep, 1);
}

/* At once, and told as the doing of who asked. */
static void flush_some(struct sub_ct *sub, const struct sub_ct_filter *filter)
{
	struct conndb *db = conntrack_db(sub->ct);
	struct conn *conn[BATCH];
	uint64_t cursor = 0;
	unsigned int n;

	do {
		n = conndb_next(db, &cursor, conn, BATCH);
		for (unsigned int i = 0; i < n; i++) {
			if (sub_ct_filter_fits(filter, conn[i]))
				(void)ct_query_delete(sub->ct, conn[i]);
			conn_put(db, &conn[i]);
		}
	} while (n || cursor);
}

/* Where few are in the table, their ends are told before the answer, as the doing of who asked. */
enum { FEW = 20000 };

int sub_ct_flush(struct sub_ct *sub, const struct sub_ct_filter *filter, struct pktt_error *err)
{
	(void)err;
	if (filter->is_any && conntrack_count(sub->ct) > FEW)
		flush_all(sub);
	else
		flush_some(sub, filter);
	return 0;
}

static int delete_one(struct sub_ct *sub, const struct ct_view *v, unsigned int which,
		      struct pktt_error *err)
{
	struct conn *conn;
	enum ct_dir dir;
	int r = sub_ct_check_tuple(&v->tuple[which], v->given[which], err);

	if (r)
		return r;
	conn = ct_query_get(sub->ct, &v->tuple[which], &dir);
	if (!conn)
		return pktt_fail(err, -ENOENT, "there is no such connection");
	if (v->has & CTV_ID && v->id != conn->id)
		r = pktt_fail(err, -ENOENT, "the connection of this tuple has another id");
	else
		(void)ct_query_delete(sub->ct, conn);
	conn_put(conntrack_db(sub->ct), &conn);
	return r;
}

/* A flush looks at the family only where the message's version is not 0: older programs did not mean it. */
static uint8_t flush_family(const struct nfnl_request *req)
{
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(req->nlh);

	return head->version ? ct_family_of_wire(req->family) : CT_FAMILY_ANY;
}

static int run_delete(struct sub_ct *sub, struct nfnl_request *req, struct ct_view *v,
		      struct pktt_error *err)
{
	bool is_one = v->has & (CTV_ORIG | CTV_REPLY) && !(v->has & CTV_FILTER);
	struct sub_ct_filter filter;
	int r;

	if (is_one) {
		r = sub_ct_take_zones(v, err);
		return r ? r : delete_one(sub, v, v->has & CTV_ORIG ? 0 : 1, err);
	}
	r = sub_ct_filter_of(&filter, v, flush_family(req), err);
	return r ? r : sub_ct_flush(sub, &filter, err);
}

int sub_ct_run_delete(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	return sub_ct_carry_out(ctx, req, run_delete, err);
}
