/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets whose work is done by parts of a kernel that are not here: read, checked, printed, idle. */
#include <errno.h>

#include "core/packet.h"

static enum pktt_verdict nothing(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_CONTINUE;
}

/* --- AUDIT --------------------------------------------------------------------------------------- */

struct audit_args {
	struct pktt_args head;
	uint8_t type;
};

enum { AUDIT_TYPE };

static const struct pktt_symbol audit_types[] = {
	{ "accept", 0 },
	{ "drop", 1 },
	{ "reject", 2 },
	{ 0 },
};

static const struct pktt_param audit_params[] = {
	[AUDIT_TYPE] = {
		.name = "type",
		.help = "what the record says became of the packet",
		PKTT_STORE(struct audit_args, type, enum8),
		.symbols = audit_types,
		.flags = PKTT_REQUIRED | PKTT_CASELESS,
	},
};

PKTT_REGISTER(pktt_target, audit) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "AUDIT",
		.summary = "write an audit record",
		.why = "there is no audit daemon to write to",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP | PKTT_FAM_BR,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(audit_params, struct audit_args),
	},
	.run = nothing,
};

/* --- SECMARK and CONNSECMARK ----------------------------------------------------------------------- */

struct secmark_args {
	struct pktt_args head;
	char context[256];
};

enum { SELCTX };

static const struct pktt_param secmark_params[] = {
	[SELCTX] = {
		.name = "selctx",
		.help = "SELinux context of the packet",
		PKTT_STORE_TEXT(struct secmark_args, context),
		.flags = PKTT_REQUIRED | PKTT_SHOW_BARE,
	},
};

PKTT_REGISTER(pktt_target, secmark) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "SECMARK",
		.summary = "set the security mark of the packet",
		.why = "there is no SELinux to read the mark",
		.families = PKTT_FAM_IP,
		.tables = "mangle security",
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(secmark_params, struct secmark_args),
	},
	.run = nothing,
};

struct connsecmark_args {
	struct pktt_args head;
	bool save, restore;
};

enum { SAVE, RESTORE };

static const struct pktt_param connsecmark_params[] = {
	[SAVE] = {
		.name = "save",
		.help = "copy the security mark to the connection",
		PKTT_STORE(struct connsecmark_args, save, flag),
		.excludes = 1 << RESTORE,
	},
	[RESTORE] = {
		.name = "restore",
		.help = "copy the security mark from the connection",
		PKTT_STORE(struct connsecmark_args, restore, flag),
		.excludes = 1 << SAVE,
	},
};

static int connsecmark_check(const struct pktt_context *ctx, const void *vargs,
			     struct pktt_error *err)
{
	const struct connsecmark_args *args = vargs;

	(void)ctx;
	if (!args->head.given)
		return pktt_fail(err, -EINVAL, "CONNSECMARK needs --save or --restore");
	return 0;
}

PKTT_REGISTER(pktt_target, connsecmark) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "CONNSECMARK",
		.summary = "copy the security mark between packet and connection",
		.why = "there is no SELinux to read the mark",
		.families = PKTT_FAM_IP,
		.tables = "mangle security",
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(connsecmark_params, struct connsecmark_args),
		.check = connsecmark_check,
	},
	.run = nothing,
};

/* --- IDLETIMER ------------------------------------------------------------------------------------- */

struct idletimer_args {
	struct pktt_args head;
	uint32_t timeout;
	char label[28];
	bool alarm;
};

enum { TIMEOUT, LABEL, ALARM };

static const struct pktt_param idletimer_params[] = {
	[TIMEOUT] = {
		.name = "timeout",
		.help = "seconds without a packet after which there is a notification",
		PKTT_STORE(struct idletimer_args, timeout, u32),
		.min = 1,
		.max = UINT32_MAX,
		.flags = PKTT_REQUIRED,
	},
	[LABEL] = {
		.name = "label",
		.help = "name of the timer",
		PKTT_STORE_TEXT(struct idletimer_args, label),
		.flags = PKTT_REQUIRED,
	},
	[ALARM] = {
		.name = "alarm",
		.help = "wake a sleeping machine",
		PKTT_STORE(struct idletimer_args, alarm, flag),
	},
};

PKTT_REGISTER(pktt_target, idletimer) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "IDLETIMER",
		.summary = "notify when no packet has come for a while",
		.why = "there is no sysfs to notify through",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(idletimer_params, struct idletimer_args),
	},
	.run = nothing,
};

/* --- LED ------------------------------------------------------------------------------------------- */

/* The light stays on for good. */
#define DELAY_INF UINT32_MAX

struct led_args {
	struct pktt_args head;
	char trigger[27];
	uint32_t delay;
	bool always_blink;
};

enum { TRIGGER, DELAY, ALWAYS_BLINK };

static const struct pktt_symbol delays[] = { { "inf", DELAY_INF }, { 0 } };

static const struct pktt_param led_params[] = {
	[TRIGGER] = {
		.name = "led-trigger-id",
		.help = "name of the trigger that lights listen to",
		PKTT_STORE_TEXT(struct led_args, trigger),
		.flags = PKTT_REQUIRED,
	},
	[DELAY] = {
		.name = "led-delay",
		.help = "milliseconds that the light stays on, or inf",
		PKTT_STORE(struct led_args, delay, enum32),
		.symbols = delays,
		.def = "0",
		.flags = PKTT_NUMERIC | PKTT_HIDE_DEFAULT,
	},
	[ALWAYS_BLINK] = {
		.name = "led-always-blink",
		.help = "blink for a packet even while the light is on",
		PKTT_STORE(struct led_args, always_blink, flag),
	},
};

PKTT_REGISTER(pktt_target, led) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "LED",
		.summary = "light a lamp",
		.why = "there are no lamps",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(led_params, struct led_args),
	},
	.run = nothing,
};

/* --- CLUSTERIP ------------------------------------------------------------------------------------- */

struct clusterip_args {
	struct pktt_args head;
	bool is_new;
	uint8_t mode;
	struct pktt_mac mac;
	uint16_t total, local;
	uint32_t seed;
};

enum { NEW, HASHMODE, CLUSTERMAC, TOTAL_NODES, LOCAL_NODE, HASH_INIT };

static const struct pktt_symbol hash_modes[] = {
	{ "sourceip", 0 },
	{ "sourceip-sourceport", 1 },
	{ "sourceip-sourceport-destport", 2 },
	{ 0 },
};

/* All of these describe the cluster when its first rule is made. */
#define NEEDS_NEW .needs = 1 << NEW

static const struct pktt_param clusterip_params[] = {
	[NEW] = {
		.name = "new",
		.help = "this rule makes the cluster",
		PKTT_STORE(struct clusterip_args, is_new, flag),
	},
	[HASHMODE] = {
		.name = "hashmode",
		.help = "what of a packet is hashed",
		PKTT_STORE(struct clusterip_args, mode, enum8),
		.symbols = hash_modes,
		NEEDS_NEW,
	},
	[CLUSTERMAC] = {
		.name = "clustermac",
		.help = "multicast hardware address that all nodes listen to",
		PKTT_STORE(struct clusterip_args, mac, mac),
		NEEDS_NEW,
	},
	[TOTAL_NODES] = {
		.name = "total-nodes",
		.help = "how many nodes there are",
		PKTT_STORE(struct clusterip_args, total, u16),
		.min = 1,
		.max = 16,
		NEEDS_NEW,
	},
	[LOCAL_NODE] = {
		.name = "local-node",
		.help = "number of this node, from 1",
		PKTT_STORE(struct clusterip_args, local, u16),
		.min = 1,
		.max = 16,
		NEEDS_NEW,
	},
	[HASH_INIT] = {
		.name = "hash-init",
		.help = "seed of the hash",
		PKTT_STORE(struct clusterip_args, seed, u32),
		NEEDS_NEW,
	},
};

PKTT_REGISTER(pktt_target, clusterip) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "CLUSTERIP",
		.summary = "share an address between nodes without a balancer",
		.why = "Linux has removed it: -m cluster does its work",
		.families = PKTT_FAM_V4,
		.tables = "filter",
		.hooks = PKTT_HOOK(PKTT_LOCAL_IN),
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_INERT,
		PKTT_PARAMS(clusterip_params, struct clusterip_args),
	},
	.run = nothing,
};

/* --- NAT ------------------------------------------------------------------------------------------- */

PKTT_REGISTER(pktt_target, nat) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "NAT",
		.summary = "what SNAT and DNAT were made of in old kernels",
		.why = "it takes no orders: SNAT, DNAT and their like do its work",
		.families = PKTT_FAM_V4,
		.tables = "nat",
		.reads = PKTT_READS_NOTHING,
		.flags = PKTT_EXT_INERT,
	},
	.run = nothing,
};
