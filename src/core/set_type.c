/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/set_type.h"

#include "base/own.h"
#include "desc/args.h"
#include "desc/catalog.h"

#include <errno.h>
#include <string.h>

#define TIMEOUT_MAX 2147483 /* seconds; ipset's bound */

static const struct pktt_symbol families[] = {
	{ "inet", PKTT_IPV4 },
	{ "ipv4", PKTT_IPV4 },
	{ "inet6", PKTT_IPV6 },
	{ "ipv6", PKTT_IPV6 },
	{ 0 },
};

/* clang-format off */
#define FAMILY {                                                       \
	.name = "family",                                              \
	.help = "addresses of IPv4 (inet) or IPv6 (inet6)",            \
	PKTT_STORE(struct set_args, family, enum8),                    \
	.symbols = families, .def = "inet", .flags = PKTT_SHOW_ALWAYS, \
}
#define HASHSIZE {                                                     \
	.name = "hashsize",                                            \
	.help = "buckets that ipset begins with; kept, of no effect",  \
	PKTT_STORE(struct set_args, hashsize, u32),                    \
	.def = "1024", .flags = PKTT_SHOW_ALWAYS,                      \
}
#define MAXELEM {                                                      \
	.name = "maxelem",                                             \
	.help = "elements that fit",                                   \
	PKTT_STORE(struct set_args, maxelem, u32),                     \
	.def = "65536", .flags = PKTT_SHOW_ALWAYS,                     \
}
#define NETMASK {                                                      \
	.name = "netmask",                                             \
	.help = "length of the prefix that is kept of an address",     \
	PKTT_STORE(struct set_args, netmask, u8),                      \
	.min = 1, .max = 128,                                          \
}
#define BITMASK {                                                      \
	.name = "bitmask",                                             \
	.help = "the bits that are kept of an address",                \
	PKTT_STORE(struct set_args, bitmask, addr),                    \
}
#define MARKMASK {                                                     \
	.name = "markmask",                                            \
	.help = "the bits of a mark that are looked at",               \
	PKTT_STORE(struct set_args, markmask, hex32),                  \
	.min = 1, .max = UINT32_MAX,                                   \
}
#define TIMEOUT {                                                      \
	.name = "timeout",                                             \
	.help = "seconds that elements live, 0 for ever",              \
	PKTT_STORE(struct set_args, timeout, u32),                     \
	.max = TIMEOUT_MAX,                                            \
}
#define COUNTERS {                                                     \
	.name = "counters",                                            \
	.help = "count packets and bytes of each element",             \
	PKTT_STORE(struct set_args, counters, flag),                   \
}
#define COMMENT {                                                      \
	.name = "comment",                                             \
	.help = "elements have comments",                              \
	PKTT_STORE(struct set_args, comment, flag),                    \
}
#define SKBINFO {                                                      \
	.name = "skbinfo",                                             \
	.help = "elements have a mark, a priority and a queue to set", \
	PKTT_STORE(struct set_args, skbinfo, flag),                    \
}
#define FORCEADD {                                                     \
	.name = "forceadd",                                            \
	.help = "a new element displaces one when the set is full",    \
	PKTT_STORE(struct set_args, forceadd, flag),                   \
}
#define BUCKETSIZE {                                                   \
	.name = "bucketsize",                                          \
	.help = "elements in a bucket of ipset; kept, of no effect",   \
	PKTT_STORE(struct set_args, bucketsize, u8),                   \
}
#define INITVAL {                                                      \
	.name = "initval",                                             \
	.help = "key of ipset's hash; kept, of no effect",             \
	PKTT_STORE(struct set_args, initval, hex32),                   \
}
#define EXTENSIONS TIMEOUT, COUNTERS, COMMENT, SKBINFO
#define RANGE {                                                        \
	.name = "range",                                               \
	.help = "the addresses that can be elements, FROM-TO or a prefix", \
	PKTT_STORE_TEXT(struct set_args, range),                       \
	.flags = PKTT_REQUIRED,                                        \
}
/* clang-format on */

static const struct pktt_param hash_params[] = {
	FAMILY, HASHSIZE, MAXELEM, EXTENSIONS, FORCEADD, BUCKETSIZE, INITVAL,
};

static const struct pktt_param hash_ip_params[] = {
	FAMILY, HASHSIZE, MAXELEM, NETMASK, BITMASK, EXTENSIONS, FORCEADD, BUCKETSIZE, INITVAL,
};

static const struct pktt_param hash_masked_params[] = {
	FAMILY, HASHSIZE, MAXELEM, EXTENSIONS, FORCEADD, BUCKETSIZE, INITVAL, NETMASK, BITMASK,
};

static const struct pktt_param hash_mark_params[] = {
	FAMILY, MARKMASK, HASHSIZE, MAXELEM, EXTENSIONS, FORCEADD, BUCKETSIZE, INITVAL,
};

static const struct pktt_param hash_mac_params[] = {
	HASHSIZE, MAXELEM, EXTENSIONS, FORCEADD, BUCKETSIZE, INITVAL,
};

static const struct pktt_param bitmap_ip_params[] = { RANGE, NETMASK, EXTENSIONS };

static const struct pktt_param bitmap_mac_params[] = { RANGE, EXTENSIONS };

static const struct pktt_param bitmap_port_params[] = {
	{
		.name = "range",
		.help = "the ports that can be elements",
		PKTT_STORE_TEXT(struct set_args, range),
		.flags = PKTT_REQUIRED,
	},
	EXTENSIONS,
};

static const struct pktt_param list_params[] = {
	{
		.name = "size",
		.help = "sets that fit",
		PKTT_STORE(struct set_args, size, u32),
		.def = "8",
		.flags = PKTT_SHOW_ALWAYS,
	},
	EXTENSIONS,
};

static int check_masks(const struct set_args *args, struct pktt_error *err)
{
	unsigned int bits = args->family == PKTT_IPV6 ? 128 : 32;

	if (args->netmask > bits)
		return pktt_fail(err, -ERANGE, "netmask %u is outside 1 to %u", args->netmask,
				 bits);
	if (args->netmask && args->bitmask.len)
		return pktt_fail(err, -EINVAL, "netmask and bitmask exclude each other");
	if (args->bitmask.len && args->bitmask.len * 8u != bits)
		return pktt_fail(err, -EINVAL, "the bitmask is not of the set's family");
	return 0;
}

static int check_args(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	(void)ctx;
	return check_masks(vargs, err);
}

#define V4_ONLY PKTT_FAM_V4
#define BOTH	PKTT_FAM_V4 | PKTT_FAM_V6

#define TYPE(text, what, fam, tab)                  \
	.ext = { .kind = PKTT_KIND_SET,             \
		 .name = (text),                    \
		 .summary = (what),                 \
		 .families = (fam),                 \
		 PKTT_PARAMS(tab, struct set_args), \
		 .check = check_args }
#define PARTS1(a)	.dims = 1, .part = { SET_PART_##a }
#define PARTS2(a, b)	.dims = 2, .part = { SET_PART_##a, SET_PART_##b }
#define PARTS3(a, b, c) .dims = 3, .part = { SET_PART_##a, SET_PART_##b, SET_PART_##c }

/* clang-format off */
static const struct set_type types[] = {
	{
		TYPE("bitmap:ip", "addresses of one range", V4_ONLY, bitmap_ip_params),
		.store = SET_BITMAP,
		PARTS1(IP),
	},
	{
		TYPE("bitmap:ip,mac", "addresses of one range with their hardware address", V4_ONLY,
		     bitmap_mac_params),
		.store = SET_BITMAP,
		PARTS2(IP, MAC),
		.flags = SET_MAC_OPTIONAL,
	},
	{
		TYPE("bitmap:port", "ports of TCP and UDP", BOTH, bitmap_port_params),
		.store = SET_BITMAP,
		PARTS1(PORT),
		.flags = SET_FAMILY_NEUTRAL,
	},
	{
		TYPE("hash:ip", "addresses", BOTH, hash_ip_params),
		PARTS1(IP),
		.flags = SET_NULL_REFUSED,
	},
	{
		TYPE("hash:mac", "hardware addresses", BOTH, hash_mac_params),
		PARTS1(MAC),
		.flags = SET_FAMILY_NEUTRAL,
	},
	{
		TYPE("hash:ip,mac", "addresses with hardware addresses", BOTH, hash_params),
		PARTS2(IP, MAC),
	},
	{
		TYPE("hash:ip,mark", "addresses with packet marks", BOTH, hash_mark_params),
		PARTS2(IP, MARK),
	},
	{
		TYPE("hash:ip,port", "addresses with ports", BOTH, hash_masked_params),
		PARTS2(IP, PORT),
		.flags = SET_NULL_REFUSED,
	},
	{
		TYPE("hash:ip,port,ip", "addresses with ports and a second address", BOTH,
		     hash_params),
		PARTS3(IP, PORT, IP),
	},
	{
		TYPE("hash:ip,port,net", "addresses with ports and a prefix", BOTH, hash_params),
		PARTS3(IP, PORT, NET),
	},
	{
		TYPE("hash:net", "prefixes; the longest that contains an address decides", BOTH,
		     hash_params),
		PARTS1(NET),
	},
	{
		TYPE("hash:net,iface", "prefixes with interfaces", BOTH, hash_params),
		PARTS2(NET, IFACE),
		.flags = SET_ZERO_PREFIX,
	},
	{
		TYPE("hash:net,net", "pairs of prefixes", BOTH, hash_masked_params),
		PARTS2(NET, NET),
	},
	{
		TYPE("hash:net,port", "prefixes with ports", BOTH, hash_params),
		PARTS2(NET, PORT),
	},
	{
		TYPE("hash:net,port,net", "prefixes with ports and a second prefix", BOTH,
		     hash_params),
		PARTS3(NET, PORT, NET),
		.flags = SET_ZERO_PREFIX,
	},
	{
		TYPE("list:set", "other sets, looked up one after the other", BOTH, list_params),
		.store = SET_LIST,
		PARTS1(MEMBER),
		.flags = SET_FAMILY_NEUTRAL,
	},
};
/* clang-format on */

/* In the order in which ipset save writes them. */
static const struct pktt_param add_params[] = {
	[SET_ADD_TIMEOUT] = {
		.name = "timeout",
		.help = "seconds that the element lives, 0 for ever",
		PKTT_STORE(struct set_add_args, timeout, u32),
		.max = TIMEOUT_MAX,
	},
	[SET_ADD_NOMATCH] = {
		.name = "nomatch",
		.help = "what the prefix contains does not match",
		PKTT_STORE(struct set_add_args, nomatch, flag),
	},
	[SET_ADD_WILDCARD] = {
		.name = "wildcard",
		.help = "interfaces whose names begin with the given one",
		PKTT_STORE(struct set_add_args, wildcard, flag),
	},
	[SET_ADD_PACKETS] = {
		.name = "packets",
		.help = "packets counted so far",
		PKTT_STORE(struct set_add_args, packets, u64),
	},
	[SET_ADD_BYTES] = {
		.name = "bytes",
		.help = "bytes counted so far",
		PKTT_STORE(struct set_add_args, bytes, u64),
	},
	[SET_ADD_COMMENT] = {
		.name = "comment",
		.help = "a note for people",
		PKTT_STORE_TEXT(struct set_add_args, comment),
	},
	[SET_ADD_SKBMARK] = {
		.name = "skbmark",
		.help = "mark that SET --map-set gives the packet, and which bits of it",
		PKTT_STORE(struct set_add_args, skbmark, xmark),
	},
	[SET_ADD_SKBPRIO] = {
		.name = "skbprio",
		.help = "traffic class that SET --map-set gives the packet",
		PKTT_STORE(struct set_add_args, skbprio, tc_class),
	},
	[SET_ADD_SKBQUEUE] = {
		.name = "skbqueue",
		.help = "queue of the device that SET --map-set gives the packet",
		PKTT_STORE(struct set_add_args, skbqueue, u16),
	},
};

const struct pktt_ext set_add_ext = {
	.kind = PKTT_KIND_SET,
	.name = "element",
	.summary = "what an element of a set carries",
	PKTT_PARAMS(add_params, struct set_add_args),
};

const struct set_type *set_type_lookup(const char *name)
{
	for (size_t i = 0; i < pktt_countof(types); i++)
		if (strcmp(types[i].ext.name, name) == 0)
			return &types[i];
	return NULL;
}

int set_type_register(struct pktt_catalog *cat, struct pktt_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pktt_countof(types); i++)
		r = pktt_catalog_add(cat, &types[i].ext, err);
	return r;
}

bool set_type_given(const struct set_type *type, const struct set_args *args, const char *option)
{
	unsigned int n;

	return pktt_args_lookup(&type->ext, PKTT_INET, option, strlen(option), &n) == 0 &&
	       pktt_given(args, n);
}
