/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet's mark; ebtables has a match of its own for it, with other rules. */
#include "ext/match.h"

struct mark_args {
	struct pktt_args head;
	struct pktt_mask32 mark;
};

enum { MARK };

static const struct pktt_param mark_params[] = {
	[MARK] = {
		.name = "mark",
		.help = "the mark, of which the bits in MASK are looked at, equals VALUE",
		PKTT_STORE(struct mark_args, mark, mark),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
};

static enum pktt_hit mark_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mark_args *args = vargs;

	(void)state;
	return pktt_test(args, MARK, (pkt->mark & args->mark.mask) == args->mark.value);
}

PKTT_REGISTER(pktt_match, mark) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "mark",
		.summary = "the packet's mark",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_MARK,
		PKTT_PARAMS(mark_params, struct mark_args),
	},
	.match = mark_match,
};
