/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many connections the rules would refuse, and their end. */
#include "tools/refused.h"

#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Of connections that are looked at by the way. */
enum { BY_THE_WAY_MAX = 20000 };

struct tallying {
	struct refused *refused;
	struct refused_tally *tally;
	struct ctnl_conn **conn; /* those refused */
	size_t room;
};

static int look(void *ctx, const struct ctnl_conn *conn)
{
	struct tallying *t = ctx;
	struct refused_tally *tally = t->tally;

	if (!refused_is(t->refused, conn)) {
		tally->kept++;
		return 0;
	}
	if (tally->refused == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		void *more = realloc(t->conn, room * sizeof(struct ctnl_conn *));

		if (!more)
			return -ENOMEM;
		t->conn = more;
		t->room = room;
	}
	t->conn[tally->refused] = ctnl_conn_copy(conn);
	return t->conn[tally->refused] ? (int)(tally->refused++, 0) : -ENOMEM;
}

static void show(const struct ctnl_conn *conn)
{
	char line[4096];

	ctnl_conn_print(conn, CTNL_FORM_LINE, CTNL_LISTED, 0, line, sizeof(line));
	printf("ended: %s\n", line);
}

static int end_one(struct ctnl *nl, struct ctnl_conn *conn, enum refused_how how,
		   struct ctnl_error *err)
{
	int r = ctnl_conn_delete(nl, conn, err);

	if (r == 0 && how == REFUSED_CUT)
		show(conn);
	/* It has ended by itself. */
	return r == -ENOENT ? 0 : r;
}

static int failed(struct session *session, int r, const struct ctnl_error *err)
{
	session->err = (struct pkttnl_error){ .code = r };
	snprintf(session->err.text, sizeof(session->err.text), "%s", err->text);
	return r;
}

static int tally_all(struct session *session, struct ctnl *nl, enum refused_how how,
		     struct refused_tally *ret)
{
	struct ctnl_error err = { 0 };
	struct tallying t = { .refused = refused_new(session), .tally = ret };
	int r = 0;

	if (!t.refused)
		return session->err.code ? session->err.code : -ENOMEM;
	r = ctnl_conn_dump(nl, NULL, 0, look, &t, &err);
	for (uint32_t i = 0; i < ret->refused; i++) {
		if (r == 0 && how != REFUSED_COUNT)
			r = end_one(nl, t.conn[i], how, &err);
		ctnl_conn_free(&t.conn[i]);
	}
	free(t.conn);
	refused_free(&t.refused);
	ret->is_known = r == 0;
	ret->is_cut = how != REFUSED_COUNT;
	return r ? failed(session, r, &err) : 0;
}

int refused_tally(struct session *session, enum refused_how how, struct refused_tally *ret)
{
	struct ctnl_options to = { .path = session->live->socket };
	struct ctnl_error err = { 0 };
	uint32_t count = 0, max = 0;
	struct ctnl *nl = NULL;
	int r = ctnl_open(&nl, &to, &err);

	*ret = (struct refused_tally){ 0 };
	r = r ? r : ctnl_conn_count(nl, &count, &max, &err);
	if (r)
		(void)failed(session, r, &err);
	else if (count == 0)
		ret->is_known = true;
	else if (how != REFUSED_COUNT || count <= BY_THE_WAY_MAX)
		r = tally_all(session, nl, how, ret);
	ctnl_close(&nl);
	return r;
}

void refused_words(const struct refused_tally *tally, struct str *out)
{
	str_putf(out, "%u connection%s kept", tally->kept, tally->kept == 1 ? "" : "s");
	if (tally->is_cut)
		str_putf(out, ", %u ended", tally->refused);
	else if (tally->refused)
		str_putf(out, ", %u no longer allowed (pktt ct list --refused)", tally->refused);
}

void refused_json(const struct refused_tally *tally, struct json *out)
{
	json_put_uint(out, "connections_kept", tally->kept);
	json_put_uint(out, tally->is_cut ? "connections_ended" : "connections_refused",
		      tally->refused);
}
