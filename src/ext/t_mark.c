/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MARK: mark = (mark & ~MASK) ^ VALUE. All of its spellings are that one operation; arptables and
 * ebtables have names of their own for it.
 */
#include <errno.h>

#include "core/packet.h"
#include "ext/mark_words.h"

struct mark_args {
	struct pktt_args head;
	struct pktt_mask32 set;
};

static enum pktt_verdict mark_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct mark_args *args = vargs;

	(void)state;
	pkt->mark = (pkt->mark & ~args->set.mask) ^ args->set.value;
	return PKTT_CONTINUE;
}

enum { SET_XMARK, SET_MARK, AND_MARK, OR_MARK, XOR_MARK };

static const struct pktt_param mark_params[] = {
	[SET_XMARK] = {
		.name = "set-xmark",
		.help = "clear the bits of MASK, then XOR with VALUE",
		PKTT_STORE(struct mark_args, set, xmark),
		.flags = PKTT_REQUIRED,
	},
	[SET_MARK] = {
		.name = "set-mark",
		.help = "clear the bits of MASK, then OR with VALUE",
		PKTT_SAME_AS(SET_XMARK),
		PKTT_TAKES(mark),
		.convert = from_mark,
	},
	[AND_MARK] = {
		.name = "and-mark",
		.help = "keep these bits only",
		PKTT_SAME_AS(SET_XMARK),
		PKTT_TAKES(hex32),
		.convert = from_and,
	},
	[OR_MARK] = {
		.name = "or-mark",
		.help = "set these bits",
		PKTT_SAME_AS(SET_XMARK),
		PKTT_TAKES(hex32),
		.convert = from_or,
	},
	[XOR_MARK] = {
		.name = "xor-mark",
		.help = "turn these bits over",
		PKTT_SAME_AS(SET_XMARK),
		PKTT_TAKES(hex32),
		.convert = from_xor,
	},
};

PKTT_REGISTER(pktt_target, mark) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "MARK",
		.summary = "set the mark of the packet",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_MARK,
		PKTT_PARAMS(mark_params, struct mark_args),
	},
	.run = mark_run,
};

/* --- arptables: the three operations are options of their own --------------------------------- */

struct arp_mark_args {
	struct pktt_args head;
	uint32_t set, and, or ;
};

enum { ARP_SET, ARP_AND, ARP_OR };
#define BIT(n)	(1u << (n))
#define ARP_ALL 0x7u

static const struct pktt_param arp_mark_params[] = {
	[ARP_SET] = {
		.name = "set-mark",
		.help = "set the mark to this value",
		PKTT_STORE(struct arp_mark_args, set, hex32),
		.excludes = ARP_ALL & ~BIT(ARP_SET),
	},
	[ARP_AND] = {
		.name = "and-mark",
		.help = "keep these bits only",
		PKTT_STORE(struct arp_mark_args, and, hex32),
		.excludes = ARP_ALL & ~BIT(ARP_AND),
	},
	[ARP_OR] = {
		.name = "or-mark",
		.help = "set these bits",
		PKTT_STORE(struct arp_mark_args, or, hex32),
		.excludes = ARP_ALL & ~BIT(ARP_OR),
	},
};

static int arp_mark_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct arp_mark_args *args = vargs;

	(void)ctx;
	if (!args->head.given)
		return pktt_fail(err, -EINVAL, "MARK needs --set-mark, --and-mark or --or-mark");
	return 0;
}

static enum pktt_verdict arp_mark_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct arp_mark_args *args = vargs;

	(void)state;
	if (pktt_given(args, ARP_SET))
		pkt->mark = args->set;
	if (pktt_given(args, ARP_AND))
		pkt->mark &= args->and;
	if (pktt_given(args, ARP_OR))
		pkt->mark |= args->or ;
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, arp_mark) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "MARK",
		.summary = "set the mark of the packet",
		.families = PKTT_FAM_ARP,
		.reads = PKTT_READS_MARK,
		PKTT_PARAMS(arp_mark_params, struct arp_mark_args),
		.check = arp_mark_check,
	},
	.run = arp_mark_run,
};
