/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hop-by-hop options (RFC 8200, 4.3), read before any rule as Linux's ipv6_parse_hopopts() does. A
 * padding that is longer than alignment needs, or not zero, is taken for a covert channel.
 */
#include <errno.h>

#include "base/buf.h"
#include "path.h"

enum {
	TLV_PAD1 = 0,
	TLV_PADN = 1,
	TLV_ROUTER_ALERT = 5,
	TLV_CALIPSO = 7,
	TLV_IOAM = 49,
	TLV_JUMBO = 194,
};

enum { PARAMETER_PROBLEM = 4, WRONG_FIELD = 0, UNKNOWN_OPTION = 2 };
/* sysctl max_hbh_opts_number */
enum { OPTIONS_MAX = 8, PADDING_MAX = 7, HEADER = 40 };

static int refuse(struct flight *f, uint8_t code, uint32_t at)
{
	path_error(f, PARAMETER_PROBLEM, code, at);
	return -EINVAL;
}

/* RFC 2675, section 3 */
static int read_jumbo(struct flight *f, const uint8_t *ip, uint32_t at)
{
	uint32_t len;

	if (ip[at + 1] != 4 || (at & 3) != 2)
		return -EINVAL;
	len = get_be32(ip + at + 2);
	if (len <= 65535)
		return refuse(f, WRONG_FIELD, at + 2);
	if (get_be16(ip + 4))
		return refuse(f, WRONG_FIELD, at);
	return len > pktt_packet_wire_len(f->pkt) - HEADER ? -EINVAL : 0;
}

/* The two high bits of an unknown type say what is to be done: RFC 8200, 4.2. */
static int read_unknown(struct flight *f, const uint8_t *ip, uint32_t at)
{
	switch (ip[at] >> 6) {
	case 0:
		return 0;
	case 1:
		return -EINVAL;
	case 3:
		if (ip[24] == 0xff)
			return -EINVAL;
		break;
	}
	return refuse(f, UNKNOWN_OPTION, at);
}

static int read_option(struct flight *f, const uint8_t *ip, uint32_t at)
{
	switch (ip[at]) {
	case TLV_ROUTER_ALERT:
		return ip[at + 1] == 2 ? 0 : -EINVAL;
	case TLV_IOAM:
		return at & 3 ? -EINVAL : 0;
	case TLV_CALIPSO: /* no label domain is configured */
		return -EINVAL;
	case TLV_JUMBO:
		return read_jumbo(f, ip, at);
	}
	return read_unknown(f, ip, at);
}

static bool is_zero(const uint8_t *at, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (at[i])
			return false;
	return true;
}

struct tlv {
	uint32_t at, end;
	unsigned int padding, count;
};

/* One option of len bytes in all. */
static int take(struct flight *f, const uint8_t *ip, struct tlv *t, uint32_t len)
{
	if (ip[t->at] == TLV_PADN) {
		t->padding += len;
		return t->padding > PADDING_MAX || !is_zero(ip + t->at + 2, len - 2) ? -EINVAL : 0;
	}
	t->padding = 0;
	if (++t->count > OPTIONS_MAX)
		return -EINVAL;
	return read_option(f, ip, t->at);
}

int ipv6_options_receive(struct flight *f)
{
	const uint8_t *ip = pktt_packet_read(f->pkt, PKTT_L3, 0, HEADER + 8);
	struct tlv t = { .at = HEADER + 2 };
	int r = 0;

	if (!ip)
		return -EINVAL;
	t.end = HEADER + (ip[HEADER + 1] + 1u) * 8;
	ip = pktt_packet_read(f->pkt, PKTT_L3, 0, t.end);
	if (!ip)
		return -EINVAL;
	while (r == 0 && t.at < t.end) {
		uint32_t len = 1;

		if (ip[t.at] == TLV_PAD1) {
			r = ++t.padding > PADDING_MAX ? -EINVAL : 0;
		} else {
			if (t.end - t.at < 2 || ip[t.at + 1] + 2u > t.end - t.at)
				return -EINVAL;
			len = ip[t.at + 1] + 2u;
			r = take(f, ip, &t, len);
		}
		t.at += len;
	}
	return r;
}
