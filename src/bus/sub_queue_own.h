/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of sub_queue share.
 *
 * Synchronization: workers append packets and ask for delivery, under sub->lock; all else - queues made
 * and ended, packets taken out - is the bus' thread's alone, which therefore may hold pointers to queues
 * and packets without the lock as long as it takes none of them out itself. What a worker reads or writes
 * of a queue is read and written under the lock.
 */
#ifndef BUS_SUB_QUEUE_OWN_H
#define BUS_SUB_QUEUE_OWN_H

#include "base/list.h"
#include "bus/sub.h"

#include <pthread.h>

enum {
	QUEUE_BUCKETS = 256, /* of a queue's identifiers, which follow each other */
	QUEUE_NUMBERS = 65536,
	QUEUE_MAX_DEFAULT = 1024,
	QUEUE_COPY_MAX = 0xffff - 4,	     /* NFQNL_MAX_COPY_RANGE: what an attribute can hold */
	QUEUE_BYTES_MAX = 256 * 1024 * 1024, /* of packets that wait, in all queues */
	QUEUE_LEGACY_PEERS = 2,		     /* ip_queue, ip6_queue */
};

struct queue_entry {
	struct list link;
	struct queue_entry *same; /* in the bucket */
	struct pktt_packet *pkt;
	uint64_t id;
	uint32_t bytes;
	bool is_sent;
};

/* The packets of a queue, in order of arrival. */
struct queue_store {
	struct list entries;
	struct list *unsent; /* the first that was not sent; the head: none */
	struct queue_entry *bucket[QUEUE_BUCKETS];
	uint32_t count;
	uint64_t seq; /* the last identifier given */
};

/* How many packets wait for one program, in all queues that it has. */
struct queue_share {
	uint32_t queues, count;
};

struct queue {
	struct queue_share *share;
	struct list ready; /* where it is in sub->ready: something is unsent */
	bool is_ready, is_legacy;
	uint16_t number; /* legacy: 0 IPv4, 1 IPv6 */
	struct nfnl_peer *peer;
	uint8_t mode;
	uint32_t range, max, flags;
	uint64_t dropped, user_dropped; /* it was full; its program's socket was */
	struct queue_store store;
};

struct queue_slot {
	struct queue *queue;
	uint64_t lost;	   /* nobody listened, dropped */
	uint64_t bypassed; /* nobody listened, passed on */
};

struct sub_queue {
	struct nfnl *bus;
	struct sub_queue_ops ops;
	struct nfnl_subsys subsys;
	struct nfnl_legacy old[QUEUE_LEGACY_PEERS];
	pthread_mutex_t lock;
	bool is_posted; /* deliver() will run */
	struct list ready;
	uint64_t bytes; /* of packets that wait */
	uint32_t count; /* of them */
	struct queue_slot legacy[QUEUE_LEGACY_PEERS];
	struct queue_slot *slot; /* by number */
};

/* --- sub_queue_store.c: call with sub->lock held --------------------------------------------- */

void queue_store_init(struct queue_store *store);
void queue_store_append(struct queue_store *store, struct queue_entry *entry);
void queue_store_remove(struct queue_store *store, struct queue_entry *entry);
struct queue_entry *queue_store_find(const struct queue_store *store, uint64_t id);
/* The first, or the first that was not sent; NULL. */
struct queue_entry *queue_store_first(const struct queue_store *store);
struct queue_entry *queue_store_unsent(const struct queue_store *store);
void queue_store_sent(struct queue_store *store, struct queue_entry *entry);

/* --- sub_queue.c: the bus' thread ------------------------------------------------------------ */

int sub_queue_open(struct sub_queue *sub, struct queue_slot *slot, struct nfnl_peer *peer,
		   const struct queue *like);
/* Ends the queue; what waits in it is dropped. */
void sub_queue_close(struct sub_queue *sub, struct queue_slot *slot);
/* Takes the entry out and frees it; its packet is the caller's. */
struct pktt_packet *sub_queue_take(struct sub_queue *sub, struct queue *queue,
				   struct queue_entry *entry);
/* The first that waits; it stays until the bus' thread takes it. */
struct queue_entry *sub_queue_first(struct sub_queue *sub, const struct queue *queue);
struct queue_entry *sub_queue_find(struct sub_queue *sub, const struct queue *queue, uint64_t id);
/* Take it out with a verdict of the program; set is the verdict in pktt's terms. */
void sub_queue_resume(struct sub_queue *sub, struct queue *queue, struct queue_entry *entry,
		      const struct sub_queue_verdict *verdict);

/* --- sub_queue_message.c, sub_queue_legacy.c -------------------------------------------------- */

/* Hand the packet to the queue's program. false = it did not take it. */
bool sub_queue_send(struct sub_queue *sub, struct queue *queue, const struct queue_entry *entry);
bool sub_queue_legacy_send(struct sub_queue *sub, struct queue *queue,
			   const struct queue_entry *entry);
int sub_queue_legacy_register(struct sub_queue *sub);

/* --- sub_queue_config.c, sub_queue_verdict.c --------------------------------------------------- */

int sub_queue_config(void *ctx, struct nfnl_request *req, struct pktt_error *err);
/* NFQA_CT of a verdict: what the program changes of the packet's connection. */
void sub_queue_update_ct(struct sub_queue *sub, const struct nfnl_request *req,
			 struct pktt_packet *pkt);
int sub_queue_verdict(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_queue_verdict_batch(void *ctx, struct nfnl_request *req, struct pktt_error *err);
/*
 * A verdict as netfilter numbers it (with the queue in its high half). The packet's own queue is set
 * where it goes to another. -EINVAL: there is no such verdict.
 */
int sub_queue_verdict_of(uint32_t raw, struct pktt_packet *pkt, struct sub_queue_verdict *ret);

#endif
