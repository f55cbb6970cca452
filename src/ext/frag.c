/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPv6 fragment header. */
#include "base/buf.h"
#include "core/l3.h"
#include "ext/match.h"

#include <errno.h>
#include <netinet/in.h>

struct frag_args {
	struct pktt_args head;
	struct pktt_range32 id;
	uint32_t length;
	bool reserved, first, more, last;
};

enum { ID, LENGTH, RESERVED, FIRST, MORE, LAST };
enum { HEADER_LEN = 8, OFFSET_BITS = 0xfff8, RESERVED_BITS = 0x6, MORE_BIT = 0x1 };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_param frag_params[] = {
	[ID] = {
		.name = "fragid",
		.help = "identification, or a range of them",
		PKTT_STORE(struct frag_args, id, range32),
		.def = "0:4294967295",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
	[LENGTH] = {
		.name = "fraglen",
		.help = "taken as iptables takes it, and like there without effect",
		PKTT_STORE(struct frag_args, length, u32),
		.flags = PKTT_NEGATABLE,
	},
	[RESERVED] = {
		.name = "fragres",
		.help = "the reserved fields are zero",
		PKTT_STORE(struct frag_args, reserved, flag),
	},
	[FIRST] = {
		.name = "fragfirst",
		.help = "the first fragment",
		PKTT_STORE(struct frag_args, first, flag),
	},
	[MORE] = {
		.name = "fragmore",
		.help = "more fragments follow",
		PKTT_STORE(struct frag_args, more, flag),
		.excludes = BIT(LAST),
	},
	[LAST] = {
		.name = "fraglast",
		.help = "the last fragment",
		PKTT_STORE(struct frag_args, last, flag),
		.excludes = BIT(MORE),
	},
};

static enum pktt_hit frag_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct frag_args *args = vargs;
	uint8_t next;
	uint16_t off;
	int at = pktt_ipv6_find(pkt, IPPROTO_FRAGMENT, &next, &off);
	const uint8_t *h;

	(void)state;
	if (at < 0)
		return at == -ENOENT ? PKTT_MISS : PKTT_BAD;
	h = pktt_packet_read(pkt, PKTT_L3, (uint32_t)at, HEADER_LEN);
	if (!h)
		return PKTT_BAD;
	off = get_be16(h + 2);
	return hit_if(!fails(args, ID, in_range32(&args->id, get_be32(h + 4))) &&
		      !(args->reserved && (h[1] || off & RESERVED_BITS)) &&
		      !(args->first && off & OFFSET_BITS) && !(args->more && !(off & MORE_BIT)) &&
		      !(args->last && off & MORE_BIT));
}

PKTT_REGISTER(pktt_match, frag) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "frag",
		.summary = "fields of the fragment header",
		.families = PKTT_FAM_V6,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(frag_params, struct frag_args),
	},
	.match = frag_match,
};
