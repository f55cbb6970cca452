/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection to pkttd that is to a program what a netlink socket was, for libipq and libipulog. */
#ifndef WIRE_OLD_SOCKET_H
#define WIRE_OLD_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A blocking socket that speaks the netlink protocol; events come one a datagram. room: bytes of events
 * that may wait, 0 = as pkttd has it. *port: what getsockname() would have said. -1 and errno.
 */
int wire_old_connect(uint32_t protocol, uint32_t room, uint32_t *port);
/* Join a multicast group of the protocol. 0, or -1 and errno. */
int wire_old_join(int fd, uint32_t group);
/*
 * Receive a datagram: its bytes, 0 where pkttd has gone. -1 and errno; ENOBUFS is said of messages that
 * were lost, EMSGSIZE where buf was too small.
 */
ssize_t wire_old_receive(int fd, void *buf, size_t len);

#endif
