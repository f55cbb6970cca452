/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

#include <errno.h>

struct physdev_args {
	struct pktt_args head;
	struct pktt_ifname in, out;
	bool is_in, is_out, is_bridged;
};

enum { IN, IS_IN, OUT, IS_OUT, IS_BRIDGED };

static const struct pktt_param physdev_params[] = {
	[IN] = {
		.name = "physdev-in",
		.help = "bridge port that the packet came in by; a trailing + stands for any rest",
		PKTT_STORE(struct physdev_args, in, ifname),
		.flags = PKTT_NEGATABLE,
	},
	[IS_IN] = {
		.name = "physdev-is-in",
		.help = "the packet came in by a bridge port",
		PKTT_STORE(struct physdev_args, is_in, flag),
		.flags = PKTT_NEGATABLE,
	},
	[OUT] = {
		.name = "physdev-out",
		.help = "bridge port that the packet leaves by; a trailing + stands for any rest",
		PKTT_STORE(struct physdev_args, out, ifname),
		.flags = PKTT_NEGATABLE,
	},
	[IS_OUT] = {
		.name = "physdev-is-out",
		.help = "the packet leaves by a bridge port",
		PKTT_STORE(struct physdev_args, is_out, flag),
		.flags = PKTT_NEGATABLE,
	},
	[IS_BRIDGED] = {
		.name = "physdev-is-bridged",
		.help = "the packet is bridged, not routed",
		PKTT_STORE(struct physdev_args, is_bridged, flag),
		.flags = PKTT_NEGATABLE,
	},
};

static int physdev_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct physdev_args *args = vargs;

	(void)ctx;
	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL, "physdev needs an option");
	return 0;
}

/* Where a local packet leaves is not known in OUTPUT; only bridged traffic may be asked for it. */
static uint32_t physdev_hooks(const void *args)
{
	bool asks_out = pktt_given(args, OUT) || pktt_given(args, IS_OUT);

	if (!asks_out || (pktt_given(args, IS_BRIDGED) && !pktt_negated(args, IS_BRIDGED)))
		return 0;
	return PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_IN) | PKTT_HOOK(PKTT_FORWARD) |
	       PKTT_HOOK(PKTT_POST_ROUTING);
}

/* Away from a bridge a condition holds exactly if it is negated. */
static bool is_all_negated(const struct pktt_args *args)
{
	return (args->given & ~args->negated) == 0;
}

static enum pktt_hit physdev_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct physdev_args *args = vargs;

	(void)state;
	if (!pkt->physin && !pkt->physout)
		return hit_if(is_all_negated(&args->head));
	if (fails(args, IS_BRIDGED, pkt->physout) || fails(args, IS_IN, pkt->physin) ||
	    fails(args, IS_OUT, pkt->physout))
		return PKTT_MISS;
	if (pkt->physin && fails(args, IN, iface_is(&args->in, pkt->physin)))
		return PKTT_MISS;
	if (!pktt_given(args, OUT))
		return PKTT_HIT;
	return hit_if(pkt->physout && !fails(args, OUT, iface_is(&args->out, pkt->physout)));
}

PKTT_REGISTER(pktt_match, physdev) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "physdev",
		.summary = "ports of a bridge that the packet came in and leaves by",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_IFACE,
		PKTT_PARAMS(physdev_params, struct physdev_args),
		.check = physdev_check,
		.hooks_for = physdev_hooks,
	},
	.match = physdev_match,
};
