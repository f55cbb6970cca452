/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/live_rules.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "core/l3.h"

#include "libpkttnetlink/own.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* How often a picture is begun anew because rules changed while it was taken. */
enum { TRIES = 10 };

int session_open(struct session *s, struct live *live)
{
	int r;

	*s = (struct session){ .live = live };
	r = pkttnl_open(&s->nl, NULL, "pktt", 0, &s->err);
	return r ? live_no_daemon(live, r) : TOOL_OK;
}

void session_close(struct session *s)
{
	pkttnl_catalog_put(&s->cat);
	pkttnl_close(&s->nl);
	s->catalog = NULL;
}

int session_catalog(struct session *s)
{
	int r = s->cat ? 0 : pkttnl_catalog_get(&s->cat, s->nl, &s->err);

	if (r == 0)
		s->catalog = pkttnl_catalog_desc(s->cat);
	return r;
}

static void put_json_error(const struct session *s)
{
	struct str out = STR_INIT;
	struct json j = json_to(&out);

	json_begin_object(&j);
	json_put_bool(&j, "ok", false);
	json_put_text(&j, "error", s->err.text);
	json_put_uint(&j, "code", (uint64_t)-s->err.code);
	json_end_object(&j);
	puts(str_text(&out));
	str_fini(&out);
}

int session_refused(struct session *s)
{
	if (s->live->json)
		put_json_error(s);
	if (s->err.code == -ENOTCONN || s->err.code == -ETIMEDOUT || s->err.code == -ECONNRESET ||
	    s->err.code == -EPIPE)
		return live_no_daemon(s->live, s->err.code);
	return live_refused(s->live, s->err.code,
			    s->err.text[0] ? s->err.text : strerror(-s->err.code));
}

/* --- A picture ------------------------------------------------------------------------------------ */

struct fill {
	struct book book;
	const struct session_want *want;
	bool failed;
};

static int take_table(void *ctx, const struct pkttnl_object *obj)
{
	struct fill *f = ctx;
	const char *name = pkttnl_object_text(obj, PKTTA_TABLE);
	enum pktt_family family = (enum pktt_family)pkttnl_object_family(obj);

	if (!name || (f->want->table && strcmp(f->want->table, name) != 0))
		return 0;
	f->failed |= !book_table(&f->book, family, name) && !book_add_table(&f->book, family, name);
	return 0;
}

static struct book_table *table_of(struct fill *f, const struct pkttnl_object *obj)
{
	const char *name = pkttnl_object_text(obj, PKTTA_TABLE);
	enum pktt_family family = (enum pktt_family)pkttnl_object_family(obj);
	struct book_table *last = f->book.ntables ? &f->book.table[f->book.ntables - 1] : NULL;

	if (!name)
		return NULL;
	if (last && last->family == family && strcmp(last->name, name) == 0)
		return last;
	last = book_table(&f->book, family, name);
	return last ? last : book_add_table(&f->book, family, name);
}

static int take_chain(void *ctx, const struct pkttnl_object *obj)
{
	struct fill *f = ctx;
	struct book_table *table = table_of(f, obj);
	const char *name = pkttnl_object_text(obj, PKTTA_CHAIN);
	struct book_chain *chain = table && name ? book_add_chain(table, name) : NULL;

	if (!chain) {
		f->failed = true;
		return 0;
	}
	chain->is_base = pkttnl_object_has(obj, PKTTA_HOOK);
	if (pkttnl_object_has(obj, PKTTA_POLICY))
		chain->policy = (enum pktt_verdict)pkttnl_object_u64(obj, PKTTA_POLICY);
	chain->counters.packets = pkttnl_object_u64(obj, PKTTA_PACKETS);
	chain->counters.bytes = pkttnl_object_u64(obj, PKTTA_BYTES);
	chain->references = (unsigned int)pkttnl_object_u64(obj, PKTTA_REFERENCES);
	return 0;
}

/* Rules come chain by chain: the one that was used last is looked at first. */
static struct book_chain *chain_of(struct fill *f, const struct pkttnl_object *obj)
{
	struct book_table *table = table_of(f, obj);
	const char *name = pkttnl_object_text(obj, PKTTA_CHAIN);
	struct book_chain *chain = table && name ? book_chain(table, name) : NULL;

	return chain || !table || !name ? chain : book_add_chain(table, name);
}

static int take_rule(void *ctx, const struct pkttnl_object *obj)
{
	PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *spec = NULL;
	struct fill *f = ctx;
	struct book_chain *chain = chain_of(f, obj);
	struct pkttnl_rule *rule = pkttnl_object_rule(obj);
	struct book_rule *mine;

	spec = rule ? pkttnl_rule_take_spec(rule) : NULL;
	if (!chain || !spec || book_add_rule(chain, &spec, pkttnl_object_u64(obj, PKTTA_HANDLE))) {
		f->failed = true;
		return 0;
	}
	mine = &chain->rule[chain->nrules - 1];
	if (pkttnl_object_has(obj, PKTTA_PACKETS)) {
		mine->counters.packets = pkttnl_object_u64(obj, PKTTA_PACKETS);
		mine->counters.bytes = pkttnl_object_u64(obj, PKTTA_BYTES);
	}
	mine->last_hit_ns = pkttnl_object_u64(obj, PKTTA_LAST_HIT);
	f->failed |= book_print_last(chain, f->want->form) != 0;
	return 0;
}

/* "create NAME TYPE OPTIONS", "add NAME ELEMENT": as the object prints. */
static int take_set(void *ctx, const struct pkttnl_object *obj)
{
	struct fill *f = ctx;
	char small[512], *text = small;
	int len = pkttnl_object_print(obj, small, sizeof(small));

	if (len >= (int)sizeof(small)) {
		text = malloc((size_t)len + 1);
		if (text)
			(void)!pkttnl_object_print(obj, text, (size_t)len + 1);
	}
	if (len < 0 || !text) {
		f->failed = true;
		return 0;
	}
	str_puts(f->book.sets, text);
	if (len > 0 && text[len - 1] != '\n')
		str_putc(f->book.sets, '\n');
	if (text != small)
		free(text);
	return 0;
}

/* --- Sets: all of them first, then the elements of each, since a list names others ---------------- */

struct set_names {
	struct fill *fill;
	char (*name)[PKTT_NAME_MAX];
	size_t n, room;
};

static int note_set(void *ctx, const struct pkttnl_object *obj)
{
	struct set_names *names = ctx;
	const char *name = pkttnl_object_text(obj, PKTTA_SET);

	if (names->n == names->room) {
		size_t want = names->room ? names->room * 2 : 16;
		void *more = reallocarray(names->name, want, sizeof(*names->name));

		if (!more)
			names->fill->failed = true;
		if (!more)
			return 0;
		names->name = more;
		names->room = want;
	}
	if (name)
		snprintf(names->name[names->n++], PKTT_NAME_MAX, "%s", name);
	return take_set(names->fill, obj);
}

static int take_sets(struct session *s, struct fill *f)
{
	struct set_names names = { .fill = f };
	int r;

	f->book.sets = calloc(1, sizeof(*f->book.sets));
	if (!f->book.sets)
		return -ENOMEM;
	r = pkttnl_list_sets(s->nl, note_set, &names, &s->err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = pkttnl_list_elements(s->nl, names.name[i], take_set, f, &s->err);
	free(names.name);
	return r;
}

static int take_all(struct session *s, struct fill *f)
{
	struct pkttnl_object *request = NULL;
	const struct session_want *want = f->want;
	uint64_t after = 0;
	int family = want->family;
	int r = pkttnl_generation(s->nl, &f->book.generation, &s->err);

	if (r == 0)
		r = pkttnl_list_tables(s->nl, (enum pkttnl_family)family, take_table, f, &s->err);
	if (r == 0)
		r = pkttnl_list_chains(s->nl, (enum pkttnl_family)family, want->table, take_chain,
				       f, &s->err);
	if (r == 0)
		r = pkttnl_object_new(&request, PKTT_MSG_GETRULE, (enum pkttnl_family)family);
	if (r == 0 && want->table)
		r = pkttnl_object_set_text(request, PKTTA_TABLE, want->table);
	if (r == 0 && want->chain)
		r = pkttnl_object_set_text(request, PKTTA_CHAIN, want->chain);
	if (r == 0)
		r = pkttnl_dump(s->nl, request, take_rule, f, &s->err);
	pkttnl_object_free(&request);
	if (r == 0 && want->has_sets)
		r = take_sets(s, f);
	if (r == 0)
		r = pkttnl_generation(s->nl, &after, &s->err);
	if (r == 0 && after != f->book.generation)
		r = -EINTR;
	return r;
}

/* --- Tables that nobody has used yet --------------------------------------------------------------- */

/* As our own engine makes it. */
static int add_fresh(struct session *s, struct book *book, const struct session_want *want)
{
	struct pktt_engine_config config = { .workers = 1 };
	struct pktt_command cmd = { .verb = PKTT_TABLE_BEGIN,
				    .family = (enum pktt_family)want->family };
	struct pktt_engine *engine = NULL;
	struct pktt_txn *txn = NULL;
	struct pktt_errors errs = { 0 };
	struct pktt_error err = { 0 };
	uint64_t generation = book->generation;
	int r = pktt_engine_new(&engine, &config, &err);

	snprintf(cmd.table, sizeof(cmd.table), "%s", want->table);
	r = r ? r : pktt_txn_begin(&txn, engine, &err);
	r = r ? r : pktt_txn_apply(txn, &cmd, 0, &err);
	if (r == 0)
		r = pktt_txn_commit(&txn, &errs);
	if (r == 0) {
		book_fini(book);
		r = book_of_engine(book, engine);
		book->generation = generation;
	}
	pktt_txn_abort(&txn);
	pktt_engine_free(&engine);
	if (r) {
		s->err = (struct pkttnl_error){ .code = r };
		snprintf(s->err.text, sizeof(s->err.text), "%s", err.text);
	}
	return r;
}

int session_book(struct session *s, const struct session_want *want, struct book *ret)
{
	struct fill f = { .want = want };
	int r = session_catalog(s);

	for (int try = 0; r == 0 && try < TRIES; try++) {
		r = take_all(s, &f);
		if (r == 0 && f.failed)
			r = -ENOMEM;
		if (r != -EINTR)
			break;
		book_fini(&f.book);
		f.failed = false;
		if (try + 1 < TRIES)
			r = 0;
	}
	if (r == 0 && want->table && f.book.ntables == 0)
		r = add_fresh(s, &f.book, want);
	if (r == 0) {
		book_sort(&f.book);
		*ret = f.book;
		return 0;
	}
	book_fini(&f.book);
	if (!s->err.text[0] || s->err.code != r) {
		s->err.code = r;
		snprintf(s->err.text, sizeof(s->err.text), "%s",
			 r == -EINTR ? "rules change faster than they can be listed"
				     : strerror(-r));
	}
	return r;
}
