/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/router_options.h"

#include "datapath/replay/router.h"

/* Interfaces first, then bridges of them, then routes, whatever the order on the command line. */
int tool_router_options(struct router *router, const struct tool_args *args, size_t first,
			struct pktt_error *err)
{
	static const struct {
		size_t option;
		int (*add)(struct router *router, const char *spec, struct pktt_error *err);
	} step[] = {
		{ 0, router_add_interface },
		{ 2, router_add_bridge },
		{ 1, router_add_route },
	};
	int r = 0;

	for (size_t s = 0; s < sizeof(step) / sizeof(step[0]); s++)
		for (size_t i = 0; r == 0 && i < args->ngiven; i++)
			if (args->given[i].option == first + step[s].option)
				r = step[s].add(router, args->given[i].value, err);
	return r;
}
