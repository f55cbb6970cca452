/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who uses a set: rules that name it, and lists that hold it. */
#include "core/set_store.h"

#include "core/store.h"

#include <errno.h>
#include <string.h>

/* Rules of the transaction's view that were born from one generation on, and before another. */
struct view {
	const struct pktt_txn *txn;
	uint64_t from, before;
};

static bool use_names(const struct use *use, const char *name)
{
	for (unsigned int n = 0; n < use->ext->nparams; n++) {
		const struct pktt_param *p = &use->ext->params[n];
		const struct pktt_set_ref *ref =
			(const void *)((const char *)use->args + p->offset);

		if (p->type == &pktt_type_set_ref && pktt_given(use->args, n) &&
		    strcmp(ref->name, name) == 0)
			return true;
	}
	return false;
}

static bool rule_names(const struct rule *rule, const char *name)
{
	const struct pktt_rule_spec *spec = rule->pub.spec;

	for (unsigned int i = 0; i < spec->nmatches; i++)
		if (use_names(&rule->match[i], name))
			return true;
	for (unsigned int i = 0; i < spec->ntargets; i++)
		if (use_names(&rule->target[i], name))
			return true;
	return false;
}

static const struct rule *rule_of_chain(const struct view *view, const struct pktt_chain *chain,
					const char *name)
{
	struct rule *rule = NULL;

	if (!life_is_at(&chain->life, view->txn->gen))
		return NULL;
	while ((rule = rule_next_at(chain, rule, view->txn->gen)))
		if (rule->life.born >= view->from && rule->life.born < view->before &&
		    rule_names(rule, name))
			return rule;
	return NULL;
}

static const struct rule *find_rule(const struct view *view, const char *name)
{
	list_for_each (t, &view->txn->engine->tables) {
		list_for_each (c, &list_entry(t, struct pktt_table, node)->chains) {
			const struct rule *rule =
				rule_of_chain(view, list_entry(c, struct pktt_chain, node), name);

			if (rule)
				return rule;
		}
	}
	return NULL;
}

static const struct pktt_set *find_list(const struct pktt_txn *txn, const struct pktt_set *set)
{
	const struct pktt_set_store *store = txn->engine->sets;

	for (size_t i = 0; i < store->nsets; i++) {
		const struct pktt_set *list = store->set[i];
		struct set_member *m = NULL;

		if (list->type->store != SET_LIST || !life_is_at(&list->life, txn->gen))
			continue;
		while ((m = set_member_next(list, m, txn->gen)))
			if (m->set == set)
				return list;
	}
	return NULL;
}

static int check(const struct view *view, const struct pktt_set *set, struct pktt_error *err)
{
	/* Rules and lists hold what they name; those that died may still do. */
	bool is_held = __atomic_load_n(&set->refs, __ATOMIC_RELAXED) > 1;
	const struct rule *rule = is_held ? find_rule(view, set->key) : NULL;
	const struct pktt_set *list = is_held && !rule ? find_list(view->txn, set) : NULL;
	const struct pktt_chain *chain = rule ? rule->pub.chain : NULL;

	if (rule)
		return pktt_fail(err, -EBUSY, "set %s is used by a rule of chain %s, table %s",
				 set->key, chain_name(chain), chain->table->name);
	if (list)
		return pktt_fail(err, -EBUSY, "set %s is in the list %s", set->key, list->name);
	return 0;
}

int set_check_unused(const struct pktt_txn *txn, const struct pktt_set *set, struct pktt_error *err)
{
	return check(&(struct view){ txn, 0, UINT64_MAX }, set, err);
}

int set_check_unused_by_old(const struct pktt_txn *txn, const struct pktt_set *set,
			    struct pktt_error *err)
{
	return check(&(struct view){ txn, 0, txn->gen }, set, err);
}

int set_check_unused_by_new(const struct pktt_txn *txn, const struct pktt_set *set,
			    struct pktt_error *err)
{
	const struct rule *rule = find_rule(&(struct view){ txn, txn->gen, UINT64_MAX }, set->key);

	if (!rule)
		return 0;
	return pktt_fail(err, -EBUSY, "set %s is used by a rule before this line", set->key);
}

/* --- Sets that another one of their name has replaced ----------------------------------------------- */

int pktt_set_txn_verify(struct pktt_txn *txn, struct pktt_errors *errs)
{
	int r = 0;

	for (const struct set_undo *u = set_store_of(txn)->undo; u; u = u->older) {
		struct pktt_error err = { 0 };

		if (u->what != SET_UNDO_REPLACED)
			continue;
		if (set_check_unused_by_old(txn, u->set, &err)) {
			pktt_errors_add(errs, &err);
			r = err.code;
		}
	}
	return r;
}
