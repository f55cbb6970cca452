/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transactions: messages between BATCH_BEGIN and BATCH_END.
 *
 * Life-cycle: collected until BATCH_END is there; then, when it is its turn (nfnl_turn.c), begin(),
 * run() of every message, commit() or abort(), in slices; then acknowledgements, if it was
 * committed. Nothing is asked of the subsystem before the end is there, so that a program that dies
 * has changed nothing, and one that is slow holds up nobody.
 *
 * A small transaction that is whole in its datagram, while nobody else writes, is run where it
 * lies: no memory is taken and nothing copied.
 *
 * Errors: each message that is refused is answered, up to a number beyond which nothing new would
 * be learnt. BATCH_END with NLM_F_ACK is always answered: with 0 when all is committed, with
 * commit()'s error, or with -ECANCELED where a message was refused, so that its answer is the
 * transaction's end for its sender.
 */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 256 * 1024, IN_PLACE_MAX = 16 * 1024, ERRORS_MAX = 1000 };

static void refuse(struct nfnl_peer *peer, const struct nlmsghdr *nlh, const struct pktt_error *err)
{
	nfnl_ack(peer, nlh, err, NULL);
	peer->batch->errors++;
}

static void chunks_free(struct nfnl_batch *batch)
{
	struct nfnl_chunk *chunk, *next;

	for (chunk = batch->first; chunk; chunk = next) {
		next = chunk->next;
		if (!batch->is_in_place)
			free(chunk);
	}
	batch->first = batch->last = batch->chunk = NULL;
	batch->end = NULL;
}

void nfnl_batch_free(struct nfnl_peer *peer)
{
	struct nfnl_batch *batch = peer->batch;

	peer->batch = NULL;
	if (!batch)
		return;
	if (batch->is_begun && batch->slot->sub->abort)
		batch->slot->sub->abort(batch->slot->sub->ctx, peer);
	chunks_free(batch);
}

static int check_begin(const struct nfnl_peer *peer, const struct nlmsghdr *nlh,
		       struct nfnl_slot **ret, struct pktt_error *err)
{
	const struct nfgenmsg *head = NLMSG_DATA((struct nlmsghdr *)(uintptr_t)nlh);
	struct nfnl_slot *slot;
	unsigned int id;

	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*head)))
		return pktt_fail(err, -EINVAL, "BATCH_BEGIN: no room for struct nfgenmsg");
	id = ntohs(head->res_id);
	slot = id < pktt_countof(peer->bus->slot) ? peer->bus->slot[id] : NULL;
	if (!slot || !slot->sub->begin)
		return pktt_fail(err, -EOPNOTSUPP, "subsystem %u has no transactions", id);
	if (!(peer->rights & (PKTT_RIGHT_ELEMENTS | PKTT_RIGHT_ALL)))
		return pktt_fail(err, -EPERM,
				 "a transaction is not permitted: uid %u may only look here",
				 (unsigned int)peer->who.uid);
	*ret = slot;
	return 0;
}

/* The transaction is refused before it began; what follows up to BATCH_END is skipped. */
static void skip(struct nfnl_peer *peer, const struct nlmsghdr *begin, const struct pktt_error *err)
{
	refuse(peer, begin, err);
	chunks_free(peer->batch);
	peer->batch->slot = NULL;
}

static bool is_end(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == NFNL_MSG_BATCH_END;
}

/* Bytes up to the end of the transaction that begins at data, if that is within them; else 0. */
static size_t whole_span(const uint8_t *data, size_t len)
{
	const struct nlmsghdr *nlh;
	size_t at = 0;

	if (len > IN_PLACE_MAX)
		len = IN_PLACE_MAX;
	while (at < len && (nlh = nfnl_message_at(data, len, at))) {
		at += NLMSG_ALIGN(nlh->nlmsg_len);
		if (is_end(nlh))
			return at < len ? at : len;
	}
	return 0;
}

static int store(struct nfnl_batch *batch, const struct nlmsghdr *nlh)
{
	size_t len = NLMSG_ALIGN(nlh->nlmsg_len);
	struct nfnl_chunk *chunk = batch->last;
	size_t size = len > CHUNK_BYTES || !chunk ? len : CHUNK_BYTES;
	uint8_t *place;

	if (!chunk && size < NFNL_BLOCK_BYTES)
		size = NFNL_BLOCK_BYTES; /* the first is small: most transactions are */
	if (!chunk || chunk->size - chunk->used < len) {
		chunk = malloc(sizeof(*chunk) + size);
		if (!chunk)
			return -ENOMEM;
		*chunk = (struct nfnl_chunk){ .size = size };
		chunk->bytes = chunk->own;
		if (batch->last)
			batch->last->next = chunk;
		else
			batch->first = chunk;
		batch->last = chunk;
	}
	place = chunk->own + chunk->used;
	memset(place + nlh->nlmsg_len, 0, len - nlh->nlmsg_len);
	memcpy(place, nlh, nlh->nlmsg_len);
	chunk->used += len;
	batch->bytes += len;
	return 0;
}

static const struct nlmsghdr *at_place(const struct nfnl_chunk *chunk, size_t at)
{
	const void *place = chunk->bytes + at;

	return place;
}

static void keep(struct nfnl_peer *peer, const struct nlmsghdr *nlh)
{
	struct nfnl_batch *batch = peer->batch;
	size_t max = peer->bus->config.batch_max;
	struct pktt_error err = { 0 };

	if (max && batch->bytes + nlh->nlmsg_len > max)
		(void)pktt_fail(&err, -EMSGSIZE, "a transaction may have at most %zu bytes", max);
	else if (store(batch, nlh))
		(void)pktt_fail(&err, -ENOMEM, "no memory for the transaction");
	if (err.code) {
		skip(peer, &batch->begin_head, &err);
		return;
	}
	batch->wants_acks |= (nlh->nlmsg_flags & NLM_F_ACK) != 0;
}

/* From the first message again. */
static void rewind_to(struct nfnl_batch *batch, enum nfnl_phase phase)
{
	batch->chunk = batch->first;
	batch->at = 0;
	batch->phase = phase;
}

static const struct nlmsghdr *next_message(struct nfnl_batch *batch)
{
	const struct nlmsghdr *nlh;

	if (batch->chunk && batch->at >= batch->chunk->used) {
		batch->chunk = batch->chunk->next;
		batch->at = 0;
	}
	if (!batch->chunk)
		return NULL;
	nlh = at_place(batch->chunk, batch->at);
	batch->at += NLMSG_ALIGN(nlh->nlmsg_len);
	return nlh;
}

/* A refused transaction has come to its end. */
static void tell_cancelled(struct nfnl_peer *peer, const struct nlmsghdr *end)
{
	struct pktt_error err = { 0 };

	if (!(end->nlmsg_flags & NLM_F_ACK))
		return;
	(void)pktt_fail(&err, -ECANCELED, "nothing of the transaction was applied");
	nfnl_ack(peer, end, &err, NULL);
}

static void request_of(struct nfnl_request *req, struct nfnl_peer *peer, const struct nlmsghdr *nlh)
{
	const struct nfgenmsg *head = NLMSG_DATA((struct nlmsghdr *)(uintptr_t)nlh);

	*req = (struct nfnl_request){
		.bus = peer->bus, .peer = peer, .nlh = nlh, .is_batched = true
	};
	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*head)))
		return;
	req->family = head->nfgen_family;
	req->res_id = ntohs(head->res_id);
}

static int begin(struct nfnl_peer *peer, struct nfnl_request *req, struct pktt_error *err)
{
	const struct nfnl_subsys *sub = peer->batch->slot->sub;
	int rc = sub->begin(sub->ctx, req, err);

	peer->batch->is_begun = !rc;
	return rc;
}

static int run_message(struct nfnl_peer *peer, struct nfnl_request *req, struct pktt_error *err)
{
	const struct nfnl_slot *slot = nfnl_slot_of(peer->bus, req->nlh);

	if (req->nlh->nlmsg_type == NFNL_MSG_BATCH_BEGIN)
		return pktt_fail(err, -EINVAL, "a transaction within a transaction");
	if (req->nlh->nlmsg_type < NLMSG_MIN_TYPE || slot != peer->batch->slot)
		return pktt_fail(err, -EINVAL, "a message of type %u in a transaction of %s",
				 req->nlh->nlmsg_type, peer->batch->slot->sub->name);
	return nfnl_message_run(req, err);
}

static void error_init(struct pktt_error *err)
{
	err->code = 0;
	err->text[0] = '\0';
	err->place = (struct pktt_place){ 0 };
}

static void run_one(struct nfnl_peer *peer, const struct nlmsghdr *nlh)
{
	bool is_first = nlh == at_place(peer->batch->first, 0);
	struct nfnl_request req;
	struct pktt_error err;
	int rc;

	error_init(&err);
	request_of(&req, peer, nlh);
	rc = is_first ? begin(peer, &req, &err) : run_message(peer, &req, &err);
	if (rc >= 0)
		return;
	err.code = rc;
	nfnl_ack(peer, nlh, &err, req.bad);
	peer->batch->errors++;
}

/* All has been run, or enough of it refused. */
static void finish(struct nfnl_peer *peer)
{
	struct nfnl_batch *batch = peer->batch;
	const struct nfnl_subsys *sub = batch->slot->sub;
	struct nfnl_request req;
	struct pktt_error err;
	int rc = 0;

	error_init(&err);
	request_of(&req, peer, batch->end);
	if (batch->errors) {
		if (batch->is_begun)
			sub->abort(sub->ctx, peer);
		tell_cancelled(peer, batch->end);
	} else {
		rc = sub->commit(sub->ctx, &req, &err);
		err.code = rc;
		if (rc)
			refuse(peer, batch->end, &err);
	}
	batch->is_begun = false;
	nfnl_turn_done(batch->slot, peer);
	rewind_to(batch, NFNL_BATCH_ACK);
	if (batch->errors || !batch->wants_acks)
		nfnl_batch_free(peer);
}

static bool is_run(const struct nfnl_batch *batch, const struct nlmsghdr *nlh)
{
	return nlh == batch->end || batch->errors >= ERRORS_MAX ||
	       (batch->errors && !batch->is_begun);
}

/* An in-place transaction is short, and is not interrupted. */
static bool may_go_on(const struct nfnl_peer *peer)
{
	return peer->batch->is_in_place || !nfnl_slice_is_over(peer->bus);
}

static void go_on_running(struct nfnl_peer *peer)
{
	const struct nlmsghdr *nlh;

	do {
		nlh = next_message(peer->batch);
		if (is_run(peer->batch, nlh)) {
			finish(peer);
			return;
		}
		run_one(peer, nlh);
	} while (may_go_on(peer));
}

static void go_on_acking(struct nfnl_peer *peer)
{
	const struct nlmsghdr *nlh;

	do {
		nlh = next_message(peer->batch);
		if (!nlh) {
			nfnl_batch_free(peer);
			return;
		}
		if (nlh->nlmsg_flags & NLM_F_ACK)
			nfnl_ack(peer, nlh, NULL, NULL);
	} while (may_go_on(peer) &&
		 (peer->batch->is_in_place || nfnl_out_answers(peer) < NFNL_ANSWERS_MAX));
}

void nfnl_batch_go_on(struct nfnl_peer *peer)
{
	if (peer->batch->phase == NFNL_BATCH_RUN)
		go_on_running(peer);
	if (peer->batch && peer->batch->phase == NFNL_BATCH_ACK)
		go_on_acking(peer);
}

static void run_in_place(struct nfnl_peer *peer, const struct nlmsghdr *first, size_t span)
{
	struct nfnl_batch *batch = peer->batch;
	struct nfnl_chunk chunk = { .used = span, .size = span };
	const struct nlmsghdr *nlh;

	chunk.bytes = (const uint8_t *)first;
	batch->first = batch->last = &chunk;
	batch->is_in_place = true;
	rewind_to(batch, NFNL_BATCH_RUN);
	while ((nlh = next_message(batch))) {
		batch->wants_acks |= (nlh->nlmsg_flags & NLM_F_ACK) != 0;
		batch->end = nlh;
	}
	rewind_to(batch, NFNL_BATCH_RUN);
	nfnl_batch_go_on(peer);
}

static void complete(struct nfnl_peer *peer)
{
	struct nfnl_batch *batch = peer->batch;

	rewind_to(batch, NFNL_BATCH_WAIT);
	if (nfnl_turn_take(batch->slot, peer))
		batch->phase = NFNL_BATCH_RUN;
}

/* BATCH_BEGIN; how many bytes of the rest of its datagram were taken with it. */
size_t nfnl_batch_begin(struct nfnl_peer *peer, const struct nlmsghdr *nlh, size_t rest)
{
	struct nfnl_batch *batch = &peer->own_batch;
	size_t len = NLMSG_ALIGN(nlh->nlmsg_len), span;
	struct pktt_error err = { 0 };

	*batch = (struct nfnl_batch){ .begin_head = *nlh };
	batch->begin_head.nlmsg_len = sizeof(*nlh);
	peer->batch = batch;
	if (check_begin(peer, nlh, &batch->slot, &err)) {
		skip(peer, nlh, &err);
		return len < rest ? len : rest;
	}
	span = batch->slot->owner ? 0 : whole_span((const uint8_t *)nlh, rest);
	if (span && nfnl_turn_take(batch->slot, peer)) {
		run_in_place(peer, nlh, span);
		return span;
	}
	keep(peer, nlh);
	return len < rest ? len : rest;
}

/* Nothing of netlink's own can be part of a transaction; it is how a program gives one up. */
static void spoil(struct nfnl_peer *peer, const struct nlmsghdr *nlh)
{
	struct pktt_error err = { 0 };

	(void)pktt_fail(&err, -EINVAL, "a message of type %u in a transaction", nlh->nlmsg_type);
	skip(peer, nlh, &err);
}

/* One more message of the transaction that is being collected. */
void nfnl_batch_add(struct nfnl_peer *peer, const struct nlmsghdr *nlh)
{
	struct nfnl_batch *batch = peer->batch;

	if (batch->slot && nlh->nlmsg_type < NLMSG_MIN_TYPE)
		spoil(peer, nlh);
	else if (batch->slot)
		keep(peer, nlh);
	if (!is_end(nlh))
		return;
	if (!batch->slot) {
		tell_cancelled(peer, nlh);
		nfnl_batch_free(peer);
		return;
	}
	batch->end = at_place(batch->last, batch->last->used - NLMSG_ALIGN(nlh->nlmsg_len));
	complete(peer);
}

/* Something of what was sent is lost: if a transaction is being collected, it cannot be whole. */
void nfnl_batch_spoil(struct nfnl_peer *peer)
{
	if (!peer->batch || !peer->batch->slot)
		return;
	chunks_free(peer->batch);
	peer->batch->slot = NULL;
	peer->batch->errors++;
}
