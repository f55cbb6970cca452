/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SANE: the answer to the request NET_START names the TCP port at which the scanner's daemon hands out
 * the image. Announced only; what is translated is not followed, as Linux has it.
 */
#include "helper/help.h"

#include <netinet/in.h>

#define REQUEST_LEN    8u
#define SANE_NET_START 7u

struct sane_state {
	uint8_t is_started; /* the next answer is to NET_START */
};

static void read_request(struct sane_state *state, struct buf request)
{
	uint32_t code;

	if (buf_left(&request) == REQUEST_LEN && buf_get_be32(&request, &code))
		__atomic_store_n(&state->is_started, code == SANE_NET_START, __ATOMIC_RELAXED);
}

static enum pktt_verdict read_answer(const struct help *help)
{
	struct pktt_addr src = ct_tuple_src(&help->tuple[CT_ORIGINAL]);
	struct announcement what = {
		.protocol = IPPROTO_TCP,
		.src = &src,
		.dst = ct_tuple_dst(&help->tuple[CT_ORIGINAL]),
	};
	struct buf answer = help->payload;
	uint16_t zero, port;
	uint32_t status;

	buf_get_be32(&answer, &status);
	buf_get_be16(&answer, &zero);
	if (!buf_get_be16(&answer, &port) || status != 0 || zero != 0)
		return PKTT_ACCEPT;
	what.port = htons(port);
	return help_announce(help, &what);
}

static enum pktt_verdict sane_help(struct pktt_packet *pkt, struct conn *conn,
				   enum pktt_ct_info info)
{
	struct sane_state *state = conn_helper_data(conn);
	struct help help;

	if (!state || !help_is_established(info) || !help_begin(&help, pkt, conn, info) ||
	    !buf_left(&help.payload))
		return PKTT_ACCEPT;
	if (help.dir == CT_ORIGINAL) {
		read_request(state, help.payload);
		return PKTT_ACCEPT;
	}
	if (!__atomic_exchange_n(&state->is_started, 0, __ATOMIC_RELAXED))
		return PKTT_ACCEPT;
	return read_answer(&help);
}

static const struct ct_expect_policy sane_classes[] = {
	{ .name = "default", .max = 1, .timeout = 5 * 60 },
};

PKTT_HELPER(sane) = {
	.name = "sane",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.protocol = { IPPROTO_TCP },
	.ports = { 6566 },
	.classes = sane_classes,
	.nclasses = 1,
	.data_size = sizeof(struct sane_state),
	.help = sane_help,
};
