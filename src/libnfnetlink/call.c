/* SPDX-License-Identifier: BSD-2-Clause */
/* A request and its answer. */
#include "libnfnetlink/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The answer may overwrite nothing of nlh: it is sent, and flushed, before anything is waited for.
 */
static int call(struct nfl *nl, const struct nlmsghdr *nlh, struct nfl_wait *wait,
		struct nfl_error *err)
{
	int rc;

	wait->seq = nlh->nlmsg_seq;
	nl->wait = wait; /* what comes while we wait for room may be its answer already */
	rc = nfl_out(nl, nlh, nlh->nlmsg_len, err);
	if (!rc)
		rc = nfl_wait_for(nl, wait, err);
	nl->wait = NULL;
	if (rc)
		return rc;
	if (wait->err.code && err)
		*err = wait->err;
	return wait->err.code ? wait->err.code : wait->stopped;
}

static int is_taken(struct nfl *nl, struct nfl_error *err)
{
	if (nl->txn)
		return nfl_fail(err, -EBUSY, "a transaction is open on this connection");
	return 0;
}

int nfl_call(struct nfl *nl, struct nlmsghdr *nlh,
	     int (*answer)(void *ctx, const struct nlmsghdr *nlh), void *ctx, struct nfl_error *err)
{
	struct nfl_wait wait = { .answer = answer, .ctx = ctx };
	int rc = is_taken(nl, err);

	if (rc)
		return rc;
	nlh->nlmsg_flags |= NLM_F_ACK;
	return call(nl, nlh, &wait, err);
}

int nfl_dump(struct nfl *nl, struct nlmsghdr *nlh,
	     int (*answer)(void *ctx, const struct nlmsghdr *nlh), void (*again)(void *ctx),
	     unsigned int tries, void *ctx, struct nfl_error *err)
{
	struct nfl_wait wait;
	int rc = is_taken(nl, err);

	if (rc)
		return rc;
	nlh->nlmsg_flags |= NLM_F_DUMP;
	for (unsigned int i = 0; i == 0 || (again && i < tries); i++) {
		if (i) {
			again(ctx);
			nlh->nlmsg_seq = nfl_sequence(nl);
		}
		wait = (struct nfl_wait){ .answer = answer, .ctx = ctx };
		rc = call(nl, nlh, &wait, err);
		if (rc || !wait.is_interrupted)
			return rc;
	}
	return 1;
}

/*
 * pkttd does what it is told in order; so when it acknowledges what asks for nothing, all is done that
 * was sent before.
 */
int nfl_drain(struct nfl *nl, struct nfl_error *err)
{
	struct nlmsghdr nlh = { .nlmsg_len = NLMSG_HDRLEN,
				.nlmsg_type = NLMSG_NOOP,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK };

	nlh.nlmsg_seq = nfl_sequence(nl);
	return nfl_call(nl, &nlh, NULL, NULL, err);
}
