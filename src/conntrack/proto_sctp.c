/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SCTP (RFC 9260).
 *
 * Overview: a packet is a list of chunks; every chunk may move the connection on. A packet belongs to it
 * if it carries the verification tag that its receiver announced in its INIT or INIT ACK: vtag[d] is
 * what packets of direction d must carry. Some chunks have rules of their own (RFC 9260, 8.5.1); paths
 * of a second address show themselves by a heartbeat, whose tag is learnt.
 *
 * init[d] remembers that an INIT was seen in direction d and its handshake is not over: when both ends
 * begin at once (RFC 9260, 5.2), only the INIT ACK that fits the tags may go on.
 *
 * States are those of the connection as seen from the middle; table and rules are Linux's.
 */
#include "base/crc32c.h"
#include "conntrack/l4proto.h"
#include "conntrack/sctp_state.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {
	HEADER_LEN = 12,
	VTAG_AT = 4,
	CHECKSUM_AT = 8,
	CHUNK_LEN = 4,
	INIT_LEN = 16, /* of INIT and INIT ACK behind the chunk's header; the tag comes first */
	FLAG_T = 1,    /* ABORT, SHUTDOWN COMPLETE: the tag is the receiver's own, reflected */
};

enum { HEARTBEAT_FAILED = 1 }; /* of ct_sctp.flags: a heartbeat had another tag; its answer tells */

struct chunk {
	uint32_t offset;
	uint16_t length;
	uint8_t type, flags;
};

struct step {
	struct ct_meet *meet;
	struct ct_sctp *sctp;
	uint32_t vtag;	 /* of the packet, network order */
	uint32_t has[8]; /* bit n: a chunk of type n is there */
	enum ct_sctp_state state;
	bool is_idle; /* taken, but gives no more time */
	bool changed, established;
	char reason[80];
};

/* The packet belongs to no connection; why, if the log wants to know. */
__attribute__((format(printf, 2, 3))) static bool fail(struct step *step, const char *fmt, ...)
{
	va_list ap;

	if (!step->meet->settings->log_invalid)
		return false;
	va_start(ap, fmt);
	vsnprintf(step->reason, sizeof(step->reason), fmt, ap);
	va_end(ap);
	return false;
}

/* A number that is only compared: as it stands there. */
static uint32_t raw32(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

/* The chunk at chunk->offset. false = that is the end, or too little for one. */
static bool read_chunk(const struct pktt_packet *pkt, struct chunk *chunk)
{
	const uint8_t *head = pktt_packet_read(pkt, PKTT_L4, chunk->offset, CHUNK_LEN);

	if (!head)
		return false;
	chunk->type = head[0];
	chunk->flags = head[1];
	chunk->length = get_be16(head + 2);
	return true;
}

static bool first_chunk(const struct pktt_packet *pkt, struct chunk *chunk)
{
	chunk->offset = HEADER_LEN;
	return read_chunk(pkt, chunk);
}

static bool next_chunk(const struct pktt_packet *pkt, struct chunk *chunk)
{
	chunk->offset += (chunk->length + 3u) & ~3u;
	return read_chunk(pkt, chunk);
}

static void set_has(struct step *step, uint8_t type)
{
	step->has[type / 32] |= 1u << type % 32;
}

static bool has(const struct step *step, uint8_t type)
{
	return step->has[type / 32] >> type % 32 & 1;
}

/* RFC 9260, 4.3, 6.10: what must be alone, or first, is; no chunk is empty; there is one at all. */
static bool survey(struct step *step)
{
	const struct pktt_packet *pkt = step->meet->pkt;
	bool must_be_alone = false, is_first = true;
	struct chunk chunk;

	for (bool more = first_chunk(pkt, &chunk); more; more = next_chunk(pkt, &chunk)) {
		if (chunk.type == CT_SCTP_INIT || chunk.type == CT_SCTP_INIT_ACK ||
		    chunk.type == CT_SCTP_SHUTDOWN_COMPLETE)
			must_be_alone = true;
		if (!chunk.length)
			return false;
		if (!is_first && (must_be_alone || chunk.type == CT_SCTP_COOKIE_ACK ||
				  chunk.type == CT_SCTP_COOKIE_ECHO))
			return false;
		set_has(step, chunk.type);
		is_first = false;
	}
	return !is_first;
}

/* The tag that an INIT or INIT ACK announces. */
static bool read_init(const struct ct_meet *meet, const struct chunk *chunk, uint32_t *tag)
{
	const uint8_t *init =
		pktt_packet_read(meet->pkt, PKTT_L4, chunk->offset + CHUNK_LEN, INIT_LEN);

	if (init)
		*tag = raw32(init);
	return init;
}

/* --- The first packet -------------------------------------------------------------------------- */

static bool open_by_chunk(struct step *step, const struct chunk *chunk)
{
	struct ct_sctp *sctp = step->sctp;
	enum ct_sctp_state state = ct_sctp_next(CT_ORIGINAL, chunk->type, CT_SCTP_NONE);

	if (state == CT_SCTP_NONE || state == CT_SCTP_REFUSE)
		return false;
	if (chunk->type == CT_SCTP_INIT) /* RFC 9260, 8.5.1 (A) */
		return !step->vtag && read_init(step->meet, chunk, &sctp->vtag[CT_REPLY]);
	/* A heartbeat is of a connection that runs over other addresses too. */
	if (chunk->type == CT_SCTP_HEARTBEAT)
		sctp->vtag[CT_ORIGINAL] = step->vtag;
	else if (chunk->type == CT_SCTP_SHUTDOWN_ACK) /* the answer reflects the tag, 8.4 (5) */
		sctp->vtag[CT_REPLY] = step->vtag;
	return true;
}

/* Nobody else knows the connection yet: no lock. */
static bool open_by(struct step *step)
{
	const struct pktt_packet *pkt = step->meet->pkt;
	struct chunk chunk;

	/* RFC 9260, 8.4: these open nothing. */
	if (has(step, CT_SCTP_ABORT) || has(step, CT_SCTP_SHUTDOWN_COMPLETE) ||
	    has(step, CT_SCTP_COOKIE_ACK))
		return false;
	*step->sctp = (struct ct_sctp){ 0 };
	for (bool more = first_chunk(pkt, &chunk); more; more = next_chunk(pkt, &chunk))
		if (!open_by_chunk(step, &chunk))
			return false;
	return true;
}

/* --- Verification tags (RFC 9260, 8.5) ---------------------------------------------------------- */

/* Chunks that have a rule of their own; a packet of others carries the tag of its direction. */
static bool tag_of_packet_ok(const struct step *step)
{
	static const uint8_t special[] = {
		CT_SCTP_INIT,	       CT_SCTP_SHUTDOWN_COMPLETE, CT_SCTP_COOKIE_ECHO,
		CT_SCTP_ABORT,	       CT_SCTP_SHUTDOWN_ACK,	  CT_SCTP_HEARTBEAT,
		CT_SCTP_HEARTBEAT_ACK,
	};

	for (unsigned int i = 0; i < sizeof(special); i++)
		if (has(step, special[i]))
			return true;
	return step->vtag == step->sctp->vtag[step->meet->dir];
}

enum tag { TAG_OK, TAG_WRONG, TAG_SKIP };

/* A tag that is not the path's: the other end may have changed it; its answer to this will tell. */
static enum tag heartbeat_tag(struct step *step)
{
	struct ct_sctp *sctp = step->sctp;
	enum ct_dir dir = step->meet->dir;

	if (sctp->vtag[dir] == 0) {
		sctp->vtag[dir] = step->vtag;
		return TAG_OK;
	}
	if (step->vtag == sctp->vtag[dir]) {
		sctp->flags &= (uint8_t)~HEARTBEAT_FAILED;
		return TAG_OK;
	}
	if (has(step, CT_SCTP_DATA) || step->is_idle)
		return TAG_WRONG;
	sctp->flags |= HEARTBEAT_FAILED;
	sctp->last_dir = (uint8_t)dir;
	step->is_idle = true;
	return TAG_SKIP;
}

static enum tag heartbeat_ack_tag(struct step *step)
{
	struct ct_sctp *sctp = step->sctp;
	enum ct_dir dir = step->meet->dir;

	if (sctp->vtag[dir] == 0) {
		sctp->vtag[dir] = step->vtag;
		return TAG_OK;
	}
	if (step->vtag != sctp->vtag[dir]) {
		if (has(step, CT_SCTP_DATA) || step->is_idle || !(sctp->flags & HEARTBEAT_FAILED) ||
		    sctp->last_dir == dir)
			return TAG_WRONG;
		sctp->vtag[dir] = step->vtag;
		sctp->vtag[!dir] = 0;
	}
	sctp->flags &= (uint8_t)~HEARTBEAT_FAILED;
	return TAG_OK;
}

static enum tag tag_of_chunk(struct step *step, const struct chunk *chunk)
{
	struct ct_sctp *sctp = step->sctp;
	enum ct_dir dir = step->meet->dir;
	bool ok = true;

	switch (chunk->type) {
	case CT_SCTP_INIT: /* (A) */
		ok = step->vtag == 0;
		break;
	case CT_SCTP_ABORT:		/* (B) */
	case CT_SCTP_SHUTDOWN_COMPLETE: /* (C) */
		ok = step->vtag == sctp->vtag[chunk->flags & FLAG_T ? !dir : dir];
		break;
	case CT_SCTP_COOKIE_ECHO: /* (D) */
		ok = step->vtag == sctp->vtag[dir];
		break;
	case CT_SCTP_COOKIE_ACK:
		sctp->init[dir] = sctp->init[!dir] = 0;
		break;
	case CT_SCTP_HEARTBEAT:
		return heartbeat_tag(step);
	case CT_SCTP_HEARTBEAT_ACK:
		return heartbeat_ack_tag(step);
	default:
		break;
	}
	return ok ? TAG_OK : TAG_WRONG;
}

/* --- Chunks ------------------------------------------------------------------------------------- */

static bool take_init(struct step *step, const struct chunk *chunk, enum ct_sctp_state next)
{
	struct ct_sctp *sctp = step->sctp;
	enum ct_dir dir = step->meet->dir;
	uint32_t tag;

	if (!read_init(step->meet, chunk, &tag))
		return false;
	/* One that announces the tag in use is late or repeated: no handshake begins with it. */
	if (sctp->state == CT_SCTP_NONE || sctp->vtag[!dir] != tag) {
		if (sctp->init[dir])
			sctp->init[!dir] = 0;
		sctp->init[dir] = 1;
	}
	sctp->vtag[!dir] = tag;
	/* Who repeats INITs, or uses a port again, must not keep an entry for ever. */
	if (next == CT_SCTP_CLOSED && sctp->state == CT_SCTP_CLOSED &&
	    conn_is_confirmed(step->meet->conn))
		step->is_idle = true;
	return true;
}

static bool take_init_ack(struct step *step, const struct chunk *chunk)
{
	struct ct_sctp *sctp = step->sctp;
	enum ct_dir dir = step->meet->dir;
	uint32_t tag;

	if (!read_init(step->meet, chunk, &tag))
		return false;
	if (sctp->vtag[!dir] != tag) {
		/* An answer to an INIT that nobody sent, or that belongs to the handshake that lost. */
		if (!sctp->init[!dir] && sctp->vtag[!dir])
			return false;
		if (sctp->init[dir] && sctp->init[!dir])
			return false;
	}
	sctp->vtag[!dir] = tag;
	return true;
}

/* false = the packet belongs to no connection; what earlier chunks did stays. */
static bool take_chunk(struct step *step, const struct chunk *chunk)
{
	struct ct_sctp *sctp = step->sctp;
	enum tag tag = tag_of_chunk(step, chunk);
	enum ct_sctp_state next;

	if (tag != TAG_OK)
		return tag == TAG_SKIP;
	next = ct_sctp_next(step->meet->dir, chunk->type, sctp->state);
	if (next == CT_SCTP_REFUSE)
		return fail(step, "Invalid, old_state %u, dir %u, type %u", sctp->state,
			    step->meet->dir, chunk->type);
	if (chunk->type == CT_SCTP_INIT && !take_init(step, chunk, next))
		return false;
	if (chunk->type == CT_SCTP_INIT_ACK && !take_init_ack(step, chunk))
		return false;
	if (next != sctp->state) {
		step->changed = true;
		step->established |= next == CT_SCTP_ESTABLISHED;
	}
	sctp->state = (uint8_t)next;
	step->state = next;
	return true;
}

static bool take_chunks(struct step *step)
{
	const struct pktt_packet *pkt = step->meet->pkt;
	struct chunk chunk;

	for (bool more = first_chunk(pkt, &chunk); more; more = next_chunk(pkt, &chunk))
		if (!take_chunk(step, &chunk))
			return false;
	return true;
}

/* --- The packet ---------------------------------------------------------------------------------- */

static bool is_crc_bad(const struct ct_meet *meet)
{
	const struct pktt_packet *pkt = meet->pkt;
	uint32_t len = packet_len(pkt, PKTT_L4), crc, sum;
	const uint8_t *data = pktt_packet_read(pkt, PKTT_L4, 0, len);
	struct buf field;

	if (!meet->settings->checksum || pkt->hook != PKTT_PRE_ROUTING || pkt->csum_unneeded)
		return false;
	/* What a capture has cut cannot be verified. */
	if (!data || len < HEADER_LEN || pkt->l3 + pkt->wire_len > pkt->end)
		return false;
	field = buf_of(data, len);
	buf_skip(&field, CHECKSUM_AT);
	buf_get_le32(&field, &crc);
	sum = crc32c_add(CRC32C_INIT, data, CHECKSUM_AT);
	sum = crc32c_add_zeros(sum, sizeof(crc));
	return crc != ~crc32c_add(sum, field.at, buf_left(&field));
}

/* Everything about the packet that needs no look at the connection's state. */
static bool is_sound(struct step *step)
{
	const uint8_t *head = pktt_packet_read(step->meet->pkt, PKTT_L4, 0, HEADER_LEN);

	if (!head)
		return fail(step, "nf_ct_sctp: short packet ");
	if (is_crc_bad(step->meet))
		return fail(step, "nf_ct_sctp: bad CRC ");
	step->vtag = raw32(head + VTAG_AT);
	if (!survey(step))
		return fail(step, "do_basic_checks failed");
	if (!conn_is_confirmed(step->meet->conn) && !open_by(step))
		return false;
	if (tag_of_packet_ok(step))
		return true;
	return fail(step, "verification tag check failed %x vs %x for dir %u", step->vtag,
		    step->sctp->vtag[step->meet->dir], step->meet->dir);
}

static uint32_t timeout_of(const struct ct_meet *meet, enum ct_sctp_state state)
{
	return meet->timeouts[state == CT_SCTP_NONE ? CT_SCTP_CLOSED_TIMEOUT : state - 1];
}

static enum ct_judge sctp_packet(struct ct_meet *meet)
{
	struct step step = { .meet = meet, .sctp = &conn_l4(meet->conn)->sctp };
	bool ok = is_sound(&step);

	if (ok) {
		conn_lock(meet->conn);
		ok = take_chunks(&step);
		conn_unlock(meet->conn);
	}
	if (step.changed)
		ct_protoinfo_changed(meet);
	if (step.established)
		ct_set_assured(meet);
	if (*step.reason)
		ct_log_invalid(meet, step.reason);
	if (!ok)
		return CT_INVALID;
	if (!step.is_idle)
		ct_refresh(meet, timeout_of(meet, step.state));
	return CT_OK;
}

/* --- The rest --------------------------------------------------------------------------------- */

static bool sctp_tuple(struct buf l4, struct ct_tuple *ret)
{
	const uint8_t *ports = buf_get(&l4, 4);

	if (!ports)
		return false;
	memcpy(&ret->sport, ports, sizeof(ret->sport));
	memcpy(&ret->dport, ports + 2, sizeof(ret->dport));
	return true;
}

static bool sctp_may_drop_early(const struct conn *conn)
{
	uint8_t state = conn_l4_const(conn)->sctp.state;

	return state == CT_SCTP_SHUTDOWN_SENT || state == CT_SCTP_SHUTDOWN_RECD ||
	       state == CT_SCTP_SHUTDOWN_ACK_SENT;
}

static const char *sctp_state(const struct conn *conn)
{
	return ct_sctp_state_name(conn_l4_const(conn)->sctp.state);
}

static const char *const timeout_names[] = {
#define X(id, name, seconds) [CT_SCTP_##id##_TIMEOUT] = (name),
	CT_SCTP_TIMEOUTS(X)
#undef X
};

const struct ct_l4proto ct_proto_sctp = {
	.protocol = IPPROTO_SCTP,
	.name = "sctp",
	.state_size = sizeof(struct ct_sctp),
	.has_ports = true,
	.tuple = sctp_tuple,
	.packet = sctp_packet,
	.may_drop_early = sctp_may_drop_early,
	.state = sctp_state,
	.timeout_count = CT_SCTP_TIMEOUT_COUNT,
	.timeout_names = timeout_names,
	.timeouts_offset = offsetof(struct ct_settings, sctp),
};
