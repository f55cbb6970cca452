/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pkttd has, in an engine of our own: to try there what is not to be tried on packets. */
#ifndef TOOLS_MIRROR_H
#define TOOLS_MIRROR_H

#include "tools/live_rules.h"
#include "tools/rule_files.h"

/*
 * All rules with handles and counters, and sets, into the open transaction of rules. 0, or -errno with
 * session->err; -E2BIG: more rules than a person waits for.
 */
int mirror_read(struct tool_rules *rules, struct session *session);

#endif
