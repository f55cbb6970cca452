/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"
#include "ext/match.h"

#include <errno.h>
#include <netinet/in.h>

struct multiport_args {
	struct pktt_args head;
	struct pktt_port_list sports, dports, ports;
};

enum { SPORTS, DPORTS, PORTS };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_param multiport_params[] = {
	[SPORTS] = {
		.name = "sports",
		.aliases = "source-ports source-port sport",
		.help = "up to 15 source ports, a range counting as two",
		PKTT_STORE(struct multiport_args, sports, port_list),
		.flags = PKTT_NEGATABLE,
		.excludes = BIT(DPORTS) | BIT(PORTS),
	},
	[DPORTS] = {
		.name = "dports",
		.aliases = "destination-ports destination-port dport",
		.help = "up to 15 destination ports, a range counting as two",
		PKTT_STORE(struct multiport_args, dports, port_list),
		.flags = PKTT_NEGATABLE,
		.excludes = BIT(SPORTS) | BIT(PORTS),
	},
	[PORTS] = {
		.name = "ports",
		.aliases = "port",
		.help = "up to 15 ports, one of which is the source or the destination",
		PKTT_STORE(struct multiport_args, ports, port_list),
		.flags = PKTT_NEGATABLE,
		.excludes = BIT(SPORTS) | BIT(DPORTS),
	},
};

static int multiport_check(const struct pktt_context *ctx, const void *vargs,
			   struct pktt_error *err)
{
	const struct multiport_args *args = vargs;

	(void)ctx;
	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL, "multiport needs --sports, --dports or --ports");
	return 0;
}

static bool is_listed(const struct pktt_port_list *list, uint16_t port)
{
	for (unsigned int i = 0; i < list->count; i++)
		if (in_range16(&list->range[i], port))
			return true;
	return false;
}

static enum pktt_hit multiport_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct multiport_args *args = vargs;
	const uint8_t *h = pktt_packet_read(pkt, PKTT_L4, 0, 4);

	(void)state;
	if (!h)
		return PKTT_BAD;
	if (pktt_given(args, SPORTS))
		return pktt_test(args, SPORTS, is_listed(&args->sports, get_be16(h)));
	if (pktt_given(args, DPORTS))
		return pktt_test(args, DPORTS, is_listed(&args->dports, get_be16(h + 2)));
	return pktt_test(args, PORTS,
			 is_listed(&args->ports, get_be16(h)) ||
				 is_listed(&args->ports, get_be16(h + 2)));
}

PKTT_REGISTER(pktt_match, multiport) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "multiport",
		.summary = "lists of ports of TCP, UDP, UDP-Lite, SCTP and DCCP",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP, IPPROTO_DCCP },
		.l4_min = 4,
		.reads = PKTT_READS_TUPLE,
		PKTT_PARAMS(multiport_params, struct multiport_args),
		.check = multiport_check,
	},
	.match = multiport_match,
};
