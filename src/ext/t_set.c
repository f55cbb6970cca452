/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SET: put what the packet has into a set, take it out, or give the packet what its element
 * carries.
 */
#include "ext/set.h"

#include <errno.h>

#define TIMEOUT_MAX 2147483u /* seconds; the kernel takes no more */

struct set_args {
	struct pktt_args head;
	struct pktt_set_ref add, del, map;
	uint32_t timeout;
	bool exist, map_mark, map_prio, map_queue;
};

struct set_state {
	struct pktt_set *add, *del, *map;
	struct pktt_set_options add_opt, map_opt;
};

enum { ADD_SET, EXIST, TIMEOUT, DEL_SET, MAP_SET, MAP_MARK, MAP_PRIO, MAP_QUEUE };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_param set_params[] = {
	[ADD_SET] = {
		.name = "add-set",
		.help = "add to this set what the packet has on these sides",
		PKTT_STORE(struct set_args, add, set_ref),
	},
	[EXIST] = {
		.name = "exist",
		.help = "an element that is there begins anew: timeout and counters",
		PKTT_STORE(struct set_args, exist, flag),
		.needs = BIT(ADD_SET),
	},
	[TIMEOUT] = {
		.name = "timeout",
		.help = "seconds that the element lives, instead of the set's default",
		PKTT_STORE(struct set_args, timeout, u32),
		.needs = BIT(ADD_SET),
	},
	[DEL_SET] = {
		.name = "del-set",
		.help = "remove from this set what the packet has on these sides",
		PKTT_STORE(struct set_args, del, set_ref),
	},
	[MAP_SET] = {
		.name = "map-set",
		.help = "give the packet what its element in this set carries",
		PKTT_STORE(struct set_args, map, set_ref),
	},
	[MAP_MARK] = {
		.name = "map-mark",
		.help = "the element's mark",
		PKTT_STORE(struct set_args, map_mark, flag),
		.needs = BIT(MAP_SET),
	},
	[MAP_PRIO] = {
		.name = "map-prio",
		.help = "the element's traffic class",
		PKTT_STORE(struct set_args, map_prio, flag),
		.needs = BIT(MAP_SET),
	},
	[MAP_QUEUE] = {
		.name = "map-queue",
		.help = "the element's queue of the device; kept, of no effect",
		PKTT_STORE(struct set_args, map_queue, flag),
		.needs = BIT(MAP_SET),
	},
};

static int set_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct set_args *args = vargs;
	bool maps = args->map_mark || args->map_prio || args->map_queue;

	(void)ctx;
	if (!pktt_given(args, ADD_SET) && !pktt_given(args, DEL_SET) && !pktt_given(args, MAP_SET))
		return pktt_fail(err, -EINVAL, "SET needs --add-set, --del-set or --map-set");
	if (pktt_given(args, MAP_SET) && !maps)
		return pktt_fail(err, -EINVAL,
				 "--map-set needs --map-mark, --map-prio or --map-queue");
	return 0;
}

/* As the kernel has it: what maps works in mangle, and priorities where a packet leaves. */
static const char *set_tables(const void *args)
{
	return pktt_given(args, MAP_SET) ? "mangle" : NULL;
}

static uint32_t set_hooks(const void *vargs)
{
	const struct set_args *args = vargs;

	if (!args->map_prio && !args->map_queue)
		return 0;
	return PKTT_HOOK(PKTT_FORWARD) | PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_POST_ROUTING);
}

static void set_teardown(struct pktt_engine *engine, const void *args, void *vstate)
{
	struct set_state *state = vstate;

	(void)engine;
	(void)args;
	set_release(&state->add);
	set_release(&state->del);
	set_release(&state->map);
}

static int set_setup(struct pktt_engine *engine, const void *vargs, void *vstate,
		     struct pktt_error *err)
{
	const struct set_args *args = vargs;
	struct set_state *state = vstate;
	int r = 0;

	state->add_opt = (struct pktt_set_options){
		.has_timeout = pktt_given(args, TIMEOUT),
		.timeout_s = args->timeout < TIMEOUT_MAX ? args->timeout : TIMEOUT_MAX,
		.replace = args->exist,
	};
	state->map_opt = (struct pktt_set_options){
		.map_mark = args->map_mark,
		.map_priority = args->map_prio,
		.map_queue = args->map_queue,
	};
	if (pktt_given(args, ADD_SET))
		r = set_hold(engine, &args->add, &state->add, err);
	if (r == 0 && pktt_given(args, DEL_SET))
		r = set_hold(engine, &args->del, &state->del, err);
	if (r == 0 && pktt_given(args, MAP_SET))
		r = set_hold(engine, &args->map, &state->map, err);
	if (r)
		set_teardown(engine, args, state);
	return r;
}

/* A set that is full, or has the element, or a packet without what it takes: the rule goes on. */
static enum pktt_verdict set_run(struct pktt_packet *pkt, const void *vargs, void *vstate)
{
	const struct set_args *args = vargs;
	struct set_state *state = vstate;

	if (state->add)
		pktt_set_add_packet(state->add, pkt, &args->add, &state->add_opt);
	if (state->del)
		pktt_set_delete_packet(state->del, pkt, &args->del);
	if (state->map)
		pktt_set_map_packet(state->map, pkt, &args->map, &state->map_opt);
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, set) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "SET",
		.summary = "add to sets, remove from them, or take what they carry",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_TUPLE | PKTT_READS_IFACE | PKTT_READS_MARK |
			 PKTT_READS_HEADER | PKTT_READS_HOST | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_FIXED_STATE,
		PKTT_PARAMS(set_params, struct set_args),
		.state_size = sizeof(struct set_state),
		.check = set_check,
		.tables_for = set_tables,
		.hooks_for = set_hooks,
		.setup = set_setup,
		.teardown = set_teardown,
	},
	.run = set_run,
};
