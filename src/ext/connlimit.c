/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connlimit: how many connections a host or network has.
 *
 * Overview, after Linux's nf_conncount: a rule keeps, for each group of hosts, the original tuples of
 * the connections that it has seen; how many they are is the count. What is no longer tracked, or is a
 * closed TCP connection, is forgotten when the list is gone through, and that is once a jiffy, or sooner
 * where many were added. A confirmed connection that is assured adds nothing, as it was counted when it
 * began; so a group whose last connection has closed may count none, and such a packet is dropped. What
 * has no connection (in raw, or INVALID) counts until the list is next gone through.
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
	uint32_t swept_jiffy,
		swept_count;	/* when the list was last gone through, and what was left */
	struct ct_tuple *tuple; /* original ones, oldest first */
};

/* Linux's tick, at 250 Hz; and how many entries it forgets, or adds, before it looks up. */
#define JIFFY_NS 4000000u
#define AT_ONCE	 64u

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

enum found { GONE, CLOSED, ALIVE };

static enum found look(struct conntrack *ct, const struct ct_tuple *tuple, uint32_t now_ms)
{
	enum ct_dir dir;
	struct conn *conn = conndb_find(conntrack_db(ct), tuple, now_ms, &dir);
	enum found found = GONE;

	if (conn) {
		found = is_closed(conn) ? CLOSED : ALIVE;
		conn_put(conntrack_db(ct), &conn);
	}
	return found;
}

/*
 * Forget what has gone, not more than some at once. With mine, it ends at that tuple: true, if it is
 * there and tracked.
 */
static bool group_sweep(struct group *g, struct conntrack *ct, const struct ct_tuple *mine,
			uint32_t now_ms)
{
	uint32_t i, kept = 0, gone = 0;
	bool found = false, was_alive = true;

	for (i = 0; i < g->count && !found; i++) {
		enum found what;

		if (gone > AT_ONCE && (mine || was_alive))
			break;
		what = look(ct, &g->tuple[i], now_ms);
		found = what != GONE && mine && ct_tuple_equal(&g->tuple[i], mine);
		was_alive = what == ALIVE || found;
		if (was_alive)
			g->tuple[kept++] = g->tuple[i];
		else
			gone++;
	}
	memmove(g->tuple + kept, g->tuple + i, (g->count - i) * sizeof(*g->tuple));
	g->count -= i - kept;
	return found;
}

static void group_swept(struct group *g, uint32_t jiffy)
{
	g->swept_jiffy = jiffy;
	g->swept_count = g->count;
}

/* Groups of which nothing is left go when there are twice as many as last time. */
static void limiter_sweep(struct limiter *l, struct conntrack *ct, uint32_t now_ms)
{
	for (unsigned int i = 0; i < BUCKETS; i++) {
		struct group **at = &l->bucket[i];

		while (*at) {
			struct group *g = *at;

			if (g->count)
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

/* What a packet counts as. Without a connection: its own tuple, even where that finds one. */
struct counted {
	struct ct_tuple tuple;
	bool is_confirmed, is_assured;
};

static void look_at(struct counted *c, const struct conn *conn)
{
	c->is_confirmed = conn_is_confirmed(conn);
	c->is_assured = conn_status(conn) & CT_ASSURED;
}

static uint16_t zone_of_template(const struct pktt_packet *pkt)
{
	const struct ct_template *t = pkt->ct_template;

	if (!t || !(t->zone_dirs & CT_ZONE_ORIGINAL))
		return 0;
	return t->zone_is_mark ? (uint16_t)pkt->mark : t->zone;
}

static bool counted_of(struct counted *c, const struct pktt_packet *pkt, struct conntrack *ct)
{
	enum ct_dir dir;
	struct conn *conn;

	if (pkt->ct) {
		conn_tuple(pkt->ct, CT_ORIGINAL, &c->tuple);
		look_at(c, pkt->ct);
		return true;
	}
	if (!ct_tuple_of_packet(pkt, &c->tuple))
		return false;
	c->tuple.zone = zone_of_template(pkt);
	conn = conndb_find(conntrack_db(ct), &c->tuple, ct_ms(pkt->time_ns), &dir);
	if (conn) {
		look_at(c, conn);
		conn_put(conntrack_db(ct), &conn);
	}
	return true;
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

/* How many connections the group has, with this packet's. 0 = the packet cannot be counted. */
static uint32_t group_count(struct group *g, const struct counted *c, struct conntrack *ct,
			    uint64_t time_ns)
{
	uint32_t jiffy = (uint32_t)(time_ns / JIFFY_NS), now_ms = ct_ms(time_ns);

	if (!g->room) {
		if (group_add(g, &c->tuple))
			return 0;
		g->swept_jiffy = jiffy;
		return g->count;
	}
	if (c->is_confirmed && c->is_assured) {
		if (g->count && jiffy != g->swept_jiffy) {
			group_sweep(g, ct, NULL, now_ms);
			group_swept(g, jiffy);
		}
		return g->count;
	}
	if (c->is_confirmed || jiffy != g->swept_jiffy || g->count - g->swept_count >= AT_ONCE) {
		if (group_sweep(g, ct, &c->tuple, now_ms))
			return g->count;
		group_swept(g, jiffy);
	}
	return group_add(g, &c->tuple) ? 0 : g->count;
}

static enum pktt_hit connlimit_match(struct pktt_packet *pkt, const void *vargs, void *vstate)
{
	const struct connlimit_args *args = vargs;
	struct limiter *l = ((struct connlimit_state *)vstate)->limiter;
	struct conntrack *ct = conntrack_of(pkt->engine);
	struct counted counted = { 0 };
	struct group_key key;
	struct group *g;
	uint32_t count;

	if (!ct || !counted_of(&counted, pkt, ct))
		return PKTT_BAD;
	if (l->ngroups >= l->sweep_at)
		limiter_sweep(l, ct, ct_ms(pkt->time_ns));
	key = key_of(args, pkt, &counted.tuple);
	g = group_of(l, &key);
	count = g ? group_count(g, &counted, ct, pkt->time_ns) : 0;
	if (!count)
		return PKTT_BAD;
	return hit_if(pktt_given(args, UPTO) ? count <= args->upto : count > args->above);
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
