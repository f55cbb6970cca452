/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts that are not built in: weak, so that each is left behind as soon as it is there. */
#include "bus/sub.h"
#include "core/change.h"
#include "core/hook.h"

#define ABSENT __attribute__((weak))

ABSENT int sub_pktt_new(struct sub_pktt **ret, struct nfnl *bus,
			const struct sub_pktt_config *config, struct pktt_error *err)
{
	(void)ret, (void)bus, (void)config, (void)err;
	return 0;
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
ABSENT int sub_ct_new(struct sub_ct **ret, struct nfnl *bus, struct conntrack *ct,
		      unsigned int worker, struct pktt_error *err)
{
	(void)ret, (void)bus, (void)ct, (void)worker, (void)err;
	return 0;
}
ABSENT void sub_ct_free(struct sub_ct **sub)
{
	(void)sub;
}
ABSENT void sub_ct_drain(struct sub_ct *sub)
{
	(void)sub;
}
ABSENT int sub_queue_new(struct sub_queue **ret, struct nfnl *bus, const struct sub_queue_ops *ops,
			 struct pktt_error *err)
{
	(void)ret, (void)bus, (void)ops, (void)err;
	return 0;
}
ABSENT void sub_queue_free(struct sub_queue **sub)
{
	(void)sub;
}
ABSENT bool sub_queue_packet(struct sub_queue *sub, struct pktt_packet *pkt, bool *go_on)
{
	(void)sub;
	*go_on = pkt->queue.bypass;
	return false;
}
ABSENT int sub_ulog_new(struct sub_ulog **ret, struct nfnl *bus, struct pktt_error *err)
{
	(void)ret, (void)bus, (void)err;
	return 0;
}
ABSENT void sub_ulog_free(struct sub_ulog **sub)
{
	(void)sub;
}
ABSENT void sub_ulog_packet(struct sub_ulog *sub, const struct pktt_nflog *log)
{
	(void)sub, (void)log;
}
