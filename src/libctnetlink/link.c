/* SPDX-License-Identifier: BSD-2-Clause */
/* The connection to who tracks: pkttd by libnfnetlink, or the kernel. */
#include "libctnetlink/own.h"

#include "wire/ct.h"

#include <libnfnetlink/libnfnetlink.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ctnl_fail(struct ctnl_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}

/* What libnfnetlink says, in our words; r is given back. */
static int translate(int r, const struct nfl_error *from, struct ctnl_error *err)
{
	if (r < 0 && err) {
		err->code = r;
		snprintf(err->text, sizeof(err->text), "%s",
			 from->text[0] ? from->text : strerror(-r));
	}
	return r;
}

/* Events of pkttd have the port of whose doing they tell: libnfnetlink takes some for answers. */
static void on_message(void *ctx, const struct nlmsghdr *nlh)
{
	ctnl_event(ctx, nlh);
}

static void on_gap(void *ctx, uint32_t group, uint64_t lost)
{
	struct ctnl *nl = ctx;

	(void)group;
	if (nl->handler.gap)
		nl->handler.gap(nl->handler.ctx, lost);
}

static int take_nfl(struct ctnl **ret, struct nfl *nfl, struct ctnl_error *err)
{
	struct ctnl *nl = calloc(1, sizeof(*nl));
	struct nfl_handler handler = { .event = on_message, .answer = on_message, .gap = on_gap };

	if (!nl) {
		nfl_close(&nfl);
		return ctnl_fail(err, -ENOMEM, "no memory for a connection");
	}
	nl->nfl = nfl;
	handler.ctx = nl;
	nfl_set_handler(nfl, &handler);
	*ret = nl;
	return 0;
}

static int open_kernel(struct ctnl **ret, const struct ctnl_options *options,
		       struct ctnl_error *err)
{
	struct ctnl *nl = calloc(1, sizeof(*nl));
	int r;

	if (!nl)
		return ctnl_fail(err, -ENOMEM, "no memory for a connection");
	r = ctnl_kernel_open(nl, options, err);
	if (r)
		ctnl_close(&nl);
	else
		*ret = nl;
	return r;
}

int ctnl_open(struct ctnl **ret, const struct ctnl_options *options, struct ctnl_error *err)
{
	struct nfl_error why = { 0 };
	struct nfl_options to = { 0 };
	struct nfl *nfl;
	int r;

	if (options && options->flags & CTNL_KERNEL)
		return open_kernel(ret, options, err);
	if (options) {
		to.path = options->path;
		to.program = options->program;
		to.flags = options->flags & CTNL_VIEW ? NFL_VIEW : 0;
		to.room = options->room;
	}
	r = translate(nfl_open(&nfl, &to, &why), &why, err);
	return r ? r : take_nfl(ret, nfl, err);
}

int ctnl_open_fd(struct ctnl **ret, int fd, struct ctnl_error *err)
{
	struct nfl_error why = { 0 };
	struct nfl *nfl;
	int r = translate(nfl_open_fd(&nfl, fd, NULL, &why), &why, err);

	return r ? r : take_nfl(ret, nfl, err);
}

void ctnl_close(struct ctnl **pnl)
{
	struct ctnl *nl = *pnl;

	*pnl = NULL;
	if (!nl)
		return;
	if (nl->nfl)
		nfl_close(&nl->nfl);
	ctnl_kernel_close(nl);
	free(nl);
}

int ctnl_fd(const struct ctnl *nl)
{
	return nl->nfl ? nfl_fd(nl->nfl) : mnl_socket_get_fd(nl->kernel);
}

/* --- Requests --------------------------------------------------------------------------------------- */

static struct nlmsghdr *begin_kernel(struct ctnl *nl, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->out);
	struct nfgenmsg *head;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nl->seq;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->nfgen_family = family;
	head->version = NFNETLINK_V0;
	return nlh;
}

struct nlmsghdr *ctnl_begin(struct ctnl *nl, unsigned int subsys, unsigned int message,
			    uint16_t flags, uint8_t nfgen_family, struct ctnl_error *err)
{
	uint16_t type = (uint16_t)(subsys << 8 | message);
	struct nlmsghdr *nlh;

	if (!nl->nfl)
		return begin_kernel(nl, type, flags, nfgen_family);
	nlh = nfl_begin(nl->nfl, CTNL_MESSAGE_ROOM, type, flags, nfgen_family);
	if (!nlh)
		(void)ctnl_fail(err, -ENOMEM, "no memory for a message");
	return nlh;
}

int ctnl_put(struct nlmsghdr *nlh, const struct ct_view *v, struct ctnl_error *err)
{
	if (ct_encode(nlh, CTNL_MESSAGE_ROOM, v, CT_ORDER_DUMP))
		return ctnl_fail(err, -EMSGSIZE, "the connection does not fit a message");
	return 0;
}

int ctnl_put_expect(struct nlmsghdr *nlh, const struct ct_expect_view *v, struct ctnl_error *err)
{
	if (ct_expect_encode(nlh, CTNL_MESSAGE_ROOM, v))
		return ctnl_fail(err, -EMSGSIZE, "the expectation does not fit a message");
	return 0;
}

int ctnl_call(struct ctnl *nl, struct nlmsghdr *nlh, ctnl_answer *answer, void *ctx,
	      struct ctnl_error *err)
{
	bool is_dump = (nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	struct nfl_error why = { 0 };
	int r;

	if (!nl->nfl)
		return ctnl_kernel_call(nl, nlh, answer, ctx, err);
	if (is_dump)
		r = nfl_dump(nl->nfl, nlh, answer, NULL, 1, ctx, &why);
	else
		r = nfl_call(nl->nfl, nlh, answer, ctx, &why);
	return translate(is_dump && r == 1 ? 0 : r, &why, err);
}

/* --- Events ------------------------------------------------------------------------------------------ */

static enum ctnl_kind kind_of(const struct nlmsghdr *nlh, unsigned int deletion)
{
	if (NFNL_MSG_TYPE(nlh->nlmsg_type) == deletion)
		return CTNL_DESTROY;
	return nlh->nlmsg_flags & NLM_F_CREATE ? CTNL_NEW : CTNL_UPDATE;
}

void ctnl_event(struct ctnl *nl, const struct nlmsghdr *nlh)
{
	const struct ctnl_handler *h = &nl->handler;
	struct ctnl_expect expect;
	struct ctnl_conn conn;

	switch (NFNL_SUBSYS_ID(nlh->nlmsg_type)) {
	case NFNL_SUBSYS_CTNETLINK:
		if (h->conn && ct_decode(nlh, &conn.v, NULL) == 0)
			h->conn(h->ctx, kind_of(nlh, IPCTNL_MSG_CT_DELETE), &conn, nlh->nlmsg_pid);
		break;
	case NFNL_SUBSYS_CTNETLINK_EXP:
		if (h->expect && ct_expect_decode(nlh, &expect.v, NULL) == 0)
			h->expect(h->ctx, kind_of(nlh, IPCTNL_MSG_EXP_DELETE), &expect);
		break;
	}
}

int ctnl_listen(struct ctnl *nl, unsigned int events, const struct ctnl_handler *handler,
		struct ctnl_error *err)
{
	struct nfl_error why = { 0 };
	int r = 0;

	nl->handler = *handler;
	for (unsigned int i = 0; r == 0 && i < 6; i++) {
		if (!(events >> i & 1))
			continue;
		if (nl->nfl)
			r = translate(nfl_join(nl->nfl, i + 1, &why), &why, err);
		else
			r = ctnl_kernel_join(nl, i + 1, err);
	}
	return r;
}

int ctnl_receive(struct ctnl *nl, int timeout_ms, struct ctnl_error *err)
{
	struct nfl_error why = { 0 };

	if (!nl->nfl)
		return ctnl_kernel_receive(nl, timeout_ms, err);
	return translate(nfl_receive(nl->nfl, timeout_ms, &why), &why, err);
}
