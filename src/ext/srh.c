/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPv6 segment routing header, RFC 8754. */
#include "core/l3.h"
#include "ext/match.h"

#include <netinet/in.h>

struct srh_args {
	struct pktt_args head;
	uint8_t next;
	uint8_t len_eq, len_gt, len_lt;
	uint8_t left_eq, left_gt, left_lt;
	uint8_t last_eq, last_gt, last_lt;
	uint16_t tag;
	struct pktt_prefix psid, nsid, lsid;
};

enum {
	NEXT,
	LEN_EQ,
	LEN_GT,
	LEN_LT,
	LEFT_EQ,
	LEFT_GT,
	LEFT_LT,
	LAST_EQ,
	LAST_GT,
	LAST_LT,
	TAG,
	PSID,
	NSID,
	LSID,
};
enum { HEADER_LEN = 8, SID_LEN = 16, TYPE_SRH = 4 };

#define SRH_PARAM(n, f, ty, text) \
	.name = (n), .help = (text), PKTT_STORE(struct srh_args, f, ty), .flags = PKTT_NEGATABLE

/* clang-format off */
static const struct pktt_param srh_params[] = {
	[NEXT] = { SRH_PARAM("srh-next-hdr", next, u8, "protocol that follows, by number") },
	[LEN_EQ] = { SRH_PARAM("srh-hdr-len-eq", len_eq, u8, "the header extension length is this") },
	[LEN_GT] = { SRH_PARAM("srh-hdr-len-gt", len_gt, u8, "the header extension length is greater") },
	[LEN_LT] = { SRH_PARAM("srh-hdr-len-lt", len_lt, u8, "the header extension length is less") },
	[LEFT_EQ] = { SRH_PARAM("srh-segs-left-eq", left_eq, u8, "so many segments are left") },
	[LEFT_GT] = { SRH_PARAM("srh-segs-left-gt", left_gt, u8, "more segments are left") },
	[LEFT_LT] = { SRH_PARAM("srh-segs-left-lt", left_lt, u8, "fewer segments are left") },
	[LAST_EQ] = { SRH_PARAM("srh-last-entry-eq", last_eq, u8, "the last entry has this number") },
	[LAST_GT] = { SRH_PARAM("srh-last-entry-gt", last_gt, u8, "the last entry has a greater number") },
	[LAST_LT] = { SRH_PARAM("srh-last-entry-lt", last_lt, u8, "the last entry has a lesser number") },
	[TAG] = { SRH_PARAM("srh-tag", tag, u16, "tag; its low byte is the first on the wire, as on Linux") },
	[PSID] = { SRH_PARAM("srh-psid", psid, prefix, "previous segment, with prefix length or mask") },
	[NSID] = { SRH_PARAM("srh-nsid", nsid, prefix, "next segment, with prefix length or mask") },
	[LSID] = { SRH_PARAM("srh-lsid", lsid, prefix, "last segment, with prefix length or mask") },
};
/* clang-format on */

static bool numbers_match(const struct srh_args *a, const uint8_t *h)
{
	uint8_t len = h[1], left = h[3], last = h[4];

	return !fails(a, NEXT, h[0] == a->next) && !fails(a, LEN_EQ, len == a->len_eq) &&
	       !fails(a, LEN_GT, len > a->len_gt) && !fails(a, LEN_LT, len < a->len_lt) &&
	       !fails(a, LEFT_EQ, left == a->left_eq) && !fails(a, LEFT_GT, left > a->left_gt) &&
	       !fails(a, LEFT_LT, left < a->left_lt) && !fails(a, LAST_EQ, last == a->last_eq) &&
	       !fails(a, LAST_GT, last > a->last_gt) && !fails(a, LAST_LT, last < a->last_lt) &&
	       !fails(a, TAG, (h[6] | h[7] << 8) == a->tag);
}

/* The segment with this index; -1 and what is not there never match. */
static bool segment_matches(const struct pktt_packet *pkt, const struct srh_args *args,
			    unsigned int n, const struct pktt_prefix *want, uint32_t at)
{
	const uint8_t *sid;

	if (!pktt_given(args, n))
		return true;
	sid = pktt_packet_read(pkt, PKTT_L3, at, SID_LEN);
	return sid && !fails(args, n, prefix_has(want, sid, SID_LEN));
}

static bool segments_match(const struct pktt_packet *pkt, const struct srh_args *args, uint32_t at,
			   const uint8_t *h)
{
	uint32_t first = at + HEADER_LEN, left = h[3], last = h[4];

	if (pktt_given(args, PSID) && left == last)
		return false;
	if (pktt_given(args, NSID) && left == 0)
		return false;
	return segment_matches(pkt, args, PSID, &args->psid, first + (left + 1) * SID_LEN) &&
	       segment_matches(pkt, args, NSID, &args->nsid, first + (left - 1) * SID_LEN) &&
	       segment_matches(pkt, args, LSID, &args->lsid, first);
}

/* Unlike elsewhere, what cannot be read misses in Linux, the way to the header included. */
static enum pktt_hit srh_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct srh_args *args = vargs;
	uint8_t next;
	uint16_t frag;
	int at = pktt_ipv6_find(pkt, IPPROTO_ROUTING, &next, &frag);
	const uint8_t *h = at < 0 ? NULL : pktt_packet_read(pkt, PKTT_L3, (uint32_t)at, HEADER_LEN);

	(void)state;
	if (!h)
		return unread(pkt);
	if (pktt_packet_wire_len(pkt) - (uint32_t)at < ((uint32_t)h[1] + 1) << 3)
		return PKTT_MISS;
	if (h[2] != TYPE_SRH || h[3] > h[4])
		return PKTT_MISS;
	return hit_if(numbers_match(args, h) && segments_match(pkt, args, (uint32_t)at, h));
}

PKTT_REGISTER(pktt_match, srh) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "srh",
		.summary = "fields of the segment routing header",
		.families = PKTT_FAM_V6,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(srh_params, struct srh_args),
	},
	.match = srh_match,
};
