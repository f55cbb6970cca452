/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and addresses as protocols spell them out. What is accepted is what Linux's helpers accept,
 * to the letter: a text that one of two filters reads as an address and the other does not is a hole.
 *
 * A text is a cursor (base/buf.h): a reader moves it behind what it took, and only if it took it.
 */
#ifndef PKTT_HELPER_TEXT_H
#define PKTT_HELPER_TEXT_H

#include "base/buf.h"

/* Room for what text_put_ipv6() writes. */
#define TEXT_IPV6_SIZE sizeof("0000:0000:0000:0000:0000:0000:0000:0000")

/* The next byte, or -1 at the end. */
static inline int text_peek(const struct buf *text)
{
	return text->failed || text->at == text->end ? -1 : *text->at;
}

static inline bool text_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* Whether text begins with word, and the cursor behind it. nocase: letters of any case. */
bool text_take(struct buf *text, const char *word);
bool text_take_nocase(struct buf *text, const char *word);
/* Whether all of text, shorter than word or not, is how word begins (in any case). */
bool text_is_begun(struct buf text, const char *word);
/* The cursor behind the first c; false = there is none. */
bool text_skip_behind(struct buf *text, char c);
/* The cursor behind the first word in text; false = there is none. */
bool text_find(struct buf *text, const char *word);

/* Digits as a number that wraps at 2^64; none at all is 0. As the kernel's simple_strtoul(). */
uint64_t text_decimal(struct buf *text);
/*
 * count numbers with sep between them, up to, and without, term (-1 = up to anything else). A number
 * may be empty, which is 0, and wraps at 2^32.
 */
bool text_numbers(struct buf *text, uint32_t *ret, unsigned int count, char sep, int term);
/* The first four of them as an IPv4 address, in which too large ones run over, as Linux has them. */
void text_ipv4_of(const uint32_t number[4], uint8_t ret[4]);
/*
 * An IPv6 address up to, and without, term, a NUL or the end; one that ends in IPv4 form may also end
 * at a colon. As the kernel's in6_pton(). ret is untouched unless it is one.
 */
bool text_ipv6(struct buf *text, char term, uint8_t ret[16]);

/* "fd00:0000:...": all digits, as the kernel's %pI6. Returns the length. */
unsigned int text_put_ipv6(char out[TEXT_IPV6_SIZE], const uint8_t addr[16]);

#endif
