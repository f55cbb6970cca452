/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What leaves the engine: written to the TAP device with a link header that names a slot, and the slot
 * says where it goes (bpf/abi.h).
 */
#include <errno.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "datapath/replay/router.h"
#include "private.h"

enum { LINK = 14, HEADER_MAX = 256, IPV4_TYPE = 0x0800, IPV6_TYPE = 0x86dd };

/* A frame on its way down. */
struct down {
	struct port *port;
	struct linux_slot slot;
	uint16_t ethertype;
	const uint8_t *data; /* from layer 3 */
	size_t len;
	const struct pktt_packet *super; /* it is this super-packet, or NULL */
};

/* The link header that names the slot, which is filled in before the packet is there to ask for it. */
static void take_slot(struct port *port, const struct down *d, uint8_t *link)
{
	unsigned int n = port->next_slot;

	port->next_slot = (n + 1) % LINUX_SLOTS;
	port->slot[n] = d->slot;
	link[0] = LINUX_SLOT_0;
	link[1] = LINUX_SLOT_1;
	put_be32(link + 2, port->first_slot + n);
	memset(link + 6, 0, 6);
	put_be16(link + 12, d->ethertype);
}

static void put_down(struct down *d)
{
	struct virtio_net_hdr vnet = { 0 };
	uint8_t link[LINK], header[HEADER_MAX];
	size_t copied = 0;
	struct iovec part[4] = { { &vnet, sizeof(vnet) }, { link, sizeof(link) } };
	union {
		const uint8_t *from;
		void *base;
	} rest;

	if (d->super) {
		copied = d->len < sizeof(header) ? d->len : sizeof(header);
		memcpy(header, d->data, copied);
		if (offload_go(d->super, &vnet, header, copied, LINK) < 0) {
			d->port->lost++;
			return;
		}
	}
	take_slot(d->port, d, link);
	rest.from = d->data + copied;
	part[2] = (struct iovec){ header, copied };
	part[3] = (struct iovec){ rest.base, d->len - copied };
	if (writev(d->port->queue, part, 4) < 0)
		d->port->lost++;
}

static uint16_t type_of(const struct pktt_addr *addr)
{
	return addr->len == 4 ? IPV4_TYPE : IPV6_TYPE;
}

/* The link header that the packet has, and the tag that was taken off it. */
static void keep_link(struct linux_slot *slot, const struct pktt_packet *pkt)
{
	if (pkt->l2_len >= LINK) {
		memcpy(slot->l2, pkt->buf + pkt->l2, LINK);
		slot->l2_len = LINK;
	}
	slot->has_vlan = pkt->has_vlan;
	slot->vlan_tci = pkt->vlan_tci;
	slot->vlan_proto = pkt->vlan_proto;
}

static void choose_neighbour(struct linux_slot *slot, const struct pktt_addr *next_hop)
{
	slot->action = LINUX_TO_NEIGHBOUR;
	slot->family = next_hop->len == 4 ? AF_INET : AF_INET6;
	memcpy(slot->next_hop, next_hop->byte, next_hop->len);
}

/* A frame that was made with its link header: an answer of ARP. */
static void send_frame(struct down *d, const struct replay_emitted *what)
{
	if (what->l3 < LINK)
		return;
	memcpy(d->slot.l2, d->data, LINK);
	d->slot.l2_len = LINK;
	d->slot.action = LINUX_TO_WIRE;
	d->ethertype = get_be16(d->data + LINK - 2);
	d->data += what->l3;
	d->len -= what->l3;
	put_down(d);
}

void down_send(void *ctx, const struct replay_emitted *what, const uint8_t *data)
{
	struct port *port = ctx;
	const struct pktt_packet *pkt = what->pkt;
	struct down d = {
		.port = port,
		.slot = { .ifindex = what->out->index,
			  .mark = pkt->mark,
			  .priority = pkt->priority },
		.ethertype = pkt->ethertype,
		.data = data,
		.len = what->len,
	};

	if (what->is_frame) {
		send_frame(&d, what);
		return;
	}
	if (pkt->segment_len && what->len == packet_len(pkt, PKTT_L3))
		d.super = pkt;
	if (what->is_linked) {
		d.slot.action = LINUX_TO_WIRE;
		keep_link(&d.slot, pkt);
	} else {
		d.ethertype = pkt->l3_family == PKTT_IPV4 ? IPV4_TYPE : IPV6_TYPE;
		choose_neighbour(&d.slot, &what->next_hop);
	}
	put_down(&d);
}

/*
 * What this host sends to itself has no route any more, and Linux takes no address of its own from lo: of
 * IPv4 it comes in by our device, which may; IPv6 knows no such check, but takes ::1 from lo only.
 */
static void choose_self(struct linux_slot *slot, const struct pktt_packet *pkt)
{
	slot->action = pkt->l3_family == PKTT_IPV4 ? LINUX_TO_SELF : LINUX_TO_STACK;
	memset(slot->l2, 0, LINK);
	put_be16(slot->l2 + LINK - 2, pkt->ethertype);
	slot->l2_len = LINK;
}

void down_deliver(void *ctx, const struct pktt_packet *pkt)
{
	struct port *port = ctx;
	uint32_t len = packet_len(pkt, PKTT_L3);
	struct pktt_addr dst = pktt_packet_dst(pkt);
	struct down d = {
		.port = port,
		.slot = { .action = LINUX_TO_STACK,
			  .ifindex = pkt->in->index,
			  .mark = pkt->mark,
			  .priority = pkt->priority },
		.ethertype = pkt->l3_family == PKTT_ARP ? pkt->ethertype : type_of(&dst),
		.data = pktt_packet_read(pkt, PKTT_L3, 0, len),
		.len = len,
		.super = pkt->segment_len ? pkt : NULL,
	};

	if (!d.data)
		return;
	if (pkt->in == router_loopback(host_view_router(port->view)))
		choose_self(&d.slot, pkt);
	else
		keep_link(&d.slot, pkt);
	put_down(&d);
}
