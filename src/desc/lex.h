/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines and words of rule text, each with the exact place where it stands.
 *
 * Words are split as iptables-restore splits them: blanks separate; "..." keeps together, a
 * backslash inside it takes the next byte as it is, and the closing quote ends the word. Elsewhere
 * a backslash is a plain byte, and ' is one everywhere.
 */
#ifndef PKTT_DESC_LEX_H
#define PKTT_DESC_LEX_H

#include <pktt/type.h>

struct lex_word {
	const char *text; /* without quotes and escapes, ended by NUL */
	uint32_t len;
	uint32_t line, column, span; /* in the source; columns count bytes */
	bool is_quoted;		     /* some of it was: "!" or # may be plain text */
};

/* The lines of a text. */
struct lex_text {
	const char *at, *end;
	uint32_t line;	  /* of at */
	bool joins_lines; /* a backslash before the line break continues the line */
};

/* One line without its line break; more than one line of the text where joined. */
struct lex_line {
	const char *start;
	size_t len;
	uint32_t number;
	bool joins_lines;
};

/* Words of a line; the memory is reused from line to line. */
struct lex {
	struct lex_word *word;
	unsigned int nwords;
	unsigned int room; /* of word */
	char *scratch;	   /* the words' text */
	size_t scratch_room;
};

struct lex_text lex_text_of(const char *text, size_t len, bool joins_lines);
/* The next line, or false at the end. */
bool lex_next_line(struct lex_text *text, struct lex_line *ret);
/* Split a line. Words live until the next call. -EINVAL for an open quote or a NUL byte. */
int lex_split(struct lex *lex, const struct lex_line *line, struct pktt_error *err);
/* Words that are there already (argv): joined by single blanks they are line 1. -ENOMEM */
int lex_words(struct lex *lex, int argc, const char *const *argv);
void lex_fini(struct lex *lex);

/* The place of a word of the file of that name. */
static inline struct pktt_place lex_place(const char *file, const struct lex_word *word)
{
	return (struct pktt_place){ file, word->line, word->column, word->span };
}

static inline bool lex_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

#endif
