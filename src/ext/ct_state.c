/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state and conntrack: what connection tracking knows of the packet's connection. */
#include <arpa/inet.h>
#include <errno.h>

#include "conntrack/conntrack.h"
#include "ext/match.h"
#include "ext/stateful.h"

/* Bits as in linux/netfilter/xt_conntrack.h. */
enum {
	STATE_INVALID = 1 << 0,
	STATE_ESTABLISHED = 1 << 1,
	STATE_RELATED = 1 << 2,
	STATE_NEW = 1 << 3,
	STATE_SNAT = 1 << 4,
	STATE_DNAT = 1 << 5,
	STATE_UNTRACKED = 1 << 6,
};

static uint32_t state_of(const struct pktt_packet *pkt)
{
	/* Linux hands what CT said as a connection of its own, a template, which is NEW. */
	if (pkt->ct_template)
		return STATE_NEW;
	switch (pkt->ct_info) {
	case PKTT_CT_NEW:
		return STATE_NEW;
	case PKTT_CT_ESTABLISHED:
	case PKTT_CT_ESTABLISHED_REPLY:
		return STATE_ESTABLISHED;
	case PKTT_CT_RELATED:
	case PKTT_CT_RELATED_REPLY:
		return STATE_RELATED;
	case PKTT_CT_UNTRACKED:
		return STATE_UNTRACKED;
	case PKTT_CT_NONE:
	case PKTT_CT_INVALID:
		break;
	}
	return STATE_INVALID;
}

static const struct pktt_symbol states[] = {
	{ "INVALID", 1 << 0 },	   { "NEW", 1 << 3 },	    { "RELATED", 1 << 2 },
	{ "ESTABLISHED", 1 << 1 }, { "UNTRACKED", 1 << 6 }, { 0 },
};

struct state_args {
	struct pktt_args head;
	uint32_t states;
};

enum { STATE };

static const struct pktt_param state_params[] = {
	[STATE] = {
		.name = "state",
		.help = "states of which the connection has one",
		PKTT_STORE(struct state_args, states, bits32),
		.symbols = states,
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE | PKTT_CASELESS | PKTT_PREFIX,
	},
};

static enum pktt_hit state_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct state_args *args = vargs;

	(void)state;
	return pktt_test(args, STATE, args->states & state_of(pkt));
}

PKTT_REGISTER(pktt_match, state) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "state",
		.summary = "match the state of the connection",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(state_params, struct state_args),
	},
	.match = state_match,
};

/* --- conntrack -------------------------------------------------------------------------------- */

static const struct pktt_symbol ct_states[] = {
	{ "INVALID", 1 << 0 },	 { "NEW", 1 << 3 },
	{ "RELATED", 1 << 2 },	 { "ESTABLISHED", 1 << 1 },
	{ "UNTRACKED", 1 << 6 }, { "SNAT", 1 << 4 },
	{ "DNAT", 1 << 5 },	 { 0 },
};

/* NONE is no bit of the kernel's: a connection with none of the others. */
static const struct pktt_symbol ct_statuses[] = {
	{ "EXPECTED", 1 << 0 }, { "SEEN_REPLY", 1 << 1 },
	{ "ASSURED", 1 << 2 },	{ "CONFIRMED", 1 << 3 },
	{ "NONE", 0 },		{ 0 },
};

static const struct pktt_symbol directions[] = { { "ORIGINAL", 0 }, { "REPLY", 1 }, { 0 } };

struct conntrack_args {
	struct pktt_args head;
	uint32_t states, statuses;
	uint8_t protocol, direction;
	struct pktt_prefix orig_src, orig_dst, reply_src, reply_dst;
	struct pktt_range16 orig_sport, orig_dport, reply_sport, reply_dport;
	struct pktt_range32 expire;
};

enum {
	CT_STATE,
	CT_PROTO,
	CT_ORIG_SRC,
	CT_ORIG_DST,
	CT_REPLY_SRC,
	CT_REPLY_DST,
	CT_ORIG_SPORT,
	CT_ORIG_DPORT,
	CT_REPLY_SPORT,
	CT_REPLY_DPORT,
	CT_STATUS,
	CT_EXPIRE,
	CT_DIR,
};

static const struct pktt_param conntrack_params[] = {
	[CT_STATE] = {
		.name = "ctstate",
		.help = "states of which the connection has one",
		PKTT_STORE(struct conntrack_args, states, bits32),
		.symbols = ct_states,
		.flags = PKTT_NEGATABLE | PKTT_CASELESS | PKTT_PREFIX,
	},
	[CT_PROTO] = {
		.name = "ctproto",
		.help = "layer-4 protocol of the connection",
		PKTT_STORE(struct conntrack_args, protocol, proto),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_NUMBER,
	},
	[CT_ORIG_SRC] = {
		.name = "ctorigsrc",
		.help = "source address of the original direction",
		PKTT_STORE(struct conntrack_args, orig_src, prefix),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HOST,
	},
	[CT_ORIG_DST] = {
		.name = "ctorigdst",
		.help = "destination address of the original direction",
		PKTT_STORE(struct conntrack_args, orig_dst, prefix),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HOST,
	},
	[CT_REPLY_SRC] = {
		.name = "ctreplsrc",
		.help = "source address of the reply direction",
		PKTT_STORE(struct conntrack_args, reply_src, prefix),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HOST,
	},
	[CT_REPLY_DST] = {
		.name = "ctrepldst",
		.help = "destination address of the reply direction",
		PKTT_STORE(struct conntrack_args, reply_dst, prefix),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HOST,
	},
	[CT_ORIG_SPORT] = {
		.name = "ctorigsrcport",
		.help = "source port of the original direction, or a range",
		PKTT_STORE(struct conntrack_args, orig_sport, port_range),
		.flags = PKTT_NEGATABLE,
	},
	[CT_ORIG_DPORT] = {
		.name = "ctorigdstport",
		.help = "destination port of the original direction, or a range",
		PKTT_STORE(struct conntrack_args, orig_dport, port_range),
		.flags = PKTT_NEGATABLE,
	},
	[CT_REPLY_SPORT] = {
		.name = "ctreplsrcport",
		.help = "source port of the reply direction, or a range",
		PKTT_STORE(struct conntrack_args, reply_sport, port_range),
		.flags = PKTT_NEGATABLE,
	},
	[CT_REPLY_DPORT] = {
		.name = "ctrepldstport",
		.help = "destination port of the reply direction, or a range",
		PKTT_STORE(struct conntrack_args, reply_dport, port_range),
		.flags = PKTT_NEGATABLE,
	},
	[CT_STATUS] = {
		.name = "ctstatus",
		.help = "status bits of which the connection has one",
		PKTT_STORE(struct conntrack_args, statuses, bits32),
		.symbols = ct_statuses,
		.flags = PKTT_NEGATABLE | PKTT_CASELESS | PKTT_PREFIX,
	},
	[CT_EXPIRE] = {
		.name = "ctexpire",
		.help = "seconds until the connection expires, or a range",
		PKTT_STORE(struct conntrack_args, expire, range32),
		.flags = PKTT_NEGATABLE,
	},
	[CT_DIR] = {
		.name = "ctdir",
		.help = "direction of the packet",
		PKTT_STORE(struct conntrack_args, direction, enum8),
		.symbols = directions,
		.flags = PKTT_CASELESS,
	},
};

static int conntrack_check(const struct pktt_context *ctx, const void *vargs,
			   struct pktt_error *err)
{
	const struct conntrack_args *args = vargs;

	(void)ctx;
	if (!args->head.given)
		return pktt_fail(err, -EINVAL, "conntrack: at least one option is required");
	return 0;
}

static bool state_fails(const struct conntrack_args *args, const struct pktt_packet *pkt)
{
	uint32_t bits = state_of(pkt);

	if (pkt->ct && conn_status(pkt->ct) & CT_SRC_NAT)
		bits |= STATE_SNAT;
	if (pkt->ct && conn_status(pkt->ct) & CT_DST_NAT)
		bits |= STATE_DNAT;
	return fails(args, CT_STATE, args->states & bits);
}

/* Of a template all is zero. */
static bool tuples_fail(const struct conntrack_args *args, const struct pktt_packet *pkt)
{
	struct ct_tuple orig = { 0 }, reply = { 0 };
	uint8_t len = (uint8_t)ct_addr_len((uint8_t)pkt->l3_family);

	if (pkt->ct) {
		conn_tuple(pkt->ct, CT_ORIGINAL, &orig);
		conn_tuple(pkt->ct, CT_REPLY, &reply);
	}
	return fails(args, CT_ORIG_SRC, prefix_has(&args->orig_src, orig.src, len)) ||
	       fails(args, CT_ORIG_DST, prefix_has(&args->orig_dst, orig.dst, len)) ||
	       fails(args, CT_REPLY_SRC, prefix_has(&args->reply_src, reply.src, len)) ||
	       fails(args, CT_REPLY_DST, prefix_has(&args->reply_dst, reply.dst, len)) ||
	       fails(args, CT_PROTO, orig.protocol == args->protocol) ||
	       fails(args, CT_ORIG_SPORT, in_range16(&args->orig_sport, ntohs(orig.sport))) ||
	       fails(args, CT_ORIG_DPORT, in_range16(&args->orig_dport, ntohs(orig.dport))) ||
	       fails(args, CT_REPLY_SPORT, in_range16(&args->reply_sport, ntohs(reply.sport))) ||
	       fails(args, CT_REPLY_DPORT, in_range16(&args->reply_dport, ntohs(reply.dport)));
}

/* Linux reads the timeout of an unconfirmed connection as a time, which lies long ago: 0 is left. */
static bool expire_fails(const struct conntrack_args *args, const struct pktt_packet *pkt)
{
	uint32_t left = 0;

	if (pkt->ct && conn_is_confirmed(pkt->ct))
		left = conn_timeout_left(pkt->ct, ct_ms(pkt->time_ns)) / 1000;
	return fails(args, CT_EXPIRE, in_range32(&args->expire, left));
}

/* xt_conntrack.c: of a packet without a connection only the state can be asked. */
static enum pktt_hit conntrack_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct conntrack_args *args = vargs;

	(void)state;
	if (state_fails(args, pkt))
		return PKTT_MISS;
	if (!pkt->ct && !pkt->ct_template)
		return hit_if(pktt_given(args, CT_STATE));
	if (pktt_given(args, CT_DIR) && args->direction != ct_packet_dir(pkt))
		return PKTT_MISS;
	if (tuples_fail(args, pkt) ||
	    fails(args, CT_STATUS,
		  args->statuses & (pkt->ct ? conn_status(pkt->ct) : CT_CONFIRMED)))
		return PKTT_MISS;
	return hit_if(!expire_fails(args, pkt));
}

PKTT_REGISTER(pktt_match, conntrack) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "conntrack",
		.summary = "match what connection tracking knows of the connection",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(conntrack_params, struct conntrack_args),
		.check = conntrack_check,
	},
	.match = conntrack_match,
};
