/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helper/broadcast.h"

#include <netinet/in.h>
#include <string.h>

#include "base/own.h"
#include "core/env.h"
#include "helper/help.h"

/* The mask of the subnet that the packet is a broadcast to. */
static bool mask_of(const struct pktt_packet *pkt, struct pktt_addr *ret)
{
	struct pktt_addr dst = pktt_packet_dst(pkt);
	const struct pktt_env_ops *ops = pkt->env->ops;

	return pkt->is_local && pkt->out && ops->broadcast_mask &&
	       ops->broadcast_mask(pkt->env, pkt->out, &dst, ret);
}

void help_broadcast(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info,
		    const struct ct_helper *helper, uint32_t seconds)
{
	PKTT_AUTO(expect_put) struct expect *expect = NULL;
	struct pktt_addr mask, src, dst;
	const struct ct_tuple *reply;
	struct help help;
	uint16_t port;

	if (!help_begin(&help, pkt, conn, info) || help.dir != CT_ORIGINAL || !mask_of(pkt, &mask))
		return;
	expect = expect_new(help.ct, conn);
	if (!expect)
		return;
	reply = &help.tuple[CT_REPLY];
	src = ct_tuple_src(reply);
	dst = ct_tuple_dst(reply);
	port = htons(helper->ports[0]);
	expect_init(expect, 0, &src, &dst, reply->protocol, &port, &reply->dport);
	memcpy(expect->mask.src, mask.byte, mask.len);
	expect->flags = CT_EXPECT_PERMANENT;
	/* Who cannot be expected is not told of: the question goes out all the same. */
	(void)expect_related(help.ct, expect);
	help_refresh(&help, seconds);
}
