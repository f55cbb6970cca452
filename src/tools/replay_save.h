/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay --save-rules: the rules with what they counted. */
#ifndef TOOLS_REPLAY_SAVE_H
#define TOOLS_REPLAY_SAVE_H

struct pktt_engine;
struct pktt_error;

/*
 * PREFIX.v4 and PREFIX.v6 as iptables-save -c writes them, PREFIX.arp and PREFIX.bridge where there
 * are such rules. -ENOTSUP where iptables cannot say what a rule says.
 */
int replay_save_rules(struct pktt_engine *engine, const char *prefix, struct pktt_error *err);
/* The connections that the engine holds, as `conntrack -L -o extended` writes them. */
int replay_save_conntrack(struct pktt_engine *engine, const char *path, struct pktt_error *err);

#endif
