/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running rules beside those of files: what diff and load --diff say. */
#ifndef TOOLS_RUNNING_H
#define TOOLS_RUNNING_H

#include "tools/book_diff.h"
#include "tools/live_rules.h"

/* Both as books; the caller finishes them. Exit status, everything told. */
int running_and_file(struct session *s, struct pktt_engine *engine, struct book *running,
		     struct book *file);
/* The two titles, the differences, and how many there are. Nothing where there is none. */
void running_diff_text(const struct book *running, const char *name, const struct book_diff *diff);
/* {"changed":true,"before":"...","after":"..."}: what Ansible's modules hand on. */
void running_diff_json(const struct book *before, const struct book *after, bool differs);

#endif
