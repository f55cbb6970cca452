/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

#include <netinet/in.h>

struct ipcomp_args {
	struct pktt_args head;
	struct pktt_range16 cpi;
	bool reserved;
};

enum { CPI, RESERVED };
enum { HEADER_LEN = 4 };

static const struct pktt_param ipcomp_params[] = {
	[CPI] = {
		.name = "ipcompspi",
		.help = "compression parameter index, or a range of them",
		PKTT_STORE(struct ipcomp_args, cpi, range16),
		PKTT_COMPARE_AT(PKTT_L4, 2, 2),
		.flags = PKTT_NEGATABLE,
	},
	[RESERVED] = {
		.name = "compres",
		.help = "taken as iptables takes it, and like there without effect",
		PKTT_STORE(struct ipcomp_args, reserved, flag),
	},
};

PKTT_REGISTER(pktt_match, ipcomp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "ipcomp",
		.summary = "compression parameter index of a compressed payload",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_COMP },
		.l4_min = HEADER_LEN,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(ipcomp_params, struct ipcomp_args),
	},
};
