/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet's way through the router, for path_*.c, ipv4_options.c, ipv6_options.c, env.c and
 * replay.c.
 *
 * Each path function takes the packet from one point of Linux's receive or send path to its end and
 * returns the verdict; path_drop() notes why where no rule did it.
 */
#ifndef REPLAY_PATH_H
#define REPLAY_PATH_H

#include "core/env.h"
#include "replay.h"
#include "router.h"

struct conntrack;
struct fdb;
struct ratelimit;

/* A record under way: what came of it so far, and how much of it waits for programs. */
struct record {
	struct replay_result result;
	void *user;	      /* replay_submit()'s */
	unsigned int waiting; /* flights, the packet's own or of what it made */
	bool is_judged;	      /* its result has a verdict, which a better one may replace */
	bool is_real; /* a packet of this machine: it leaves, and nobody asks for a result */
};

struct replay {
	struct pktt_env env; /* first: what extensions see of us */
	struct replay_config config;
	const struct pktt_iface *local_out;
	uint64_t random;
	uint64_t last_ns;
	unsigned int depth; /* of packets made while others are under way */
	unsigned int nparked;
	uint8_t *buf; /* of the packet in hand, with room before and after */
	size_t room;
	struct conntrack *ct; /* the engine's, or NULL */
	struct fdb *fdb;
	struct ratelimit *ratelimit;
	struct record own;     /* of all packets, where none can wait */
	struct record *record; /* in hand */
	struct flight *flight; /* the innermost that is at a hook */
};

struct flight;
/*
 * What follows a hook that let the packet pass. All that it needs stands in the flight, so that a
 * program may have the packet in between.
 */
typedef enum pktt_verdict path_step(struct flight *f);

/* Linux's struct ip_options, as far as forwarding needs it; offsets from layer 3, 0 = none. */
struct ipv4_options {
	uint8_t len; /* of all options */
	uint8_t srr, rr, ts, router_alert, cipso;
	bool is_changed, rr_needaddr, is_strict;
};

/* What a flight's end means to its record. */
enum flight_kind {
	FLIGHT_RECORD, /* it is the record's own packet */
	FLIGHT_WAY,    /* one of several ways of that packet */
	FLIGHT_MADE,   /* made here: an answer, a copy */
};

/* What a bridge thinks of a frame while the rules of its layer 3 are told another story. */
struct bridged {
	enum pktt_family family, l3_family;
	uint8_t pkttype;
};

/* A packet under way. */
struct flight {
	struct replay *replay;
	struct pktt_packet *pkt;
	enum flight_kind kind;
	path_step *next;    /* behind the hook at which it is; NULL = it cannot wait there */
	bool is_queued;	    /* a rule at that hook leaves it to a program */
	bool is_parked;	    /* a copy waits, with everything: this one is an empty shell */
	unsigned int depth; /* where it waits: replay->depth */
	bool has_hook;	    /* one was run: pkt->hook says which last */
	bool is_prerouted;  /* by a bridge: PRE_ROUTING has been */
	bool is_reply;	    /* made here: stands last among what was emitted */
	bool is_linked;	    /* the kernel has sent it: its link header holds */
	const struct pktt_iface *oif;	  /* output is bound to it, or NULL */
	const struct pktt_iface *arrived; /* where what a copy was made of came in */
	const struct pktt_iface
		*post_in; /* what POST_ROUTING shows as input of what is sent here */
	struct pktt_route route;
	struct ipv4_options opt;
	struct bridged bridged;
	path_step *unbridged; /* behind the hook of layer 3 */
};

/* Deeper than TEE of a reply to a copy nobody needs it; beyond, packets made here are dropped. */
#define PATH_DEPTH_MAX 4

static inline struct replay *replay_of(struct pktt_env *env)
{
	return (struct replay *)env;
}

enum pktt_verdict path_drop(struct flight *f, enum pktt_reason reason);
/* The way to q->dst, of the router or of this machine. As router_lookup(). */
int path_route(struct replay *replay, const struct pktt_route_query *q, struct pktt_route *ret);
/* What of layer 3 must fit a link: all, or a segment of a super-packet. */
uint32_t path_size(const struct pktt_packet *pkt);
/* The rules of a hook, and what follows it if they let the packet pass. */
enum pktt_verdict path_hook(struct flight *f, enum pktt_hook hook, const struct pktt_iface *in,
			    const struct pktt_iface *out, path_step *next);
/* The rules' word alone, where no program can be asked. */
enum pktt_verdict path_ask(struct flight *f, enum pktt_hook hook, const struct pktt_iface *in,
			   const struct pktt_iface *out);
/* Answer with an ICMP error, where Linux would: type, code and second word are of the family. */
void path_error(struct flight *f, uint8_t type, uint8_t code, uint32_t info);

/* Packets' time goes on; it does not go back. Returns what it is. */
uint64_t replay_time(struct replay *replay, uint64_t now_ns);

/* --- From the wire ---------------------------------------------------------------------------- */

/* netif_receive_skb(): a packet of pkt->in, its link header parsed. */
enum pktt_verdict path_receive(struct flight *f);
enum pktt_verdict path_receive_ipv4(struct flight *f);
enum pktt_verdict path_receive_ipv6(struct flight *f);
enum pktt_verdict path_receive_arp(struct flight *f);
/* The same for a port of a bridge. */
enum pktt_verdict path_bridge(struct flight *f);
/*
 * br_netfilter: what the frame's own family says at a hook of its bridge; from physin to physout. Then
 * next.
 */
enum pktt_verdict path_bridge_nf(struct flight *f, enum pktt_hook hook, path_step *next);
enum pktt_verdict path_deliver(struct flight *f);
enum pktt_verdict path_forward_ipv4(struct flight *f);
enum pktt_verdict path_forward_ipv6(struct flight *f);
/* The kernel has forwarded it, without our having seen it come in. The route is known. */
enum pktt_verdict path_forwarded(struct flight *f);

/* --- From this host --------------------------------------------------------------------------- */

/*
 * Route, LOCAL_OUT, POST_ROUTING, and to the wire or back to ourselves. pkt->in is not looked at.
 */
enum pktt_verdict path_output(struct flight *f);
/* The same, the route being known. */
enum pktt_verdict path_output_routed(struct flight *f);
enum pktt_verdict path_output_arp(struct flight *f, const struct pktt_iface *out);
/* POST_ROUTING and what follows it, in by the interface that the packet came in by, or NULL. */
enum pktt_verdict path_post_routing(struct flight *f, const struct pktt_iface *in);
/*
 * Cut and note the pieces as sent: an IPv4 packet by the route's MTU, or what came in pieces into those
 * of before.
 */
enum pktt_verdict path_fragment(struct flight *f);

/* --- Options ---------------------------------------------------------------------------------- */

/* ip_rcv_options(): 0, or the packet is to be dropped, an error having been sent if Linux does. */
int ipv4_options_receive(struct flight *f);
/* ip_forward_options(): what is filled in on leaving. */
void ipv4_options_forward(struct flight *f);
/* ip_options_fragment(): what later fragments do not carry becomes padding. */
void ipv4_options_uncopied(uint8_t *options, uint32_t len);
/* ipv6_parse_hopopts(): as above. */
int ipv6_options_receive(struct flight *f);

/* --- Results ---------------------------------------------------------------------------------- */

/* The verdict of a way becomes the record's, unless that has a better one. */
void result_judge(const struct flight *f, enum pktt_verdict v);
/* Len bytes at data leave: they are noted, or really do. */
void result_emit(struct replay *replay, const struct replay_emitted *what, const uint8_t *data);
/* The same for what goes by the flight's route. */
void result_send(struct flight *f, uint32_t len, const uint8_t *data);
/* Note the packet itself, from layer 3 or as a frame. */
void result_emit_packet(struct replay *replay, const struct pktt_packet *pkt,
			const struct pktt_iface *out, bool is_frame);
void result_log(struct replay *replay, const struct replay_log *what, const char *text,
		const uint8_t *data);
void result_clear(struct replay_result *result);
void result_fini(struct replay_result *result);
void result_describe(struct replay_result *result, const struct pktt_packet *pkt);
/* What helpers foresee is noted from here on, if there is tracking; -ENOSPC. */
int tracking_watch(struct replay *replay);
void tracking_unwatch(struct replay *replay);
/* The packet's connection, as it is when the packet has gone its way. */
void tracking_note(struct replay *replay, const struct pktt_packet *pkt);

/* --- Other parts ------------------------------------------------------------------------------ */

extern const struct pktt_env_ops replay_env_ops;
/* Note a packet that this host made as sent, or not: it must not be the packet under way. */
void path_made(struct replay *replay, struct pktt_packet *pkt, const struct pktt_packet *cause);
/*
 * A program is to have the packet of a flight (wait.c): STOLEN if one has it, and the flight is parked;
 * ACCEPT if the rule or its queue lets it pass on; QUEUE if nobody is there.
 */
enum pktt_verdict wait_for_program(struct flight *f);
/* One flight fewer of a record; at the last it is told, and gone. */
void wait_record_put(struct replay *replay, struct record *record);

/* Learned MAC addresses of bridges: bounded, entries live 300 s. */
int fdb_new(struct fdb **ret, uint64_t seed);
void fdb_free(struct fdb **fdb);
void fdb_learn(struct fdb *fdb, const struct pktt_iface *port, const uint8_t *mac, uint64_t now_ns);
/* The port behind which mac was last seen, or NULL. */
const struct pktt_iface *fdb_lookup(const struct fdb *fdb, const struct pktt_iface *bridge,
				    const uint8_t *mac, uint64_t now_ns);

/*
 * Errors to one host: a token each interval, six saved up (net/ipv4/icmp.c,
 * inet_peer_xrlim_allow).
 */
int ratelimit_new(struct ratelimit **ret, uint64_t seed, uint32_t interval_ms);
void ratelimit_free(struct ratelimit **limit);
bool ratelimit_allows(struct ratelimit *limit, const struct pktt_addr *to, uint64_t now_ns);

#endif
