/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bridge targets that rewrite link-layer addresses, dnat, snat, redirect, and mark. Each names
 * the verdict that follows.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "core/packet.h"
#include "ext/br_verdict.h"

/* Offsets in the Ethernet header. */
enum { DST = 0, SRC = 6, ADDR_LEN = 6 };

struct mac_args {
	struct pktt_args head;
	struct pktt_mac to;
	bool arp;
	uint8_t verdict;
};

/* Who a frame is for, once its destination is that. Made by this host, it stays what it was. */
static uint8_t pkttype_of(const struct pktt_packet *pkt, const struct pktt_mac *to)
{
	static const struct pktt_mac broadcast = { { 255, 255, 255, 255, 255, 255 } };
	const struct pktt_iface *self = pkt->in;

	if (!memcmp(to, &broadcast, sizeof(broadcast)))
		return PKTT_PKT_BROADCAST;
	if (to->byte[0] & 1)
		return PKTT_PKT_MULTICAST;
	if (pkt->hook == PKTT_LOCAL_OUT || !self)
		return pkt->pkttype;
	if (pkt->hook == PKTT_PRE_ROUTING && self->bridge)
		self = self->bridge;
	if (self->has_mac && !memcmp(to->byte, self->mac, ADDR_LEN))
		return PKTT_PKT_HOST;
	return PKTT_PKT_OTHERHOST;
}

/* --- dnat ------------------------------------------------------------------------------------- */

enum { DNAT_TO, DNAT_VERDICT };

static const struct pktt_param dnat_params[] = {
	[DNAT_TO] = {
		.name = "to-dst",
		.aliases = "to-destination",
		.help = "new destination address",
		PKTT_STORE(struct mac_args, to, mac),
		.flags = PKTT_REQUIRED,
	},
	[DNAT_VERDICT] = {
		.name = "dnat-target",
		.help = "verdict that follows",
		PKTT_STORE(struct mac_args, verdict, enum8),
		.symbols = br_verdicts,
		.def = "ACCEPT",
		.flags = PKTT_SHOW_ALWAYS,
	},
};

static enum pktt_verdict dnat_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mac_args *args = vargs;
	uint8_t *dst = pktt_packet_write(pkt, PKTT_L2, DST, ADDR_LEN);

	(void)state;
	if (!dst)
		return PKTT_DROP;
	memcpy(dst, args->to.byte, ADDR_LEN);
	pkt->pkttype = pkttype_of(pkt, &args->to);
	return (enum pktt_verdict)args->verdict;
}

PKTT_REGISTER(pktt_target, br_dnat) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "dnat",
		.summary = "change the destination address of the frame",
		.families = PKTT_FAM_BR,
		.tables = "nat broute",
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_OUT) |
			 PKTT_HOOK(PKTT_BROUTING),
		.reads = PKTT_READS_NOTHING,
		PKTT_PARAMS(dnat_params, struct mac_args),
	},
	.run = dnat_run,
};

/* --- snat ------------------------------------------------------------------------------------- */

enum { SNAT_TO, SNAT_ARP, SNAT_VERDICT };

static const struct pktt_param snat_params[] = {
	[SNAT_TO] = {
		.name = "to-src",
		.aliases = "to-source",
		.help = "new source address",
		PKTT_STORE(struct mac_args, to, mac),
		.flags = PKTT_REQUIRED,
	},
	[SNAT_ARP] = {
		.name = "snat-arp",
		.help = "change the sender address inside ARP too",
		PKTT_STORE(struct mac_args, arp, flag),
	},
	[SNAT_VERDICT] = {
		.name = "snat-target",
		.help = "verdict that follows",
		PKTT_STORE(struct mac_args, verdict, enum8),
		.symbols = br_verdicts,
		.def = "ACCEPT",
		.flags = PKTT_SHOW_ALWAYS,
	},
};

/* false = an ARP packet that ends before the address. */
static bool change_arp_sender(struct pktt_packet *pkt, const struct pktt_mac *to)
{
	const uint8_t *arp = pktt_packet_read(pkt, PKTT_L3, 0, 8);
	uint8_t *sender;

	if (!arp)
		return false;
	if (arp[4] != ADDR_LEN)
		return true;
	sender = pktt_packet_write(pkt, PKTT_L3, 8, ADDR_LEN);
	if (!sender)
		return false;
	memcpy(sender, to->byte, ADDR_LEN);
	return true;
}

static enum pktt_verdict snat_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mac_args *args = vargs;
	uint8_t *src = pktt_packet_write(pkt, PKTT_L2, SRC, ADDR_LEN);

	(void)state;
	if (!src)
		return PKTT_DROP;
	memcpy(src, args->to.byte, ADDR_LEN);
	if (args->arp && pkt->ethertype == 0x0806 && !change_arp_sender(pkt, &args->to))
		return PKTT_DROP;
	return (enum pktt_verdict)args->verdict;
}

PKTT_REGISTER(pktt_target, br_snat) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "snat",
		.summary = "change the source address of the frame",
		.families = PKTT_FAM_BR,
		.tables = "nat",
		.hooks = PKTT_HOOK(PKTT_POST_ROUTING),
		.reads = PKTT_READS_NOTHING,
		PKTT_PARAMS(snat_params, struct mac_args),
	},
	.run = snat_run,
};

/* --- redirect: up to this host ---------------------------------------------------------------- */

enum { REDIRECT_VERDICT };

static const struct pktt_param redirect_params[] = {
	[REDIRECT_VERDICT] = {
		.name = "redirect-target",
		.help = "verdict that follows",
		PKTT_STORE(struct mac_args, verdict, enum8),
		.symbols = br_verdicts,
		.def = "ACCEPT",
		.flags = PKTT_HIDE_DEFAULT,
	},
};

/* Before the bridge decides, the frame goes to the bridge itself; in broute, to the port. */
static enum pktt_verdict redirect_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mac_args *args = vargs;
	const struct pktt_iface *to = pkt->in;
	uint8_t *dst = pktt_packet_write(pkt, PKTT_L2, DST, ADDR_LEN);

	(void)state;
	if (pkt->hook != PKTT_BROUTING && to && to->bridge)
		to = to->bridge;
	if (!dst || !to || !to->has_mac)
		return PKTT_DROP;
	memcpy(dst, to->mac, ADDR_LEN);
	pkt->pkttype = PKTT_PKT_HOST;
	return (enum pktt_verdict)args->verdict;
}

PKTT_REGISTER(pktt_target, br_redirect) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "redirect",
		.summary = "take the frame to this host by its destination address",
		.families = PKTT_FAM_BR,
		.tables = "nat broute",
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_BROUTING),
		.reads = PKTT_READS_IFACE,
		PKTT_PARAMS(redirect_params, struct mac_args),
	},
	.run = redirect_run,
};

/* --- mark ------------------------------------------------------------------------------------- */

struct mark_args {
	struct pktt_args head;
	uint32_t set, or, and, xor;
	uint8_t verdict;
};

enum { MARK_SET, MARK_OR, MARK_AND, MARK_XOR, MARK_VERDICT };
#define BIT(n)	 (1u << (n))
#define MARK_ALL 0xfu

static const struct pktt_param mark_params[] = {
	[MARK_SET] = {
		.name = "mark-set",
		.aliases = "set-mark",
		.help = "set the mark to this value",
		PKTT_STORE(struct mark_args, set, hex32),
		.excludes = MARK_ALL & ~BIT(MARK_SET),
	},
	[MARK_OR] = {
		.name = "mark-or",
		.help = "set these bits",
		PKTT_STORE(struct mark_args, or, hex32),
		.excludes = MARK_ALL & ~BIT(MARK_OR),
	},
	[MARK_AND] = {
		.name = "mark-and",
		.help = "keep these bits only",
		PKTT_STORE(struct mark_args, and, hex32),
		.excludes = MARK_ALL & ~BIT(MARK_AND),
	},
	[MARK_XOR] = {
		.name = "mark-xor",
		.help = "turn these bits over",
		PKTT_STORE(struct mark_args, xor, hex32),
		.excludes = MARK_ALL & ~BIT(MARK_XOR),
	},
	[MARK_VERDICT] = {
		.name = "mark-target",
		.help = "verdict that follows",
		PKTT_STORE(struct mark_args, verdict, enum8),
		.symbols = br_verdicts,
		.def = "ACCEPT",
		.flags = PKTT_SHOW_ALWAYS,
	},
};

static int mark_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct mark_args *args = vargs;

	(void)ctx;
	if (!(args->head.given & MARK_ALL))
		return pktt_fail(err, -EINVAL,
				 "mark needs --mark-set, --mark-or, --mark-and or "
				 "--mark-xor");
	return 0;
}

static enum pktt_verdict mark_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mark_args *args = vargs;

	(void)state;
	if (pktt_given(args, MARK_SET))
		pkt->mark = args->set;
	else if (pktt_given(args, MARK_OR))
		pkt->mark |= args->or ;
	else if (pktt_given(args, MARK_AND))
		pkt->mark &= args->and;
	else
		pkt->mark ^= args->xor ;
	return (enum pktt_verdict)args->verdict;
}

PKTT_REGISTER(pktt_target, br_mark) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "mark",
		.summary = "set the mark of the frame",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_MARK,
		PKTT_PARAMS(mark_params, struct mark_args),
		.check = mark_check,
	},
	.run = mark_run,
};
