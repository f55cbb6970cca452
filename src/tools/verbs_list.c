/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -L and -S, of a daemon's rules or of files'. */
#include "tools/verbs.h"

#include "base/own.h"
#include "base/str.h"
#include "tools/book_save.h"
#include "tools/list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int note(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct verbs *v = ctx;

	(void)err;
	v->seen = *cmd;
	v->seen.rule = NULL;
	v->nseen++;
	return 0;
}

/* Columns are made from descriptions, -S with counters too. */
static enum book_form form_of(const struct verbs *v)
{
	if (v->live.json)
		return BOOK_JSON;
	if (v->seen.verb == PKTT_LIST_RULES && !(v->seen.list_flags & PKTT_LIST_VERBOSE))
		return BOOK_TEXT;
	return BOOK_SPEC;
}

static int fetch(struct verbs *v, struct book *ret, struct pktt_error *err)
{
	struct session_want want = { .family = (int)v->seen.family,
				     .table = v->seen.table,
				     .chain = v->seen.chain[0] ? v->seen.chain : NULL,
				     .form = form_of(v) };
	int r;

	if (v->is_offline) {
		r = book_of_engine(ret, v->files.engine);
		if (r)
			return pktt_fail(err, r, "no memory");
		book_sort(ret);
		return 0;
	}
	r = session_book(&v->session, &want, ret);
	return r ? pktt_fail(err, r, "%s", v->session.err.text) : 0;
}

static void put(const struct verbs *v, const struct book_table *table, struct str *out)
{
	struct list_style style = {
		.numeric = v->seen.list_flags & PKTT_LIST_NUMERIC,
		.verbose = v->seen.list_flags & PKTT_LIST_VERBOSE,
		.exact = v->seen.list_flags & PKTT_LIST_EXACT,
		.numbers = v->seen.list_flags & PKTT_LIST_NUMBERS,
		.asks_names = v->alias != NULL,
		.has_extra = v->alias == NULL,
		.now_ns = live_now_ns(),
		.only = v->seen.chain[0] ? v->seen.chain : NULL,
		.number = v->seen.number,
	};

	if (v->seen.verb == PKTT_LIST)
		list_table(table, &style, out);
	else
		list_rules(table, &style, out);
}

/* One table and, if it was named, one chain: what JSON shows is what the columns show. */
static int put_json(const struct verbs *v, struct book *book, const struct book_table *table)
{
	struct book_table one = *table;
	struct book shown = { .table = &one, .ntables = 1, .generation = book->generation };
	struct book_chain *chain = v->seen.chain[0] ? book_chain(table, v->seen.chain) : NULL;
	struct book_chain some;

	if (chain) {
		some = *chain;
		one.chain = &some;
		one.nchains = 1;
		if (v->seen.number) {
			some.rule += v->seen.number <= some.nrules ? v->seen.number - 1 : 0;
			some.nrules = v->seen.number <= some.nrules;
		}
	}
	return book_json(&shown, PKTT_VERSION, stdout);
}

static int show(struct verbs *v, struct book *book, struct pktt_error *err)
{
	const struct book_table *table = book_table(book, v->seen.family, v->seen.table);
	struct str out = STR_INIT;

	if (!table)
		return pktt_fail(err, -ENOENT, "there is no table %s here", v->seen.table);
	if (v->seen.chain[0] && !book_chain(table, v->seen.chain))
		return pktt_fail(err, -ENOENT, "there is no chain %s in table %s", v->seen.chain,
				 v->seen.table);
	if (v->live.json)
		return put_json(v, book, table) ? pktt_fail(err, -ENOMEM, "no memory") : 0;
	put(v, table, &out);
	fwrite(str_text(&out), 1, out.len, stdout);
	str_fini(&out);
	return 0;
}

static int zero(struct verbs *v)
{
	struct pktt_command cmd = v->seen;
	struct pktt_error err = { 0 };
	int r;

	v->session.err = (struct pkttnl_error){ 0 };
	r = pkttnl_txn_new(&v->txn, v->session.nl, 0, 0, &v->session.err);
	cmd.verb = PKTT_CHAIN_ZERO;
	if (r == 0)
		r = pkttnl_txn_zero(v->txn, (enum pkttnl_family)cmd.family, cmd.table,
				    cmd.chain[0] ? cmd.chain : NULL, &v->session.err);
	if (r == 0)
		r = pkttnl_txn_commit(v->txn, NULL, &v->session.err);
	pkttnl_txn_free(&v->txn);
	if (r == 0)
		return TOOL_OK;
	pktt_fail(&err, r, "%s", v->session.err.text);
	return verbs_fail(v, &err);
}

int verbs_list(struct verbs *v)
{
	struct pktt_receiver to = { note, v };
	struct pktt_error err = { 0 };
	struct book book = { 0 };
	const struct pktt_catalog *catalog = NULL;
	int r = v->is_offline ? 0 : session_catalog(&v->session);

	if (r)
		return session_refused(&v->session);
	catalog = v->is_offline ? pktt_engine_catalog(v->files.engine) : v->session.catalog;
	v->stage = VERBS_PARSE;
	r = verbs_read(v, catalog, &to, &err);
	if (r == 0 && v->seen.verb != PKTT_LIST && v->seen.verb != PKTT_LIST_RULES)
		r = pktt_fail(&err, -EINVAL, "one command at a time");
	if (r == 0)
		v->stage = VERBS_SEND;
	r = r ? r : fetch(v, &book, &err);
	r = r ? r : show(v, &book, &err);
	book_fini(&book);
	if (r)
		return verbs_fail(v, &err);
	return v->wants_zero && !v->is_offline ? zero(v) : TOOL_OK;
}
