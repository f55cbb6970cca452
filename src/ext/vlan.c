/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 802.1Q tag of a frame. */
#include "ext/head_bridge.h"
#include "ext/match.h"

#include <errno.h>

struct vlan_args {
	struct pktt_args head;
	uint16_t id;
	uint8_t prio;
	uint16_t encap;
};

enum { ID, PRIO, ENCAP };
enum { ETHER_VLAN = 0x8100, LEAST_ENCAP = 60 };

static const struct pktt_param vlan_params[] = {
	[ID] = {
		.name = "vlan-id",
		.help = "number of the VLAN",
		PKTT_STORE(struct vlan_args, id, u16),
		.max = 4095,
		.flags = PKTT_NEGATABLE,
	},
	[PRIO] = {
		.name = "vlan-prio",
		.help = "priority; has no effect beside an id that is not 0",
		PKTT_STORE(struct vlan_args, prio, u8),
		.max = 7,
		.flags = PKTT_NEGATABLE,
	},
	[ENCAP] = {
		.name = "vlan-encap",
		.help = "protocol or length behind the tag, by name or in hexadecimal",
		PKTT_STORE(struct vlan_args, encap, ethertype),
		.min = LEAST_ENCAP,
		.flags = PKTT_NEGATABLE,
	},
};

/* ebtables drops the priority of a frame that belongs to a VLAN, and does not save it either. */
static void vlan_canon(const struct pktt_context *ctx, void *vargs)
{
	struct vlan_args *args = vargs;

	(void)ctx;
	if (pktt_given(args, ID) && args->id)
		forget(args, PRIO);
}

static int vlan_check_rule(const struct pktt_rule_spec *rule, const void *args,
			   struct pktt_error *err)
{
	(void)args;
	if (bridge_rule_proto(rule) == ETHER_VLAN)
		return 0;
	return pktt_fail(err, -EINVAL, "vlan needs -p 802_1Q");
}

static enum pktt_hit vlan_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct vlan_args *args = vargs;

	(void)state;
	if (!pkt->has_vlan)
		return PKTT_MISS;
	return hit_if(!fails(args, ID, (pkt->vlan_tci & 0xfff) == args->id) &&
		      !fails(args, PRIO, pkt->vlan_tci >> 13 == args->prio) &&
		      !fails(args, ENCAP, pkt->ethertype == args->encap));
}

PKTT_REGISTER(pktt_match, vlan) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "vlan",
		.summary = "the 802.1Q tag of a frame",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(vlan_params, struct vlan_args),
		.canon = vlan_canon,
		.check_rule = vlan_check_rule,
	},
	.match = vlan_match,
};
