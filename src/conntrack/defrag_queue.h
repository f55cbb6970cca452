/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fragments of one datagram. For defrag*.c only. */
#ifndef PKTT_CT_DEFRAG_QUEUE_H
#define PKTT_CT_DEFRAG_QUEUE_H

#include "base/list.h"
#include "core/packet.h"

/* What tells the fragments of a datagram from others'; no gap, hashed as it is. */
struct defrag_key {
	uint8_t src[16], dst[16];
	uint32_t id;	  /* as it stands in the header */
	uint32_t ifindex; /* of addresses that hold on a link only; 0 */
	uint8_t family, protocol, is_output, reserved[5];
};
_Static_assert(sizeof(struct defrag_key) == 48, "a key has no gap");

/* A fragment as its headers say. Offsets and lengths are of the datagram's payload, by the wire. */
struct fragment {
	struct defrag_key key;
	uint32_t offset, end;
	bool is_last, has_df;
	uint8_t ecn;	     /* one bit: 1 << the two bits of the header */
	uint32_t header_len; /* bytes from layer 3 to the payload, the fragment header left out */
	uint32_t payload_at; /* of the payload from layer 3 */
	uint32_t next_at;    /* IPv6: of the byte that names the fragment header */
	uint8_t next;	     /* IPv6: what the fragment header names */
	uint32_t size;	     /* layer-3 bytes */
};

/* 1 = a fragment, in *ret; 0 = none; -EBADMSG = one that cannot be right. */
int fragment_read(const struct pktt_packet *pkt, struct fragment *ret);

/* A stretch that came in order. Linux joins only what is appended to the last one. */
struct defrag_run {
	uint32_t start, end;
};

struct defrag_piece {
	struct defrag_piece *next; /* in order of coming, newest first */
	uint32_t offset, len, held;
	uint8_t data[]; /* held bytes, fewer where the capture cut them off */
};

struct defrag_queue {
	struct list age_node, hash_node;
	struct defrag_key key;
	uint64_t deadline_ns;
	struct defrag_run *run; /* sorted */
	uint32_t nruns, run_room;
	struct defrag_piece *piece;
	uint32_t npieces;
	uint32_t len;  /* of the datagram's payload, as far as known */
	uint32_t meat; /* of it that is here */
	bool has_first, has_last;
	uint8_t ecn;
	uint32_t max_size, max_df_size;
	uint32_t memory; /* that this queue holds */
	uint32_t l2_len, header_len, next_at;
	uint8_t next;
	uint8_t *header; /* of the first fragment: link, then layer 3 */
};

enum defrag_outcome {
	DEFRAG_HELD,
	DEFRAG_DUPLICATE, /* it was here: forget it */
	DEFRAG_REFUSED,	  /* forget it */
	DEFRAG_SPOILED,	  /* forget the whole datagram */
};

/* Take a fragment in. -ENOMEM, or enum defrag_outcome. */
int defrag_queue_add(struct defrag_queue *q, const struct fragment *f,
		     const struct pktt_packet *pkt);
static inline bool defrag_queue_is_whole(const struct defrag_queue *q)
{
	return q->has_first && q->has_last && q->meat == q->len;
}
/* The packet becomes the datagram. -EMSGSIZE, -EBADMSG (contradicting ECN bits), -ENOMEM. */
int defrag_queue_join(const struct defrag_queue *q, struct pktt_packet *pkt);
void defrag_queue_free(struct defrag_queue *q);

#endif
