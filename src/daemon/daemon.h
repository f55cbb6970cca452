/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pkttd: the engine, the bus with its subsystems, workers, and what keeps them alive.
 *
 * Synchronization: everything here is the control thread's, but for what worker.h and journal.h say.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "bus/sub.h"
#include "daemon/config.h"
#include "daemon/datapath.h"
#include "daemon/metrics.h"
#include "daemon/rights.h"
#include "daemon/worker.h"

#include <pthread.h>

struct conntrack;
struct history;
struct nfnl_call;
struct pktt_engine;
struct str;

/* How the rules came to be what they are. */
enum daemon_boot {
	DAEMON_BOOT_RULES,  /* the rules file's */
	DAEMON_BOOT_NONE,   /* there was no file: open */
	DAEMON_BOOT_GOOD,   /* the last good ones */
	DAEMON_BOOT_FAILED, /* none could be loaded: on-failure */
};

struct daemon {
	struct daemon_config config;
	const char *config_path;
	bool keeps_rules_path; /* --rules was given: a reload does not change it */
	struct pktt_engine *engine;
	struct conntrack *ct;
	struct nfnl *bus;
	struct sub_pktt *rules;
	struct sub_ct *connections;
	struct sub_queue *queues;
	struct sub_ulog *logs;
	const struct datapath_ops *ops;
	void *datapath;
	struct workers *workers;
	struct history *history;
	pthread_mutex_t advance_lock; /* one at a time turns the clock of connections */
	uint64_t advanced_ms;
	struct nfnl_timer *tick, *drain, *watchdog;
	uint64_t watchdog_us;
	enum daemon_boot boot;
	char why[240]; /* boot was not RULES: the reason, one sentence */
	uint64_t started_ns;
	uint64_t commits, refused; /* loads of pkttd's own that failed */
	struct metrics_commits commit_times;
	uint64_t injected;
	struct rights rights_of;
	uid_t uid; /* that pkttd has or will have */
	gid_t gid;
	int epoll, signals;
	bool must_stop;
};

/* The one of this process: calls of the bus whose context is another subsystem's reach it here. */
extern struct daemon pkttd;

uint64_t daemon_now_ns(void); /* CLOCK_REALTIME */
/* Packets' time goes on; any thread. */
void daemon_advance(uint64_t now_ns);

/* start.c: everything is made, in order; and taken apart. */
int daemon_start(struct daemon *d, struct pktt_error *err);
void daemon_stop(struct daemon *d);

/* control.c: until a signal ends it. */
int daemon_run(struct daemon *d, struct pktt_error *err);
int daemon_signals(struct daemon *d, struct pktt_error *err);
void daemon_reload(struct daemon *d);

/* boot.c: rules at the start, and those of a reload */
int daemon_boot(struct daemon *d, struct pktt_error *err);
int daemon_load_rules(struct daemon *d);

/* packets.c: frames that are handed in, and what workers tell */
int packets_call(void *ctx, struct nfnl_request *req, struct pktt_error *err);
void packets_resume(void *ctx, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict);
extern const struct datapath_upcalls packets_upcalls;

/* calls.c: messages of the rules' subsystem that are pkttd's own, by number */
extern const struct nfnl_call daemon_calls[PKTT_MSG_COUNT];

/* dump.c: USR1 */
void dump_write(struct daemon *d);

#endif
