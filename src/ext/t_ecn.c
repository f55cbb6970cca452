/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ECN: take explicit congestion notification (RFC 3168) off connections that break with it. */
#include <errno.h>
#include <netinet/in.h>

#include "ext/edit.h"

enum { TCP_ECE = 0x40, TCP_CWR = 0x80 };

struct ecn_args {
	struct pktt_args head;
	bool remove;
	uint8_t ece, cwr, ect;
};

enum { REMOVE, ECE, CWR, ECT };
#define BIT(n)	 (UINT64_C(1) << (n))
#define TCP_BITS (BIT(REMOVE) | BIT(ECE) | BIT(CWR))

static const struct pktt_param ecn_params[] = {
	[REMOVE] = {
		.name = "ecn-tcp-remove",
		.help = "clear both ECN flags of the TCP header",
		PKTT_STORE(struct ecn_args, remove, flag),
		.excludes = BIT(ECE) | BIT(CWR),
	},
	[ECE] = {
		.name = "ecn-tcp-ece",
		.help = "set the ECE flag of the TCP header to this",
		PKTT_STORE(struct ecn_args, ece, u8),
		.max = 1,
	},
	[CWR] = {
		.name = "ecn-tcp-cwr",
		.help = "set the CWR flag of the TCP header to this",
		PKTT_STORE(struct ecn_args, cwr, u8),
		.max = 1,
	},
	[ECT] = {
		.name = "ecn-ip-ect",
		.help = "set the ECN field of the IPv4 header to this",
		PKTT_STORE(struct ecn_args, ect, u8),
		.max = 3,
	},
};

static int ecn_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct ecn_args *args = vargs;

	(void)ctx;
	if (!args->head.given)
		return pktt_fail(err, -EINVAL, "ECN needs at least one option");
	return 0;
}

/* --ecn-tcp-remove is two zeros; iptables prints it so, but not beside --ecn-ip-ect. */
static void ecn_canon(const struct pktt_context *ctx, void *vargs)
{
	struct ecn_args *args = vargs;
	uint64_t given = args->head.given;
	bool is_removal = given & BIT(REMOVE) ||
			  ((given & BIT(ECE)) && (given & BIT(CWR)) && !args->ece && !args->cwr);

	(void)ctx;
	if (!is_removal)
		return;
	args->remove = !(given & BIT(ECT));
	args->head.given = given & BIT(ECT);
	args->head.given |= args->remove ? BIT(REMOVE) : BIT(ECE) | BIT(CWR);
}

static const uint8_t *ecn_l4(const void *vargs)
{
	static const uint8_t any[8], tcp[8] = { IPPROTO_TCP };
	const struct ecn_args *args = vargs;

	return args->head.given & TCP_BITS ? tcp : any;
}

/* The flags byte after the change. */
static uint8_t tcp_flags(const struct ecn_args *args, uint8_t flags)
{
	if (args->head.given & (BIT(ECE) | BIT(REMOVE)))
		flags = (uint8_t)((flags & ~TCP_ECE) | (args->ece ? TCP_ECE : 0));
	if (args->head.given & (BIT(CWR) | BIT(REMOVE)))
		flags = (uint8_t)((flags & ~TCP_CWR) | (args->cwr ? TCP_CWR : 0));
	return flags;
}

static enum pktt_verdict ecn_run(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ecn_args *args = vargs;
	uint8_t *ip = pktt_packet_write(pkt, PKTT_L3, 0, 20);
	uint8_t *tcp;

	(void)state;
	if (!ip)
		return PKTT_DROP;
	if (pktt_given(args, ECT))
		edit_set_dsfield(pkt, (uint8_t)((ip[1] & 0xfc) | args->ect));
	if (!(args->head.given & TCP_BITS) || ip[9] != IPPROTO_TCP)
		return PKTT_CONTINUE;
	tcp = pktt_packet_write(pkt, PKTT_L3, (ip[0] & 15u) * 4, 20);
	if (!tcp)
		return PKTT_DROP;
	edit_be16(tcp + 16, tcp + 12, (uint16_t)(tcp[12] << 8 | tcp_flags(args, tcp[13])));
	return PKTT_CONTINUE;
}

PKTT_REGISTER(pktt_target, ecn) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "ECN",
		.summary = "change explicit congestion notification",
		.families = PKTT_FAM_V4,
		.tables = "mangle",
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(ecn_params, struct ecn_args),
		.check = ecn_check,
		.canon = ecn_canon,
		.l4_for = ecn_l4,
	},
	.run = ecn_run,
};
