/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a peer missed.
 *
 * Events that find no room are counted by group. When half of the room is free again the count is
 * told, before the next event, and after it events go on: whoever reads a gap knows that everything
 * before it is whole, how much is missing here, and that what follows is whole again.
 */
#include "bus/nfnl_own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

void nfnl_gap_count(struct nfnl_peer *peer, uint32_t group)
{
	unsigned int i = 0;

	while (i < peer->ngaps && peer->gap[i].group != group)
		i++;
	if (i == NFNL_GAPS) { /* of more groups than that: the last place counts for all others */
		i--;
		peer->gap[i].group = 0;
	} else if (i == peer->ngaps) {
		peer->gap[peer->ngaps++] = (struct nfnl_gap){ .group = group };
	}
	peer->gap[i].lost++;
}

/* As a netlink socket would have it: read() fails with ENOBUFS. */
static bool tell_as_netlink(struct nfnl_peer *peer)
{
	size_t len = NLMSG_LENGTH(sizeof(struct nlmsgerr));
	struct nlmsghdr *nlh = nfnl_out_room(peer, len, true);
	struct nlmsgerr *error;

	if (!nlh)
		return false;
	memset(nlh, 0, len);
	nlh->nlmsg_len = (uint32_t)len;
	nlh->nlmsg_type = NLMSG_ERROR;
	error = NLMSG_DATA(nlh);
	error->error = -ENOBUFS;
	return true;
}

static bool tell(struct nfnl_peer *peer, const struct nfnl_gap *gap)
{
	uint32_t number = peer->protocol == NETLINK_NETFILTER ? gap->group : gap->group & 0xffff;
	uint8_t buf[64] = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head;
	void *room;

	nlh->nlmsg_type = PKTT_SUBSYS_BUS << 8 | PKTT_BUS_GAP;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->version = PKTT_WIRE_VERSION;
	mnl_attr_put_u32(nlh, PKTTB_GROUP, htonl(number));
	mnl_attr_put_u64(nlh, PKTTB_LOST, htobe64(gap->lost));
	room = nfnl_out_room(peer, nlh->nlmsg_len, true);
	if (room)
		memcpy(room, nlh, nlh->nlmsg_len);
	return room;
}

/* Say what was missed, if there is room again; false: there is not. */
bool nfnl_gap_tell(struct nfnl_peer *peer)
{
	if (peer->events > peer->room / 2)
		return false;
	peer->last_is_part = false;
	if (peer->is_legacy && !tell_as_netlink(peer))
		return false;
	while (!peer->is_legacy && peer->ngaps) {
		if (!tell(peer, &peer->gap[peer->ngaps - 1]))
			return false;
		peer->ngaps--;
	}
	peer->ngaps = 0;
	return true;
}
