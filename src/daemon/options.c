/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/distance.h"
#include "base/own.h"
#include "base/str.h"

enum { USAGE = 2 };
enum what {
	CONFIG,
	SOCKET,
	RULES,
	INTERFACE,
	BRIDGE,
	ROUTE,
	SET,
	PLUGINS,
	PID_FILE,
	CHECK,
	STOP,
	FOREGROUND,
	VERSION,
	HELP,
	WHAT_COUNT
};

static const struct {
	const char *name, *value, *help;
} options[WHAT_COUNT] = {
	[CONFIG] = { "config", "FILE",
		     "the configuration, instead of /etc/pkttables/pkttables.conf" },
	[SOCKET] = { "socket", "PATH", "where programs connect; view.sock is beside it" },
	[RULES] = { "rules", "FILE", "the rules, instead of the configuration's" },
	[INTERFACE] = { "interface", "NAME[=ADDR/LEN,...]",
			"an interface of this machine, or of the model with =; may be repeated" },
	[BRIDGE] = { "bridge", "NAME=PORT,...", "a bridge and its ports; may be repeated" },
	[ROUTE] = { "route", "PREFIX=NAME[,via ADDR]", "a route; may be repeated" },
	[SET] = { "set", "KEY=VALUE",
		  "a setting of the router or of connection tracking, as of pktt replay; may be repeated" },
	[PLUGINS] = { "plugins", "FOLDER", "load extensions from the shared objects there" },
	[PID_FILE] = { "pid-file", "FILE", "write the number of the process there" },
	[CHECK] = { "check", NULL, "say what is wrong with configuration and rules, and end" },
	[STOP] = { "stop", NULL, "end the pkttd that runs, let go of every interface, and end" },
	[FOREGROUND] = { "foreground", NULL, "stay, and speak on standard error" },
	[VERSION] = { "version", NULL, "print the version" },
	[HELP] = { "help", NULL, "print this" },
};

static void print_help(void)
{
	printf("usage: pkttd [OPTION...]\n"
	       "The daemon of packet tables: rules, connections, queues and logs for programs.\n\n");
	for (size_t i = 0; i < WHAT_COUNT; i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", options[i].name,
			 options[i].value ? " " : "", options[i].value ? options[i].value : "");
		printf("  %-32s %s\n", left, options[i].help);
	}
}

static void suggest(const char *word)
{
	const char *name = word + strspn(word, "-"), *best = NULL;
	size_t dist = (size_t)-1, len = strcspn(name, "=");

	for (size_t i = 0; i < WHAT_COUNT; i++) {
		size_t d = distance(name, len, options[i].name, strlen(options[i].name));

		if (d < dist && distance_is_near(d, len)) {
			dist = d;
			best = options[i].name;
		}
	}
	fprintf(stderr, "pkttd: unknown option %.80s%s%s%s\nFor help: pkttd --help\n", word,
		best ? "; did you mean --" : "", best ? best : "", best ? "?" : "");
}

static void fill(struct option *table)
{
	for (int i = 0; i < WHAT_COUNT; i++)
		table[i] = (struct option){ options[i].name,
					    options[i].value ? required_argument : no_argument,
					    NULL, i };
	table[WHAT_COUNT] = (struct option){ 0 };
}

static void add_word(struct daemon_options *o, enum daemon_option_word kind, const char *text)
{
	o->word[o->nwords].kind = kind;
	o->word[o->nwords++].text = text;
}

/* What ends the run at once, or DAEMON_OPTIONS_RUN. */
static int take(struct daemon_options *o, enum what what, const char *value)
{
	const char **text[WHAT_COUNT] = {
		[CONFIG] = &o->config,	 [SOCKET] = &o->socket,	    [RULES] = &o->rules,
		[PLUGINS] = &o->plugins, [PID_FILE] = &o->pid_file,
	};

	if (text[what])
		*text[what] = value;
	else if (what >= INTERFACE && what <= ROUTE)
		add_word(o, (enum daemon_option_word)(what - INTERFACE), value);
	else if (what == SET)
		o->setting[o->nsettings++] = value;
	o->check |= what == CHECK;
	o->stop |= what == STOP;
	o->foreground |= what == FOREGROUND;
	if (what == HELP)
		print_help();
	if (what == VERSION)
		puts("pkttd " PKTT_VERSION);
	return what == HELP || what == VERSION ? EXIT_SUCCESS : DAEMON_OPTIONS_RUN;
}

static int refuse(int c, char **argv)
{
	if (c == ':')
		fprintf(stderr, "pkttd: %s needs a value\nFor help: pkttd --help\n",
			argv[optind - 1]);
	else
		suggest(argv[optind - 1]);
	return USAGE;
}

int daemon_options_parse(struct daemon_options *ret, int argc, char **argv)
{
	struct option table[WHAT_COUNT + 1];
	int r = DAEMON_OPTIONS_RUN, c;

	fill(table);
	ret->word = calloc((size_t)argc + 1, sizeof(*ret->word));
	ret->setting = calloc((size_t)argc + 1, sizeof(*ret->setting));
	if (!ret->word || !ret->setting)
		return EXIT_FAILURE;
	opterr = 0;
	while (r == DAEMON_OPTIONS_RUN && (c = getopt_long(argc, argv, ":", table, NULL)) != -1)
		r = c == ':' || c == '?' ? refuse(c, argv) : take(ret, (enum what)c, optarg);
	if (r == DAEMON_OPTIONS_RUN && optind < argc) {
		fprintf(stderr, "pkttd: unexpected %.80s\nFor help: pkttd --help\n", argv[optind]);
		return USAGE;
	}
	return r;
}

void daemon_options_fini(struct daemon_options *o)
{
	free(o->word);
	free(o->setting);
}

static void put_plain(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\*_#[]<>|~+", *text))
			str_putc(out, '\\');
		str_putc(out, *text);
	}
}

void daemon_options_scdoc(struct str *out)
{
	for (size_t i = 0; i < WHAT_COUNT; i++) {
		str_puts(out, "*--");
		put_plain(out, options[i].name);
		str_puts(out, "*");
		if (options[i].value) {
			str_puts(out, " ");
			put_plain(out, options[i].value);
		}
		str_puts(out, "\n\t");
		put_plain(out, options[i].help);
		str_puts(out, ".\n\n");
	}
}
