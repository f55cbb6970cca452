/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nfqueue and nflog say of a packet alike. Their attributes mean the same under other numbers and
 * come in the kernel's order.
 *
 * All functions put into the message nlh, of which room bytes may be used; false = no room.
 */
#ifndef BUS_SUB_PACKET_H
#define BUS_SUB_PACKET_H

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "core/packet.h"

/* The numbers of one of the two subsystems. */
struct sub_packet_attrs {
	uint16_t in, out, physin, physout;
	uint16_t hwaddr, timestamp;
	uint16_t vlan, vlan_proto, vlan_tci, l2hdr;
	uint16_t ct, ct_info;
	uint16_t payload;
};

struct sub_message {
	struct nlmsghdr *nlh;
	size_t room;
	const struct sub_packet_attrs *attrs;
	const struct pktt_packet *pkt;
};

/* Linux's numbers for the family (NFPROTO_*), the hook (ARP has its own) and the protocol (host order). */
uint8_t sub_packet_family(const struct pktt_packet *pkt);
uint8_t sub_packet_hook(const struct pktt_packet *pkt);
uint16_t sub_packet_protocol(const struct pktt_packet *pkt);
/* The interface that the packet belongs to at its hook (skb->dev). */
const struct pktt_iface *sub_packet_dev(const struct pktt_packet *pkt);
/* Ethernet's header without a tag, which is told apart. false = the packet has none. */
bool sub_packet_ethernet(const struct pktt_packet *pkt, uint8_t ret[14]);
/* Bytes from layer 3 on. */
uint32_t sub_packet_len(const struct pktt_packet *pkt);

bool sub_put_be16(const struct sub_message *msg, uint16_t attr, uint16_t value);
bool sub_put_be32(const struct sub_message *msg, uint16_t attr, uint32_t value);
bool sub_put_interfaces(const struct sub_message *msg);
bool sub_put_hwaddr(const struct sub_message *msg);
/* Only where the kernel knows when a packet came: not for what leaves. */
bool sub_put_timestamp(const struct sub_message *msg);
/* A bridge's: tag and link header. */
bool sub_put_bridge(const struct sub_message *msg);
/* The connection, as ctnetlink has it, and how the packet belongs to it. */
bool sub_put_ct(const struct sub_message *msg);
/* The first len bytes of layer 3. */
bool sub_put_payload(const struct sub_message *msg, uint32_t len);

#endif
