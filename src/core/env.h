/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is around a packet: all that rules ask of the host, and all that leaves the engine otherwise
 * than by a verdict. A datapath fills in the table; a function that is NULL answers "nothing
 * there". Time and chance come from here, so that a run under one seed is the same run.
 */
#ifndef PKTT_CORE_ENV_H
#define PKTT_CORE_ENV_H

#include "core/packet.h"

struct pktt_hook_fn; /* core/hook.h */

struct pktt_route_query {
	enum pktt_family family;      /* IPV4 or IPV6 */
	struct pktt_addr src, dst;    /* src.len 0 = any */
	const struct pktt_iface *in;  /* NULL = a locally made packet */
	const struct pktt_iface *oif; /* restrict to this interface, or NULL */
	uint32_t mark;
	uint8_t tos;
	/* not in [ipv6]: addresses that are local are unreachable to the query, as rpfilter asks */
};

enum pktt_route_type { /* linux/rtnetlink.h RTN_* */
		       PKTT_ROUTE_UNSPEC = 0,
		       PKTT_ROUTE_UNICAST = 1,
		       PKTT_ROUTE_LOCAL = 2,
		       PKTT_ROUTE_BROADCAST = 3,
		       PKTT_ROUTE_ANYCAST = 4,
		       PKTT_ROUTE_MULTICAST = 5,
		       PKTT_ROUTE_BLACKHOLE = 6,
		       PKTT_ROUTE_UNREACHABLE = 7,
		       PKTT_ROUTE_PROHIBIT = 8,
		       PKTT_ROUTE_THROW = 9,
		       PKTT_ROUTE_NAT = 10,
		       PKTT_ROUTE_XRESOLVE = 11,
};

struct pktt_route {
	enum pktt_route_type type;
	const struct pktt_iface *out;
	struct pktt_addr via;	    /* next hop; len 0 = on link */
	struct pktt_addr preferred; /* source address that the host would use */
	uint32_t mtu;
	bool is_anycast; /* IPv6: to a subnet's own address, its router's */
};

/* What LOG writes: text is the kernel's line after its time stamp. */
struct pktt_log {
	const struct pktt_packet *pkt;
	uint8_t level; /* syslog 0..7 */
	const char *text;
};

/* What NFLOG and ULOG hand over. The receiver copies what it keeps. */
struct pktt_nflog {
	const struct pktt_packet *pkt;
	bool is_ulog;
	uint16_t group; /* ULOG: bit number + 1 */
	uint32_t range; /* bytes of the packet to copy; 0 = all (ULOG), NFLOG: see has_range */
	bool has_range;
	uint16_t threshold;
	const char *prefix;
};

/* A step of a traced packet, for TRACE, monitor and explain. */
enum pktt_step_kind { PKTT_STEP_RULE, PKTT_STEP_RETURN, PKTT_STEP_POLICY };
struct pktt_step {
	enum pktt_step_kind kind;
	const struct pktt_packet *pkt;
	const struct pktt_chain *base, *chain;
	const struct pktt_rule *rule; /* NULL for RETURN at a chain's end and POLICY */
	enum pktt_verdict verdict;
};

struct pktt_env_ops {
	uint32_t (*random)(struct pktt_env *env);
	/* 0, or -ENETUNREACH. */
	int (*route)(struct pktt_env *env, const struct pktt_route_query *q,
		     struct pktt_route *ret);
	/*
	 * Type of an address in the host's tables, as Linux's inet_addr_type / ipv6_chk_addr and
	 * route type; limited to one interface if dev is given.
	 */
	enum pktt_route_type (*addr_type)(struct pktt_env *env, const struct pktt_addr *addr,
					  const struct pktt_iface *dev);
	/*
	 * The address that this host would send from towards dst, preferring those of an interface
	 * (ipv6_dev_get_saddr()). 0, or -EADDRNOTAVAIL; NULL = the route's preferred one.
	 */
	int (*source)(struct pktt_env *env, const struct pktt_addr *dst,
		      const struct pktt_iface *dev, struct pktt_addr *ret);
	/*
	 * Whether an IPv4 address is the broadcast address of a subnet that an interface of this host has
	 * an address of (a primary one); mask is the subnet's. NULL = never.
	 */
	bool (*broadcast_mask)(struct pktt_env *env, const struct pktt_iface *dev,
			       const struct pktt_addr *addr, struct pktt_addr *mask);
	/*
	 * The first address of an interface of dst's family, and in IPv6 of dst's scope: what REDIRECT
	 * translates to. 0, or -EADDRNOTAVAIL.
	 */
	int (*own_address)(struct pktt_env *env, const struct pktt_addr *dst,
			   const struct pktt_iface *dev, struct pktt_addr *ret);
	/*
	 * A packet that this host makes (REJECT's answer): routed, LOCAL_OUT, POST_ROUTING. Takes
	 * it.
	 */
	void (*emit)(struct pktt_env *env, struct pktt_packet **reply,
		     const struct pktt_packet *cause);
	/* TEE: a copy towards a gateway (and interface, or NULL). Takes it. */
	void (*tee)(struct pktt_env *env, struct pktt_packet **copy,
		    const struct pktt_addr *gateway, const char *oif);
	/* A frame that a bridge or ARP target answers with (arpreply). Takes it. */
	void (*emit_frame)(struct pktt_env *env, struct pktt_packet **frame,
			   const struct pktt_iface *out);
	void (*log)(struct pktt_env *env, const struct pktt_log *log);
	void (*nflog)(struct pktt_env *env, const struct pktt_nflog *log);
	/* true = somebody listens and has the packet (STOLEN); false = nobody. */
	bool (*queue)(struct pktt_env *env, struct pktt_packet *pkt);
	void (*step)(struct pktt_env *env, const struct pktt_step *step);
};

struct pktt_env {
	const struct pktt_env_ops *ops;
	/* explain: tells of every rule looked at, hit or not. NULL outside explain. */
	void (*look)(struct pktt_env *env, struct pktt_packet *pkt, const struct pktt_chain *chain,
		     const struct pktt_rule *rule, const struct pktt_use *missed,
		     enum pktt_hit hit);
	/*
	 * explain: a function beside the chains is about to run (CONTINUE), or has run with that
	 * verdict. NULL outside explain.
	 */
	void (*beside)(struct pktt_env *env, struct pktt_packet *pkt, const struct pktt_hook_fn *fn,
		       enum pktt_verdict verdict);
	unsigned int worker; /* index of counters */
	uint64_t generation; /* that the batch reads */
};

#endif
