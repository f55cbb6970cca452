/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading captures.
 *
 * Overview: the first four bytes say what a file is. A struct capture is a byte source
 * (capture_source.c: counting, the one buffer, the sentence of a file that is cut off) and the
 * state of one of two formats (capture_pcap.c, pcapng.c), which turn its bytes into records. What
 * all records have in common, their number, their order and a wire length that is not less than the
 * captured one, is settled here.
 *
 * Life-cycle: memory is the buffer, at most CAPTURE_BLOCK_MAX bytes, and the interfaces of one
 * section of a pcapng file, at most INTERFACES_MAX; nothing grows with the number of records. The
 * stream is read forward only, so that standard input will do.
 *
 * Synchronization: none; a capture belongs to one thread.
 */
#include "capture.h"

#include "capture_pcap.h"
#include "capture_source.h"
#include "pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <pktt/type.h>
#include <stdlib.h>
#include <string.h>

struct capture {
	struct capture_source source;
	bool is_pcapng;
	int status; /* the error that ended it, or 0 */
	struct capture_pcap pcap;
	struct pcapng pcapng;
};

/* Files that are often given by mistake, and what to do with them. */
static const struct {
	uint32_t mask, magic;
	const char *hint;
} mistakes[] = {
	{ 0xffff0000, 0x1f8b0000, "it is compressed: pipe it through 'gzip -dc'" },
	{ 0xffffffff, 0xfd377a58, "it is compressed: pipe it through 'xz -dc'" },
	{ 0xffffffff, 0x28b52ffd, "it is compressed: pipe it through 'zstd -dc'" },
	{ 0xffffffff, 0x04224d18, "it is compressed: pipe it through 'lz4 -dc'" },
	{ 0xffffff00, 0x425a6800, "it is compressed: pipe it through 'bzip2 -dc'" },
	{ 0xffffffff, 0x736e6f6f, "it is a snoop file: 'editcap -F pcapng' converts it" },
	{ 0xffffffff, 0xa1b2cd34, "it is a modified pcap: 'editcap -F pcapng' converts it" },
	{ 0xffffffff, 0x34cdb2a1, "it is a modified pcap: 'editcap -F pcapng' converts it" },
	{ 0, 0, "it begins with neither's magic number" },
};

static int refuse(const struct capture_source *s, uint32_t magic, struct pktt_error *err)
{
	size_t i = 0;

	while ((magic & mistakes[i].mask) != mistakes[i].magic)
		i++;
	return pktt_fail(err, -EPROTONOSUPPORT, "%s: neither a pcap nor a pcapng file: %s", s->name,
			 mistakes[i].hint);
}

static int open_format(struct capture *c, struct pktt_error *err)
{
	uint8_t first[4];
	uint32_t magic;
	int r;

	r = capture_source_read(&c->source, first, sizeof(first), err);
	if (r < 0)
		return r;
	magic = get_be32(first);
	if (capture_pcap_probe(&c->pcap, magic))
		return capture_pcap_open(&c->pcap, &c->source, err);
	if (magic != PCAPNG_SHB)
		return refuse(&c->source, magic, err);
	c->is_pcapng = true;
	return pcapng_section(&c->pcapng, &c->source, err);
}

int capture_open(struct capture **ret, FILE *in, const char *name, struct pktt_error *err)
{
	struct capture *c;
	int r;

	c = calloc(1, sizeof(*c));
	if (!c)
		return pktt_fail(err, -ENOMEM, "%s: no memory to read it", name);
	c->source.in = in;
	c->source.name = strdup(name);
	if (!c->source.name) {
		capture_close(&c);
		return pktt_fail(err, -ENOMEM, "%s: no memory to read it", name);
	}
	r = open_format(c, err);
	if (r < 0) {
		capture_close(&c);
		return r;
	}
	*ret = c;
	return 0;
}

int capture_next(struct capture *c, struct capture_record *ret, struct pktt_error *err)
{
	int r;

	if (c->status)
		return pktt_fail(err, c->status, "%s: reading it ended after %" PRIu64 " records",
				 c->source.name, c->source.records);
	if (c->is_pcapng)
		r = pcapng_next(&c->pcapng, &c->source, ret, err);
	else
		r = capture_pcap_next(&c->pcap, &c->source, ret, err);
	if (r < 0)
		c->status = r;
	if (r <= 0)
		return r;
	/* Some writers leave the wire length 0; more cannot have been captured than was there. */
	if (ret->wirelen < ret->caplen)
		ret->wirelen = ret->caplen;
	ret->number = c->source.records++;
	c->source.time_ns = ret->time_ns;
	return 1;
}

uint64_t capture_bytes_read(const struct capture *c)
{
	return c->source.offset;
}

void capture_close(struct capture **c)
{
	if (!c || !*c)
		return;
	pcapng_fini(&(*c)->pcapng);
	capture_source_fini(&(*c)->source);
	free(*c);
	*c = NULL;
}
