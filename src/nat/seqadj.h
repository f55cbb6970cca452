/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence numbers of TCP connections whose payload a helper made longer or shorter. */
#ifndef PKTT_NAT_SEQADJ_H
#define PKTT_NAT_SEQADJ_H

#include "conntrack/conntrack.h"

/* From sequence number seq (host order) on, the sender's numbers are off further. -ENOMEM. */
int nat_seqadj_set(struct conntrack *ct, unsigned int worker, struct conn *conn, enum ct_dir dir,
		   uint32_t seq, int32_t off);
/* Seq, ack and SACK blocks of a packet. false = unreadable. */
bool nat_seqadj_packet(struct pktt_packet *pkt, struct conn *conn, enum ct_dir dir);
/* By how much a number of that direction is off. */
int32_t nat_seqadj_offset(const struct conn *conn, enum ct_dir dir, uint32_t seq);

#endif
