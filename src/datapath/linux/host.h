/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This machine's interfaces and addresses as the kernel tells them (rtnetlink(7)), and its routes, which
 * are asked one by one.
 *
 * Synchronization: a view is constant and may be held by anybody; host_*() belong to the control thread,
 * but for host_view() and host_epoch(). A struct routes is one worker's.
 */
#ifndef LINUX_HOST_H
#define LINUX_HOST_H

#include "core/env.h"

struct host;
struct pktt_error;
struct router;
struct routes;

/* How interfaces and addresses were at one time. Interfaces of it are valid as long as it is held. */
struct host_view;

/* Listens for changes, and reads how things are. */
int host_new(struct host **ret, struct pktt_error *err);
void host_free(struct host **host);
/* Readable when something has changed. */
int host_fd(const struct host *host);
/* Reads it. 1: there is a new view; 0: only routes are others; or negative. */
int host_read(struct host *host, struct pktt_error *err);

/* The newest view, held for the caller. */
struct host_view *host_view(struct host *host);
/* One that differs from the last when anything has changed by which packets find their way. */
uint64_t host_epoch(const struct host *host);
struct host_view *host_view_hold(struct host_view *view);
void host_view_put(struct host_view **view);
const struct router *host_view_router(const struct host_view *view);
/* By the kernel's number; NULL = none. */
const struct pktt_iface *host_view_iface(const struct host_view *view, uint32_t index);

int routes_new(struct routes **ret, struct host *host, struct pktt_error *err);
void routes_free(struct routes **routes);
/*
 * As the kernel routes: what came in by q->in, else what this host sends. 0; -EINVAL for a source that
 * cannot be (martian), -ENETUNREACH or another for no way.
 */
int routes_ask(struct routes *routes, const struct host_view *view,
	       const struct pktt_route_query *q, struct pktt_route *ret);

#endif
