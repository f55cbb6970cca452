/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold for good arguments of whatever extension. */
#ifndef TESTS_PROP_ARGS_LAWS_H
#define TESTS_PROP_ARGS_LAWS_H

#include <pktt/ext.h>

enum { LAWS_WHY = 1024 };

/*
 * What is printed has no line break, reads back as equal and prints the same again; JSON and wire
 * read back as equal; a copy is equal. False with the first law that is broken in why.
 */
bool args_laws_hold(const struct pktt_ext *ext, enum pktt_family family, const void *args,
		    char why[LAWS_WHY]);

#endif
