/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a word command of pktt is: data and one function. Command lines, usage errors, --help, the
 * manual page and shell completion derive from the table.
 *
 * A new command is one file with a table, and one line in commands.c.
 */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct tool_args;

enum tool_exit {
	TOOL_OK = 0,
	TOOL_REFUSED = 1,   /* a file or the ruleset refuses, or the thing is absent */
	TOOL_USAGE = 2,	    /* wrong command line */
	TOOL_NO_DAEMON = 3, /* nobody answers at pkttd's socket */
	TOOL_CONFLICT = 4,  /* the generation is another than was expected */
};

struct tool_option {
	const char *name;  /* long, without dashes */
	char letter;	   /* short, or 0 */
	const char *value; /* what stands for its value in help: "FILE"; NULL = a flag */
	const char *help;  /* one phrase, no final stop */
	bool is_repeatable;
};

struct tool_command {
	const char *name;
	const char *summary;  /* one phrase, no final stop */
	const char *operands; /* as help shows them: "FILE..."; NULL = none */
	size_t operands_min, operands_max;
	const char *text; /* a few sentences for help and the manual page, or NULL */
	const struct tool_option *options;
	size_t noptions;
	/* Does the work and says what went wrong, on standard error; returns enum tool_exit. */
	int (*run)(const struct tool_args *args);
};

/* All commands, in the order in which help lists them; ended by NULL. */
extern const struct tool_command *const tool_commands[];

const struct tool_command *tool_command_lookup(const char *name);

#endif
