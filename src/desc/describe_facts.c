/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/describe_own.h"

#include "base/str.h"
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/family.h"

#include <inttypes.h>
#include <string.h>

const char *pktt_describe_family(unsigned int family)
{
	return pktt_family_name((enum pktt_family)family);
}

const char *pktt_describe_hook(unsigned int hook)
{
	static const char *const name[PKTT_HOOK_COUNT] = {
		[PKTT_PRE_ROUTING] = "PREROUTING",   [PKTT_LOCAL_IN] = "INPUT",
		[PKTT_FORWARD] = "FORWARD",	     [PKTT_LOCAL_OUT] = "OUTPUT",
		[PKTT_POST_ROUTING] = "POSTROUTING", [PKTT_BROUTING] = "BROUTING",
	};

	return hook < PKTT_HOOK_COUNT ? name[hook] : "";
}

const char *pktt_describe_kind(const struct pktt_ext *ext)
{
	switch (ext->kind) {
	case PKTT_KIND_HEAD:
		return "head";
	case PKTT_KIND_MATCH:
		return "match";
	case PKTT_KIND_TARGET:
		return "target";
	case PKTT_KIND_SET:
		return "set";
	}
	return "";
}

const char *pktt_describe_dashes(const struct pktt_ext *ext)
{
	return ext->kind == PKTT_KIND_SET ? "" : "--";
}

/* What serves IPv4 and IPv6 serves inet. */
static uint32_t with_inet(uint32_t families)
{
	uint32_t both = PKTT_FAM_V4 | PKTT_FAM_V6;

	return (families & both) == both ? families | PKTT_FAM(PKTT_INET) : families;
}

uint32_t pktt_describe_ext_families(const struct pktt_ext *ext)
{
	return with_inet(ext->families);
}

uint32_t pktt_describe_param_families(const struct pktt_ext *ext, const struct pktt_param *p)
{
	uint32_t all = with_inet(ext->families);

	return p->families ? with_inet(p->families) & all : all;
}

const struct pktt_type *pktt_describe_argument(const struct pktt_ext *ext, unsigned int n)
{
	const struct pktt_param *p = &ext->params[n];
	const struct pktt_type *type =
		p->type ? p->type : ext->params[pktt_param_real(ext, n)].type;

	return p->preset || type->words == 0 ? NULL : type;
}

bool pktt_describe_bounds(const struct pktt_param *p, uint64_t *min, uint64_t *max)
{
	const struct pktt_part *part = p->type ? p->type->part : NULL;

	if (!part || (!p->min && !p->max))
		return false;
	for (unsigned int i = 0; i < PKTT_PARTS_MAX && part[i].kind; i++) {
		if (part[i].kind != PKTT_PART_UINT)
			continue;
		*min = p->min;
		*max = p->max ? p->max : UINT64_MAX >> (64 - 8 * part[i].size);
		return true;
	}
	return false;
}

const struct pktt_symbol *pktt_describe_symbols(const struct pktt_ext *ext, unsigned int n)
{
	const struct pktt_param *p = &ext->params[n];

	if (!pktt_describe_argument(ext, n))
		return NULL;
	return p->type ? p->symbols : ext->params[pktt_param_real(ext, n)].symbols;
}

void pktt_describe_protocol(uint8_t protocol, struct str *out)
{
	const struct pktt_param p = { .name = "protocol", .type = &pktt_type_proto, .size = 1 };

	pktt_type_proto.print(&(struct pktt_context){ &p, NULL, PKTT_IPV4 }, &protocol, out);
}

void pktt_describe_words(const char *text, void (*one)(void *ctx, const char *word, size_t len),
			 void *ctx)
{
	while (text && *text) {
		size_t len = strcspn(text, " ");

		if (len)
			one(ctx, text, len);
		text += len + strspn(text + len, " ");
	}
}

/* --- Facts of an option -------------------------------------------------------------------- */

static void separate(struct str *out, size_t start)
{
	if (out->len > start)
		str_puts(out, "; ");
}

struct spellings {
	const char *before; /* the next one */
	const char *dashes;
	struct str *out;
};

static void put_alias(void *ctx, const char *word, size_t len)
{
	struct spellings *s = ctx;

	str_putf(s->out, "%s%s%.*s", s->before, s->dashes, (int)len, word);
	s->before = ", ";
}

static void put_spellings(const struct pktt_ext *ext, const struct pktt_param *p, struct str *out)
{
	struct spellings s = { "also ", pktt_describe_dashes(ext), out };

	pktt_describe_words(p->aliases, put_alias, &s);
}

static void put_options(const struct pktt_ext *ext, uint64_t set, const char *last, struct str *out)
{
	bool is_first = true;

	for (unsigned int i = 0; i < ext->nparams; i++) {
		if (!(set >> i & 1))
			continue;
		if (!is_first)
			str_puts(out, i < 63 && set >> i >> 1 ? ", " : last);
		str_putf(out, "%s%s", pktt_describe_dashes(ext), ext->params[i].name);
		is_first = false;
	}
}

static unsigned int count_names(const struct pktt_symbol *s)
{
	unsigned int n = 0;

	while (s && s[n].name)
		n++;
	return n;
}

static void put_names(const struct pktt_ext *ext, unsigned int n, unsigned int max, struct str *out)
{
	const struct pktt_symbol *s = pktt_describe_symbols(ext, n);
	unsigned int count = count_names(s);

	if (count > max) {
		str_putf(out, "%u names: pktt describe %s.%s", count, ext->name,
			 ext->params[n].name);
		return;
	}
	str_puts(out, pktt_args_value_has_bits(&ext->params[pktt_param_real(ext, n)]) ? "any of "
										      : "one of ");
	for (unsigned int i = 0; i < count; i++)
		str_putf(out, "%s%s", i ? ", " : "", s[i].name);
	if (ext->params[pktt_param_real(ext, n)].flags & PKTT_NUMERIC)
		str_puts(out, ", or a number");
}

static void put_synonym(const struct pktt_ext *ext, const struct pktt_param *p, struct str *out)
{
	const struct pktt_param *real = &ext->params[p->same_as - 1];

	str_putf(out, "%s %s%s%s", p->preset ? "same as" : "sets", p->negate ? "! " : "",
		 pktt_describe_dashes(ext), real->name);
	if (p->preset && *p->preset)
		str_putf(out, " %s", p->preset);
}

static void put_families(uint32_t set, struct str *out)
{
	const char *sep = "only ";

	for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++) {
		if (!(set & PKTT_FAM(f)))
			continue;
		str_putf(out, "%s%s", sep, pktt_describe_family(f));
		sep = ", ";
	}
}

static void put_company(const struct pktt_ext *ext, const struct pktt_param *p, size_t start,
			struct str *out)
{
	if (p->needs) {
		separate(out, start);
		str_puts(out, "with ");
		put_options(ext, p->needs, " or ", out);
	}
	if (p->excludes) {
		separate(out, start);
		str_puts(out, "not with ");
		put_options(ext, p->excludes, " or ", out);
	}
}

void pktt_describe_facts(const struct pktt_ext *ext, unsigned int n, unsigned int max_names,
			 struct str *out)
{
	const struct pktt_param *p = &ext->params[n];
	uint32_t families = pktt_describe_param_families(ext, p);
	size_t start = out->len;
	uint64_t min, max;

	if (p->flags & PKTT_REQUIRED)
		str_puts(out, "required");
	if (pktt_describe_bounds(p, &min, &max)) {
		separate(out, start);
		str_putf(out, "%" PRIu64 " to %" PRIu64, min, max);
	}
	if (p->def) {
		separate(out, start);
		str_putf(out, "default %s", p->def);
	}
	if (pktt_describe_symbols(ext, n)) {
		separate(out, start);
		put_names(ext, n, max_names, out);
	}
	if (p->same_as) {
		separate(out, start);
		put_synonym(ext, p, out);
	}
	if (p->aliases) {
		separate(out, start);
		put_spellings(ext, p, out);
	}
	if (p->flags & PKTT_REPEATABLE) {
		separate(out, start);
		str_puts(out, "the last one counts");
	}
	put_company(ext, p, start, out);
	if (families != pktt_describe_ext_families(ext)) {
		separate(out, start);
		put_families(families, out);
	}
}

void pktt_describe_notes(const struct pktt_ext *ext, struct str *out)
{
	static const struct {
		uint32_t flag;
		const char *text;
	} notes[] = {
		{ PKTT_EXT_INERT, "accepted and saved, but does nothing here" },
		{ PKTT_EXT_LIVE_ONLY, "works on a live host only" },
	};
	size_t start = out->len;

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		if (!(ext->flags & notes[i].flag))
			continue;
		separate(out, start);
		str_puts(out, notes[i].text);
	}
	if (ext->why && out->len > start)
		str_putf(out, ": %s", ext->why);
	else if (ext->flags & PKTT_EXT_NEEDS_CT)
		str_puts(out, ext->why ? ext->why : "needs connection tracking");
}
