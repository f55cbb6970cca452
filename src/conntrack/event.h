/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events: the one dirty queue.
 *
 * A change sets a bit in the connection and, if it is not queued yet, appends it to its worker's queue:
 * one slot in the connection itself, so a burst coalesces and nothing is ever dropped. Draining hands
 * every queued connection, with all its bits and its latest state, to the listeners. The queue holds a
 * reference; a connection that died waits in it for its DESTROY to be told.
 */
#ifndef PKTT_CT_EVENT_H
#define PKTT_CT_EVENT_H

#include "conntrack/conntrack.h"

struct expect;

enum { CT_EXPECT_EVENT_NEW = 1 << 0, CT_EXPECT_EVENT_DESTROY = 1 << 1 };

struct ct_listener {
	/*
	 * events: CT_EVENT_* bits since the last time. NEW with DESTROY: it came and went. The
	 * listener takes no reference that it does not give back, and changes nothing.
	 */
	void (*conn)(void *ctx, struct conn *conn, uint32_t events);
	/* Expectations are told at once: they are few and live briefly. */
	void (*expect)(void *ctx, const struct expect *expect, uint32_t events);
	void *ctx;
};

int conntrack_listen(struct conntrack *ct, const struct ct_listener *listener);
void conntrack_unlisten(struct conntrack *ct, const void *ctx);
/* Something happened. Unconfirmed connections keep the bits until they are confirmed. */
void ct_event(struct conntrack *ct, unsigned int worker, struct conn *conn, uint32_t events);
void ct_expect_event(struct conntrack *ct, const struct expect *expect, uint32_t events);
/* Tell up to budget connections of a worker's queue (0 = all); how many were told. */
unsigned int conntrack_drain(struct conntrack *ct, unsigned int worker, unsigned int budget);

#endif
