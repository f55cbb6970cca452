/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule files into a running pkttd: read here, sent as one transaction. */
#ifndef TOOLS_LOAD_H
#define TOOLS_LOAD_H

#include "tools/live_rules.h"

struct pktt_sources;

struct load_file {
	const char *path; /* "-" = standard input */
	enum pktt_family family;
	bool is_native; /* else exactly what the family's save program prints */
};

struct load {
	struct session *session;
	struct load_file *file; /* the caller's */
	size_t nfiles;
	bool flushes;	/* *table empties the table */
	bool counters;	/* [p:b] counts */
	bool is_tested; /* nothing is committed */
	bool yes, quiet;
	bool cuts; /* ends connections that the rules refuse then */
	bool is_alias;		/* iptables-restore: says nothing, asks nothing */
	const char *only_table; /* of the files, or NULL */
	uint64_t if_generation;
	uint32_t confirm_s;
};

/* Everything: guard, reading, committing, telling. Exit status. */
int load_run(struct load *load);
/* The files in an engine of our own. 0, or -errno and everything told; the caller finishes rules. */
struct tool_rules;
int load_offline(struct tool_rules *rules, const struct load_file *file, size_t n, bool flushes);
/* How a file that says nothing of itself is read: by its name and its beginning. */
struct load_file load_guess(const char *path, const struct live *live);

#endif
