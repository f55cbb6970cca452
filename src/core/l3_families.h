/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The handlers that there are, and what IPv4, IPv6 and inet have in common. */
#ifndef PKTT_CORE_L3_FAMILIES_H
#define PKTT_CORE_L3_FAMILIES_H

#include "core/l3.h"

extern const struct pktt_l3 pktt_l3_ipv4, pktt_l3_ipv6, pktt_l3_inet, pktt_l3_arp, pktt_l3_bridge;
extern const char *const pktt_ip_hook_names[PKTT_HOOK_COUNT];

/* linux/netfilter_ipv4.h, enum nf_ip_hook_priorities; listing order is iptables-save's. */
/* clang-format off */
#define PKTT_IP_TABLES                                                                            \
	{ "raw", { { PKTT_PRE_ROUTING, -300 }, { PKTT_LOCAL_OUT, -300 } }, 2 },                   \
	{ "mangle", { { PKTT_PRE_ROUTING, -150 }, { PKTT_LOCAL_IN, -150 },                        \
		      { PKTT_FORWARD, -150 }, { PKTT_LOCAL_OUT, -150 },                           \
		      { PKTT_POST_ROUTING, -150 } }, 5 },                                         \
	{ "nat", { { PKTT_PRE_ROUTING, -100 }, { PKTT_LOCAL_IN, 100 },                            \
		   { PKTT_LOCAL_OUT, -100 }, { PKTT_POST_ROUTING, 100 } }, 4 },                   \
	{ "filter", { { PKTT_LOCAL_IN, 0 }, { PKTT_FORWARD, 0 }, { PKTT_LOCAL_OUT, 0 } }, 3 },    \
	{ "security", { { PKTT_LOCAL_IN, 50 }, { PKTT_FORWARD, 50 }, { PKTT_LOCAL_OUT, 50 } }, 3 }
/* clang-format on */

#endif
