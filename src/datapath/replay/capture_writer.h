/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPLAY_CAPTURE_WRITER_H
#define REPLAY_CAPTURE_WRITER_H

#include "capture.h"

#include <stdint.h>
#include <stdio.h>

struct capture_writer;
struct pktt_error;

struct capture_packet {
	uint32_t interface; /* as capture_writer_interface() numbered it */
	int64_t time_ns;    /* since the epoch */
	const uint8_t *data;
	uint32_t len;
	uint32_t wirelen; /* 0: len */
	enum capture_direction direction;
	const char *comment; /* one line about it, or NULL */
};

/*
 * Begins a pcapng file on @out, which stays the caller's and must outlive the writer. The bytes
 * depend on nothing but the calls: little-endian on every machine, no date, no version. @name is
 * for error sentences. All functions give -ENOMEM or what writing gave (-ENOSPC, -EPIPE ...); an
 * error is final.
 */
int capture_writer_open(struct capture_writer **ret, FILE *out, const char *name,
			struct pktt_error *err) __attribute__((warn_unused_result));

/*
 * Describes an interface, whose packets' times are in nanoseconds. *ret counts from 0. May be
 * called at any time before the interface's first packet. -EINVAL: a name of more than 65535 bytes.
 */
int capture_writer_interface(struct capture_writer *w, const char *name, enum capture_linktype link,
			     uint32_t *ret, struct pktt_error *err)
	__attribute__((warn_unused_result));

/*
 * -EINVAL: no such interface, or more than 65535 bytes of comment; -EMSGSIZE: a packet that
 * capture_next() would refuse; -ERANGE: a time before the epoch, which the format has no place for.
 */
int capture_writer_packet(struct capture_writer *w, const struct capture_packet *packet,
			  struct pktt_error *err) __attribute__((warn_unused_result));

/*
 * Writes out what stdio still holds, frees, and tells the first error that there was: only its 0
 * means that the file is whole, as far as fclose() of the stream agrees. Accepts a pointer to NULL.
 */
int capture_writer_close(struct capture_writer **w, struct pktt_error *err);

#endif
