/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timeout policies: named sets of timeouts for a protocol, as nfct(8) adds and CT --timeout refers to.
 * A policy lives as long as the engine; changing it changes what connections of it will get next.
 */
#ifndef PKTT_CT_TIMEOUT_H
#define PKTT_CT_TIMEOUT_H

#include "conntrack/settings.h"

struct conntrack;
struct pktt_error;

struct ct_timeout_policy {
	char name[32];
	uint8_t family;	  /* PKTT_IPV4, PKTT_IPV6, PKTT_INET = both */
	uint8_t protocol; /* 0 = generic */
	uint32_t seconds[CT_TIMEOUTS_MAX];
};

/* Add one or change it. Values not given (0) are the settings'. -EINVAL for a protocol without timeouts. */
int ct_timeout_policy_set(struct conntrack *ct, const struct ct_timeout_policy *policy,
			  struct pktt_error *err);
/*
 * One in the words of nfct(8): NAME inet|inet6 PROTOCOL [STATE SECONDS]... -EINVAL with a sentence that
 * says the column and what was expected there.
 */
int ct_timeout_policy_parse(const char *text, struct ct_timeout_policy *ret,
			    struct pktt_error *err);
const struct ct_timeout_policy *ct_timeout_policy_find(struct conntrack *ct, const char *name);

#endif
