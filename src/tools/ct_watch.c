/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt ct watch: connections as they come, change and go. */
#include "tools/ct_request.h"

#include <inttypes.h>
#include <stdio.h>

static void on_conn(void *ctx, enum ctnl_kind kind, const struct ctnl_conn *conn, uint32_t port)
{
	struct ct_request *req = ctx;

	(void)port;
	if (!ctnl_conn_fits(conn, req->filter) || !ct_request_fits(req, conn))
		return;
	req->shown++;
	if (req->form == CTNL_FORM_SAVE)
		fputs(kind == CTNL_DESTROY ? "-D " : kind == CTNL_NEW ? "-A " : "-U ", req->to);
	ct_show(req, conn, kind);
}

static void on_expect(void *ctx, enum ctnl_kind kind, const struct ctnl_expect *expect)
{
	struct ct_request *req = ctx;

	req->shown++;
	ct_show_expect(req, expect, kind);
}

static void on_gap(void *ctx, uint64_t lost)
{
	struct ct_request *req = ctx;

	fflush(req->to);
	if (req->live.json)
		fprintf(req->to,
			"{\"event\":\"gap\",\"lost\":%" PRIu64
			",\"advice\":\"resync: pktt ct list\"}\n",
			lost);
	else
		fprintf(stderr, "pktt %s: %" PRIu64 " events were lost; what is: pktt ct list\n",
			req->live.command, lost);
}

int ct_run_watch(struct ct_request *req)
{
	struct ctnl_handler handler = { .ctx = req, .gap = on_gap };
	unsigned int events = req->events & CTNL_EVENT_CONNS;
	struct ctnl_error err = { 0 };
	int r;

	handler.conn = req->is_expect ? NULL : on_conn;
	handler.expect = req->is_expect ? on_expect : NULL;
	if (req->is_expect)
		events = req->events & ~(unsigned int)CTNL_EVENT_CONNS;
	r = ctnl_listen(req->nl, events, &handler, &err);
	if (req->form == CTNL_FORM_XML)
		fprintf(req->to, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<%s>\n",
			req->is_expect ? "expect" : "conntrack");
	/* Until the reader of our output goes, or somebody ends us. */
	while (r >= 0 && fflush(req->to) == 0)
		r = ctnl_receive(req->nl, -1, &err);
	return r < 0 ? ct_failed(req, r, &err) : TOOL_OK;
}
