/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void str_fini(struct str *s)
{
	free(s->data);
	*s = (struct str)STR_INIT;
}

void str_clear(struct str *s)
{
	s->len = 0;
	if (s->data)
		s->data[0] = '\0';
}

/* Room for more bytes and the NUL. */
static bool reserve(struct str *s, size_t more)
{
	size_t room = s->room ? s->room : 64;
	char *data;

	if (s->failed)
		return false;
	if (s->room && more < s->room - s->len)
		return true;
	while (room - s->len <= more) {
		if (room > (size_t)-1 / 2) {
			s->failed = true;
			return false;
		}
		room *= 2;
	}
	data = realloc(s->data, room);
	if (!data) {
		s->failed = true;
		return false;
	}
	s->data = data;
	s->room = room;
	return true;
}

void str_putn(struct str *s, const char *text, size_t len)
{
	if (!reserve(s, len))
		return;
	if (len)
		memcpy(s->data + s->len, text, len);
	s->len += len;
	s->data[s->len] = '\0';
}

void str_putc(struct str *s, char c)
{
	str_putn(s, &c, 1);
}

void str_puts(struct str *s, const char *text)
{
	str_putn(s, text, strlen(text));
}

void str_putf(struct str *s, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0 && reserve(s, (size_t)n)) {
		vsnprintf(s->data + s->len, (size_t)n + 1, fmt, again);
		s->len += (size_t)n;
	}
	va_end(again);
}

void str_put_escaped(struct str *s, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\\')
			str_puts(s, "\\\\");
		else if (c < 0x20 || c >= 0x7f)
			str_putf(s, "\\x%02x", c);
		else
			str_putc(s, (char)c);
	}
}

const char *str_text(const struct str *s)
{
	return s->data ? s->data : "";
}
