/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "router.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

bool router_addr_equal(const struct pktt_addr *a, const struct pktt_addr *b)
{
	return a->len == b->len && memcmp(a->byte, b->byte, a->len) == 0;
}

bool router_addr_in(const struct pktt_addr *a, const struct pktt_addr *prefix, unsigned int len)
{
	unsigned int whole = len / 8, rest = len % 8;

	if (a->len != prefix->len || len > a->len * 8u)
		return false;
	if (memcmp(a->byte, prefix->byte, whole) != 0)
		return false;
	return !rest || (a->byte[whole] ^ prefix->byte[whole]) >> (8 - rest) == 0;
}

bool router_addr_is_multicast(const struct pktt_addr *a)
{
	return a->len == 4 ? a->byte[0] >> 4 == 14 : a->len == 16 && a->byte[0] == 0xff;
}

bool router_addr_is_link_local(const struct pktt_addr *a)
{
	return a->len == 16 && a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0x80;
}

bool router_addr_is_loopback(const struct pktt_addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->len == 4 ? a->byte[0] == 127 : a->len == 16 && memcmp(a->byte, one, 16) == 0;
}

int router_addr_parse(const char *text, struct pktt_addr *ret)
{
	struct pktt_addr a = { 0 };

	if (inet_pton(AF_INET, text, a.byte) == 1)
		a.len = 4;
	else if (inet_pton(AF_INET6, text, a.byte) == 1)
		a.len = 16;
	else
		return -EINVAL;
	*ret = a;
	return 0;
}
