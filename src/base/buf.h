/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cursor over bytes from outside. Every read is checked; after the first one that fails the
 * cursor stays failed and all further reads give zero, so a parser may test once, at the end.
 * Pointer arithmetic on foreign bytes happens here and in core/packet.c, nowhere else.
 */
#ifndef PKTT_BASE_BUF_H
#define PKTT_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	const uint8_t *at, *end;
	bool failed;
};

static inline struct buf buf_of(const void *data, size_t len)
{
	const uint8_t *p = data;

	return (struct buf){ p, p ? p + len : p, false };
}

static inline size_t buf_left(const struct buf *b)
{
	return (size_t)(b->end - b->at);
}

/* How far at stands behind whole; both are cursors over the same bytes. */
static inline size_t buf_offset(const struct buf *whole, const struct buf *at)
{
	return (size_t)(at->at - whole->at);
}

/* The next len bytes, or NULL. */
static inline const uint8_t *buf_get(struct buf *b, size_t len)
{
	const uint8_t *p = b->at;

	if (b->failed || buf_left(b) < len) {
		b->failed = true;
		return NULL;
	}
	b->at += len;
	return p;
}

static inline bool buf_skip(struct buf *b, size_t len)
{
	return buf_get(b, len) != NULL;
}

/* The next len bytes as a cursor of their own. */
static inline bool buf_get_buf(struct buf *b, size_t len, struct buf *sub)
{
	const uint8_t *p = buf_get(b, len);

	*sub = buf_of(p, p ? len : 0);
	sub->failed = !p;
	return p;
}

static inline bool buf_get_u8(struct buf *b, uint8_t *ret)
{
	const uint8_t *p = buf_get(b, 1);

	*ret = p ? p[0] : 0;
	return p;
}

static inline bool buf_get_be16(struct buf *b, uint16_t *ret)
{
	const uint8_t *p = buf_get(b, 2);

	*ret = p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
	return p;
}

static inline bool buf_get_be32(struct buf *b, uint32_t *ret)
{
	const uint8_t *p = buf_get(b, 4);

	*ret = p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
	return p;
}

static inline bool buf_get_be64(struct buf *b, uint64_t *ret)
{
	uint32_t hi, lo;
	bool ok = buf_get_be32(b, &hi);

	ok = buf_get_be32(b, &lo) && ok;
	*ret = (uint64_t)hi << 32 | lo;
	return ok;
}

static inline bool buf_get_le16(struct buf *b, uint16_t *ret)
{
	bool ok = buf_get_be16(b, ret);

	*ret = (uint16_t)(*ret >> 8 | *ret << 8);
	return ok;
}

static inline bool buf_get_le32(struct buf *b, uint32_t *ret)
{
	bool ok = buf_get_be32(b, ret);

	*ret = __builtin_bswap32(*ret);
	return ok;
}

/* Fixed places: big-endian values at p, which the caller has proven to be there. */
static inline uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(v >> 16));
	put_be16(p + 2, (uint16_t)v);
}

#endif
