/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets by the million: a few fields, laid out and parsed. */
#ifndef PKTT_TEST_SOAK_PACKET_H
#define PKTT_TEST_SOAK_PACKET_H

#include "core/packet.h"

struct soak_end {
	uint8_t addr[16];
	uint16_t port; /* host order; of ICMP: the id */
};

struct soak_spec {
	bool is_ipv6;
	uint8_t protocol;
	struct soak_end src, dst;
	uint8_t tcp_flags, icmp_type, icmp_code;
	uint32_t seq, ack;
	const uint8_t *payload;
	uint32_t payload_len;
	/* IPv4: a piece of a datagram; len bytes of layer 4 from offset on. 0 = whole */
	uint16_t frag_off, frag_len;
	bool more;
	uint16_t id;
};

/* With right checksums but for layer 4's, which are marked as not to be verified. NULL without memory. */
struct pktt_packet *soak_packet(const struct soak_spec *spec);
/* The ends of a packet as it is now. */
void soak_ends(const struct pktt_packet *pkt, struct soak_end *src, struct soak_end *dst);

#endif
