/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matches on what a host has beside packets: sockets, IPsec policies, IPVS, accounting. Where there
 * is no such thing the answer is Linux's for a host that has none of it.
 */
#include <errno.h>
#include <netinet/in.h>

#include "core/packet.h"

#define BIT(n) (UINT64_C(1) << (n))

static enum pktt_hit never(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_MISS;
}

/* --- socket ----------------------------------------------------------------------------------- */

struct socket_args {
	struct pktt_args head;
	bool transparent, nowildcard, restore;
};

enum { TRANSPARENT, NOWILDCARD, RESTORE };

static const struct pktt_param socket_params[] = {
	[TRANSPARENT] = {
		.name = "transparent",
		.help = "the socket takes packets for other addresses",
		PKTT_STORE(struct socket_args, transparent, flag),
	},
	[NOWILDCARD] = {
		.name = "nowildcard",
		.help = "the socket may be bound to any address",
		PKTT_STORE(struct socket_args, nowildcard, flag),
	},
	[RESTORE] = {
		.name = "restore-skmark",
		.help = "set the packet's mark to the socket's",
		PKTT_STORE(struct socket_args, restore, flag),
	},
};

PKTT_REGISTER(pktt_match, socket) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "socket",
		.summary = "match packets that a local socket waits for",
		.why = "needs the sockets of a live host",
		.families = PKTT_FAM_IP,
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_IN),
		.reads = PKTT_READS_HOST,
		.flags = PKTT_EXT_LIVE_ONLY,
		PKTT_PARAMS(socket_params, struct socket_args),
	},
	.match = never,
};

/* --- cgroup ----------------------------------------------------------------------------------- */

struct cgroup_args {
	struct pktt_args head;
	char path[512];
	uint32_t class;
};

enum { PATH, CLASS };

static const struct pktt_param cgroup_params[] = {
	[PATH] = {
		.name = "path",
		.help = "the socket is in this group or below it",
		PKTT_STORE_TEXT(struct cgroup_args, path),
		.excludes = BIT(CLASS),
		.flags = PKTT_NEGATABLE,
	},
	[CLASS] = {
		.name = "cgroup",
		.help = "class of the socket's group",
		PKTT_STORE(struct cgroup_args, class, u32),
		.excludes = BIT(PATH),
		.flags = PKTT_NEGATABLE,
	},
};

static int cgroup_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct cgroup_args *args = vargs;

	(void)ctx;
	if (!args->head.given)
		return pktt_fail(err, -EINVAL, "cgroup needs --path or --cgroup");
	return 0;
}

PKTT_REGISTER(pktt_match, cgroup) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "cgroup",
		.summary = "match the control group of the local socket",
		.why = "needs the sockets of a live host",
		.families = PKTT_FAM_IP,
		.hooks = PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_POST_ROUTING) |
			 PKTT_HOOK(PKTT_LOCAL_IN),
		.reads = PKTT_READS_HOST,
		.flags = PKTT_EXT_LIVE_ONLY,
		PKTT_PARAMS(cgroup_params, struct cgroup_args),
		.check = cgroup_check,
	},
	.match = never,
};

/* --- ipvs ------------------------------------------------------------------------------------- */

struct ipvs_args {
	struct pktt_args head;
	bool ipvs;
	uint8_t protocol, direction, method;
	struct pktt_prefix addr;
	uint16_t port, control_port;
};

enum { IPVS, VPROTO, VADDR, VPORT, VDIR, VMETHOD, VPORTCTL };

static const struct pktt_symbol directions[] = { { "ORIGINAL", 0 }, { "REPLY", 1 }, { 0 } };
static const struct pktt_symbol methods[] = { { "MASQ", 0 }, { "IPIP", 2 }, { "GATE", 3 }, { 0 } };

static const struct pktt_param ipvs_params[] = {
	[IPVS] = {
		.name = "ipvs",
		.help = "the packet belongs to a connection of IPVS",
		PKTT_STORE(struct ipvs_args, ipvs, flag),
		.flags = PKTT_NEGATABLE,
	},
	[VPROTO] = {
		.name = "vproto",
		.help = "protocol of the virtual service",
		PKTT_STORE(struct ipvs_args, protocol, proto),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_NUMBER,
	},
	[VADDR] = {
		.name = "vaddr",
		.help = "address of the virtual service",
		PKTT_STORE(struct ipvs_args, addr, prefix),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HOST,
	},
	[VPORT] = {
		.name = "vport",
		.help = "port of the virtual service",
		PKTT_STORE(struct ipvs_args, port, port),
		.flags = PKTT_NEGATABLE,
	},
	[VDIR] = {
		.name = "vdir",
		.help = "direction of the packet",
		PKTT_STORE(struct ipvs_args, direction, enum8),
		.symbols = directions,
	},
	[VMETHOD] = {
		.name = "vmethod",
		.help = "how the connection is forwarded",
		PKTT_STORE(struct ipvs_args, method, enum8),
		.symbols = methods,
		.flags = PKTT_NEGATABLE,
	},
	[VPORTCTL] = {
		.name = "vportctl",
		.help = "port of the controlling connection",
		PKTT_STORE(struct ipvs_args, control_port, port),
		.flags = PKTT_NEGATABLE,
	},
};

static enum pktt_hit ipvs_match(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)state;
	return pktt_test(args, IPVS, false);
}

PKTT_REGISTER(pktt_match, ipvs) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "ipvs",
		.summary = "match what IPVS knows of the connection",
		.why = "there is no IPVS: no packet belongs to it",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(ipvs_params, struct ipvs_args),
	},
	.match = ipvs_match,
};

/* --- policy ----------------------------------------------------------------------------------- */

/* A policy is a list of transformations; the kernel compares at most four. */
struct policy_element {
	uint8_t protocol, mode;
	uint32_t reqid, spi;
	struct pktt_prefix src, dst;
};

struct policy_args {
	struct pktt_args head;
	uint8_t direction, policy;
	bool strict, next, next2, next3;
	struct policy_element element[4];
};

enum { REQID, SPI, PROTO, MODE, TUNNEL_DST, TUNNEL_SRC, PER_ELEMENT };
enum { DIR, POL, STRICT, ELEMENTS };
/* Parameter f of element n, from 0; between two elements stands a --next. */
#define FIELD(n, f) (ELEMENTS + (n) * (PER_ELEMENT + 1) + (f))
#define NEXT(n)	    FIELD(n, PER_ELEMENT)
enum { POL_NONE = 0, POL_IPSEC = 1 };

static const struct pktt_symbol policy_dirs[] = { { "in", 0 }, { "out", 1 }, { 0 } };
static const struct pktt_symbol policy_kinds[] = { { "none", POL_NONE },
						   { "ipsec", POL_IPSEC },
						   { 0 } };
static const struct pktt_symbol policy_modes[] = { { "transport", 0 }, { "tunnel", 1 }, { 0 } };

/* clang-format off */
#define POLICY_FIELD(n, suffix, field, opt, what, member, ty, ...)                                \
	[FIELD(n, field)] = {                                                                     \
		.name = opt suffix,                                                               \
		.help = what,                                                                     \
		PKTT_STORE(struct policy_args, element[n].member, ty),                            \
		__VA_ARGS__                                                                       \
	}
/* One element; more says how a further one is told from the first. */
#define POLICY_ELEMENT(n, suffix, show, more)                                                     \
	POLICY_FIELD(n, suffix, REQID, "reqid", "identifier of the policy", reqid, u32,           \
		     .flags = PKTT_NEGATABLE | (show), more(n, REQID)),                           \
	POLICY_FIELD(n, suffix, SPI, "spi", "security parameter index", spi, hex32,               \
		     .flags = PKTT_NEGATABLE | (show), more(n, SPI)),                             \
	POLICY_FIELD(n, suffix, PROTO, "proto", "protocol of the transformation", protocol,       \
		     proto, .flags = PKTT_NEGATABLE | (show), more(n, PROTO)),                    \
	POLICY_FIELD(n, suffix, MODE, "mode", "mode of the transformation", mode, enum8,          \
		     .symbols = policy_modes, .flags = PKTT_NEGATABLE | (show), more(n, MODE)),   \
	POLICY_FIELD(n, suffix, TUNNEL_DST, "tunnel-dst", "far end of the tunnel", dst, prefix,   \
		     .flags = PKTT_NEGATABLE | PKTT_SHOW_HOST | (show), more(n, TUNNEL_DST)),     \
	POLICY_FIELD(n, suffix, TUNNEL_SRC, "tunnel-src", "near end of the tunnel", src, prefix,  \
		     .flags = PKTT_NEGATABLE | PKTT_SHOW_HOST | (show), more(n, TUNNEL_SRC))
#define FIRST(n, f) .again = 0
#define FURTHER(n, f) PKTT_AGAIN(FIELD(0, f)), .needs = BIT(NEXT((n) - 1))
/* clang-format on */

static const struct pktt_param policy_params[] = {
	[DIR] = {
		.name = "dir",
		.help = "policy of decapsulation (in) or of encapsulation (out)",
		PKTT_STORE(struct policy_args, direction, enum8),
		.symbols = policy_dirs,
		.flags = PKTT_REQUIRED,
	},
	[POL] = {
		.name = "pol",
		.help = "whether there is a policy",
		PKTT_STORE(struct policy_args, policy, enum8),
		.symbols = policy_kinds,
		.flags = PKTT_REQUIRED,
	},
	[STRICT] = {
		.name = "strict",
		.help = "the whole policy is described, not one element of it",
		PKTT_STORE(struct policy_args, strict, flag),
	},
	POLICY_ELEMENT(0, "", 0, FIRST),
	[NEXT(0)] = {
		.name = "next",
		.help = "what follows describes the next element",
		PKTT_STORE(struct policy_args, next, flag),
		.needs = BIT(STRICT),
	},
	POLICY_ELEMENT(1, "2", PKTT_HIDDEN, FURTHER),
	[NEXT(1)] = {
		.name = "next2",
		.help = "what follows describes the third element",
		PKTT_STORE(struct policy_args, next2, flag),
		PKTT_AGAIN(NEXT(0)),
		.needs = BIT(NEXT(0)),
		.flags = PKTT_HIDDEN,
	},
	POLICY_ELEMENT(2, "3", PKTT_HIDDEN, FURTHER),
	[NEXT(2)] = {
		.name = "next3",
		.help = "what follows describes the last element",
		PKTT_STORE(struct policy_args, next3, flag),
		PKTT_AGAIN(NEXT(0)),
		.needs = BIT(NEXT(1)),
		.flags = PKTT_HIDDEN,
	},
	POLICY_ELEMENT(3, "4", PKTT_HIDDEN, FURTHER),
};

static bool is_ipsec(uint8_t protocol)
{
	return protocol == IPPROTO_AH || protocol == IPPROTO_ESP || protocol == IPPROTO_COMP;
}

static int policy_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct policy_args *args = vargs;

	(void)ctx;
	if (args->policy == POL_NONE && args->head.given & ~(BIT(DIR) | BIT(POL)))
		return pktt_fail(err, -EINVAL, "--pol none: there is nothing else to describe");
	for (unsigned int n = 0; n < 4; n++)
		if (pktt_given(args, FIELD(n, PROTO)) && !is_ipsec(args->element[n].protocol))
			return pktt_fail(err, -EINVAL, "--proto: ah, esp or ipcomp is expected");
	return 0;
}

/* No packet here has been through IPsec, or is going to. */
static enum pktt_hit policy_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct policy_args *args = vargs;

	(void)pkt;
	(void)state;
	return args->policy == POL_NONE ? PKTT_HIT : PKTT_MISS;
}

PKTT_REGISTER(pktt_match, policy) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "policy",
		.summary = "match the IPsec policy of the packet",
		.why = "there is no IPsec here: only --pol none matches",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(policy_params, struct policy_args),
		.check = policy_check,
	},
	.match = policy_match,
};
