/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A book as text that loads again: what iptables-save prints, the native language, JSON. */
#ifndef TOOLS_BOOK_SAVE_H
#define TOOLS_BOOK_SAVE_H

#include "tools/book.h"

#include <stdio.h>

enum book_save_flags {
	BOOK_COUNTERS = 1 << 0,
	BOOK_NATIVE = 1 << 1,  /* every family, sets and names; else what iptables can express */
	BOOK_HANDLES = 1 << 2, /* --handle N too: for an engine of our own; with BOOK_NATIVE */
};

/*
 * Without BOOK_NATIVE the tables of one family; -ENOTSUP where iptables cannot express a rule, each of
 * which stands in errs with its handle. -ENOMEM.
 */
int book_save(const struct book *book, enum pktt_family family, unsigned int flags, struct str *out,
	      struct pktt_errors *errs);
/* Written as it is made: of a long list no second copy stands in memory. -ENOMEM. */
int book_json(const struct book *book, const char *version, FILE *to);

#endif
