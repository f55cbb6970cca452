/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: ip_queue and ip6_queue, the interface of Linux 2.4 that libipq speaks. The first program that
 * sends anything is the one peer until it goes; another is told EBUSY. Until it has set a mode, packets
 * are dropped. What a program may send and which error it gets is what ip_queue.c did; bytes behind a
 * message's structure are let pass, since old libipq states a length that is too large.
 */
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_queue.h>
#include <string.h>

#include "bus/sub_packet.h"
#include "bus/sub_queue_own.h"

#define NETLINK_FIREWALL_OF_2001 3 /* gone from linux/netlink.h by that meaning */
#define NETLINK_IP6_FW_OF_2001	 13

enum { RANGE_MAX = 0xffff, PAYLOAD_LEAST = 20 };

/* What programs compiled on x86-64 and arm64 have had in their binaries since 2001. */
_Static_assert(sizeof(ipq_packet_msg_t) == 96 && sizeof(ipq_verdict_msg_t) == 24 &&
		       sizeof(ipq_mode_msg_t) == 16 && sizeof(ipq_peer_msg_t) == 24,
	       "the structures of ip_queue are of another size");

static struct queue_slot *slot_of(struct sub_queue *sub, const struct nfnl_peer *peer)
{
	return &sub->legacy[nfnl_peer_protocol(peer) == NETLINK_IP6_FW_OF_2001];
}

/* --- Packets out ---------------------------------------------------------------------------------- */

static void copy_name(char ret[IFNAMSIZ], const struct pktt_iface *iface)
{
	if (iface)
		memcpy(ret, iface->name, IFNAMSIZ);
}

static void describe(ipq_packet_msg_t *msg, const struct queue_entry *entry)
{
	const struct pktt_packet *pkt = entry->pkt;
	uint8_t ethernet[14];

	*msg = (ipq_packet_msg_t){
		.packet_id = entry->id,
		.mark = pkt->mark,
		.timestamp_sec = (long)(pkt->time_ns / UINT64_C(1000000000)),
		.timestamp_usec = (long)(pkt->time_ns % UINT64_C(1000000000) / 1000),
		.hook = sub_packet_hook(pkt),
		.hw_protocol = htobe16(sub_packet_protocol(pkt)),
	};
	copy_name(msg->indev_name, pkt->in);
	copy_name(msg->outdev_name, pkt->out);
	if (!pkt->in || !sub_packet_ethernet(pkt, ethernet))
		return;
	msg->hw_type = pkt->in->arphrd;
	msg->hw_addrlen = 6;
	memcpy(msg->hw_addr, ethernet + 6, 6);
}

static uint32_t copied_len(const struct queue *queue, const struct pktt_packet *pkt)
{
	uint32_t len = sub_packet_len(pkt);

	if (queue->mode != IPQ_COPY_PACKET)
		return 0;
	return queue->range && queue->range < len ? queue->range : len;
}

bool sub_queue_legacy_send(struct sub_queue *sub, struct queue *queue,
			   const struct queue_entry *entry)
{
	uint32_t len = copied_len(queue, entry->pkt);
	ipq_packet_msg_t head;
	struct nlmsghdr *nlh;
	const uint8_t *data;
	uint8_t *body;

	/* nfnl_begin() writes a header of nfnetlink, which this is older than: it is overwritten. */
	nlh = nfnl_begin(sub->bus, sizeof(head) + len + NLMSG_ALIGNTO, IPQM_PACKET, 0, 0, 0);
	data = pktt_packet_read(entry->pkt, PKTT_L3, 0, len);
	if (!nlh || (len && !data))
		return false;
	describe(&head, entry);
	head.data_len = len;
	nlh->nlmsg_len = (uint32_t)MNL_NLMSG_HDRLEN;
	body = mnl_nlmsg_get_payload(nlh);
	memcpy(body, &head, sizeof(head));
	if (len)
		memcpy(body + sizeof(head), data, len);
	nlh->nlmsg_len += (uint32_t)sizeof(head) + len;
	return nfnl_send_event(queue->peer, 0, nlh);
}

/* --- Messages in ---------------------------------------------------------------------------------- */

static int set_mode(struct sub_queue *sub, struct queue *queue, const ipq_mode_msg_t *mode,
		    struct pktt_error *err)
{
	if (mode->value > IPQ_COPY_MAX)
		return pktt_fail(err, -EINVAL, "ip_queue has no mode %u", mode->value);
	pthread_mutex_lock(&sub->lock);
	queue->mode = mode->value;
	queue->range = 0;
	if (mode->value == IPQ_COPY_PACKET)
		queue->range = mode->range > RANGE_MAX ? RANGE_MAX : (uint32_t)mode->range;
	pthread_mutex_unlock(&sub->lock);
	return 0;
}

/* A payload counts only where it is as long as the message says and could be a packet. */
static void new_payload(const ipq_verdict_msg_t *msg, const uint8_t *data, size_t len,
			struct sub_queue_verdict *verdict)
{
	if (!msg->data_len || len < msg->data_len)
		return;
	if (msg->data_len < PAYLOAD_LEAST || msg->data_len > RANGE_MAX) {
		verdict->verdict = PKTT_DROP;
		return;
	}
	verdict->data = data;
	verdict->len = msg->data_len;
}

static int judge(struct sub_queue *sub, struct queue *queue, const uint8_t *body, size_t len,
		 struct pktt_error *err)
{
	struct sub_queue_verdict verdict = { .verdict = PKTT_DROP };
	struct queue_entry *entry;
	ipq_verdict_msg_t msg;

	memcpy(&msg, body, sizeof(msg));
	if (msg.value > NF_MAX_VERDICT)
		return pktt_fail(err, -EINVAL, "%u is no verdict", msg.value);
	entry = sub_queue_find(sub, queue, msg.id);
	if (!entry)
		return pktt_fail(err, -ENOENT, "no packet %lu waits", msg.id);
	if (sub_queue_verdict_of(msg.value, entry->pkt, &verdict))
		return pktt_fail(err, -EINVAL, "%u is no verdict", msg.value);
	/* NF_QUEUE without a number is this queue again. */
	if (verdict.verdict == PKTT_QUEUE)
		entry->pkt->queue.is_legacy = true;
	new_payload(&msg, body + sizeof(msg), len - sizeof(msg), &verdict);
	sub_queue_resume(sub, queue, entry, &verdict);
	return 0;
}

static int check(const struct nlmsghdr *nlh, struct pktt_error *err)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);

	if (!(nlh->nlmsg_flags & NLM_F_REQUEST) || nlh->nlmsg_flags & NLM_F_MULTI)
		return pktt_fail(err, -EINVAL, "ip_queue takes single requests");
	if (nlh->nlmsg_type != IPQM_MODE && nlh->nlmsg_type != IPQM_VERDICT)
		return pktt_fail(err, -EINVAL, "ip_queue has no message %u", nlh->nlmsg_type);
	/* libipq sends both as struct ipq_peer_msg; a mode alone is shorter. */
	if (len <
	    (nlh->nlmsg_type == IPQM_MODE ? sizeof(ipq_mode_msg_t) : sizeof(ipq_verdict_msg_t)))
		return pktt_fail(err, -EINVAL, "the message is too short");
	return 0;
}

/* The first to speak is the peer. */
static int claim(struct sub_queue *sub, struct queue_slot *slot, struct nfnl_peer *peer,
		 struct pktt_error *err)
{
	const struct queue fresh = {
		.is_legacy = true,
		.number = (uint16_t)(slot - sub->legacy),
		.mode = IPQ_COPY_NONE,
	};

	if (slot->queue && slot->queue->peer != peer)
		return pktt_fail(err, -EBUSY, "another program has ip_queue");
	if (slot->queue)
		return 0;
	if (sub_queue_open(sub, slot, peer, &fresh))
		return pktt_fail(err, -ENOMEM, "no memory for ip_queue");
	return 0;
}

static int message(void *ctx, struct nfnl_peer *peer, const struct nlmsghdr *nlh,
		   struct pktt_error *err)
{
	struct sub_queue *sub = ctx;
	struct queue_slot *slot = slot_of(sub, peer);
	ipq_mode_msg_t mode;
	int rc = check(nlh, err);

	if (rc)
		return rc;
	if (!(nfnl_peer_rights(peer) & PKTT_RIGHT_ALL))
		return pktt_fail(err, -EPERM, "packets are handed to who may change the rules");
	rc = claim(sub, slot, peer, err);
	if (rc)
		return rc;
	if (nlh->nlmsg_type == IPQM_VERDICT)
		return judge(sub, slot->queue, mnl_nlmsg_get_payload(nlh),
			     mnl_nlmsg_get_payload_len(nlh), err);
	memcpy(&mode, mnl_nlmsg_get_payload(nlh), sizeof(mode));
	return set_mode(sub, slot->queue, &mode, err);
}

static void forget(void *ctx, struct nfnl_peer *peer)
{
	struct sub_queue *sub = ctx;
	struct queue_slot *slot = slot_of(sub, peer);

	if (slot->queue && slot->queue->peer == peer)
		sub_queue_close(sub, slot);
}

int sub_queue_legacy_register(struct sub_queue *sub)
{
	static const unsigned int protocols[QUEUE_LEGACY_PEERS] = {
		NETLINK_FIREWALL_OF_2001,
		NETLINK_IP6_FW_OF_2001,
	};
	int rc = 0;

	for (unsigned int i = 0; i < QUEUE_LEGACY_PEERS && !rc; i++) {
		sub->old[i] = (struct nfnl_legacy){
			.protocol = protocols[i],
			.message = message,
			.forget = forget,
			.ctx = sub,
		};
		rc = nfnl_register_legacy(sub->bus, &sub->old[i]);
	}
	return rc;
}
