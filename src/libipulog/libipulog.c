/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Overview: the calls of ulogd's libipulog over a connection to pkttd.
 *
 * Programs of three ages call the same names with different numbers of arguments. Where integers are passed
 * in registers, a caller that passes one too few leaves whatever was there: so nothing here fails, or takes
 * harm, for what rmem holds; and what is passed beyond is not looked at.
 */
#define LIBIPULOG_API 3
#include <libipulog/libipulog.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/old_socket.h"

#if __SIZEOF_POINTER__ == 8
_Static_assert(sizeof(ulog_packet_msg_t) == 192, "ulog_packet_msg_t");
_Static_assert(offsetof(ulog_packet_msg_t, hook) == 24, "hook");
_Static_assert(offsetof(ulog_packet_msg_t, data_len) == 64, "data_len");
_Static_assert(offsetof(ulog_packet_msg_t, prefix) == 72, "prefix");
_Static_assert(offsetof(ulog_packet_msg_t, mac_len) == 104, "mac_len");
_Static_assert(offsetof(ulog_packet_msg_t, payload) == 185, "payload");
#endif

enum {
	GROUPS = 32,
	ROOM_LEAST = 64 * 1024,
	ROOM_MOST = 16 * 1024 * 1024,
};

struct ipulog_handle {
	int fd;
	const struct nlmsghdr *last; /* the packet handed out last; NULL = none of this buffer */
};

int ipulog_errno = IPULOG_ERR_NONE;

struct ipulog_errmap_t {
	int errcode;
	char *message;
};
extern struct ipulog_errmap_t ipulog_errmap[];
#define TEXT(s) ((char[]){ s })
struct ipulog_errmap_t ipulog_errmap[] = {
	{ IPULOG_ERR_NONE, TEXT("No error") },
	{ IPULOG_ERR_IMPL, TEXT("Not implemented yet") },
	{ IPULOG_ERR_HANDLE, TEXT("Unable to create netlink handle") },
	{ IPULOG_ERR_SOCKET, TEXT("Unable to create netlink socket") },
	{ IPULOG_ERR_BIND, TEXT("Unable to bind netlink socket") },
	{ IPULOG_ERR_RECVBUF, TEXT("Receive buffer size invalid") },
	{ IPULOG_ERR_RECV, TEXT("Error during netlink receive") },
	{ IPULOG_ERR_NLEOF, TEXT("Received EOF on netlink socket") },
	{ IPULOG_ERR_TRUNC, TEXT("Receive message truncated") },
	{ IPULOG_ERR_INVGR, TEXT("Invalid group specified") },
	{ IPULOG_ERR_INVNL, TEXT("Invalid netlink message") },
};

u_int32_t ipulog_group2gmask(u_int32_t group)
{
	if (group < 1 || group > GROUPS) {
		ipulog_errno = IPULOG_ERR_INVGR;
		return 0;
	}
	return (u_int32_t)1 << (group - 1);
}

static uint32_t within_reason(uint32_t rmem)
{
	if (rmem < ROOM_LEAST)
		return ROOM_LEAST;
	return rmem > ROOM_MOST ? ROOM_MOST : rmem;
}

static int join_all(int fd, u_int32_t gmask)
{
	for (uint32_t group = 1; group <= GROUPS; group++) {
		if (gmask >> (group - 1) & 1 && wire_old_join(fd, group))
			return -1;
	}
	return 0;
}

static struct ipulog_handle *create_fails(struct ipulog_handle *h, int code)
{
	int saved = errno;

	if (h && h->fd >= 0)
		close(h->fd);
	free(h);
	errno = saved;
	ipulog_errno = code;
	return NULL;
}

struct ipulog_handle *ipulog_create_handle(u_int32_t gmask, u_int32_t rmem)
{
	struct ipulog_handle *h = calloc(1, sizeof(*h));
	uint32_t port;

	if (!h)
		return create_fails(h, IPULOG_ERR_HANDLE);
	h->fd = wire_old_connect(NETLINK_NFLOG, within_reason(rmem), &port);
	if (h->fd < 0)
		return create_fails(h, IPULOG_ERR_SOCKET);
	if (join_all(h->fd, gmask))
		return create_fails(h, IPULOG_ERR_BIND);
	return h;
}

void ipulog_destroy_handle(struct ipulog_handle *h)
{
	if (!h)
		return;
	close(h->fd);
	free(h);
}

int ipulog_get_fd(struct ipulog_handle *h)
{
	return h->fd;
}

static ssize_t fails(int code)
{
	ipulog_errno = code;
	return -1;
}

ssize_t ipulog_read(struct ipulog_handle *h, unsigned char *buf, size_t len)
{
	ssize_t n = wire_old_receive(h->fd, buf, len);

	h->last = NULL;
	if (n < 0)
		return fails(errno == EMSGSIZE ? IPULOG_ERR_TRUNC : IPULOG_ERR_RECV);
	if (n == 0)
		return fails(IPULOG_ERR_NLEOF);
	return n;
}

/* The message at offset at of buf, if it is whole and can be a packet. */
static const struct nlmsghdr *message_at(const unsigned char *buf, size_t len, size_t at)
{
	const struct nlmsghdr *nlh = (const void *)(buf + at);

	if (at > len || len - at < NLMSG_LENGTH(offsetof(ulog_packet_msg_t, payload)) ||
	    nlh->nlmsg_len < NLMSG_LENGTH(offsetof(ulog_packet_msg_t, payload)) ||
	    nlh->nlmsg_len > len - at)
		return NULL;
	return nlh;
}

/* The last part is the one without NLM_F_MULTI, which is of type NLMSG_DONE and still a packet. */
static int is_last(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == NLMSG_DONE || !(nlh->nlmsg_flags & NLM_F_MULTI);
}

static int is_within(const struct nlmsghdr *nlh, const unsigned char *buf, size_t len)
{
	return (uintptr_t)nlh >= (uintptr_t)buf && (uintptr_t)nlh < (uintptr_t)buf + len;
}

ulog_packet_msg_t *ipulog_get_packet(struct ipulog_handle *h, const unsigned char *buf, size_t len)
{
	const struct nlmsghdr *last = h->last && is_within(h->last, buf, len) ? h->last : NULL;
	size_t at = 0;

	h->last = NULL;
	if (last) {
		if (is_last(last))
			return NULL;
		at = (size_t)((const unsigned char *)last - buf) + NLMSG_ALIGN(last->nlmsg_len);
	}
	h->last = message_at(buf, len, at);
	if (!h->last) {
		ipulog_errno = IPULOG_ERR_INVNL;
		return NULL;
	}
	return (ulog_packet_msg_t *)NLMSG_DATA((struct nlmsghdr *)(uintptr_t)h->last);
}

char *ipulog_strerror(int errcode)
{
	if (errcode < 0 || errcode > IPULOG_MAXERR)
		errcode = IPULOG_ERR_IMPL;
	return ipulog_errmap[errcode].message;
}

void ipulog_perror(const char *s)
{
	int saved = errno;

	fputs(s ? s : "ERROR", stderr);
	if (ipulog_errno)
		fprintf(stderr, ": %s", ipulog_strerror(ipulog_errno));
	if (saved)
		fprintf(stderr, ": %s", strerror(saved));
	fputc('\n', stderr);
}
