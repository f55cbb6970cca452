/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bus: who is there, and whose turn it is.
 *
 * Overview: epoll says what happened; peers for whom there is something to do stand in one list,
 * and are served in turns of bounded length (nfnl_peer.c), so that none waits for another's million
 * of messages. What is sent meanwhile is only queued (nfnl_out.c), and leaves at the end of a turn
 * or of the round, in as few datagrams as it fits in (nfnl_flush.c).
 *
 * Waiting: a peer is not read while its dump is under way, its transaction is run or waits for
 * others', its single write waits for somebody's transaction, or too much waits to be sent to it.
 * It is then not watched for reading either, so that the descriptor of the bus sleeps until
 * something can be done. What has been read but not been done is saved with the peer.
 *
 * Synchronization: one thread, but for nfnl_post() (nfnl_timer.c).
 */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

uint64_t nfnl_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Asked once a message: the clock is looked at every few of them. */
bool nfnl_slice_is_over(struct nfnl *bus)
{
	if (bus->now_us >= bus->slice_end_us)
		return true;
	if (bus->until_look--)
		return false;
	bus->until_look = 8;
	bus->now_us = nfnl_now_us();
	return bus->now_us >= bus->slice_end_us;
}

static int epoll_init(struct nfnl *bus)
{
	struct epoll_event wake = { .events = EPOLLIN, .data.ptr = &bus->wake };
	struct epoll_event clock = { .events = EPOLLIN, .data.ptr = &bus->clock };

	bus->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (bus->epoll < 0 || epoll_ctl(bus->epoll, EPOLL_CTL_ADD, bus->wake.fd, &wake) ||
	    epoll_ctl(bus->epoll, EPOLL_CTL_ADD, bus->clock.fd, &clock))
		return -errno;
	return 0;
}

static void receive_fini(struct nfnl *bus)
{
	if (bus->receive)
		munmap(bus->receive, bus->receive_room * NFNL_RECEIVE_COUNT);
	bus->receive = NULL;
}

/* Pages that are not touched cost nothing, so there is room for the largest datagrams. */
static int receive_init(struct nfnl *bus, size_t wanted)
{
	size_t room = (wanted + 63) & ~(size_t)63;
	void *memory = mmap(NULL, room * NFNL_RECEIVE_COUNT, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return -errno;
	receive_fini(bus);
	bus->receive = memory;
	bus->receive_room = room;
	bus->receive_wanted = 0;
	return 0;
}

/* It is enough that the bus runs: events that are due leave at the end of each round. */
static void due(void *ctx)
{
	(void)ctx;
}

static int bus_init(struct nfnl *bus)
{
	int rc = nfnl_wake_init(bus);

	if (!rc)
		rc = nfnl_clock_init(bus);
	if (!rc)
		rc = epoll_init(bus);
	if (!rc)
		rc = receive_init(bus, bus->config.receive_room ? bus->config.receive_room
								: NFNL_RECEIVE_BYTES);
	if (!rc)
		rc = nfnl_timer_new(&bus->flush_timer, bus, due, NULL);
	return rc ? rc : nfnl_register(bus, &nfnl_bus_subsys);
}

int nfnl_new(struct nfnl **ret, const struct nfnl_config *config, struct pktt_error *err)
{
	PKTT_AUTO(nfnl_free) struct nfnl *bus = calloc(1, sizeof(*bus));
	int rc;

	if (!bus)
		return pktt_fail(err, -ENOMEM, "no memory for the bus");
	bus->config = *config;
	bus->epoll = bus->wake.fd = bus->clock.fd = -1;
	list_init(&bus->listeners);
	list_init(&bus->peers);
	list_init(&bus->ready);
	list_init(&bus->dirty);
	list_init(&bus->delayed);
	bus->next_port = UINT32_MAX - 4096;
	for (uint32_t i = 0; i < NFNL_GROUPS; i++)
		bus->group[i].id = i;
	rc = bus_init(bus);
	if (rc)
		return pktt_fail(err, rc, "cannot set up the bus: %s", strerror(-rc));
	*ret = pktt_take(&bus);
	return 0;
}

static void slots_free(struct nfnl *bus)
{
	for (size_t i = 0; i < pktt_countof(bus->slot); i++) {
		while (bus->slot[i] && bus->slot[i]->idle) {
			struct nfnl_idle *idle = bus->slot[i]->idle;

			bus->slot[i]->idle = idle->next;
			free(idle);
		}
		free(bus->slot[i]);
	}
	for (size_t i = 0; i < pktt_countof(bus->old); i++)
		free(bus->old[i]);
}

static void memory_free(struct nfnl *bus)
{
	while (bus->free_block) {
		struct nfnl_block *block = bus->free_block;

		bus->free_block = block->next;
		free(block);
	}
	receive_fini(bus);
	free(bus->scratch);
}

void nfnl_disconnect(struct nfnl *bus)
{
	nfnl_listeners_free(bus);
	list_for_each_safe (l, tmp, &bus->peers)
		nfnl_peer_free(list_entry(l, struct nfnl_peer, link));
}

void nfnl_free(struct nfnl **pbus)
{
	struct nfnl *bus = *pbus;

	if (!bus)
		return;
	if (bus->wake.fd >= 0)
		nfnl_wake_run(bus); /* what is posted has an owner who waits for it */
	nfnl_disconnect(bus);
	nfnl_groups_free(bus);
	slots_free(bus);
	nfnl_timer_free(&bus->flush_timer);
	nfnl_clock_fini(bus);
	nfnl_wake_fini(bus);
	memory_free(bus);
	if (bus->epoll >= 0)
		close(bus->epoll);
	free(bus);
	*pbus = NULL;
}

int nfnl_register(struct nfnl *bus, const struct nfnl_subsys *subsys)
{
	struct nfnl_slot *slot;

	if (bus->slot[subsys->id])
		return -EEXIST;
	for (unsigned int i = 0; i < subsys->ncalls; i++) {
		if (subsys->call[i].attrs > NFNL_ATTRS)
			return -E2BIG;
	}
	slot = calloc(1, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	slot->sub = subsys;
	list_init(&slot->turns);
	slot->idle_end = &slot->idle;
	bus->slot[subsys->id] = slot;
	return 0;
}

int nfnl_register_legacy(struct nfnl *bus, const struct nfnl_legacy *legacy)
{
	for (size_t i = 0; i < pktt_countof(bus->old); i++) {
		if (bus->old[i] && bus->old[i]->legacy->protocol == legacy->protocol)
			return -EEXIST;
		if (bus->old[i])
			continue;
		bus->old[i] = calloc(1, sizeof(*bus->old[i]));
		if (!bus->old[i])
			return -ENOMEM;
		bus->old[i]->legacy = legacy;
		for (uint32_t g = 0; g < NFNL_LEGACY_GROUPS; g++)
			bus->old[i]->group[g].id = NFNL_LEGACY_GROUP(legacy->protocol, g);
		return 0;
	}
	return -ENOSPC;
}

int nfnl_fd(const struct nfnl *bus)
{
	return bus->epoll;
}

void nfnl_peer_ready(struct nfnl_peer *peer)
{
	if (list_is_empty(&peer->ready))
		list_insert_before(&peer->bus->ready, &peer->ready);
}

static void peer_happened(struct nfnl_peer *peer, uint32_t events)
{
	if (events & EPOLLOUT)
		peer->is_stuck = false;
	if (events & (EPOLLIN | EPOLLRDHUP))
		peer->is_readable = true;
	if (events & (EPOLLHUP | EPOLLERR)) {
		nfnl_peer_deafen(peer);
		peer->is_readable = true;
	}
	nfnl_peer_ready(peer);
}

static void happened(struct nfnl *bus, const struct epoll_event *event)
{
	enum nfnl_source *source = event->data.ptr;

	switch (*source) {
	case NFNL_SOURCE_LISTENER:
		nfnl_listener_accept(bus, event->data.ptr);
		break;
	case NFNL_SOURCE_PEER:
		peer_happened(event->data.ptr, event->events);
		break;
	case NFNL_SOURCE_WAKE:
		bus->wake_is_set = true;
		break;
	case NFNL_SOURCE_CLOCK: /* is looked at in any case */
		break;
	}
}

/* How many things happened, or -errno. */
static int look(struct nfnl *bus)
{
	struct epoll_event event[64];
	int n = epoll_wait(bus->epoll, event, (int)pktt_countof(event), 0);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++)
		happened(bus, &event[i]);
	return n;
}

/* One at least, whatever the budget is. */
static void turns(struct nfnl *bus)
{
	while (!list_is_empty(&bus->ready)) {
		struct list *first = bus->ready.next;

		list_remove(first);
		list_init(first);
		bus->now_us = nfnl_now_us();
		bus->slice_end_us = bus->now_us + NFNL_SLICE_US;
		bus->until_look = 8;
		nfnl_peer_turn(list_entry(first, struct nfnl_peer, ready));
		if (bus->now_us >= bus->run_end_us)
			return;
	}
}

/* Peers go here and nowhere else, so that nobody holds one that has gone. */
static void reap(struct nfnl *bus)
{
	if (!bus->ndead)
		return;
	bus->ndead = 0;
	list_for_each_safe (l, tmp, &bus->peers) {
		struct nfnl_peer *peer = list_entry(l, struct nfnl_peer, link);

		if (peer->is_dead)
			nfnl_peer_free(peer);
	}
}

static int one_round(struct nfnl *bus)
{
	int n = look(bus);

	if (n < 0)
		return n;
	nfnl_wake_run(bus);
	nfnl_clock_run(bus);
	turns(bus);
	nfnl_wake_run(bus);
	if (bus->receive_wanted)
		(void)receive_init(bus, bus->receive_wanted); /* else it stays as it is */
	return n;
}

int nfnl_run(struct nfnl *bus, unsigned int budget_us)
{
	bool is_all = budget_us == 0;
	int rc;

	bus->now_us = nfnl_now_us();
	bus->run_end_us = is_all ? UINT64_MAX : bus->now_us + budget_us;
	do {
		rc = one_round(bus);
		nfnl_flush_all(bus, is_all);
		reap(bus);
	} while (is_all && (rc > 0 || !list_is_empty(&bus->ready)));
	if (!list_is_empty(&bus->ready))
		nfnl_wake_up(bus); /* the descriptor stays readable */
	return rc < 0 ? rc : 0;
}
