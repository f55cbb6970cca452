/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plain conditions of IPv4, IPv6 and inet rules: ip_packet_match() and ip6_packet_match().
 *
 * An inet rule with an address is a rule of that address's family: it misses the other's packets,
 * with or without "!".
 */
#include "ext/match.h"

#include <errno.h>

struct ip_args {
	struct pktt_args head;
	struct pktt_prefix src, dst;
	struct pktt_ifname in, out;
	uint8_t proto;
	bool fragment;
};

enum { SRC, DST, IN, OUT, PROTO, FRAGMENT };

static const struct pktt_param ip_params[] = {
	[SRC] = {
		.name = "source",
		.aliases = "src",
		.letter = 's',
		.help = "source address, with prefix length or mask",
		PKTT_STORE(struct ip_args, src, prefix),
		.flags = PKTT_NEGATABLE,
	},
	[DST] = {
		.name = "destination",
		.aliases = "dst",
		.letter = 'd',
		.help = "destination address, with prefix length or mask",
		PKTT_STORE(struct ip_args, dst, prefix),
		.flags = PKTT_NEGATABLE,
	},
	[IN] = {
		.name = "in-interface",
		.letter = 'i',
		.help = "interface that the packet came in by; a trailing + stands for any rest",
		PKTT_STORE(struct ip_args, in, ifname),
		.flags = PKTT_NEGATABLE,
	},
	[OUT] = {
		.name = "out-interface",
		.letter = 'o',
		.help = "interface that the packet leaves by; a trailing + stands for any rest",
		PKTT_STORE(struct ip_args, out, ifname),
		.flags = PKTT_NEGATABLE,
	},
	[PROTO] = {
		.name = "protocol",
		.aliases = "proto",
		.letter = 'p',
		.help = "protocol above IP, by name or number; all or 0 is any",
		PKTT_STORE(struct ip_args, proto, proto),
		.flags = PKTT_NEGATABLE,
	},
	[FRAGMENT] = {
		.name = "fragments",
		.aliases = "fragment",
		.letter = 'f',
		.help = "second and further fragments, which have no ports; with ! all others",
		PKTT_STORE(struct ip_args, fragment, flag),
		.flags = PKTT_NEGATABLE,
		.families = PKTT_FAM_V4,
	},
};

static int ip_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct ip_args *args = vargs;

	(void)ctx;
	if (args->proto == 0 && pktt_negated(args, PROTO))
		return pktt_fail(err, -EINVAL, "\"! -p all\" would never match");
	return 0;
}

static bool is_everywhere(const struct pktt_prefix *p)
{
	static const uint8_t none[16];

	return memcmp(p->mask.byte, none, sizeof(none)) == 0;
}

static void mask_address(struct pktt_prefix *p)
{
	for (unsigned int i = 0; i < sizeof(p->addr.byte); i++)
		p->addr.byte[i] &= p->mask.byte[i];
}

/* What says nothing is not kept, as iptables-save does not show it: -s 0/0, -i +, -p all. */
static void ip_canon(const struct pktt_context *ctx, void *vargs)
{
	struct ip_args *args = vargs;

	mask_address(&args->src);
	mask_address(&args->dst);
	/* In an inet rule 0.0.0.0/0 and ::/0 do say something: which family the packet is of. */
	if (ctx->family != PKTT_INET && is_everywhere(&args->src) && !pktt_negated(args, SRC))
		forget(args, SRC);
	if (ctx->family != PKTT_INET && is_everywhere(&args->dst) && !pktt_negated(args, DST))
		forget(args, DST);
	if (iface_is_any(&args->in) && !pktt_negated(args, IN))
		forget(args, IN);
	if (iface_is_any(&args->out) && !pktt_negated(args, OUT))
		forget(args, OUT);
	if (args->proto == 0)
		forget(args, PROTO);
}

static bool addresses_match(const struct ip_args *args, const uint8_t *src, const uint8_t *dst,
			    uint8_t len)
{
	if (pktt_given(args, SRC) &&
	    (args->src.addr.len != len || fails(args, SRC, prefix_has(&args->src, src, len))))
		return false;
	if (pktt_given(args, DST) &&
	    (args->dst.addr.len != len || fails(args, DST, prefix_has(&args->dst, dst, len))))
		return false;
	return true;
}

static enum pktt_hit ip_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct ip_args *args = vargs;
	bool is_v6 = pkt->l3_family == PKTT_IPV6;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, is_v6 ? 40 : 20);
	uint8_t len = is_v6 ? 16 : 4;

	(void)state;
	if (args->head.given == 0)
		return PKTT_HIT;
	if (!h)
		return PKTT_BAD;
	if (!addresses_match(args, h + (is_v6 ? 8 : 12), h + (is_v6 ? 24 : 16), len))
		return PKTT_MISS;
	if (pktt_given(args, IN) && fails(args, IN, iface_is(&args->in, pkt->in)))
		return PKTT_MISS;
	if (pktt_given(args, OUT) && fails(args, OUT, iface_is(&args->out, pkt->out)))
		return PKTT_MISS;
	if (pktt_given(args, PROTO)) {
		/* The way along the extension headers ended in the dark: nobody may guess. */
		if (!pkt->has_l4)
			return PKTT_BAD;
		if (fails(args, PROTO, pkt->protocol == args->proto))
			return PKTT_MISS;
	}
	return hit_if(!fails(args, FRAGMENT, pkt->frag_off != 0));
}

PKTT_REGISTER(pktt_match, head_ip) = {
	.ext = {
		.kind = PKTT_KIND_HEAD,
		.name = "ip",
		.summary = "addresses, interfaces and protocol of IPv4 and IPv6 packets",
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_TUPLE | PKTT_READS_IFACE,
		PKTT_PARAMS(ip_params, struct ip_args),
		.check = ip_check,
		.canon = ip_canon,
	},
	.match = ip_match,
};
