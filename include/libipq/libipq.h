/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libipq: packets of -j QUEUE rules for programs, and their verdicts. The interface is that of iptables
 * 1.2.4 to 1.8; packets come from pkttd. Not safe for several threads on one handle, as it never was.
 */
#ifndef _LIBIPQ_H
#define _LIBIPQ_H

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <asm/types.h>
#include <linux/netfilter_ipv4/ip_queue.h>
#include <linux/netlink.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef MSG_TRUNC
#	define MSG_TRUNC 0x20
#endif

/* What a verdict may be; programs got these with this header. */
#ifndef NF_DROP
#	define NF_DROP	  0
#	define NF_ACCEPT 1
#	define NF_STOLEN 2
#	define NF_QUEUE  3
#	define NF_REPEAT 4
#endif

/* To Linux's firewall of 2001; the header of netlink has another name for it now. */
#ifndef NETLINK_FIREWALL
#	define NETLINK_FIREWALL 3
#endif

typedef unsigned long ipq_id_t;

/* fd becomes readable when a packet waits: programs select() on it. */
struct ipq_handle {
	int fd;
	u_int8_t blocking;
	struct sockaddr_nl local;
	struct sockaddr_nl peer;
};

/*
 * flags: 0. protocol: PF_INET or PF_INET6. NULL: ipq_errstr() says why. The handle may be used on
 * both sides of a fork(). Free with ipq_destroy_handle(), which takes NULL too and returns 0.
 */
struct ipq_handle *ipq_create_handle(u_int32_t flags, u_int32_t protocol);
int ipq_destroy_handle(struct ipq_handle *h);

/*
 * A message into buf. timeout: microseconds; 0 waits, < 0 does not. Its bytes; 0 = the time was up, or a
 * signal came; -1 = an error, and errno: ENOBUFS tells of packets that were lost.
 */
ssize_t ipq_read(const struct ipq_handle *h, unsigned char *buf, size_t len, int timeout);
/* IPQ_COPY_META or IPQ_COPY_PACKET with range bytes of it, 0 = all. Bytes sent, or -1. */
int ipq_set_mode(const struct ipq_handle *h, u_int8_t mode, size_t len);
/* The packet in buf, which stays the caller's. */
ipq_packet_msg_t *ipq_get_packet(const unsigned char *buf);
int ipq_message_type(const unsigned char *buf); /* NLMSG_ERROR or IPQM_PACKET */
int ipq_get_msgerr(const unsigned char *buf);	/* the errno that an NLMSG_ERROR tells of */
/* data_len bytes of buf take the packet's place; 0 and NULL = as it was. Bytes sent, or -1. */
int ipq_set_verdict(const struct ipq_handle *h, ipq_id_t id, unsigned int verdict, size_t data_len,
		    unsigned char *buf);
/* Never did anything. 1. */
int ipq_ctl(const struct ipq_handle *h, int request, ...);

char *ipq_errstr(void);
/* To standard error: s, what went wrong in the library, what errno says. */
void ipq_perror(const char *s);

#ifdef __cplusplus
}
#endif

#endif
