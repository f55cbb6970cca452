/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classic pcap files (draft-ietf-opsawg-pcap).
 *
 *	file header	magic 4, major 2, minor 2, zone 4, accuracy 4, snaplen 4, link type 4
 *	record		seconds 4, fraction 4, captured 4, on the wire 4, captured bytes
 *
 * The magic says byte order and fraction. Why this is not left to libpcap: the format is these two
 * lines; libpcap would have to be fed through a stream of callbacks, since the first bytes of a
 * pipe are gone when we know what it is; it renumbers link types as the host's DLT_ and cuts
 * fractions to microseconds unless asked; and its sentences name neither record nor byte. Here both
 * formats share one bounded source, one buffer, one way to say where a file is cut.
 */
#include "capture_pcap.h"

#include "base/own.h"
#include "capture.h"
#include "capture_source.h"

#include <errno.h>
#include <pktt/type.h>
#include <stddef.h>

static const struct {
	uint32_t magic; /* the first four bytes as big-endian */
	bool is_little;
	uint32_t unit_ns;
} magics[] = {
	{ 0xa1b2c3d4, false, 1000 },
	{ 0xd4c3b2a1, true, 1000 },
	{ 0xa1b23c4d, false, 1 },
	{ 0x4d3cb2a1, true, 1 },
};

enum {
	FILE_HEADER = 20, /* without the magic */
	ZONE_ACCURACY_SNAPLEN = 12,
	RECORD_HEADER = 16,
	NS_PER_S = 1000000000,
	/* Above it the link type field says how many checksum bytes end each frame. */
	LINKTYPE_MASK = 0x03ffffff,
};

bool capture_pcap_probe(struct capture_pcap *ret, uint32_t magic)
{
	for (size_t i = 0; i < pktt_countof(magics); i++) {
		if (magics[i].magic != magic)
			continue;
		*ret = (struct capture_pcap){
			.is_little = magics[i].is_little,
			.unit_ns = magics[i].unit_ns,
		};
		return true;
	}
	return false;
}

int capture_pcap_open(struct capture_pcap *p, struct capture_source *s, struct pktt_error *err)
{
	uint16_t major, minor;
	uint32_t link;
	struct buf b;
	int r;

	r = capture_source_take(s, &b, FILE_HEADER, err);
	if (r < 0)
		return r;
	capture_get16(&b, p->is_little, &major);
	capture_get16(&b, p->is_little, &minor);
	buf_skip(&b, ZONE_ACCURACY_SNAPLEN);
	capture_get32(&b, p->is_little, &link);
	if (b.failed)
		return capture_source_malformed(s, "file header", "is too short", err);
	if (major != 2 || minor > 4)
		return pktt_fail(err, -EPROTONOSUPPORT, "%s: pcap version %u.%u is not known",
				 s->name, major, minor);
	p->may_be_swapped = minor < 4;
	p->linktype = link & LINKTYPE_MASK;
	return 0;
}

int capture_pcap_next(struct capture_pcap *p, struct capture_source *s, struct capture_record *ret,
		      struct pktt_error *err)
{
	uint32_t seconds, fraction, caplen, wirelen, swap;
	uint8_t header[RECORD_HEADER];
	struct buf b;
	int r;

	r = capture_source_begin(s, header, sizeof(header), err);
	if (r <= 0)
		return r;
	b = buf_of(header, sizeof(header));
	capture_get32(&b, p->is_little, &seconds);
	capture_get32(&b, p->is_little, &fraction);
	capture_get32(&b, p->is_little, &caplen);
	capture_get32(&b, p->is_little, &wirelen);
	/* Before 2.3 the two stood the other way round, and 2.3 was written both ways. */
	if (p->may_be_swapped && caplen > wirelen) {
		swap = caplen;
		caplen = wirelen;
		wirelen = swap;
	}
	r = capture_source_take(s, &b, caplen, err);
	if (r < 0)
		return r;
	*ret = (struct capture_record){
		/* At most 2^32 seconds and 2^32 microseconds: less than 2^62. */
		.time_ns = (int64_t)seconds * NS_PER_S + (int64_t)fraction * p->unit_ns,
		.data = buf_get(&b, caplen),
		.caplen = caplen,
		.wirelen = wirelen,
		.linktype = p->linktype,
		.direction = CAPTURE_UNKNOWN,
	};
	return 1;
}
