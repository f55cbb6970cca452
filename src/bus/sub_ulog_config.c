/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program takes a group of nflog, leaves it, and says how it wants packets: nfulnl_recv_config(). */
#include "bus/sub_ulog_own.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <stdlib.h>
#include <string.h>

static uint32_t read_be32(const struct nlattr *attr)
{
	return be32toh(mnl_attr_get_u32(attr));
}

static int check_lengths(const struct nfnl_request *req, struct pktt_error *err)
{
	const struct nlattr *cmd = req->attr[NFULA_CFG_CMD], *mode = req->attr[NFULA_CFG_MODE];

	if (cmd && mnl_attr_get_payload_len(cmd) < sizeof(struct nfulnl_msg_config_cmd))
		return pktt_fail(err, -ERANGE, "NFULA_CFG_CMD is too short");
	if (mode && mnl_attr_get_payload_len(mode) < sizeof(struct nfulnl_msg_config_mode))
		return pktt_fail(err, -ERANGE, "NFULA_CFG_MODE is too short");
	return 0;
}

static int bind_group(struct sub_ulog *sub, struct nfnl_request *req, struct pktt_error *err)
{
	struct ulog_batch *batch;

	if (sub->group[req->res_id])
		return pktt_fail(err, -EBUSY, "group %u is yours already", req->res_id);
	batch = malloc(sizeof(*batch));
	if (!batch || sub_ulog_batch_init(batch, sub, req->res_id)) {
		free(batch);
		return pktt_fail(err, -ENOMEM, "no memory for group %u", req->res_id);
	}
	batch->peer = req->peer;
	batch->mode = NFULNL_COPY_PACKET;
	batch->range = ULOG_COPY_MAX;
	batch->timeout = ULOG_TIMEOUT_DEFAULT;
	batch->threshold = ULOG_QTHRESH_DEFAULT;
	batch->size = ULOG_BUFFER_DEFAULT;
	pthread_mutex_lock(&sub->lock);
	sub->group[req->res_id] = batch;
	pthread_mutex_unlock(&sub->lock);
	nfnl_peer_set(req->peer, NFNL_SUBSYS_ULOG, sub);
	return 0;
}

/* What cannot be is left as it was, without a word, as the kernel does. */
static void set_copy(struct ulog_batch *batch, const struct nfulnl_msg_config_mode *mode)
{
	uint32_t range = be32toh(mode->copy_range);

	if (mode->copy_mode > NFULNL_COPY_PACKET)
		return;
	batch->mode = mode->copy_mode;
	batch->range = 0;
	if (mode->copy_mode == NFULNL_COPY_PACKET)
		batch->range = range == 0 || range > ULOG_COPY_MAX ? ULOG_COPY_MAX : range;
}

static void set_up(struct ulog_batch *batch, const struct nfnl_request *req)
{
	struct nfulnl_msg_config_mode mode;
	uint32_t size;

	if (req->attr[NFULA_CFG_MODE]) {
		memcpy(&mode, mnl_attr_get_payload(req->attr[NFULA_CFG_MODE]), sizeof(mode));
		set_copy(batch, &mode);
	}
	if (req->attr[NFULA_CFG_TIMEOUT])
		batch->timeout = read_be32(req->attr[NFULA_CFG_TIMEOUT]);
	if (req->attr[NFULA_CFG_NLBUFSIZ]) {
		size = read_be32(req->attr[NFULA_CFG_NLBUFSIZ]);
		if (size >= ULOG_BUFFER_DEFAULT && size <= ULOG_BUFFER_MAX)
			batch->size = size;
	}
	if (req->attr[NFULA_CFG_QTHRESH])
		batch->threshold = read_be32(req->attr[NFULA_CFG_QTHRESH]);
	if (req->attr[NFULA_CFG_FLAGS])
		batch->flags = be16toh(mnl_attr_get_u16(req->attr[NFULA_CFG_FLAGS]));
}

/* 1 = done, whatever else the message says. */
static int run_command(struct sub_ulog *sub, struct nfnl_request *req, struct pktt_error *err)
{
	const struct nfulnl_msg_config_cmd *cmd = mnl_attr_get_payload(req->attr[NFULA_CFG_CMD]);

	switch (cmd->command) {
	case NFULNL_CFG_CMD_BIND:
		return bind_group(sub, req, err);
	case NFULNL_CFG_CMD_UNBIND:
		if (!sub->group[req->res_id])
			return pktt_fail(err, -ENODEV, "nobody has group %u", req->res_id);
		sub_ulog_close(sub, req->res_id, false);
		return 1;
	}
	/* The kernel's own ENOTSUPP, which has no name out here. */
	return pktt_fail(err, -524, "unknown command %u for a group", cmd->command);
}

/* Which of the kernel's loggers a family uses: here there is but this one. */
static bool is_of_family(const struct nfnl_request *req)
{
	const struct nfulnl_msg_config_cmd *cmd;

	if (!req->attr[NFULA_CFG_CMD])
		return false;
	cmd = mnl_attr_get_payload(req->attr[NFULA_CFG_CMD]);
	return cmd->command == NFULNL_CFG_CMD_PF_BIND || cmd->command == NFULNL_CFG_CMD_PF_UNBIND;
}

int sub_ulog_config(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_ulog *sub = ctx;
	int rc = check_lengths(req, err);

	if (rc || is_of_family(req))
		return rc;
	if (sub->group[req->res_id] && sub->group[req->res_id]->peer != req->peer)
		return pktt_fail(err, -EPERM, "group %u is another program's", req->res_id);
	if (req->attr[NFULA_CFG_CMD])
		rc = run_command(sub, req, err);
	if (rc)
		return rc < 0 ? rc : 0;
	if (!sub->group[req->res_id])
		return pktt_fail(err, -ENODEV, "nobody has group %u", req->res_id);
	pthread_mutex_lock(&sub->lock);
	set_up(sub->group[req->res_id], req);
	pthread_mutex_unlock(&sub->lock);
	return 0;
}
