/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What explain saw on a packet's way, and the screen and JSON object made of it. */
#ifndef TOOLS_EXPLAIN_VIEW_H
#define TOOLS_EXPLAIN_VIEW_H

#include "core/env.h"
#include "tools/explain_beside.h"

struct json;
struct str;

/* A rule that was looked at. Texts are owned. */
struct seen_rule {
	const struct pktt_rule *rule;
	bool is_hit, is_bad;
	unsigned int misses;	 /* conditions that did not hold */
	unsigned int conditions; /* that it has */
	char *condition;	 /* the first of them */
	char *packet;		 /* what the packet has there, "" = cannot be said */
	char *remedy;		 /* the option that it would meet, "" = cannot be said */
};

/* A chain that the packet walked, from its first rule on or from a return on. */
struct seen_chain {
	const struct pktt_chain *base, *chain;
	size_t first, count; /* of view->rule */
	bool has_policy;
	enum pktt_verdict policy;
};

/* What a function beside the chains did, behind so many chains of the view. Its text is owned. */
struct seen_step {
	const struct pktt_hook_fn *fn;
	size_t at;
	char *text;
};

struct explain_view {
	struct seen_chain *chain;
	size_t nchains, chain_room;
	struct seen_rule *rule;
	size_t nrules, rule_room;
	struct seen_step *step;
	size_t nsteps, step_room;
	const struct pktt_packet *packet; /* whose steps are told: not those of answers to it */
	struct beside_before before;
	bool failed; /* out of memory: what follows is incomplete */
};

void explain_view_fini(struct explain_view *view);
/* Notes, called while the packet runs. */
void explain_view_look(struct explain_view *view, struct pktt_packet *pkt,
		       const struct pktt_chain *chain, const struct pktt_rule *rule,
		       const struct pktt_use *missed, enum pktt_hit hit);
void explain_view_policy(struct explain_view *view, const struct pktt_step *step);
void explain_view_beside(struct explain_view *view, const struct pktt_packet *pkt,
			 const struct pktt_hook_fn *fn, enum pktt_verdict verdict);

/* "filter/INPUT  #12 ..." for each chain, its rules numbered. */
void explain_view_text(const struct explain_view *view, struct str *out);
/* An array of chains with their rules. */
void explain_view_json(const struct explain_view *view, struct json *out);
/* An array of the steps beside the chains: what, at which hook, behind how many chains, in words. */
void explain_view_steps_json(const struct explain_view *view, struct json *out);
/* The rule that would have accepted but for one condition: the one with most others, or NULL. */
const struct seen_rule *explain_view_nearest(const struct explain_view *view);
/* The rule with that one condition as the packet has it; false where it cannot be said. */
bool explain_view_remedy(const struct seen_rule *seen, struct str *out);
/* "#13 \"ssh-admin\"" */
void explain_rule_name(const struct pktt_rule *rule, struct str *out);

#endif
