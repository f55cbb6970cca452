/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule files into an engine: all of them in one transaction, errors with their lines. */
#ifndef TOOLS_RULE_FILES_H
#define TOOLS_RULE_FILES_H

#include "core/engine.h"

struct ct_settings;
struct str;

/* The options that name rule files; replay, explain, test and save share them. */
#define TOOL_RULE_OPTIONS                                                                       \
	{ "rules", 0, "FILE", "rules in the native language, or JSON", true },                  \
		{ "ipv4-rules", 0, "FILE", "what iptables-save printed", true },                \
		{ "ipv6-rules", 0, "FILE", "what ip6tables-save printed", true },               \
		{ "arp-rules", 0, "FILE", "what arptables-save printed", true },                \
		{ "sets", 0, "FILE", "what ipset save printed", true },                         \
		{ "plugins", 0, "FOLDER", "load extensions from the shared objects there",      \
		  false },                                                                      \
	{                                                                                       \
		"osf", 0, "FILE", "fingerprints for the osf match, in the form of pf.os", false \
	}
/* For commands that judge packets. */
#define TOOL_TIMEOUT_OPTION                                                             \
	{                                                                               \
		"timeout-policy", 0, "'NAME inet|inet6 PROTOCOL [STATE SECONDS]...'",   \
			"timeouts for CT --timeout NAME, in the words of nfct(8)", true \
	}
enum {
	TOOL_RULES,
	TOOL_IPV4_RULES,
	TOOL_IPV6_RULES,
	TOOL_ARP_RULES,
	TOOL_SETS,
	TOOL_PLUGINS,
	TOOL_OSF,
	TOOL_RULE_OPTION_COUNT
};

/* Where iptables, too, looks for the names of connection labels. */
#define TOOL_LABELS "/etc/xtables/connlabel.conf"

struct tool_args;

struct tool_rules {
	struct pktt_engine *engine;
	struct pktt_txn *txn;	      /* open while files are read */
	unsigned int flags;	      /* enum pktt_apply_flags */
	struct pktt_sources *sources; /* the files' text, so that errors can show their lines */
	struct pktt_errors errs;
};

/*
 * Make the engine and open the transaction. Registers the calling thread as a reader of rules. 0,
 * or an errno told on standard error.
 */
int tool_rules_init(struct tool_rules *rules, const struct pktt_engine_config *config);
/*
 * The engine tracks connections and translates addresses, for rules that want it; settings NULL = the
 * defaults. Behind tool_rules_init(). 0, or an errno told on standard error.
 */
int tool_rules_track(struct tool_rules *rules, const struct ct_settings *settings);
/*
 * Both, for a command that judges packets: with what TOOL_RULE_OPTIONS say of the engine, and the timeout
 * policies of the command line; timeout_option is the number of TOOL_TIMEOUT_OPTION. The same.
 */
int tool_rules_open(struct tool_rules *rules, const struct tool_args *args,
		    struct pktt_engine_config config, const struct ct_settings *settings,
		    size_t timeout_option);
/*
 * Read a file ("-" = standard input) into the transaction; the native language, JSON (by its first
 * character) or, with is_native false, exactly what the family's save program prints. Errors are
 * collected; a file that cannot be read is one of them.
 */
void tool_rules_read(struct tool_rules *rules, const char *path, enum pktt_family family,
		     bool is_native);
/*
 * Another file's text, kept with the rules' so that errors in it show their lines. NULL: told in
 * errs.
 */
const char *tool_rules_text(struct tool_rules *rules, const char *path, size_t *len);
/* Number all rules, for reports. */
void tool_rules_number(struct tool_rules *rules);
/* The family that a file is of by what it says of itself and by its name. */
enum pktt_family tool_rules_guess(const char *path);
/* Whether a file begins as what ipset save prints: rules refer to it, so it is to be read first. */
bool tool_rules_is_sets(const char *path);
/* All files that the command line named, in its order; option 0 is TOOL_RULES. */
void tool_rules_read_all(struct tool_rules *rules, const struct tool_args *args);
/* Commit. 0, or -errno with everything told on standard error and nothing applied. */
int tool_rules_commit(struct tool_rules *rules);
/* As pktt_sources_line(): the text of the line at a place, up to its break; NULL = not known. */
const char *tool_rules_line(void *rules, const struct pktt_place *place);
void tool_rules_fini(struct tool_rules *rules);

#endif
