/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing pcapng (draft-ietf-opsawg-pcapng): one section, interfaces with names and nanoseconds,
 * enhanced packet blocks. A block's length stands at both of its ends, so it is computed before the
 * first byte goes out; block_begin() and block_end() are the only places that write it. Errors of
 * the stream stick in w->status, as they do in stdio itself, so the put functions need no branches.
 */
#include "capture_writer.h"

#include "pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <pktt/type.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_OVERHEAD = 12,
	OPTION_HEADER = 4,
	OPTION_MAX = 65535,
	TSRESOL_NS = 9,
	EPB_FIELDS = 20,
	/* What a reader takes at once holds these, the fields and the second length too. */
	PACKET_MAX = CAPTURE_BLOCK_MAX - 2 * (OPTION_HEADER + OPTION_MAX + 1),
};

struct capture_writer {
	FILE *out; /* borrowed */
	char *name;
	uint32_t interfaces;
	int status; /* the first error */
};

static void put(struct capture_writer *w, const void *data, size_t len)
{
	if (w->status || !len)
		return;
	errno = 0;
	if (fwrite(data, 1, len, w->out) != len)
		w->status = errno ? -errno : -EIO;
}

static void put16(struct capture_writer *w, uint16_t v)
{
	const uint8_t bytes[] = { (uint8_t)v, (uint8_t)(v >> 8) };

	put(w, bytes, sizeof(bytes));
}

static void put32(struct capture_writer *w, uint32_t v)
{
	put16(w, (uint16_t)v);
	put16(w, (uint16_t)(v >> 16));
}

static uint32_t padded(uint32_t len)
{
	return (len + 3) & ~3U;
}

static void put_padded(struct capture_writer *w, const void *data, uint32_t len)
{
	static const uint8_t zero[3];

	put(w, data, len);
	put(w, zero, padded(len) - len);
}

static uint32_t option_size(size_t len)
{
	return OPTION_HEADER + padded((uint32_t)len);
}

static void put_option(struct capture_writer *w, enum pcapng_option code, const void *data,
		       size_t len)
{
	put16(w, (uint16_t)code);
	put16(w, (uint16_t)len);
	put_padded(w, data, (uint32_t)len);
}

static uint32_t block_begin(struct capture_writer *w, enum pcapng_block type, uint32_t body)
{
	uint32_t total = BLOCK_OVERHEAD + body;

	put32(w, type);
	put32(w, total);
	return total;
}

static int report(const struct capture_writer *w, struct pktt_error *err)
{
	if (w->status)
		return pktt_fail(err, w->status, "%s: cannot be written: %s", w->name,
				 strerror(-w->status));
	return 0;
}

static int block_end(struct capture_writer *w, uint32_t total, struct pktt_error *err)
{
	put32(w, total);
	return report(w, err);
}

static int put_section(struct capture_writer *w, struct pktt_error *err)
{
	static const char program[] = "pkttables";
	uint32_t total;

	total = block_begin(w, PCAPNG_SHB, 16 + option_size(strlen(program)) + OPTION_HEADER);
	put32(w, PCAPNG_BYTE_ORDER);
	put16(w, 1);
	put16(w, 0);
	put32(w, UINT32_MAX); /* length of the section: not said */
	put32(w, UINT32_MAX);
	put_option(w, PCAPNG_SHB_USERAPPL, program, strlen(program));
	put_option(w, PCAPNG_END, NULL, 0);
	return block_end(w, total, err);
}

int capture_writer_open(struct capture_writer **ret, FILE *out, const char *name,
			struct pktt_error *err)
{
	struct capture_writer *w;
	int r;

	w = calloc(1, sizeof(*w));
	if (!w)
		return pktt_fail(err, -ENOMEM, "%s: no memory to write it", name);
	w->out = out;
	w->name = strdup(name);
	if (!w->name) {
		free(w);
		return pktt_fail(err, -ENOMEM, "%s: no memory to write it", name);
	}
	r = put_section(w, err);
	if (r < 0) {
		capture_writer_close(&w, NULL);
		return r;
	}
	*ret = w;
	return 0;
}

int capture_writer_interface(struct capture_writer *w, const char *name, enum capture_linktype link,
			     uint32_t *ret, struct pktt_error *err)
{
	static const uint8_t tsresol = TSRESOL_NS;
	size_t len = strlen(name);
	uint32_t total;
	int r;

	if (len > OPTION_MAX)
		return pktt_fail(err, -EINVAL, "%s: an interface name of %zu bytes", w->name, len);
	total = block_begin(w, PCAPNG_IDB,
			    8 + option_size(len) + option_size(sizeof(tsresol)) + OPTION_HEADER);
	put16(w, (uint16_t)link);
	put16(w, 0);
	put32(w, 0); /* no snapshot length */
	put_option(w, PCAPNG_IF_NAME, name, len);
	put_option(w, PCAPNG_IF_TSRESOL, &tsresol, sizeof(tsresol));
	put_option(w, PCAPNG_END, NULL, 0);
	r = block_end(w, total, err);
	if (r < 0)
		return r;
	*ret = w->interfaces++;
	return 0;
}

static int check_packet(const struct capture_writer *w, const struct capture_packet *p,
			struct pktt_error *err)
{
	if (p->interface >= w->interfaces)
		return pktt_fail(err, -EINVAL, "%s: interface %" PRIu32 " is not described",
				 w->name, p->interface);
	if (p->len > PACKET_MAX)
		return pktt_fail(err, -EMSGSIZE, "%s: a packet of %" PRIu32 " bytes", w->name,
				 p->len);
	if (p->time_ns < 0)
		return pktt_fail(err, -ERANGE, "%s: a packet of before 1970", w->name);
	if (p->comment && strlen(p->comment) > OPTION_MAX)
		return pktt_fail(err, -EINVAL, "%s: a comment of %zu bytes", w->name,
				 strlen(p->comment));
	return 0;
}

/* Bits 0 and 1 of epb_flags are the direction; the rest is not said. */
static void put_flags(struct capture_writer *w, enum capture_direction direction)
{
	const uint8_t flags[4] = { (uint8_t)direction };

	put_option(w, PCAPNG_PACKET_FLAGS, flags, sizeof(flags));
}

int capture_writer_packet(struct capture_writer *w, const struct capture_packet *p,
			  struct pktt_error *err)
{
	size_t comment_len = p->comment ? strlen(p->comment) : 0;
	uint32_t total, options;
	int r;

	r = check_packet(w, p, err);
	if (r < 0)
		return r;
	options = option_size(4) + OPTION_HEADER;
	if (p->comment)
		options += option_size(comment_len);
	total = block_begin(w, PCAPNG_EPB, EPB_FIELDS + padded(p->len) + options);
	put32(w, p->interface);
	put32(w, (uint32_t)((uint64_t)p->time_ns >> 32));
	put32(w, (uint32_t)p->time_ns);
	put32(w, p->len);
	put32(w, p->wirelen > p->len ? p->wirelen : p->len);
	put_padded(w, p->data, p->len);
	put_flags(w, p->direction);
	if (p->comment)
		put_option(w, PCAPNG_COMMENT, p->comment, comment_len);
	put_option(w, PCAPNG_END, NULL, 0);
	return block_end(w, total, err);
}

int capture_writer_close(struct capture_writer **w, struct pktt_error *err)
{
	int r;

	if (!w || !*w)
		return 0;
	errno = 0;
	if (!(*w)->status && fflush((*w)->out))
		(*w)->status = errno ? -errno : -EIO;
	r = report(*w, err);
	free((*w)->name);
	free(*w);
	*w = NULL;
	return r;
}
