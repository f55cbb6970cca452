/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups: who hears what. A legacy protocol has groups 1 to 32 of its own. */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>

struct nfnl_group *nfnl_group_find(const struct nfnl *bus, uint32_t id)
{
	uint32_t protocol = id >> 16, number = id & 0xffff;

	if (!protocol)
		return number && number < NFNL_GROUPS
			       ? (struct nfnl_group *)(uintptr_t)&bus->group[number]
			       : NULL;
	for (size_t i = 0; i < pktt_countof(bus->old); i++) {
		if (bus->old[i] && bus->old[i]->legacy->protocol == protocol)
			return number && number < NFNL_LEGACY_GROUPS ? &bus->old[i]->group[number]
								     : NULL;
	}
	return NULL;
}

/* As the peer numbers it -> as the bus does. */
uint32_t nfnl_group_of(const struct nfnl_peer *peer, uint32_t number)
{
	if (peer->protocol == NETLINK_NETFILTER)
		return number < NFNL_GROUPS ? number : 0;
	return number < NFNL_LEGACY_GROUPS ? NFNL_LEGACY_GROUP(peer->protocol, number) : 0;
}

bool nfnl_group_is_heard(const struct nfnl *bus, uint32_t id)
{
	const struct nfnl_group *group = nfnl_group_find(bus, id);

	return group && group->count;
}

uint32_t nfnl_group_count(const struct nfnl *bus, uint32_t id)
{
	const struct nfnl_group *group = nfnl_group_find(bus, id);

	return group ? group->count : 0;
}

static void tell_heard(struct nfnl *bus, uint32_t id, bool is_heard)
{
	for (size_t i = 0; i < pktt_countof(bus->slot); i++) {
		if (bus->slot[i] && bus->slot[i]->sub->heard)
			bus->slot[i]->sub->heard(bus->slot[i]->sub->ctx, id, is_heard);
	}
}

static bool group_grow(struct nfnl_group *group)
{
	uint32_t room = group->room ? 2 * group->room : 4;
	void *member;

	if (group->count < group->room)
		return true;
	member = realloc(group->member, room * sizeof(group->member[0]));
	if (!member)
		return false;
	group->member = member;
	group->room = room;
	return true;
}

static struct nfnl_group *peers_group(struct nfnl_peer *peer, uint32_t number,
				      struct pktt_error *err)
{
	struct nfnl_group *group = nfnl_group_find(peer->bus, nfnl_group_of(peer, number));

	if (!group)
		(void)pktt_fail(err, -EINVAL, "there is no group %u", number);
	return group;
}

int nfnl_group_join(struct nfnl_peer *peer, uint32_t number, struct pktt_error *err)
{
	struct nfnl_group *group = peers_group(peer, number, err);

	if (!group)
		return -EINVAL;
	if (peer->joined[number / 64] >> number % 64 & 1)
		return 0;
	if (!group_grow(group))
		return pktt_fail(err, -ENOMEM, "no memory for one more listener");
	group->member[group->count++] = peer;
	peer->joined[number / 64] |= (uint64_t)1 << number % 64;
	if (group->count == 1)
		tell_heard(peer->bus, group->id, true);
	return 0;
}

int nfnl_group_leave(struct nfnl_peer *peer, uint32_t number, struct pktt_error *err)
{
	struct nfnl_group *group = peers_group(peer, number, err);
	uint32_t i = 0;

	if (!group)
		return -EINVAL;
	if (!(peer->joined[number / 64] >> number % 64 & 1))
		return 0;
	while (group->member[i] != peer)
		i++;
	group->member[i] = group->member[--group->count];
	peer->joined[number / 64] &= ~((uint64_t)1 << number % 64);
	if (group->count)
		return 0;
	nfnl_block_put(peer->bus, &group->block);
	tell_heard(peer->bus, group->id, false);
	return 0;
}

void nfnl_group_leave_all(struct nfnl_peer *peer)
{
	for (uint32_t number = 0; number < NFNL_GROUPS; number++) {
		if (peer->joined[number / 64] >> number % 64 & 1)
			(void)nfnl_group_leave(peer, number, NULL);
	}
}

static void group_free(struct nfnl *bus, struct nfnl_group *group)
{
	free(group->member);
	nfnl_block_put(bus, &group->block);
}

void nfnl_groups_free(struct nfnl *bus)
{
	for (size_t i = 0; i < NFNL_GROUPS; i++)
		group_free(bus, &bus->group[i]);
	for (size_t i = 0; i < pktt_countof(bus->old); i++) {
		for (size_t g = 0; bus->old[i] && g < NFNL_LEGACY_GROUPS; g++)
			group_free(bus, &bus->old[i]->group[g]);
	}
}
