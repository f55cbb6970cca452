/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt ct: what is listed, counted, changed and ended. */
#include "tools/ct_request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ct_failed(const struct ct_request *req, int code, const struct ctnl_error *err)
{
	if (code == -ENOTCONN)
		return live_no_daemon(&req->live, code);
	return live_refused(&req->live, code, err->text);
}

void ct_show(struct ct_request *req, const struct ctnl_conn *conn, enum ctnl_kind kind)
{
	unsigned int flags = req->flags;
	char line[4096];
	size_t len;

	len = ctnl_conn_print(conn, req->form, kind, flags, line, sizeof(line) - 1);
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len] = '\n';
	fwrite(line, 1, len + 1, req->to);
}

void ct_show_expect(struct ct_request *req, const struct ctnl_expect *expect, enum ctnl_kind kind)
{
	char line[4096];

	ctnl_expect_print(expect, req->form, kind, req->flags, line, sizeof(line));
	fprintf(req->to, "%s\n", line);
}

/* What stands around a listing: XML's document, or JSON's array. */
static void open_list(struct ct_request *req)
{
	if (req->form == CTNL_FORM_XML)
		fprintf(req->to, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<%s>\n",
			req->is_expect ? "expect" : "conntrack");
	else if (req->form == CTNL_FORM_JSON)
		fputs("{\"pkttables\":[{\"metainfo\":{\"json_schema_version\":1}}", req->to);
}

static void close_list(struct ct_request *req)
{
	if (req->form == CTNL_FORM_XML)
		fprintf(req->to, "</%s>\n", req->is_expect ? "expect" : "conntrack");
	else if (req->form == CTNL_FORM_JSON)
		fputs("]}\n", req->to);
}

static void show_item(struct ct_request *req, const struct ctnl_conn *conn)
{
	char text[4096];

	req->shown++;
	if (req->form == CTNL_FORM_SAVE)
		fputs("-A ", req->to);
	if (req->form != CTNL_FORM_JSON) {
		ct_show(req, conn, CTNL_LISTED);
		return;
	}
	ctnl_conn_print(conn, CTNL_FORM_JSON, CTNL_LISTED, 0, text, sizeof(text));
	fprintf(req->to, ",\n{\"connection\":%s}", text);
}

static int on_listed(void *ctx, const struct ctnl_conn *conn)
{
	struct ct_request *req = ctx;

	if (ct_request_fits(req, conn))
		show_item(req, conn);
	return ferror(req->to) ? -EIO : 0;
}

static int on_expect(void *ctx, const struct ctnl_expect *expect)
{
	struct ct_request *req = ctx;

	req->shown++;
	if (req->form == CTNL_FORM_JSON)
		fputs(",\n", req->to);
	ct_show_expect(req, expect, CTNL_LISTED);
	return ferror(req->to) ? -EIO : 0;
}

/* As conntrack(8) says it, on standard error. */
static void tell_shown(const struct ct_request *req, const char *what)
{
	fflush(stdout);
	if (!req->live.quiet && !req->live.json)
		fprintf(stderr, "pktt %s: %u %s have been %s.\n", req->live.command, req->shown,
			req->is_expect ? "expectations" : "flow entries", what);
}

int ct_run_list(struct ct_request *req)
{
	struct ctnl_error err = { 0 };
	int r;

	open_list(req);
	if (req->is_expect)
		r = ctnl_expect_dump(req->nl, NULL, on_expect, req, &err);
	else
		r = ctnl_conn_dump(req->nl, req->filter, req->zero ? CTNL_ZERO : 0, on_listed, req,
				   &err);
	close_list(req);
	if (r)
		return ct_failed(req, r, &err);
	tell_shown(req, "shown");
	return TOOL_OK;
}

int ct_run_get(struct ct_request *req)
{
	struct ctnl_error err = { 0 };
	int r;

	open_list(req);
	r = ctnl_conn_find(req->nl, req->conn, on_listed, req, &err);
	close_list(req);
	if (r)
		return ct_failed(req, r, &err);
	tell_shown(req, "shown");
	return TOOL_OK;
}

/* --- Those that fit, kept for what is to be done to each -------------------------------------- */

struct kept {
	struct ct_request *req;
	struct ctnl_conn **conn;
	size_t count, room;
};

static int keep(void *ctx, const struct ctnl_conn *conn)
{
	struct kept *kept = ctx;

	if (!ct_request_fits(kept->req, conn))
		return 0;
	if (kept->count == kept->room) {
		size_t room = kept->room ? 2 * kept->room : 64;
		void *more = realloc(kept->conn, room * sizeof(struct ctnl_conn *));

		if (!more)
			return -ENOMEM;
		kept->conn = more;
		kept->room = room;
	}
	kept->conn[kept->count] = ctnl_conn_copy(conn);
	return kept->conn[kept->count] ? (int)(kept->count++, 0) : -ENOMEM;
}

/* do_one() of each; what has gone meanwhile is no fault. */
static int for_kept(struct ct_request *req, const struct ctnl_conn *filter,
		    int (*do_one)(struct ct_request *req, struct ctnl_conn *conn,
				  struct ctnl_error *err),
		    const char *done)
{
	struct kept kept = { .req = req };
	struct ctnl_error err = { 0 };
	int r = ctnl_conn_dump(req->nl, filter, 0, keep, &kept, &err), first = r;

	open_list(req);
	for (size_t i = 0; i < kept.count; i++) {
		r = first ? first : do_one(req, kept.conn[i], &err);
		if (r == 0)
			show_item(req, kept.conn[i]);
		else if (r != -ENOENT && !first)
			first = r;
		ctnl_conn_free(&kept.conn[i]);
	}
	close_list(req);
	free(kept.conn);
	if (first)
		return ct_failed(req, first, &err);
	tell_shown(req, done);
	return req->shown ? TOOL_OK : TOOL_REFUSED;
}

static int delete_one(struct ct_request *req, struct ctnl_conn *conn, struct ctnl_error *err)
{
	return ctnl_conn_delete(req->nl, conn, err);
}

int ct_run_delete(struct ct_request *req)
{
	bool is_any = req->snat || req->dnat || req->refused;

	for (unsigned int i = 0; i < CTNL_ATTR_COUNT; i++)
		is_any |= ctnl_conn_has(req->filter, (enum ctnl_attr)i);
	for (unsigned int i = 0; i < CT_SIDES; i++)
		is_any |= req->side[i].addr.len != 0;
	if (!is_any)
		return live_refused(&req->live, -EINVAL,
				    "del needs to be told which; flush ends all of them");
	return for_kept(req, req->filter, delete_one, "deleted");
}

/* What update sets, of what was given; the rest says which. */
static const enum ctnl_attr settable[] = {
	CTNL_TIMEOUT,	 CTNL_MARK,	   CTNL_MARK_MASK, CTNL_STATE,
	CTNL_LABELS_LOW, CTNL_LABELS_HIGH, CTNL_STATUS,
};

static int update_one(struct ct_request *req, struct ctnl_conn *conn, struct ctnl_error *err)
{
	struct ctnl_conn *change = ctnl_conn_new();
	int r = -ENOMEM;

	if (!change)
		return r;
	for (unsigned int dir = 0; dir < 2; dir++) {
		uint8_t addr[16];
		unsigned int len =
			ctnl_conn_get_addr(conn, dir ? CTNL_ORIG_DST : CTNL_ORIG_SRC, addr);

		(void)ctnl_conn_set_addr(change, dir ? CTNL_ORIG_DST : CTNL_ORIG_SRC, addr, len);
	}
	static const enum ctnl_attr name[] = { CTNL_PROTOCOL, CTNL_ORIG_SPORT, CTNL_ORIG_DPORT,
					       CTNL_ICMP_ID,  CTNL_ICMP_TYPE,  CTNL_ICMP_CODE,
					       CTNL_ZONE,     CTNL_ORIG_ZONE };
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (ctnl_conn_has(conn, name[i]))
			(void)ctnl_conn_set(change, name[i], ctnl_conn_get(conn, name[i]));
	for (size_t i = 0; i < sizeof(settable) / sizeof(settable[0]); i++) {
		enum ctnl_attr attr = settable[i];
		uint64_t value = ctnl_conn_get(req->conn, attr);

		if (!ctnl_conn_has(req->conn, attr))
			continue;
		/* Bits of the status are added. */
		value |= attr == CTNL_STATUS ? ctnl_conn_get(conn, CTNL_STATUS) : 0;
		(void)ctnl_conn_set(change, attr, value);
		(void)ctnl_conn_set(conn, attr, value);
	}
	r = ctnl_conn_update(req->nl, change, err);
	ctnl_conn_free(&change);
	return r;
}

/* Of the options, those that are not to be set say which. */
int ct_run_update(struct ct_request *req)
{
	struct ctnl_conn *which = ctnl_conn_new();
	int status;

	if (!which)
		return live_refused(&req->live, -ENOMEM, "no memory");
	for (unsigned int i = 0; i < CTNL_ATTR_COUNT; i++) {
		enum ctnl_attr attr = (enum ctnl_attr)i;
		bool is_set = false;
		uint8_t addr[16];
		unsigned int len = ctnl_conn_get_addr(req->filter, attr, addr);

		for (size_t k = 0; k < sizeof(settable) / sizeof(settable[0]); k++)
			is_set |= settable[k] == attr || attr == CTNL_STATUS_MASK;
		if (is_set || !ctnl_conn_has(req->filter, attr))
			continue;
		if (len)
			(void)ctnl_conn_set_addr(which, attr, addr, len);
		else
			(void)ctnl_conn_set(which, attr, ctnl_conn_get(req->filter, attr));
	}
	status = for_kept(req, which, update_one, "updated");
	ctnl_conn_free(&which);
	return status;
}

/* --- One, all, how many --------------------------------------------------------------------- */

int ct_run_add(struct ct_request *req)
{
	struct ctnl_error err = { 0 };
	int r;

	if (!ctnl_conn_has(req->conn, CTNL_TIMEOUT))
		return live_refused(&req->live, -EINVAL, "add needs --timeout");
	/* What a connection has to have, as conntrack(8) sends it. */
	ctnl_conn_complete(req->conn);
	if (!ctnl_conn_has(req->conn, CTNL_STATUS))
		(void)ctnl_conn_set(req->conn, CTNL_STATUS, 8);
	r = ctnl_conn_create(req->nl, req->conn, &err);
	if (r)
		return ct_failed(req, r, &err);
	req->shown = 1;
	tell_shown(req, "created");
	return TOOL_OK;
}

int ct_run_flush(struct ct_request *req)
{
	struct ctnl_error err = { 0 };
	int r;

	if (req->refused || req->snat || req->dnat)
		return for_kept(req, req->filter, delete_one, "deleted");
	if (req->is_expect)
		r = ctnl_expect_flush(req->nl, ctnl_conn_get_text(req->conn, CTNL_HELPER), &err);
	else
		r = ctnl_conn_flush(req->nl, req->filter, &err);
	if (r == -EOPNOTSUPP && !req->is_expect)
		return for_kept(req, req->filter, delete_one, "deleted");
	if (r)
		return ct_failed(req, r, &err);
	if (!req->live.quiet && !req->live.json)
		fprintf(stderr, "pktt %s: %s table has been emptied.\n", req->live.command,
			req->is_expect ? "expectation" : "connection tracking");
	return TOOL_OK;
}

static int count_one(void *ctx, const struct ctnl_expect *expect)
{
	(void)expect;
	++*(uint32_t *)ctx;
	return 0;
}

int ct_run_count(struct ct_request *req)
{
	struct ctnl_error err = { 0 };
	uint32_t count = 0, max = 0;
	int r;

	if (req->is_expect)
		r = ctnl_expect_dump(req->nl, NULL, count_one, &count, &err);
	else
		r = ctnl_conn_count(req->nl, &count, &max, &err);
	if (r)
		return ct_failed(req, r, &err);
	if (req->live.json && !req->is_expect)
		printf("{\"connections\":%" PRIu32 ",\"max\":%" PRIu32 "}\n", count, max);
	else if (req->live.json)
		printf("{\"expectations\":%" PRIu32 "}\n", count);
	else
		printf("%" PRIu32 "\n", count);
	return TOOL_OK;
}

struct stats {
	struct ct_request *req;
	unsigned int worker;
	bool is_open;
};

/* conntrack's way: a line a processor, a blank behind each number. */
static int on_stat(void *ctx, unsigned int worker, const char *name, uint32_t value)
{
	struct stats *s = ctx;
	bool is_json = s->req->live.json;

	if (!s->is_open || worker != s->worker) {
		if (s->is_open)
			fputs(is_json ? "},\n" : "\n", stdout);
		printf(is_json ? "{\"cpu\":%u" : "cpu=%-4u\t", worker);
		s->is_open = true;
		s->worker = worker;
	}
	printf(is_json ? ",\"%s\":%" PRIu32 : "%s=%" PRIu32 " ", name, value);
	return 0;
}

int ct_run_stats(struct ct_request *req)
{
	struct stats s = { .req = req };
	struct ctnl_error err = { 0 };
	int r;

	if (req->live.json)
		putchar('[');
	if (req->is_expect)
		r = ctnl_expect_stats(req->nl, on_stat, &s, &err);
	else
		r = ctnl_conn_stats(req->nl, on_stat, &s, &err);
	if (req->live.json)
		puts(s.is_open ? "}]" : "]");
	else if (s.is_open)
		putchar('\n');
	return r ? ct_failed(req, r, &err) : TOOL_OK;
}
