/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and bytes of options: straight into the parts of values, which their types declare. */
#include "libpkttnetlink/use.h"

#include "base/own.h"
#include "desc/args.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))

static bool is_named(const struct pktt_part *part, const char *name)
{
	return !name || strcmp(part->name, name) == 0;
}

static bool is_number(const struct pktt_part *part)
{
	return part->kind == PKTT_PART_UINT || part->kind == PKTT_PART_INT ||
	       part->kind == PKTT_PART_BOOL;
}

/* Whether v can be kept in the part. An INT takes what a cast of a negative number gives. */
static bool fits(const struct pktt_part *part, uint64_t v)
{
	unsigned int bits = part->size < 8 ? 8u * part->size : 64;

	if (part->kind == PKTT_PART_BOOL)
		return v <= 1;
	if (part->kind == PKTT_PART_UINT)
		return bits == 64 || v >> bits == 0;
	return bits == 64 || (v + (UINT64_C(1) << (bits - 1))) >> bits == 0;
}

/* The element to write to; one more than there are appends. NULL: there is no such place. */
static void *element_for(const struct pkttnl_value *v, unsigned int at)
{
	const struct pktt_type *type = v->ctx.param->type;
	unsigned int count = pktt_args_value_count(type, v->val);
	uint16_t more = (uint16_t)(at + 1);

	if (!type->list_max)
		return at == 0 ? v->val : NULL;
	if (at > count || at >= type->list_max || type->fini)
		return NULL;
	if (at == count) {
		memset(pktt_args_value_slot(type, v->val, at), 0, type->list_stride);
		memcpy(v->val, &more, sizeof(more));
	}
	return pktt_args_value_slot(type, v->val, at);
}

static const void *element_at(const struct pkttnl_value *v, unsigned int at)
{
	const struct pktt_type *type = v->ctx.param->type;

	if (type->fini || at >= pktt_args_value_count(type, v->val))
		return NULL;
	return pktt_args_value_element(type, v->val, at);
}

/*
 * What a part becomes when the value is set as a whole: both ends of a range, a value under a full
 * mask. False: it is left as it is.
 */
static bool whole_value(const struct pktt_part *part, uint64_t *value)
{
	if (part->kind == PKTT_PART_BOOL && part->name[0])
		return false;
	if (strcmp(part->name, "mask") == 0)
		*value = UINT64_MAX >> (64 - 8 * part->size);
	return true;
}

static bool is_whole(const struct pktt_part *part)
{
	static const char *const name[] = { "", "min", "max", "value", "mask" };

	for (size_t i = 0; i < pktt_countof(name); i++)
		if (strcmp(part->name, name[i]) == 0)
			return true;
	return part->kind == PKTT_PART_BOOL;
}

/* The numbers of that name, all of which must take the value; without a name there is one meaning. */
static int check_number(const struct pkttnl_value *v, const char *name, const char *part,
			uint64_t value, struct pkttnl_error *err)
{
	const struct pktt_part *p = v->ctx.param->type->part;
	int n = 0;

	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p[i].kind; i++) {
		if (!is_named(&p[i], part) || !is_number(&p[i]))
			continue;
		if (!part && !is_whole(&p[i]))
			return pkttnl_fail(err, -EINVAL, "--%.60s is no single number: which part?",
					   name);
		if (!fits(&p[i], value))
			return pkttnl_fail(err, -ERANGE, "--%.60s: %" PRIu64 " does not fit", name,
					   value);
		n++;
	}
	if (n == 0)
		return pkttnl_fail(err, part ? -ENOENT : -EINVAL, "--%.60s has no number%s%.30s",
				   name, part ? " " : "", part ? part : "");
	return 0;
}

static void put_numbers(const struct pkttnl_value *v, const char *part, void *element,
			uint64_t value)
{
	const struct pktt_part *p = v->ctx.param->type->part;

	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p[i].kind; i++) {
		uint64_t put = value;

		if (!is_named(&p[i], part) || !is_number(&p[i]))
			continue;
		if (part || whole_value(&p[i], &put))
			pktt_part_put(&p[i], element, put);
	}
}

static void given(struct pkttnl_use *use, const struct pkttnl_value *v)
{
	struct pktt_args *head = use->args;

	if (!(head->given & BIT(v->n)))
		head->negated &= ~BIT(v->n);
	head->given |= BIT(v->n);
}

/* A default that the check has filled in is no beginning of a list. */
static void start_anew(struct pkttnl_use *use, const struct pkttnl_value *v)
{
	if (!pktt_given(use->args, v->n))
		pktt_args_value_reset(v->ctx.param, v->val);
}

static int fail_element(const char *param, unsigned int at, struct pkttnl_error *err)
{
	return pkttnl_fail(err, -ENOENT, "--%.60s has no element %u", param, at);
}

int pkttnl_use_set_u64(struct pkttnl_use *use, const char *param, const char *part, unsigned int at,
		       uint64_t value, struct pkttnl_error *err)
{
	struct pkttnl_value v;
	void *element;
	int r = pkttnl_value_need(use, param, &v, err);

	if (r == 0 && v.option != v.n)
		r = pkttnl_fail(err, -EINVAL, "--%.60s takes text only", param);
	if (r == 0)
		r = check_number(&v, param, part, value, err);
	if (r)
		return r;
	start_anew(use, &v);
	element = element_for(&v, at);
	if (!element)
		return fail_element(param, at, err);
	put_numbers(&v, part, element, value);
	given(use, &v);
	return 0;
}

/* A pattern or another string of bytes is a list whose elements are the bytes. */
static int put_list(const struct pkttnl_value *v, const void *bytes, size_t len)
{
	const struct pktt_type *type = v->ctx.param->type;
	uint16_t count = (uint16_t)len;

	if (len > type->list_max)
		return -ERANGE;
	pktt_args_value_reset(v->ctx.param, v->val);
	memcpy(v->val, &count, sizeof(count));
	if (len)
		memcpy(pktt_args_value_slot(type, v->val, 0), bytes, len);
	return 0;
}

static int put_bytes(const struct pkttnl_value *v, const struct pktt_part *part, void *element,
		     const void *bytes, size_t len)
{
	size_t size = pktt_part_size(v->ctx.param, part);
	char *at = (char *)element + part->offset;
	struct pktt_addr addr = { .len = (uint8_t)len };

	if (part->kind == PKTT_PART_ADDR) {
		if (len != 4 && len != 16)
			return -ERANGE;
		memcpy(addr.byte, bytes, len);
		memcpy(at, &addr, sizeof(addr));
	} else if (part->kind == PKTT_PART_BYTES) {
		if (len != size)
			return -ERANGE;
		memcpy(at, bytes, len);
	} else if (part->kind == PKTT_PART_TEXT) {
		if (len >= size || memchr(bytes, '\0', len))
			return -ERANGE;
		memset(at, 0, size);
		memcpy(at, bytes, len);
	} else {
		return 0;
	}
	return 1;
}

/* The mask of an address or MAC address that was set as a whole is full. */
static void fill_mask(const struct pkttnl_value *v, const struct pktt_part *part, void *element,
		      size_t len)
{
	char *at = (char *)element + part->offset;
	struct pktt_addr full = { .len = (uint8_t)len };

	if (part->kind == PKTT_PART_ADDR) {
		memset(full.byte, 0xff, len);
		memcpy(at, &full, sizeof(full));
	} else if (part->kind == PKTT_PART_BYTES) {
		memset(at, 0xff, pktt_part_size(v->ctx.param, part));
	}
}

static int put_parts(const struct pkttnl_value *v, const char *name, void *element,
		     const void *bytes, size_t len)
{
	const struct pktt_part *p = v->ctx.param->type->part;
	int r, n = 0;

	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p[i].kind; i++) {
		if (!name && strcmp(p[i].name, "mask") == 0) {
			fill_mask(v, &p[i], element, len);
			continue;
		}
		if (!is_named(&p[i], name))
			continue;
		r = put_bytes(v, &p[i], element, bytes, len);
		if (r < 0)
			return r;
		n += r;
	}
	return n ? 0 : name ? -ENOENT : -EINVAL;
}

int pkttnl_use_set_bytes(struct pkttnl_use *use, const char *param, const char *part,
			 unsigned int at, const void *bytes, size_t len, struct pkttnl_error *err)
{
	struct pkttnl_value v;
	void *element;
	int r = pkttnl_value_need(use, param, &v, err);

	if (r == 0 && v.option != v.n)
		r = pkttnl_fail(err, -EINVAL, "--%.60s takes text only", param);
	if (r)
		return r;
	start_anew(use, &v);
	if (!part && pktt_args_value_is_bytes(v.ctx.param->type)) {
		r = put_list(&v, bytes, len);
	} else {
		element = element_for(&v, at);
		if (!element)
			return fail_element(param, at, err);
		r = put_parts(&v, part, element, bytes, len);
	}
	if (r)
		return pkttnl_fail(err, r, "--%.60s does not take these %zu bytes", param, len);
	given(use, &v);
	return 0;
}

int pkttnl_use_count(const struct pkttnl_use *use, const char *param)
{
	struct pkttnl_value v;

	if (!pkttnl_value_lookup(use, param, &v) ||
	    (!pktt_given(use->args, v.n) && !v.ctx.param->def))
		return -ENOENT;
	if (pktt_args_value_is_bytes(v.ctx.param->type))
		return 1;
	return (int)pktt_args_value_count(v.ctx.param->type, v.val);
}

/* The part of that name, or the first that fits() what is asked. */
static const struct pktt_part *find_part(const struct pkttnl_value *v, const char *name,
					 bool number)
{
	const struct pktt_part *p = v->ctx.param->type->part;

	for (unsigned int i = 0; i < PKTT_PARTS_MAX && p[i].kind; i++)
		if (is_named(&p[i], name) && is_number(&p[i]) == number)
			return &p[i];
	return NULL;
}

int pkttnl_use_u64(const struct pkttnl_use *use, const char *param, const char *part,
		   unsigned int at, uint64_t *ret)
{
	const struct pktt_part *p;
	const void *element;
	struct pkttnl_value v;

	if (!pkttnl_value_lookup(use, param, &v) ||
	    (!pktt_given(use->args, v.n) && !v.ctx.param->def))
		return -ENOENT;
	p = find_part(&v, part, true);
	if (!p)
		return -EINVAL;
	element = element_at(&v, at);
	if (!element)
		return -ENOENT;
	*ret = pktt_part_get(p, element);
	return 0;
}

static int copy_out(const void *from, size_t len, void *buf, size_t room)
{
	if (room)
		memcpy(buf, from, len < room ? len : room);
	return (int)len;
}

int pkttnl_use_bytes(const struct pkttnl_use *use, const char *param, const char *part,
		     unsigned int at, void *buf, size_t room)
{
	const struct pktt_part *p;
	const char *element;
	struct pktt_addr addr;
	struct pkttnl_value v;

	if (!pkttnl_value_lookup(use, param, &v) ||
	    (!pktt_given(use->args, v.n) && !v.ctx.param->def))
		return -ENOENT;
	if (!part && pktt_args_value_is_bytes(v.ctx.param->type))
		return copy_out(pktt_args_value_element(v.ctx.param->type, v.val, 0),
				pktt_args_value_count(v.ctx.param->type, v.val), buf, room);
	p = find_part(&v, part, false);
	if (!p)
		return -EINVAL;
	element = element_at(&v, at);
	if (!element)
		return -ENOENT;
	if (p->kind == PKTT_PART_ADDR) {
		memcpy(&addr, element + p->offset, sizeof(addr));
		return copy_out(addr.byte, addr.len, buf, room);
	}
	if (p->kind == PKTT_PART_TEXT)
		return copy_out(element + p->offset,
				strnlen(element + p->offset, pktt_part_size(v.ctx.param, p)), buf,
				room);
	return copy_out(element + p->offset, p->size, buf, room);
}
