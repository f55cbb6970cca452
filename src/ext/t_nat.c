/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SNAT, DNAT, MASQUERADE, REDIRECT, NETMAP: how the first packet's connection is to be
 * translated. What a range means is src/nat's business.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "core/packet.h"
#include "ext/stateful.h"
#include "nat/nat.h"

struct nat_args {
	struct pktt_args head;
	struct pktt_nat_range to;
	bool random, random_fully, persistent;
};

enum { TO, RANDOM, RANDOM_FULLY, PERSISTENT };

#define HELP_RANDOM	  "choose the port by a random offset"
#define HELP_RANDOM_FULLY "choose the port fully at random"
#define HELP_PERSISTENT	  "give a client the same address for every connection"

static const struct pktt_param snat_params[] = {
	[TO] = {
		.name = "to-source",
		.help = "addresses, and optionally ports, to translate the source to",
		PKTT_STORE(struct nat_args, to, nat_range),
		.flags = PKTT_REQUIRED,
	},
	[RANDOM] = {
		.name = "random",
		.help = HELP_RANDOM,
		PKTT_STORE(struct nat_args, random, flag),
	},
	[RANDOM_FULLY] = {
		.name = "random-fully",
		.help = HELP_RANDOM_FULLY,
		PKTT_STORE(struct nat_args, random_fully, flag),
	},
	[PERSISTENT] = {
		.name = "persistent",
		.help = HELP_PERSISTENT,
		PKTT_STORE(struct nat_args, persistent, flag),
	},
};

enum { DNAT_PERSISTENT = 2 };

static const struct pktt_param dnat_params[] = {
	[TO] = {
		.name = "to-destination",
		.help = "addresses, and optionally ports, to translate the destination to",
		PKTT_STORE(struct nat_args, to, nat_range),
		.flags = PKTT_REQUIRED,
	},
	[RANDOM] = {
		.name = "random",
		.help = HELP_RANDOM,
		PKTT_STORE(struct nat_args, random, flag),
	},
	[DNAT_PERSISTENT] = {
		.name = "persistent",
		.help = HELP_PERSISTENT,
		PKTT_STORE(struct nat_args, persistent, flag),
	},
};

/* Ports can only be translated where there are some. */
static const uint8_t *nat_l4(const void *vargs)
{
	static const uint8_t any[8];
	const struct nat_args *args = vargs;

	return args->to.port_max ? stateful_port_l4 : any;
}

static int snat_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct nat_args *args = vargs;

	(void)ctx;
	if (args->to.port_base)
		return pktt_fail(err, -EINVAL, "--to-source: a base port is DNAT's only");
	return 0;
}

/* Ports of a rule, 0 to 0 = none; the network's order is what tuples are in. */
static void set_ports(struct nat_range *range, uint16_t min, uint16_t max)
{
	if (max == 0)
		return;
	range->flags |= NAT_PROTO_SPECIFIED;
	range->min_port = htons(min);
	range->max_port = htons(max);
}

static struct nat_range range_of(const struct nat_args *args)
{
	struct nat_range range = { .min = args->to.min, .max = args->to.max };

	if (range.min.len)
		range.flags |= NAT_MAP_IPS;
	set_ports(&range, args->to.port_min, args->to.port_max);
	if (args->to.port_base) {
		range.flags |= NAT_PROTO_OFFSET;
		range.base_port = htons(args->to.port_base);
	}
	if (args->random)
		range.flags |= NAT_PROTO_RANDOM;
	if (args->random_fully)
		range.flags |= NAT_PROTO_RANDOM_FULLY;
	if (args->persistent)
		range.flags |= NAT_PERSISTENT;
	return range;
}

static enum pktt_verdict nat_run(struct pktt_packet *pkt, const void *args, void *state)
{
	struct nat_range range = range_of(args);

	(void)state;
	return nat_target(pkt, &range);
}

/* Of several addresses a source that has one is to keep it. */
static int snat_setup(struct pktt_engine *engine, const void *vargs, void *state,
		      struct pktt_error *err)
{
	const struct nat_args *args = vargs;

	(void)state, (void)err;
	if (memcmp(&args->to.min, &args->to.max, sizeof(args->to.min)) != 0)
		nat_keep_sources(engine);
	return 0;
}

static void snat_teardown(struct pktt_engine *engine, const void *args, void *state)
{
	(void)engine, (void)args, (void)state;
}

PKTT_REGISTER(pktt_target, snat) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "SNAT",
		.summary = "translate the source address of new connections",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.tables = "nat",
		.hooks = PKTT_HOOK(PKTT_POST_ROUTING) | PKTT_HOOK(PKTT_LOCAL_IN),
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT | PKTT_EXT_TERMINAL,
		PKTT_PARAMS(snat_params, struct nat_args),
		.check = snat_check,
		.l4_for = nat_l4,
		.setup = snat_setup,
		.teardown = snat_teardown,
	},
	.run = nat_run,
};

PKTT_REGISTER(pktt_target, dnat) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "DNAT",
		.summary = "translate the destination address of new connections",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.tables = "nat",
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_OUT),
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT | PKTT_EXT_TERMINAL,
		PKTT_PARAMS(dnat_params, struct nat_args),
		.l4_for = nat_l4,
	},
	.run = nat_run,
};

/* --- To an address of this host -------------------------------------------------------------- */

struct ports_args {
	struct pktt_args head;
	struct pktt_range16 ports;
	bool random, random_fully;
};

enum { PORTS, PORTS_RANDOM, PORTS_RANDOM_FULLY };

static const struct pktt_param masquerade_params[] = {
	[PORTS] = {
		.name = "to-ports",
		.help = "ports to choose from",
		PKTT_STORE(struct ports_args, ports, nat_ports),
	},
	[PORTS_RANDOM] = {
		.name = "random",
		.help = HELP_RANDOM,
		PKTT_STORE(struct ports_args, random, flag),
	},
	[PORTS_RANDOM_FULLY] = {
		.name = "random-fully",
		.help = HELP_RANDOM_FULLY,
		PKTT_STORE(struct ports_args, random_fully, flag),
	},
};

static const struct pktt_param redirect_params[] = {
	[PORTS] = {
		.name = "to-ports",
		.help = "local ports to redirect to",
		PKTT_STORE(struct ports_args, ports, nat_ports),
	},
	[PORTS_RANDOM] = {
		.name = "random",
		.help = HELP_RANDOM,
		PKTT_STORE(struct ports_args, random, flag),
	},
};

static const uint8_t *ports_l4(const void *args)
{
	static const uint8_t any[8];

	return pktt_given(args, PORTS) ? stateful_port_l4 : any;
}

static struct nat_range ports_range_of(const struct ports_args *args)
{
	struct nat_range range = { .flags = 0 };

	set_ports(&range, args->ports.min, args->ports.max);
	if (args->random)
		range.flags |= NAT_PROTO_RANDOM;
	if (args->random_fully)
		range.flags |= NAT_PROTO_RANDOM_FULLY;
	return range;
}

static enum pktt_verdict masquerade_run(struct pktt_packet *pkt, const void *args, void *state)
{
	struct nat_range range = ports_range_of(args);

	(void)state;
	return nat_masquerade(pkt, &range);
}

static enum pktt_verdict redirect_run(struct pktt_packet *pkt, const void *args, void *state)
{
	struct nat_range range = ports_range_of(args);

	(void)state;
	return nat_redirect(pkt, &range);
}

PKTT_REGISTER(pktt_target, masquerade) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "MASQUERADE",
		.summary = "translate the source to the address of the interface the packet leaves by",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.tables = "nat",
		.hooks = PKTT_HOOK(PKTT_POST_ROUTING),
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT | PKTT_EXT_TERMINAL,
		PKTT_PARAMS(masquerade_params, struct ports_args),
		.l4_for = ports_l4,
	},
	.run = masquerade_run,
};

PKTT_REGISTER(pktt_target, redirect) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "REDIRECT",
		.summary = "translate the destination to an address of this host",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.tables = "nat",
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_OUT),
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT | PKTT_EXT_TERMINAL,
		PKTT_PARAMS(redirect_params, struct ports_args),
		.l4_for = ports_l4,
	},
	.run = redirect_run,
};

/* --- One network onto another ----------------------------------------------------------------- */

struct netmap_args {
	struct pktt_args head;
	struct pktt_prefix to;
};

enum { NETMAP_TO };

static const struct pktt_param netmap_params[] = {
	[NETMAP_TO] = {
		.name = "to",
		.help = "network to map to, host part kept",
		PKTT_STORE(struct netmap_args, to, prefix),
		.flags = PKTT_REQUIRED,
	},
};

static enum pktt_verdict netmap_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct netmap_args *args = vargs;

	(void)state;
	return nat_netmap(pkt, &args->to);
}

PKTT_REGISTER(pktt_target, netmap) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "NETMAP",
		.summary = "map a whole network onto another, address by address",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.tables = "nat",
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_POST_ROUTING) |
			 PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_LOCAL_IN),
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT | PKTT_EXT_TERMINAL,
		PKTT_PARAMS(netmap_params, struct netmap_args),
	},
	.run = netmap_run,
};
