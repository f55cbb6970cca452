/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPv6 hop-by-hop (hbh) and destination (dst) options headers. */
#include "core/l3.h"
#include "ext/match.h"

#include <errno.h>
#include <netinet/in.h>

struct opts_args {
	struct pktt_args head;
	uint32_t length;
	struct pktt_opt_list opts;
};

enum { LENGTH, OPTS };
enum { FIXED = 2, PAD1 = 0, ANY_LEN = 0xffff };

static const struct pktt_param hbh_params[] = {
	[LENGTH] = {
		.name = "hbh-len",
		.help = "length of the header in bytes",
		PKTT_STORE(struct opts_args, length, u32),
		.flags = PKTT_NEGATABLE,
	},
	[OPTS] = {
		.name = "hbh-opts",
		.help = "the header begins with these options, each by number and optional length",
		PKTT_STORE(struct opts_args, opts, opt_list),
	},
};

static const struct pktt_param dst_params[] = {
	[LENGTH] = {
		.name = "dst-len",
		.help = "length of the header in bytes",
		PKTT_STORE(struct opts_args, length, u32),
		.flags = PKTT_NEGATABLE,
	},
	[OPTS] = {
		.name = "dst-opts",
		.help = "the header begins with these options, each by number and optional length",
		PKTT_STORE(struct opts_args, opts, opt_list),
	},
};

/* Bytes from an option to the next, or 0 where it is not the wanted one. */
static uint32_t step_over(const struct pktt_packet *pkt, uint32_t at, uint32_t left,
			  const struct pktt_opt *want)
{
	const uint8_t *type = left ? pktt_packet_read(pkt, PKTT_L3, at, 1) : NULL;
	const uint8_t *len;

	if (!type || *type != want->type)
		return 0;
	if (*type == PAD1)
		return 1;
	len = left > 1 ? pktt_packet_read(pkt, PKTT_L3, at + 1, 1) : NULL;
	if (!len || (want->len != ANY_LEN && want->len != *len))
		return 0;
	return *len + 2u;
}

/* The last listed option may reach beyond the header; whether it does is not looked at in Linux. */
static bool begins_with(const struct pktt_packet *pkt, uint32_t at, uint32_t left,
			const struct pktt_opt_list *list)
{
	for (unsigned int i = 0; i < list->count; i++) {
		uint32_t len = step_over(pkt, at, left, &list->opt[i]);

		if (len == 0)
			return false;
		if (i + 1u == list->count)
			break;
		if (len > left)
			return false;
		at += len;
		left -= len;
	}
	return true;
}

static enum pktt_hit opts_match(struct pktt_packet *pkt, const struct opts_args *args, int type)
{
	uint8_t next;
	uint16_t frag;
	int at = pktt_ipv6_find(pkt, type, &next, &frag);
	const uint8_t *h;
	uint32_t len;

	if (at < 0)
		return at == -ENOENT ? PKTT_MISS : PKTT_BAD;
	h = pktt_packet_read(pkt, PKTT_L3, (uint32_t)at, FIXED);
	if (!h)
		return PKTT_BAD;
	len = ((uint32_t)h[1] + 1) << 3;
	/* A header that is longer than its packet. */
	if (pktt_packet_wire_len(pkt) - (uint32_t)at < len)
		return PKTT_BAD;
	if (fails(args, LENGTH, len == args->length))
		return PKTT_MISS;
	return hit_if(!pktt_given(args, OPTS) ||
		      begins_with(pkt, (uint32_t)at + FIXED, len - FIXED, &args->opts));
}

static enum pktt_hit hbh_match(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)state;
	return opts_match(pkt, args, IPPROTO_HOPOPTS);
}

static enum pktt_hit dst_match(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)state;
	return opts_match(pkt, args, IPPROTO_DSTOPTS);
}

PKTT_REGISTER(pktt_match, hbh) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "hbh",
		.summary = "hop-by-hop options",
		.families = PKTT_FAM_V6,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(hbh_params, struct opts_args),
	},
	.match = hbh_match,
};

PKTT_REGISTER(pktt_match, dst) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "dst",
		.summary = "destination options",
		.families = PKTT_FAM_V6,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(dst_params, struct opts_args),
	},
	.match = dst_match,
};
