/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnetlink: expectations. Order and errors are the kernel's. */
#include "bus/sub_ct_own.h"

#include "conntrack/helper.h"
#include "conntrack/view.h"
#include "nat/nat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 16 };

/* The one function that a program can ask for by name. */
static const char follow_name[] = "nat-follow-master";

static void see(struct sub_ct *sub, const struct expect *expect, struct ct_expect_view *v)
{
	expect_view(sub->ct, expect, v);
	if (expect->expected == nat_follow_master) {
		v->has |= CTX_FN;
		memcpy(v->fn, follow_name, sizeof(follow_name));
	}
}

/* --- Dumps ------------------------------------------------------------------------------------------ */

struct dump {
	struct sub_ct *sub;
	uint8_t family;
	struct conn *master; /* of whom; NULL = all */
	bool is_done;
	uint64_t cursor;
};

static void dump_free(void *state)
{
	struct dump *d = state;

	if (d->master)
		conn_put(conntrack_db(d->sub->ct), &d->master);
	free(d);
}

static unsigned int next(struct dump *d, struct expect **expect, unsigned int n)
{
	if (!d->master)
		return expect_next(d->sub->ct, &d->cursor, expect, n);
	if (d->is_done)
		return 0;
	d->is_done = true;
	return expect_of_master(d->sub->ct, d->master, expect, n);
}

static int fill(struct nfnl_dump *dump, void *state)
{
	struct expect *expect[UINT8_MAX + 1];
	struct dump *d = state;
	unsigned int n = next(d, expect, d->master ? UINT8_MAX + 1 : BATCH);

	for (unsigned int i = 0; i < n; i++) {
		struct nlmsghdr *nlh = NULL;
		struct ct_expect_view v;

		see(d->sub, expect[i], &v);
		if (d->family == CT_FAMILY_ANY || d->family == v.tuple.family)
			nlh = sub_ct_expect_message(d->sub, &v, IPCTNL_MSG_EXP_NEW, 0);
		if (nlh)
			(void)nfnl_dump_send(dump, nlh);
		expect_put(&expect[i]);
	}
	return n > 0;
}

static int find_master(struct sub_ct *sub, const struct ct_expect_view *v, struct conn **ret,
		       struct pktt_error *err)
{
	enum ct_dir dir;
	int r = sub_ct_check_tuple(&v->master, v->given[2], err);

	if (r)
		return r;
	*ret = ct_query_get(sub->ct, &v->master, &dir);
	return *ret ? 0 : pktt_fail(err, -ENOENT, "there is no such master connection");
}

static int start_dump(struct sub_ct *sub, struct nfnl_request *req, const struct ct_expect_view *v,
		      struct pktt_error *err)
{
	struct dump *d = calloc(1, sizeof(*d));
	struct nfnl_dump dump = { .fill = fill, .free = dump_free, .state = d };
	int r = 0;

	if (!d)
		return pktt_fail(err, -ENOMEM, "no memory for a dump");
	d->sub = sub;
	d->family = ct_family_of_wire(req->family);
	if (v->has & CTX_MASTER)
		r = find_master(sub, v, &d->master, err);
	if (r) {
		free(d);
		return r;
	}
	return nfnl_dump_start(req, &dump);
}

/* --- One --------------------------------------------------------------------------------------------- */

/* By its own tuple, or the master's: what the kernel looks up is the same table. */
static int find(struct sub_ct *sub, const struct ct_expect_view *v, struct expect **ret,
		struct pktt_error *err)
{
	bool is_own = v->has & CTX_TUPLE;
	const struct ct_tuple *t = is_own ? &v->tuple : &v->master;
	int r = sub_ct_check_tuple(t, v->given[is_own ? 0 : 2], err);

	if (r)
		return r;
	*ret = expect_lookup(sub->ct, t);
	if (*ret && v->has & CTX_ID && (*ret)->id != v->id)
		expect_put(ret);
	return *ret ? 0 : pktt_fail(err, -ENOENT, "there is no such expectation");
}

static int decode(struct nfnl_request *req, struct ct_expect_view *v, struct pktt_error *err)
{
	int r = ct_expect_decode(req->nlh, v, err);

	if (r == 0 && v->has & CTX_ZONE)
		v->tuple.zone = v->master.zone = v->zone;
	return r;
}

int sub_ct_run_expect_get(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct expect *expect = NULL;
	struct sub_ct *sub = ctx;
	struct ct_expect_view v;
	struct nlmsghdr *nlh;
	int r = decode(req, &v, err);

	if (r)
		return r;
	if ((req->nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		return start_dump(sub, req, &v, err);
	if (!(v.has & (CTX_TUPLE | CTX_MASTER)))
		return pktt_fail(err, -EINVAL, "a tuple says which expectation is wanted");
	r = find(sub, &v, &expect, err);
	if (r)
		return r;
	see(sub, expect, &v);
	expect_put(&expect);
	nlh = sub_ct_expect_message(sub, &v, IPCTNL_MSG_EXP_NEW, NLM_F_MULTI);
	if (!nlh)
		return pktt_fail(err, -ENOMEM, "no memory for an answer");
	nfnl_send(req->peer, nlh, req->nlh->nlmsg_seq);
	return 0;
}

int sub_ct_run_expect_delete(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct expect *expect = NULL;
	struct sub_ct *sub = ctx;
	struct ct_expect_view v;
	int r = decode(req, &v, err);

	if (r)
		return r;
	if (!(v.has & CTX_TUPLE)) {
		(void)ct_query_expect_flush(sub->ct, v.has & CTX_HELPER ? v.helper : NULL);
		return 0;
	}
	r = find(sub, &v, &expect, err);
	if (r)
		return r;
	r = ct_query_expect_delete(sub->ct, expect);
	expect_put(&expect);
	return r ? pktt_fail(err, r, "the expectation has gone already") : 0;
}

/* --- New ---------------------------------------------------------------------------------------------- */

static int take_nat(struct expect *expect, const struct ct_expect_view *v, struct pktt_error *err)
{
	if (!(v->has & CTX_NAT))
		return 0;
	if (v->nat_dir > CT_REPLY)
		return pktt_fail(err, -EINVAL, "CTA_EXPECT_NAT_DIR is 0 or 1");
	expect->nat_dir = (uint8_t)v->nat_dir;
	memcpy(expect->saved_addr, v->nat.src, sizeof(expect->saved_addr));
	expect->saved_port = v->nat.sport;
	return 0;
}

static int take_names(struct expect *expect, const struct ct_expect_view *v, struct pktt_error *err)
{
	if (v->has & CTX_HELPER) {
		expect->helper =
			ct_helper_find(v->helper, v->tuple.family, expect->master->protocol);
		if (!expect->helper)
			return pktt_fail(err, -EOPNOTSUPP, "there is no helper %s", v->helper);
	}
	if (!(v->has & CTX_FN))
		return 0;
	if (strcmp(v->fn, follow_name) != 0)
		return pktt_fail(err, -EINVAL, "there is no function %s", v->fn);
	expect->expected = nat_follow_master;
	return 0;
}

static int fill_in(struct expect *expect, const struct ct_expect_view *v, struct pktt_error *err)
{
	int r;

	expect->tuple = v->tuple;
	memcpy(expect->mask.src, v->mask.src, sizeof(expect->mask.src));
	expect->mask.sport = v->mask.sport;
	memset(expect->mask.dst, 0xff, ct_addr_len(v->tuple.family));
	expect->mask.dport = UINT16_MAX;
	expect->flags = (uint8_t)v->flags;
	if (v->has & CTX_CLASS && v->class >= CT_EXPECT_CLASSES)
		return pktt_fail(err, -EINVAL, "the master's helper has no such class");
	expect->class = (uint8_t)v->class;
	r = take_nat(expect, v, err);
	return r ? r : take_names(expect, v, err);
}

static int create(struct sub_ct *sub, const struct ct_expect_view *v, struct pktt_error *err)
{
	struct conn *master;
	struct expect *expect;
	int r = find_master(sub, v, &master, err);

	if (r)
		return r;
	expect = expect_new(sub->ct, master);
	if (expect)
		r = fill_in(expect, v, err);
	else
		r = pktt_fail(err, -ENOMEM, "no memory for an expectation");
	if (r == 0)
		r = ct_query_expect_create(sub->ct, expect, v->timeout, err);
	expect_put(&expect);
	conn_put(conntrack_db(sub->ct), &master);
	return r;
}

int sub_ct_run_expect_new(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	uint16_t flags = req->nlh->nlmsg_flags;
	struct expect *there = NULL;
	struct sub_ct *sub = ctx;
	struct ct_expect_view v;
	int r = decode(req, &v, err);

	if (r)
		return r;
	if (!(v.has & CTX_TUPLE) || !(v.has & CTX_MASK) || !(v.has & CTX_MASTER))
		return pktt_fail(err, -EINVAL, "a new expectation needs tuple, mask and master");
	r = find(sub, &v, &there, err);
	if (r == -ENOENT && flags & NLM_F_CREATE)
		return create(sub, &v, err);
	if (r)
		return r;
	if (flags & NLM_F_EXCL)
		r = pktt_fail(err, -EEXIST, "there is such an expectation");
	else if (v.has & CTX_TIMEOUT)
		r = expect_set_timeout(sub->ct, there, v.timeout);
	expect_put(&there);
	return r;
}
