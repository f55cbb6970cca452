/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet's connection within nfqueue's and nflog's messages, and changed by a verdict. */
#include "bus/sub_packet.h"
#include "bus/sub_queue_own.h"

bool sub_put_ct(const struct sub_message *msg)
{
	(void)msg;
	return true;
}

void sub_queue_update_ct(struct sub_queue *sub, const struct nfnl_request *req,
			 struct pktt_packet *pkt)
{
	(void)sub;
	(void)req;
	(void)pkt;
}
