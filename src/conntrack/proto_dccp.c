/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DCCP (RFC 4340). Linux tracked it up to 6.17; what is here behaves as it did there.
 *
 * Overview: a connection has a client and a server, which are not the original and the reply direction
 * for ever: after the end the server may open the tuple the other way round. The table says where a
 * packet leads by its sender's role. What cannot be judged is let through (IG): Sync, SyncAck, and what
 * may belong to a connection that began again unseen; a Response to such a Request resynchronizes.
 */
#include "conntrack/l4proto.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

enum state { /* numbers of linux/netfilter/nf_conntrack_dccp.h, enum ct_dccp_states */
	     NO = 0,
	     RQ = 1, /* Request seen */
	     RS = 2, /* Response seen */
	     PO = 3, /* PARTOPEN: the client's Ack of it seen */
	     OP = 4,
	     CR = 5, /* CloseReq seen */
	     CG = 6, /* CLOSING: Close seen */
	     TW = 7, /* Reset seen */
	     STATE_COUNT = 8,
	     IG = 8, /* let through */
	     NA = 9, /* belongs to no connection */
};

enum role { CLIENT = 0, SERVER = 1 };

enum type { /* RFC 4340, 5.1 */
	    REQUEST = 0,
	    RESPONSE = 1,
	    DATA = 2,
	    ACK = 3,
	    DATA_ACK = 4,
	    CLOSE_REQ = 5,
	    CLOSE = 6,
	    RESET = 7,
	    SYNC = 8,
	    SYNC_ACK = 9,
	    TYPE_COUNT = 10, /* the others are reserved */
};

enum {
	BASIC_LEN = 12,
	DOFF_AT = 4,
	CSCOV_AT = 5, /* the low four bits */
	TYPE_AT = 8,  /* bits 1 to 4; bit 0: sequence numbers have 48 bits, not 24 */
	SEQ_AT = 9,
	LONG_SEQ_AT = 10,
	LONG_LEN = 4,
	ACK_BITS_LEN = 8,
	SERVICE_LEN = 4,
	ACK_NR_AT = 2,
};

/* next = table[role of the sender][type][state] */
static const uint8_t table[2][TYPE_COUNT][STATE_COUNT] = {
	[CLIENT] = {
		/*             NO  RQ  RS  PO  OP  CR  CG  TW */
		[REQUEST]   = { RQ, RQ, RS, IG, IG, IG, IG, RQ },
		[RESPONSE]  = { NA, IG, IG, IG, IG, IG, IG, NA },
		[ACK]       = { NA, NA, PO, PO, OP, CR, CG, NA },
		[DATA]      = { NA, NA, NA, NA, OP, CR, CG, NA },
		[DATA_ACK]  = { NA, NA, PO, PO, OP, CR, CG, NA },
		[CLOSE_REQ] = { NA, NA, NA, NA, NA, NA, NA, NA },
		[CLOSE]     = { NA, NA, NA, CG, CG, CG, NA, NA },
		[RESET]     = { NA, TW, TW, TW, TW, TW, TW, IG },
		[SYNC]      = { NA, IG, IG, IG, IG, IG, IG, IG },
		[SYNC_ACK]  = { NA, IG, IG, IG, IG, IG, IG, IG },
	},
	[SERVER] = {
		/*             NO  RQ  RS  PO  OP  CR  CG  TW */
		[REQUEST]   = { NA, IG, IG, IG, IG, IG, IG, RQ },
		[RESPONSE]  = { NA, RS, RS, IG, IG, IG, IG, NA },
		[ACK]       = { NA, NA, NA, OP, OP, NA, CG, NA },
		[DATA]      = { NA, NA, NA, OP, OP, NA, CG, NA },
		[DATA_ACK]  = { NA, NA, NA, OP, OP, NA, CG, NA },
		[CLOSE_REQ] = { NA, NA, NA, CR, CR, CR, CR, NA },
		[CLOSE]     = { NA, NA, NA, CG, CG, NA, CG, NA },
		[RESET]     = { NA, TW, TW, TW, TW, TW, TW, TW },
		[SYNC]      = { NA, IG, IG, IG, IG, IG, IG, IG },
		[SYNC_ACK]  = { NA, IG, IG, IG, IG, IG, IG, IG },
	},
};

/* A packet's header as far as we look at it. */
struct head {
	uint64_t seq, ack;
	uint8_t type;
	uint32_t header_len, coverage; /* bytes */
};

/* Bytes that a type has behind the basic header. */
static uint32_t extra_len(uint8_t type)
{
	switch (type) {
	case DATA:
		return 0;
	case REQUEST:
		return SERVICE_LEN;
	case ACK:
	case DATA_ACK:
	case SYNC:
	case SYNC_ACK:
	case CLOSE:
	case CLOSE_REQ:
		return ACK_BITS_LEN;
	default:
		return ACK_BITS_LEN + SERVICE_LEN;
	}
}

static uint64_t read_seq(const uint8_t *at, bool is_long)
{
	if (is_long)
		return (uint64_t)get_be16(at + LONG_SEQ_AT) << 32 | get_be32(at + BASIC_LEN);
	return (uint32_t)at[SEQ_AT] << 16 | get_be16(at + SEQ_AT + 1);
}

/* false = not even the fixed part of its type is there. */
static bool read_head(const struct pktt_packet *pkt, struct head *ret)
{
	const uint8_t *at = pktt_packet_read(pkt, PKTT_L4, 0, BASIC_LEN);
	uint32_t basic_len, cscov;
	bool is_long;

	if (!at)
		return false;
	ret->type = at[TYPE_AT] >> 1 & 15;
	is_long = at[TYPE_AT] & 1;
	basic_len = BASIC_LEN + (is_long ? LONG_LEN : 0u);
	at = pktt_packet_read(pkt, PKTT_L4, 0, basic_len + extra_len(ret->type));
	if (!at)
		return false;
	ret->header_len = at[DOFF_AT] * 4u;
	ret->seq = read_seq(at, is_long);
	ret->ack = 0;
	if (extra_len(ret->type) >= ACK_BITS_LEN)
		ret->ack = (uint64_t)get_be16(at + basic_len + ACK_NR_AT) << 32 |
			   get_be32(at + basic_len + ACK_NR_AT + 2);
	/* RFC 4340, 9.2: 0 = all; else the header and so many words less one of the data. */
	cscov = at[CSCOV_AT] & 15;
	ret->coverage = cscov ? ret->header_len + (cscov - 1) * 4 : packet_len(pkt, PKTT_L4);
	return true;
}

static bool is_checksum_bad(const struct ct_meet *meet, const struct head *head)
{
	const struct pktt_packet *pkt = meet->pkt;
	uint32_t len = packet_len(pkt, PKTT_L4), sum;
	const uint8_t *data = pktt_packet_read(pkt, PKTT_L4, 0, head->coverage);

	if (!meet->settings->checksum || pkt->hook != PKTT_PRE_ROUTING || pkt->csum_unneeded)
		return false;
	/* What a capture has cut cannot be verified. */
	if (!data || pkt->l3 + pkt->wire_len > pkt->end)
		return false;
	sum = pktt_csum_pseudo(pkt, IPPROTO_DCCP, len);
	return pktt_csum_fold(pktt_csum_add(sum, data, head->coverage)) != 0;
}

/* NULL, or why the packet is none. */
static const char *fault_of(const struct ct_meet *meet, const struct head *head)
{
	uint32_t len = packet_len(meet->pkt, PKTT_L4);

	if (head->header_len < BASIC_LEN || head->header_len > len)
		return "nf_ct_dccp: truncated/malformed packet ";
	if (head->coverage > len)
		return "nf_ct_dccp: bad checksum coverage ";
	if (is_checksum_bad(meet, head))
		return "nf_ct_dccp: bad checksum ";
	if (head->type >= TYPE_COUNT)
		return "nf_ct_dccp: reserved packet type ";
	return NULL;
}

/* Nobody else knows the connection yet: no lock. Only a Request opens one. */
static bool open_by(struct ct_meet *meet, const struct head *head)
{
	if (table[CLIENT][head->type][NO] == NA) {
		ct_log_invalid(meet, "invalid state transition ");
		return false;
	}
	conn_l4(meet->conn)->dccp = (struct ct_dccp){
		.role = { [CT_ORIGINAL] = CLIENT, [CT_REPLY] = SERVER },
		.state = NO,
		.last_packet = REQUEST,
		.last_dir = CT_ORIGINAL,
	};
	return true;
}

/* A Response to a Request that was let through: the connection began again, that way round. */
static bool answers_noted_request(const struct ct_dccp *dccp, enum ct_dir dir, uint8_t type)
{
	return type == RESPONSE && dccp->last_packet == REQUEST && dccp->last_dir != dir;
}

static void set_client(struct ct_dccp *dccp, enum ct_dir dir)
{
	dccp->role[dir] = CLIENT;
	dccp->role[!dir] = SERVER;
}

/* Under the lock: where the packet leads, with what it has to change on the way. */
static enum state step(struct ct_meet *meet, const struct head *head, bool *is_assured)
{
	struct ct_dccp *dccp = &conn_l4(meet->conn)->dccp;
	enum ct_dir dir = meet->dir;
	enum state old = dccp->state, new = table[dccp->role[dir]][head->type][old];

	if (new == IG && answers_noted_request(dccp, dir, head->type)) {
		set_client(dccp, !dir);
		dccp->handshake_seq = head->seq;
		new = RS;
	} else if (new == RQ && old == TW && dccp->role[dir] == SERVER) {
		set_client(dccp, dir);
	} else if (new == RS && old == RQ) {
		dccp->handshake_seq = head->seq;
	} else if (new == PO && old == RS && head->type == ACK) {
		*is_assured = head->ack == dccp->handshake_seq;
	}
	if (new == NA)
		return new;
	dccp->last_dir = (uint8_t)dir;
	dccp->last_packet = head->type;
	if (new != IG)
		dccp->state = (uint8_t) new;
	return new;
}

_Static_assert((int)CT_DCCP_REQUEST_TIMEOUT == RQ - 1 && (int)CT_DCCP_TIMEWAIT_TIMEOUT == TW - 1,
	       "timeouts are in the order of states");

static enum ct_judge advance(struct ct_meet *meet, const struct head *head)
{
	bool is_assured = false;
	enum state old, new;

	conn_lock(meet->conn);
	old = conn_l4(meet->conn)->dccp.state;
	new = step(meet, head, &is_assured);
	conn_unlock(meet->conn);
	if (new == NA) {
		ct_log_invalid(meet, "invalid state transition");
		return CT_INVALID;
	}
	if (new == IG) {
		ct_log_invalid(meet, "invalid packet");
		return CT_OK;
	}
	if (is_assured)
		ct_set_assured(meet);
	if (new != old)
		ct_protoinfo_changed(meet);
	ct_refresh(meet, meet->timeouts[new - 1]);
	return CT_OK;
}

static enum ct_judge dccp_packet(struct ct_meet *meet)
{
	struct head head;
	const char *fault;

	if (!read_head(meet->pkt, &head))
		return CT_DROP;
	fault = fault_of(meet, &head);
	if (fault) {
		ct_log_invalid(meet, fault);
		return CT_INVALID;
	}
	if (!conn_is_confirmed(meet->conn) && !open_by(meet, &head))
		return CT_INVALID;
	if (head.type == RESET && !(conn_status(meet->conn) & CT_SEEN_REPLY)) {
		/* Refused at once: nothing that anybody will come back to. */
		ct_refresh(meet, meet->timeouts[CT_DCCP_TIMEWAIT_TIMEOUT]);
		ct_kill(meet);
		return CT_OK;
	}
	return advance(meet, &head);
}

/* --- The rest --------------------------------------------------------------------------------- */

static bool dccp_tuple(struct buf l4, struct ct_tuple *ret)
{
	const uint8_t *ports = buf_get(&l4, 4);

	if (!ports)
		return false;
	memcpy(&ret->sport, ports, sizeof(ret->sport));
	memcpy(&ret->dport, ports + 2, sizeof(ret->dport));
	return true;
}

static bool dccp_may_drop_early(const struct conn *conn)
{
	uint8_t state = conn_l4_const(conn)->dccp.state;

	return state == CR || state == CG || state == TW;
}

static const char *dccp_state(const struct conn *conn)
{
	return ct_state_name(IPPROTO_DCCP, conn_l4_const(conn)->dccp.state);
}

static const char *const timeout_names[] = {
#define X(id, name, seconds) [CT_DCCP_##id##_TIMEOUT] = (name),
	CT_DCCP_TIMEOUTS(X)
#undef X
};

const struct ct_l4proto ct_proto_dccp = {
	.protocol = IPPROTO_DCCP,
	.name = "dccp",
	.state_size = sizeof(struct ct_dccp),
	.has_ports = true,
	.tuple = dccp_tuple,
	.packet = dccp_packet,
	.may_drop_early = dccp_may_drop_early,
	.state = dccp_state,
	.timeout_count = CT_DCCP_TIMEOUT_COUNT,
	.timeout_names = timeout_names,
	.timeouts_offset = offsetof(struct ct_settings, dccp),
};
