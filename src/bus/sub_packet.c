/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: a packet as attributes, as net/netfilter/nfnetlink_queue.c and nfnetlink_log.c write it.
 * What the kernel leaves out - a mark of zero, an interface that there is none of - is left out here.
 */
#include "bus/sub_packet.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_log.h>

#include <endian.h>
#include <string.h>

#define ETHERNET_LEN 14
#define ETH_P_IP     0x0800
#define ETH_P_ARP    0x0806
#define ETH_P_IPV6   0x86dd

uint8_t sub_packet_family(const struct pktt_packet *pkt)
{
	switch (pkt->family) {
	case PKTT_IPV4:
		return NFPROTO_IPV4;
	case PKTT_IPV6:
		return NFPROTO_IPV6;
	case PKTT_INET:
		return NFPROTO_INET;
	case PKTT_ARP:
		return NFPROTO_ARP;
	case PKTT_BRIDGE:
		return NFPROTO_BRIDGE;
	}
	return NFPROTO_UNSPEC;
}

uint8_t sub_packet_hook(const struct pktt_packet *pkt)
{
	if (pkt->family != PKTT_ARP)
		return (uint8_t)pkt->hook;
	if (pkt->hook == PKTT_LOCAL_IN)
		return 0; /* NF_ARP_IN */
	return pkt->hook == PKTT_LOCAL_OUT ? 1 : 2;
}

uint16_t sub_packet_protocol(const struct pktt_packet *pkt)
{
	switch (pkt->family) {
	case PKTT_IPV4:
		return ETH_P_IP;
	case PKTT_IPV6:
		return ETH_P_IPV6;
	case PKTT_ARP:
		return ETH_P_ARP;
	case PKTT_INET:
	case PKTT_BRIDGE:
		break;
	}
	return pkt->ethertype;
}

const struct pktt_iface *sub_packet_dev(const struct pktt_packet *pkt)
{
	bool leaves = pkt->hook == PKTT_POST_ROUTING || pkt->hook == PKTT_LOCAL_OUT;

	return leaves && pkt->out ? pkt->out : pkt->in;
}

bool sub_packet_ethernet(const struct pktt_packet *pkt, uint8_t ret[14])
{
	const uint8_t *head;

	if (pkt->l2_len < ETHERNET_LEN)
		return false;
	head = pktt_packet_read(pkt, PKTT_L2, 0, pkt->l2_len);
	if (!head)
		return false;
	memcpy(ret, head, 12);
	memcpy(ret + 12, head + pkt->l2_len - 2, 2);
	return true;
}

uint32_t sub_packet_len(const struct pktt_packet *pkt)
{
	return packet_len(pkt, PKTT_L3);
}

bool sub_put_be16(const struct sub_message *msg, uint16_t attr, uint16_t value)
{
	return mnl_attr_put_u16_check(msg->nlh, msg->room, attr, htobe16(value));
}

bool sub_put_be32(const struct sub_message *msg, uint16_t attr, uint32_t value)
{
	return mnl_attr_put_u32_check(msg->nlh, msg->room, attr, htobe32(value));
}

/* An interface of layer 3, and the port of a bridge behind it, or the other way round on a bridge. */
static bool put_interface(const struct sub_message *msg, const struct pktt_iface *iface,
			  const struct pktt_iface *port, uint16_t attr, uint16_t port_attr)
{
	if (!iface)
		return true;
	if (msg->pkt->family == PKTT_BRIDGE) {
		if (!sub_put_be32(msg, port_attr, iface->index))
			return false;
		return !iface->bridge || sub_put_be32(msg, attr, iface->bridge->index);
	}
	if (!sub_put_be32(msg, attr, iface->index))
		return false;
	return !port || port == iface || sub_put_be32(msg, port_attr, port->index);
}

bool sub_put_interfaces(const struct sub_message *msg)
{
	const struct pktt_packet *pkt = msg->pkt;

	return put_interface(msg, pkt->in, pkt->physin, msg->attrs->in, msg->attrs->physin) &&
	       put_interface(msg, pkt->out, pkt->physout, msg->attrs->out, msg->attrs->physout);
}

/* struct nfqnl_msg_packet_hw is the same structure. */
bool sub_put_hwaddr(const struct sub_message *msg)
{
	struct nfulnl_msg_packet_hw hw = { .hw_addrlen = htobe16(6) };
	uint8_t ethernet[ETHERNET_LEN];

	if (!msg->pkt->in || !sub_packet_ethernet(msg->pkt, ethernet))
		return true;
	memcpy(hw.hw_addr, ethernet + 6, 6);
	return mnl_attr_put_check(msg->nlh, msg->room, msg->attrs->hwaddr, sizeof(hw), &hw);
}

bool sub_put_timestamp(const struct sub_message *msg)
{
	struct nfulnl_msg_packet_timestamp at = {
		.sec = htobe64(msg->pkt->time_ns / UINT64_C(1000000000)),
		.usec = htobe64(msg->pkt->time_ns % UINT64_C(1000000000) / 1000),
	};

	if (sub_packet_hook(msg->pkt) > PKTT_FORWARD || !msg->pkt->time_ns)
		return true;
	return mnl_attr_put_check(msg->nlh, msg->room, msg->attrs->timestamp, sizeof(at), &at);
}

bool sub_put_bridge(const struct sub_message *msg)
{
	const struct pktt_packet *pkt = msg->pkt;
	uint8_t ethernet[ETHERNET_LEN];
	struct nlattr *nest;

	if (pkt->family != PKTT_BRIDGE)
		return true;
	if (pkt->has_vlan) {
		nest = mnl_attr_nest_start_check(msg->nlh, msg->room, msg->attrs->vlan);
		if (!nest || !sub_put_be16(msg, msg->attrs->vlan_tci, pkt->vlan_tci) ||
		    !sub_put_be16(msg, msg->attrs->vlan_proto, pkt->vlan_proto))
			return false;
		mnl_attr_nest_end(msg->nlh, nest);
	}
	return !sub_packet_ethernet(pkt, ethernet) ||
	       mnl_attr_put_check(msg->nlh, msg->room, msg->attrs->l2hdr, sizeof(ethernet),
				  ethernet);
}

bool sub_put_payload(const struct sub_message *msg, uint32_t len)
{
	const uint8_t *data;

	if (!len)
		return true;
	data = pktt_packet_read(msg->pkt, PKTT_L3, 0, len);
	return data && mnl_attr_put_check(msg->nlh, msg->room, msg->attrs->payload, len, data);
}
