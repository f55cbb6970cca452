/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCPMSS: lower the maximum segment size that a SYN announces, for paths on which the messages of
 * path MTU discovery are lost. It is never raised (RFC 1122, 4.2.2.6: the announcement is a limit),
 * and added where it is absent and there is no data behind the header.
 */
#include <errno.h>
#include <netinet/in.h>

#include "core/env.h"
#include "desc/args.h"
#include "desc/command.h"
#include "ext/edit.h"

enum { TCP_LEN = 20, TCP_MAX = 60, OPTION = 2, OPTION_LEN = 4, NOP = 1, SYN = 0x02 };
/* Without the option a host assumes these: RFC 1122, 4.2.2.6, and RFC 9293, 3.7.1. */
enum { DEFAULT_IPV4 = 536, DEFAULT_IPV6 = 1220 };

struct tcpmss_args {
	struct pktt_args head;
	uint16_t mss;
	bool clamp;
};

enum { SET_MSS, CLAMP };

static const struct pktt_param tcpmss_params[] = {
	[SET_MSS] = {
		.name = "set-mss",
		.help = "lower it to this",
		PKTT_STORE(struct tcpmss_args, mss, u16),
		.max = 65515,
		.excludes = 1 << CLAMP,
	},
	[CLAMP] = {
		.name = "clamp-mss-to-pmtu",
		.help = "lower it to what the routes of both directions can carry",
		PKTT_STORE(struct tcpmss_args, clamp, flag),
		.excludes = 1 << SET_MSS,
	},
};

static int tcpmss_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct tcpmss_args *args = vargs;

	(void)ctx;
	if (!args->head.given)
		return pktt_fail(err, -EINVAL, "TCPMSS needs --set-mss or --clamp-mss-to-pmtu");
	return 0;
}

/* The route is known only where the packet has been routed. */
static uint32_t tcpmss_hooks(const void *vargs)
{
	const struct tcpmss_args *args = vargs;

	if (!args->clamp)
		return 0;
	return PKTT_HOOK(PKTT_FORWARD) | PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_POST_ROUTING);
}

/* Whether the match is a tcp that lets SYNs through only. */
static bool selects_syn(const struct pktt_use *use, enum pktt_family family)
{
	const struct pktt_mask8 *flags;
	unsigned int n;

	if (strcmp(use->ext->name, "tcp") != 0 ||
	    pktt_args_lookup(use->ext, family, "tcp-flags", strlen("tcp-flags"), &n))
		return false;
	flags = (const struct pktt_mask8 *)((const char *)use->args + use->ext->params[n].offset);
	return pktt_given(use->args, n) && !pktt_negated(use->args, n) && flags->value & SYN;
}

static int tcpmss_check_rule(const struct pktt_rule_spec *rule, const void *args,
			     struct pktt_error *err)
{
	(void)args;
	for (unsigned int i = 0; i < rule->nmatches; i++)
		if (selects_syn(&rule->match[i], rule->family))
			return 0;
	return pktt_fail(err, -EINVAL,
			 "TCPMSS works on TCP SYN packets only: the rule needs -p tcp --syn");
}

static uint32_t mtu_towards(const struct pktt_packet *pkt, const struct pktt_addr *dst,
			    uint32_t unknown)
{
	struct pktt_route_query query = {
		.family = pkt->l3_family,
		.dst = *dst,
		.mark = pkt->mark,
	};
	struct pktt_route route = { .mtu = 0 };

	if (!pkt->env->ops->route || pkt->env->ops->route(pkt->env, &query, &route))
		return unknown;
	if (route.mtu)
		return route.mtu;
	return route.out ? route.out->mtu : unknown;
}

/* The smaller MTU of both directions; 0 where the packet's own route has none. */
static uint32_t path_mtu(const struct pktt_packet *pkt)
{
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);
	uint32_t there = mtu_towards(pkt, &dst, pkt->out ? pkt->out->mtu : 0);
	uint32_t back = mtu_towards(pkt, &src, UINT32_MAX);

	return there < back ? there : back;
}

/* -1 where the path has room for no segment. */
static int32_t wanted_mss(const struct pktt_packet *pkt, const struct tcpmss_args *args)
{
	uint32_t headers = (pkt->l3_family == PKTT_IPV6 ? 40 : 20) + TCP_LEN;
	uint32_t mtu;

	if (!args->clamp)
		return args->mss;
	mtu = path_mtu(pkt);
	return mtu <= headers ? -1 : (int32_t)((mtu - headers) & 0xffff);
}

/* Offset of the option in the header, or 0. An option of length 0 counts as one byte. */
static uint32_t find_mss(const uint8_t *tcp, uint32_t header)
{
	uint32_t at = TCP_LEN;

	while (at <= header - OPTION_LEN) {
		if (tcp[at] == OPTION && tcp[at + 1] == OPTION_LEN)
			return at;
		at += tcp[at] <= NOP || tcp[at + 1] == 0 ? 1 : tcp[at + 1];
	}
	return 0;
}

static void add_to_ip_length(struct pktt_packet *pkt, uint16_t more)
{
	uint8_t *ip = pktt_packet_write(pkt, PKTT_L3, 0, 20);

	if (!ip)
		return;
	if (pkt->l3_family == PKTT_IPV6)
		put_be16(ip + 4, (uint16_t)(get_be16(ip + 4) + more));
	else
		edit_ipv4_be16(ip, 2, (uint16_t)(get_be16(ip + 2) + more));
}

/* Put the option right behind the fixed header. The pseudo header's length grows with it. */
static enum pktt_verdict add_mss(struct pktt_packet *pkt, uint32_t header, uint16_t mss)
{
	uint32_t at = pkt->l4 - pkt->l3 + TCP_LEN;
	uint8_t option[OPTION_LEN] = { OPTION, OPTION_LEN }, nothing[OPTION_LEN] = { 0 };
	uint8_t old_length[2], new_length[2], *tcp;

	if (pktt_packet_resize(pkt, at, OPTION_LEN))
		return PKTT_DROP;
	tcp = pktt_packet_write(pkt, PKTT_L4, 0, header + OPTION_LEN);
	if (!tcp)
		return PKTT_DROP;
	put_be16(option + 2, mss);
	put_be16(old_length, (uint16_t)header);
	put_be16(new_length, (uint16_t)(header + OPTION_LEN));
	pktt_csum_replace(tcp + 16, old_length, new_length, sizeof(old_length));
	pktt_csum_replace(tcp + 16, nothing, option, sizeof(option));
	memcpy(tcp + TCP_LEN, option, sizeof(option));
	edit_be16(tcp + 16, tcp + 12, (uint16_t)(get_be16(tcp + 12) + (OPTION_LEN / 4 << 12)));
	add_to_ip_length(pkt, OPTION_LEN);
	return PKTT_CONTINUE;
}

static enum pktt_verdict clamp_mss(struct pktt_packet *pkt, uint32_t header, uint16_t mss)
{
	uint8_t *tcp = pktt_packet_write(pkt, PKTT_L4, 0, header);
	uint16_t least = pkt->l3_family == PKTT_IPV6 ? DEFAULT_IPV6 : DEFAULT_IPV4;
	uint32_t at;

	if (!tcp)
		return PKTT_DROP;
	at = find_mss(tcp, header);
	if (at && get_be16(tcp + at + 2) <= mss)
		return PKTT_CONTINUE;
	if (at) {
		uint8_t bytes[2];

		put_be16(bytes, mss);
		pktt_csum_replace(tcp + 16, tcp + at + 2, bytes, sizeof(bytes));
		memcpy(tcp + at + 2, bytes, sizeof(bytes));
		return PKTT_CONTINUE;
	}
	/* Data would have to move, and might not fit; four bits of length are full at 60. */
	if (packet_len(pkt, PKTT_L4) > header || header >= TCP_MAX)
		return PKTT_CONTINUE;
	return add_mss(pkt, header, mss < least ? mss : least);
}

static enum pktt_verdict tcpmss_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const uint8_t *tcp = pktt_packet_read(pkt, PKTT_L4, 0, TCP_LEN);
	uint32_t header;
	int32_t mss;

	(void)state;
	if (pktt_packet_is_later_fragment(pkt))
		return PKTT_CONTINUE;
	if (!tcp)
		return PKTT_DROP;
	header = (tcp[12] >> 4) * 4u;
	if (header < TCP_LEN || packet_len(pkt, PKTT_L4) < header)
		return PKTT_DROP;
	mss = wanted_mss(pkt, vargs);
	if (mss < 0)
		return PKTT_DROP;
	return clamp_mss(pkt, header, (uint16_t)mss);
}

PKTT_REGISTER(pktt_target, tcpmss) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "TCPMSS",
		.summary = "lower the maximum segment size that a TCP SYN announces",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_TCP },
		.reads = PKTT_READS_HEADER | PKTT_READS_HOST,
		PKTT_PARAMS(tcpmss_params, struct tcpmss_args),
		.check = tcpmss_check,
		.hooks_for = tcpmss_hooks,
		.check_rule = tcpmss_check_rule,
	},
	.run = tcpmss_run,
};
