/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between two books: rules by their text, in order, as diff(1) finds it. */
#ifndef TOOLS_BOOK_DIFF_H
#define TOOLS_BOOK_DIFF_H

#include "tools/book.h"

struct book_diff {
	unsigned int changed, added, removed;
	struct str *out; /* what the caller gave */
	bool color;
};

/*
 * Appends the differences to diff->out and counts them. Tables that only before has are left out where
 * only_common: a file that does not speak of a table leaves it as it is. -ENOMEM.
 */
int book_compare(const struct book *before, const struct book *after, bool only_common,
		 struct book_diff *diff);

#endif
