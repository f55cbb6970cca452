/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What extensions that need connection tracking share. Their rules switch it on for their family
 * (PKTT_EXT_NEEDS_CT); an engine without it refuses them at commit, if told so.
 */
#ifndef PKTT_EXT_STATEFUL_H
#define PKTT_EXT_STATEFUL_H

#include <pktt/ext.h>

#define STATEFUL_WHY "needs connection tracking"

struct ct_settings;

/*
 * Connection tracking, NAT and what goes with them for an engine, before its first transaction. settings
 * NULL = the defaults. -ENOMEM.
 */
int stateful_attach(struct pktt_engine *engine, const struct ct_settings *settings,
		    struct pktt_error *err);

/* Protocols that have ports to translate, or, like ICMP, something that serves as one. */
static const uint8_t stateful_port_l4[8] = { 6, 17, 132, 33, 136, 1 };

#endif
