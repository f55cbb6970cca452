/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Overview: a line is copied once, word by word, into the scratch memory of struct lex. A word
 * never grows by unquoting and is followed by at least one byte of the line or its end, so the
 * length of the line plus one is room for all words with their NULs.
 */
#include "desc/lex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct lex_text lex_text_of(const char *text, size_t len, bool joins_lines)
{
	return (struct lex_text){ text, text + len, 1, joins_lines };
}

/* Whether the line that ends before end (its line break) goes on in the next one. */
static bool is_joined(const char *start, const char *end)
{
	while (start < end && lex_is_blank(*start))
		start++;
	if (end > start && end[-1] == '\r')
		end--;
	return end > start && *start != '#' && end[-1] == '\\';
}

bool lex_next_line(struct lex_text *text, struct lex_line *ret)
{
	const char *start = text->at, *end = start;

	if (start == text->end)
		return false;
	*ret = (struct lex_line){ start, 0, text->line, text->joins_lines };
	for (;;) {
		end = memchr(end, '\n', (size_t)(text->end - end));
		if (!end)
			break;
		text->line++;
		if (!text->joins_lines || !is_joined(start, end) || end + 1 == text->end)
			break;
		end++;
	}
	text->at = end ? end + 1 : text->end;
	end = end ? end : text->end;
	if (end > start && end[-1] == '\r')
		end--;
	ret->len = (size_t)(end - start);
	return true;
}

/* --- Splitting ---------------------------------------------------------------------------- */

struct cursor {
	const char *at, *end;
	const char *line_start; /* of the line of the text that at stands in */
	uint32_t line;
	bool joins_lines;
	char *out;
};

static uint32_t column(const struct cursor *c)
{
	return (uint32_t)(c->at - c->line_start) + 1;
}

static int fail_at(const struct cursor *c, struct pktt_error *err, const char *sentence)
{
	if (err)
		err->place = (struct pktt_place){ err->place.file, c->line, column(c), 1 };
	return pktt_fail(err, -EINVAL, "%s", sentence);
}

/* Step over a backslash and the line break after it. */
static bool skip_joint(struct cursor *c)
{
	const char *p = c->at;

	if (*p != '\\' || !c->joins_lines)
		return false;
	p++;
	if (p < c->end && *p == '\r')
		p++;
	if (p < c->end && *p != '\n')
		return false;
	c->at = p < c->end ? p + 1 : p;
	c->line_start = c->at;
	c->line++;
	return true;
}

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end) {
		if (lex_is_blank(*c->at))
			c->at++;
		else if (!skip_joint(c))
			return;
	}
}

/* After the opening quote, up to and with the closing one. */
static bool take_quoted(struct cursor *c)
{
	while (c->at < c->end) {
		if (*c->at == '"') {
			c->at++;
			return true;
		}
		if (skip_joint(c))
			continue;
		if (*c->at == '\\' && c->at + 1 < c->end)
			c->at++;
		*c->out++ = *c->at++;
	}
	return false;
}

/* Blanks, the quote and what may be a joint: most bytes are none, and one look tells. */
static const bool may_end[256] = {
	[' '] = true,  ['\t'] = true, ['\v'] = true, ['\f'] = true,
	['\r'] = true, ['"'] = true,  ['\\'] = true,
};

/* Bytes that stand for themselves, up to a blank, a quote or a joint. */
static void take_plain(struct cursor *c)
{
	const char *at = c->at;
	char *out = c->out;

	while (at < c->end && (!may_end[(unsigned char)*at] || (*at == '\\' && !c->joins_lines)))
		*out++ = *at++;
	c->at = at;
	c->out = out;
}

static int take_word(struct cursor *c, struct lex_word *word, struct pktt_error *err)
{
	struct cursor open;

	*word = (struct lex_word){ c->out, 0, c->line, column(c), 0, false };
	for (;;) {
		take_plain(c);
		if (c->at == c->end || lex_is_blank(*c->at) || skip_joint(c))
			break;
		if (*c->at == '\\') {
			*c->out++ = *c->at++;
			continue;
		}
		open = *c;
		c->at++;
		word->is_quoted = true;
		if (take_quoted(c))
			break;
		return fail_at(&open, err, "the quote that opens here is never closed");
	}
	word->len = (uint32_t)(c->out - word->text);
	word->span = c->line == word->line ? column(c) - word->column : word->len;
	*c->out++ = '\0';
	return 0;
}

static int reserve_words(struct lex *lex)
{
	unsigned int room = lex->room ? 2 * lex->room : 32;
	struct lex_word *word = reallocarray(lex->word, room, sizeof(*word));

	if (!word)
		return -ENOMEM;
	lex->word = word;
	lex->room = room;
	return 0;
}

static int reserve_scratch(struct lex *lex, size_t len)
{
	char *scratch;

	if (lex->scratch_room > len)
		return 0;
	scratch = realloc(lex->scratch, len + len / 2 + 256);
	if (!scratch)
		return -ENOMEM;
	lex->scratch = scratch;
	lex->scratch_room = len + len / 2 + 256;
	return 0;
}

int lex_split(struct lex *lex, const struct lex_line *line, struct pktt_error *err)
{
	struct cursor c = { line->start,  line->start + line->len, line->start,
			    line->number, line->joins_lines,	   NULL };
	const char *nul = memchr(line->start, '\0', line->len);
	int r;

	lex->nwords = 0;
	if (nul) {
		c.at = nul;
		return fail_at(&c, err, "there is a NUL byte in the text");
	}
	if (reserve_scratch(lex, line->len))
		return pktt_fail(err, -ENOMEM, "no memory for a line");
	c.out = lex->scratch;
	for (;;) {
		skip_blanks(&c);
		if (c.at == c.end)
			return 0;
		if (lex->nwords == lex->room && reserve_words(lex))
			return pktt_fail(err, -ENOMEM, "no memory for a line");
		r = take_word(&c, &lex->word[lex->nwords], err);
		if (r)
			return r;
		lex->nwords++;
	}
}

int lex_words(struct lex *lex, int argc, const char *const *argv)
{
	uint32_t column = 1;

	lex->nwords = 0;
	for (int i = 0; i < argc; i++) {
		uint32_t len = (uint32_t)strlen(argv[i]);

		if (lex->nwords == lex->room && reserve_words(lex))
			return -ENOMEM;
		lex->word[lex->nwords++] = (struct lex_word){ argv[i], len, 1, column, len, false };
		column += len + 1;
	}
	return 0;
}

void lex_fini(struct lex *lex)
{
	free(lex->word);
	free(lex->scratch);
	*lex = (struct lex){ 0 };
}
