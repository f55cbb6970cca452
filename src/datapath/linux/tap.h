/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our TAP device: super-packets and partial checksums come and go through it whole. A queue for each
 * worker; the kernel spreads packets over them by flow.
 */
#ifndef LINUX_TAP_H
#define LINUX_TAP_H

#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>

struct pktt_error;

struct tap {
	char name[16];
	unsigned int index; /* of the interface */
	unsigned int nqueues;
	int *queue; /* not blocking */
};

/* Makes it, up, without addresses. A name of "" lets the kernel choose pkttN. Needs CAP_NET_ADMIN. */
int tap_open(struct tap *tap, const char *name, unsigned int queues, struct pktt_error *err);
void tap_close(struct tap *tap);

#endif
