/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments on the wire: one attribute a given option, its parts in network order.
 *
 *	0               2               4
 *	+---------------+-+-------------+----------------------+
 *	| length, 4 + n |N| number + 1  | n bytes of value     | zeros to a multiple of 4
 *	+---------------+-+-------------+----------------------+
 *
 * N is the negation. A value is its parts in order: numbers in their size, a bool as 0 or 1, an
 * address as its length and bytes, a text as a 16-bit length and bytes, anything else as its bytes.
 * A list is a 16-bit count and its elements; a type without parts is its text to the end; a flag
 * is nothing. Behind a rate stands the unit in which it was written, in seconds, where it is longer
 * than the rate's: no part of the value, but hashlimit's expiry depends on it. What the memory of a
 * value could not hold (a bool of 2, an address of 5 bytes, a count beyond the capacity) is refused
 * here; whether values are good is the gate's business.
 */
#include "desc/args.h"

#include "base/buf.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/args_value.h"

#include <errno.h>
#include <string.h>

enum { WIRE_NOT = 0x8000, WIRE_HEADER = 4 };

/* --- Encoding ------------------------------------------------------------------------------ */

struct out {
	uint8_t *buf;
	size_t len, room;
	bool failed;
};

static void put(struct out *o, const void *data, size_t len)
{
	if (o->failed || o->room - o->len < len) {
		o->failed = true;
		return;
	}
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

static void put_part(struct out *o, const struct pktt_param *p, const struct pktt_part *part,
		     const void *element)
{
	const char *at = (const char *)element + part->offset;
	struct pktt_addr addr;
	size_t len;

	switch (part->kind) {
	case PKTT_PART_END:
		break;
	case PKTT_PART_UINT:
	case PKTT_PART_INT:
	case PKTT_PART_BOOL:
		put_uint(o, pktt_part_get(part, element), part->size);
		break;
	case PKTT_PART_ADDR:
		memcpy(&addr, at, sizeof(addr));
		put_uint(o, addr.len, 1);
		put(o, addr.byte, addr.len);
		break;
	case PKTT_PART_BYTES:
		put(o, at, part->size);
		break;
	case PKTT_PART_TEXT:
		len = strnlen(at, pktt_part_size(p, part));
		put_uint(o, len, 2);
		put(o, at, len);
		break;
	}
}

static void put_element(struct out *o, const struct pktt_param *p, const void *element)
{
	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p->type->part[i].kind; i++)
		put_part(o, p, &p->type->part[i], element);
}

/* 120/minute is kept as 2/second, and its unit is 60. */
static void put_unit(struct out *o, const struct pktt_rate *rate)
{
	if (rate->unit > rate->seconds)
		put_uint(o, rate->unit, 4);
}

static void put_value(struct out *o, const struct pktt_context *ctx, const void *val)
{
	const struct pktt_type *type = ctx->param->type;
	uint32_t count = pktt_args_value_count(type, val);
	struct str text = STR_INIT;

	if (type->words == 0)
		return;
	if (type->part[0].kind == PKTT_PART_END) {
		pktt_args_value_text(ctx, val, &text);
		put(o, text.data, text.len);
		o->failed |= text.failed;
		str_fini(&text);
	} else if (!type->list_max) {
		put_element(o, ctx->param, val);
		if (type == &pktt_type_rate)
			put_unit(o, val);
	} else {
		put_uint(o, count, 2);
		for (uint32_t i = 0; i < count; i++)
			put_element(o, ctx->param, pktt_args_value_element(type, val, i));
	}
}

static void put_attribute(struct out *o, const struct pktt_context *ctx, unsigned int n,
			  const void *args)
{
	static const uint8_t zero[WIRE_HEADER];
	size_t start = o->len, len;

	put(o, zero, sizeof(zero));
	put_value(o, ctx, (const char *)args + ctx->param->offset);
	len = o->len - start;
	if (o->failed || len > UINT16_MAX) {
		o->failed = true;
		return;
	}
	put_be16(o->buf + start, (uint16_t)len);
	put_be16(o->buf + start + 2, (uint16_t)((n + 1) | (pktt_negated(args, n) ? WIRE_NOT : 0)));
	put(o, zero, -len & 3);
}

long pktt_args_encode(const struct pktt_ext *ext, const void *args, uint8_t *buf, size_t room)
{
	struct out o = { .buf = buf, .room = room };

	for (unsigned int n = 0; n < ext->nparams; n++) {
		struct pktt_context ctx = { &ext->params[n], ext, PKTT_IPV4 };

		if (!ctx.param->same_as && pktt_given(args, n))
			put_attribute(&o, &ctx, n, args);
	}
	return o.failed ? -EMSGSIZE : (long)o.len;
}

/* --- Decoding ------------------------------------------------------------------------------ */

static bool get_uint(struct buf *b, unsigned int size, uint64_t *ret)
{
	const uint8_t *p = buf_get(b, size);

	*ret = 0;
	for (unsigned int i = 0; p && i < size; i++)
		*ret = *ret << 8 | p[i];
	return p;
}

static bool get_bytes(struct buf *b, char *to, size_t len)
{
	const uint8_t *p = buf_get(b, len);

	if (p && len)
		memcpy(to, p, len);
	return p;
}

static bool get_addr(struct buf *b, char *at)
{
	struct pktt_addr addr = { 0 };
	const uint8_t *p;

	if (!buf_get_u8(b, &addr.len) || (addr.len != 0 && addr.len != 4 && addr.len != 16))
		return false;
	p = buf_get(b, addr.len);
	if (p && addr.len)
		memcpy(addr.byte, p, addr.len);
	memcpy(at, &addr, sizeof(addr));
	return p || addr.len == 0;
}

static bool get_text(struct buf *b, char *at, size_t room)
{
	const uint8_t *p;
	uint16_t len;

	if (!buf_get_be16(b, &len) || len >= room)
		return false;
	p = buf_get(b, len);
	if (!p || memchr(p, '\0', len))
		return false;
	memcpy(at, p, len);
	return true;
}

static bool get_part(struct buf *b, const struct pktt_param *p, const struct pktt_part *part,
		     void *element)
{
	char *at = (char *)element + part->offset;
	uint64_t v;

	switch (part->kind) {
	case PKTT_PART_END:
		break;
	case PKTT_PART_UINT:
	case PKTT_PART_INT:
	case PKTT_PART_BOOL:
		if (!get_uint(b, part->size, &v) || (part->kind == PKTT_PART_BOOL && v > 1))
			return false;
		pktt_part_put(part, element, v);
		return true;
	case PKTT_PART_ADDR:
		return get_addr(b, at);
	case PKTT_PART_BYTES:
		return get_bytes(b, at, part->size);
	case PKTT_PART_TEXT:
		return get_text(b, at, pktt_part_size(p, part));
	}
	return false;
}

static bool get_element(struct buf *b, const struct pktt_param *p, void *element)
{
	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p->type->part[i].kind; i++)
		if (!get_part(b, p, &p->type->part[i], element))
			return false;
	return true;
}

static bool get_list(struct buf *b, const struct pktt_param *p, void *val)
{
	uint16_t count;

	if (!buf_get_be16(b, &count) || count > p->type->list_max)
		return false;
	memcpy(val, &count, sizeof(count));
	for (uint32_t i = 0; i < count; i++)
		if (!get_element(b, p, pktt_args_value_slot(p->type, val, i)))
			return false;
	return true;
}

static int get_as_text(const struct pktt_context *ctx, struct buf *b, void *val,
		       struct pktt_error *err)
{
	size_t len = buf_left(b);
	PKTT_AUTO_FREE char *text = calloc(1, len + 1);

	if (!text)
		return pktt_fail(err, -ENOMEM, "no memory for --%s", ctx->param->name);
	get_bytes(b, text, len);
	if (strlen(text) != len)
		return pktt_fail(err, -EINVAL, "--%s: a zero byte in its text", ctx->param->name);
	return pktt_args_value_parse(ctx, text, val, err);
}

static bool get_unit(struct buf *b, struct pktt_rate *rate)
{
	if (buf_left(b) == 0)
		return true;
	return buf_get_be32(b, &rate->unit) &&
	       (rate->unit == 60 || rate->unit == 3600 || rate->unit == 86400);
}

static int get_value(const struct pktt_context *ctx, struct buf *b, void *val,
		     struct pktt_error *err)
{
	const struct pktt_param *p = ctx->param;
	bool ok;

	if (p->type->words > 0 && p->type->part[0].kind == PKTT_PART_END)
		return get_as_text(ctx, b, val, err);
	if (p->type->words == 0)
		ok = p->type->parse(ctx, NULL, val, err) == 0;
	else
		ok = p->type->list_max ? get_list(b, p, val) : get_element(b, p, val);
	if (ok && p->type == &pktt_type_rate)
		ok = get_unit(b, val);
	if (!ok || buf_left(b) > 0)
		return pktt_fail(err, -EBADMSG, "--%s: not a value of type %s on the wire", p->name,
				 p->type->name);
	return 0;
}

static int get_attribute(const struct pktt_ext *ext, enum pktt_family family, struct buf *b,
			 void *args, struct pktt_error *err)
{
	struct pktt_args *head = args;
	uint16_t len, kind;
	unsigned int n;
	struct buf value;

	buf_get_be16(b, &len);
	buf_get_be16(b, &kind);
	if (b->failed || len < WIRE_HEADER || !buf_get_buf(b, len - WIRE_HEADER, &value) ||
	    !buf_skip(b, -(size_t)len & 3))
		return pktt_fail(err, -EBADMSG, "%s: a truncated parameter", ext->name);
	n = (kind & ~WIRE_NOT) - 1u;
	if (n >= ext->nparams || ext->params[n].same_as)
		return pktt_fail(err, -ENOENT, "%s has no parameter %u", ext->name, n + 1);
	if (pktt_given(args, n))
		return pktt_fail(err, -EEXIST, "--%s is given twice", ext->params[n].name);
	head->given |= UINT64_C(1) << n;
	if (kind & WIRE_NOT)
		head->negated |= UINT64_C(1) << n;
	return get_value(&(struct pktt_context){ &ext->params[n], ext, family }, &value,
			 (char *)args + ext->params[n].offset, err);
}

int pktt_args_read(const struct pktt_ext *ext, enum pktt_family family, const uint8_t *buf,
		   size_t len, void *args, struct pktt_error *err)
{
	struct buf b = buf_of(buf, len);
	int r = 0;

	while (r == 0 && buf_left(&b) > 0)
		r = get_attribute(ext, family, &b, args, err);
	return r;
}

int pktt_args_decode(const struct pktt_ext *ext, enum pktt_family family, const uint8_t *buf,
		     size_t len, void *args, struct pktt_error *err)
{
	int r = pktt_args_read(ext, family, buf, len, args, err);

	return r ? r : pktt_args_finish(ext, family, args, err);
}
