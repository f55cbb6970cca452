/* SPDX-License-Identifier: BSD-2-Clause */
/* The layer-4 protocol of a rule, on which its matches depend. */
#ifndef PKTT_DESC_RULE_PROTOCOL_H
#define PKTT_DESC_RULE_PROTOCOL_H

#include <pktt/ext.h>

struct pktt_rule_spec;

/* What the head's -p says; false where it is not given or the family has none. */
bool pktt_rule_protocol(const struct pktt_rule_spec *rule, uint8_t *ret, bool *is_negated);
/* The match that -p PROTOCOL loads when an option asks for it, as in iptables; NULL = none. */
const char *pktt_protocol_match(uint8_t protocol);

#endif
