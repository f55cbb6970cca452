/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which connections would the rules refuse if they came now?
 *
 * A firewall that lets established connections pass keeps those that a new policy would not let begin. Here
 * the first packet of each is sent once more, through an engine of our own with pkttd's rules and the
 * host's interfaces and routes: where a rule or a policy stops it, the connection is refused. What
 * was announced by another connection (FTP's data) is not looked at: it came by its master's leave.
 */
#ifndef TOOLS_REFUSED_H
#define TOOLS_REFUSED_H

#include "tools/live_rules.h"

#include <libctnetlink/libctnetlink.h>

struct json;
struct refused;
struct str;

/* With the rules that pkttd has now. NULL: session->err has a sentence. */
struct refused *refused_new(struct session *session);
void refused_free(struct refused **refused);
/* Whether a rule or a policy stops it. What cannot be tried is not refused. */
bool refused_is(struct refused *refused, const struct ctnl_conn *conn);

/* What a change of the rules means to the connections that are there. */
struct refused_tally {
	bool is_known; /* else there are too many of them, or of rules, to ask for each */
	bool is_cut;
	uint32_t kept, refused; /* of those refused, with is_cut, all have been ended */
};

enum refused_how {
	REFUSED_COUNT, /* unless it takes longer than a person waits */
	REFUSED_CUT, /* all of them, and end those that are refused, each shown on standard output */
	REFUSED_CUT_QUIETLY
};

/* 0, or -errno with session->err. Nobody tracks connections: known, and none. */
int refused_tally(struct session *session, enum refused_how how, struct refused_tally *ret);
/* "1204 connections kept, 2 no longer allowed (pktt ct list --refused)". */
void refused_words(const struct refused_tally *tally, struct str *out);
void refused_json(const struct refused_tally *tally, struct json *out);

#endif
