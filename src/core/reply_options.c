/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: RFC 1122, 3.2.2.6 wants record route and timestamp of an echo kept in the answer; Linux
 * keeps them in every error (ip_options_echo(), ip_options_build()), and turns source routes round.
 * The error itself may be about the options: those before the wrong one count, it and the rest do
 * not.
 *
 * By the time of an answer our own entry stands in cause already and its pointers have moved. Where
 * an option then lacks the room for one more, Linux sends nothing; one that lacked it from the
 * start is a wrong option. The two differ by where the pointer stands, which is what is_untouched()
 * reads.
 */
#include "core/reply_options.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "core/env.h"

enum { HEADER = 20, ADDRESS = 4 };
enum {
	END = 0,
	NOP = 1,
	RECORD_ROUTE = 7,
	TIMESTAMP = 68,
	LOOSE_ROUTE = 131,
	CIPSO = 134,
	ROUTER_ALERT = 148,
	STRICT_ROUTE = 137,
};
enum { STAMP_ONLY = 0, STAMP_AND_ADDRESS = 1, STAMP_PRESPECIFIED = 3 };

/* The options of cause, each NULL or readable for its length. */
struct found {
	const uint8_t *record_route, *timestamp, *source_route, *cipso;
	bool is_full; /* one has room for a part of an entry */
};

static bool is_untouched(const uint8_t *option, uint8_t first)
{
	return option[2] == first || (option[2] - first) % ADDRESS != 0;
}

/* An entry of `size` bytes fits where the pointer stands, or there is no room at all. */
static bool take_entries(struct found *found, const uint8_t *option, uint8_t first, uint32_t size)
{
	if (option[2] > option[1] || option[2] + size - 1 <= option[1])
		return true;
	if (is_untouched(option, first))
		return false;
	found->is_full = true;
	return true;
}

static bool take_timestamp(struct found *found, const uint8_t *option)
{
	uint32_t size = option[1] >= 4 && (option[3] & 15) == STAMP_ONLY ? 4 : 8;

	if (found->timestamp || option[1] < 4 || option[2] < 5)
		return false;
	if (option[2] > option[1] && option[3] >> 4 == 15 && (option[3] & 15) != STAMP_PRESPECIFIED)
		return false;
	found->timestamp = option;
	return take_entries(found, option, 5, size);
}

/* false = this one is wrong and reading ends, as __ip_options_compile() does. */
static bool take_option(struct found *found, const uint8_t *option)
{
	switch (option[0]) {
	case RECORD_ROUTE:
		if (found->record_route || option[1] < 3 || option[2] < 4)
			return false;
		if (!take_entries(found, option, 4, ADDRESS))
			return false;
		found->record_route = option;
		return true;
	case TIMESTAMP:
		if (take_timestamp(found, option))
			return true;
		if (found->timestamp == option)
			found->timestamp = NULL;
		return false;
	case LOOSE_ROUTE:
	case STRICT_ROUTE:
		if (found->source_route || option[1] < 3 || option[2] < 4)
			return false;
		found->source_route = option;
		return true;
	case ROUTER_ALERT:
		return option[1] >= 4;
	case CIPSO:
		/* Noted before it is found wrong, as every label is where no domain is known. */
		if (!found->cipso)
			found->cipso = option;
		return false;
	}
	return true;
}

static struct found find(const uint8_t *options, uint32_t len)
{
	struct found found = { .is_full = false };
	uint32_t at = 0;

	while (at < len && options[at] != END) {
		if (options[at] == NOP) {
			at++;
			continue;
		}
		if (len - at < 3 || options[at + 1] < 2 || options[at + 1] > len - at ||
		    !take_option(&found, options + at))
			break;
		at += options[at + 1];
	}
	return found;
}

static uint8_t *append(struct reply_options *to, const uint8_t *data, uint32_t len)
{
	uint8_t *at = to->data + to->len;

	memcpy(at, data, len);
	to->len += len;
	return at;
}

static void turn_record_route(struct reply_options *to, const uint8_t *option)
{
	uint8_t *at = append(to, option, option[1]);

	if (option[2] > option[1])
		return;
	to->route_at = (uint8_t)(at - to->data + option[2] - 1);
	at[2] += ADDRESS;
}

/* Of the hosts that the sender named, the next is us unless its address is somebody's. */
static bool is_our_turn(const struct pktt_packet *cause, const uint8_t *named)
{
	struct pktt_addr a = { .len = ADDRESS };

	memcpy(a.byte, named, ADDRESS);
	return cause->env->ops->addr_type &&
	       cause->env->ops->addr_type(cause->env, &a, NULL) != PKTT_ROUTE_UNICAST;
}

static void turn_timestamp(struct reply_options *to, const struct pktt_packet *cause,
			   const uint8_t *option)
{
	uint8_t *at = append(to, option, option[1]);
	uint8_t slot = (uint8_t)(at - to->data + option[2] - 1);

	if (option[2] > option[1])
		return;
	switch (option[3] & 15) {
	case STAMP_ONLY:
		to->stamp_at = slot;
		at[2] += 4;
		return;
	case STAMP_AND_ADDRESS:
		to->stamp_address_at = slot;
		break;
	case STAMP_PRESPECIFIED:
		if (!is_our_turn(cause, option + option[2] - 1))
			return;
		break;
	default:
		return;
	}
	to->stamp_at = slot + ADDRESS;
	at[2] += 8;
}

/* The hops taken so far, last first; the last of the new route is who sent the packet. */
static void turn_source_route(struct reply_options *to, const uint8_t *option, const uint8_t *src)
{
	uint8_t *at = to->data + to->len;
	int taken = (option[2] > option[1] ? option[1] + 1 : option[2]) - ADDRESS;
	int len = 0;

	if (taken <= 3)
		return;
	to->via.len = ADDRESS;
	memcpy(to->via.byte, option + taken - 1, ADDRESS);
	for (taken -= ADDRESS, len = ADDRESS; taken > 3; taken -= ADDRESS, len += ADDRESS)
		memcpy(at + len - 1, option + taken - 1, ADDRESS);
	/* A sender that named itself would have us send to it twice: RFC 1812, 5.3.13.4. */
	if (memcmp(src, option + taken + 3, ADDRESS) == 0)
		len -= ADDRESS;
	if (len <= 3) {
		to->via.len = 0;
		return;
	}
	at[0] = option[0];
	at[1] = (uint8_t)(len + 3);
	at[2] = 4;
	to->len += at[1];
	to->last_hop_at = (uint8_t)(to->len - ADDRESS);
}

int reply_options_turn(struct reply_options *ret, const struct pktt_packet *cause)
{
	const uint8_t *ip = pktt_packet_read(cause, PKTT_L3, 0, HEADER);
	uint32_t len = ip ? (ip[0] & 15u) * 4 : 0;
	struct found found;

	*ret = (struct reply_options){ .len = 0 };
	/* What this host sends through a raw socket it has not read. */
	if (len <= HEADER || cause->is_local)
		return 0;
	ip = pktt_packet_read(cause, PKTT_L3, 0, len);
	if (!ip)
		return -ENOMSG;
	found = find(ip + HEADER, len - HEADER);
	if (found.is_full)
		return -ENOMSG;
	if (found.record_route)
		turn_record_route(ret, found.record_route);
	if (found.timestamp)
		turn_timestamp(ret, cause, found.timestamp);
	if (found.source_route)
		turn_source_route(ret, found.source_route, ip + 12);
	if (found.cipso)
		append(ret, found.cipso, found.cipso[1]);
	while (ret->len % 4)
		ret->data[ret->len++] = END;
	return 0;
}

void reply_options_write(const struct reply_options *options, uint8_t *ip,
			 const struct pktt_addr *dst, uint64_t time_ns)
{
	const uint64_t day_ns = UINT64_C(86400) * 1000000000;
	uint8_t *to = ip + HEADER;

	if (!options->len)
		return;
	ip[0] = (uint8_t)(0x40 | (HEADER + options->len) / 4);
	memcpy(to, options->data, options->len);
	if (options->last_hop_at)
		memcpy(to + options->last_hop_at, dst->byte, ADDRESS);
	if (options->route_at)
		memcpy(to + options->route_at, ip + 12, ADDRESS);
	if (options->stamp_address_at)
		memcpy(to + options->stamp_address_at, ip + 12, ADDRESS);
	if (options->stamp_at)
		put_be32(to + options->stamp_at, (uint32_t)(time_ns % day_ns / 1000000));
}
