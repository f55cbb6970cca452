/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The datapath "linux": packets of this machine's own interfaces.
 *
 * Overview: BPF programs at the interfaces send what has not been judged up through a TAP device; a port,
 * one for each worker, takes it the whole way through the hooks on the code of datapath/replay, with this
 * machine's interfaces, addresses and routes; what passes goes down through the TAP device, out by an
 * interface or in to this host's sockets.
 *
 * Synchronization: linux_*() are the control thread's; port_*() one worker's.
 */
#ifndef LINUX_LINUX_H
#define LINUX_LINUX_H

#include "datapath/replay/replay.h"

struct linux_dp;
struct port;

struct linux_config {
	struct pktt_engine *engine; /* borrowed, like what follows */
	const struct replay_settings *settings;
	const struct replay_live *live;
	/*
	 * Names of interfaces, or beginnings of names before a +. A port of a bridge is left alone: what
	 * is for this machine comes in by the bridge.
	 */
	const char *const *pattern;
	unsigned int npatterns;
	unsigned int workers;
	uint64_t seed;
	bool is_open; /* without pkttd, what no flow knows passes */
	bool stays;   /* after linux_free() the programs remain, as without pkttd */
	/* An interface is ours from here on, or could not be made so: why is then a sentence. */
	void (*tell)(void *ctx, const char *interface, const char *why);
	void *ctx;
};

/* Packets are judged from here on, that is, they wait for their ports. Needs CAP_NET_ADMIN, CAP_BPF. */
int linux_new(struct linux_dp **ret, const struct linux_config *config, struct pktt_error *err);
/* Ports have been freed. Nothing stays in the kernel, or with config.stays the programs do. */
void linux_free(struct linux_dp **linux_dp);
/* Nothing stays, whatever config.stays says; linux_free() comes next. */
void linux_remove(struct linux_dp *linux_dp);
/* Takes off an interface what is ours, whoever put it there; whether there was anything. */
bool linux_let_go(unsigned int ifindex);
/* Readable when interfaces have changed; then linux_run(). */
int linux_fd(const struct linux_dp *linux_dp);
int linux_run(struct linux_dp *linux_dp, struct pktt_error *err);
/* Whether an interface of that name is here. */
bool linux_has_interface(struct linux_dp *linux_dp, const char *name);

int port_new(struct port **ret, struct linux_dp *linux_dp, unsigned int worker,
	     struct pktt_error *err);
void port_free(struct port **port);
/* Readable when packets wait. */
int port_fd(const struct port *port);
/* Judges what waits, budget packets at most; returns how many. */
unsigned int port_run(struct port *port, unsigned int budget);
/* Between port_run(), where a packet may be handed in or go on. */
struct replay *port_replay(struct port *port);
/* pkttd lives; call at least once a second. */
void port_beat(struct port *port);

#endif
