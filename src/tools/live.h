/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What commands that speak with a running pkttd share: their options, where pkttd is, and what is said
 * when it is not there. How a subsystem is spoken with is its library's; commands of the rules open
 * their connection in live_rules.h.
 *
 * The options stand first in a command's table, so that their numbers are the same everywhere:
 *
 *	enum { STATE = LIVE_OPTION_COUNT, ... };
 *	static const struct tool_option options[] = { LIVE_OPTIONS, [STATE] = { "state", ... }, };
 */
#ifndef TOOLS_LIVE_H
#define TOOLS_LIVE_H

#include "tools/options.h"

#include <pktt/type.h>

#include <stdint.h>

#define LIVE_OPTIONS_BUT_NUMERIC                                                                 \
	[LIVE_SOCKET] = { "socket", 0, "PATH",                                                   \
			  "where pkttd listens; default: $PKTT_SOCKET, or "                      \
			  "/run/pkttables/pkttables.sock",                                       \
			  false },                                                               \
	[LIVE_NETNS] = { "netns", 0, "NAME", "in this network namespace (of ip netns), or PATH", \
			 false },                                                                \
	[LIVE_JSON] = { "json", 0, NULL, "answer in JSON", false },                              \
	[LIVE_QUIET] = { "quiet", 'q', NULL, "say nothing but errors", false },                  \
	[LIVE_VERBOSE] = { "verbose", 'v', NULL, "say more", false },                            \
	[LIVE_COLOR] = { "color", 0, "WHEN", "auto (default), always or never", false },         \
	[LIVE_FAMILY] = { "family", 0, "FAMILY", "ipv4 (default), ipv6, inet, arp or bridge",    \
			  false },                                                               \
	[LIVE_IPV4] = { "ipv4", '4', NULL, "the same as --family ipv4", false },                 \
	[LIVE_IPV6] = { "ipv6", '6', NULL, "the same as --family ipv6", false }

#define LIVE_OPTIONS                                                       \
	LIVE_OPTIONS_BUT_NUMERIC, [LIVE_NUMERIC] = { "numeric", 'n', NULL, \
						     "numbers instead of names", false }

enum {
	LIVE_SOCKET,
	LIVE_NETNS,
	LIVE_JSON,
	LIVE_NUMERIC,
	LIVE_QUIET,
	LIVE_VERBOSE,
	LIVE_COLOR,
	LIVE_FAMILY,
	LIVE_IPV4,
	LIVE_IPV6,
	LIVE_OPTION_COUNT
};

/* What the options say. */
struct live {
	const char *command; /* for sentences; NULL = none */
	const char *socket;  /* never NULL */
	const char *netns;   /* NULL = where we are */
	enum pktt_family family;
	bool has_family; /* somebody said which */
	bool json, numeric, quiet, verbose, color;
};

/*
 * Read the options and enter the network namespace. TOOL_OK, or another exit status with what is wrong
 * told on standard error: the command returns it. Names a socket to the libraries, too ($PKTT_SOCKET).
 */
int live_begin(struct live *ret, const struct tool_args *args);
/* The same, of a live that was filled otherwise: socket may be NULL, color is decided already. */
int live_enter(struct live *live);
/*
 * Nobody answers at the socket, for this errno (negative or positive): says so and what to do;
 * TOOL_NO_DAEMON.
 */
int live_no_daemon(const struct live *live, int code);
/* "pktt COMMAND: sentence", control bytes escaped; gives TOOL_REFUSED, or TOOL_CONFLICT for ESTALE. */
int live_refused(const struct live *live, int code, const char *sentence);
/* Wall clock, ns since the epoch. */
uint64_t live_now_ns(void);

#endif
