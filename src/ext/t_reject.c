/* SPDX-License-Identifier: GPL-2.0-or-later */
/* REJECT: a drop that tells the sender. What it tells is core/reply_reject.c's. */
#include <netinet/in.h>

#include "core/env.h"
#include "core/reply_reject.h"

/* No ICMP code: the answer is a TCP reset. */
#define TCP_RESET 255

struct reject_args {
	struct pktt_args head;
	uint8_t with_ipv4, with_ipv6, with_inet;
};

enum { WITH_IPV4, WITH_IPV6, WITH_INET };

/* The value is the code of ICMP destination unreachable: RFC 792, RFC 1812, 5.2.7.1. */
static const struct pktt_symbol ipv4_types[] = {
	{ "icmp-net-unreachable", 0 },
	{ "net-unreach", 0 },
	{ "icmp-host-unreachable", 1 },
	{ "host-unreach", 1 },
	{ "icmp-proto-unreachable", 2 },
	{ "proto-unreach", 2 },
	{ "icmp-port-unreachable", 3 },
	{ "port-unreach", 3 },
	{ "icmp-net-prohibited", 9 },
	{ "net-prohib", 9 },
	{ "icmp-host-prohibited", 10 },
	{ "host-prohib", 10 },
	{ "tcp-reset", TCP_RESET },
	{ "tcp-rst", TCP_RESET },
	{ "icmp-admin-prohibited", 13 },
	{ "admin-prohib", 13 },
	{ 0 },
};

/* RFC 4443, 3.1. */
static const struct pktt_symbol ipv6_types[] = {
	{ "icmp6-no-route", 0 },
	{ "no-route", 0 },
	{ "icmp6-adm-prohibited", 1 },
	{ "adm-prohibited", 1 },
	{ "icmp6-addr-unreachable", 3 },
	{ "addr-unreach", 3 },
	{ "icmp6-port-unreachable", 4 },
	{ "port-unreach", 4 },
	{ "tcp-reset", TCP_RESET },
	{ "icmp6-policy-fail", 5 },
	{ "policy-fail", 5 },
	{ "icmp6-reject-route", 6 },
	{ "reject-route", 6 },
	{ 0 },
};

/* What both families can say: row of inet_codes plus one, so that 0 is no inet rule. */
static const struct pktt_symbol inet_types[] = {
	{ "icmpx-no-route", 1 },	 { "icmpx-host-unreachable", 2 },
	{ "icmpx-port-unreachable", 3 }, { "icmpx-admin-prohibited", 4 },
	{ "tcp-reset", TCP_RESET },	 { 0 },
};

static const struct {
	uint8_t ipv4, ipv6;
} inet_codes[] = { { 0, 0 }, { 1, 3 }, { 3, 4 }, { 13, 1 } };

static const struct pktt_param reject_params[] = {
	[WITH_IPV4] = {
		.name = "reject-with",
		.help = "what the sender is told",
		PKTT_STORE(struct reject_args, with_ipv4, enum8),
		.symbols = ipv4_types,
		.families = PKTT_FAM_V4,
		.def = "icmp-port-unreachable",
		.flags = PKTT_SHOW_ALWAYS | PKTT_CASELESS | PKTT_PREFIX,
	},
	[WITH_IPV6] = {
		.name = "reject-with",
		.help = "what the sender is told",
		PKTT_STORE(struct reject_args, with_ipv6, enum8),
		.symbols = ipv6_types,
		.families = PKTT_FAM_V6,
		.def = "icmp6-port-unreachable",
		.flags = PKTT_SHOW_ALWAYS | PKTT_CASELESS | PKTT_PREFIX,
	},
	[WITH_INET] = {
		.name = "reject-with",
		.help = "what the sender is told, in the words of the packet's family",
		PKTT_STORE(struct reject_args, with_inet, enum8),
		.symbols = inet_types,
		.families = PKTT_FAM(PKTT_INET),
		.def = "icmpx-port-unreachable",
		.flags = PKTT_SHOW_ALWAYS | PKTT_CASELESS | PKTT_PREFIX,
	},
};

/* A rule is of one family: only its own value was given or stands by default. */
static uint8_t wanted(const struct pktt_packet *pkt, const struct reject_args *args)
{
	bool is_ipv6 = pkt->l3_family == PKTT_IPV6;

	if (args->with_inet == TCP_RESET)
		return TCP_RESET;
	if (args->with_inet && is_ipv6)
		return inet_codes[args->with_inet - 1].ipv6;
	if (args->with_inet)
		return inet_codes[args->with_inet - 1].ipv4;
	return is_ipv6 ? args->with_ipv6 : args->with_ipv4;
}

static enum pktt_verdict reject_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	struct pktt_packet *reply = NULL;
	uint8_t with = wanted(pkt, vargs);
	int rc;

	(void)state;
	if (with == TCP_RESET)
		rc = pktt_reply_tcp_reset(&reply, pkt);
	else
		rc = pktt_reply_unreachable(&reply, pkt, with);
	if (rc == 0 && pkt->env->ops->emit)
		pkt->env->ops->emit(pkt->env, &reply, pkt);
	pktt_packet_free(&reply);
	return PKTT_REJECT;
}

/* A reset is an answer to TCP only. */
static const uint8_t *reject_l4(const void *vargs)
{
	static const uint8_t any[8], tcp[8] = { IPPROTO_TCP };
	const struct reject_args *args = vargs;

	if (args->with_ipv4 == TCP_RESET || args->with_ipv6 == TCP_RESET ||
	    args->with_inet == TCP_RESET)
		return tcp;
	return any;
}

PKTT_REGISTER(pktt_target, reject) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "REJECT",
		.summary = "discard the packet and answer with an error",
		.families = PKTT_FAM_IP,
		.tables = "filter",
		.hooks = PKTT_HOOK(PKTT_LOCAL_IN) | PKTT_HOOK(PKTT_FORWARD) |
			 PKTT_HOOK(PKTT_LOCAL_OUT),
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_TERMINAL,
		PKTT_PARAMS(reject_params, struct reject_args),
		.l4_for = reject_l4,
	},
	.run = reject_run,
};
