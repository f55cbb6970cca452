/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPv4 options of an ICMP error: those of the packet that caused it, turned round. */
#ifndef PKTT_CORE_REPLY_OPTIONS_H
#define PKTT_CORE_REPLY_OPTIONS_H

#include "core/packet.h"

struct reply_options {
	uint8_t data[40];
	uint32_t len;	      /* a multiple of 4 */
	struct pktt_addr via; /* the first hop of a source route turned round; len 0 = none */
	uint8_t last_hop_at;  /* where in data the final destination goes; 0 = nowhere, so below */
	uint8_t route_at;     /* our address, for record route */
	uint8_t stamp_address_at; /* our address, for timestamp */
	uint8_t stamp_at;	  /* the time of day in milliseconds */
};

/*
 * Read the options of an IPv4 packet that this host has received and filled in its own part of.
 * -ENOMSG: there is no room left in one for what must be written, and no answer is sent.
 */
int reply_options_turn(struct reply_options *ret, const struct pktt_packet *cause);
/* Write them behind the header at ip, whose source address is ours; dst is cause's source. */
void reply_options_write(const struct reply_options *options, uint8_t *ip,
			 const struct pktt_addr *dst, uint64_t time_ns);

#endif
