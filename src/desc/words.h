/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words one after the other, seen as options with values: what rule lines and command lines share.
 * "--name value", "--name=value", "-x value", "-xvalue", and "-xyz" for letters without values.
 */
#ifndef PKTT_DESC_WORDS_H
#define PKTT_DESC_WORDS_H

#include "desc/lex.h"

struct words {
	const struct lex_word *word;
	unsigned int n, at; /* at: the next one */
	const char *file;   /* for places */
};

struct option {
	const char *name; /* long name without dashes, len bytes; NULL for a letter */
	size_t len;
	char letter;
	const char *attached; /* value in the same word, or letters still to come; else NULL */
	const struct lex_word *word;
	struct pktt_place place;
};

/* A word that is an option or the "!" before one; else a value. */
bool words_is_option(const struct lex_word *word);
static inline bool words_is_not(const struct lex_word *word)
{
	return word->text[0] == '!' && word->len == 1 && !word->is_quoted;
}

/* Take the next word, which must be an option. */
int words_option(struct words *w, struct option *ret, struct pktt_error *err);
/* The next letter of "-xyz" when the value of the one before was not taken; false at the end. */
bool words_next_letter(struct option *opt);
/* The option as it was written, without its value: for sentences. */
void words_spell(const struct option *opt, char *buf, size_t room);
/*
 * Take a value of opt, attached or the next word; NULL where there is none, with *place where it
 * should be. more: the place grows to span several values.
 */
const char *words_value(struct words *w, struct option *opt, bool more, struct pktt_place *place);
/* Take the next word if it is there and no option; NULL otherwise. */
const struct lex_word *words_plain(struct words *w);
/* Where a further word should be. */
struct pktt_place words_end(const struct words *w);

/* A decimal number that fits, or false. */
bool words_number(const char *text, uint64_t max, uint64_t *ret);

#endif
