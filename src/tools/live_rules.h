/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection with pkttd's rules, and pictures of what it has. */
#ifndef TOOLS_LIVE_RULES_H
#define TOOLS_LIVE_RULES_H

#include "tools/book.h"
#include "tools/live.h"

#include <libpkttnetlink/libpkttnetlink.h>

struct session {
	struct live *live; /* borrowed */
	struct pkttnl *nl;
	struct pkttnl_catalog *cat;	    /* pkttd's own; NULL until session_catalog() */
	const struct pktt_catalog *catalog; /* the same, for the language */
	struct pkttnl_error err;	    /* of the last call that failed */
};

/* TOOL_OK, or TOOL_NO_DAEMON and everything told. */
int session_open(struct session *s, struct live *live);
/* What was read with its catalog (books, rules) goes before it. */
void session_close(struct session *s);
/* Fetch pkttd's catalog, if it was not. 0 or -errno with s->err. */
int session_catalog(struct session *s);
/*
 * Tells s->err on standard error (with --json as an object on standard output) and gives the exit
 * status for it.
 */
int session_refused(struct session *s);

/* What is fetched. */
struct session_want {
	int family;	     /* enum pkttnl_family, or PKTTNL_ANY_FAMILY */
	const char *table;   /* NULL = all */
	const char *chain;   /* NULL = all */
	bool has_sets;	     /* with their elements */
	enum book_form form; /* of rules */
};

/*
 * Rules as listings want them, all of one generation: a change meanwhile starts it over. A standard
 * table that pkttd has not begun, and that is wanted by name, is there with its chains. 0 or -errno with
 * s->err; -ENOENT: no such table.
 */
int session_book(struct session *s, const struct session_want *want, struct book *ret);

#endif
