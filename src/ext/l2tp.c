/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tp: tunnel and session of L2TP version 2 (RFC 2661) and 3 (RFC 3931), over UDP and over IP. A
 * number that a packet of its kind does not carry is not compared.
 */
#include <errno.h>
#include <netinet/in.h>

#include "base/buf.h"
#include "core/packet.h"

#define IPPROTO_L2TP 115

enum { CONTROL = 0, DATA = 1 };

struct l2tp_args {
	struct pktt_args head;
	uint32_t tid, sid;
	uint8_t version, type;
};

enum { TID, SID, VERSION, TYPE };

static const struct pktt_symbol types[] = { { "control", CONTROL }, { "data", DATA }, { 0 } };

static const struct pktt_param l2tp_params[] = {
	[TID] = {
		.name = "tid",
		.help = "tunnel identifier",
		PKTT_STORE(struct l2tp_args, tid, u32),
	},
	[SID] = {
		.name = "sid",
		.help = "session identifier, of data only",
		PKTT_STORE(struct l2tp_args, sid, u32),
	},
	[VERSION] = {
		.name = "pversion",
		.help = "version of the protocol",
		PKTT_STORE(struct l2tp_args, version, u8),
		.min = 2,
		.max = 3,
	},
	[TYPE] = {
		.name = "type",
		.help = "control or data",
		PKTT_STORE(struct l2tp_args, type, enum8),
		.symbols = types,
	},
};

static int l2tp_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct l2tp_args *args = vargs;

	(void)ctx;
	if (!args->head.given)
		return pktt_fail(err, -EINVAL, "l2tp: at least one option is required");
	if (pktt_given(args, VERSION) && args->version == 2 &&
	    (args->tid > UINT16_MAX || args->sid > UINT16_MAX))
		return pktt_fail(err, -ERANGE, "l2tp: identifiers of version 2 are at most 65535");
	if (pktt_given(args, TYPE) && args->type == CONTROL && pktt_given(args, SID))
		return pktt_fail(err, -EINVAL, "l2tp: control messages have no session");
	return 0;
}

/* What a packet says of itself. */
struct l2tp {
	uint32_t tid, sid;
	uint8_t version, type;
};

static bool read_over_udp(const struct pktt_packet *pkt, struct l2tp *ret)
{
	const uint8_t *head = pktt_packet_read(pkt, PKTT_L4, 8, 8);
	uint16_t flags;

	if (!head)
		return false;
	flags = get_be16(head);
	ret->type = flags & 0x8000 ? CONTROL : DATA;
	ret->version = flags & 0x000f;
	if (ret->version == 3) {
		ret->tid = ret->sid = get_be32(head + 4);
		return true;
	}
	/* The length is optional in version 2. */
	ret->tid = get_be16(head + (flags & 0x4000 ? 4 : 2));
	ret->sid = get_be16(head + (flags & 0x4000 ? 6 : 4));
	return ret->version == 2;
}

/* Over IP a session of 0 announces a control message. */
static bool read_over_ip(const struct pktt_packet *pkt, struct l2tp *ret)
{
	const uint8_t *head = pktt_packet_read(pkt, PKTT_L4, 0, 4);

	if (!head)
		return false;
	ret->version = 3;
	ret->sid = get_be32(head);
	ret->type = ret->sid ? DATA : CONTROL;
	if (ret->sid)
		return true;
	head = pktt_packet_read(pkt, PKTT_L4, 8, 4);
	ret->tid = head ? get_be32(head) : 0;
	return head;
}

static bool is_wanted(const struct l2tp_args *args, const struct l2tp *l2tp)
{
	if (pktt_given(args, TYPE) && args->type != l2tp->type)
		return false;
	if (pktt_given(args, VERSION) && args->version != l2tp->version)
		return false;
	if (pktt_given(args, TID) && (l2tp->type == CONTROL || l2tp->version == 2) &&
	    args->tid != l2tp->tid)
		return false;
	return !pktt_given(args, SID) || l2tp->type == CONTROL || args->sid == l2tp->sid;
}

static enum pktt_hit l2tp_match(struct pktt_packet *pkt, const void *args, void *state)
{
	struct l2tp l2tp = { 0 };
	bool is_l2tp = false;

	(void)state;
	if (pktt_packet_is_later_fragment(pkt))
		return PKTT_MISS;
	if (pkt->protocol == IPPROTO_UDP)
		is_l2tp = read_over_udp(pkt, &l2tp);
	else if (pkt->protocol == IPPROTO_L2TP)
		is_l2tp = read_over_ip(pkt, &l2tp);
	return is_l2tp && is_wanted(args, &l2tp) ? PKTT_HIT : PKTT_MISS;
}

PKTT_REGISTER(pktt_match, l2tp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "l2tp",
		.summary = "match tunnel and session of L2TP",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_UDP, IPPROTO_L2TP },
		.reads = PKTT_READS_PAYLOAD,
		PKTT_PARAMS(l2tp_params, struct l2tp_args),
		.check = l2tp_check,
	},
	.match = l2tp_match,
};
