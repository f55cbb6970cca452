/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt diff: the running rules beside those of files. Exit status as diff(1)'s: 0, 1, and 2 for trouble. */
#include "tools/cmd_diff.h"

#include "base/own.h"
#include "base/str.h"
#include "tools/load.h"
#include "tools/rule_files.h"
#include "tools/running.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_RULES "/etc/pkttables/pkttables.rules"

enum { PLUGINS = LIVE_OPTION_COUNT, ALL };
enum { SAME = 0, DIFFERS = 1, TROUBLE = 2 };

static const struct tool_option options[] = {
	LIVE_OPTIONS,
	[PLUGINS] = { "plugins", 0, "FOLDER", "load extensions from the shared objects there",
		      false },
	[ALL] = { "all", 'a', NULL, "tables that the files do not speak of, too", false },
};

static int compare(const struct tool_args *args, struct session *s, struct pktt_engine *engine,
		   const char *name)
{
	struct book_diff diff = { .color = s->live->color };
	struct book running = { 0 }, file = { 0 };
	struct str text = STR_INIT;
	int status = running_and_file(s, engine, &running, &file) ? TROUBLE : SAME;

	diff.out = &text;
	if (status == SAME && book_compare(&running, &file, !tool_args_has(args, ALL), &diff))
		status = TROUBLE;
	if (status == SAME && (diff.changed || diff.added || diff.removed))
		status = DIFFERS;
	if (status != TROUBLE && s->live->json)
		running_diff_json(&running, &file, status == DIFFERS);
	else if (status == DIFFERS && !s->live->quiet)
		running_diff_text(&running, name, &diff);
	str_fini(&text);
	book_fini(&running);
	book_fini(&file);
	return status;
}

static int read_and_compare(const struct tool_args *args, struct session *s)
{
	struct pktt_engine_config config = { .workers = 1,
					     .plugin_folder = tool_args_value(args, PLUGINS) };
	static const char *const usual[] = { DEFAULT_RULES };
	size_t n = args->noperands ? args->noperands : 1;
	const char *const *path = args->noperands ? args->operand : usual;
	struct load_file *file = calloc(n, sizeof(*file));
	struct tool_rules rules;
	int status = TROUBLE;

	for (size_t i = 0; file && i < n; i++)
		file[i] = load_guess(path[i], s->live);
	if (file && tool_rules_init(&rules, &config) == 0 &&
	    load_offline(&rules, file, n, true) == 0)
		status = compare(args, s, rules.engine, n == 1 ? path[0] : "the files");
	if (file)
		tool_rules_fini(&rules);
	free(file);
	return status;
}

static int run(const struct tool_args *args)
{
	struct session session;
	struct live live;
	int status;

	if (live_begin(&live, args) || session_open(&session, &live))
		return TROUBLE;
	status = read_and_compare(args, &session);
	session_close(&session);
	return status;
}

#define TEXT                                                                                    \
	"Without FILE " DEFAULT_RULES " is compared. Exit status 0: the same, 1: they differ, " \
	"2: trouble."

const struct tool_command cmd_diff = {
	.name = "diff",
	.summary = "say how the running rules differ from files",
	.operands = "FILE...",
	.operands_max = (size_t)-1,
	.text = TEXT,
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};

const struct tool_command cmd_compare = {
	.name = "compare",
	.summary = "the same as diff, as VyOS calls it",
	.operands = "FILE...",
	.operands_max = (size_t)-1,
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};
