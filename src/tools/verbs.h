/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verbs of iptables: pktt -A INPUT -j DROP, and iptables -A INPUT -j DROP where the program was
 * called by that name, which then answers, fails and exits as that program does.
 */
#ifndef TOOLS_VERBS_H
#define TOOLS_VERBS_H

#include "base/str.h"
#include "tools/live_rules.h"
#include "tools/rule_files.h"

struct guard;

/* A program whose name was used. */
struct alias {
	const char *name; /* "iptables" */
	enum pktt_family family;
	enum { ALIAS_VERBS, ALIAS_SAVE, ALIAS_RESTORE } does;
};

/* By program name, its folder left out; NULL = none: it is pktt. */
const struct alias *alias_lookup(const char *argv0);

struct verbs {
	const struct alias *alias; /* NULL = pktt */
	struct live live;
	struct session session;
	struct tool_rules files; /* --rules: listings of files instead of a daemon's */
	bool is_offline;
	const char *plugins, *osf;

	const char **word; /* what is left for the language; owned, what it points to is argv's */
	int nwords;
	bool wants_help, wants_version, wants_zero, yes;
	uint64_t if_generation, before, after;

	struct pkttnl_txn *txn;
	struct pktt_command seen; /* the last command of the line; its rule is not kept */
	unsigned int nseen;
	struct str lines; /* with -v: the rules in one line each */
	enum { VERBS_PARSE, VERBS_SEND, VERBS_COMMIT } stage; /* where an error arose */
	bool is_absent;					      /* -C: a rule was not there */
};

/* Everything. Exit status; what is to be said is said. */
int verbs_run(const struct alias *alias, int argc, const char *const *argv);
/* Whether the words hold a verb: "pktt -L" and not "pktt --json check". */
bool verbs_are_there(int argc, const char *const *argv);

/* --- Parts ----------------------------------------------------------------------------------------- */

/* The line's commands, with which catalog. 0 or -errno with err. */
int verbs_read(struct verbs *v, const struct pktt_catalog *catalog, const struct pktt_receiver *to,
	       struct pktt_error *err);
/* -L and -S. */
int verbs_list(struct verbs *v);
/* All others. */
int verbs_change(struct verbs *v);
/* Tells of an error in the words of the program whose name was used; the exit status. */
int verbs_fail(struct verbs *v, const struct pktt_error *err);
/* iptables' own sentence and exit status for an error; NULL: it has none for that. */
const char *alias_sentence(const struct verbs *v, const struct pktt_error *err, int *status);

#endif
