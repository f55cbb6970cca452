/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The router that a replay stands for: its interfaces, addresses and routes, as Linux keeps them
 * with forwarding on and everything else at its default. Built from command-line words, then
 * constant.
 */
#ifndef REPLAY_ROUTER_H
#define REPLAY_ROUTER_H

#include "core/env.h"

struct router;
struct pktt_error;

/* linux/if_arp.h */
enum { ROUTER_ARPHRD_ETHER = 1, ROUTER_ARPHRD_LOOPBACK = 772 };

struct router_address {
	struct pktt_addr addr;
	uint8_t prefix_len;
	bool is_secondary; /* IPv4: one of the same subnet stands before it */
};

struct router_iface {
	struct pktt_iface pub;
	struct router_address *address; /* in the order in which they were given */
	unsigned int naddresses;
	bool is_bridge;
	bool has_carrier_mac; /* mac was given; pub.mac may be made up for link-local addresses */
};

/* A router with the interface lo and nothing else. -ENOMEM. */
int router_new(struct router **ret, struct pktt_error *err);
void router_free(struct router **router);

/* "NAME=ADDR/LEN[,ADDR/LEN...][,mac=MAC][,mtu=N][,group=N]"; addresses may be none. -EINVAL. */
int router_add_interface(struct router *router, const char *spec, struct pktt_error *err);
/* "PREFIX=NAME[,via ADDR]", after the interface. */
int router_add_route(struct router *router, const char *spec, struct pktt_error *err);
/* "NAME=PORT,...": NAME may have been given as an interface, to have addresses. */
int router_add_bridge(struct router *router, const char *spec, struct pktt_error *err);
/* Implied addresses and tables. Nothing is added after it. -ENOMEM. */
int router_finish(struct router *router, struct pktt_error *err);

/* By name; NULL = none. */
const struct pktt_iface *router_iface(const struct router *router, const char *name);
/* By number from 0, lo first; NULL ends. */
const struct pktt_iface *router_iface_at(const struct router *router, unsigned int n);
const struct pktt_iface *router_loopback(const struct router *router);
/* The nearest interface name, for "did you mean", or NULL. */
const char *router_suggest(const struct router *router, const char *name);
const struct router_iface *router_iface_of(const struct pktt_iface *iface);

/* What an address is to this host: a row of its local table; dev limits to one interface. */
enum pktt_route_type router_addr_type(const struct router *router, const struct pktt_addr *addr,
				      const struct pktt_iface *dev);
/*
 * Whether it is an address of an interface itself, not a network of them
 * (inet_lookup_ifaddr_rcu).
 */
bool router_is_own(const struct router *router, const struct pktt_addr *addr);
/* Whether the multicast group was joined on the interface. */
bool router_is_joined(const struct router *router, const struct pktt_addr *group,
		      const struct pktt_iface *iface);

/*
 * The way to dst, local tables first; oif limits to one interface (NULL = any). 0 or -ENETUNREACH.
 * ret->preferred is what a host without better knowledge would send from.
 */
int router_lookup(const struct router *router, const struct pktt_addr *dst,
		  const struct pktt_iface *oif, struct pktt_route *ret);

/*
 * RFC 6724, section 5, with Linux's choices (ipv6_dev_get_saddr); IPv4: the address of the
 * interface that suits dst (inet_select_addr). 0 or -EADDRNOTAVAIL.
 */
int router_source(const struct router *router, const struct pktt_addr *dst,
		  const struct pktt_iface *dev, struct pktt_addr *ret);
/* The first address of an interface of dst's family, in IPv6 of its scope; -EADDRNOTAVAIL. */
int router_own_address(const struct pktt_addr *dst, const struct pktt_iface *dev,
		       struct pktt_addr *ret);

/* Whether addr is the broadcast address of a subnet of the interface, which has that mask. */
bool router_broadcast_mask(const struct pktt_iface *iface, const struct pktt_addr *addr,
			   struct pktt_addr *mask);

/* --- Addresses -------------------------------------------------------------------------------- */

bool router_addr_equal(const struct pktt_addr *a, const struct pktt_addr *b);
/* Whether the first len bits are the same. */
bool router_addr_in(const struct pktt_addr *a, const struct pktt_addr *prefix, unsigned int len);
bool router_addr_is_multicast(const struct pktt_addr *a);
bool router_addr_is_link_local(const struct pktt_addr *a);
bool router_addr_is_loopback(const struct pktt_addr *a);
/* ADDR of either family. -EINVAL. */
int router_addr_parse(const char *text, struct pktt_addr *ret);

#endif
