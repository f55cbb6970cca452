/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the ULOG target hands to programs, as Linux 2.4 to 3.16 did over NETLINK_NFLOG. Where
 * linux/netfilter_ipv4/ipt_ULOG.h has gone from the system's headers, this one stands in its place; pkttd
 * speaks the same protocol.
 */
#ifndef _IPT_ULOG_H
#define _IPT_ULOG_H

#include <net/if.h>
#include <sys/types.h>

#ifndef NETLINK_NFLOG
#	define NETLINK_NFLOG 5
#endif

#define ULOG_DEFAULT_NLGROUP	1
#define ULOG_DEFAULT_QTHRESHOLD 1

#define ULOG_MAC_LEN	80
#define ULOG_PREFIX_LEN 32
#define ULOG_MAX_QLEN	50

#ifndef ULOG_NL_EVENT
#	define ULOG_NL_EVENT 111
#endif

typedef struct ulog_packet_msg {
	unsigned long mark;
	long timestamp_sec;
	long timestamp_usec;
	unsigned int hook;
	char indev_name[IFNAMSIZ];
	char outdev_name[IFNAMSIZ];
	size_t data_len; /* bytes of payload */
	char prefix[ULOG_PREFIX_LEN];
	unsigned char mac_len;
	unsigned char mac[ULOG_MAC_LEN];
	unsigned char payload[0];
} ulog_packet_msg_t;

#endif
