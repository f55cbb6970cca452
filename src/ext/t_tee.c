/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TEE: send a copy of the packet by way of a gateway. A copy is not copied again, so that two rules,
 * or two hosts that mirror to each other on the same hooks, come to an end.
 */
#include "core/env.h"
#include "ext/edit.h"

struct tee_args {
	struct pktt_args head;
	struct pktt_addr gateway;
	struct pktt_ifname oif;
};

enum { GATEWAY, OIF };

static const struct pktt_param tee_params[] = {
	[GATEWAY] = {
		.name = "gateway",
		.help = "next hop of the copy",
		PKTT_STORE(struct tee_args, gateway, addr),
		.flags = PKTT_REQUIRED,
	},
	[OIF] = {
		.name = "oif",
		.help = "interface that the copy leaves by",
		PKTT_STORE(struct tee_args, oif, ifname),
	},
};

static bool is_before_routing(const struct pktt_packet *pkt)
{
	return pkt->hook == PKTT_PRE_ROUTING || pkt->hook == PKTT_LOCAL_IN;
}

/*
 * The copy may not be fragmented, so that the sender hears of a smaller MTU on its way; what came
 * in and was not forwarded yet pays for the hop, against loops between two hosts.
 */
static void mark_ipv4_copy(struct pktt_packet *copy)
{
	uint8_t *ip = pktt_packet_write(copy, PKTT_L3, 0, 20);

	uint32_t len = ip ? (ip[0] & 15u) * 4 : 0;

	if (!ip || !pktt_packet_read(copy, PKTT_L3, 0, len))
		return;
	ip[6] |= 0x40;
	if (is_before_routing(copy))
		ip[8]--;
	/* Anew and not by difference: options may have been filled in without it. */
	put_be16(ip + 10, 0);
	put_be16(ip + 10, pktt_csum_fold(pktt_csum_add(0, ip, len)));
}

/* Sending writes the length, of a jumbogram, too. */
static void mark_ipv6_copy(struct pktt_packet *copy)
{
	uint8_t *ip = pktt_packet_write(copy, PKTT_L3, 0, 40);
	uint32_t len = pktt_packet_wire_len(copy);

	if (!ip)
		return;
	put_be16(ip + 4, len - 40 > UINT16_MAX ? 0 : (uint16_t)(len - 40));
	if (is_before_routing(copy))
		ip[7]--;
}

static enum pktt_verdict tee_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct tee_args *args = vargs;
	struct pktt_packet *copy = NULL;

	(void)state;
	if (pkt->is_uncopied || !pkt->env->ops->tee || pktt_packet_copy(&copy, pkt))
		return PKTT_CONTINUE;
	copy->is_tee = copy->is_uncopied = true;
	copy->is_local = true;
	copy->ct_info = PKTT_CT_UNTRACKED;
	if (copy->l3_family == PKTT_IPV6)
		mark_ipv6_copy(copy);
	else
		mark_ipv4_copy(copy);
	pkt->env->ops->tee(pkt->env, &copy, &args->gateway,
			   pktt_given(args, OIF) ? args->oif.name : NULL);
	pktt_packet_free(&copy);
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, tee) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "TEE",
		.summary = "send a copy of the packet by way of a gateway",
		.families = PKTT_FAM_V4 | PKTT_FAM_V6,
		.reads = PKTT_READS_PAYLOAD | PKTT_READS_OWN_STATE,
		PKTT_PARAMS(tee_params, struct tee_args),
	},
	.run = tee_run,
};
