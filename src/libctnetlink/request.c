/* SPDX-License-Identifier: BSD-2-Clause */
/* What is asked of a tracker. */
#include "libctnetlink/own.h"

#include "wire/ct.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CT = NFNL_SUBSYS_CTNETLINK, EXP = NFNL_SUBSYS_CTNETLINK_EXP };

static uint8_t wire_family(const struct ct_tuple *a, const struct ct_tuple *b)
{
	return ct_wire_family(a->family != CT_FAMILY_ANY ? a->family : b->family);
}

/* A view whose families can be encoded: where nothing is known of one it is not looked at. */
static void settle(struct ct_view *v)
{
	for (unsigned int dir = 0; dir < 2; dir++)
		if (v->tuple[dir].family == CT_FAMILY_ANY)
			v->tuple[dir].family = v->tuple[!dir].family;
}

static int call_conn(struct ctnl *nl, unsigned int message, uint16_t flags, struct ct_view v,
		     ctnl_answer *answer, void *ctx, struct ctnl_error *err)
{
	struct nlmsghdr *nlh;

	settle(&v);
	nlh = ctnl_begin(nl, CT, message, flags, wire_family(&v.tuple[0], &v.tuple[1]), err);
	if (!nlh)
		return -ENOMEM;
	if (ctnl_put(nlh, &v, err))
		return -EMSGSIZE;
	return ctnl_call(nl, nlh, answer, ctx, err);
}

/* --- Connections ---------------------------------------------------------------------------------- */

struct conn_sink {
	ctnl_conn_fn *fn;
	void *ctx;
	const struct ctnl_conn *filter; /* what is left to compare here; or NULL */
	struct ctnl_conn conn;
};

static int on_conn(void *ctx, const struct nlmsghdr *nlh)
{
	struct conn_sink *sink = ctx;

	if (NFNL_SUBSYS_ID(nlh->nlmsg_type) != CT || ct_decode(nlh, &sink->conn.v, NULL))
		return -EBADMSG;
	if (sink->filter && !ctnl_conn_fits(&sink->conn, sink->filter))
		return 0;
	return sink->fn(sink->ctx, &sink->conn);
}

int ctnl_conn_create(struct ctnl *nl, const struct ctnl_conn *conn, struct ctnl_error *err)
{
	return call_conn(nl, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL, conn->v, NULL, NULL,
			 err);
}

int ctnl_conn_update(struct ctnl *nl, const struct ctnl_conn *conn, struct ctnl_error *err)
{
	return call_conn(nl, IPCTNL_MSG_CT_NEW, 0, conn->v, NULL, NULL, err);
}

/* Only what names it: the original tuple, else the reply; the zone; the id. */
static struct ct_view name_of(const struct ctnl_conn *conn)
{
	struct ct_view v = conn->v;

	v.has &= v.has & CTV_ORIG ? CTV_ORIG | CTV_ZONE | CTV_ID : CTV_REPLY | CTV_ZONE | CTV_ID;
	return v;
}

int ctnl_conn_find(struct ctnl *nl, const struct ctnl_conn *conn, ctnl_conn_fn *fn, void *ctx,
		   struct ctnl_error *err)
{
	struct conn_sink sink = { .fn = fn, .ctx = ctx };

	return call_conn(nl, IPCTNL_MSG_CT_GET, 0, name_of(conn), on_conn, &sink, err);
}

int ctnl_conn_delete(struct ctnl *nl, const struct ctnl_conn *conn, struct ctnl_error *err)
{
	struct ct_view v = name_of(conn);

	if (!(v.has & (CTV_ORIG | CTV_REPLY)))
		return ctnl_fail(err, -EINVAL, "a tuple says which connection is to go");
	return call_conn(nl, IPCTNL_MSG_CT_DELETE, 0, v, NULL, NULL, err);
}

int ctnl_conn_dump(struct ctnl *nl, const struct ctnl_conn *filter, unsigned int flags,
		   ctnl_conn_fn *fn, void *ctx, struct ctnl_error *err)
{
	unsigned int message = flags & CTNL_ZERO ? IPCTNL_MSG_CT_GET_CTRZERO : IPCTNL_MSG_CT_GET;
	struct conn_sink sink = { .fn = fn, .ctx = ctx, .filter = filter };
	uint8_t family = filter ? ct_wire_family(filter->v.tuple[0].family) : 0;
	struct nlmsghdr *nlh = ctnl_begin(nl, CT, message, NLM_F_DUMP, family, err);
	struct ct_view v;

	if (!nlh)
		return -ENOMEM;
	if (filter) {
		(void)ctnl_filter_request(filter, &v);
		if (ctnl_put(nlh, &v, err))
			return -EMSGSIZE;
	}
	return ctnl_call(nl, nlh, on_conn, &sink, err);
}

/* Version 1 says that the family is meant: flush_family() of the tracker. */
int ctnl_conn_flush(struct ctnl *nl, const struct ctnl_conn *filter, struct ctnl_error *err)
{
	uint8_t family = filter ? ct_wire_family(filter->v.tuple[0].family) : 0;
	struct nlmsghdr *nlh = ctnl_begin(nl, CT, IPCTNL_MSG_CT_DELETE, 0, family, err);
	struct nfgenmsg *head;
	struct ct_view v;

	if (!nlh)
		return -ENOMEM;
	head = mnl_nlmsg_get_payload(nlh);
	head->version = family ? 1 : 0;
	if (filter) {
		if (!ctnl_filter_request(filter, &v))
			return ctnl_fail(err, -EOPNOTSUPP,
					 "the tracker does not compare all that the filter gives");
		if (ctnl_put(nlh, &v, err))
			return -EMSGSIZE;
	}
	return ctnl_call(nl, nlh, NULL, NULL, err);
}

/* --- Expectations ----------------------------------------------------------------------------------- */

struct expect_sink {
	ctnl_expect_fn *fn;
	void *ctx;
};

static int on_expect(void *ctx, const struct nlmsghdr *nlh)
{
	struct expect_sink *sink = ctx;
	struct ctnl_expect expect;

	if (NFNL_SUBSYS_ID(nlh->nlmsg_type) != EXP || ct_expect_decode(nlh, &expect.v, NULL))
		return -EBADMSG;
	return sink->fn(sink->ctx, &expect);
}

static int call_expect(struct ctnl *nl, unsigned int message, uint16_t flags,
		       struct ct_expect_view v, ctnl_answer *answer, void *ctx,
		       struct ctnl_error *err)
{
	struct nlmsghdr *nlh =
		ctnl_begin(nl, EXP, message, flags, wire_family(&v.tuple, &v.master), err);

	if (!nlh)
		return -ENOMEM;
	if (ctnl_put_expect(nlh, &v, err))
		return -EMSGSIZE;
	return ctnl_call(nl, nlh, answer, ctx, err);
}

int ctnl_expect_create(struct ctnl *nl, const struct ctnl_expect *expect, struct ctnl_error *err)
{
	return call_expect(nl, IPCTNL_MSG_EXP_NEW, NLM_F_CREATE | NLM_F_EXCL, expect->v, NULL, NULL,
			   err);
}

int ctnl_expect_find(struct ctnl *nl, const struct ctnl_expect *expect, ctnl_expect_fn *fn,
		     void *ctx, struct ctnl_error *err)
{
	struct expect_sink sink = { fn, ctx };
	struct ct_expect_view v = expect->v;

	v.has &= CTX_TUPLE | CTX_ZONE | CTX_ID;
	return call_expect(nl, IPCTNL_MSG_EXP_GET, 0, v, on_expect, &sink, err);
}

int ctnl_expect_delete(struct ctnl *nl, const struct ctnl_expect *expect, struct ctnl_error *err)
{
	struct ct_expect_view v = expect->v;

	v.has &= CTX_TUPLE | CTX_ZONE | CTX_ID;
	if (!(v.has & CTX_TUPLE))
		return ctnl_fail(err, -EINVAL, "a tuple says which expectation is to go");
	return call_expect(nl, IPCTNL_MSG_EXP_DELETE, 0, v, NULL, NULL, err);
}

int ctnl_expect_dump(struct ctnl *nl, const struct ctnl_expect *filter, ctnl_expect_fn *fn,
		     void *ctx, struct ctnl_error *err)
{
	struct expect_sink sink = { fn, ctx };
	struct ct_expect_view v = { 0 };

	if (filter)
		v = filter->v;
	else
		v.tuple.family = v.master.family = CT_FAMILY_ANY;
	v.has &= CTX_MASTER | CTX_ZONE;
	return call_expect(nl, IPCTNL_MSG_EXP_GET, NLM_F_DUMP, v, on_expect, &sink, err);
}

int ctnl_expect_flush(struct ctnl *nl, const char *helper, struct ctnl_error *err)
{
	struct ct_expect_view v = { .tuple.family = CT_FAMILY_ANY, .master.family = CT_FAMILY_ANY };

	if (helper && strlen(helper) >= sizeof(v.helper))
		return ctnl_fail(err, -ENAMETOOLONG, "no helper has a name that long");
	if (helper) {
		v.has = CTX_HELPER;
		memcpy(v.helper, helper, strlen(helper));
	}
	return call_expect(nl, IPCTNL_MSG_EXP_DELETE, 0, v, NULL, NULL, err);
}

/* --- Counters ----------------------------------------------------------------------------------------- */

static const char *const conn_counters[] = {
	[CTA_STATS_FOUND] = "found",
	[CTA_STATS_INVALID] = "invalid",
	[CTA_STATS_INSERT] = "insert",
	[CTA_STATS_INSERT_FAILED] = "insert_failed",
	[CTA_STATS_DROP] = "drop",
	[CTA_STATS_EARLY_DROP] = "early_drop",
	[CTA_STATS_ERROR] = "error",
	[CTA_STATS_SEARCH_RESTART] = "search_restart",
	[CTA_STATS_CLASH_RESOLVE] = "clash_resolve",
	[CTA_STATS_CHAIN_TOOLONG] = "chaintoolong",
};
static const char *const expect_counters[] = {
	[CTA_STATS_EXP_NEW] = "expect_new",
	[CTA_STATS_EXP_CREATE] = "expect_create",
	[CTA_STATS_EXP_DELETE] = "expect_delete",
};

struct stat_sink {
	ctnl_stat_fn *fn;
	void *ctx;
	const char *const *name;
	unsigned int names;
};

static int on_stats(void *ctx, const struct nlmsghdr *nlh)
{
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(nlh);
	const struct stat_sink *sink = ctx;
	const struct nlattr *attr;
	int r = 0;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*head))
		return -EBADMSG;
	mnl_attr_for_each(attr, nlh, sizeof(*head))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (r || type >= sink->names || !sink->name[type] ||
		    mnl_attr_get_payload_len(attr) < 4)
			continue;
		r = sink->fn(sink->ctx, ntohs(head->res_id), sink->name[type],
			     ntohl(mnl_attr_get_u32(attr)));
	}
	return r;
}

static int dump_stats(struct ctnl *nl, unsigned int subsys, unsigned int message,
		      struct stat_sink *sink, struct ctnl_error *err)
{
	struct nlmsghdr *nlh = ctnl_begin(nl, subsys, message, NLM_F_DUMP, AF_UNSPEC, err);

	return nlh ? ctnl_call(nl, nlh, on_stats, sink, err) : -ENOMEM;
}

int ctnl_conn_stats(struct ctnl *nl, ctnl_stat_fn *fn, void *ctx, struct ctnl_error *err)
{
	struct stat_sink sink = { fn, ctx, conn_counters,
				  sizeof(conn_counters) / sizeof(conn_counters[0]) };

	return dump_stats(nl, CT, IPCTNL_MSG_CT_GET_STATS_CPU, &sink, err);
}

int ctnl_expect_stats(struct ctnl *nl, ctnl_stat_fn *fn, void *ctx, struct ctnl_error *err)
{
	struct stat_sink sink = { fn, ctx, expect_counters,
				  sizeof(expect_counters) / sizeof(expect_counters[0]) };

	return dump_stats(nl, EXP, IPCTNL_MSG_EXP_GET_STATS_CPU, &sink, err);
}

struct count {
	uint32_t count, max;
};

static int on_count(void *ctx, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	struct count *c = ctx;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_payload_len(attr) < 4)
			return -EBADMSG;
		if (mnl_attr_get_type(attr) == CTA_STATS_GLOBAL_ENTRIES)
			c->count = ntohl(mnl_attr_get_u32(attr));
		else if (mnl_attr_get_type(attr) == CTA_STATS_GLOBAL_MAX_ENTRIES)
			c->max = ntohl(mnl_attr_get_u32(attr));
	}
	return 0;
}

int ctnl_conn_count(struct ctnl *nl, uint32_t *count, uint32_t *max, struct ctnl_error *err)
{
	struct nlmsghdr *nlh = ctnl_begin(nl, CT, IPCTNL_MSG_CT_GET_STATS, 0, AF_UNSPEC, err);
	struct count c = { 0 };
	int r = nlh ? ctnl_call(nl, nlh, on_count, &c, err) : -ENOMEM;

	if (r)
		return r;
	*count = c.count;
	if (max)
		*max = c.max;
	return 0;
}
