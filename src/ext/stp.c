/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spanning tree configuration messages, IEEE 802.1D. */
#include "base/buf.h"
#include "ext/match.h"

#include <errno.h>

struct stp_args {
	struct pktt_args head;
	uint8_t type, flags;
	struct pktt_range16 root_prio, sender_prio, port;
	struct pktt_mac_mask root_addr, sender_addr;
	struct pktt_range32 root_cost;
	struct pktt_range16 msg_age, max_age, hello_time, forward_delay;
};

enum {
	TYPE,
	FLAGS,
	ROOT_PRIO,
	ROOT_ADDR,
	ROOT_COST,
	SENDER_PRIO,
	SENDER_ADDR,
	PORT,
	MSG_AGE,
	MAX_AGE,
	HELLO_TIME,
	FORWARD_DELAY,
};
enum { HEADER_LEN = 6, CONFIG_LEN = 31 };

static const struct pktt_symbol types[] = { { "config", 0 }, { "tcn", 0x80 }, { NULL, 0 } };

static const struct pktt_symbol flag_names[] = {
	{ "topology-change", 0x01 },
	{ "topology-change-ack", 0x80 },
	{ NULL, 0 },
};

#define STP_PARAM(n, f, ty, text) \
	.name = (n), .help = (text), PKTT_STORE(struct stp_args, f, ty), .flags = PKTT_NEGATABLE

/* clang-format off */
static const struct pktt_param stp_params[] = {
	[TYPE] = {
		.name = "stp-type",
		.help = "type of message; the kernel only looks at config",
		PKTT_STORE(struct stp_args, type, enum8),
		.symbols = types,
		.flags = PKTT_NEGATABLE | PKTT_NUMERIC | PKTT_CASELESS,
	},
	[FLAGS] = {
		.name = "stp-flags",
		.help = "flags, by name or number",
		PKTT_STORE(struct stp_args, flags, enum8),
		.symbols = flag_names,
		.flags = PKTT_NEGATABLE | PKTT_NUMERIC,
	},
	[ROOT_PRIO] = { STP_PARAM("stp-root-prio", root_prio, range16, "priority of the root") },
	[ROOT_ADDR] = { STP_PARAM("stp-root-addr", root_addr, mac_mask, "address of the root") },
	[ROOT_COST] = { STP_PARAM("stp-root-cost", root_cost, range32, "cost of the way to the root") },
	[SENDER_PRIO] = { STP_PARAM("stp-sender-prio", sender_prio, range16, "priority of the sender") },
	[SENDER_ADDR] = { STP_PARAM("stp-sender-addr", sender_addr, mac_mask, "address of the sender") },
	[PORT] = { STP_PARAM("stp-port", port, range16, "port of the sender") },
	[MSG_AGE] = { STP_PARAM("stp-msg-age", msg_age, range16, "age of the message in 1/256 s") },
	[MAX_AGE] = { STP_PARAM("stp-max-age", max_age, range16, "greatest age in 1/256 s") },
	[HELLO_TIME] = { STP_PARAM("stp-hello-time", hello_time, range16, "hello time in 1/256 s") },
	[FORWARD_DELAY] = { STP_PARAM("stp-forward-delay", forward_delay, range16,
				      "forward delay in 1/256 s") },
};
/* clang-format on */

static int stp_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct stp_args *args = vargs;

	(void)ctx;
	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL, "stp needs an option");
	return 0;
}

static bool config_matches(const struct stp_args *a, const uint8_t *h)
{
	return !fails(a, FLAGS, h[0] == a->flags) &&
	       !fails(a, ROOT_PRIO, in_range16(&a->root_prio, get_be16(h + 1))) &&
	       !fails(a, ROOT_ADDR, mac_is(&a->root_addr, h + 3)) &&
	       !fails(a, ROOT_COST, in_range32(&a->root_cost, get_be32(h + 9))) &&
	       !fails(a, SENDER_PRIO, in_range16(&a->sender_prio, get_be16(h + 13))) &&
	       !fails(a, SENDER_ADDR, mac_is(&a->sender_addr, h + 15)) &&
	       !fails(a, PORT, in_range16(&a->port, get_be16(h + 21))) &&
	       !fails(a, MSG_AGE, in_range16(&a->msg_age, get_be16(h + 23))) &&
	       !fails(a, MAX_AGE, in_range16(&a->max_age, get_be16(h + 25))) &&
	       !fails(a, HELLO_TIME, in_range16(&a->hello_time, get_be16(h + 27))) &&
	       !fails(a, FORWARD_DELAY, in_range16(&a->forward_delay, get_be16(h + 29)));
}

/* Linux compares the whole header, type included: of other messages than config none matches. */
static enum pktt_hit stp_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	static const uint8_t header[HEADER_LEN] = { 0x42, 0x42, 0x03 };
	const struct stp_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L3, 0, HEADER_LEN), *config;

	(void)state;
	if (!h)
		return unread(pkt);
	if (memcmp(h, header, sizeof(header)) != 0 || fails(args, TYPE, args->type == 0))
		return PKTT_MISS;
	if ((args->head.given & ~UINT64_C(1)) == 0)
		return PKTT_HIT;
	config = pktt_packet_read(pkt, PKTT_L3, HEADER_LEN, CONFIG_LEN);
	return config ? hit_if(config_matches(args, config)) : unread(pkt);
}

PKTT_REGISTER(pktt_match, stp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "stp",
		.summary = "spanning tree configuration messages",
		.families = PKTT_FAM_BR,
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_IMPLICIT,
		PKTT_PARAMS(stp_params, struct stp_args),
		.check = stp_check,
	},
	.match = stp_match,
};
