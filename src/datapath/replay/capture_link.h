/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPLAY_CAPTURE_LINK_H
#define REPLAY_CAPTURE_LINK_H

#include "core/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands before the layer-3 packet of a record. */
struct capture_link {
	bool is_ethernet; /* a frame, for the core to read; nothing else is set */
	uint32_t l3_offset;
	uint16_t ethertype; /* host order; 0: the device's have none; VLAN: the tag follows */
	enum pktt_pkttype pkttype; /* PKTT_PKT_HOST where the link does not say */
	bool has_source;
	uint8_t source[6]; /* MAC address of the sender */
	uint32_t ifindex;  /* of the capturing machine; 0 where the link does not say */
};

/*
 * Splits the link header of @linktype (enum capture_linktype) off the @len bytes at @data. Errors:
 * -EPROTONOSUPPORT (a link type that we do not read), -EBADMSG (the header is not whole, or raw
 * bytes are of neither IP version).
 */
int capture_link_parse(struct capture_link *ret, uint32_t linktype, const uint8_t *data, size_t len)
	__attribute__((warn_unused_result));

#endif
