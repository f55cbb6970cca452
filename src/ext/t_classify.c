/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CLASSIFY: the class of traffic control that the packet leaves in. */
#include "core/packet.h"

struct classify_args {
	struct pktt_args head;
	uint32_t class;
};

enum { CLASS };

static const struct pktt_param classify_params[] = {
	[CLASS] = {
		.name = "set-class",
		.help = "major and minor number of the class, hexadecimal",
		PKTT_STORE(struct classify_args, class, tc_class),
		.flags = PKTT_REQUIRED,
	},
};

static enum pktt_verdict classify_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct classify_args *args = vargs;

	(void)state;
	pkt->priority = args->class;
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, classify) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "CLASSIFY",
		.summary = "set the class of traffic control",
		.families = PKTT_FAM_IP,
		.hooks = PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_FORWARD) |
			 PKTT_HOOK(PKTT_POST_ROUTING),
		.reads = PKTT_READS_NOTHING,
		PKTT_PARAMS(classify_params, struct classify_args),
	},
	.run = classify_run,
};

PKTT_REGISTER(pktt_target, arp_classify) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "CLASSIFY",
		.summary = "set the class of traffic control",
		.families = PKTT_FAM_ARP,
		.hooks = PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_FORWARD),
		.reads = PKTT_READS_NOTHING,
		PKTT_PARAMS(classify_params, struct classify_args),
	},
	.run = classify_run,
};
