/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/ct_line.h"

#include <arpa/inet.h>

static const char digits[] = "0001020304050607080910111213141516171819"
			     "2021222324252627282930313233343536373839"
			     "4041424344454647484950515253545556575859"
			     "6061626364656667686970717273747576777879"
			     "8081828384858687888990919293949596979899";

void line_uint(struct ct_line *l, uint64_t n)
{
	char text[20], *at = text + sizeof(text);

	while (n >= 100) {
		at -= 2;
		memcpy(at, digits + n % 100 * 2, 2);
		n /= 100;
	}
	if (n >= 10) {
		at -= 2;
		memcpy(at, digits + n * 2, 2);
	} else {
		*--at = (char)('0' + n);
	}
	line_putn(l, at, (size_t)(text + sizeof(text) - at));
}

void line_hex(struct ct_line *l, uint32_t n)
{
	int shift = 28;

	while (shift && !(n >> shift))
		shift -= 4;
	line_lit(l, "0x");
	for (; shift >= 0; shift -= 4)
		line_putc(l, "0123456789abcdef"[n >> shift & 15]);
}

void line_addr(struct ct_line *l, uint8_t family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	if (family == PKTT_IPV6) {
		if (inet_ntop(AF_INET6, addr, text, sizeof(text)))
			line_puts(l, text);
		return;
	}
	for (unsigned int i = 0; i < 4; i++) {
		if (i)
			line_putc(l, '.');
		line_uint(l, addr[i]);
	}
}

void line_left(struct ct_line *l, const char *text, size_t width)
{
	size_t len = strlen(text);

	line_putn(l, text, len);
	for (; len < width; len++)
		line_putc(l, ' ');
}

void line_plain(struct ct_line *l, const char *text, size_t max)
{
	for (size_t i = 0; i < max && text[i]; i++) {
		unsigned char c = (unsigned char)text[i];

		line_putc(l, c < 0x20 || c >= 0x7f || strchr("<>&\"'", c) ? '?' : (char)c);
	}
}
