/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/rule_protocol.h"

#include "base/own.h"

/* Numbers of the IANA registry, by the name under which iptables finds its plug-in. */
static const struct pktt_symbol matches[] = {
	{ "tcp", 6 },	 { "udp", 17 },	    { "icmp", 1 },	{ "icmp6", 58 },
	{ "sctp", 132 }, { "dccp", 33 },    { "esp", 50 },	{ "ah", 51 },
	{ "mh", 135 },	 { "ipcomp", 108 }, { "udplite", 136 },
};

const char *pktt_protocol_match(uint8_t protocol)
{
	for (size_t i = 0; i < pktt_countof(matches); i++)
		if (matches[i].value == protocol)
			return matches[i].name;
	return NULL;
}
