/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/json.h"

#include "base/str.h"

#include <inttypes.h>
#include <string.h>

/* A comma where the value before needs one; leaves the state "after a value". */
static void separate(struct json *j)
{
	if (j->needs_comma)
		str_putc(j->out, ',');
	j->needs_comma = true;
}

static void open_with(struct json *j, char c)
{
	separate(j);
	str_putc(j->out, c);
	j->needs_comma = false;
}

static void close_with(struct json *j, char c)
{
	str_putc(j->out, c);
	j->needs_comma = true;
}

void json_begin_object(struct json *j)
{
	open_with(j, '{');
}

void json_end_object(struct json *j)
{
	close_with(j, '}');
}

void json_begin_array(struct json *j)
{
	open_with(j, '[');
}

void json_end_array(struct json *j)
{
	close_with(j, ']');
}

/* Length of the UTF-8 sequence at s (RFC 3629: no surrogates, nothing overlong), 0 if none. */
static size_t utf8_len(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80			 ? 1
		   : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		   : (s[0] & 0xf0) == 0xe0	 ? 3
						 : 0;

	if (s[0] >= 0xf0 && s[0] < 0xf5)
		n = 4;
	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static bool is_utf8(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_len((const unsigned char *)text + i, len - i);
		if (n == 0)
			return false;
	}
	return true;
}

/* A byte that stands for itself between quotes: printable ASCII but for the quote and backslash. */
static bool is_plain(unsigned char c)
{
	return (unsigned char)(c - 0x20) < 0x5f && c != '"' && c != '\\';
}

/* Text of plain bytes, as nearly all is: quoted at its place in one go. False for other text. */
static bool put_plain(struct str *out, const char *text, size_t len)
{
	char *to;

	if (!str_reserve(out, len + 2))
		return true;
	to = out->data + out->len;
	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		if (!is_plain((unsigned char)text[i])) {
			out->data[out->len] = '\0';
			return false;
		}
		*to++ = text[i];
	}
	*to++ = '"';
	*to = '\0';
	out->len += len + 2;
	return true;
}

static void put_escaped(struct str *out, const char *text, size_t len)
{
	str_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7f)
			str_putf(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			str_putf(out, "\\%c", c);
		else
			str_putc(out, (char)c);
	}
	str_putc(out, '"');
}

void json_key(struct json *j, const char *key)
{
	size_t len = strlen(key);

	separate(j);
	if (!put_plain(j->out, key, len))
		put_escaped(j->out, key, len);
	str_putc(j->out, ':');
	j->needs_comma = false;
}

void json_textn(struct json *j, const char *text, size_t len)
{
	separate(j);
	if (put_plain(j->out, text, len))
		return;
	if (is_utf8(text, len)) {
		put_escaped(j->out, text, len);
		return;
	}
	str_puts(j->out, "{\"hex\":");
	j->needs_comma = false;
	json_hex(j, (const uint8_t *)text, len);
	str_putc(j->out, '}');
}

void json_text(struct json *j, const char *text)
{
	json_textn(j, text, strlen(text));
}

void json_uint(struct json *j, uint64_t v)
{
	const char *quote = v > INT64_MAX ? "\"" : "";

	separate(j);
	str_puts(j->out, quote);
	str_put_uint(j->out, v);
	str_puts(j->out, quote);
}

void json_int(struct json *j, int64_t v)
{
	separate(j);
	if (v < 0)
		str_putc(j->out, '-');
	str_put_uint(j->out, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void json_bool(struct json *j, bool v)
{
	separate(j);
	str_puts(j->out, v ? "true" : "false");
}

void json_raw(struct json *j, const char *text, size_t len)
{
	separate(j);
	str_putn(j->out, text, len);
}

void json_none(struct json *j)
{
	separate(j);
	str_puts(j->out, "null");
}

/* Captures are written so: by the block, not by the digit. */
void json_hex(struct json *j, const uint8_t *data, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	char block[512];
	size_t n = 0;

	separate(j);
	str_putc(j->out, '"');
	for (size_t i = 0; i < len; i++) {
		block[n++] = digit[data[i] >> 4];
		block[n++] = digit[data[i] & 15];
		if (n == sizeof(block) || i + 1 == len) {
			str_putn(j->out, block, n);
			n = 0;
		}
	}
	str_putc(j->out, '"');
}

void json_put_text(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_text(j, text);
}

void json_put_uint(struct json *j, const char *key, uint64_t v)
{
	json_key(j, key);
	json_uint(j, v);
}

void json_put_bool(struct json *j, const char *key, bool v)
{
	json_key(j, key);
	json_bool(j, v);
}
