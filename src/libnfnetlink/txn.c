/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transactions.
 *
 * Changes leave as they are added; pkttd keeps them until BATCH_END is there. Their errors may come
 * meanwhile, if BATCH_BEGIN was refused, and else after BATCH_END, whose own answer is the last and
 * says that it is over. A transaction that is given up is spoilt by a message that cannot be part
 * of one, and ended, so that the connection can be used on.
 */
#include "libnfnetlink/own.h"

#include "base/own.h"

#include <linux/netfilter/nfnetlink.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct nlmsghdr *nfl_txn_message(struct nfl *nl, uint16_t subsys, bool is_end)
{
	uint16_t type = is_end ? NFNL_MSG_BATCH_END : NFNL_MSG_BATCH_BEGIN;
	struct nlmsghdr *nlh = nfl_begin(nl, 256, type, 0, 0);
	struct nfgenmsg *head;

	if (!nlh)
		return NULL;
	head = NLMSG_DATA(nlh);
	head->res_id = htons(subsys);
	return nlh;
}

int nfl_txn_begin(struct nfl_txn **ret, struct nfl *nl, uint16_t subsys, struct nlmsghdr *begin,
		  struct nfl_error *err)
{
	PKTT_AUTO_FREE struct nfl_txn *txn = calloc(1, sizeof(*txn));
	int rc;

	if (nl->txn)
		return nfl_fail(err, -EBUSY, "a transaction is open on this connection");
	if (!begin)
		begin = nfl_txn_message(nl, subsys, false);
	if (!begin || !txn)
		return nfl_fail(err, -ENOMEM, "no memory");
	txn->nl = nl;
	txn->subsys = subsys;
	txn->first_seq = begin->nlmsg_seq;
	rc = nfl_out(nl, begin, begin->nlmsg_len, err);
	if (rc)
		return rc;
	nl->txn = txn;
	*ret = pktt_take(&txn);
	return 0;
}

int nfl_txn_add(struct nfl_txn *txn, const struct nlmsghdr *nlh, struct nfl_error *err)
{
	if (!txn->nl)
		return nfl_fail(err, -ENOTCONN, "the connection was closed");
	if (txn->is_sent)
		return nfl_fail(err, -EINVAL, "the transaction has ended");
	return nfl_out(txn->nl, nlh, nlh->nlmsg_len, err);
}

/* Numbers go round; those of a transaction are few beside that. */
static bool is_of(const struct nfl_txn *txn, uint32_t seq)
{
	return seq - txn->first_seq <= txn->nl->seq - txn->first_seq;
}

/* What answers to the transaction is taken by it, other messages are not. */
bool nfl_txn_takes(struct nfl_txn *txn, const struct nlmsghdr *nlh)
{
	struct nfl_error err;

	if (nlh->nlmsg_type != NLMSG_ERROR || !is_of(txn, nlh->nlmsg_seq))
		return false;
	nfl_error_read(&err, nlh);
	if (txn->is_sent && nlh->nlmsg_seq == txn->end_seq)
		txn->is_done = true;
	if (!err.code)
		return true;
	if (!txn->first.code || (txn->is_done && txn->first.code == -ECANCELED))
		txn->first = err;
	if (txn->refused && !(txn->is_done && err.code == -ECANCELED))
		txn->refused(txn->ctx, &err);
	return true;
}

static int send_end(struct nfl_txn *txn, struct nlmsghdr *end, struct nfl_error *err)
{
	if (!end)
		end = nfl_txn_message(txn->nl, txn->subsys, true);
	if (!end)
		return nfl_fail(err, -ENOMEM, "no memory");
	end->nlmsg_flags |= NLM_F_ACK;
	txn->end_seq = end->nlmsg_seq;
	txn->is_sent = true;
	return nfl_out(txn->nl, end, end->nlmsg_len, err);
}

static int wait_for_end(struct nfl_txn *txn, struct nfl_error *err)
{
	struct nfl *nl = txn->nl;
	int rc = nfl_flush(nl, err);

	while (rc >= 0 && !txn->is_done) {
		rc = nfl_read(nl, NFL_PATIENTLY, err);
		if (rc > 0)
			rc = nfl_hand_over(nl, err);
		else if (!rc)
			rc = nfl_fail(err, -ETIMEDOUT,
				      "pkttd does not say within %u ms what became of it",
				      nl->timeout_ms);
	}
	return rc < 0 ? rc : 0;
}

static void let_go(struct nfl_txn *txn)
{
	if (txn->nl)
		txn->nl->txn = NULL;
	txn->nl = NULL;
}

int nfl_txn_commit(struct nfl_txn *txn, struct nlmsghdr *end,
		   void (*refused)(void *ctx, const struct nfl_error *err), void *ctx,
		   struct nfl_error *err)
{
	int rc;

	if (!txn->nl)
		return nfl_fail(err, -ENOTCONN, "the connection was closed");
	txn->refused = refused;
	txn->ctx = ctx;
	if (txn->first.code && refused) /* that came before anybody was there to hear it */
		refused(ctx, &txn->first);
	rc = send_end(txn, end, err);
	if (!rc)
		rc = wait_for_end(txn, err);
	let_go(txn);
	if (rc)
		return rc;
	if (txn->first.code && err)
		*err = txn->first;
	return txn->first.code;
}

/* Spoil it, so that pkttd forgets it, and wait until it has. */
static void give_up(struct nfl_txn *txn)
{
	struct nlmsghdr noop = { .nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = NLMSG_NOOP };

	noop.nlmsg_seq = nfl_sequence(txn->nl);
	if (!nfl_out(txn->nl, &noop, sizeof(noop), NULL) && !send_end(txn, NULL, NULL))
		(void)wait_for_end(txn, NULL);
}

void nfl_txn_free(struct nfl_txn **ptxn)
{
	struct nfl_txn *txn = *ptxn;

	if (!txn)
		return;
	txn->refused = NULL;
	if (txn->nl && !txn->is_sent && !txn->nl->broken)
		give_up(txn);
	let_go(txn);
	free(txn);
	*ptxn = NULL;
}
