/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helper/per.h"

#include "base/own.h"

#define BITS_MAX    (UINT32_C(1) << 30)
#define OPTIONS_MAX 64u

struct reader {
	const struct buf *bytes;
	struct per_notes *notes;
	uint32_t at, end; /* bits */
	uint32_t whole;	  /* end of the message, where end is that of a part */
	bool failed, stopped;
	unsigned int depth;
};

/* Deeper than any of our types are nested. */
#define DEPTH_MAX 24u

static void read_type(struct reader *r, const struct per_type *type, uint8_t tag);

static bool is_over(const struct reader *r)
{
	return r->failed || r->stopped;
}

static uint8_t byte_at(const struct reader *r, uint32_t at)
{
	struct buf b = *r->bytes;
	uint8_t byte = 0;

	if (!buf_skip(&b, at) || !buf_get_u8(&b, &byte))
		return 0;
	return byte;
}

static void skip_bits(struct reader *r, uint64_t n)
{
	if (n > r->end - r->at)
		r->failed = true;
	else
		r->at += (uint32_t)n;
}

static uint32_t read_bits(struct reader *r, unsigned int n)
{
	uint32_t value = 0, at = r->at;

	skip_bits(r, n);
	for (; !r->failed && n; n--, at++)
		value = value << 1 | (byte_at(r, at / 8) >> (7 - at % 8) & 1);
	return value;
}

static void align(struct reader *r)
{
	skip_bits(r, (8 - r->at % 8) % 8);
}

/* How many bits 0 .. n - 1 take. */
static unsigned int width(uint64_t n)
{
	unsigned int bits = 0;

	while (bits < 33 && UINT64_C(1) << bits < n)
		bits++;
	return bits;
}

/* X.691, 11.5: small ranges in bits, larger ones in whole bytes. */
static uint32_t read_range(struct reader *r, uint32_t min, uint32_t max)
{
	uint64_t range = (uint64_t)max - min + 1;

	if (range <= 255)
		return min + read_bits(r, width(range));
	if (range <= 65536) {
		align(r);
		return min + read_bits(r, range == 256 ? 8 : 16);
	}
	range = read_bits(r, 2) + 1; /* how many bytes there are */
	align(r);
	return min + read_bits(r, (unsigned int)range * 8);
}

/* X.691, 11.9; what comes in fragments of 16 K is not for us. */
static uint32_t read_length(struct reader *r)
{
	uint32_t len;

	align(r);
	len = read_bits(r, 8);
	if (!(len & 0x80))
		return len;
	if (len & 0x40)
		r->failed = true;
	return (len & 0x3f) << 8 | read_bits(r, 8);
}

/* 11.6: of extensions there are few. */
static uint32_t read_small(struct reader *r)
{
	if (read_bits(r, 1))
		return read_length(r);
	return read_bits(r, 6);
}

static void note(struct reader *r, struct per_note what)
{
	if (r->notes->count == PER_NOTES_MAX)
		r->failed = true;
	else
		r->notes->note[r->notes->count++] = what;
}

/* A length within the type's bounds, then so many units; short ones of fixed length are not aligned. */
static void read_string(struct reader *r, const struct per_type *t, unsigned int unit)
{
	uint32_t len = t->min;

	if (t->max == 0)
		len = read_length(r);
	else if (t->max != t->min)
		len = read_range(r, t->min, t->max);
	if (t->max == 0 || (uint64_t)t->max * unit > 16)
		align(r);
	skip_bits(r, (uint64_t)len * unit);
}

static void read_address(struct reader *r, const struct per_type *t, uint8_t tag)
{
	align(r);
	if (!r->failed && tag)
		note(r, (struct per_note){ .tag = tag, .len = (uint8_t)t->min, .at = r->at / 8 });
	skip_bits(r, (t->min + 2) * 8);
}

static void read_field(struct reader *r, const struct per_field *f, uint8_t tag)
{
	if (f->mark)
		note(r, (struct per_note){ .tag = f->mark });
	read_type(r, f->type, f->tag ? f->tag : tag);
}

/* Bytes with a length, which hold something or nothing that we know. */
static void read_open(struct reader *r, const struct per_field *f, uint8_t tag)
{
	uint32_t len = read_length(r), end;

	end = r->at;
	skip_bits(r, (uint64_t)len * 8);
	if (r->failed)
		return;
	if (f && f->type) {
		struct reader inner = *r;

		inner.at = end;
		inner.end = end + len * 8;
		read_field(&inner, f, tag);
		r->failed = inner.failed;
	}
}

static void read_extensions(struct reader *r, const struct per_type *t, uint8_t tag)
{
	uint32_t count = read_small(r) + 1;
	uint64_t present = 0;

	if (count > OPTIONS_MAX) {
		r->failed = true;
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		present |= (uint64_t)read_bits(r, 1) << i;
	for (uint32_t i = 0; i < count && !is_over(r); i++)
		if (present >> i & 1)
			read_open(r, t->nroot + i < t->nfields ? &t->field[t->nroot + i] : NULL,
				  tag);
}

static void read_sequence(struct reader *r, const struct per_type *t, uint8_t tag)
{
	bool is_extended = t->is_extensible && read_bits(r, 1);
	uint64_t present = 0;

	for (unsigned int i = 0; i < t->nroot; i++)
		if (!t->field[i].is_optional || read_bits(r, 1))
			present |= UINT64_C(1) << i;
	for (unsigned int i = 0; i < t->nroot && !is_over(r); i++)
		if (present >> i & 1)
			read_field(r, &t->field[i], tag);
	if (is_extended && !is_over(r))
		read_extensions(r, t, tag);
}

static void read_choice(struct reader *r, const struct per_type *t, uint8_t tag)
{
	bool is_extended = t->is_extensible && read_bits(r, 1);
	uint32_t i = is_extended ? t->nroot + read_small(r) : read_bits(r, width(t->nroot));

	if (is_extended)
		read_open(r, i < t->nfields ? &t->field[i] : NULL, tag);
	else if (i < t->nroot)
		read_field(r, &t->field[i], tag);
	else
		r->failed = true;
}

static void read_list(struct reader *r, const struct per_type *t, uint8_t tag)
{
	for (uint32_t n = read_length(r); n && !is_over(r); n--)
		read_field(r, &t->field[0], tag);
}

/*
 * A large number that it reads, Linux steps over once more, and does not understand the message if that
 * is beyond its end; whatever part the number stands in, it goes on behind that part.
 */
static void step_again(struct reader *r, uint32_t start)
{
	uint32_t aligned = (start + 2 + 7) / 8 * 8;

	if (!r->failed && r->at - aligned > r->whole - r->at)
		r->failed = true;
}

static void read_number(struct reader *r, const struct per_type *t, uint8_t tag)
{
	uint32_t start = r->at, value = read_range(r, t->min, t->max);

	if (tag && t->max - t->min > UINT16_MAX)
		step_again(r, start);

	if (tag && !r->failed)
		note(r, (struct per_note){ .tag = tag, .value = value });
}

static void read_kind(struct reader *r, const struct per_type *t, uint8_t tag)
{
	switch (t->kind) {
	case PER_NULL:
		break;
	case PER_BOOL:
		read_bits(r, 1);
		break;
	case PER_INT:
		read_number(r, t, tag);
		break;
	case PER_OCTETS:
		read_string(r, t, 8);
		break;
	case PER_ADDRESS:
		read_address(r, t, tag);
		break;
	case PER_OID:
		skip_bits(r, (uint64_t)read_length(r) * 8);
		break;
	case PER_DIGITS:
		read_string(r, t, 4);
		break;
	case PER_BMP:
		read_string(r, t, 16);
		break;
	case PER_SEQUENCE:
		read_sequence(r, t, tag);
		break;
	case PER_CHOICE:
		read_choice(r, t, tag);
		break;
	case PER_LIST:
		read_list(r, t, tag);
		break;
	case PER_INSIDE:
		read_open(r, &t->field[0], tag);
		break;
	case PER_STOP:
		r->stopped = true;
		break;
	}
}

static void read_type(struct reader *r, const struct per_type *type, uint8_t tag)
{
	if (r->depth == DEPTH_MAX)
		r->failed = true;
	if (is_over(r))
		return;
	r->depth++;
	read_kind(r, type, tag);
	r->depth--;
}

bool per_read(struct buf bytes, uint32_t at, const struct per_type *type, struct per_notes *ret)
{
	struct reader r = { .bytes = &bytes, .notes = ret, .at = at * 8 };
	size_t len = buf_left(&bytes);

	if (len > BITS_MAX / 8 || at > len)
		return false;
	r.end = r.whole = (uint32_t)len * 8;
	read_type(&r, type, 0);
	return !r.failed;
}
