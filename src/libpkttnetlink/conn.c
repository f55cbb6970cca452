/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections, and the questions that are asked on them. */
#include "libpkttnetlink/link.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *path_or_usual(const char *path, unsigned int flags)
{
	const char *from_user = getenv(PKTT_SOCKET_ENV);

	if (path)
		return path;
	if (flags & PKTTNL_VIEW)
		return PKTT_VIEW_PATH;
	return from_user && *from_user ? from_user : PKTT_SOCKET_PATH;
}

int pkttnl_open(struct pkttnl **ret, const char *path, const char *program, unsigned int flags,
		struct pkttnl_error *err)
{
	PKTT_AUTO(pkttnl_close) struct pkttnl *nl = calloc(1, sizeof(*nl));
	int r;

	if (!nl)
		return pkttnl_no_memory(err);
	nl->fd = -1;
	nl->lent.is_lent = true;
	nl->timeout_ms = 30000;
	nl->path = strdup(path_or_usual(path, flags));
	nl->program = strdup(program ? program : program_invocation_short_name);
	if (!nl->path || !nl->program)
		return pkttnl_no_memory(err);
	r = pkttnl_link_open(nl, err);
	if (r == 0)
		*ret = pktt_take(&nl);
	return r;
}

void pkttnl_close(struct pkttnl **nl)
{
	struct pkttnl *n = pktt_take(nl);

	if (!n)
		return;
	pkttnl_link_close(n);
	pkttnl_catalog_put(&n->cat);
	pkttnl_catalog_put(&n->offered);
	free(n->path);
	free(n->program);
	free(n);
}

int pkttnl_fd(const struct pkttnl *nl)
{
	return nl->fd;
}

void pkttnl_set_timeout(struct pkttnl *nl, unsigned int timeout_ms)
{
	nl->timeout_ms = timeout_ms;
}

unsigned int pkttnl_rights(const struct pkttnl *nl)
{
	return nl->rights;
}

void pkttnl_catalog_offer(struct pkttnl *nl, struct pkttnl_catalog *cat)
{
	pkttnl_catalog_put(&nl->offered);
	nl->offered = pkttnl_catalog_hold(cat);
}

/* --- Questions --------------------------------------------------------------------------------------- */

struct question {
	struct pkttnl *nl;
	struct pkttnl_catalog *cat; /* NULL: rules are not looked at */
	pkttnl_take *take;
	void *ctx;
	int stopped; /* what take() returned */
	bool is_interrupted;
};

static int take_object(struct question *q, const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	struct pkttnl_object *lent = &q->nl->lent;
	int r;

	if (q->stopped || !q->take)
		return 0;
	r = pkttnl_object_decode(lent, q->cat, nlh, err);
	if (r == 0)
		q->stopped = q->take(q->ctx, lent);
	pkttnl_object_clear(lent);
	return r;
}

static int take_done(const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	const int *error = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*error) || *error >= 0)
		return 1;
	return pkttnl_fail(err, *error, "pkttd ends the list: %s", strerror(-*error));
}

static int take_answer(void *ctx, const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	struct question *q = ctx;
	int r;

	if (nlh->nlmsg_seq != q->nl->seq)
		return 0;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		q->is_interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		r = pkttnl_link_error(nlh, err);
		return r ? r : 1;
	}
	if (nlh->nlmsg_type == NLMSG_DONE)
		return take_done(nlh, err);
	if (nlh->nlmsg_type >> 8 != PKTT_SUBSYS_RULES)
		return 0;
	return take_object(q, nlh, err);
}

/* The request as a message, in memory of the caller's to free. */
static int encode(struct pkttnl *nl, const struct pkttnl_object *request, uint16_t flags,
		  struct nlmsghdr **ret, struct pkttnl_error *err)
{
	PKTT_AUTO_FREE struct nlmsghdr *nlh = NULL;

	for (size_t room = 4096; room <= PKTTNL_MESSAGE_MAX; room *= 4) {
		struct nlmsghdr *more = realloc(nlh, room);

		if (!more)
			return pkttnl_no_memory(err);
		nlh = more;
		if (pkttnl_object_encode(request, nlh, room, NLM_F_REQUEST | flags) < 0)
			continue;
		nlh->nlmsg_seq = ++nl->seq;
		*ret = pktt_take(&nlh);
		return 0;
	}
	return pkttnl_fail(err, -EMSGSIZE, "the request is too large");
}

static int ask(struct question *q, const struct pkttnl_object *request, uint16_t flags,
	       struct pkttnl_error *err)
{
	PKTT_AUTO_FREE struct nlmsghdr *nlh = NULL;
	int r = pkttnl_link_is_free(q->nl, err);

	if (r == 0)
		r = encode(q->nl, request, flags, &nlh, err);
	if (r == 0 && nlh)
		r = pkttnl_link_send(q->nl, nlh, nlh->nlmsg_len, take_answer, q, err);
	if (r == 0)
		r = pkttnl_link_receive(q->nl, take_answer, q, err);
	if (r < 0)
		return r;
	if (q->stopped)
		return q->stopped;
	if (q->is_interrupted)
		return pkttnl_fail(err, -EINTR, "what was listed changed meanwhile");
	return 0;
}

/* The catalog, where answers may hold rules. Borrowed. */
static int catalog_for(struct pkttnl *nl, enum pktt_rules_msg message, struct pkttnl_catalog **ret,
		       struct pkttnl_error *err)
{
	struct pkttnl_catalog *cat = NULL;
	int r;

	*ret = NULL;
	if (message == PKTT_MSG_GETEXT || message == PKTT_MSG_GETGEN)
		return 0;
	r = pkttnl_catalog_get(&cat, nl, err);
	if (r)
		return r;
	*ret = cat;
	pkttnl_catalog_put(&cat); /* nl has one, too */
	return 0;
}

static int ask_with(struct pkttnl *nl, const struct pkttnl_object *request, uint16_t flags,
		    pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	struct question q = { .nl = nl, .take = take, .ctx = ctx };
	int r = take ? catalog_for(nl, request->wire.msg, &q.cat, err) : 0;

	return r ? r : ask(&q, request, flags, err);
}

int pkttnl_request(struct pkttnl *nl, const struct pkttnl_object *request, pkttnl_take *take,
		   void *ctx, struct pkttnl_error *err)
{
	return ask_with(nl, request, NLM_F_ACK, take, ctx, err);
}

int pkttnl_dump(struct pkttnl *nl, const struct pkttnl_object *request, pkttnl_take *take,
		void *ctx, struct pkttnl_error *err)
{
	return ask_with(nl, request, NLM_F_DUMP, take, ctx, err);
}
