/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --set KEY=VALUE sets; declared once, in settings.c. */
#ifndef REPLAY_SETTINGS_H
#define REPLAY_SETTINGS_H

#include "conntrack/settings.h"

struct pktt_error;
struct str;

struct replay_settings {
	uint32_t hz; /* rate credit is rounded to jiffies of 1/hz s; 0 = exact */
	bool forwarding;
	bool accept_source_route;
	bool bridge_nf;		    /* bridged packets meet the rules of their own family too */
	uint32_t icmp_ratelimit_ms; /* between two errors to the same host; 0 = no limit */
	struct ct_settings ct;	    /* for whoever attaches connection tracking to the engine */
};

/* All but ct's, which are ct_setting_params; offsets into struct replay_settings. */
extern const struct pktt_param replay_setting_params[];
extern const unsigned int replay_setting_count;

/* The defaults of the table. */
void replay_settings_init(struct replay_settings *settings);
/* "KEY=VALUE". -EINVAL with a sentence; an unknown key is told which one is near. */
int replay_settings_set(struct replay_settings *settings, const char *word, struct pktt_error *err);
/* "KEY (VALUE, default D): what it is" for the manual page, one a line. */
void replay_settings_help(struct str *out);

#endif
