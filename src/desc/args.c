/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments of an extension, driven by its table of parameters alone.
 *
 * Overview: text (take), JSON (from_json) and wire (decode) only store values; none of them decides
 * whether the values are good. That is finish(), the one gate, so that what one entrance refuses no
 * other lets in.
 *
 * Synonyms store into the parameter that they stand for and leave no trace of themselves: what is
 * printed is always the one canonical spelling.
 */
#include "desc/args.h"

#include "base/distance.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/args_value.h"
#include "desc/family.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))

size_t pktt_args_size(const struct pktt_ext *ext)
{
	return ext->args_size ? ext->args_size : sizeof(struct pktt_args);
}

static void *slot(void *args, const struct pktt_param *p)
{
	return (char *)args + p->offset;
}

static const void *slot_const(const void *args, const struct pktt_param *p)
{
	return (const char *)args + p->offset;
}

static struct pktt_context context(const struct pktt_ext *ext, enum pktt_family family,
				   unsigned int n)
{
	return (struct pktt_context){ &ext->params[n], ext, family };
}

/* --- Options by name ---------------------------------------------------------------------- */

bool pktt_param_is_spelling(const struct pktt_param *p, const char *name, size_t len)
{
	const char *at = p->aliases;

	/* the first letter spares most of the looks */
	if (p->name[0] == name[0] && strlen(p->name) == len && memcmp(p->name, name, len) == 0)
		return true;
	while (at && *at) {
		if (*at == name[0] && strcspn(at, " ") == len && memcmp(at, name, len) == 0)
			return true;
		at = strchr(at, ' ');
		while (at && *at == ' ')
			at++;
	}
	return false;
}

int pktt_args_lookup(const struct pktt_ext *ext, enum pktt_family family, const char *name,
		     size_t len, unsigned int *n)
{
	for (unsigned int i = 0; len && i < ext->nparams; i++) {
		const struct pktt_param *p = &ext->params[i];

		if (pktt_param_serves(p, family) && pktt_param_is_spelling(p, name, len)) {
			*n = i;
			return 0;
		}
	}
	return -ENOENT;
}

int pktt_args_lookup_letter(const struct pktt_ext *ext, enum pktt_family family, char letter,
			    unsigned int *n)
{
	for (unsigned int i = 0; letter && i < ext->nparams; i++)
		if (ext->params[i].letter == letter && pktt_param_serves(&ext->params[i], family)) {
			*n = i;
			return 0;
		}
	return -ENOENT;
}

/* Distance of name from the nearest spelling of p. */
static size_t nearest(const struct pktt_param *p, const char *name, size_t len)
{
	size_t best = distance(name, len, p->name, strlen(p->name));
	const char *at = p->aliases;

	while (at && *at) {
		size_t n = strcspn(at, " "), dist = distance(name, len, at, n);

		best = dist < best ? dist : best;
		at += n + strspn(at + n, " ");
	}
	return best;
}

const char *pktt_args_suggest(const struct pktt_ext *ext, enum pktt_family family, const char *name)
{
	size_t len = strlen(name), best = len;
	const char *found = NULL;

	for (unsigned int i = 0; i < ext->nparams; i++) {
		const struct pktt_param *p = &ext->params[i];
		size_t dist = pktt_param_serves(p, family) && !(p->flags & PKTT_HIDDEN)
				      ? nearest(p, name, len)
				      : best;

		if (dist < best && distance_is_near(dist, len)) {
			best = dist;
			found = p->name;
		}
	}
	return found;
}

/* A synonym without a type of its own takes what the parameter takes that it stands for. */
static const struct pktt_type *type_taken(const struct pktt_ext *ext, unsigned int n)
{
	const struct pktt_param *p = &ext->params[n];

	return p->type ? p->type : ext->params[pktt_param_real(ext, n)].type;
}

unsigned int pktt_args_words(const struct pktt_ext *ext, unsigned int n)
{
	return ext->params[n].preset ? 0 : type_taken(ext, n)->words;
}

/* --- Taking one option -------------------------------------------------------------------- */

/* The argument of a synonym, as its own type, then turned into the other's value. */
static int take_converted(const struct pktt_context *own, const char *const *word, void *val,
			  struct pktt_error *err)
{
	PKTT_AUTO_FREE void *scratch = calloc(1, pktt_args_value_size(own->param));
	int r;

	if (!scratch)
		return pktt_fail(err, -ENOMEM, "no memory for --%s", own->param->name);
	r = own->param->type->parse(own, word, scratch, err);
	if (r)
		return r;
	r = pktt_args_value_check(own, scratch, err);
	if (r == 0)
		own->param->convert(scratch, val);
	pktt_args_value_reset(own->param, scratch);
	return r;
}

static int take_value(const struct pktt_ext *ext, enum pktt_family family, unsigned int n,
		      const char *const *word, void *val, struct pktt_error *err)
{
	struct pktt_context own = context(ext, family, n);
	struct pktt_context real = context(ext, family, pktt_param_real(ext, n));

	if (own.param->preset)
		return pktt_args_value_parse(&real, own.param->preset, val, err);
	if (own.param->convert)
		return take_converted(&own, word, val, err);
	return real.param->type->parse(&real, word, val, err);
}

static int check_again(const struct pktt_ext *ext, const void *args, unsigned int n,
		       struct pktt_error *err)
{
	unsigned int real = pktt_param_real(ext, n);

	if (!pktt_given(args, real))
		return 0;
	if ((ext->params[n].flags | ext->params[real].flags) & PKTT_REPEATABLE)
		return 0;
	if (real == n)
		return pktt_fail(err, -EEXIST, "--%s is given twice", ext->params[n].name);
	return pktt_fail(err, -EEXIST, "--%s is given twice (--%s means the same)",
			 ext->params[real].name, ext->params[n].name);
}

unsigned int pktt_args_in_group(const struct pktt_ext *ext, const void *args, unsigned int n)
{
	const struct pktt_args *head = args;
	unsigned int last = n;

	if (head->given == 0) /* no group was begun */
		return n;
	for (unsigned int i = 0; i < ext->nparams; i++)
		if (ext->params[i].again == n + 1 && ext->params[i].needs & head->given)
			last = i;
	return last;
}

int pktt_args_take(const struct pktt_ext *ext, enum pktt_family family, void *args,
		   unsigned int option, bool negated, const char *const *word,
		   struct pktt_error *err)
{
	unsigned int n = pktt_args_in_group(ext, args, option);
	const struct pktt_param *p = &ext->params[n];
	unsigned int real = pktt_param_real(ext, n);
	struct pktt_args *head = args;
	void *val = slot(args, &ext->params[real]);
	int r = check_again(ext, args, n, err);

	if (r)
		return r;
	if (negated && !(p->flags & PKTT_NEGATABLE))
		return pktt_fail(err, -EINVAL, "\"!\" does not apply to --%s", p->name);
	pktt_args_value_reset(&ext->params[real], val);
	head->given &= ~BIT(real);
	head->negated &= ~BIT(real);
	r = take_value(ext, family, n, word, val, err);
	if (r) {
		memset(val, 0, pktt_args_value_size(&ext->params[real]));
		return r;
	}
	head->given |= BIT(real);
	if (negated != p->negate)
		head->negated |= BIT(real);
	return 0;
}

/* --- The gate ----------------------------------------------------------------------------- */

/* "--a, --b or --c" */
static void put_names(const struct pktt_ext *ext, uint64_t set, char *out, size_t room)
{
	size_t len = 0;

	out[0] = '\0';
	for (unsigned int i = 0; i < ext->nparams && len < room; i++) {
		const char *sep = len == 0 ? "" : set >> i >> 1 ? ", " : " or ";

		if (!(set >> i & 1))
			continue;
		len += (size_t)snprintf(out + len, room - len, "%s--%s", sep, ext->params[i].name);
	}
}

static int check_company(const struct pktt_ext *ext, const struct pktt_args *head, unsigned int n,
			 struct pktt_error *err)
{
	const struct pktt_param *p = &ext->params[n];
	uint64_t clash = head->given & p->excludes & ~BIT(n);
	char names[160];

	if (clash) {
		put_names(ext, clash & -clash, names, sizeof(names));
		return pktt_fail(err, -EINVAL, "--%s must not stand beside %s", p->name, names);
	}
	if (p->needs && !(head->given & p->needs)) {
		put_names(ext, p->needs, names, sizeof(names));
		return pktt_fail(err, -EINVAL, "--%s needs %s beside it", p->name, names);
	}
	return 0;
}

static int check_given(const struct pktt_ext *ext, enum pktt_family family,
		       const struct pktt_args *head, unsigned int n, struct pktt_error *err)
{
	const struct pktt_param *p = &ext->params[n];
	bool is_negated = head->negated >> n & 1;

	if (!(head->given >> n & 1)) {
		if (p->flags & PKTT_REQUIRED && pktt_param_serves(p, family))
			return pktt_fail(err, -EINVAL, "%s needs --%s", ext->name, p->name);
		return 0;
	}
	if (!pktt_param_serves(p, family))
		return pktt_fail(err, -EINVAL, "--%s is not for family %s", p->name,
				 pktt_family_name(family));
	if (is_negated && !(p->flags & PKTT_NEGATABLE) && !pktt_param_negation(ext, n))
		return pktt_fail(err, -EINVAL, "\"!\" does not apply to --%s", p->name);
	return check_company(ext, head, n, err);
}

static int finish_param(const struct pktt_ext *ext, enum pktt_family family, void *args,
			unsigned int n, struct pktt_error *err)
{
	struct pktt_context ctx = context(ext, family, n);
	const struct pktt_param *p = ctx.param;
	void *val = slot(args, p);
	int r = check_given(ext, family, args, n, err);

	if (r)
		return r;
	if (!pktt_given(args, n)) {
		if (!p->def || !pktt_param_serves(p, family))
			return 0;
		pktt_args_value_reset(p, val);
		r = pktt_args_value_parse(&ctx, p->def, val, err);
		if (r)
			return r;
	}
	r = pktt_args_value_check(&ctx, val, err);
	if (r == 0 && p->type->canon)
		p->type->canon(val);
	return r;
}

/* Not given, and nothing comes of that: most options of a rule. */
static bool is_idle(const struct pktt_param *p, const void *args, unsigned int n)
{
	return !pktt_given(args, n) && !p->def && !(p->flags & PKTT_REQUIRED);
}

int pktt_args_finish(const struct pktt_ext *ext, enum pktt_family family, void *args,
		     struct pktt_error *err)
{
	struct pktt_context ctx = { NULL, ext, family };
	int r;

	for (unsigned int n = 0; n < ext->nparams; n++) {
		if (ext->params[n].same_as || is_idle(&ext->params[n], args, n))
			continue;
		r = finish_param(ext, family, args, n, err);
		if (r)
			return r;
	}
	r = ext->check ? ext->check(&ctx, args, err) : 0;
	if (r)
		return r;
	if (ext->canon)
		ext->canon(&ctx, args);
	return 0;
}

/* --- Life --------------------------------------------------------------------------------- */

/* Whether parameter n is the first that stores into a place that owns memory. */
static bool owns_memory(const struct pktt_ext *ext, unsigned int n)
{
	const struct pktt_param *p = &ext->params[n];

	if (p->same_as || !p->type->fini)
		return false;
	for (unsigned int i = 0; i < n; i++)
		if (!ext->params[i].same_as && ext->params[i].offset == p->offset)
			return false;
	return true;
}

void pktt_args_fini(const struct pktt_ext *ext, void *args)
{
	for (unsigned int n = 0; n < ext->nparams; n++)
		if (owns_memory(ext, n))
			ext->params[n].type->fini(slot(args, &ext->params[n]));
}

int pktt_args_copy(const struct pktt_ext *ext, void *dst, const void *src)
{
	memcpy(dst, src, pktt_args_size(ext));
	for (unsigned int n = 0; n < ext->nparams; n++)
		if (owns_memory(ext, n))
			memset(slot(dst, &ext->params[n]), 0,
			       pktt_args_value_size(&ext->params[n]));
	for (unsigned int n = 0; n < ext->nparams; n++) {
		const struct pktt_param *p = &ext->params[n];
		int r = owns_memory(ext, n) ? p->type->copy(slot(dst, p), slot_const(src, p)) : 0;

		if (r) {
			pktt_args_fini(ext, dst);
			return r;
		}
	}
	return 0;
}

/*
 * What needs no look at a value: rule files are searched for a rule by comparing with all of
 * them.
 */
static bool is_same_outline(const struct pktt_ext *ext, const struct pktt_args *a,
			    const struct pktt_args *b)
{
	uint64_t differ = a->given ^ b->given;

	if (a->negated != b->negated)
		return false;
	for (unsigned int n = 0; differ; n++, differ >>= 1)
		if (differ & 1 && !ext->params[n].def)
			return false;
	return true;
}

bool pktt_args_equal(const struct pktt_ext *ext, const void *a, const void *b)
{
	if (!is_same_outline(ext, a, b))
		return false;
	for (unsigned int n = 0; n < ext->nparams; n++) {
		struct pktt_context ctx = context(ext, PKTT_IPV4, n);
		const struct pktt_param *p = ctx.param;

		if (p->same_as || (!p->def && !pktt_given(a, n)))
			continue;
		if (!pktt_args_value_equal(&ctx, slot_const(a, p), slot_const(b, p)))
			return false;
	}
	return true;
}

/* --- Printing ----------------------------------------------------------------------------- */

/* Whether another option that was given needs n beside it: then n must be seen. */
static bool is_needed(const struct pktt_ext *ext, const void *args, unsigned int n)
{
	for (unsigned int i = 0; i < ext->nparams; i++)
		if (pktt_given(args, i) && ext->params[i].needs >> n & 1)
			return true;
	return false;
}

static bool is_shown(const struct pktt_context *ctx, const void *args, unsigned int n)
{
	const struct pktt_param *p = ctx->param;

	if (!pktt_given(args, n))
		return p->flags & PKTT_SHOW_ALWAYS && p->def && pktt_param_serves(p, ctx->family);
	if (!(p->flags & PKTT_HIDE_DEFAULT) || pktt_negated(args, n) ||
	    is_needed(ctx->ext, args, n))
		return true;
	return !pktt_args_value_is_default(ctx, slot_const(args, p));
}

static void put_long(struct str *out, const char *name)
{
	str_putn(out, "--", 2);
	str_puts(out, name);
}

static void put_option(const struct pktt_context *ctx, const void *args, unsigned int n,
		       struct str *out)
{
	const struct pktt_param *p = ctx->param, *spelling = p;

	if (pktt_negated(args, n) && !(p->flags & PKTT_NEGATABLE)) {
		spelling = pktt_param_negation(ctx->ext, n);
		spelling = spelling ? spelling : p;
	} else if (pktt_negated(args, n)) {
		str_puts(out, "! ");
	}
	if (spelling->again)
		spelling = &ctx->ext->params[spelling->again - 1];
	if (spelling->letter)
		str_putn(out, (const char[]){ '-', spelling->letter }, 2);
	else
		put_long(out, spelling->name);
	if (p->type->print && !spelling->preset) {
		str_putc(out, ' ');
		p->type->print(ctx, slot_const(args, p), out);
	}
}

void pktt_args_print(const struct pktt_ext *ext, enum pktt_family family, const void *args,
		     struct str *out)
{
	size_t start = out->len;

	for (unsigned int n = 0; n < ext->nparams; n++) {
		struct pktt_context ctx = context(ext, family, n);

		if (ctx.param->same_as || !is_shown(&ctx, args, n))
			continue;
		if (out->len > start)
			str_putc(out, ' ');
		put_option(&ctx, args, n, out);
	}
}
