/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helper/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool text_take(struct buf *text, const char *word)
{
	struct buf probe = *text;
	const uint8_t *p = buf_get(&probe, strlen(word));

	if (!p || memcmp(p, word, strlen(word)) != 0)
		return false;
	*text = probe;
	return true;
}

bool text_take_nocase(struct buf *text, const char *word)
{
	struct buf probe = *text;
	const uint8_t *p = buf_get(&probe, strlen(word));

	if (!p || strncasecmp((const char *)p, word, strlen(word)) != 0)
		return false;
	*text = probe;
	return true;
}

bool text_is_begun(struct buf text, const char *word)
{
	size_t len = buf_left(&text);

	return len <= strlen(word) && strncasecmp((const char *)text.at, word, len) == 0;
}

bool text_skip_behind(struct buf *text, char c)
{
	struct buf probe = *text;
	uint8_t byte;

	while (buf_get_u8(&probe, &byte)) {
		if (byte == (uint8_t)c) {
			*text = probe;
			return true;
		}
	}
	return false;
}

bool text_find(struct buf *text, const char *word)
{
	for (struct buf probe = *text; buf_left(&probe); buf_skip(&probe, 1)) {
		if (text_take(&probe, word)) {
			*text = probe;
			return true;
		}
	}
	return false;
}

uint64_t text_decimal(struct buf *text)
{
	uint64_t value = 0;
	uint8_t digit;

	while (text_is_digit(text_peek(text)) && buf_get_u8(text, &digit))
		value = value * 10 + (uint64_t)(digit - '0');
	return value;
}

bool text_numbers(struct buf *text, uint32_t *ret, unsigned int count, char sep, int term)
{
	struct buf probe = *text;
	unsigned int n = 0;

	memset(ret, 0, count * sizeof(*ret));
	for (int c; (c = text_peek(&probe)) >= 0; buf_skip(&probe, 1)) {
		if (text_is_digit(c)) {
			ret[n] = ret[n] * 10 + (uint32_t)(c - '0');
		} else if (c == sep) {
			if (++n == count)
				return false;
		} else {
			if (n != count - 1 || (term >= 0 && c != term))
				return false;
			*text = probe;
			return true;
		}
	}
	return false;
}

void text_ipv4_of(const uint32_t number[4], uint8_t ret[4])
{
	put_be32(ret, number[0] << 24 | number[1] << 16 | number[2] << 8 | number[3]);
}

/* --- IPv6 ------------------------------------------------------------------------------------- */

struct ipv6_reader {
	struct buf text;
	int term;
	uint16_t group[8];
	unsigned int n;	  /* groups read */
	unsigned int gap; /* "::" stands before this one, itself a zero; 0 with has_gap false */
	bool has_gap;
};

static bool is_end(const struct ipv6_reader *r)
{
	int c = text_peek(&r->text);

	return c < 0 || c == 0 || c == r->term;
}

static int hex_digit(int c)
{
	if (text_is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Any number of leading zeroes, but not more than 16 bits. */
static bool read_group(struct ipv6_reader *r, uint16_t *ret)
{
	unsigned int value = 0, digits = 0;

	for (; !is_end(r) && hex_digit(text_peek(&r->text)) >= 0; digits++) {
		if (value >> 12)
			return false;
		value = value << 4 | (unsigned int)hex_digit(text_peek(&r->text));
		buf_skip(&r->text, 1);
	}
	*ret = (uint16_t)value;
	return digits;
}

static bool read_octet(struct ipv6_reader *r, uint8_t *ret)
{
	unsigned int value = 0, digits = 0;

	for (; !is_end(r) && text_is_digit(text_peek(&r->text)); digits++) {
		value = value * 10 + (unsigned int)(text_peek(&r->text) - '0');
		if (value > 255)
			return false;
		buf_skip(&r->text, 1);
	}
	*ret = (uint8_t)value;
	return digits;
}

/* The last four bytes in IPv4 form, from where their first digit stands. */
static bool read_ipv4_tail(struct ipv6_reader *r)
{
	uint8_t octet[4];

	for (unsigned int i = 0; i < 4; i++) {
		if (!read_octet(r, &octet[i]))
			return false;
		if (i < 3 && (is_end(r) || !text_take(&r->text, ".")))
			return false;
	}
	r->group[r->n++] = get_be16(octet);
	r->group[r->n++] = get_be16(octet + 2);
	return is_end(r) || text_peek(&r->text) == ':';
}

/* "::" stands for at least one group of zeroes. */
static bool read_gap(struct ipv6_reader *r)
{
	if (is_end(r) || !text_take(&r->text, ":") || r->has_gap || r->n == 8)
		return false;
	r->has_gap = true;
	r->group[r->n++] = 0;
	r->gap = r->n;
	return true;
}

/* All groups; the cursor at what ends them. */
static bool read_groups(struct ipv6_reader *r)
{
	bool colon = !is_end(r) && text_take(&r->text, ":");

	if (colon && !read_gap(r))
		return false;
	for (;;) {
		struct buf begin = r->text;

		if (r->has_gap && r->gap == r->n && is_end(r))
			return true;
		if (r->n == 8 || !read_group(r, &r->group[r->n]))
			return false;
		if (!is_end(r) && text_peek(&r->text) == '.') {
			r->text = begin;
			return (r->n == 6 || (r->has_gap && r->n < 6)) && read_ipv4_tail(r);
		}
		r->n++;
		if (is_end(r))
			return r->has_gap || r->n == 8;
		if (r->n == 8 || !text_take(&r->text, ":"))
			return false;
		if (text_peek(&r->text) == ':' && !read_gap(r))
			return false;
	}
}

bool text_ipv6(struct buf *text, char term, uint8_t ret[16])
{
	struct ipv6_reader r = { .text = *text, .term = (uint8_t)term };
	unsigned int head, zeroes;

	if (!read_groups(&r))
		return false;
	head = r.has_gap ? r.gap : r.n;
	zeroes = 8 - r.n;
	memset(ret, 0, 16);
	for (unsigned int i = 0; i < r.n; i++)
		put_be16(ret + 2 * (i < head ? i : i + zeroes), r.group[i]);
	*text = r.text;
	return true;
}

unsigned int text_put_ipv6(char out[TEXT_IPV6_SIZE], const uint8_t addr[16])
{
	unsigned int len = 0;

	for (unsigned int i = 0; i < 16; i += 2)
		len += (unsigned int)snprintf(out + len, TEXT_IPV6_SIZE - len, i ? ":%04x" : "%04x",
					      get_be16(addr + i));
	return len;
}
