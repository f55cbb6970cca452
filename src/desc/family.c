/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/family.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>

/* The first of a family is its name. */
static const struct pktt_symbol names[] = {
	{ "ipv4", PKTT_IPV4 }, { "ipv6", PKTT_IPV6 },	  { "inet", PKTT_INET },
	{ "arp", PKTT_ARP },   { "bridge", PKTT_BRIDGE }, { "ip", PKTT_IPV4 },
	{ "4", PKTT_IPV4 },    { "inet4", PKTT_IPV4 },	  { "ip6", PKTT_IPV6 },
	{ "6", PKTT_IPV6 },    { "inet6", PKTT_IPV6 },	  { "br", PKTT_BRIDGE },
	{ "eb", PKTT_BRIDGE },
};

const char *pktt_family_name(enum pktt_family family)
{
	return names[family].name;
}

int pktt_family_parse(const char *name, enum pktt_family *ret)
{
	for (size_t i = 0; i < pktt_countof(names); i++)
		if (strcmp(names[i].name, name) == 0) {
			*ret = (enum pktt_family)names[i].value;
			return 0;
		}
	return -ENOENT;
}
