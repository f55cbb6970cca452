/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run over rule text remembers from line to line and from file to file. */
#ifndef PKTT_DESC_TEXT_READ_H
#define PKTT_DESC_TEXT_READ_H

#include "base/str.h"
#include "desc/command.h"
#include "desc/lex.h"

struct pktt_file;

/* The files that are being read, innermost first. */
struct open_file {
	const struct pktt_file *file;
	const struct open_file *outer;
	unsigned int depth;
};

struct text_reader {
	struct pktt_source src; /* of the file that is being read */
	const struct pktt_receiver *to;
	struct pktt_errors *errs;
	struct lex lex;
	struct str element;	   /* of the set line that is being read */
	enum pktt_family family;   /* of the section */
	char table[PKTT_NAME_MAX]; /* of the section */
	struct pktt_place table_place;
	bool in_table, is_refused; /* refused: the section's commands go nowhere */
	bool has_sets;		   /* lines of ipset save were there */
	const struct open_file *open;
};

/* Read one file's text; errors go to r->errs. */
void text_reader_read(struct text_reader *r, const char *text, size_t len);

#endif
