/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule files of pkttd's own: each becomes the whole ruleset, in one transaction. */
#ifndef DAEMON_RULES_H
#define DAEMON_RULES_H

#include <sys/types.h>

#include "core/engine.h"

struct str;

/* What is to be the ruleset. */
struct rules_source {
	const char *path; /* a file */
	uid_t owner;	  /* whose files are trusted beside root's and our own; 0 = nobody's */
	const char *text; /* or its content; path is its name then */
	size_t len;
	void *user; /* pktt_txn_set_user() */
};

/*
 * Everything that is in the engine goes, and the file's rules and sets come, at one instant. 0, or
 * -errno with the sentences as people see them in *why, and nothing changed; -ENOENT and an empty *why:
 * there is no such file.
 */
int rules_load(struct pktt_engine *engine, const struct rules_source *source, struct str *why);
/* The same without the change: would it load? In an engine of its own. */
int rules_check(const struct pktt_engine_config *config, const char *path, struct str *why);
/* When the engine has gone. */
void rules_forget(void);
/* No rules; policies of IPv4's and IPv6's filter tables as given. */
int rules_clear(struct pktt_engine *engine, enum pktt_verdict policy, struct pktt_error *err);
/* All of it, as the native language has it. */
int rules_save(struct pktt_engine *engine, struct str *out);

#endif
