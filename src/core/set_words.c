/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/set_words.h"

#include "base/buf.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef IPPROTO_UDPLITE
#	define IPPROTO_UDPLITE 136
#endif

/* --- Pieces ---------------------------------------------------------------------------------- */

bool set_piece_word(struct set_piece *rest, struct set_piece *word)
{
	size_t skip = strspn(rest->at, " \t"), len;
	bool is_quoted;

	rest->at += skip;
	rest->column += skip;
	if (*rest->at == '\0')
		return false;
	is_quoted = *rest->at == '"';
	len = is_quoted ? strcspn(rest->at + 1, "\"") : strcspn(rest->at, " \t");
	*word = (struct set_piece){ rest->at + is_quoted, len, rest->column + is_quoted };
	len += is_quoted;
	if (is_quoted && rest->at[len] == '"')
		len++;
	rest->at += len;
	rest->column += len;
	return true;
}

bool set_piece_cut(struct set_piece *rest, char sep, struct set_piece *piece)
{
	size_t n = 0;
	bool is_inside = false;

	if (!rest->at)
		return false;
	for (; n < rest->len && (is_inside || rest->at[n] != sep); n++)
		is_inside = rest->at[n] == '[' || (is_inside && rest->at[n] != ']');
	*piece = (struct set_piece){ rest->at, n, rest->column };
	if (n == rest->len) {
		rest->at = NULL;
		return true;
	}
	rest->at += n + 1;
	rest->len -= n + 1;
	rest->column += n + 1;
	return true;
}

bool set_piece_is(const struct set_piece *p, const char *text)
{
	return strlen(text) == p->len && memcmp(p->at, text, p->len) == 0;
}

bool set_piece_copy(const struct set_piece *p, char *buf, size_t room)
{
	if (p->len >= room)
		return false;
	memcpy(buf, p->at, p->len);
	buf[p->len] = '\0';
	return true;
}

int set_fail_at(struct pktt_error *err, size_t column, size_t len, int code, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (err)
		err->place = (struct pktt_place){ .column = (uint32_t)column + 1,
						  .length = len ? (uint32_t)len : 1 };
	return pktt_fail(err, code, "%s", text);
}

int set_piece_refuse(const struct set_piece *p, const char *expected, struct pktt_error *err)
{
	char text[80];
	size_t n = p->len < sizeof(text) - 1 ? p->len : sizeof(text) - 1;

	for (size_t i = 0; i < n; i++)
		text[i] = isprint((unsigned char)p->at[i]) ? p->at[i] : '?';
	text[n] = '\0';
	return set_fail_at(err, p->column, p->len, -EINVAL, "expected %s, not '%s'", expected,
			   text);
}

/* A type's own parser, with the sentence as an element has it: without dashes. */
static int parse_type(const struct pktt_type *type, const char *name, const struct set_piece *p,
		      void *val, struct pktt_error *err)
{
	const struct pktt_param param = { .name = name, .type = type, .size = type->size };
	const struct pktt_context ctx = { &param, NULL, PKTT_INET };
	struct pktt_error why = { 0 };
	char text[64];
	const char *word[1] = { text };

	if (!set_piece_copy(p, text, sizeof(text)))
		return set_piece_refuse(p, type->syntax, err);
	if (type->parse(&ctx, word, val, &why) == 0)
		return 0;
	return set_fail_at(err, p->column, p->len, why.code, "%s", why.text + 2);
}

static bool parse_number(const struct set_piece *p, int base, uint64_t max, uint64_t *ret)
{
	char text[24], *end;

	if (!set_piece_copy(p, text, sizeof(text)) || !isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, base);
	return errno == 0 && *end == '\0' && *ret <= max;
}

/* [NAME] is how names with dashes are written. */
static struct set_piece unbracket(struct set_piece p)
{
	if (p.len < 2 || p.at[0] != '[' || p.at[p.len - 1] != ']')
		return p;
	return (struct set_piece){ p.at + 1, p.len - 2, p.column + 1 };
}

/* --- Addresses ------------------------------------------------------------------------------- */

/* Four octets; "0" alone is 0.0.0.0. Short forms otherwise mean something else to ipset. */
static bool read_v4(const struct set_piece *p, uint32_t *ret)
{
	const char *c = p->at, *end = p->at + p->len;
	uint32_t addr = 0;

	if (set_piece_is(p, "0")) {
		*ret = 0;
		return true;
	}
	for (unsigned int n = 0; n < 4; n++) {
		const char *start = c;
		unsigned int v = 0;

		while (c < end && isdigit((unsigned char)*c) && c < start + 3)
			v = v * 10 + (unsigned int)(*c++ - '0');
		if (c == start || v > 255 || (n < 3 && (c == end || *c++ != '.')))
			return false;
		addr = addr << 8 | v;
	}
	*ret = addr;
	return c == end;
}

static int parse_v4(const struct set_piece *p, uint32_t *ret, struct pktt_error *err)
{
	if (read_v4(p, ret))
		return 0;
	return set_piece_refuse(p, "an IPv4 address (names are not resolved)", err);
}

static int parse_length(const struct set_piece *p, unsigned int max, uint8_t *ret,
			struct pktt_error *err)
{
	char expected[48];
	uint64_t v;

	if (parse_number(p, 10, max, &v)) {
		*ret = (uint8_t)v;
		return 0;
	}
	snprintf(expected, sizeof(expected), "a prefix length of 0 to %u", max);
	return set_piece_refuse(p, expected, err);
}

int set_addresses_parse(struct set_piece p, uint32_t *first, uint32_t *last, struct pktt_error *err)
{
	struct set_piece from, to = p;
	uint32_t host, swap;
	uint8_t cidr = 32;
	int r;

	if (memchr(p.at, '/', p.len)) {
		set_piece_cut(&to, '/', &from);
		r = parse_v4(&from, first, err);
		if (r == 0)
			r = parse_length(&to, 32, &cidr, err);
		if (r)
			return r;
		host = (uint32_t)(UINT64_C(0xffffffff) >> cidr);
		*first &= ~host;
		*last = *first | host;
		return 0;
	}
	set_piece_cut(&to, '-', &from);
	r = parse_v4(&from, first, err);
	*last = *first;
	if (r == 0 && to.at)
		r = parse_v4(&to, last, err);
	if (r == 0 && *first > *last) {
		swap = *first;
		*first = *last;
		*last = swap;
	}
	return r;
}

/* Of a single address a prefix of full length is as good as none. */
static int parse_v6(bool is_net, struct set_piece p, struct set_range *ret, struct pktt_error *err)
{
	struct set_piece addr, length = p;
	char text[INET6_ADDRSTRLEN];
	const char *expected = is_net ? "an IPv6 address or prefix" : "one IPv6 address";
	int r = 0;

	set_piece_cut(&length, '/', &addr);
	ret->at.cidr = 128;
	if (!set_piece_copy(&addr, text, sizeof(text)) ||
	    inet_pton(AF_INET6, text, ret->at.ip) != 1)
		return set_piece_refuse(&p, expected, err);
	if (length.at)
		r = parse_length(&length, 128, &ret->at.cidr, err);
	if (r == 0 && !is_net && ret->at.cidr != 128)
		return set_piece_refuse(&p, expected, err);
	return r;
}

static int parse_v4_range(const struct pktt_set *set, unsigned int d, struct set_piece p,
			  struct set_range *ret, struct pktt_error *err)
{
	bool is_net = set->type->part[d] == SET_PART_NET;
	bool is_plain = !memchr(p.at, '-', p.len);
	struct set_piece addr = p, length = p;
	int r;

	ret->at.cidr = 32;
	if (is_net && is_plain) {
		set_piece_cut(&length, '/', &addr);
		r = parse_v4(&addr, &ret->ip, err);
		put_be32(ret->at.ip, ret->ip);
		ret->ip_last = ret->ip;
		if (r == 0 && length.at)
			r = parse_length(&length, 32, &ret->at.cidr, err);
		return r;
	}
	r = set_addresses_parse(p, &ret->ip, &ret->ip_last, err);
	put_be32(ret->at.ip, ret->ip);
	ret->is_range = ret->ip != ret->ip_last || is_net;
	return r;
}

static bool is_plain(const struct set_piece *p)
{
	return !memchr(p->at, '/', p->len) && !memchr(p->at, '-', p->len);
}

/* The second address of hash:ip,port,ip is always one alone, and so is that of bitmap:ip,mac. */
static bool is_single(const struct pktt_set *set, unsigned int d)
{
	return (d > 0 || set->type->flags & SET_MAC_OPTIONAL) && set->type->part[d] == SET_PART_IP;
}

static int parse_address(const struct pktt_set *set, unsigned int d, struct set_piece p,
			 struct set_range *ret, struct pktt_error *err)
{
	bool is_net = set->type->part[d] == SET_PART_NET;
	int r;

	p = unbracket(p);
	if (set->addr_len == 16)
		r = parse_v6(is_net, p, ret, err);
	else
		r = parse_v4_range(set, d, p, ret, err);
	if (r == 0 && is_single(set, d) && (ret->is_range || (d == 0 && !is_plain(&p))))
		return set_piece_refuse(&p, "one IPv4 address", err);
	if (r == 0 && is_net && ret->at.cidr == 0 && !(set->type->flags & SET_ZERO_PREFIX))
		return set_fail_at(err, p.column, p.len, -EINVAL,
				   "a prefix of length 0 cannot be in a set of type %s",
				   set->type->ext.name);
	return r;
}

/* --- Ports ----------------------------------------------------------------------------------- */

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_UDPLITE;
}

static int parse_ports(struct set_piece p, struct set_range *ret, struct pktt_error *err)
{
	struct set_piece from, to = p;
	uint16_t swap;
	int r;

	set_piece_cut(&to, '-', &from);
	from = unbracket(from);
	r = parse_type(&pktt_type_port, "port", &from, &ret->at.port, err);
	ret->port_last = ret->at.port;
	if (r || !to.at)
		return r;
	to = unbracket(to);
	r = parse_type(&pktt_type_port, "port", &to, &ret->port_last, err);
	if (ret->at.port > ret->port_last) {
		swap = ret->at.port;
		ret->at.port = ret->port_last;
		ret->port_last = swap;
	}
	ret->is_range = ret->at.port != ret->port_last;
	return r;
}

static int parse_icmp(bool is_v6, struct set_piece p, struct set_range *ret, struct pktt_error *err)
{
	struct set_piece type, code = p;
	uint64_t t = 0, c = 0;
	char name[40];
	int v = -ENOENT;

	if (set_piece_copy(&p, name, sizeof(name)))
		v = set_icmp_parse(is_v6, name);
	set_piece_cut(&code, '/', &type);
	if (v < 0 &&
	    (!code.at || !parse_number(&type, 10, 255, &t) || !parse_number(&code, 10, 255, &c)))
		return set_piece_refuse(&p, "an ICMP name or TYPE/CODE, each 0 to 255", err);
	ret->at.port = ret->port_last = v >= 0 ? (uint16_t)v : (uint16_t)(t << 8 | c);
	return 0;
}

static int parse_icmp_of(const struct pktt_set *set, struct set_piece p, struct set_range *ret,
			 struct pktt_error *err)
{
	bool is_v6 = ret->at.proto == IPPROTO_ICMPV6;

	if (is_v6 != (set->addr_len == 16))
		return set_fail_at(err, p.column, p.len, -EINVAL, "%s is for sets of family %s",
				   is_v6 ? "icmpv6" : "icmp", is_v6 ? "inet6" : "inet");
	return parse_icmp(is_v6, p, ret, err);
}

/* [PROTOCOL:]PORT[-PORT]; the protocol is TCP unless given. */
static int parse_port(const struct pktt_set *set, struct set_piece p, struct set_range *ret,
		      struct pktt_error *err)
{
	struct set_piece proto, port = p;
	int r;

	ret->at.proto = IPPROTO_TCP;
	set_piece_cut(&port, ':', &proto);
	if (!port.at)
		return parse_ports(p, ret, err);
	if (set_piece_is(&proto, "icmpv6"))
		proto = (struct set_piece){ "ipv6-icmp", 9, proto.column };
	r = parse_type(&pktt_type_proto, "protocol", &proto, &ret->at.proto, err);
	if (r)
		return r;
	if (has_ports(ret->at.proto) || set->type->store == SET_BITMAP)
		return parse_ports(port, ret, err);
	if (ret->at.proto == IPPROTO_ICMP || ret->at.proto == IPPROTO_ICMPV6)
		return parse_icmp_of(set, port, ret, err);
	if (ret->at.proto == 0)
		return set_piece_refuse(&proto, "a protocol that is not 0", err);
	if (!set_piece_is(&port, "0"))
		return set_piece_refuse(&port, "port 0, since the protocol has no ports", err);
	return 0;
}

/* --- The rest -------------------------------------------------------------------------------- */

static int parse_mac(const struct pktt_set *set, struct set_piece p, struct set_range *ret,
		     struct pktt_error *err)
{
	static const uint8_t none[6];
	struct pktt_mac mac;
	int r = parse_type(&pktt_type_mac, "mac", &p, &mac, err);

	if (r)
		return r;
	memcpy(ret->at.mac, mac.byte, sizeof(ret->at.mac));
	ret->at.has_mac = true;
	if (set->type->store == SET_HASH && memcmp(mac.byte, none, sizeof(none)) == 0)
		return set_piece_refuse(&p, "a hardware address that is not zero", err);
	return 0;
}

static int parse_mark(struct set_piece p, struct set_range *ret, struct pktt_error *err)
{
	uint64_t v;

	if (!parse_number(&p, 0, UINT32_MAX, &v))
		return set_piece_refuse(&p, "a mark of 32 bits", err);
	ret->at.mark = (uint32_t)v;
	return 0;
}

static int parse_iface(struct set_piece p, struct set_range *ret, struct pktt_error *err)
{
	struct set_piece first, name = p;

	set_piece_cut(&name, ':', &first);
	ret->at.is_physdev = name.at && set_piece_is(&first, "physdev");
	if (!ret->at.is_physdev)
		name = p;
	if (name.len == 0 || !set_piece_copy(&name, ret->at.iface, sizeof(ret->at.iface)))
		return set_piece_refuse(&p, "an interface's name of 1 to 15 characters", err);
	return 0;
}

int set_range_parse(const struct pktt_set *set, unsigned int d, struct set_piece p,
		    struct set_range *ret, struct pktt_error *err)
{
	memset(ret, 0, sizeof(*ret));
	ret->column = (uint16_t)p.column;
	ret->len = (uint16_t)p.len;
	switch (set->type->part[d]) {
	case SET_PART_IP:
	case SET_PART_NET:
		return parse_address(set, d, p, ret, err);
	case SET_PART_PORT:
		return parse_port(set, p, ret, err);
	case SET_PART_MAC:
		return parse_mac(set, p, ret, err);
	case SET_PART_MARK:
		return parse_mark(p, ret, err);
	case SET_PART_IFACE:
		return parse_iface(p, ret, err);
	case SET_PART_MEMBER:
	case SET_PART_NONE:
		break;
	}
	return 0;
}

/* --- Printing -------------------------------------------------------------------------------- */

static void print_address(const struct pktt_set *set, bool is_net, const struct set_dim *dim,
			  struct str *out)
{
	char text[INET6_ADDRSTRLEN];
	bool is_v6 = set->addr_len == 16;

	str_puts(out, inet_ntop(is_v6 ? AF_INET6 : AF_INET, dim->ip, text, sizeof(text)));
	if (is_net && dim->cidr != set->addr_len * 8u)
		str_putf(out, "/%u", dim->cidr);
}

static void print_port(const struct pktt_set *set, const struct set_dim *dim, struct str *out)
{
	const struct pktt_param param = { .name = "protocol", .type = &pktt_type_proto, .size = 1 };
	const struct pktt_context ctx = { &param, NULL, PKTT_INET };
	bool is_v6 = dim->proto == IPPROTO_ICMPV6;
	const char *name = NULL;

	if (set->type->store != SET_BITMAP) {
		pktt_type_proto.print(&ctx, &dim->proto, out);
		str_putc(out, ':');
	}
	if (is_v6 || dim->proto == IPPROTO_ICMP) {
		name = set_icmp_name(is_v6, dim->port);
		if (!name)
			str_putf(out, "%u/", dim->port >> 8);
	}
	if (name)
		str_puts(out, name);
	else
		str_putf(out, "%u",
			 is_v6 || dim->proto == IPPROTO_ICMP ? dim->port & 0xff : dim->port);
}

void set_dim_print(const struct pktt_set *set, unsigned int d, const struct set_dim *dim,
		   struct str *out)
{
	switch (set->type->part[d]) {
	case SET_PART_IP:
	case SET_PART_NET:
		print_address(set, set->type->part[d] == SET_PART_NET, dim, out);
		break;
	case SET_PART_PORT:
		print_port(set, dim, out);
		break;
	case SET_PART_MAC:
		for (unsigned int i = 0; i < 6; i++)
			str_putf(out, "%s%02X", i ? ":" : "", dim->mac[i]);
		break;
	case SET_PART_MARK:
		str_putf(out, "0x%08x", dim->mark);
		break;
	case SET_PART_IFACE:
		str_putf(out, "%s%s", dim->is_physdev ? "physdev:" : "", dim->iface);
		break;
	case SET_PART_MEMBER:
	case SET_PART_NONE:
		break;
	}
}
