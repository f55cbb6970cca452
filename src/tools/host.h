/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host that we run on as a router of a replay: its interfaces, addresses and routes. */
#ifndef TOOLS_HOST_H
#define TOOLS_HOST_H

struct router;
struct pktt_error;

/*
 * As the kernel has them now, in our network namespace: the main table, unicast routes. Not finished, so
 * that the caller may add to it. 0, -ENOMEM, or the kernel's error with a sentence.
 */
int host_router(struct router **ret, struct pktt_error *err);

#endif
