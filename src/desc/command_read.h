/* SPDX-License-Identifier: BSD-2-Clause */
/* One command from its words: what a line of a rule file and a command line share. */
#ifndef PKTT_DESC_COMMAND_READ_H
#define PKTT_DESC_COMMAND_READ_H

#include "desc/command.h"
#include "desc/words.h"

/* Where the words stand. */
struct command_line {
	const struct pktt_source *src;
	const struct pktt_receiver *to;
	enum pktt_family family;
	const char *table; /* of the section, or the default */
	bool is_line;	   /* of a rule file: -t and what only listings have is refused */
	bool has_counters; /* [p:b] stood before it */
	struct pktt_counters counters;
};

/* Reads words from words->at on, and hands over what they say. */
int command_read(const struct command_line *line, struct words *words, struct pktt_error *err);
/* "[packets:bytes]" */
bool command_counters(const char *text, struct pktt_counters *ret);
/* ACCEPT, DROP, RETURN of ebtables' chains; "-" is CONTINUE. */
int command_policy(const char *name, enum pktt_family family, enum pktt_verdict *ret,
		   struct pktt_error *err);
/* A name into one of a command's fields. */
int command_name(const char *what, const char *name, char field[PKTT_NAME_MAX],
		 struct pktt_error *err);
/* Hand a command over; an error without a line gets the command's place. */
int command_send(const struct pktt_receiver *to, struct pktt_command *cmd, struct pktt_error *err);

#endif
