/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What the BPF programs and pkttd share. Everything in host order unless the name says otherwise.
 *
 * Packets cross between the kernel and pkttd through our TAP device with a link header that is no address
 * but names a slot of a map; the slot has the link header that was there and what else is known: on the
 * way up where the packet was, on the way down where it goes. So nothing is put before a packet or taken
 * off it, whatever its protocol and however large it is.
 */
#ifndef LINUX_BPF_ABI_H
#define LINUX_BPF_ABI_H

#include <linux/types.h>

/* skb->tc_index of a packet that has been judged. Nothing that comes from a wire can have set it. */
#define LINUX_JUDGED 0x706b

enum linux_direction { LINUX_INGRESS, LINUX_EGRESS };

/* What the link header of a packet on its way up names, by the number of the packet. */
struct linux_meta {
	__u64 number;
	__u32 ifindex; /* where the packet is */
	__u32 iif;     /* egress: where it came in, 0 = made here */
	__u32 mark, priority;
	__u32 uid;    /* egress: of its socket, LINUX_NOBODY = it has none */
	__u64 cookie; /* of its socket, or 0 */
	__u16 vlan_tci, vlan_proto;
	__u8 direction, pkttype, has_vlan;
	__u8 l2_len; /* of the link header: 14, or 0 on a device without one */
	__u8 l2[14];
	__u16 unused;
};

#define LINUX_NOBODY 0xffffffffu

/* The link header in its place: both addresses' 12 bytes. */
struct linux_up_name {
	__u8 prefix[2]; /* LINUX_UP_0, LINUX_UP_1 */
	__u8 number[8]; /* linux_meta.number, network order */
	__u8 zero[2];
};

#define LINUX_UP_0 0x02
#define LINUX_UP_1 0x71

/*
 * Of each worker. More packets than wait in the queues of the TAP device would have to come up before a
 * slot is used again whose packet has not been read; that packet is then lost, by its number, not
 * mistaken.
 */
#define LINUX_UP_SLOTS 16384

enum linux_action {
	LINUX_DROP,
	LINUX_TO_NEIGHBOUR, /* out by ifindex to a next hop */
	LINUX_TO_WIRE,	    /* out by ifindex, with the link header of the slot */
	LINUX_TO_STACK,	    /* in by ifindex, as if it had just come */
	LINUX_TO_SELF,	    /* in by the TAP device: what this host sends to itself */
};

/* A packet that takes a slot is gone before the slot is used again: see LINUX_SLOTS. */
struct linux_slot {
	__u32 action;
	__u32 ifindex;
	__u32 mark, priority;
	__u8 l2[14];
	__u8 l2_len;
	__u8 has_vlan;
	__u16 vlan_tci, vlan_proto;
	__u32 family;	   /* AF_INET or AF_INET6 of next_hop */
	__u8 next_hop[16]; /* network order */
	__u32 unused[2];
};

/*
 * Of each worker. What it writes is in the kernel's backlog for a moment, which is no longer than
 * net.core.netdev_max_backlog (1000 unless somebody set it); attach.c refuses one of more than half of
 * this.
 */
#define LINUX_SLOTS 4096

/* The first bytes of the destination that names a slot; worker and number in it follow. */
#define LINUX_SLOT_0 0x02
#define LINUX_SLOT_1 0x70

/* What pkttd sets and programs read: one entry of the map `control`. */
struct linux_control {
	__u64 alive_until_ns; /* of CLOCK_MONOTONIC: beyond it pkttd is taken for dead */
	__u32 tap;	      /* its ifindex */
	__u32 is_open;	      /* without pkttd, what no flow knows passes */
	__u32 sees_arp;	      /* ARP is judged; otherwise it passes */
};

/* What programs count: one per-CPU entry of the map `counts`. */
struct linux_counts {
	__u64 up, judged, orphaned_passed, orphaned_dropped, failed;
};

#endif
