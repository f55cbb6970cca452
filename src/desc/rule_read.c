/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Overview: an option belongs to the target that was named last, else to the match that was loaded
 * last and has it, else to the head of the family (last, since -m policy has a --proto of its own).
 * One that belongs to none of them may load a match by itself: that of the rule's protocol, or in a
 * family that has such, one that says so (PKTT_EXT_IMPLICIT). Thus iptables, ip6tables, arptables
 * and ebtables all read their own spelling here, and what differs between them is in the tables of
 * the heads.
 */
#include "desc/rule_read.h"

#include "base/own.h"
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/catalog.h"
#include "desc/option_hint.h"
#include "desc/rule_protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Rules that one line may expand to. */
#define EXPANSION_MAX 65536u

/* Whom an option belongs to. */
struct owner {
	struct pktt_use *use;
	unsigned int n; /* parameter of use->ext */
};

void rule_read_init(struct rule_read *r, const struct pktt_source *src, enum pktt_family family,
		    struct words *words)
{
	*r = (struct rule_read){ .src = src, .family = family, .words = words };
}

void rule_read_fini(struct rule_read *r)
{
	pktt_rule_spec_free(&r->rule);
}

static int fail_memory(struct pktt_error *err)
{
	return pktt_fail(err, -ENOMEM, "no memory for a rule");
}

static void set_place(struct pktt_error *err, struct pktt_place place)
{
	if (err)
		err->place = place;
}

int rule_read_start(struct rule_read *r, struct pktt_error *err)
{
	int ret;

	if (r->rule)
		return 0;
	ret = pktt_rule_spec_new(&r->rule, r->src->catalog, r->family);
	if (ret == -EAFNOSUPPORT)
		return pktt_fail(err, ret, "there are no rules for this family");
	if (ret)
		return fail_memory(err);
	r->rule->place = lex_place(r->words->file, &r->words->word[0]);
	r->rule->head.place = r->rule->place;
	return 0;
}

static struct pktt_use *add_use(struct rule_read *r, const struct pktt_ext *ext,
				struct pktt_place place)
{
	struct pktt_use *use = pktt_rule_spec_add(r->rule, ext);

	if (!use)
		return NULL;
	use->place = place;
	r->recent = ext;
	return use;
}

/* --- Whose option it is ------------------------------------------------------------------- */

static bool ext_has(const struct rule_read *r, const struct pktt_ext *ext, const struct option *opt,
		    unsigned int *n)
{
	if (opt->letter)
		return pktt_args_lookup_letter(ext, r->family, opt->letter, n) == 0;
	return pktt_args_lookup(ext, r->family, opt->name, opt->len, n) == 0;
}

static bool is_owner(const struct rule_read *r, struct pktt_use *use, const struct option *opt,
		     struct owner *ret)
{
	if (!ext_has(r, use->ext, opt, &ret->n))
		return false;
	ret->use = use;
	return true;
}

static bool find_loaded(const struct rule_read *r, const struct option *opt, struct owner *ret)
{
	struct pktt_rule_spec *rule = r->rule;

	if (opt->letter)
		return is_owner(r, &rule->head, opt, ret);
	for (unsigned int i = rule->ntargets; i > 0; i--)
		if (is_owner(r, &rule->target[i - 1], opt, ret))
			return true;
	for (unsigned int i = rule->nmatches; i > 0; i--)
		if (is_owner(r, &rule->match[i - 1], opt, ret))
			return true;
	return is_owner(r, &rule->head, opt, ret);
}

/* The match of the rule's protocol, unless it is loaded. */
static const struct pktt_ext *implied_match(const struct rule_read *r)
{
	const char *name = NULL;
	bool is_negated;
	uint8_t protocol;

	if (pktt_rule_protocol(r->rule, &protocol, &is_negated))
		name = pktt_protocol_match(protocol);
	if (!name)
		return NULL;
	return pktt_catalog_lookup(r->src->catalog, PKTT_KIND_MATCH, name, r->family);
}

static const struct pktt_ext *implicit_match(const struct rule_read *r, const struct option *opt,
					     unsigned int *n)
{
	const struct pktt_ext *ext;

	for (size_t i = 0; (ext = pktt_catalog_at(r->src->catalog, i)); i++)
		if (ext->flags & PKTT_EXT_IMPLICIT && ext->families & PKTT_FAM(r->family) &&
		    ext_has(r, ext, opt, n))
			return ext;
	return NULL;
}

/* Load the match that the option asks for by itself. 1 if there is one, 0 if not, or -ENOMEM. */
static int load_for(struct rule_read *r, const struct option *opt, struct owner *ret)
{
	const struct pktt_ext *ext = opt->letter ? NULL : implied_match(r);

	if (ext && !ext_has(r, ext, opt, &ret->n))
		ext = NULL;
	if (!ext && !opt->letter && !(PKTT_FAM(r->family) & PKTT_FAM_IP))
		ext = implicit_match(r, opt, &ret->n);
	if (!ext)
		return 0;
	ret->use = add_use(r, ext, opt->place);
	return ret->use ? 1 : -ENOMEM;
}

/* --- Options by their beginning, as getopt takes them ------------------------------------- */

struct beginning {
	const struct option *opt;
	const struct pktt_ext *ext; /* whose option begins so; NULL: none does */
	unsigned int n;
	bool is_ambiguous;
};

static bool begins(const char *name, const struct option *opt)
{
	return strncmp(name, opt->name, opt->len) == 0;
}

static bool param_begins(const struct pktt_param *p, const struct option *opt)
{
	bool found = begins(p->name, opt);

	for (const char *at = p->aliases; !found && at && *at;) {
		found = begins(at, opt);
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return found;
}

static void consider(const struct rule_read *r, const struct pktt_ext *ext, struct beginning *b)
{
	for (unsigned int i = 0; ext && i < ext->nparams; i++) {
		if (!pktt_param_serves(&ext->params[i], r->family) ||
		    !param_begins(&ext->params[i], b->opt))
			continue;
		if (b->ext &&
		    (b->ext != ext || pktt_param_real(ext, b->n) != pktt_param_real(ext, i)))
			b->is_ambiguous = true;
		b->ext = ext;
		b->n = i;
	}
}

/* The option in full, if only one of those that the rule knows begins so. */
static bool complete(const struct rule_read *r, const struct option *opt, struct option *ret)
{
	const struct pktt_rule_spec *rule = r->rule;
	struct beginning b = { .opt = opt };

	if (opt->letter || opt->len == 0)
		return false;
	consider(r, rule->head.ext, &b);
	for (unsigned int i = 0; i < rule->nmatches; i++)
		consider(r, rule->match[i].ext, &b);
	if (rule->ntargets)
		consider(r, rule->target[rule->ntargets - 1].ext, &b);
	if (!b.ext) /* only then does iptables load it */
		consider(r, implied_match(r), &b);
	if (!b.ext || b.is_ambiguous)
		return false;
	*ret = *opt;
	ret->name = b.ext->params[b.n].name;
	ret->len = strlen(ret->name);
	return true;
}

static int fail_unknown(struct rule_read *r, const struct option *opt, struct pktt_error *err)
{
	const struct pktt_ext *implied = implied_match(r);

	set_place(err, opt->place);
	return option_hint(r->src->catalog, r->rule, r->recent ? r->recent : implied, implied, opt,
			   err);
}

static int find_owner(struct rule_read *r, const struct option *opt, struct owner *owner,
		      struct pktt_error *err)
{
	struct option full;
	int ret = find_loaded(r, opt, owner) ? 1 : load_for(r, opt, owner);

	if (ret == 0 && complete(r, opt, &full))
		ret = find_loaded(r, &full, owner) ? 1 : load_for(r, &full, owner);
	if (ret < 0)
		return fail_memory(err);
	return ret ? 0 : fail_unknown(r, opt, err);
}

/* --- Values ------------------------------------------------------------------------------- */

static const char *syntax_of(const struct owner *o)
{
	const struct pktt_ext *ext = o->use->ext;
	const struct pktt_type *type = ext->params[o->n].type;

	if (!type)
		type = ext->params[pktt_param_real(ext, o->n)].type;
	return type->syntax ? type->syntax : "a value";
}

/*
 * "--dport ! 80", as old versions wrote it. After a flag it belongs to the next option: "-f !
 * -p".
 */
static int take_inner_not(struct rule_read *r, const struct owner *o, const struct option *opt,
			  bool *is_negated, struct pktt_error *err)
{
	struct words *w = r->words;
	const struct pktt_param *p = &o->use->ext->params[o->n];

	if (opt->attached || w->at == w->n || !words_is_not(&w->word[w->at]) ||
	    !(p->flags & PKTT_NEGATABLE) || pktt_args_words(o->use->ext, o->n) == 0)
		return 0;
	set_place(err, lex_place(w->file, &w->word[w->at]));
	if (*is_negated)
		return pktt_fail(err, -EINVAL, "\"!\" is given twice");
	*is_negated = true;
	w->at++;
	return 0;
}

static int take_values(struct rule_read *r, const struct owner *o, struct option *opt,
		       const char **value, struct pktt_place *place)
{
	unsigned int n = pktt_args_words(o->use->ext, o->n);

	for (unsigned int i = 0; i < n && i < PKTT_WORDS_MAX; i++) {
		value[i] = words_value(r->words, opt, i > 0, place);
		if (!value[i])
			return -ENOENT;
	}
	return 0;
}

static bool is_address_list(const struct rule_read *r, const struct owner *o, const char *value)
{
	const struct pktt_ext *ext = o->use->ext;

	return ext->kind == PKTT_KIND_HEAD && value &&
	       ext->params[pktt_param_real(ext, o->n)].type == &pktt_type_prefix &&
	       strchr(value, ',') && !pktt_given(r->rule->head.args, pktt_param_real(ext, o->n));
}

static int take_list(struct rule_read *r, const struct owner *o, const char *value,
		     struct pktt_place place, struct pktt_error *err)
{
	unsigned int at = r->nlists;

	for (unsigned int i = 0; i < r->nlists; i++)
		if (r->list[i].param == o->n)
			return pktt_fail(err, -EEXIST, "--%s is given twice",
					 o->use->ext->params[o->n].name);
	if (r->nlists == pktt_countof(r->list))
		return pktt_fail(err, -EINVAL, "only two lists of addresses can stand in a rule");
	/* in the order of the parameters: sources vary slowest, as in iptables */
	if (at > 0 && r->list[0].param > o->n) {
		r->list[1] = r->list[0];
		at = 0;
	}
	r->list[at] = (struct address_list){ o->n, value, place };
	r->nlists++;
	return 0;
}

static int store(struct rule_read *r, const struct owner *o, bool is_negated,
		 const char *const *value, struct pktt_error *err)
{
	const struct pktt_ext *ext = o->use->ext;
	unsigned int n = pktt_args_in_group(ext, o->use->args, o->n);
	unsigned int real = pktt_param_real(ext, n);
	struct pktt_context ctx = { &ext->params[real], ext, r->family };
	int ret = pktt_args_take(ext, r->family, o->use->args, n, is_negated, value, err);

	/* again in finish(), but only here is the place of the value known */
	if (ret == 0)
		ret = pktt_args_value_check(&ctx, (char *)o->use->args + ctx.param->offset, err);
	return ret;
}

static int take_owned(struct rule_read *r, const struct owner *o, struct option *opt,
		      struct pktt_error *err)
{
	const struct pktt_param *p = &o->use->ext->params[o->n];
	const char *value[PKTT_WORDS_MAX] = { NULL, NULL };
	struct pktt_place place = opt->place;
	bool is_negated = r->bang;
	int ret = take_inner_not(r, o, opt, &is_negated, err);

	if (ret)
		return ret;
	ret = take_values(r, o, opt, value, &place);
	set_place(err, place);
	if (ret)
		return pktt_fail(err, -EINVAL, "--%s needs %s after it", p->name, syntax_of(o));
	if (r->bang && !(p->flags & PKTT_NEGATABLE))
		set_place(err, lex_place(r->words->file, r->bang));
	if (!is_address_list(r, o, value[0]))
		return store(r, o, is_negated, value, err);
	if (is_negated)
		return pktt_fail(err, -EINVAL,
				 "\"!\" does not go with several addresses: none would match all");
	return take_list(r, o, value[0], place, err);
}

/* --- -m, -j, -g --------------------------------------------------------------------------- */

static int take_match(struct rule_read *r, struct option *opt, struct pktt_error *err)
{
	struct pktt_place place = opt->place;
	const char *name = words_value(r->words, opt, false, &place);
	const struct pktt_ext *ext;

	set_place(err, place);
	if (!name)
		return pktt_fail(err, -EINVAL, "-m needs the name of a match after it");
	ext = pktt_catalog_lookup(r->src->catalog, PKTT_KIND_MATCH, name, r->family);
	if (!ext)
		return option_hint_match(r->src->catalog, name, r->family, err);
	return add_use(r, ext, place) ? 0 : fail_memory(err);
}

static int take_jump(struct rule_read *r, const char *chain, bool is_goto, struct pktt_place place,
		     struct pktt_error *err)
{
	const struct pktt_ext *ext =
		pktt_catalog_lookup(r->src->catalog, PKTT_KIND_TARGET, "jump", r->family);
	struct pktt_use *use;
	unsigned int n;
	int ret = 0;

	if (!ext || !(ext->flags & PKTT_EXT_JUMP))
		return pktt_fail(err, -ENOENT, "there is no target %.60s, and no jumps", chain);
	use = add_use(r, ext, place);
	if (!use)
		return fail_memory(err);
	if (is_goto && pktt_args_lookup(ext, r->family, "goto", 4, &n) == 0)
		ret = pktt_args_take(ext, r->family, use->args, n, false, &chain, err);
	if (ret == 0 && pktt_args_lookup(ext, r->family, "chain", 5, &n) == 0)
		ret = pktt_args_take(ext, r->family, use->args, n, false, &chain, err);
	return ret;
}

static int take_target(struct rule_read *r, struct option *opt, bool is_goto,
		       struct pktt_error *err)
{
	struct pktt_place place = opt->place;
	const char *name = words_value(r->words, opt, false, &place);
	bool has_target = r->rule->ntargets > pktt_rule_spec_watchers(r->rule);
	const struct pktt_ext *ext = NULL;

	set_place(err, has_target ? opt->place : place);
	if (!name)
		return pktt_fail(err, -EINVAL, "%s after it",
				 is_goto ? "-g needs a chain" : "-j needs a target or a chain");
	if (has_target && !r->src->is_native)
		return pktt_fail(err, -EINVAL, "a rule of iptables has one target; several need %s",
				 "the native form");
	if (!is_goto)
		ext = pktt_catalog_lookup(r->src->catalog, PKTT_KIND_TARGET, name, r->family);
	if (!ext || ext->flags & PKTT_EXT_JUMP)
		return take_jump(r, name, is_goto, place, err);
	return add_use(r, ext, place) ? 0 : fail_memory(err);
}

enum loader { LOADS_NOTHING, LOADS_MATCH, LOADS_TARGET, LOADS_GOTO };

static enum loader loader_of(const struct option *opt)
{
	static const struct {
		const char *name;
		char letter;
		enum loader loader;
	} loaders[] = {
		{ "match", 'm', LOADS_MATCH },
		{ "jump", 'j', LOADS_TARGET },
		{ "goto", 'g', LOADS_GOTO },
	};

	for (size_t i = 0; i < pktt_countof(loaders); i++) {
		if (opt->letter && opt->letter == loaders[i].letter)
			return loaders[i].loader;
		if (!opt->letter && opt->len == strlen(loaders[i].name) &&
		    memcmp(opt->name, loaders[i].name, opt->len) == 0)
			return loaders[i].loader;
	}
	return LOADS_NOTHING;
}

static int load(struct rule_read *r, enum loader loader, struct option *opt, struct pktt_error *err)
{
	if (r->bang) {
		set_place(err, lex_place(r->words->file, r->bang));
		return pktt_fail(err, -EINVAL,
				 "\"!\" stands before an option of a match, not here");
	}
	if (loader == LOADS_MATCH)
		return take_match(r, opt, err);
	return take_target(r, opt, loader == LOADS_GOTO, err);
}

int rule_read_option(struct rule_read *r, struct option *opt, struct pktt_error *err)
{
	enum loader loader = loader_of(opt);
	struct owner owner = { NULL, 0 };
	int ret = rule_read_start(r, err);

	if (ret)
		return ret;
	if (loader) {
		ret = load(r, loader, opt, err);
	} else {
		ret = find_owner(r, opt, &owner, err);
		if (ret == 0)
			ret = take_owned(r, &owner, opt, err);
	}
	r->bang = NULL;
	return ret;
}

static bool lacks(const struct rule_read *r, const struct pktt_use *use, const char *name)
{
	unsigned int n;

	return pktt_args_lookup(use->ext, r->family, name, strlen(name), &n) == 0 &&
	       !pktt_given(use->args, pktt_param_real(use->ext, n));
}

bool rule_read_owns_name(const struct rule_read *r, const char *name)
{
	for (unsigned int i = 0; r->rule && i < r->rule->nmatches; i++)
		if (lacks(r, &r->rule->match[i], name))
			return true;
	for (unsigned int i = 0; r->rule && i < r->rule->ntargets; i++)
		if (lacks(r, &r->rule->target[i], name))
			return true;
	return false;
}

/* --- Handing over ------------------------------------------------------------------------- */

static unsigned int count_addresses(const struct address_list *list)
{
	unsigned int n = 1;

	for (const char *c = list->text; *c; c++)
		n += *c == ',';
	return n;
}

/* The address number i of a list into the rule. */
static int put_address(struct rule_read *r, struct pktt_rule_spec *rule,
		       const struct address_list *list, unsigned int i, struct pktt_error *err)
{
	PKTT_AUTO_FREE char *address = NULL;
	struct owner owner = { &rule->head, list->param };
	const char *at = list->text, *word;

	while (i--)
		at = strchr(at, ',') + 1;
	set_place(err, list->place);
	address = strndup(at, strcspn(at, ","));
	if (!address)
		return fail_memory(err);
	if (address[0] == '\0')
		return pktt_fail(err, -EINVAL, "an address of the list is empty");
	word = address;
	return store(r, &owner, false, &word, err);
}

/* Rule number k of the expansion: the last list varies fastest. */
static int put_addresses(struct rule_read *r, struct pktt_rule_spec *rule, unsigned int k,
			 struct pktt_error *err)
{
	int ret = 0;

	for (unsigned int l = r->nlists; ret == 0 && l > 0; l--) {
		unsigned int n = count_addresses(&r->list[l - 1]);

		ret = put_address(r, rule, &r->list[l - 1], k % n, err);
		k /= n;
	}
	return ret;
}

static int hand_over(struct pktt_rule_spec **rule,
		     int (*take)(void *ctx, struct pktt_rule_spec **rule, struct pktt_error *err),
		     void *ctx, struct pktt_error *err)
{
	int ret = pktt_rule_spec_finish(*rule, err);

	set_place(err, ret ? err->place : (struct pktt_place){ 0 });
	return ret ? ret : take(ctx, rule, err);
}

int rule_read_each(struct rule_read *r,
		   int (*take)(void *ctx, struct pktt_rule_spec **rule, struct pktt_error *err),
		   void *ctx, struct pktt_error *err)
{
	uint64_t total = 1;

	for (unsigned int l = 0; l < r->nlists; l++)
		total *= count_addresses(&r->list[l]);
	if (total > EXPANSION_MAX) {
		set_place(err, r->list[0].place);
		return pktt_fail(err, -E2BIG, "the lists of addresses make more than %u rules",
				 EXPANSION_MAX);
	}
	for (unsigned int k = 0; r->nlists && k < total; k++) {
		PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *copy = NULL;
		int ret = pktt_rule_spec_copy(&copy, r->rule);

		if (ret)
			return fail_memory(err);
		ret = put_addresses(r, copy, k, err);
		if (ret == 0)
			ret = hand_over(&copy, take, ctx, err);
		if (ret)
			return ret;
	}
	return r->nlists ? 0 : hand_over(&r->rule, take, ctx, err);
}
