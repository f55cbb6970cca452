/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

#include <errno.h>

struct iprange_args {
	struct pktt_args head;
	struct pktt_addr_range src, dst;
};

enum { SRC, DST };

static const struct pktt_param iprange_params[] = {
	[SRC] = {
		.name = "src-range",
		.help = "source address, or a range of addresses",
		PKTT_STORE(struct iprange_args, src, addr_range),
		.flags = PKTT_NEGATABLE,
	},
	[DST] = {
		.name = "dst-range",
		.help = "destination address, or a range of addresses",
		PKTT_STORE(struct iprange_args, dst, addr_range),
		.flags = PKTT_NEGATABLE,
	},
};

static int iprange_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct iprange_args *args = vargs;

	(void)ctx;
	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL, "iprange needs --src-range or --dst-range");
	return 0;
}

/* Of another family than the packet: no match, with or without "!". */
static bool speaks_against(const struct iprange_args *args, unsigned int n,
			   const struct pktt_addr_range *want, const struct pktt_addr *addr)
{
	if (!pktt_given(args, n))
		return false;
	return want->min.len != addr->len ||
	       fails(args, n,
		     memcmp(addr->byte, want->min.byte, addr->len) >= 0 &&
			     memcmp(addr->byte, want->max.byte, addr->len) <= 0);
}

static enum pktt_hit iprange_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct iprange_args *args = vargs;
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);

	(void)state;
	if (src.len == 0 || dst.len == 0)
		return PKTT_BAD;
	return hit_if(!speaks_against(args, SRC, &args->src, &src) &&
		      !speaks_against(args, DST, &args->dst, &dst));
}

PKTT_REGISTER(pktt_match, iprange) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "iprange",
		.summary = "ranges of addresses that are no prefix",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_TUPLE,
		PKTT_PARAMS(iprange_params, struct iprange_args),
		.check = iprange_check,
	},
	.match = iprange_match,
};
