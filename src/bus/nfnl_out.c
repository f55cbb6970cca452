/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages out.
 *
 * Overview: messages are written into blocks; what waits for a peer is a ring of segments, each
 * some whole messages in a block. An event is written once, into its group's block, and every
 * listener's ring refers to it. What lies one behind the other in a block is one segment, so that a
 * listener who reads well costs a few instructions an event.
 *
 * Memory: a block lives as long as somebody refers to it. A group has blocks of its own, so that a
 * slow listener holds what it was promised and not, beside it, what others get: what waits for a
 * peer holds at most its bytes and the rest of a block for each group. Answers are bounded by not
 * reading a peer for whom many wait.
 */
#include "bus/nfnl_own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FREE_BLOCKS_MAX = 256, FIRST_SEGS = 8 };

static struct nfnl_block *block_new(struct nfnl *bus, size_t len)
{
	size_t size = len > NFNL_BLOCK_BYTES ? len : NFNL_BLOCK_BYTES;
	struct nfnl_block *block = bus->free_block;

	if (size == NFNL_BLOCK_BYTES && block) {
		bus->free_block = block->next;
		bus->nfree--;
	} else {
		block = size < UINT32_MAX / 2 ? malloc(sizeof(*block) + size) : NULL;
		if (!block)
			return NULL;
		block->size = (uint32_t)size;
	}
	block->refs = 1;
	block->used = 0;
	return block;
}

void nfnl_block_put(struct nfnl *bus, struct nfnl_block **pblock)
{
	struct nfnl_block *block = *pblock;

	*pblock = NULL;
	if (!block || --block->refs)
		return;
	if (block->size != NFNL_BLOCK_BYTES || bus->nfree >= FREE_BLOCKS_MAX) {
		free(block);
		return;
	}
	block->next = bus->free_block;
	bus->free_block = block;
	bus->nfree++;
}

/* *slot with room for len bytes more, a new one if need be. NULL without memory. */
struct nfnl_block *nfnl_block_room(struct nfnl *bus, struct nfnl_block **slot, size_t len)
{
	struct nfnl_block *block = *slot;

	if (block && block->refs == 1)
		block->used = 0; /* nobody reads what is in it */
	if (block && block->size - block->used >= len)
		return block;
	nfnl_block_put(bus, slot);
	*slot = block_new(bus, len);
	return *slot;
}

struct nfnl_seg *nfnl_seg_at(const struct nfnl_peer *peer, uint32_t n)
{
	return &peer->seg[(peer->seg_first + n) & (peer->seg_room - 1)];
}

static bool ring_grow(struct nfnl_peer *peer)
{
	uint32_t room = peer->seg_room ? 2 * peer->seg_room : FIRST_SEGS;
	struct nfnl_seg *seg = calloc(room, sizeof(*seg));

	if (!seg)
		return false;
	for (uint32_t i = 0; i < peer->seg_count; i++)
		seg[i] = *nfnl_seg_at(peer, i);
	free(peer->seg);
	peer->seg = seg;
	peer->seg_room = room;
	peer->seg_first = 0;
	return true;
}

/* Nothing waits for the peer, or nothing more can be done about it. */
void nfnl_out_clean(struct nfnl_peer *peer)
{
	list_remove(&peer->dirty);
	list_init(&peer->dirty);
	peer->bus->ndelayed -= peer->is_delayed;
	peer->is_delayed = peer->is_urgent = false;
}

/* What waits leaves at the end of the turn, or of the round. */
void nfnl_out_urgent(struct nfnl_peer *peer)
{
	if (peer->is_urgent || peer->is_stuck || !peer->seg_count)
		return;
	nfnl_out_clean(peer);
	peer->is_urgent = true;
	list_insert_before(&peer->bus->dirty, &peer->dirty);
}

static uint64_t delay_us(const struct nfnl *bus)
{
	uint64_t delay = (uint64_t)bus->ndelayed * NFNL_EVENT_DELAY_EACH_US;

	return delay < NFNL_EVENT_DELAY_US ? NFNL_EVENT_DELAY_US : delay;
}

static void is_dirty(struct nfnl_peer *peer)
{
	struct nfnl *bus = peer->bus;

	if (peer->waiting >= NFNL_DATAGRAM_BYTES)
		nfnl_out_urgent(peer);
	if (peer->is_urgent || peer->is_delayed || peer->is_stuck)
		return;
	peer->is_delayed = true;
	peer->due_us = peer->flushed_us + delay_us(bus);
	bus->ndelayed++;
	list_insert_before(&bus->delayed, &peer->dirty);
}

/* Whether the message may leave in a datagram with the one before it. */
static bool may_join(const struct nfnl_peer *peer, bool is_event)
{
	const struct nfnl_seg *last = NULL;

	if (!peer->is_single || peer->last_is_part)
		return true;
	if (peer->seg_count)
		last = nfnl_seg_at(peer, peer->seg_count - 1);
	return !is_event && !(last && last->is_event);
}

static bool extends(const struct nfnl_peer *peer, const struct nfnl_seg *last,
		    const struct nfnl_seg *more)
{
	return last->block == more->block && last->at + last->len == more->at &&
	       last->is_event == more->is_event && more->joins &&
	       last->len + more->len <= peer->datagram;
}

/* Whole messages at that place of block wait for peer now. false without memory. */
bool nfnl_out_put(struct nfnl_peer *peer, struct nfnl_block *block, uint32_t at, uint32_t len,
		  bool is_event)
{
	struct nfnl_seg seg = { block, at, len, is_event, may_join(peer, is_event) };
	struct nfnl_seg *last = peer->seg_count ? nfnl_seg_at(peer, peer->seg_count - 1) : NULL;

	if (last && extends(peer, last, &seg)) {
		last->len += len;
	} else {
		if (peer->seg_count == peer->seg_room && !ring_grow(peer))
			return false;
		block->refs++;
		peer->seg_count++;
		*nfnl_seg_at(peer, peer->seg_count - 1) = seg;
	}
	peer->waiting += len;
	peer->events += is_event ? len : 0;
	is_dirty(peer);
	return true;
}

void nfnl_out_pop(struct nfnl_peer *peer, uint32_t segs)
{
	for (uint32_t i = 0; i < segs; i++) {
		struct nfnl_seg *seg = nfnl_seg_at(peer, i);

		peer->waiting -= seg->len;
		peer->events -= seg->is_event ? seg->len : 0;
		nfnl_block_put(peer->bus, &seg->block);
	}
	peer->seg_count -= segs;
	if (peer->seg_count) {
		peer->seg_first = (peer->seg_first + segs) & (peer->seg_room - 1);
		return;
	}
	peer->seg_first = 0;
	nfnl_block_put(peer->bus, &peer->block);
	if (peer->seg_room > 16 * FIRST_SEGS) {
		free(peer->seg);
		peer->seg = NULL;
		peer->seg_room = 0;
	}
}

void nfnl_out_drop(struct nfnl_peer *peer)
{
	nfnl_out_pop(peer, peer->seg_count);
	peer->ngaps = 0;
	nfnl_out_clean(peer);
}

size_t nfnl_out_answers(const struct nfnl_peer *peer)
{
	return peer->waiting - peer->events;
}

/*
 * Room for a message of the peer's own, queued already and to be written at once; zeroed up to its
 * alignment. NULL: the peer is deaf, or there is no memory; an answer that is lost must not be
 * missed in silence, so the peer then goes.
 */
void *nfnl_out_room(struct nfnl_peer *peer, size_t len, bool is_event)
{
	size_t whole = NLMSG_ALIGN(len);
	struct nfnl_block *block;
	uint8_t *data;

	if (peer->is_deaf)
		return NULL;
	block = nfnl_block_room(peer->bus, &peer->block, whole);
	if (!block || !nfnl_out_put(peer, block, block->used, (uint32_t)whole, is_event)) {
		if (!is_event)
			nfnl_peer_deafen(peer);
		return NULL;
	}
	if (!is_event)
		nfnl_out_urgent(peer);
	data = block->data + block->used;
	memset(data + len, 0, whole - len);
	block->used += (uint32_t)whole;
	return data;
}

struct nlmsghdr *nfnl_begin_plain(struct nfnl *bus, size_t size, uint16_t type, uint16_t flags)
{
	size_t room = NLMSG_ALIGN(size + NLMSG_HDRLEN);
	struct nlmsghdr *nlh;
	void *scratch;

	if (room > bus->scratch_room) {
		scratch = realloc(bus->scratch, room);
		if (!scratch)
			return NULL;
		bus->scratch = scratch;
		bus->scratch_room = room;
	}
	bus->message_room = room;
	nlh = mnl_nlmsg_put_header(bus->scratch);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	return nlh;
}

struct nlmsghdr *nfnl_begin(struct nfnl *bus, size_t size, uint16_t type, uint16_t flags,
			    uint8_t family, uint16_t res_id)
{
	struct nlmsghdr *nlh = nfnl_begin_plain(bus, size + sizeof(struct nfgenmsg), type, flags);
	struct nfgenmsg *head;

	if (!nlh)
		return NULL;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->nfgen_family = family;
	head->version =
		NFNL_SUBSYS_ID(type) >= PKTT_SUBSYS_RULES ? PKTT_WIRE_VERSION : NFNETLINK_V0;
	head->res_id = htons(res_id);
	return nlh;
}

size_t nfnl_room(const struct nfnl *bus)
{
	return bus->message_room;
}

void nfnl_send(struct nfnl_peer *peer, struct nlmsghdr *nlh, uint32_t seq)
{
	void *room = nfnl_out_room(peer, nlh->nlmsg_len, false);

	if (!room)
		return;
	nlh->nlmsg_seq = seq;
	nlh->nlmsg_pid = peer->port;
	memcpy(room, nlh, nlh->nlmsg_len);
	peer->last_is_part = nlh->nlmsg_flags & NLM_F_MULTI;
}

/* Is there room for len bytes of events, after a gap that is to be told first? */
static bool has_room_now(struct nfnl_peer *peer, size_t len)
{
	if (peer->ngaps && !nfnl_gap_tell(peer))
		return false;
	return !peer->events || peer->events + len <= peer->room;
}

/* What only waits for company leaves before anything is lost. */
static bool has_room(struct nfnl_peer *peer, size_t len)
{
	if (has_room_now(peer, len))
		return true;
	if (peer->is_stuck)
		return false;
	nfnl_flush(peer);
	return !peer->is_deaf && has_room_now(peer, len);
}

bool nfnl_out_event(struct nfnl_peer *peer, uint32_t group, struct nfnl_block *block, uint32_t at,
		    uint32_t len)
{
	if (peer->is_deaf)
		return false;
	if (block && has_room(peer, len) && nfnl_out_put(peer, block, at, len, true))
		return true;
	nfnl_gap_count(peer, group);
	return false;
}

bool nfnl_send_block(struct nfnl_peer *peer, uint32_t group, const void *data, size_t len)
{
	void *room = NULL;

	if (peer->is_deaf)
		return false;
	if (has_room(peer, len))
		room = nfnl_out_room(peer, len, true);
	if (!room) {
		nfnl_gap_count(peer, group);
		return false;
	}
	memcpy(room, data, len);
	nfnl_out_urgent(peer);
	return true;
}

bool nfnl_send_event(struct nfnl_peer *peer, uint32_t group, struct nlmsghdr *nlh)
{
	if (!nfnl_send_block(peer, group, nlh, nlh->nlmsg_len))
		return false;
	peer->last_is_part = nlh->nlmsg_flags & NLM_F_MULTI;
	return true;
}

void nfnl_multicast(struct nfnl *bus, uint32_t id, struct nlmsghdr *nlh)
{
	struct nfnl_group *group = nfnl_group_find(bus, id);
	uint32_t len = NLMSG_ALIGN(nlh->nlmsg_len), at = 0;
	struct nfnl_block *block;

	if (!group || !group->count)
		return;
	block = nfnl_block_room(bus, &group->block, len);
	if (block) {
		at = block->used;
		memset(block->data + at + nlh->nlmsg_len, 0, len - nlh->nlmsg_len);
		memcpy(block->data + at, nlh, nlh->nlmsg_len);
		block->used += len;
	}
	for (uint32_t i = 0; i < group->count; i++) {
		if (nfnl_out_event(group->member[i], id, block, at, len))
			group->member[i]->last_is_part = nlh->nlmsg_flags & NLM_F_MULTI;
	}
}
