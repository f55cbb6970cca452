/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes, written one behind the other with one comparison each: a dump of millions is made of this.
 */
#ifndef WIRE_CT_PUT_H
#define WIRE_CT_PUT_H

#include "desc/ct_view.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netlink.h>
#include <string.h>

struct ct_out {
	uint8_t *at, *end;
	bool failed;
};

/* The payload of an attribute, its padding zeroed; NULL = no room. */
static inline uint8_t *out_attr(struct ct_out *o, uint16_t type, uint16_t len)
{
	struct nlattr *attr = (struct nlattr *)(void *)o->at;
	size_t whole = NLA_ALIGN(NLA_HDRLEN + (size_t)len);

	if ((size_t)(o->end - o->at) < whole) {
		o->failed = true;
		return NULL;
	}
	memset(o->at + whole - 4, 0, 4);
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	attr->nla_type = type;
	o->at += whole;
	return (uint8_t *)attr + NLA_HDRLEN;
}

static inline void out_bytes(struct ct_out *o, uint16_t type, const void *data, uint16_t len)
{
	uint8_t *to = out_attr(o, type, len);

	if (to)
		memcpy(to, data, len);
}

static inline void out_u8(struct ct_out *o, uint16_t type, uint8_t v)
{
	out_bytes(o, type, &v, 1);
}

/* As it stands: v is in network order already. */
static inline void out_raw16(struct ct_out *o, uint16_t type, uint16_t v)
{
	out_bytes(o, type, &v, 2);
}

static inline void out_be32(struct ct_out *o, uint16_t type, uint32_t v)
{
	v = htonl(v);
	out_bytes(o, type, &v, 4);
}

static inline void out_be64(struct ct_out *o, uint16_t type, uint64_t v)
{
	v = htobe64(v);
	out_bytes(o, type, &v, 8);
}

/* A string with its NUL. */
static inline void out_text(struct ct_out *o, uint16_t type, const char *text, size_t max)
{
	uint16_t len = (uint16_t)strnlen(text, max - 1);
	uint8_t *to = out_attr(o, type, (uint16_t)(len + 1));

	if (to) {
		memcpy(to, text, len);
		to[len] = 0;
	}
}

/* What is written until out_end() is inside. */
static inline struct nlattr *out_nest(struct ct_out *o, uint16_t type)
{
	struct nlattr *nest = (struct nlattr *)(void *)o->at;

	return out_attr(o, type | NLA_F_NESTED, 0) ? nest : NULL;
}

static inline void out_end(struct ct_out *o, struct nlattr *nest)
{
	if (nest)
		nest->nla_len = (uint16_t)(o->at - (uint8_t *)nest);
}

/* ct_encode.c: CTA_TUPLE_IP and CTA_TUPLE_PROTO, and CTA_TUPLE_ZONE where zone is not 0. */
void out_tuple(struct ct_out *o, uint16_t type, const struct ct_tuple *t, uint16_t zone);

#endif
