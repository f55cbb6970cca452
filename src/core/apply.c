/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of the language, carried out in a transaction. */
#include "core/set.h"
#include "core/store.h"

#include "base/own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct job {
	struct pktt_txn *txn;
	struct pktt_command *cmd;
	unsigned int flags;
	struct pktt_table *table;
	struct pktt_chain *chain;
};

static int rule_kill(struct pktt_txn *txn, struct rule *rule)
{
	return txn_died(txn, KIND_RULE, rule);
}

static int flush_chain(struct pktt_txn *txn, const struct pktt_chain *chain)
{
	int r = 0;

	for (struct rule *rule = NULL; r == 0 && (rule = rule_next_at(chain, rule, txn->gen));)
		r = rule_kill(txn, rule);
	return r;
}

/* Run step on the command's chain, or on every chain of the table where it names none. */
static int for_chains(struct job *job,
		      int (*step)(struct job *job, struct pktt_chain *chain,
				  struct pktt_error *err),
		      struct pktt_error *err)
{
	int r = 0;

	if (job->chain)
		return step(job, job->chain, err);
	list_for_each (n, &job->table->chains) {
		struct pktt_chain *c = list_entry(n, struct pktt_chain, node);

		if (r == 0 && life_is_at(&c->life, job->txn->gen))
			r = step(job, c, err);
	}
	return r;
}

static int step_flush(struct job *job, struct pktt_chain *chain, struct pktt_error *err)
{
	int r = flush_chain(job->txn, chain);

	return r ? pktt_fail(err, r, "no memory to flush chain %s", chain->name) : 0;
}

static int step_zero(struct job *job, struct pktt_chain *chain, struct pktt_error *err)
{
	static const struct pktt_counters none;
	struct rule *rule = NULL;
	uint32_t number = 0;
	int r = job->cmd->number ? 0 : txn_count(job->txn, chain->counters, &none);

	while (r == 0 && (rule = rule_next_at(chain, rule, job->txn->gen)))
		if (++number == job->cmd->number || job->cmd->number == 0)
			r = txn_count(job->txn, rule->counters, &none);
	return r ? pktt_fail(err, r, "no memory to zero chain %s", chain->name) : 0;
}

static int delete_chain(struct job *job, struct pktt_chain *chain, struct pktt_error *err)
{
	uint64_t gen = job->txn->gen;
	int r;

	if (chain->is_base)
		return pktt_fail(err, -EINVAL, "%s is a built-in chain: it stays", chain->name);
	if (rule_next_at(chain, NULL, gen))
		return pktt_fail(err, -ENOTEMPTY, "chain %s is not empty (-F %s first)",
				 chain->name, chain->name);
	if (chain_has_callers(chain, gen))
		return pktt_fail(err, -EBUSY, "chain %s is still jumped to", chain->name);
	r = txn_died(job->txn, KIND_CHAIN, chain);
	return r ? pktt_fail(err, r, "no memory to delete chain %s", chain->name) : 0;
}

static int step_delete(struct job *job, struct pktt_chain *chain, struct pktt_error *err)
{
	return chain->is_base && !job->chain ? 0 : delete_chain(job, chain, err);
}

/* *table with restore semantics: rules and user-defined chains go; policies stay until declared. */
static int step_clear(struct job *job, struct pktt_chain *chain, struct pktt_error *err)
{
	int r = flush_chain(job->txn, chain);

	if (r == 0 && !chain->is_base)
		r = txn_died(job->txn, KIND_CHAIN, chain);
	return r ? pktt_fail(err, r, "no memory to clear table %s", job->table->name) : 0;
}

static int table_begin(struct job *job, struct pktt_error *err)
{
	if (!(job->flags & PKTT_APPLY_RESTORE))
		return 0;
	job->chain = NULL;
	return for_chains(job, step_clear, err);
}

static int chain_missing(const struct job *job, struct pktt_error *err)
{
	if (err)
		err->place = job->cmd->chain_place;
	return pktt_fail(err, -ENOENT, "there is no chain %s in table %s of %s", job->cmd->chain,
			 job->table->name, pktt_family_name(job->table->family));
}

static int set_policy(struct job *job, struct pktt_error *err)
{
	struct pktt_chain *chain = job->chain;
	int r;

	/* ebtables: what becomes of a packet at the end of the chain, RETURN or a verdict */
	if (!chain->is_base && job->table->family != PKTT_BRIDGE)
		return pktt_fail(err, -EINVAL, "chain %s is not built-in: it has no policy",
				 chain->name);
	if (job->cmd->policy != PKTT_ACCEPT && job->cmd->policy != PKTT_DROP &&
	    (chain->is_base || job->cmd->policy != PKTT_RETURN))
		return pktt_fail(err, -EINVAL, "chain %s: a policy is ACCEPT or DROP", chain->name);
	r = chain_set_policy(job->txn, chain, job->cmd->policy);
	return r ? pktt_fail(err, r, "no memory for a policy") : 0;
}

static int set_counters(struct job *job, struct pktt_counters *counters, struct pktt_error *err)
{
	int r = 0;

	if (job->cmd->has_counters && job->flags & PKTT_APPLY_COUNTERS)
		r = txn_count(job->txn, counters, &job->cmd->counters);
	return r ? pktt_fail(err, r, "no memory for counters") : 0;
}

/* :CHAIN: a chain that is there is emptied, as iptables-restore --noflush does. */
static int declare_chain(struct job *job, struct pktt_error *err)
{
	int r = 0;

	if (!job->chain)
		r = chain_new(job->txn, job->table, job->cmd->chain, &job->chain, err);
	else if (!job->chain->is_base)
		r = step_flush(job, job->chain, err);
	if (r == 0 && job->cmd->policy != PKTT_CONTINUE)
		r = set_policy(job, err);
	return r ? r : set_counters(job, job->chain->counters, err);
}

static int rename_chain(struct job *job, struct pktt_error *err)
{
	struct pktt_chain *chain = job->chain;
	int r;

	if (chain->is_base)
		return pktt_fail(err, -EINVAL, "%s is a built-in chain: it keeps its name",
				 chain->name);
	if (chain_at(job->table, job->cmd->other, job->txn->gen))
		return pktt_fail(err, -EEXIST, "chain %s is already there", job->cmd->other);
	r = chain_check_name(job->cmd->other, err);
	if (r)
		return r;
	memcpy(chain->old_name, chain->name, sizeof(chain->old_name));
	if (txn_undo(job->txn, UNDO_RENAME, KIND_CHAIN, chain))
		return pktt_fail(err, -ENOMEM, "no memory to rename a chain");
	chain_name(chain, job->cmd->other);
	return 0;
}

/* --- Rules -------------------------------------------------------------------------------- */

/* The rule that NUM, --handle or --name points at. */
static struct rule *rule_pointed_at(const struct job *job)
{
	const struct pktt_command *cmd = job->cmd;
	struct rule *rule = NULL;

	if (cmd->number)
		return rule_by_number(job->chain, cmd->number, job->txn->gen);
	while ((rule = rule_next_at(job->chain, rule, job->txn->gen)))
		if ((cmd->handle && rule->pub.handle == cmd->handle) ||
		    (cmd->other[0] && strcmp(rule->pub.spec->name, cmd->other) == 0))
			return rule;
	return NULL;
}

static struct rule *rule_like(const struct job *job)
{
	struct rule *rule = NULL;

	while ((rule = rule_next_at(job->chain, rule, job->txn->gen)))
		if (pktt_rule_spec_equal(rule->pub.spec, job->cmd->rule))
			return rule;
	return NULL;
}

static int no_rule(const struct job *job, struct pktt_error *err)
{
	const struct pktt_command *cmd = job->cmd;

	if (cmd->number)
		return pktt_fail(err, -ENOENT, "chain %s has no rule number %u", cmd->chain,
				 cmd->number);
	if (cmd->handle)
		return pktt_fail(err, -ENOENT, "chain %s has no rule with handle %llu", cmd->chain,
				 (unsigned long long)cmd->handle);
	if (cmd->other[0])
		return pktt_fail(err, -ENOENT, "chain %s has no rule named %s", cmd->chain,
				 cmd->other);
	return pktt_fail(err, -ENOENT, "chain %s has no such rule", cmd->chain);
}

/* Insert before at; the chain's own node means at its end. */
static int rule_enter(struct job *job, struct list *at, struct pktt_error *err)
{
	struct pktt_txn *txn = job->txn;
	struct rule *rule;
	uint64_t handle = job->cmd->rule->handle;
	int r = rule_new(job->chain, &job->cmd->rule, &rule, err);

	if (r)
		return r;
	r = txn_born(txn, KIND_RULE, rule);
	if (r) {
		rule_free(rule);
		return pktt_fail(err, r, "no memory for a rule");
	}
	rule->pub.handle = handle ? handle : ++txn->engine->next_handle;
	if (handle > txn->engine->next_handle)
		txn->engine->next_handle = handle;
	list_insert_before(at, &rule->node);
	__atomic_store_n(&rule->life.born, txn->gen, __ATOMIC_RELEASE);
	job->cmd->handle = rule->pub.handle;
	if (txn_touch(txn, rule))
		return pktt_fail(err, -ENOMEM, "no memory for a rule");
	/* A chain that is not there yet may still be declared: commit says so if it was not. */
	verify_resolve(txn, rule, NULL);
	if (rule->pub.spec->has_counters && job->flags & PKTT_APPLY_COUNTERS)
		rule->counters[0] = rule->pub.spec->counters;
	return 0;
}

static int insert_rule(struct job *job, struct pktt_error *err)
{
	uint32_t number = job->cmd->number ? job->cmd->number : 1;
	struct rule *at = rule_by_number(job->chain, number, job->txn->gen);

	/* One past the last is the end, as iptables has it. */
	if (!at && number > 1 && !rule_by_number(job->chain, number - 1, job->txn->gen))
		return no_rule(job, err);
	return rule_enter(job, at ? &at->node : &job->chain->rules, err);
}

static int replace_rule(struct job *job, struct pktt_error *err)
{
	struct rule *old = rule_pointed_at(job);
	int r;

	if (!old)
		return no_rule(job, err);
	if (job->cmd->rule->handle == 0)
		job->cmd->rule->handle = old->pub.handle;
	r = rule_enter(job, &old->node, err);
	if (r == 0 && rule_kill(job->txn, old))
		r = pktt_fail(err, -ENOMEM, "no memory to replace a rule");
	return r;
}

static int delete_rule(struct job *job, struct rule *rule, struct pktt_error *err)
{
	int r;

	if (!rule)
		return no_rule(job, err);
	job->cmd->handle = rule->pub.handle;
	r = rule_kill(job->txn, rule);
	return r ? pktt_fail(err, r, "no memory to delete a rule") : 0;
}

static int append_rule(struct job *job, struct pktt_error *err)
{
	return rule_enter(job, &job->chain->rules, err);
}

static int delete_like(struct job *job, struct pktt_error *err)
{
	return delete_rule(job, rule_like(job), err);
}

static int delete_at(struct job *job, struct pktt_error *err)
{
	return delete_rule(job, rule_pointed_at(job), err);
}

static int check_rule(struct job *job, struct pktt_error *err)
{
	return rule_like(job) ? 0 : no_rule(job, err);
}

static int new_chain(struct job *job, struct pktt_error *err)
{
	return chain_new(job->txn, job->table, job->cmd->chain, &job->chain, err);
}

static int delete_chains(struct job *job, struct pktt_error *err)
{
	return for_chains(job, step_delete, err);
}

static int flush_chains(struct job *job, struct pktt_error *err)
{
	return for_chains(job, step_flush, err);
}

static int zero_chains(struct job *job, struct pktt_error *err)
{
	return for_chains(job, step_zero, err);
}

/* --- Sets --------------------------------------------------------------------------------- */

/* What sets say of a text counts its columns; here it gets the line and the columns of the source. */
static int at_element(const struct job *job, int r, struct pktt_error *err)
{
	const struct pktt_place *from = &job->cmd->element_place;

	if (r && err && err->place.line == 0 && err->place.column && from->line) {
		err->place.file = from->file;
		err->place.line = from->line;
		err->place.column += from->column - 1;
	} else if (r && err && err->place.line == 0) {
		err->place = job->cmd->chain_place;
	}
	return r;
}

static int set_create(struct job *job, struct pktt_error *err)
{
	const struct pktt_command *cmd = job->cmd;

	return at_element(job, pktt_set_create(job->txn, cmd->chain, cmd->other, cmd->element, err),
			  err);
}

static int set_destroy(struct job *job, struct pktt_error *err)
{
	return at_element(job, pktt_set_destroy(job->txn, job->cmd->chain, err), err);
}

static int set_flush(struct job *job, struct pktt_error *err)
{
	return at_element(job, pktt_set_flush(job->txn, job->cmd->chain, err), err);
}

static int set_add(struct job *job, struct pktt_error *err)
{
	const struct pktt_command *cmd = job->cmd;

	return at_element(job, pktt_set_element_add(job->txn, cmd->chain, cmd->element, err), err);
}

static int set_delete(struct job *job, struct pktt_error *err)
{
	const struct pktt_command *cmd = job->cmd;

	return at_element(job, pktt_set_element_delete(job->txn, cmd->chain, cmd->element, err),
			  err);
}

/* What a verb works on: nothing, a table, a chain that is there if it is named, one that must be. */
enum needs { NOTHING, TABLE, CHAIN_IF_NAMED, CHAIN };

static const struct {
	int (*run)(struct job *job, struct pktt_error *err);
	enum needs needs;
} verbs[] = {
	[PKTT_TABLE_BEGIN] = { table_begin, TABLE },
	[PKTT_TABLE_COMMIT] = { NULL, NOTHING },
	[PKTT_CHAIN_DECLARE] = { declare_chain, TABLE },
	[PKTT_CHAIN_NEW] = { new_chain, TABLE },
	[PKTT_CHAIN_DELETE] = { delete_chains, CHAIN_IF_NAMED },
	[PKTT_CHAIN_RENAME] = { rename_chain, CHAIN },
	[PKTT_CHAIN_FLUSH] = { flush_chains, CHAIN_IF_NAMED },
	[PKTT_CHAIN_ZERO] = { zero_chains, CHAIN_IF_NAMED },
	[PKTT_CHAIN_POLICY] = { set_policy, CHAIN },
	[PKTT_RULE_APPEND] = { append_rule, CHAIN },
	[PKTT_RULE_INSERT] = { insert_rule, CHAIN },
	[PKTT_RULE_REPLACE] = { replace_rule, CHAIN },
	[PKTT_RULE_DELETE] = { delete_like, CHAIN },
	[PKTT_RULE_DELETE_AT] = { delete_at, CHAIN },
	[PKTT_RULE_CHECK] = { check_rule, CHAIN },
	[PKTT_LIST] = { NULL, NOTHING },
	[PKTT_LIST_RULES] = { NULL, NOTHING },
	[PKTT_SET_CREATE] = { set_create, NOTHING },
	[PKTT_SET_DESTROY] = { set_destroy, NOTHING },
	[PKTT_SET_FLUSH] = { set_flush, NOTHING },
	[PKTT_SET_ADD] = { set_add, NOTHING },
	[PKTT_SET_DELETE] = { set_delete, NOTHING },
};

static int open_place(struct job *job, enum needs needs, struct pktt_error *err)
{
	const char *table = job->cmd->table[0] ? job->cmd->table : "filter";
	int r;

	if (needs == NOTHING)
		return 0;
	r = table_open(job->txn, job->cmd->family, table, &job->table, err);
	if (r == 0 && job->cmd->chain[0])
		job->chain = chain_at(job->table, job->cmd->chain, job->txn->gen);
	if (r == 0 && !job->chain &&
	    (needs == CHAIN || (needs == CHAIN_IF_NAMED && job->cmd->chain[0])))
		return chain_missing(job, err);
	return r;
}

/* Listings change nothing and are not for a transaction; the section's end is its caller's. */
int pktt_txn_apply(struct pktt_txn *txn, struct pktt_command *cmd, unsigned int flags,
		   struct pktt_error *err)
{
	struct job job = { .txn = txn, .cmd = cmd, .flags = flags };
	int r = open_place(&job, verbs[cmd->verb].needs, err);

	if (r || !verbs[cmd->verb].run)
		return r;
	return verbs[cmd->verb].run(&job, err);
}
