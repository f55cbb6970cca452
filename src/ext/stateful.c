/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that makes an engine stateful, in the order in which its parts stand on one another. */
#include "ext/stateful.h"

#include "conntrack/conntrack.h"
#include "ext/synproxy.h"
#include "nat/nat.h"

int stateful_attach(struct pktt_engine *engine, const struct ct_settings *settings,
		    struct pktt_error *err)
{
	int r = conntrack_attach(engine, settings, err);

	if (r == 0)
		r = nat_attach(engine, err);
	if (r)
		return r;
	r = synproxy_attach(engine);
	return r ? pktt_fail(err, r, "no memory for SYNPROXY") : 0;
}
