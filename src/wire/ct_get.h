/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes read by tables: how many bytes one must have at least, and what is done with it. What has no
 * row is skipped.
 */
#ifndef WIRE_CT_GET_H
#define WIRE_CT_GET_H

#include "desc/ct_view.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netlink.h>
#include <string.h>

struct ct_in {
	uint8_t family; /* of the message: PKTT_IPV4, PKTT_IPV6, CT_FAMILY_ANY */
	void *to;	/* the view */
	struct pktt_error *err;
};

struct ct_row {
	const char *name; /* for sentences; NULL = skipped */
	uint16_t min;	  /* bytes of payload */
	int (*get)(const struct ct_in *in, const struct nlattr *attr, uint16_t type);
};

static inline const void *in_data(const struct nlattr *attr)
{
	return (const uint8_t *)attr + NLA_HDRLEN;
}

static inline uint16_t in_len(const struct nlattr *attr)
{
	return (uint16_t)(attr->nla_len - NLA_HDRLEN);
}

static inline uint8_t in_u8(const struct nlattr *attr)
{
	return *(const uint8_t *)in_data(attr);
}

static inline uint16_t in_raw16(const struct nlattr *attr)
{
	uint16_t v;

	memcpy(&v, in_data(attr), sizeof(v));
	return v;
}

static inline uint32_t in_be32(const struct nlattr *attr)
{
	uint32_t v;

	memcpy(&v, in_data(attr), sizeof(v));
	return ntohl(v);
}

static inline uint64_t in_be64(const struct nlattr *attr)
{
	uint64_t v;

	memcpy(&v, in_data(attr), sizeof(v));
	return be64toh(v);
}

/* Text of at most room - 1 bytes, whether a NUL is there or not; false = it is longer. */
bool in_text(const struct nlattr *attr, char *to, size_t room);

/* Each attribute in len bytes at data, by rows of a table of n. */
int in_attrs(const struct ct_in *in, const void *data, size_t len, const struct ct_row *row,
	     unsigned int n);
/* The attributes inside one. */
static inline int in_nest(const struct ct_in *in, const struct nlattr *attr,
			  const struct ct_row *row, unsigned int n)
{
	return in_attrs(in, in_data(attr), in_len(attr), row, n);
}

/* A tuple, and in *given what of it there is (CT_FILTER_*). */
int in_tuple(const struct ct_in *in, const struct nlattr *attr, struct ct_tuple *to,
	     uint32_t *given);

#endif
