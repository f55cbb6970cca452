/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A queued packet as NFQNL_MSG_PACKET: the attributes and their order are
 * nfqnl_build_packet_message()'s, and so is that the payload, which comes last, is not padded.
 */
#include <endian.h>
#include <linux/netfilter/nfnetlink_queue.h>

#include "bus/sub_packet.h"
#include "bus/sub_queue_own.h"

enum {
	META_BYTES = 512, /* more than all but payload and connection take */
	CONN_BYTES = 2048,
};

static const struct sub_packet_attrs queue_attrs = {
	.in = NFQA_IFINDEX_INDEV,
	.out = NFQA_IFINDEX_OUTDEV,
	.physin = NFQA_IFINDEX_PHYSINDEV,
	.physout = NFQA_IFINDEX_PHYSOUTDEV,
	.hwaddr = NFQA_HWADDR,
	.timestamp = NFQA_TIMESTAMP,
	.vlan = NFQA_VLAN,
	.vlan_proto = NFQA_VLAN_PROTO,
	.vlan_tci = NFQA_VLAN_TCI,
	.l2hdr = NFQA_L2HDR,
	.ct = NFQA_CT,
	.ct_info = NFQA_CT_INFO,
	.payload = NFQA_PAYLOAD,
};

/* What Linux says of checksums: "not verified" where nobody has looked yet. */
static uint32_t checksum_info(const struct pktt_packet *pkt)
{
	bool is_known = pkt->csum_unneeded || pkt->csum_right || pkt->csum_partial;
	bool is_asked =
		pkt->hook <= PKTT_FORWARD || (pkt->hook == PKTT_POST_ROUTING && !pkt->is_local);

	return is_asked && !is_known ? NFQA_SKB_CSUM_NOTVERIFIED : 0;
}

static uint32_t copied_len(const struct queue *queue, const struct pktt_packet *pkt)
{
	uint32_t len = sub_packet_len(pkt);

	if (queue->mode != NFQNL_COPY_PACKET)
		return 0;
	return len < queue->range ? len : queue->range;
}

static bool put_head(const struct sub_message *msg, const struct queue_entry *entry)
{
	const struct nfqnl_msg_packet_hdr head = {
		.packet_id = htobe32((uint32_t)entry->id),
		.hw_protocol = htobe16(sub_packet_protocol(msg->pkt)),
		.hook = sub_packet_hook(msg->pkt),
	};

	return mnl_attr_put_check(msg->nlh, msg->room, NFQA_PACKET_HDR, sizeof(head), &head);
}

static bool put_optional(const struct sub_message *msg, uint16_t attr, uint32_t value)
{
	return !value || sub_put_be32(msg, attr, value);
}

static bool put_all(const struct sub_message *msg, const struct queue *queue,
		    const struct queue_entry *entry)
{
	const struct pktt_packet *pkt = msg->pkt;
	uint32_t len = copied_len(queue, pkt), whole = sub_packet_len(pkt);
	bool is_cut = queue->mode == NFQNL_COPY_PACKET && len < whole;

	return put_head(msg, entry) && sub_put_interfaces(msg) &&
	       put_optional(msg, NFQA_MARK, pkt->mark) &&
	       put_optional(msg, NFQA_PRIORITY, pkt->priority) && sub_put_hwaddr(msg) &&
	       sub_put_bridge(msg) && sub_put_timestamp(msg) &&
	       (!(queue->flags & NFQA_CFG_F_CONNTRACK) || sub_put_ct(msg)) &&
	       put_optional(msg, NFQA_CAP_LEN, is_cut ? whole : 0) &&
	       put_optional(msg, NFQA_SKB_INFO, checksum_info(pkt)) && sub_put_payload(msg, len);
}

bool sub_queue_send(struct sub_queue *sub, struct queue *queue, const struct queue_entry *entry)
{
	uint32_t len = copied_len(queue, entry->pkt);
	struct sub_message msg = { .attrs = &queue_attrs, .pkt = entry->pkt };

	msg.nlh = nfnl_begin(sub->bus, META_BYTES + CONN_BYTES + len,
			     NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET, 0,
			     sub_packet_family(entry->pkt), queue->number);
	if (!msg.nlh)
		return false;
	msg.room = nfnl_room(sub->bus);
	if (!put_all(&msg, queue, entry))
		return false;
	msg.nlh->nlmsg_len -= (uint32_t)MNL_ALIGN(len) - len;
	return nfnl_send_event(queue->peer, 0, msg.nlh);
}
