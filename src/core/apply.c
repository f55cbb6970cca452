/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of the language, carried out in a transaction. */
#include "core/set.h"
#include "core/store.h"

#include "base/own.h"

#include <errno.h>
#include <inttypes.h>
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
	int r = change_rule(txn, PKTT_CHANGE_RULE_DELETE, rule, NULL);

	return r ? r : rule_leave(txn, rule);
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

	return r ? pktt_fail(err, r, "no memory to flush chain %s", chain_name(chain)) : 0;
}

static int step_zero(struct job *job, struct pktt_chain *chain, struct pktt_error *err)
{
	static const struct pktt_counters none;
	struct rule *rule = NULL;
	int r = change_chain(job->txn, PKTT_CHANGE_ZERO, chain);

	if (r == 0)
		r = txn_count(job->txn, chain->hits, &none);
	while (r == 0 && (rule = rule_next_at(chain, rule, job->txn->gen)))
		r = txn_count(job->txn, rule->hits, &none);
	return r ? pktt_fail(err, r, "no memory to zero chain %s", chain_name(chain)) : 0;
}

static int delete_chain(struct job *job, struct pktt_chain *chain, struct pktt_error *err)
{
	uint64_t gen = job->txn->gen;
	int r;

	if (chain->is_base)
		return pktt_fail(err, -EINVAL, "%s is a built-in chain: it stays",
				 chain_name(chain));
	if (chain->nrules)
		return pktt_fail(err, -ENOTEMPTY, "chain %s is not empty (-F %s first)",
				 chain_name(chain), chain_name(chain));
	if (chain_has_callers(chain, gen))
		return pktt_fail(err, -EBUSY, "chain %s is still jumped to", chain_name(chain));
	r = change_chain(job->txn, PKTT_CHANGE_CHAIN_DELETE, chain);
	if (r == 0)
		r = txn_died(job->txn, KIND_CHAIN, chain);
	return r ? pktt_fail(err, r, "no memory to delete chain %s", chain_name(chain)) : 0;
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
	int r;

	if (!(job->flags & PKTT_APPLY_RESTORE))
		return 0;
	if (change_table(job->txn, PKTT_CHANGE_TABLE_FLUSH, job->table))
		return pktt_fail(err, -ENOMEM, "no memory to clear table %s", job->table->name);
	job->chain = NULL;
	job->txn->is_quiet = true;
	r = for_chains(job, step_clear, err);
	job->txn->is_quiet = false;
	return r;
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
				 chain_name(chain));
	if (job->cmd->policy != PKTT_ACCEPT && job->cmd->policy != PKTT_DROP &&
	    (chain->is_base || job->cmd->policy != PKTT_RETURN))
		return pktt_fail(err, -EINVAL, "chain %s: a policy is ACCEPT or DROP",
				 chain_name(chain));
	r = chain_set_policy(job->txn, chain, job->cmd->policy);
	return r ? pktt_fail(err, r, "no memory for a policy") : 0;
}

static int set_counters(struct job *job, struct hits *hits, struct pktt_error *err)
{
	int r = 0;

	if (job->cmd->has_counters && job->flags & PKTT_APPLY_COUNTERS)
		r = txn_count(job->txn, hits, &job->cmd->counters);
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
	return r ? r : set_counters(job, job->chain->hits, err);
}

static int note_rename(struct pktt_txn *txn, const struct pktt_chain *chain)
{
	struct pktt_change c = {
		.kind = PKTT_CHANGE_CHAIN_RENAME,
		.table = chain->table,
		.chain = chain,
		.text = chain_name(chain),
	};

	return change_note(txn, &c);
}

static int rename_chain(struct job *job, struct pktt_error *err)
{
	struct pktt_chain *chain = job->chain;
	int r;

	if (chain->is_base)
		return pktt_fail(err, -EINVAL, "%s is a built-in chain: it keeps its name",
				 chain_name(chain));
	if (chain_at(job->table, job->cmd->other, job->txn->gen))
		return pktt_fail(err, -EEXIST, "chain %s is already there", job->cmd->other);
	r = chain_check_name(job->cmd->other, err);
	if (r)
		return r;
	r = note_rename(job->txn, chain);
	if (r == 0)
		r = chain_rename(job->txn, chain, job->cmd->other);
	return r ? pktt_fail(err, r, "no memory to rename a chain") : 0;
}

/* --- Rules -------------------------------------------------------------------------------- */

/* The rule that NUM, --handle or --name points at. */
static struct rule *rule_pointed_at(const struct job *job)
{
	const struct pktt_command *cmd = job->cmd;
	uint64_t gen = job->txn->gen;
	struct rule *rule;

	if (cmd->number)
		return rule_by_number(job->chain, cmd->number);
	if (cmd->other[0] && !cmd->handle)
		return rule_by_name(job->chain, cmd->other, gen);
	rule = rule_by_handle(job->txn->engine, cmd->handle, gen);
	return rule && rule->pub.chain == job->chain ? rule : NULL;
}

static struct rule *like(const struct job *job)
{
	return rule_like(job->chain, job->cmd->rule, job->txn->gen);
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

/* The one that is asked for, unless another rule has it. */
static uint64_t new_handle(struct pktt_engine *engine, uint64_t wanted, uint64_t gen)
{
	if (wanted > engine->next_handle)
		return engine->next_handle = wanted;
	if (wanted && !rule_by_handle(engine, wanted, gen))
		return wanted;
	return ++engine->next_handle;
}

/* A handle names a chain of any family, the rule is of its own. */
static int check_rule_family(const struct job *job, struct pktt_error *err)
{
	enum pktt_family family = job->chain->table->family;

	if (job->cmd->rule->family == family)
		return 0;
	return pktt_fail(err, -EINVAL, "a rule of family %s cannot stand in a chain of family %s",
			 pktt_family_name(job->cmd->rule->family), pktt_family_name(family));
}

/* Before at; the chain's own node means at its end. old: what it takes the place of, or NULL. */
static int enter_rule(struct job *job, struct list *at, struct rule *old, struct pktt_error *err)
{
	struct pktt_txn *txn = job->txn;
	struct rule *rule;
	uint64_t handle = job->cmd->rule->handle;
	int r = check_rule_family(job, err);

	if (r)
		return r;
	r = rule_new(job->chain, &job->cmd->rule, &rule, err);

	if (r)
		return r;
	rule->pub.handle = old && (!handle || handle == old->pub.handle)
				   ? old->pub.handle
				   : new_handle(txn->engine, handle, txn->gen);
	if (rule->pub.spec->has_counters && job->flags & PKTT_APPLY_COUNTERS)
		rule->hits[0].c = rule->pub.spec->counters;
	job->cmd->handle = rule->pub.handle;
	r = rule_enter(txn, rule, at);
	if (r)
		return pktt_fail(err, r, "no memory for a rule");
	if (txn_touch(txn, rule) || (old && rule_leave(txn, old)) ||
	    change_rule(txn, old ? PKTT_CHANGE_RULE_REPLACE : PKTT_CHANGE_RULE_NEW, rule, old))
		return pktt_fail(err, -ENOMEM, "no memory for a rule");
	/* A chain that is not there yet may still be declared: commit says so if it was not. */
	verify_resolve(txn, rule, NULL);
	return 0;
}

/* The rule of the chain beside which another shall stand. */
static struct rule *rule_beside(const struct job *job, uint64_t handle, struct pktt_error *err)
{
	struct rule *rule = rule_by_handle(job->txn->engine, handle, job->txn->gen);

	if (rule && rule->pub.chain == job->chain)
		return rule;
	pktt_fail(err, -ENOENT, "chain %s has no rule with handle %" PRIu64, chain_name(job->chain),
		  handle);
	return NULL;
}

/* Where a rule is to stand, by handles or its number then: the node before which it goes. */
static int find_place(const struct job *job, uint32_t number, struct list **ret,
		      struct pktt_error *err)
{
	const struct pktt_command *cmd = job->cmd;
	struct pktt_chain *chain = job->chain;
	struct rule *at;

	if (cmd->before || cmd->after) {
		at = rule_beside(job, cmd->before ? cmd->before : cmd->after, err);
		if (!at)
			return -ENOENT;
		*ret = cmd->before ? &at->node : at->node.next;
		return 0;
	}
	at = rule_by_number(chain, number);
	/* One past the last is the end, as iptables has it. */
	if (!at && number - 1 > chain->nrules)
		return pktt_fail(err, -ENOENT, "chain %s has no rule number %u", chain_name(chain),
				 number);
	*ret = at ? &at->node : &chain->rules;
	return 0;
}

static int insert_rule(struct job *job, struct pktt_error *err)
{
	struct list *at = NULL;
	int r = find_place(job, job->cmd->number ? job->cmd->number : 1, &at, err);

	return r ? r : enter_rule(job, at, NULL, err);
}

static int replace_rule(struct job *job, struct pktt_error *err)
{
	struct rule *old = rule_pointed_at(job);

	return old ? enter_rule(job, &old->node, old, err) : no_rule(job, err);
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

static int zero_rule(struct job *job, struct pktt_error *err)
{
	static const struct pktt_counters none;
	struct rule *rule = rule_pointed_at(job);

	if (!rule)
		return no_rule(job, err);
	if (change_rule(job->txn, PKTT_CHANGE_ZERO, rule, NULL) ||
	    txn_count(job->txn, rule->hits, &none))
		return pktt_fail(err, -ENOMEM, "no memory to zero a rule");
	return 0;
}

/* The node before which it goes so that it has that number then: behind those that move up. */
static int find_target(const struct job *job, const struct rule *rule, struct list **ret,
		       struct pktt_error *err)
{
	uint32_t to = job->cmd->to_number, count = job->chain->nrules;

	if (to > count + 1)
		return pktt_fail(err, -ENOENT, "chain %s has no rule number %u",
				 chain_name(job->chain), to);
	if (to > rule_number(rule))
		to++;
	*ret = to > count ? &job->chain->rules : &rule_by_number(job->chain, to)->node;
	return 0;
}

static int note_move(struct pktt_txn *txn, const struct rule *rule, const struct rule *old)
{
	struct pktt_change c = {
		.kind = PKTT_CHANGE_RULE_MOVE,
		.table = rule->pub.chain->table,
		.chain = rule->pub.chain,
		.rule = &rule->pub,
		.old = &old->pub,
		.after = change_is_wanted(txn) ? rule_before(old) : 0,
		.to = change_is_wanted(txn) ? rule_before(rule) : 0,
	};

	/* Where it stands beside itself, without a live rule between, what counts is what is beyond. */
	if (c.to == c.rule->handle)
		c.to = c.after;
	else if (c.after == c.rule->handle)
		c.after = c.to;
	return change_note(txn, &c);
}

/* Another place of the same rule: see rule.c. */
static int place_anew(struct pktt_txn *txn, struct rule *rule, struct list *at)
{
	struct pktt_rule_spec *none = NULL;
	struct rule *twin;
	int r = rule_twin(rule, &none, &twin);

	if (r == 0)
		r = rule_enter(txn, twin, at);
	if (r == 0)
		r = txn_touch(txn, twin);
	if (r == 0)
		r = note_move(txn, twin, rule);
	return r ? r : rule_leave(txn, rule);
}

static int move_rule(struct job *job, struct pktt_error *err)
{
	const struct pktt_command *cmd = job->cmd;
	struct rule *rule = rule_pointed_at(job);
	struct list *at = NULL;
	int r;

	if (!rule)
		return no_rule(job, err);
	job->cmd->handle = rule->pub.handle;
	if (cmd->before || cmd->after)
		r = find_place(job, 0, &at, err);
	else if (cmd->to_number)
		r = find_target(job, rule, &at, err);
	else
		r = pktt_fail(err, -EINVAL,
			      "a rule is moved before or after another, or to a number");
	if (r || at == &rule->node || at == rule->node.next)
		return r;
	r = place_anew(job->txn, rule, at);
	return r ? pktt_fail(err, r, "no memory to move a rule") : 0;
}

static int append_rule(struct job *job, struct pktt_error *err)
{
	return enter_rule(job, &job->chain->rules, NULL, err);
}

static int delete_like(struct job *job, struct pktt_error *err)
{
	return delete_rule(job, like(job), err);
}

static int delete_at(struct job *job, struct pktt_error *err)
{
	return delete_rule(job, rule_pointed_at(job), err);
}

static int check_rule(struct job *job, struct pktt_error *err)
{
	return like(job) ? 0 : no_rule(job, err);
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
	const struct pktt_command *cmd = job->cmd;

	if (job->chain && (cmd->number || cmd->handle || cmd->other[0]))
		return zero_rule(job, err);
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
	bool again = job->flags & PKTT_APPLY_AGAIN;
	int r;

	if (again || job->flags & PKTT_APPLY_RESTORE)
		r = pktt_set_replace(job->txn, cmd->chain, cmd->other, cmd->element, again, err);
	else
		r = pktt_set_create(job->txn, cmd->chain, cmd->other, cmd->element, err);
	return at_element(job, r, err);
}

static int set_destroy(struct job *job, struct pktt_error *err)
{
	return at_element(job, pktt_set_destroy(job->txn, job->cmd->chain, err), err);
}

static int set_swap(struct job *job, struct pktt_error *err)
{
	const struct pktt_command *cmd = job->cmd;

	return at_element(job, pktt_set_swap(job->txn, cmd->chain, cmd->other, err), err);
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

/*
 * What a verb works on: nothing, a table, a chain that is there if it is named, one that must be, or a
 * rule of it, whose handle finds the chain as well.
 */
enum needs { NOTHING, TABLE, CHAIN_IF_NAMED, CHAIN, RULE };

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
	[PKTT_RULE_REPLACE] = { replace_rule, RULE },
	[PKTT_RULE_DELETE] = { delete_like, CHAIN },
	[PKTT_RULE_DELETE_AT] = { delete_at, RULE },
	[PKTT_RULE_CHECK] = { check_rule, CHAIN },
	[PKTT_LIST] = { NULL, NOTHING },
	[PKTT_LIST_RULES] = { NULL, NOTHING },
	[PKTT_SET_CREATE] = { set_create, NOTHING },
	[PKTT_SET_DESTROY] = { set_destroy, NOTHING },
	[PKTT_SET_FLUSH] = { set_flush, NOTHING },
	[PKTT_SET_ADD] = { set_add, NOTHING },
	[PKTT_SET_DELETE] = { set_delete, NOTHING },
	[PKTT_SET_SWAP] = { set_swap, NOTHING },
	[PKTT_RULE_MOVE] = { move_rule, RULE },
};

/* The rule that it is about, or beside which another shall stand. */
static uint64_t handle_of(const struct pktt_command *cmd)
{
	if (cmd->verb != PKTT_RULE_INSERT)
		return cmd->handle;
	return cmd->before ? cmd->before : cmd->after;
}

/* The chain of a rule that its handle alone names. */
static bool open_by_handle(struct job *job)
{
	const struct pktt_command *cmd = job->cmd;
	struct rule *rule;

	if (!handle_of(cmd) || cmd->chain[0])
		return false;
	rule = rule_by_handle(job->txn->engine, handle_of(cmd), job->txn->gen);
	if (!rule)
		return false;
	job->chain = rule->pub.chain;
	job->table = job->chain->table;
	return true;
}

static int open_place(struct job *job, enum needs needs, struct pktt_error *err)
{
	const char *table = job->cmd->table[0] ? job->cmd->table : "filter";
	int r;

	if (needs == NOTHING || (needs >= CHAIN_IF_NAMED && open_by_handle(job)))
		return 0;
	if (handle_of(job->cmd) && !job->cmd->chain[0] &&
	    (needs == RULE || job->cmd->verb == PKTT_RULE_INSERT))
		return pktt_fail(err, -ENOENT, "there is no rule with handle %" PRIu64,
				 handle_of(job->cmd));
	r = table_open(job->txn, job->cmd->family, table, &job->table, err);
	if (r == 0 && job->cmd->chain[0])
		job->chain = chain_at(job->table, job->cmd->chain, job->txn->gen);
	if (r == 0 && !job->chain &&
	    (needs >= CHAIN || (needs == CHAIN_IF_NAMED && job->cmd->chain[0])))
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
