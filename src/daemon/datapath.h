/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where packets come from and go to: a table of operations, so that the router model and live interfaces
 * take the same place.
 *
 * Synchronization: a worker's functions are called in that worker's thread, which reads rules (RCU) while
 * they run; make(), free() and worker_of() in the control thread.
 */
#ifndef DAEMON_DATAPATH_H
#define DAEMON_DATAPATH_H

#include "core/env.h"

struct daemon_config;
struct pktt_engine;
struct sub_queue_verdict;
struct replay_result;

/* A frame that somebody hands in. */
struct datapath_frame {
	const char *interface;
	uint32_t linktype; /* 1 Ethernet, 101 raw IP ... */
	const uint8_t *data;
	uint32_t len, wire_len;
	uint64_t number, time_ns;
};

/* What a datapath tells; in the workers' threads. */
struct datapath_upcalls {
	/* As sub_queue_packet() has it. The worker is packet->env->worker. */
	bool (*queue)(void *ctx, struct pktt_packet *pkt, bool *go_on);
	/* What became of a frame; the receiver frees it. NULL = no memory. */
	void (*done)(void *ctx, void *user, struct replay_result *result);
	void (*advance)(void *ctx, uint64_t now_ns);
	bool (*wants_trace)(void *ctx, const struct pktt_packet *pkt);
	void (*step)(void *ctx, const struct pktt_step *step);
	void (*log)(void *ctx, const struct pktt_log *log);
	void (*nflog)(void *ctx, const struct pktt_nflog *log);
	/* An interface is ours from here on, or could not be made so, and why. In the control thread. */
	void (*interface)(void *ctx, const char *name, const char *why);
	void *ctx;
};

struct datapath_ops {
	const char *name;
	int (*make)(void **ret, struct pktt_engine *engine, const struct daemon_config *config,
		    const struct datapath_upcalls *up, struct pktt_error *err);
	void (*free)(void *datapath);
	/* A name of an interface that is here. */
	bool (*has_interface)(void *datapath, const char *name);
	/* Which worker's a frame is, of that many. */
	unsigned int (*worker_of)(void *datapath, const struct datapath_frame *frame,
				  unsigned int workers);
	int (*worker_begin)(void *datapath, unsigned int worker, void **ret,
			    struct pktt_error *err);
	void (*worker_end)(void *worker);
	/* The newest rules are seen from here on. */
	void (*batch)(void *worker);
	/* done() comes now or later. -ENOMEM: it does not. */
	int (*judge)(void *worker, const struct datapath_frame *frame, void *user);
	/* Go on with a packet that queue() took. */
	void (*resume)(void *worker, struct pktt_packet *pkt,
		       const struct sub_queue_verdict *verdict);
	void (*advance)(void *worker, uint64_t now_ns);
	/* What follows may be NULL: packets come by judge() alone. */

	/* Readable when run() has something to do, in the control thread. */
	int (*fd)(void *datapath);
	int (*run)(void *datapath, struct pktt_error *err);
	/* Nothing of it is to stay in the kernel: free() comes next. */
	void (*remove)(void *datapath);
	/* Readable when packets wait; run_packets() judges budget of them at most and says how many. */
	int (*worker_fd)(void *worker);
	unsigned int (*run_packets)(void *worker, unsigned int budget);
};

extern const struct datapath_ops datapath_replay; /* the router model */
extern const struct datapath_ops datapath_linux;  /* this machine's interfaces */

#endif
