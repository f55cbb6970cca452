/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errors as people see them:
 *
 *   rules.v4:7:17: error: unknown option --dportt for match tcp; did you mean --dport?
 *       7 | -A INPUT -p tcp --dportt 443 -j ACCEPT
 *         |                 ^^^^^^^^
 *
 * The text of a rule file is foreign: bytes that a terminal would obey are shown as \xHH, and the
 * caret counts what is shown, not what is there.
 */
#include "desc/command.h"

#include "base/own.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

/* Columns of a source line that are shown; of a longer one, what surrounds the place. */
#define SHOWN  160u
#define BEFORE 60u

static bool is_before(const struct pktt_place *a, const struct pktt_place *b)
{
	if (!a->file || !b->file || strcmp(a->file, b->file) != 0)
		return false;
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void pktt_errors_add(struct pktt_errors *errs, const struct pktt_error *err)
{
	unsigned int at = errs->kept;

	errs->count++;
	while (at > 0 && is_before(&err->place, &errs->item[at - 1].place))
		at--;
	if (at == pktt_countof(errs->item))
		return;
	if (errs->kept < pktt_countof(errs->item))
		errs->kept++;
	memmove(&errs->item[at + 1], &errs->item[at],
		(errs->kept - at - 1) * sizeof(errs->item[0]));
	errs->item[at] = *err;
}

/* How a byte is shown; returns the columns it takes. A blank of any kind is one space. */
static unsigned int put_byte(unsigned char c, struct str *out)
{
	if (c == '\t')
		c = ' ';
	if (c >= 0x20 && c < 0x7f) {
		str_putc(out, (char)c);
		return 1;
	}
	str_putf(out, "\\x%02x", c);
	return 4;
}

/* Shows the line, or what is around the place; the carets that go under it stand in carets. */
static void put_window(const char *line, size_t len, const struct pktt_place *place,
		       struct str *out, struct str *carets)
{
	size_t at = place->column <= len ? place->column : len + 1;
	size_t end = at + (place->length ? place->length : 1);
	size_t first = len > SHOWN && at > SHOWN - BEFORE ? at - BEFORE : 1;
	size_t last = len >= first + SHOWN ? first + SHOWN - 1 : len;

	if (first > 1) {
		str_puts(out, "...");
		str_puts(carets, "   ");
	}
	for (size_t col = first; col <= last; col++) {
		unsigned int width = put_byte((unsigned char)line[col - 1], out);

		while (col < end && width--)
			str_putc(carets, col >= at ? '^' : ' ');
	}
	if (last < len)
		str_puts(out, "...");
	if (at > len) /* what is missing stands after the end of the line */
		str_putc(carets, '^');
}

static void put_line(const char *line, const struct pktt_place *place, struct str *out)
{
	struct str carets = STR_INIT;

	str_putf(out, "%5" PRIu32 " | ", place->line);
	put_window(line, strcspn(line, "\r\n"), place, out, &carets);
	str_putc(out, '\n');
	if (place->column)
		str_putf(out, "      | %s\n", str_text(&carets));
	str_fini(&carets);
}

static void put_escaped(const char *text, struct str *out)
{
	for (; *text; text++)
		put_byte((unsigned char)*text, out);
}

static void put_error(const struct pktt_error *err, const char *line, struct str *out)
{
	if (err->place.file) {
		put_escaped(err->place.file, out);
		str_puts(out, ":");
	}
	if (err->place.line)
		str_putf(out, "%" PRIu32 ":", err->place.line);
	if (err->place.line && err->place.column)
		str_putf(out, "%" PRIu32 ":", err->place.column);
	str_puts(out, out->len && out->data[out->len - 1] == ':' ? " error: " : "error: ");
	put_escaped(err->text, out);
	str_putc(out, '\n');
	if (line)
		put_line(line, &err->place, out);
}

void pktt_errors_print(const struct pktt_errors *errs,
		       const char *(*line)(void *ctx, const struct pktt_place *place), void *ctx,
		       struct str *out)
{
	for (unsigned int i = 0; i < errs->kept; i++) {
		const struct pktt_error *err = &errs->item[i];
		bool has_line = line && err->place.file && err->place.line;

		put_error(err, has_line ? line(ctx, &err->place) : NULL, out);
	}
	if (errs->count > errs->kept)
		str_putf(out, "... and %u more\n", errs->count - errs->kept);
	if (errs->count)
		str_putf(out, "%u error%s, nothing changed\n", errs->count,
			 errs->count == 1 ? "" : "s");
}
