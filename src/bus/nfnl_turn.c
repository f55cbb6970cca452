/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose turn it is to write.
 *
 * A transaction that is run in slices owns its subsystem until it is committed. Others'
 * transactions and single writes wait, in order of arrival; reads go on. A peer that waits is not
 * read, so that its own messages keep their order. An owner always goes on by itself: nothing that
 * it needs depends on its program.
 */
#include "bus/nfnl_own.h"

#include <errno.h>
#include <stdlib.h>

/*
 * true: it is peer's turn, until nfnl_turn_done(). false: it stands in the queue now, and will be
 * made ready.
 */
bool nfnl_turn_take(struct nfnl_slot *slot, struct nfnl_peer *peer)
{
	if (!slot->owner || slot->owner == peer) {
		slot->owner = peer;
		peer->holds = slot;
		return true;
	}
	peer->waits_for = slot;
	list_insert_before(&slot->turns, &peer->turn);
	return false;
}

static void run_idle(struct nfnl_slot *slot)
{
	struct nfnl_idle *idle = slot->idle, *next;

	slot->idle = NULL;
	slot->idle_end = &slot->idle;
	for (; idle; idle = next) {
		next = idle->next;
		idle->fn(idle->ctx);
		free(idle);
	}
}

void nfnl_turn_done(struct nfnl_slot *slot, struct nfnl_peer *peer)
{
	struct nfnl_peer *next;

	if (slot->owner != peer)
		return;
	slot->owner = NULL;
	peer->holds = NULL;
	if (slot->idle)
		run_idle(slot);
	if (slot->owner || list_is_empty(&slot->turns))
		return;
	next = list_entry(slot->turns.next, struct nfnl_peer, turn);
	list_remove(&next->turn);
	list_init(&next->turn);
	next->waits_for = NULL;
	slot->owner = next;
	next->holds = slot;
	if (next->batch && next->batch->phase == NFNL_BATCH_WAIT)
		next->batch->phase = NFNL_BATCH_RUN;
	nfnl_peer_ready(next);
}

void nfnl_turn_forget(struct nfnl_peer *peer)
{
	list_remove(&peer->turn);
	list_init(&peer->turn);
	peer->waits_for = NULL;
	if (peer->holds)
		nfnl_turn_done(peer->holds, peer);
}

int nfnl_when_idle(struct nfnl *bus, uint8_t subsys, void (*fn)(void *ctx), void *ctx)
{
	struct nfnl_slot *slot = bus->slot[subsys];
	struct nfnl_idle *idle;

	if (!slot || !slot->owner) {
		fn(ctx);
		return 0;
	}
	idle = malloc(sizeof(*idle));
	if (!idle)
		return -ENOMEM;
	*idle = (struct nfnl_idle){ .fn = fn, .ctx = ctx };
	*slot->idle_end = idle;
	slot->idle_end = &idle->next;
	return 0;
}
