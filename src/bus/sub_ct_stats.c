/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnetlink: what tracking counts, a message a worker where the kernel has one a processor. */
#include "bus/sub_ct_own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

struct row {
	uint16_t type;
	enum ct_count count; /* CT_COUNT_COUNT = we have no such thing, and say 0 */
};

static const struct row conn_rows[] = {
	{ CTA_STATS_FOUND, CT_COUNT_FOUND },
	{ CTA_STATS_INVALID, CT_COUNT_INVALID },
	{ CTA_STATS_INSERT, CT_COUNT_INSERT },
	{ CTA_STATS_INSERT_FAILED, CT_COUNT_INSERT_FAILED },
	{ CTA_STATS_DROP, CT_COUNT_DROP },
	{ CTA_STATS_EARLY_DROP, CT_COUNT_EARLY_DROP },
	{ CTA_STATS_ERROR, CT_COUNT_ERROR },
	{ CTA_STATS_SEARCH_RESTART, CT_COUNT_COUNT },
	{ CTA_STATS_CLASH_RESOLVE, CT_COUNT_CLASH_RESOLVE },
	{ CTA_STATS_CHAIN_TOOLONG, CT_COUNT_COUNT },
};
static const struct row expect_rows[] = {
	{ CTA_STATS_EXP_NEW, CT_COUNT_EXPECT_NEW },
	{ CTA_STATS_EXP_CREATE, CT_COUNT_EXPECT_CREATE },
	{ CTA_STATS_EXP_DELETE, CT_COUNT_EXPECT_DELETE },
};

struct dump {
	struct sub_ct *sub;
	const struct row *row;
	unsigned int nrows, worker;
	uint16_t type;
};

static int fill(struct nfnl_dump *dump, void *state)
{
	uint64_t count[CT_COUNT_COUNT + 1] = { 0 };
	struct dump *d = state;
	struct nlmsghdr *nlh;

	if (!conntrack_worker_counters(d->sub->ct, d->worker, count))
		return 0;
	nlh = nfnl_begin(d->sub->bus, 256, d->type, 0, AF_UNSPEC, (uint16_t)d->worker);
	if (!nlh)
		return -ENOMEM;
	for (unsigned int i = 0; i < d->nrows; i++)
		mnl_attr_put_u32(nlh, d->row[i].type, htonl((uint32_t)count[d->row[i].count]));
	d->worker++;
	(void)nfnl_dump_send(dump, nlh);
	return 1;
}

static int start(struct sub_ct *sub, struct nfnl_request *req, const struct dump *what,
		 struct pktt_error *err)
{
	struct dump *d = malloc(sizeof(*d));
	struct nfnl_dump dump = { .fill = fill, .free = free, .state = d };

	if (!d)
		return pktt_fail(err, -ENOMEM, "no memory for a dump");
	*d = *what;
	d->sub = sub;
	/* The kernel answers for expectations under the number of connections, too. */
	d->type = SUB_CT_TYPE(NFNL_MSG_TYPE(req->nlh->nlmsg_type));
	if ((req->nlh->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP) {
		free(d);
		return 0; /* as the kernel: nothing is said */
	}
	return nfnl_dump_start(req, &dump);
}

int sub_ct_run_stats_cpu(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	const struct dump what = { .row = conn_rows,
				   .nrows = sizeof(conn_rows) / sizeof(conn_rows[0]) };

	return start(ctx, req, &what, err);
}

int sub_ct_run_expect_stats(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	const struct dump what = { .row = expect_rows,
				   .nrows = sizeof(expect_rows) / sizeof(expect_rows[0]) };

	return start(ctx, req, &what, err);
}

int sub_ct_run_stats(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_ct *sub = ctx;
	struct nlmsghdr *nlh =
		nfnl_begin(sub->bus, 64, req->nlh->nlmsg_type, NLM_F_MULTI, AF_UNSPEC, 0);

	if (!nlh)
		return pktt_fail(err, -ENOMEM, "no memory for an answer");
	mnl_attr_put_u32(nlh, CTA_STATS_GLOBAL_ENTRIES, htonl(conntrack_count(sub->ct)));
	mnl_attr_put_u32(nlh, CTA_STATS_GLOBAL_MAX_ENTRIES,
			 htonl(conntrack_settings(sub->ct)->max));
	nfnl_send(req->peer, nlh, req->nlh->nlmsg_seq);
	return 0;
}
