/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet written in one line, as `pktt explain` and the tests of extensions take it:
 *
 *   tcp 198.51.100.7:40112 > 192.0.2.80:22 syn ttl=3
 *   in=eth0 udp [2001:db8::1]:53 > [2001:db8::2]:53 len=100
 *   icmp 10.0.0.1 > 10.0.0.2 type=8 id=7         arp 10.0.0.1 > 10.0.0.2 op=1
 *   hex 4500001c...                              the bytes of layer 3
 *   frame 0180c2000000...                        the bytes from the link header on
 *
 * What may stand beside the addresses is a parameter table, so help and errors derive from it.
 */
#ifndef PKTT_REPLAY_CRAFT_H
#define PKTT_REPLAY_CRAFT_H

#include "core/packet.h"

struct str;

/* Names of interfaces that the line gave; "" = none. */
struct craft_where {
	char in[16], out[16], physin[16], physout[16];
};

/*
 * Build the packet: a whole Ethernet frame with right lengths and checksums (unless told
 * otherwise), parsed, family set; interfaces are left to the caller. *ret is the caller's. -EINVAL
 * with a sentence and the column.
 */
int craft_packet(struct pktt_packet **ret, struct craft_where *where, const char *line,
		 struct pktt_error *err);
/* The notation, for help. */
void craft_help(struct str *out);

#endif
