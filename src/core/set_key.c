/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An element as words: what the table hashes and compares.
 *
 *   addresses, hardware address, mark    in the order of the dimensions, most significant first
 *   port << 16 | protocol << 8 | length  if there is a port or a prefix; length of the first prefix
 *   length                               of the second prefix, if there is one
 *   interface                            four words of name and one of flags; not hashed, so that
 *                                        all interfaces of a prefix stand together
 *
 * A bitmap's key is the number of the element in its range.
 */
#include "base/buf.h"
#include "core/set_own.h"

#include <string.h>

static bool has_part(const struct set_type *type, enum set_part part)
{
	for (unsigned int d = 0; d < type->dims; d++)
		if (type->part[d] == part)
			return true;
	return false;
}

static unsigned int count_words(const struct pktt_set *set, unsigned int d)
{
	switch (set->type->part[d]) {
	case SET_PART_IP:
	case SET_PART_NET:
		return set->addr_len / 4;
	case SET_PART_MAC:
		return 2;
	case SET_PART_MARK:
		return 1;
	case SET_PART_IFACE:
	case SET_PART_PORT:
	case SET_PART_MEMBER:
	case SET_PART_NONE:
		break;
	}
	return 0;
}

void set_shape_init(struct pktt_set *set, const struct siphash_key *key)
{
	const struct set_type *type = set->type;
	unsigned int words = 0;

	for (unsigned int d = 0; d < type->dims; d++) {
		words += count_words(set, d);
		set->nnets += type->part[d] == SET_PART_NET;
	}
	words += set->nnets || has_part(type, SET_PART_PORT);
	words += set->nnets > 1;
	if (type->store == SET_BITMAP)
		words = 1;
	set->shape = (struct set_shape){
		.key = *key,
		.hash_words = (uint8_t)words,
		.key_words = (uint8_t)(words + (has_part(type, SET_PART_IFACE) ? 5 : 0)),
		.is_dense = type->store == SET_BITMAP,
	};
}

static unsigned int pack_bytes(const uint8_t *from, unsigned int words, uint32_t *key)
{
	for (unsigned int i = 0; i < words; i++)
		key[i] = get_be32(from + 4 * (size_t)i);
	return words;
}

static unsigned int pack_dim(const struct pktt_set *set, unsigned int d, const struct set_dim *dim,
			     uint32_t *key)
{
	uint8_t ip[16];

	switch (set->type->part[d]) {
	case SET_PART_IP:
	case SET_PART_NET:
		memcpy(ip, dim->ip, sizeof(ip));
		for (unsigned int i = 0; set->has_mask && i < set->addr_len; i++)
			ip[i] &= set->mask[i];
		if (set->type->part[d] == SET_PART_NET)
			set_mask(ip, set->addr_len, dim->cidr);
		return pack_bytes(ip, set->addr_len / 4u, key);
	case SET_PART_MAC:
		key[0] = get_be32(dim->mac);
		key[1] = get_be16(dim->mac + 4);
		return 2;
	case SET_PART_MARK:
		key[0] = dim->mark & set->args.markmask;
		return 1;
	case SET_PART_IFACE:
	case SET_PART_PORT:
	case SET_PART_MEMBER:
	case SET_PART_NONE:
		break;
	}
	return 0;
}

static bool pack_number(const struct pktt_set *set, const struct set_dim *dim, uint32_t *key)
{
	uint32_t v = set->type->part[0] == SET_PART_PORT ? dim->port : get_be32(dim->ip);

	if (v < set->first)
		return false;
	key[0] = (v - set->first) >> set->shift;
	return key[0] < set->range;
}

static void pack_iface(const struct set_dim *dim, uint32_t *key)
{
	pack_bytes((const uint8_t *)dim->iface, 4, key);
	key[4] = dim->is_physdev;
}

void set_lengths_of(const struct pktt_set *set, const struct set_point *point, uint8_t cidr[2])
{
	unsigned int n = 0;

	cidr[0] = cidr[1] = 0;
	for (unsigned int d = 0; d < set->type->dims; d++)
		if (set->type->part[d] == SET_PART_NET)
			cidr[n++] = point->dim[d].cidr;
}

static bool is_null(const uint32_t *key, unsigned int n)
{
	uint32_t all = 0;

	while (n-- > 0)
		all |= key[n];
	return all == 0;
}

bool set_pack(const struct pktt_set *set, const struct set_point *point, uint32_t *key)
{
	const struct set_type *type = set->type;
	uint32_t port = 0, proto = 0;
	unsigned int n = 0;
	uint8_t cidr[2];

	if (type->store == SET_BITMAP)
		return pack_number(set, &point->dim[0], key);
	for (unsigned int d = 0; d < type->dims; d++) {
		n += pack_dim(set, d, &point->dim[d], key + n);
		if (type->part[d] == SET_PART_PORT) {
			port = point->dim[d].port;
			proto = point->dim[d].proto;
		}
	}
	set_lengths_of(set, point, cidr);
	if (n < set->shape.hash_words)
		key[n++] = port << 16 | proto << 8 | cidr[0];
	if (n < set->shape.hash_words)
		key[n++] = cidr[1];
	if (n < set->shape.key_words)
		pack_iface(&point->dim[type->dims - 1], key + n);
	return !(type->flags & SET_NULL_REFUSED) || !is_null(key, set->addr_len / 4u);
}

/* --- Back ------------------------------------------------------------------------------------ */

static unsigned int unpack_dim(const struct pktt_set *set, unsigned int d, const uint32_t *key,
			       struct set_dim *dim)
{
	unsigned int words = count_words(set, d);

	switch (set->type->part[d]) {
	case SET_PART_IP:
	case SET_PART_NET:
		for (unsigned int i = 0; i < words; i++)
			put_be32(dim->ip + 4 * (size_t)i, key[i]);
		break;
	case SET_PART_MAC:
		put_be32(dim->mac, key[0]);
		put_be16(dim->mac + 4, (uint16_t)key[1]);
		dim->has_mac = true;
		break;
	case SET_PART_MARK:
		dim->mark = key[0];
		break;
	case SET_PART_IFACE:
	case SET_PART_PORT:
	case SET_PART_MEMBER:
	case SET_PART_NONE:
		break;
	}
	return words;
}

static void unpack_rest(const struct pktt_set *set, const uint32_t *key, struct set_point *point)
{
	const struct set_type *type = set->type;
	unsigned int nets = 0;

	for (unsigned int d = 0; d < type->dims; d++) {
		struct set_dim *dim = &point->dim[d];

		if (type->part[d] == SET_PART_PORT) {
			dim->port = (uint16_t)(key[0] >> 16);
			dim->proto = (uint8_t)(key[0] >> 8);
		} else if (type->part[d] == SET_PART_NET) {
			dim->cidr = (uint8_t)key[nets++];
		} else if (type->part[d] == SET_PART_IFACE) {
			for (unsigned int i = 0; i < 4; i++)
				put_be32((uint8_t *)dim->iface + 4 * (size_t)i, key[1 + i]);
			dim->is_physdev = key[5] != 0;
		}
	}
}

void set_unpack(const struct pktt_set *set, const uint32_t *key, struct set_point *point)
{
	unsigned int n = 0;

	memset(point, 0, sizeof(*point));
	if (set->type->store == SET_BITMAP) {
		uint32_t v = set->first + (key[0] << set->shift);

		put_be32(point->dim[0].ip, v);
		point->dim[0].port = (uint16_t)v;
		return;
	}
	for (unsigned int d = 0; d < set->type->dims; d++)
		n += unpack_dim(set, d, key + n, &point->dim[d]);
	unpack_rest(set, key + n, point);
}

void set_mask(uint8_t *ip, unsigned int len, unsigned int cidr)
{
	for (unsigned int i = 0; i < len; i++, cidr -= cidr < 8 ? cidr : 8)
		if (cidr < 8)
			ip[i] &= (uint8_t)(0xff00 >> cidr);
}
