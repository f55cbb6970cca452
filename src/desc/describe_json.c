/* SPDX-License-Identifier: BSD-2-Clause */
/* The description as JSON: what a program needs to offer an option that it has never heard of. */
#include "desc/describe.h"

#include "base/json.h"
#include "base/str.h"
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/describe_own.h"

#include <string.h>

static void put_word(void *ctx, const char *word, size_t len)
{
	json_textn(ctx, word, len);
}

static void put_words(struct json *out, const char *key, const char *text)
{
	json_key(out, key);
	json_begin_array(out);
	pktt_describe_words(text, put_word, out);
	json_end_array(out);
}

static void put_bits(struct json *out, const char *key, uint32_t set,
		     const char *(*name)(unsigned int), unsigned int count)
{
	json_key(out, key);
	json_begin_array(out);
	for (unsigned int i = 0; i < count; i++)
		if (set >> i & 1)
			json_text(out, name(i));
	json_end_array(out);
}

static void put_options(struct json *out, const char *key, const struct pktt_ext *ext, uint64_t set)
{
	if (!set)
		return;
	json_key(out, key);
	json_begin_array(out);
	for (unsigned int i = 0; i < ext->nparams; i++)
		if (set >> i & 1)
			json_text(out, ext->params[i].name);
	json_end_array(out);
}

static void put_symbols(struct json *out, const struct pktt_symbol *s)
{
	if (!s)
		return;
	json_key(out, "values");
	json_begin_array(out);
	for (; s->name; s++) {
		json_begin_object(out);
		json_put_text(out, "v", s->name);
		json_put_uint(out, "n", s->value);
		json_end_object(out);
	}
	json_end_array(out);
}

static void put_synonym(struct json *out, const struct pktt_ext *ext, const struct pktt_param *p)
{
	if (!p->same_as)
		return;
	json_put_text(out, "same_as", ext->params[p->same_as - 1].name);
	if (p->preset)
		json_put_text(out, "preset", p->preset);
	json_put_bool(out, "negates", p->negate);
}

static void put_argument(struct json *out, const struct pktt_ext *ext, unsigned int n)
{
	const struct pktt_param *p = &ext->params[n];
	const struct pktt_type *type = pktt_describe_argument(ext, n);
	uint64_t min, max;

	json_put_text(out, "type", type ? type->name : "flag");
	json_put_text(out, "syntax", type ? type->syntax : "");
	json_put_uint(out, "words", pktt_args_words(ext, n));
	if (pktt_describe_bounds(p, &min, &max)) {
		json_put_uint(out, "min", min);
		if (max <= INT64_MAX)
			json_put_uint(out, "max", max);
	}
	if (p->def)
		json_put_text(out, "default", p->def);
	put_symbols(out, pktt_describe_symbols(ext, n));
}

static void put_param(struct json *out, const struct pktt_ext *ext, unsigned int n)
{
	const struct pktt_param *p = &ext->params[n];
	char letter[2] = { p->letter, '\0' };

	json_begin_object(out);
	json_put_uint(out, "number", n + 1);
	json_put_text(out, "name", p->name);
	put_words(out, "aliases", p->aliases);
	if (p->letter)
		json_put_text(out, "letter", letter);
	json_put_text(out, "help", p->help);
	put_argument(out, ext, n);
	json_put_bool(out, "required", p->flags & PKTT_REQUIRED);
	json_put_bool(out, "invert", p->flags & PKTT_NEGATABLE);
	json_put_bool(out, "repeat", p->flags & PKTT_REPEATABLE);
	json_put_bool(out, "numeric", p->flags & PKTT_NUMERIC);
	json_put_bool(out, "hidden", p->flags & PKTT_HIDDEN);
	put_options(out, "requires", ext, p->needs);
	put_options(out, "excludes", ext, p->excludes);
	put_bits(out, "families", pktt_describe_param_families(ext, p), pktt_describe_family,
		 PKTT_FAMILY_COUNT);
	put_synonym(out, ext, p);
	json_end_object(out);
}

static void put_protocols(struct json *out, const struct pktt_ext *ext)
{
	struct str text = STR_INIT;

	if (!ext->l4[0])
		return;
	json_key(out, "protocols");
	json_begin_array(out);
	for (unsigned int i = 0; i < sizeof(ext->l4) && ext->l4[i]; i++) {
		str_clear(&text);
		pktt_describe_protocol(ext->l4[i], &text);
		json_text(out, str_text(&text));
	}
	json_end_array(out);
	str_fini(&text);
}

static const char *flag_name(unsigned int n)
{
	static const char *const name[] = { "inert",	"needs-ct", "live-only", "jump",
					    "terminal", "verdict",  "implicit" };

	return name[n];
}

static void put_flags(struct json *out, uint32_t flags)
{
	put_bits(out, "flags", flags, flag_name, 7);
}

void pktt_describe_json(const struct pktt_ext *ext, struct json *out)
{
	json_begin_object(out);
	json_put_text(out, "name", ext->name);
	json_put_text(out, "kind", pktt_describe_kind(ext));
	put_words(out, "aliases", ext->aliases);
	put_bits(out, "families", pktt_describe_ext_families(ext), pktt_describe_family,
		 PKTT_FAMILY_COUNT);
	json_put_uint(out, "revision", PKTT_EXT_VERSION);
	json_put_text(out, "help", ext->summary);
	if (ext->why)
		json_put_text(out, "why", ext->why);
	if (ext->tables)
		put_words(out, "tables", ext->tables);
	if (ext->hooks)
		put_bits(out, "hooks", ext->hooks, pktt_describe_hook, PKTT_HOOK_COUNT);
	put_protocols(out, ext);
	put_flags(out, ext->flags);
	json_key(out, "params");
	json_begin_array(out);
	for (unsigned int n = 0; n < ext->nparams; n++)
		put_param(out, ext, n);
	json_end_array(out);
	json_end_object(out);
}
