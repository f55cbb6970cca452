/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conntrack/conntrack.h"

void conntrack_packet_share(struct pktt_packet *copy, const struct pktt_packet *pkt)
{
	copy->ct_info = pkt->ct_info;
	if (pkt->ct && conn_get(pkt->ct))
		copy->ct = pkt->ct;
}
