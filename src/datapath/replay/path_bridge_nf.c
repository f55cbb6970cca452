/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * br_netfilter, off as in a Linux that has not loaded it: bridged IP meets its own family's hooks too,
 * after the bridge's. To those rules the bridge is the interface; physdev knows the ports.
 */
#include "core/l3.h"
#include "path.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_IPV6 = 0x86dd };

static void enter(struct flight *f, path_step *next)
{
	f->bridged = (struct bridged){ f->pkt->family, f->pkt->l3_family, f->pkt->pkttype };
	f->unbridged = next;
}

/* The bridge has it again. */
static enum pktt_verdict leave(struct flight *f)
{
	f->pkt->family = f->bridged.family;
	f->pkt->pkttype = f->bridged.pkttype;
	return f->unbridged(f);
}

/* br_validate_ipv4(), br_validate_ipv6(): from here on the frame has no padding. */
static enum pktt_verdict ip_hook(struct flight *f, enum pktt_hook hook, path_step *next)
{
	struct pktt_packet *pkt = f->pkt;
	const struct pktt_iface *bridge = pkt->physin->bridge;

	enter(f, next);
	if (hook == PKTT_PRE_ROUTING && pktt_packet_parse_ip(pkt) < 0)
		return path_drop(f, PKTT_REASON_MALFORMED);
	pkt->family = pkt->l3_family;
	if (pkt->pkttype == PKTT_PKT_OTHERHOST)
		pkt->pkttype = PKTT_PKT_HOST;
	f->is_prerouted = true;
	return path_hook(f, hook, hook == PKTT_POST_ROUTING ? NULL : bridge,
			 hook == PKTT_PRE_ROUTING ? NULL : bridge, leave);
}

/* br_nf_forward_arp(): arptables' FORWARD sees the ports themselves. */
static enum pktt_verdict arp_hook(struct flight *f, enum pktt_hook hook, path_step *next)
{
	if (hook != PKTT_FORWARD || f->pkt->l3_family != PKTT_ARP)
		return next(f);
	enter(f, next);
	f->pkt->family = PKTT_ARP;
	return path_hook(f, hook, f->pkt->physin, f->pkt->physout, leave);
}

enum pktt_verdict path_bridge_nf(struct flight *f, enum pktt_hook hook, path_step *next)
{
	/* What is tagged stays a frame: bridge-nf-filter-vlan-tagged is off. */
	if (!f->replay->config.settings->bridge_nf || f->pkt->has_vlan)
		return next(f);
	switch (f->pkt->ethertype) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_IPV6:
		return ip_hook(f, hook, next);
	case ETHERTYPE_ARP:
		return arp_hook(f, hook, next);
	}
	return next(f);
}
