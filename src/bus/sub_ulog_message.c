/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A logged packet as a message: NFULNL_MSG_PACKET, whose attributes and their order are
 * __build_packet_message()'s; and ULOG's one structure.
 */
#include <endian.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netfilter_ipv4/ipt_ULOG.h>
#include <stdlib.h>
#include <string.h>

#include "bus/sub_packet.h"
#include "bus/sub_ulog_own.h"
#include "core/env.h"

#define ETHERNET_LEN 14

enum { CONN_BYTES = 512, LEGACY_BUFFER = 3776 };

_Static_assert(sizeof(ulog_packet_msg_t) == 192 && offsetof(ulog_packet_msg_t, payload) == 185,
	       "the structure of ULOG is of another size");

static const struct sub_packet_attrs log_attrs = {
	.in = NFULA_IFINDEX_INDEV,
	.out = NFULA_IFINDEX_OUTDEV,
	.physin = NFULA_IFINDEX_PHYSINDEV,
	.physout = NFULA_IFINDEX_PHYSOUTDEV,
	.hwaddr = NFULA_HWADDR,
	.timestamp = NFULA_TIMESTAMP,
	.vlan = NFULA_VLAN,
	.vlan_proto = NFULA_VLAN_PROTO,
	.vlan_tci = NFULA_VLAN_TCI,
	.l2hdr = NFULA_L2HDR,
	.ct = NFULA_CT,
	.ct_info = NFULA_CT_INFO,
	.payload = NFULA_PAYLOAD,
};

static size_t attr_size(size_t payload)
{
	return MNL_ALIGN(MNL_ATTR_HDRLEN + payload);
}

static uint32_t copied_len(const struct ulog_batch *batch, const struct pktt_nflog *log)
{
	uint32_t len = batch->mode == NFULNL_COPY_PACKET ? batch->range : 0;
	uint32_t whole = sub_packet_len(log->pkt);

	if (log->has_range && log->range < len)
		len = log->range;
	return len < whole ? len : whole;
}

/* What Linux reckons a message to need, whatever of it is there: batches break by this. */
static size_t reckon(const struct ulog_batch *batch, const struct pktt_nflog *log, uint32_t len)
{
	const struct pktt_packet *pkt = log->pkt;
	size_t size = MNL_ALIGN(MNL_NLMSG_HDRLEN + sizeof(struct nfgenmsg)) +
		      attr_size(sizeof(struct nfulnl_msg_packet_hdr)) + 7 * attr_size(4) +
		      attr_size(strlen(log->prefix) + 1) +
		      attr_size(sizeof(struct nfulnl_msg_packet_hw)) +
		      attr_size(sizeof(struct nfulnl_msg_packet_timestamp)) +
		      attr_size(sizeof(struct nfgenmsg));

	if (pkt->in)
		size += attr_size(pkt->l2_len >= ETHERNET_LEN ? ETHERNET_LEN : 0) +
			2 * attr_size(2);
	if (batch->flags & NFULNL_CFG_F_SEQ)
		size += attr_size(4);
	if (batch->flags & NFULNL_CFG_F_SEQ_GLOBAL)
		size += attr_size(4);
	if (batch->flags & NFULNL_CFG_F_CONNTRACK && pkt->ct)
		size += CONN_BYTES;
	if (pkt->family == PKTT_BRIDGE)
		size += attr_size(ETHERNET_LEN) + (pkt->has_vlan ? 4 + 2 * attr_size(2) : 0);
	return batch->mode == NFULNL_COPY_PACKET ? size + attr_size(len) : size;
}

static bool put_head(const struct sub_message *msg, const struct pktt_nflog *log)
{
	const struct nfulnl_msg_packet_hdr head = {
		.hw_protocol = htobe16(sub_packet_protocol(msg->pkt)),
		.hook = sub_packet_hook(msg->pkt),
	};

	return mnl_attr_put_check(msg->nlh, msg->room, NFULA_PACKET_HDR, sizeof(head), &head) &&
	       mnl_attr_put_strz_check(msg->nlh, msg->room, NFULA_PREFIX, log->prefix);
}

/* The link's type and header, of what came in. */
static bool put_link(const struct sub_message *msg)
{
	const struct pktt_iface *dev = sub_packet_dev(msg->pkt);
	uint8_t ethernet[ETHERNET_LEN];
	uint16_t len = 0;

	if (!msg->pkt->in || !dev)
		return true;
	if (sub_packet_ethernet(msg->pkt, ethernet))
		len = ETHERNET_LEN;
	return sub_put_be16(msg, NFULA_HWTYPE, dev->arphrd) &&
	       sub_put_be16(msg, NFULA_HWLEN, len) &&
	       mnl_attr_put_check(msg->nlh, msg->room, NFULA_HWHEADER, len, ethernet);
}

static bool put_seq(const struct sub_message *msg, struct ulog_batch *batch)
{
	if (batch->flags & NFULNL_CFG_F_SEQ && !sub_put_be32(msg, NFULA_SEQ, batch->seq++))
		return false;
	return !(batch->flags & NFULNL_CFG_F_SEQ_GLOBAL) ||
	       sub_put_be32(msg, NFULA_SEQ_GLOBAL, ++batch->sub->global_seq);
}

static bool put_all(const struct sub_message *msg, struct ulog_batch *batch,
		    const struct pktt_nflog *log, uint32_t len)
{
	return put_head(msg, log) && sub_put_interfaces(msg) &&
	       (!msg->pkt->mark || sub_put_be32(msg, NFULA_MARK, msg->pkt->mark)) &&
	       sub_put_hwaddr(msg) && put_link(msg) && sub_put_timestamp(msg) &&
	       put_seq(msg, batch) &&
	       (!(batch->flags & NFULNL_CFG_F_CONNTRACK) || sub_put_ct(msg)) &&
	       sub_put_bridge(msg) && sub_put_payload(msg, len);
}

static struct nlmsghdr *begin(struct ulog_buffer *buffer, uint16_t type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer->data + buffer->used);

	nlh->nlmsg_type = type;
	return nlh;
}

static void added(struct ulog_buffer *buffer, struct nlmsghdr *nlh)
{
	buffer->used += MNL_ALIGN(nlh->nlmsg_len);
	buffer->last = nlh;
	buffer->count++;
}

static uint32_t threshold_of(const struct ulog_batch *batch, const struct pktt_nflog *log)
{
	return log->threshold && log->threshold < batch->threshold ? log->threshold
								   : batch->threshold;
}

void sub_ulog_put(struct ulog_batch *batch, const struct pktt_nflog *log)
{
	uint32_t len = copied_len(batch, log);
	struct ulog_buffer *buffer = sub_ulog_buffer(batch, reckon(batch, log, len), batch->size);
	struct sub_message msg = { .attrs = &log_attrs, .pkt = log->pkt };
	struct nfgenmsg *head;

	if (!buffer)
		return;
	msg.nlh = begin(buffer, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET);
	msg.room = buffer->room - buffer->used;
	head = mnl_nlmsg_put_extra_header(msg.nlh, sizeof(*head));
	head->nfgen_family = sub_packet_family(log->pkt);
	head->res_id = htobe16((uint16_t)batch->number);
	if (!put_all(&msg, batch, log, len)) {
		batch->lost++;
		return;
	}
	added(buffer, msg.nlh);
	batch->packets++;
	if (buffer->count >= threshold_of(batch, log))
		sub_ulog_flush(batch);
	else
		sub_ulog_wait(batch);
}

/* Room for it was reckoned with every message. */
void sub_ulog_end(struct ulog_buffer *buffer)
{
	struct nlmsghdr *nlh;

	if (buffer->count < 2)
		return;
	nlh = begin(buffer, NLMSG_DONE);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct nfgenmsg));
	buffer->used += nlh->nlmsg_len;
}

/* --- ULOG ---------------------------------------------------------------------------------------- */

static void describe(ulog_packet_msg_t *msg, const struct pktt_nflog *log)
{
	const struct pktt_packet *pkt = log->pkt;

	*msg = (ulog_packet_msg_t){
		.mark = pkt->mark,
		.timestamp_sec = (long)(pkt->time_ns / UINT64_C(1000000000)),
		.timestamp_usec = (long)(pkt->time_ns % UINT64_C(1000000000) / 1000),
		.hook = sub_packet_hook(pkt),
	};
	if (pkt->in)
		memcpy(msg->indev_name, pkt->in->name, IFNAMSIZ);
	if (pkt->out)
		memcpy(msg->outdev_name, pkt->out->name, IFNAMSIZ);
	strncpy(msg->prefix, log->prefix, sizeof(msg->prefix) - 1);
	if (pkt->in && sub_packet_ethernet(pkt, msg->mac))
		msg->mac_len = ETHERNET_LEN;
}

static uint32_t legacy_len(const struct pktt_nflog *log)
{
	uint32_t whole = sub_packet_len(log->pkt);

	return log->range && log->range < whole ? log->range : whole;
}

/*
 * Structure and payload overlap by the structure's padding, and the message's length counts both whole:
 * so it was in Linux, and so programs read it.
 */
static void put_legacy(struct ulog_buffer *buffer, const struct pktt_nflog *log, uint32_t len)
{
	const uint8_t *data = pktt_packet_read(log->pkt, PKTT_L3, 0, len);
	struct nlmsghdr *nlh = begin(buffer, ULOG_NL_EVENT);
	ulog_packet_msg_t msg;
	uint8_t *body;

	nlh->nlmsg_seq = buffer->count;
	body = mnl_nlmsg_put_extra_header(nlh, sizeof(msg) + len);
	describe(&msg, log);
	msg.data_len = data ? len : 0;
	memcpy(body, &msg, sizeof(msg));
	if (data)
		memcpy(body + offsetof(ulog_packet_msg_t, payload), data, len);
	nlh->nlmsg_len = (uint32_t)(MNL_NLMSG_HDRLEN + sizeof(msg) + len);
	if (buffer->count)
		buffer->last->nlmsg_flags |= NLM_F_MULTI;
	added(buffer, nlh);
}

void sub_ulog_put_legacy(struct ulog_batch *batch, const struct pktt_nflog *log)
{
	uint32_t len = legacy_len(log);
	size_t size = MNL_ALIGN(MNL_NLMSG_HDRLEN + sizeof(ulog_packet_msg_t) + len);
	struct ulog_buffer *buffer;

	if (batch->buffer && batch->buffer->count >= log->threshold)
		sub_ulog_flush(batch);
	buffer = sub_ulog_buffer(batch, size, LEGACY_BUFFER);
	if (!buffer)
		return;
	put_legacy(buffer, log, len);
	batch->packets++;
	if (buffer->count >= log->threshold)
		sub_ulog_flush(batch);
	else
		sub_ulog_wait(batch);
}

/* The last of several is the end, and still a packet. */
void sub_ulog_end_legacy(struct ulog_buffer *buffer)
{
	if (buffer->count > 1)
		buffer->last->nlmsg_type = NLMSG_DONE;
}
