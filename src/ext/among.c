/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of hardware addresses, alone or with the IPv4 address that must go with them. */
#include "ext/match.h"

#include <errno.h>

struct among_args {
	struct pktt_args head;
	struct pktt_mac_list src, dst;
};

enum { SRC, DST };
enum { ETHER_IPV4 = 0x0800, ETHER_ARP = 0x0806, ARP_LEN = 28 };

static const struct pktt_param among_params[] = {
	[SRC] = {
		.name = "among-src",
		.help = "the source address is on the list, with its IPv4 address if it has one",
		PKTT_STORE(struct among_args, src, mac_list),
		.flags = PKTT_NEGATABLE | PKTT_ONLY_V4,
	},
	[DST] = {
		.name = "among-dst",
		.help = "the destination is on the list, with its IPv4 address if it has one",
		PKTT_STORE(struct among_args, dst, mac_list),
		.flags = PKTT_NEGATABLE | PKTT_ONLY_V4,
	},
};

static int among_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct among_args *args = vargs;

	(void)ctx;
	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL, "among needs --among-src or --among-dst");
	return 0;
}

/*
 * The IPv4 addresses of the frame. NULL for both where it has none; MISS or BAD where it should
 * have them and has not.
 */
static enum pktt_hit find_addresses(const struct pktt_packet *pkt, const uint8_t **src,
				    const uint8_t **dst)
{
	const uint8_t *h;

	*src = *dst = NULL;
	if (pkt->ethertype == ETHER_IPV4) {
		h = pktt_packet_read(pkt, PKTT_L3, 0, 20);
		if (!h)
			return unread(pkt);
		*src = h + 12;
		*dst = h + 16;
	} else if (pkt->ethertype == ETHER_ARP) {
		h = pktt_packet_read(pkt, PKTT_L3, 0, ARP_LEN);
		if (!h)
			return unread(pkt);
		if (h[4] != 6 || h[5] != 4)
			return PKTT_MISS;
		*src = h + 14;
		*dst = h + 24;
	}
	return PKTT_HIT;
}

/* The first entry that is not before mac: the list is sorted. */
static uint32_t lower_bound(const struct pktt_mac_list *list, const uint8_t *mac)
{
	uint32_t low = 0, high = list->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (memcmp(list->item[middle].mac.byte, mac, 6) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The address 0.0.0.0 counts as none, as in Linux. */
static bool is_listed(const struct pktt_mac_list *list, const uint8_t *mac, const uint8_t *ip)
{
	static const uint8_t zero[4];

	for (uint32_t i = lower_bound(list, mac); i < list->count; i++) {
		const struct pktt_mac_ip *item = &list->item[i];

		if (memcmp(item->mac.byte, mac, 6) != 0)
			return false;
		if (item->addr.len == 0 || memcmp(item->addr.byte, zero, 4) == 0)
			return true;
		if (ip && memcmp(item->addr.byte, ip, 4) == 0)
			return true;
	}
	return false;
}

static bool names_address(const struct pktt_mac_list *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->item[i].addr.len)
			return true;
	return false;
}

static enum pktt_hit among_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct among_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L2, 0, 14), *src, *dst;
	enum pktt_hit hit = find_addresses(pkt, &src, &dst);

	(void)state;
	if (!h)
		return PKTT_BAD;
	/* A frame that is cut off has its hardware addresses all the same. */
	if (hit != PKTT_HIT && (names_address(&args->src) || names_address(&args->dst)))
		return hit;
	return hit_if(
		!(pktt_given(args, SRC) && fails(args, SRC, is_listed(&args->src, h + 6, src))) &&
		!(pktt_given(args, DST) && fails(args, DST, is_listed(&args->dst, h, dst))));
}

PKTT_REGISTER(pktt_match, among) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "among",
		.summary = "lists of hardware addresses, or of pairs with IPv4 addresses",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(among_params, struct among_args),
		.check = among_check,
	},
	.match = among_match,
};
