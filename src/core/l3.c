/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which handlers there are; the link header, which says which of them is asked. */
#include "core/l3.h"

#include "base/buf.h"
#include "base/own.h"
#include "core/l3_families.h"

#include <errno.h>
#include <string.h>

#define ETHER_LEN 14u
#define VLAN_LEN  4u

const char *const pktt_ip_hook_names[PKTT_HOOK_COUNT] = {
	[PKTT_PRE_ROUTING] = "PREROUTING",   [PKTT_LOCAL_IN] = "INPUT",
	[PKTT_FORWARD] = "FORWARD",	     [PKTT_LOCAL_OUT] = "OUTPUT",
	[PKTT_POST_ROUTING] = "POSTROUTING",
};

static const struct pktt_std_table inet_tables[] = {
	PKTT_IP_TABLES,
};

const struct pktt_l3 pktt_l3_inet = {
	.family = PKTT_INET,
	.hook_name = pktt_ip_hook_names,
	.table = inet_tables,
	.ntables = pktt_countof(inet_tables),
};

static const struct pktt_l3 *const handlers[PKTT_FAMILY_COUNT] = {
	[PKTT_IPV4] = &pktt_l3_ipv4, [PKTT_IPV6] = &pktt_l3_ipv6,     [PKTT_INET] = &pktt_l3_inet,
	[PKTT_ARP] = &pktt_l3_arp,   [PKTT_BRIDGE] = &pktt_l3_bridge,
};

const struct pktt_l3 *pktt_l3_of(enum pktt_family family)
{
	return handlers[family];
}

const struct pktt_l3 *pktt_l3_by_ethertype(uint16_t ethertype)
{
	for (size_t i = 0; i < PKTT_FAMILY_COUNT; i++)
		if (handlers[i]->ethertype && handlers[i]->ethertype == ethertype)
			return handlers[i];
	return NULL;
}

static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8;
}

static uint8_t pkttype_of(const struct pktt_packet *pkt, const uint8_t *dst)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (memcmp(dst, broadcast, 6) == 0)
		return PKTT_PKT_BROADCAST;
	if (dst[0] & 1)
		return PKTT_PKT_MULTICAST;
	if (pkt->in && pkt->in->has_mac && memcmp(dst, pkt->in->mac, 6) != 0)
		return PKTT_PKT_OTHERHOST;
	return PKTT_PKT_HOST;
}

/*
 * The outermost tag is taken off the view, as the kernel's receive path does (skb_vlan_untag); its
 * bytes stay in the frame. pkt->l2 and end are set, l2_len follows from here.
 */
int pktt_packet_parse_ethernet(struct pktt_packet *pkt)
{
	struct buf b = buf_of(pkt->buf + pkt->l2, pkt->end - pkt->l2);
	const uint8_t *dst = buf_get(&b, 6);
	uint32_t header = ETHER_LEN;

	buf_skip(&b, 6);
	if (!buf_get_be16(&b, &pkt->ethertype))
		return -EINVAL;
	if (is_vlan(pkt->ethertype)) {
		pkt->vlan_proto = pkt->ethertype;
		buf_get_be16(&b, &pkt->vlan_tci);
		if (!buf_get_be16(&b, &pkt->ethertype))
			return -EINVAL;
		pkt->has_vlan = true;
		header += VLAN_LEN;
	}
	pkt->l2_len = header;
	pkt->l3 = pkt->l2 + header;
	pkt->pkttype = pkttype_of(pkt, dst);
	return 0;
}

int pktt_packet_parse_ip(struct pktt_packet *pkt)
{
	const struct pktt_l3 *l3 = pktt_l3_by_ethertype(pkt->ethertype);

	if (!l3)
		return -EPROTONOSUPPORT;
	pkt->family = pkt->l3_family = l3->family;
	return l3->parse(pkt);
}
