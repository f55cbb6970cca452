/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: the checked way to a packet's bytes. Apart from base/buf.h this is the only file that
 * does pointer arithmetic on them; whoever reads through it cannot leave the packet.
 *
 * Life-cycle: a datapath lends a packet on its own memory for one run through the hooks; packets
 * that the engine makes (replies, copies) own theirs and end in pktt_packet_free().
 */
#include "core/packet.h"

#include "base/own.h"
#include "core/engine.h"
#include "core/l3.h"

#include <errno.h>
#include <string.h>

/* Room before and after layer 3 in packets of our own: for a link header, for options to grow. */
#define HEADROOM 64u
#define TAILROOM 128u

const char *pktt_reason_name(enum pktt_reason reason)
{
	static const char *const name[] = {
#define X(id, text) [PKTT_REASON_##id] = (text),
		PKTT_REASONS(X)
#undef X
	};

	return name[reason];
}

const char *pktt_ct_info_name(enum pktt_ct_info info)
{
	switch (info) {
	case PKTT_CT_NONE:
		break;
	case PKTT_CT_NEW:
		return "NEW";
	case PKTT_CT_ESTABLISHED:
	case PKTT_CT_ESTABLISHED_REPLY:
		return "ESTABLISHED";
	case PKTT_CT_RELATED:
	case PKTT_CT_RELATED_REPLY:
		return "RELATED";
	case PKTT_CT_INVALID:
		return "INVALID";
	case PKTT_CT_UNTRACKED:
		return "UNTRACKED";
	}
	return NULL;
}

/* Offset of a layer, or -1 where the packet has none. */
static int64_t layer_start(const struct pktt_packet *pkt, enum pktt_layer layer)
{
	switch (layer) {
	case PKTT_L2:
		return pkt->l2_len ? (int64_t)pkt->l2 : -1;
	case PKTT_L3:
		return pkt->l3;
	case PKTT_L4:
		return pkt->has_l4 ? (int64_t)pkt->l4 : -1;
	case PKTT_NO_FIELD:
		break;
	}
	return -1;
}

uint32_t pktt_packet_length(const struct pktt_packet *pkt, enum pktt_layer layer)
{
	int64_t start = layer_start(pkt, layer);

	return start < 0 || start > pkt->end ? 0 : pkt->end - (uint32_t)start;
}

const uint8_t *pktt_packet_read(const struct pktt_packet *pkt, enum pktt_layer layer,
				uint32_t offset, uint32_t len)
{
	uint32_t have = pktt_packet_length(pkt, layer);

	if (offset > have || len > have - offset)
		return NULL;
	if (layer_start(pkt, layer) < 0)
		return NULL;
	return pkt->buf + layer_start(pkt, layer) + offset;
}

uint8_t *pktt_packet_write(struct pktt_packet *pkt, enum pktt_layer layer, uint32_t offset,
			   uint32_t len)
{
	const uint8_t *at = pktt_packet_read(pkt, layer, offset, len);

	return at ? pkt->buf + (at - pkt->buf) : NULL;
}

enum pktt_family pktt_packet_family(const struct pktt_packet *pkt)
{
	return pkt->family;
}

uint8_t pktt_packet_protocol(const struct pktt_packet *pkt)
{
	return pkt->has_l4 ? pkt->protocol : 0;
}

bool pktt_packet_is_later_fragment(const struct pktt_packet *pkt)
{
	return pkt->frag_off != 0;
}

uint64_t pktt_packet_time_ns(const struct pktt_packet *pkt)
{
	return pkt->time_ns;
}

uint32_t pktt_packet_mark(const struct pktt_packet *pkt)
{
	return pkt->mark;
}

void pktt_packet_set_mark(struct pktt_packet *pkt, uint32_t mark)
{
	pkt->mark = mark;
}

const char *pktt_packet_in(const struct pktt_packet *pkt)
{
	return pkt->in ? pkt->in->name : "";
}

const char *pktt_packet_out(const struct pktt_packet *pkt)
{
	return pkt->out ? pkt->out->name : "";
}

uint32_t pktt_packet_random(struct pktt_packet *pkt)
{
	return pkt->env->ops->random(pkt->env);
}

uint32_t pktt_packet_wire_len(const struct pktt_packet *pkt)
{
	return pkt->wire_len;
}

struct pktt_addr pktt_packet_src(const struct pktt_packet *pkt)
{
	const struct pktt_l3 *l3 = pktt_l3_of(pkt->l3_family);
	struct pktt_addr src = { 0 }, dst = { 0 };

	if (l3->addresses)
		l3->addresses(pkt, &src, &dst);
	return src;
}

struct pktt_addr pktt_packet_dst(const struct pktt_packet *pkt)
{
	const struct pktt_l3 *l3 = pktt_l3_of(pkt->l3_family);
	struct pktt_addr src = { 0 }, dst = { 0 };

	if (l3->addresses)
		l3->addresses(pkt, &src, &dst);
	return dst;
}

int pktt_packet_resize(struct pktt_packet *pkt, uint32_t offset, int32_t grow)
{
	uint32_t at = pkt->l3 + offset, tail;
	uint32_t cut = grow < 0 ? 0u - (uint32_t)grow : 0;

	if (at < pkt->l3 || at > pkt->end || cut > pkt->end - at)
		return -EINVAL;
	if (grow > 0 && (uint32_t)grow > pkt->room - pkt->end)
		return -ENOBUFS;
	tail = pkt->end - at - cut;
	memmove(pkt->buf + at + (grow > 0 ? (uint32_t)grow : 0), pkt->buf + at + cut, tail);
	if (grow > 0)
		memset(pkt->buf + at, 0, (uint32_t)grow);
	pkt->end = (uint32_t)((int64_t)pkt->end + grow);
	pkt->wire_len = (uint32_t)((int64_t)pkt->wire_len + grow);
	if (pkt->has_l4 && pkt->l4 > at)
		pkt->l4 = (uint32_t)((int64_t)pkt->l4 + grow);
	return 0;
}

int pktt_packet_new(struct pktt_packet **ret, uint32_t len)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *pkt = calloc(1, sizeof(*pkt));

	if (!pkt)
		return -ENOMEM;
	pkt->room = HEADROOM + len + TAILROOM;
	pkt->buf = calloc(1, pkt->room);
	if (!pkt->buf)
		return -ENOMEM;
	pkt->l2 = pkt->l3 = HEADROOM;
	pkt->end = HEADROOM + len;
	pkt->wire_len = len;
	*ret = pktt_take(&pkt);
	return 0;
}

int pktt_packet_copy(struct pktt_packet **ret, const struct pktt_packet *pkt)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	*copy = *pkt;
	/* The connection's reference stays with the original; the copy is one piece. */
	copy->ct = NULL;
	copy->ct_info = PKTT_CT_NONE;
	copy->ct_template = NULL;
	copy->pieces = NULL;
	copy->room = pkt->end + TAILROOM;
	copy->buf = calloc(1, copy->room);
	if (!copy->buf)
		return -ENOMEM;
	memcpy(copy->buf, pkt->buf, pkt->end);
	*ret = pktt_take(&copy);
	return 0;
}

void pktt_packet_free(struct pktt_packet **pkt)
{
	if (!*pkt)
		return;
	free((*pkt)->buf);
	free(*pkt);
	*pkt = NULL;
}
