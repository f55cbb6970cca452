/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state and conntrack: what connection tracking knows of the packet's connection. */
#include <errno.h>

#include "ext/stateful.h"

/* Bits as in linux/netfilter/xt_conntrack.h. */
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
	.match = stateful_match,
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
	.match = stateful_match,
};
