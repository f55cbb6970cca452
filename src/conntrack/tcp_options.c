/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP segment and its options, read from the packet. */
#include "conntrack/proto_tcp.h"

enum {
	HEADER_LEN = 20,
	SEQ_AT = 4,
	ACK_AT = 8,
	DOFF_AT = 12,
	FLAGS_AT = 13,
	WIN_AT = 14,
};

/* Kinds of options and their lengths: RFC 9293, 7323, 2018. */
enum {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_WINDOW = 3,
	OPT_WINDOW_LEN = 3,
	OPT_SACK_PERM = 4,
	OPT_SACK_PERM_LEN = 2,
	OPT_SACK = 5,
	SACK_BLOCK_LEN = 8,
	SCALE_MAX = 14, /* RFC 7323, 2.3 */
};

const char *ct_tcp_read(const struct pktt_packet *pkt, struct ct_tcp_segment *ret)
{
	const uint8_t *head = pktt_packet_read(pkt, PKTT_L4, 0, HEADER_LEN);
	uint32_t header_len = head ? (uint32_t)(head[DOFF_AT] >> 4) * 4 : 0;
	uint32_t wire_len = pkt->l3 + pktt_packet_wire_len(pkt) - pkt->l4;

	head = pktt_packet_read(pkt, PKTT_L4, 0, header_len);
	if (header_len < HEADER_LEN || !head || wire_len < header_len)
		return "truncated packet";
	ret->seq = get_be32(head + SEQ_AT);
	ret->ack = get_be32(head + ACK_AT);
	ret->win = get_be16(head + WIN_AT);
	ret->flags = head[FLAGS_AT];
	ret->kind = (uint8_t)ct_tcp_kind_of(ret->flags);
	/* By the wire: a capture may have cut the payload, the sequence space counts it all the same. */
	ret->end = ret->seq + (wire_len - header_len);
	ret->end += (ret->flags & CT_TCP_SYN ? 1u : 0u) + (ret->flags & CT_TCP_FIN ? 1u : 0u);
	ret->options = buf_of(head, header_len);
	buf_skip(&ret->options, HEADER_LEN);
	return NULL;
}

/*
 * The next option that has a length: its kind and its body. false at the end, or where the options make
 * no sense: what came before counts.
 */
static bool next_option(struct buf *options, uint8_t *kind, struct buf *body)
{
	uint8_t len;

	do {
		if (!buf_get_u8(options, kind) || *kind == OPT_END)
			return false;
	} while (*kind == OPT_NOP);
	return buf_get_u8(options, &len) && len >= 2 && buf_get_buf(options, len - 2u, body);
}

void ct_tcp_read_offer(const struct ct_tcp_segment *seg, struct ct_tcp_side *side)
{
	struct buf options = seg->options, body;
	uint8_t kind;

	if (!buf_left(&options))
		return;
	side->scale = 0;
	side->flags &= CT_TCP_BE_LIBERAL;
	while (next_option(&options, &kind, &body)) {
		if (kind == OPT_SACK_PERM && buf_left(&body) == OPT_SACK_PERM_LEN - 2) {
			side->flags |= CT_TCP_SACK_PERM;
		} else if (kind == OPT_WINDOW && buf_left(&body) == OPT_WINDOW_LEN - 2) {
			buf_get_u8(&body, &side->scale);
			if (side->scale > SCALE_MAX)
				side->scale = SCALE_MAX;
			side->flags |= CT_TCP_WINDOW_SCALE;
		}
	}
}

uint32_t ct_tcp_read_sack(const struct ct_tcp_segment *seg, uint32_t ack)
{
	struct buf options = seg->options, body;
	uint32_t left, right;
	uint8_t kind;

	while (next_option(&options, &kind, &body)) {
		if (kind != OPT_SACK || !buf_left(&body) || buf_left(&body) % SACK_BLOCK_LEN)
			continue;
		while (buf_get_be32(&body, &left) && buf_get_be32(&body, &right))
			if (ct_tcp_after(right, ack))
				ack = right;
		return ack;
	}
	return ack;
}
