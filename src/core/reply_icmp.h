/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP errors as this host sends them: RFC 792, 1122, 1812, 4443, and Linux where they leave
 * room.
 */
#ifndef PKTT_CORE_REPLY_ICMP_H
#define PKTT_CORE_REPLY_ICMP_H

#include "core/packet.h"

struct pktt_route;

/*
 * The error message that Linux's icmp_send() or icmp6_send() answers cause with; the family is that
 * of cause's layer-3 header. info is the second word of the ICMP header in host order: an MTU, a
 * pointer, 0. The reply is parsed and ready for env->ops->emit(); *ret is the caller's.
 * -ENOMSG where none is sent (broadcast, an error about an error, a later fragment ...),
 * -ENETUNREACH without a way back, -ENOMEM.
 */
int pktt_reply_icmp_error(struct pktt_packet **ret, const struct pktt_packet *cause, uint8_t type,
			  uint8_t code, uint32_t info);

/* --- For builders of other replies ---------------------------------------------------------- */

/* An empty packet of this host with len bytes of layer 3, with the surroundings of cause. */
int pktt_reply_new(struct pktt_packet **ret, const struct pktt_packet *cause, uint32_t len);
/* The header that every reply has: version, lengths, TTL or hop limit 64, addresses. */
void pktt_reply_ip_header(struct pktt_packet *reply, uint8_t protocol, const struct pktt_addr *src,
			  const struct pktt_addr *dst);
/* Layer-4 checksum at this offset of layer 4 (zero before), IPv4 header checksum, parse. */
int pktt_reply_finish(struct pktt_packet *reply, uint8_t protocol, uint32_t csum_at);
/* Whether the destination of cause is a broadcast or multicast address, by the host's tables. */
bool pktt_reply_is_to_many(const struct pktt_packet *cause);

#endif
