/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: an error quotes the packet that caused it: in IPv4 as much as makes 576 bytes in all
 * (RFC 1812, 4.3.2.3) or the MTU of the way back, in IPv6 as much as makes 1280 (RFC 4443, 2.4).
 * When nothing is sent is decided by what the packet says of itself, so that two hosts can never
 * answer each other's errors for ever: RFC 1122, 3.2.2 and RFC 4443, 2.4 (e), read as Linux does.
 *
 * The source address is the one that the cause was sent to if that is ours, else the one that the
 * way back suggests; in IPv6 the incoming interface's addresses are preferred, as in Linux.
 *
 * The flow label is 0 (Linux: a keyed hash); the IPv4 identification is random, since these
 * datagrams may be fragmented (RFC 6864).
 */
#include "core/reply_icmp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "base/own.h"
#include "core/env.h"
#include "core/l3.h"
#include "core/reply_options.h"

enum {
	IP4_LEN = 20,
	IP6_LEN = 40,
	ICMP_LEN = 8,
	IP4_ERROR_MAX = 576,
	IP6_ERROR_MAX = 1280,
	TTL = 64,
};

/* ICMPv4 types that are errors, or that Linux takes for such: bit n = type n. */
#define ICMP4_ERRORS 0x1efeu
/* Above the last type that Linux knows all count as errors. */
#define ICMP4_LAST 18

struct icmp_error {
	uint8_t type, code, tos;
	uint32_t info;
	struct pktt_addr src, dst;
	struct reply_options options;
};

static enum pktt_route_type addr_type(const struct pktt_packet *cause, const struct pktt_addr *a)
{
	if (!cause->env->ops->addr_type)
		return PKTT_ROUTE_UNSPEC;
	return cause->env->ops->addr_type(cause->env, a, NULL);
}

bool pktt_reply_is_to_many(const struct pktt_packet *cause)
{
	struct pktt_addr dst = pktt_packet_dst(cause);
	enum pktt_route_type type;

	if (dst.len == 16)
		return dst.byte[0] == 0xff;
	if (dst.len == 4 && (dst.byte[0] >> 4 == 14 || get_be32(dst.byte) == 0xffffffff))
		return true;
	type = addr_type(cause, &dst);
	return type == PKTT_ROUTE_BROADCAST || type == PKTT_ROUTE_MULTICAST;
}

static bool is_to_this_machine(const struct pktt_packet *cause)
{
	return cause->pkttype == PKTT_PKT_HOST || cause->is_local;
}

/* RFC 1122, 3.2.2: no error about an error, a broadcast or a later fragment. */
static bool may_answer_ipv4(const struct pktt_packet *cause)
{
	const uint8_t *ip = pktt_packet_read(cause, PKTT_L3, 0, IP4_LEN);
	const uint8_t *icmp;

	if (!ip || !is_to_this_machine(cause) || pktt_reply_is_to_many(cause) ||
	    (get_be16(ip + 6) & 0x1fff))
		return false;
	if (ip[9] != IPPROTO_ICMP)
		return true;
	icmp = pktt_packet_read(cause, PKTT_L3, (ip[0] & 15) * 4, 1);
	return icmp && *icmp <= ICMP4_LAST && !(ICMP4_ERRORS >> *icmp & 1);
}

/*
 * RFC 4443, 2.4 (e.1): an unreadable ICMPv6 message may be an error too, unless a fragment hides
 * it.
 */
static bool is_icmp6_error(const struct pktt_packet *cause)
{
	uint8_t next = 0;
	uint16_t frag_off = 0;
	const uint8_t *type;
	int at = pktt_ipv6_find(cause, -1, &next, &frag_off);

	if (at < 0 || frag_off || next != IPPROTO_ICMPV6)
		return false;
	type = pktt_packet_read(cause, PKTT_L3, (uint32_t)at, 1);
	if (!type)
		return !cause->more_frags;
	return !(*type & 0x80);
}

/*
 * RFC 4443, 2.4 (e.3): to a group only what path MTU discovery needs, and what an unknown option
 * asks for by the high bits of its type.
 */
static bool may_answer_group(const struct pktt_packet *cause, const struct icmp_error *error)
{
	const uint8_t *option = pktt_packet_read(cause, PKTT_L3, error->info, 1);

	if (error->type == 2)
		return true;
	return error->type == 4 && error->code == 2 && option && (*option & 0xc0) == 0x80;
}

static bool may_answer_ipv6(const struct pktt_packet *cause, const struct icmp_error *error)
{
	static const uint8_t unspecified[16];
	const uint8_t *ip = pktt_packet_read(cause, PKTT_L3, 0, IP6_LEN);

	if (!ip)
		return false;
	if ((ip[24] == 0xff || !is_to_this_machine(cause)) && !may_answer_group(cause, error))
		return false;
	/* The source must name one node: RFC 4443, 2.4 (e.6). */
	if (ip[8] == 0xff || !memcmp(ip + 8, unspecified, sizeof(unspecified)))
		return false;
	return !is_icmp6_error(cause);
}

static bool is_link_local(const struct pktt_addr *a)
{
	return a->len == 16 && a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0x80;
}

/* ipv6_chk_addr(), ipv6_chk_acast_addr_src(): an address of a link is ours on that link only. */
static bool is_our_address(const struct pktt_packet *cause, const struct pktt_addr *a)
{
	const struct pktt_iface *link = is_link_local(a) ? cause->in : NULL;
	enum pktt_route_type type = PKTT_ROUTE_UNSPEC;

	if (cause->env->ops->addr_type)
		type = cause->env->ops->addr_type(cause->env, a, link);
	return type == PKTT_ROUTE_LOCAL || (a->len == 16 && type == PKTT_ROUTE_ANYCAST);
}

/* The way back to the sender of cause, and the address that the reply comes from. */
static int way_back(const struct pktt_packet *cause, struct icmp_error *error,
		    struct pktt_route *route)
{
	struct pktt_env *env = cause->env;
	struct pktt_addr to = pktt_packet_dst(cause);
	struct pktt_route_query query = {
		.family = cause->l3_family,
		.dst = pktt_packet_src(cause),
		.tos = error->tos,
	};
	bool is_ours = is_our_address(cause, &to);

	if (!env->ops->route)
		return -ENETUNREACH;
	if (is_ours)
		query.src = to;
	if (error->options.via.len)
		query.dst = error->options.via;
	error->dst = query.dst;
	if (is_link_local(&query.dst))
		query.oif = cause->in;
	if (env->ops->route(env, &query, route))
		return -ENETUNREACH;
	/* One of several nodes, none of which may have sent it. */
	if (route->is_anycast)
		return -ENOMSG;
	error->src = is_ours ? to : route->preferred;
	if (is_ours || cause->l3_family != PKTT_IPV6 || !cause->in || !env->ops->source)
		return 0;
	return env->ops->source(env, &query.dst, cause->in, &error->src);
}

int pktt_reply_new(struct pktt_packet **ret, const struct pktt_packet *cause, uint32_t len)
{
	struct pktt_packet *reply;
	int rc = pktt_packet_new(&reply, len);

	if (rc)
		return rc;
	reply->family = cause->l3_family;
	reply->l3_family = cause->l3_family;
	reply->ethertype = pktt_l3_of(cause->l3_family)->ethertype;
	reply->wire_len = len;
	reply->pkttype = PKTT_PKT_HOST;
	reply->is_local = true;
	reply->csum_unneeded = true;
	reply->time_ns = cause->time_ns;
	reply->cpu = cause->cpu;
	reply->is_uncopied = cause->is_uncopied;
	reply->env = cause->env;
	reply->engine = cause->engine;
	*ret = reply;
	return 0;
}

static void ipv4_header(uint8_t *ip, uint32_t len, uint8_t protocol, const struct pktt_addr *src,
			const struct pktt_addr *dst)
{
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)len);
	ip[8] = TTL;
	ip[9] = protocol;
	memcpy(ip + 12, src->byte, 4);
	memcpy(ip + 16, dst->byte, 4);
}

static void ipv6_header(uint8_t *ip, uint32_t len, uint8_t protocol, const struct pktt_addr *src,
			const struct pktt_addr *dst)
{
	ip[0] = 0x60;
	put_be16(ip + 4, (uint16_t)(len - IP6_LEN));
	ip[6] = protocol;
	ip[7] = TTL;
	memcpy(ip + 8, src->byte, 16);
	memcpy(ip + 24, dst->byte, 16);
}

void pktt_reply_ip_header(struct pktt_packet *reply, uint8_t protocol, const struct pktt_addr *src,
			  const struct pktt_addr *dst)
{
	uint32_t len = packet_len(reply, PKTT_L3);
	bool is_ipv6 = reply->l3_family == PKTT_IPV6;
	uint8_t *ip = pktt_packet_write(reply, PKTT_L3, 0, is_ipv6 ? IP6_LEN : IP4_LEN);

	if (!ip)
		return;
	if (is_ipv6)
		ipv6_header(ip, len, protocol, src, dst);
	else
		ipv4_header(ip, len, protocol, src, dst);
}

static void ipv4_checksum(struct pktt_packet *reply)
{
	uint8_t *ip = pktt_packet_write(reply, PKTT_L3, 0, IP4_LEN);
	uint32_t len = ip ? (ip[0] & 15u) * 4 : 0;

	if (!ip || !pktt_packet_read(reply, PKTT_L3, 0, len))
		return;
	put_be16(ip + 10, 0);
	put_be16(ip + 10, pktt_csum_fold(pktt_csum_add(0, ip, len)));
}

int pktt_reply_finish(struct pktt_packet *reply, uint8_t protocol, uint32_t csum_at)
{
	uint32_t len, sum = 0;
	uint8_t *l4, *csum;
	int rc;

	if (reply->l3_family == PKTT_IPV4)
		ipv4_checksum(reply);
	rc = pktt_l3_of(reply->l3_family)->parse(reply);
	if (rc)
		return rc;
	len = packet_len(reply, PKTT_L4);
	l4 = pktt_packet_write(reply, PKTT_L4, 0, len);
	csum = pktt_packet_write(reply, PKTT_L4, csum_at, 2);
	if (!l4 || !csum)
		return -EINVAL;
	if (protocol != IPPROTO_ICMP)
		sum = pktt_csum_pseudo(reply, protocol, len);
	put_be16(csum, pktt_csum_fold(pktt_csum_add(sum, l4, len)));
	return 0;
}

/* How much of cause is quoted; negative = not even a header would fit. */
static int quote_length(const struct pktt_packet *cause, const struct pktt_route *route,
			uint32_t options_len)
{
	uint32_t have = packet_len(cause, PKTT_L3);
	uint32_t room = IP6_ERROR_MAX - IP6_LEN - ICMP_LEN;

	if (cause->l3_family == PKTT_IPV4) {
		room = IP4_ERROR_MAX;
		if (route->mtu && route->mtu < room)
			room = route->mtu;
		if (room <= IP4_LEN + options_len + ICMP_LEN + IP4_LEN)
			return -EMSGSIZE;
		room -= IP4_LEN + options_len + ICMP_LEN;
	}
	return (int)(have < room ? have : room);
}

/*
 * Linux quotes a packet of its own as it stands when OUTPUT refuses it: what the interface is to
 * finish, the TCP checksum at offset 16, is then only the sum of the pseudo header.
 */
static void quote_unfinished(const struct pktt_packet *cause, uint8_t *quote, uint32_t quoted)
{
	uint32_t at = cause->l4 - cause->l3 + 16;
	uint16_t sum;

	if (!cause->csum_partial || at + 2 > quoted)
		return;
	sum = pktt_csum_fold(pktt_csum_pseudo(cause, cause->protocol, packet_len(cause, PKTT_L4)));
	put_be16(quote + at, (uint16_t)~sum);
}

static int build(struct pktt_packet **ret, const struct pktt_packet *cause,
		 const struct icmp_error *error, uint32_t quoted)
{
	PKTT_AUTO(pktt_packet_free) struct pktt_packet *reply = NULL;
	bool is_ipv6 = cause->l3_family == PKTT_IPV6;
	uint32_t header = is_ipv6 ? IP6_LEN : IP4_LEN + error->options.len;
	uint8_t protocol = is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	const uint8_t *quote = pktt_packet_read(cause, PKTT_L3, 0, quoted);
	struct pktt_addr to = pktt_packet_src(cause);
	uint8_t *all;
	int rc;

	rc = pktt_reply_new(&reply, cause, header + ICMP_LEN + quoted);
	if (rc)
		return rc;
	pktt_reply_ip_header(reply, protocol, &error->src, &error->dst);
	all = pktt_packet_write(reply, PKTT_L3, 0, header + ICMP_LEN + quoted);
	if (!all || !quote)
		return -EINVAL;
	if (!is_ipv6) {
		all[1] = error->tos;
		put_be16(all + 4, (uint16_t)pktt_packet_random(reply));
		reply_options_write(&error->options, all, &to, cause->time_ns);
	}
	all[header] = error->type;
	all[header + 1] = error->code;
	put_be32(all + header + 4, error->info);
	memcpy(all + header + ICMP_LEN, quote, quoted);
	quote_unfinished(cause, all + header + ICMP_LEN, quoted);
	rc = pktt_reply_finish(reply, protocol, 2);
	if (!rc)
		*ret = pktt_take(&reply);
	return rc;
}

/* Errors travel with the precedence of internetwork control: RFC 1812, 4.3.2.5. */
static uint8_t error_tos(const struct pktt_packet *cause)
{
	const uint8_t *ip = pktt_packet_read(cause, PKTT_L3, 0, IP4_LEN);

	if (!ip || cause->l3_family != PKTT_IPV4)
		return 0;
	return (uint8_t)((ip[1] & 0x1e) | 0xc0);
}

int pktt_reply_icmp_error(struct pktt_packet **ret, const struct pktt_packet *cause, uint8_t type,
			  uint8_t code, uint32_t info)
{
	struct icmp_error error = {
		.type = type,
		.code = code,
		.tos = error_tos(cause),
		.info = info,
	};
	struct pktt_route route = { .mtu = 0 };
	bool may_answer = false;
	int rc = 0;

	if (cause->l3_family == PKTT_IPV4)
		may_answer = may_answer_ipv4(cause);
	else if (cause->l3_family == PKTT_IPV6)
		may_answer = may_answer_ipv6(cause, &error);
	if (!may_answer)
		return -ENOMSG;
	if (cause->l3_family == PKTT_IPV4)
		rc = reply_options_turn(&error.options, cause);
	if (rc == 0)
		rc = way_back(cause, &error, &route);
	if (rc)
		return rc;
	rc = quote_length(cause, &route, error.options.len);
	if (rc < 0)
		return -ENOMSG;
	return build(ret, cause, &error, (uint32_t)rc);
}
