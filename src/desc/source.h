/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files that were read: their names, to which places in rules and errors point, and their text,
 * from which errors show a line. Keep it as long as anything that was read from them.
 */
#ifndef PKTT_DESC_SOURCE_H
#define PKTT_DESC_SOURCE_H

#include <pktt/type.h>

struct pktt_sources;

struct pktt_file {
	const char *name; /* as errors say it */
	const char *text; /* of len bytes, then a NUL */
	size_t len;
	uint64_t device, inode; /* 0, 0: not from a file */
};

/* Whose files are read. */
enum pktt_trust {
	PKTT_ANYBODY,	/* given by the user on a command line */
	PKTT_OWN_FILES, /* owned by root or the user, not writable by others */
};

int pktt_sources_new(struct pktt_sources **ret);
void pktt_sources_free(struct pktt_sources **sources);
/* Read a file whole; "-" is standard input. *ret is owned by sources. */
int pktt_sources_read(struct pktt_sources *sources, const char *path, enum pktt_trust trust,
		      const struct pktt_file **ret, struct pktt_error *err);
/* Keep a copy of a text that did not come from a file. */
int pktt_sources_add(struct pktt_sources *sources, const char *name, const char *text, size_t len,
		     const struct pktt_file **ret);
/* A file that was read, by the name that places point to; NULL = not here. */
const struct pktt_file *pktt_sources_lookup(const struct pktt_sources *sources, const char *name);
/*
 * The text of a place's line, up to a line break or NUL; NULL if its file is not here. ctx is the
 * struct pktt_sources, so that this is the line() of pktt_errors_print(). Asking for ascending
 * lines is linear.
 */
const char *pktt_sources_line(void *ctx, const struct pktt_place *place);

#endif
