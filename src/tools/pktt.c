/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt: finds the command's table and hands it the command line. */
#include "tools/options.h"
#include "tools/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pktt/type.h>

#include "base/str.h"

static void print_help(FILE *to)
{
	fprintf(to,
		"usage: pktt COMMAND [OPTION...]\n"
		"       pktt [-t TABLE] -A|-I|-D|-R|-C|-L|-S|-F|-N|-X|-P|-E|-Z ... (as iptables)\n"
		"Packet tables for IPv4, IPv6, ARP and bridges.\n\n");
	for (size_t i = 0; tool_commands[i]; i++)
		fprintf(to, "  %-12s %s\n", tool_commands[i]->name, tool_commands[i]->summary);
	fprintf(to, "\npktt COMMAND --help tells of one command, pktt --version of the program.\n");
}

static int unknown_command(const char *name)
{
	const char *best = NULL;
	size_t dist = (size_t)-1;

	for (size_t i = 0; tool_commands[i]; i++)
		tool_suggest(name, tool_commands[i]->name, &best, &dist);
	if (best)
		fprintf(stderr, "pktt: unknown command %.80s; did you mean %s?\n", name, best);
	else
		fprintf(stderr, "pktt: unknown command %.80s\n", name);
	fprintf(stderr, "For help: pktt --help\n");
	return TOOL_USAGE;
}

/* Output that did not reach its file is no success. */
static int flush(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	perror("pktt: standard output");
	return status ? status : TOOL_REFUSED;
}

static int run_command_as(const struct tool_command *command, int argc, const char *const *argv,
			  bool is_alias)
{
	struct str help = STR_INIT;
	struct pktt_error err = { 0 };
	struct tool_args args;
	int status = TOOL_OK;

	if (tool_args_parse(&args, command, argc, argv, &err) < 0)
		return tool_usage_error(command, &err);
	if (args.wants_help) {
		tool_command_help(command, &help);
		fputs(str_text(&help), stdout);
		str_fini(&help);
	} else {
		args.is_alias = is_alias;
		status = command->run(&args);
	}
	tool_args_fini(&args);
	return flush(status);
}

static int run_command(const struct tool_command *command, int argc, const char *const *argv)
{
	return run_command_as(command, argc, argv, false);
}

/* Options that may stand before the command, as `pktt --json check FILE`: they are the command's. */
static const struct {
	const char *word;
	const char *as[2]; /* what the command is told; the second, if any, is its value */
	bool takes_value;
} early[] = {
	{ "--json", { "--json", NULL }, false },      { "-4", { "--family", "ipv4" }, false },
	{ "-6", { "--family", "ipv6" }, false },      { "--family", { "--family", NULL }, true },
	{ "--plugins", { "--plugins", NULL }, true }, { "--socket", { "--socket", NULL }, true },
	{ "--netns", { "--netns", NULL }, true },     { "--color", { "--color", NULL }, true },
	{ "-n", { "--numeric", NULL }, false },	      { "--numeric", { "--numeric", NULL }, false },
	{ "-q", { "--quiet", NULL }, false },	      { "--quiet", { "--quiet", NULL }, false },
	{ "-v", { "--verbose", NULL }, false },	      { "--verbose", { "--verbose", NULL }, false },
};

/* "--socket PATH" or "--socket=PATH" */
static bool is_early(size_t i, const char *word)
{
	size_t len = early[i].takes_value ? strcspn(word, "=") : strlen(word);

	return strlen(early[i].word) == len && strncmp(early[i].word, word, len) == 0;
}

/* Fills line with the command, then what stood before it, then the rest; its length, 0 = too long. */
static int reorder(int argc, const char *const *argv, const char **line, int room)
{
	int at = 1, n = 1;

	while (at < argc && argv[at][0] == '-') {
		size_t i = 0;

		while (i < sizeof(early) / sizeof(early[0]) && !is_early(i, argv[at]))
			i++;
		if (i == sizeof(early) / sizeof(early[0]) || n + 2 > room)
			return 0;
		line[n++] = strchr(argv[at], '=') ? argv[at] : early[i].as[0];
		if (strchr(argv[at], '=')) {
			at++;
			continue;
		}
		if (early[i].as[1])
			line[n++] = early[i].as[1];
		else if (early[i].takes_value && ++at < argc)
			line[n++] = argv[at];
		at++;
	}
	if (at >= argc || n + argc - at > room)
		return 0;
	line[0] = argv[at++];
	while (at < argc)
		line[n++] = argv[at++];
	return n;
}

static int find_and_run(int argc, const char *const *argv)
{
	const char **line = calloc((size_t)argc * 2, sizeof(const char *));
	int n = line ? reorder(argc, argv, line, argc * 2) : 0;
	const struct tool_command *command = n ? tool_command_lookup(line[0]) : NULL;
	int status;

	if (command)
		status = run_command(command, n, line);
	else
		status = unknown_command(n ? line[0] : argv[1]);
	free(line);
	return status;
}

/* --- iptables and its like, by the program's name --------------------------------------------------- */

/* Options of the program that have no meaning here, or another spelling. */
struct respelling {
	const char *word;
	unsigned int drops; /* words, this one included; 2 with a number or a command behind */
	bool only_number;   /* the second only if it is a number */
	const char *as;
};

static const struct respelling respellings[] = {
	{ "-w", 2, true, NULL },	 { "--wait", 2, true, NULL },
	{ "-W", 2, true, NULL },	 { "--wait-interval", 2, true, NULL },
	{ "-M", 2, false, NULL },	 { "--modprobe", 2, false, NULL },
	{ "-V", 0, false, "--version" }, { "-f", 2, false, NULL },
	{ "-b", 1, false, NULL },	 { "--binary", 1, false, NULL },
};

static bool is_number(const char *word)
{
	return word && word[0] && strspn(word, "0123456789") == strlen(word);
}

/* How many words from argv[at] on are left out. */
static int dropped(const struct alias *alias, int argc, const char *const *argv, int at)
{
	if (strncmp(argv[at], "--wait=", 7) == 0 || strncmp(argv[at], "--modprobe=", 11) == 0 ||
	    strncmp(argv[at], "--wait-interval=", 16) == 0)
		return 1;
	if ((argv[at][0] == '-' && argv[at][1] == 'w' && is_number(argv[at] + 2)))
		return 1;
	for (size_t i = 0; i < sizeof(respellings) / sizeof(respellings[0]); i++) {
		const struct respelling *r = &respellings[i];

		if (r->as || strcmp(r->word, argv[at]) != 0 ||
		    (strcmp(r->word, "-f") == 0 && alias->does != ALIAS_SAVE))
			continue;
		if (r->drops == 2 && at + 1 < argc && (!r->only_number || is_number(argv[at + 1])))
			return 2;
		return 1;
	}
	return 0;
}

/* iptables-save and iptables-restore are the commands save and restore of one family. */
static int run_save_or_restore(const struct alias *alias, int argc, const char *const *argv)
{
	static const char *const family[] = { "ipv4", "ipv6", "inet", "arp", "bridge" };
	const struct tool_command *command =
		tool_command_lookup(alias->does == ALIAS_SAVE ? "save" : "restore");
	const char **line = calloc((size_t)argc + 8, sizeof(*line));
	int n = 0, status;

	if (!line)
		return TOOL_REFUSED;
	line[n++] = command->name;
	line[n++] = "--family";
	line[n++] = family[alias->family];
	if (alias->does == ALIAS_SAVE) {
		line[n++] = "--format";
		line[n++] = "iptables";
		line[n++] = "--banner";
	}
	for (int at = 1; at < argc;) {
		int drop = dropped(alias, argc, argv, at);

		if (drop == 0 &&
		    (strcmp(argv[at], "-V") == 0 || strcmp(argv[at], "--version") == 0)) {
			printf("%s v1.8.9 (pkttables)\n", alias->name);
			free(line);
			return TOOL_OK;
		}
		if (drop == 0)
			line[n++] = argv[at++];
		at += drop;
	}
	status = run_command_as(command, n, line, true);
	free(line);
	return status;
}

static int run_alias(const struct alias *alias, int argc, const char *const *argv)
{
	if (alias->does == ALIAS_VERBS)
		return flush(verbs_run(alias, argc - 1, argv + 1));
	return run_save_or_restore(alias, argc, argv);
}

/* -------------------------------------------------------------------------------------------------- */

/* The first word that is no option that stands before commands, and no value of one; NULL = none. */
static const char *first_word(int argc, const char *const *argv)
{
	for (int at = 1; at < argc; at++) {
		size_t i = 0;

		if (argv[at][0] != '-')
			return argv[at];
		while (i < sizeof(early) / sizeof(early[0]) && !is_early(i, argv[at]))
			i++;
		if (i == sizeof(early) / sizeof(early[0]))
			return NULL;
		at += early[i].takes_value && !strchr(argv[at], '=');
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const char *const *words = (const char *const *)argv;
	const struct alias *alias = alias_lookup(argc > 0 ? argv[0] : NULL);

	if (alias)
		return run_alias(alias, argc, words);
	if (argc < 2) {
		print_help(stderr);
		return TOOL_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    (argc == 2 && strcmp(argv[1], "help") == 0)) {
		print_help(stdout);
		return flush(TOOL_OK);
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("pktt " PKTT_VERSION);
		return flush(TOOL_OK);
	}
	if (!first_word(argc, words) && verbs_are_there(argc - 1, words + 1))
		return flush(verbs_run(NULL, argc - 1, words + 1));
	return find_and_run(argc, words);
}
