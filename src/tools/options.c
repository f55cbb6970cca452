/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pktt/type.h>

#include "base/distance.h"
#include "base/str.h"

/* Help keeps to a terminal's width, its second column begins here. */
enum { HELP_WIDTH = 79, HELP_COLUMN = 28 };

struct reader {
	struct tool_args *args;
	int argc, at;
	const char *const *argv;
	struct pktt_error *err;
};

void tool_suggest(const char *name, const char *candidate, const char **best, size_t *dist)
{
	size_t len = strlen(name);
	size_t d = distance(name, len, candidate, strlen(candidate));

	if (!distance_is_near(d, len) || d >= *dist)
		return;
	*dist = d;
	*best = candidate;
}

static int unknown(const struct reader *r, const char *name, size_t len)
{
	const struct tool_command *c = r->args->command;
	const char *best = NULL;
	size_t dist = (size_t)-1;
	char word[64];

	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	for (size_t i = 0; i < c->noptions; i++)
		tool_suggest(word, c->options[i].name, &best, &dist);
	if (!best)
		return pktt_fail(r->err, -EINVAL, "unknown option --%s", word);
	return pktt_fail(r->err, -EINVAL, "unknown option --%s; did you mean --%s?", word, best);
}

static int give(const struct reader *r, size_t n, const char *value)
{
	struct tool_args *args = r->args;
	const struct tool_option *o = &args->command->options[n];

	if (!o->is_repeatable && tool_args_has(args, n))
		return pktt_fail(r->err, -EINVAL, "--%s is given twice", o->name);
	args->given[args->ngiven++] = (struct tool_given){ n, value };
	return 0;
}

/* value: what stands after "=" or directly after the letter, or NULL. */
static int take_option(struct reader *r, size_t n, const char *value)
{
	const struct tool_option *o = &r->args->command->options[n];

	if (!o->value && value)
		return pktt_fail(r->err, -EINVAL, "--%s takes no value", o->name);
	if (o->value && !value) {
		if (r->at >= r->argc)
			return pktt_fail(r->err, -EINVAL, "--%s needs %s", o->name, o->value);
		value = r->argv[r->at++];
	}
	return give(r, n, value);
}

static int take_long(struct reader *r, const char *word)
{
	const struct tool_command *c = r->args->command;
	size_t len = strcspn(word, "=");

	if (strcmp(word, "help") == 0) {
		r->args->wants_help = true;
		return 0;
	}
	for (size_t i = 0; i < c->noptions; i++)
		if (strlen(c->options[i].name) == len && !memcmp(c->options[i].name, word, len))
			return take_option(r, i, word[len] ? word + len + 1 : NULL);
	return unknown(r, word, len);
}

static int take_letters(struct reader *r, const char *word)
{
	const struct tool_command *c = r->args->command;

	for (; *word; word++) {
		size_t i = 0;

		while (i < c->noptions && c->options[i].letter != *word)
			i++;
		if (i == c->noptions && *word == 'h') {
			r->args->wants_help = true;
			return 0;
		}
		if (i == c->noptions)
			return pktt_fail(r->err, -EINVAL, "unknown option -%c", *word);
		if (c->options[i].value)
			return take_option(r, i, word[1] ? word + 1 : NULL);
		if (take_option(r, i, NULL) < 0)
			return -EINVAL;
	}
	return 0;
}

static int take_operand(const struct reader *r, const char *word)
{
	struct tool_args *args = r->args;

	if (args->noperands == args->command->operands_max)
		return pktt_fail(r->err, -EINVAL, "\"%.80s\" is too much", word);
	args->operand[args->noperands++] = word;
	return 0;
}

static int take_words(struct reader *r)
{
	bool only_operands = false;
	int rc = 0;

	while (rc == 0 && r->at < r->argc && !r->args->wants_help) {
		const char *word = r->argv[r->at++];

		if (only_operands || word[0] != '-' || word[1] == '\0')
			rc = take_operand(r, word);
		else if (strcmp(word, "--") == 0)
			only_operands = true;
		else if (word[1] == '-')
			rc = take_long(r, word + 2);
		else
			rc = take_letters(r, word + 1);
	}
	return rc;
}

int tool_args_parse(struct tool_args *ret, const struct tool_command *command, int argc,
		    const char *const *argv, struct pktt_error *err)
{
	struct tool_args args = { .command = command };
	struct reader r = { &args, argc, 1, argv, err };
	size_t room = argc > 0 ? (size_t)argc : 1;
	int rc = 0;

	args.given = calloc(room, sizeof(*args.given));
	args.operand = calloc(room, sizeof(*args.operand));
	if (!args.given || !args.operand)
		rc = pktt_fail(err, -ENOMEM, "no memory for the command line");
	if (rc == 0)
		rc = take_words(&r);
	if (rc == 0 && !args.wants_help && args.noperands < command->operands_min)
		rc = pktt_fail(err, -EINVAL, "%s is missing", command->operands);
	if (rc)
		tool_args_fini(&args);
	else
		*ret = args;
	return rc;
}

void tool_args_fini(struct tool_args *args)
{
	free(args->given);
	free(args->operand);
	*args = (struct tool_args){ 0 };
}

bool tool_args_has(const struct tool_args *args, size_t option)
{
	for (size_t i = 0; i < args->ngiven; i++)
		if (args->given[i].option == option)
			return true;
	return false;
}

const char *tool_args_value(const struct tool_args *args, size_t option)
{
	const char *value = NULL;

	for (size_t i = 0; i < args->ngiven; i++)
		if (args->given[i].option == option)
			value = args->given[i].value;
	return value;
}

/* --- Help -------------------------------------------------------------------------------- */

/* Words of text from this column on, lines broken between them and indented alike. */
static void put_wrapped(struct str *out, const char *text, size_t indent)
{
	size_t column = indent;

	while (*text) {
		size_t len = strcspn(text, " \n");

		if (column > indent && column + 1 + len > HELP_WIDTH) {
			str_putf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			str_putc(out, ' ');
			column++;
		}
		str_putn(out, text, len);
		column += len;
		text += len;
		if (*text == '\n')
			str_putf(out, "\n%*s", (int)indent, "");
		if (*text == '\n')
			column = indent;
		text += *text != '\0';
	}
	str_putc(out, '\n');
}

void tool_command_usage(const struct tool_command *command, struct str *out)
{
	str_putf(out, "pktt %s", command->name);
	if (command->noptions)
		str_puts(out, " [OPTION...]");
	if (command->operands && command->operands_min)
		str_putf(out, " %s", command->operands);
	else if (command->operands)
		str_putf(out, " [%s]", command->operands);
}

static void put_option(struct str *out, const struct tool_option *o)
{
	size_t start = out->len;

	str_puts(out, "  ");
	if (o->letter)
		str_putf(out, "-%c, ", o->letter);
	str_putf(out, "--%s", o->name);
	if (o->value)
		str_putf(out, " %s", o->value);
	if (o->is_repeatable)
		str_puts(out, " ...");
	if (out->len - start > HELP_COLUMN - 2)
		str_putf(out, "\n%*s", HELP_COLUMN, "");
	else
		str_putf(out, "%*s", (int)(HELP_COLUMN - (out->len - start)), "");
	put_wrapped(out, o->help, HELP_COLUMN);
}

void tool_command_help(const struct tool_command *command, struct str *out)
{
	static const struct tool_option help = { .name = "help", .help = "show this" };

	str_puts(out, "usage: ");
	tool_command_usage(command, out);
	str_putf(out, "\npktt %s: %s.\n\n", command->name, command->summary);
	if (command->text) {
		put_wrapped(out, command->text, 0);
		str_putc(out, '\n');
	}
	for (size_t i = 0; i < command->noptions; i++)
		put_option(out, &command->options[i]);
	put_option(out, &help);
}

int tool_usage_error(const struct tool_command *command, const struct pktt_error *err)
{
	fprintf(stderr, "pktt %s: %s\nFor help: pktt %s --help\n", command->name, err->text,
		command->name);
	return TOOL_USAGE;
}
