/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture_source.h"

#include "capture.h"

#include <errno.h>
#include <inttypes.h>
#include <pktt/type.h>
#include <stdlib.h>
#include <string.h>

void capture_source_fini(struct capture_source *s)
{
	free(s->name);
	free(s->room);
	*s = (struct capture_source){ 0 };
}

/* How many of the @len bytes there are; fewer only at the end of the file, or with a read error. */
static size_t pull(struct capture_source *s, uint8_t *to, size_t len)
{
	size_t got;

	errno = 0;
	got = fread(to, 1, len, s->in);
	s->offset += got;
	return got;
}

/* Says why pull() came back short. */
static int short_read(const struct capture_source *s, struct pktt_error *err)
{
	int code = errno ? -errno : -EIO;

	if (ferror(s->in))
		return pktt_fail(err, code, "%s: cannot be read: %s", s->name, strerror(-code));
	return pktt_fail(err, -ENODATA,
			 "%s: cut off at byte %" PRIu64 ", after %" PRIu64 " whole records",
			 s->name, s->offset, s->records);
}

int capture_source_begin(struct capture_source *s, uint8_t *to, size_t len, struct pktt_error *err)
{
	size_t got;

	s->start = s->offset;
	got = pull(s, to, len);
	if (got == len)
		return 1;
	if (!got && !ferror(s->in))
		return 0;
	return short_read(s, err);
}

int capture_source_read(struct capture_source *s, uint8_t *to, size_t len, struct pktt_error *err)
{
	if (pull(s, to, len) < len)
		return short_read(s, err);
	return 0;
}

/* Doubles, so that a file of slowly growing packets is not copied at each of them. */
static int grow(struct capture_source *s, size_t want, struct pktt_error *err)
{
	size_t size = s->room_size ? s->room_size : 4096;
	uint8_t *room;

	while (size < want)
		size *= 2;
	if (size == s->room_size)
		return 0;
	room = realloc(s->room, size);
	if (!room)
		return pktt_fail(err, -ENOMEM, "%s: no memory for %zu bytes", s->name, size);
	s->room = room;
	s->room_size = size;
	return 0;
}

int capture_source_take(struct capture_source *s, struct buf *ret, uint32_t len,
			struct pktt_error *err)
{
	int r;

	if (len > CAPTURE_BLOCK_MAX)
		return pktt_fail(err, -EMSGSIZE,
				 "%s: %" PRIu32 " bytes at byte %" PRIu64
				 " are more than the %u that a packet may have",
				 s->name, len, s->start, CAPTURE_BLOCK_MAX);
	r = grow(s, len, err);
	if (r < 0)
		return r;
	r = capture_source_read(s, s->room, len, err);
	if (r < 0)
		return r;
	*ret = buf_of(s->room, len);
	return 0;
}

int capture_source_skip(struct capture_source *s, uint32_t len, struct pktt_error *err)
{
	uint8_t waste[4096];
	uint32_t n;
	int r;

	for (; len; len -= n) {
		n = len < sizeof(waste) ? len : sizeof(waste);
		r = capture_source_read(s, waste, n, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int capture_source_malformed(const struct capture_source *s, const char *thing, const char *what,
			     struct pktt_error *err)
{
	return pktt_fail(err, -EBADMSG, "%s: the %s at byte %" PRIu64 " %s", s->name, thing,
			 s->start, what);
}

void capture_get16(struct buf *b, bool is_little, uint16_t *ret)
{
	if (is_little)
		buf_get_le16(b, ret);
	else
		buf_get_be16(b, ret);
}

void capture_get32(struct buf *b, bool is_little, uint32_t *ret)
{
	if (is_little)
		buf_get_le32(b, ret);
	else
		buf_get_be32(b, ret);
}

void capture_get64(struct buf *b, bool is_little, uint64_t *ret)
{
	buf_get_be64(b, ret);
	if (is_little)
		*ret = __builtin_bswap64(*ret);
}
