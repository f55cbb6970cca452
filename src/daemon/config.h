/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pkttd's configuration, pkttables.conf(5): lines of a name and a value, and blocks of them. Every
 * parameter is declared once, in config_params.c; reading, checking, --help and the manual page derive
 * from there.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <pktt/type.h>

#include "datapath/replay/settings.h"

struct pktt_errors;
struct pktt_sources;
struct str;

enum daemon_on_failure { DAEMON_FAIL_OPEN, DAEMON_FAIL_CLOSED, DAEMON_FAIL_KEEP };
enum daemon_on_stop { DAEMON_STOP_KEEP, DAEMON_STOP_OPEN, DAEMON_STOP_CLOSED };

struct daemon_limits { /* 0 = no limit */
	uint64_t rules, chains, sets, elements;
	uint64_t client_rules, client_chains, client_sets, client_elements;
	uint32_t clients;
	uint32_t queue_length, queued, client_queued; /* packets */
	uint64_t queued_bytes;
	uint32_t log_rate, client_log_rate;		  /* lines of the journal a second */
	uint64_t event_room, event_room_max, transaction; /* bytes */
};

/* A word of the router's description, and where it stood. */
struct daemon_word {
	char *text;
	struct pktt_place place;
};

struct daemon_words {
	struct daemon_word *word;
	size_t count;
};

struct daemon_config {
	char socket[108], view_socket[108];
	char group[64], view_group[64], elements_group[64], user[64];
	char rules[256], state[256], runtime[256], plugins[256], osf[256], pid_file[256];
	uint32_t workers;
	uint8_t on_failure, on_stop;
	uint32_t history;
	uint64_t history_bytes;
	uint32_t settle; /* seconds after which a change that nobody took back is good */
	bool seccomp;
	struct daemon_limits limits;
	struct {
		struct daemon_words interface; /* names and patterns; none: the router model */
		uint8_t orphans;	       /* DAEMON_FAIL_OPEN or _CLOSED */
	} datapath;
	struct {
		struct daemon_words interface, bridge, route;
		struct replay_settings settings;
	} router;
};

void daemon_config_init(struct daemon_config *config); /* the defaults */
void daemon_config_fini(struct daemon_config *config);
/*
 * Read a file over what config has. Its text is kept in sources, for errors that show their line. 0, or
 * -errno with what is wrong in errs; -ENOENT where there is no such file, and nothing in errs then.
 */
int daemon_config_read(struct daemon_config *config, const char *path, struct pktt_sources *sources,
		       struct pktt_errors *errs);
/* One more word of the router from the command line. -ENOMEM. */
int daemon_config_add(struct daemon_words *words, const char *text, const struct pktt_place *place);
/* Take from next what may change while pkttd runs; what differs and may not is named in rest. */
void daemon_config_take(struct daemon_config *config, const struct daemon_config *next,
			struct str *rest);
/* pkttables.conf(5) in scdoc's language; and a list for --help. */
void daemon_config_scdoc(struct str *out);

#endif
