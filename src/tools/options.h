/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines by table: GNU's way, options and operands in any order, "--" ends the options. */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include "tools/command.h"

struct pktt_error;
struct str;

struct tool_given {
	size_t option;	   /* number in the command's table */
	const char *value; /* borrowed from argv; NULL for a flag */
};

/* A command line that fits its table. given is in the order of the command line. */
struct tool_args {
	const struct tool_command *command;
	struct tool_given *given; /* owned */
	size_t ngiven;
	const char **operand; /* owned; what it points to is argv's */
	size_t noperands;
	bool is_alias; /* iptables-restore and the like: says and asks no more than that program */
	bool wants_help; /* --help or -h: nothing else was looked at */
};

/* argv[0] is the command's name. -EINVAL with a sentence (did you mean ...), -ENOMEM. */
int tool_args_parse(struct tool_args *ret, const struct tool_command *command, int argc,
		    const char *const *argv, struct pktt_error *err);
void tool_args_fini(struct tool_args *args);
bool tool_args_has(const struct tool_args *args, size_t option);
/* The value given last, or NULL. */
const char *tool_args_value(const struct tool_args *args, size_t option);

/* "usage: pktt NAME [OPTION...] FILE...", text and options: what --help prints. */
void tool_command_help(const struct tool_command *command, struct str *out);
/* The line after "usage: ". */
void tool_command_usage(const struct tool_command *command, struct str *out);
/*
 * For "did you mean": *best becomes candidate if that is nearer to the misspelt name than what
 * *dist says of the one before, and near at all. Both start as NULL and (size_t)-1.
 */
void tool_suggest(const char *name, const char *candidate, const char **best, size_t *dist);
/* Prints "pktt NAME: sentence" and where help is on standard error; gives TOOL_USAGE. */
int tool_usage_error(const struct tool_command *command, const struct pktt_error *err);

#endif
