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
	struct ct_gre_map gre; /* zeroed is empty; nothing to free */
	struct ct_nat_ops nat;
	void *nat_state;
	void (*nat_state_free)(void *state);
	uint64_t now_ns; /* never goes back */
	unsigned int workers;
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
/* false = it has settings.source_max of them. What was taken is given back once. */
bool ct_source_take(struct conntrack *ct, const struct ct_tuple *original);
void ct_source_give(struct conntrack *ct, const struct conn *conn);

/* in.c, confirm.c: the hooks */
enum pktt_verdict ct_hook_in(struct pktt_packet *pkt, enum pktt_hook hook);
enum pktt_verdict ct_hook_confirm(struct pktt_packet *pkt, enum pktt_hook hook);
/* icmp_error.c: finds the connection that the error is about. CT_OK: pkt has it, or goes on without. */
enum ct_judge ct_icmp_error(struct ct_meet *meet);

#endif
