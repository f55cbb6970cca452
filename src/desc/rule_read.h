/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A rule from its options, one at a time and in any order, as iptables takes them.
 *
 * Life-cycle: rule_read_init(); rule_read_option() for each option that is not the command's own;
 * rule_read_each() hands the finished rule over - several where -s or -d list addresses;
 * rule_read_fini().
 */
#ifndef PKTT_DESC_RULE_READ_H
#define PKTT_DESC_RULE_READ_H

#include "desc/command.h"
#include "desc/words.h"

/* -s or -d with several addresses: a rule for each. */
struct address_list {
	unsigned int param; /* of the head */
	const char *text;
	struct pktt_place place;
};

struct rule_read {
	const struct pktt_source *src;
	enum pktt_family family;
	struct words *words;
	struct pktt_rule_spec *rule;   /* NULL until there was an option */
	const struct pktt_ext *recent; /* what -m or -j loaded last, for sentences */
	const struct lex_word *bang;   /* the "!" before the option, or NULL */
	struct address_list list[2];
	unsigned int nlists;
};

void rule_read_init(struct rule_read *r, const struct pktt_source *src, enum pktt_family family,
		    struct words *words);
void rule_read_fini(struct rule_read *r);
/* Make the rule, where the command wants one though no option was there. */
int rule_read_start(struct rule_read *r, struct pktt_error *err);
/* Take an option with its values. -EINVAL with the place and what was expected. */
int rule_read_option(struct rule_read *r, struct option *opt, struct pktt_error *err);
/* Whether a loaded match or target has a "name" of its own that was not given yet. */
bool rule_read_owns_name(const struct rule_read *r, const char *name);
/* Finish the rule and call take(ctx, rule) for each; take owns the rule. */
int rule_read_each(struct rule_read *r,
		   int (*take)(void *ctx, struct pktt_rule_spec **rule, struct pktt_error *err),
		   void *ctx, struct pktt_error *err);

#endif
