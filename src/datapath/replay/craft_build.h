/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of a packet line, and the bytes made of them. For craft.c only. */
#ifndef PKTT_REPLAY_CRAFT_BUILD_H
#define PKTT_REPLAY_CRAFT_BUILD_H

#include "core/packet.h"

enum craft_kind {
	CRAFT_NONE,
	CRAFT_TCP,
	CRAFT_UDP,
	CRAFT_ICMP,
	CRAFT_SCTP,
	CRAFT_DCCP,
	CRAFT_SPI,
	CRAFT_AH,
	CRAFT_IPCOMP,
	CRAFT_OTHER,
	CRAFT_ARP,
	CRAFT_HEX,   /* layer 3 as it is */
	CRAFT_FRAME, /* all of it as it is */
};

struct craft_args {
	struct pktt_args head;
	enum craft_kind kind;
	uint8_t protocol;
	struct pktt_addr saddr, daddr;
	uint16_t sport, dport;
	struct pktt_ifname in, out, physin, physout;
	uint32_t mark;
	struct pktt_mac mac, to_mac;
	uint16_t vlan;
	uint8_t ttl, tos;
	uint16_t id;
	bool df, mf;
	uint16_t frag;
	struct pktt_pattern options, hbh, dst, rt, payload;
	bool syn, ack, fin, rst, psh, urg, ece, cwr;
	uint32_t seq, ackno, spi;
	uint16_t win, mss, op, len;
	uint8_t type, code;
	bool badcsum;
	uint32_t nraw;
	uint8_t raw[2048];
};

static inline bool craft_is_raw(const struct craft_args *args)
{
	return args->kind == CRAFT_HEX || args->kind == CRAFT_FRAME;
}

int craft_build(struct pktt_packet **ret, const struct craft_args *args, struct pktt_error *err);

#endif
