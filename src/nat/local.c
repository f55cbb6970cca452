/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of this host to translate to: Linux's nf_nat_masquerade.c and nf_nat_redirect.c; and a
 * network onto another, xt_NETMAP.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/env.h"
#include "core/hook.h"
#include "nat/own.h"

static enum pktt_verdict set_up(struct pktt_packet *pkt, const struct nat_range *range,
				const struct pktt_addr *addr)
{
	struct nat_range to = *range;

	to.flags |= NAT_MAP_IPS;
	to.min = to.max = *addr;
	return nat_target(pkt, &to);
}

/* --- MASQUERADE ------------------------------------------------------------------------------- */

/* Where the packet goes next: Linux chooses the address that is nearest to it. */
static struct pktt_addr next_hop(const struct pktt_packet *pkt)
{
	struct pktt_route_query q = {
		.family = pkt->l3_family,
		.dst = pktt_packet_dst(pkt),
		.oif = pkt->out,
		.mark = pkt->mark,
	};
	struct pktt_route route;

	if (pkt->l3_family == PKTT_IPV6 || !pkt->env->ops->route ||
	    pkt->env->ops->route(pkt->env, &q, &route) < 0 || route.via.len != q.dst.len)
		return q.dst;
	return route.via;
}

static bool is_any(const struct ct_tuple *t)
{
	static const uint8_t zero[16];

	return t->family == PKTT_IPV4 && memcmp(t->src, zero, sizeof(zero)) == 0;
}

/* What a slot of a table points to, zeroed when it is made; NULL without it. */
static void *step_down(void **slot, bool may_make, size_t size)
{
	void *there = __atomic_load_n(slot, __ATOMIC_ACQUIRE), *made;

	if (there || !may_make)
		return there;
	made = calloc(1, size);
	if (!made)
		return NULL;
	/* Another thread may have been as quick. */
	if (__atomic_compare_exchange_n(slot, &there, made, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return made;
	free(made);
	return there;
}

/* The place of a connection's interface; NULL where there is none, and none is to be made. */
static uint32_t *masquerade_of(struct nat *nat, const struct conn *conn, bool may_make)
{
	uint32_t index = conn_index(conn), leaf_number = index / NAT_MASQ_LEAF;
	uint32_t top = leaf_number / NAT_MASQ_MIDDLE;
	void **middle;
	uint32_t *leaf;

	if (top >= NAT_MASQ_TOP)
		return NULL;
	middle = step_down(&nat->masquerade[top], may_make, NAT_MASQ_MIDDLE * sizeof(void *));
	if (!middle)
		return NULL;
	leaf = step_down(&middle[leaf_number % NAT_MASQ_MIDDLE], may_make,
			 NAT_MASQ_LEAF * sizeof(*leaf));
	return leaf ? &leaf[index % NAT_MASQ_LEAF] : NULL;
}

void nat_masquerade_fini(struct nat *nat)
{
	for (unsigned int i = 0; i < NAT_MASQ_TOP; i++) {
		void **middle = nat->masquerade[i];

		for (unsigned int n = 0; middle && n < NAT_MASQ_MIDDLE; n++)
			free(middle[n]);
		free(middle);
	}
}

static void remember(struct nat *nat, const struct conn *conn, uint32_t ifindex)
{
	uint32_t *place = masquerade_of(nat, conn, ifindex != 0);

	if (place)
		__atomic_store_n(place, ifindex, __ATOMIC_RELAXED);
}

void nat_masquerade_forget(struct nat *nat, const struct conn *conn)
{
	remember(nat, conn, 0);
}

enum pktt_verdict nat_masquerade(struct pktt_packet *pkt, const struct nat_range *range)
{
	struct pktt_addr to, hop = next_hop(pkt);
	struct ct_tuple original;
	struct nat *nat = pkt->ct ? nat_of(conntrack_of(pkt->engine)) : NULL;

	if (!nat || !pkt->out || !pkt->env->ops->source)
		return PKTT_DROP;
	conn_tuple(pkt->ct, CT_ORIGINAL, &original);
	/* A host that has no address yet asks for one (DHCP). */
	if (is_any(&original))
		return PKTT_ACCEPT;
	if (pkt->env->ops->source(pkt->env, &hop, pkt->out, &to) < 0)
		return PKTT_DROP;
	remember(nat, pkt->ct, pkt->out->index);
	return set_up(pkt, range, &to);
}

static uint32_t masquerades_by(struct nat *nat, const struct conn *conn)
{
	const uint32_t *place;

	if (!(conn_status(conn) & CT_SRC_NAT))
		return 0;
	place = masquerade_of(nat, conn, false);
	return place ? __atomic_load_n(place, __ATOMIC_RELAXED) : 0;
}

bool nat_has_moved(const struct pktt_packet *pkt, const struct conn *conn)
{
	uint32_t index;

	if (nat_dir_of(pkt->ct_info) != CT_ORIGINAL || !pkt->out)
		return false;
	index = masquerades_by(nat_of(conntrack_of(pkt->engine)), conn);
	return index && pkt->out->index != index;
}

static bool is_gone(struct nat *nat, const struct conn *conn, uint32_t ifindex,
		    const struct pktt_addr *gone)
{
	struct ct_tuple reply;

	if (masquerades_by(nat, conn) != ifindex)
		return false;
	if (!gone || gone->len == 0)
		return true;
	conn_tuple(conn, CT_REPLY, &reply);
	return gone->len == ct_addr_len(reply.family) &&
	       memcmp(reply.dst, gone->byte, gone->len) == 0;
}

void nat_flush_masquerade(struct conntrack *ct, uint32_t ifindex, const struct pktt_addr *gone)
{
	struct conn *conn[64];
	uint64_t cursor = 0;
	unsigned int n;

	do {
		n = conndb_next(conntrack_db(ct), &cursor, conn, 64);
		for (unsigned int i = 0; i < n; i++) {
			if (is_gone(nat_of(ct), conn[i], ifindex, gone))
				conntrack_kill(ct, 0, conn[i]);
			conn_put(conntrack_db(ct), &conn[i]);
		}
	} while (cursor);
}

/* --- REDIRECT --------------------------------------------------------------------------------- */

static struct pktt_addr loopback_of(enum pktt_family family)
{
	struct pktt_addr v4 = { 4, { 127, 0, 0, 1 } }, v6 = { 16, { [15] = 1 } };

	return family == PKTT_IPV6 ? v6 : v4;
}

enum pktt_verdict nat_redirect(struct pktt_packet *pkt, const struct nat_range *range)
{
	struct pktt_addr to = loopback_of(pkt->l3_family), dst = pktt_packet_dst(pkt);

	if (pkt->hook == PKTT_LOCAL_OUT)
		return set_up(pkt, range, &to);
	if (!pkt->in || !pkt->env->ops->own_address ||
	    pkt->env->ops->own_address(pkt->env, &dst, pkt->in, &to) < 0)
		return PKTT_DROP;
	return set_up(pkt, range, &to);
}

/* --- NETMAP ----------------------------------------------------------------------------------- */

enum pktt_verdict nat_netmap(struct pktt_packet *pkt, const struct pktt_prefix *to)
{
	struct nat_range range = { .flags = 0 };
	struct pktt_addr addr =
		nat_kind_of(pkt->hook) == NAT_SRC ? pktt_packet_src(pkt) : pktt_packet_dst(pkt);

	if (addr.len != to->addr.len)
		return PKTT_DROP;
	for (unsigned int i = 0; i < addr.len; i++)
		addr.byte[i] = (uint8_t)((addr.byte[i] & ~to->mask.byte[i]) |
					 (to->addr.byte[i] & to->mask.byte[i]));
	return set_up(pkt, &range, &addr);
}
