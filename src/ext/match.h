/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the heads and matches of this folder share. */
#ifndef PKTT_EXT_MATCH_H
#define PKTT_EXT_MATCH_H

#include "core/packet.h"

#include <string.h>

/* Whether option n, if given, speaks against the packet: its condition is `equal`. */
static inline bool fails(const void *args, unsigned int n, bool equal)
{
	return pktt_given(args, n) && equal == pktt_negated(args, n);
}

static inline enum pktt_hit hit_if(bool hits)
{
	return hits ? PKTT_HIT : PKTT_MISS;
}

/* Unset an option that says nothing, so that it is neither evaluated nor printed. */
static inline void forget(void *args, unsigned int n)
{
	struct pktt_args *head = args;

	head->given &= ~(UINT64_C(1) << n);
	head->negated &= ~(UINT64_C(1) << n);
}

/* A trailing + stands for any rest; no interface has the empty name, as in Linux. */
static inline bool iface_is(const struct pktt_ifname *want, const struct pktt_iface *dev)
{
	const char *name = dev ? dev->name : "";
	size_t len = strnlen(want->name, sizeof(want->name));

	if (len && want->name[len - 1] == '+')
		return strncmp(name, want->name, len - 1) == 0;
	return strncmp(name, want->name, sizeof(want->name)) == 0;
}

static inline bool iface_is_any(const struct pktt_ifname *want)
{
	return want->name[0] == '\0' || strcmp(want->name, "+") == 0;
}

static inline bool bytes_are(const uint8_t *at, const uint8_t *value, const uint8_t *mask,
			     size_t len)
{
	uint8_t differ = 0;

	for (size_t i = 0; i < len; i++)
		differ |= (uint8_t)((at[i] ^ value[i]) & mask[i]);
	return differ == 0;
}

static inline bool mac_is(const struct pktt_mac_mask *want, const uint8_t *at)
{
	return bytes_are(at, want->addr.byte, want->mask.byte, sizeof(want->addr.byte));
}

/* len bytes at `at` lie in the prefix; never so for another family's. */
static inline bool prefix_has(const struct pktt_prefix *want, const uint8_t *at, uint8_t len)
{
	return want->addr.len == len && bytes_are(at, want->addr.byte, want->mask.byte, len);
}

static inline bool in_range8(const struct pktt_range8 *r, uint8_t v)
{
	return r->min <= v && v <= r->max;
}

static inline bool in_range16(const struct pktt_range16 *r, uint16_t v)
{
	return r->min <= v && v <= r->max;
}

static inline bool in_range32(const struct pktt_range32 *r, uint32_t v)
{
	return r->min <= v && v <= r->max;
}

/*
 * What a match that misses short packets says of bytes that are not there: where the capture cut
 * them off nobody knows what they were.
 */
static inline enum pktt_hit unread(const struct pktt_packet *pkt)
{
	return pktt_packet_wire_len(pkt) > packet_len(pkt, PKTT_L3) ? PKTT_BAD : PKTT_MISS;
}

/* Type of service or traffic class; false where the header is not there. */
static inline bool packet_tos(const struct pktt_packet *pkt, uint8_t *ret)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, 2);

	if (!h)
		return false;
	*ret = pkt->l3_family == PKTT_IPV6 ? (uint8_t)(h[0] << 4 | h[1] >> 4) : h[1];
	return true;
}

/* Time to live or hop limit. */
static inline bool packet_ttl(const struct pktt_packet *pkt, uint8_t *ret)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, pkt->l3_family == PKTT_IPV6 ? 7 : 8, 1);

	if (!h)
		return false;
	*ret = *h;
	return true;
}

/*
 * Where Linux takes the TCP header of a packet to be without asking whether it is a later fragment.
 * In IPv6 its walk along the headers leaves the offset at 0 then, and the IP header is read.
 */
static inline enum pktt_layer unasked_l4(const struct pktt_packet *pkt)
{
	return pkt->frag_off && pkt->l3_family == PKTT_IPV6 ? PKTT_L3 : PKTT_L4;
}

/*
 * Where the option of TCP or DCCP after the one at opt[i] begins. Linux takes the end of the list
 * (0) for an option like any other of one byte, and an option of length 0 as well.
 */
static inline uint32_t next_option(const uint8_t *opt, uint32_t len, uint32_t i)
{
	if (opt[i] < 2 || i + 1 >= len || opt[i + 1] == 0)
		return i + 1;
	return i + opt[i + 1];
}

static inline bool has_option(const uint8_t *opt, uint32_t len, uint8_t kind)
{
	for (uint32_t i = 0; i < len; i = next_option(opt, len, i))
		if (opt[i] == kind)
			return true;
	return false;
}

#endif
