/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

struct cpu_args {
	struct pktt_args head;
	uint32_t cpu;
};

enum { CPU };

static const struct pktt_param cpu_params[] = {
	[CPU] = {
		.name = "cpu",
		.help = "number of the processor that handles the packet",
		PKTT_STORE(struct cpu_args, cpu, u32),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
};

static enum pktt_hit cpu_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct cpu_args *args = vargs;

	(void)state;
	return pktt_test(args, CPU, pkt->cpu == args->cpu);
}

PKTT_REGISTER(pktt_match, cpu) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "cpu",
		.summary = "processor that handles the packet",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_HOST,
		PKTT_PARAMS(cpu_params, struct cpu_args),
	},
	.match = cpu_match,
};
