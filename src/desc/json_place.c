/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/json_place.h"

#include <string.h>

static size_t skip_string(const struct json_place *p, size_t at)
{
	for (at++; at < p->len && p->text[at] != '"'; at++)
		if (p->text[at] == '\\')
			at++;
	return at + 1;
}

static size_t skip_blanks(const struct json_place *p, size_t at)
{
	while (at < p->len && (p->text[at] == ' ' || (p->text[at] >= '\t' && p->text[at] <= '\r')))
		at++;
	return at;
}

/* The offset after the value at at. */
static size_t skip_value(const struct json_place *p, size_t at)
{
	unsigned int depth = 0;

	while (at < p->len) {
		char c = p->text[at];

		if (c == '"') {
			at = skip_string(p, at);
			continue;
		}
		if (depth == 0 && (c == ',' || c == ']' || c == '}'))
			return at;
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		at++;
	}
	return p->len;
}

/* The first element: after the '[' that follows the only key. */
static void start(struct json_place *p)
{
	const char *open = memchr(p->text, '[', p->len);

	p->at = skip_blanks(p, open ? (size_t)(open - p->text) + 1 : p->len);
	p->at_index = 0;
}

static struct pktt_place line_and_column(const struct json_place *p, const char *file)
{
	struct pktt_place place = { file, 1, 1, 1 };

	for (size_t i = 0; i < p->at && i < p->len; i++) {
		place.column++;
		if (p->text[i] == '\n') {
			place.line++;
			place.column = 1;
		}
	}
	return place;
}

struct pktt_place json_place_find(struct json_place *place, const char *file)
{
	if (place->at == 0 || place->index < place->at_index)
		start(place);
	for (; place->at_index < place->index; place->at_index++)
		place->at = skip_blanks(place, skip_value(place, place->at) + 1);
	return line_and_column(place, file);
}
