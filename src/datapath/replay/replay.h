/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The datapath "replay": records of a capture take the way that they would take through a Linux
 * router with these interfaces, routes and rules, and the result says where each came to.
 */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "base/str.h"
#include "core/engine.h"
#include "core/packet.h"
#include "settings.h"

struct capture_record;
struct replay;
struct router;

struct pktt_step;
struct pktt_use;

/* Told of every packet's way, for explain and test; any of them may be NULL. */
struct replay_watch {
	/* As it came, parsed, before any hook. Not called for what no handler reads. */
	void (*arrived)(void *ctx, struct pktt_packet *pkt);
	/* A rule was looked at; missed is the first use that did not hit. */
	void (*look)(void *ctx, struct pktt_packet *pkt, const struct pktt_chain *chain,
		     const struct pktt_rule *rule, const struct pktt_use *missed,
		     enum pktt_hit hit);
	/* Steps of every packet, as TRACE has them; nothing is logged of them then. */
	void (*step)(void *ctx, const struct pktt_step *step);
	/* A function beside the chains is about to run (CONTINUE), or has run with that verdict. */
	void (*beside)(void *ctx, struct pktt_packet *pkt, const struct pktt_hook_fn *fn,
		       enum pktt_verdict verdict);
	void *ctx;
};

struct pktt_log;
struct pktt_nflog;
struct pktt_route;
struct pktt_route_query;
struct replay_emitted;
struct replay_result;

/* What a replay that packets come to as they happen is told of, in the thread that runs it. */
struct replay_live {
	/*
	 * A packet, the receiver's own if it returns true: it gives it back by replay_resume(), in
	 * the thread of the replay. false = nobody has it; *go_on: it passes.
	 */
	bool (*queue)(void *ctx, struct pktt_packet *pkt, bool *go_on);
	/* A record has come to its end; result is the receiver's (replay_result_free()). */
	void (*done)(void *ctx, void *user, struct replay_result *result);
	/* Time goes on for what all replays of the engine share; it may be behind theirs. */
	void (*advance)(void *ctx, uint64_t now_ns);
	/* Whether a packet that arrives is to be traced, and its steps. */
	bool (*wants_trace)(void *ctx, const struct pktt_packet *pkt);
	void (*step)(void *ctx, const struct pktt_step *step);
	/* Beside the result, which has them as well. */
	void (*log)(void *ctx, const struct pktt_log *log);
	void (*nflog)(void *ctx, const struct pktt_nflog *log);
	void *ctx;
};

/*
 * This machine, in place of the routes of a router and of results, where packets are those of its own
 * interfaces. Called in the thread of the replay.
 */
struct replay_host {
	/* As router_lookup(). -EINVAL: from such a source nothing can have come by that way. */
	int (*route)(void *ctx, const struct pktt_route_query *q, struct pktt_route *ret);
	/* A packet leaves: what->len bytes at data. */
	void (*send)(void *ctx, const struct replay_emitted *what, const uint8_t *data);
	/* The packet is for this host, as it stands. */
	void (*deliver)(void *ctx, const struct pktt_packet *pkt);
	void *ctx;
};

/* What a program said of a packet. */
struct replay_verdict {
	enum pktt_verdict verdict;
	uint16_t queue; /* with QUEUE */
	bool has_mark;
	uint32_t mark;
	const uint8_t *data; /* the packet from layer 3 as it is now; NULL = as it was */
	size_t len;
};

struct replay_config {
	struct pktt_engine *engine;  /* borrowed, like what follows */
	const struct router *router; /* finished */
	const struct replay_settings *settings;
	const char *in_name;   /* of records whose interface has no name, or NULL */
	const char *local_out; /* all records are made by this host, on this interface; or NULL */
	uint64_t seed;
	bool describes;		/* results say in words what the packet was */
	bool tells_connections; /* results have the packet's connection, if there is tracking */
	const struct replay_watch *watch; /* or NULL */
	const struct replay_live *live; /* or NULL: packets come from a file, and nobody listens */
	const struct replay_host *host; /* or NULL: the router is all there is; with live only */
	unsigned int worker;		/* whose counters count */
};

/* A packet that left. Its bytes are result->bytes.data + at. */
struct replay_emitted {
	const struct pktt_iface *out;
	size_t at, len;
	uint32_t l3; /* offset of layer 3 in it: not 0 for frames */
	bool is_frame, is_reply;
	/* For a host: the packet that it is, or is a piece of, and the neighbour that is to have it. */
	const struct pktt_packet *pkt;
	struct pktt_addr next_hop;
	bool is_linked; /* its neighbour was chosen before: the packet's own link header holds */
};

enum replay_log_kind { REPLAY_LOG, REPLAY_NFLOG, REPLAY_ULOG, REPLAY_TRACE };

/* A record of LOG, NFLOG, ULOG, TRACE; offsets as above. */
struct replay_log {
	enum replay_log_kind kind;
	unsigned int number;	  /* level of LOG and TRACE, group of NFLOG and ULOG */
	size_t text_at, text_len; /* the line, or the prefix */
	size_t data_at, data_len; /* the packet, as far as it was asked for */
};

/* The rule, or the policy, that decided, in names: they stay when rules go. */
struct replay_where {
	bool is_there, is_policy;
	enum pktt_family family;
	char table[PKTT_NAME_MAX], chain[PKTT_NAME_MAX], name[PKTT_NAME_MAX];
	uint64_t handle;
	uint32_t number; /* 0 = not known */
};

/* What became of a record. Valid until the next one. */
struct replay_result {
	uint64_t number;
	uint64_t time_ns;
	const char *interface; /* NULL = the record has none */
	bool has_verdict;      /* false: skipped, decision.reason says why */
	enum pktt_verdict verdict;
	bool has_hook;
	enum pktt_hook hook;
	struct pktt_decision decision;
	uint32_t mark;
	struct replay_emitted *emitted; /* in order of leaving */
	size_t nemitted, emitted_room;
	struct replay_log *log;
	size_t nlog, log_room;
	struct str bytes;
	struct str connection, expectations; /* tracking.c */
	struct str words;	   /* describes: "in0 tcp 10.0.0.5:1234 > 192.0.2.80:80" */
	bool failed;		   /* out of memory: the result is incomplete */
	struct replay_where where; /* live: instead of decision's pointers */
};

/* -ENOMEM. */
int replay_new(struct replay **ret, const struct replay_config *config, struct pktt_error *err);
void replay_free(struct replay **replay);
/*
 * Begin a batch: the newest rules are seen from here on. Call in the RCU reader that runs
 * packets.
 */
void replay_batch(struct replay *replay);
/* The result of a record. */
const struct replay_result *replay_packet(struct replay *replay,
					  const struct capture_record *record);

/*
 * A packet of this machine: from layer 2 where it has a link header. It is worked on where it stands, with
 * room before and behind.
 */
struct replay_frame {
	struct pktt_packet
		pkt; /* buf, room, l2, l2_len, l3, end, ethertype, and what is known of it */
	/* Ingress: where it came in. Egress: where it came in, or NULL = this host made it. */
	const struct pktt_iface *in;
	const struct pktt_iface *out; /* egress only */
};

/* --- Live: all in the thread of the replay ---------------------------------------------------- */

/* The record goes its way; done() gets user and the result, now or when no program has any of it. */
int replay_submit(struct replay *replay, const struct capture_record *record, void *user);
/* A packet goes its way, with config.host. -ENOMEM: it goes nowhere. */
int replay_frame(struct replay *replay, struct replay_frame *frame, uint64_t now_ns);
/*
 * The machine's interfaces and addresses are others from here on. Packets that wait for programs still
 * point to those that they came with.
 */
void replay_set_router(struct replay *replay, const struct router *router);
/* How many packets wait. */
unsigned int replay_waiting(const struct replay *replay);
/* A packet that queue() took goes on, exactly where it was. */
void replay_resume(struct replay *replay, struct pktt_packet *pkt,
		   const struct replay_verdict *verdict);
/* Packets' time goes on without packets. */
void replay_advance(struct replay *replay, uint64_t now_ns);
void replay_result_free(struct replay_result **result);

#endif
