/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
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

extern inline bool str_reserve(struct str *s, size_t more);
extern inline void str_putn(struct str *s, const char *text, size_t len);
extern inline void str_putc(struct str *s, char c);
extern inline void str_puts(struct str *s, const char *text);

bool str_grow(struct str *s, size_t more)
{
	size_t room = s->room ? s->room : 64;
	char *data;

	if (s->failed)
		return false;
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

void str_put_uint(struct str *s, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + v % 10);
	while (v /= 10);
	str_putn(s, digits + at, sizeof(digits) - at);
}

/*
 * Conversions without flags and widths, which nearly all are: saving a ruleset is little else. False: this
 * one is not such; everything before it has been put, and *fmt points at it.
 */
static bool put_simple(struct str *s, const char **fmt, va_list *ap)
{
	for (const char *f = *fmt;; f++) {
		const char *percent = strchrnul(f, '%');

		str_putn(s, f, (size_t)(percent - f));
		f = percent;
		*fmt = f;
		if (!*f)
			return true;
		if (f[1] == 's')
			str_puts(s, va_arg(*ap, const char *));
		else if (f[1] == 'u')
			str_put_uint(s, va_arg(*ap, unsigned int));
		else if (f[1] == 'l' && f[2] == 'u')
			str_put_uint(s, va_arg(*ap, unsigned long));
		else if (f[1] == 'c')
			str_putc(s, (char)va_arg(*ap, int));
		else
			return false;
		f += f[1] == 'l' ? 2 : 1;
	}
}

void str_putf(struct str *s, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	if (put_simple(s, &fmt, &ap)) {
		va_end(ap);
		return;
	}
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0 && str_reserve(s, (size_t)n)) {
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
