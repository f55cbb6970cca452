/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: packets leave the engine for a program and come back with its verdict. A queue exists while
 * its one listener does. A worker appends its packet to the queue and goes on; the bus' thread writes the
 * message, sends it, and hands the packet back to the datapath (ops.resume) when the verdict comes.
 *
 * Losses, each counted: nobody listens (the rule's bypass says whether the packet passes on); the queue
 * is full, or the program's socket is (fail-open says); the listener goes (what waits is dropped, as the
 * kernel does).
 *
 * -j QUEUE is older than nfqueue: it goes to a program that speaks ip_queue's protocol, and where there is
 * none to the listener of queue 0.
 *
 * Memory: a queue's length is its listener's choice; how many packets wait for one program, and how many
 * and how large they all are, is not (ops.limits).
 */
#include "bus/sub_queue_own.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdlib.h>

#include "base/own.h"

enum { DELIVER_SLICE = 256 };

/* --- Workers ----------------------------------------------------------------------------------- */

static struct queue_slot *slot_of(struct sub_queue *sub, const struct pktt_packet *pkt)
{
	struct queue_slot *legacy = &sub->legacy[pkt->family == PKTT_IPV6];

	if (!pkt->queue.is_legacy)
		return &sub->slot[pkt->queue.number];
	return legacy->queue || !sub->slot[0].queue ? legacy : &sub->slot[0];
}

static bool nobody_listens(struct queue_slot *slot, const struct pktt_packet *pkt, bool *go_on)
{
	*go_on = pkt->queue.bypass;
	if (*go_on)
		slot->bypassed++;
	else
		slot->lost++;
	return false;
}

static bool is_full(const struct sub_queue *sub, const struct queue *queue, uint32_t bytes)
{
	const struct sub_queue_limits *l = &sub->ops.limits;

	return queue->store.count >= queue->max || sub->bytes + bytes > l->bytes ||
	       (l->queued && sub->count >= l->queued) ||
	       (l->client_queued && queue->share->count >= l->client_queued);
}

static bool full(struct queue *queue, bool *go_on)
{
	*go_on = queue->flags & NFQA_CFG_F_FAIL_OPEN;
	if (!*go_on)
		queue->dropped++;
	return false;
}

static void post_delivery(struct sub_queue *sub);

/* The bus' thread must hear of the queue; once is enough until it has looked. */
static bool is_new_work(struct sub_queue *sub, struct queue *queue)
{
	if (!queue->is_ready) {
		queue->is_ready = true;
		list_insert_before(&sub->ready, &queue->ready);
	}
	if (sub->is_posted)
		return false;
	sub->is_posted = true;
	return true;
}

static bool enqueue(struct sub_queue *sub, struct queue_entry **pentry, bool *go_on, bool *post)
{
	struct queue_entry *entry = *pentry;
	struct queue_slot *slot = slot_of(sub, entry->pkt);
	struct queue *queue = slot->queue;

	if (!queue)
		return nobody_listens(slot, entry->pkt, go_on);
	if (queue->mode == NFQNL_COPY_NONE) {
		*go_on = false;
		return false;
	}
	if (is_full(sub, queue, entry->bytes))
		return full(queue, go_on);
	queue_store_append(&queue->store, pktt_take(pentry));
	sub->bytes += entry->bytes;
	sub->count++;
	queue->share->count++;
	*post = is_new_work(sub, queue);
	return true;
}

bool sub_queue_packet(struct sub_queue *sub, struct pktt_packet *pkt, bool *go_on)
{
	PKTT_AUTO_FREE struct queue_entry *entry = calloc(1, sizeof(*entry));
	bool is_taken, post = false;

	*go_on = false;
	if (!entry)
		return false;
	entry->pkt = pkt;
	entry->bytes = pkt->room + (uint32_t)sizeof(*pkt);
	pthread_mutex_lock(&sub->lock);
	is_taken = enqueue(sub, &entry, go_on, &post);
	pthread_mutex_unlock(&sub->lock);
	if (post)
		post_delivery(sub);
	return is_taken;
}

/* --- The bus' thread ---------------------------------------------------------------------------- */

static void deliver(void *ctx);

struct pktt_packet *sub_queue_take(struct sub_queue *sub, struct queue *queue,
				   struct queue_entry *entry)
{
	struct pktt_packet *pkt = entry->pkt;

	pthread_mutex_lock(&sub->lock);
	queue_store_remove(&queue->store, entry);
	sub->bytes -= entry->bytes;
	sub->count--;
	queue->share->count--;
	pthread_mutex_unlock(&sub->lock);
	free(entry);
	return pkt;
}

struct queue_entry *sub_queue_first(struct sub_queue *sub, const struct queue *queue)
{
	struct queue_entry *entry;

	pthread_mutex_lock(&sub->lock);
	entry = queue_store_first(&queue->store);
	pthread_mutex_unlock(&sub->lock);
	return entry;
}

/* The identifier nearest below the last one given that ends in these 32 bits. */
static uint64_t widen(const struct queue_store *store, uint32_t low)
{
	uint64_t id = (store->seq & ~(uint64_t)UINT32_MAX) | low;

	return id > store->seq && id > UINT32_MAX ? id - UINT32_MAX - 1 : id;
}

struct queue_entry *sub_queue_find(struct sub_queue *sub, const struct queue *queue, uint64_t id)
{
	struct queue_entry *entry;

	pthread_mutex_lock(&sub->lock);
	if (!queue->is_legacy)
		id = widen(&queue->store, (uint32_t)id);
	entry = queue_store_find(&queue->store, id);
	pthread_mutex_unlock(&sub->lock);
	return entry;
}

void sub_queue_resume(struct sub_queue *sub, struct queue *queue, struct queue_entry *entry,
		      const struct sub_queue_verdict *verdict)
{
	struct pktt_packet *pkt = sub_queue_take(sub, queue, entry);

	sub->ops.resume(sub->ops.ctx, pkt, verdict);
}

/* The program's socket is full. */
static void not_sent(struct sub_queue *sub, struct queue *queue, struct queue_entry *entry)
{
	bool is_open = queue->flags & NFQA_CFG_F_FAIL_OPEN;
	const struct sub_queue_verdict verdict = {
		.verdict = is_open ? PKTT_ACCEPT : PKTT_DROP,
	};

	if (!is_open)
		queue->user_dropped++;
	sub_queue_resume(sub, queue, entry, &verdict);
}

static struct queue_entry *next_unsent(struct sub_queue *sub, struct queue **ret)
{
	struct queue_entry *entry = NULL;

	pthread_mutex_lock(&sub->lock);
	while (!entry && !list_is_empty(&sub->ready)) {
		*ret = list_entry(sub->ready.next, struct queue, ready);
		entry = queue_store_unsent(&(*ret)->store);
		if (entry) {
			queue_store_sent(&(*ret)->store, entry);
			continue;
		}
		list_remove(&(*ret)->ready);
		(*ret)->is_ready = false;
	}
	if (!entry)
		sub->is_posted = false;
	pthread_mutex_unlock(&sub->lock);
	return entry;
}

/* sub->is_posted holds: nobody else asks for delivery. */
static void post_delivery(struct sub_queue *sub)
{
	if (!nfnl_post(sub->bus, deliver, sub))
		return;
	/* Without memory for the note it goes with the next packet's. */
	pthread_mutex_lock(&sub->lock);
	sub->is_posted = false;
	pthread_mutex_unlock(&sub->lock);
}

/* In slices: a flood of packets must not keep the bus from everything else. */
static void deliver(void *ctx)
{
	struct sub_queue *sub = ctx;
	struct queue_entry *entry;
	struct queue *queue;

	for (unsigned int i = 0; i < DELIVER_SLICE; i++) {
		entry = next_unsent(sub, &queue);
		if (!entry)
			return;
		if (!(queue->is_legacy ? sub_queue_legacy_send : sub_queue_send)(sub, queue, entry))
			not_sent(sub, queue, entry);
	}
	post_delivery(sub);
}

/* That of another queue of this program, or a new one. */
static struct queue_share *share_of(const struct sub_queue *sub, const struct nfnl_peer *peer)
{
	for (unsigned int i = 0; nfnl_peer_get(peer, NFNL_SUBSYS_QUEUE) && i < QUEUE_NUMBERS; i++)
		if (sub->slot[i].queue && sub->slot[i].queue->peer == peer)
			return sub->slot[i].queue->share;
	return calloc(1, sizeof(struct queue_share));
}

static void share_put(struct queue_share *share)
{
	if (--share->queues == 0)
		free(share);
}

int sub_queue_open(struct sub_queue *sub, struct queue_slot *slot, struct nfnl_peer *peer,
		   const struct queue *like)
{
	struct queue_share *share = share_of(sub, peer);
	struct queue *queue = share ? calloc(1, sizeof(*queue)) : NULL;

	if (!queue) {
		if (share && !share->queues)
			free(share);
		return -ENOMEM;
	}
	*queue = *like;
	queue->max = sub->ops.limits.length;
	queue->share = share;
	share->queues++;
	queue->peer = peer;
	list_init(&queue->ready);
	queue_store_init(&queue->store);
	pthread_mutex_lock(&sub->lock);
	slot->queue = queue;
	pthread_mutex_unlock(&sub->lock);
	return 0;
}

/* Out of the workers' reach first; then nobody appends to it. */
void sub_queue_close(struct sub_queue *sub, struct queue_slot *slot)
{
	const struct sub_queue_verdict drop = { .verdict = PKTT_DROP };
	struct queue *queue = slot->queue;
	struct queue_entry *entry;

	pthread_mutex_lock(&sub->lock);
	slot->queue = NULL;
	if (queue->is_ready)
		list_remove(&queue->ready);
	pthread_mutex_unlock(&sub->lock);
	while ((entry = queue_store_first(&queue->store)))
		sub_queue_resume(sub, queue, entry, &drop);
	share_put(queue->share);
	free(queue);
}

static void forget(void *ctx, struct nfnl_peer *peer, void *state)
{
	struct sub_queue *sub = ctx;

	(void)state;
	for (unsigned int i = 0; i < QUEUE_NUMBERS; i++)
		if (sub->slot[i].queue && sub->slot[i].queue->peer == peer)
			sub_queue_close(sub, &sub->slot[i]);
}

/* --- Life --------------------------------------------------------------------------------------- */

/* The kernel's own ENOTSUPP, which has no name out here. */
#define NOT_SUPPORTED 524

static int refuse(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	(void)req;
	return pktt_fail(err, -NOT_SUPPORTED, "packets are not taken, only verdicts on them");
}

static const struct nfnl_policy config_policy[] = {
	[NFQA_CFG_CMD] = { .name = "NFQA_CFG_CMD" },
	[NFQA_CFG_PARAMS] = { .name = "NFQA_CFG_PARAMS" },
	[NFQA_CFG_QUEUE_MAXLEN] = { .name = "NFQA_CFG_QUEUE_MAXLEN", .type = MNL_TYPE_U32 },
	[NFQA_CFG_MASK] = { .name = "NFQA_CFG_MASK", .type = MNL_TYPE_U32 },
	[NFQA_CFG_FLAGS] = { .name = "NFQA_CFG_FLAGS", .type = MNL_TYPE_U32 },
};

static const struct nfnl_policy verdict_policy[] = {
	[NFQA_VERDICT_HDR] = { .name = "NFQA_VERDICT_HDR" },
	[NFQA_MARK] = { .name = "NFQA_MARK", .type = MNL_TYPE_U32 },
	[NFQA_PAYLOAD] = { .name = "NFQA_PAYLOAD" },
	[NFQA_CT] = { .name = "NFQA_CT" },
	[NFQA_EXP] = { .name = "NFQA_EXP" },
	[NFQA_VLAN] = { .name = "NFQA_VLAN" },
	[NFQA_L2HDR] = { .name = "NFQA_L2HDR" },
	[NFQA_PRIORITY] = { .name = "NFQA_PRIORITY", .type = MNL_TYPE_U32 },
};

static const struct nfnl_call calls[] = {
	[NFQNL_MSG_PACKET] = {
		.name = "PACKET",
		.right = PKTT_RIGHT_ALL,
		.run = refuse,
	},
	[NFQNL_MSG_VERDICT] = {
		.name = "VERDICT",
		.right = PKTT_RIGHT_ALL,
		.policy = verdict_policy,
		.attrs = pktt_countof(verdict_policy),
		.run = sub_queue_verdict,
	},
	[NFQNL_MSG_CONFIG] = {
		.name = "CONFIG",
		.right = PKTT_RIGHT_ALL,
		.policy = config_policy,
		.attrs = pktt_countof(config_policy),
		.run = sub_queue_config,
	},
	[NFQNL_MSG_VERDICT_BATCH] = {
		.name = "VERDICT_BATCH",
		.right = PKTT_RIGHT_ALL,
		.policy = verdict_policy,
		.attrs = pktt_countof(verdict_policy),
		.run = sub_queue_verdict_batch,
	},
};

static int sub_init(struct sub_queue *sub, struct pktt_error *err)
{
	int rc;

	sub->slot = calloc(QUEUE_NUMBERS, sizeof(*sub->slot));
	if (!sub->slot)
		return pktt_fail(err, -ENOMEM, "no memory for the queues");
	sub->subsys = (struct nfnl_subsys){
		.name = "nfqueue",
		.id = NFNL_SUBSYS_QUEUE,
		.ncalls = pktt_countof(calls),
		.call = calls,
		.ctx = sub,
		.forget = forget,
	};
	rc = nfnl_register(sub->bus, &sub->subsys);
	if (!rc)
		rc = sub_queue_legacy_register(sub);
	return rc ? pktt_fail(err, rc, "the queues cannot be put on the bus twice") : 0;
}

int sub_queue_new(struct sub_queue **ret, struct nfnl *bus, const struct sub_queue_ops *ops,
		  struct pktt_error *err)
{
	struct sub_queue *sub = calloc(1, sizeof(*sub));
	int rc;

	if (!sub)
		return pktt_fail(err, -ENOMEM, "no memory for the queues");
	sub->bus = bus;
	sub->ops = *ops;
	if (!ops->limits.length)
		sub->ops.limits.length = QUEUE_MAX_DEFAULT;
	if (!ops->limits.bytes)
		sub->ops.limits.bytes = QUEUE_BYTES_MAX;
	list_init(&sub->ready);
	pthread_mutex_init(&sub->lock, NULL);
	rc = sub_init(sub, err);
	if (rc) {
		sub_queue_free(&sub);
		return rc;
	}
	*ret = sub;
	return 0;
}

/* The bus has gone before and with it every listener; so no queue is left. */
void sub_queue_free(struct sub_queue **psub)
{
	struct sub_queue *sub = *psub;

	if (!sub)
		return;
	pthread_mutex_destroy(&sub->lock);
	free(sub->slot);
	free(sub);
	*psub = NULL;
}
