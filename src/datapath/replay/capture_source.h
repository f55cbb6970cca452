/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPLAY_CAPTURE_SOURCE_H
#define REPLAY_CAPTURE_SOURCE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pktt_error;

/* The byte stream under both formats: counts, names the place in errors, owns the one buffer. */
struct capture_source {
	FILE *in; /* borrowed */
	char *name;
	uint64_t offset;  /* bytes taken from in */
	uint64_t start;	  /* offset at which the block or record in hand begins */
	uint64_t records; /* whole records handed out */
	int64_t time_ns;  /* of the last of them */
	uint8_t *room;
	size_t room_size;
};

void capture_source_fini(struct capture_source *s);

/*
 * The first @len bytes of a block or record: 1, or 0 if the file ends cleanly before it, or an
 * error.
 */
int capture_source_begin(struct capture_source *s, uint8_t *to, size_t len, struct pktt_error *err);

/* @len more bytes of it, into @to; the end of the file is -ENODATA. */
int capture_source_read(struct capture_source *s, uint8_t *to, size_t len, struct pktt_error *err);

/*
 * @len more bytes of it, into the source's buffer: valid until the next call. -EMSGSIZE, -ENOMEM.
 */
int capture_source_take(struct capture_source *s, struct buf *ret, uint32_t len,
			struct pktt_error *err);

/* Passes over @len bytes of any number without keeping them. */
int capture_source_skip(struct capture_source *s, uint32_t len, struct pktt_error *err);

/* Fails with -EBADMSG: "FILE: the THING at byte N WHAT". */
int capture_source_malformed(const struct capture_source *s, const char *thing, const char *what,
			     struct pktt_error *err);

/*
 * Integers in the byte order of the file; where fewer bytes are left, 0 and the cursor has failed.
 */
void capture_get16(struct buf *b, bool is_little, uint16_t *ret);
void capture_get32(struct buf *b, bool is_little, uint32_t *ret);
void capture_get64(struct buf *b, bool is_little, uint64_t *ret);

#endif
