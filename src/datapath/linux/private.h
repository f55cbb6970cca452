/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The datapath's inside, for linux.c, port.c and what they are made of. */
#ifndef LINUX_PRIVATE_H
#define LINUX_PRIVATE_H

#include "host.h"
#include "linux.h"
#include "programs.h"
#include "tap.h"

struct linux_dp {
	struct linux_config config;
	struct programs *programs;
	struct tap tap;
	struct host *host;
	struct host_view *view; /* the newest, for the control thread */
	uint32_t *attached;	/* numbers of interfaces that have our programs */
	unsigned int nattached;
};

struct port {
	struct linux_dp *dp;
	struct replay *replay;
	struct replay_host host;
	struct routes *routes;
	struct host_view *view;
	struct host_view **old; /* views that packets may point to which wait for programs */
	unsigned int nold;
	uint64_t epoch; /* of the host, when view was taken */
	int queue;	/* of the TAP device */
	struct linux_slot *slot;
	unsigned int first_slot, next_slot;
	const struct linux_meta *up_slot;
	unsigned int nup_slots;
	uint64_t lost; /* could not be written */
	uint8_t *buf;  /* of the frame in hand, with room before and behind */
};

/* CLOCK_MONOTONIC, as BPF programs read it. */
uint64_t linux_monotonic_ns(void);

/* down.c: struct replay_host's, ctx being the port. */
void down_send(void *ctx, const struct replay_emitted *what, const uint8_t *data);
void down_deliver(void *ctx, const struct pktt_packet *pkt);

/* offload.c: what a network device would have done, or is still to do. */

struct virtio_net_hdr;
/*
 * Of a frame that came up: a partial checksum is made whole, but for a super-packet, of which segment_len
 * is found. frame is what vnet's offsets count from. -EINVAL.
 */
int offload_come(struct pktt_packet *pkt, const struct virtio_net_hdr *vnet, uint8_t *frame,
		 size_t len);
/*
 * Of a super-packet that goes down: vnet is filled in for a link header of l2_len, and header, a copy of
 * its first len bytes from layer 3, gets the partial checksum. -EINVAL.
 */
int offload_go(const struct pktt_packet *pkt, struct virtio_net_hdr *vnet, uint8_t *header,
	       size_t len, size_t l2_len);

#endif
