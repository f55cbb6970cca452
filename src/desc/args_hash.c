/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A number of a rule's conditions, matches and targets: the same for all that pktt_rule_spec_equal()
 * takes for one, and so blind where it is: for handles, names, and whether a default was given.
 */
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/command.h"

#include "base/str.h"

#include <string.h>

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t mix_bytes(uint64_t h, const void *data, size_t len)
{
	const char *at = data;
	uint64_t v;

	h = mix(h, len);
	for (; len >= sizeof(v); at += sizeof(v), len -= sizeof(v)) {
		memcpy(&v, at, sizeof(v));
		h = mix(h, v);
	}
	v = 0;
	memcpy(&v, at, len);
	return mix(h, v);
}

static uint64_t hash_part(const struct pktt_param *p, const struct pktt_part *part, const void *val,
			  uint64_t h)
{
	const char *at = (const char *)val + part->offset;
	struct pktt_addr addr;

	switch (part->kind) {
	case PKTT_PART_END:
		break;
	case PKTT_PART_UINT:
	case PKTT_PART_INT:
	case PKTT_PART_BOOL:
		return mix(h, pktt_part_get(part, val));
	case PKTT_PART_ADDR:
		memcpy(&addr, at, sizeof(addr));
		return mix_bytes(h, addr.byte,
				 addr.len < sizeof(addr.byte) ? addr.len : sizeof(addr.byte));
	case PKTT_PART_BYTES:
		return mix_bytes(h, at, part->size);
	case PKTT_PART_TEXT:
		return mix_bytes(h, at, strnlen(at, pktt_part_size(p, part)));
	}
	return h;
}

/* Types without parts are compared as text, flags as bytes. */
static uint64_t hash_whole(const struct pktt_context *ctx, const void *val, uint64_t h)
{
	struct str text = STR_INIT;

	if (ctx->param->type->words == 0)
		return mix_bytes(h, val, pktt_args_value_size(ctx->param));
	ctx->param->type->print(ctx, val, &text);
	h = mix_bytes(h, str_text(&text), text.len);
	str_fini(&text);
	return h;
}

static uint64_t hash_value(const struct pktt_context *ctx, const void *val, uint64_t h)
{
	const struct pktt_type *type = ctx->param->type;
	unsigned int count = pktt_args_value_count(type, val);

	if (type->part[0].kind == PKTT_PART_END)
		return hash_whole(ctx, val, h);
	h = mix(h, count);
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int k = 0; k < PKTT_PARTS_MAX && type->part[k].kind; k++)
			h = hash_part(ctx->param, &type->part[k],
				      pktt_args_value_element(type, val, i), h);
	return h;
}

static uint64_t hash_use(const struct pktt_use *use, uint64_t h)
{
	const struct pktt_args *args = use->args;
	const struct pktt_ext *ext = use->ext;

	h = mix(mix(h, (uintptr_t)ext), args->negated);
	for (unsigned int n = 0; n < ext->nparams; n++) {
		const struct pktt_param *p = &ext->params[n];
		struct pktt_context ctx = { p, ext, PKTT_IPV4 };

		if (p->same_as || (!p->def && !pktt_given(args, n)))
			continue;
		h = hash_value(&ctx, (const char *)use->args + p->offset, mix(h, n));
	}
	return h;
}

uint64_t pktt_rule_spec_hash(const struct pktt_rule_spec *rule)
{
	uint64_t h = hash_use(&rule->head, rule->family);

	for (unsigned int i = 0; i < rule->nmatches; i++)
		h = hash_use(&rule->match[i], h);
	for (unsigned int i = 0; i < rule->ntargets; i++)
		h = hash_use(&rule->target[i], h);
	return h;
}
