/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tracking as a part of an engine: made, freed, its clock and counters, and what packets hold of it. */
#include "conntrack/conntrack.h"

#include "base/own.h"
#include "conntrack/defrag.h"
#include "conntrack/event.h"
#include "conntrack/expect.h"
#include "conntrack/own.h"
#include "conntrack/proto_tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

static enum pktt_verdict defrag(struct pktt_packet *pkt, enum pktt_hook hook)
{
	struct conntrack *ct = conntrack_of(pkt->engine);

	(void)hook;
	ct_packet_clock(ct, pkt);
	return defrag_packet(ct->defrag, pkt);
}

#define IP (PKTT_FAM_V4 | PKTT_FAM_V6)

static const struct pktt_hook_fn hooks[] = {
	{ "defrag", PKTT_PRE_ROUTING, PKTT_PRIO_DEFRAG, IP, defrag },
	{ "defrag", PKTT_LOCAL_OUT, PKTT_PRIO_DEFRAG, IP, defrag },
	{ "conntrack", PKTT_PRE_ROUTING, PKTT_PRIO_CONNTRACK, IP, ct_hook_in },
	{ "conntrack", PKTT_LOCAL_OUT, PKTT_PRIO_CONNTRACK, IP, ct_hook_in },
	{ "confirm", PKTT_LOCAL_IN, PKTT_PRIO_CONFIRM, IP, ct_hook_confirm },
	{ "confirm", PKTT_POST_ROUTING, PKTT_PRIO_CONFIRM, IP, ct_hook_confirm },
};

/* --- Life ------------------------------------------------------------------------------------- */

/*
 * Packets are done with by now. Expectations and queues hold connections; connections that go ask NAT
 * and their source to forget them.
 */
static void free_all(void *object)
{
	struct conntrack *ct = object;

	if (ct->defrag)
		defrag_free(&ct->defrag);
	if (ct->expects)
		expect_table_free(ct);
	if (ct->events)
		ct_events_free(ct);
	if (ct->db)
		conndb_free(&ct->db);
	ct_gre_map_fini(&ct->gre);
	if (ct->nat_state_free)
		ct->nat_state_free(ct->nat_state);
	ct_sources_free(ct);
	ct_policies_free(ct);
	free(ct->counts);
	free(ct);
}

static int new_table(struct conntrack *ct)
{
	struct conndb_config config = {
		.workers = ct->workers,
		.key = conntrack_hash_key(ct),
		.max = ct->settings.max,
		.state_size = ct_l4_state_size,
		.release = ct_conn_release,
		.expired = ct_conn_expired,
		.ctx = ct,
	};

	return conndb_new(&ct->db, &config);
}

static int fill(struct conntrack *ct)
{
	int r;

	ct->counts = calloc(ct->workers, sizeof(*ct->counts));
	if (!ct->counts)
		return -ENOMEM;
	r = ct_policies_new(ct);
	if (r == 0)
		r = ct_sources_new(ct);
	if (r == 0)
		r = new_table(ct);
	if (r == 0)
		r = ct_events_new(ct);
	if (r == 0)
		r = expect_table_new(ct);
	if (r == 0)
		r = defrag_new(&ct->defrag, ct);
	return r;
}

int conntrack_attach(struct pktt_engine *engine, const struct ct_settings *settings,
		     struct pktt_error *err)
{
	struct conntrack *ct = calloc(1, sizeof(*ct));
	int r;

	if (!ct)
		return pktt_fail(err, -ENOMEM, "no memory for connection tracking");
	ct->engine = engine;
	ct->workers = pktt_engine_config(engine)->workers;
	if (settings)
		ct->settings = *settings;
	else
		ct_settings_init(&ct->settings);
	r = fill(ct);
	if (r == 0)
		r = pktt_engine_hook(engine, hooks, pktt_countof(hooks));
	if (r) {
		free_all(ct);
		return pktt_fail(err, r, "no memory for connection tracking");
	}
	pktt_engine_set_slot(engine, PKTT_SLOT_CONNTRACK, ct, free_all);
	return 0;
}

struct conntrack *conntrack_of(const struct pktt_engine *engine)
{
	return pktt_engine_slot(engine, PKTT_SLOT_CONNTRACK);
}

struct pktt_engine *conntrack_engine(const struct conntrack *ct)
{
	return ct->engine;
}

struct conndb *conntrack_db(struct conntrack *ct)
{
	return ct->db;
}

const struct ct_settings *conntrack_settings(const struct conntrack *ct)
{
	return &ct->settings;
}

/* From the engine's seed by a fixed key: two tables of an engine share it, two engines do not. */
struct siphash_key conntrack_hash_key(const struct conntrack *ct)
{
	static const struct siphash_key fixed = { { 0x636f6e6e74726163, 0x6b2d68617368206b } };
	uint64_t seed = pktt_engine_config(ct->engine)->seed;
	struct siphash_key ret = { 0 };

	ret.k[0] = siphash(&fixed, &seed, sizeof(seed));
	ret.k[1] = siphash(&ret, &seed, sizeof(seed));
	return ret;
}

/* The table's clock wraps after 49 days: after a long pause it is turned in steps that it can tell. */
static void turn_wheel(struct conntrack *ct, uint64_t now_ns)
{
	const uint64_t step_ns = UINT64_C(1000000) << 30;

	while (ct->advanced_ns && now_ns > ct->advanced_ns + step_ns) {
		ct->advanced_ns += step_ns;
		conndb_advance(ct->db, ct_ms(ct->advanced_ns), 0);
	}
	ct->advanced_ns = now_ns;
	conndb_advance(ct->db, ct_ms(now_ns), 0);
}

void conntrack_advance(struct conntrack *ct, uint64_t now_ns)
{
	struct pktt_packet tick = { .time_ns = now_ns };

	now_ns = ct_packet_clock(ct, &tick);
	expect_advance(ct, now_ns);
	turn_wheel(ct, now_ns);
	defrag_advance(ct->defrag, now_ns);
}

uint64_t conntrack_time_ns(const struct conntrack *ct)
{
	return __atomic_load_n(&ct->now_ns, __ATOMIC_RELAXED);
}

/* --- Counters --------------------------------------------------------------------------------- */

void ct_count(struct conntrack *ct, unsigned int worker, enum ct_count what)
{
	__atomic_fetch_add(&ct->counts[worker][what], 1, __ATOMIC_RELAXED);
}

void conntrack_counters(const struct conntrack *ct, uint64_t ret[CT_COUNT_COUNT])
{
	for (unsigned int i = 0; i < CT_COUNT_COUNT; i++) {
		ret[i] = 0;
		for (unsigned int w = 0; w < ct->workers; w++)
			ret[i] += __atomic_load_n(&ct->counts[w][i], __ATOMIC_RELAXED);
	}
}

bool conntrack_worker_counters(const struct conntrack *ct, unsigned int worker,
			       uint64_t ret[CT_COUNT_COUNT])
{
	if (worker >= ct->workers)
		return false;
	for (unsigned int i = 0; i < CT_COUNT_COUNT; i++)
		ret[i] = __atomic_load_n(&ct->counts[worker][i], __ATOMIC_RELAXED);
	return true;
}

uint32_t conntrack_count(const struct conntrack *ct)
{
	uint32_t doomed = __atomic_load_n(&ct->doomed, __ATOMIC_RELAXED);
	uint32_t all = conndb_count(ct->db);

	/* One is taken out before it is counted as doomed, now and then. */
	return doomed < all ? all - doomed : 0;
}

/* --- Packets ---------------------------------------------------------------------------------- */

static void put(struct pktt_packet *pkt)
{
	if (pkt->ct)
		conn_put(conntrack_of(pkt->engine)->db, &pkt->ct);
}

void conntrack_packet_done(struct pktt_packet *pkt)
{
	put(pkt);
	pkt->ct_info = PKTT_CT_NONE;
	pkt->ct_template = NULL;
	pktt_pieces_free(&pkt->pieces);
}

/* What a proxy says in its own right is no answer to the packet that made it speak. */
static bool is_own_segment(const struct pktt_packet *reply)
{
	enum { FLAGS_AT = 13, FLAG_RST = 4 };
	const uint8_t *flags;

	if (reply->protocol != IPPROTO_TCP)
		return false;
	flags = pktt_packet_read(reply, PKTT_L4, FLAGS_AT, 1);
	return flags && !(*flags & FLAG_RST);
}

void conntrack_packet_attach(struct pktt_packet *reply, const struct pktt_packet *cause)
{
	if (is_own_segment(reply))
		return;
	/* It has been seen, though it is nobody's: CT and NOTRACK leave it alone, tracking does not. */
	if (cause->ct_info == PKTT_CT_UNTRACKED && !reply->ct)
		reply->ct_info = PKTT_CT_INVALID;
	if (!cause->ct || !conn_get(cause->ct))
		return;
	put(reply);
	reply->engine = cause->engine;
	reply->ct = cause->ct;
	reply->ct_info =
		ct_packet_dir(cause) == CT_ORIGINAL ? PKTT_CT_RELATED_REPLY : PKTT_CT_RELATED;
	/* Our TCP answers are resets: both ends will be done with it. */
	if (cause->ct->protocol == IPPROTO_TCP && reply->protocol == IPPROTO_TCP)
		ct_tcp_set_closing(conntrack_of(cause->engine), cause->env->worker, cause->ct);
}

void conntrack_packet_untrack(struct pktt_packet *pkt)
{
	put(pkt);
	pkt->ct_info = PKTT_CT_UNTRACKED;
	pkt->ct_template = NULL;
}

/* --- NAT -------------------------------------------------------------------------------------- */

void conntrack_set_nat(struct conntrack *ct, const struct ct_nat_ops *ops)
{
	ct->nat = *ops;
}

void conntrack_set_nat_state(struct conntrack *ct, void *state, void (*free)(void *state))
{
	ct->nat_state = state;
	ct->nat_state_free = free;
}

void *conntrack_nat_state(struct conntrack *ct)
{
	return ct->nat_state;
}
