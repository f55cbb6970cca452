/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subsystems on the bus. Each is made once, and freed after the bus. */
#ifndef BUS_SUB_H
#define BUS_SUB_H

#include "bus/nfnl.h"
#include "core/packet.h"

struct conntrack;
struct pktt_engine;
struct pktt_log;
struct pktt_nflog;
struct pktt_step;
struct str;

/* --- sub_pktt: rules ------------------------------------------------------------------------------ */

struct sub_pktt;
struct sub_pktt_limits {			/* 0 = no limit */
	uint64_t rules, chains, sets, elements; /* in all */
	uint64_t peer_rules, peer_chains, peer_sets,
		peer_elements; /* that one uid may have added */
};
struct sub_pktt_config {
	struct pktt_engine *engine;
	struct sub_pktt_limits limits;
	const char *version;
	/*
	 * After a commit by a peer (NULL: by pkttd itself): text says what in one phrase
	 * ("+3 rules"), for the
	 * journal and the history. seconds: BATCH_END's SECONDS, 0 = none.
	 */
	void (*committed)(void *ctx, const struct nfnl_who *who, uint64_t generation,
			  const char *text, uint32_t seconds);
	void *ctx;
	/*
	 * Calls of messages that the subsystem leaves to pkttd (PACKET, GETHISTORY, CONFIRM, ROLLBACK,
	 * GETSTAT), by number, PKTT_MSG_COUNT of them; run where it has none of its own. NULL = none.
	 * Their run() finds its context by itself.
	 */
	const struct nfnl_call *calls;
};
int sub_pktt_new(struct sub_pktt **ret, struct nfnl *bus, const struct sub_pktt_config *config,
		 struct pktt_error *err);
void sub_pktt_free(struct sub_pktt **sub);
/*
 * Who else answers messages of this subsystem (PACKET, GETHISTORY, CONFIRM, ROLLBACK, GETSTAT, GETQUEUE):
 * call->run() gets ctx; call is copied, what it points to is borrowed. It may send objects by
 * wire_object_put() (wire/object.h) behind nfnl_begin(). -EEXIST: that message has a call. Before peers
 * connect.
 */
int sub_pktt_extend(struct sub_pktt *sub, enum pktt_rules_msg msg, const struct nfnl_call *call,
		    void *ctx);
/*
 * A change made by pkttd itself (a reload, a rollback) names its author so: an argument for
 * pktt_txn_set_user(), valid until the transaction has ended. who NULL = pkttd.
 */
void *sub_pktt_user(struct sub_pktt *sub, const struct nfnl_who *who);
/* While committed() is called: how long ago a peer's transaction was begun to be applied, ns. */
uint64_t sub_pktt_lasted_ns(const struct sub_pktt *sub);
/* From a worker: a step of a traced packet. Cheap when nobody traces. */
void sub_pktt_step(struct sub_pktt *sub, const struct pktt_step *step);
/* Whether a packet that arrives is to be traced, because a peer's filter asks for it. Any worker. */
bool sub_pktt_wants_trace(struct sub_pktt *sub, const struct pktt_packet *pkt);

/* --- sub_ct: connections and expectations --------------------------------------------------------- */

struct sub_ct;
/* worker: the number under which the bus' thread counts and drains. */
int sub_ct_new(struct sub_ct **ret, struct nfnl *bus, struct conntrack *ct, unsigned int worker,
	       struct pktt_error *err);
void sub_ct_free(struct sub_ct **sub);
/* Tell what happened since: in the bus' thread, often (every ms or so while somebody listens). */
void sub_ct_drain(struct sub_ct *sub);

/* --- sub_queue: packets to programs and back ------------------------------------------------------ */

struct sub_queue;
struct sub_queue_verdict {
	enum pktt_verdict verdict; /* ACCEPT, DROP, REPEAT, STOLEN, QUEUE */
	uint16_t queue;		   /* QUEUE: to which; the same rule's bypass */
	bool has_mark;
	uint32_t mark;
	const uint8_t *data; /* the packet from layer 3 as it is now; NULL = as it was */
	size_t len;
};
struct sub_queue_limits { /* 0 = the defaults */
	uint32_t length;  /* of a queue whose program does not say; 1024 */
	uint32_t queued,
		client_queued; /* packets in all queues, in those of one program; no limit */
	uint64_t bytes;	       /* of packets in all queues; 256 MiB */
};
struct sub_queue_ops {
	struct sub_queue_limits limits;
	/* In the bus' thread: go on with the packet, which is the datapath's again. */
	void (*resume)(void *ctx, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict);
	void *ctx;
};
int sub_queue_new(struct sub_queue **ret, struct nfnl *bus, const struct sub_queue_ops *ops,
		  struct pktt_error *err);
void sub_queue_free(struct sub_queue **sub);
/*
 * From a worker, with a packet whose pkt->queue says where to, and that is the datapath's
 * own copy: true = it
 * is sub's until resume(); false = nobody listens or the queue is full, and what then:
 * *go_on says whether the
 * rule's bypass or the queue's fail-open lets it pass on to the next rule or hook; else it is dropped.
 */
bool sub_queue_packet(struct sub_queue *sub, struct pktt_packet *pkt, bool *go_on);
/* The run() of GETQUEUE: a dump of NEWQUEUE. Bus' thread. */
int sub_queue_get(struct sub_queue *sub, struct nfnl_request *req, struct pktt_error *err);
/* What `pktt metrics` says of the queues, as OpenMetrics text. Bus' thread. */
void sub_queue_metrics(struct sub_queue *sub, struct str *out);

/* --- sub_ulog: NFLOG and ULOG --------------------------------------------------------------------- */

struct sub_ulog;
int sub_ulog_new(struct sub_ulog **ret, struct nfnl *bus, struct pktt_error *err);
void sub_ulog_free(struct sub_ulog **sub);
/* From a worker. Copies what it keeps; bounded; counts what it loses. */
void sub_ulog_packet(struct sub_ulog *sub, const struct pktt_nflog *log);
/* The same of a line of LOG, which becomes an event of PKTT_GROUP_LOG; at most 1,000 a second. */
void sub_ulog_line(struct sub_ulog *sub, const struct pktt_log *log);
void sub_ulog_metrics(struct sub_ulog *sub, struct str *out);

#endif
