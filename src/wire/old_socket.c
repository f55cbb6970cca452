/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Overview: what the bus wants to hear before it speaks an older netlink protocol: HELLO, and JOIN for each
 * group. Needs nothing but the C library, since programs of 2001 link nothing else.
 */
#include "wire/old_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <pktt/wire.h>

struct note {
	struct nlmsghdr nlh;
	struct nfgenmsg nfg;
	uint8_t attr[64];
};

static void begin(struct note *note, uint8_t type)
{
	memset(note, 0, sizeof(*note));
	note->nlh.nlmsg_len = NLMSG_LENGTH(sizeof(note->nfg));
	note->nlh.nlmsg_type = (uint16_t)(PKTT_SUBSYS_BUS << 8 | type);
	note->nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	note->nlh.nlmsg_seq = type + 1u;
	note->nfg.version = PKTT_WIRE_VERSION;
}

/* A u32, or with len 0 a flag. */
static void put(struct note *note, uint16_t type, uint32_t value, uint16_t len)
{
	struct nlattr head = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };
	uint8_t *at = (uint8_t *)note + note->nlh.nlmsg_len;

	value = htonl(value);
	memcpy(at, &head, sizeof(head));
	if (len)
		memcpy(at + NLA_HDRLEN, &value, sizeof(value));
	note->nlh.nlmsg_len += (uint32_t)NLA_ALIGN(head.nla_len);
}

/* An acknowledgement of ours within a datagram: 1 found, 0 not, -1 refused, with errno. */
static int find_answer(const uint8_t *buf, size_t len, uint32_t seq, uint32_t *port)
{
	struct nlmsghdr nlh;
	int32_t code;

	for (size_t at = 0; len - at >= sizeof(nlh); at += NLMSG_ALIGN(nlh.nlmsg_len)) {
		memcpy(&nlh, buf + at, sizeof(nlh));
		if (nlh.nlmsg_len < sizeof(nlh) || nlh.nlmsg_len > len - at)
			return 0;
		if (nlh.nlmsg_seq == seq && nlh.nlmsg_pid && port)
			*port = nlh.nlmsg_pid;
		if (nlh.nlmsg_type == NLMSG_ERROR && nlh.nlmsg_seq == seq &&
		    nlh.nlmsg_len >= sizeof(nlh) + sizeof(code)) {
			memcpy(&code, buf + at + sizeof(nlh), sizeof(code));
			errno = -code;
			return code ? -1 : 1;
		}
		if (NLMSG_ALIGN(nlh.nlmsg_len) > len - at)
			return 0;
	}
	return 0;
}

/* What comes before the answer - packets of a group just joined - is lost, as on a socket not yet bound. */
static int ask(int fd, const struct note *note, uint32_t *port)
{
	uint8_t buf[8192];
	ssize_t n;
	int rc = 0;

	if (send(fd, note, note->nlh.nlmsg_len, MSG_NOSIGNAL) < 0)
		return -1;
	while (!rc) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ECONNRESET;
		if (n <= 0)
			return -1;
		rc = find_answer(buf, (size_t)n, note->nlh.nlmsg_seq, port);
	}
	return rc > 0 ? 0 : -1;
}

static int open_socket(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv(PKTT_SOCKET_ENV);
	int fd, saved;

	if (!path || !*path)
		path = PKTT_SOCKET_PATH;
	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int wire_old_connect(uint32_t protocol, uint32_t room, uint32_t *port)
{
	int fd = open_socket(), saved;
	struct note note;

	if (fd < 0)
		return -1;
	begin(&note, PKTT_BUS_HELLO);
	put(&note, PKTTB_PROTOCOL, protocol, 4);
	put(&note, PKTTB_SINGLE, 0, 0);
	put(&note, PKTTB_LEGACY_GAPS, 0, 0);
	if (room)
		put(&note, PKTTB_ROOM, room, 4);
	if (ask(fd, &note, port) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int wire_old_join(int fd, uint32_t group)
{
	struct note note;

	begin(&note, PKTT_BUS_JOIN);
	put(&note, PKTTB_GROUP, group, 4);
	return ask(fd, &note, NULL);
}

/* Losses are told by a message, where a netlink socket fails once. */
static int is_gap(const void *buf, size_t len)
{
	struct nlmsghdr nlh;
	struct nlmsgerr error;

	if (len < NLMSG_LENGTH(sizeof(error)))
		return 0;
	memcpy(&nlh, buf, sizeof(nlh));
	memcpy(&error, (const uint8_t *)buf + sizeof(nlh), sizeof(error));
	return nlh.nlmsg_type == NLMSG_ERROR && !nlh.nlmsg_seq && error.error == -ENOBUFS;
}

/*
 * ulogd's plug-in for ULOG hands over whatever stands in its configuration's padding as a
 * length: recvfrom(2)
 * clamps what is too much, and recvmsg(2) would refuse it.
 */
#define LENGTH_MAX ((size_t)1 << 30)

ssize_t wire_old_receive(int fd, void *buf, size_t len)
{
	struct iovec iov = { buf, len < LENGTH_MAX ? len : LENGTH_MAX };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(fd, &msg, 0);

	if (n > 0 && msg.msg_flags & MSG_TRUNC) {
		errno = EMSGSIZE;
		return -1;
	}
	if (n > 0 && is_gap(buf, (size_t)n)) {
		errno = ENOBUFS;
		return -1;
	}
	return n;
}
