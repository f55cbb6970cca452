/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of an option or a match that is not there: what was meant, or where it belongs. */
#ifndef PKTT_DESC_OPTION_HINT_H
#define PKTT_DESC_OPTION_HINT_H

#include <pktt/ext.h>

struct option;
struct pktt_catalog;
struct pktt_rule_spec;

/*
 * Fails with the sentence. context is whose option it was taken for, implied the match that the
 * rule's protocol would load; either may be NULL.
 */
int option_hint(const struct pktt_catalog *cat, const struct pktt_rule_spec *rule,
		const struct pktt_ext *context, const struct pktt_ext *implied,
		const struct option *opt, struct pktt_error *err);
int option_hint_match(const struct pktt_catalog *cat, const char *name, enum pktt_family family,
		      struct pktt_error *err);

#endif
