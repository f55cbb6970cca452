/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPv6 routing header. */
#include "base/buf.h"
#include "core/l3.h"
#include "ext/match.h"

#include <errno.h>
#include <netinet/in.h>

struct rt_args {
	struct pktt_args head;
	uint32_t type;
	struct pktt_range32 segsleft;
	uint32_t length;
	bool reserved, not_strict;
	struct pktt_addr_list addrs;
};

enum { TYPE, SEGSLEFT, LENGTH, RESERVED, ADDRS, NOT_STRICT };
enum { FIXED = 4, ADDRS_AT = 8, ADDR_LEN = 16 };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_param rt_params[] = {
	[TYPE] = {
		.name = "rt-type",
		.help = "routing type",
		PKTT_STORE(struct rt_args, type, u32),
		.flags = PKTT_NEGATABLE,
	},
	[SEGSLEFT] = {
		.name = "rt-segsleft",
		.help = "segments left, or a range",
		PKTT_STORE(struct rt_args, segsleft, range32),
		.def = "0:4294967295",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
	[LENGTH] = {
		.name = "rt-len",
		.help = "length of the header in bytes",
		PKTT_STORE(struct rt_args, length, u32),
		.flags = PKTT_NEGATABLE,
	},
	[RESERVED] = {
		.name = "rt-0-res",
		.help = "the reserved field of type 0 is zero",
		PKTT_STORE(struct rt_args, reserved, flag),
		.needs = BIT(TYPE),
	},
	[ADDRS] = {
		.name = "rt-0-addrs",
		.help = "the addresses of type 0 are exactly these",
		PKTT_STORE(struct rt_args, addrs, addr_list),
		.needs = BIT(TYPE),
	},
	[NOT_STRICT] = {
		.name = "rt-0-not-strict",
		.help = "others may stand between the addresses",
		PKTT_STORE(struct rt_args, not_strict, flag),
		.needs = BIT(ADDRS),
	},
};

static int rt_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct rt_args *args = vargs;

	(void)ctx;
	if ((args->reserved || pktt_given(args, ADDRS)) && (args->type || pktt_negated(args, TYPE)))
		return pktt_fail(err, -EINVAL, "--rt-0-res and --rt-0-addrs need --rt-type 0");
	return 0;
}

/* Whether the listed addresses stand in the header in this order, from the first if is_strict. */
static enum pktt_hit find_addrs(const struct pktt_packet *pkt, uint32_t at, uint32_t n,
				const struct rt_args *args)
{
	unsigned int found = 0;

	for (uint32_t i = 0; i < n && found < args->addrs.count; i++) {
		const uint8_t *a =
			pktt_packet_read(pkt, PKTT_L3, at + ADDRS_AT + i * ADDR_LEN, ADDR_LEN);

		if (!a)
			return PKTT_BAD;
		if (memcmp(a, args->addrs.addr[found].byte, ADDR_LEN) == 0)
			found++;
		else if (!args->not_strict)
			break;
	}
	return hit_if(found == args->addrs.count && (args->not_strict || found == n));
}

static enum pktt_hit match_type0(const struct pktt_packet *pkt, uint32_t at, uint32_t len,
				 const struct rt_args *args)
{
	const uint8_t *reserved;

	if (args->reserved) {
		reserved = pktt_packet_read(pkt, PKTT_L3, at + FIXED, 4);
		if (!reserved)
			return PKTT_BAD;
		if (get_be32(reserved))
			return PKTT_MISS;
	}
	if (!pktt_given(args, ADDRS))
		return PKTT_HIT;
	return find_addrs(pkt, at, (len - ADDRS_AT) / ADDR_LEN, args);
}

static enum pktt_hit rt_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct rt_args *args = vargs;
	uint8_t next;
	uint16_t frag;
	int at = pktt_ipv6_find(pkt, IPPROTO_ROUTING, &next, &frag);
	const uint8_t *h;
	uint32_t len;

	(void)state;
	if (at < 0)
		return at == -ENOENT ? PKTT_MISS : PKTT_BAD;
	h = pktt_packet_read(pkt, PKTT_L3, (uint32_t)at, FIXED);
	if (!h)
		return PKTT_BAD;
	len = ((uint32_t)h[1] + 1) << 3;
	/* A header that is longer than its packet. */
	if (pktt_packet_wire_len(pkt) - (uint32_t)at < len)
		return PKTT_BAD;
	if (fails(args, SEGSLEFT, in_range32(&args->segsleft, h[3])) ||
	    fails(args, LENGTH, len == args->length) || fails(args, TYPE, h[2] == args->type))
		return PKTT_MISS;
	return match_type0(pkt, (uint32_t)at, len, args);
}

PKTT_REGISTER(pktt_match, rt) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "rt",
		.summary = "fields of the routing header",
		.families = PKTT_FAM_V6,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(rt_params, struct rt_args),
		.check = rt_check,
	},
	.match = rt_match,
};
