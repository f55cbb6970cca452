/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an answer would leave by the interface that the packet came in by. */
#include "core/env.h"
#include "ext/match.h"

struct rpfilter_args {
	struct pktt_args head;
	bool loose, valid_mark, accept_local, invert;
};

enum { LOOSE, VALIDMARK, ACCEPT_LOCAL, INVERT };
enum { ARPHRD_LOOPBACK = 772 };

static const struct pktt_param rpfilter_params[] = {
	[LOOSE] = {
		.name = "loose",
		.help = "a way back by any interface will do",
		PKTT_STORE(struct rpfilter_args, loose, flag),
	},
	[VALIDMARK] = {
		.name = "validmark",
		.help = "the way back is looked up with the packet's mark",
		PKTT_STORE(struct rpfilter_args, valid_mark, flag),
	},
	[ACCEPT_LOCAL] = {
		.name = "accept-local",
		.help = "a source address of this host will do",
		PKTT_STORE(struct rpfilter_args, accept_local, flag),
	},
	[INVERT] = {
		.name = "invert",
		.help = "match what fails the test",
		PKTT_STORE(struct rpfilter_args, invert, flag),
	},
};

static bool is_zero(const struct pktt_addr *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr->byte, zero, addr->len) == 0;
}

static bool is_multicast(const struct pktt_addr *addr)
{
	return addr->len == 4 ? addr->byte[0] >> 4 == 14 : addr->byte[0] == 0xff;
}

static bool is_broadcast4(const struct pktt_addr *addr)
{
	static const uint8_t ones[4] = { 0xff, 0xff, 0xff, 0xff };

	return addr->len == 4 && memcmp(addr->byte, ones, 4) == 0;
}

static bool is_link_local6(const struct pktt_addr *addr)
{
	return addr->len == 16 && addr->byte[0] == 0xfe && (addr->byte[1] & 0xc0) == 0x80;
}

/* A source that no route leads to, but that is no forgery: a host that asks for its address. */
static bool is_exempt(const struct pktt_packet *pkt, const struct pktt_addr *src,
		      const struct pktt_addr *dst)
{
	static const uint8_t local_group[3] = { 224, 0, 0 };

	if (pkt->pkttype == PKTT_PKT_LOOPBACK || (pkt->in && pkt->in->arphrd == ARPHRD_LOOPBACK))
		return true;
	if (src->len == 16)
		return is_zero(src);
	return src->byte[0] == 0 && (is_broadcast4(dst) || memcmp(dst->byte, local_group, 3) == 0);
}

/* Whether it is an address of the interface itself. */
static bool is_own_address(const struct pktt_packet *pkt, const struct pktt_addr *addr)
{
	const struct pktt_env_ops *ops = pkt->env->ops;

	return ops->addr_type && ops->addr_type(pkt->env, addr, pkt->in) == PKTT_ROUTE_LOCAL;
}

static bool has_way_back(const struct pktt_packet *pkt, const struct rpfilter_args *args,
			 const struct pktt_addr *src, const struct pktt_addr *dst)
{
	struct pktt_route_query q = { .family = pkt->family, .dst = *src };
	struct pktt_route route = { 0 };
	uint8_t tos = 0;

	if (!is_multicast(dst) && !is_broadcast4(dst) && !(dst->len == 4 && dst->byte[0] == 0))
		q.src = *dst;
	if (args->valid_mark)
		q.mark = pkt->mark;
	if (packet_tos(pkt, &tos) && src->len == 4)
		q.tos = tos & 0x1c;
	if (src->len == 16 && (!args->loose || is_link_local6(src)))
		q.oif = pkt->in;
	if (!pkt->env->ops->route || pkt->env->ops->route(pkt->env, &q, &route))
		return false;
	if (route.type == PKTT_ROUTE_LOCAL && src->len == 16)
		return args->accept_local;
	if (route.type == PKTT_ROUTE_LOCAL)
		return args->accept_local && (args->loose || is_own_address(pkt, src));
	return route.type == PKTT_ROUTE_UNICAST && (args->loose || route.out == pkt->in);
}

static enum pktt_hit rpfilter_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct rpfilter_args *args = vargs;
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);

	(void)state;
	if (src.len == 0)
		return PKTT_BAD;
	return hit_if((is_exempt(pkt, &src, &dst) || has_way_back(pkt, args, &src, &dst)) !=
		      args->invert);
}

PKTT_REGISTER(pktt_match, rpfilter) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "rpfilter",
		.summary = "reverse path test: would an answer leave where the packet came in",
		.families = PKTT_FAM_IP,
		.tables = "raw mangle",
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING),
		.reads = PKTT_READS_TUPLE | PKTT_READS_IFACE | PKTT_READS_MARK | PKTT_READS_HOST,
		PKTT_PARAMS(rpfilter_params, struct rpfilter_args),
	},
	.match = rpfilter_match,
};
