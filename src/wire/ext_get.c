/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extensions' tables made of attributes. The memory of a catalog's tables is one arena. Where values
 * stand in the arguments is computed here, from the types' sizes: arguments travel in wire form, so
 * that nobody need know another's layout.
 */
#include "wire/ext.h"

#include "base/arena.h"
#include "base/own.h"
#include "desc/catalog.h"
#include "desc/command.h"
#include "desc/types.h"
#include "wire/ext_convert.h"

#include <endian.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct wire_catalog {
	struct pktt_catalog *desc;
	struct arena arena;
};

int wire_catalog_new(struct wire_catalog **ret)
{
	struct wire_catalog *cat = calloc(1, sizeof(*cat));

	if (!cat || pktt_catalog_new(&cat->desc)) {
		free(cat);
		return -ENOMEM;
	}
	*ret = cat;
	return 0;
}

void wire_catalog_free(struct wire_catalog **cat)
{
	if (!*cat)
		return;
	pktt_catalog_free(&(*cat)->desc);
	arena_fini(&(*cat)->arena);
	free(*cat);
	*cat = NULL;
}

const struct pktt_catalog *wire_catalog_desc(const struct wire_catalog *cat)
{
	return cat->desc;
}

/* --- Attributes --------------------------------------------------------------------------------- */

struct in {
	struct wire_catalog *cat;
	struct pktt_error *err;
	const char *name; /* of the extension; for sentences */
};

/* What remains to be read. */
struct rest {
	const char *at;
	size_t len;
};

/* One attribute: text where it is one, else bytes. */
struct item {
	unsigned int type;
	const char *data;
	size_t len;
};

/* 1 with the next attribute, 0 at the end, or an error. */
static int next(const struct in *in, struct rest *rest, struct item *ret)
{
	struct nlattr attr;
	size_t whole;

	if (rest->len == 0)
		return 0;
	if (rest->len >= sizeof(attr))
		memcpy(&attr, rest->at, sizeof(attr));
	if (rest->len < sizeof(attr) || attr.nla_len < sizeof(attr) || attr.nla_len > rest->len)
		return pktt_fail(in->err, -EBADMSG, "extension %.40s: its description is cut off",
				 in->name);
	*ret = (struct item){ attr.nla_type & NLA_TYPE_MASK, rest->at + sizeof(attr),
			      attr.nla_len - sizeof(attr) };
	whole = NLA_ALIGN((size_t)attr.nla_len);
	whole = whole < rest->len ? whole : rest->len;
	rest->at += whole;
	rest->len -= whole;
	return 1;
}

static int bad(const struct in *in, const struct item *item)
{
	return pktt_fail(in->err, -EBADMSG,
			 "extension %.40s: attribute %u of its description makes no sense",
			 in->name, item->type);
}

static int no_memory(const struct in *in)
{
	return pktt_fail(in->err, -ENOMEM, "no memory for extension %.40s", in->name);
}

static int get_text(const struct in *in, const struct item *item, const char **ret)
{
	if (item->len == 0 || strnlen(item->data, item->len) != item->len - 1)
		return bad(in, item);
	*ret = arena_text(&in->cat->arena, item->data);
	return *ret ? 0 : no_memory(in);
}

static int get_number(const struct in *in, const struct item *item, uint64_t most, uint64_t *ret)
{
	uint64_t be64;
	uint32_t be32;

	if (item->len == sizeof(be32)) {
		memcpy(&be32, item->data, sizeof(be32));
		*ret = be32toh(be32);
	} else if (item->len == sizeof(be64)) {
		memcpy(&be64, item->data, sizeof(be64));
		*ret = be64toh(be64);
	} else {
		return bad(in, item);
	}
	return *ret <= most ? 0 : bad(in, item);
}

static void put_number(void *at, uint8_t size, uint64_t v)
{
	switch (size) {
	case 1:
		*(uint8_t *)at = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)at = (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)at = (uint32_t)v;
		break;
	case 8:
		*(uint64_t *)at = v;
		break;
	}
}

/* A member of a structure that an attribute is stored in. size 0: a text. */
struct member {
	uint16_t offset;
	uint8_t size;
	bool is_there; /* false: no such member */
};

/* clang-format off */
#define TEXT_IN(st, f)   { offsetof(struct st, f), 0, true }
#define NUMBER_IN(st, f) { offsetof(struct st, f), sizeof(((struct st *)0)->f), true }
/* clang-format on */

static int get_member(const struct in *in, const struct item *item, const struct member *m,
		      void *structure)
{
	char *at = (char *)structure + m->offset;
	const char *text;
	uint64_t v = 0;
	int r;

	if (m->size == 0) {
		r = get_text(in, item, &text);
		if (r == 0)
			memcpy(at, &text, sizeof(text));
		return r;
	}
	r = get_number(in, item, UINT64_MAX >> (64 - 8 * m->size), &v);
	if (r == 0)
		put_number(at, m->size, v);
	return r;
}

/* --- What this program lacks -------------------------------------------------------------------- */

static int refuse_type(const struct pktt_context *ctx, const char *const *word, void *val,
		       struct pktt_error *err)
{
	(void)word, (void)val;
	return pktt_fail(
		err, -EOPNOTSUPP,
		"--%s takes a value of type %s, which this program does not know: it is older "
		"than pkttd",
		ctx->param->name, ctx->param->type->name);
}

static int refuse_convert(const struct pktt_context *ctx, const char *const *word, void *val,
			  struct pktt_error *err)
{
	(void)word, (void)val;
	return pktt_fail(
		err, -EOPNOTSUPP,
		"--%s is another spelling of an option, and only pkttd can convert its value",
		ctx->param->name);
}

static void print_nothing(const struct pktt_context *ctx, const void *val, struct str *out)
{
	(void)ctx, (void)val, (void)out;
}

static void convert_nothing(const void *from, void *to)
{
	(void)from, (void)to;
}

const struct pktt_param *wire_ext_unknown(const struct pktt_ext *ext)
{
	for (unsigned int n = 0; n < ext->nparams; n++)
		if (ext->params[n].type && (ext->params[n].type->parse == refuse_type ||
					    ext->params[n].type->parse == refuse_convert))
			return &ext->params[n];
	return NULL;
}

/* Needs of a protocol that depend on options are the engine's to check. */
static const uint8_t *any_l4(const void *args)
{
	static const uint8_t none[8];

	(void)args;
	return none;
}

/* --- One parameter ------------------------------------------------------------------------------ */

/* What of a parameter is looked at when all is there. */
struct more {
	const char *type, *syntax, *convert;
	uint32_t words, size;
	struct pktt_symbol *symbol;
	size_t nsymbols;
};

static const struct member param_members[] = {
	[WIRE_PARAM_NAME] = TEXT_IN(pktt_param, name),
	[WIRE_PARAM_ALIASES] = TEXT_IN(pktt_param, aliases),
	[WIRE_PARAM_LETTER] = NUMBER_IN(pktt_param, letter),
	[WIRE_PARAM_HELP] = TEXT_IN(pktt_param, help),
	[WIRE_PARAM_DEFAULT] = TEXT_IN(pktt_param, def),
	[WIRE_PARAM_FLAGS] = NUMBER_IN(pktt_param, flags),
	[WIRE_PARAM_FAMILIES] = NUMBER_IN(pktt_param, families),
	[WIRE_PARAM_EXCLUDES] = NUMBER_IN(pktt_param, excludes),
	[WIRE_PARAM_NEEDS] = NUMBER_IN(pktt_param, needs),
	[WIRE_PARAM_MIN] = NUMBER_IN(pktt_param, min),
	[WIRE_PARAM_MAX] = NUMBER_IN(pktt_param, max),
	[WIRE_PARAM_SAME_AS] = NUMBER_IN(pktt_param, same_as),
	[WIRE_PARAM_AGAIN] = NUMBER_IN(pktt_param, again),
	[WIRE_PARAM_PRESET] = TEXT_IN(pktt_param, preset),
};

static const struct member more_members[] = {
	[WIRE_PARAM_TYPE] = TEXT_IN(more, type),       [WIRE_PARAM_SYNTAX] = TEXT_IN(more, syntax),
	[WIRE_PARAM_WORDS] = NUMBER_IN(more, words),   [WIRE_PARAM_SIZE] = NUMBER_IN(more, size),
	[WIRE_PARAM_CONVERT] = TEXT_IN(more, convert),
};

static const struct member *find(const struct member *table, size_t n, unsigned int type)
{
	return type < n && table[type].is_there ? &table[type] : NULL;
}

static int get_symbol(const struct in *in, const struct item *item, struct more *more)
{
	struct item name = *item;
	uint32_t be;

	if (item->len < sizeof(be))
		return bad(in, item);
	memcpy(&be, item->data, sizeof(be));
	name.data += sizeof(be);
	name.len -= sizeof(be);
	more->symbol[more->nsymbols].value = be32toh(be);
	return get_text(in, &name, &more->symbol[more->nsymbols++].name);
}

static int get_field(const struct in *in, const struct item *item, struct pktt_field *ret)
{
	const unsigned char *byte = (const unsigned char *)item->data;

	if (item->len != 3 || byte[0] > PKTT_L4)
		return bad(in, item);
	*ret = (struct pktt_field){ (enum pktt_layer)byte[0], byte[1], byte[2] };
	return 0;
}

static int get_param_item(const struct in *in, const struct item *item, struct pktt_param *p,
			  struct more *more)
{
	const struct member *m = find(param_members, pktt_countof(param_members), item->type);
	uint64_t v;

	if (m)
		return get_member(in, item, m, p);
	m = find(more_members, pktt_countof(more_members), item->type);
	if (m)
		return get_member(in, item, m, more);
	if (item->type == WIRE_PARAM_SYMBOL)
		return get_symbol(in, item, more);
	if (item->type == WIRE_PARAM_FIELD)
		return get_field(in, item, &p->field);
	if (item->type == WIRE_PARAM_NEGATE) {
		p->negate = true;
		return get_number(in, item, 1, &v);
	}
	return 0;
}

/* Symbols end with one that has no name. */
static int reserve_symbols(const struct in *in, struct rest rest, struct more *more)
{
	struct item item = { 0 };
	size_t n = 0;
	int r;

	while ((r = next(in, &rest, &item)) > 0)
		n += item.type == WIRE_PARAM_SYMBOL;
	if (r || n == 0)
		return r;
	more->symbol = arena_take(&in->cat->arena, (n + 1) * sizeof(*more->symbol));
	if (!more->symbol)
		return no_memory(in);
	memset(more->symbol, 0, (n + 1) * sizeof(*more->symbol));
	return 0;
}

/* A copy of type that cannot be parsed. */
static int cripple(const struct in *in, struct pktt_param *p, const struct pktt_type *type,
		   int (*parse)(const struct pktt_context *ctx, const char *const *word, void *val,
				struct pktt_error *err))
{
	struct pktt_type *copy = arena_take(&in->cat->arena, sizeof(*copy));

	if (!copy)
		return no_memory(in);
	*copy = *type;
	copy->parse = parse;
	p->type = copy;
	return 0;
}

static int set_unknown_type(const struct in *in, struct pktt_param *p, const struct more *more)
{
	const struct pktt_type unknown = { .name = more->type,
					   .syntax = more->syntax ? more->syntax : "VALUE",
					   .size = sizeof(uint64_t),
					   .words = more->words < 2 ? (uint8_t)more->words : 2,
					   .print = print_nothing };

	p->size = sizeof(uint64_t);
	p->field = (struct pktt_field){ 0 };
	p->def = NULL;
	p->min = p->max = 0;
	return cripple(in, p, &unknown, refuse_type);
}

static int set_type(const struct in *in, struct pktt_param *p, const struct more *more)
{
	p->symbols = more->symbol;
	if (!more->type)
		return 0;
	p->type = pktt_type_lookup(more->type);
	if (!p->type)
		return set_unknown_type(in, p, more);
	if (!p->type->size && (more->size < 2 || more->size > UINT16_MAX / 2))
		return pktt_fail(in->err, -EBADMSG, "extension %.40s: a text of %u bytes", in->name,
				 more->size);
	p->size = p->type->size ? p->type->size : (uint16_t)more->size;
	return 0;
}

static int get_param(const struct in *in, const struct item *nest, struct pktt_param *p,
		     struct more *more)
{
	struct rest rest = { nest->data, nest->len };
	struct item item = { 0 };
	int r = reserve_symbols(in, rest, more);

	while (r == 0 && (r = next(in, &rest, &item)) > 0)
		r = get_param_item(in, &item, p, more);
	return r ? r : set_type(in, p, more);
}

/* --- The table ---------------------------------------------------------------------------------- */

/* Where values stand. */
static int lay_out(const struct in *in, struct pktt_ext *ext, struct pktt_param *param)
{
	size_t at = sizeof(struct pktt_args);

	for (unsigned int n = 0; n < ext->nparams; n++) {
		bool is_stored = param[n].type && !param[n].same_as;

		/* The jump's are known to the language by name: text, then flag, without a gap. */
		if (is_stored && !(ext->flags & PKTT_EXT_JUMP))
			at = (at + 7) & ~(size_t)7;
		if (!is_stored)
			continue;
		param[n].offset = (uint16_t)at;
		at += param[n].size;
		if (at > UINT16_MAX)
			return pktt_fail(in->err, -EBADMSG,
					 "extension %.40s: its arguments are too large", in->name);
	}
	ext->args_size = (uint16_t)at;
	return 0;
}

static int check_jump(const struct in *in, struct pktt_ext *ext)
{
	const struct pktt_param *p = ext->params;

	if (!(ext->flags & PKTT_EXT_JUMP))
		return 0;
	if (ext->nparams != 2 || p[0].type != &pktt_type_text || p[0].size != PKTT_NAME_MAX ||
	    p[1].type != &pktt_type_flag || p[0].same_as || p[1].same_as ||
	    p[0].offset != offsetof(struct pktt_jump_args, chain) ||
	    p[1].offset != offsetof(struct pktt_jump_args, is_goto))
		return pktt_fail(in->err, -EINVAL, "extension %.40s: a jump has a chain and a flag",
				 in->name);
	ext->args_size = sizeof(struct pktt_jump_args);
	return 0;
}

/* Conversions, when all parameters have their types. */
static int set_converts(const struct in *in, const struct pktt_ext *ext, struct pktt_param *param,
			const struct more *more)
{
	int r = 0;

	for (unsigned int n = 0; r == 0 && n < ext->nparams; n++) {
		struct pktt_param *p = &param[n];
		const struct pktt_param *real;

		if (!p->same_as || p->same_as > ext->nparams || !p->type || p->preset)
			continue;
		real = &param[p->same_as - 1];
		if (more[n].convert && real->type)
			p->convert = wire_convert_lookup(more[n].convert, p->type, real->type);
		if (p->convert || (p->type == real->type && !more[n].convert))
			continue;
		p->convert = convert_nothing;
		r = cripple(in, p, p->type, refuse_convert);
	}
	return r;
}

static const struct member ext_members[] = {
	[WIRE_EXT_KIND] = NUMBER_IN(pktt_ext, kind),
	[WIRE_EXT_NAME] = TEXT_IN(pktt_ext, name),
	[WIRE_EXT_ALIASES] = TEXT_IN(pktt_ext, aliases),
	[WIRE_EXT_SUMMARY] = TEXT_IN(pktt_ext, summary),
	[WIRE_EXT_WHY] = TEXT_IN(pktt_ext, why),
	[WIRE_EXT_FAMILIES] = NUMBER_IN(pktt_ext, families),
	[WIRE_EXT_TABLES] = TEXT_IN(pktt_ext, tables),
	[WIRE_EXT_HOOKS] = NUMBER_IN(pktt_ext, hooks),
	[WIRE_EXT_L4_MIN] = NUMBER_IN(pktt_ext, l4_min),
	[WIRE_EXT_READS] = NUMBER_IN(pktt_ext, reads),
	[WIRE_EXT_FLAGS] = NUMBER_IN(pktt_ext, flags),
};

#define PARAMS_MAX 64

static int get_ext_item(struct in *in, const struct item *item, struct pktt_ext *ext,
			struct pktt_param *param, struct more *more)
{
	const struct member *m;
	uint64_t v = 0;
	int r;

	if (item->type == WIRE_EXT_PARAM && ext->nparams == PARAMS_MAX)
		return bad(in, item);
	if (item->type == WIRE_EXT_PARAM) {
		ext->nparams++;
		return get_param(in, item, &param[ext->nparams - 1], &more[ext->nparams - 1]);
	}
	if (item->type == WIRE_EXT_L4 && item->len > sizeof(ext->l4))
		return bad(in, item);
	if (item->type == WIRE_EXT_L4)
		memcpy(ext->l4, item->data, item->len);
	if (item->type == WIRE_EXT_VARIES) {
		r = get_number(in, item, UINT32_MAX, &v);
		if (r == 0 && v & WIRE_VARIES_L4)
			ext->l4_for = any_l4;
		return r;
	}
	m = find(ext_members, pktt_countof(ext_members), item->type);
	r = m ? get_member(in, item, m, ext) : 0;
	if (r == 0 && item->type == WIRE_EXT_NAME)
		in->name = ext->name;
	return r;
}

static int get_ext(struct in *in, struct rest rest, struct pktt_ext *ext)
{
	struct pktt_param *param = arena_take(&in->cat->arena, PARAMS_MAX * sizeof(*param));
	PKTT_AUTO_FREE struct more *more = calloc(PARAMS_MAX, sizeof(*more));
	struct item item = { 0 };
	int r;

	if (!param || !more)
		return no_memory(in);
	memset(param, 0, PARAMS_MAX * sizeof(*param));
	ext->params = param;
	while ((r = next(in, &rest, &item)) > 0) {
		r = get_ext_item(in, &item, ext, param, more);
		if (r)
			return r;
	}
	if (r == 0 && ext->kind > PKTT_KIND_SET)
		r = pktt_fail(in->err, -EBADMSG, "extension %.40s: its kind is not known",
			      in->name);
	if (r == 0)
		r = set_converts(in, ext, param, more);
	if (r == 0)
		r = lay_out(in, ext, param);
	return r ? r : check_jump(in, ext);
}

int wire_catalog_add(struct wire_catalog *cat, const void *data, size_t len, struct pktt_error *err)
{
	struct in in = { cat, err, "without a name" };
	struct pktt_ext *ext = arena_take(&cat->arena, sizeof(*ext));
	int r;

	if (!ext)
		return no_memory(&in);
	memset(ext, 0, sizeof(*ext));
	r = get_ext(&in, (struct rest){ data, len }, ext);
	return r ? r : pktt_catalog_add(cat->desc, ext, err);
}
