/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line under way, in memory of its own: a list of a million connections is written number by number,
 * for which printf is too slow. What does not fit is left out; ROOM holds the longest that there is.
 */
#ifndef PKTT_DESC_CT_LINE_H
#define PKTT_DESC_CT_LINE_H

#include "base/str.h"
#include "desc/ct_view.h"

#include <string.h>

enum { CT_LINE_ROOM = 4096 };

struct ct_line {
	size_t len;
	char text[CT_LINE_ROOM];
};

static inline void line_putn(struct ct_line *l, const char *text, size_t len)
{
	if (len <= CT_LINE_ROOM - l->len) {
		memcpy(l->text + l->len, text, len);
		l->len += len;
	}
}

static inline void line_puts(struct ct_line *l, const char *text)
{
	line_putn(l, text, strlen(text));
}

/* A string constant. */
#define line_lit(l, text) line_putn(l, text, sizeof(text) - 1)

static inline void line_putc(struct ct_line *l, char c)
{
	if (l->len < CT_LINE_ROOM)
		l->text[l->len++] = c;
}

void line_uint(struct ct_line *l, uint64_t n);
void line_hex(struct ct_line *l, uint32_t n);
void line_addr(struct ct_line *l, uint8_t family, const uint8_t *addr);
/* Left aligned in width columns, as printf's "%-*s". */
void line_left(struct ct_line *l, const char *text, size_t width);
/* With bytes that a terminal or XML would take for something else as '?'. */
void line_plain(struct ct_line *l, const char *text, size_t max);

#endif
