/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "desc/command.h"
#include "ext/match.h"

struct comment_args {
	struct pktt_args head;
	char comment[PKTT_COMMENT_MAX];
};

enum { COMMENT };

static const struct pktt_param comment_params[] = {
	[COMMENT] = {
		.name = "comment",
		.help = "any text for whoever reads the rules",
		PKTT_STORE_TEXT(struct comment_args, comment),
		.flags = PKTT_REQUIRED,
	},
};

PKTT_REGISTER(pktt_match, comment) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "comment",
		.summary = "a comment on the rule, which always matches",
		.families = PKTT_FAM_ALL,
		.reads = PKTT_READS_NOTHING,
		PKTT_PARAMS(comment_params, struct comment_args),
	},
};
