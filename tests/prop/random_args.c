/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "random_args.h"

#include "base/buf.h"
#include "base/own.h"
#include "desc/args.h"
#include "desc/args_value.h"

#include <stdlib.h>
#include <string.h>

/* xorshift64*: the same numbers from the same seed on every machine. */
uint64_t random_u64(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * UINT64_C(0x2545f4914f6cdd1d);
}

uint32_t random_below(struct random *r, uint32_t bound)
{
	return bound ? (uint32_t)((random_u64(r) >> 32) * bound >> 32) : 0;
}

/* What types without parts take. */
static const struct {
	const struct pktt_type *type;
	const char *text[4];
} texts[] = {
	{ &pktt_type_u32_tests,
	  { "0x0>>0x16&0x3c@0xc>>0x1a&0x3c@0x0=0x1", "0x6&0xff=0x1", "0x0=0x1:0x2,0x5&&0x4=0x3",
	    "0x4&0x3fff=0x0" } },
	{ &pktt_type_sctp_chunks,
	  { "any DATA", "all INIT,INIT_ACK", "only DATA:Be,SACK", "any ABORT:T" } },
	{ &pktt_type_mac_list,
	  { "02:00:00:00:00:01", "02:00:00:00:00:01=10.0.0.1,02:00:00:00:00:02",
	    "00:00:00:00:00:00=192.168.0.1", "ff:ff:ff:ff:ff:ff" } },
	{ &pktt_type_bitmap256, { "1", "1,2,3", "0,255", "7" } },
	{ &pktt_type_bpf,
	  { "1,6 0 0 65535", "2,48 0 0 9,6 0 0 0", "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0",
	    "1,6 0 0 0" } },
};

struct out {
	uint8_t *buf;
	size_t len, room;
};

static void put(struct out *o, const void *data, size_t len)
{
	if (o->room - o->len < len)
		len = o->room - o->len;
	if (len)
		memcpy(o->buf + o->len, data, len);
	o->len += len;
}

static void put_uint(struct out *o, uint64_t v, unsigned int size)
{
	uint8_t byte[8];

	for (unsigned int i = size; i-- > 0; v >>= 8)
		byte[i] = (uint8_t)v;
	put(o, byte, size);
}

static uint64_t symbol(struct random *r, const struct pktt_param *p)
{
	unsigned int n = 0;

	while (p->symbols[n].name)
		n++;
	return p->symbols[random_below(r, n)].value;
}

/* Mostly what can be right: names, bounds, edges, small numbers; now and then anything. */
static uint64_t number(struct random *r, const struct pktt_param *p, unsigned int size)
{
	uint64_t max = UINT64_MAX >> (64 - 8 * size), span;

	if (p->symbols && random_below(r, 16))
		return pktt_args_value_has_bits(p) ? symbol(r, p) | symbol(r, p) : symbol(r, p);
	if ((p->min || p->max) && random_below(r, 16)) {
		span = (p->max && p->max < max ? p->max : max) - p->min;
		return p->min + (span + 1 ? random_u64(r) % (span + 1) : random_u64(r));
	}
	switch (random_below(r, 6)) {
	case 0:
		return 0;
	case 1:
		return max;
	case 2:
		return 1 + random_below(r, 8);
	case 3:
		return random_below(r, 256) & max;
	case 4:
		return random_below(r, 65536) & max;
	}
	return random_u64(r) & max;
}

static uint8_t addr_len(struct random *r, enum pktt_family family)
{
	if (!random_below(r, 32))
		return random_below(r, 2) ? 0 : 16;
	if (family == PKTT_IPV4 || family == PKTT_ARP)
		return 4;
	return family == PKTT_IPV6 || random_below(r, 2) ? 16 : 4;
}

static void put_addr(struct out *o, struct random *r, enum pktt_family family)
{
	uint8_t len = addr_len(r, family), byte[16];

	for (unsigned int i = 0; i < len; i++)
		byte[i] = (uint8_t)random_u64(r);
	put(o, &len, 1);
	put(o, byte, len);
}

/* An address and its mask, or two addresses in order. */
static void put_addr_pair(struct out *o, struct random *r, enum pktt_family family, bool is_mask)
{
	uint8_t len = addr_len(r, family), one[16], two[16];
	unsigned int bits = random_below(r, 8u * len + 1);

	for (unsigned int i = 0; i < len; i++) {
		one[i] = (uint8_t)random_u64(r);
		two[i] = one[i] | (uint8_t)random_u64(r);
		if (!is_mask)
			continue;
		two[i] = bits >= 8 * (i + 1) ? 0xff : bits <= 8 * i ? 0 : 0xff00 >> (bits - 8 * i);
		if (!random_below(r, 16))
			two[i] = (uint8_t)random_u64(r);
		if (random_below(r, 64))
			one[i] &= two[i];
	}
	put(o, &len, 1);
	put(o, one, len);
	put(o, &len, 1);
	put(o, two, len);
}

static void put_text(struct out *o, struct random *r, size_t room)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
	static const char odd[] = " \"'\\!#+,:/|\t\n\x01\xff\xc3\xa9-";
	size_t len = random_below(r, (uint32_t)room + (random_below(r, 64) == 0));
	bool is_odd = random_below(r, 3) == 0;

	put_uint(o, len, 2);
	for (size_t i = 0; i < len; i++)
		put(o,
		    is_odd && random_below(r, 2) ? &odd[random_below(r, sizeof(odd) - 1)]
						 : &plain[random_below(r, sizeof(plain) - 1)],
		    1);
}

/* One element; two numbers are often put in order, and a value often within its mask. */
static void put_element(struct out *o, struct random *r, const struct pktt_context *ctx)
{
	const struct pktt_part *part = ctx->param->type->part;
	enum pktt_cmp cmp = ctx->param->type->cmp;
	uint64_t last = 0;

	for (unsigned int i = 0; i < PKTT_PARTS_MAX && part[i].kind; i++) {
		uint64_t v = number(r, ctx->param, part[i].size - 1u < 8 ? part[i].size : 1);

		if (i == 1 && random_below(r, 8))
			v = cmp == PKTT_CMP_MASK ? v | last : v < last ? last : v;
		last = v;
		switch (part[i].kind) {
		case PKTT_PART_END:
			break;
		case PKTT_PART_UINT:
		case PKTT_PART_INT:
			put_uint(o, v, part[i].size);
			break;
		case PKTT_PART_BOOL:
			put_uint(o, random_below(r, 33) ? v & 1 : 7, 1);
			break;
		case PKTT_PART_ADDR:
			if (part[i + 1].kind != PKTT_PART_ADDR)
				put_addr(o, r, ctx->family);
			else
				put_addr_pair(o, r, ctx->family, cmp == PKTT_CMP_MASK);
			i += part[i + 1].kind == PKTT_PART_ADDR;
			break;
		case PKTT_PART_BYTES:
			for (unsigned int k = 0; k < part[i].size; k++)
				put_uint(o, random_u64(r) & 0xff, 1);
			break;
		case PKTT_PART_TEXT:
			put_text(o, r, pktt_part_size(ctx->param, &part[i]));
			break;
		}
	}
}

static void put_sample(struct out *o, struct random *r, const struct pktt_type *type)
{
	for (size_t i = 0; i < pktt_countof(texts); i++)
		if (texts[i].type == type) {
			const char *text = texts[i].text[random_below(r, 4)];

			put(o, text, strlen(text));
		}
}

static void put_value(struct out *o, struct random *r, const struct pktt_context *ctx)
{
	const struct pktt_type *type = ctx->param->type;
	unsigned int count = type->list_max ? 1 + random_below(r, type->list_max) : 1;

	if (type->words == 0)
		return;
	if (type->part[0].kind == PKTT_PART_END) {
		put_sample(o, r, type);
		return;
	}
	if (type->list_max)
		put_uint(o, count, 2);
	for (unsigned int i = 0; i < count; i++)
		put_element(o, r, ctx);
}

static void put_attribute(struct out *o, struct random *r, const struct pktt_context *ctx,
			  unsigned int n)
{
	bool negated = ctx->param->flags & PKTT_NEGATABLE ? random_below(r, 3) == 0
							  : random_below(r, 64) == 0;
	size_t start = o->len;

	put_uint(o, 0, 4);
	put_value(o, r, ctx);
	if (o->room - o->len < 4)
		return;
	put_be16(o->buf + start, (uint16_t)(o->len - start));
	put_be16(o->buf + start + 2, (uint16_t)((n + 1) | (negated ? 0x8000 : 0)));
	put_uint(o, 0, -(o->len - start) & 3);
}

static bool is_free(const struct pktt_ext *ext, enum pktt_family family, unsigned int n)
{
	return !ext->params[n].same_as && pktt_param_serves(&ext->params[n], family);
}

/* Few options at a time, for those that exclude each other are many; mostly with what they need. */
static uint64_t choose(struct random *r, const struct pktt_ext *ext, enum pktt_family family)
{
	unsigned int one_in = 1 + random_below(r, ext->nparams > 3 ? ext->nparams : 3);
	uint64_t chosen = 0;

	for (unsigned int n = 0; n < ext->nparams; n++)
		if (is_free(ext, family, n) &&
		    (ext->params[n].flags & PKTT_REQUIRED || !random_below(r, one_in)))
			chosen |= UINT64_C(1) << n;
	for (unsigned int n = 0; n < ext->nparams; n++) {
		const struct pktt_param *p = &ext->params[n];

		if (!(chosen >> n & 1) || !random_below(r, 16))
			continue;
		chosen &= ~p->excludes | UINT64_C(1) << n;
		for (unsigned int k = 0; p->needs && !(chosen & p->needs) && k < 256; k++)
			chosen |= p->needs & UINT64_C(1) << random_below(r, ext->nparams);
	}
	return chosen;
}

size_t random_args(struct random *r, const struct pktt_ext *ext, enum pktt_family family,
		   uint8_t *buf, size_t room)
{
	uint64_t chosen = choose(r, ext, family);
	struct out o = { buf, 0, room };

	for (unsigned int n = 0; n < ext->nparams; n++) {
		struct pktt_context ctx = { &ext->params[n], ext, family };

		if (chosen >> n & 1 && is_free(ext, family, n))
			put_attribute(&o, r, &ctx, n);
	}
	return o.len;
}
