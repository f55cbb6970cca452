/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetBIOS name service: a query to the subnet's broadcast address, answered by whoever has the name. */
#include "helper/broadcast.h"

#include <netinet/in.h>

#define TIMEOUT 3

static const struct ct_expect_policy netbios_ns_classes[] = {
	{ .name = "default", .max = 1, .timeout = TIMEOUT },
};

static enum pktt_verdict netbios_ns_help(struct pktt_packet *pkt, struct conn *conn,
					 enum pktt_ct_info info);

PKTT_HELPER(netbios_ns) = {
	.name = "netbios-ns",
	.families = PKTT_FAM_V4,
	.protocol = { IPPROTO_UDP },
	.ports = { 137 },
	.classes = netbios_ns_classes,
	.nclasses = 1,
	.help = netbios_ns_help,
};

static enum pktt_verdict netbios_ns_help(struct pktt_packet *pkt, struct conn *conn,
					 enum pktt_ct_info info)
{
	help_broadcast(pkt, conn, info, &helper_netbios_ns, TIMEOUT);
	return PKTT_ACCEPT;
}
