/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NFLOG, its ancestor ULOG, and nflog on a bridge: packets to programs that log them. */
#include "core/env.h"

struct nflog_args {
	struct pktt_args head;
	bool nflog; /* bridge: the option that stands for the defaults */
	uint16_t group, threshold;
	uint32_t size, range;
	char prefix[64];
};

enum { PREFIX, GROUP, RANGE, SIZE, THRESHOLD };

static const struct pktt_param nflog_params[] = {
	[PREFIX] = {
		.name = "nflog-prefix",
		.help = "text that travels with the packet",
		PKTT_STORE_TEXT(struct nflog_args, prefix),
		.min = 1,
	},
	[GROUP] = {
		.name = "nflog-group",
		.help = "multicast group of the listeners",
		PKTT_STORE(struct nflog_args, group, u16),
		.def = "0",
		.flags = PKTT_HIDE_DEFAULT,
	},
	[RANGE] = {
		.name = "nflog-range",
		.help = "has no effect and never had: use --nflog-size",
		PKTT_STORE(struct nflog_args, range, u32),
		.def = "0",
		.excludes = 1 << SIZE,
		.flags = PKTT_HIDE_DEFAULT,
	},
	[SIZE] = {
		.name = "nflog-size",
		.help = "bytes of the packet to hand over",
		PKTT_STORE(struct nflog_args, size, u32),
		.excludes = 1 << RANGE,
	},
	[THRESHOLD] = {
		.name = "nflog-threshold",
		.help = "packets to gather before listeners are woken",
		PKTT_STORE(struct nflog_args, threshold, u16),
		.def = "0",
		.flags = PKTT_HIDE_DEFAULT,
	},
};

static void hand_over(struct pktt_packet *pkt, const struct pktt_nflog *log)
{
	if (pkt->env->ops->nflog)
		pkt->env->ops->nflog(pkt->env, log);
}

static enum pktt_verdict nflog_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct nflog_args *args = vargs;

	(void)state;
	hand_over(pkt, &(struct pktt_nflog){
			       .pkt = pkt,
			       .group = args->group,
			       .range = args->size,
			       .has_range = pktt_given(args, SIZE),
			       .threshold = args->threshold,
			       .prefix = args->prefix,
		       });
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, nflog) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "NFLOG",
		.summary = "hand the packet to programs that log",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_PAYLOAD | PKTT_READS_OWN_STATE,
		PKTT_PARAMS(nflog_params, struct nflog_args),
	},
	.run = nflog_run,
};

/* --- Bridge ----------------------------------------------------------------------------------- */

enum { BR_NFLOG, BR_PREFIX, BR_GROUP, BR_RANGE, BR_THRESHOLD };

static const struct pktt_param br_nflog_params[] = {
	[BR_NFLOG] = {
		.name = "nflog",
		.help = "hand over with the defaults",
		PKTT_STORE(struct nflog_args, nflog, flag),
		.flags = PKTT_REPEATABLE,
	},
	[BR_PREFIX] = {
		.name = "nflog-prefix",
		.help = "text that travels with the frame",
		PKTT_STORE_TEXT(struct nflog_args, prefix),
	},
	[BR_GROUP] = {
		.name = "nflog-group",
		.help = "multicast group of the listeners",
		PKTT_STORE(struct nflog_args, group, u16),
		.def = "1",
		.min = 1,
		.max = 65535,
		.flags = PKTT_SHOW_ALWAYS,
	},
	[BR_RANGE] = {
		.name = "nflog-range",
		.help = "bytes of the frame to hand over, 0 for all",
		PKTT_STORE(struct nflog_args, range, u32),
		.def = "0",
		.flags = PKTT_HIDE_DEFAULT,
	},
	[BR_THRESHOLD] = {
		.name = "nflog-threshold",
		.help = "frames to gather before listeners are woken",
		PKTT_STORE(struct nflog_args, threshold, u16),
		.def = "1",
		.flags = PKTT_HIDE_DEFAULT,
	},
};

static void br_nflog_canon(const struct pktt_context *ctx, void *vargs)
{
	struct nflog_args *args = vargs;

	(void)ctx;
	args->nflog = false;
	args->head.given &= ~(UINT64_C(1) << BR_NFLOG);
}

static enum pktt_verdict br_nflog_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct nflog_args *args = vargs;

	(void)state;
	hand_over(pkt, &(struct pktt_nflog){
			       .pkt = pkt,
			       .group = args->group,
			       .range = args->range,
			       .has_range = args->range != 0,
			       .threshold = args->threshold,
			       .prefix = args->prefix,
		       });
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, br_nflog) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "nflog",
		.summary = "hand the frame to programs that log",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_PAYLOAD | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(br_nflog_params, struct nflog_args),
		.canon = br_nflog_canon,
	},
	.run = br_nflog_run,
};

/* --- ULOG: 32 groups, as a bit each ----------------------------------------------------------- */

struct ulog_args {
	struct pktt_args head;
	uint16_t group, threshold;
	uint32_t range;
	char prefix[32];
};

enum { ULOG_PREFIX, ULOG_GROUP, ULOG_RANGE, ULOG_THRESHOLD };

static const struct pktt_param ulog_params[] = {
	[ULOG_PREFIX] = {
		.name = "ulog-prefix",
		.help = "text that travels with the packet",
		PKTT_STORE_TEXT(struct ulog_args, prefix),
		.min = 1,
	},
	[ULOG_GROUP] = {
		.name = "ulog-nlgroup",
		.help = "multicast group of the listeners",
		PKTT_STORE(struct ulog_args, group, u16),
		.def = "1",
		.min = 1,
		.max = 32,
		.flags = PKTT_HIDE_DEFAULT,
	},
	[ULOG_RANGE] = {
		.name = "ulog-cprange",
		.help = "bytes of the packet to hand over, 0 for all",
		PKTT_STORE(struct ulog_args, range, u32),
		.def = "0",
		.flags = PKTT_HIDE_DEFAULT,
	},
	[ULOG_THRESHOLD] = {
		.name = "ulog-qthreshold",
		.help = "packets to gather before listeners are woken",
		PKTT_STORE(struct ulog_args, threshold, u16),
		.def = "1",
		.min = 1,
		.max = 50,
		.flags = PKTT_HIDE_DEFAULT,
	},
};

static enum pktt_verdict ulog_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ulog_args *args = vargs;

	(void)state;
	hand_over(pkt, &(struct pktt_nflog){
			       .pkt = pkt,
			       .is_ulog = true,
			       .group = args->group,
			       .range = args->range,
			       .has_range = args->range != 0,
			       .threshold = args->threshold,
			       .prefix = args->prefix,
		       });
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, ulog) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "ULOG",
		.summary = "hand the packet to programs that log, by the interface of 2001",
		.families = PKTT_FAM_V4,
		.reads = PKTT_READS_PAYLOAD | PKTT_READS_OWN_STATE,
		PKTT_PARAMS(ulog_params, struct ulog_args),
	},
	.run = ulog_run,
};
