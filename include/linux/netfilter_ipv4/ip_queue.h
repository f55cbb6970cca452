/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages of ip_queue: packets to a program and its verdicts back, as Linux 2.4 to 3.4 had them over
 * NETLINK_FIREWALL. Where linux/netfilter_ipv4/ip_queue.h has gone from the system's headers, this one
 * stands in its place; pkttd speaks the same protocol.
 */
#ifndef _IP_QUEUE_H
#define _IP_QUEUE_H

#include <net/if.h>
#include <sys/types.h>

/* From the host: a packet. */
typedef struct ipq_packet_msg {
	unsigned long packet_id;
	unsigned long mark;
	long timestamp_sec;
	long timestamp_usec;
	unsigned int hook;
	char indev_name[IFNAMSIZ];
	char outdev_name[IFNAMSIZ];
	unsigned short hw_protocol; /* network order */
	unsigned short hw_type;
	unsigned char hw_addrlen;
	unsigned char hw_addr[8];
	size_t data_len; /* bytes of payload */
	unsigned char payload[0];
} ipq_packet_msg_t;

/* To the host: how much of a packet is wanted. */
typedef struct ipq_mode_msg {
	unsigned char value; /* IPQ_COPY_* */
	size_t range;	     /* bytes, 0 = all */
} ipq_mode_msg_t;

/* To the host: what becomes of a packet. */
typedef struct ipq_verdict_msg {
	unsigned int value; /* NF_* */
	unsigned long id;
	size_t data_len; /* of a new payload; 0 = unchanged */
	unsigned char payload[0];
} ipq_verdict_msg_t;

typedef struct ipq_peer_msg {
	union {
		ipq_verdict_msg_t verdict;
		ipq_mode_msg_t mode;
	} msg;
} ipq_peer_msg_t;

enum {
	IPQ_COPY_NONE, /* nothing: packets are dropped */
	IPQ_COPY_META,
	IPQ_COPY_PACKET,
};
#define IPQ_COPY_MAX IPQ_COPY_PACKET

#define IPQM_BASE    0x10
#define IPQM_MODE    (IPQM_BASE + 1) /* to the host */
#define IPQM_VERDICT (IPQM_BASE + 2) /* to the host */
#define IPQM_PACKET  (IPQM_BASE + 3) /* from the host */
#define IPQM_MAX     (IPQM_BASE + 4)

#endif
