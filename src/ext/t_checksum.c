/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHECKSUM: fill in the checksum that was left to the network card. A packet here carries its
 * checksum always: a datapath that is handed a partial one completes it first. So there is never
 * anything to fill in, which is also what the kernel finds for packets off the wire.
 */
#include "core/packet.h"

struct checksum_args {
	struct pktt_args head;
	bool fill;
};

enum { FILL };

static const struct pktt_param checksum_params[] = {
	[FILL] = {
		.name = "checksum-fill",
		.help = "fill in the checksum where it is missing",
		PKTT_STORE(struct checksum_args, fill, flag),
		.flags = PKTT_REQUIRED,
	},
};

static enum pktt_verdict checksum_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, checksum) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "CHECKSUM",
		.summary = "fill in checksums left to the network card",
		.families = PKTT_FAM_IP,
		.tables = "mangle",
		.reads = PKTT_READS_NOTHING,
		PKTT_PARAMS(checksum_params, struct checksum_args),
	},
	.run = checksum_run,
};
