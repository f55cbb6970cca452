/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which address this host sends from: RFC 6724, section 5, in the order of Linux's rules. */
#include "router_private.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/own.h"

enum scope { LINK = 2, SITE = 5, GLOBAL = 14 };

static int scope_of(const struct pktt_addr *a)
{
	if (a->byte[0] == 0xff)
		return a->byte[1] & 15;
	if (router_addr_is_link_local(a) || router_addr_is_loopback(a))
		return LINK;
	if (a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0xc0)
		return SITE;
	return GLOBAL;
}

/* net/ipv6/addrlabel.c: longest prefixes first. */
static unsigned int label_of(const struct pktt_addr *a)
{
	static const struct {
		struct pktt_addr prefix;
		uint8_t len, label;
	} table[] = {
		{ { 16, { [15] = 1 } }, 128, 0 },
		{ { 16, { [10] = 0xff, [11] = 0xff } }, 96, 4 },
		{ { 16, { 0 } }, 96, 3 },
		{ { 16, { 0x20, 0x01 } }, 32, 6 },
		{ { 16, { 0x20, 0x01, 0x00, 0x10 } }, 28, 7 },
		{ { 16, { 0x20, 0x02 } }, 16, 2 },
		{ { 16, { 0x3f, 0xfe } }, 16, 12 },
		{ { 16, { 0xfe, 0xc0 } }, 10, 11 },
		{ { 16, { 0xfc } }, 7, 5 },
	};

	for (unsigned int i = 0; i < pktt_countof(table); i++)
		if (router_addr_in(a, &table[i].prefix, table[i].len))
			return table[i].label;
	return 1;
}

static unsigned int common_bits(const struct pktt_addr *a, const struct pktt_addr *b)
{
	unsigned int n = 0;

	while (n < 128 && router_addr_in(a, b, n + 1))
		n++;
	return n;
}

struct candidate {
	const struct router_address *a;
	const struct router_iface *iface;
};

struct wish {
	const struct pktt_addr *dst;
	const struct pktt_iface *dev;
};

enum { RULE_SAME, RULE_SCOPE, RULE_INTERFACE, RULE_LABEL, RULE_PREFIX, RULE_COUNT };

/* How well a candidate does by one rule; the higher the better. */
static int score(const struct wish *w, const struct candidate *c, unsigned int rule)
{
	int scope, bits;

	switch (rule) {
	case RULE_SAME:
		return router_addr_equal(&c->a->addr, w->dst);
	case RULE_SCOPE:
		scope = scope_of(&c->a->addr);
		return scope >= scope_of(w->dst) ? -scope : scope - 128;
	case RULE_INTERFACE:
		return !w->dev || &c->iface->pub == w->dev;
	case RULE_LABEL:
		return label_of(&c->a->addr) == label_of(w->dst);
	}
	bits = (int)common_bits(&c->a->addr, w->dst);
	return bits > c->a->prefix_len ? c->a->prefix_len : bits;
}

static bool is_better(const struct wish *w, const struct candidate *c, const struct candidate *best)
{
	if (!best->a)
		return true;
	for (unsigned int rule = 0; rule < RULE_COUNT; rule++) {
		int diff = score(w, c, rule) - score(w, best, rule);

		if (diff)
			return diff > 0;
	}
	return false;
}

/*
 * Of equals the first that is looked at stays, and Linux lists an interface's newest address
 * first.
 */
static void consider(const struct wish *w, const struct router_iface *iface, struct candidate *best)
{
	for (unsigned int n = iface->naddresses; n > 0; n--) {
		struct candidate c = { &iface->address[n - 1], iface };

		if (c.a->addr.len == 16 && is_better(w, &c, best))
			*best = c;
	}
}

static int source_ipv6(const struct router *router, const struct wish *w, struct pktt_addr *ret)
{
	struct candidate best = { 0 };
	bool is_bound = w->dev && (router_addr_is_multicast(w->dst) || scope_of(w->dst) <= LINK);

	if (is_bound)
		consider(w, router_iface_of(w->dev), &best);
	for (unsigned int i = 0; !is_bound && i < router->nifaces; i++)
		consider(w, router->iface[i], &best);
	if (!best.a)
		return -EADDRNOTAVAIL;
	*ret = best.a->addr;
	return 0;
}

/* inet_select_addr(): the primary address whose subnet has dst, else the first primary one. */
static int select_ipv4(const struct router_iface *iface, const struct pktt_addr *dst,
		       struct pktt_addr *ret)
{
	const struct router_address *first = NULL;

	for (unsigned int i = 0; i < iface->naddresses; i++) {
		const struct router_address *a = &iface->address[i];

		if (a->addr.len != 4 || a->is_secondary)
			continue;
		if (!first)
			first = a;
		if (router_addr_in(dst, &a->addr, a->prefix_len)) {
			first = a;
			break;
		}
	}
	if (!first)
		return -EADDRNOTAVAIL;
	*ret = first->addr;
	return 0;
}

int router_source(const struct router *router, const struct pktt_addr *dst,
		  const struct pktt_iface *dev, struct pktt_addr *ret)
{
	struct wish w = { dst, dev };

	if (dst->len == 16)
		return source_ipv6(router, &w, ret);
	if (dev && select_ipv4(router_iface_of(dev), dst, ret) == 0)
		return 0;
	/* An interface without an address borrows one, but never that of lo. */
	for (unsigned int i = 1; i < router->nifaces; i++)
		if (select_ipv4(router->iface[i], dst, ret) == 0)
			return 0;
	return -EADDRNOTAVAIL;
}

bool router_broadcast_mask(const struct pktt_iface *iface, const struct pktt_addr *addr,
			   struct pktt_addr *mask)
{
	const struct router_iface *r = router_iface_of(iface);
	uint32_t ones, host = addr->len == 4 ? get_be32(addr->byte) : 0;

	for (unsigned int i = 0; host && i < r->naddresses; i++) {
		const struct router_address *a = &r->address[i];

		if (a->addr.len != 4 || a->is_secondary || a->prefix_len == 0 || a->prefix_len > 30)
			continue;
		ones = UINT32_MAX >> a->prefix_len;
		if (host != (get_be32(a->addr.byte) | ones))
			continue;
		*mask = (struct pktt_addr){ .len = 4 };
		put_be32(mask->byte, ~ones);
		return true;
	}
	return false;
}

/* inet_select_addr() without a subnet to prefer: ifa_list begins with the first primary address. */
static const struct router_address *first_ipv4(const struct router_iface *iface)
{
	for (unsigned int i = 0; i < iface->naddresses; i++)
		if (iface->address[i].addr.len == 4 && !iface->address[i].is_secondary)
			return &iface->address[i];
	return NULL;
}

/*
 * nf_nat_redirect_ipv6(): Linux lists an interface's addresses widest scope first, of one scope the
 * newest first; a destination that is not global is redirected within its scope only.
 */
static const struct router_address *first_ipv6(const struct router_iface *iface,
					       const struct pktt_addr *dst)
{
	const struct router_address *best = NULL;
	int scope = scope_of(dst);

	for (unsigned int n = iface->naddresses; n > 0; n--) {
		const struct router_address *a = &iface->address[n - 1];

		if (a->addr.len != 16 || (scope != GLOBAL && scope_of(&a->addr) != scope))
			continue;
		if (!best || scope_of(&a->addr) > scope_of(&best->addr))
			best = a;
	}
	return best;
}

int router_own_address(const struct pktt_addr *dst, const struct pktt_iface *dev,
		       struct pktt_addr *ret)
{
	const struct router_iface *iface = router_iface_of(dev);
	const struct router_address *a =
		dst->len == 16 ? first_ipv6(iface, dst) : first_ipv4(iface);

	if (!a)
		return -EADDRNOTAVAIL;
	*ret = a->addr;
	return 0;
}
