/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers.
 *
 * Life-cycle: made by accept or adoption; a peer whose socket takes nothing any more is deaf: what
 * it had sent is still done, since a program may send and leave; at the end of its input it is
 * dead, and it is freed at the end of the round, when nobody holds it.
 */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

const struct nfnl_who *nfnl_peer_who(const struct nfnl_peer *peer)
{
	return &peer->who;
}

unsigned int nfnl_peer_rights(const struct nfnl_peer *peer)
{
	return peer->rights;
}

uint32_t nfnl_peer_port(const struct nfnl_peer *peer)
{
	return peer->port;
}

unsigned int nfnl_peer_protocol(const struct nfnl_peer *peer)
{
	return peer->protocol;
}

size_t nfnl_peer_waiting(const struct nfnl_peer *peer)
{
	return peer->waiting;
}

struct nfnl_peer *nfnl_peer_next(const struct nfnl *bus, const struct nfnl_peer *after)
{
	struct list *next = after ? after->link.next : bus->peers.next;

	return next == &bus->peers ? NULL : list_entry(next, struct nfnl_peer, link);
}

static struct nfnl_state *state_of(const struct nfnl_peer *peer, uint8_t subsys)
{
	for (unsigned int i = 0; i < peer->nstates; i++) {
		if (peer->state[i].subsys == subsys)
			return (struct nfnl_state *)(uintptr_t)&peer->state[i];
	}
	return NULL;
}

void nfnl_peer_set(struct nfnl_peer *peer, uint8_t subsys, void *state)
{
	struct nfnl_state *place = state_of(peer, subsys);

	if (!place && peer->nstates < NFNL_STATES)
		place = &peer->state[peer->nstates++];
	if (place)
		*place = (struct nfnl_state){ subsys, state };
}

void *nfnl_peer_get(const struct nfnl_peer *peer, uint8_t subsys)
{
	const struct nfnl_state *place = state_of(peer, subsys);

	return place ? place->state : NULL;
}

/*
 * A tenth is root's, so that others cannot lock the administrator out; those who may do nothing
 * have half.
 */
static bool is_too_many(const struct nfnl *bus, const struct nfnl_peer *peer)
{
	unsigned int max = bus->config.peers_max;
	unsigned int kept = peer->who.uid == 0 ? 0 : peer->rights ? max / 10 : max / 2;

	return max && bus->npeers >= max - kept;
}

/* A peer that has no place hears why before it is closed. */
static int turn_away(struct nfnl_peer *peer)
{
	struct nlmsghdr nlh = { .nlmsg_len = sizeof(nlh) };
	struct pktt_error err = { 0 };

	(void)pktt_fail(&err, -EUSERS, "%u programs are connected, and no more are let in",
			peer->bus->npeers);
	nfnl_ack(peer, &nlh, &err, NULL);
	nfnl_flush(peer);
	return -EUSERS;
}

static void peer_init(struct nfnl_peer *peer, struct nfnl *bus, int fd, unsigned int rights)
{
	peer->source = NFNL_SOURCE_PEER;
	peer->bus = bus;
	peer->fd = fd;
	peer->protocol = NETLINK_NETFILTER;
	peer->room = bus->config.event_room ? bus->config.event_room : 1024 * 1024;
	peer->datagram = NFNL_DATAGRAM_BYTES;
	peer->saved_end = &peer->saved;
	list_init(&peer->link);
	list_init(&peer->ready);
	list_init(&peer->dirty);
	list_init(&peer->turn);
	nfnl_who_read(&peer->who, fd, &peer->is_known);
	peer->rights = rights;
	if (bus->config.rights)
		peer->rights = bus->config.rights(bus->config.ctx, &peer->who, fd, rights) & rights;
}

static void peer_drop(struct nfnl_peer **ppeer)
{
	struct nfnl_peer *peer = *ppeer;

	if (!peer)
		return;
	nfnl_out_drop(peer);
	close(peer->fd);
	free(peer->seg);
	free(peer);
	*ppeer = NULL;
}

int nfnl_peer_new(struct nfnl *bus, int fd, unsigned int rights)
{
	PKTT_AUTO(peer_drop) struct nfnl_peer *peer = calloc(1, sizeof(*peer));
	int room = 1024 * 1024;

	if (!peer) {
		close(fd);
		return -ENOMEM;
	}
	peer_init(peer, bus, fd, rights);
	peer->is_dead = true; /* not watched yet */
	if (is_too_many(bus, peer))
		return turn_away(peer);
	/* as much as the system allows: what does not fit waits with us */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	peer->port = nfnl_port_free(bus, peer->protocol, (uint32_t)peer->who.pid);
	peer->is_dead = false;
	list_insert_before(&bus->peers, &peer->link);
	bus->npeers++;
	nfnl_peer_watch(pktt_take(&peer));
	return 0;
}

static void tell_forget(struct nfnl_peer *peer)
{
	struct nfnl *bus = peer->bus;

	for (size_t i = 0; i < pktt_countof(bus->slot); i++) {
		const struct nfnl_subsys *sub = bus->slot[i] ? bus->slot[i]->sub : NULL;

		if (sub && sub->forget)
			sub->forget(sub->ctx, peer, nfnl_peer_get(peer, sub->id));
	}
	for (size_t i = 0; i < pktt_countof(bus->old); i++) {
		const struct nfnl_legacy *legacy = bus->old[i] ? bus->old[i]->legacy : NULL;

		if (legacy && legacy->forget && legacy->protocol == peer->protocol)
			legacy->forget(legacy->ctx, peer);
	}
}

/*
 * The order: nothing is begun for it any more, then subsystems hear of it, who may still ask of it.
 */
void nfnl_peer_free(struct nfnl_peer *peer)
{
	struct nfnl *bus = peer->bus;

	peer->is_dead = peer->is_deaf = true;
	nfnl_dump_free(peer);
	nfnl_batch_free(peer);
	nfnl_turn_forget(peer);
	nfnl_group_leave_all(peer);
	tell_forget(peer);
	while (peer->saved) {
		struct nfnl_saved *saved = peer->saved;

		peer->saved = saved->next;
		free(saved);
	}
	list_remove(&peer->link);
	list_remove(&peer->ready);
	bus->npeers--;
	peer_drop(&peer);
	nfnl_listeners_resume(bus);
}

void nfnl_peer_deafen(struct nfnl_peer *peer)
{
	peer->is_deaf = true;
	peer->is_stuck = false;
	shutdown(peer->fd, SHUT_WR); /* if it is there, it need not wait for what was lost */
	nfnl_out_drop(peer);
	if (nfnl_peer_can_run(peer))
		nfnl_peer_ready(peer);
}

/* Must what it sent, or will send, wait? */
bool nfnl_peer_must_wait(const struct nfnl_peer *peer)
{
	return peer->is_dead || peer->dump || peer->waits_for ||
	       (peer->batch && peer->batch->phase != NFNL_BATCH_COLLECT) ||
	       (nfnl_out_answers(peer) >= NFNL_ANSWERS_MAX && !peer->holds);
}

static bool batch_can_run(const struct nfnl_peer *peer)
{
	if (peer->batch->phase == NFNL_BATCH_ACK)
		return peer->is_deaf || nfnl_out_answers(peer) < NFNL_ANSWERS_MAX;
	return peer->batch->phase == NFNL_BATCH_RUN;
}

bool nfnl_peer_can_run(const struct nfnl_peer *peer)
{
	if (peer->is_dead)
		return false;
	if (peer->dump)
		return nfnl_out_answers(peer) < NFNL_DUMP_ROOM;
	if (peer->batch && peer->batch->phase != NFNL_BATCH_COLLECT)
		return batch_can_run(peer);
	return !nfnl_peer_must_wait(peer) && (peer->saved || peer->is_readable || peer->is_ended);
}

/* Tell epoll what the peer waits for; nothing at all while it can only wait for others. */
void nfnl_peer_watch(struct nfnl_peer *peer)
{
	struct epoll_event event = { .data.ptr = peer };
	int op = EPOLL_CTL_MOD;

	if (!peer->is_dead && !nfnl_peer_must_wait(peer) && !peer->saved && !peer->is_ended)
		event.events |= EPOLLIN | EPOLLRDHUP;
	if (!peer->is_dead && peer->is_stuck)
		event.events |= EPOLLOUT;
	if (event.events == peer->interest)
		return;
	if (!event.events)
		op = EPOLL_CTL_DEL;
	else if (!peer->interest)
		op = EPOLL_CTL_ADD;
	if (!epoll_ctl(peer->bus->epoll, op, peer->fd, &event))
		peer->interest = event.events;
}

static void is_gone(struct nfnl_peer *peer)
{
	peer->is_dead = true;
	peer->is_readable = false;
	peer->bus->ndead++;
}

/* The rest of a datagram is for later; without memory the peer has to go: it cannot be answered. */
static void save(struct nfnl_peer *peer, const uint8_t *data, size_t len)
{
	struct nfnl_saved *saved = malloc(sizeof(*saved) + len);

	if (!saved) {
		is_gone(peer);
		return;
	}
	saved->next = NULL;
	saved->at = 0;
	saved->len = len;
	memcpy(saved->data, data, len);
	*peer->saved_end = saved;
	peer->saved_end = &saved->next;
}

static void feed_saved(struct nfnl_peer *peer)
{
	while (peer->saved && !nfnl_peer_must_wait(peer) && !nfnl_slice_is_over(peer->bus)) {
		struct nfnl_saved *saved = peer->saved;

		saved->at += nfnl_feed(peer, saved->data + saved->at, saved->len - saved->at);
		if (saved->at < saved->len)
			return;
		peer->saved = saved->next;
		if (!peer->saved)
			peer->saved_end = &peer->saved;
		free(saved);
	}
}

/* The datagram did not fit: it is lost, the next of its size will not be. */
static void grow(struct nfnl_peer *peer, const void *data, size_t len)
{
	struct nlmsghdr nlh = *(const struct nlmsghdr *)data;
	struct pktt_error err = { 0 };

	(void)pktt_fail(&err, -EMSGSIZE, "a datagram of %zu bytes was expected to have %zu at most",
			len, peer->bus->receive_room);
	if (len > peer->bus->receive_wanted)
		peer->bus->receive_wanted = len;
	nlh.nlmsg_len = sizeof(nlh);
	nfnl_batch_spoil(peer);
	nfnl_ack(peer, &nlh, &err, NULL);
}

static void received(struct nfnl_peer *peer, const uint8_t *data, const struct mmsghdr *datagram)
{
	size_t len = datagram->msg_len, done;

	if (datagram->msg_hdr.msg_flags & MSG_TRUNC) {
		grow(peer, data, len);
		return;
	}
	if (!len) { /* the end, or an empty datagram, which is taken for it */
		peer->is_ended = true;
		return;
	}
	done = peer->saved || peer->is_dead ? 0 : nfnl_feed(peer, data, len);
	if (done < len && !peer->is_dead)
		save(peer, data + done, len - done);
}

static int receive_some(struct nfnl_peer *peer, struct mmsghdr *datagram)
{
	struct nfnl *bus = peer->bus;
	struct iovec iov[NFNL_RECEIVE_COUNT];
	int n;

	memset(datagram, 0, NFNL_RECEIVE_COUNT * sizeof(*datagram));
	for (unsigned int i = 0; i < NFNL_RECEIVE_COUNT; i++) {
		iov[i] = (struct iovec){ bus->receive + i * bus->receive_room, bus->receive_room };
		datagram[i].msg_hdr.msg_iov = &iov[i];
		datagram[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(peer->fd, datagram, NFNL_RECEIVE_COUNT, MSG_DONTWAIT | MSG_TRUNC, NULL);
	/* a peer that left without reading all: an error once, then what it had sent */
	if (n < 0 && errno == ECONNRESET)
		n = recvmmsg(peer->fd, datagram, NFNL_RECEIVE_COUNT, MSG_DONTWAIT | MSG_TRUNC,
			     NULL);
	return n < 0 ? -errno : n;
}

static void receive(struct nfnl_peer *peer)
{
	struct mmsghdr datagram[NFNL_RECEIVE_COUNT];
	int n = receive_some(peer, datagram);

	peer->is_readable = n == NFNL_RECEIVE_COUNT || n == -EINTR;
	if (n < 0 && n != -EAGAIN && n != -EINTR)
		peer->is_ended = true;
	for (int i = 0; i < n && !peer->is_dead && !peer->is_ended; i++)
		received(peer, peer->bus->receive + (size_t)i * peer->bus->receive_room,
			 &datagram[i]);
}

void nfnl_peer_turn(struct nfnl_peer *peer)
{
	if (peer->is_dead)
		return;
	if (peer->seg_count && !peer->is_stuck)
		nfnl_flush(peer);
	if (peer->dump)
		nfnl_dump_go_on(peer);
	if (peer->batch && nfnl_peer_can_run(peer))
		nfnl_batch_go_on(peer);
	feed_saved(peer);
	if (peer->is_readable && !peer->is_ended && !peer->saved && !nfnl_peer_must_wait(peer) &&
	    !nfnl_slice_is_over(peer->bus))
		receive(peer);
	if (peer->is_urgent && !peer->is_stuck)
		nfnl_flush(peer);
	if (peer->is_ended && !peer->saved && !nfnl_peer_must_wait(peer))
		is_gone(peer);
	nfnl_peer_watch(peer);
	if (nfnl_peer_can_run(peer))
		nfnl_peer_ready(peer);
}
