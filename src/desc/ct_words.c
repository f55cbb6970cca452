/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of protocols that tracking knows, and of their states: once, for text, JSON and options. */
#include "desc/ct_view.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const tcp_states[] = {
	"NONE",	      "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",
	"CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",	      "SYN_SENT2",
};
static const char *const sctp_states[] = {
	"NONE",		 "CLOSED",	  "COOKIE_WAIT",       "COOKIE_ECHOED",	 "ESTABLISHED",
	"SHUTDOWN_SENT", "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT", "HEARTBEAT_SENT",
};
static const char *const dccp_states[] = {
	"NONE", "REQUEST", "RESPOND", "PARTOPEN", "OPEN", "CLOSEREQ", "CLOSING", "TIMEWAIT",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct protocol {
	uint8_t number;
	const char *name;
	bool has_ports;
	const char *const *states;
	uint8_t nstates;
} protocols[] = {
	{ IPPROTO_TCP, "tcp", true, tcp_states, COUNT(tcp_states) },
	{ IPPROTO_UDP, "udp", true, NULL, 0 },
	{ IPPROTO_ICMP, "icmp", false, NULL, 0 },
	{ IPPROTO_ICMPV6, "icmpv6", false, NULL, 0 },
	{ IPPROTO_SCTP, "sctp", true, sctp_states, COUNT(sctp_states) },
	{ IPPROTO_GRE, "gre", true, NULL, 0 },
	{ IPPROTO_UDPLITE, "udplite", true, NULL, 0 },
	{ IPPROTO_DCCP, "dccp", true, dccp_states, COUNT(dccp_states) },
};

static const struct protocol *lookup(uint8_t number)
{
	for (size_t i = 0; i < COUNT(protocols); i++)
		if (protocols[i].number == number)
			return &protocols[i];
	return NULL;
}

const char *ct_protocol_name(uint8_t protocol)
{
	const struct protocol *p = lookup(protocol);

	return p ? p->name : "unknown";
}

bool ct_protocol_parse(const char *text, uint8_t *ret)
{
	unsigned long number;
	char *end;

	for (size_t i = 0; i < COUNT(protocols); i++)
		if (strcasecmp(protocols[i].name, text) == 0) {
			*ret = protocols[i].number;
			return true;
		}
	number = strtoul(text, &end, 10);
	if (end == text || *end || number > UINT8_MAX)
		return false;
	*ret = (uint8_t)number;
	return true;
}

bool ct_protocol_has_ports(uint8_t protocol)
{
	const struct protocol *p = lookup(protocol);

	return p && p->has_ports;
}

const char *ct_state_name(uint8_t protocol, uint8_t state)
{
	const struct protocol *p = lookup(protocol);

	if (!p || !p->states)
		return NULL;
	return state < p->nstates ? p->states[state] : "UNKNOWN";
}

int ct_state_parse(uint8_t protocol, const char *name)
{
	const struct protocol *p = lookup(protocol);

	for (int i = 0; p && i < p->nstates; i++)
		if (strcasecmp(p->states[i], name) == 0)
			return i;
	return -1;
}

const char *ct_event_kind_name(enum ct_event_kind kind)
{
	static const char *const name[CT_KIND_COUNT] = { "", "new", "update", "destroy" };

	return name[kind];
}
