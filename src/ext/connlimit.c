/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connlimit: how many connections a host or network has.
 *
 * Overview: a rule keeps, for each group of hosts, the original tuples of the connections that it has
 * seen. With every packet the group's list is gone through: what is no longer tracked, or is closed, is
 * forgotten; what is left is the count. That is Linux's nf_conncount.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/own.h"
#include "base/siphash.h"
#include "conntrack/conntrack.h"
#include "conntrack/proto_tcp.h"
#include "core/engine.h"
#include "ext/match.h"
#include "ext/stateful.h"

#define BIT(n) (UINT64_C(1) << (n))

struct connlimit_args {
	struct pktt_args head;
	uint32_t upto, above;
	uint8_t mask;
	bool saddr, daddr;
};

enum { UPTO, ABOVE, LIMIT_MASK_IPV4, LIMIT_MASK_IPV6, SADDR, DADDR };

/* --connlimit-above is "! --connlimit-upto", and both may be negated once more. */
static const struct pktt_param connlimit_params[] = {
	[UPTO] = {
		.name = "connlimit-upto",
		.help = "there are at most this many connections",
		PKTT_STORE(struct connlimit_args, upto, u32),
		.excludes = BIT(ABOVE),
		.flags = PKTT_NEGATABLE,
	},
	[ABOVE] = {
		.name = "connlimit-above",
		.help = "there are more connections than this",
		PKTT_STORE(struct connlimit_args, above, u32),
		.excludes = BIT(UPTO),
		.flags = PKTT_NEGATABLE,
	},
	[LIMIT_MASK_IPV4] = {
		.name = "connlimit-mask",
		.help = "length of the prefix by which hosts are grouped",
		PKTT_STORE(struct connlimit_args, mask, u8),
		.families = PKTT_FAM_V4,
		.def = "32",
		.max = 32,
		.flags = PKTT_SHOW_ALWAYS,
	},
	[LIMIT_MASK_IPV6] = {
		.name = "connlimit-mask",
		.help = "length of the prefix by which hosts are grouped",
		PKTT_STORE(struct connlimit_args, mask, u8),
		.families = PKTT_FAM_V6 | PKTT_FAM(PKTT_INET),
		.def = "128",
		.max = 128,
		.flags = PKTT_SHOW_ALWAYS,
	},
	[SADDR] = {
		.name = "connlimit-saddr",
		.help = "group by source address",
		PKTT_STORE(struct connlimit_args, saddr, flag),
		.excludes = BIT(DADDR),
	},
	[DADDR] = {
		.name = "connlimit-daddr",
		.help = "group by destination address",
		PKTT_STORE(struct connlimit_args, daddr, flag),
		.excludes = BIT(SADDR),
	},
};

static int connlimit_check(const struct pktt_context *ctx, const void *args, struct pktt_error *err)
{
	(void)ctx;
	if (!pktt_given(args, UPTO) && !pktt_given(args, ABOVE))
		return pktt_fail(err, -EINVAL,
				 "connlimit needs --connlimit-upto or --connlimit-above");
	return 0;
}

/* A negated limit is the other one, and the source address is shown where nothing was said. */
static void connlimit_canon(const struct pktt_context *ctx, void *vargs)
{
	struct connlimit_args *args = vargs;
	struct pktt_args *head = &args->head;

	(void)ctx;
	if (head->negated & (BIT(UPTO) | BIT(ABOVE))) {
		uint32_t limit = head->given & BIT(UPTO) ? args->upto : args->above;

		head->given ^= BIT(UPTO) | BIT(ABOVE);
		head->negated = 0;
		args->upto = head->given & BIT(UPTO) ? limit : 0;
		args->above = head->given & BIT(ABOVE) ? limit : 0;
	}
	if (!args->daddr) {
		args->saddr = true;
		head->given |= BIT(SADDR);
	}
}

/* --- Counting --------------------------------------------------------------------------------- */

struct group_key {
	uint8_t addr[16];
	uint16_t zone;
	uint8_t family, reserved;
};

struct group {
	struct group *next;
	struct group_key key;
	uint32_t count, room;
	struct ct_tuple *tuple; /* original ones */
};

#define BUCKETS 256u

struct limiter {
	struct siphash_key hash_key;
	uint32_t ngroups, sweep_at; /* groups are looked through when they are so many */
	struct group *bucket[BUCKETS];
};

struct connlimit_state {
	struct limiter *limiter;
};

static int connlimit_setup(struct pktt_engine *engine, const void *args, void *vstate,
			   struct pktt_error *err)
{
	struct connlimit_state *state = vstate;

	(void)args;
	state->limiter = calloc(1, sizeof(*state->limiter));
	if (!state->limiter)
		return pktt_fail(err, -ENOMEM, "no memory for connlimit");
	state->limiter->hash_key.k[0] = pktt_engine_config(engine)->seed;
	state->limiter->sweep_at = BUCKETS;
	return 0;
}

static void group_free(struct group *g)
{
	free(g->tuple);
	free(g);
}

static void connlimit_teardown(struct pktt_engine *engine, const void *args, void *vstate)
{
	struct limiter *l = ((struct connlimit_state *)vstate)->limiter;

	(void)engine;
	(void)args;
	for (unsigned int i = 0; l && i < BUCKETS; i++)
		while (l->bucket[i]) {
			struct group *next = l->bucket[i]->next;

			group_free(l->bucket[i]);
			l->bucket[i] = next;
		}
	free(l);
}

static bool is_closed(const struct conn *conn)
{
	uint8_t state = conn_l4_const(conn)->tcp.state;

	return conn->protocol == IPPROTO_TCP &&
	       (state == CT_TCP_TIME_WAIT || state == CT_TCP_CLOSE);
}

static bool is_alive(struct conntrack *ct, const struct ct_tuple *tuple, uint32_t now_ms)
{
	enum ct_dir dir;
	struct conn *conn = conndb_find(conntrack_db(ct), tuple, now_ms, &dir);
	bool alive = conn && !is_closed(conn);

	if (conn)
		conn_put(conntrack_db(ct), &conn);
	return alive;
}

/* Forget what has gone; true if `mine` is among what is left. */
static bool group_sweep(struct group *g, struct conntrack *ct, const struct ct_tuple *mine,
			uint32_t now_ms)
{
	uint32_t kept = 0;
	bool found = false;

	for (uint32_t i = 0; i < g->count; i++) {
		bool is_mine = mine && ct_tuple_equal(&g->tuple[i], mine);

		if (!is_mine && !is_alive(ct, &g->tuple[i], now_ms))
			continue;
		found |= is_mine;
		g->tuple[kept++] = g->tuple[i];
	}
	g->count = kept;
	return found;
}

/* Groups of which nothing is left go when there are twice as many as last time. */
static void limiter_sweep(struct limiter *l, struct conntrack *ct, uint32_t now_ms)
{
	for (unsigned int i = 0; i < BUCKETS; i++) {
		struct group **at = &l->bucket[i];

		while (*at) {
			struct group *g = *at;

			group_sweep(g, ct, NULL, now_ms);
			if (g->count) {
				at = &g->next;
				continue;
			}
			*at = g->next;
			group_free(g);
			l->ngroups--;
		}
	}
	l->sweep_at = l->ngroups < BUCKETS ? BUCKETS : l->ngroups * 2;
}

static struct group *group_of(struct limiter *l, const struct group_key *key)
{
	struct group **head = &l->bucket[siphash(&l->hash_key, key, sizeof(*key)) % BUCKETS];
	struct group *g = *head;

	while (g && memcmp(&g->key, key, sizeof(*key)) != 0)
		g = g->next;
	if (g)
		return g;
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->key = *key;
	g->next = *head;
	*head = g;
	l->ngroups++;
	return g;
}

static int group_add(struct group *g, const struct ct_tuple *tuple)
{
	uint32_t room = g->room ? g->room * 2 : 4;
	struct ct_tuple *more;

	if (g->count == g->room) {
		more = realloc(g->tuple, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		g->tuple = more;
		g->room = room;
	}
	g->tuple[g->count++] = *tuple;
	return 0;
}

static struct group_key key_of(const struct connlimit_args *args, const struct pktt_packet *pkt,
			       const struct ct_tuple *tuple)
{
	struct pktt_addr addr = args->daddr ? pktt_packet_dst(pkt) : pktt_packet_src(pkt);
	struct group_key key = { .zone = tuple->zone, .family = tuple->family };
	unsigned int bits = args->mask;

	/* The mask of an inet rule is IPv6's. */
	for (unsigned int i = 0; i < addr.len && bits; i++) {
		unsigned int n = bits < 8 ? bits : 8;

		key.addr[i] = addr.byte[i] & (uint8_t)(0xff00u >> n);
		bits -= n;
	}
	return key;
}

static enum pktt_hit connlimit_match(struct pktt_packet *pkt, const void *vargs, void *vstate)
{
	const struct connlimit_args *args = vargs;
	struct limiter *l = ((struct connlimit_state *)vstate)->limiter;
	struct conntrack *ct = conntrack_of(pkt->engine);
	uint32_t now_ms = ct_ms(pkt->time_ns);
	struct ct_tuple tuple;
	struct group_key key;
	struct group *g;

	if (!ct)
		return PKTT_BAD;
	if (pkt->ct)
		conn_tuple(pkt->ct, CT_ORIGINAL, &tuple);
	else if (!ct_tuple_of_packet(pkt, &tuple))
		return PKTT_BAD;
	if (l->ngroups >= l->sweep_at)
		limiter_sweep(l, ct, now_ms);
	key = key_of(args, pkt, &tuple);
	g = group_of(l, &key);
	if (!g || (!group_sweep(g, ct, &tuple, now_ms) && group_add(g, &tuple)))
		return PKTT_BAD;
	return hit_if(pktt_given(args, UPTO) ? g->count <= args->upto : g->count > args->above);
}

PKTT_REGISTER(pktt_match, connlimit) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "connlimit",
		.summary = "match by the number of connections of a host or network",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(connlimit_params, struct connlimit_args),
		.check = connlimit_check,
		.canon = connlimit_canon,
		.state_size = sizeof(struct connlimit_state),
		.setup = connlimit_setup,
		.teardown = connlimit_teardown,
	},
	.match = connlimit_match,
};
