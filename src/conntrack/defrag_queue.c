/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: the rules by which fragments are one datagram are Linux's (inet_fragment.c, ip_fragment.c,
 * nf_conntrack_reasm.c): a fragment that overlaps spoils the datagram (RFC 5722), one that is wholly
 * there already is forgotten, the last one fixes the length and nothing may contradict it.
 */
#include "conntrack/defrag_queue.h"

#include "base/buf.h"
#include "base/own.h"
#include "conntrack/defrag.h"
#include "core/l3.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HEADROOM = 64, TAILROOM = 4096, DATAGRAM_MAX = 65535, V6_HEADER = 40 };
enum { DONT_FRAGMENT = 0x4000 };
/* Bits of ecn, by codepoint. */
enum { NOT_ECT = 1 << 0, ECT_1 = 1 << 1, ECT_0 = 1 << 2, CE = 1 << 3, CE_MARK = 3 };

void defrag_queue_free(struct defrag_queue *q)
{
	while (q->piece) {
		struct defrag_piece *next = q->piece->next;

		free(q->piece);
		q->piece = next;
	}
	free(q->run);
	free(q->header);
	free(q);
}

static int run_insert(struct defrag_queue *q, uint32_t at, struct defrag_run run)
{
	uint32_t room = q->run_room ? q->run_room * 2 : 4;
	struct defrag_run *more = q->run;

	if (q->nruns == q->run_room) {
		more = realloc(q->run, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		q->memory += (uint32_t)((room - q->run_room) * sizeof(*more));
		q->run = more;
		q->run_room = room;
	}
	memmove(&more[at + 1], &more[at], (q->nruns - at) * sizeof(*more));
	more[at] = run;
	q->nruns++;
	return DEFRAG_HELD;
}

/* Between two runs, or it touches one: then it is there already, or overlaps. */
static int place_inside(struct defrag_queue *q, const struct fragment *f)
{
	uint32_t low = 0, high = q->nruns;

	while (low < high) {
		uint32_t mid = (low + high) / 2;
		const struct defrag_run *r = &q->run[mid];

		if (f->end <= r->start)
			high = mid;
		else if (f->offset >= r->end)
			low = mid + 1;
		else
			return f->offset >= r->start && f->end <= r->end ? DEFRAG_DUPLICATE
									 : DEFRAG_SPOILED;
	}
	return run_insert(q, low, (struct defrag_run){ f->offset, f->end });
}

static int place(struct defrag_queue *q, const struct fragment *f)
{
	struct defrag_run *last = q->nruns ? &q->run[q->nruns - 1] : NULL;

	if (last && last->end >= f->end)
		return place_inside(q, f);
	if (last && f->offset < last->end)
		return DEFRAG_SPOILED;
	if (!last || f->offset > last->end)
		return run_insert(q, q->nruns, (struct defrag_run){ f->offset, f->end });
	last->end = f->end;
	return DEFRAG_HELD;
}

/* The two families differ in what one bad fragment does to the others. */
static enum defrag_outcome contradicts(const struct defrag_queue *q)
{
	return q->key.family == PKTT_IPV6 ? DEFRAG_REFUSED : DEFRAG_SPOILED;
}

static enum defrag_outcome fix_length(struct defrag_queue *q, struct fragment *f)
{
	if (f->is_last) {
		if (f->end < q->len || (q->has_last && f->end != q->len))
			return contradicts(q);
		q->has_last = true;
		q->len = f->end;
		return DEFRAG_HELD;
	}
	if (f->end & 7 && q->key.family == PKTT_IPV6)
		return DEFRAG_SPOILED;
	f->end &= ~7u;
	if (f->end <= q->len)
		return DEFRAG_HELD;
	if (q->has_last)
		return contradicts(q);
	q->len = f->end;
	return DEFRAG_HELD;
}

static int keep_header(struct defrag_queue *q, const struct fragment *f,
		       const struct pktt_packet *pkt)
{
	uint32_t l2_len = pkt->l2_len <= HEADROOM / 2 ? pkt->l2_len : 0;
	const uint8_t *l2 = pktt_packet_read(pkt, PKTT_L2, 0, l2_len);
	const uint8_t *l3 = pktt_packet_read(pkt, PKTT_L3, 0, f->header_len);

	if (!l3)
		return -EBADMSG;
	q->header = malloc(l2_len + f->header_len);
	if (!q->header)
		return -ENOMEM;
	if (l2)
		memcpy(q->header, l2, l2_len);
	memcpy(q->header + l2_len, l3, f->header_len);
	q->memory += l2_len + f->header_len;
	q->l2_len = l2_len;
	q->header_len = f->header_len;
	q->next_at = f->next_at;
	q->next = f->next;
	q->has_first = true;
	return 0;
}

static int keep_data(struct defrag_queue *q, const struct fragment *f,
		     const struct pktt_packet *pkt)
{
	uint32_t len = f->end - f->offset, there = pktt_packet_length(pkt, PKTT_L3);
	uint32_t held = there > f->payload_at ? there - f->payload_at : 0;
	const uint8_t *data;
	struct defrag_piece *p;

	held = held < len ? held : len;
	data = pktt_packet_read(pkt, PKTT_L3, there - held < f->payload_at ? there : f->payload_at,
				held);
	p = malloc(sizeof(*p) + held);
	if (!p)
		return -ENOMEM;
	*p = (struct defrag_piece){ q->piece, f->offset, len, held };
	if (data)
		memcpy(p->data, data, held);
	q->piece = p;
	q->npieces++;
	q->meat += len;
	q->memory += (uint32_t)sizeof(*p) + held;
	return 0;
}

int defrag_queue_add(struct defrag_queue *q, const struct fragment *of,
		     const struct pktt_packet *pkt)
{
	struct fragment f = *of;
	int r = fix_length(q, &f);

	if (r != DEFRAG_HELD)
		return r;
	if (f.end == f.offset)
		return contradicts(q);
	r = place(q, &f);
	if (r != DEFRAG_HELD)
		return r;
	r = f.offset == 0 ? keep_header(q, &f, pkt) : 0;
	if (r == 0)
		r = keep_data(q, &f, pkt);
	if (r)
		return r;
	q->ecn |= f.ecn;
	if (f.size > q->max_size)
		q->max_size = f.size;
	if (f.has_df && f.size > q->max_df_size)
		q->max_df_size = f.size;
	return DEFRAG_HELD;
}

/* --- Whole ------------------------------------------------------------------------------------ */

static int by_offset(const void *a, const void *b)
{
	const struct defrag_piece *const *x = a, *const *y = b;

	return (*x)->offset < (*y)->offset ? -1 : 1;
}

/* What the capture cut off of a piece, and everything behind it, is not there. */
static uint32_t put_payload(struct defrag_piece *const *piece, uint32_t n, uint8_t *to)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < n; i++) {
		memcpy(to + at, piece[i]->data, piece[i]->held);
		at += piece[i]->held;
		if (piece[i]->held < piece[i]->len)
			break;
	}
	return at;
}

/* RFC 3168, 5.3: -1 where ECT and not-ECT contradict each other; else the bits to set. */
static int ecn_of(uint8_t seen)
{
	if (seen & NOT_ECT && seen & ~NOT_ECT)
		return -1;
	return seen & CE ? CE_MARK : 0;
}

static void finish_v4(const struct defrag_queue *q, uint8_t *ip, uint32_t total, int ecn)
{
	bool has_df = q->max_df_size == q->max_size;

	ip[1] |= (uint8_t)ecn;
	put_be16(ip + 2, (uint16_t)total);
	put_be16(ip + 6, has_df ? DONT_FRAGMENT : 0);
	put_be16(ip + 10, 0);
	put_be16(ip + 10, pktt_csum_fold(pktt_csum_add(0, ip, q->header_len)));
}

static void finish_v6(const struct defrag_queue *q, uint8_t *ip, uint32_t total, int ecn)
{
	ip[1] |= (uint8_t)(ecn << 4);
	put_be16(ip + 4, (uint16_t)(total - V6_HEADER));
	ip[q->next_at] = q->next;
}

static struct pktt_pieces *pieces_of(const struct defrag_queue *q,
				     struct defrag_piece *const *piece)
{
	struct pktt_pieces *p = calloc(1, sizeof(*p) + q->npieces * sizeof(p->size[0]));

	if (!p)
		return NULL;
	p->max_size = q->max_size;
	p->has_df = q->max_df_size == q->max_size;
	p->id = q->key.id;
	p->header_len = q->header_len;
	p->next_at = q->next_at;
	p->payload = q->len;
	p->count = q->npieces;
	for (uint32_t i = 0; i < q->npieces; i++)
		p->size[i] = piece[i]->len;
	p->buf = malloc(HEADROOM + q->l2_len + q->header_len + q->len + TAILROOM);
	if (!p->buf)
		pktt_pieces_free(&p);
	return p;
}

static void enter_packet(const struct defrag_queue *q, struct pktt_packet *pkt,
			 struct pktt_pieces *pieces, uint32_t held)
{
	pkt->buf = pieces->buf;
	pkt->room = HEADROOM + q->l2_len + q->header_len + q->len + TAILROOM;
	pkt->l2 = HEADROOM;
	pkt->l2_len = q->l2_len;
	pkt->l3 = HEADROOM + q->l2_len;
	pkt->end = pkt->l3 + q->header_len + held;
	pkt->wire_len = q->header_len + q->len;
	pkt->pieces = pieces;
}

int defrag_queue_join(const struct defrag_queue *q, struct pktt_packet *pkt)
{
	PKTT_AUTO_FREE struct defrag_piece **piece =
		calloc(q->npieces, sizeof(struct defrag_piece *));
	int ecn = ecn_of(q->ecn);
	uint32_t total = q->header_len + q->len, n = 0, held;
	struct pktt_pieces *pieces;
	uint8_t *ip;

	if (!piece)
		return -ENOMEM;
	if (total - (q->key.family == PKTT_IPV6 ? V6_HEADER : 0) > DATAGRAM_MAX)
		return -EMSGSIZE;
	if (ecn < 0)
		return -EBADMSG;
	for (struct defrag_piece *p = q->piece; p; p = p->next)
		piece[n++] = p;
	qsort(piece, n, sizeof(struct defrag_piece *), by_offset);
	pieces = pieces_of(q, piece);
	if (!pieces)
		return -ENOMEM;
	memcpy(pieces->buf + HEADROOM, q->header, q->l2_len + q->header_len);
	ip = pieces->buf + HEADROOM + q->l2_len;
	held = put_payload(piece, n, ip + q->header_len);
	if (q->key.family == PKTT_IPV6)
		finish_v6(q, ip, total, ecn);
	else
		finish_v4(q, ip, total, ecn);
	enter_packet(q, pkt, pieces, held);
	return pktt_packet_parse_ip(pkt);
}

void pktt_pieces_free(struct pktt_pieces **pieces)
{
	if (!*pieces)
		return;
	free((*pieces)->buf);
	free(*pieces);
	*pieces = NULL;
}
