/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a commit refuses: jumps to nowhere, loops, and extensions where they cannot work. Only rules
 * that the transaction touched, or chains that a new edge made a hook reach, are looked at.
 */
#include "core/store.h"

#include "base/own.h"
#include "desc/catalog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int at_use(struct pktt_error *err, const struct pktt_use *use, int code)
{
	if (err)
		err->place = use->place;
	return code;
}

/* "INPUT, WEB-IN": as many as fit. */
static void list_chains(const struct pktt_table *table, uint64_t gen, char *text, size_t room)
{
	size_t len = 0;

	text[0] = '\0';
	list_for_each (n, &table->chains) {
		const struct pktt_chain *c = list_entry(n, struct pktt_chain, node);

		if (!life_is_at(&c->life, gen))
			continue;
		if (len + strlen(chain_name(c)) + 8 > room) {
			snprintf(text + len, room - len, ", ...");
			return;
		}
		len += (size_t)snprintf(text + len, room - len, "%s%s", len ? ", " : "",
					chain_name(c));
	}
}

static int no_chain(const struct pktt_txn *txn, const struct pktt_table *table, const char *name,
		    struct pktt_error *err)
{
	const char *near =
		pktt_catalog_suggest(txn->engine->catalog, PKTT_KIND_TARGET, name, table->family);
	char known[120];

	if (near)
		return pktt_fail(err, -ENOENT,
				 "%s is neither a target nor a chain; did you mean %s?", name,
				 near);
	list_chains(table, txn->gen, known, sizeof(known));
	return pktt_fail(err, -ENOENT, "chain %s is not defined (defined: %s)", name, known);
}

static int resolve(struct pktt_txn *txn, struct rule *rule, struct jump *jump,
		   struct pktt_error *err)
{
	const struct pktt_use *use = &rule->pub.spec->target[jump->target];
	const struct pktt_jump_args *args = use->args;
	struct pktt_chain *to = chain_at(rule->pub.chain->table, args->chain, txn->gen);

	if (jump->is_linked)
		return 0;
	if (!to)
		return at_use(err, use, no_chain(txn, rule->pub.chain->table, args->chain, err));
	if (to->is_base)
		return at_use(err, use,
			      pktt_fail(err, -EINVAL, "%s is a built-in chain: no rule jumps to it",
					chain_name(to)));
	graph_link(jump, to);
	return 0;
}

int verify_resolve(struct pktt_txn *txn, struct rule *rule, struct pktt_error *err)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < rule->njumps; i++)
		r = resolve(txn, rule, &rule->jump[i], err);
	return r;
}

static bool names_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *w = words; (w = strstr(w, word)); w += len)
		if ((w == words || w[-1] == ' ') && (w[len] == ' ' || w[len] == '\0'))
			return true;
	return false;
}

static void list_hooks(const struct pktt_l3 *l3, uint32_t hooks, char *text, size_t room)
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned int h = 0; h < PKTT_HOOK_COUNT; h++)
		if (hooks & PKTT_HOOK(h) && l3->hook_name[h] && len < room)
			len += (size_t)snprintf(text + len, room - len, "%s%s", len ? ", " : "",
						l3->hook_name[h]);
}

static int check_hooks(const struct pktt_use *use, const struct pktt_chain *chain,
		       struct pktt_error *err)
{
	const struct pktt_l3 *l3 = pktt_l3_of(chain->table->family);
	const struct pktt_ext *ext = use->ext;
	uint32_t hooks = ext->hooks_for ? ext->hooks_for(use->args) : ext->hooks;
	uint32_t wrong = hooks ? chain->hooks & ~hooks : 0;
	char reached[80], good[80];

	if (!wrong)
		return 0;
	list_hooks(l3, wrong, reached, sizeof(reached));
	list_hooks(l3, hooks, good, sizeof(good));
	if (chain->is_base)
		return pktt_fail(err, -EINVAL, "%s works in %s, not in %s", ext->name, good,
				 chain_name(chain));
	return pktt_fail(err, -EINVAL, "%s works in %s, but chain %s is reached from %s", ext->name,
			 good, chain_name(chain), reached);
}

static bool needs_ct(const struct pktt_use *use)
{
	const struct pktt_ext *ext = use->ext;

	return ext->flags & PKTT_EXT_NEEDS_CT && (!ext->needs_ct || ext->needs_ct(use->args));
}

bool rule_is_stateful(const struct rule *rule)
{
	const struct pktt_rule_spec *spec = rule->pub.spec;
	const struct pktt_table *table = rule->pub.chain->table;

	if (table->family != PKTT_BRIDGE && strcmp(table->name, "nat") == 0)
		return true;
	for (unsigned int i = 0; i < spec->nmatches; i++)
		if (needs_ct(&spec->match[i]))
			return true;
	for (unsigned int i = 0; i < spec->ntargets; i++)
		if (needs_ct(&spec->target[i]))
			return true;
	return false;
}

static int check_use(const struct pktt_txn *txn, const struct pktt_use *use,
		     const struct pktt_chain *chain, struct pktt_error *err)
{
	const struct pktt_ext *ext = use->ext;
	const char *tables = ext->tables_for ? ext->tables_for(use->args) : ext->tables;

	if (tables && !names_word(tables, chain->table->name))
		return pktt_fail(err, -EINVAL, "%s belongs in table %s, not in %s", ext->name,
				 tables, chain->table->name);
	if (needs_ct(use) && chain->hooks && txn->engine->config.refuse_stateful)
		return pktt_fail(err, -EOPNOTSUPP, "%s cannot be evaluated: %s", ext->name,
				 ext->why);
	return check_hooks(use, chain, err);
}

/* The nat table of IPv4 and IPv6 is asked once per connection, never per packet. */
static int check_nat(const struct pktt_txn *txn, const struct rule *rule, struct pktt_error *err)
{
	const struct pktt_chain *chain = rule->pub.chain;

	if (!txn->engine->config.refuse_stateful || !chain->hooks ||
	    chain->table->family == PKTT_BRIDGE || strcmp(chain->table->name, "nat") != 0)
		return 0;
	err->place = rule->pub.spec->place;
	return pktt_fail(err, -EOPNOTSUPP,
			 "a rule of table nat cannot be evaluated: it needs connection tracking");
}

static int check_rule(const struct pktt_txn *txn, const struct rule *rule, struct pktt_error *err)
{
	const struct pktt_rule_spec *spec = rule->pub.spec;

	for (unsigned int i = 0; i < spec->nmatches + spec->ntargets; i++) {
		const struct pktt_use *use =
			i < spec->nmatches ? &spec->match[i] : &spec->target[i - spec->nmatches];
		int r = check_use(txn, use, rule->pub.chain, err);

		if (r)
			return at_use(err, use, r);
	}
	return check_nat(txn, rule, err);
}

/* Run step over every touched rule that will be there; later steps see what earlier ones touch. */
static int for_touched(struct pktt_txn *txn, struct pktt_errors *errs, uint64_t serial,
		       int (*step)(struct pktt_txn *txn, struct rule *rule, uint64_t serial,
				   struct pktt_error *err))
{
	int ret = 0;

	list_for_each (n, &txn->touched) {
		struct rule *rule = list_entry(n, struct pending, node)->object;
		struct pktt_error err;
		int r = 0;

		/* Its text is written where there is an error: clearing it for each rule would cost. */
		err.place = (struct pktt_place){ 0 };
		err.code = 0;
		err.text[0] = '\0';
		if (life_is_at(&rule->life, txn->gen))
			r = step(txn, rule, serial, &err);
		if (r == 0)
			continue;
		if (err.place.line == 0)
			err.place = rule->pub.spec->place;
		pktt_errors_add(errs, &err);
		ret = r;
	}
	return ret;
}

static int step_resolve(struct pktt_txn *txn, struct rule *rule, uint64_t serial,
			struct pktt_error *err)
{
	(void)serial;
	return verify_resolve(txn, rule, err);
}

static int step_loops(struct pktt_txn *txn, struct rule *rule, uint64_t serial,
		      struct pktt_error *err)
{
	return rule->njumps ? graph_check_loop(txn, rule->pub.chain, serial, err) : 0;
}

static int step_hooks(struct pktt_txn *txn, struct rule *rule, uint64_t serial,
		      struct pktt_error *err)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < rule->njumps; i++)
		r = graph_update_hooks(txn, rule->jump[i].to, serial);
	return r ? pktt_fail(err, r, "no memory to follow jumps") : 0;
}

static int step_check(struct pktt_txn *txn, struct rule *rule, uint64_t serial,
		      struct pktt_error *err)
{
	(void)serial;
	return check_rule(txn, rule, err);
}

/* Chains that a rule which goes no longer leads to. */
static int update_after_deaths(struct pktt_txn *txn, uint64_t serial)
{
	int r = 0;

	for (const struct undo *u = txn->undo; r == 0 && u; u = u->older) {
		const struct rule *rule = u->object;

		if (u->kind != KIND_RULE || u->what != UNDO_DIED)
			continue;
		for (unsigned int i = 0; r == 0 && i < rule->njumps; i++)
			if (rule->jump[i].is_linked)
				r = graph_update_hooks(txn, rule->jump[i].to, serial);
	}
	return r;
}

static int follow_jumps(struct pktt_txn *txn, struct pktt_errors *errs, int *loops)
{
	int r = for_touched(txn, errs, 0, step_resolve);

	*loops = for_touched(txn, errs, ++txn->engine->visits, step_loops);
	if (r == 0 && *loops == 0)
		r = update_after_deaths(txn, ++txn->engine->visits);
	if (r == 0 && *loops == 0)
		r = for_touched(txn, errs, ++txn->engine->visits, step_hooks);
	return r;
}

/*
 * Rules are checked even where a jump leads nowhere, so that one run tells all; a loop ends it,
 * since the hooks that reach a chain are then not to be had. Without jumps no chain is reached anew.
 */
int verify_commit(struct pktt_txn *txn, struct pktt_errors *errs)
{
	int loops = 0, check;
	int r = txn->has_jumps ? follow_jumps(txn, errs, &loops) : 0;

	if (loops)
		return loops;
	check = for_touched(txn, errs, 0, step_check);
	return r ? r : check;
}
