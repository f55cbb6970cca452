/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pkttd's command line: a table, from which parsing, --help and the manual page derive. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct str;

enum daemon_option_word { DAEMON_OPTION_INTERFACE, DAEMON_OPTION_BRIDGE, DAEMON_OPTION_ROUTE };

struct daemon_options {
	const char *config, *socket, *rules, *plugins, *pid_file; /* NULL = not given */
	bool foreground, check, stop;
	struct {
		enum daemon_option_word kind;
		const char *text;
	} * word; /* of the router, in order; owned */
	size_t nwords;
	const char **setting; /* KEY=VALUE; owned */
	size_t nsettings;
};

#define DAEMON_OPTIONS_RUN (-1)

/* What to exit with, everything having been said; or DAEMON_OPTIONS_RUN. */
int daemon_options_parse(struct daemon_options *ret, int argc, char **argv);
void daemon_options_fini(struct daemon_options *options);
/* The options as pkttd(8) has them, in scdoc's language. */
void daemon_options_scdoc(struct str *out);

#endif
