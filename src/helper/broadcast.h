/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of protocols that ask a whole subnet: who answers is not whom the question went to. */
#ifndef PKTT_HELPER_BROADCAST_H
#define PKTT_HELPER_BROADCAST_H

#include "conntrack/helper.h"

/*
 * If this host asks the subnet of an interface of its own: expect answers from the helper's port of any
 * host there, for seconds, and let the question live as long. As Linux's nf_conntrack_broadcast_help().
 */
void help_broadcast(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		    const struct ct_helper *helper, uint32_t seconds);

#endif
