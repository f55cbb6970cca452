/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protocols that nothing is known of: addresses are all of their tuple, any packet goes. */
#include "conntrack/l4proto.h"

static enum ct_judge packet(struct ct_meet *meet)
{
	ct_refresh(meet, meet->timeouts[CT_GENERIC_TIMEOUT_TIMEOUT]);
	return CT_OK;
}

static const char *const timeout_names[CT_GENERIC_TIMEOUT_COUNT] = {
#define X(id, name, seconds) name,
	CT_GENERIC_TIMEOUTS(X)
#undef X
};

const struct ct_l4proto ct_proto_generic = {
	.protocol = 255,
	.name = "unknown",
	.packet = packet,
	.timeout_count = CT_GENERIC_TIMEOUT_COUNT,
	.timeout_names = timeout_names,
	.timeouts_offset = offsetof(struct ct_settings, generic),
};
