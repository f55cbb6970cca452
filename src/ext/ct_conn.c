/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matches on what a connection carries: its mark, labels, helper, counters, and how many there
 * are.
 */
#include <errno.h>

#include "ext/stateful.h"

#define BIT(n) (UINT64_C(1) << (n))

/* --- connmark --------------------------------------------------------------------------------- */

struct connmark_args {
	struct pktt_args head;
	struct pktt_mask32 mark;
};

enum { MARK };

static const struct pktt_param connmark_params[] = {
	[MARK] = {
		.name = "mark",
		.help = "value of the mark of the connection under MASK",
		PKTT_STORE(struct connmark_args, mark, mark),
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE,
	},
};

PKTT_REGISTER(pktt_match, connmark) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "connmark",
		.summary = "match the mark of the connection",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(connmark_params, struct connmark_args),
	},
	.match = stateful_match,
};

/* --- connlimit -------------------------------------------------------------------------------- */

struct connlimit_args {
	struct pktt_args head;
	uint32_t upto, above;
	uint8_t mask;
	bool saddr, daddr;
};

enum { UPTO, ABOVE, LIMIT_MASK_IPV4, LIMIT_MASK_IPV6, SADDR, DADDR };

/* --connlimit-above is "! --connlimit-upto", and both may be negated once more. */
static const struct pktt_param connlimit_params[] = {
	[UPTO] = {
		.name = "connlimit-upto",
		.help = "there are at most this many connections",
		PKTT_STORE(struct connlimit_args, upto, u32),
		.excludes = BIT(ABOVE),
		.flags = PKTT_NEGATABLE,
	},
	[ABOVE] = {
		.name = "connlimit-above",
		.help = "there are more connections than this",
		PKTT_STORE(struct connlimit_args, above, u32),
		.excludes = BIT(UPTO),
		.flags = PKTT_NEGATABLE,
	},
	[LIMIT_MASK_IPV4] = {
		.name = "connlimit-mask",
		.help = "length of the prefix by which hosts are grouped",
		PKTT_STORE(struct connlimit_args, mask, u8),
		.families = PKTT_FAM_V4,
		.def = "32",
		.max = 32,
		.flags = PKTT_SHOW_ALWAYS,
	},
	[LIMIT_MASK_IPV6] = {
		.name = "connlimit-mask",
		.help = "length of the prefix by which hosts are grouped",
		PKTT_STORE(struct connlimit_args, mask, u8),
		.families = PKTT_FAM_V6 | PKTT_FAM(PKTT_INET),
		.def = "128",
		.max = 128,
		.flags = PKTT_SHOW_ALWAYS,
	},
	[SADDR] = {
		.name = "connlimit-saddr",
		.help = "group by source address",
		PKTT_STORE(struct connlimit_args, saddr, flag),
		.excludes = BIT(DADDR),
	},
	[DADDR] = {
		.name = "connlimit-daddr",
		.help = "group by destination address",
		PKTT_STORE(struct connlimit_args, daddr, flag),
		.excludes = BIT(SADDR),
	},
};

static int connlimit_check(const struct pktt_context *ctx, const void *args, struct pktt_error *err)
{
	(void)ctx;
	if (!pktt_given(args, UPTO) && !pktt_given(args, ABOVE))
		return pktt_fail(err, -EINVAL,
				 "connlimit needs --connlimit-upto or --connlimit-above");
	return 0;
}

/* A negated limit is the other one, and the source address is shown where nothing was said. */
static void connlimit_canon(const struct pktt_context *ctx, void *vargs)
{
	struct connlimit_args *args = vargs;
	struct pktt_args *head = &args->head;

	(void)ctx;
	if (head->negated & (BIT(UPTO) | BIT(ABOVE))) {
		uint32_t limit = head->given & BIT(UPTO) ? args->upto : args->above;

		head->given ^= BIT(UPTO) | BIT(ABOVE);
		head->negated = 0;
		args->upto = head->given & BIT(UPTO) ? limit : 0;
		args->above = head->given & BIT(ABOVE) ? limit : 0;
	}
	if (!args->daddr) {
		args->saddr = true;
		head->given |= BIT(SADDR);
	}
}

PKTT_REGISTER(pktt_match, connlimit) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "connlimit",
		.summary = "match by the number of connections of a host or network",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(connlimit_params, struct connlimit_args),
		.check = connlimit_check,
		.canon = connlimit_canon,
	},
	.match = stateful_match,
};

/* --- connbytes -------------------------------------------------------------------------------- */

struct connbytes_args {
	struct pktt_args head;
	struct pktt_range64 range;
	uint8_t mode, direction;
};

enum { BYTES, MODE, DIRECTION };

static const struct pktt_symbol modes[] = {
	{ "packets", 0 },
	{ "bytes", 1 },
	{ "avgpkt", 2 },
	{ 0 },
};

static const struct pktt_symbol directions[] = {
	{ "original", 0 },
	{ "reply", 1 },
	{ "both", 2 },
	{ 0 },
};

static const struct pktt_param connbytes_params[] = {
	[BYTES] = {
		.name = "connbytes",
		.help = "how much the connection has carried so far",
		PKTT_STORE(struct connbytes_args, range, range64),
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE | PKTT_OPEN_RANGE | PKTT_ASCENDING,
	},
	[MODE] = {
		.name = "connbytes-mode",
		.help = "what is counted: packets, bytes, or bytes a packet",
		PKTT_STORE(struct connbytes_args, mode, enum8),
		.symbols = modes,
		.flags = PKTT_REQUIRED,
	},
	[DIRECTION] = {
		.name = "connbytes-dir",
		.help = "which direction is counted",
		PKTT_STORE(struct connbytes_args, direction, enum8),
		.symbols = directions,
		.flags = PKTT_REQUIRED,
	},
};

PKTT_REGISTER(pktt_match, connbytes) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "connbytes",
		.summary = "match by what the connection has carried",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(connbytes_params, struct connbytes_args),
	},
	.match = stateful_match,
};

/* --- connlabel -------------------------------------------------------------------------------- */

struct connlabel_args {
	struct pktt_args head;
	char label[64];
	bool set;
};

enum { LABEL, SET };

static const struct pktt_param connlabel_params[] = {
	[LABEL] = {
		.name = "label",
		.help = "name or number of a label that the connection has",
		PKTT_STORE_TEXT(struct connlabel_args, label),
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE,
	},
	[SET] = {
		.name = "set",
		.help = "give the connection the label first",
		PKTT_STORE(struct connlabel_args, set, flag),
	},
};

PKTT_REGISTER(pktt_match, connlabel) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "connlabel",
		.summary = "match the labels of the connection",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(connlabel_params, struct connlabel_args),
	},
	.match = stateful_match,
};

/* --- helper ----------------------------------------------------------------------------------- */

struct helper_args {
	struct pktt_args head;
	char name[30];
};

enum { HELPER };

static const struct pktt_param helper_params[] = {
	[HELPER] = {
		.name = "helper",
		.help = "name of the helper that the connection belongs to",
		PKTT_STORE_TEXT(struct helper_args, name),
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE,
	},
};

PKTT_REGISTER(pktt_match, helper) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "helper",
		.summary = "match the helper of the connection or of its master",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(helper_params, struct helper_args),
	},
	.match = stateful_match,
};

/* --- cluster ---------------------------------------------------------------------------------- */

struct cluster_args {
	struct pktt_args head;
	uint32_t total, node, mask, seed;
};

enum { LOCAL_NODE, NODE_MASK, TOTAL, SEED };

static const struct pktt_param cluster_params[] = {
	[LOCAL_NODE] = {
		.name = "cluster-local-node",
		.help = "number of this node, from 1",
		PKTT_STORE(struct cluster_args, node, u32),
		.min = 1,
		.max = 32,
		.excludes = BIT(NODE_MASK),
		.flags = PKTT_NEGATABLE,
	},
	[NODE_MASK] = {
		.name = "cluster-local-nodemask",
		.help = "numbers of the nodes that this one stands for, as bits",
		PKTT_STORE(struct cluster_args, mask, u32),
		.excludes = BIT(LOCAL_NODE),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_FULL_HEX,
	},
	[TOTAL] = {
		.name = "cluster-total-nodes",
		.help = "how many nodes there are",
		PKTT_STORE(struct cluster_args, total, u32),
		.min = 1,
		.max = 32,
		.flags = PKTT_REQUIRED,
	},
	[SEED] = {
		.name = "cluster-hash-seed",
		.help = "seed of the hash, the same on all nodes",
		PKTT_STORE(struct cluster_args, seed, u32),
		.flags = PKTT_REQUIRED | PKTT_SHOW_FULL_HEX,
	},
};

static int cluster_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct cluster_args *args = vargs;
	uint32_t last = pktt_given(args, LOCAL_NODE) ? args->node : 0;

	(void)ctx;
	if (!pktt_given(args, LOCAL_NODE) && !pktt_given(args, NODE_MASK))
		return pktt_fail(err, -EINVAL,
				 "cluster needs --cluster-local-node or "
				 "--cluster-local-nodemask");
	while (args->mask && last < 32 && args->mask >> last)
		last++;
	if (last > args->total)
		return pktt_fail(err, -ERANGE, "cluster: there is no node %u of %u", last,
				 args->total);
	return 0;
}

/* One node is a mask of one bit, which is how it prints. */
static void cluster_canon(const struct pktt_context *ctx, void *vargs)
{
	struct cluster_args *args = vargs;
	struct pktt_args *head = &args->head;

	(void)ctx;
	if (!(head->given & BIT(LOCAL_NODE)))
		return;
	args->mask = 1u << (args->node - 1);
	args->node = 0;
	head->given ^= BIT(LOCAL_NODE) | BIT(NODE_MASK);
	if (head->negated & BIT(LOCAL_NODE))
		head->negated ^= BIT(LOCAL_NODE) | BIT(NODE_MASK);
}

PKTT_REGISTER(pktt_match, cluster) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "cluster",
		.summary = "match this node's share of the connections",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(cluster_params, struct cluster_args),
		.check = cluster_check,
		.canon = cluster_canon,
	},
	.match = stateful_match,
};
