/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NFQUEUE: the verdict is a program's. Several queues share flows by hash, or packets by
 * processor.
 */
#include <errno.h>

#include "base/jhash.h"
#include "core/engine.h"

struct nfqueue_args {
	struct pktt_args head;
	uint16_t number;
	struct pktt_range16 balance;
	bool bypass, by_cpu;
};

enum { NUMBER, BALANCE, BYPASS, BY_CPU };

static const struct pktt_param nfqueue_params[] = {
	[NUMBER] = {
		.name = "queue-num",
		.help = "queue of the program",
		PKTT_STORE(struct nfqueue_args, number, u16),
		.excludes = 1 << BALANCE,
	},
	[BALANCE] = {
		.name = "queue-balance",
		.help = "queues to spread flows over",
		PKTT_STORE(struct nfqueue_args, balance, range16),
		.excludes = 1 << NUMBER,
	},
	[BYPASS] = {
		.name = "queue-bypass",
		.help = "accept the packet where no program listens",
		PKTT_STORE(struct nfqueue_args, bypass, flag),
	},
	[BY_CPU] = {
		.name = "queue-cpu-fanout",
		.help = "choose the queue by the processor, not the flow",
		PKTT_STORE(struct nfqueue_args, by_cpu, flag),
		.needs = 1 << BALANCE,
	},
};

static int nfqueue_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct nfqueue_args *args = vargs;

	(void)ctx;
	if (pktt_given(args, BALANCE) && args->balance.min >= args->balance.max)
		return pktt_fail(err, -ERANGE, "--queue-balance: %u should be less than %u",
				 args->balance.min, args->balance.max);
	return 0;
}

/* Queue 0 is shown where nothing was said. */
static void nfqueue_canon(const struct pktt_context *ctx, void *vargs)
{
	struct nfqueue_args *args = vargs;

	(void)ctx;
	if (!pktt_given(args, BALANCE))
		args->head.given |= UINT64_C(1) << NUMBER;
}

/* A word of an address as Linux hashes it: the bytes as they lie in memory. */
static uint32_t word(const struct pktt_addr *a, unsigned int at)
{
	return (uint32_t)a->byte[at] | (uint32_t)a->byte[at + 1] << 8 |
	       (uint32_t)a->byte[at + 2] << 16 | (uint32_t)a->byte[at + 3] << 24;
}

/* Both directions of a flow have the same hash. */
static uint32_t flow_hash(const struct pktt_packet *pkt, uint32_t seed)
{
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);
	uint32_t low[2], high[2];

	if (pkt->l3_family == PKTT_IPV4) {
		const uint8_t *protocol = pktt_packet_read(pkt, PKTT_L3, 9, 1);
		uint32_t a = word(&src, 0), b = word(&dst, 0);

		return jhash_3words(a < b ? a : b, a < b ? b : a, protocol ? *protocol : 0, seed);
	}
	if (pkt->l3_family != PKTT_IPV6)
		return 0; /* ARP: the first queue */
	low[0] = word(&src, 12);
	low[1] = word(&dst, 12);
	high[0] = word(&src, 4);
	high[1] = word(&dst, 4);
	return jhash_3words(low[0] < low[1] ? low[0] : low[1], low[0] < low[1] ? low[1] : low[0],
			    high[0] < high[1] ? high[0] : high[1], seed);
}

static uint16_t choose(const struct pktt_packet *pkt, const struct nfqueue_args *args)
{
	uint32_t count = (uint32_t)args->balance.max - args->balance.min + 1;
	uint32_t seed;

	if (!pktt_given(args, BALANCE))
		return args->number;
	if (args->by_cpu)
		return (uint16_t)(args->balance.min + pkt->cpu % count);
	seed = pkt->engine ? (uint32_t)pktt_engine_config(pkt->engine)->seed : 0;
	return (uint16_t)(args->balance.min + jhash_scale(flow_hash(pkt, seed), count));
}

static enum pktt_verdict nfqueue_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct nfqueue_args *args = vargs;

	(void)state;
	pkt->queue = (struct pktt_queue_to){
		.number = choose(pkt, args),
		.bypass = args->bypass,
	};
	return PKTT_QUEUE;
}

PKTT_REGISTER(pktt_target, nfqueue) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "NFQUEUE",
		.summary = "leave the verdict to a program",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_TUPLE | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_TERMINAL,
		PKTT_PARAMS(nfqueue_params, struct nfqueue_args),
		.check = nfqueue_check,
		.canon = nfqueue_canon,
	},
	.run = nfqueue_run,
};
