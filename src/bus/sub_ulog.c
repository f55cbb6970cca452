/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: packets that rules log, to programs. nflog: a group has one listener, which binds it and says
 * how it wants packets. ULOG: a group is whoever joined it, and the rule says how. Either way a worker
 * writes the packet as a message into the group's batch; the batch leaves when it has as many packets as
 * are wanted, when the next would not fit, or when its time is up. LOG lines are sub_ulog_line.c's.
 *
 * Losses: a batch that the program's socket has no room for, or that finds too much waiting for the bus'
 * thread, is dropped and its packets counted.
 */
#include "bus/sub_ulog_own.h"

#include "base/own.h"
#include "core/env.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <stdlib.h>
#include <string.h>

enum { LEGACY_PROTOCOL = 5, LEGACY_TIMEOUT = 10 };

/* --- Batches ------------------------------------------------------------------------------------- */

/*
 * Linux's buffers are as large as its allocator makes them: a power of two, of which the buffer keeps 320
 * bytes for itself. So batches break where Linux's do.
 */
static size_t buffer_room(size_t size)
{
	size_t room = 512;

	while (room < size + 320)
		room *= 2;
	return room - 320;
}

struct ulog_buffer *sub_ulog_buffer(struct ulog_batch *batch, size_t size, size_t least)
{
	struct ulog_buffer *buffer = batch->buffer;
	size_t room;

	if (buffer && size <= buffer->room - buffer->used)
		return buffer;
	sub_ulog_flush(batch);
	room = buffer_room(size > least ? size : least);
	buffer = malloc(sizeof(*buffer) + room);
	if (!buffer) {
		batch->lost++;
		return NULL;
	}
	*buffer = (struct ulog_buffer){ .batch = batch, .room = room };
	batch->buffer = buffer;
	return buffer;
}

void sub_ulog_flush(struct ulog_batch *batch)
{
	struct ulog_buffer *buffer = pktt_take(&batch->buffer);
	struct sub_ulog *sub = batch->sub;

	if (!buffer)
		return;
	if (sub->waiting + buffer->room > ULOG_BYTES_MAX) {
		batch->lost += buffer->count;
		free(buffer);
		return;
	}
	if (batch->peer)
		sub_ulog_end(buffer);
	else
		sub_ulog_end_legacy(buffer);
	sub->waiting += buffer->room;
	list_insert_before(&sub->out, &buffer->link);
}

void sub_ulog_wait(struct ulog_batch *batch)
{
	if (batch->is_waiting)
		return;
	batch->is_waiting = true;
	list_insert_before(&batch->sub->arm, &batch->arm);
}

bool sub_ulog_has_work(struct sub_ulog *sub)
{
	bool is_new = !sub->is_posted && (!list_is_empty(&sub->out) || !list_is_empty(&sub->arm) ||
					  !list_is_empty(&sub->line));

	sub->is_posted |= is_new;
	return is_new;
}

/* --- The bus' thread ------------------------------------------------------------------------------ */

/* One event for a listener of nflog; ULOG's are told one by one and put together by their flags. */
static bool send_buffer(struct sub_ulog *sub, struct ulog_buffer *buffer)
{
	uint32_t group = NFNL_LEGACY_GROUP(LEGACY_PROTOCOL, buffer->batch->number);
	size_t at = 0;

	if (buffer->batch->peer)
		return nfnl_send_block(buffer->batch->peer, 0, buffer->data, buffer->used);
	while (at < buffer->used) {
		struct nlmsghdr *nlh = (void *)(buffer->data + at);

		nfnl_multicast(sub->bus, group, nlh);
		at += MNL_ALIGN(nlh->nlmsg_len);
	}
	return true;
}

static struct ulog_buffer *next_out(struct sub_ulog *sub)
{
	struct ulog_buffer *buffer = NULL;

	pthread_mutex_lock(&sub->lock);
	if (!list_is_empty(&sub->out)) {
		buffer = list_entry(sub->out.next, struct ulog_buffer, link);
		list_remove(&buffer->link);
		sub->waiting -= buffer->room;
	}
	pthread_mutex_unlock(&sub->lock);
	return buffer;
}

void sub_ulog_send_out(struct sub_ulog *sub)
{
	struct ulog_buffer *buffer;

	while ((buffer = next_out(sub))) {
		if (!send_buffer(sub, buffer)) {
			pthread_mutex_lock(&sub->lock);
			buffer->batch->lost += buffer->count;
			pthread_mutex_unlock(&sub->lock);
		}
		free(buffer);
	}
}

/* Timers of batches that were begun. */
static void arm(struct sub_ulog *sub)
{
	pthread_mutex_lock(&sub->lock);
	while (!list_is_empty(&sub->arm)) {
		struct ulog_batch *batch = list_entry(sub->arm.next, struct ulog_batch, arm);
		uint64_t after_us = (uint64_t)batch->timeout * 10000;

		list_remove(&batch->arm);
		list_init(&batch->arm);
		nfnl_timer_set(batch->timer, after_us ? after_us : 1);
	}
	sub->is_posted = false;
	pthread_mutex_unlock(&sub->lock);
}

static void work(void *ctx)
{
	struct sub_ulog *sub = ctx;

	arm(sub);
	sub_ulog_send_out(sub);
	sub_ulog_lines_send(sub);
}

void sub_ulog_post(struct sub_ulog *sub)
{
	if (!nfnl_post(sub->bus, work, sub))
		return;
	/* Without memory for the note it goes with the next packet's. */
	pthread_mutex_lock(&sub->lock);
	sub->is_posted = false;
	pthread_mutex_unlock(&sub->lock);
}

static void time_is_up(void *ctx)
{
	struct ulog_batch *batch = ctx;

	pthread_mutex_lock(&batch->sub->lock);
	batch->is_waiting = false;
	sub_ulog_flush(batch);
	pthread_mutex_unlock(&batch->sub->lock);
	sub_ulog_send_out(batch->sub);
}

int sub_ulog_batch_init(struct ulog_batch *batch, struct sub_ulog *sub, uint32_t number)
{
	*batch = (struct ulog_batch){
		.sub = sub,
		.number = number,
		.timeout = LEGACY_TIMEOUT,
	};
	list_init(&batch->arm);
	return nfnl_timer_new(&batch->timer, sub->bus, time_is_up, batch);
}

void sub_ulog_batch_fini(struct ulog_batch *batch)
{
	nfnl_timer_free(&batch->timer);
	free(batch->buffer);
	batch->buffer = NULL;
}

/* Out of the workers' reach first; then what it gathered is sent, or goes with its program. */
void sub_ulog_close(struct sub_ulog *sub, uint16_t number, bool is_gone)
{
	struct ulog_batch *batch = sub->group[number];

	pthread_mutex_lock(&sub->lock);
	sub->group[number] = NULL;
	list_remove(&batch->arm);
	list_init(&batch->arm);
	sub_ulog_flush(batch);
	list_for_each_safe (l, tmp, &sub->out) {
		struct ulog_buffer *buffer = list_entry(l, struct ulog_buffer, link);

		if (!is_gone || buffer->batch != batch)
			continue;
		batch->lost += buffer->count;
		sub->waiting -= buffer->room;
		list_remove(l);
		free(buffer);
	}
	sub->lost += batch->lost;
	pthread_mutex_unlock(&sub->lock);
	sub_ulog_send_out(sub);
	sub_ulog_batch_fini(batch);
	free(batch);
}

/* --- Workers -------------------------------------------------------------------------------------- */

static void put(struct sub_ulog *sub, const struct pktt_nflog *log)
{
	if (log->is_ulog && log->group >= 1 && log->group <= ULOG_LEGACY_GROUPS)
		sub_ulog_put_legacy(&sub->legacy[log->group - 1], log);
	else if (!log->is_ulog && sub->group[log->group])
		sub_ulog_put(sub->group[log->group], log);
}

void sub_ulog_packet(struct sub_ulog *sub, const struct pktt_nflog *log)
{
	uint32_t heard = __atomic_load_n(&sub->heard, __ATOMIC_RELAXED);
	bool has_work;

	if (log->is_ulog && !(heard >> ((log->group - 1) & 31) & 1))
		return;
	pthread_mutex_lock(&sub->lock);
	put(sub, log);
	has_work = sub_ulog_has_work(sub);
	pthread_mutex_unlock(&sub->lock);
	if (has_work)
		sub_ulog_post(sub);
}

/* --- Life ------------------------------------------------------------------------------------------ */

static void heard(void *ctx, uint32_t group, bool is_heard)
{
	struct sub_ulog *sub = ctx;
	uint32_t bit;

	if (group == PKTT_GROUP_LOG)
		__atomic_store_n(&sub->lines_are_heard, is_heard, __ATOMIC_RELAXED);
	if (group >> 16 != LEGACY_PROTOCOL)
		return;
	bit = (uint32_t)1 << (((group & 0xffff) - 1) & 31);
	if (is_heard)
		__atomic_fetch_or(&sub->heard, bit, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&sub->heard, ~bit, __ATOMIC_RELAXED);
}

static void forget(void *ctx, struct nfnl_peer *peer, void *state)
{
	struct sub_ulog *sub = ctx;

	if (!state)
		return;
	for (unsigned int i = 0; i < ULOG_NUMBERS; i++)
		if (sub->group[i] && sub->group[i]->peer == peer)
			sub_ulog_close(sub, (uint16_t)i, true);
}

/* The kernel's own ENOTSUPP, which has no name out here. */
#define NOT_SUPPORTED 524

static int refuse(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	(void)req;
	return pktt_fail(err, -NOT_SUPPORTED, "packets are not taken");
}

static const struct nfnl_policy config_policy[] = {
	[NFULA_CFG_CMD] = { .name = "NFULA_CFG_CMD" },
	[NFULA_CFG_MODE] = { .name = "NFULA_CFG_MODE" },
	[NFULA_CFG_NLBUFSIZ] = { .name = "NFULA_CFG_NLBUFSIZ", .type = MNL_TYPE_U32 },
	[NFULA_CFG_TIMEOUT] = { .name = "NFULA_CFG_TIMEOUT", .type = MNL_TYPE_U32 },
	[NFULA_CFG_QTHRESH] = { .name = "NFULA_CFG_QTHRESH", .type = MNL_TYPE_U32 },
	[NFULA_CFG_FLAGS] = { .name = "NFULA_CFG_FLAGS", .type = MNL_TYPE_U16 },
};

static const struct nfnl_call calls[] = {
	[NFULNL_MSG_PACKET] = {
		.name = "PACKET",
		.right = PKTT_RIGHT_ALL,
		.run = refuse,
	},
	[NFULNL_MSG_CONFIG] = {
		.name = "CONFIG",
		.right = PKTT_RIGHT_ALL,
		.policy = config_policy,
		.attrs = pktt_countof(config_policy),
		.run = sub_ulog_config,
	},
};

/* Programs of ULOG only listen. */
static int legacy_message(void *ctx, struct nfnl_peer *peer, const struct nlmsghdr *nlh,
			  struct pktt_error *err)
{
	(void)ctx;
	(void)peer;
	return pktt_fail(err, -EOPNOTSUPP, "ULOG takes no messages, not even type %u",
			 nlh->nlmsg_type);
}

static int sub_init(struct sub_ulog *sub, struct pktt_error *err)
{
	int rc;

	sub->group = calloc(ULOG_NUMBERS, sizeof(struct ulog_batch *));
	rc = sub->group ? 0 : -ENOMEM;
	for (uint32_t i = 0; i < ULOG_LEGACY_GROUPS && !rc; i++)
		rc = sub_ulog_batch_init(&sub->legacy[i], sub, i + 1);
	if (rc)
		return pktt_fail(err, rc, "no memory for the groups of packet logs");
	sub->subsys = (struct nfnl_subsys){
		.name = "nflog",
		.id = NFNL_SUBSYS_ULOG,
		.ncalls = pktt_countof(calls),
		.call = calls,
		.ctx = sub,
		.heard = heard,
		.forget = forget,
	};
	sub->old = (struct nfnl_legacy){
		.protocol = LEGACY_PROTOCOL,
		.message = legacy_message,
		.ctx = sub,
	};
	rc = nfnl_register(sub->bus, &sub->subsys);
	if (!rc)
		rc = nfnl_register_legacy(sub->bus, &sub->old);
	return rc ? pktt_fail(err, rc, "packet logs cannot be put on the bus twice") : 0;
}

int sub_ulog_new(struct sub_ulog **ret, struct nfnl *bus, struct pktt_error *err)
{
	struct sub_ulog *sub = calloc(1, sizeof(*sub));
	int rc;

	if (!sub)
		return pktt_fail(err, -ENOMEM, "no memory for packet logs");
	sub->bus = bus;
	list_init(&sub->out);
	list_init(&sub->arm);
	list_init(&sub->line);
	pthread_mutex_init(&sub->lock, NULL);
	rc = sub_init(sub, err);
	if (rc) {
		sub_ulog_free(&sub);
		return rc;
	}
	*ret = sub;
	return 0;
}

/* The bus has gone before, and with it every listener. */
void sub_ulog_free(struct sub_ulog **psub)
{
	struct sub_ulog *sub = *psub;

	if (!sub)
		return;
	list_for_each_safe (l, tmp, &sub->out)
		free(list_entry(l, struct ulog_buffer, link));
	sub_ulog_lines_drop(sub);
	for (unsigned int i = 0; i < ULOG_LEGACY_GROUPS; i++)
		sub_ulog_batch_fini(&sub->legacy[i]);
	pthread_mutex_destroy(&sub->lock);
	free(sub->group);
	free(sub);
	*psub = NULL;
}
