/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: where a helper made a sender's payload longer or shorter, every later number of that
 * sender is off by the difference, and what the other side acknowledges is off the other way round. Two
 * differences are kept for a direction, before and after one place in its stream: a segment sent again
 * from before that place is off by the old one. A second change replaces the first place only when it
 * lies behind it, so that a retransmission which the helper changes once more counts once.
 *
 * Synchronization: the numbers are part of the connection's extension, under its lock.
 */
#include "nat/seqadj.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "conntrack/event.h"

enum {
	SEQ_AT = 4,
	ACK_AT = 8,
	OFFSET_AT = 12,
	FLAGS_AT = 13,
	CSUM_AT = 16,
	HEADER_LEN = 20,
	FLAG_ACK = 0x10,
};
enum { OPT_END = 0, OPT_NOP = 1, OPT_SACK = 5, SACK_BLOCK = 8 };

static bool is_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* Of a number that the sender of this direction gave itself. */
static uint32_t offset_of(const struct ct_seqadj *adj, uint32_t seq)
{
	return (uint32_t)(is_before(adj->correction_pos, seq) ? adj->offset_after
							      : adj->offset_before);
}

/* Of a number that the receiver echoes: it counts in what has been changed already. */
static uint32_t offset_of_echo(const struct ct_seqadj *adj, uint32_t seq)
{
	bool is_after = is_before(adj->correction_pos, seq - (uint32_t)adj->offset_before);

	return (uint32_t)(is_after ? adj->offset_after : adj->offset_before);
}

static void note(struct ct_seqadj *adj, uint32_t seq, int32_t off)
{
	if (adj->offset_before != adj->offset_after && !is_before(adj->correction_pos, seq))
		return;
	adj->correction_pos = seq;
	adj->offset_before = adj->offset_after;
	adj->offset_after = (int32_t)((uint32_t)adj->offset_after + (uint32_t)off);
}

int nat_seqadj_set(struct conntrack *ct, unsigned int worker, struct conn *conn, enum ct_dir dir,
		   uint32_t seq, int32_t off)
{
	struct conn_ext *ext;

	if (off == 0)
		return 0;
	conn_lock(conn);
	ext = conn_extend(conn);
	if (ext) {
		ext->has_seqadj = true;
		note(&ext->seqadj[dir], seq, off);
	}
	conn_unlock(conn);
	if (!ext)
		return -ENOMEM;
	conn_set_status(conn, CT_SEQ_ADJUST);
	ct_event(ct, worker, conn, CT_EVENT_SEQADJ);
	return 0;
}

/* Both directions' numbers, zero where there are none. */
static void get_both(struct conn *conn, struct ct_seqadj ret[2])
{
	memset(ret, 0, 2 * sizeof(*ret));
	conn_lock(conn);
	if (conn->ext && conn->ext->has_seqadj)
		memcpy(ret, conn->ext->seqadj, 2 * sizeof(*ret));
	conn_unlock(conn);
}

int32_t nat_seqadj_offset(const struct conn *conn, enum ct_dir dir, uint32_t seq)
{
	struct ct_seqadj adj[2];

	get_both((struct conn *)(uintptr_t)conn, adj);
	return (int32_t)offset_of(&adj[dir], seq);
}

/* Store a number of the header or of an option, which need not stand at an even place. */
static void put_number(uint8_t *tcp, uint32_t at, uint32_t value)
{
	uint8_t from[6] = { 0 }, to[6] = { 0 };
	uint32_t shift = at & 1;

	memcpy(from + shift, tcp + at, 4);
	put_be32(to + shift, value);
	pktt_csum_replace(tcp + CSUM_AT, from, to, sizeof(from));
	put_be32(tcp + at, value);
}

/* What the receiver has got out of order, in numbers that count in what has been changed. */
static void adjust_sack(uint8_t *tcp, uint32_t at, uint32_t end, const struct ct_seqadj *other)
{
	for (; at + 4 <= end; at += 4) {
		uint32_t seq = get_be32(tcp + at);

		put_number(tcp, at, seq - offset_of_echo(other, seq));
	}
}

/* false = an option that ends behind the header. */
static bool adjust_options(uint8_t *tcp, uint32_t end, const struct ct_seqadj *other)
{
	uint32_t at = HEADER_LEN;

	while (at < end) {
		uint32_t len;

		if (tcp[at] == OPT_END)
			return true;
		if (tcp[at] == OPT_NOP) {
			at++;
			continue;
		}
		if (at + 1 == end)
			return false;
		len = tcp[at + 1];
		if (len < 2 || at + len > end)
			return false;
		if (tcp[at] == OPT_SACK && len > 2 && (len - 2) % SACK_BLOCK == 0)
			adjust_sack(tcp, at + 2, at + len, other);
		at += len;
	}
	return true;
}

bool nat_seqadj_packet(struct pktt_packet *pkt, struct conn *conn, enum ct_dir dir)
{
	struct ct_seqadj adj[2];
	uint32_t len, number;
	uint8_t *tcp;

	if (pkt->protocol != IPPROTO_TCP)
		return true;
	tcp = pktt_packet_write(pkt, PKTT_L4, 0, HEADER_LEN);
	if (!tcp)
		return false;
	len = (tcp[OFFSET_AT] >> 4) * 4u;
	tcp = pktt_packet_write(pkt, PKTT_L4, 0, len < HEADER_LEN ? HEADER_LEN : len);
	if (!tcp)
		return false;
	get_both(conn, adj);
	number = get_be32(tcp + SEQ_AT);
	put_number(tcp, SEQ_AT, number + offset_of(&adj[dir], number));
	if (!(tcp[FLAGS_AT] & FLAG_ACK))
		return true;
	number = get_be32(tcp + ACK_AT);
	put_number(tcp, ACK_AT, number - offset_of_echo(&adj[!dir], number));
	return adjust_options(tcp, len, &adj[!dir]);
}
