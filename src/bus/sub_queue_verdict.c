/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: what a program says of its packets, as nfqnl_recv_verdict() takes it: a verdict for one, or
 * one for all up to an identifier. A new payload that cannot be one drops the packet.
 */
#include "bus/sub_queue_own.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <string.h>

#define NF_VERDICT_BITS 16

int sub_queue_verdict_of(uint32_t raw, struct pktt_packet *pkt, struct sub_queue_verdict *ret)
{
	switch (raw & NF_VERDICT_MASK) {
	case NF_DROP:
		ret->verdict = PKTT_DROP;
		return 0;
	case NF_ACCEPT:
	case NF_STOP:
		ret->verdict = PKTT_ACCEPT;
		return 0;
	case NF_STOLEN:
		ret->verdict = PKTT_STOLEN;
		return 0;
	case NF_REPEAT:
		ret->verdict = PKTT_REPEAT;
		return 0;
	case NF_QUEUE:
		ret->verdict = PKTT_QUEUE;
		ret->queue = (uint16_t)(raw >> NF_VERDICT_BITS);
		pkt->queue.number = ret->queue;
		pkt->queue.bypass = raw & NF_VERDICT_FLAG_QUEUE_BYPASS;
		pkt->queue.is_legacy = false;
		return 0;
	}
	return -EINVAL;
}

static int read_header(const struct nfnl_request *req, struct nfqnl_msg_verdict_hdr *ret,
		       struct pktt_error *err)
{
	const struct nlattr *attr = req->attr[NFQA_VERDICT_HDR];
	uint32_t verdict;

	if (!attr)
		return pktt_fail(err, -EINVAL, "a verdict needs NFQA_VERDICT_HDR");
	if (mnl_attr_get_payload_len(attr) < sizeof(*ret))
		return pktt_fail(err, -ERANGE, "NFQA_VERDICT_HDR is too short");
	memcpy(ret, mnl_attr_get_payload(attr), sizeof(*ret));
	verdict = be32toh(ret->verdict) & NF_VERDICT_MASK;
	if (verdict > NF_MAX_VERDICT || verdict == NF_STOLEN)
		return pktt_fail(err, -EINVAL, "%u is no verdict", verdict);
	return 0;
}

static int find_queue(struct sub_queue *sub, const struct nfnl_request *req, struct queue **ret,
		      struct pktt_error *err)
{
	struct queue *queue = sub->slot[req->res_id].queue;

	if (!queue)
		return pktt_fail(err, -ENODEV, "nobody has queue %u", req->res_id);
	if (queue->peer != req->peer)
		return pktt_fail(err, -EPERM, "queue %u is another program's", req->res_id);
	*ret = queue;
	return 0;
}

/* What of the packet itself a verdict changes, beside its payload. */
static void edit_packet(const struct nfnl_request *req, struct pktt_packet *pkt,
			struct sub_queue_verdict *verdict)
{
	if (req->attr[NFQA_MARK]) {
		verdict->has_mark = true;
		verdict->mark = be32toh(mnl_attr_get_u32(req->attr[NFQA_MARK]));
	}
	if (req->attr[NFQA_PRIORITY])
		pkt->priority = be32toh(mnl_attr_get_u32(req->attr[NFQA_PRIORITY]));
}

/* A shorter packet must keep its header: what layer 3 alone needs, options of IPv4 included. */
static uint32_t least_len(const struct pktt_packet *pkt)
{
	const uint8_t *head;

	if (pkt->l3_family == PKTT_IPV6)
		return 40;
	head = pktt_packet_read(pkt, PKTT_L3, 0, 1);
	return pkt->l3_family == PKTT_IPV4 && head ? (*head & 0xfu) * 4 : 0;
}

static void new_payload(const struct nfnl_request *req, const struct pktt_packet *pkt,
			struct sub_queue_verdict *verdict)
{
	const struct nlattr *attr = req->attr[NFQA_PAYLOAD];
	size_t len;

	if (!attr)
		return;
	len = mnl_attr_get_payload_len(attr);
	if (len < packet_len(pkt, PKTT_L3) && len < least_len(pkt)) {
		verdict->verdict = PKTT_DROP;
		return;
	}
	verdict->data = mnl_attr_get_payload(attr);
	verdict->len = len;
}

int sub_queue_verdict(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_queue_verdict verdict = { .verdict = PKTT_DROP };
	struct nfqnl_msg_verdict_hdr head;
	struct sub_queue *sub = ctx;
	struct queue_entry *entry;
	struct queue *queue;
	int rc = find_queue(sub, req, &queue, err);

	if (!rc)
		rc = read_header(req, &head, err);
	if (rc)
		return rc;
	entry = sub_queue_find(sub, queue, be32toh(head.id));
	if (!entry)
		return pktt_fail(err, -ENOENT, "no packet %u waits in queue %u", be32toh(head.id),
				 queue->number);
	rc = sub_queue_verdict_of(be32toh(head.verdict), entry->pkt, &verdict);
	if (rc)
		return rc;
	sub_queue_update_ct(sub, req, entry->pkt);
	new_payload(req, entry->pkt, &verdict);
	edit_packet(req, entry->pkt, &verdict);
	sub_queue_resume(sub, queue, entry, &verdict);
	return 0;
}

static bool is_after(uint64_t id, uint32_t max)
{
	return (int32_t)((uint32_t)id - max) > 0;
}

int sub_queue_verdict_batch(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct nfqnl_msg_verdict_hdr head;
	struct sub_queue *sub = ctx;
	struct queue_entry *entry;
	unsigned int done = 0;
	struct queue *queue;
	uint64_t last;
	int rc = find_queue(sub, req, &queue, err);

	if (!rc)
		rc = read_header(req, &head, err);
	if (rc)
		return rc;
	/* A packet that comes again (REPEAT) is a new one: it is not judged by this batch. */
	pthread_mutex_lock(&sub->lock);
	last = queue->store.seq;
	pthread_mutex_unlock(&sub->lock);
	while ((entry = sub_queue_first(sub, queue)) && entry->id <= last &&
	       !is_after(entry->id, be32toh(head.id))) {
		struct sub_queue_verdict verdict = { .verdict = PKTT_DROP };

		(void)sub_queue_verdict_of(be32toh(head.verdict), entry->pkt, &verdict);
		edit_packet(req, entry->pkt, &verdict);
		sub_queue_resume(sub, queue, entry, &verdict);
		done++;
	}
	if (!done)
		return pktt_fail(err, -ENOENT, "no packet up to %u waits in queue %u",
				 be32toh(head.id), queue->number);
	return 0;
}
