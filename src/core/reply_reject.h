/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What REJECT answers with, byte for byte as Linux's nf_reject does. */
#ifndef PKTT_CORE_REPLY_REJECT_H
#define PKTT_CORE_REPLY_REJECT_H

#include "core/packet.h"

/*
 * Destination unreachable with this code (of the family's ICMP), unless the checksum of cause is
 * wrong. Errors are those of pktt_reply_icmp_error(); -ENOMSG where none is sent.
 */
int pktt_reply_unreachable(struct pktt_packet **ret, const struct pktt_packet *cause, uint8_t code);

/*
 * A TCP reset that closes the connection of cause: RFC 9293, 3.10.7.1. -ENOMSG where none is
 * sent.
 */
int pktt_reply_tcp_reset(struct pktt_packet **ret, const struct pktt_packet *cause);

#endif
