/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SNPT and DNPT: IPv6 prefix translation without state (RFC 6296). The difference of the prefixes'
 * checksums is taken out of a word of the address, so that no checksum above changes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "core/env.h"
#include "core/reply_icmp.h"

enum { IP_LEN = 40, SRC_AT = 8, DST_AT = 24, ADDR_LEN = 16 };

struct npt_args {
	struct pktt_args head;
	struct pktt_prefix from, to;
};

enum { SRC_PFX, DST_PFX };

static const struct pktt_param npt_params[] = {
	[SRC_PFX] = {
		.name = "src-pfx",
		.help = "prefix to translate",
		PKTT_STORE(struct npt_args, from, prefix),
		.flags = PKTT_REQUIRED,
	},
	[DST_PFX] = {
		.name = "dst-pfx",
		.help = "prefix to translate it to",
		PKTT_STORE(struct npt_args, to, prefix),
		.flags = PKTT_REQUIRED,
	},
};

/* Bits of a mask without holes, or -1. */
static int mask_bits(const struct pktt_addr *mask)
{
	unsigned int bits = 0;

	while (bits < 128 && mask->byte[bits / 8] >> (7 - bits % 8) & 1)
		bits++;
	for (unsigned int i = bits; i < 128; i++)
		if (mask->byte[i / 8] >> (7 - i % 8) & 1)
			return -1;
	return (int)bits;
}

static int npt_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct npt_args *args = vargs;
	int from = mask_bits(&args->from.mask), to = mask_bits(&args->to.mask);

	if (from < 0 || to < 0 || from > 64 || to > 64)
		return pktt_fail(err, -ERANGE, "%s: prefixes have at most 64 bits", ctx->ext->name);
	return 0;
}

static uint32_t sum_of(const struct pktt_addr *addr)
{
	return pktt_csum_add(0, addr->byte, ADDR_LEN);
}

/* The word that takes up the difference: the last of a /48, else the first that is not all ones. */
static int word_for(const uint8_t *addr, int prefix)
{
	if (prefix <= 48)
		return 6;
	for (int at = 8; at < ADDR_LEN; at += 2)
		if (get_be16(addr + at) != 0xffff)
			return at;
	return -1;
}

/* false = no word can take it up. */
static bool translate(uint8_t *addr, const struct npt_args *args)
{
	int from = mask_bits(&args->from.mask), to = mask_bits(&args->to.mask);
	int prefix = from > to ? from : to;
	int at;
	uint32_t sum;

	for (int i = 0; i < prefix; i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		addr[i / 8] = (uint8_t)((addr[i / 8] & ~bit) | (args->to.addr.byte[i / 8] & bit));
	}
	at = word_for(addr, prefix);
	if (at < 0)
		return false;
	/* word + sum(from) - sum(to), in one's complement; all ones become zero */
	sum = pktt_csum_add(get_be16(addr + at), args->from.addr.byte, ADDR_LEN);
	sum = (sum & 0xffff) + (sum >> 16) + pktt_csum_fold(sum_of(&args->to.addr));
	sum = (uint16_t)~pktt_csum_fold(sum);
	put_be16(addr + at, sum == 0xffff ? 0 : (uint16_t)sum);
	return true;
}

static bool has_prefix(const uint8_t *addr, const struct pktt_prefix *prefix)
{
	for (unsigned int i = 0; i < ADDR_LEN; i++)
		if ((addr[i] & prefix->mask.byte[i]) != prefix->addr.byte[i])
			return false;
	return true;
}

/* icmpv6_is_err(): the four that are defined. */
static bool is_error(uint8_t type)
{
	return type >= 1 && type <= 4;
}

/* The address at inner of the packet that an ICMPv6 error quotes has the other side's prefix. */
static void translate_quoted(struct pktt_packet *pkt, const struct npt_args *args, uint32_t inner)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, IP_LEN + 1);
	uint8_t *addr;

	if (!ip || ip[6] != IPPROTO_ICMPV6 || !is_error(ip[IP_LEN]))
		return;
	addr = pktt_packet_write(pkt, PKTT_L3, IP_LEN + 8 + inner, ADDR_LEN);
	if (addr && pktt_packet_read(pkt, PKTT_L3, IP_LEN + 8, IP_LEN) &&
	    has_prefix(addr, &args->from))
		translate(addr, args);
}

/* Parameter problem, pointing at the address. */
static void refuse(struct pktt_packet *pkt, uint32_t at)
{
	struct pktt_packet *reply = NULL;

	if (pktt_reply_icmp_error(&reply, pkt, 4, 0, at) == 0 && pkt->env->ops->emit)
		pkt->env->ops->emit(pkt->env, &reply, pkt);
	pktt_packet_free(&reply);
}

static enum pktt_verdict npt_run(struct pktt_packet *pkt, const struct npt_args *args, uint32_t at,
				 uint32_t inner)
{
	uint8_t *addr = pktt_packet_write(pkt, PKTT_L3, at, ADDR_LEN);

	if (!addr)
		return PKTT_DROP;
	if (!translate(addr, args)) {
		refuse(pkt, at);
		return PKTT_DROP;
	}
	translate_quoted(pkt, args, inner);
	return PKTT_CONTINUE;
}

static enum pktt_verdict snpt_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)state;
	return npt_run(pkt, args, SRC_AT, DST_AT);
}

static enum pktt_verdict dnpt_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)state;
	return npt_run(pkt, args, DST_AT, SRC_AT);
}

PKTT_REGISTER(pktt_target, snpt) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "SNPT",
		.summary = "translate the prefix of the source without state",
		.families = PKTT_FAM_V6,
		.tables = "mangle",
		.hooks = PKTT_HOOK(PKTT_LOCAL_IN) | PKTT_HOOK(PKTT_POST_ROUTING),
		.reads = PKTT_READS_TUPLE,
		PKTT_PARAMS(npt_params, struct npt_args),
		.check = npt_check,
	},
	.run = snpt_run,
};

PKTT_REGISTER(pktt_target, dnpt) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "DNPT",
		.summary = "translate the prefix of the destination without state",
		.families = PKTT_FAM_V6,
		.tables = "mangle",
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_OUT),
		.reads = PKTT_READS_TUPLE,
		PKTT_PARAMS(npt_params, struct npt_args),
		.check = npt_check,
	},
	.run = dnpt_run,
};
