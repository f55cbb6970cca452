/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading pcapng files (draft-ietf-opsawg-pcapng).
 *
 * Overview: a file is a chain of blocks,
 *
 *	type 4 | total length 4 | body | total length 4 again
 *
 * in the byte order of the section that a section header block (SHB) opened. A section numbers its
 * interface blocks (IDB) from 0; packets refer to those. Types that carry nothing for us are passed
 * over, which is what the format asks of readers; of a type that we read, everything is proved:
 * both lengths agree, each field and option lies within its block, an interface number is one of
 * this section.
 *
 * Time: a packet's 64-bit stamp counts units of if_tsresol since if_tsoffset. time_of() is exact to
 * the nanosecond (rounded down) in 64 bits for every resolution, and refuses what a record
 * cannot hold.
 */
#include "pcapng.h"

#include "base/own.h"
#include "capture.h"
#include "capture_source.h"

#include <errno.h>
#include <inttypes.h>
#include <pktt/type.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_OVERHEAD = 12, /* type and both lengths */
	SECTION_HEADER_MIN = 28,
	OPTION_NAME_ROOM = 256,
	INTERFACES_MAX = 65536,
	TSRESOL_BINARY = 0x80, /* of if_tsresol: a power of 2, not of 10 */
	TSRESOL_DEFAULT = 6,
	DIRECTION_MASK = 3,
	NS_PER_S = 1000000000,
	NS_DIGITS = 9,
};

#define TIME_MAX_NS (INT64_C(1) << 62)

struct pcapng_interface {
	char name[OPTION_NAME_ROOM]; /* a longer one is cut: no interface is called so */
	bool has_name;
	uint16_t linktype;
	uint32_t snaplen; /* 0: no limit */
	uint8_t tsresol;
	int64_t tsoffset_s;
};

struct option {
	uint16_t code;
	struct buf value;
};

/* What the three packet blocks say, each in its own order. */
struct packet {
	uint32_t interface;
	bool has_stamp;
	uint64_t stamp;
	uint32_t caplen, wirelen;
	enum capture_direction direction;
	struct buf data;
};

void pcapng_fini(struct pcapng *p)
{
	free(p->interfaces);
	*p = (struct pcapng){ 0 };
}

static uint32_t padding(uint32_t len)
{
	return -len & 3;
}

/*
 * The next option: true, or false at the end of them and where they are broken (the cursor has
 * failed).
 */
static bool option_next(const struct pcapng *p, struct buf *b, struct option *ret)
{
	uint16_t len;

	if (!buf_left(b))
		return false;
	capture_get16(b, p->is_little, &ret->code);
	capture_get16(b, p->is_little, &len);
	if (b->failed || ret->code == PCAPNG_END)
		return false;
	buf_get_buf(b, len, &ret->value);
	buf_skip(b, padding(len));
	return !b->failed;
}

static void interface_name(struct pcapng_interface *i, struct buf *value)
{
	size_t len = buf_left(value);
	const uint8_t *name;

	if (len >= sizeof(i->name))
		len = sizeof(i->name) - 1;
	name = buf_get(value, len);
	memset(i->name, 0, sizeof(i->name));
	if (name)
		memcpy(i->name, name, len);
	i->has_name = i->name[0];
}

/* False if the value is too short for its code. */
static bool interface_option(const struct pcapng *p, struct pcapng_interface *i, struct option *o)
{
	uint64_t offset;

	switch (o->code) {
	case PCAPNG_IF_NAME:
		interface_name(i, &o->value);
		break;
	case PCAPNG_IF_TSRESOL:
		buf_get_u8(&o->value, &i->tsresol);
		break;
	case PCAPNG_IF_TSOFFSET:
		capture_get64(&o->value, p->is_little, &offset);
		i->tsoffset_s = (int64_t)offset;
		break;
	}
	return !o->value.failed;
}

static int interface_append(struct pcapng *p, const struct capture_source *s,
			    const struct pcapng_interface *i, struct pktt_error *err)
{
	uint32_t room = p->room ? p->room * 2 : 4;
	struct pcapng_interface *all;

	if (p->count == INTERFACES_MAX)
		return pktt_fail(err, -EMSGSIZE, "%s: a section of more than %d interfaces",
				 s->name, INTERFACES_MAX);
	if (p->count == p->room) {
		all = reallocarray(p->interfaces, room, sizeof(*all));
		if (!all)
			return pktt_fail(err, -ENOMEM, "%s: no memory for %" PRIu32 " interfaces",
					 s->name, room);
		p->interfaces = all;
		p->room = room;
	}
	p->interfaces[p->count++] = *i;
	return 0;
}

/* IDB: link type 2, reserved 2, snaplen 4, options. */
static int read_interface(struct pcapng *p, struct capture_source *s, struct buf *b,
			  struct pktt_error *err)
{
	struct pcapng_interface i = { .tsresol = TSRESOL_DEFAULT };
	struct option o;

	capture_get16(b, p->is_little, &i.linktype);
	buf_skip(b, 2);
	capture_get32(b, p->is_little, &i.snaplen);
	while (option_next(p, b, &o)) {
		if (!interface_option(p, &i, &o))
			return capture_source_malformed(s, "interface block",
							"has an option that is too short", err);
	}
	if (b->failed)
		return capture_source_malformed(s, "interface block", "has fields beyond its end",
						err);
	return interface_append(p, s, &i, err);
}

/* The captured bytes, their padding, and the options. */
static void packet_body(const struct pcapng *p, struct buf *b, struct packet *ret)
{
	struct option o;
	uint32_t flags;

	buf_get_buf(b, ret->caplen, &ret->data);
	buf_skip(b, padding(ret->caplen));
	while (option_next(p, b, &o)) {
		if (o.code != PCAPNG_PACKET_FLAGS)
			continue;
		capture_get32(&o.value, p->is_little, &flags);
		b->failed |= o.value.failed;
		if ((flags & DIRECTION_MASK) <= CAPTURE_OUTBOUND)
			ret->direction = flags & DIRECTION_MASK;
	}
}

static void packet_stamp(const struct pcapng *p, struct buf *b, struct packet *ret)
{
	uint32_t high, low;

	capture_get32(b, p->is_little, &high);
	capture_get32(b, p->is_little, &low);
	ret->stamp = (uint64_t)high << 32 | low;
	ret->has_stamp = true;
	capture_get32(b, p->is_little, &ret->caplen);
	capture_get32(b, p->is_little, &ret->wirelen);
}

/* EPB: interface 4, stamp 8, captured 4, on the wire 4, bytes, options. */
static void read_enhanced(const struct pcapng *p, struct buf *b, struct packet *ret)
{
	capture_get32(b, p->is_little, &ret->interface);
	packet_stamp(p, b, ret);
	packet_body(p, b, ret);
}

/* PB: interface 2, drops 2, and on as EPB. */
static void read_obsolete(const struct pcapng *p, struct buf *b, struct packet *ret)
{
	uint16_t interface;

	capture_get16(b, p->is_little, &interface);
	ret->interface = interface;
	buf_skip(b, 2);
	packet_stamp(p, b, ret);
	packet_body(p, b, ret);
}

/* SPB: on the wire 4, bytes; of interface 0, cut at its snaplen, with no time. */
static void read_simple(const struct pcapng *p, struct buf *b, struct packet *ret)
{
	uint32_t snaplen = p->count ? p->interfaces[0].snaplen : 0;

	capture_get32(b, p->is_little, &ret->wirelen);
	ret->caplen = snaplen && snaplen < ret->wirelen ? snaplen : ret->wirelen;
	buf_get_buf(b, ret->caplen, &ret->data);
}

/* @ticks of 10^-@digits s in nanoseconds; false if that takes more than 64 bits. */
static bool decimal_ns(uint64_t ticks, unsigned int digits, uint64_t *ret)
{
	unsigned int i;

	for (i = digits; i > NS_DIGITS && ticks; i--)
		ticks /= 10;
	for (i = digits; i < NS_DIGITS; i++) {
		if (__builtin_mul_overflow(ticks, 10, &ticks))
			return false;
	}
	*ret = ticks;
	return true;
}

/*
 * @ticks of 2^-@bits s in nanoseconds. Below 32 bits the fraction times 10^9 fits 64 bits, only the
 * seconds may overflow. From 32 on the product is taken in two halves, whose low one loses nothing
 * that the shift would keep: floor((h 2^32 + l) / 2^n) = floor((h + floor(l / 2^32)) / 2^(n-32)).
 */
static bool binary_ns(uint64_t ticks, unsigned int bits, uint64_t *ret)
{
	uint64_t seconds, fraction;

	if (bits < 32) {
		seconds = ticks >> bits;
		fraction = (ticks - (seconds << bits)) * NS_PER_S >> bits;
		return !__builtin_mul_overflow(seconds, NS_PER_S, &seconds) &&
		       !__builtin_add_overflow(seconds, fraction, ret);
	}
	fraction = (ticks >> 32) * NS_PER_S + ((ticks & UINT32_MAX) * NS_PER_S >> 32);
	*ret = bits - 32 < 64 ? fraction >> (bits - 32) : 0;
	return true;
}

static bool time_of(const struct pcapng_interface *i, uint64_t stamp, int64_t *ret)
{
	unsigned int digits = i->tsresol & ~TSRESOL_BINARY;
	int64_t offset_ns, sum;
	uint64_t ns;
	bool ok;

	if (i->tsresol & TSRESOL_BINARY)
		ok = binary_ns(stamp, digits, &ns);
	else
		ok = decimal_ns(stamp, digits, &ns);
	if (!ok || __builtin_mul_overflow(i->tsoffset_s, (int64_t)NS_PER_S, &offset_ns) ||
	    __builtin_add_overflow(ns, offset_ns, &sum) || sum < -TIME_MAX_NS || sum > TIME_MAX_NS)
		return false;
	*ret = sum;
	return true;
}

static int record_of(const struct pcapng *p, const struct capture_source *s, struct packet *packet,
		     struct capture_record *ret, struct pktt_error *err)
{
	const struct pcapng_interface *i;
	int64_t time_ns = s->time_ns;

	if (packet->interface >= p->count)
		return pktt_fail(err, -EBADMSG,
				 "%s: record %" PRIu64 " is of interface %" PRIu32
				 ", but its section has only %" PRIu32,
				 s->name, s->records, packet->interface, p->count);
	i = &p->interfaces[packet->interface];
	if (packet->has_stamp && !time_of(i, packet->stamp, &time_ns))
		return pktt_fail(err, -ERANGE,
				 "%s: record %" PRIu64 " has a time outside the years 1823 to 2116",
				 s->name, s->records);
	*ret = (struct capture_record){
		.time_ns = time_ns,
		.data = buf_get(&packet->data, packet->caplen),
		.caplen = packet->caplen,
		.wirelen = packet->wirelen,
		.linktype = i->linktype,
		.interface = i->has_name ? i->name : NULL,
		.direction = packet->direction,
	};
	return 1;
}

static const struct packet_block {
	uint32_t type;
	const char *name;
	void (*read)(const struct pcapng *p, struct buf *b, struct packet *ret);
} packet_blocks[] = {
	{ PCAPNG_EPB, "packet block", read_enhanced },
	{ PCAPNG_SPB, "simple packet block", read_simple },
	{ PCAPNG_PB, "obsolete packet block", read_obsolete },
};

static int read_packet(const struct pcapng *p, const struct capture_source *s,
		       const struct packet_block *block, struct buf *b, struct capture_record *ret,
		       struct pktt_error *err)
{
	struct packet packet = { .direction = CAPTURE_UNKNOWN };

	block->read(p, b, &packet);
	if (b->failed)
		return capture_source_malformed(s, block->name, "has fields beyond its end", err);
	return record_of(p, s, &packet, ret, err);
}

/*
 * The body of a block of which @done bytes are read already; its two lengths are proved to agree.
 */
static int read_body(const struct pcapng *p, struct capture_source *s, uint32_t done,
		     uint32_t total, struct buf *ret, struct pktt_error *err)
{
	uint32_t again;
	struct buf b;
	int r;

	r = capture_source_take(s, &b, total - done, err);
	if (r < 0)
		return r;
	buf_get_buf(&b, total - done - 4, ret);
	capture_get32(&b, p->is_little, &again);
	if (again != total)
		return capture_source_malformed(s, "block",
						"begins and ends with different lengths", err);
	return 0;
}

static int skip_body(const struct pcapng *p, struct capture_source *s, uint32_t total,
		     struct pktt_error *err)
{
	struct buf b;
	int r;

	r = capture_source_skip(s, total - BLOCK_OVERHEAD, err);
	if (r < 0)
		return r;
	/* All but the second length is done. */
	return read_body(p, s, total - 4, total, &b, err);
}

static bool possible_length(uint32_t total)
{
	return total >= BLOCK_OVERHEAD && total % 4 == 0;
}

/* A block whose type is read: 1 if it gave a record, 0 if not. */
static int read_block(struct pcapng *p, struct capture_source *s, uint32_t type,
		      struct capture_record *ret, struct pktt_error *err)
{
	const struct packet_block *packet = NULL;
	uint8_t length[4];
	uint32_t total;
	struct buf b;
	int r;

	r = capture_source_read(s, length, sizeof(length), err);
	if (r < 0)
		return r;
	b = buf_of(length, sizeof(length));
	capture_get32(&b, p->is_little, &total);
	if (!possible_length(total))
		return capture_source_malformed(s, "block", "has an impossible length", err);
	for (size_t i = 0; i < pktt_countof(packet_blocks); i++) {
		if (packet_blocks[i].type == type)
			packet = &packet_blocks[i];
	}
	if (!packet && type != PCAPNG_IDB)
		return skip_body(p, s, total, err);
	r = read_body(p, s, BLOCK_OVERHEAD - 4, total, &b, err);
	if (r < 0)
		return r;
	if (!packet)
		return read_interface(p, s, &b, err);
	return read_packet(p, s, packet, &b, ret, err);
}

/*
 * SHB: length 4, byte order 4, major 2, minor 2, section length 8, options. Nothing of the section
 * before stays valid. The section's length is not used: it may be absent, and the blocks tell.
 */
int pcapng_section(struct pcapng *p, struct capture_source *s, struct pktt_error *err)
{
	uint32_t total, order;
	uint16_t major, minor;
	uint8_t head[8];
	struct buf b;
	int r;

	r = capture_source_read(s, head, sizeof(head), err);
	if (r < 0)
		return r;
	p->count = 0;
	b = buf_of(head, sizeof(head));
	buf_get_le32(&b, &total);
	buf_get_le32(&b, &order);
	p->is_little = order == PCAPNG_BYTE_ORDER;
	if (!p->is_little) {
		total = __builtin_bswap32(total);
		order = __builtin_bswap32(order);
	}
	if (order != PCAPNG_BYTE_ORDER)
		return capture_source_malformed(s, "section header", "has no byte-order mark", err);
	if (!possible_length(total) || total < SECTION_HEADER_MIN)
		return capture_source_malformed(s, "section header", "has an impossible length",
						err);
	r = read_body(p, s, 4 + sizeof(head), total, &b, err);
	if (r < 0)
		return r;
	capture_get16(&b, p->is_little, &major);
	capture_get16(&b, p->is_little, &minor);
	if (major != 1)
		return pktt_fail(err, -EPROTONOSUPPORT, "%s: pcapng version %u.%u is not known",
				 s->name, major, minor);
	return 0;
}

int pcapng_next(struct pcapng *p, struct capture_source *s, struct capture_record *ret,
		struct pktt_error *err)
{
	uint8_t first[4];
	uint32_t type;
	struct buf b;
	int r;

	do {
		r = capture_source_begin(s, first, sizeof(first), err);
		if (r <= 0)
			return r;
		b = buf_of(first, sizeof(first));
		capture_get32(&b, p->is_little, &type);
		if (type == PCAPNG_SHB)
			r = pcapng_section(p, s, err);
		else
			r = read_block(p, s, type, ret, err);
	} while (!r);
	return r;
}
