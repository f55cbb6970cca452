/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queued messages leave.
 *
 * A datagram is as many segments as fit in it; several datagrams are one system call. Events of groups
 * wait for company, NFNL_EVENT_DELAY_US or longer where many listen, unless something urgent waits with
 * them: a listener to many small transactions then costs a system call a millisecond, not one a
 * transaction, and a thousand of them a fifth of the time, not all of it. The first event after a pause
 * leaves at once.
 */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { DATAGRAMS = 8, IOVS = 512 };

struct parcel {
	struct mmsghdr datagram[DATAGRAMS];
	uint32_t segs[DATAGRAMS]; /* in each */
	struct iovec iov[IOVS];
	unsigned int ndatagrams, niovs;
};

/* One more datagram, of the segments from first on; how many it took, 0: no room in the parcel. */
static uint32_t pack(const struct nfnl_peer *peer, struct parcel *parcel, uint32_t first)
{
	struct msghdr *msg = &parcel->datagram[parcel->ndatagrams].msg_hdr;
	size_t bytes = 0;
	uint32_t n = 0;

	memset(msg, 0, sizeof(*msg));
	msg->msg_iov = &parcel->iov[parcel->niovs];
	while (first + n < peer->seg_count && parcel->niovs < IOVS) {
		struct nfnl_seg *seg = nfnl_seg_at(peer, first + n);

		if (n && (!seg->joins || bytes + seg->len > peer->datagram))
			break;
		parcel->iov[parcel->niovs++] =
			(struct iovec){ seg->block->data + seg->at, seg->len };
		bytes += seg->len;
		n++;
	}
	msg->msg_iovlen = n;
	parcel->segs[parcel->ndatagrams] = n;
	parcel->ndatagrams += n > 0;
	return n;
}

static void pack_all(const struct nfnl_peer *peer, struct parcel *parcel)
{
	uint32_t first = 0, n = 1;

	parcel->ndatagrams = parcel->niovs = 0;
	while (n && first < peer->seg_count && parcel->ndatagrams < DATAGRAMS) {
		n = pack(peer, parcel, first);
		first += n;
	}
}

/* The first datagram is one message that the socket cannot take at all: say so in its place. */
static void refuse_first(struct nfnl_peer *peer)
{
	const struct nfnl_seg *seg = nfnl_seg_at(peer, 0);
	const void *data = seg->block->data + seg->at;
	struct nlmsghdr nlh = *(const struct nlmsghdr *)data;
	bool is_event = seg->is_event;
	struct pktt_error err = { 0 };

	(void)pktt_fail(&err, -EMSGSIZE, "the answer has %u bytes, more than the socket can take",
			nlh.nlmsg_len);
	nfnl_out_pop(peer, 1);
	nlh.nlmsg_len = sizeof(nlh);
	if (is_event)
		nfnl_gap_count(peer, 0);
	else
		nfnl_ack(peer, &nlh, &err, NULL);
}

/* What to do about a send that failed: true = go on. */
static bool failed(struct nfnl_peer *peer, int code)
{
	if (code == EINTR)
		return true;
	if (code == EMSGSIZE) {
		refuse_first(peer);
		return true;
	}
	if (code == EAGAIN || code == ENOBUFS || code == ENOMEM)
		peer->is_stuck = true;
	else
		nfnl_peer_deafen(peer);
	return false;
}

static bool send_some(struct nfnl_peer *peer, struct parcel *parcel)
{
	uint32_t segs = 0;
	int n;

	pack_all(peer, parcel);
	n = sendmmsg(peer->fd, parcel->datagram, parcel->ndatagrams, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return failed(peer, errno);
	for (int i = 0; i < n; i++)
		segs += parcel->segs[i];
	nfnl_out_pop(peer, segs);
	return true;
}

void nfnl_flush(struct nfnl_peer *peer)
{
	struct parcel parcel;

	while (peer->seg_count && !peer->is_deaf && !peer->is_stuck) {
		if (!send_some(peer, &parcel))
			break;
		if (peer->ngaps)
			(void)nfnl_gap_tell(peer); /* told when there is room for it */
	}
	peer->flushed_us = peer->bus->now_us;
	if (!peer->seg_count || peer->is_stuck) /* epoll says when it can take more */
		nfnl_out_clean(peer);
	nfnl_peer_watch(peer);
	if (nfnl_peer_can_run(peer))
		nfnl_peer_ready(peer);
}

static void flush_urgent(struct nfnl *bus)
{
	list_for_each_safe (l, tmp, &bus->dirty)
		nfnl_flush(list_entry(l, struct nfnl_peer, dirty));
}

/* The oldest first, and not many at a time: somebody waits for an answer meanwhile. */
static void flush_delayed(struct nfnl *bus, bool is_forced)
{
	for (unsigned int n = 0; !list_is_empty(&bus->delayed); n++) {
		struct nfnl_peer *peer = list_entry(bus->delayed.next, struct nfnl_peer, dirty);

		if (!is_forced && peer->due_us > bus->now_us) {
			if (!bus->flush_timer->due_us)
				nfnl_timer_set(bus->flush_timer, peer->due_us - bus->now_us);
			return;
		}
		if (!is_forced && n >= NFNL_FLUSHES) {
			nfnl_wake_up(bus);
			return;
		}
		nfnl_flush(peer);
	}
}

/* is_forced: events do not wait for company. */
void nfnl_flush_all(struct nfnl *bus, bool is_forced)
{
	if (list_is_empty(&bus->dirty) && list_is_empty(&bus->delayed))
		return;
	bus->now_us = nfnl_now_us();
	flush_urgent(bus);
	flush_delayed(bus, is_forced);
}
