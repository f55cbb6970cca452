/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that run packets. Each has a box of jobs that the control thread fills.
 *
 * Synchronization: workers_post() from any thread. A worker reads rules between its quiescent states,
 * which are between jobs; while it has none it is offline and holds nobody up.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "daemon/datapath.h"

struct workers;
struct pktt_error;

struct worker_job {
	struct worker_job *next;
	/* In the worker's thread; the job is its own from then on. */
	void (*run)(struct worker_job *job, const struct datapath_ops *ops, void *worker);
};

/* Idle workers are told the time every now and then. */
int workers_new(struct workers **ret, unsigned int count, const struct datapath_ops *ops,
		void *datapath, struct pktt_error *err);
/* What is in the boxes is still done. */
void workers_free(struct workers **workers);
unsigned int workers_count(const struct workers *workers);
void workers_post(struct workers *workers, unsigned int worker, struct worker_job *job);
/* Jobs that wait in all boxes. */
uint64_t workers_waiting(const struct workers *workers);

#endif
