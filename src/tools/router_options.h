/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that describe the router: replay, explain and test share them. */
#ifndef TOOLS_ROUTER_OPTIONS_H
#define TOOLS_ROUTER_OPTIONS_H

#include "tools/options.h"

struct router;

/* Three in a row: interface, route, bridge. */
#define TOOL_ROUTER_OPTIONS                                                                      \
	{ "interface", 0, "NAME=ADDR/LEN[,...][,mac=MAC][,mtu=N]", "an interface of the router", \
	  true },                                                                                \
		{ "route", 0, "PREFIX=NAME[,via ADDR]", "a route of the router", true },         \
	{                                                                                        \
		"bridge", 0, "NAME=PORT,...", "a bridge and its ports", true                     \
	}

/* What the command line says of the router; first is the number of the option interface. */
int tool_router_options(struct router *router, const struct tool_args *args, size_t first,
			struct pktt_error *err);

#endif
