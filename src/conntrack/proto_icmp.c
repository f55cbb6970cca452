/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP and ICMPv6 that asks and answers: the id stands for ports. Errors: icmp_error.c. */
#include "conntrack/l4proto.h"

#include <netinet/in.h>
#include <string.h>

/* Who asks with one gets the other; who answers never opens a connection. */
struct pair {
	uint8_t ask, answer;
};

static const struct pair pairs[] = { { 8, 0 }, { 13, 14 }, { 15, 16 }, { 17, 18 } };
static const struct pair pairs6[] = { { 128, 129 }, { 139, 140 } };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* dport holds type and code, as they stand in the header. */
static uint8_t type_of(const struct ct_tuple *t)
{
	uint8_t byte[2];

	memcpy(byte, &t->dport, sizeof(byte));
	return byte[0];
}

static void set_type(struct ct_tuple *t, uint8_t type)
{
	uint8_t byte[2];

	memcpy(byte, &t->dport, sizeof(byte));
	byte[0] = type;
	memcpy(&t->dport, byte, sizeof(byte));
}

static bool tuple(struct buf l4, struct ct_tuple *ret)
{
	const uint8_t *h = buf_get(&l4, 8);

	if (!h)
		return false;
	memcpy(&ret->sport, h + 4, 2);
	memcpy(&ret->dport, h, 2);
	return true;
}

static bool answer(struct ct_tuple *ret, const struct ct_tuple *t, const struct pair *pair,
		   size_t n)
{
	uint8_t type = type_of(t);

	for (size_t i = 0; i < n; i++)
		if (type == pair[i].ask || type == pair[i].answer) {
			set_type(ret, type == pair[i].ask ? pair[i].answer : pair[i].ask);
			return true;
		}
	return false;
}

/* The id and the code stay as they are; so do they in ret already. */
static bool invert(struct ct_tuple *ret, const struct ct_tuple *t)
{
	return answer(ret, t, pairs, COUNT(pairs));
}

static bool invert6(struct ct_tuple *ret, const struct ct_tuple *t)
{
	return answer(ret, t, pairs6, COUNT(pairs6));
}

/* Not gone with the first answer: it may come twice. */
static enum ct_judge meet_pair(struct ct_meet *meet, const struct pair *pair, size_t n)
{
	struct ct_tuple t;

	conn_tuple(meet->conn, CT_ORIGINAL, &t);
	for (size_t i = 0; i < n; i++)
		if (type_of(&t) == pair[i].ask) {
			ct_refresh(meet, meet->timeouts[CT_ICMP_TIMEOUT_TIMEOUT]);
			return CT_OK;
		}
	return CT_INVALID;
}

static enum ct_judge packet(struct ct_meet *meet)
{
	if (meet->pkt->l3_family != PKTT_IPV4)
		return CT_INVALID;
	return meet_pair(meet, pairs, COUNT(pairs));
}

static enum ct_judge packet6(struct ct_meet *meet)
{
	if (meet->pkt->l3_family != PKTT_IPV6)
		return CT_INVALID;
	return meet_pair(meet, pairs6, COUNT(pairs6));
}

static const char *const timeout_names[CT_ICMP_TIMEOUT_COUNT] = {
#define X(id, name, seconds) name,
	CT_ICMP_TIMEOUTS(X)
#undef X
};

const struct ct_l4proto ct_proto_icmp = {
	.protocol = IPPROTO_ICMP,
	.name = "icmp",
	.tuple = tuple,
	.invert = invert,
	.packet = packet,
	.timeout_count = CT_ICMP_TIMEOUT_COUNT,
	.timeout_names = timeout_names,
	.timeouts_offset = offsetof(struct ct_settings, icmp),
};

const struct ct_l4proto ct_proto_icmpv6 = {
	.protocol = IPPROTO_ICMPV6,
	.name = "icmpv6",
	.tuple = tuple,
	.invert = invert6,
	.packet = packet6,
	.timeout_count = CT_ICMP_TIMEOUT_COUNT,
	.timeout_names = timeout_names,
	.timeouts_offset = offsetof(struct ct_settings, icmpv6),
};
