/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cluster: whether a connection falls to this node, by the hash of who opened it. */
#include <errno.h>

#include "base/jhash.h"
#include "conntrack/conntrack.h"
#include "ext/match.h"
#include "ext/stateful.h"

#define BIT(n) (UINT64_C(1) << (n))

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

/*
 * The word as it stands in memory: nodes of one byte order agree. Of an IPv6 address too Linux hashes
 * one word, the first (it divides a number of words by the size of one), and a node of ours among
 * others must do the same.
 */
static uint32_t hash_of(const struct conn *conn, uint32_t seed)
{
	struct ct_tuple t;
	uint32_t word;

	conn_tuple(conn, CT_ORIGINAL, &t);
	memcpy(&word, t.src, sizeof(word));
	return jhash_1word(word, seed);
}

/* What was expected goes where its master goes. */
static enum pktt_hit cluster_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct cluster_args *args = vargs;
	const struct conn *conn = pkt->ct;
	uint32_t node;

	(void)state;
	if (pkt->pkttype == PKTT_PKT_MULTICAST)
		pkt->pkttype = PKTT_PKT_HOST;
	if (!conn)
		return PKTT_MISS;
	if (conn->ext && conn->ext->master)
		conn = conn->ext->master;
	node = jhash_scale(hash_of(conn, args->seed), args->total);
	return pktt_test(args, NODE_MASK, args->mask & 1u << node);
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
	.match = cluster_match,
};
