/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections, and the questions that are asked on them. */
#include "libpkttnetlink/link.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int pkttnl_said(struct pkttnl_error *to, const struct nfl_error *from, int r)
{
	if (r >= 0 || !to)
		return r;
	*to = (struct pkttnl_error){
		.code = r, .line = from->line, .column = from->column, .length = from->length
	};
	if (from->text[0])
		memcpy(to->text, from->text, sizeof(to->text));
	else
		pkttnl_fail(to, r, "pkttd refuses: %s", strerror(-r));
	return r;
}

/* --- Life ------------------------------------------------------------------------------------- */

static const char *path_or_usual(const char *path, unsigned int flags)
{
	const char *from_user = getenv(PKTT_SOCKET_ENV);

	if (path)
		return path;
	if (flags & PKTTNL_VIEW)
		return PKTT_VIEW_PATH;
	return from_user && *from_user ? from_user : PKTT_SOCKET_PATH;
}

static int connect_to(struct pkttnl *nl, struct pkttnl_error *err)
{
	struct nfl_options options = { .path = nl->path, .program = nl->program };
	struct nfl_error e = { 0 };

	return pkttnl_said(err, &e, nfl_open(&nl->nfl, &options, &e));
}

int pkttnl_open(struct pkttnl **ret, const char *path, const char *program, unsigned int flags,
		struct pkttnl_error *err)
{
	PKTT_AUTO(pkttnl_close) struct pkttnl *nl = calloc(1, sizeof(*nl));
	int r;

	if (!nl)
		return pkttnl_no_memory(err);
	nl->lent.is_lent = true;
	nl->path = strdup(path_or_usual(path, flags));
	nl->program = strdup(program ? program : program_invocation_short_name);
	if (!nl->path || !nl->program)
		return pkttnl_no_memory(err);
	r = connect_to(nl, err);
	if (r == 0)
		*ret = pktt_take(&nl);
	return r;
}

void pkttnl_close(struct pkttnl **nl)
{
	struct pkttnl *n = pktt_take(nl);

	if (!n)
		return;
	nfl_close(&n->nfl);
	pkttnl_catalog_put(&n->cat);
	free(n->path);
	free(n->program);
	free(n->buf);
	free(n);
}

int pkttnl_fd(const struct pkttnl *nl)
{
	return nfl_fd(nl->nfl);
}

void pkttnl_set_timeout(struct pkttnl *nl, unsigned int timeout_ms)
{
	nfl_set_timeout(nl->nfl, timeout_ms);
}

unsigned int pkttnl_rights(const struct pkttnl *nl)
{
	return nfl_rights(nl->nfl);
}

/* --- Questions -------------------------------------------------------------------------------- */

struct question {
	struct pkttnl *nl;
	struct pkttnl_catalog *cat; /* NULL: rules are not looked at */
	pkttnl_take *take;
	void *ctx;
	struct pkttnl_error *err;
	int refused; /* an answer that cannot be read */
	int stopped; /* what take() returned */
};

static int take_answer(void *ctx, const struct nlmsghdr *nlh)
{
	struct question *q = ctx;
	struct pkttnl_object *lent = &q->nl->lent;

	if (nlh->nlmsg_type >> 8 != PKTT_SUBSYS_RULES || !q->take)
		return 0;
	q->refused = pkttnl_object_decode(lent, q->cat, nlh, q->err);
	if (q->refused == 0)
		q->stopped = q->take(q->ctx, lent);
	pkttnl_object_clear(lent);
	return q->refused || q->stopped;
}

/* Memory is made until it suffices. */
int pkttnl_encode(struct pkttnl *nl, const struct pkttnl_object *obj, uint16_t flags,
		  struct nlmsghdr **ret, struct pkttnl_error *err)
{
	long len = nl->buf ? pkttnl_object_encode(obj, nl->buf, nl->room, flags) : -EMSGSIZE;

	while (len == -EMSGSIZE) {
		size_t room = nl->room ? 4 * nl->room : 4096;
		void *more = room <= PKTTNL_MESSAGE_MAX ? realloc(nl->buf, room) : NULL;

		if (!more)
			return pkttnl_fail(err, -EMSGSIZE, "a message of %zu bytes is too large",
					   room);
		nl->buf = more;
		nl->room = room;
		len = pkttnl_object_encode(obj, nl->buf, nl->room, flags);
	}
	if (len < 0)
		return pkttnl_fail(err, (int)len, "the message cannot be made");
	*ret = nl->buf;
	(*ret)->nlmsg_seq = nfl_sequence(nl->nfl);
	return 0;
}

static int ask(struct question *q, const struct pkttnl_object *request, bool is_dump)
{
	struct nlmsghdr *nlh = NULL;
	struct nfl_error e = { 0 };
	int r = pkttnl_encode(q->nl, request, NLM_F_REQUEST, &nlh, q->err);

	if (r)
		return r;
	if (is_dump)
		r = nfl_dump(q->nl->nfl, nlh, take_answer, NULL, 1, q, &e);
	else
		r = nfl_call(q->nl->nfl, nlh, take_answer, q, &e);
	if (r < 0)
		return pkttnl_said(q->err, &e, r);
	if (q->refused || q->stopped)
		return q->refused ? q->refused : q->stopped;
	if (r == 1)
		return pkttnl_fail(q->err, -EINTR, "what was listed changed meanwhile");
	return 0;
}

int pkttnl_ask_plain(struct pkttnl *nl, const struct pkttnl_object *request, bool is_dump,
		     pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	struct question q = { .nl = nl, .take = take, .ctx = ctx, .err = err };

	return ask(&q, request, is_dump);
}

/* The catalog, where answers may hold rules. nl keeps it, so it is borrowed. */
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
	pkttnl_catalog_put(&cat);
	return 0;
}

static int ask_with(struct pkttnl *nl, const struct pkttnl_object *request, bool is_dump,
		    pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	struct question q = { .nl = nl, .take = take, .ctx = ctx, .err = err };
	int r = take ? catalog_for(nl, request->wire.msg, &q.cat, err) : 0;

	return r ? r : ask(&q, request, is_dump);
}

int pkttnl_request(struct pkttnl *nl, const struct pkttnl_object *request, pkttnl_take *take,
		   void *ctx, struct pkttnl_error *err)
{
	return ask_with(nl, request, false, take, ctx, err);
}

int pkttnl_dump(struct pkttnl *nl, const struct pkttnl_object *request, pkttnl_take *take,
		void *ctx, struct pkttnl_error *err)
{
	return ask_with(nl, request, true, take, ctx, err);
}
