/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of header fields that keep the checksum over them right. */
#ifndef PKTT_EXT_EDIT_H
#define PKTT_EXT_EDIT_H

#include <string.h>

#include "base/buf.h"
#include "core/packet.h"

/* Store a be16 at p, a field that the checksum at csum covers. */
static inline void edit_be16(uint8_t *csum, uint8_t *p, uint16_t value)
{
	uint8_t bytes[2];

	put_be16(bytes, value);
	pktt_csum_replace(csum, p, bytes, sizeof(bytes));
	memcpy(p, bytes, sizeof(bytes));
}

/* The IPv4 header's field at this even offset; ip has the 20 bytes that every header has. */
static inline void edit_ipv4_be16(uint8_t *ip, unsigned int at, uint16_t value)
{
	edit_be16(ip + 10, ip + at, value);
}

/* TOS byte or traffic class. -1 where there is no header. */
static inline int edit_get_dsfield(const struct pktt_packet *pkt)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, 2);

	if (!ip)
		return -1;
	if (pkt->l3_family == PKTT_IPV6)
		return get_be16(ip) >> 4 & 0xff;
	return ip[1];
}

static inline void edit_set_dsfield(struct pktt_packet *pkt, uint8_t value)
{
	uint8_t *ip = pktt_packet_write(pkt, PKTT_L3, 0, 20);

	if (!ip)
		return;
	if (pkt->l3_family == PKTT_IPV6)
		put_be16(ip, (uint16_t)((get_be16(ip) & 0xf00f) | value << 4));
	else
		edit_ipv4_be16(ip, 0, (uint16_t)(ip[0] << 8 | value));
}

#endif
