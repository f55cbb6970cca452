/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of libc that a program meets instead of its own. */
#include "shim/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define SHIM __attribute__((visibility("default")))
#ifndef SOL_NETLINK
#	define SOL_NETLINK 270
#endif

static struct shim_libc real;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A function's address by name; C has no other way from an object's pointer to a function's. */
#define FIND(name) (*(void **)&real.name = dlsym(RTLD_NEXT, #name))

static void find_all(void)
{
	FIND(socket);
	FIND(connect);
	FIND(sendmsg);
	FIND(recvmsg);
	FIND(setsockopt);
	FIND(close);
}

const struct shim_libc *shim_libc(void)
{
	pthread_once(&once, find_all);
	return &real;
}

/* The next definition of the function that this one stands before. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* --- Open and close --------------------------------------------------------------------------- */

static bool is_ours(int domain, int protocol)
{
	return domain == AF_NETLINK && (protocol == NETLINK_NETFILTER ||
					protocol == NETLINK_FIREWALL || protocol == NETLINK_NFLOG);
}

SHIM int socket(int domain, int type, int protocol)
{
	int fd;

	if (!is_ours(domain, protocol))
		return shim_libc()->socket(domain, type, protocol);
	fd = shim_connect(type & (SOCK_CLOEXEC | SOCK_NONBLOCK));
	if (fd >= 0 && !shim_add(fd, protocol)) {
		shim_libc()->close(fd);
		errno = ENFILE;
		return -1;
	}
	return fd;
}

SHIM int close(int fd)
{
	shim_forget(fd);
	return shim_libc()->close(fd);
}

SHIM int dup(int fd)
{
	int copy = NEXT(dup)(fd);

	if (copy >= 0)
		shim_copy(fd, copy);
	return copy;
}

SHIM int dup2(int fd, int to)
{
	int copy = NEXT(dup2)(fd, to);

	if (copy >= 0 && copy != fd)
		shim_copy(fd, copy);
	return copy;
}

SHIM int dup3(int fd, int to, int flags)
{
	int copy = NEXT(dup3)(fd, to, flags);

	if (copy >= 0)
		shim_copy(fd, copy);
	return copy;
}

/* --- Addresses -------------------------------------------------------------------------------- */

static int fail(int code)
{
	errno = code;
	return -1;
}

SHIM int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct shim_socket *s = shim_lookup(fd);
	struct sockaddr_nl nl;

	if (!s)
		return NEXT(bind)(fd, addr, len);
	if (len < sizeof(nl))
		return fail(EINVAL);
	memcpy(&nl, addr, sizeof(nl));
	if (nl.nl_family != AF_NETLINK || (s->is_introduced && nl.nl_pid && nl.nl_pid != s->port))
		return fail(EINVAL);
	s->wanted = nl.nl_pid;
	if (shim_introduce(fd, s) < 0)
		return -1;
	for (uint32_t group = 1; group <= 32; group++)
		if (nl.nl_groups & 1u << (group - 1) && shim_group(fd, s, group, true) < 0)
			return -1;
	return 0;
}

/* Netlink's peer is the kernel, always; ours is pkttd. */
SHIM int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return shim_lookup(fd) ? 0 : shim_libc()->connect(fd, addr, len);
}

static void tell_address(const struct sockaddr_nl *nl, struct sockaddr *addr, socklen_t *len)
{
	memcpy(addr, nl, *len < sizeof(*nl) ? *len : sizeof(*nl));
	*len = sizeof(*nl);
}

SHIM int getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
	struct shim_socket *s = shim_lookup(fd);
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };

	if (!s)
		return NEXT(getsockname)(fd, addr, len);
	if (shim_introduce(fd, s) < 0)
		return -1;
	nl.nl_pid = s->port;
	nl.nl_groups = s->groups;
	tell_address(&nl, addr, len);
	return 0;
}

SHIM int getpeername(int fd, struct sockaddr *addr, socklen_t *len)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (!shim_lookup(fd))
		return NEXT(getpeername)(fd, addr, len);
	tell_address(&kernel, addr, len);
	return 0;
}

/* --- Options ---------------------------------------------------------------------------------- */

static int netlink_option(int fd, struct shim_socket *s, int name, uint32_t value)
{
	switch (name) {
	case NETLINK_ADD_MEMBERSHIP:
		return shim_group(fd, s, value, true);
	case NETLINK_DROP_MEMBERSHIP:
		return shim_group(fd, s, value, false);
	case NETLINK_NO_ENOBUFS:
		s->hides_gaps = value != 0;
		return 0;
	default: /* how acknowledgements look and the like: the bus has its one way */
		return 0;
	}
}

SHIM int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	struct shim_socket *s = shim_lookup(fd);
	uint32_t number = 0;

	if (s && value && len >= sizeof(number))
		memcpy(&number, value, sizeof(number));
	if (s && level == SOL_NETLINK)
		return netlink_option(fd, s, name, number);
	if (s && level == SOL_SOCKET && (name == SO_RCVBUF || name == SO_RCVBUFFORCE) &&
	    shim_room(fd, s, number) < 0)
		return -1;
	return shim_libc()->setsockopt(fd, level, name, value, len);
}

static int tell_option(void *value, socklen_t *len, int number)
{
	if (!value || *len < sizeof(number))
		return fail(EINVAL);
	memcpy(value, &number, sizeof(number));
	*len = sizeof(number);
	return 0;
}

SHIM int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	const struct shim_socket *s = shim_lookup(fd);

	if (s && level == SOL_SOCKET && name == SO_DOMAIN)
		return tell_option(value, len, AF_NETLINK);
	if (s && level == SOL_SOCKET && name == SO_PROTOCOL)
		return tell_option(value, len, s->protocol);
	if (s && level == SOL_SOCKET && name == SO_TYPE)
		return tell_option(value, len, SOCK_RAW);
	if (s && level == SOL_NETLINK && name == NETLINK_LIST_MEMBERSHIPS)
		return tell_option(value, len, (int)s->groups);
	if (s && level == SOL_NETLINK)
		return tell_option(value, len, name == NETLINK_NO_ENOBUFS && s->hides_gaps);
	return NEXT(getsockopt)(fd, level, name, value, len);
}

/* --- Send ------------------------------------------------------------------------------------- */

SHIM ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct shim_socket *s = shim_lookup(fd);
	struct msghdr plain = *msg;

	if (!s)
		return shim_libc()->sendmsg(fd, msg, flags);
	if (shim_introduce(fd, s) < 0)
		return -1;
	plain.msg_name = NULL;
	plain.msg_namelen = 0;
	plain.msg_control = NULL;
	plain.msg_controllen = 0;
	return shim_libc()->sendmsg(fd, &plain, flags | MSG_NOSIGNAL);
}

static ssize_t send_bytes(int fd, const void *data, size_t len, int flags)
{
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return sendmsg(fd, &msg, flags);
}

SHIM ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
		    socklen_t tolen)
{
	if (!shim_lookup(fd))
		return NEXT(sendto)(fd, data, len, flags, to, tolen);
	return send_bytes(fd, data, len, flags);
}

SHIM ssize_t send(int fd, const void *data, size_t len, int flags)
{
	if (!shim_lookup(fd))
		return NEXT(send)(fd, data, len, flags);
	return send_bytes(fd, data, len, flags);
}

SHIM ssize_t write(int fd, const void *data, size_t len)
{
	if (!shim_lookup(fd))
		return NEXT(write)(fd, data, len);
	return send_bytes(fd, data, len, 0);
}

SHIM ssize_t writev(int fd, const struct iovec *iov, int n)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = (size_t)n };

	return shim_lookup(fd) ? sendmsg(fd, &msg, 0) : NEXT(writev)(fd, iov, n);
}

/* --- Receive ---------------------------------------------------------------------------------- */

/* Whether a datagram says that events were lost: to the program that is ENOBUFS. */
static bool is_gap(const struct msghdr *msg, ssize_t n)
{
	struct {
		struct nlmsghdr nlh;
		int32_t error;
	} head;

	if (n < (ssize_t)sizeof(head) || msg->msg_iovlen == 0 ||
	    msg->msg_iov[0].iov_len < sizeof(head))
		return false;
	memcpy(&head, msg->msg_iov[0].iov_base, sizeof(head));
	return head.nlh.nlmsg_type == NLMSG_ERROR && head.nlh.nlmsg_seq == 0 &&
	       head.error == -ENOBUFS;
}

static void tell_sender(struct msghdr *msg)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (msg->msg_name)
		tell_address(&kernel, msg->msg_name, &msg->msg_namelen);
	msg->msg_controllen = 0;
}

SHIM ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct shim_socket *s = shim_lookup(fd);
	struct msghdr plain;
	ssize_t n;

	if (!s)
		return shim_libc()->recvmsg(fd, msg, flags);
	do {
		plain = (struct msghdr){ .msg_iov = msg->msg_iov, .msg_iovlen = msg->msg_iovlen };
		n = shim_libc()->recvmsg(fd, &plain, flags);
		if (n >= 0 && is_gap(&plain, n) && !s->hides_gaps)
			return fail(ENOBUFS);
	} while (n > 0 && is_gap(&plain, n));
	if (n < 0)
		return n;
	msg->msg_flags = plain.msg_flags;
	tell_sender(msg);
	return n;
}

SHIM ssize_t recvfrom(int fd, void *buf, size_t room, int flags, struct sockaddr *from,
		      socklen_t *fromlen)
{
	struct iovec iov = { buf, room };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (!shim_lookup(fd))
		return NEXT(recvfrom)(fd, buf, room, flags, from, fromlen);
	if (from && fromlen) {
		msg.msg_name = from;
		msg.msg_namelen = *fromlen;
	}
	n = recvmsg(fd, &msg, flags);
	if (n >= 0 && from && fromlen)
		*fromlen = msg.msg_namelen;
	return n;
}

SHIM ssize_t recv(int fd, void *buf, size_t room, int flags)
{
	return shim_lookup(fd) ? recvfrom(fd, buf, room, flags, NULL, NULL)
			       : NEXT(recv)(fd, buf, room, flags);
}

SHIM ssize_t read(int fd, void *buf, size_t room)
{
	return shim_lookup(fd) ? recvfrom(fd, buf, room, 0, NULL, NULL) : NEXT(read)(fd, buf, room);
}

/* What programs built with _FORTIFY_SOURCE call; size is that of the object behind buf. */
ssize_t __recvfrom_chk(int fd, void *buf, size_t room, size_t size, int flags,
		       struct sockaddr *from, socklen_t *fromlen);
ssize_t __recv_chk(int fd, void *buf, size_t room, size_t size, int flags);
ssize_t __read_chk(int fd, void *buf, size_t room, size_t size);

SHIM ssize_t __recvfrom_chk(int fd, void *buf, size_t room, size_t size, int flags,
			    struct sockaddr *from, socklen_t *fromlen)
{
	if (!shim_lookup(fd))
		return NEXT(__recvfrom_chk)(fd, buf, room, size, flags, from, fromlen);
	return recvfrom(fd, buf, room < size ? room : size, flags, from, fromlen);
}

SHIM ssize_t __recv_chk(int fd, void *buf, size_t room, size_t size, int flags)
{
	if (!shim_lookup(fd))
		return NEXT(__recv_chk)(fd, buf, room, size, flags);
	return recvfrom(fd, buf, room < size ? room : size, flags, NULL, NULL);
}

SHIM ssize_t __read_chk(int fd, void *buf, size_t room, size_t size)
{
	if (!shim_lookup(fd))
		return NEXT(__read_chk)(fd, buf, room, size);
	return recvfrom(fd, buf, room < size ? room : size, 0, NULL, NULL);
}
