/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/undo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/str.h"
#include "core/set.h"
#include "desc/family.h"

enum what {
	RULE_CAME,
	RULE_WENT,
	RULE_CHANGED,
	RULE_MOVED,
	CHAIN_CAME,
	CHAIN_WENT,
	CHAIN_RENAMED,
	CHAIN_POLICY,
	TABLE_WAS, /* its content */
	SET_CAME,
	SET_WAS, /* its content */
	SETS_SWAPPED,
	ELEMENT_CAME,
	ELEMENT_WENT,
};

struct rule_was {
	uint64_t handle;
	struct pktt_counters counters;
};

struct step {
	struct step *older;
	enum what what;
	enum pktt_family family;
	char table[PKTT_NAME_MAX];
	char name[PKTT_NAME_MAX];  /* of the chain, or the set */
	char other[PKTT_NAME_MAX]; /* a chain's name before; the other set */
	uint64_t handle, after;
	enum pktt_verdict policy;
	struct rule_was *rule; /* of the rules in text, in order */
	size_t nrules;
	struct str text;
};

struct undo {
	struct step *newest;
	struct step *whole; /* TABLE_WAS and SET_WAS */
	size_t bytes;
	bool failed;
};

static void step_free(struct step *s)
{
	str_fini(&s->text);
	free(s->rule);
	free(s);
}

static void steps_free(struct step *s)
{
	while (s) {
		struct step *older = s->older;

		step_free(s);
		s = older;
	}
}

int undo_new(struct undo **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void undo_free(struct undo **slot)
{
	struct undo *undo = *slot;

	if (undo) {
		steps_free(undo->newest);
		steps_free(undo->whole);
	}
	free(undo);
	*slot = NULL;
}

size_t undo_bytes(const struct undo *undo)
{
	return undo->bytes;
}

const char *undo_refusal(const struct undo *undo)
{
	return undo->failed ? "there was no memory to keep what it changed" : NULL;
}

/* --- Texts ------------------------------------------------------------------------------------ */

static void put_table(struct str *out, const struct pktt_table *table)
{
	str_putf(out, "*%s %s\n", pktt_table_name(table),
		 pktt_family_name(pktt_table_family(table)));
}

static bool put_rule(struct step *s, const struct pktt_rule *rule, const char *chain)
{
	/* Powers of two, so that a table of many rules is not copied for each of them. */
	if ((s->nrules & (s->nrules - 1)) == 0) {
		size_t room = s->nrules ? 2 * s->nrules : 1;
		struct rule_was *more = realloc(s->rule, room * sizeof(*more));

		if (!more)
			return false;
		s->rule = more;
	}
	s->rule[s->nrules].handle = rule->handle;
	pktt_rule_counters(rule, &s->rule[s->nrules++].counters);
	str_putf(&s->text, "-A %s ", chain);
	pktt_rule_spec_print(rule->spec, &s->text);
	str_putc(&s->text, '\n');
	return true;
}

static const char *policy_word(enum pktt_verdict policy)
{
	return policy == PKTT_DROP ? "DROP" : policy == PKTT_ACCEPT ? "ACCEPT" : "-";
}

static void put_chains(const struct pktt_snapshot *snapshot, const struct pktt_table *table,
		       struct str *out)
{
	for (struct pktt_chain *c = NULL; (c = pktt_snapshot_chain(snapshot, table, c));)
		str_putf(out, ":%s %s\n", pktt_snapshot_chain_name(snapshot, c),
			 policy_word(pktt_snapshot_policy(snapshot, c)));
}

static bool put_content(struct step *s, const struct pktt_snapshot *snapshot,
			const struct pktt_table *table)
{
	put_table(&s->text, table);
	put_chains(snapshot, table, &s->text);
	for (struct pktt_chain *c = NULL; (c = pktt_snapshot_chain(snapshot, table, c));)
		for (struct pktt_rule *r = NULL; (r = pktt_snapshot_rule(snapshot, c, r));)
			if (!put_rule(s, r, pktt_snapshot_chain_name(snapshot, c)))
				return false;
	str_puts(&s->text, "COMMIT\n");
	return !s->text.failed;
}

void undo_save(struct pktt_engine *engine, const struct pktt_snapshot *snapshot, struct str *out)
{
	pktt_sets_save_at(engine, pktt_snapshot_generation(snapshot), NULL, out);
	for (struct pktt_table *t = NULL; (t = pktt_snapshot_table(snapshot, t));) {
		struct step s = { 0 };

		out->failed |= !put_content(&s, snapshot, t);
		str_puts(out, str_text(&s.text));
		str_fini(&s.text);
		free(s.rule);
	}
}

/* --- Noting ----------------------------------------------------------------------------------- */

static bool is_whole(enum what what)
{
	return what == TABLE_WAS || what == SET_WAS;
}

static struct step *step_add(struct undo *undo, enum what what)
{
	struct step *s = calloc(1, sizeof(*s));
	struct step **to = is_whole(what) ? &undo->whole : &undo->newest;

	if (!s) {
		undo->failed = true;
		return NULL;
	}
	s->what = what;
	s->older = *to;
	*to = s;
	return s;
}

static void name_place(struct step *s, const struct pktt_change *c)
{
	if (c->table) {
		s->family = pktt_table_family(c->table);
		strcpy(s->table, pktt_table_name(c->table));
	}
	if (c->chain)
		strcpy(s->name, pktt_chain_name(c->chain));
	if (c->set)
		snprintf(s->name, sizeof(s->name), "%s", c->set);
}

/* Whether a whole of the table or the set is kept. */
static bool is_covered(const struct undo *undo, enum pktt_family family, const char *table,
		       const char *set)
{
	for (const struct step *w = undo->whole; w; w = w->older) {
		if (*table && w->what == TABLE_WAS && w->family == family &&
		    strcmp(w->table, table) == 0)
			return true;
		if (!*table && w->what == SET_WAS && strcmp(w->name, set) == 0)
			return true;
	}
	return false;
}

static bool change_is_covered(const struct undo *undo, const struct pktt_change *c)
{
	if (!undo->whole)
		return false;
	if (c->table)
		return is_covered(undo, pktt_table_family(c->table), pktt_table_name(c->table), "");
	return is_covered(undo, PKTT_INET, "", c->set);
}

static void note_table(struct undo *undo, struct pktt_engine *engine, const struct pktt_change *c,
		       uint64_t generation)
{
	struct pktt_snapshot *before = NULL;
	struct step *s;

	s = step_add(undo, TABLE_WAS);
	if (!s)
		return;
	name_place(s, c);
	if (pktt_snapshot_get_at(&before, engine, generation - 1))
		undo->failed = true;
	else
		undo->failed |= !put_content(s, before, c->table);
	pktt_snapshot_put(&before);
}

static void note_set(struct undo *undo, struct pktt_engine *engine, const struct pktt_change *c,
		     uint64_t generation)
{
	struct step *s;

	s = step_add(undo, SET_WAS);
	if (!s)
		return;
	name_place(s, c);
	pktt_sets_save_at(engine, generation - 1, c->set, &s->text);
}

/* Rules whose old form is needed. */
static void note_rule(struct undo *undo, const struct pktt_change *c, enum what what,
		      const struct pktt_rule *old)
{
	struct step *s = step_add(undo, what);

	if (!s)
		return;
	name_place(s, c);
	s->handle = c->rule->handle;
	s->after = c->after;
	if (!old)
		return;
	put_table(&s->text, c->table);
	undo->failed |= !put_rule(s, old, s->name) || s->text.failed;
	str_puts(&s->text, "COMMIT\n");
}

static void note_name(struct undo *undo, const struct pktt_change *c, enum what what)
{
	struct step *s = step_add(undo, what);

	if (!s)
		return;
	name_place(s, c);
	s->policy = c->policy;
	if (c->text && (what == CHAIN_RENAMED || what == SETS_SWAPPED))
		snprintf(s->other, sizeof(s->other), "%s", c->text);
	else if (c->text)
		str_puts(&s->text, c->text);
}

void undo_note(struct undo *undo, struct pktt_engine *engine, const struct pktt_change *c,
	       uint64_t generation)
{
	if (change_is_covered(undo, c))
		return;
	switch (c->kind) {
	case PKTT_CHANGE_TABLE_FLUSH:
		note_table(undo, engine, c, generation);
		break;
	case PKTT_CHANGE_SET_DELETE:
	case PKTT_CHANGE_SET_FLUSH:
		note_set(undo, engine, c, generation);
		break;
	case PKTT_CHANGE_CHAIN_NEW:
		note_name(undo, c, CHAIN_CAME);
		break;
	case PKTT_CHANGE_CHAIN_DELETE:
		note_name(undo, c, CHAIN_WENT);
		break;
	case PKTT_CHANGE_CHAIN_RENAME:
		note_name(undo, c, CHAIN_RENAMED);
		break;
	case PKTT_CHANGE_CHAIN_POLICY:
		note_name(undo, c, CHAIN_POLICY);
		break;
	case PKTT_CHANGE_RULE_NEW:
		note_rule(undo, c, RULE_CAME, NULL);
		break;
	case PKTT_CHANGE_RULE_DELETE:
		note_rule(undo, c, RULE_WENT, c->rule);
		break;
	case PKTT_CHANGE_RULE_REPLACE:
		note_rule(undo, c, RULE_CHANGED, c->old);
		break;
	case PKTT_CHANGE_RULE_MOVE:
		note_rule(undo, c, RULE_MOVED, NULL);
		break;
	case PKTT_CHANGE_SET_NEW:
		note_name(undo, c, SET_CAME);
		break;
	case PKTT_CHANGE_SET_SWAP:
		note_name(undo, c, SETS_SWAPPED);
		break;
	case PKTT_CHANGE_ELEMENT_NEW:
		note_name(undo, c, ELEMENT_CAME);
		break;
	case PKTT_CHANGE_ELEMENT_DELETE:
		note_name(undo, c, ELEMENT_WENT);
		break;
	case PKTT_CHANGE_TABLE_NEW: /* an empty table is none */
	case PKTT_CHANGE_ZERO:	    /* what was counted does not come back */
		break;
	}
}

/* --- Finishing -------------------------------------------------------------------------------- */

/* Steps from before the whole was kept say nothing more. */
static void drop_covered(struct undo *undo)
{
	struct step **at = &undo->newest;

	while (*at) {
		struct step *s = *at;

		if (!is_covered(undo, s->family, s->table, s->name)) {
			at = &s->older;
			continue;
		}
		*at = s->older;
		step_free(s);
	}
}

static size_t bytes_of(const struct step *s)
{
	size_t ret = 0;

	for (; s; s = s->older)
		ret += sizeof(*s) + s->text.room + s->nrules * 2 * sizeof(*s->rule);
	return ret;
}

/* Steps older than a rename say the chain's name of now: they run when it has its old one again. */
static void rename_older(struct step *renamed)
{
	for (struct step *s = renamed->older; s; s = s->older)
		if (s->table[0] && s->family == renamed->family &&
		    strcmp(s->table, renamed->table) == 0 && strcmp(s->name, renamed->name) == 0)
			strcpy(s->name, renamed->other);
}

void undo_finish(struct undo *undo)
{
	if (undo->whole)
		drop_covered(undo);
	for (struct step *s = undo->newest; s; s = s->older) {
		if (s->what == CHAIN_RENAMED)
			rename_older(s);
		undo->failed |= s->text.failed;
	}
	undo->bytes = sizeof(*undo) + bytes_of(undo->newest) + bytes_of(undo->whole);
}

/* --- Taking back ------------------------------------------------------------------------------ */

struct back {
	struct pktt_txn *txn;
	struct pktt_engine *engine;
	const struct step *step;
	size_t nread; /* rules of the step's text */
};

static struct pktt_command command(const struct step *s, enum pktt_verb verb)
{
	struct pktt_command cmd = { .verb = verb, .family = s->family, .policy = PKTT_CONTINUE };

	strcpy(cmd.table, s->table);
	strcpy(cmd.chain, s->name);
	return cmd;
}

static int run(struct back *b, struct pktt_command *cmd, unsigned int flags, struct pktt_error *err)
{
	return pktt_txn_apply(b->txn, cmd, flags, err);
}

/* Rules of a text get back what the text does not say. */
static int receive(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct back *b = ctx;
	const struct step *s = b->step;

	if (cmd->verb == PKTT_RULE_APPEND && b->nread < s->nrules) {
		const struct rule_was *was = &s->rule[b->nread++];

		cmd->rule->handle = was->handle;
		cmd->rule->counters = was->counters;
		cmd->rule->has_counters = true;
		if (s->what == RULE_WENT) {
			cmd->verb = PKTT_RULE_INSERT;
			cmd->after = s->after;
			cmd->number = 1;
		} else if (s->what == RULE_CHANGED) {
			cmd->verb = PKTT_RULE_REPLACE;
			cmd->handle = s->handle;
		}
	}
	/* A set may be there still, since rules may name it. */
	return run(b, cmd, PKTT_APPLY_COUNTERS | PKTT_APPLY_AGAIN, err);
}

static int read_text(struct back *b, struct pktt_error *err)
{
	struct pktt_receiver to = { receive, b };
	struct pktt_errors errs = { 0 };
	struct pktt_source src = {
		.catalog = pktt_engine_catalog(b->engine),
		.name = "history",
		.family = PKTT_IPV4,
		.is_native = true,
	};
	int r = pktt_text_read(&src, str_text(&b->step->text), b->step->text.len, &to, &errs);

	b->nread = 0;
	return r ? pktt_fail(err, r, "%.220s", errs.item[0].text) : 0;
}

static int run_element(struct back *b, bool adds, struct pktt_error *err)
{
	const struct step *s = b->step;
	char element[512];

	if (adds)
		return pktt_set_element_add(b->txn, s->name, str_text(&s->text), err);
	/* Its options are not part of its name. */
	snprintf(element, sizeof(element), "%.*s", (int)strcspn(str_text(&s->text), " "),
		 str_text(&s->text));
	return pktt_set_element_delete(b->txn, s->name, element, err);
}

static int rename_back(struct back *b, struct pktt_error *err)
{
	struct pktt_command cmd = command(b->step, PKTT_CHAIN_RENAME);

	strcpy(cmd.other, b->step->other);
	return run(b, &cmd, 0, err);
}

static int swap_back(struct back *b, struct pktt_error *err)
{
	struct pktt_command cmd = command(b->step, PKTT_SET_SWAP);

	strcpy(cmd.other, b->step->other);
	return run(b, &cmd, 0, err);
}

/* By handle; the place by a handle, too, or the front. */
static int run_rule(struct back *b, enum pktt_verb verb, struct pktt_error *err)
{
	struct pktt_command cmd = command(b->step, verb);

	cmd.handle = b->step->handle;
	cmd.after = b->step->after;
	if (verb == PKTT_RULE_MOVE && !cmd.after)
		cmd.to_number = 1;
	return run(b, &cmd, 0, err);
}

static int run_plain(struct back *b, enum pktt_verb verb, struct pktt_error *err)
{
	struct pktt_command cmd = command(b->step, verb);

	if (verb == PKTT_CHAIN_POLICY)
		cmd.policy = b->step->policy;
	return run(b, &cmd, 0, err);
}

static int take_back(struct back *b, struct pktt_error *err)
{
	switch (b->step->what) {
	case RULE_CAME:
		return run_rule(b, PKTT_RULE_DELETE_AT, err);
	case RULE_WENT:
	case RULE_CHANGED:
		return read_text(b, err);
	case RULE_MOVED:
		return run_rule(b, PKTT_RULE_MOVE, err);
	case CHAIN_CAME:
		return run_plain(b, PKTT_CHAIN_DELETE, err);
	case CHAIN_WENT:
		return run_plain(b, PKTT_CHAIN_NEW, err);
	case CHAIN_RENAMED:
		return rename_back(b, err);
	case CHAIN_POLICY:
		return run_plain(b, PKTT_CHAIN_POLICY, err);
	case SET_CAME:
		return pktt_set_destroy(b->txn, b->step->name, err);
	case SETS_SWAPPED:
		return swap_back(b, err);
	case ELEMENT_CAME:
		return run_element(b, false, err);
	case ELEMENT_WENT:
		return run_element(b, true, err);
	case TABLE_WAS: /* in passes of their own */
	case SET_WAS:
		break;
	}
	return 0;
}

static int flush_tables(struct back *b, const struct undo *undo, struct pktt_error *err)
{
	int r = 0;

	for (b->step = undo->whole; r == 0 && b->step; b->step = b->step->older) {
		struct pktt_command cmd = command(b->step, PKTT_TABLE_BEGIN);

		if (b->step->what == TABLE_WAS)
			r = run(b, &cmd, PKTT_APPLY_RESTORE, err);
	}
	return r;
}

/* Lists behind what they list. */
static int restore_sets(struct back *b, const struct undo *undo, struct pktt_error *err)
{
	int r = 0;

	for (int lists = 0; lists < 2; lists++)
		for (b->step = undo->whole; r == 0 && b->step; b->step = b->step->older) {
			const char *text = str_text(&b->step->text);
			bool is_list = memmem(text, strcspn(text, "\n"), " list:", 6) != NULL;

			if (b->step->what == SET_WAS && b->step->text.len &&
			    is_list == (lists == 1))
				r = read_text(b, err);
		}
	return r;
}

/* Those that were not there go, once no rule names them. */
static int destroy_sets(struct back *b, const struct undo *undo, struct pktt_error *err)
{
	int r = 0;

	for (b->step = undo->whole; r == 0 && b->step; b->step = b->step->older)
		if (b->step->what == SET_WAS && !b->step->text.len &&
		    pktt_set_find(b->engine, b->step->name))
			r = pktt_set_destroy(b->txn, b->step->name, err);
	return r;
}

int undo_apply(const struct undo *undo, struct pktt_txn *txn, struct pktt_engine *engine,
	       struct pktt_error *err)
{
	struct back b = { .txn = txn, .engine = engine };
	int r = flush_tables(&b, undo, err);

	/* Rules that name sets have gone, and come last. */
	if (r == 0)
		r = restore_sets(&b, undo, err);
	for (b.step = undo->newest; r == 0 && b.step; b.step = b.step->older)
		r = take_back(&b, err);
	if (r == 0)
		r = destroy_sets(&b, undo, err);
	for (b.step = undo->whole; r == 0 && b.step; b.step = b.step->older)
		if (b.step->what == TABLE_WAS)
			r = read_text(&b, err);
	return r;
}
