/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one head, match or target of a rule is set to.
 *
 * Text goes the way of a command line (desc/args.h); numbers and bytes: use_value.c. The rule's check
 * judges them all.
 */
#include "libpkttnetlink/use.h"

#include "base/own.h"
#include "desc/args.h"
#include "desc/catalog.h"

#include <errno.h>
#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))

/* --- Uses of a rule --------------------------------------------------------------------------- */

static struct pkttnl_use *use_of(struct pkttnl_rule *rule, const struct pktt_use *of)
{
	struct pkttnl_use *use;

	for (use = rule->uses; use; use = use->next)
		if (use->args == of->args)
			return use;
	use = calloc(1, sizeof(*use));
	if (!use)
		return NULL;
	*use = (struct pkttnl_use){ rule->uses, rule, of->ext, of->args };
	rule->uses = use;
	return use;
}

unsigned int pkttnl_rule_uses(const struct pkttnl_rule *rule, enum pkttnl_kind kind)
{
	if (kind == PKTTNL_MATCH)
		return rule->spec->nmatches;
	if (kind == PKTTNL_TARGET)
		return rule->spec->ntargets;
	return kind == PKTTNL_HEAD ? 1 : 0;
}

struct pkttnl_use *pkttnl_rule_use(struct pkttnl_rule *rule, enum pkttnl_kind kind,
				   unsigned int index)
{
	if (index >= pkttnl_rule_uses(rule, kind))
		return NULL;
	if (kind == PKTTNL_HEAD)
		return use_of(rule, &rule->spec->head);
	return use_of(rule, kind == PKTTNL_MATCH ? &rule->spec->match[index]
						 : &rule->spec->target[index]);
}

static int fail_ext(const struct pkttnl_rule *rule, enum pkttnl_kind kind, const char *name,
		    struct pkttnl_error *err)
{
	const char *meant = pktt_catalog_suggest(rule->cat->desc, (enum pktt_ext_kind)kind, name,
						 rule->spec->family);
	const char *what = kind == PKTTNL_MATCH ? "match" : "target";

	if (meant)
		return pkttnl_fail(err, -ENOENT, "there is no %s %.60s; did you mean %s?", what,
				   name, meant);
	return pkttnl_fail(err, -ENOENT, "there is no %s %.60s", what, name);
}

int pkttnl_rule_add(struct pkttnl_use **ret, struct pkttnl_rule *rule, enum pkttnl_kind kind,
		    const char *name, struct pkttnl_error *err)
{
	const struct pktt_ext *ext;
	struct pkttnl_use *use;
	struct pktt_use *added;

	if (kind != PKTTNL_MATCH && kind != PKTTNL_TARGET)
		return pkttnl_fail(err, -EINVAL, "a rule takes matches and targets");
	ext = pktt_catalog_lookup(rule->cat->desc, (enum pktt_ext_kind)kind, name,
				  rule->spec->family);
	if (!ext)
		return fail_ext(rule, kind, name, err);
	added = pktt_rule_spec_add(rule->spec, ext);
	use = added ? use_of(rule, added) : NULL;
	if (!use)
		return pkttnl_no_memory(err);
	if (ret)
		*ret = use;
	return 0;
}

void pkttnl_use_remove(struct pkttnl_use **use)
{
	struct pkttnl_use *u = pktt_take(use), **at;

	if (!pktt_rule_spec_remove(u->rule->spec, u->args))
		return; /* the head stays */
	for (at = &u->rule->uses; *at != u;)
		at = &(*at)->next;
	*at = u->next;
	free(u);
}

const struct pkttnl_ext *pkttnl_use_ext(const struct pkttnl_use *use)
{
	return pkttnl_catalog_wrapped(use->rule->cat, use->ext);
}

/* --- One option ------------------------------------------------------------------------------- */

bool pkttnl_value_lookup(const struct pkttnl_use *use, const char *param, struct pkttnl_value *ret)
{
	enum pktt_family family = use->rule->spec->family;

	if (pktt_args_lookup(use->ext, family, param, strlen(param), &ret->option))
		return false;
	ret->n = pktt_param_real(use->ext, ret->option);
	ret->ctx = (struct pktt_context){ &use->ext->params[ret->n], use->ext, family };
	ret->val = (char *)use->args + ret->ctx.param->offset;
	return true;
}

int pkttnl_value_need(const struct pkttnl_use *use, const char *param, struct pkttnl_value *ret,
		      struct pkttnl_error *err)
{
	const char *meant;

	if (pkttnl_value_lookup(use, param, ret))
		return 0;
	meant = pktt_args_suggest(use->ext, use->rule->spec->family, param);
	if (meant)
		return pkttnl_fail(err, -ENOENT, "%s has no option --%.60s; did you mean --%s?",
				   use->ext->name, param, meant);
	return pkttnl_fail(err, -ENOENT, "%s has no option --%.60s", use->ext->name, param);
}

bool pkttnl_use_has(const struct pkttnl_use *use, const char *param)
{
	struct pkttnl_value v;

	return pkttnl_value_lookup(use, param, &v) && pktt_given(use->args, v.n);
}

bool pkttnl_use_is_not(const struct pkttnl_use *use, const char *param)
{
	struct pkttnl_value v;

	return pkttnl_value_lookup(use, param, &v) && pktt_given(use->args, v.n) &&
	       pktt_negated(use->args, v.n);
}

static void forget(struct pkttnl_use *use, const struct pkttnl_value *v)
{
	struct pktt_args *head = use->args;

	pktt_args_value_reset(v->ctx.param, v->val);
	head->given &= ~BIT(v->n);
	head->negated &= ~BIT(v->n);
}

int pkttnl_use_unset(struct pkttnl_use *use, const char *param, struct pkttnl_error *err)
{
	struct pkttnl_value v;
	int r = pkttnl_value_need(use, param, &v, err);

	if (r == 0)
		forget(use, &v);
	return r;
}

int pkttnl_use_set_not(struct pkttnl_use *use, const char *param, bool is_not,
		       struct pkttnl_error *err)
{
	struct pktt_args *head = use->args;
	struct pkttnl_value v;
	int r = pkttnl_value_need(use, param, &v, err);

	if (r)
		return r;
	if (!pktt_given(use->args, v.n))
		return pkttnl_fail(err, -ENOENT, "--%.60s was not given", param);
	if (is_not && !(v.ctx.param->flags & PKTT_NEGATABLE))
		return pkttnl_fail(err, -EINVAL, "\"!\" does not apply to --%.60s", param);
	head->negated = is_not ? head->negated | BIT(v.n) : head->negated & ~BIT(v.n);
	return 0;
}

/* --- Text ------------------------------------------------------------------------------------- */

/* The words of a value, in copy, which is the caller's to free. */
static int split(const struct pkttnl_use *use, unsigned int option, const char *value,
		 const char *word[PKTT_WORDS_MAX], char **copy)
{
	unsigned int words = pktt_args_words(use->ext, option);

	if (words == 0)
		return value && *value ? -EINVAL : 0;
	if (!value)
		return -EINVAL;
	word[0] = value;
	if (words == 1)
		return 0;
	*copy = strdup(value);
	if (!*copy)
		return -ENOMEM;
	return pktt_words_split(*copy, word, PKTT_WORDS_MAX) == (int)words ? 0 : -EINVAL;
}

static int fail_words(const struct pkttnl_use *use, const struct pkttnl_value *v, const char *param,
		      struct pkttnl_error *err)
{
	const struct pktt_param *p = &use->ext->params[v->option];
	const struct pktt_type *type = p->type ? p->type : v->ctx.param->type;

	if (pktt_args_words(use->ext, v->option) == 0)
		return pkttnl_fail(err, -EINVAL, "--%.60s takes no value", param);
	return pkttnl_fail(err, -EINVAL, "--%.60s takes %s", param, type->syntax);
}

static int set_text(struct pkttnl_use *use, const char *param, const char *value, bool is_not,
		    struct pkttnl_error *err)
{
	const char *word[PKTT_WORDS_MAX] = { NULL, NULL };
	PKTT_AUTO_FREE char *copy = NULL;
	struct pktt_error e = { 0 };
	struct pkttnl_value v;
	int r = pkttnl_value_need(use, param, &v, err);

	if (r)
		return r;
	r = split(use, v.option, value, word, &copy);
	if (r == -ENOMEM)
		return pkttnl_no_memory(err);
	if (r)
		return fail_words(use, &v, param, err);
	if (pktt_args_in_group(use->ext, use->args, v.option) == v.option)
		((struct pktt_args *)use->args)->given &= ~BIT(v.n);
	r = pktt_args_take(use->ext, v.ctx.family, use->args, v.option, is_not, word, &e);
	return pkttnl_told(err, &e, r);
}

int pkttnl_use_set(struct pkttnl_use *use, const char *param, const char *value,
		   struct pkttnl_error *err)
{
	return set_text(use, param, value, false, err);
}

/* The last use of that name, a match before a target; added where there is none. */
static int use_named(struct pkttnl_rule *rule, const char *ext, struct pkttnl_use **ret,
		     struct pkttnl_error *err)
{
	static const enum pkttnl_kind kinds[] = { PKTTNL_MATCH, PKTTNL_TARGET };
	enum pkttnl_kind missing = PKTTNL_MATCH;
	const struct pktt_ext *found = NULL;

	for (size_t k = pktt_countof(kinds); k-- > 0;) {
		const struct pktt_ext *e = pktt_catalog_lookup(
			rule->cat->desc, (enum pktt_ext_kind)kinds[k], ext, rule->spec->family);

		if (e) {
			found = e;
			missing = kinds[k];
		}
	}
	for (unsigned int i = pkttnl_rule_uses(rule, missing); found && i-- > 0;) {
		*ret = pkttnl_rule_use(rule, missing, i);
		if (*ret && (*ret)->ext == found)
			return 0;
	}
	return pkttnl_rule_add(ret, rule, missing, ext, err);
}

static int set_by_name(struct pkttnl_rule *rule, const char *ext, const char *param,
		       const char *value, bool is_not, struct pkttnl_error *err)
{
	struct pkttnl_use *use = NULL;
	int r = 0;

	if (ext)
		r = use_named(rule, ext, &use, err);
	else
		use = pkttnl_rule_use(rule, PKTTNL_HEAD, 0);
	if (r)
		return r;
	if (!use)
		return pkttnl_no_memory(err);
	return set_text(use, param, value, is_not, err);
}

int pkttnl_rule_set(struct pkttnl_rule *rule, const char *ext, const char *param, const char *value,
		    struct pkttnl_error *err)
{
	return set_by_name(rule, ext, param, value, false, err);
}

int pkttnl_rule_set_not(struct pkttnl_rule *rule, const char *ext, const char *param,
			const char *value, struct pkttnl_error *err)
{
	return set_by_name(rule, ext, param, value, true, err);
}

int pkttnl_rule_target(struct pkttnl_rule *rule, const char *name, struct pkttnl_error *err)
{
	return pkttnl_rule_add(NULL, rule, PKTTNL_TARGET, name, err);
}

int pkttnl_rule_jump(struct pkttnl_rule *rule, const char *chain, bool is_goto,
		     struct pkttnl_error *err)
{
	struct pkttnl_use *use = NULL;
	int r = pkttnl_rule_add(&use, rule, PKTTNL_TARGET, "jump", err);

	if (r == 0)
		r = pkttnl_use_set(use, "chain", chain, err);
	if (r == 0 && is_goto)
		r = pkttnl_use_set(use, "goto", NULL, err);
	if (r && use)
		pkttnl_use_remove(&use);
	return r;
}

int pkttnl_use_text(const struct pkttnl_use *use, const char *param, char *buf, size_t room)
{
	struct str text = STR_INIT;
	struct pkttnl_value v;

	if (!pkttnl_value_lookup(use, param, &v))
		return -ENOENT;
	if (!pktt_given(use->args, v.n) && !v.ctx.param->def)
		return -ENOENT;
	pktt_args_value_text(&v.ctx, v.val, &text);
	return pkttnl_text_out(&text, buf, room);
}

int pkttnl_use_set_flag(struct pkttnl_use *use, const char *param, bool value,
			struct pkttnl_error *err)
{
	return value ? set_text(use, param, NULL, false, err) : pkttnl_use_unset(use, param, err);
}
