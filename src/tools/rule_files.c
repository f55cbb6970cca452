/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/rule_files.h"

#include "base/own.h"
#include "base/str.h"
#include "conntrack/conntrack.h"
#include "conntrack/timeout.h"
#include "desc/source.h"
#include "ext/stateful.h"
#include "tools/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <urcu-qsbr.h>

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
	r = pktt_sources_new(&rules->sources);
	if (r == 0)
		r = pktt_engine_new(&rules->engine, config, &err);
	else
		pktt_fail(&err, r, "no memory");
	if (r == 0)
		r = pktt_txn_begin(&rules->txn, rules->engine, &err);
	if (r)
		fprintf(stderr, "pktt: %s\n", err.text);
	return r;
}

int tool_rules_track(struct tool_rules *rules, const struct ct_settings *settings)
{
	struct pktt_error err = { 0 };
	int r = stateful_attach(rules->engine, settings, &err);

	if (r)
		fprintf(stderr, "pktt: %s\n", err.text);
	return r;
}

static int take_timeouts(struct tool_rules *rules, const struct tool_args *args, size_t option)
{
	struct conntrack *ct = conntrack_of(rules->engine);
	struct ct_timeout_policy policy;
	struct pktt_error err = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < args->ngiven; i++) {
		if (args->given[i].option != option)
			continue;
		r = ct_timeout_policy_parse(args->given[i].value, &policy, &err);
		if (r == 0)
			r = ct_timeout_policy_set(ct, &policy, &err);
	}
	if (r)
		fprintf(stderr, "pktt: --timeout-policy: %s\n", err.text);
	return r;
}

int tool_rules_open(struct tool_rules *rules, const struct tool_args *args,
		    struct pktt_engine_config config, const struct ct_settings *settings,
		    size_t timeout_option)
{
	int r;

	config.workers = 1;
	config.label_file = TOOL_LABELS;
	config.plugin_folder = tool_args_value(args, TOOL_PLUGINS);
	config.osf_file = tool_args_value(args, TOOL_OSF);
	r = tool_rules_init(rules, &config);
	if (r == 0)
		r = tool_rules_track(rules, settings);
	return r ? r : take_timeouts(rules, args, timeout_option);
}

static bool is_json(const struct pktt_file *file)
{
	const char *t = file->text;

	t += strspn(t, " \t\r\n");
	return *t == '{' || *t == '[';
}

void tool_rules_read(struct tool_rules *rules, const char *path, enum pktt_family family,
		     bool is_native)
{
	struct pktt_receiver to = { apply, rules };
	struct pktt_source src = {
		.catalog = pktt_engine_catalog(rules->engine),
		.family = family,
		.is_native = is_native,
		.may_include = is_native,
		.files = rules->sources,
	};
	const struct pktt_file *file;
	struct pktt_error err = { 0 };

	if (pktt_sources_read(rules->sources, path, PKTT_ANYBODY, &file, &err)) {
		pktt_errors_add(&rules->errs, &err);
		return;
	}
	src.name = file->name;
	if (is_json(file))
		(void)!pktt_json_read(&src, file->text, file->len, &to, &rules->errs);
	else
		(void)!pktt_text_read(&src, file->text, file->len, &to, &rules->errs);
}

const char *tool_rules_text(struct tool_rules *rules, const char *path, size_t *len)
{
	const struct pktt_file *file;
	struct pktt_error err = { 0 };

	if (pktt_sources_read(rules->sources, path, PKTT_ANYBODY, &file, &err)) {
		pktt_errors_add(&rules->errs, &err);
		return NULL;
	}
	*len = file->len;
	return file->text;
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

/* The beginning of a file, for guesses; empty where it cannot be read or only once. */
static void peek(const char *path, char *head, size_t room)
{
	FILE *f = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");
	size_t n = f ? fread(head, 1, room - 1, f) : 0;

	head[n] = '\0';
	if (f)
		fclose(f);
}

enum pktt_family tool_rules_guess(const char *path)
{
	char head[4096];

	peek(path, head, sizeof(head));
	if (strstr(head, "by ip6tables") || ends_with(path, ".v6") || ends_with(path, "6.rules"))
		return PKTT_IPV6;
	if (strstr(head, "by arptables") || ends_with(path, "arp.rules") || ends_with(path, ".arp"))
		return PKTT_ARP;
	if (strstr(head, "by ebtables") || ends_with(path, ".eb"))
		return PKTT_BRIDGE;
	return PKTT_IPV4;
}

bool tool_rules_is_sets(const char *path)
{
	char head[64];

	peek(path, head, sizeof(head));
	return strncmp(head, "create ", 7) == 0;
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

const char *tool_rules_line(void *ctx, const struct pktt_place *place)
{
	struct tool_rules *rules = ctx;

	return pktt_sources_line(rules->sources, place);
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
	pktt_sources_free(&rules->sources);
	rcu_unregister_thread();
}
