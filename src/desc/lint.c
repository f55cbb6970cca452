/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults of a table.
 *
 * All that derives from a table trusts it: offsets are used unchecked, defaults are parsed in the
 * middle of a load, help is printed as it stands. So nothing enters a catalog that did not pass
 * here, plug-ins included, and a fault of ours is seen at the first start and not by a user of the
 * option.
 */
#include "base/own.h"
#include "base/str.h"
#include "desc/args_value.h"
#include "desc/catalog.h"
#include "desc/family.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* Longest phrase that a line of help has room for. */
#define PHRASE_MAX 120

static int fault(const struct pktt_ext *ext, const struct pktt_param *p, const char *what,
		 struct pktt_error *err)
{
	if (!p)
		return pktt_fail(err, -EINVAL, "extension %s: %s",
				 ext->name ? ext->name : "(no name)", what);
	return pktt_fail(err, -EINVAL, "extension %s, parameter %zu (%s): %s", ext->name,
			 (size_t)(p - ext->params), p->name ? p->name : "no name", what);
}

/* --- Words ------------------------------------------------------------------------------------ */

static bool is_name(const char *name, size_t len)
{
	if (len == 0 || len > 40 || name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-_.+", name[i]))
			return false;
	return true;
}

/* hash:net,port: how elements are kept, and what their parts are. */
static bool is_set_name(const char *name)
{
	size_t len = strcspn(name, ":");

	if (!is_name(name, len))
		return false;
	for (name += len; *name; name += len) {
		len = strcspn(++name, ",");
		if (!is_name(name, len))
			return false;
	}
	return true;
}

/* Names separated by single spaces; NULL is none. */
static bool are_names(const char *names)
{
	while (names && *names) {
		size_t len = strcspn(names, " ");

		if (!is_name(names, len))
			return false;
		names += len;
		if (*names == ' ' && *++names == '\0')
			return false;
	}
	return true;
}

/* A phrase: begins with no blank, ends without a stop, has no line end, is not shouted. */
static bool is_phrase(const char *text)
{
	bool has_lower = false;
	size_t len = text ? strlen(text) : 0;

	if (len < 2 || len > PHRASE_MAX || isspace((unsigned char)text[0]) ||
	    strchr(".!;: ", text[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (iscntrl((unsigned char)text[i]))
			return false;
		has_lower |= islower((unsigned char)text[i]) != 0;
	}
	return has_lower;
}

/* --- Names of parameters ---------------------------------------------------------------------- */

/* The families in which a parameter stands; inet where it has IPv4 and IPv6. */
static uint32_t stands_in(const struct pktt_ext *ext, const struct pktt_param *p)
{
	uint32_t set = 0;

	for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++)
		if (ext->families >> f & 1 && pktt_param_serves(p, (enum pktt_family)f))
			set |= PKTT_FAM(f);
	return set;
}

/* Whether name is the name or an alias of p. */
static bool has_name(const struct pktt_param *p, const char *name, size_t len)
{
	const char *at = p->aliases;

	if (strlen(p->name) == len && memcmp(p->name, name, len) == 0)
		return true;
	while (at && *at) {
		size_t n = strcspn(at, " ");

		if (n == len && memcmp(at, name, len) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

static bool share_name(const struct pktt_param *a, const struct pktt_param *b)
{
	const char *at = a->aliases;

	if (has_name(b, a->name, strlen(a->name)) || (a->letter && a->letter == b->letter))
		return true;
	while (at && *at) {
		size_t n = strcspn(at, " ");

		if (has_name(b, at, n))
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

static int lint_names(const struct pktt_ext *ext, const struct pktt_param *p,
		      struct pktt_error *err)
{
	if (!p->name || !is_name(p->name, strlen(p->name)))
		return fault(ext, p, "the name is not a word of letters, digits and dashes", err);
	if (!are_names(p->aliases))
		return fault(ext, p, "the aliases are not words separated by single spaces", err);
	if (p->families & ~PKTT_FAM_ALL || !stands_in(ext, p))
		return fault(ext, p, "it stands in no family of the extension", err);
	for (const struct pktt_param *q = ext->params; q < p; q++)
		if (stands_in(ext, p) & stands_in(ext, q) && share_name(p, q))
			return fault(ext, p, "another parameter has one of its names", err);
	if (!is_phrase(p->help))
		return fault(ext, p, "the help is not one phrase without a final stop", err);
	return 0;
}

/* --- Types, places, bounds -------------------------------------------------------------------- */

static int lint_symbols(const struct pktt_ext *ext, const struct pktt_param *p,
			const struct pktt_type *type, struct pktt_error *err)
{
	bool is_named = type == &pktt_type_enum8 || type == &pktt_type_enum16 ||
			type == &pktt_type_enum32 || type == &pktt_type_bits32 ||
			type == &pktt_type_flags8;
	bool is_octet = type == &pktt_type_enum8 || type == &pktt_type_flags8 ||
			type == &pktt_type_bitmap256;

	if (is_named && (!p->symbols || !p->symbols[0].name))
		return fault(ext, p, "a type of names needs symbols", err);
	for (const struct pktt_symbol *s = p->symbols; s && s->name; s++) {
		if (s->name[0] == '\0' || strpbrk(s->name, " ,\"'\\"))
			return fault(ext, p, "a symbol has no name or a blank in it", err);
		for (const struct pktt_symbol *q = p->symbols; q < s; q++)
			if (strcmp(q->name, s->name) == 0)
				return fault(ext, p, "a symbol stands in the table twice", err);
		if (is_octet && s->value > UINT8_MAX)
			return fault(ext, p, "a symbol is beyond 8 bits", err);
		if (type == &pktt_type_enum16 && s->value > UINT16_MAX)
			return fault(ext, p, "a symbol is beyond 16 bits", err);
	}
	return 0;
}

static int lint_bounds(const struct pktt_ext *ext, const struct pktt_param *p,
		       const struct pktt_type *type, struct pktt_error *err)
{
	uint64_t most = 0;

	for (size_t i = 0; i < PKTT_PARTS_MAX && type->part[i].kind; i++)
		if (type->part[i].kind == PKTT_PART_UINT) {
			uint64_t max = UINT64_MAX >> (64 - 8 * type->part[i].size);

			most = max > most ? max : most;
		}
	if (type == &pktt_type_bitmap256)
		most = UINT8_MAX;
	if (type == &pktt_type_text)
		most = p->max ? 0 : p->size - 1u;
	if (p->max && p->min > p->max)
		return fault(ext, p, "the lower bound is above the upper one", err);
	if ((p->min || p->max) && !most)
		return fault(ext, p, "the type has no number on which bounds could act", err);
	if (p->min > most || p->max > most)
		return fault(ext, p, "a bound is beyond what the type holds", err);
	return 0;
}

static int lint_place(const struct pktt_ext *ext, const struct pktt_param *p,
		      struct pktt_error *err)
{
	size_t args_size = ext->args_size ? ext->args_size : sizeof(struct pktt_args);

	if (p->type->size ? p->size != p->type->size : p->size < 2)
		return fault(ext, p, "the size is not that of the type", err);
	if (p->offset < sizeof(struct pktt_args) || (size_t)p->offset + p->size > args_size)
		return fault(ext, p, "it lies outside the arguments", err);
	if (p->field.layer > PKTT_L4 || (p->field.layer != PKTT_NO_FIELD) != (p->field.size != 0))
		return fault(ext, p, "the header field has no layer or no size", err);
	if (p->field.layer != PKTT_NO_FIELD && p->type->cmp == PKTT_CMP_NONE)
		return fault(ext, p, "the type cannot be compared with a header field", err);
	return 0;
}

/* --- Defaults and presets --------------------------------------------------------------------- */

/* text as the value of p, where p stands, must be good. */
static int lint_text(const struct pktt_ext *ext, const struct pktt_param *p, const char *text,
		     enum pktt_family family, struct pktt_error *err)
{
	struct pktt_context ctx = { p, ext, family };
	struct pktt_error why = { .code = 0 };
	PKTT_AUTO_FREE void *val = calloc(1, p->size);
	int r;

	if (!val)
		return pktt_fail(err, -ENOMEM, "no memory to look at extension %s", ext->name);
	r = pktt_args_value_parse(&ctx, text, val, &why);
	if (r == 0)
		r = pktt_args_value_check(&ctx, val, &why);
	pktt_args_value_reset(p, val);
	if (r)
		return pktt_fail(err, -EINVAL, "extension %s, parameter %s: \"%s\" is refused: %s",
				 ext->name, p->name, text, why.text);
	return 0;
}

static int lint_default(const struct pktt_ext *ext, const struct pktt_param *p,
			struct pktt_error *err)
{
	int r = 0;

	if (!p->def)
		return 0;
	if (p->flags & PKTT_REQUIRED)
		return fault(ext, p, "what is required needs no default", err);
	for (unsigned int f = 0; r == 0 && f < PKTT_FAMILY_COUNT; f++)
		if (stands_in(ext, p) >> f & 1)
			r = lint_text(ext, p, p->def, (enum pktt_family)f, err);
	return r;
}

static int lint_preset(const struct pktt_ext *ext, const struct pktt_param *p,
		       const struct pktt_param *real, struct pktt_error *err)
{
	uint32_t set = stands_in(ext, p) & stands_in(ext, real);
	int r = 0;

	for (unsigned int f = 0; r == 0 && f < PKTT_FAMILY_COUNT; f++)
		if (set >> f & 1)
			r = lint_text(ext, real, p->preset, (enum pktt_family)f, err);
	return r;
}

static int lint_synonym(const struct pktt_ext *ext, const struct pktt_param *p,
			struct pktt_error *err)
{
	const struct pktt_param *real;

	if (p->same_as > ext->nparams)
		return fault(ext, p, "it is a synonym of a parameter that is not there", err);
	real = &ext->params[p->same_as - 1];
	if (real == p || real->same_as)
		return fault(ext, p, "it is a synonym of a synonym", err);
	if (stands_in(ext, p) & ~stands_in(ext, real))
		return fault(ext, p, "it stands in a family where what it means does not", err);
	if (p->def || p->flags & PKTT_REQUIRED)
		return fault(ext, p, "a synonym has no default and is not required", err);
	if (p->preset)
		return lint_preset(ext, p, real, err);
	if (p->type && p->type != real->type && !p->convert)
		return fault(ext, p, "its type differs and nothing converts it", err);
	if (p->convert && (!p->type || p->size != p->type->size))
		return fault(ext, p, "what is to be converted has no type or no size", err);
	return p->type ? lint_symbols(ext, p, p->type, err) : 0;
}

/* --- One parameter ---------------------------------------------------------------------------- */

static int lint_company(const struct pktt_ext *ext, unsigned int n, struct pktt_error *err)
{
	const struct pktt_param *p = &ext->params[n];
	uint64_t others = p->excludes | p->needs, self = UINT64_C(1) << n;

	if (ext->nparams < 64 && others >> ext->nparams)
		return fault(ext, p, "it excludes or needs a parameter that is not there", err);
	if (p->needs & self || p->excludes & p->needs)
		return fault(ext, p, "it needs itself, or what it excludes", err);
	for (unsigned int i = 0; i < ext->nparams; i++)
		if (others >> i & 1 && ext->params[i].same_as)
			return fault(ext, p, "it excludes or needs a synonym, which is never given",
				     err);
	return 0;
}

static int lint_param(const struct pktt_ext *ext, unsigned int n, struct pktt_error *err)
{
	const struct pktt_param *p = &ext->params[n];
	int r = lint_names(ext, p, err);

	if (r == 0)
		r = lint_company(ext, n, err);
	if (r)
		return r;
	if (p->same_as)
		return lint_synonym(ext, p, err);
	if (!p->type)
		return fault(ext, p, "it has no type", err);
	if (p->preset || p->convert || p->negate)
		return fault(ext, p, "only a synonym has a preset, a conversion or a negation",
			     err);
	r = lint_place(ext, p, err);
	if (r == 0)
		r = lint_symbols(ext, p, p->type, err);
	if (r == 0)
		r = lint_bounds(ext, p, p->type, err);
	if (r == 0)
		r = lint_default(ext, p, err);
	return r;
}

/* --- The table -------------------------------------------------------------------------------- */

static int lint_ext_words(const struct pktt_ext *ext, struct pktt_error *err)
{
	uint32_t needs_why = PKTT_EXT_INERT | PKTT_EXT_NEEDS_CT | PKTT_EXT_LIVE_ONLY;

	if (!ext->name || !(ext->kind == PKTT_KIND_SET ? is_set_name(ext->name)
						       : is_name(ext->name, strlen(ext->name))))
		return fault(ext, NULL, "the name is not a word of letters, digits and dashes",
			     err);
	if (!are_names(ext->aliases) || !are_names(ext->tables))
		return fault(ext, NULL,
			     "aliases or tables are not words separated by single spaces", err);
	if (!is_phrase(ext->summary))
		return fault(ext, NULL, "the summary is not one phrase without a final stop", err);
	if (ext->flags & needs_why && !is_phrase(ext->why))
		return fault(ext, NULL, "what is inert, live only or needs tracking must say why",
			     err);
	return 0;
}

static int lint_ext_facts(const struct pktt_ext *ext, struct pktt_error *err)
{
	if (ext->kind != PKTT_KIND_SET && (!ext->families || ext->families & ~PKTT_FAM_ALL))
		return fault(ext, NULL, "it serves no family, or one that is not known", err);
	if (ext->hooks >> PKTT_HOOK_COUNT)
		return fault(ext, NULL, "a hook is not known", err);
	if (ext->kind == PKTT_KIND_MATCH && !ext->reads)
		return fault(ext, NULL, "a match must say what of a packet it reads", err);
	if (ext->l4_min && !ext->l4[0])
		return fault(ext, NULL, "a length of a layer-4 header needs the protocol", err);
	if (ext->nparams > 64 || (ext->nparams && !ext->params))
		return fault(ext, NULL,
			     "it has more than 64 parameters, or none where they should be", err);
	if (ext->args_size && ext->args_size < sizeof(struct pktt_args))
		return fault(ext, NULL, "the arguments do not begin with struct pktt_args", err);
	if (!ext->setup != !ext->teardown)
		return fault(ext, NULL, "setup and teardown come both or not at all", err);
	return 0;
}

int pktt_lint_ext(const struct pktt_ext *ext, struct pktt_error *err)
{
	int r = lint_ext_words(ext, err);

	if (r == 0)
		r = lint_ext_facts(ext, err);
	for (unsigned int n = 0; r == 0 && n < ext->nparams; n++)
		r = lint_param(ext, n, err);
	return r;
}
