/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: how a connection leaves: the address and the port out of a range that make its answers
 * differ from those of every other connection. The order of attempts is that of Linux's
 * get_unique_tuple(): as it is; as its source is translated already; an address chosen by hash, the
 * port kept; another port. For the source, asking whether a tuple is free and taking it are one step,
 * conndb_reserve_reply(); a destination is only asked for, since the source has its turn behind it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/jhash.h"
#include "base/own.h"
#include "conntrack/proto_tcp.h"
#include "core/env.h"
#include "nat/own.h"
#include "nat/portmap.h"
#include "nat/source.h"

enum { TCP = 6, UDP = 17, DCCP = 33, GRE = 47, SCTP = 132, UDPLITE = 136 };
enum { RANDOM_ALL = NAT_PROTO_RANDOM | NAT_PROTO_RANDOM_FULLY };
enum { DST_ATTEMPTS = 128, EVICT_ATTEMPTS = 32 };

/* What of a tuple a protocol lets NAT choose. */
enum key { KEY_NONE, KEY_ID, KEY_CALL, KEY_PORT };

static enum key key_of(uint8_t protocol)
{
	switch (protocol) {
	case 1:
	case 58:
		return KEY_ID;
	case GRE:
		return KEY_CALL;
	case TCP:
	case UDP:
	case DCCP:
	case SCTP:
	case UDPLITE:
		return KEY_PORT;
	}
	return KEY_NONE;
}

static uint16_t *key_in(struct ct_tuple *t, enum nat_kind kind)
{
	return kind == NAT_SRC || key_of(t->protocol) == KEY_ID ? &t->sport : &t->dport;
}

/* --- Ranges ----------------------------------------------------------------------------------- */

bool nat_port_in_range(const struct ct_tuple *tuple, const struct nat_range *range,
		       enum nat_kind kind)
{
	struct ct_tuple t = *tuple;
	uint16_t port = ntohs(*key_in(&t, kind));

	return key_of(t.protocol) == KEY_NONE ||
	       (port >= ntohs(range->min_port) && port <= ntohs(range->max_port));
}

bool nat_in_range(const struct ct_tuple *tuple, const struct nat_range *range)
{
	unsigned int len = ct_addr_len(tuple->family);

	if (range->flags & NAT_MAP_IPS && (memcmp(tuple->src, range->min.byte, len) < 0 ||
					   memcmp(tuple->src, range->max.byte, len) > 0))
		return false;
	return !(range->flags & NAT_PROTO_SPECIFIED) || nat_port_in_range(tuple, range, NAT_SRC);
}

/* Words as Linux sees them on a machine that stores the low byte first. */
static uint32_t word_of(const uint8_t addr[16], unsigned int n)
{
	return __builtin_bswap32(get_be32(addr + 4 * n));
}

/*
 * An address of the range, by a hash of who talks to whom: the same every time, on every Linux and here.
 * What was chosen of a destination counts in the hash of its next words, as there.
 */
static void choose_addr(const struct nat_wish *wish, struct ct_tuple *t)
{
	const struct nat_range *range = wish->range;
	bool is_persistent = range->flags & NAT_PERSISTENT, is_below = false;
	unsigned int last = ct_addr_len(t->family) / 4 - 1;
	uint8_t *addr = wish->kind == NAT_SRC ? t->src : t->dst;
	uint32_t src[4], hash;

	for (unsigned int i = 0; i < 4; i++)
		src[i] = word_of(t->src, i);
	hash = jhash_4words(src, is_persistent ? 0 : word_of(t->dst, last) ^ wish->conn->zone);
	for (unsigned int i = 0; i <= last; i++) {
		uint32_t min = get_be32(range->min.byte + 4 * i);
		uint32_t max = get_be32(range->max.byte + 4 * i);
		uint32_t word = is_below ? jhash_scale(hash, UINT32_MAX)
					 : min + jhash_scale(hash, max - min + 1);

		put_be32(addr + 4 * i, word);
		is_below = is_below || word != max;
		if (!is_persistent)
			hash ^= word_of(t->dst, i);
	}
}

static void put_addr(const struct nat_wish *wish, struct ct_tuple *t)
{
	const struct nat_range *range = wish->range;
	unsigned int len = ct_addr_len(t->family);

	if (!(range->flags & NAT_MAP_IPS))
		return;
	if (memcmp(range->min.byte, range->max.byte, len) != 0)
		choose_addr(wish, t);
	else
		memcpy(wish->kind == NAT_SRC ? t->src : t->dst, range->min.byte, len);
}

/* --- Free or taken ---------------------------------------------------------------------------- */

/* What answers to t; it stays in the zone that the connection's answers are in. */
static bool answer_of(const struct nat_wish *wish, const struct ct_tuple *t, struct ct_tuple *ret)
{
	if (!ct_tuple_invert(ret, t))
		return false;
	ret->zone = wish->reply.zone;
	return true;
}

/* 0: the tuple is free, and of a source now taken; -EEXIST, -ENOMEM. */
static int claim(struct nat_wish *wish, const struct ct_tuple *t)
{
	struct conndb *db = conntrack_db(wish->nat->ct);
	uint32_t now_ms = nat_now_ms(wish->nat->ct);
	struct ct_tuple reply;

	if (!answer_of(wish, t, &reply))
		return -EEXIST;
	/* A connection that stays as it is meets its like when it is confirmed, as without NAT. */
	if (wish->kind == NAT_DST || ct_tuple_equal(&reply, &wish->reply))
		return conndb_is_taken(db, &reply, wish->conn, now_ms) ? -EEXIST : 0;
	conn_set_reply(wish->conn, &reply);
	return conndb_reserve_reply(db, wish->conn, now_ms);
}

/* --- Ports ------------------------------------------------------------------------------------ */

struct ports {
	uint32_t min, size; /* host order */
};

/* Linux's convention: privileged ports stay among their kind. */
static struct ports usual_ports(uint16_t port)
{
	if (port < 512)
		return (struct ports){ 1, 511 };
	if (port < 1024)
		return (struct ports){ 600, 424 };
	return (struct ports){ 1024, 64512 };
}

static struct ports ports_of_range(const struct nat_range *range)
{
	uint32_t min = ntohs(range->min_port), max = ntohs(range->max_port);

	return min <= max ? (struct ports){ min, max - min + 1 }
			  : (struct ports){ max, min - max + 1 };
}

static bool has_master(const struct conn *conn)
{
	return conn->ext && conn->ext->master;
}

/* Which ports there are to choose from; false = this protocol's, or this half's, are left alone. */
static bool ports_of(const struct nat_wish *wish, struct ct_tuple *t, struct ports *ret)
{
	enum key key = key_of(t->protocol);

	if (key == KEY_NONE || (key == KEY_CALL && !has_master(wish->conn)))
		return false;
	if (wish->range->flags & NAT_PROTO_SPECIFIED)
		*ret = ports_of_range(wish->range);
	else if (key == KEY_ID)
		*ret = (struct ports){ 0, 65536 };
	else if (key == KEY_CALL)
		*ret = (struct ports){ 1, 65535 };
	else if (wish->kind == NAT_DST)
		return false;
	else
		*ret = usual_ports(ntohs(t->sport));
	return true;
}

/* Where in the range the search begins. */
static uint32_t start_of(const struct nat_wish *wish, struct ct_tuple *t)
{
	uint16_t port = ntohs(*key_in(t, wish->kind));

	if (wish->range->flags & NAT_PROTO_OFFSET)
		return (uint16_t)(port - ntohs(wish->range->base_port));
	if (wish->range->flags & RANDOM_ALL || wish->kind == NAT_SRC)
		return pktt_packet_random(wish->pkt) & 0xffff;
	return 0;
}

/* A destination that stays taken is let go on: the source may still tell the connections apart. */
static int choose_dst_port(struct nat_wish *wish, struct ct_tuple *t, const struct ports *ports,
			   uint32_t start)
{
	uint32_t n = ports->size < DST_ATTEMPTS ? ports->size : DST_ATTEMPTS;
	uint16_t *port = key_in(t, NAT_DST);

	for (uint32_t i = 0; i < n; i++) {
		*port = htons((uint16_t)(ports->min + (start + i) % ports->size));
		if (claim(wish, t) == 0)
			break;
	}
	return 0;
}

struct take {
	struct nat_wish *wish;
	struct ct_tuple *t;
};

static int take_port(void *ctx, uint16_t port)
{
	struct take *take = ctx;

	*key_in(take->t, NAT_SRC) = htons(port);
	return claim(take->wish, take->t);
}

/* The one that has the answers to t may go for a newer one: a TCP connection that has ended. */
static bool may_evict(const struct nat_wish *wish, const struct conn *old)
{
	uint32_t status = conn_status(old);
	const struct ct_tcp *was = &conn_l4_const(old)->tcp;
	const struct ct_tcp *is = &conn_l4_const(wish->conn)->tcp;

	if (!(status & CT_SRC_NAT) ||
	    status & (CT_FIXED_TIMEOUT | CT_DYING | CT_OFFLOAD | CT_HW_OFFLOAD))
		return false;
	return was->state >= CT_TCP_TIME_WAIT && (int32_t)(is->seen[0].end - was->seen[0].end) > 0;
}

static bool evict(struct nat_wish *wish, const struct ct_tuple *t)
{
	struct conntrack *ct = wish->nat->ct;
	struct ct_tuple reply;
	struct conn *old;
	enum ct_dir dir;
	bool r;

	if (!answer_of(wish, t, &reply))
		return false;
	old = conndb_find(conntrack_db(ct), &reply, nat_now_ms(ct), &dir);
	if (!old)
		return true;
	r = dir == CT_REPLY && may_evict(wish, old) &&
	    conntrack_kill(ct, wish->pkt->env->worker, old);
	conn_put(conntrack_db(ct), &old);
	return r;
}

/* nf_nat_used_tuple_harder(): the last resort of a new TCP connection. */
static int take_from_the_dead(struct nat_wish *wish, struct ct_tuple *t, const struct ports *ports)
{
	uint32_t start = pktt_packet_random(wish->pkt) & 0xffff;
	uint32_t n = ports->size < EVICT_ATTEMPTS ? ports->size : EVICT_ATTEMPTS;

	if (t->protocol != TCP || conn_l4_const(wish->conn)->tcp.state != CT_TCP_SYN_SENT)
		return -ENOSPC;
	for (uint32_t i = 0; i < n; i++) {
		t->sport = htons((uint16_t)(ports->min + (start + i) % ports->size));
		if (evict(wish, t) && claim(wish, t) == 0)
			return 0;
	}
	return -ENOSPC;
}

static int choose_src_port(struct nat_wish *wish, struct ct_tuple *t, const struct ports *ports,
			   uint32_t start)
{
	struct take take = { wish, t };
	struct nat_port_query q = {
		.min = ports->min,
		.size = ports->size,
		.from = ports->min + start % ports->size,
		.now_ms = nat_now_ms(wish->nat->ct),
		.take = take_port,
		.ctx = &take,
	};
	int r;

	if (!answer_of(wish, t, &q.reply))
		return 0;
	r = nat_portmap_take(wish->nat->portmaps, &q);
	if (r == -ENOSPC)
		r = take_from_the_dead(wish, t, ports);
	return r < 0 ? r : 0;
}

static int choose_port(struct nat_wish *wish, struct ct_tuple *t)
{
	struct ports ports;
	uint32_t start;

	if (!ports_of(wish, t, &ports))
		return 0;
	start = start_of(wish, t);
	if (wish->kind == NAT_DST)
		return choose_dst_port(wish, t, &ports, start);
	return choose_src_port(wish, t, &ports, start);
}

/* --- All together ------------------------------------------------------------------------------- */

/* Its source as it is, or as it is translated for other connections; -EEXIST: neither will do. */
static int keep_source(struct nat_wish *wish, const struct ct_tuple *from, struct ct_tuple *ret)
{
	struct ct_tuple original;

	*ret = *from;
	if (nat_in_range(from, wish->range))
		return claim(wish, ret);
	conn_tuple(wish->conn, CT_ORIGINAL, &original);
	if (!nat_source_find(wish->nat->sources, &original, wish->range, ret))
		return -EEXIST;
	return claim(wish, ret);
}

/*
 * What the map has as taken need not be asked for, and what is taken of an address that has a map is to
 * stand in it.
 */
static int claim_kept(struct nat_wish *wish, const struct ct_tuple *t)
{
	struct ct_tuple reply;
	int r;

	if (wish->kind == NAT_DST || !answer_of(wish, t, &reply))
		return claim(wish, t);
	if (nat_portmap_is_taken(wish->nat->portmaps, &reply))
		return -EEXIST;
	r = claim(wish, t);
	if (r == 0 || r == -EEXIST)
		nat_portmap_note(wish->nat->portmaps, &reply);
	return r;
}

/* The port as it is, if the range has it and it is free; -EEXIST: it is not. */
static int keep_port(struct nat_wish *wish, const struct ct_tuple *t)
{
	const struct nat_range *range = wish->range;
	int r;

	if (!(range->flags & NAT_PROTO_SPECIFIED))
		return claim_kept(wish, t);
	if (range->flags & NAT_PROTO_OFFSET || !nat_port_in_range(t, range, wish->kind))
		return -EEXIST;
	r = claim(wish, t);
	/* Where there is only one to choose, it is left to the confirmation to tell of the clash. */
	return r == -EEXIST && range->min_port == range->max_port ? 0 : r;
}

int nat_choose(struct nat_wish *wish, const struct ct_tuple *from, struct ct_tuple *ret)
{
	bool is_random = wish->range->flags & RANDOM_ALL;
	int r;

	if (wish->kind == NAT_SRC && !is_random) {
		r = keep_source(wish, from, ret);
		if (r != -EEXIST)
			return r;
	}
	*ret = *from;
	put_addr(wish, ret);
	r = is_random ? -EEXIST : keep_port(wish, ret);
	return r == -EEXIST ? choose_port(wish, ret) : r;
}
