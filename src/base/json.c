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

static bool is_escaped(unsigned char c)
{
	return c == '"' || c == '\\' || c < 0x20 || c == 0x7f;
}

static void put_quoted(struct str *out, const char *text, size_t len)
{
	size_t from = 0;

	str_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!is_escaped(c))
			continue;
		str_putn(out, text + from, i - from);
		from = i + 1;
		if (c < 0x20 || c == 0x7f)
			str_putf(out, "\\u%04x", c);
		else
			str_putf(out, "\\%c", c);
	}
	str_putn(out, text + from, len - from);
	str_putc(out, '"');
}

void json_key(struct json *j, const char *key)
{
	separate(j);
	put_quoted(j->out, key, strlen(key));
	str_putc(j->out, ':');
	j->needs_comma = false;
}

void json_textn(struct json *j, const char *text, size_t len)
{
	if (!is_utf8(text, len)) {
		json_begin_object(j);
		json_key(j, "hex");
		json_hex(j, (const uint8_t *)text, len);
		json_end_object(j);
		return;
	}
	separate(j);
	put_quoted(j->out, text, len);
}

void json_text(struct json *j, const char *text)
{
	json_textn(j, text, strlen(text));
}

void json_uint(struct json *j, uint64_t v)
{
	separate(j);
	str_putf(j->out, v > INT64_MAX ? "\"%" PRIu64 "\"" : "%" PRIu64, v);
}

void json_int(struct json *j, int64_t v)
{
	separate(j);
	str_putf(j->out, "%" PRId64, v);
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
