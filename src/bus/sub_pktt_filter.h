/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which packets a program wants to see traced: "tcp dport 22 and src 198.51.100.0/24".
 *
 * Words: a protocol (tcp, udp, icmp, icmpv6, sctp, gre, esp or "proto NUMBER"); src, dst or host with an
 * address or prefix; sport, dport or port with a number; in, out or iface with a name, whose final +
 * stands for any rest. "and" may stand between them, "not" before each; all must hold. None at all: every
 * packet.
 */
#ifndef BUS_SUB_PKTT_FILTER_H
#define BUS_SUB_PKTT_FILTER_H

#include "core/packet.h"

enum { SUB_TERMS_MAX = 16 };

struct sub_term {
	uint8_t kind; /* enum of sub_pktt_filter.c */
	bool is_not;
	uint8_t bits; /* of addr */
	struct pktt_addr addr;
	uint32_t number;
	char iface[16];
};

struct sub_filter {
	unsigned int n;
	struct sub_term term[SUB_TERMS_MAX];
};

int sub_filter_parse(struct sub_filter *ret, const char *text, struct pktt_error *err);
bool sub_filter_fits(const struct sub_filter *filter, const struct pktt_packet *pkt);

#endif
