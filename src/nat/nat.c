/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: the hooks. A connection that is new asks the nat chains, once for each half; what they do
 * not bind is bound to where it is. Every packet is then rewritten by the connection's tuples. What this
 * host sends is routed again where its destination is another now.
 *
 * Life-cycle: the state hangs on connection tracking and goes with it.
 *
 * Synchronization: a binding is the packet's that opens the connection, until it is confirmed; from
 * then on it is constant. Indices have locks of their own (source.c, portmap.c).
 */
#include "nat/nat.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "core/env.h"
#include "core/hook.h"
#include "nat/own.h"
#include "nat/portmap.h"
#include "nat/seqadj.h"
#include "nat/source.h"

enum nat_kind nat_kind_of(enum pktt_hook hook)
{
	return hook == PKTT_POST_ROUTING || hook == PKTT_LOCAL_IN ? NAT_SRC : NAT_DST;
}

static bool is_done(const struct pktt_packet *pkt)
{
	return conn_status(pkt->ct) & nat_done_bit(nat_kind_of(pkt->hook));
}

/* A target that could not bind is told from a policy by the rule. */
static enum pktt_verdict ended(struct pktt_packet *pkt, enum pktt_verdict v)
{
	if (v == PKTT_DROP && pkt->decision.rule)
		pkt->decision.reason = PKTT_REASON_NAT;
	return v;
}

static enum pktt_verdict bind_new(struct pktt_packet *pkt, enum pktt_hook hook)
{
	enum pktt_verdict v = pktt_hook_run_nat(pkt, hook, is_done);

	if (v != PKTT_ACCEPT)
		return ended(pkt, v);
	if (is_done(pkt))
		return PKTT_ACCEPT;
	return nat_null_binding(pkt, pkt->ct, nat_kind_of(hook));
}

static bool is_related(const struct pktt_packet *pkt)
{
	return pkt->ct_info == PKTT_CT_RELATED || pkt->ct_info == PKTT_CT_RELATED_REPLY;
}

static bool is_icmp_error(const struct pktt_packet *pkt)
{
	uint8_t icmp = pkt->l3_family == PKTT_IPV6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;

	return is_related(pkt) && pkt->has_l4 && pkt->protocol == icmp;
}

static enum pktt_verdict translate(struct pktt_packet *pkt, enum pktt_hook hook)
{
	enum nat_kind kind = nat_kind_of(hook);
	enum pktt_verdict v = PKTT_ACCEPT;

	if (is_icmp_error(pkt))
		return nat_icmp_error(pkt, pkt->ct, pkt->ct_info, kind)
			       ? PKTT_ACCEPT
			       : pktt_packet_drop(pkt, PKTT_REASON_NAT);
	if ((pkt->ct_info == PKTT_CT_NEW || is_related(pkt)) && !is_done(pkt))
		v = bind_new(pkt, hook);
	else if (hook == PKTT_POST_ROUTING && nat_has_moved(pkt, pkt->ct)) {
		conntrack_kill(conntrack_of(pkt->engine), pkt->env->worker, pkt->ct);
		v = pktt_packet_drop(pkt, PKTT_REASON_NAT);
	}
	if (v == PKTT_ACCEPT && !nat_packet(pkt, pkt->ct, pkt->ct_info, kind))
		v = pktt_packet_drop(pkt, PKTT_REASON_NAT);
	return v;
}

/* ip_route_me_harder(): the other destination needs another way, and there may be none. */
static enum pktt_verdict route_again(struct pktt_packet *pkt)
{
	struct pktt_route_query q = {
		.family = pkt->l3_family,
		.src = pktt_packet_src(pkt),
		.dst = pktt_packet_dst(pkt),
		.mark = pkt->mark,
	};
	struct pktt_route route;

	pkt->is_rerouted = true;
	if (pkt->env->ops->route && pkt->env->ops->route(pkt->env, &q, &route) < 0)
		return pktt_packet_drop(pkt, PKTT_REASON_NO_ROUTE);
	return PKTT_ACCEPT;
}

static bool has_other_destination(const struct pktt_packet *pkt)
{
	enum ct_dir dir = nat_dir_of(pkt->ct_info);
	struct ct_tuple sent, answer;

	conn_tuple(pkt->ct, dir, &sent);
	conn_tuple(pkt->ct, !dir, &answer);
	return memcmp(sent.dst, answer.src, sizeof(sent.dst)) != 0;
}

static enum pktt_verdict hook_run(struct pktt_packet *pkt, enum pktt_hook hook)
{
	enum pktt_verdict v;

	if (!pkt->ct || !nat_of(conntrack_of(pkt->engine)))
		return PKTT_ACCEPT;
	v = translate(pkt, hook);
	if (v == PKTT_ACCEPT && hook == PKTT_LOCAL_OUT && has_other_destination(pkt))
		return route_again(pkt);
	return v;
}

#define NAT_HOOK(h, prio)                                              \
	{                                                              \
		.name = "nat", .hook = (h), .priority = (prio),        \
		.families = PKTT_FAM_V4 | PKTT_FAM_V6, .run = hook_run \
	}
static const struct pktt_hook_fn hooks[] = {
	NAT_HOOK(PKTT_PRE_ROUTING, PKTT_PRIO_NAT_DST),
	NAT_HOOK(PKTT_LOCAL_OUT, PKTT_PRIO_NAT_DST),
	NAT_HOOK(PKTT_POST_ROUTING, PKTT_PRIO_NAT_SRC),
	NAT_HOOK(PKTT_LOCAL_IN, PKTT_PRIO_NAT_SRC),
};

/* nf_is_loopback_packet(): what comes back on lo has been adjusted when it left. */
static bool seq_adjust(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info)
{
	enum { ARPHRD_LOOPBACK = 772 };

	if (pkt->in && pkt->in->arphrd == ARPHRD_LOOPBACK)
		return true;
	return nat_seqadj_packet(pkt, conn, nat_dir_of(info));
}

static const struct ct_nat_ops ct_ops = {
	.seq_adjust = seq_adjust,
	.forget = nat_forget,
	.bind = nat_bind,
};

/* --- Life --------------------------------------------------------------------------------------- */

static void nat_free(void *state)
{
	struct nat *nat = state;

	nat_sources_free(&nat->sources);
	nat_portmaps_free(&nat->portmaps);
	nat_masquerade_fini(nat);
	free(nat);
}

static int nat_new(struct nat **ret, struct conntrack *ct)
{
	struct siphash_key key = conntrack_hash_key(ct);
	struct nat *nat = calloc(1, sizeof(*nat));
	int r;

	if (!nat)
		return -ENOMEM;
	nat->ct = ct;
	nat->random = siphash(&key, "nat", 3);
	r = nat_sources_new(&nat->sources, &key);
	if (r == 0)
		r = nat_portmaps_new(&nat->portmaps, &key);
	if (r == 0)
		*ret = nat;
	else
		nat_free(nat);
	return r;
}

int nat_attach(struct pktt_engine *engine, struct pktt_error *err)
{
	struct conntrack *ct = conntrack_of(engine);
	struct nat *nat = NULL;
	int r;

	if (!ct)
		return pktt_fail(err, -EINVAL, "NAT needs connection tracking");
	r = nat_new(&nat, ct);
	if (r)
		return pktt_fail(err, r, "no memory for NAT");
	conntrack_set_nat_state(ct, nat, nat_free);
	conntrack_set_nat(ct, &ct_ops);
	r = pktt_engine_hook(engine, hooks, pktt_countof(hooks));
	if (r)
		return pktt_fail(err, r, "no memory for NAT");
	return 0;
}

void nat_keep_sources(struct pktt_engine *engine)
{
	struct conntrack *ct = conntrack_of(engine);

	if (ct && nat_of(ct))
		nat_sources_keep_all(nat_of(ct)->sources);
}
