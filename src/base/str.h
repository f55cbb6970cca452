/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growing text. Writers never fail in the middle: lack of memory sets failed, which whoever
 * uses the text looks at once, at the end.
 */
#ifndef PKTT_BASE_STR_H
#define PKTT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	char *data; /* ended by NUL once anything was put */
	size_t len, room;
	bool failed;
};

#define STR_INIT                  \
	{                         \
		NULL, 0, 0, false \
	}

void str_fini(struct str *s);
void str_clear(struct str *s);		      /* empties, keeps the memory */
void str_put_uint(struct str *s, uint64_t v); /* decimal */
void str_putf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* text, with bytes outside printable ASCII as \xHH and backslash doubled: for people's terminals */
void str_put_escaped(struct str *s, const char *text, size_t len);
const char *str_text(const struct str *s); /* "" when empty; never NULL */

/* Room for more bytes and the NUL: false without memory. str_reserve() is the one to call. */
bool str_grow(struct str *s, size_t more);

/*
 * The writers below stand in nearly every line that a listing prints, so they are compiled in
 * place; str.c holds them as functions, too, for plug-ins.
 */
inline bool str_reserve(struct str *s, size_t more)
{
	return (more < s->room - s->len && !s->failed) || str_grow(s, more);
}

inline void str_putn(struct str *s, const char *text, size_t len)
{
	if (!str_reserve(s, len))
		return;
	if (len)
		memcpy(s->data + s->len, text, len);
	s->len += len;
	s->data[s->len] = '\0';
}

inline void str_putc(struct str *s, char c)
{
	if (!str_reserve(s, 1))
		return;
	s->data[s->len++] = c;
	s->data[s->len] = '\0';
}

inline void str_puts(struct str *s, const char *text)
{
	str_putn(s, text, strlen(text));
}

#endif
