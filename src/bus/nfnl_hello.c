/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What peers say to the bus itself: who they are, what they want to hear. */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM_LEAST = 4096 };

static void tidy(char *text)
{
	text[strcspn(text, "\n")] = '\0';
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

/* The program's name as the kernel knows it now: later the number may be another's. */
static bool read_program(struct nfnl_who *who)
{
	char path[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)who->pid);
	fd = who->pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return false;
	n = read(fd, who->program, sizeof(who->program) - 1);
	close(fd);
	who->program[n > 0 ? n : 0] = '\0';
	tidy(who->program);
	return n > 0;
}

void nfnl_who_read(struct nfnl_who *who, int fd, bool *is_known)
{
	struct ucred cred = { .uid = (uid_t)-1, .gid = (gid_t)-1 };
	socklen_t len = sizeof(cred);

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	*who = (struct nfnl_who){ .uid = cred.uid, .gid = cred.gid, .pid = cred.pid };
	*is_known = read_program(who);
	if (!*is_known)
		strcpy(who->program, "?");
}

bool nfnl_is_member(const struct nfnl_who *who, int fd, gid_t gid)
{
	PKTT_AUTO_FREE gid_t *group = NULL;
	socklen_t len = 0;
	bool ret = who->gid == gid;

	/* the kernel says how much room they need */
	if (ret || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 || errno != ERANGE)
		return ret;
	group = malloc(len);
	if (!group || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, group, &len))
		return false;
	for (size_t i = 0; !ret && i < len / sizeof(*group); i++)
		ret = group[i] == gid;
	return ret;
}

static bool port_is_used(const struct nfnl *bus, uint32_t protocol, uint32_t port)
{
	for (struct nfnl_peer *p = nfnl_peer_next(bus, NULL); p; p = nfnl_peer_next(bus, p)) {
		if (p->port == port && p->protocol == protocol)
			return true;
	}
	return false;
}

/* wanted, if nobody of the protocol has it; else another. */
uint32_t nfnl_port_free(struct nfnl *bus, uint32_t protocol, uint32_t wanted)
{
	if (wanted && !port_is_used(bus, protocol, wanted))
		return wanted;
	while (port_is_used(bus, protocol, bus->next_port))
		bus->next_port--;
	return bus->next_port--;
}

static uint32_t u32(const struct nfnl_request *req, unsigned int type, uint32_t otherwise)
{
	return req->attr[type] ? ntohl(mnl_attr_get_u32(req->attr[type])) : otherwise;
}

static bool is_spoken(const struct nfnl *bus, uint32_t protocol)
{
	for (size_t i = 0; i < pktt_countof(bus->old); i++) {
		if (bus->old[i] && bus->old[i]->legacy->protocol == protocol)
			return true;
	}
	return protocol == NETLINK_NETFILTER;
}

static int set_port(struct nfnl_peer *peer, uint32_t protocol, uint32_t port,
		    struct pktt_error *err)
{
	uint32_t old = peer->port;

	if (port == old && protocol == peer->protocol)
		return 0;
	peer->port = 0; /* its own is no obstacle */
	if (port && port_is_used(peer->bus, protocol, port)) {
		peer->port = old;
		return pktt_fail(err, -EADDRINUSE, "another socket has port %u", port);
	}
	peer->port = nfnl_port_free(peer->bus, protocol, port ? port : old);
	return 0;
}

static void set_room(struct nfnl_peer *peer, uint32_t room)
{
	size_t max = peer->bus->config.event_room_max;

	peer->room = room < ROOM_LEAST ? ROOM_LEAST : room;
	if (max && peer->room > max)
		peer->room = max;
}

static void set_ways(struct nfnl_peer *peer, const struct nfnl_request *req)
{
	uint32_t datagram = u32(req, PKTTB_DATAGRAM, peer->datagram);

	if (req->attr[PKTTB_ROOM])
		set_room(peer, u32(req, PKTTB_ROOM, 0));
	if (req->attr[PKTTB_LEGACY_GAPS])
		peer->is_legacy = true;
	if (req->attr[PKTTB_SINGLE])
		peer->is_single = true;
	if (datagram < NFNL_DATAGRAM_LEAST)
		datagram = NFNL_DATAGRAM_LEAST;
	peer->datagram = datagram < NFNL_DATAGRAM_BYTES ? datagram : NFNL_DATAGRAM_BYTES;
}

static void set_program(struct nfnl_peer *peer, const struct nlattr *attr)
{
	if (!attr || peer->is_known)
		return;
	snprintf(peer->who.program, sizeof(peer->who.program), "%s", mnl_attr_get_str(attr));
	tidy(peer->who.program);
}

static int hello(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct nfnl_peer *peer = req->peer;
	uint32_t protocol = u32(req, PKTTB_PROTOCOL, peer->protocol);
	struct nlmsghdr *nlh;
	int rc;

	(void)ctx;
	if (!is_spoken(req->bus, protocol))
		return pktt_fail(err, -EPROTONOSUPPORT, "netlink protocol %u is not spoken here",
				 protocol);
	if (protocol != peer->protocol && peer->protocol != NETLINK_NETFILTER)
		return pktt_fail(err, -EBUSY, "this socket speaks protocol %u already",
				 peer->protocol);
	rc = set_port(peer, protocol, u32(req, PKTTB_PORT, 0), err);
	if (rc)
		return rc;
	if (protocol != peer->protocol)
		nfnl_group_leave_all(peer); /* numbered by the protocol */
	peer->protocol = protocol;
	set_ways(peer, req);
	set_program(peer, req->attr[PKTTB_PROGRAM]);
	nlh = nfnl_begin(req->bus, 64, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_HELLO, 0, 0, 0);
	if (!nlh)
		return -ENOMEM;
	mnl_attr_put_u32(nlh, PKTTB_PORT, htonl(peer->port));
	mnl_attr_put_u32(nlh, PKTTB_RIGHTS, htonl(peer->rights));
	nfnl_send(peer, nlh, req->nlh->nlmsg_seq);
	return 0;
}

static int need_attr(const struct nfnl_request *req, unsigned int type, const char *name,
		     struct pktt_error *err)
{
	return req->attr[type] ? 0 : pktt_fail(err, -EINVAL, "%s is missing", name);
}

static int join(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	int rc = need_attr(req, PKTTB_GROUP, "PKTTB_GROUP", err);

	(void)ctx;
	/* their groups are packets, not events, and were root's */
	if (req->peer->protocol != NETLINK_NETFILTER && !(req->peer->rights & PKTT_RIGHT_ALL))
		return pktt_fail(err, -EPERM, "packets are handed to who may change the rules");
	return rc ? rc : nfnl_group_join(req->peer, u32(req, PKTTB_GROUP, 0), err);
}

static int leave(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	int rc = need_attr(req, PKTTB_GROUP, "PKTTB_GROUP", err);

	(void)ctx;
	return rc ? rc : nfnl_group_leave(req->peer, u32(req, PKTTB_GROUP, 0), err);
}

static int set(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	(void)ctx;
	(void)err;
	set_ways(req->peer, req);
	return 0;
}

static const struct nfnl_policy policy[PKTTB_COUNT] = {
	[PKTTB_PROTOCOL] = { "PKTTB_PROTOCOL", MNL_TYPE_U32, 4 },
	[PKTTB_PORT] = { "PKTTB_PORT", MNL_TYPE_U32, 4 },
	[PKTTB_PROGRAM] = { "PKTTB_PROGRAM", MNL_TYPE_NUL_STRING, 255 },
	[PKTTB_GROUP] = { "PKTTB_GROUP", MNL_TYPE_U32, 4 },
	[PKTTB_ROOM] = { "PKTTB_ROOM", MNL_TYPE_U32, 4 },
	[PKTTB_LEGACY_GAPS] = { "PKTTB_LEGACY_GAPS", MNL_TYPE_FLAG, 0 },
	[PKTTB_DATAGRAM] = { "PKTTB_DATAGRAM", MNL_TYPE_U32, 4 },
	[PKTTB_SINGLE] = { "PKTTB_SINGLE", MNL_TYPE_FLAG, 0 },
};

static const struct nfnl_call calls[PKTT_BUS_MSG_COUNT] = {
	[PKTT_BUS_HELLO] = { "HELLO", 0, policy, PKTTB_COUNT, hello },
	[PKTT_BUS_JOIN] = { "JOIN", PKTT_RIGHT_VIEW, policy, PKTTB_COUNT, join },
	[PKTT_BUS_LEAVE] = { "LEAVE", 0, policy, PKTTB_COUNT, leave },
	[PKTT_BUS_SET] = { "SET", 0, policy, PKTTB_COUNT, set },
};

const struct nfnl_subsys nfnl_bus_subsys = {
	.name = "the bus",
	.id = PKTT_SUBSYS_BUS,
	.ncalls = PKTT_BUS_MSG_COUNT,
	.call = calls,
};
