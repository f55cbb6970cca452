/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router from command-line words, and what they imply. */
#include "router_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"

/* Linux's bounds (68: RFC 791). IPv6 needs 1280 and is then simply cut off from smaller links. */
enum { MTU_MIN = 68, MTU_MAX = 65535 };

struct words {
	struct router *router;
	const char *option; /* as errors name it */
	struct router_iface *iface;
	struct pktt_error *err;
};

static int no_memory(const struct words *w)
{
	return pktt_fail(w->err, -ENOMEM, "no memory for --%s", w->option);
}

static int parse_number(const char *text, unsigned long max, unsigned long *ret)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*ret = strtoul(text, &end, 10);
	return errno || *end || *ret > max ? -EINVAL : 0;
}

/* ADDR[/LEN] */
static int parse_prefix(const struct words *w, const char *text, struct pktt_addr *addr,
			uint8_t *len)
{
	char head[64];
	size_t n = strcspn(text, "/");
	unsigned long bits;

	if (n >= sizeof(head))
		return pktt_fail(w->err, -EINVAL, "--%s: \"%.60s\" is no address", w->option, text);
	memcpy(head, text, n);
	head[n] = '\0';
	if (router_addr_parse(head, addr) < 0)
		return pktt_fail(w->err, -EINVAL, "--%s: \"%.60s\" is no address", w->option, head);
	bits = addr->len * 8u;
	if (text[n] == '/' && parse_number(text + n + 1, addr->len * 8u, &bits) < 0)
		return pktt_fail(w->err, -EINVAL, "--%s: \"%.60s\": the prefix length is 0 to %u",
				 w->option, text, addr->len * 8u);
	*len = (uint8_t)bits;
	return 0;
}

static int parse_mac(const struct words *w, const char *text)
{
	unsigned int byte[6];
	int used = 0;
	uint8_t *mac = w->iface->pub.mac;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
		   &byte[4], &byte[5], &used) != 6 ||
	    text[used] || strspn(text, "0123456789abcdefABCDEF:") != strlen(text))
		return pktt_fail(w->err, -EINVAL, "--%s: \"%.40s\" is no MAC address", w->option,
				 text);
	if (byte[0] & 1)
		return pktt_fail(w->err, -EINVAL, "--%s: %.40s is a group's MAC address", w->option,
				 text);
	for (unsigned int i = 0; i < 6; i++)
		mac[i] = (uint8_t)byte[i];
	w->iface->pub.has_mac = true;
	w->iface->has_carrier_mac = true;
	return 0;
}

static int parse_mtu(const struct words *w, const char *text)
{
	unsigned long mtu;

	if (parse_number(text, MTU_MAX, &mtu) < 0 || mtu < MTU_MIN)
		return pktt_fail(w->err, -EINVAL, "--%s: the MTU \"%.20s\" is not %d to %d",
				 w->option, text, MTU_MIN, MTU_MAX);
	w->iface->pub.mtu = (uint32_t)mtu;
	return 0;
}

static int parse_group(const struct words *w, const char *text)
{
	unsigned long group;

	if (parse_number(text, UINT32_MAX, &group) < 0)
		return pktt_fail(w->err, -EINVAL, "--%s: \"%.20s\" is no device group", w->option,
				 text);
	w->iface->pub.group = (uint32_t)group;
	return 0;
}

static int parse_address(const struct words *w, const char *text)
{
	struct pktt_addr addr;
	uint8_t len;
	int r = parse_prefix(w, text, &addr, &len);

	if (r)
		return r;
	if (router_addr_is_multicast(&addr) || (addr.len == 4 && addr.byte[0] == 0))
		return pktt_fail(w->err, -EINVAL, "--%s: no interface can have the address %.50s",
				 w->option, text);
	return router_address_add(w->iface, &addr, len) ? no_memory(w) : 0;
}

static int parse_attribute(const struct words *w, const char *text)
{
	if (strncmp(text, "mac=", 4) == 0)
		return parse_mac(w, text + 4);
	if (strncmp(text, "mtu=", 4) == 0)
		return parse_mtu(w, text + 4);
	if (strncmp(text, "group=", 6) == 0)
		return parse_group(w, text + 6);
	return parse_address(w, text);
}

/* The kernel's rule for device names. */
static int check_name(const struct words *w, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= sizeof(w->iface->pub.name) || strpbrk(name, "/ \t\n:") ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return pktt_fail(w->err, -EINVAL, "--%s: \"%.40s\" is no interface name", w->option,
				 name);
	return 0;
}

/* A copy of spec, cut at "=": name and the rest ("" without one). */
static int split(const struct words *w, const char *spec, char **copy, char **rest)
{
	char *equals;

	*copy = strdup(spec);
	if (!*copy)
		return no_memory(w);
	equals = strchr(*copy, '=');
	*rest = equals ? equals + 1 : *copy + strlen(*copy);
	if (equals)
		*equals = '\0';
	return 0;
}

int router_add_interface(struct router *router, const char *spec, struct pktt_error *err)
{
	PKTT_AUTO_FREE char *copy = NULL;
	struct words w = { .router = router, .option = "interface", .err = err };
	char *rest, *word, *save = NULL;
	int r = split(&w, spec, &copy, &rest);

	if (r == 0)
		r = check_name(&w, copy);
	if (r)
		return r;
	w.iface = router_iface_find(router, copy);
	if (w.iface && w.iface != router->iface[0])
		return pktt_fail(err, -EINVAL, "--interface: %s is given twice", copy);
	if (!w.iface && router_iface_add(router, copy, &w.iface))
		return no_memory(&w);
	for (word = strtok_r(rest, ",", &save); r == 0 && word; word = strtok_r(NULL, ",", &save))
		r = parse_attribute(&w, word);
	return r;
}

static int no_interface(const struct words *w, const char *name)
{
	const char *near = router_suggest(w->router, name);

	if (near)
		return pktt_fail(w->err, -EINVAL,
				 "--%s: there is no interface %.20s; did you mean %s?", w->option,
				 name, near);
	return pktt_fail(w->err, -EINVAL, "--%s: there is no interface %.20s", w->option, name);
}

/* "via ADDR", also "via=ADDR"; spaces as people write them. */
static int parse_via(const struct words *w, const char *text, struct router_entry *entry)
{
	text += strspn(text, " ");
	if (strncmp(text, "via", 3) != 0 || !strchr(" =", text[3]) || !text[3])
		return pktt_fail(w->err, -EINVAL, "--route: expected \"via ADDR\", not \"%.60s\"",
				 text);
	text += 4 + strspn(text + 4, " ");
	if (router_addr_parse(text, &entry->via) < 0)
		return pktt_fail(w->err, -EINVAL, "--route: \"%.60s\" is no address", text);
	return 0;
}

/* Bits beyond the prefix are nothing that a lookup asks for; a typing error shows in them. */
static bool has_host_bits(const struct pktt_addr *addr, unsigned int len)
{
	for (unsigned int bit = len; bit < addr->len * 8u; bit++)
		if (addr->byte[bit / 8] & 0x80u >> bit % 8)
			return true;
	return false;
}

static int parse_route(const struct words *w, const char *prefix, struct router_entry *entry)
{
	if (strcmp(prefix, "default") == 0) {
		entry->dst = (struct pktt_addr){ .len = entry->via.len == 16 ? 16 : 4 };
		return 0;
	}
	if (parse_prefix(w, prefix, &entry->dst, &entry->prefix_len) < 0)
		return -EINVAL;
	if (has_host_bits(&entry->dst, entry->prefix_len))
		return pktt_fail(w->err, -EINVAL, "--route: %.60s has bits beyond its length",
				 prefix);
	if (entry->via.len && entry->via.len != entry->dst.len)
		return pktt_fail(w->err, -EINVAL,
				 "--route: %.60s and its next hop differ in family", prefix);
	return 0;
}

int router_add_route(struct router *router, const char *spec, struct pktt_error *err)
{
	PKTT_AUTO_FREE char *copy = NULL;
	struct words w = { .router = router, .option = "route", .err = err };
	struct router_entry entry = { .type = PKTT_ROUTE_UNICAST };
	char *name, *via;
	int r = split(&w, spec, &copy, &name);

	if (r)
		return r;
	via = strchr(name, ',');
	if (via)
		*via++ = '\0';
	if ((via && parse_via(&w, via, &entry) < 0) || parse_route(&w, copy, &entry) < 0)
		return -EINVAL;
	entry.out = router_iface_find(router, name);
	if (!entry.out)
		return no_interface(&w, name);
	return router_table_add(&router->main, &entry) ? no_memory(&w) : 0;
}

static int add_port(const struct words *w, const char *name, const struct router_iface *bridge)
{
	struct router_iface *port = router_iface_find(w->router, name);
	int r = check_name(w, name);

	if (r)
		return r;
	if (!port && router_iface_add(w->router, name, &port))
		return no_memory(w);
	if (port->is_bridge || port == w->router->iface[0])
		return pktt_fail(w->err, -EINVAL, "--bridge: %s cannot be a port", name);
	if (port->pub.bridge)
		return pktt_fail(w->err, -EINVAL, "--bridge: %s is a port of %s already", name,
				 port->pub.bridge->name);
	port->pub.bridge = &bridge->pub;
	return 0;
}

/* Unless it was given one, a bridge takes the lowest MAC address of its ports, as Linux's does. */
static void bridge_mac(const struct router *router, struct router_iface *bridge)
{
	for (unsigned int i = 0; i < router->nifaces; i++) {
		const struct pktt_iface *port = &router->iface[i]->pub;

		if (port->bridge != &bridge->pub || !port->has_mac || bridge->has_carrier_mac)
			continue;
		if (!bridge->pub.has_mac || memcmp(port->mac, bridge->pub.mac, 6) < 0)
			memcpy(bridge->pub.mac, port->mac, 6);
		bridge->pub.has_mac = true;
	}
}

int router_add_bridge(struct router *router, const char *spec, struct pktt_error *err)
{
	PKTT_AUTO_FREE char *copy = NULL;
	struct words w = { .router = router, .option = "bridge", .err = err };
	char *rest, *word, *save = NULL;
	int r = split(&w, spec, &copy, &rest);

	if (r == 0)
		r = check_name(&w, copy);
	if (r)
		return r;
	w.iface = router_iface_find(router, copy);
	if (w.iface && (w.iface->pub.bridge || w.iface == router->iface[0]))
		return pktt_fail(err, -EINVAL, "--bridge: %s cannot be a bridge", copy);
	if (!w.iface && router_iface_add(router, copy, &w.iface))
		return no_memory(&w);
	w.iface->is_bridge = true;
	for (word = strtok_r(rest, ",", &save); r == 0 && word; word = strtok_r(NULL, ",", &save))
		r = add_port(&w, word, w.iface);
	bridge_mac(router, w.iface);
	return r;
}

/* --- What follows from it --------------------------------------------------------------------- */

static struct pktt_addr masked(const struct pktt_addr *addr, unsigned int len, bool ones)
{
	struct pktt_addr a = *addr;

	for (unsigned int bit = len; bit < a.len * 8u; bit++) {
		uint8_t mask = (uint8_t)(0x80u >> bit % 8);

		a.byte[bit / 8] &= (uint8_t)~mask;
		if (ones)
			a.byte[bit / 8] |= mask;
	}
	return a;
}

static int add_local(struct router *router, const struct router_iface *iface,
		     const struct pktt_addr *dst, uint8_t prefix_len, enum pktt_route_type type)
{
	struct router_entry e = {
		.dst = *dst, .prefix_len = prefix_len, .type = type, .out = iface
	};

	/* fib_magic(): what is local has itself as source, 127/8 the address of lo. */
	e.preferred = type == PKTT_ROUTE_LOCAL ? *dst : iface->address[0].addr;
	if (prefix_len == 8)
		e.preferred = iface->address[0].addr;
	return router_table_add(&router->local, &e);
}

/* fib_add_ifaddr(): the address, its broadcast address, its subnet. */
static int imply_ipv4(struct router *router, const struct router_iface *iface,
		      const struct router_address *a)
{
	struct pktt_addr subnet = masked(&a->addr, a->prefix_len, false);
	struct pktt_addr broadcast = masked(&a->addr, a->prefix_len, true);
	struct router_entry e = { .dst = subnet,
				  .prefix_len = a->prefix_len,
				  .type = PKTT_ROUTE_UNICAST,
				  .out = iface,
				  .preferred = a->addr };
	int r = add_local(router, iface, &a->addr, 32, PKTT_ROUTE_LOCAL);

	if (r || a->is_secondary)
		return r;
	if (a->prefix_len < 31)
		r = add_local(router, iface, &broadcast, 32, PKTT_ROUTE_BROADCAST);
	if (r || a->prefix_len == 32)
		return r;
	if (iface == router->iface[0])
		return add_local(router, iface, &subnet, a->prefix_len, PKTT_ROUTE_LOCAL);
	return router_table_add(&router->main, &e);
}

/*
 * The address, its subnet, and since this is a router the subnet's anycast address (RFC 4291,
 * 2.6.1).
 */
static int imply_ipv6(struct router *router, const struct router_iface *iface,
		      const struct router_address *a)
{
	struct pktt_addr subnet = masked(&a->addr, a->prefix_len, false);
	struct router_entry e = {
		.dst = subnet, .prefix_len = a->prefix_len, .type = PKTT_ROUTE_UNICAST, .out = iface
	};
	int r = add_local(router, iface, &a->addr, 128, PKTT_ROUTE_LOCAL);

	if (r || iface == router->iface[0])
		return r;
	if (a->prefix_len < 127)
		r = add_local(router, iface, &subnet, 128, PKTT_ROUTE_ANYCAST);
	return r ? r : router_table_add(&router->main, &e);
}

/* fe80::/64 with the modified EUI-64 of the MAC address (RFC 4291, appendix A). */
static int imply_link_local(struct router_iface *iface)
{
	const uint8_t *m = iface->pub.mac;
	uint8_t made_up[6] = {
		2, 0, 0, 0, (uint8_t)(iface->pub.index >> 8), (uint8_t)iface->pub.index
	};
	struct pktt_addr a = { .len = 16, .byte = { 0xfe, 0x80 } };

	for (unsigned int i = 0; i < iface->naddresses; i++)
		if (!iface->pub.has_mac && router_addr_is_link_local(&iface->address[i].addr))
			return 0;
	if (!iface->pub.has_mac)
		m = made_up;
	a.byte[8] = m[0] ^ 2;
	a.byte[9] = m[1];
	a.byte[10] = m[2];
	a.byte[11] = 0xff;
	a.byte[12] = 0xfe;
	memcpy(a.byte + 13, m + 3, 3);
	return router_address_add(iface, &a, 64);
}

static int imply(struct router *router, struct router_iface *iface)
{
	int r = 0;

	/* A port has no layer 3 of its own; broute may yet hand it packets for its addresses. */
	if (iface != router->iface[0] && !iface->pub.bridge)
		r = imply_link_local(iface);
	for (unsigned int i = 0; r == 0 && i < iface->naddresses; i++) {
		if (iface->address[i].addr.len == 4)
			r = imply_ipv4(router, iface, &iface->address[i]);
		else
			r = imply_ipv6(router, iface, &iface->address[i]);
	}
	return r;
}

/* Routes that were given come after what interfaces imply, so that they win over equal ones. */
int router_finish(struct router *router, struct pktt_error *err)
{
	struct router_table given = router->main;
	int r = 0;

	router->main = (struct router_table){ 0 };
	for (unsigned int i = 0; r == 0 && i < router->nifaces; i++)
		r = imply(router, router->iface[i]);
	for (unsigned int i = given.count; r == 0 && i > 0; i--) {
		struct router_entry e = given.entry[i - 1];
		const struct pktt_addr *towards = e.via.len ? &e.via : &e.dst;

		if (e.dst.len == 4)
			router_source(router, towards, &e.out->pub, &e.preferred);
		r = router_table_add(&router->main, &e);
	}
	free(given.entry);
	return r ? pktt_fail(err, r, "no memory for the routes") : 0;
}
