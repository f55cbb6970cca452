/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the rules' subsystem that are pkttd's own: packets handed in, history, statistics. Their
 * context is that subsystem's, so they find pkttd by its name.
 */
#include "daemon/daemon.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>

#include "base/str.h"
#include "daemon/history.h"

enum { TEXT_PIECE = 32768 };

static const struct nfnl_policy packet_policy[PKTTA_ATTR_COUNT] = {
	[PKTTA_NUMBER] = { "PKTTA_NUMBER", MNL_TYPE_U32, 0 },
	[PKTTA_LENGTH] = { "PKTTA_LENGTH", MNL_TYPE_U32, 0 },
	[PKTTA_TIME] = { "PKTTA_TIME", MNL_TYPE_U64, 0 },
	[PKTTA_DATA] = { "PKTTA_DATA", MNL_TYPE_BINARY, 0 },
	[PKTTA_IFACE] = { "PKTTA_IFACE", MNL_TYPE_NUL_STRING, 15 },
	[PKTTA_KIND] = { "PKTTA_KIND", MNL_TYPE_U32, 0 },
};

static const struct nfnl_policy generation_policy[PKTTA_ATTR_COUNT] = {
	[PKTTA_GENERATION] = { "PKTTA_GENERATION", MNL_TYPE_U64, 0 },
};

static int get_history(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	return history_dump(pkttd.history, req, err);
}

static int confirm(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	return history_confirm(pkttd.history, nfnl_peer_who(req->peer), err);
}

static int rollback(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	const struct nlattr *to = req->attr[PKTTA_GENERATION];

	(void)ctx;
	return history_rollback(pkttd.history, to ? be64toh(mnl_attr_get_u64(to)) : 0,
				nfnl_peer_who(req->peer), err);
}

/* A text ends with NUL on the wire: the byte that follows the piece lends its place. */
static void send_text(struct nfnl_request *req, char *text, size_t len)
{
	char next = text[len];
	struct nlmsghdr *nlh =
		nfnl_begin(req->bus, len + 256, PKTT_SUBSYS_RULES << 8 | PKTT_MSG_NEWSTAT, 0, 0, 0);

	if (!nlh)
		return;
	text[len] = '\0';
	mnl_attr_put_check(nlh, nfnl_room(req->bus), PKTTA_TEXT, len + 1, text);
	text[len] = next;
	nfnl_send(req->peer, nlh, req->nlh->nlmsg_seq);
}

static int get_queue(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	return sub_queue_get(pkttd.queues, req, err);
}

/* In pieces; an acknowledgement that was asked for stands at the end. */
static int get_stat(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct str out = STR_INIT;
	int r = 0;

	(void)ctx;
	metrics_print(&pkttd, &out);
	if (out.failed)
		r = pktt_fail(err, -ENOMEM, "no memory for statistics");
	for (size_t at = 0; r == 0 && at < out.len; at += TEXT_PIECE)
		send_text(req, out.data + at,
			  out.len - at < TEXT_PIECE ? out.len - at : TEXT_PIECE);
	str_fini(&out);
	return r;
}

const struct nfnl_call daemon_calls[PKTT_MSG_COUNT] = {
	[PKTT_MSG_PACKET] = { "PACKET", PKTT_RIGHT_ALL, packet_policy, PKTTA_ATTR_COUNT,
			      packets_call },
	[PKTT_MSG_GETHISTORY] = { "GETHISTORY", PKTT_RIGHT_VIEW, NULL, 0, get_history },
	[PKTT_MSG_CONFIRM] = { "CONFIRM", PKTT_RIGHT_ALL, NULL, 0, confirm },
	[PKTT_MSG_ROLLBACK] = { "ROLLBACK", PKTT_RIGHT_ALL, generation_policy, PKTTA_ATTR_COUNT,
				rollback },
	[PKTT_MSG_GETSTAT] = { "GETSTAT", PKTT_RIGHT_VIEW, NULL, 0, get_stat },
	[PKTT_MSG_GETQUEUE] = { "GETQUEUE", PKTT_RIGHT_VIEW, NULL, 0, get_queue },
};
