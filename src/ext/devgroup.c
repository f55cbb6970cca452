/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

#include <errno.h>

struct devgroup_args {
	struct pktt_args head;
	struct pktt_mask32 src, dst;
};

enum { SRC, DST };

static const struct pktt_param devgroup_params[] = {
	[SRC] = {
		.name = "src-group",
		.help = "group of the interface that the packet came in by",
		PKTT_STORE(struct devgroup_args, src, mark),
		.flags = PKTT_NEGATABLE,
	},
	[DST] = {
		.name = "dst-group",
		.help = "group of the interface that the packet leaves by",
		PKTT_STORE(struct devgroup_args, dst, mark),
		.flags = PKTT_NEGATABLE,
	},
};

static int devgroup_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct devgroup_args *args = vargs;

	(void)ctx;
	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL, "devgroup needs --src-group or --dst-group");
	return 0;
}

static uint32_t devgroup_hooks(const void *args)
{
	uint32_t in = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_IN);
	uint32_t out = PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_POST_ROUTING);
	uint32_t hooks = PKTT_HOOK(PKTT_FORWARD);

	if (!pktt_given(args, DST))
		hooks |= in;
	if (!pktt_given(args, SRC))
		hooks |= out;
	return hooks;
}

static bool is_group(const struct pktt_mask32 *want, const struct pktt_iface *dev)
{
	return (((dev ? dev->group : 0) ^ want->value) & want->mask) == 0;
}

static enum pktt_hit devgroup_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct devgroup_args *args = vargs;

	(void)state;
	return hit_if(!fails(args, SRC, is_group(&args->src, pkt->in)) &&
		      !fails(args, DST, is_group(&args->dst, pkt->out)));
}

PKTT_REGISTER(pktt_match, devgroup) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "devgroup",
		.summary = "group of an interface",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_IFACE,
		PKTT_PARAMS(devgroup_params, struct devgroup_args),
		.check = devgroup_check,
		.hooks_for = devgroup_hooks,
	},
	.match = devgroup_match,
};
