/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router's inside, for router*.c. */
#ifndef REPLAY_ROUTER_PRIVATE_H
#define REPLAY_ROUTER_PRIVATE_H

#include "router.h"

struct router_entry {
	struct pktt_addr dst;
	uint8_t prefix_len;
	enum pktt_route_type type;
	const struct router_iface *out; /* local entries: the interface that has the address */
	struct pktt_addr via, preferred;
};

/* Longest prefix first; of equal ones the last that was added first. */
struct router_table {
	struct router_entry *entry;
	unsigned int count, room;
};

struct router {
	struct router_iface **iface; /* lo first */
	unsigned int nifaces;
	struct router_table local, main; /* both families: an address tells its own */
};

int router_table_add(struct router_table *table, const struct router_entry *entry);
int router_iface_add(struct router *router, const char *name, struct router_iface **ret);
struct router_iface *router_iface_find(const struct router *router, const char *name);
int router_address_add(struct router_iface *iface, const struct pktt_addr *addr,
		       uint8_t prefix_len);

#endif
