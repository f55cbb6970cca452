/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What bridge matches ask of the rule that they stand in. */
#ifndef PKTT_EXT_HEAD_BRIDGE_H
#define PKTT_EXT_HEAD_BRIDGE_H

#include <pktt/ext.h>

enum { BRIDGE_LENGTH = 0 }; /* as a protocol: a frame that has a length instead of one */

/* The protocol that -p names without "!", or -1. */
int bridge_rule_proto(const struct pktt_rule_spec *rule);

#endif
