/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages in: out of a datagram, to the call that they are for.
 *
 * What is refused, and by which number, is nfnetlink's: a message without NLM_F_REQUEST is skipped,
 * an unknown subsystem or message is -EINVAL. Where the kernel drops the rest of a datagram in
 * silence because a length is wrong, we say so.
 */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <errno.h>

/* The message at the cursor, or NULL where there is none that is whole. */
const struct nlmsghdr *nfnl_message_at(const uint8_t *data, size_t len, size_t at)
{
	const void *place = data + at;
	const struct nlmsghdr *nlh = place;

	if (len - at < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > len - at)
		return NULL;
	return nlh;
}

struct nfnl_slot *nfnl_slot_of(const struct nfnl *bus, const struct nlmsghdr *nlh)
{
	return bus->slot[NFNL_SUBSYS_ID(nlh->nlmsg_type)];
}

static const struct nfnl_call *call_of(const struct nfnl_slot *slot, const struct nlmsghdr *nlh)
{
	uint8_t number = NFNL_MSG_TYPE(nlh->nlmsg_type);

	if (!slot || number >= slot->sub->ncalls || !slot->sub->call[number].run)
		return NULL;
	return &slot->sub->call[number];
}

static bool has_right(const struct nfnl_peer *peer, unsigned int right)
{
	if (!peer->rights)
		return false; /* not even a greeting */
	if (right & PKTT_RIGHT_VIEW)
		right = PKTT_RIGHT_VIEW |
			PKTT_RIGHT_ELEMENTS; /* who may change something may look */
	return !right || peer->rights & (right | PKTT_RIGHT_ALL);
}

static int refuse_right(const struct nfnl_peer *peer, const struct nfnl_call *call,
			struct pktt_error *err)
{
	static const char *const may[] = { "do nothing", "only look",
					   "only change elements of sets" };
	unsigned int i = peer->rights & PKTT_RIGHT_ELEMENTS ? 2 : peer->rights & PKTT_RIGHT_VIEW;

	return pktt_fail(err, -EPERM, "%s is not permitted: uid %u may %s here", call->name,
			 (unsigned int)peer->who.uid, may[i]);
}

static int no_call(const struct nfnl_slot *slot, const struct nlmsghdr *nlh, struct pktt_error *err)
{
	if (!slot)
		return pktt_fail(err, -EINVAL, "there is no subsystem %u",
				 NFNL_SUBSYS_ID(nlh->nlmsg_type));
	return pktt_fail(err, -EINVAL, "%s has no message %u", slot->sub->name,
			 NFNL_MSG_TYPE(nlh->nlmsg_type));
}

static bool is_skipped(const struct nlmsghdr *nlh)
{
	return !(nlh->nlmsg_flags & NLM_F_REQUEST) || nlh->nlmsg_type < NLMSG_MIN_TYPE;
}

int nfnl_message_run(struct nfnl_request *req, struct pktt_error *err)
{
	const struct nlmsghdr *nlh = req->nlh;
	const struct nfnl_slot *slot = nfnl_slot_of(req->bus, nlh);
	const struct nfnl_call *call = call_of(slot, nlh);
	const struct nfgenmsg *head = NLMSG_DATA((struct nlmsghdr *)(uintptr_t)nlh);
	int rc;

	if (is_skipped(nlh))
		return 0;
	if (!call)
		return no_call(slot, nlh, err);
	if (!has_right(req->peer, call->right))
		return refuse_right(req->peer, call, err);
	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*head)))
		return slot->sub->id < PKTT_SUBSYS_RULES ? 0 : /* as the kernel */
			       pktt_fail(err, -EINVAL, "%s: no room for struct nfgenmsg",
					 call->name);
	req->family = head->nfgen_family;
	req->res_id = ntohs(head->res_id);
	rc = nfnl_attrs_read(req, call, err);
	return rc ? rc : call->run(slot->sub->ctx, req, err);
}

void nfnl_result(struct nfnl_peer *peer, const struct nfnl_request *req, int rc,
		 struct pktt_error *err)
{
	if (rc < 0) {
		err->code = rc;
		nfnl_ack(peer, req->nlh, err, req->bad);
	} else if (!rc && req->nlh->nlmsg_flags & NLM_F_ACK && !req->is_dumped) {
		nfnl_ack(peer, req->nlh, NULL, NULL);
	}
}

void nfnl_answer(struct nfnl_peer *peer, const struct nlmsghdr *nlh, const struct pktt_error *err)
{
	bool is_error = err && err->code;

	if (is_error || nlh->nlmsg_flags & NLM_F_ACK)
		nfnl_ack(peer, nlh, is_error ? err : NULL, NULL);
}

static bool is_write(const struct nfnl_slot *slot, const struct nlmsghdr *nlh)
{
	const struct nfnl_call *call = call_of(slot, nlh);

	return call && slot->sub->begin && call->right && !(call->right & PKTT_RIGHT_VIEW);
}

/* false: the message has to wait for its turn. */
static bool run_single(struct nfnl_peer *peer, const struct nlmsghdr *nlh)
{
	struct nfnl_request req = { .bus = peer->bus, .peer = peer, .nlh = nlh };
	struct nfnl_slot *slot = nfnl_slot_of(peer->bus, nlh);
	bool takes_turn = is_write(slot, nlh);
	struct pktt_error err;
	int rc;

	err.code = 0;
	err.text[0] = '\0';
	err.place = (struct pktt_place){ 0 };
	if (takes_turn && !nfnl_turn_take(slot, peer))
		return false;
	rc = nfnl_message_run(&req, &err);
	if (takes_turn)
		nfnl_turn_done(slot, peer);
	nfnl_result(peer, &req, rc, &err);
	return true;
}

static void run_legacy(struct nfnl_peer *peer, const struct nlmsghdr *nlh)
{
	struct pktt_error err = { 0 };
	struct nfnl_request req = { .bus = peer->bus, .peer = peer, .nlh = nlh };
	int rc = -EPROTONOSUPPORT;

	for (size_t i = 0; i < pktt_countof(peer->bus->old); i++) {
		const struct nfnl_legacy *legacy =
			peer->bus->old[i] ? peer->bus->old[i]->legacy : NULL;

		if (legacy && legacy->protocol == peer->protocol)
			rc = legacy->message(legacy->ctx, peer, nlh, &err);
	}
	nfnl_result(peer, &req, rc, &err);
}

/* Takes the message, of rest bytes that are left; how many bytes that was. 0: not yet. */
static size_t take(struct nfnl_peer *peer, const struct nlmsghdr *nlh, size_t rest)
{
	size_t len = NLMSG_ALIGN(nlh->nlmsg_len);

	if (peer->protocol != NETLINK_NETFILTER &&
	    NFNL_SUBSYS_ID(nlh->nlmsg_type) != PKTT_SUBSYS_BUS)
		run_legacy(peer, nlh);
	else if (peer->batch)
		nfnl_batch_add(peer, nlh);
	else if (nlh->nlmsg_type == NFNL_MSG_BATCH_BEGIN)
		return nfnl_batch_begin(peer, nlh, rest);
	else if (!run_single(peer, nlh))
		return 0;
	return len < rest ? len : rest;
}

/* No message begins here: the rest of the datagram is lost, and its sender hears of it. */
static void refuse_rest(struct nfnl_peer *peer, const uint8_t *data, size_t rest)
{
	struct nlmsghdr nlh = { .nlmsg_len = sizeof(nlh) };
	struct pktt_error err = { 0 };
	const void *place = data;

	if (rest >= sizeof(nlh))
		nlh = *(const struct nlmsghdr *)place;
	(void)pktt_fail(&err, -EINVAL, "a message says that it has %u bytes, where %zu are left",
			rest >= sizeof(nlh) ? nlh.nlmsg_len : 0, rest);
	nlh.nlmsg_len = sizeof(nlh);
	nfnl_batch_spoil(peer);
	nfnl_ack(peer, &nlh, &err, NULL);
}

/* What a datagram, or the rest of one, holds is done as far as may be; how many bytes that were. */
size_t nfnl_feed(struct nfnl_peer *peer, const uint8_t *data, size_t len)
{
	size_t at = 0, took;

	while (at < len && !nfnl_peer_must_wait(peer) && !nfnl_slice_is_over(peer->bus)) {
		const struct nlmsghdr *nlh = nfnl_message_at(data, len, at);

		if (!nlh) {
			refuse_rest(peer, data + at, len - at);
			return len;
		}
		took = take(peer, nlh, len - at);
		if (!took)
			break;
		at += took;
	}
	return at;
}
