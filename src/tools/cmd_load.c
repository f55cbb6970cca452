/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt load and restore: rule files into a running pkttd. */
#include "tools/cmd_load.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "tools/book_diff.h"
#include "tools/book_save.h"
#include "tools/load.h"
#include "tools/rule_files.h"
#include "tools/running.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CONFIRM_DEFAULT_S = 60, CONFIRM_MAX_S = 86400 };

enum { CHECK = LIVE_OPTION_COUNT, DIFF, CONFIRM, IF_GENERATION, YES, CUT, NOFLUSH };

static const struct tool_option options[] = {
	LIVE_OPTIONS,
	[CHECK] = { "check", 0, NULL, "change nothing: say whether it would load", false },
	[DIFF] = { "diff", 0, NULL, "say what changes", false },
	[CONFIRM] = { "confirm", 0, "SECONDS", "go back unless pktt confirm comes within that time",
		      false },
	[IF_GENERATION] = { "if-generation", 0, "N",
			    "only if N is the current generation; else exit status 4", false },
	[YES] = { "yes", 'y', NULL, "even if it cuts the connection that this is typed over",
		  false },
	[CUT] = { "cut", 0, NULL, "end the connections that the new rules would refuse", false },
	[NOFLUSH] = { "noflush", 0, NULL, "add to what is there", false },
};

static int take_number(const struct tool_args *args, size_t option, uint64_t max, uint64_t *ret)
{
	const char *text = tool_args_value(args, option);
	struct pktt_error err = { 0 };

	if (!text)
		return TOOL_OK;
	if (!text[0] || strspn(text, "0123456789") != strlen(text) || strlen(text) > 18 ||
	    strtoull(text, NULL, 10) > max || strtoull(text, NULL, 10) == 0) {
		pktt_fail(&err, -EINVAL, "--%s needs a number from 1 on, not \"%.40s\"",
			  args->command->options[option].name, text);
		return tool_usage_error(args->command, &err);
	}
	*ret = strtoull(text, NULL, 10);
	return TOOL_OK;
}

/* --check, --diff: the files in an engine of our own beside the running rules. */
static int show_difference(const struct tool_args *args, struct load *load, bool *differs)
{
	struct pktt_engine_config config = { .workers = 1 };
	struct book_diff diff = { .color = load->session->live->color };
	struct book before = { 0 }, after = { 0 };
	struct str text = STR_INIT;
	struct tool_rules rules;
	int status = TOOL_REFUSED;

	diff.out = &text;
	if (tool_rules_init(&rules, &config) == 0 &&
	    load_offline(&rules, load->file, load->nfiles, load->flushes) == 0)
		status = running_and_file(load->session, rules.engine, &before, &after);
	if (status == TOOL_OK && book_compare(&before, &after, true, &diff))
		status = live_refused(load->session->live, -ENOMEM, "no memory");
	*differs = diff.changed || diff.added || diff.removed;
	if (status == TOOL_OK && load->session->live->json)
		running_diff_json(&before, &after, *differs);
	else if (status == TOOL_OK && tool_args_has(args, DIFF))
		running_diff_text(&before, "the files", &diff);
	str_fini(&text);
	book_fini(&before);
	book_fini(&after);
	tool_rules_fini(&rules);
	return status;
}

static int run_files(const struct tool_args *args, struct load *load)
{
	bool differs = true, looks = tool_args_has(args, CHECK) || tool_args_has(args, DIFF);
	int status = looks ? show_difference(args, load, &differs) : TOOL_OK;
	bool json = load->session->live->json;

	if (status)
		return status;
	if (tool_args_has(args, CHECK)) {
		if (!json && !load->session->live->quiet)
			printf("%s\n", differs ? "would change the rules" : "would change nothing");
		return TOOL_OK;
	}
	/* With --diff the JSON object of the difference is the answer. */
	load->quiet = looks && json;
	if (load->quiet)
		load->session->live->json = false;
	return load_run(load);
}

static int run_load(const struct tool_args *args)
{
	struct live live;
	struct session session;
	struct load load = {
		.session = &session,
		.nfiles = args->noperands,
		.flushes = !tool_args_has(args, NOFLUSH),
		.counters = true,
		.yes = tool_args_has(args, YES),
		.cuts = tool_args_has(args, CUT),
	};
	uint64_t confirm_s = 0;
	int status = live_begin(&live, args);

	status = status ? status : take_number(args, CONFIRM, CONFIRM_MAX_S, &confirm_s);
	status =
		status ? status : take_number(args, IF_GENERATION, UINT64_MAX, &load.if_generation);
	load.confirm_s = (uint32_t)confirm_s;
	if (status == TOOL_OK)
		status = session_open(&session, &live);
	if (status)
		return status;
	load.file = calloc(args->noperands, sizeof(*load.file));
	for (size_t i = 0; load.file && i < args->noperands; i++)
		load.file[i] = load_guess(args->operand[i], &live);
	status = load.file ? run_files(args, &load) : live_refused(&live, -ENOMEM, "no memory");
	free(load.file);
	session_close(&session);
	return status;
}

const struct tool_command cmd_load = {
	.name = "load",
	.summary = "load rule files into pkttd, all of them at one instant",
	.operands = "FILE...",
	.operands_min = 1,
	.operands_max = (size_t)-1,
	.text = "All files are one transaction: everything becomes visible at one instant, or nothing. "
		"A table or set that a file speaks of is replaced by what the file says; others stay. "
		"Files are what pktt check reads. A change that would end the connection over which this "
		"is typed is refused, or asked about, with the rule that would do it. Connections that "
		"are there stay, even if they could not begin by the new rules: how many is told, and "
		"--cut ends them.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run_load,
};

/* --- restore: iptables-restore's options ------------------------------------------------------------ */

/* -n is iptables-restore's: it stands where other commands have --numeric. */
enum {
	R_NOFLUSH = LIVE_NUMERIC,
	R_TEST = LIVE_OPTION_COUNT,
	R_COUNTERS,
	R_WAIT,
	R_WAIT_INTERVAL,
	R_TABLE,
	R_MODPROBE,
	R_YES
};

static const struct tool_option restore_options[] = {
	LIVE_OPTIONS_BUT_NUMERIC,
	[R_NOFLUSH] = { "noflush", 'n', NULL, "add to what is there", false },
	[R_TEST] = { "test", 't', NULL, "change nothing: say whether it would load", false },
	[R_COUNTERS] = { "counters", 'c', NULL, "packet and byte counters too", false },
	[R_WAIT] = { "wait", 'w', NULL, "taken, and without a meaning: there is no lock", true },
	[R_WAIT_INTERVAL] = { "wait-interval", 'W', "USECONDS", "the same", true },
	[R_TABLE] = { "table", 'T', "TABLE", "only this table", false },
	[R_MODPROBE] = { "modprobe", 'M', "COMMAND", "taken, and without a meaning", false },
	[R_YES] = { "yes", 'y', NULL, "even if it cuts the connection that this is typed over",
		    false },
};

static int run_restore(const struct tool_args *args)
{
	struct live live;
	struct session session;
	struct load_file file = { args->noperands ? args->operand[0] : "-", PKTT_IPV4, false };
	struct load load = {
		.session = &session,
		.file = &file,
		.nfiles = 1,
		.flushes = !tool_args_has(args, R_NOFLUSH),
		.counters = tool_args_has(args, R_COUNTERS),
		.is_tested = tool_args_has(args, R_TEST),
		.only_table = tool_args_value(args, R_TABLE),
		.yes = tool_args_has(args, R_YES),
	};
	int status = live_begin(&live, args);

	if (status == TOOL_OK)
		status = session_open(&session, &live);
	if (status)
		return status;
	load.is_alias = args->is_alias;
	file.family = live.family;
	status = load_run(&load);
	session_close(&session);
	return status;
}

const struct tool_command cmd_restore = {
	.name = "restore",
	.summary = "load what iptables-save printed, as iptables-restore does",
	.operands = "FILE",
	.operands_max = 1,
	.text = "Reads standard input without a file.",
	.options = restore_options,
	.noptions = pktt_countof(restore_options),
	.run = run_restore,
};
