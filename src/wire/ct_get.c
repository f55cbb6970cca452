/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading attributes by tables; tuples, which connections and expectations have alike. */
#include "wire/ct_get.h"

#include "wire/ct.h"

#include <errno.h>
#include <netinet/in.h>

bool in_text(const struct nlattr *attr, char *to, size_t room)
{
	size_t len = strnlen(in_data(attr), in_len(attr));

	if (len >= room)
		return false;
	memcpy(to, in_data(attr), len);
	to[len] = '\0';
	return true;
}

int in_attrs(const struct ct_in *in, const void *data, size_t len, const struct ct_row *row,
	     unsigned int n)
{
	const uint8_t *at = data;

	while (len >= NLA_HDRLEN) {
		const struct nlattr *attr = (const void *)at;
		uint16_t type = attr->nla_type & NLA_TYPE_MASK;
		size_t whole = NLA_ALIGN((size_t)attr->nla_len);
		int r = 0;

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > len)
			return pktt_fail(in->err, -EINVAL, "an attribute is longer than its place");
		if (type < n && row[type].name) {
			if (in_len(attr) < row[type].min)
				return pktt_fail(in->err, -EINVAL, "%s has %u bytes; it needs %u",
						 row[type].name, in_len(attr), row[type].min);
			r = row[type].get(in, attr, type);
		}
		if (r)
			return r;
		at += whole < len ? whole : len;
		len -= whole < len ? whole : len;
	}
	return 0;
}

/* --- Tuples ------------------------------------------------------------------------------------ */

struct tuple_to {
	struct ct_tuple *t;
	uint32_t *given;
};

static int get_addr(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	const struct tuple_to *to = in->to;
	bool is_v6 = type == CTA_IP_V6_SRC || type == CTA_IP_V6_DST;
	bool is_src = type == CTA_IP_V6_SRC || type == CTA_IP_V4_SRC;

	/* Those of the other family are not looked at, as the kernel does it. */
	if (in->family != (is_v6 ? PKTT_IPV6 : PKTT_IPV4))
		return 0;
	memcpy(is_src ? to->t->src : to->t->dst, in_data(attr), is_v6 ? 16 : 4);
	*to->given |= is_src ? CT_FILTER_SRC : CT_FILTER_DST;
	return 0;
}

static const struct ct_row ip_rows[] = {
	[CTA_IP_V4_SRC] = { "CTA_IP_V4_SRC", 4, get_addr },
	[CTA_IP_V4_DST] = { "CTA_IP_V4_DST", 4, get_addr },
	[CTA_IP_V6_SRC] = { "CTA_IP_V6_SRC", 16, get_addr },
	[CTA_IP_V6_DST] = { "CTA_IP_V6_DST", 16, get_addr },
};

static int get_number(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	const struct tuple_to *to = in->to;

	(void)type;
	to->t->protocol = in_u8(attr);
	*to->given |= CT_FILTER_PROTOCOL;
	return 0;
}

static int get_port(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	const struct tuple_to *to = in->to;
	bool is_dst = type == CTA_PROTO_DST_PORT;

	*(is_dst ? &to->t->dport : &to->t->sport) = in_raw16(attr);
	*to->given |= type == CTA_PROTO_SRC_PORT  ? CT_FILTER_SPORT
		      : is_dst			  ? CT_FILTER_DPORT
		      : type == CTA_PROTO_ICMP_ID ? CT_FILTER_ICMP_ID
						  : CT_FILTER_ICMPV6_ID;
	return 0;
}

/* Type and code share dport. */
static int get_icmp(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	const struct tuple_to *to = in->to;
	uint8_t *byte = (uint8_t *)&to->t->dport;

	switch (type) {
	case CTA_PROTO_ICMP_TYPE:
		*to->given |= CT_FILTER_ICMP_TYPE;
		break;
	case CTA_PROTO_ICMP_CODE:
		*to->given |= CT_FILTER_ICMP_CODE;
		break;
	case CTA_PROTO_ICMPV6_TYPE:
		*to->given |= CT_FILTER_ICMPV6_TYPE;
		break;
	case CTA_PROTO_ICMPV6_CODE:
		*to->given |= CT_FILTER_ICMPV6_CODE;
		break;
	}
	byte[type == CTA_PROTO_ICMP_CODE || type == CTA_PROTO_ICMPV6_CODE] = in_u8(attr);
	return 0;
}

static const struct ct_row proto_rows[] = {
	[CTA_PROTO_NUM] = { "CTA_PROTO_NUM", 1, get_number },
	[CTA_PROTO_SRC_PORT] = { "CTA_PROTO_SRC_PORT", 2, get_port },
	[CTA_PROTO_DST_PORT] = { "CTA_PROTO_DST_PORT", 2, get_port },
	[CTA_PROTO_ICMP_ID] = { "CTA_PROTO_ICMP_ID", 2, get_port },
	[CTA_PROTO_ICMP_TYPE] = { "CTA_PROTO_ICMP_TYPE", 1, get_icmp },
	[CTA_PROTO_ICMP_CODE] = { "CTA_PROTO_ICMP_CODE", 1, get_icmp },
	[CTA_PROTO_ICMPV6_ID] = { "CTA_PROTO_ICMPV6_ID", 2, get_port },
	[CTA_PROTO_ICMPV6_TYPE] = { "CTA_PROTO_ICMPV6_TYPE", 1, get_icmp },
	[CTA_PROTO_ICMPV6_CODE] = { "CTA_PROTO_ICMPV6_CODE", 1, get_icmp },
};

static int get_ip(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	(void)type;
	return in_nest(in, attr, ip_rows, sizeof(ip_rows) / sizeof(ip_rows[0]));
}

static int get_proto(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	(void)type;
	return in_nest(in, attr, proto_rows, sizeof(proto_rows) / sizeof(proto_rows[0]));
}

static int get_tuple_zone(const struct ct_in *in, const struct nlattr *attr, uint16_t type)
{
	const struct tuple_to *to = in->to;

	(void)type;
	to->t->zone = ntohs(in_raw16(attr));
	*to->given |= CT_FILTER_ZONE;
	return 0;
}

static const struct ct_row tuple_rows[] = {
	[CTA_TUPLE_IP] = { "CTA_TUPLE_IP", 0, get_ip },
	[CTA_TUPLE_PROTO] = { "CTA_TUPLE_PROTO", 0, get_proto },
	[CTA_TUPLE_ZONE] = { "CTA_TUPLE_ZONE", 2, get_tuple_zone },
};

int in_tuple(const struct ct_in *in, const struct nlattr *attr, struct ct_tuple *to,
	     uint32_t *given)
{
	struct tuple_to tuple = { to, given };
	struct ct_in inner = { in->family, &tuple, in->err };

	if (in->family != PKTT_IPV4 && in->family != PKTT_IPV6)
		return pktt_fail(in->err, -EOPNOTSUPP, "a tuple is of IPv4 or IPv6");
	to->family = in->family;
	return in_nest(&inner, attr, tuple_rows, sizeof(tuple_rows) / sizeof(tuple_rows[0]));
}

uint32_t ct_tuple_fields(uint8_t protocol)
{
	uint32_t ret = CT_FILTER_SRC | CT_FILTER_DST | CT_FILTER_PROTOCOL;

	if (protocol == IPPROTO_ICMP)
		ret |= CT_FILTER_ICMP_TYPE | CT_FILTER_ICMP_CODE | CT_FILTER_ICMP_ID;
	else if (protocol == IPPROTO_ICMPV6)
		ret |= CT_FILTER_ICMPV6_TYPE | CT_FILTER_ICMPV6_CODE | CT_FILTER_ICMPV6_ID;
	else if (ct_protocol_has_ports(protocol))
		ret |= CT_FILTER_SPORT | CT_FILTER_DPORT;
	return ret;
}
