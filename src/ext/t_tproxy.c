/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TPROXY: hand the packet to a local socket without changing it. Where no socket listens, Linux
 * drops.
 */
#include <netinet/in.h>

#include "core/packet.h"

struct tproxy_args {
	struct pktt_args head;
	uint16_t port;
	struct pktt_addr ip;
	struct pktt_mask32 mark;
};

enum { ON_PORT, ON_IP4, ON_IP6, MARK };

static const struct pktt_param tproxy_params[] = {
	[ON_PORT] = {
		.name = "on-port",
		.help = "port of the socket, 0 for the packet's own",
		PKTT_STORE(struct tproxy_args, port, port),
		.flags = PKTT_REQUIRED,
	},
	[ON_IP4] = {
		.name = "on-ip",
		.help = "address of the socket, 0.0.0.0 for the incoming interface's",
		PKTT_STORE(struct tproxy_args, ip, addr),
		.families = PKTT_FAM_V4,
		.def = "0.0.0.0",
		.flags = PKTT_SHOW_ALWAYS,
	},
	[ON_IP6] = {
		.name = "on-ip",
		.help = "address of the socket, :: for the incoming interface's",
		PKTT_STORE(struct tproxy_args, ip, addr),
		.families = PKTT_FAM_V6,
		.def = "::",
		.flags = PKTT_SHOW_ALWAYS,
	},
	[MARK] = {
		.name = "tproxy-mark",
		.help = "mark that routes the packet to this host",
		PKTT_STORE(struct tproxy_args, mark, xmark),
		.def = "0x0/0x0",
		.flags = PKTT_SHOW_ALWAYS,
	},
};

static enum pktt_verdict tproxy_run(struct pktt_packet *pkt, const void *args, void *state)
{
	(void)pkt;
	(void)args;
	(void)state;
	return PKTT_DROP;
}

PKTT_REGISTER(pktt_target, tproxy) = {
	.ext = {
		.kind = PKTT_KIND_TARGET,
		.name = "TPROXY",
		.summary = "hand the packet to a local proxy as it is",
		.why = "needs the sockets of a live host: without one the packet is dropped",
		.families = PKTT_FAM_V4 | PKTT_FAM_V6,
		.tables = "mangle",
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING),
		.l4 = { IPPROTO_TCP, IPPROTO_UDP },
		.reads = PKTT_READS_HOST,
		.flags = PKTT_EXT_LIVE_ONLY,
		PKTT_PARAMS(tproxy_params, struct tproxy_args),
	},
	.run = tproxy_run,
};
