/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Would a change cut the administrator's own connection?
 *
 * Whoever administers a host from afar does it through a connection (SSH_CONNECTION says which, or the
 * TCP socket that one of our parents holds). The rules as they are are taken into an engine of our own, the
 * connection is made there with its handshake, the change is applied, and a packet of the connection is
 * sent through: what becomes of it is what would become of it at pkttd, since the engine is the same.
 */
#ifndef TOOLS_GUARD_H
#define TOOLS_GUARD_H

#include "tools/live_rules.h"
#include "tools/rule_files.h"

struct guard {
	struct session *session;
	struct tool_rules
		rules; /* an engine with pkttd's rules, and the change in its transaction */
	struct replay *in, *out; /* what arrives, what the host sends */
	struct router *router;
	char from[64], to[64], iface[16]; /* addresses as packets in one line have them */
	unsigned int from_port, to_port;
	enum pktt_family family;
	uint64_t time_ns;
	bool failed; /* the change could not be tried: nothing is said */
};

/* false: nobody is connected, or it cannot be tried; nothing is to be done then, guard_end() neither. */
bool guard_begin(struct guard *guard, struct session *session);
/* The change: a command line of a verb, rule files as `pktt load` reads them, an empty ruleset. */
void guard_words(struct guard *guard, enum pktt_family family, int argc, const char *const *argv);
void guard_text(struct guard *guard, const char *path, enum pktt_family family, bool is_native,
		bool flushes);
/* What pkttd has now, instead of what it had when the guard began. false: it cannot be had. */
bool guard_running(struct guard *guard);
/* Whether the change cuts the connection; what would drop it is told then. */
bool guard_cuts(struct guard *guard);
/*
 * TOOL_OK where standard input is a terminal and somebody says yes. Else that nothing was changed is told,
 * and it is TOOL_REFUSED.
 */
int guard_ask(void);
/* Both: TOOL_OK, or TOOL_REFUSED if it cuts and nobody said yes. */
int guard_judge(struct guard *guard, bool yes);
void guard_end(struct guard *guard);

#endif
