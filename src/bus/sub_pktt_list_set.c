/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions for sets, elements and extensions. Elements are listed beside the changes that
 * programs and packets make; where there were some, the listing says that it was interrupted. Sets and
 * extensions are few.
 */
#include "bus/sub_pktt_own.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/catalog.h"
#include "wire/ext.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 512, PIECE = 8 * 1024 }; /* messages of a turn; bytes of elements in one */

static bool is_dump(const struct nfnl_request *req)
{
	return (req->nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

static int answer(struct sub_pktt *sub, struct nfnl_request *req, const struct wire_object *obj)
{
	struct nlmsghdr *nlh = sub_message(sub->bus, obj);

	if (!nlh)
		return -EMSGSIZE;
	nfnl_send(req->peer, nlh, req->nlh->nlmsg_seq);
	return 0;
}

static struct pktt_set *find_set(struct sub_pktt *sub, const struct wire_object *obj,
				 struct pktt_error *err)
{
	const char *name = wire_text(obj, PKTTA_SET);
	struct pktt_set *set = name ? pktt_set_lookup(sub->engine, name) : NULL;

	if (!set)
		pktt_fail(err, -ENOENT, "there is no set %.60s", name ? name : "without a name");
	return set;
}

/* --- Lists of objects that are written when they are asked for ---------------------------------------- */

/* Names of sets with their NUL, one behind the other; or where in the extensions it is. */
struct pieces {
	struct sub_pktt *sub;
	struct str text;
	size_t at;
	size_t index; /* of extensions */
};

static void pieces_free(void *state)
{
	struct pieces *p = state;

	str_fini(&p->text);
	free(p);
}

static int dump_pieces(struct nfnl_request *req, struct pieces *p,
		       int (*fill)(struct nfnl_dump *dump, void *state), struct pktt_error *err)
{
	struct nfnl_dump dump = { .fill = fill, .free = pieces_free, .state = p };

	if (p->text.failed) {
		pieces_free(p);
		return pktt_fail(err, -ENOMEM, "no memory for a listing");
	}
	return nfnl_dump_start(req, &dump);
}

static struct pieces *pieces_new(struct sub_pktt *sub)
{
	struct pieces *p = calloc(1, sizeof(*p));

	if (p)
		p->sub = sub;
	return p;
}

static const char *next_piece(struct pieces *p)
{
	const char *piece = p->text.data + p->at;

	if (p->at >= p->text.len)
		return NULL;
	p->at += strlen(piece) + 1;
	return piece;
}

static void add_piece(struct pieces *p, const char *text)
{
	str_putn(&p->text, text, strlen(text) + 1);
}

/* --- Sets ---------------------------------------- */

/* A set that has gone meanwhile is left out. */
static int fill_sets(struct nfnl_dump *dump, void *state)
{
	struct pieces *p = state;
	struct str options = STR_INIT;
	struct wire_object obj;
	const char *name;
	int r = 1;

	for (unsigned int n = 0; r == 1 && n < SLICE; n++) {
		struct pktt_set *set;
		struct nlmsghdr *nlh;

		name = next_piece(p);
		set = name ? pktt_set_lookup(p->sub->engine, name) : NULL;
		if (!name)
			r = 0;
		if (!set)
			continue;
		sub_object_set(&obj, PKTT_MSG_NEWSET, set, &options);
		nlh = sub_message(dump->bus, &obj);
		if (nlh && !nfnl_dump_send(dump, nlh))
			break;
	}
	str_fini(&options);
	return r;
}

static int dump_sets(struct sub_pktt *sub, struct nfnl_request *req, struct pktt_error *err)
{
	struct pieces *p = pieces_new(sub);

	if (!p)
		return pktt_fail(err, -ENOMEM, "no memory for a listing");
	/* Lists name other sets, so they come after them. */
	for (int lists = 0; lists < 2; lists++)
		for (struct pktt_set *s = NULL; (s = pktt_set_next(sub->engine, s));)
			if (pktt_set_is_list(s) == lists)
				add_piece(p, pktt_set_name(s));
	return dump_pieces(req, p, fill_sets, err);
}

int sub_get_set(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	struct str options = STR_INIT;
	struct wire_object obj, found;
	struct pktt_set *set;
	int r = wire_object_decode(&obj, req->nlh, NULL, err);

	if (r)
		return r;
	if (is_dump(req) && !wire_has(&obj, PKTTA_SET))
		return dump_sets(sub, req, err);
	set = find_set(sub, &obj, err);
	if (!set)
		return -ENOENT;
	if (is_dump(req)) {
		struct pieces *p = pieces_new(sub);

		if (!p)
			return pktt_fail(err, -ENOMEM, "no memory for a listing");
		add_piece(p, pktt_set_name(set));
		return dump_pieces(req, p, fill_sets, err);
	}
	sub_object_set(&found, PKTT_MSG_NEWSET, set, &options);
	r = answer(sub, req, &found);
	str_fini(&options);
	return r;
}

/* --- Elements ---------------------------------------- */

struct elements {
	struct sub_pktt *sub;
	struct pktt_set *set; /* held */
	struct pktt_set_cursor *cursor;
	struct str text;
};

static void elements_free(void *state)
{
	struct elements *e = state;

	pktt_set_cursor_free(&e->cursor);
	pktt_set_put(e->set);
	str_fini(&e->text);
	free(e);
}

static uint64_t elements_version(void *state)
{
	const struct elements *e = state;

	return pktt_set_version(e->set);
}

/* The next one, in e->text. */
static int next_element(struct elements *e)
{
	str_clear(&e->text);
	return pktt_set_cursor_next(e->cursor, pktt_engine_time(e->sub->engine), &e->text);
}

/* As many elements as a message of a handy size holds. */
static int fill_elements(struct nfnl_dump *dump, void *state)
{
	struct elements *e = state;
	int r = next_element(e);
	struct wire_object obj;
	struct nlmsghdr *nlh;

	if (r <= 0)
		return r;
	wire_object_init(&obj, PKTT_MSG_NEWELEM, WIRE_ANY_FAMILY);
	wire_set_text(&obj, PKTTA_SET, pktt_set_name(e->set));
	wire_set_text(&obj, PKTTA_ELEMENT, str_text(&e->text));
	nlh = sub_message(dump->bus, &obj);
	if (!nlh)
		return -EMSGSIZE;
	while (nlh->nlmsg_len < PIECE && (r = next_element(e)) > 0)
		if (wire_put_element(nlh, nfnl_room(dump->bus), str_text(&e->text)))
			return -EMSGSIZE;
	if (r < 0)
		return r;
	nfnl_dump_send(dump, nlh);
	return r;
}

static int dump_elements(struct sub_pktt *sub, struct nfnl_request *req, struct pktt_set *set,
			 struct pktt_error *err)
{
	struct elements *e = calloc(1, sizeof(*e));
	struct nfnl_dump dump = { .fill = fill_elements,
				  .version = elements_version,
				  .free = elements_free,
				  .state = e };

	if (!e || pktt_set_cursor_new(&e->cursor, set)) {
		free(e);
		return pktt_fail(err, -ENOMEM, "no memory for a listing");
	}
	e->sub = sub;
	e->set = set;
	pktt_set_get(set);
	return nfnl_dump_start(req, &dump);
}

/* The element that is there, or what else has it: an address in a prefix. */
static int get_element(struct sub_pktt *sub, struct pktt_set *set, const char *element,
		       struct str *text, struct pktt_error *err)
{
	uint64_t now = pktt_engine_time(sub->engine);
	int r = pktt_set_element_get(set, element, now, text, NULL);

	if (r > 0)
		return 0;
	r = pktt_set_test(set, element, now, err);
	if (r > 0) {
		str_clear(text);
		str_puts(text, element);
		return 0;
	}
	return r < 0 ? r
		     : pktt_fail(err, -ENOENT, "%.100s is not in set %s", element,
				 pktt_set_name(set));
}

int sub_get_element(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	struct wire_object obj, found;
	struct str text = STR_INIT;
	struct pktt_set *set;
	const char *element;
	int r = wire_object_decode(&obj, req->nlh, NULL, err);

	if (r)
		return r;
	set = find_set(sub, &obj, err);
	if (!set)
		return -ENOENT;
	if (is_dump(req))
		return dump_elements(sub, req, set, err);
	element = wire_text(&obj, PKTTA_ELEMENT);
	if (!element)
		return pktt_fail(err, -EINVAL, "the message needs ELEMENT");
	r = get_element(sub, set, element, &text, err);
	if (r == 0) {
		wire_object_init(&found, PKTT_MSG_NEWELEM, WIRE_ANY_FAMILY);
		wire_set_text(&found, PKTTA_SET, pktt_set_name(set));
		wire_set_text(&found, PKTTA_ELEMENT, str_text(&text));
		r = answer(sub, req, &found);
	}
	str_fini(&text);
	return r;
}

/* --- Extensions ---------------------------------------- */

static struct nlmsghdr *ext_message(struct sub_pktt *sub, const struct pktt_ext *ext)
{
	PKTT_AUTO_FREE void *description = malloc(UINT16_MAX);
	long len = description ? wire_ext_encode(ext, description, UINT16_MAX) : -ENOMEM;
	struct wire_object obj;

	if (len < 0)
		return NULL;
	wire_object_init(&obj, PKTT_MSG_NEWEXT, WIRE_ANY_FAMILY);
	wire_set_u64(&obj, PKTTA_KIND, ext->kind);
	wire_set_text(&obj, PKTTA_NAME, ext->name);
	wire_set_data(&obj, PKTTA_EXT, description, (size_t)len);
	return sub_message(sub->bus, &obj);
}

static int fill_exts(struct nfnl_dump *dump, void *state)
{
	struct pieces *p = state;
	const struct pktt_ext *ext =
		pktt_catalog_at(pktt_engine_catalog(p->sub->engine), p->index++);
	struct nlmsghdr *nlh;

	if (!ext)
		return 0;
	nlh = ext_message(p->sub, ext);
	if (!nlh)
		return -EMSGSIZE;
	nfnl_dump_send(dump, nlh);
	return 1;
}

int sub_get_ext(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	const struct pktt_catalog *cat = pktt_engine_catalog(sub->engine);
	const struct pktt_ext *ext;
	struct wire_object obj;
	const char *name;
	int r = wire_object_decode(&obj, req->nlh, NULL, err);

	if (r)
		return r;
	if (is_dump(req)) {
		struct pieces *p = pieces_new(sub);

		return p ? dump_pieces(req, p, fill_exts, err)
			 : pktt_fail(err, -ENOMEM, "no memory for a listing");
	}
	name = wire_text(&obj, PKTTA_NAME);
	for (size_t i = 0; name && (ext = pktt_catalog_at(cat, i)); i++) {
		struct nlmsghdr *nlh;

		if (strcmp(ext->name, name) != 0 ||
		    (wire_has(&obj, PKTTA_KIND) && wire_u64(&obj, PKTTA_KIND) != ext->kind))
			continue;
		nlh = ext_message(sub, ext);
		if (nlh)
			nfnl_send(req->peer, nlh, req->nlh->nlmsg_seq);
		return nlh ? 0 : -EMSGSIZE;
	}
	return pktt_fail(err, -ENOENT, "there is no extension %.60s",
			 name ? name : "without a name");
}
