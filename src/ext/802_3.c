/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The logical link control header of 802.3 frames. */
#include "base/buf.h"
#include "ext/head_bridge.h"
#include "ext/match.h"

#include <errno.h>

struct llc_args {
	struct pktt_args head;
	uint8_t sap;
	uint16_t type;
};

enum { SAP, TYPE };
enum { SNAP = 0xaa, UNNUMBERED = 0x03 };

static const struct pktt_param llc_params[] = {
	[SAP] = {
		.name = "802_3-sap",
		.help = "source and destination service access point",
		PKTT_STORE(struct llc_args, sap, u8),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HEX,
	},
	[TYPE] = {
		.name = "802_3-type",
		.help = "protocol of a frame whose service access point is 0xaa (SNAP)",
		PKTT_STORE(struct llc_args, type, u16),
		.flags = PKTT_NEGATABLE | PKTT_SHOW_HEX,
	},
};

static int llc_check_rule(const struct pktt_rule_spec *rule, const void *args,
			  struct pktt_error *err)
{
	(void)args;
	if (bridge_rule_proto(rule) == BRIDGE_LENGTH)
		return 0;
	return pktt_fail(err, -EINVAL, "802_3 needs -p LENGTH");
}

/* The control field has one byte in unnumbered frames, two in others; the type is behind it. */
static enum pktt_hit match_type(const struct pktt_packet *pkt, const struct llc_args *args,
				const uint8_t *h)
{
	const uint8_t *type = pktt_packet_read(pkt, PKTT_L3, h[2] & UNNUMBERED ? 6 : 7, 2);

	if (h[0] != SNAP || h[1] != SNAP)
		return PKTT_MISS;
	return type ? pktt_test(args, TYPE, get_be16(type) == args->type) : unread(pkt);
}

static enum pktt_hit llc_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct llc_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, 3);

	(void)state;
	if (!h)
		return unread(pkt);
	if (fails(args, SAP, h[1] == args->sap) || fails(args, SAP, h[0] == args->sap))
		return PKTT_MISS;
	return pktt_given(args, TYPE) ? match_type(pkt, args, h) : PKTT_HIT;
}

PKTT_REGISTER(pktt_match, llc) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "802_3",
		.summary = "the logical link control header of 802.3 frames",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(llc_params, struct llc_args),
		.check_rule = llc_check_rule,
	},
	.match = llc_match,
};
