/* SPDX-License-Identifier: BSD-2-Clause */
/* What is inside a packet, by name: ICMP types, protocols, Ethernet types, TOS, IPv6 options. */
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <strings.h>

/* --- ICMP: TYPE[/CODE] or a name -------------------------------------------------------------- */

/* In ICMPv4 type 255 is "any" whatever the code, as the kernel takes it. */
static bool is_any(const struct pktt_context *ctx, unsigned int type)
{
	return type == 255 && ctx->family != PKTT_IPV6 && !(ctx->param->flags & PKTT_ONLY_V6);
}

static bool starts_with_digit(struct span s)
{
	return s.len && s.at[0] >= '0' && s.at[0] <= '9';
}

static int parse_icmp(const struct pktt_context *ctx, const char *const *word, void *val,
		      struct pktt_error *err)
{
	struct span whole = span_of(word[0]), type, code;
	struct pktt_icmp *v = val;
	uint64_t t, c = 0;
	uint32_t symbol;
	bool has_code;
	int r;

	if (is_any(ctx, 255) && strcasecmp(word[0], "any") == 0) {
		*v = (struct pktt_icmp){ 255, 0, 255 };
		return 0;
	}
	if (!starts_with_digit(whole)) {
		r = type_symbol(ctx, whole, &symbol, err);
		if (r)
			return r;
		*v = (struct pktt_icmp){ (uint8_t)(symbol >> 16), (uint8_t)(symbol >> 8),
					 (uint8_t)symbol };
		return 0;
	}
	has_code = span_split(whole, '/', &type, &code);
	if (type_number(type, 255, &t) || (has_code && type_number(code, 255, &c)))
		return type_refuse(ctx, whole,
				   "an ICMP type: a name, or TYPE[/CODE], each 0 to 255", err);
	has_code &= !is_any(ctx, (unsigned int)t);
	v->type = (uint8_t)t;
	v->code_min = has_code ? (uint8_t)c : 0;
	v->code_max = has_code ? (uint8_t)c : 255;
	return 0;
}

static int check_icmp(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_icmp *v = val;

	if (v->code_min == 0 && v->code_max == 255)
		return 0;
	if (is_any(ctx, v->type))
		return type_fail(ctx, -EINVAL, err, "any type has all codes (0 to 255)");
	if (v->code_min == v->code_max)
		return 0;
	return type_fail(ctx, -EINVAL, err, "one code or all of them (0 to 255) are possible");
}

static void print_icmp(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_icmp *v = val;

	if (is_any(ctx, v->type))
		str_puts(out, "any");
	else if (v->code_min != v->code_max)
		str_putf(out, "%u", v->type);
	else
		str_putf(out, "%u/%u", v->type, v->code_min);
}

const struct pktt_type pktt_type_icmp = {
	.name = "icmp",
	.syntax = "TYPE[/CODE]|NAME",
	.size = sizeof(struct pktt_icmp),
	.words = 1,
	.part = { TYPE_PART(struct pktt_icmp, type, UINT),
		  TYPE_PART(struct pktt_icmp, code_min, UINT),
		  TYPE_PART(struct pktt_icmp, code_max, UINT) },
	.parse = parse_icmp,
	.check = check_icmp,
	.print = print_icmp,
};

/* --- Layer-4 protocols ------------------------------------------------------------------------ */

/*
 * The names that iptables knows without /etc/protocols, and those that Debian's file has for common
 * protocols: what is printed must not depend on the machine. The first name of a number prints.
 */
static const struct pktt_symbol protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
	{ "ipv6-icmp", IPPROTO_ICMPV6 },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "icmp6", IPPROTO_ICMPV6 },
	{ "udplite", IPPROTO_UDPLITE },
	{ "sctp", IPPROTO_SCTP },
	{ "dccp", IPPROTO_DCCP },
	{ "esp", IPPROTO_ESP },
	{ "ah", IPPROTO_AH },
	{ "mobility-header", IPPROTO_MH },
	{ "ipv6-mh", IPPROTO_MH },
	{ "mh", IPPROTO_MH },
	{ "gre", IPPROTO_GRE },
	{ "igmp", IPPROTO_IGMP },
	{ "ipencap", IPPROTO_IPIP },
	{ "ipv6", IPPROTO_IPV6 },
	{ "ospf", 89 },
	{ "vrrp", 112 },
	{ "l2tp", 115 },
	{ "pim", IPPROTO_PIM },
	{ "ipcomp", IPPROTO_COMP },
	{ "all", 0 },
	{ NULL, 0 },
};

static bool lookup_protocol(const char *name, uint8_t *ret)
{
	struct protoent entry, *found = NULL;
	char buf[1024];

	for (const struct pktt_symbol *sym = protocols; sym->name; sym++)
		if (strcasecmp(sym->name, name) == 0) {
			*ret = (uint8_t)sym->value;
			return true;
		}
	if (getprotobyname_r(name, &entry, buf, sizeof(buf), &found) || !found ||
	    found->p_proto < 0 || found->p_proto > 255)
		return false;
	*ret = (uint8_t)found->p_proto;
	return true;
}

static int parse_proto(const struct pktt_context *ctx, const char *const *word, void *val,
		       struct pktt_error *err)
{
	struct span s = span_of(word[0]);
	uint64_t v;

	if (type_number(s, 255, &v) == 0) {
		*(uint8_t *)val = (uint8_t)v;
		return 0;
	}
	if (s.len && s.len < 32 && !starts_with_digit(s) && lookup_protocol(word[0], val))
		return 0;
	return type_refuse(ctx, s, "a protocol: 0 to 255, tcp, udp, icmp, ... or of /etc/protocols",
			   err);
}

static void print_proto(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const char *name = type_symbol_name(protocols, *(const uint8_t *)val);
	struct protoent entry, *found = NULL;
	char buf[1024];

	if (ctx->param->flags & PKTT_SHOW_NUMBER)
		name = NULL;
	else if (!name &&
		 getprotobynumber_r(*(const uint8_t *)val, &entry, buf, sizeof(buf), &found) == 0 &&
		 found)
		name = found->p_name;
	if (name)
		str_puts(out, name);
	else
		str_putf(out, "%u", *(const uint8_t *)val);
}

const struct pktt_type pktt_type_proto = {
	.name = "proto",
	.syntax = "PROTOCOL",
	.size = sizeof(uint8_t),
	.words = 1,
	.cmp = PKTT_CMP_EQUAL,
	.part = TYPE_SOLE(uint8_t, UINT),
	.parse = parse_proto,
	.print = print_proto,
};

/* --- Ethernet types, as ebtables' /etc/ethertypes names them ---------------------------------- */

static const struct pktt_symbol ethertypes[] = {
	{ "IPv4", 0x0800 },	   { "ip", 0x0800 },
	{ "ip4", 0x0800 },	   { "X25", 0x0805 },
	{ "ARP", 0x0806 },	   { "ether-arp", 0x0806 },
	{ "FR_ARP", 0x0808 },	   { "BPQ", 0x08ff },
	{ "TRILL", 0x22f3 },	   { "L2-IS-IS", 0x22f4 },
	{ "TEB", 0x6558 },	   { "RAW_FR", 0x6559 },
	{ "RARP", 0x8035 },	   { "ATALK", 0x809b },
	{ "AARP", 0x80f3 },	   { "802_1Q", 0x8100 },
	{ "8021q", 0x8100 },	   { "1q", 0x8100 },
	{ "802.1q", 0x8100 },	   { "dot1q", 0x8100 },
	{ "IPX", 0x8137 },	   { "NetBEUI", 0x8191 },
	{ "IPv6", 0x86dd },	   { "ip6", 0x86dd },
	{ "PPP", 0x880b },	   { "MPLS", 0x8847 },
	{ "MPLS_MULTI", 0x8848 },  { "ATMMPOA", 0x884c },
	{ "PPP_DISC", 0x8863 },	   { "PPP_SES", 0x8864 },
	{ "ATMFATE", 0x8884 },	   { "EAPOL", 0x888e },
	{ "S-TAG", 0x88a8 },	   { "802_1ad", 0x88a8 },
	{ "EAP_PREAUTH", 0x88c7 }, { "LLDP", 0x88cc },
	{ "MACSEC", 0x88e5 },	   { "PBB", 0x88e7 },
	{ "macinmac", 0x88e7 },	   { "MVRP", 0x88f5 },
	{ "PTP", 0x88f7 },	   { "FCOE", 0x8906 },
	{ "FIP", 0x8914 },	   { "ROCE", 0x8915 },
	{ "LoWPAN", 0xa0ed },	   { NULL, 0 },
};

/* A number is hexadecimal with or without 0x: ebtables reads 0800 so. */
static bool read_hex16(const char *text, uint16_t *ret)
{
	char number[16] = "0x";
	uint64_t v;

	if (strncasecmp(text, "0x", 2) == 0)
		text += 2;
	if (strlen(text) > 4)
		return false;
	memcpy(number + 2, text, strlen(text) + 1);
	if (!*text || type_number(span_of(number), UINT16_MAX, &v))
		return false;
	*ret = (uint16_t)v;
	return true;
}

static bool named_ethertype(const struct pktt_symbol *sym, const char *name, uint16_t *ret)
{
	for (; sym && sym->name; sym++)
		if (strcasecmp(sym->name, name) == 0) {
			*ret = (uint16_t)sym->value;
			return true;
		}
	return false;
}

/* Names of the parameter's own (LENGTH) come first. */
static int parse_ethertype(const struct pktt_context *ctx, const char *const *word, void *val,
			   struct pktt_error *err)
{
	if (named_ethertype(ctx->param->symbols, word[0], val) ||
	    named_ethertype(ethertypes, word[0], val))
		return 0;
	if (read_hex16(word[0], val))
		return 0;
	return type_refuse(ctx, span_of(word[0]),
			   "a type of frame: IPv4, ARP, IPv6, 802_1Q, ... or in hexadecimal", err);
}

static void print_ethertype(const struct pktt_context *ctx, const void *val, struct str *out)
{
	uint16_t v = *(const uint16_t *)val;
	const char *name = type_symbol_name(ctx->param->symbols, v);

	if (!name)
		name = type_symbol_name(ethertypes, v);
	if (name)
		str_puts(out, name);
	else
		str_putf(out, "0x%04x", v);
}

const struct pktt_type pktt_type_ethertype = {
	.name = "ethertype",
	.syntax = "NAME|HEX",
	.size = sizeof(uint16_t),
	.words = 1,
	.cmp = PKTT_CMP_EQUAL,
	.part = TYPE_SOLE(uint16_t, UINT),
	.parse = parse_ethertype,
	.print = print_ethertype,
};

/* --- TOS: VALUE[/MASK] under all bits, or a name under the six that TOS had ------------------- */

static const struct pktt_symbol tos_names[] = {
	{ "Minimize-Delay", 0x10 },	  { "Maximize-Throughput", 0x08 },
	{ "Maximize-Reliability", 0x04 }, { "Minimize-Cost", 0x02 },
	{ "Normal-Service", 0x00 },	  { NULL, 0 },
};

static int parse_tos(const struct pktt_context *ctx, const char *const *word, void *val,
		     struct pktt_error *err)
{
	struct span value, mask;
	struct pktt_mask8 *m = val;
	bool has_mask = span_split(span_of(word[0]), '/', &value, &mask);
	uint64_t v, w = 0xff;

	for (const struct pktt_symbol *sym = tos_names; sym->name; sym++)
		if (strcasecmp(sym->name, word[0]) == 0) {
			m->value = (uint8_t)sym->value;
			m->mask = 0x3f;
			return 0;
		}
	if (type_number(value, 255, &v) || (has_mask && type_number(mask, 255, &w)))
		return type_refuse(ctx, span_of(word[0]),
				   "a TOS: VALUE[/MASK], each 0 to 0xff, or such as Minimize-Delay",
				   err);
	m->value = (uint8_t)v;
	m->mask = (uint8_t)w;
	return 0;
}

static void print_tos(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_mask8 *m = val;

	(void)ctx;
	str_putf(out, "0x%02x/0x%02x", m->value, m->mask);
}

const struct pktt_type pktt_type_tos = {
	.name = "tos",
	.syntax = "VALUE[/MASK]|NAME",
	.size = sizeof(struct pktt_mask8),
	.words = 1,
	.cmp = PKTT_CMP_MASK,
	.part = { TYPE_PART(struct pktt_mask8, value, UINT),
		  TYPE_PART(struct pktt_mask8, mask, UINT) },
	.parse = parse_tos,
	.print = print_tos,
};

/* --- IPv6 options: TYPE[:LEN],... ------------------------------------------------------------- */

#define OPT_MAX	    16
#define OPT_ANY	    0xffff
#define OPT_LEN_ANY 255 /* how the kernel stores "any": iptables prints such a length as none */

static int parse_opt(const struct pktt_context *ctx, struct span s, struct pktt_opt *opt,
		     struct pktt_error *err)
{
	struct span type, len;
	bool has_len = span_split(s, ':', &type, &len);
	uint64_t t, l = OPT_LEN_ANY;

	if (type_number(type, 255, &t) || (has_len && type_number(len, 255, &l)))
		return type_refuse(ctx, s, "TYPE[:LENGTH], each 0 to 255", err);
	opt->type = (uint8_t)t;
	opt->len = l == OPT_LEN_ANY ? OPT_ANY : (uint16_t)l;
	return 0;
}

static int parse_opt_list(const struct pktt_context *ctx, const char *const *word, void *val,
			  struct pktt_error *err)
{
	struct pktt_opt_list *list = val;
	struct span rest = span_of(word[0]), piece;

	while (span_cut(&rest, ',', &piece)) {
		int r;

		if (list->count == OPT_MAX)
			return type_fail(ctx, -E2BIG, err, "at most 16 options are possible");
		r = parse_opt(ctx, piece, &list->opt[list->count], err);
		if (r)
			return r;
		list->count++;
	}
	return 0;
}

static int check_opt_list(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_opt_list *list = val;

	if (list->count == 0 || list->count > OPT_MAX)
		return type_fail(ctx, -EINVAL, err, "1 to 16 options are expected");
	for (unsigned int i = 0; i < list->count; i++)
		if (list->opt[i].len != OPT_ANY && list->opt[i].len >= OPT_LEN_ANY)
			return type_fail(ctx, -ERANGE, err,
					 "the length of an option is 0 to 254, or 65535 for any");
	return 0;
}

static void print_opt_list(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_opt_list *list = val;

	(void)ctx;
	for (unsigned int i = 0; i < list->count && i < OPT_MAX; i++) {
		str_putf(out, "%s%u", i ? "," : "", list->opt[i].type);
		if (list->opt[i].len != OPT_ANY)
			str_putf(out, ":%u", list->opt[i].len);
	}
}

const struct pktt_type pktt_type_opt_list = {
	.name = "opt-list",
	.syntax = "TYPE[:LENGTH][,...]",
	.size = sizeof(struct pktt_opt_list),
	.words = 1,
	.part = { TYPE_PART(struct pktt_opt, type, UINT), TYPE_PART(struct pktt_opt, len, UINT) },
	.list_max = OPT_MAX,
	.list_offset = offsetof(struct pktt_opt_list, opt),
	.list_stride = sizeof(struct pktt_opt),
	.parse = parse_opt_list,
	.check = check_opt_list,
	.print = print_opt_list,
};
