/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pktt-run preloads into a program: its netlink sockets of netfilter become connections to pkttd.
 *
 * Overview: socket(AF_NETLINK, .., NETLINK_NETFILTER, _FIREWALL or _NFLOG) gives a
 * connected local socket of
 * packets, which polls, times out and filters as a netlink socket does. What is said about it
 * by bind() and setsockopt() becomes messages of the bus; what the program then sends and
 * receives goes as it
 * is, since the bus speaks netlink. Addresses are translated to and from struct sockaddr_nl.
 *
 * Life-cycle: the connection's HELLO is sent with the first thing that needs it, so that bind() can still
 * name a port.
 */
#ifndef SHIM_SHIM_H
#define SHIM_SHIM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* A descriptor that stands for a netlink socket. */
struct shim_socket {
	int protocol;	    /* NETLINK_NETFILTER ... */
	uint32_t port;	    /* as getsockname() says it; 0 until HELLO was answered */
	uint32_t wanted;    /* by bind() */
	uint32_t groups;    /* the mask of groups 1 to 32 */
	bool is_introduced; /* HELLO was answered */
	bool hides_gaps;    /* NETLINK_NO_ENOBUFS */
	uint32_t seq;	    /* of messages of ours */
};

/* The socket that fd stands for, or NULL. */
struct shim_socket *shim_lookup(int fd);
/* fd stands for a netlink socket of this protocol from now on. NULL: it does not fit. */
struct shim_socket *shim_add(int fd, int protocol);
void shim_forget(int fd);
/* copy (a dup of fd) stands for the same. */
void shim_copy(int fd, int copy);

/* Connect to pkttd: a descriptor, or -1 with errno as socket() may have it. flags: of socket()'s type. */
int shim_connect(int flags);
/* HELLO, once. 0, or -1 with errno. */
int shim_introduce(int fd, struct shim_socket *s);
/* Join or leave a group of the socket's protocol. 0, or -1 with errno. */
int shim_group(int fd, struct shim_socket *s, uint32_t group, bool joins);
/* SO_RCVBUF: how much may wait. */
int shim_room(int fd, struct shim_socket *s, uint32_t bytes);

/* The functions of libc behind ours. */
struct shim_libc {
	int (*socket)(int domain, int type, int protocol);
	int (*connect)(int fd, const struct sockaddr *addr, socklen_t len);
	ssize_t (*sendmsg)(int fd, const struct msghdr *msg, int flags);
	ssize_t (*recvmsg)(int fd, struct msghdr *msg, int flags);
	int (*setsockopt)(int fd, int level, int name, const void *value, socklen_t len);
	int (*close)(int fd);
};
const struct shim_libc *shim_libc(void);

#endif
