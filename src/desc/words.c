/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool words_is_option(const struct lex_word *word)
{
	return words_is_not(word) || (word->text[0] == '-' && word->text[1] != '\0');
}

int words_option(struct words *w, struct option *ret, struct pktt_error *err)
{
	const struct lex_word *word = &w->word[w->at];
	const char *text = word->text, *equals;

	*ret = (struct option){ .word = word, .place = lex_place(w->file, word) };
	if (text[0] != '-' || text[1] == '\0' || (text[1] == '-' && text[2] == '\0')) {
		if (err)
			err->place = ret->place;
		return pktt_fail(err, -EINVAL, "expected an option here, not \"%.60s\"", text);
	}
	w->at++;
	if (text[1] != '-') {
		ret->letter = text[1];
		ret->attached = text[2] ? text + 2 : NULL;
		return 0;
	}
	equals = strchr(text + 2, '=');
	ret->name = text + 2;
	ret->len = equals ? (size_t)(equals - ret->name) : word->len - 2u;
	ret->attached = equals ? equals + 1 : NULL;
	return 0;
}

bool words_next_letter(struct option *opt)
{
	if (!opt->letter || !opt->attached)
		return false;
	opt->letter = opt->attached[0];
	opt->attached = opt->attached[1] ? opt->attached + 1 : NULL;
	return true;
}

void words_spell(const struct option *opt, char *buf, size_t room)
{
	if (opt->letter)
		snprintf(buf, room, "-%c", opt->letter);
	else
		snprintf(buf, room, "--%.*s", opt->len < 60 ? (int)opt->len : 60, opt->name);
}

struct pktt_place words_end(const struct words *w)
{
	const struct lex_word *last = w->n ? &w->word[w->n - 1] : NULL;

	if (!last)
		return (struct pktt_place){ .file = w->file };
	return (struct pktt_place){ w->file, last->line, last->column + last->span + 1, 1 };
}

static const char *take_attached(struct words *w, struct option *opt, struct pktt_place *place)
{
	const char *value = opt->attached;
	uint32_t skip = (uint32_t)(value - opt->word->text);

	*place = lex_place(w->file, opt->word);
	if (!opt->word->is_quoted) {
		place->column += skip;
		place->length -= skip;
	}
	opt->attached = NULL;
	return value;
}

const char *words_value(struct words *w, struct option *opt, bool more, struct pktt_place *place)
{
	const struct lex_word *word;

	if (opt->attached)
		return take_attached(w, opt, place);
	if (w->at == w->n) {
		*place = words_end(w);
		return NULL;
	}
	word = &w->word[w->at++];
	if (more && place->line == word->line)
		place->length = word->column + word->span - place->column;
	else if (!more)
		*place = lex_place(w->file, word);
	return word->text;
}

const struct lex_word *words_plain(struct words *w)
{
	if (w->at == w->n || words_is_option(&w->word[w->at]))
		return NULL;
	return &w->word[w->at++];
}

bool words_number(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (*text == '\0')
		return false;
	for (; *text; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' || v > (max - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*ret = v;
	return true;
}
