/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libipulog: packets of -j ULOG rules for programs that log. Three interfaces have had this name; one
 * library serves all, and LIBIPULOG_API, set before this header is included, picks what is declared:
 *
 *	1  ulogd up to 1.00 (2001 to 2003)
 *	2  ulogd 1.01 to 1.24, and libnetfilter_log (what is meant where nothing is said)
 *	3  ulogd 2
 */
#ifndef _LIBIPULOG_H
#define _LIBIPULOG_H

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <asm/types.h>
#include <linux/netfilter_ipv4/ipt_ULOG.h>
#include <linux/netlink.h>
#include <net/if.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LIBIPULOG_API
#	define LIBIPULOG_API 2
#endif

#ifndef MSG_TRUNC
#	define MSG_TRUNC 0x20
#endif

#ifndef MAX
#	define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif

struct ipulog_handle;

extern int ipulog_errno;

/* The mask of a group, 1 to 32; 0 and IPULOG_ERR_INVGR. */
u_int32_t ipulog_group2gmask(u_int32_t group);

/*
 * Listen to the groups of gmask. rmem: bytes that may wait to be read; what is out of reason is brought
 * within. NULL: ipulog_perror() says why. The handle may be used on both sides of a fork().
 */
#if LIBIPULOG_API == 1
struct ipulog_handle *ipulog_create_handle(u_int32_t gmask);
#else
struct ipulog_handle *ipulog_create_handle(u_int32_t gmask, u_int32_t rmem);
#endif
void ipulog_destroy_handle(struct ipulog_handle *h);

/* Waits for packets: bytes of buf that were filled, or -1. No timeout was ever heeded. */
#if LIBIPULOG_API == 3
ssize_t ipulog_read(struct ipulog_handle *h, unsigned char *buf, size_t len);
int ipulog_get_fd(struct ipulog_handle *h);
#else
ssize_t ipulog_read(struct ipulog_handle *h, unsigned char *buf, size_t len, int timeout);
#endif

/* The next packet of what was read, within buf; NULL: there is no other. */
ulog_packet_msg_t *ipulog_get_packet(struct ipulog_handle *h, const unsigned char *buf, size_t len);

#if LIBIPULOG_API == 2
const char *ipulog_strerror(int errcode);
#else
char *ipulog_strerror(int errcode);
#endif
/* To standard error: s, what went wrong in the library, what errno says. */
void ipulog_perror(const char *s);

enum {
	IPULOG_ERR_NONE = 0,
	IPULOG_ERR_IMPL,
	IPULOG_ERR_HANDLE,
	IPULOG_ERR_SOCKET,
	IPULOG_ERR_BIND,
	IPULOG_ERR_RECVBUF,
	IPULOG_ERR_RECV,
	IPULOG_ERR_NLEOF,
	IPULOG_ERR_TRUNC,
	IPULOG_ERR_INVGR,
	IPULOG_ERR_INVNL,
};
#define IPULOG_MAXERR IPULOG_ERR_INVNL

#ifdef __cplusplus
}
#endif

#endif
