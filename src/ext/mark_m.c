/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ebtables' match of the mark. */
#include "ext/match.h"

struct mark_args {
	struct pktt_args head;
	struct pktt_mark_test mark;
};

enum { MARK };

static const struct pktt_param mark_params[] = {
	[MARK] = {
		.name = "mark",
		.help = "the mark, of which the bits in MASK are looked at, equals VALUE; or has any",
		PKTT_STORE(struct mark_args, mark, mark_test),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
};

static enum pktt_hit mark_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mark_args *args = vargs;
	uint32_t bits = pkt->mark & args->mark.mask;

	(void)state;
	return pktt_test(args, MARK, args->mark.is_any ? bits != 0 : bits == args->mark.value);
}

PKTT_REGISTER(pktt_match, mark_m) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "mark_m",
		.aliases = "mark",
		.summary = "the frame's mark",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_MARK,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(mark_params, struct mark_args),
	},
	.match = mark_match,
};
