/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragments are put together virtually: a datagram is judged once, whole, and leaves in the pieces that
 * it came in.
 */
#ifndef PKTT_CT_DEFRAG_H
#define PKTT_CT_DEFRAG_H

#include "conntrack/conntrack.h"

struct defrag;

int defrag_new(struct defrag **ret, struct conntrack *ct);
void defrag_free(struct defrag **defrag);
/* Bytes that are held for datagrams in the making. */
uint64_t defrag_memory(struct defrag *defrag);
/* What did not become whole in time goes. ns since the epoch. */
void defrag_advance(struct defrag *defrag, uint64_t now_ns);
/*
 * The hook at priority -400, for a packet that is parsed. A fragment is held (STOLEN) or refused (DROP);
 * the one that makes the datagram whole is turned into it, and parsed anew: pkt->buf is then memory of
 * pkt->pieces. What is no fragment is ACCEPT at once.
 */
enum pktt_verdict defrag_packet(struct defrag *defrag, struct pktt_packet *pkt);

/* How a datagram came; owned by the packet. */
struct pktt_pieces {
	uint8_t *buf;	     /* what pkt->buf points to */
	uint32_t max_size;   /* layer-3 bytes of the largest: Linux's frag_max_size */
	bool has_df;	     /* IPv4: the largest had DF, and so do the pieces that leave */
	uint32_t id;	     /* IPv6: of the fragment header, host order */
	uint32_t header_len; /* IPv6: of what stood before the fragment header */
	uint32_t next_at;    /* IPv6: of the byte in it that named the fragment header */
	uint32_t payload;    /* the sum of size[] */
	/*
	 * Something wrote into bytes beyond the first piece: Linux copies them into one then, and what
	 * leaves is cut anew.
	 */
	bool is_linear;
	uint32_t count;
	uint32_t size[]; /* payload bytes of each, in order of offset */
};

void pktt_pieces_free(struct pktt_pieces **pieces);

#endif
