/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a set holds the packet, and how often its element was met. */
#include "ext/set.h"

struct set_args {
	struct pktt_args head;
	struct pktt_set_ref set;
	bool return_nomatch, update_counters, update_subcounters;
	uint64_t packets_eq, packets_lt, packets_gt;
	uint64_t bytes_eq, bytes_lt, bytes_gt;
};

struct set_state {
	struct pktt_set *set;
	struct pktt_set_options opt;
};

enum {
	MATCH_SET,
	RETURN_NOMATCH,
	UPDATE_COUNTERS,
	UPDATE_SUBCOUNTERS,
	PACKETS_EQ,
	PACKETS_LT,
	PACKETS_GT,
	BYTES_EQ,
	BYTES_LT,
	BYTES_GT,
};
#define BIT(n)	(UINT64_C(1) << (n))
#define PACKETS (BIT(PACKETS_EQ) | BIT(PACKETS_LT) | BIT(PACKETS_GT))
#define BYTES	(BIT(BYTES_EQ) | BIT(BYTES_LT) | BIT(BYTES_GT))

static const struct pktt_param set_params[] = {
	[MATCH_SET] = {
		.name = "match-set",
		.aliases = "set",
		.help = "the set holds what the packet has on these sides, one for each dimension",
		PKTT_STORE(struct set_args, set, set_ref),
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE,
	},
	[RETURN_NOMATCH] = {
		.name = "return-nomatch",
		.help = "elements marked nomatch match, and others do not",
		PKTT_STORE(struct set_args, return_nomatch, flag),
	},
	[UPDATE_COUNTERS] = {
		.name = "update-counters",
		.help = "count the packet at the element (the default)",
		PKTT_STORE(struct set_args, update_counters, flag),
		.flags = PKTT_NEGATABLE,
	},
	[UPDATE_SUBCOUNTERS] = {
		.name = "update-subcounters",
		.help = "of a list, count the packet at the element of the set in it (the default)",
		PKTT_STORE(struct set_args, update_subcounters, flag),
		.flags = PKTT_NEGATABLE,
	},
	[PACKETS_EQ] = {
		.name = "packets-eq",
		.help = "the element has met so many packets, this one counted",
		PKTT_STORE(struct set_args, packets_eq, u64),
		.excludes = PACKETS & ~BIT(PACKETS_EQ),
		.flags = PKTT_NEGATABLE,
	},
	[PACKETS_LT] = {
		.name = "packets-lt",
		.help = "the element has met fewer packets",
		PKTT_STORE(struct set_args, packets_lt, u64),
		.excludes = PACKETS & ~BIT(PACKETS_LT),
	},
	[PACKETS_GT] = {
		.name = "packets-gt",
		.help = "the element has met more packets",
		PKTT_STORE(struct set_args, packets_gt, u64),
		.excludes = PACKETS & ~BIT(PACKETS_GT),
	},
	[BYTES_EQ] = {
		.name = "bytes-eq",
		.help = "the element has met so many bytes, this packet counted",
		PKTT_STORE(struct set_args, bytes_eq, u64),
		.excludes = BYTES & ~BIT(BYTES_EQ),
		.flags = PKTT_NEGATABLE,
	},
	[BYTES_LT] = {
		.name = "bytes-lt",
		.help = "the element has met fewer bytes",
		PKTT_STORE(struct set_args, bytes_lt, u64),
		.excludes = BYTES & ~BIT(BYTES_LT),
	},
	[BYTES_GT] = {
		.name = "bytes-gt",
		.help = "the element has met more bytes",
		PKTT_STORE(struct set_args, bytes_gt, u64),
		.excludes = BYTES & ~BIT(BYTES_GT),
	},
};

/* What says the default says nothing: it is not printed, as iptables has it. */
static void set_canon(const struct pktt_context *ctx, void *vargs)
{
	struct set_args *args = vargs;
	uint64_t defaults = BIT(UPDATE_COUNTERS) | BIT(UPDATE_SUBCOUNTERS);

	(void)ctx;
	args->head.given &= ~defaults | args->head.negated;
	args->update_counters = args->update_subcounters = false;
}

static struct pktt_set_options options_of(const struct set_args *args)
{
	struct pktt_set_options opt = {
		.return_nomatch = args->return_nomatch,
		.no_update_counters = pktt_negated(args, UPDATE_COUNTERS),
		.no_update_subcounters = pktt_negated(args, UPDATE_SUBCOUNTERS),
	};

	if (pktt_given(args, PACKETS_EQ)) {
		opt.packets.op = pktt_negated(args, PACKETS_EQ) ? '!' : '=';
		opt.packets.value = args->packets_eq;
	} else if (pktt_given(args, PACKETS_LT)) {
		opt.packets.op = '<';
		opt.packets.value = args->packets_lt;
	} else if (pktt_given(args, PACKETS_GT)) {
		opt.packets.op = '>';
		opt.packets.value = args->packets_gt;
	}
	if (pktt_given(args, BYTES_EQ)) {
		opt.bytes.op = pktt_negated(args, BYTES_EQ) ? '!' : '=';
		opt.bytes.value = args->bytes_eq;
	} else if (pktt_given(args, BYTES_LT)) {
		opt.bytes.op = '<';
		opt.bytes.value = args->bytes_lt;
	} else if (pktt_given(args, BYTES_GT)) {
		opt.bytes.op = '>';
		opt.bytes.value = args->bytes_gt;
	}
	return opt;
}

static int set_setup(struct pktt_engine *engine, const void *args, void *vstate,
		     struct pktt_error *err)
{
	struct set_state *state = vstate;

	state->opt = options_of(args);
	return set_hold(engine, &((const struct set_args *)args)->set, &state->set, err);
}

static void set_teardown(struct pktt_engine *engine, const void *args, void *vstate)
{
	struct set_state *state = vstate;

	(void)engine;
	(void)args;
	set_release(&state->set);
}

static enum pktt_hit set_match(struct pktt_packet *pkt, const void *args, void *vstate)
{
	const struct set_state *state = vstate;
	const struct pktt_set_ref *ref = &((const struct set_args *)args)->set;
	enum pktt_hit hit = pktt_set_test_packet(state->set, pkt, ref, &state->opt);

	/* What cannot be read is no member, as in Linux; but "!" must not make a member of it. */
	if (hit == PKTT_BAD && !pktt_negated((const struct set_args *)args, MATCH_SET))
		return PKTT_MISS;
	return pktt_negate((const struct set_args *)args, MATCH_SET, hit);
}

PKTT_REGISTER(pktt_match, set) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "set",
		.summary = "a set of addresses, prefixes, ports ... holds the packet",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_TUPLE | PKTT_READS_IFACE | PKTT_READS_MARK |
			 PKTT_READS_HEADER | PKTT_READS_HOST | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_FIXED_STATE,
		PKTT_PARAMS(set_params, struct set_args),
		.state_size = sizeof(struct set_state),
		.canon = set_canon,
		.setup = set_setup,
		.teardown = set_teardown,
	},
	.match = set_match,
};
