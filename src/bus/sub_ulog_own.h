/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of sub_ulog share.
 *
 * Synchronization: workers write packets into batches, and batches into the list of what is to be sent,
 * under sub->lock. The bus' thread sends, keeps the timers, and alone makes and ends groups.
 */
#ifndef BUS_SUB_ULOG_OWN_H
#define BUS_SUB_ULOG_OWN_H

#include "base/list.h"
#include "bus/sub.h"

#include <pthread.h>

enum {
	ULOG_NUMBERS = 65536,
	ULOG_LEGACY_GROUPS = 32,
	ULOG_COPY_MAX = 0xffff - 4, /* NFULNL_COPY_RANGE_MAX: what an attribute can hold */
	ULOG_BUFFER_DEFAULT =
		3776, /* a page of Linux without what a buffer keeps beside its bytes */
	ULOG_BUFFER_MAX = 131072,
	ULOG_TIMEOUT_DEFAULT = 100, /* in 1/100 s */
	ULOG_QTHRESH_DEFAULT = 100,
	ULOG_BYTES_MAX = 16 * 1024 * 1024, /* that wait to be sent */
};

/* Packets that leave together, written as they will travel. */
struct ulog_buffer {
	struct list link; /* in sub->out */
	struct ulog_batch *batch;
	struct nlmsghdr *last;
	size_t used, room;
	uint32_t count;
	_Alignas(8) uint8_t data[];
};

/* Who gets packets: a bound group of nflog, or one of ULOG's. */
struct ulog_batch {
	struct sub_ulog *sub;
	uint32_t number;
	struct nfnl_peer *peer; /* NULL: ULOG, whoever is in the group */
	struct ulog_buffer *buffer;
	struct list arm; /* in sub->arm: a timer is wanted */
	bool is_waiting; /* the timer runs, or is about to */
	struct nfnl_timer *timer;
	/* nflog: as its program wants it */
	uint8_t mode;
	uint16_t flags;
	uint32_t range, timeout, threshold, size;
	uint32_t seq;
	uint64_t packets, lost;
};

struct sub_ulog {
	struct nfnl *bus;
	struct nfnl_subsys subsys;
	struct nfnl_legacy old;
	pthread_mutex_t lock;
	bool is_posted;
	struct list out, arm;
	size_t waiting; /* bytes in out */
	uint32_t global_seq;
	struct ulog_batch **group; /* by number */
	struct ulog_batch legacy[ULOG_LEGACY_GROUPS];
	uint32_t heard; /* bit n: ULOG's group n + 1 has listeners; atomic */
	uint64_t lost;	/* of groups that are no more */
	/* LOG lines */
	bool lines_are_heard; /* atomic */
	uint64_t line_credit_ns, line_last_ns, lines, lines_lost, lines_untold;
	struct list line;
	uint32_t nlines;
};

/* --- sub_ulog.c: call with sub->lock held ------------------------------------------------------ */

/*
 * A buffer that has room for size bytes more, of least bytes if a new one is needed; what was gathered
 * is on its way if it had none. NULL without memory.
 */
struct ulog_buffer *sub_ulog_buffer(struct ulog_batch *batch, size_t size, size_t least);
/* What is gathered is sent. */
void sub_ulog_flush(struct ulog_batch *batch);
/* It is sent when the time is up. */
void sub_ulog_wait(struct ulog_batch *batch);
/* Tell the bus' thread of what is to be done, after the lock was released. */
bool sub_ulog_has_work(struct sub_ulog *sub);
void sub_ulog_post(struct sub_ulog *sub);
void sub_ulog_send_out(struct sub_ulog *sub);

int sub_ulog_batch_init(struct ulog_batch *batch, struct sub_ulog *sub, uint32_t number);
void sub_ulog_batch_fini(struct ulog_batch *batch);
/* Ends a group; what it gathered is sent, if its program is still there. */
void sub_ulog_close(struct sub_ulog *sub, uint16_t number, bool is_gone);

/* --- Others ------------------------------------------------------------------------------------- */

int sub_ulog_config(void *ctx, struct nfnl_request *req, struct pktt_error *err);
/* A packet into the batch, in the form of nflog or of ULOG. */
void sub_ulog_put(struct ulog_batch *batch, const struct pktt_nflog *log);
void sub_ulog_put_legacy(struct ulog_batch *batch, const struct pktt_nflog *log);
/* The last message of a batch of several says so. */
void sub_ulog_end(struct ulog_buffer *buffer);
void sub_ulog_end_legacy(struct ulog_buffer *buffer);
void sub_ulog_lines_send(struct sub_ulog *sub);
void sub_ulog_lines_drop(struct sub_ulog *sub);

#endif
