/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6: RFC 8200, with the sanity checks of Linux's ipv6_rcv() and its way along the headers. */
#include "base/buf.h"
#include "core/l3_families.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define HEADER 40u

static bool is_extension(uint8_t type)
{
	switch (type) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_AH:
	case IPPROTO_NONE:
	case IPPROTO_DSTOPTS:
		return true;
	default:
		return false;
	}
}

/* Length of the extension header of this type whose second byte is len. */
static uint32_t extension_len(uint8_t type, uint8_t len)
{
	if (type == IPPROTO_FRAGMENT)
		return 8;
	if (type == IPPROTO_AH)
		return ((uint32_t)len + 2) << 2;
	return ((uint32_t)len + 1) << 3;
}

static bool ends_walk(uint8_t type)
{
	return !is_extension(type) || type == IPPROTO_NONE;
}

/* A header that was looked for: it must be readable, and a later fragment says so. */
static int found_at(const struct pktt_packet *pkt, uint8_t type, uint32_t at, uint16_t *frag_off)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, at, type == IPPROTO_FRAGMENT ? 4 : 2);

	if (is_extension(type) && type != IPPROTO_NONE && !h)
		return -EBADMSG;
	if (type == IPPROTO_FRAGMENT)
		*frag_off = get_be16(h + 2) & (uint16_t)~7u;
	return (int)at;
}

int pktt_ipv6_find(const struct pktt_packet *pkt, int want, uint8_t *next, uint16_t *frag_off)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, HEADER);
	uint32_t at = HEADER;
	uint8_t type;

	*frag_off = 0;
	if (!h)
		return -EBADMSG;
	for (type = h[6]; type != want && !ends_walk(type); type = h[0]) {
		h = pktt_packet_read(pkt, PKTT_L3, at, type == IPPROTO_FRAGMENT ? 4 : 2);
		if (!h)
			return -EBADMSG;
		at += extension_len(type, h[1]);
		if (type != IPPROTO_FRAGMENT || (get_be16(h + 2) & ~7u) == 0)
			continue;
		/* Behind a later fragment's header stands payload: nothing to walk on. */
		if (want >= 0 || !ends_walk(h[0]))
			return -ENOENT;
		*frag_off = get_be16(h + 2) & (uint16_t)~7u;
		*next = h[0];
		return (int)at;
	}
	if (want >= 0 && type != want)
		return -ENOENT;
	*next = type;
	return found_at(pkt, type, at, frag_off);
}

static void parse_fragment(struct pktt_packet *pkt)
{
	uint16_t off;
	uint8_t type;
	int at = pktt_ipv6_find(pkt, IPPROTO_FRAGMENT, &type, &off);
	const uint8_t *h = at < 0 ? NULL : pktt_packet_read(pkt, PKTT_L3, (uint32_t)at, 4);

	pkt->more_frags = h && get_be16(h + 2) & 1;
}

/* A walk that fails leaves has_l4 unset: what needs the protocol is then BAD, not a miss. */
static int parse(struct pktt_packet *pkt)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, HEADER);
	uint32_t total;
	int at;

	pkt->has_l4 = false;
	pkt->frag_off = 0;
	pkt->more_frags = false;
	if (!h || h[0] >> 4 != 6)
		return -EINVAL;
	total = HEADER + get_be16(h + 4);
	/*
	 * A length of 0 is a jumbogram's if a hop-by-hop option says so, which Linux checks
	 * there.
	 */
	if (total > HEADER || h[6] != IPPROTO_HOPOPTS) {
		if (total > pkt->wire_len)
			return -EINVAL;
		if (pkt->end - pkt->l3 > total)
			pkt->end = pkt->l3 + total;
		pkt->wire_len = total;
	}
	at = pktt_ipv6_find(pkt, -1, &pkt->protocol, &pkt->frag_off);
	if (at >= 0) {
		pkt->l4 = pkt->l3 + (uint32_t)at;
		pkt->has_l4 = true;
		parse_fragment(pkt);
	}
	return 0;
}

static void addresses(const struct pktt_packet *pkt, struct pktt_addr *src, struct pktt_addr *dst)
{
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, HEADER);

	if (!h)
		return;
	src->len = dst->len = 16;
	memcpy(src->byte, h + 8, 16);
	memcpy(dst->byte, h + 24, 16);
}

static const struct pktt_std_table tables[] = {
	PKTT_IP_TABLES,
};

const struct pktt_l3 pktt_l3_ipv6 = {
	.family = PKTT_IPV6,
	.ethertype = 0x86dd,
	.addr_len = 16,
	.hook_name = pktt_ip_hook_names,
	.table = tables,
	.ntables = sizeof(tables) / sizeof(tables[0]),
	.parse = parse,
	.addresses = addresses,
};
