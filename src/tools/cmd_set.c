/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt set: sets and their elements in a running pkttd. */
#include "tools/cmd_set.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "tools/live_rules.h"
#include "tools/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FILE_OPTION = LIVE_OPTION_COUNT, EXIST };

static const struct tool_option options[] = {
	LIVE_OPTIONS,
	[FILE_OPTION] = { "file", 'f', "FILE",
			  "elements from a file, one a line; # begins a comment", false },
	[EXIST] = { "exist", 0, NULL, "what is there already, or is not, is no error", false },
};

struct work {
	const struct tool_args *args;
	struct live *live;
	struct session session;
	const char *name;	     /* of the set */
	uint64_t read, done, passed; /* elements; passed: there already, or not there */
};

static int refused(struct work *w)
{
	return session_refused(&w->session);
}

/* --- One change ------------------------------------------------------------------------------------ */

static const char *joined(const struct work *w, size_t first, struct str *out)
{
	for (size_t i = first; i < w->args->noperands; i++)
		str_putf(out, "%s%s", i > first ? " " : "", w->args->operand[i]);
	return str_text(out);
}

static int commit(struct work *w, struct pkttnl_txn **txn, const char *what)
{
	struct session *s = &w->session;
	uint64_t generation = 0;
	struct str out = STR_INIT;
	struct json j = json_to(&out);
	int r = pkttnl_txn_commit(*txn, &generation, &s->err);

	pkttnl_txn_free(txn);
	if (r)
		return refused(w);
	if (w->live->json) {
		json_begin_object(&j);
		json_put_bool(&j, "ok", true);
		json_put_uint(&j, "generation", generation);
		json_end_object(&j);
		puts(str_text(&out));
	} else if (!w->live->quiet) {
		printf("%s: %s; generation %" PRIu64 "\n", w->name, what, generation);
	}
	str_fini(&out);
	return TOOL_OK;
}

static int run_create(struct work *w)
{
	struct session *s = &w->session;
	struct pkttnl_txn *txn = NULL;
	struct str options_text = STR_INIT;
	int r;

	if (w->args->noperands < 3)
		return live_refused(w->live, 0, "create needs a type, e.g. hash:ip"), TOOL_USAGE;
	r = pkttnl_txn_new(&txn, s->nl, 0, 0, &s->err);
	if (r == 0)
		r = pkttnl_txn_new_set(txn, w->name, w->args->operand[2],
				       joined(w, 3, &options_text), &s->err);
	str_fini(&options_text);
	if (r == 0)
		return commit(w, &txn, "created");
	pkttnl_txn_free(&txn);
	return refused(w);
}

static int change_set(struct work *w, const char *what, const char *other,
		      int (*add)(struct pkttnl_txn *, const char *, struct pkttnl_error *))
{
	struct session *s = &w->session;
	struct pkttnl_txn *txn = NULL;
	int r = pkttnl_txn_new(&txn, s->nl, 0, 0, &s->err);

	if (r == 0)
		r = other ? pkttnl_txn_swap_sets(txn, w->name, other, &s->err)
			  : add(txn, w->name, &s->err);
	if (r == 0)
		return commit(w, &txn, what);
	pkttnl_txn_free(&txn);
	return refused(w);
}

static int run_destroy(struct work *w)
{
	return change_set(w, "destroyed", NULL, pkttnl_txn_delete_set);
}

static int run_flush(struct work *w)
{
	return change_set(w, "flushed", NULL, pkttnl_txn_flush_set);
}

static int run_swap(struct work *w)
{
	struct str text = STR_INIT;
	int status;

	if (w->args->noperands < 3)
		return live_refused(w->live, 0, "swap needs two sets"), TOOL_USAGE;
	str_putf(&text, "swapped with %s", w->args->operand[2]);
	status = change_set(w, str_text(&text), w->args->operand[2], NULL);
	str_fini(&text);
	return status;
}

/* --- Elements -------------------------------------------------------------------------------------- */

static int add_element(struct work *w, struct pkttnl_txn *txn, const char *element, bool adds,
		       bool exist)
{
	struct session *s = &w->session;

	return adds ? pkttnl_txn_add_element(txn, w->name, element, exist, &s->err)
		    : pkttnl_txn_delete_element(txn, w->name, element, exist, &s->err);
}

/* A line's element: no comment, no blanks around it. false = there is none. */
static bool cut_element(char *line)
{
	size_t len;
	char *hash = strchr(line, '#');

	if (hash && (hash == line || hash[-1] == ' ' || hash[-1] == '\t'))
		*hash = '\0';
	len = strlen(line);
	while (len && strchr(" \t\r\n", line[len - 1]))
		line[--len] = '\0';
	memmove(line, line + strspn(line, " \t"), strlen(line + strspn(line, " \t")) + 1);
	return line[0] != '\0';
}

static uint64_t elements_of(struct session *s, const char *name);

static int send_file(struct work *w, FILE *f, bool adds)
{
	struct session *s = &w->session;
	struct pkttnl_txn *txn = NULL;
	struct progress progress;
	char *line = NULL;
	size_t room = 0;
	int r = pkttnl_txn_new(&txn, s->nl, 0, 0, &s->err);

	progress_begin_count(&progress, "elements", 0);
	while (r == 0 && getline(&line, &room, f) >= 0) {
		if (!cut_element(line))
			continue;
		r = add_element(w, txn, line, adds, true);
		if ((++w->read & 255) == 0)
			progress_tell(&progress, 0, w->read);
	}
	r = r ? r : pkttnl_txn_commit(txn, NULL, &s->err);
	progress_end(&progress);
	pkttnl_txn_free(&txn);
	free(line);
	return r;
}

static int tell_counts(const struct work *w, bool adds, double seconds)
{
	struct str out = STR_INIT;
	struct json j = json_to(&out);

	if (w->live->json) {
		json_begin_object(&j);
		json_put_bool(&j, "ok", true);
		json_put_uint(&j, "read", w->read);
		json_put_uint(&j, adds ? "added" : "deleted", w->done);
		json_put_uint(&j, adds ? "already_there" : "not_there", w->passed);
		json_end_object(&j);
		puts(str_text(&out));
	} else if (!w->live->quiet) {
		printf("%s: %" PRIu64 " read, %" PRIu64 " %s, %" PRIu64 " %s  %.2f s\n", w->name,
		       w->read, w->done, adds ? "added" : "deleted", w->passed,
		       adds ? "already there" : "not there", seconds);
	}
	str_fini(&out);
	return TOOL_OK;
}

/* How many were new is what the set grew by. */
static int run_file(struct work *w, const char *path, bool adds)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct timespec t0, t1;
	uint64_t before, after;
	int r;

	if (!f) {
		char text[600];

		snprintf(text, sizeof(text), "%.500s: %s", path, strerror(errno));
		return live_refused(w->live, 0, text);
	}
	clock_gettime(CLOCK_MONOTONIC, &t0);
	before = elements_of(&w->session, w->name);
	r = send_file(w, f, adds);
	if (f != stdin)
		fclose(f);
	if (r)
		return refused(w);
	after = elements_of(&w->session, w->name);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	w->done = adds ? (after > before ? after - before : 0)
		       : (before > after ? before - after : 0);
	w->done = w->done < w->read ? w->done : w->read;
	w->passed = w->read - w->done;
	return tell_counts(
		w, adds, (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9);
}

/* "set add NAME ELEM ...": words behind an element that are its options belong to it. */
static bool is_option_word(const char *word)
{
	static const char *const words[] = { "timeout", "nomatch", "packets", "bytes",
					     "comment", "skbmark", "skbprio", "skbqueue" };

	for (size_t i = 0; i < pktt_countof(words); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static int run_operands(struct work *w, bool adds)
{
	struct session *s = &w->session;
	struct pkttnl_txn *txn = NULL;
	bool exist = tool_args_has(w->args, EXIST);
	char what[64];
	unsigned int n = 0;
	int r = pkttnl_txn_new(&txn, s->nl, 0, 0, &s->err);

	for (size_t i = 2; r == 0 && i < w->args->noperands; n++) {
		struct str element = STR_INIT;

		str_puts(&element, w->args->operand[i++]);
		while (i < w->args->noperands && is_option_word(w->args->operand[i])) {
			bool is_flag = strcmp(w->args->operand[i], "nomatch") == 0;

			str_putf(&element, " %s", w->args->operand[i++]);
			if (!is_flag && i < w->args->noperands)
				str_putf(&element, " %s", w->args->operand[i++]);
		}
		r = add_element(w, txn, str_text(&element), adds, exist);
		str_fini(&element);
	}
	snprintf(what, sizeof(what), "%u %s", n, adds ? "added" : "deleted");
	if (r == 0)
		return commit(w, &txn, what);
	pkttnl_txn_free(&txn);
	return refused(w);
}

static int run_elements(struct work *w, bool adds)
{
	const char *path = tool_args_value(w->args, FILE_OPTION);

	if (!path && w->args->noperands < 3)
		return live_refused(w->live, 0, "which elements? Name them, or a file by -f"),
		       TOOL_USAGE;
	return path ? run_file(w, path, adds) : run_operands(w, adds);
}

static int run_add(struct work *w)
{
	return run_elements(w, true);
}

static int run_del(struct work *w)
{
	return run_elements(w, false);
}

static int run_test(struct work *w)
{
	struct session *s = &w->session;
	struct str element = STR_INIT;
	int r;

	if (w->args->noperands < 3)
		return live_refused(w->live, 0, "which element?"), TOOL_USAGE;
	r = pkttnl_test_element(s->nl, w->name, joined(w, 2, &element), &s->err);
	if (r >= 0 && w->live->json)
		printf("{\"ok\":true,\"is_in\":%s}\n", r ? "true" : "false");
	else if (r >= 0 && !w->live->quiet)
		printf("%s is %sin %s\n", str_text(&element), r ? "" : "not ", w->name);
	str_fini(&element);
	if (r < 0)
		return refused(w);
	return r ? TOOL_OK : TOOL_REFUSED;
}

/* --- Listing --------------------------------------------------------------------------------------- */

struct counted {
	const char *name;
	uint64_t elements;
};

static int take_count(void *ctx, const struct pkttnl_object *obj)
{
	struct counted *c = ctx;
	const char *name = pkttnl_object_text(obj, PKTTA_SET);

	if (name && strcmp(name, c->name) == 0)
		c->elements = pkttnl_object_u64(obj, PKTTA_COUNT);
	return 0;
}

static uint64_t elements_of(struct session *s, const char *name)
{
	struct counted c = { .name = name };

	(void)!pkttnl_list_sets(s->nl, take_count, &c, &s->err);
	return c.elements;
}

struct listing {
	struct work *w;
	struct json json;
	struct str out;
};

static int take_listed(void *ctx, const struct pkttnl_object *obj)
{
	struct listing *l = ctx;
	char small[1024], *text = small;
	bool json = l->w->live->json;
	const char *name = pkttnl_object_text(obj, PKTTA_SET);
	int len;

	if (l->w->name && (!name || strcmp(name, l->w->name) != 0))
		return 0;
	len = json ? pkttnl_object_json(obj, small, sizeof(small))
		   : pkttnl_object_print(obj, small, sizeof(small));
	if (len >= (int)sizeof(small)) {
		text = malloc((size_t)len + 1);
		if (!text)
			return -ENOMEM;
		if (json)
			(void)!pkttnl_object_json(obj, text, (size_t)len + 1);
		else
			(void)!pkttnl_object_print(obj, text, (size_t)len + 1);
	}
	if (len > 0 && json)
		json_raw(&l->json, text, strlen(text));
	else if (len > 0)
		str_putf(&l->out, "%s%s", text, text[strlen(text) - 1] == '\n' ? "" : "\n");
	if (text != small)
		free(text);
	return len < 0 ? len : 0;
}

static int run_list(struct work *w)
{
	struct session *s = &w->session;
	struct listing l = { .w = w };
	int r;

	w->name = w->args->noperands > 1 ? w->args->operand[1] : NULL;
	l.json = json_to(&l.out);
	if (w->live->json)
		json_begin_array(&l.json);
	r = pkttnl_list_sets(s->nl, take_listed, &l, &s->err);
	if (r == 0 && w->name && l.out.len < 2)
		r = live_refused(w->live, 0, "there is no such set");
	else if (r == 0 && w->name)
		r = pkttnl_list_elements(s->nl, w->name, take_listed, &l, &s->err) ? refused(w)
										   : TOOL_OK;
	else if (r)
		r = refused(w);
	if (w->live->json) {
		json_end_array(&l.json);
		str_putc(&l.out, '\n');
	}
	if (r == 0)
		fputs(str_text(&l.out), stdout);
	str_fini(&l.out);
	return r;
}

/* --------------------------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	int (*run)(struct work *w);
	bool needs_name;
} verbs[] = {
	{ "add", run_add, true },	  { "del", run_del, true },
	{ "delete", run_del, true },	  { "test", run_test, true },
	{ "list", run_list, false },	  { "save", run_list, false },
	{ "swap", run_swap, true },	  { "create", run_create, true },
	{ "destroy", run_destroy, true }, { "flush", run_flush, true },
};

static int find_verb(const struct tool_args *args, size_t *ret)
{
	const char *near = NULL;
	size_t dist = (size_t)-1;
	struct pktt_error err = { 0 };

	for (size_t i = 0; i < pktt_countof(verbs); i++) {
		tool_suggest(args->operand[0], verbs[i].word, &near, &dist);
		if (strcmp(verbs[i].word, args->operand[0]) != 0)
			continue;
		*ret = i;
		if (args->noperands > 1 || !verbs[i].needs_name)
			return TOOL_OK;
		pktt_fail(&err, -EINVAL, "%s needs the name of a set", verbs[i].word);
		return tool_usage_error(args->command, &err);
	}
	pktt_fail(&err, -EINVAL,
		  "%.40s is none of add, del, test, list, swap, create, destroy, flush%s%s%s",
		  args->operand[0], near ? "; did you mean " : "", near ? near : "",
		  near ? "?" : "");
	return tool_usage_error(args->command, &err);
}

static int run(const struct tool_args *args)
{
	struct work w = { .args = args };
	struct live live;
	size_t verb = 0;
	int status = find_verb(args, &verb);

	w.live = &live;
	status = status ? status : live_begin(&live, args);
	status = status ? status : session_open(&w.session, &live);
	if (status)
		return status;
	if (args->noperands > 1)
		w.name = args->operand[1];
	status = verbs[verb].run(&w);
	session_close(&w.session);
	return status;
}

const struct tool_command cmd_set = {
	.name = "set",
	.summary = "change and ask sets of addresses, ports and the like",
	.operands = "add|del|test|list|swap|create|destroy|flush NAME [ELEMENT...]",
	.operands_min = 1,
	.operands_max = (size_t)-1,
	.text = "Types, options and elements are written as ipset writes them: create NAME hash:net "
		"timeout 3600, add NAME 192.0.2.0/24 timeout 60. Elements of -f FILE are one "
		"transaction; what is there already is counted, not refused.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};
