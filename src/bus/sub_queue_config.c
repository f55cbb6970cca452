/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program takes a queue, leaves it, and says how it wants its packets: nfqnl_recv_config(). */
#include "bus/sub_queue_own.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <string.h>

static uint32_t read_be32(const struct nlattr *attr)
{
	return be32toh(mnl_attr_get_u32(attr));
}

static int check_lengths(const struct nfnl_request *req, struct pktt_error *err)
{
	const struct nlattr *cmd = req->attr[NFQA_CFG_CMD], *params = req->attr[NFQA_CFG_PARAMS];

	if (cmd && mnl_attr_get_payload_len(cmd) < sizeof(struct nfqnl_msg_config_cmd))
		return pktt_fail(err, -ERANGE, "NFQA_CFG_CMD is too short");
	if (params && mnl_attr_get_payload_len(params) < sizeof(struct nfqnl_msg_config_params))
		return pktt_fail(err, -ERANGE, "NFQA_CFG_PARAMS is too short");
	return 0;
}

static int check_flags(const struct nfnl_request *req, struct pktt_error *err)
{
	uint32_t flags;

	if (!req->attr[NFQA_CFG_FLAGS])
		return 0;
	if (!req->attr[NFQA_CFG_MASK])
		return pktt_fail(err, -EINVAL, "flags need a mask that says which are meant");
	flags = read_be32(req->attr[NFQA_CFG_FLAGS]);
	if (flags >= NFQA_CFG_F_MAX)
		return pktt_fail(err, -EOPNOTSUPP, "unknown flag of a queue: 0x%x", flags);
	return 0;
}

static int bind_queue(struct sub_queue *sub, struct nfnl_request *req, struct pktt_error *err)
{
	const struct queue fresh = {
		.number = req->res_id,
		.mode = NFQNL_COPY_NONE,
		.range = QUEUE_COPY_MAX,
	};
	struct queue_slot *slot = &sub->slot[req->res_id];

	if (slot->queue)
		return pktt_fail(err, -EBUSY, "queue %u is yours already", req->res_id);
	if (sub_queue_open(sub, slot, req->peer, &fresh))
		return pktt_fail(err, -ENOMEM, "no memory for queue %u", req->res_id);
	nfnl_peer_set(req->peer, NFNL_SUBSYS_QUEUE, sub);
	return 0;
}

static int set_copy(struct queue *queue, const struct nfqnl_msg_config_params *params)
{
	uint32_t range = be32toh(params->copy_range);

	switch (params->copy_mode) {
	case NFQNL_COPY_NONE:
	case NFQNL_COPY_META:
		queue->mode = params->copy_mode;
		queue->range = 0;
		return 0;
	case NFQNL_COPY_PACKET:
		queue->mode = NFQNL_COPY_PACKET;
		queue->range = range == 0 || range > QUEUE_COPY_MAX ? QUEUE_COPY_MAX : range;
		return 0;
	}
	return -EINVAL; /* which the kernel keeps to itself */
}

static void set_up(struct queue *queue, const struct nfnl_request *req)
{
	struct nfqnl_msg_config_params params;
	uint32_t mask;

	if (req->attr[NFQA_CFG_PARAMS]) {
		memcpy(&params, mnl_attr_get_payload(req->attr[NFQA_CFG_PARAMS]), sizeof(params));
		(void)set_copy(queue, &params);
	}
	if (req->attr[NFQA_CFG_QUEUE_MAXLEN])
		queue->max = read_be32(req->attr[NFQA_CFG_QUEUE_MAXLEN]);
	if (req->attr[NFQA_CFG_FLAGS]) {
		mask = read_be32(req->attr[NFQA_CFG_MASK]);
		queue->flags =
			(queue->flags & ~mask) | (read_be32(req->attr[NFQA_CFG_FLAGS]) & mask);
	}
}

/* 1 = done, whatever else the message says. */
static int run_command(struct sub_queue *sub, struct nfnl_request *req, struct pktt_error *err)
{
	struct queue_slot *slot = &sub->slot[req->res_id];
	const struct nfqnl_msg_config_cmd *cmd;

	if (!req->attr[NFQA_CFG_CMD])
		return 0;
	cmd = mnl_attr_get_payload(req->attr[NFQA_CFG_CMD]);
	switch (cmd->command) {
	case NFQNL_CFG_CMD_BIND:
		return bind_queue(sub, req, err);
	case NFQNL_CFG_CMD_UNBIND:
		if (!slot->queue)
			return pktt_fail(err, -ENODEV, "nobody has queue %u", req->res_id);
		sub_queue_close(sub, slot);
		return 1;
	}
	return pktt_fail(err, -EOPNOTSUPP, "unknown command %u for a queue", cmd->command);
}

/* What was for all queues in 2005, and has been nothing since 2012. */
static bool is_obsolete(const struct nfnl_request *req)
{
	const struct nfqnl_msg_config_cmd *cmd;

	if (!req->attr[NFQA_CFG_CMD])
		return false;
	cmd = mnl_attr_get_payload(req->attr[NFQA_CFG_CMD]);
	return cmd->command == NFQNL_CFG_CMD_PF_BIND || cmd->command == NFQNL_CFG_CMD_PF_UNBIND;
}

int sub_queue_config(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_queue *sub = ctx;
	struct queue_slot *slot = &sub->slot[req->res_id];
	int rc = check_lengths(req, err);

	if (rc || is_obsolete(req))
		return rc;
	rc = check_flags(req, err);
	if (rc)
		return rc;
	if (slot->queue && slot->queue->peer != req->peer)
		return pktt_fail(err, -EPERM, "queue %u is another program's", req->res_id);
	rc = run_command(sub, req, err);
	if (rc)
		return rc < 0 ? rc : 0;
	if (!slot->queue)
		return pktt_fail(err, -ENODEV, "nobody has queue %u", req->res_id);
	pthread_mutex_lock(&sub->lock);
	set_up(slot->queue, req);
	pthread_mutex_unlock(&sub->lock);
	return 0;
}
