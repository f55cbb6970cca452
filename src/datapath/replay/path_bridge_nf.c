/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * br_netfilter, off as in a Linux that has not loaded it: bridged IP meets its own family's hooks too,
 * after the bridge's. To those rules the bridge is the interface; physdev knows the ports.
 */
#include "core/l3.h"
#include "path.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_IPV6 = 0x86dd };

/* What the bridge thinks of the frame; the rules of layer 3 are told another story. */
struct bridged {
	enum pktt_family family, l3_family;
	uint8_t pkttype;
};

static enum pktt_verdict leave(struct flight *f, const struct bridged *was, enum pktt_verdict v)
{
	f->pkt->family = was->family;
	f->pkt->pkttype = was->pkttype;
	return v;
}

/* br_validate_ipv4(), br_validate_ipv6(): from here on the frame has no padding. */
static enum pktt_verdict ip_hook(struct flight *f, enum pktt_hook hook,
				 const struct pktt_iface *port, const struct pktt_iface *to)
{
	struct pktt_packet *pkt = f->pkt;
	const struct pktt_iface *bridge = port->bridge;
	struct bridged was = { pkt->family, pkt->l3_family, pkt->pkttype };

	if (hook == PKTT_PRE_ROUTING && pktt_packet_parse_ip(pkt) < 0)
		return leave(f, &was, path_drop(f, PKTT_REASON_MALFORMED));
	pkt->family = pkt->l3_family;
	if (pkt->pkttype == PKTT_PKT_OTHERHOST)
		pkt->pkttype = PKTT_PKT_HOST;
	pkt->physin = port;
	pkt->physout = to;
	f->is_prerouted = true;
	return leave(f, &was,
		     path_hook(f, hook, hook == PKTT_POST_ROUTING ? NULL : bridge,
			       hook == PKTT_PRE_ROUTING ? NULL : bridge));
}

/* br_nf_forward_arp(): arptables' FORWARD sees the ports themselves. */
static enum pktt_verdict arp_hook(struct flight *f, enum pktt_hook hook,
				  const struct pktt_iface *port, const struct pktt_iface *to)
{
	struct bridged was = { f->pkt->family, f->pkt->l3_family, f->pkt->pkttype };

	if (hook != PKTT_FORWARD || f->pkt->l3_family != PKTT_ARP)
		return PKTT_ACCEPT;
	f->pkt->family = PKTT_ARP;
	return leave(f, &was, path_hook(f, hook, port, to));
}

enum pktt_verdict path_bridge_nf(struct flight *f, enum pktt_hook hook,
				 const struct pktt_iface *port, const struct pktt_iface *to)
{
	/* What is tagged stays a frame: bridge-nf-filter-vlan-tagged is off. */
	if (!f->replay->config.settings->bridge_nf || f->pkt->has_vlan)
		return PKTT_ACCEPT;
	switch (f->pkt->ethertype) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_IPV6:
		return ip_hook(f, hook, port, to);
	case ETHERTYPE_ARP:
		return arp_hook(f, hook, port, to);
	}
	return PKTT_ACCEPT;
}
