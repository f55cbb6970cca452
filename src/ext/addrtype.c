/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an address is to this host, by its routes. */
#include "core/env.h"
#include "ext/match.h"

#include <errno.h>

struct addrtype_args {
	struct pktt_args head;
	uint32_t src, dst;
	bool limit_in, limit_out;
};

enum { SRC, DST, LIMIT_IN, LIMIT_OUT };
#define BIT(n)	(UINT64_C(1) << (n))
#define TYPE(t) (1u << PKTT_ROUTE_##t)

static const struct pktt_symbol types[] = {
	{ "UNSPEC", TYPE(UNSPEC) },
	{ "UNICAST", TYPE(UNICAST) },
	{ "LOCAL", TYPE(LOCAL) },
	{ "BROADCAST", TYPE(BROADCAST) },
	{ "ANYCAST", TYPE(ANYCAST) },
	{ "MULTICAST", TYPE(MULTICAST) },
	{ "BLACKHOLE", TYPE(BLACKHOLE) },
	{ "UNREACHABLE", TYPE(UNREACHABLE) },
	{ "PROHIBIT", TYPE(PROHIBIT) },
	{ "THROW", TYPE(THROW) },
	{ "NAT", TYPE(NAT) },
	{ "XRESOLVE", TYPE(XRESOLVE) },
	{ NULL, 0 },
};

static const struct pktt_param addrtype_params[] = {
	[SRC] = {
		.name = "src-type",
		.help = "type of the source address",
		PKTT_STORE(struct addrtype_args, src, bits32),
		.symbols = types,
		.flags = PKTT_NEGATABLE | PKTT_CASELESS | PKTT_PREFIX,
	},
	[DST] = {
		.name = "dst-type",
		.help = "type of the destination address",
		PKTT_STORE(struct addrtype_args, dst, bits32),
		.symbols = types,
		.flags = PKTT_NEGATABLE | PKTT_CASELESS | PKTT_PREFIX,
	},
	[LIMIT_IN] = {
		.name = "limit-iface-in",
		.help = "local and broadcast addresses of the incoming interface only",
		PKTT_STORE(struct addrtype_args, limit_in, flag),
		.excludes = BIT(LIMIT_OUT),
		.needs = BIT(SRC) | BIT(DST),
	},
	[LIMIT_OUT] = {
		.name = "limit-iface-out",
		.help = "local and broadcast addresses of the outgoing interface only",
		PKTT_STORE(struct addrtype_args, limit_out, flag),
		.excludes = BIT(LIMIT_IN),
		.needs = BIT(SRC) | BIT(DST),
	},
};

static int addrtype_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct addrtype_args *args = vargs;
	uint32_t all = args->src | args->dst;

	if (!pktt_given(args, SRC) && !pktt_given(args, DST))
		return pktt_fail(err, -EINVAL, "addrtype needs --src-type or --dst-type");
	if (ctx->family == PKTT_IPV6 &&
	    (all & (TYPE(BROADCAST) | TYPE(BLACKHOLE)) || all >= TYPE(PROHIBIT)))
		return pktt_fail(err, -EINVAL,
				 "addrtype: IPv6 knows no BROADCAST, BLACKHOLE, PROHIBIT, THROW, "
				 "NAT or XRESOLVE");
	return 0;
}

static uint32_t addrtype_hooks(const void *args)
{
	uint32_t in = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_IN);
	uint32_t out = PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_POST_ROUTING);

	if (pktt_given(args, LIMIT_IN))
		return in | PKTT_HOOK(PKTT_FORWARD);
	if (pktt_given(args, LIMIT_OUT))
		return out | PKTT_HOOK(PKTT_FORWARD);
	return 0;
}

static enum pktt_route_type ask(const struct pktt_packet *pkt, const struct pktt_addr *addr,
				const struct pktt_iface *dev)
{
	if (!pkt->env->ops->addr_type)
		return PKTT_ROUTE_UNICAST;
	return pkt->env->ops->addr_type(pkt->env, addr, dev);
}

/* inet_dev_addr_type(): what every host knows comes first. */
static bool is_type4(const struct pktt_packet *pkt, const struct pktt_addr *addr,
		     const struct pktt_iface *dev, uint32_t want)
{
	static const uint8_t ones[4] = { 0xff, 0xff, 0xff, 0xff };

	if (addr->byte[0] == 0 || memcmp(addr->byte, ones, 4) == 0)
		return want & TYPE(BROADCAST);
	if (addr->byte[0] >> 4 == 14)
		return want & TYPE(MULTICAST);
	return want >> ask(pkt, addr, dev) & 1;
}

static bool is_any6(const struct pktt_addr *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr->byte, zero, 16) == 0;
}

/* Linux's ipv6_addr_type(): all is unicast that is neither multicast, unspecified nor mapped. */
static bool is_unicast6(const struct pktt_addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return addr->byte[0] != 0xff && !is_any6(addr) && memcmp(addr->byte, mapped, 12) != 0;
}

/* As in Linux, multicast, unicast and unspecified must all hold, of the others any one. */
static bool is_type6(const struct pktt_packet *pkt, const struct pktt_addr *addr,
		     const struct pktt_iface *dev, uint32_t want)
{
	uint32_t by_route = want & (TYPE(LOCAL) | TYPE(ANYCAST) | TYPE(UNREACHABLE));

	if ((want & TYPE(MULTICAST) && addr->byte[0] != 0xff) ||
	    (want & TYPE(UNICAST) && !is_unicast6(addr)) || (want & TYPE(UNSPEC) && !is_any6(addr)))
		return false;
	return !by_route || by_route >> ask(pkt, addr, dev) & 1;
}

static bool is_type(const struct pktt_packet *pkt, struct pktt_addr addr,
		    const struct pktt_iface *dev, uint32_t want)
{
	return addr.len == 4 ? is_type4(pkt, &addr, dev, want) : is_type6(pkt, &addr, dev, want);
}

static enum pktt_hit addrtype_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct addrtype_args *args = vargs;
	const struct pktt_iface *dev = args->limit_in ? pkt->in : args->limit_out ? pkt->out : NULL;

	(void)state;
	if (pktt_packet_src(pkt).len == 0)
		return PKTT_BAD;
	if (pktt_given(args, SRC) &&
	    fails(args, SRC, is_type(pkt, pktt_packet_src(pkt), dev, args->src)))
		return PKTT_MISS;
	return hit_if(!pktt_given(args, DST) ||
		      !fails(args, DST, is_type(pkt, pktt_packet_dst(pkt), dev, args->dst)));
}

PKTT_REGISTER(pktt_match, addrtype) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "addrtype",
		.summary = "what an address is to this host: local, broadcast, multicast and others",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_TUPLE | PKTT_READS_IFACE | PKTT_READS_HOST,
		PKTT_PARAMS(addrtype_params, struct addrtype_args),
		.check = addrtype_check,
		.hooks_for = addrtype_hooks,
	},
	.match = addrtype_match,
};
