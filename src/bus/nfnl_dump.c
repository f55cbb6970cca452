/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dumps.
 *
 * The subsystem's fill() is called whenever the peer can take more, and sends until it is told that
 * the peer is full; nothing of a dump is held beyond that. Where what is dumped changes meanwhile,
 * messages from then on say so (NLM_F_DUMP_INTR), the last included. The error of a dump is in its
 * NLMSG_DONE. A peer has one dump at a time; what it sends meanwhile waits.
 */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void state_free(const struct nfnl_dump *dump)
{
	if (dump->free)
		dump->free(dump->state);
}

int nfnl_dump_start(struct nfnl_request *req, const struct nfnl_dump *dump)
{
	struct nfnl_peer *peer = req->peer;
	struct nfnl_dump *copy;

	if (peer->dump || req->is_batched || !(copy = malloc(sizeof(*copy)))) {
		state_free(dump);
		return peer->dump || req->is_batched ? -EBUSY : -ENOMEM;
	}
	*copy = *dump;
	copy->peer = peer;
	copy->bus = req->bus;
	copy->seq = req->nlh->nlmsg_seq;
	copy->port = peer->port;
	copy->first_version = dump->version ? dump->version(dump->state) : 0;
	copy->is_full = false;
	peer->dump = copy;
	req->is_dumped = true;
	nfnl_peer_ready(peer);
	return 0;
}

void nfnl_dump_free(struct nfnl_peer *peer)
{
	struct nfnl_dump *dump = peer->dump;

	peer->dump = NULL;
	if (!dump)
		return;
	state_free(dump);
	free(dump);
}

static uint16_t dump_flags(const struct nfnl_dump *dump)
{
	bool is_same = !dump->version || dump->version(dump->state) == dump->first_version;

	return NLM_F_MULTI | (is_same ? 0 : NLM_F_DUMP_INTR);
}

bool nfnl_dump_send(struct nfnl_dump *dump, struct nlmsghdr *nlh)
{
	nlh->nlmsg_flags |= dump_flags(dump);
	nfnl_send(dump->peer, nlh, dump->seq);
	dump->is_full = nfnl_out_answers(dump->peer) >= NFNL_DUMP_ROOM || dump->peer->is_deaf;
	return !dump->is_full;
}

static void send_done(struct nfnl_dump *dump, int code)
{
	size_t len = NLMSG_LENGTH(sizeof(code));
	struct nlmsghdr *nlh = nfnl_out_room(dump->peer, len, false);

	if (!nlh)
		return;
	*nlh = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)len,
		.nlmsg_type = NLMSG_DONE,
		.nlmsg_flags = dump_flags(dump),
		.nlmsg_seq = dump->seq,
		.nlmsg_pid = dump->peer->port,
	};
	memcpy(NLMSG_DATA(nlh), &code, sizeof(code));
	dump->peer->last_is_part = false;
}

void nfnl_dump_go_on(struct nfnl_peer *peer)
{
	struct nfnl_dump *dump = peer->dump;
	int rc = 1;

	dump->is_full = false;
	while (rc == 1 && !dump->is_full && !peer->is_deaf) {
		rc = dump->fill(dump, dump->state);
		if (nfnl_slice_is_over(peer->bus))
			break;
	}
	if (rc != 1)
		send_done(dump, rc);
	if (rc != 1 || peer->is_deaf)
		nfnl_dump_free(peer);
}
