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
/* What did not become whole in time goes. ns since the epoch. */
void defrag_advance(struct defrag *defrag, uint64_t now_ns);
/*
 * The hook at priority -400. A fragment is held (STOLEN) or refused (DROP: too many, too large; Linux
 * 6.18 drops a queue with overlaps whole, RFC 5722); the one that makes the datagram whole is turned
 * into it: pkt->buf is then memory of pkt->pieces, larger; pkt->pieces knows how it came.
 */
enum pktt_verdict defrag_packet(struct defrag *defrag, struct pktt_packet *pkt);

/* The pieces of a datagram that was put together; owned by the packet. */
struct pktt_pieces {
	uint8_t *buf;	     /* what pkt->buf points to, or NULL */
	uint32_t max_size;   /* layer-3 bytes of the largest: Linux's frag_max_size */
	bool has_df;	     /* IPv4: one of them had DF */
	uint32_t id;	     /* IPv6: of the fragment header */
	uint32_t header_len; /* IPv6: unfragmentable part, with its headers */
	uint32_t count;
	uint32_t size[]; /* layer-4 payload bytes of each, in order of offset */
};
/* Makes the pieces anew from the datagram as it is now, in order; each is a packet of the caller's. */
int defrag_cut(const struct pktt_packet *pkt, uint32_t mtu,
	       int (*piece)(void *ctx, const uint8_t *l3, uint32_t len), void *ctx);
void pktt_pieces_free(struct pktt_pieces **pieces);

#endif
