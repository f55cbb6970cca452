/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Overview: the calls of iptables' libipq, as libipq(3) tells of them, over a connection to pkttd. The
 * messages are ip_queue's own; only where the socket leads is another.
 */
#include <libipq/libipq.h>

#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/old_socket.h"

/* The layouts that binaries were compiled with, on 64 bits. */
#if __SIZEOF_POINTER__ == 8
_Static_assert(sizeof(ipq_packet_msg_t) == 96, "ipq_packet_msg_t");
_Static_assert(offsetof(ipq_packet_msg_t, hook) == 32, "hook");
_Static_assert(offsetof(ipq_packet_msg_t, hw_protocol) == 68, "hw_protocol");
_Static_assert(offsetof(ipq_packet_msg_t, hw_addr) == 73, "hw_addr");
_Static_assert(offsetof(ipq_packet_msg_t, data_len) == 88, "data_len");
_Static_assert(sizeof(ipq_mode_msg_t) == 16, "ipq_mode_msg_t");
_Static_assert(offsetof(ipq_mode_msg_t, range) == 8, "range");
_Static_assert(sizeof(ipq_verdict_msg_t) == 24, "ipq_verdict_msg_t");
#endif

enum {
	IPQ_ERR_NONE = 0,
	IPQ_ERR_IMPL,
	IPQ_ERR_HANDLE,
	IPQ_ERR_SOCKET,
	IPQ_ERR_BIND,
	IPQ_ERR_BUFFER,
	IPQ_ERR_RECV,
	IPQ_ERR_NLEOF,
	IPQ_ERR_ADDRLEN,
	IPQ_ERR_STRUNC,
	IPQ_ERR_RTRUNC,
	IPQ_ERR_NLRECV,
	IPQ_ERR_SEND,
	IPQ_ERR_SUPP,
	IPQ_ERR_RECVBUF,
	IPQ_ERR_TIMEOUT,
	IPQ_ERR_PROTOCOL,
};

/* Exported by libipq.so.0, though no header ever declared it. */
struct ipq_errmap_t {
	int errcode;
	char *message;
};
extern struct ipq_errmap_t ipq_errmap[];
#define TEXT(s) ((char[]){ s })
struct ipq_errmap_t ipq_errmap[] = {
	{ IPQ_ERR_NONE, TEXT("Unknown error") },
	{ IPQ_ERR_IMPL, TEXT("Implementation error") },
	{ IPQ_ERR_HANDLE, TEXT("Unable to create netlink handle") },
	{ IPQ_ERR_SOCKET, TEXT("Unable to create netlink socket") },
	{ IPQ_ERR_BIND, TEXT("Unable to bind netlink socket") },
	{ IPQ_ERR_BUFFER, TEXT("Unable to allocate buffer") },
	{ IPQ_ERR_RECV, TEXT("Failed to receive netlink message") },
	{ IPQ_ERR_NLEOF, TEXT("Received EOF on netlink socket") },
	{ IPQ_ERR_ADDRLEN, TEXT("Invalid peer address length") },
	{ IPQ_ERR_STRUNC, TEXT("Sent message truncated") },
	{ IPQ_ERR_RTRUNC, TEXT("Received message truncated") },
	{ IPQ_ERR_NLRECV, TEXT("Received error from netlink") },
	{ IPQ_ERR_SEND, TEXT("Failed to send netlink message") },
	{ IPQ_ERR_SUPP, TEXT("Operation not supported") },
	{ IPQ_ERR_RECVBUF, TEXT("Receive buffer size invalid") },
	{ IPQ_ERR_TIMEOUT, TEXT("Timeout") },
	{ IPQ_ERR_PROTOCOL, TEXT("Invalid protocol specified") },
};

static int ipq_errno = IPQ_ERR_NONE;

static int fails(int code)
{
	ipq_errno = code;
	return -1;
}

static struct ipq_handle *create_fails(struct ipq_handle *h, int code)
{
	int saved = errno;

	free(h);
	errno = saved;
	ipq_errno = code;
	return NULL;
}

struct ipq_handle *ipq_create_handle(u_int32_t flags, u_int32_t protocol)
{
	struct ipq_handle *h = calloc(1, sizeof(*h));
	uint32_t netlink = protocol == PF_INET6 ? 13 : NETLINK_FIREWALL;
	uint32_t port = 0;

	(void)flags;
	if (!h)
		return create_fails(h, IPQ_ERR_HANDLE);
	if (protocol != PF_INET && protocol != PF_INET6)
		return create_fails(h, IPQ_ERR_PROTOCOL);
	h->fd = wire_old_connect(netlink, 0, &port);
	if (h->fd < 0)
		return create_fails(h, IPQ_ERR_SOCKET);
	h->local.nl_family = h->peer.nl_family = AF_NETLINK;
	h->local.nl_pid = port;
	return h;
}

int ipq_destroy_handle(struct ipq_handle *h)
{
	if (h) {
		close(h->fd);
		free(h);
	}
	return 0;
}

/* 1 = something is there, 0 = the time is up or a signal came, -1. */
static int wait_for(int fd, int timeout)
{
	struct timespec time = { timeout / 1000000, timeout % 1000000 * 1000L };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int rc;

	if (timeout < 0)
		time.tv_sec = time.tv_nsec = 0;
	rc = ppoll(&p, 1, &time, NULL);
	if (rc < 0)
		return errno == EINTR ? 0 : fails(IPQ_ERR_RECV);
	if (rc == 0)
		ipq_errno = IPQ_ERR_TIMEOUT;
	return rc;
}

ssize_t ipq_read(const struct ipq_handle *h, unsigned char *buf, size_t len, int timeout)
{
	struct nlmsghdr nlh;
	ssize_t n;
	int rc = 1;

	if (len < sizeof(struct nlmsgerr))
		return fails(IPQ_ERR_RECVBUF);
	if (timeout != 0)
		rc = wait_for(h->fd, timeout);
	if (rc <= 0)
		return rc;
	n = wire_old_receive(h->fd, buf, len);
	if (n < 0 && timeout == 0 && errno == EINTR)
		return 0;
	if (n < 0)
		return fails(errno == EMSGSIZE ? IPQ_ERR_RTRUNC : IPQ_ERR_RECV);
	if (n == 0)
		return fails(IPQ_ERR_NLEOF);
	if ((size_t)n < sizeof(nlh))
		return fails(IPQ_ERR_RTRUNC);
	memcpy(&nlh, buf, sizeof(nlh));
	return nlh.nlmsg_len > (size_t)n ? fails(IPQ_ERR_RTRUNC) : n;
}

int ipq_message_type(const unsigned char *buf)
{
	return ((const struct nlmsghdr *)(const void *)buf)->nlmsg_type;
}

int ipq_get_msgerr(const unsigned char *buf)
{
	const struct nlmsghdr *h = (const void *)buf;
	const struct nlmsgerr *err = NLMSG_DATA(h);

	return -err->error;
}

ipq_packet_msg_t *ipq_get_packet(const unsigned char *buf)
{
	return (ipq_packet_msg_t *)NLMSG_DATA((struct nlmsghdr *)(uintptr_t)buf);
}

static int send_message(const struct ipq_handle *h, uint16_t type, struct iovec *part, size_t parts)
{
	struct nlmsghdr nlh = {
		.nlmsg_len = sizeof(nlh),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST,
		.nlmsg_pid = h->local.nl_pid,
	};
	struct msghdr msg = { .msg_iov = part, .msg_iovlen = parts };
	ssize_t n;

	for (size_t i = 1; i < parts; i++)
		nlh.nlmsg_len += (uint32_t)part[i].iov_len;
	part[0] = (struct iovec){ &nlh, sizeof(nlh) };
	n = sendmsg(h->fd, &msg, MSG_NOSIGNAL);
	return n < 0 ? fails(IPQ_ERR_SEND) : (int)n;
}

int ipq_set_mode(const struct ipq_handle *h, u_int8_t mode, size_t range)
{
	ipq_peer_msg_t pm;
	struct iovec part[2] = { { NULL, 0 }, { &pm, sizeof(pm) } };

	memset(&pm, 0, sizeof(pm));
	pm.msg.mode.value = mode;
	pm.msg.mode.range = range;
	return send_message(h, IPQM_MODE, part, 2);
}

int ipq_set_verdict(const struct ipq_handle *h, ipq_id_t id, unsigned int verdict, size_t data_len,
		    unsigned char *buf)
{
	ipq_peer_msg_t pm;
	struct iovec part[3] = { { NULL, 0 }, { &pm, sizeof(pm) }, { buf, data_len } };

	memset(&pm, 0, sizeof(pm));
	pm.msg.verdict.value = verdict;
	pm.msg.verdict.id = id;
	pm.msg.verdict.data_len = data_len;
	return send_message(h, IPQM_VERDICT, part, data_len && buf ? 3 : 2);
}

int ipq_ctl(const struct ipq_handle *h, int request, ...)
{
	(void)h;
	(void)request;
	return 1;
}

char *ipq_errstr(void)
{
	if (ipq_errno < 0 || ipq_errno > IPQ_ERR_PROTOCOL)
		return ipq_errmap[IPQ_ERR_NONE].message;
	return ipq_errmap[ipq_errno].message;
}

void ipq_perror(const char *s)
{
	int saved = errno;

	fputs(s ? s : "ERROR", stderr);
	if (ipq_errno)
		fprintf(stderr, ": %s", ipq_errstr());
	if (saved)
		fprintf(stderr, ": %s", strerror(saved));
	fputc('\n', stderr);
}
