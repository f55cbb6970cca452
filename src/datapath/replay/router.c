/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: two tables, as in Linux: what is local, asked first, and the way to everything else.
 * Both are arrays in order of preference and searched from the front: a command line does not name
 * so many routes that a tree would pay.
 *
 * Life-cycle: interfaces and routes are added, router_finish() adds what they imply; then
 * everything is constant and interfaces may be pointed to.
 */
#include "router_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/distance.h"
#include "base/own.h"

int router_table_add(struct router_table *table, const struct router_entry *entry)
{
	unsigned int at = 0;

	if (table->count == table->room) {
		unsigned int room = table->room ? table->room * 2 : 16;
		struct router_entry *more = realloc(table->entry, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		table->entry = more;
		table->room = room;
	}
	while (at < table->count && table->entry[at].prefix_len > entry->prefix_len)
		at++;
	memmove(&table->entry[at + 1], &table->entry[at],
		(table->count - at) * sizeof(table->entry[0]));
	table->entry[at] = *entry;
	table->count++;
	return 0;
}

static void iface_free(struct router_iface *iface)
{
	if (iface)
		free(iface->address);
	free(iface);
}

int router_iface_add(struct router *router, const char *name, struct router_iface **ret)
{
	struct router_iface **more, *iface = calloc(1, sizeof(*iface));

	if (!iface)
		return -ENOMEM;
	more = realloc(router->iface, (router->nifaces + 1) * sizeof(struct router_iface *));
	if (!more) {
		iface_free(iface);
		return -ENOMEM;
	}
	router->iface = more;
	router->iface[router->nifaces++] = iface;
	snprintf(iface->pub.name, sizeof(iface->pub.name), "%s", name);
	iface->pub.index = router->nifaces;
	iface->pub.mtu = 1500;
	iface->pub.arphrd = ROUTER_ARPHRD_ETHER;
	*ret = iface;
	return 0;
}

struct router_iface *router_iface_find(const struct router *router, const char *name)
{
	for (unsigned int i = 0; i < router->nifaces; i++)
		if (strcmp(router->iface[i]->pub.name, name) == 0)
			return router->iface[i];
	return NULL;
}

int router_address_add(struct router_iface *iface, const struct pktt_addr *addr, uint8_t prefix_len)
{
	size_t size = (iface->naddresses + 1) * sizeof(struct router_address);
	struct router_address *more = realloc(iface->address, size);
	struct router_address *a;

	if (!more)
		return -ENOMEM;
	iface->address = more;
	a = &more[iface->naddresses];
	*a = (struct router_address){ .addr = *addr, .prefix_len = prefix_len };
	for (unsigned int i = 0; addr->len == 4 && i < iface->naddresses; i++)
		if (more[i].prefix_len == prefix_len &&
		    router_addr_in(addr, &more[i].addr, prefix_len))
			a->is_secondary = true;
	iface->naddresses++;
	return 0;
}

static int add_loopback(struct router *router)
{
	struct router_iface *lo;
	struct pktt_addr v4 = { 4, { 127, 0, 0, 1 } };
	struct pktt_addr v6 = { 16, { [15] = 1 } };
	int r = router_iface_add(router, "lo", &lo);

	if (r)
		return r;
	lo->pub.mtu = 65536;
	lo->pub.arphrd = ROUTER_ARPHRD_LOOPBACK;
	lo->pub.has_mac = true;
	r = router_address_add(lo, &v4, 8);
	return r ? r : router_address_add(lo, &v6, 128);
}

int router_new(struct router **ret, struct pktt_error *err)
{
	PKTT_AUTO(router_free) struct router *router = calloc(1, sizeof(*router));

	if (!router || add_loopback(router))
		return pktt_fail(err, -ENOMEM, "no memory for a router");
	*ret = pktt_take(&router);
	return 0;
}

void router_free(struct router **slot)
{
	struct router *router = *slot;

	if (!router)
		return;
	for (unsigned int i = 0; i < router->nifaces; i++)
		iface_free(router->iface[i]);
	free(router->iface);
	free(router->local.entry);
	free(router->main.entry);
	free(router);
	*slot = NULL;
}

const struct pktt_iface *router_iface(const struct router *router, const char *name)
{
	const struct router_iface *iface = router_iface_find(router, name);

	return iface ? &iface->pub : NULL;
}

const struct pktt_iface *router_iface_at(const struct router *router, unsigned int n)
{
	return n < router->nifaces ? &router->iface[n]->pub : NULL;
}

const struct pktt_iface *router_loopback(const struct router *router)
{
	return &router->iface[0]->pub;
}

const struct router_iface *router_iface_of(const struct pktt_iface *iface)
{
	return pktt_container_of_const(iface, struct router_iface, pub);
}

const char *router_suggest(const struct router *router, const char *name)
{
	size_t best = (size_t)-1, len = strlen(name);
	const char *ret = NULL;

	for (unsigned int i = 0; i < router->nifaces; i++) {
		const char *candidate = router->iface[i]->pub.name;
		size_t d = distance(name, len, candidate, strlen(candidate));

		if (d >= best || !distance_is_near(d, len))
			continue;
		best = d;
		ret = candidate;
	}
	return ret;
}

/* --- Questions -------------------------------------------------------------------------------- */

/* Addresses of a link mean something only together with the interface. */
static bool is_reachable_by(const struct router_entry *e, const struct pktt_iface *oif)
{
	return !oif || &e->out->pub == oif;
}

static const struct router_entry *table_lookup(const struct router_table *table,
					       const struct pktt_addr *dst,
					       const struct pktt_iface *oif)
{
	for (unsigned int i = 0; i < table->count; i++) {
		const struct router_entry *e = &table->entry[i];

		if (router_addr_in(dst, &e->dst, e->prefix_len) && is_reachable_by(e, oif))
			return e;
	}
	return NULL;
}

enum pktt_route_type router_addr_type(const struct router *router, const struct pktt_addr *addr,
				      const struct pktt_iface *dev)
{
	const struct router_entry *e = table_lookup(&router->local, addr, NULL);

	if (router_addr_is_multicast(addr))
		return PKTT_ROUTE_MULTICAST;
	if (addr->len == 4 &&
	    (addr->byte[0] == 0 || memcmp(addr->byte, "\xff\xff\xff\xff", 4) == 0))
		return PKTT_ROUTE_BROADCAST;
	if (addr->len == 16 && dev)
		e = table_lookup(&router->local, addr, dev);
	if (e && (!dev || &e->out->pub == dev))
		return e->type;
	if (addr->len == 16 && !table_lookup(&router->main, addr, dev))
		return PKTT_ROUTE_UNREACHABLE;
	return PKTT_ROUTE_UNICAST;
}

bool router_is_own(const struct router *router, const struct pktt_addr *addr)
{
	for (unsigned int i = 0; i < router->nifaces; i++)
		for (unsigned int n = 0; n < router->iface[i]->naddresses; n++)
			if (router_addr_equal(&router->iface[i]->address[n].addr, addr))
				return true;
	return false;
}

/* ff02::1:ffXX:XXXX of an address or of its subnet's anycast address: RFC 4291, 2.7.1. */
static bool is_solicited_node(const struct pktt_addr *group, const struct router_address *a)
{
	static const uint8_t head[13] = { 0xff, 2, [11] = 1, [12] = 0xff };
	struct pktt_addr subnet = a->addr;

	if (a->addr.len != 16 || memcmp(group->byte, head, 13) != 0)
		return false;
	if (memcmp(group->byte + 13, a->addr.byte + 13, 3) == 0)
		return true;
	if (a->prefix_len >= 127)
		return false;
	for (unsigned int bit = a->prefix_len; bit < 128; bit++)
		subnet.byte[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	return memcmp(group->byte + 13, subnet.byte + 13, 3) == 0;
}

/* What Linux joins by itself: all nodes, and since it forwards, all routers of IPv6. */
bool router_is_joined(const struct router *router, const struct pktt_addr *group,
		      const struct pktt_iface *iface)
{
	static const struct pktt_addr all_v4 = { 4, { 224, 0, 0, 1 } };
	static const struct pktt_addr fixed[] = {
		{ 16, { 0xff, 2, [15] = 1 } },
		{ 16, { 0xff, 2, [15] = 2 } },
		{ 16, { 0xff, 5, [15] = 2 } },
	};
	const struct router_iface *i = router_iface_of(iface);

	(void)router;
	if (group->len == 4)
		return router_addr_equal(group, &all_v4);
	for (unsigned int n = 0; n < pktt_countof(fixed); n++)
		if (router_addr_equal(group, &fixed[n]))
			return true;
	for (unsigned int n = 0; n < i->naddresses; n++)
		if (is_solicited_node(group, &i->address[n]))
			return true;
	return false;
}

/* ipv6_anycast_destination() */
static bool is_anycast(const struct router_entry *e, const struct pktt_addr *dst)
{
	if (dst->len != 16 || e->type == PKTT_ROUTE_ANYCAST)
		return dst->len == 16;
	return e->prefix_len < 127 && !e->via.len && router_addr_equal(&e->dst, dst);
}

int router_lookup(const struct router *router, const struct pktt_addr *dst,
		  const struct pktt_iface *oif, struct pktt_route *ret)
{
	/*
	 * An IPv4 address of ours is ours whatever interface is asked for; of IPv6 only globally.
	 */
	bool is_scoped = router_addr_is_link_local(dst);
	const struct router_entry *e = table_lookup(&router->local, dst, is_scoped ? oif : NULL);

	if (!e)
		e = table_lookup(&router->main, dst, oif);
	if (!e)
		return -ENETUNREACH;
	*ret = (struct pktt_route){
		.type = e->type,
		.out = &e->out->pub,
		.via = e->via,
		.preferred = e->preferred,
		.mtu = e->out->pub.mtu,
		.is_anycast = is_anycast(e, dst),
	};
	if (e->type == PKTT_ROUTE_LOCAL || e->type == PKTT_ROUTE_ANYCAST) {
		ret->out = router_loopback(router);
		ret->mtu = ret->out->mtu;
	}
	if (dst->len == 16 && e->type == PKTT_ROUTE_UNICAST)
		router_source(router, dst, ret->out, &ret->preferred);
	return 0;
}
