/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures written byte by byte, without the code under test. */
#ifndef TEST_CAPTURE_H
#define TEST_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct file {
	uint8_t bytes[8192];
	size_t len;
	bool is_little;
	size_t block; /* where the block in hand began */
};

static inline void put_int(struct file *f, uint64_t v, unsigned int size)
{
	assert_true(f->len + size <= sizeof(f->bytes));
	for (unsigned int i = 0; i < size; i++)
		f->bytes[f->len++] = (uint8_t)(v >> 8 * (f->is_little ? i : size - 1 - i));
}

static inline void put_bytes(struct file *f, const void *data, size_t len)
{
	assert_true(f->len + len <= sizeof(f->bytes));
	if (len)
		memcpy(f->bytes + f->len, data, len);
	f->len += len;
}

static inline void put_pad(struct file *f)
{
	while ((f->len - f->block) % 4)
		put_int(f, 0, 1);
}

static inline void put_pcap(struct file *f, uint32_t magic, uint32_t link)
{
	put_int(f, magic, 4);
	put_int(f, 2, 2);
	put_int(f, 4, 2);
	put_int(f, 0, 8);
	put_int(f, 65535, 4);
	put_int(f, link, 4);
}

static inline void put_record(struct file *f, uint32_t seconds, uint32_t fraction, const char *data,
			      uint32_t wire)
{
	put_int(f, seconds, 4);
	put_int(f, fraction, 4);
	put_int(f, strlen(data), 4);
	put_int(f, wire, 4);
	put_bytes(f, data, strlen(data));
}

static inline void block_begin(struct file *f, uint32_t type)
{
	f->block = f->len;
	put_int(f, type, 4);
	put_int(f, 0, 4);
}

static inline void block_end(struct file *f)
{
	size_t end;

	put_pad(f);
	put_int(f, f->len + 4 - f->block, 4);
	end = f->len;
	f->len = f->block + 4;
	put_int(f, end - f->block, 4);
	f->len = end;
}

static inline void put_option(struct file *f, uint16_t code, const void *data, uint16_t len)
{
	put_int(f, code, 2);
	put_int(f, len, 2);
	put_bytes(f, data, len);
	put_pad(f);
}

static inline void put_section(struct file *f, bool is_little)
{
	f->is_little = is_little;
	block_begin(f, 0x0a0d0d0a);
	put_int(f, 0x1a2b3c4d, 4);
	put_int(f, 1, 2);
	put_int(f, 0, 2);
	put_int(f, UINT64_MAX, 8);
	put_option(f, 1, "a comment", 9);
	block_end(f);
}

struct interface {
	const char *name; /* NULL: no if_name */
	uint16_t link;
	uint32_t snaplen;
	int tsresol;	  /* -1: none */
	int64_t tsoffset; /* 0: none */
};

static inline void put_interface(struct file *f, const struct interface *i)
{
	uint8_t tsresol = (uint8_t)i->tsresol;

	block_begin(f, 1);
	put_int(f, i->link, 2);
	put_int(f, 0, 2);
	put_int(f, i->snaplen, 4);
	if (i->name)
		put_option(f, 2, i->name, (uint16_t)strlen(i->name));
	if (i->tsresol >= 0)
		put_option(f, 9, &tsresol, 1);
	if (i->tsoffset) {
		put_int(f, 14, 2);
		put_int(f, 8, 2);
		put_int(f, (uint64_t)i->tsoffset, 8);
	}
	put_option(f, 0, NULL, 0);
	block_end(f);
}

/* An EPB; flags < 0: without options. */
static inline void put_packet(struct file *f, uint32_t interface, uint64_t stamp, const char *data,
			      int flags)
{
	block_begin(f, 6);
	put_int(f, interface, 4);
	put_int(f, stamp >> 32, 4);
	put_int(f, stamp, 4);
	put_int(f, strlen(data), 4);
	put_int(f, strlen(data) + 100, 4);
	put_bytes(f, data, strlen(data));
	put_pad(f);
	if (flags >= 0) {
		put_option(f, 1, "why", 3);
		put_int(f, 2, 2);
		put_int(f, 4, 2);
		put_int(f, (uint32_t)flags, 4);
		put_option(f, 0, NULL, 0);
	}
	block_end(f);
}

static inline void put_simple(struct file *f, uint32_t wire, const char *data)
{
	block_begin(f, 3);
	put_int(f, wire, 4);
	put_bytes(f, data, strlen(data));
	block_end(f);
}

static inline void put_obsolete(struct file *f, uint16_t interface, uint64_t stamp,
				const char *data)
{
	block_begin(f, 2);
	put_int(f, interface, 2);
	put_int(f, 0xffff, 2);
	put_int(f, stamp >> 32, 4);
	put_int(f, stamp, 4);
	put_int(f, strlen(data), 4);
	put_int(f, strlen(data), 4);
	put_bytes(f, data, strlen(data));
	put_pad(f);
	block_end(f);
}

#endif
