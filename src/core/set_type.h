/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of sets as data. The dimensions, where the elements are kept, and the options of "create";
 * the options of "add" are one table for all types.
 */
#ifndef PKTT_CORE_SET_TYPE_H
#define PKTT_CORE_SET_TYPE_H

#include <pktt/ext.h>

struct pktt_catalog;

#define SET_DIMS 3

/* What a dimension holds. */
enum set_part {
	SET_PART_NONE,
	SET_PART_IP,
	SET_PART_NET, /* an address with a prefix length */
	SET_PART_PORT,
	SET_PART_MAC,
	SET_PART_MARK,
	SET_PART_IFACE,
	SET_PART_MEMBER, /* another set */
};

enum set_store {
	SET_HASH,
	SET_BITMAP, /* the range is allotted whole, an element's place is its number */
	SET_LIST,
};

enum {
	SET_ZERO_PREFIX = 1 << 0,    /* a prefix of length 0 may be an element */
	SET_NULL_REFUSED = 1 << 1,   /* the first address is not 0 */
	SET_MAC_OPTIONAL = 1 << 2,   /* bitmap:ip,mac: learnt from the first packet */
	SET_FAMILY_NEUTRAL = 1 << 3, /* holds no addresses: packets of every family are looked up */
};

struct set_type {
	struct pktt_ext ext; /* kind SET: name, summary, options of create */
	enum set_store store;
	enum set_part part[SET_DIMS];
	uint8_t dims;
	uint8_t flags; /* SET_ZERO_PREFIX ... */
};

/* The options of create, of all types: a type's table has those that it takes. */
struct set_args {
	struct pktt_args head;
	uint8_t family; /* PKTT_IPV4, PKTT_IPV6 */
	uint8_t netmask, bucketsize;
	uint32_t hashsize, maxelem, initval, timeout, markmask, size;
	struct pktt_addr bitmask;
	char range[40]; /* FROM-TO */
	bool counters, comment, skbinfo, forceadd;
};

/* The options of add. */
struct set_add_args {
	struct pktt_args head;
	uint32_t timeout, skbprio;
	uint64_t packets, bytes;
	struct pktt_mask32 skbmark;
	uint16_t skbqueue;
	char comment[256];
	bool nomatch, wildcard;
};

/* Numbers of set_add_args' parameters. */
enum {
	SET_ADD_TIMEOUT,
	SET_ADD_NOMATCH,
	SET_ADD_WILDCARD,
	SET_ADD_PACKETS,
	SET_ADD_BYTES,
	SET_ADD_COMMENT,
	SET_ADD_SKBMARK,
	SET_ADD_SKBPRIO,
	SET_ADD_SKBQUEUE,
};

extern const struct pktt_ext set_add_ext;

const struct set_type *set_type_lookup(const char *name);
/* All types into a catalog, for help and descriptions. */
int set_type_register(struct pktt_catalog *cat, struct pktt_error *err);
/* Whether the option of create was given. */
bool set_type_given(const struct set_type *type, const struct set_args *args, const char *option);

#endif
