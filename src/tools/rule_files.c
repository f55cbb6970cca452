/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/rule_files.h"

#include "base/own.h"
#include "base/str.h"
#include "tools/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <urcu-qsbr.h>

struct tool_source {
	struct tool_source *older;
	const char *name;
	struct str text;
	int failure;	 /* -errno of reading it */
	struct str line; /* the one shown last */
	uint32_t *start; /* offsets of lines, made when the first line is asked for */
	uint32_t nlines;
};

/* "-C" looks whether a rule is there, and a file that asks is told as if it were a command. */
static int apply(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct tool_rules *rules = ctx;

	return pktt_txn_apply(rules->txn, cmd, rules->flags, err);
}

int tool_rules_init(struct tool_rules *rules, const struct pktt_engine_config *config)
{
	struct pktt_error err = { 0 };
	int r;

	*rules = (struct tool_rules){ .flags = PKTT_APPLY_RESTORE | PKTT_APPLY_COUNTERS };
	rcu_register_thread();
	r = pktt_engine_new(&rules->engine, config, &err);
	if (r == 0)
		r = pktt_txn_begin(&rules->txn, rules->engine, &err);
	if (r)
		fprintf(stderr, "pktt: %s\n", err.text);
	return r;
}

static int slurp(FILE *f, struct str *text)
{
	char block[65536];
	size_t n;

	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		str_putn(text, block, n);
	if (text->failed)
		return -ENOMEM;
	return ferror(f) ? -EIO : 0;
}

#define STDIN_NAME "(standard input)"

static int read_whole(const char *path, struct str *text)
{
	FILE *f = strcmp(path, STDIN_NAME) == 0 ? stdin : fopen(path, "re");
	int r;

	if (!f)
		return -errno;
	r = slurp(f, text);
	if (f != stdin)
		fclose(f);
	return r;
}

/* The text of a file is kept; what went wrong in reading it too. */
static struct tool_source *add_source(struct tool_rules *rules, const char *name)
{
	struct tool_source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->name = name;
	s->failure = read_whole(name, &s->text);
	s->older = rules->sources;
	rules->sources = s;
	return s;
}

static void add_failure(struct tool_rules *rules, const char *path, int code)
{
	struct pktt_error err = { 0 };

	err.place.file = path;
	pktt_fail(&err, code, "cannot be read: %s", strerror(-code));
	pktt_errors_add(&rules->errs, &err);
}

static bool is_json(const struct str *text)
{
	const char *t = str_text(text);

	t += strspn(t, " \t\r\n");
	return *t == '{' || *t == '[';
}

void tool_rules_read(struct tool_rules *rules, const char *path, enum pktt_family family,
		     bool is_native)
{
	struct tool_source *s;
	struct pktt_receiver to = { apply, rules };
	struct pktt_source src = {
		.catalog = pktt_engine_catalog(rules->engine),
		.name = strcmp(path, "-") == 0 ? STDIN_NAME : path,
		.family = family,
		.is_native = is_native,
		.may_include = is_native && strcmp(path, "-") != 0,
	};
	s = add_source(rules, src.name);
	if (!s)
		add_failure(rules, src.name, -ENOMEM);
	else if (s->failure)
		add_failure(rules, src.name, s->failure);
	else if (is_json(&s->text))
		(void)!pktt_json_read(&src, s->text.data, s->text.len, &to, &rules->errs);
	else
		(void)!pktt_text_read(&src, str_text(&s->text), s->text.len, &to, &rules->errs);
}

const char *tool_rules_text(struct tool_rules *rules, const char *path, size_t *len)
{
	struct tool_source *s = add_source(rules, path);

	if (!s || s->failure) {
		add_failure(rules, path, s ? s->failure : -ENOMEM);
		return NULL;
	}
	*len = s->text.len;
	return str_text(&s->text);
}

void tool_rules_number(struct tool_rules *rules)
{
	for (struct pktt_table *t = NULL; (t = pktt_table_next(rules->engine, t));)
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			pktt_chain_number(c);
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

enum pktt_family tool_rules_guess(const char *path)
{
	char head[4096] = "";
	FILE *f = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");
	size_t n = f ? fread(head, 1, sizeof(head) - 1, f) : 0;

	head[n] = '\0';
	if (f)
		fclose(f);
	if (strstr(head, "by ip6tables") || ends_with(path, ".v6") || ends_with(path, "6.rules"))
		return PKTT_IPV6;
	if (strstr(head, "by arptables") || ends_with(path, "arp.rules") || ends_with(path, ".arp"))
		return PKTT_ARP;
	if (strstr(head, "by ebtables") || ends_with(path, ".eb"))
		return PKTT_BRIDGE;
	return PKTT_IPV4;
}

void tool_rules_read_all(struct tool_rules *rules, const struct tool_args *args)
{
	static const enum pktt_family family[] = {
		[TOOL_RULES] = PKTT_IPV4,      [TOOL_IPV4_RULES] = PKTT_IPV4,
		[TOOL_IPV6_RULES] = PKTT_IPV6, [TOOL_ARP_RULES] = PKTT_ARP,
		[TOOL_SETS] = PKTT_IPV4,
	};

	/* Sets first: rules refer to them, whatever the order on the command line. */
	for (size_t i = 0; i < args->ngiven; i++)
		if (args->given[i].option == TOOL_SETS)
			tool_rules_read(rules, args->given[i].value, PKTT_IPV4, true);
	for (size_t i = 0; i < args->ngiven; i++) {
		size_t option = args->given[i].option;

		if (option < TOOL_SETS)
			tool_rules_read(rules, args->given[i].value, family[option],
					option == TOOL_RULES);
	}
}

static void find_lines(struct tool_source *s)
{
	uint32_t n = 1, at = 0;

	for (size_t i = 0; i < s->text.len; i++)
		n += s->text.data[i] == '\n';
	s->start = calloc(n + 1, sizeof(*s->start));
	if (!s->start)
		return;
	s->nlines = n;
	for (uint32_t i = 0; i < s->text.len; i++)
		if (s->text.data[i] == '\n')
			s->start[++at] = i + 1;
	s->start[n] = (uint32_t)s->text.len + 1;
}

const char *tool_rules_line(void *ctx, const struct pktt_place *place)
{
	struct tool_rules *rules = ctx;
	struct tool_source *s = rules->sources;
	size_t len;

	while (s && (!place->file || strcmp(s->name, place->file) != 0))
		s = s->older;
	if (!s && place->file)
		s = add_source(rules, place->file); /* an included file */
	if (!s || place->line == 0)
		return NULL;
	if (!s->start)
		find_lines(s);
	if (place->line > s->nlines)
		return NULL;
	len = s->start[place->line] - 1 - s->start[place->line - 1];
	str_clear(&s->line);
	str_putn(&s->line, str_text(&s->text) + s->start[place->line - 1], len);
	return str_text(&s->line);
}

int tool_rules_commit(struct tool_rules *rules)
{
	struct str out = STR_INIT;
	int r = rules->errs.count ? -EINVAL : 0;

	if (r == 0)
		r = pktt_txn_commit(&rules->txn, &rules->errs);
	else
		pktt_txn_abort(&rules->txn);
	if (r == 0)
		return 0;
	pktt_errors_print(&rules->errs, tool_rules_line, rules, &out);
	fputs(str_text(&out), stderr);
	str_fini(&out);
	return r;
}

void tool_rules_fini(struct tool_rules *rules)
{
	pktt_txn_abort(&rules->txn);
	pktt_engine_free(&rules->engine);
	while (rules->sources) {
		struct tool_source *older = rules->sources->older;

		str_fini(&rules->sources->text);
		str_fini(&rules->sources->line);
		free(rules->sources->start);
		free(rules->sources);
		rules->sources = older;
	}
	rcu_unregister_thread();
}
