/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results for people and for programs. */
#ifndef REPLAY_REPORT_H
#define REPLAY_REPORT_H

#include "replay.h"

struct json;

/* "accept", "drop" ... "none" */
const char *report_verdict(const struct replay_result *r);
/* "prerouting" ...; "none" */
const char *report_hook(const struct replay_result *r);

/* Members of the object: the connection, what happened to expectations; where there is any. */
void tracking_json(const struct replay_result *r, struct json *j);
/* The object of --json, one line. */
void report_json(const struct replay_result *r, struct str *out);
/* A readable line. */
void report_text(const struct replay_result *r, struct str *out);
/* Log records as lines, for standard error. */
void report_logs(const struct replay_result *r, struct str *out);

/* Totals of a run. */
struct report_totals {
	uint64_t records, bytes;       /* bytes: layer 3 of what was emitted */
	uint64_t verdict[PKTT_RETURN]; /* by enum pktt_verdict; [CONTINUE] = skipped */
	uint64_t reason[PKTT_REASON_COUNT];
	uint64_t emitted, logs;
	uint64_t first_ns, last_ns;
};

void report_count(struct report_totals *totals, const struct replay_result *r);
/* Rules with their hits, then verdicts, then the rules and reasons that dropped most. */
void report_summary(const struct report_totals *totals, const struct pktt_engine *engine,
		    struct str *out);

#endif
