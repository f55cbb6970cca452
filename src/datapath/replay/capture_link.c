/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link headers of captures, as the tcpdump.org registry describes them. BSD's NULL and LOOP, whose
 * family number depends on the machine that captured, are left out on purpose: no Linux device
 * writes them.
 *
 *	SLL	type 2, ARPHRD 2, address length 2, address 8, protocol 2
 *	SLL2	protocol 2, reserved 2, interface 4, ARPHRD 2, type 1, address length 1, address 8
 */
#include "capture_link.h"

#include "base/buf.h"
#include "capture.h"

#include <errno.h>
#include <string.h>

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	SLL_ADDRESS_ROOM = 8,
	/* linux/if_arp.h: devices whose protocol field is no Ethernet type. */
	ARPHRD_OF_FRAD = 770,
	ARPHRD_OF_RADIOTAP = 803,
	ARPHRD_OF_NETLINK = 824,
};

static void set_ethertype(struct capture_link *ret, uint16_t arphrd, uint16_t protocol)
{
	ret->ethertype = protocol;
	if (arphrd == ARPHRD_OF_FRAD || arphrd == ARPHRD_OF_RADIOTAP || arphrd == ARPHRD_OF_NETLINK)
		ret->ethertype = 0;
}

static void get_address(struct capture_link *ret, struct buf *b, uint16_t len)
{
	const uint8_t *address = buf_get(b, SLL_ADDRESS_ROOM);

	ret->has_source = address && len == sizeof(ret->source);
	if (ret->has_source)
		memcpy(ret->source, address, sizeof(ret->source));
}

static int sll_end(struct capture_link *ret, const struct buf *b, size_t len, uint16_t pkttype)
{
	if (b->failed || pkttype > PKTT_PKT_OUTGOING)
		return -EBADMSG;
	ret->pkttype = (enum pktt_pkttype)pkttype;
	ret->l3_offset = (uint32_t)(len - buf_left(b));
	return 0;
}

static int parse_sll(struct capture_link *ret, struct buf *b)
{
	uint16_t pkttype, arphrd, address_len, protocol;
	size_t len = buf_left(b);

	buf_get_be16(b, &pkttype);
	buf_get_be16(b, &arphrd);
	buf_get_be16(b, &address_len);
	get_address(ret, b, address_len);
	buf_get_be16(b, &protocol);
	set_ethertype(ret, arphrd, protocol);
	return sll_end(ret, b, len, pkttype);
}

static int parse_sll2(struct capture_link *ret, struct buf *b)
{
	uint8_t pkttype, address_len;
	uint16_t arphrd, protocol;
	size_t len = buf_left(b);

	buf_get_be16(b, &protocol);
	buf_skip(b, 2);
	buf_get_be32(b, &ret->ifindex);
	buf_get_be16(b, &arphrd);
	buf_get_u8(b, &pkttype);
	buf_get_u8(b, &address_len);
	get_address(ret, b, address_len);
	set_ethertype(ret, arphrd, protocol);
	return sll_end(ret, b, len, pkttype);
}

static int parse_raw(struct capture_link *ret, struct buf *b)
{
	uint8_t first;

	buf_get_u8(b, &first);
	if (first >> 4 == 4)
		ret->ethertype = ETHERTYPE_IPV4;
	else if (first >> 4 == 6)
		ret->ethertype = ETHERTYPE_IPV6;
	else
		return -EBADMSG;
	return 0;
}

static int parse(struct capture_link *link, uint32_t linktype, struct buf *b)
{
	switch (linktype) {
	case CAPTURE_LINKTYPE_ETHERNET:
		link->is_ethernet = true;
		return 0;
	case CAPTURE_LINKTYPE_DLT_RAW:
	case CAPTURE_LINKTYPE_RAW:
		return parse_raw(link, b);
	case CAPTURE_LINKTYPE_IPV4:
		link->ethertype = ETHERTYPE_IPV4;
		return 0;
	case CAPTURE_LINKTYPE_IPV6:
		link->ethertype = ETHERTYPE_IPV6;
		return 0;
	case CAPTURE_LINKTYPE_LINUX_SLL:
		return parse_sll(link, b);
	case CAPTURE_LINKTYPE_LINUX_SLL2:
		return parse_sll2(link, b);
	}
	return -EPROTONOSUPPORT;
}

int capture_link_parse(struct capture_link *ret, uint32_t linktype, const uint8_t *data, size_t len)
{
	struct capture_link link = { .pkttype = PKTT_PKT_HOST };
	struct buf b = buf_of(data, len);
	int r;

	r = parse(&link, linktype, &b);
	if (r < 0)
		return r;
	*ret = link;
	return 0;
}
