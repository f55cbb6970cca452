/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TRACE: tell of every rule that the packet meets from here on; the traversal does it. */
#include "core/packet.h"

static enum pktt_verdict trace_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)args;
	(void)state;
	pkt->trace = true;
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, trace) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "TRACE",
		.summary = "report every rule that the packet matches from here on",
		.families = PKTT_FAM_IP,
		.tables = "raw",
		.reads = PKTT_READS_OWN_STATE,
	},
	.run = trace_run,
};
