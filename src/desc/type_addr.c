/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses, prefixes, ranges, and what address translation translates to.
 *
 * The family of the rule says which addresses fit; an inet or bridge rule takes both unless the
 * parameter is marked PKTT_ONLY_V4 or PKTT_ONLY_V6. Host names are refused, never resolved: what a
 * rule says must not depend on a name server at the moment when it is loaded.
 */
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <arpa/inet.h>
#include <errno.h>

static bool takes_v4(const struct pktt_context *ctx)
{
	return ctx->family != PKTT_IPV6 && !(ctx->param->flags & PKTT_ONLY_V6);
}

static bool takes_v6(const struct pktt_context *ctx)
{
	return ctx->family != PKTT_IPV4 && ctx->family != PKTT_ARP &&
	       !(ctx->param->flags & PKTT_ONLY_V4);
}

static const char *wanted(const struct pktt_context *ctx)
{
	if (!takes_v6(ctx))
		return "an IPv4 address";
	return takes_v4(ctx) ? "an IPv4 or IPv6 address" : "an IPv6 address";
}

static bool is_host_name(struct span s)
{
	bool has_letter = false;

	for (size_t i = 0; i < s.len; i++) {
		bool is_letter = (s.at[i] | 0x20) >= 'a' && (s.at[i] | 0x20) <= 'z';
		bool is_digit = s.at[i] >= '0' && s.at[i] <= '9';

		has_letter |= is_letter;
		if (!is_letter && !is_digit && s.at[i] != '.' && s.at[i] != '-' && s.at[i] != '_')
			return false;
	}
	return has_letter;
}

static int refuse_addr(const struct pktt_context *ctx, struct span s, struct pktt_error *err)
{
	char name[64];

	if (is_host_name(s) && span_copy(s, name, sizeof(name)))
		return pktt_fail(err, -EINVAL,
				 "--%s: '%s' is a host name; names are not resolved, write %s",
				 ctx->param->name, name, wanted(ctx));
	return type_refuse(ctx, s, wanted(ctx), err);
}

/* 0 to 255 without leading zeros, up to a dot or the end, where *at is left. */
static bool read_octet(struct span s, size_t *at, uint8_t *ret)
{
	size_t start = *at, i = start;
	unsigned int v = 0;

	for (; i < s.len && s.at[i] >= '0' && s.at[i] <= '9' && i < start + 3; i++)
		v = v * 10 + (unsigned int)(s.at[i] - '0');
	*at = i;
	*ret = (uint8_t)v;
	return v < 256 && i > start && (i == start + 1 || s.at[start] != '0') &&
	       (i == s.len || s.at[i] == '.');
}

/* Four octets; least says how many must be there, the others are 0 (10/8 is 10.0.0.0/8). */
static bool read_v4(struct span s, unsigned int least, struct pktt_addr *ret)
{
	struct pktt_addr addr = { .len = 4 };
	unsigned int n = 0;
	size_t at = 0;

	for (; at <= s.len; n++, at++)
		if (n == 4 || !read_octet(s, &at, &addr.byte[n]))
			return false;
	*ret = addr;
	return n >= least;
}

static bool read_v6(struct span s, struct pktt_addr *ret)
{
	char buf[INET6_ADDRSTRLEN];

	*ret = (struct pktt_addr){ .len = 16 };
	return span_copy(s, buf, sizeof(buf)) && inet_pton(AF_INET6, buf, ret->byte) == 1;
}

static int read_addr(const struct pktt_context *ctx, struct span s, unsigned int least,
		     struct pktt_addr *ret, struct pktt_error *err)
{
	struct pktt_addr addr;
	bool is_v4 = read_v4(s, least, &addr);
	bool is_v6 = !is_v4 && read_v6(s, &addr);

	if (!(is_v4 && takes_v4(ctx)) && !(is_v6 && takes_v6(ctx)))
		return refuse_addr(ctx, s, err);
	*ret = addr;
	return 0;
}

int type_addr(const struct pktt_context *ctx, struct span s, struct pktt_addr *ret,
	      struct pktt_error *err)
{
	return read_addr(ctx, s, 4, ret, err);
}

int type_addr_check(const struct pktt_context *ctx, const struct pktt_addr *addr,
		    struct pktt_error *err)
{
	if ((addr->len == 4 && takes_v4(ctx)) || (addr->len == 16 && takes_v6(ctx)))
		return 0;
	return pktt_fail(err, -EINVAL, "--%s: %s is expected", ctx->param->name, wanted(ctx));
}

static char *put_octet(char *at, uint8_t v)
{
	if (v >= 100)
		*at++ = (char)('0' + v / 100);
	if (v >= 10)
		*at++ = (char)('0' + v / 10 % 10);
	*at++ = (char)('0' + v % 10);
	return at;
}

size_t type_addr_text(const struct pktt_addr *addr, char buf[TYPE_ADDR_ROOM])
{
	char *at = buf;

	for (unsigned int i = 0; addr->len == 4 && i < 4; i++) {
		if (i)
			*at++ = '.';
		at = put_octet(at, addr->byte[i]);
	}
	*at = '\0';
	if (addr->len == 16)
		return strlen(inet_ntop(AF_INET6, addr->byte, buf, TYPE_ADDR_ROOM));
	return (size_t)(at - buf);
}

void type_addr_print(const struct pktt_addr *addr, struct str *out)
{
	char buf[TYPE_ADDR_ROOM];
	size_t len = type_addr_text(addr, buf);

	if (len)
		str_putn(out, buf, len);
}

static int parse_addr(const struct pktt_context *ctx, const char *const *word, void *val,
		      struct pktt_error *err)
{
	return type_addr(ctx, span_of(word[0]), val, err);
}

static int check_addr(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	return type_addr_check(ctx, val, err);
}

static void print_addr(const struct pktt_context *ctx, const void *val, struct str *out)
{
	(void)ctx;
	type_addr_print(val, out);
}

const struct pktt_type pktt_type_addr = {
	.name = "addr",
	.syntax = "ADDRESS",
	.size = sizeof(struct pktt_addr),
	.words = 1,
	.cmp = PKTT_CMP_EQUAL,
	.part = TYPE_SOLE(struct pktt_addr, ADDR),
	.parse = parse_addr,
	.check = check_addr,
	.print = print_addr,
};

/* --- Prefixes and masks ----------------------------------------------------------------------- */

static struct pktt_addr mask_of(uint8_t len, unsigned int bits)
{
	struct pktt_addr mask = { .len = len };

	if (bits > len * 8u)
		bits = len * 8u;
	memset(mask.byte, 0xff, bits / 8);
	if (bits % 8)
		mask.byte[bits / 8] = (uint8_t)(0xff00 >> bits % 8);
	return mask;
}

/* The number of leading ones, or -1 when ones follow a zero. */
static int prefix_length(const struct pktt_addr *mask)
{
	unsigned int bits = 0;
	struct pktt_addr made;

	if (mask->len > sizeof(mask->byte))
		return -1;
	while (bits < mask->len * 8u && mask->byte[bits / 8] == 0xff)
		bits += 8;
	while (bits < mask->len * 8u && mask->byte[bits / 8] & 0x80 >> bits % 8)
		bits++;
	made = mask_of(mask->len, bits);
	return memcmp(made.byte, mask->byte, mask->len) == 0 ? (int)bits : -1;
}

static int read_mask(const struct pktt_context *ctx, struct span s, uint8_t len,
		     struct pktt_addr *ret, struct pktt_error *err)
{
	bool is_decimal = s.len > 0 && s.len <= 3 && strspn(s.at, "0123456789") >= s.len;
	uint64_t bits = 0;

	for (size_t i = 0; is_decimal && i < s.len; i++)
		bits = bits * 10 + (uint64_t)(s.at[i] - '0');
	if (is_decimal && bits <= UINT64_C(8) * len) {
		*ret = mask_of(len, (unsigned int)bits);
		return 0;
	}
	if (!is_decimal && len == 4 && read_v4(s, 4, ret))
		return 0;
	if (!is_decimal && len == 16 && read_v6(s, ret))
		return 0;
	if (len == 4)
		return type_refuse(ctx, s, "a mask: 0 to 32, or as 255.255.0.0", err);
	return type_refuse(ctx, s, "a mask: 0 to 128, or as ffff:ffff::", err);
}

/*
 * 10/8: octets may be left out of -s and -d alone. There iptables fills up with zeros behind, in the
 * options of extensions before the last (10.1 is 10.0.0.1), which nobody expects: refused.
 */
static unsigned int least_octets(const struct pktt_context *ctx)
{
	return ctx->ext && ctx->ext->kind == PKTT_KIND_HEAD ? 1 : 4;
}

/* Bits outside the mask are cleared, as iptables does. */
static int parse_prefix(const struct pktt_context *ctx, const char *const *word, void *val,
			struct pktt_error *err)
{
	struct pktt_prefix *p = val;
	struct span addr, mask;
	bool has_mask = span_split(span_of(word[0]), '/', &addr, &mask);
	int r = read_addr(ctx, addr, least_octets(ctx), &p->addr, err);

	if (r)
		return r;
	p->mask = mask_of(p->addr.len, 128);
	if (has_mask)
		r = read_mask(ctx, mask, p->addr.len, &p->mask, err);
	if (r)
		return r;
	for (unsigned int i = 0; i < p->addr.len; i++)
		p->addr.byte[i] &= p->mask.byte[i];
	return 0;
}

static int check_prefix(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_prefix *p = val;
	int r = type_addr_check(ctx, &p->addr, err);

	if (r)
		return r;
	if (p->mask.len != p->addr.len)
		return type_fail(ctx, -EINVAL, err, "address and mask are of different families");
	for (unsigned int i = 0; i < p->addr.len; i++)
		if (p->addr.byte[i] & ~p->mask.byte[i])
			return type_fail(ctx, -EINVAL, err,
					 "the address has bits outside the mask");
	return 0;
}

static void print_prefix(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_prefix *p = val;
	int bits = prefix_length(&p->mask);

	type_addr_print(&p->addr, out);
	if (ctx->param->flags & PKTT_SHOW_HOST && bits == p->addr.len * 8)
		return;
	str_putc(out, '/');
	if (bits < 0)
		type_addr_print(&p->mask, out);
	else
		str_put_uint(out, (unsigned int)bits);
}

const struct pktt_type pktt_type_prefix = {
	.name = "prefix",
	.syntax = "ADDRESS[/LENGTH|/MASK]",
	.size = sizeof(struct pktt_prefix),
	.words = 1,
	.cmp = PKTT_CMP_MASK,
	.part = { TYPE_PART(struct pktt_prefix, addr, ADDR),
		  TYPE_PART(struct pktt_prefix, mask, ADDR) },
	.parse = parse_prefix,
	.check = check_prefix,
	.print = print_prefix,
};

/* --- Ranges and lists ------------------------------------------------------------------------- */

static int read_range(const struct pktt_context *ctx, struct span s, struct pktt_addr *min,
		      struct pktt_addr *max, struct pktt_error *err)
{
	struct span low, high;
	bool has_two = span_split(s, '-', &low, &high);
	int r = is_host_name(s) ? refuse_addr(ctx, s, err) : type_addr(ctx, low, min, err);

	if (r)
		return r;
	*max = *min;
	return has_two ? type_addr(ctx, high, max, err) : 0;
}

static int check_two(const struct pktt_context *ctx, const struct pktt_addr *min,
		     const struct pktt_addr *max, struct pktt_error *err)
{
	int r = type_addr_check(ctx, min, err);

	if (r)
		return r;
	if (min->len != max->len)
		return type_fail(ctx, -EINVAL, err,
				 "the ends of the range are of different families");
	return 0;
}

/* A backward range is taken (and never matches), as iptables takes it with a warning. */
static int parse_addr_range(const struct pktt_context *ctx, const char *const *word, void *val,
			    struct pktt_error *err)
{
	struct pktt_addr_range *v = val;

	return read_range(ctx, span_of(word[0]), &v->min, &v->max, err);
}

static int check_addr_range(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_addr_range *v = val;

	return check_two(ctx, &v->min, &v->max, err);
}

/* Both ends always, as iptables-save writes --src-range. */
static void print_addr_range(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_addr_range *v = val;

	(void)ctx;
	type_addr_print(&v->min, out);
	str_putc(out, '-');
	type_addr_print(&v->max, out);
}

const struct pktt_type pktt_type_addr_range = {
	.name = "addr-range",
	.syntax = "ADDRESS[-ADDRESS]",
	.size = sizeof(struct pktt_addr_range),
	.words = 1,
	.cmp = PKTT_CMP_RANGE,
	.part = { TYPE_PART(struct pktt_addr_range, min, ADDR),
		  TYPE_PART(struct pktt_addr_range, max, ADDR) },
	.parse = parse_addr_range,
	.check = check_addr_range,
	.print = print_addr_range,
};

static int parse_addr_list(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	struct pktt_addr_list *list = val;
	struct span rest = span_of(word[0]), piece;

	while (span_cut(&rest, ',', &piece)) {
		int r;

		if (list->count == pktt_countof(list->addr))
			return type_fail(ctx, -E2BIG, err, "at most 16 addresses are possible");
		r = type_addr(ctx, piece, &list->addr[list->count], err);
		if (r)
			return r;
		list->count++;
	}
	return 0;
}

static int check_addr_list(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_addr_list *list = val;
	int r = 0;

	if (list->count == 0 || list->count > pktt_countof(list->addr))
		return type_fail(ctx, -EINVAL, err, "1 to 16 addresses are expected");
	for (unsigned int i = 0; r == 0 && i < list->count; i++)
		r = type_addr_check(ctx, &list->addr[i], err);
	return r;
}

static void print_addr_list(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_addr_list *list = val;

	(void)ctx;
	for (unsigned int i = 0; i < list->count && i < pktt_countof(list->addr); i++) {
		if (i)
			str_putc(out, ',');
		type_addr_print(&list->addr[i], out);
	}
}

const struct pktt_type pktt_type_addr_list = {
	.name = "addr-list",
	.syntax = "ADDRESS[,ADDRESS]...",
	.size = sizeof(struct pktt_addr_list),
	.words = 1,
	.part = TYPE_SOLE(struct pktt_addr, ADDR),
	.list_max = 16,
	.list_offset = offsetof(struct pktt_addr_list, addr),
	.list_stride = sizeof(struct pktt_addr),
	.parse = parse_addr_list,
	.check = check_addr_list,
	.print = print_addr_list,
};

/* --- What NAT translates to: ADDR[-ADDR][:PORT[-PORT[/BASE]]], [V6[-V6]]:PORT... -------------- */

static int read_nat_ports(const struct pktt_context *ctx, struct span s, struct pktt_nat_range *v,
			  struct pktt_error *err)
{
	struct span ports, base, low, high;
	int r = 0;

	if (span_split(s, '/', &ports, &base))
		r = type_port(ctx, base, &v->port_base, err);
	if (r)
		return r;
	if (!span_split(ports, '-', &low, &high)) {
		r = type_port(ctx, low, &v->port_min, err);
		v->port_max = v->port_min;
		return r;
	}
	r = type_port(ctx, low, &v->port_min, err);
	return r ? r : type_port(ctx, high, &v->port_max, err);
}

/* Where the addresses end and the ports begin; false when a bracket is not closed. */
static bool split_nat(struct span s, struct span *addrs, struct span *ports)
{
	const char *colon = memchr(s.at, ':', s.len), *close;

	*ports = (struct span){ NULL, 0 };
	*addrs = s;
	if (s.len && s.at[0] == '[') {
		close = memchr(s.at, ']', s.len);
		if (!close)
			return false;
		*addrs = (struct span){ s.at + 1, (size_t)(close - s.at) - 1 };
		if (close[1] != '\0' && close[1] != ':')
			return false;
		colon = close[1] ? close + 1 : NULL;
	} else if (colon && memchr(colon + 1, ':', s.len - (size_t)(colon + 1 - s.at))) {
		return true; /* two colons without brackets: an IPv6 address alone */
	} else if (colon) {
		addrs->len = (size_t)(colon - s.at);
	}
	if (colon)
		*ports = (struct span){ colon + 1, s.len - (size_t)(colon + 1 - s.at) };
	return true;
}

static int parse_nat_range(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	struct pktt_nat_range *v = val;
	struct span whole = span_of(word[0]), addrs, ports;
	int r = 0;

	if (whole.len == 0 || !split_nat(whole, &addrs, &ports))
		return type_refuse(ctx, whole, "ADDRESS[-ADDRESS][:PORT[-PORT]]", err);
	if (addrs.len)
		r = read_range(ctx, addrs, &v->min, &v->max, err);
	if (r == 0 && ports.at)
		r = read_nat_ports(ctx, ports, v, err);
	return r;
}

static int check_nat_addrs(const struct pktt_context *ctx, const struct pktt_nat_range *v,
			   struct pktt_error *err)
{
	int r = check_two(ctx, &v->min, &v->max, err);

	if (r)
		return r;
	if (memcmp(v->min.byte, v->max.byte, v->min.len) > 0)
		return type_fail(ctx, -ERANGE, err, "the range of addresses is backwards");
	return 0;
}

static int check_nat_range(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_nat_range *v = val;
	bool has_addr = v->min.len || v->max.len;
	int r = has_addr ? check_nat_addrs(ctx, v, err) : 0;

	if (r)
		return r;
	if (!has_addr && v->port_max == 0)
		return type_fail(ctx, -EINVAL, err, "an address or a port is expected");
	if (v->port_min > v->port_max || (v->port_min == 0 && v->port_max))
		return type_fail(ctx, -ERANGE, err,
				 "ports are 1 to 65535, the lower of a range first");
	if (v->port_base && v->port_max == 0)
		return type_fail(ctx, -EINVAL, err, "a base port needs a range of ports");
	return 0;
}

static void print_nat_range(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_nat_range *v = val;
	bool in_brackets = v->min.len == 16 && v->port_max;

	(void)ctx;
	if (in_brackets)
		str_putc(out, '[');
	type_addr_print(&v->min, out);
	if (v->min.len <= sizeof(v->min.byte) &&
	    memcmp(v->min.byte, v->max.byte, v->min.len) != 0) {
		str_putc(out, '-');
		type_addr_print(&v->max, out);
	}
	if (in_brackets)
		str_putc(out, ']');
	if (v->port_max)
		str_putf(out, ":%u", v->port_min);
	if (v->port_max != v->port_min)
		str_putf(out, "-%u", v->port_max);
	if (v->port_base)
		str_putf(out, "/%u", v->port_base);
}

const struct pktt_type pktt_type_nat_range = {
	.name = "nat-range",
	.syntax = "ADDRESS[-ADDRESS][:PORT[-PORT[/BASE]]]",
	.size = sizeof(struct pktt_nat_range),
	.words = 1,
	.part = { TYPE_PART(struct pktt_nat_range, min, ADDR),
		  TYPE_PART(struct pktt_nat_range, max, ADDR),
		  TYPE_PART(struct pktt_nat_range, port_min, UINT),
		  TYPE_PART(struct pktt_nat_range, port_max, UINT),
		  TYPE_PART(struct pktt_nat_range, port_base, UINT) },
	.parse = parse_nat_range,
	.check = check_nat_range,
	.print = print_nat_range,
};
