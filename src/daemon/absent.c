/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts that are not built in: weak, so that each is left behind as soon as it is there. */
#include "bus/sub.h"
#include "core/change.h"
#include "core/hook.h"

#define ABSENT __attribute__((weak))

ABSENT int sub_pktt_new(struct sub_pktt **ret, struct nfnl *bus,
			const struct sub_pktt_config *config, struct pktt_error *err)
{
	static struct nfnl_subsys own = {
		.name = "rules",
		.id = PKTT_SUBSYS_RULES,
		.ncalls = PKTT_MSG_COUNT,
	};

	(void)ret;
	(void)err;
	own.call = config->calls;
	return nfnl_register(bus, &own);
}
ABSENT void sub_pktt_free(struct sub_pktt **sub)
{
	(void)sub;
}
ABSENT void sub_pktt_step(struct sub_pktt *sub, const struct pktt_step *step)
{
	(void)sub, (void)step;
}
ABSENT bool sub_pktt_wants_trace(struct sub_pktt *sub, const struct pktt_packet *pkt)
{
	(void)sub, (void)pkt;
	return false;
}
