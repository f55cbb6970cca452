/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connection tracking of an engine: the hooks that give every packet its connection, and the parts
 * that hang on it.
 *
 * Overview, after the talk: at PRE_ROUTING and LOCAL_OUT (priority -200) a packet's tuple is looked up;
 * if there is none, a connection is made, unconfirmed: original and inverted tuple, timeout, helper,
 * expectation check, the protocol's word. The last hook (LOCAL_IN, POST_ROUTING) confirms it into the
 * table: what was dropped on the way leaves nothing behind. Later packets: lookup, state, timeout.
 *
 * A packet carries its connection in pkt->ct, with a reference that conntrack_packet_done() gives back.
 */
#ifndef PKTT_CT_CONNTRACK_H
#define PKTT_CT_CONNTRACK_H

#include "conntrack/conndb.h"
#include "conntrack/l4proto.h"

struct conntrack;
struct pktt_engine;
struct pktt_error;
struct ct_helper;

/*
 * Give the engine connection tracking: registers the hooks. Before the first transaction. It is freed
 * with the engine. settings NULL = the defaults. -ENOMEM.
 */
int conntrack_attach(struct pktt_engine *engine, const struct ct_settings *settings,
		     struct pktt_error *err);
/* NULL where none was attached. */
struct conntrack *conntrack_of(const struct pktt_engine *engine);
struct pktt_engine *conntrack_engine(const struct conntrack *ct);
struct conndb *conntrack_db(struct conntrack *ct);
/* A key of this engine, for tables that strangers fill. */
struct siphash_key conntrack_hash_key(const struct conntrack *ct);
const struct ct_settings *conntrack_settings(const struct conntrack *ct);
/* Time goes forward: everything that has timed out by then goes. ns since the epoch. */
void conntrack_advance(struct conntrack *ct, uint64_t now_ns);
uint64_t conntrack_time_ns(const struct conntrack *ct);
/* ms of conndb's clock at that time */
static inline uint32_t ct_ms(uint64_t ns)
{
	return (uint32_t)(ns / 1000000);
}

/*
 * Out of the table, before its time: listeners hear of it, its expectations go. false = somebody else
 * took it. The caller's own reference stays.
 */
bool conntrack_kill(struct conntrack *ct, unsigned int worker, struct conn *conn);

/* --- Packets ---------------------------------------------------------------------------------- */

/* Gives back what the packet holds: connection, template, fragments. To be called once for every packet. */
void conntrack_packet_done(struct pktt_packet *pkt);
/* A packet of ours that answers another (a TCP reset): it belongs to the connection, as related. */
void conntrack_packet_attach(struct pktt_packet *reply, const struct pktt_packet *cause);
/* A copy of a packet is of the same connection (a bridge's, to several ports). */
void conntrack_packet_share(struct pktt_packet *copy, const struct pktt_packet *pkt);
/* The packet belongs to nothing any more (a copy): UNTRACKED. */
void conntrack_packet_untrack(struct pktt_packet *pkt);
/* The direction of a packet that has a connection. */
static inline enum ct_dir ct_packet_dir(const struct pktt_packet *pkt)
{
	return pkt->ct_info == PKTT_CT_ESTABLISHED_REPLY || pkt->ct_info == PKTT_CT_RELATED_REPLY
		       ? CT_REPLY
		       : CT_ORIGINAL;
}

/*
 * What CT sets on a packet before it is tracked; owned by the rule, constant. The packet refers to it
 * until it is done.
 */
struct ct_template {
	uint16_t zone;
	uint8_t zone_dirs; /* CT_ZONE_*; 0 = no zone given */
	bool zone_is_mark; /* the zone is the packet's mark */
	const struct ct_helper *helper;
	const struct ct_timeout_policy *timeout;
	bool has_events;
	uint16_t event_mask, expect_mask;
	bool is_synproxy; /* its sequence numbers will be shifted: see ext/t_synproxy.c */
};

/* --- Refusals, counted ------------------------------------------------------------------------ */

#define CT_COUNTERS(X)                                                                         \
	X(FOUND, "found") /* lookups that found one */                                         \
	X(NEW, "new")                                                                          \
	X(INVALID, "invalid")                                                                  \
	X(INSERT, "insert")                                                                    \
	X(INSERT_FAILED, "insert_failed")                                                      \
	X(DROP, "drop")		    /* packets dropped for want of an entry */                 \
	X(EARLY_DROP, "early_drop") /* entries taken out for a newer one */                    \
	X(ERROR, "error")	    /* ICMP errors that cannot be read */                      \
	X(CLASH_RESOLVE, "clash_resolve")                                                      \
	X(TABLE_FULL, "table_full")   /* new connections refused: the limit */                 \
	X(SOURCE_FULL, "source_full") /* new connections refused: the limit of their source */ \
	X(EXPECT_NEW, "expect_new")                                                            \
	X(EXPECT_CREATE, "expect_create")                                                      \
	X(EXPECT_DELETE, "expect_delete")                                                      \
	X(EXPECT_FULL, "expect_full") /* expectations refused: a limit */                      \
	X(NO_PORT, "no_port")	      /* NAT found no free port */                             \
	X(FRAG_HELD, "frag_held")                                                              \
	X(FRAG_DONE, "frag_done") /* datagrams completed */                                    \
	X(FRAG_TIMEOUT, "frag_timeout")                                                        \
	X(FRAG_FULL, "frag_full") /* fragments refused: the memory limit */                    \
	X(FRAG_BAD, "frag_bad")	  /* overlapping, beyond the end, too large */
enum ct_count {
#define X(id, name) CT_COUNT_##id,
	CT_COUNTERS(X)
#undef X
		CT_COUNT_COUNT
};
extern const char *const ct_count_names[CT_COUNT_COUNT];
void ct_count(struct conntrack *ct, unsigned int worker, enum ct_count what);
/* Summed over the workers. */
void conntrack_counters(const struct conntrack *ct, uint64_t ret[CT_COUNT_COUNT]);
/* Of one worker; false = there is no such worker. */
bool conntrack_worker_counters(const struct conntrack *ct, unsigned int worker,
			       uint64_t ret[CT_COUNT_COUNT]);
/* Connections in the table, without those that a flush has ended already. */
uint32_t conntrack_count(const struct conntrack *ct);

/* --- For nat, helpers and the API ------------------------------------------------------------- */

/* NAT puts itself in; called in this order where a packet is confirmed. Any may be NULL. */
struct ct_nat_ops {
	/* sequence numbers of a connection with CT_SEQ_ADJUST; false = drop the packet */
	bool (*seq_adjust)(struct pktt_packet *pkt, struct conn *conn, enum pktt_ct_info info);
	/* an ICMP error is about a translated connection: nothing to do for tracking itself */
	/* the connection leaves the table or is freed unconfirmed: bindings go */
	void (*forget)(struct conntrack *ct, struct conn *conn);
	/* make the binding that an existing original tuple needs: create by API, see query.h */
	int (*bind)(struct conntrack *ct, struct conn *conn, const struct ct_tuple *reply);
};
void conntrack_set_nat(struct conntrack *ct, const struct ct_nat_ops *ops);
/* A place for the state of nat (portmaps, sources): freed with the conntrack by its function. */
void conntrack_set_nat_state(struct conntrack *ct, void *state, void (*free)(void *state));
void *conntrack_nat_state(struct conntrack *ct);

#endif
