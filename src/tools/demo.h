/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pktt demo is made of: three hosts in network namespaces of their own, and what they say to each
 * other.
 */
#ifndef TOOLS_DEMO_H
#define TOOLS_DEMO_H

#include <stdint.h>
#include <sys/types.h>

struct pktt_error;

/* client 10.0.0.2 -- in0 router out0 -- server 192.0.2.2, and the same in IPv6. */
enum demo_host { DEMO_CLIENT, DEMO_ROUTER, DEMO_SERVER, DEMO_HOSTS };

struct demo_hosts {
	char name[DEMO_HOSTS][40]; /* of the namespaces */
	unsigned int made;
};

/* Needs root and iproute2. What was made so far is removed by demo_hosts_remove() in any case. */
int demo_hosts_make(struct demo_hosts *hosts, struct pktt_error *err);
void demo_hosts_remove(struct demo_hosts *hosts);

/*
 * A program in a host's namespace, or in ours with DEMO_HOSTS: its exit status, or negative. Words end
 * with NULL.
 */
int demo_run(const struct demo_hosts *hosts, enum demo_host where, const char *const *word);
/* In a child of ours, in the host's namespace: the number of its process, or negative. */
pid_t demo_fork(const struct demo_hosts *hosts, enum demo_host where, int (*run)(void *ctx),
		void *ctx);
/* Its exit status, or negative. */
int demo_wait(pid_t pid);

struct demo_talk {
	const char *address;
	uint16_t port;
	uint64_t bytes; /* that the client sends */
};

/* Takes connections until it is killed, reads them to their ends, and answers with what it got. */
int demo_serve(void *talk);
/* Sends; 0 if the server got all of it. Prints how fast it was. */
int demo_send(void *talk);

#endif
