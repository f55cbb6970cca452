/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of connection tracking share with one another and with nobody else. */
#ifndef PKTT_CT_OWN_H
#define PKTT_CT_OWN_H

#include "conntrack/conntrack.h"
#include "conntrack/proto_gre.h"
#include "core/engine.h"
#include "core/hook.h"

struct ct_expects;  /* expect.c: the table of expectations */
struct ct_events;   /* event.c: the dirty queues and who listens */
struct ct_policies; /* timeout.c: timeout policies by name */
struct ct_sources;  /* source.c: connections counted by who opened them */
struct defrag;

struct conntrack {
	struct pktt_engine *engine;
	struct ct_settings settings;
	struct conndb *db;
	struct ct_expects *expects;
	struct ct_events *events;
	struct ct_policies *policies;
	struct ct_sources *sources;
	struct defrag *defrag;
	struct ct_gre_map gre; /* zeroed is empty */
	struct ct_nat_ops nat;
	void *nat_state;
	void (*nat_state_free)(void *state);
	uint64_t now_ns;      /* never goes back */
	uint64_t advanced_ns; /* up to which the wheel has turned; 0 = not yet */
	unsigned int workers;
	uint32_t doomed; /* connections that ct_query_doom() ended and that are in the table still */
	uint64_t (*counts)[CT_COUNT_COUNT]; /* of each worker */
};

/* event.c */
int ct_events_new(struct conntrack *ct);
void ct_events_free(struct conntrack *ct);

/* timeout.c */
int ct_policies_new(struct conntrack *ct);
void ct_policies_free(struct conntrack *ct);
/* The seconds that hold for a connection: of its policy, or the settings of its protocol. */
const uint32_t *ct_timeouts_of(const struct conntrack *ct, const struct conn *conn);

/* source.c: how many connections an address has open, and whether it may open one more */
int ct_sources_new(struct conntrack *ct);
void ct_sources_free(struct conntrack *ct);
/*
 * false = the source of the tuple has settings.source_max of them, or there is no memory. Given back for
 * an address that it was taken for.
 */
bool ct_source_take(struct conntrack *ct, const struct ct_tuple *original);
void ct_source_give(struct conntrack *ct, const struct ct_tuple *original);

/* conn_end.c: the last reference of a connection is gone; the wheel took one out */
void ct_conn_release(void *ctx, struct conn *conn);
void ct_conn_expired(void *ctx, struct conn *conn);

/* new.c: a connection for the first packet of a tuple, and room for it in a full table */

/* What a packet is tracked in: a zone's number and the directions it holds for. */
struct ct_zone {
	uint16_t id;
	uint8_t dirs; /* CT_ZONE_* */
};
static inline uint16_t ct_zone_of(const struct ct_zone *zone, enum ct_dir dir)
{
	return zone->dirs & 1u << dir ? zone->id : 0;
}

struct ct_new {
	struct conntrack *ct;
	struct pktt_packet *pkt;
	const struct ct_template *template; /* or NULL */
	const struct ct_zone *zone;
	uint32_t now_ms;
};
/* 0 with *ret NULL: nothing can answer it, it is no connection. -ENOSPC, -ENOMEM: drop. */
int ct_conn_new(const struct ct_new *new, const struct ct_tuple *tuple, struct conn **ret);

/* in.c, confirm.c: the hooks */
enum pktt_verdict ct_hook_in(struct pktt_packet *pkt, enum pktt_hook hook);
enum pktt_verdict ct_hook_confirm(struct pktt_packet *pkt, enum pktt_hook hook);
/* The connection that has the tuple in a zone, with a reference; NULL = none. */
struct conn *ct_find_in_zone(struct conntrack *ct, const struct ct_tuple *tuple,
			     const struct ct_zone *zone, uint32_t now_ms, enum ct_dir *dir);
/* Time goes on by what the packet says of it; ns. */
uint64_t ct_packet_clock(struct conntrack *ct, const struct pktt_packet *pkt);

/* icmp_error.c: errors, and what of ICMP is not tracked at all */
enum ct_icmp_judge {
	CT_ICMP_TRACK, /* it asks or answers: as any other packet */
	CT_ICMP_DONE,  /* the packet has what it gets: a connection, or UNTRACKED */
	CT_ICMP_BAD,   /* unreadable, or about nothing we know */
};
/* meet->conn and dir are not set. */
enum ct_icmp_judge ct_icmp_in(struct ct_meet *meet, const struct ct_zone *zone);

#endif
