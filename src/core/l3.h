/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layer-3 handlers: all that is particular to a family, registered as data. Tables, traversal, and
 * matches that know no family ask the handler of the packet's.
 */
#ifndef PKTT_CORE_L3_H
#define PKTT_CORE_L3_H

#include "core/packet.h"
#include "desc/family.h"

struct pktt_base_chain { /* of a standard table */
	enum pktt_hook hook;
	int priority;
};

struct pktt_std_table {
	const char *name;
	struct pktt_base_chain chain[PKTT_HOOK_COUNT]; /* nchains of them, in listing order */
	uint8_t nchains;
};

struct pktt_l3 {
	enum pktt_family family;
	uint16_t ethertype; /* 0 = none (bridge) */
	uint8_t addr_len;   /* 4, 16, 0 */
	const char *const
		*hook_name; /* [PKTT_HOOK_COUNT], chain names: "PREROUTING"; NULL = no such */
	const struct pktt_std_table *table;
	uint8_t ntables;
	/*
	 * Look at the bytes from pkt->l3: sets l4, protocol, fragment fields, cuts padding (end).
	 * 0, or -EINVAL where Linux's receive path would drop it (reason MALFORMED).
	 */
	int (*parse)(struct pktt_packet *pkt);
	/* Addresses of the header. */
	void (*addresses)(const struct pktt_packet *pkt, struct pktt_addr *src,
			  struct pktt_addr *dst);
};

const struct pktt_l3 *pktt_l3_of(enum pktt_family family);
const struct pktt_l3 *pktt_l3_by_ethertype(uint16_t ethertype);

/* Parse a frame or a bare layer-3 packet: link header (Ethernet, 802.1Q), family, handler. */
int pktt_packet_parse_ethernet(struct pktt_packet *pkt);
int pktt_packet_parse_ip(struct pktt_packet *pkt);

/*
 * Walk IPv6 extension headers: from offset of layer 3 with header type *next to the first header of
 * type want (-1: the first that is no extension header). Linux's ipv6_find_hdr(): returns the
 * offset and sets *next, *frag_off (bytes; 0 first); -ENOENT not there, -EBADMSG truncated.
 */
int pktt_ipv6_find(const struct pktt_packet *pkt, int want, uint8_t *next, uint16_t *frag_off);

#endif
