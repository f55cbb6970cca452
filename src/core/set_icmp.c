/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of ICMP types with codes, as ipset prints them; the first name of a value prints. */
#include "core/set_words.h"

#include <errno.h>
#include <string.h>

#define ICMP(type, code) ((type) << 8 | (code))

static const struct pktt_symbol icmp[] = {
	{ "echo-reply", ICMP(0, 0) },
	{ "pong", ICMP(0, 0) },
	{ "network-unreachable", ICMP(3, 0) },
	{ "host-unreachable", ICMP(3, 1) },
	{ "protocol-unreachable", ICMP(3, 2) },
	{ "port-unreachable", ICMP(3, 3) },
	{ "fragmentation-needed", ICMP(3, 4) },
	{ "source-route-failed", ICMP(3, 5) },
	{ "network-unknown", ICMP(3, 6) },
	{ "host-unknown", ICMP(3, 7) },
	{ "network-prohibited", ICMP(3, 9) },
	{ "host-prohibited", ICMP(3, 10) },
	{ "TOS-network-unreachable", ICMP(3, 11) },
	{ "TOS-host-unreachable", ICMP(3, 12) },
	{ "communication-prohibited", ICMP(3, 13) },
	{ "host-precedence-violation", ICMP(3, 14) },
	{ "precedence-cutoff", ICMP(3, 15) },
	{ "source-quench", ICMP(4, 0) },
	{ "network-redirect", ICMP(5, 0) },
	{ "host-redirect", ICMP(5, 1) },
	{ "TOS-network-redirect", ICMP(5, 2) },
	{ "TOS-host-redirect", ICMP(5, 3) },
	{ "echo-request", ICMP(8, 0) },
	{ "ping", ICMP(8, 0) },
	{ "router-advertisement", ICMP(9, 0) },
	{ "router-solicitation", ICMP(10, 0) },
	{ "ttl-zero-during-transit", ICMP(11, 0) },
	{ "ttl-zero-during-reassembly", ICMP(11, 1) },
	{ "ip-header-bad", ICMP(12, 0) },
	{ "required-option-missing", ICMP(12, 1) },
	{ "timestamp-request", ICMP(13, 0) },
	{ "timestamp-reply", ICMP(14, 0) },
	{ "address-mask-request", ICMP(17, 0) },
	{ "address-mask-reply", ICMP(18, 0) },
	{ 0 },
};

static const struct pktt_symbol icmp6[] = {
	{ "no-route", ICMP(1, 0) },
	{ "communication-prohibited", ICMP(1, 1) },
	{ "address-unreachable", ICMP(1, 3) },
	{ "port-unreachable", ICMP(1, 4) },
	{ "packet-too-big", ICMP(2, 0) },
	{ "ttl-zero-during-transit", ICMP(3, 0) },
	{ "ttl-zero-during-reassembly", ICMP(3, 1) },
	{ "bad-header", ICMP(4, 0) },
	{ "unknown-header-type", ICMP(4, 1) },
	{ "unknown-option", ICMP(4, 2) },
	{ "echo-request", ICMP(128, 0) },
	{ "ping", ICMP(128, 0) },
	{ "echo-reply", ICMP(129, 0) },
	{ "pong", ICMP(129, 0) },
	{ "router-solicitation", ICMP(133, 0) },
	{ "router-advertisement", ICMP(134, 0) },
	{ "neighbour-solicitation", ICMP(135, 0) },
	{ "neigbour-solicitation", ICMP(135, 0) },
	{ "neighbour-advertisement", ICMP(136, 0) },
	{ "neigbour-advertisement", ICMP(136, 0) },
	{ "redirect", ICMP(137, 0) },
	{ 0 },
};

int set_icmp_parse(bool is_v6, const char *name)
{
	for (const struct pktt_symbol *s = is_v6 ? icmp6 : icmp; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return (int)s->value;
	return -ENOENT;
}

const char *set_icmp_name(bool is_v6, uint16_t value)
{
	for (const struct pktt_symbol *s = is_v6 ? icmp6 : icmp; s->name; s++)
		if (s->value == value)
			return s->name;
	return NULL;
}
