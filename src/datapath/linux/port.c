/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker's queue of the TAP device: what comes up becomes a packet and goes its way. */
#include <errno.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/own.h"
#include "private.h"

/* A super-packet with its link header, before and behind it room for what targets insert. */
enum { HEADROOM = 64, FRAME_MAX = 66000, TAILROOM = 4096 };
enum { LINK = 14 };
enum { BEAT_NS = 2000000000 };

uint64_t linux_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static uint64_t real_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static int route(void *ctx, const struct pktt_route_query *q, struct pktt_route *ret)
{
	struct port *port = ctx;

	return routes_ask(port->routes, port->view, q, ret);
}

static int make_replay(struct port *port, unsigned int worker, struct pktt_error *err)
{
	const struct linux_config *c = &port->dp->config;
	struct replay_config config = {
		.engine = c->engine,
		.router = host_view_router(port->view),
		.settings = c->settings,
		.seed = c->seed + worker,
		.describes = true,
		.tells_connections = true,
		.live = c->live,
		.host = &port->host,
		.worker = worker,
	};

	return replay_new(&port->replay, &config, err);
}

int port_new(struct port **ret, struct linux_dp *dp, unsigned int worker, struct pktt_error *err)
{
	PKTT_AUTO(port_free) struct port *port = calloc(1, sizeof(*port));
	int r;

	if (!port || !(port->buf = malloc(HEADROOM + FRAME_MAX + TAILROOM)))
		return pktt_fail(err, -ENOMEM, "no memory for a port");
	port->dp = dp;
	port->host = (struct replay_host){
		.route = route, .send = down_send, .deliver = down_deliver, .ctx = port
	};
	port->epoch = host_epoch(dp->host);
	port->view = host_view(dp->host);
	port->queue = dp->tap.queue[worker];
	port->slot = programs_slots(dp->programs, worker, &port->first_slot);
	port->up_slot = programs_up_slots(dp->programs, &port->nup_slots);
	r = routes_new(&port->routes, dp->host, err);
	if (r == 0)
		r = make_replay(port, worker, err);
	if (r)
		return r;
	port_beat(port);
	*ret = pktt_take(&port);
	return 0;
}

static void put_old(struct port *port)
{
	while (port->nold)
		host_view_put(&port->old[--port->nold]);
}

void port_free(struct port **slot)
{
	struct port *port = *slot;

	if (!port)
		return;
	replay_free(&port->replay);
	routes_free(&port->routes);
	put_old(port);
	free(port->old);
	host_view_put(&port->view);
	free(port->buf);
	free(port);
	*slot = NULL;
}

int port_fd(const struct port *port)
{
	return port->queue;
}

struct replay *port_replay(struct port *port)
{
	return port->replay;
}

void port_beat(struct port *port)
{
	struct linux_control *control = programs_control(port->dp->programs);

	__atomic_store_n(&control->alive_until_ns, linux_monotonic_ns() + BEAT_NS,
			 __ATOMIC_RELAXED);
}

/* --- A frame ---------------------------------------------------------------------------------- */

/* What stands in the buffer from HEADROOM on. */
struct came {
	struct virtio_net_hdr vnet;
	struct linux_meta meta;
	uint32_t l2, end; /* of the frame */
};

/*
 * What the link header names. -EINVAL: it names nothing, since the kernel may send something of its own by
 * any device; -ESTALE: its slot is another packet's by now.
 */
static int take_meta(const struct port *port, const uint8_t *link, struct linux_meta *ret)
{
	struct linux_up_name name;
	const struct linux_meta *slot;
	uint64_t number;

	memcpy(&name, link, sizeof(name));
	if (name.prefix[0] != LINUX_UP_0 || name.prefix[1] != LINUX_UP_1)
		return -EINVAL;
	number = (uint64_t)get_be32(name.number) << 32 | get_be32(name.number + 4);
	slot = &port->up_slot[number % port->nup_slots];
	if (__atomic_load_n(&slot->number, __ATOMIC_ACQUIRE) != number)
		return -ESTALE;
	*ret = *slot;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&slot->number, __ATOMIC_RELAXED) == number ? 0 : -ESTALE;
}

static int take_apart(const struct port *port, size_t len, struct came *c)
{
	struct buf b = buf_of(port->buf + HEADROOM, len);
	const uint8_t *vnet = buf_get(&b, sizeof(c->vnet));
	const uint8_t *link = buf_get(&b, LINK);
	int r;

	if (!vnet || !link || buf_left(&b) == 0)
		return -EINVAL;
	memcpy(&c->vnet, vnet, sizeof(c->vnet));
	r = take_meta(port, link, &c->meta);
	if (r < 0)
		return r;
	c->l2 = HEADROOM + sizeof(c->vnet);
	c->end = HEADROOM + (uint32_t)len;
	if (c->meta.l2_len)
		memcpy(port->buf + c->l2, c->meta.l2, LINK);
	return 0;
}

/* A device without link headers was given one for the way, of which the type is right. */
static uint16_t ethertype_of(const struct port *port, const struct came *c)
{
	return get_be16(port->buf + c->l2 + LINK - 2);
}

static void set_packet(const struct port *port, const struct came *c, struct pktt_packet *pkt)
{
	pkt->buf = port->buf;
	pkt->room = HEADROOM + FRAME_MAX + TAILROOM;
	pkt->l2 = c->l2;
	pkt->l2_len = c->meta.l2_len;
	pkt->l3 = c->l2 + LINK;
	pkt->end = c->end;
	pkt->wire_len = c->end - pkt->l3;
	pkt->ethertype = ethertype_of(port, c);
	pkt->pkttype = c->meta.pkttype;
	pkt->mark = c->meta.mark;
	pkt->has_vlan = c->meta.has_vlan;
	pkt->vlan_tci = c->meta.vlan_tci;
	pkt->vlan_proto = c->meta.vlan_proto;
	if (c->meta.direction == LINUX_EGRESS)
		pkt->priority = c->meta.priority;
}

static int set_ways(const struct port *port, const struct linux_meta *meta,
		    struct replay_frame *frame)
{
	const struct pktt_iface *here = host_view_iface(port->view, meta->ifindex);

	if (!here)
		return -ENODEV;
	if (meta->direction == LINUX_INGRESS) {
		frame->in = here;
		return 0;
	}
	frame->out = here;
	/* What lo sends itself has come from nowhere else. */
	if (meta->iif != meta->ifindex)
		frame->in = host_view_iface(port->view, meta->iif);
	return 0;
}

static void judge(struct port *port, size_t len)
{
	struct replay_frame frame = { .pkt = { 0 } };
	struct came c;
	uint8_t *base = port->buf + HEADROOM + sizeof(c.vnet);

	int r = take_apart(port, len, &c);

	port->lost += r == -ESTALE;
	if (r < 0)
		return;
	set_packet(port, &c, &frame.pkt);
	if (set_ways(port, &c.meta, &frame) < 0 ||
	    offload_come(&frame.pkt, &c.vnet, base, len - sizeof(c.vnet)) < 0 ||
	    replay_frame(port->replay, &frame, real_ns()) < 0)
		port->lost++;
}

/* Without memory to remember the old view, the new one has to wait. */
static void change_view(struct port *port, struct host_view *view)
{
	struct host_view **more = realloc(port->old, (port->nold + 1) * sizeof(struct host_view *));

	if (!more) {
		host_view_put(&view);
		return;
	}
	port->old = more;
	port->old[port->nold++] = port->view;
	port->view = view;
	replay_set_router(port->replay, host_view_router(view));
}

/* Interfaces may be others now. */
static void look_around(struct port *port)
{
	uint64_t epoch = host_epoch(port->dp->host);
	struct host_view *view;

	if (epoch != port->epoch) {
		port->epoch = epoch;
		view = host_view(port->dp->host);
		if (view == port->view)
			host_view_put(&view);
		else
			change_view(port, view);
	}
	if (port->nold && replay_waiting(port->replay) == 0)
		put_old(port);
}

unsigned int port_run(struct port *port, unsigned int budget)
{
	unsigned int n = 0;

	look_around(port);
	while (n < budget) {
		ssize_t len = read(port->queue, port->buf + HEADROOM, FRAME_MAX);

		if (len <= 0)
			break;
		judge(port, (size_t)len);
		n++;
	}
	return n;
}
