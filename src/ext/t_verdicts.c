/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The standard target of Linux as data: verdicts without options, and the jump to a chain.
 *
 * A jump is carried out by the traversal, which alone knows chains; here is how it is written. The
 * language prints it as -j CHAIN or -g CHAIN.
 */
#include "core/packet.h"
#include "desc/command.h"

static enum pktt_verdict accept_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_ACCEPT;
}

static enum pktt_verdict drop_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_DROP;
}

static enum pktt_verdict return_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_RETURN;
}

static enum pktt_verdict continue_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_CONTINUE;
}

/* Older than NFQUEUE, and on Linux its number 0; where nobody listens the packet is gone. */
static enum pktt_verdict queue_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)args;
	(void)state;
	pkt->queue = (struct pktt_queue_to){ .is_legacy = true };
	return PKTT_QUEUE;
}

PKTT_REGISTER(pktt_target, accept) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "ACCEPT",
		.summary = "let the packet through",
		.families = PKTT_FAM_ALL,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_VERDICT | PKTT_EXT_TERMINAL,
	},
	.run = accept_run,
};

PKTT_REGISTER(pktt_target, drop) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "DROP",
		.summary = "discard the packet without an answer",
		.families = PKTT_FAM_ALL,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_VERDICT | PKTT_EXT_TERMINAL,
	},
	.run = drop_run,
};

PKTT_REGISTER(pktt_target, return) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "RETURN",
		.summary = "go on after the rule that called this chain, or apply the policy",
		.families = PKTT_FAM_ALL,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_VERDICT | PKTT_EXT_TERMINAL,
	},
	.run = return_run,
};

PKTT_REGISTER(pktt_target, continue) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "CONTINUE",
		.summary = "count the packet and go on with the next rule",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_VERDICT,
	},
	.run = continue_run,
};

PKTT_REGISTER(pktt_target, queue) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "QUEUE",
		.summary = "hand the packet to the program that listens on queue 0",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_VERDICT | PKTT_EXT_TERMINAL,
	},
	.run = queue_run,
};

enum { CHAIN, GOTO };

static const struct pktt_param jump_params[] = {
	[CHAIN] = {
		.name = "chain",
		.help = "chain to go on in",
		PKTT_STORE_TEXT(struct pktt_jump_args, chain),
		.flags = PKTT_REQUIRED,
	},
	[GOTO] = {
		.name = "goto",
		.help = "a return from that chain skips this one",
		PKTT_STORE(struct pktt_jump_args, is_goto, flag),
	},
};

PKTT_REGISTER(pktt_target, jump) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "jump",
		.summary = "go on in another chain of the table",
		.families = PKTT_FAM_ALL,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_JUMP,
		PKTT_PARAMS(jump_params, struct pktt_jump_args),
	},
	.run = continue_run,
};
