/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP: what its files share, and what ctnetlink, SYNPROXY and REJECT know of it. */
#ifndef PKTT_CT_PROTO_TCP_H
#define PKTT_CT_PROTO_TCP_H

#include "conntrack/l4proto.h"

/* Numbers of linux/netfilter/nf_conntrack_tcp.h, enum tcp_conntrack. */
enum ct_tcp_state {
	CT_TCP_NONE = 0,
	CT_TCP_SYN_SENT = 1,
	CT_TCP_SYN_RECV = 2,
	CT_TCP_ESTABLISHED = 3,
	CT_TCP_FIN_WAIT = 4,
	CT_TCP_CLOSE_WAIT = 5,
	CT_TCP_LAST_ACK = 6,
	CT_TCP_TIME_WAIT = 7,
	CT_TCP_CLOSE = 8,
	CT_TCP_SYN_SENT2 = 9, /* simultaneous open */
	CT_TCP_STATE_COUNT = 10,
	/* What a packet may lead to beside a state. */
	CT_TCP_REFUSE = 10, /* it belongs to no connection */
	CT_TCP_IGNORE = 11, /* let through: the ends may know better than we do */
};

/* Flags of a side: IP_CT_TCP_FLAG_*. The last two stand in last_flags only. */
enum {
	CT_TCP_WINDOW_SCALE = 1 << 0,
	CT_TCP_SACK_PERM = 1 << 1,
	CT_TCP_CLOSE_INIT = 1 << 2, /* sent the first FIN */
	CT_TCP_BE_LIBERAL = 1 << 3,
	CT_TCP_DATA_UNACKNOWLEDGED = 1 << 4,
	CT_TCP_MAXACK_SET = 1 << 5,
	CT_TCP_EXP_CHALLENGE_ACK = 1 << 6,
	CT_TCP_SIMULTANEOUS_OPEN = 1 << 7,
};

/* What a segment is, by its most telling flag: last_index is one of these. */
enum ct_tcp_kind {
	CT_TCP_KIND_SYN = 0,
	CT_TCP_KIND_SYN_ACK = 1,
	CT_TCP_KIND_FIN = 2,
	CT_TCP_KIND_ACK = 3,
	CT_TCP_KIND_RST = 4,
	CT_TCP_KIND_NONE = 5,
	CT_TCP_KIND_COUNT = 6,
};

enum { /* of the header's byte 13 */
       CT_TCP_FIN = 1 << 0,
       CT_TCP_SYN = 1 << 1,
       CT_TCP_RST = 1 << 2,
       CT_TCP_PSH = 1 << 3,
       CT_TCP_ACK = 1 << 4,
       CT_TCP_URG = 1 << 5,
};

struct ct_tcp_segment {
	uint32_t seq, ack;
	uint32_t end; /* seq + what it takes of the sequence space */
	uint16_t win; /* as it stands there */
	uint8_t flags;
	uint8_t kind; /* enum ct_tcp_kind */
	struct buf options;
};

/* Sequence numbers: a is before b, modulo 2^32. */
static inline bool ct_tcp_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool ct_tcp_after(uint32_t a, uint32_t b)
{
	return ct_tcp_before(b, a);
}

/* --- tcp_state.c ------------------------------------------------------------------------------ */

enum ct_tcp_kind ct_tcp_kind_of(uint8_t flags);
/* Flags that a sane sender sets together. */
bool ct_tcp_flags_ok(uint8_t flags);
enum ct_tcp_state ct_tcp_next(enum ct_dir dir, enum ct_tcp_kind kind, enum ct_tcp_state state);
const char *ct_tcp_state_name(enum ct_tcp_state state);
/* The end has begun: such a connection may go early, and its numbers mean nothing any more. */
bool ct_tcp_is_closing(enum ct_tcp_state state);

/* --- tcp_options.c ---------------------------------------------------------------------------- */

/* NULL, or why the packet is no segment, as the kernel says it. */
const char *ct_tcp_read(const struct pktt_packet *pkt, struct ct_tcp_segment *ret);
/* What a SYN offers of window scaling and SACK; one without options changes nothing. */
void ct_tcp_read_offer(const struct ct_tcp_segment *seg, struct ct_tcp_side *side);
/* The right edge of the farthest SACK block if it is beyond ack, else ack. */
uint32_t ct_tcp_read_sack(const struct ct_tcp_segment *seg, uint32_t ack);

/* --- tcp_window.c ----------------------------------------------------------------------------- */

/* For the log of invalid packets: why, as the kernel says it. "" = nothing, or nobody wants to know. */
struct ct_tcp_reason {
	char text[112];
};
__attribute__((format(printf, 3, 4))) void
ct_tcp_say(const struct ct_meet *meet, struct ct_tcp_reason *reason, const char *fmt, ...);

enum ct_tcp_fit { CT_TCP_FITS, CT_TCP_FIT_IGNORE, CT_TCP_FIT_REFUSE };

/*
 * Whether the segment lies where its sender may send; learns from it if it does. Under conn_lock(). Says
 * why not.
 */
enum ct_tcp_fit ct_tcp_window(struct ct_meet *meet, const struct ct_tcp_segment *seg,
			      struct ct_tcp_reason *reason);

/* --- proto_tcp.c ------------------------------------------------------------------------------ */

/*
 * The host itself has reset the connection (REJECT's answer): nf_conntrack_tcp_set_closing(). Nothing
 * if it is not confirmed.
 */
void ct_tcp_set_closing(struct conntrack *ct, unsigned int worker, struct conn *conn);

#endif
