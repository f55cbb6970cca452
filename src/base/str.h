/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growing text. Writers never fail in the middle: lack of memory sets failed, which whoever
 * uses the text looks at once, at the end.
 */
#ifndef PKTT_BASE_STR_H
#define PKTT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

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
void str_clear(struct str *s); /* empties, keeps the memory */
void str_putc(struct str *s, char c);
void str_puts(struct str *s, const char *text);
void str_putn(struct str *s, const char *text, size_t len);
void str_putf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* text, with bytes outside printable ASCII as \xHH and backslash doubled: for people's terminals */
void str_put_escaped(struct str *s, const char *text, size_t len);
const char *str_text(const struct str *s); /* "" when empty; never NULL */

#endif
