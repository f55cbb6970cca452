/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt check: does it load, and does it do what its writer hopes? */
#include "tools/cmd_check.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/family.h"
#include "tools/lint.h"
#include "tools/options.h"
#include "tools/rule_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FAMILY, STRICT, JSON, QUIET, PLUGINS };

static const struct tool_option options[] = {
	[FAMILY] = { "family", 0, "FAMILY",
		     "of files that do not say: ipv4 (default), ipv6, inet, arp or bridge", false },
	[STRICT] = { "strict", 0, NULL, "warnings fail too (exit status 1)", false },
	[JSON] = { "json", 0, NULL, "errors and warnings as JSON, one object a line", false },
	[QUIET] = { "quiet", 'q', NULL, "errors only", false },
	[PLUGINS] = { "plugins", 0, "FOLDER", "load extensions from the shared objects there",
		      false },
};

static void put_text(const struct lint_warning *w, struct str *out)
{
	if (w->place.file)
		str_put_escaped(out, w->place.file, strlen(w->place.file));
	if (w->place.line)
		str_putf(out, ":%" PRIu32, w->place.line);
	if (w->place.line && w->place.column)
		str_putf(out, ":%" PRIu32, w->place.column);
	str_puts(out, w->place.file ? ": warning: " : "warning: ");
	str_put_escaped(out, w->text, strlen(w->text));
	str_putc(out, '\n');
}

static void put_json(const char *severity, const struct pktt_place *place, const char *text,
		     struct str *out)
{
	struct json j = json_to(out);

	json_begin_object(&j);
	json_put_text(&j, "severity", severity);
	if (place->file)
		json_put_text(&j, "file", place->file);
	if (place->line) {
		json_put_uint(&j, "line", place->line);
		json_put_uint(&j, "column", place->column);
	}
	json_put_text(&j, "text", text);
	json_end_object(&j);
	str_putc(out, '\n');
}

static void put_warnings(const struct tool_args *args, const struct lint *lint)
{
	struct str out = STR_INIT;

	for (size_t i = 0; i < lint->nwarnings; i++)
		if (tool_args_has(args, JSON))
			put_json("warning", &lint->warning[i].place, lint->warning[i].text, &out);
		else
			put_text(&lint->warning[i], &out);
	fputs(str_text(&out), stdout);
	str_fini(&out);
}

static void put_errors(const struct tool_rules *rules)
{
	struct str out = STR_INIT;

	for (unsigned int i = 0; i < rules->errs.kept; i++)
		put_json("error", &rules->errs.item[i].place, rules->errs.item[i].text, &out);
	fputs(str_text(&out), stdout);
	str_fini(&out);
}

static void count(struct pktt_engine *engine, unsigned int *tables, unsigned int *rules)
{
	*tables = *rules = 0;
	for (struct pktt_table *t = NULL; (t = pktt_table_next(engine, t)); ++*tables)
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			for (struct pktt_rule *r = NULL; (r = pktt_rule_next(c, r));)
				++*rules;
}

static int lint_and_tell(const struct tool_args *args, struct tool_rules *rules)
{
	struct lint lint = { .engine = rules->engine };
	unsigned int tables, nrules;
	size_t n;

	if (!tool_args_has(args, QUIET)) {
		lint_run(&lint);
		lint_sort(&lint);
		put_warnings(args, &lint);
	}
	n = lint.nwarnings;
	lint_fini(&lint);
	count(rules->engine, &tables, &nrules);
	if (!tool_args_has(args, JSON) && !tool_args_has(args, QUIET))
		printf("%u rule%s in %u table%s, %zu warning%s\n", nrules, nrules == 1 ? "" : "s",
		       tables, tables == 1 ? "" : "s", n, n == 1 ? "" : "s");
	return n && tool_args_has(args, STRICT) ? TOOL_REFUSED : TOOL_OK;
}

static void read_files(const struct tool_args *args, struct tool_rules *rules)
{
	const char *name = tool_args_value(args, FAMILY);
	enum pktt_family family = PKTT_IPV4;

	if (name)
		(void)!pktt_family_parse(name, &family);
	/* Sets first, in whatever order the files were named. */
	for (int sets = 1; sets >= 0; sets--)
		for (size_t i = 0; i < args->noperands; i++)
			if (tool_rules_is_sets(args->operand[i]) == sets)
				tool_rules_read(rules, args->operand[i],
						name ? family : tool_rules_guess(args->operand[i]),
						true);
}

static int run(const struct tool_args *args)
{
	struct pktt_engine_config config = {
		.workers = 1,
		.plugin_folder = tool_args_value(args, PLUGINS),
	};
	const char *name = tool_args_value(args, FAMILY);
	struct tool_rules rules;
	enum pktt_family family;
	struct pktt_error err;
	int ret = TOOL_REFUSED;

	if (name && pktt_family_parse(name, &family)) {
		pktt_fail(&err, -1, "there is no family %s", name);
		return tool_usage_error(args->command, &err);
	}
	if (tool_rules_init(&rules, &config) == 0) {
		read_files(args, &rules);
		if (tool_rules_commit(&rules) == 0)
			ret = lint_and_tell(args, &rules);
		else if (tool_args_has(args, JSON))
			put_errors(&rules);
	}
	tool_rules_fini(&rules);
	return ret;
}

const struct tool_command cmd_check = {
	.name = "check",
	.summary = "read rule files, report every error, warn of rules that cannot work",
	.operands = "FILE...",
	.operands_min = 1,
	.operands_max = (size_t)-1,
	.text = "All files make one ruleset. Files are iptables-save, ip6tables-save, "
		"arptables-save or ipset save text, the native language or JSON; the family is "
		"taken from what a file says of itself or from its name (.v6).",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};
