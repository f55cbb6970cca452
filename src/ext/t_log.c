/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LOG: the packet as a line of the kernel's log; the bridge watcher "log" with its own format. */
#include "base/own.h"
#include "base/str.h"
#include "core/env.h"
#include "core/log_text.h"

struct log_args {
	struct pktt_args head;
	uint8_t level;
	char prefix[30];
	bool sequence, tcp_options, ip_options, uid, mac;
};

/* The order is that in which iptables prints. */
enum { PREFIX, LEVEL, SEQUENCE, TCP_OPTIONS, IP_OPTIONS, UID, MACDECODE };

static const struct pktt_symbol levels[] = {
	{ "emerg", 0 },	 { "panic", 0 }, { "alert", 1 }, { "crit", 2 },
	{ "error", 3 },	 { "err", 3 },	 { "warn", 4 },	 { "warning", 4 },
	{ "notice", 5 }, { "info", 6 },	 { "debug", 7 }, { 0 },
};

static const struct pktt_param log_params[] = {
	[PREFIX] = {
		.name = "log-prefix",
		.help = "text at the start of the line",
		PKTT_STORE_TEXT(struct log_args, prefix),
		.min = 1,
	},
	[LEVEL] = {
		.name = "log-level",
		.help = "level of the system log, by name or number",
		PKTT_STORE(struct log_args, level, enum8),
		.symbols = levels,
		.def = "4",
		.max = 7,
		.flags = PKTT_NUMERIC | PKTT_SHOW_NUMBER | PKTT_CASELESS | PKTT_HIDE_DEFAULT,
	},
	[SEQUENCE] = {
		.name = "log-tcp-sequence",
		.help = "with TCP sequence numbers",
		PKTT_STORE(struct log_args, sequence, flag),
	},
	[TCP_OPTIONS] = {
		.name = "log-tcp-options",
		.help = "with the options of the TCP header",
		PKTT_STORE(struct log_args, tcp_options, flag),
	},
	[IP_OPTIONS] = {
		.name = "log-ip-options",
		.help = "with the options of the IP header",
		PKTT_STORE(struct log_args, ip_options, flag),
	},
	[UID] = {
		.name = "log-uid",
		.help = "with the owner of the local socket",
		PKTT_STORE(struct log_args, uid, flag),
	},
	[MACDECODE] = {
		.name = "log-macdecode",
		.help = "with the link-layer addresses and protocol taken apart",
		PKTT_STORE(struct log_args, mac, flag),
	},
};

static uint32_t log_flags(const struct log_args *args)
{
	uint32_t flags = 0;

	if (args->sequence)
		flags |= PKTT_LOG_TCPSEQ;
	if (args->tcp_options)
		flags |= PKTT_LOG_TCPOPT;
	if (args->ip_options)
		flags |= PKTT_LOG_IPOPT;
	if (args->uid)
		flags |= PKTT_LOG_UID;
	if (args->mac)
		flags |= PKTT_LOG_MACDECODE;
	return flags;
}

static void hand_over(struct pktt_packet *pkt, uint8_t level, const struct str *text)
{
	struct pktt_log log = { .pkt = pkt, .level = level, .text = str_text(text) };

	if (!text->failed && pkt->env->ops->log)
		pkt->env->ops->log(pkt->env, &log);
}

static enum pktt_verdict log_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	const struct log_args *args = vargs;

	(void)state;
	pktt_log_text(pkt, args->prefix, log_flags(args), &text);
	hand_over(pkt, args->level, &text);
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, log) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "LOG",
		.summary = "write a line on the packet to the log",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_PAYLOAD | PKTT_READS_OWN_STATE,
		PKTT_PARAMS(log_params, struct log_args),
	},
	.run = log_run,
};

/* --- Bridge ----------------------------------------------------------------------------------- */

struct br_log_args {
	struct pktt_args head;
	bool log, ip, arp, ip6;
	uint8_t level;
	char prefix[30];
};

enum { BR_LOG, BR_LEVEL, BR_PREFIX, BR_IP, BR_ARP, BR_IP6 };

static const struct pktt_symbol br_levels[] = {
	{ "emerg", 0 },	  { "alert", 1 },  { "crit", 2 }, { "critical", 2 }, { "error", 3 },
	{ "warning", 4 }, { "notice", 5 }, { "info", 6 }, { "debug", 7 },    { 0 },
};

static const struct pktt_param br_log_params[] = {
	[BR_LOG] = {
		.name = "log",
		.help = "log with the defaults",
		PKTT_STORE(struct br_log_args, log, flag),
		.flags = PKTT_REPEATABLE,
	},
	[BR_LEVEL] = {
		.name = "log-level",
		.help = "level of the system log, by name or number",
		PKTT_STORE(struct br_log_args, level, enum8),
		.symbols = br_levels,
		.def = "notice",
		.max = 7,
		.flags = PKTT_NUMERIC | PKTT_SHOW_ALWAYS,
	},
	[BR_PREFIX] = {
		.name = "log-prefix",
		.help = "text at the start of the line",
		PKTT_STORE_TEXT(struct br_log_args, prefix),
	},
	[BR_IP] = {
		.name = "log-ip",
		.help = "with the addresses and ports of IPv4",
		PKTT_STORE(struct br_log_args, ip, flag),
	},
	[BR_ARP] = {
		.name = "log-arp",
		.help = "with the fields of ARP",
		PKTT_STORE(struct br_log_args, arp, flag),
	},
	[BR_IP6] = {
		.name = "log-ip6",
		.help = "with the addresses and ports of IPv6",
		PKTT_STORE(struct br_log_args, ip6, flag),
	},
};

/* --log says nothing that --log-level does not say, which is always printed. */
static void br_log_canon(const struct pktt_context *ctx, void *vargs)
{
	struct br_log_args *args = vargs;

	(void)ctx;
	args->log = false;
	args->head.given &= ~(UINT64_C(1) << BR_LOG);
}

static enum pktt_verdict br_log_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	const struct br_log_args *args = vargs;
	uint32_t flags = 0;

	(void)state;
	if (args->ip)
		flags |= PKTT_LOG_BR_IP;
	if (args->arp)
		flags |= PKTT_LOG_BR_ARP;
	if (args->ip6)
		flags |= PKTT_LOG_BR_IP6;
	pktt_log_text_bridge(pkt, args->prefix, flags, &text);
	hand_over(pkt, args->level, &text);
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, br_log) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "log",
		.summary = "write a line on the frame to the log",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_PAYLOAD | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(br_log_params, struct br_log_args),
		.canon = br_log_canon,
	},
	.run = br_log_run,
};
