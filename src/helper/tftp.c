/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TFTP (RFC 1350): the server answers a request from a port of its own choice, to the port that the
 * request came from.
 */
#include "helper/help.h"

#include <netinet/in.h>

enum { TFTP_READ = 1, TFTP_WRITE = 2 };

static enum pktt_verdict tftp_help(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info)
{
	struct announcement what = { .protocol = IPPROTO_UDP };
	struct pktt_addr src;
	struct help help;
	uint16_t opcode;

	if (!help_begin(&help, pkt, conn, info) || !buf_get_be16(&help.payload, &opcode) ||
	    (opcode != TFTP_READ && opcode != TFTP_WRITE))
		return PKTT_ACCEPT;
	src = ct_tuple_src(&help.tuple[CT_REPLY]);
	what.src = &src;
	what.dst = ct_tuple_dst(&help.tuple[CT_REPLY]);
	what.port = help.tuple[CT_REPLY].dport;
	what.follows = true;
	what.nat_dir = CT_REPLY;
	what.saved_port = help.tuple[CT_ORIGINAL].sport;
	return help_announce(&help, &what);
}

static const struct ct_expect_policy tftp_classes[] = {
	{ .name = "default", .max = 1, .timeout = 5 * 60 },
};

PKTT_HELPER(tftp) = {
	.name = "tftp",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.protocol = { IPPROTO_UDP },
	.ports = { 69 },
	.classes = tftp_classes,
	.nclasses = 1,
	.help = tftp_help,
};
