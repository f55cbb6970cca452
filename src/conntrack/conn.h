/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: two tuples, what layer 4 knows, a timeout, counters; and, in an extension of its
 * own for the few that need one, a master, a helper, sequence adjustment, labels, time stamps.
 *
 * Life-cycle: allocated unconfirmed for the packet that opens it (one reference, the packet's); into
 * the table at its last hook (conntrack_confirm(): the table's reference); out of it when it dies;
 * freed with the last reference. The memory of a connection is only ever used for connections
 * (conndb.h), so a reader without a lock may find one that is being freed: conn_get() then refuses.
 *
 * Synchronization: tuples, family, protocol, zone, id are constant once confirmed. Protocol state,
 * extension: under conn_lock(). status, mark, expires: atomics. counters: written by any worker,
 * relaxed.
 */
#ifndef PKTT_CT_CONN_H
#define PKTT_CT_CONN_H

#include "base/list.h"
#include "conntrack/tuple.h"

/* Of status, beyond what others are told: a flush has ended it, and it waits for being taken out. */
#define CT_DOOMED (1 << 30)
/* A program made it: Linux gives it room for SYNPROXY, and lists that. */
#define CT_MADE (1 << 29)

/* What happened to a connection: bits, numbers of enum ip_conntrack_events. */
#define CT_EVENTS(X)                                                 \
	X(NEW, "new", 0)                                             \
	X(RELATED, "related", 1) /* new, and expected */             \
	X(DESTROY, "destroy", 2)                                     \
	X(REPLY, "reply", 3) /* the first packet back */             \
	X(ASSURED, "assured", 4)                                     \
	X(PROTOINFO, "protoinfo", 5) /* the layer-4 state changed */ \
	X(HELPER, "helper", 6)                                       \
	X(MARK, "mark", 7)                                           \
	X(SEQADJ, "natseqinfo", 8)                                   \
	X(SECMARK, "secmark", 9)                                     \
	X(LABEL, "label", 10)                                        \
	X(SYNPROXY, "synproxy", 11)
enum {
#define X(id, text, bit) CT_EVENT_##id = 1 << (bit),
	CT_EVENTS(X)
#undef X
};

/* Which directions a connection's zone number holds for; the other one is in zone 0. */
enum { CT_ZONE_ORIGINAL = 1 << 0, CT_ZONE_REPLY = 1 << 1, CT_ZONE_BOTH = 3 };

/* --- Layer-4 state ---------------------------------------------------------------------------- */

/* What one side of a TCP connection has sent and may send (van Rooij, Real Stateful TCP Filtering). */
struct ct_tcp_side {
	uint32_t end;	  /* highest sequence number sent, + 1 */
	uint32_t max_end; /* highest that it may send: the other side's window */
	uint32_t max_win; /* largest window that it offered, scaled */
	uint32_t max_ack;
	uint8_t scale;
	uint8_t flags; /* CT_TCP_*: numbers of linux/netfilter/nf_conntrack_tcp.h, IP_CT_TCP_FLAG_* */
};

struct ct_tcp {
	struct ct_tcp_side seen[2];
	uint8_t state; /* enum ct_tcp_state, proto_tcp.h */
	/* The last packet: to tell retransmissions, and a SYN that was let through unheard. */
	uint8_t last_dir, last_index, last_flags;
	uint8_t last_scale, retrans;
	uint16_t last_win;
	uint32_t last_seq, last_ack, last_end;
};

struct ct_udp {
	uint64_t stream_ms; /* from when on packets both ways make it a stream */
};

struct ct_sctp {
	uint8_t state;
	uint8_t last_dir, flags;
	uint32_t vtag[2], init[2]; /* of each direction, network order; init: see proto_sctp.c */
};

struct ct_dccp {
	uint8_t role[2], state, last_packet, last_dir;
	uint64_t handshake_seq;
};

struct ct_gre {
	uint32_t stream_timeout, timeout; /* seconds */
};

union ct_l4 {
	struct ct_tcp tcp;
	struct ct_udp udp;
	struct ct_sctp sctp;
	struct ct_dccp dccp;
	struct ct_gre gre;
};

/* --- The rest --------------------------------------------------------------------------------- */

struct ct_helper;	  /* conntrack/helper.h */
struct ct_timeout_policy; /* conntrack/timeout.h */

#define CT_EXPECT_CLASSES 4 /* a helper has at most so many kinds of expectations */
#define CT_HELPER_DATA	  64

/* Made by conn_extend() for connections that need one of these. Under conn_lock(). */
struct conn_ext {
	struct conn *master; /* a reference, or NULL */
	const struct ct_helper *helper;
	struct list expects; /* of expectations that this connection is the master of */
	uint8_t nexpects[CT_EXPECT_CLASSES];
	bool has_seqadj, has_label, has_synproxy;
	struct ct_seqadj seqadj[2];
	struct ct_synproxy synproxy;
	uint64_t label[2];			 /* bit n of label[n / 64] */
	uint64_t start_ns, stop_ns;		 /* 0 = not kept */
	const struct ct_timeout_policy *timeout; /* or NULL; constant as long as the engine lives */
	uint16_t event_mask, expect_mask;	 /* CT --ctevents, --expevents; has_events */
	bool has_events;
	uint32_t user_helper_len;
	union { /* the helper's own; zeroed */
		uint8_t byte[CT_HELPER_DATA];
		uint64_t align;
	} data;
};

/*
 * Fields that the table alone touches are marked [db]. The tuples and the layer-4 state stand before
 * the structure, as long as the family and the protocol need (conn_tuple(), conn_l4()): what a lookup
 * reads, the tuples and the first fields, is together in one cache line or two.
 */
struct conn {
	uint32_t ref;	 /* conn_get(), conn_put() */
	uint32_t status; /* CT_* */
	/* [db] when it times out, ms of the table's clock; until confirmed: the timeout, in ms. */
	uint32_t expires;
	uint16_t zone;
	uint8_t family, protocol;
	uint8_t zone_dirs : 2;	/* CT_ZONE_* */
	uint8_t is_counted : 1; /* source.c: among those of its source */
	uint8_t lock;
	uint16_t events; /* event.c: what listeners have yet to hear of, CT_EVENT_* */
	uint32_t mark;
	uint32_t id;	/* differs from that of every other that lives; 0 is none */
	uint32_t index; /* [db] own place */
	/* [db] neighbours in the wheel; until confirmed: hash of the reserved reply, and 1 */
	struct conn_link {
		uint32_t next, prev;
	} wheel;
	uint32_t dirty_next;  /* event.c: next in the dirty queue */
	uint32_t nat_next;    /* src/nat: next with the same source */
	struct conn_ext *ext; /* or NULL */
	struct ct_counter counter[2];
};

/* --- Access ----------------------------------------------------------------------------------- */

/* *ret is the tuple of that direction, zone included. */
void conn_tuple(const struct conn *conn, enum ct_dir dir, struct ct_tuple *ret);
/* The reply tuple of an unconfirmed connection becomes another: what NAT does. */
void conn_set_reply(struct conn *conn, const struct ct_tuple *reply);
union ct_l4 *conn_l4(struct conn *conn);
static inline const union ct_l4 *conn_l4_const(const struct conn *conn)
{
	return conn_l4((struct conn *)(uintptr_t)conn);
}

static inline uint32_t conn_status(const struct conn *conn)
{
	return __atomic_load_n(&conn->status, __ATOMIC_RELAXED) & CT_STATUS_BITS;
}

/* Bits that are our own: CT_DOOMED, CT_MADE. */
static inline bool conn_is(const struct conn *conn, uint32_t bit)
{
	return __atomic_load_n(&conn->status, __ATOMIC_RELAXED) & bit;
}

/* Sets bits; true if one of them was not set before. */
static inline bool conn_set_status(struct conn *conn, uint32_t bits)
{
	return (__atomic_fetch_or(&conn->status, bits, __ATOMIC_ACQ_REL) & bits) != bits;
}

static inline uint32_t conn_mark(const struct conn *conn)
{
	return __atomic_load_n(&conn->mark, __ATOMIC_RELAXED);
}

static inline bool conn_is_confirmed(const struct conn *conn)
{
	return conn_status(conn) & CT_CONFIRMED;
}

static inline bool conn_is_dying(const struct conn *conn)
{
	return conn_status(conn) & CT_DYING;
}

static inline void conn_lock(struct conn *conn)
{
	while (__atomic_exchange_n(&conn->lock, 1, __ATOMIC_ACQUIRE))
		;
}

static inline void conn_unlock(struct conn *conn)
{
	__atomic_store_n(&conn->lock, 0, __ATOMIC_RELEASE);
}

/* The extension, made if there is none; NULL without memory. */
struct conn_ext *conn_extend(struct conn *conn);

#endif
