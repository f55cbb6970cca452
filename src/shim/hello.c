/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said to the bus on the program's behalf. */
#include "shim/shim.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <pktt/wire.h>

#define ANSWER_MS 5000
/* Programs read into buffers of a page or two, as the kernel's dumps fill them. */
#define DATAGRAM_MAX 4096

/* A message of ours: a few attributes of four bytes. */
struct note {
	struct nlmsghdr nlh;
	struct nfgenmsg nfg;
	uint8_t attr[64];
};

static void note_begin(struct note *note, struct shim_socket *s, uint8_t type)
{
	memset(note, 0, sizeof(*note));
	note->nlh.nlmsg_len = NLMSG_LENGTH(sizeof(note->nfg));
	note->nlh.nlmsg_type = (uint16_t)(PKTT_SUBSYS_BUS << 8 | type);
	note->nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	note->nlh.nlmsg_seq = 0xfffe0000u + ++s->seq;
	note->nfg.version = PKTT_WIRE_VERSION;
}

static void note_put(struct note *note, uint16_t type, const void *data, uint16_t len)
{
	struct nlattr attr = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };
	uint8_t *at = (uint8_t *)note + note->nlh.nlmsg_len;

	memcpy(at, &attr, sizeof(attr));
	if (len)
		memcpy(at + NLA_HDRLEN, data, len);
	note->nlh.nlmsg_len += (uint32_t)NLA_ALIGN(attr.nla_len);
}

static void note_put_u32(struct note *note, uint16_t type, uint32_t value)
{
	uint8_t be[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
			  (uint8_t)value };

	note_put(note, type, be, sizeof(be));
}

static const char *socket_path(void)
{
	const char *path = getenv(PKTT_SOCKET_ENV);

	return path && *path ? path : PKTT_SOCKET_PATH;
}

int shim_connect(int flags)
{
	const struct shim_libc *libc = shim_libc();
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = socket_path();
	int fd, saved;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(addr.sun_path, path, strlen(path));
	fd = libc->socket(AF_UNIX, SOCK_SEQPACKET | flags, 0);
	if (fd < 0)
		return -1;
	if (libc->connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	saved = errno;
	libc->close(fd);
	/* No daemon is to the program what a kernel without netfilter is. */
	errno = saved == ENOENT || saved == ECONNREFUSED ? EPROTONOSUPPORT : saved;
	return -1;
}

/* The next datagram, waited for on a socket that may not block. */
static ssize_t wait_and_receive(int fd, void *buf, size_t room)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct iovec iov = { buf, room };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = -1;

	if (poll(&p, 1, ANSWER_MS) == 1)
		n = shim_libc()->recvmsg(fd, &msg, 0);
	else
		errno = ETIMEDOUT;
	return n;
}

/* Port of HELLO's answer; an error of the bus as errno. */
static int read_answer(struct shim_socket *s, const uint8_t *buf, size_t len)
{
	struct nlmsghdr nlh;
	int32_t code = 0;

	for (size_t at = 0; len - at >= sizeof(nlh); at += NLMSG_ALIGN(nlh.nlmsg_len)) {
		memcpy(&nlh, buf + at, sizeof(nlh));
		if (nlh.nlmsg_len < sizeof(nlh) || NLMSG_ALIGN(nlh.nlmsg_len) > len - at)
			break;
		if (nlh.nlmsg_pid)
			s->port = nlh.nlmsg_pid;
		if (nlh.nlmsg_type == NLMSG_ERROR && nlh.nlmsg_len >= sizeof(nlh) + sizeof(code))
			memcpy(&code, buf + at + sizeof(nlh), sizeof(code));
		if (NLMSG_ALIGN(nlh.nlmsg_len) == len - at)
			break;
	}
	if (code == 0)
		return 0;
	errno = -code;
	return -1;
}

static bool is_acknowledgement(const uint8_t *buf, size_t len)
{
	struct nlmsghdr nlh;

	for (size_t at = 0; len - at >= sizeof(nlh); at += NLMSG_ALIGN(nlh.nlmsg_len)) {
		memcpy(&nlh, buf + at, sizeof(nlh));
		if (nlh.nlmsg_type == NLMSG_ERROR)
			return true;
		if (nlh.nlmsg_len < sizeof(nlh) || NLMSG_ALIGN(nlh.nlmsg_len) >= len - at)
			break;
	}
	return false;
}

static int tell(int fd, struct note *note)
{
	struct iovec iov = { note, note->nlh.nlmsg_len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return shim_libc()->sendmsg(fd, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int shim_introduce(int fd, struct shim_socket *s)
{
	uint8_t buf[8192];
	struct note note;
	bool is_done = false;

	if (s->is_introduced)
		return 0;
	note_begin(&note, s, PKTT_BUS_HELLO);
	note_put_u32(&note, PKTTB_PROTOCOL, (uint32_t)s->protocol);
	note_put_u32(&note, PKTTB_PORT, s->wanted);
	note_put_u32(&note, PKTTB_DATAGRAM, DATAGRAM_MAX);
	note_put(&note, PKTTB_LEGACY_GAPS, NULL, 0);
	note_put(&note, PKTTB_SINGLE, NULL, 0);
	if (tell(fd, &note) < 0)
		return -1;
	while (!is_done) {
		ssize_t n = wait_and_receive(fd, buf, sizeof(buf));

		if (n <= 0)
			return -1;
		if (read_answer(s, buf, (size_t)n) < 0)
			return -1;
		is_done = is_acknowledgement(buf, (size_t)n);
	}
	s->is_introduced = true;
	return 0;
}

/* No acknowledgement is asked for: it would come between the program's own messages. */
static int tell_quietly(int fd, struct shim_socket *s, struct note *note)
{
	note->nlh.nlmsg_flags = NLM_F_REQUEST;
	return shim_introduce(fd, s) < 0 ? -1 : tell(fd, note);
}

int shim_group(int fd, struct shim_socket *s, uint32_t group, bool joins)
{
	struct note note;

	if (group == 0) {
		errno = EINVAL;
		return -1;
	}
	if (group <= 32 && joins)
		s->groups |= 1u << (group - 1);
	else if (group <= 32)
		s->groups &= ~(1u << (group - 1));
	note_begin(&note, s, joins ? PKTT_BUS_JOIN : PKTT_BUS_LEAVE);
	note_put_u32(&note, PKTTB_GROUP, group);
	return tell_quietly(fd, s, &note);
}

int shim_room(int fd, struct shim_socket *s, uint32_t bytes)
{
	struct note note;

	note_begin(&note, s, PKTT_BUS_SET);
	note_put_u32(&note, PKTTB_ROOM, bytes);
	return tell_quietly(fd, s, &note);
}
