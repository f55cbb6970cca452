/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets as text and JSON. Elements come in the order of their keys, members of lists in their own.
 */
#include "core/set_store.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"
#include "desc/args_value.h"

#include <stdlib.h>
#include <string.h>

/* --- The set itself -------------------------------------------------------------------------- */

/* Whether an option of create stands in its line: as options of extensions, but without dashes. */
static bool is_shown(const struct pktt_set *set, unsigned int n)
{
	const struct pktt_param *p = &set->type->ext.params[n];

	return pktt_given(&set->args, n) || p->flags & PKTT_SHOW_ALWAYS;
}

void set_options_print(const struct pktt_set *set, struct str *out)
{
	const struct pktt_ext *ext = &set->type->ext;
	const char *sep = "";

	for (unsigned int n = 0; n < ext->nparams; n++) {
		const struct pktt_param *p = &ext->params[n];
		struct pktt_context ctx = { p, ext, PKTT_INET };

		if (!is_shown(set, n))
			continue;
		str_putf(out, "%s%s", sep, p->name);
		sep = " ";
		if (!p->type->words)
			continue;
		str_putc(out, ' ');
		pktt_args_value_text(&ctx, (const char *)&set->args + p->offset, out);
	}
}

/* --- Elements in order ----------------------------------------------------------------------- */

struct row {
	uint32_t key[SET_KEY_WORDS];
	uint32_t value;
};

struct rows {
	const struct pktt_set *set;
	const struct set_body *body;
	struct row *row;
	size_t n, room;
	uint64_t now;
	bool failed;
};

static bool gather(void *ctx, const uint32_t *key, uint32_t value)
{
	struct rows *rows = ctx;
	const char *record = set_record(rows->set, rows->body, value);

	if (set_record_is_expired(rows->set, record, rows->now))
		return true;
	if (rows->n == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 64;
		struct row *more = realloc(rows->row, room * sizeof(*more));

		if (!more) {
			rows->failed = true;
			return false;
		}
		rows->row = more;
		rows->room = room;
	}
	memset(&rows->row[rows->n], 0, sizeof(rows->row[0]));
	memcpy(rows->row[rows->n].key, key, rows->set->shape.key_words * sizeof(*key));
	rows->row[rows->n++].value = value;
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	for (unsigned int i = 0; i < SET_KEY_WORDS; i++)
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	return 0;
}

/* What is done with each element's text: ELEMENT OPTIONS. */
typedef void put_fn(void *ctx, const struct pktt_set *set, const char *element);

struct walk {
	struct pktt_set *set;
	uint64_t gen, now;
	put_fn *put;
	void *ctx;
	struct str text;
};

static void walk_elements(struct walk *w, struct str *out)
{
	struct rows rows = { .set = w->set, .body = set_body_at(w->set, w->gen), .now = w->now };

	if (!rows.body)
		return;
	pthread_mutex_lock(&w->set->lock);
	set_body_each(rows.body, w->gen, gather, &rows);
	if (rows.n)
		qsort(rows.row, rows.n, sizeof(*rows.row), compare);
	for (size_t i = 0; i < rows.n; i++) {
		const char *record = set_record(w->set, rows.body, rows.row[i].value);

		str_clear(&w->text);
		set_element_print(w->set, rows.row[i].key, record, &w->text);
		set_record_print(w->set, record, rows.row[i].value & 3, w->now, &w->text);
		w->put(w->ctx, w->set, str_text(&w->text));
	}
	pthread_mutex_unlock(&w->set->lock);
	out->failed |= rows.failed || w->text.failed;
	free(rows.row);
}

static void walk_members(struct walk *w, struct str *out)
{
	struct set_member *m = NULL;

	pthread_mutex_lock(&w->set->lock);
	while ((m = set_member_next(w->set, m, w->gen))) {
		if (set_record_is_expired(w->set, m->record, w->now))
			continue;
		str_clear(&w->text);
		str_puts(&w->text, m->set->key);
		set_record_print(w->set, m->record, 0, w->now, &w->text);
		w->put(w->ctx, w->set, str_text(&w->text));
	}
	pthread_mutex_unlock(&w->set->lock);
	out->failed |= w->text.failed;
}

static void walk(struct pktt_set *set, uint64_t gen, uint64_t time_ns, put_fn *put, void *ctx,
		 struct str *out)
{
	struct walk w = {
		.set = set,
		.gen = gen,
		.now = set_clock(set->store, time_ns),
		.put = put,
		.ctx = ctx,
		.text = STR_INIT,
	};

	if (set->type->store == SET_LIST)
		walk_members(&w, out);
	else
		walk_elements(&w, out);
	str_fini(&w.text);
}

/* --- Text ------------------------------------------------------------------------------------ */

struct lines {
	const char *name;
	struct str *out;
};

static void put_line(void *ctx, const struct pktt_set *set, const char *element)
{
	const struct lines *to = ctx;

	(void)set;
	str_putf(to->out, "add %s %s\n", to->name, element);
}

static void save(struct pktt_set *set, const char *name, uint64_t gen, uint64_t time_ns,
		 struct str *out)
{
	struct lines to = { name, out };

	str_putf(out, "create %s %s ", name, set->type->ext.name);
	set_options_print(set, out);
	str_putc(out, '\n');
	walk(set, gen, time_ns, put_line, &to, out);
}

void pktt_set_save(struct pktt_set *set, uint64_t time_ns, struct str *out)
{
	save(set, set->name, pktt_engine_generation(set->store->engine), time_ns, out);
}

void pktt_sets_save_at(struct pktt_engine *engine, uint64_t generation, const char *name,
		       struct str *out)
{
	const struct pktt_set_store *store = pktt_engine_sets(engine);
	uint64_t now = pktt_engine_time(engine);

	for (int lists = 0; lists < 2; lists++)
		for (size_t i = 0; i < store->nsets; i++) {
			struct pktt_set *s = store->set[i];

			if ((s->type->store == SET_LIST) == lists &&
			    life_is_at(&s->life, generation) &&
			    (!name || strcmp(s->key, name) == 0))
				save(set_shown(s, generation), s->key, generation, now, out);
		}
}

/* Lists name other sets, so they come after them. */
static void each_set(struct pktt_engine *engine,
		     void (*one)(struct pktt_set *set, uint64_t time_ns, void *ctx), void *ctx)
{
	uint64_t now = pktt_engine_time(engine);

	for (int lists = 0; lists < 2; lists++)
		for (struct pktt_set *s = NULL; (s = pktt_set_next(engine, s));)
			if ((s->type->store == SET_LIST) == lists)
				one(s, now, ctx);
}

static void save_one(struct pktt_set *set, uint64_t time_ns, void *ctx)
{
	pktt_set_save(set, time_ns, ctx);
}

void pktt_sets_save(struct pktt_engine *engine, struct str *out)
{
	each_set(engine, save_one, out);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static struct pktt_command command(const struct pktt_set *set, enum pktt_verb verb,
				   const char *element)
{
	struct pktt_command cmd = { .verb = verb, .element = element };

	memcpy(cmd.chain, set->name, sizeof(set->name));
	strncpy(cmd.other, set->type->ext.name, sizeof(cmd.other) - 1);
	return cmd;
}

static void put_json(void *ctx, const struct pktt_set *set, const char *element)
{
	struct pktt_command cmd = command(set, PKTT_SET_ADD, element);

	pktt_command_json(&cmd, ctx);
}

void pktt_set_json(struct pktt_set *set, uint64_t time_ns, struct json *out)
{
	struct str options = STR_INIT;
	struct pktt_command cmd;

	set_options_print(set, &options);
	cmd = command(set, PKTT_SET_CREATE, str_text(&options));
	pktt_command_json(&cmd, out);
	out->out->failed |= options.failed;
	str_fini(&options);
	walk(set, pktt_engine_generation(set->store->engine), time_ns, put_json, out, out->out);
}

static void json_one(struct pktt_set *set, uint64_t time_ns, void *ctx)
{
	pktt_set_json(set, time_ns, ctx);
}

void pktt_sets_json(struct pktt_engine *engine, struct json *out)
{
	each_set(engine, json_one, out);
}
