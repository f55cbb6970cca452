/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains: base chains with policies, user-defined ones that others jump to. */
#include "core/store.h"

#include "base/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Chains of a table by name, for the writer only: FNV-1a; names come from who may change rules. */
static uint32_t bucket_of(const struct pktt_table *table, const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h & (table->buckets - 1);
}

static void hash_insert(struct pktt_table *table, struct pktt_chain *chain)
{
	struct pktt_chain **slot = &table->by_name[bucket_of(table, chain_name(chain))];

	chain->next_by_name = *slot;
	*slot = chain;
}

static void hash_remove(struct pktt_table *table, struct pktt_chain *chain, const char *name)
{
	struct pktt_chain **slot = &table->by_name[bucket_of(table, name)];

	while (*slot && *slot != chain)
		slot = &(*slot)->next_by_name;
	if (*slot)
		*slot = chain->next_by_name;
}

static void hash_grow(struct pktt_table *table)
{
	struct pktt_chain **slots = calloc(table->buckets * 2, sizeof(struct pktt_chain *));

	if (!slots)
		return;
	free(table->by_name);
	table->by_name = slots;
	table->buckets *= 2;
	list_for_each (n, &table->chains)
		hash_insert(table, list_entry(n, struct pktt_chain, node));
}

static struct chain_name *name_new(struct pktt_chain *chain, const char *text, uint64_t born)
{
	struct chain_name *name = calloc(1, sizeof(*name));

	if (!name)
		return NULL;
	name->chain = chain;
	name->born = born;
	snprintf(name->text, sizeof(name->text), "%s", text);
	return name;
}

/* Readers of other generations go on to older ones. */
static void set_name(struct pktt_chain *chain, struct chain_name *name)
{
	if (chain->name)
		hash_remove(chain->table, chain, chain_name(chain));
	__atomic_store_n(&chain->name, name, __ATOMIC_RELEASE);
	hash_insert(chain->table, chain);
}

/* The rule with the chain's new name in its text, in the place of what readers of now see. */
static int rename_caller(struct pktt_txn *txn, struct rule *rule)
{
	PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *spec = NULL;
	struct rule *twin;

	if (pktt_rule_spec_copy(&spec, rule->pub.spec))
		return -ENOMEM;
	for (unsigned int i = 0; i < rule->njumps; i++) {
		struct pktt_jump_args *args = spec->target[rule->jump[i].target].args;

		if (!rule->jump[i].is_linked)
			continue;
		snprintf(args->chain, sizeof(args->chain), "%s", chain_name(rule->jump[i].to));
	}
	if (rule_twin(rule, &spec, &twin) || rule_enter(txn, twin, &rule->node) ||
	    txn_touch(txn, twin))
		return -ENOMEM;
	return rule_leave(txn, rule);
}

/* Rules that jump to it say its name; twins are added at the end of the list, and left alone. */
static int rename_callers(struct pktt_txn *txn, struct pktt_chain *chain)
{
	struct list *last = chain->callers.prev, *next;
	int r = 0;

	if (list_is_empty(&chain->callers))
		return 0;
	for (struct list *n = chain->callers.next; r == 0; n = next) {
		struct rule *rule = list_entry(n, struct jump, in_node)->rule;

		next = n->next;
		if (life_is_at(&rule->life, txn->gen))
			r = rename_caller(txn, rule);
		if (n == last)
			break;
	}
	return r;
}

int chain_rename(struct pktt_txn *txn, struct pktt_chain *chain, const char *text)
{
	struct chain_name *name = name_new(chain, text, txn->gen);

	if (!name)
		return -ENOMEM;
	if (txn_undo(txn, UNDO_RENAME, KIND_NAME, name)) {
		free(name);
		return -ENOMEM;
	}
	name->older = chain->name;
	set_name(chain, name);
	return rename_callers(txn, chain);
}

void chain_unname(struct pktt_chain *chain)
{
	set_name(chain, chain->name->older);
}

const char *chain_name_at(const struct pktt_chain *chain, uint64_t gen)
{
	const struct chain_name *n = __atomic_load_n(&chain->name, __ATOMIC_ACQUIRE);

	while (n->born > gen && n->older)
		n = n->older;
	return n->text;
}

struct pktt_chain *chain_at(const struct pktt_table *table, const char *name, uint64_t gen)
{
	struct pktt_chain *c = table->by_name[bucket_of(table, name)];

	while (c && (!life_is_at(&c->life, gen) || strcmp(chain_name_at(c, gen), name) != 0))
		c = c->next_by_name;
	return c;
}

void chain_free(struct pktt_chain *chain)
{
	free(chain->policy); /* older versions have left through the limbo list */
	free(chain->name);   /* likewise */
	free(chain->hits);
	rank_fini(&chain->rank);
	free(chain);
}

void chain_unlink(struct pktt_chain *chain)
{
	list_remove(&chain->node);
	hash_remove(chain->table, chain, chain_name(chain));
	chain->table->nchains--;
	if (chain->is_base)
		hooks_remove(chain->table->engine, chain);
}

static struct pktt_chain *chain_alloc(struct pktt_txn *txn, struct pktt_table *table,
				      const char *name)
{
	struct pktt_chain *chain = calloc(1, sizeof(*chain));

	if (!chain)
		return NULL;
	chain->hits = calloc(txn->engine->config.workers, sizeof(*chain->hits));
	chain->name = name_new(chain, name, txn->gen);
	if (!chain->hits || !chain->name) {
		free(chain->hits);
		free(chain->name);
		free(chain);
		return NULL;
	}
	chain->table = table;
	list_init(&chain->rules);
	list_init(&chain->jumps);
	list_init(&chain->callers);
	chain->life = (struct life){ LIFE_NEVER, LIFE_NEVER };
	return chain;
}

static int chain_enter(struct pktt_txn *txn, struct pktt_chain *chain, struct pktt_error *err)
{
	struct pktt_table *table = chain->table;

	if (txn_born(txn, KIND_CHAIN, chain)) {
		chain_free(chain);
		return pktt_fail(err, -ENOMEM, "no memory for chain");
	}
	list_insert_before(&table->chains, &chain->node);
	hash_insert(table, chain);
	if (++table->nchains > table->buckets)
		hash_grow(table);
	__atomic_store_n(&chain->life.born, txn->gen, __ATOMIC_RELEASE);
	/* Base chains come with their table. */
	if (!chain->is_base && change_chain(txn, PKTT_CHANGE_CHAIN_NEW, chain))
		return pktt_fail(err, -ENOMEM, "no memory for chain");
	return 0;
}

int chain_check_name(const char *name, struct pktt_error *err)
{
	if (!*name)
		return pktt_fail(err, -EINVAL, "a chain needs a name");
	if (name[0] == '-' || name[0] == '!')
		return pktt_fail(err, -EINVAL, "chain %s: a name does not begin with '%c'", name,
				 name[0]);
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return pktt_fail(err, -EINVAL,
					 "a chain's name has no blanks or control characters");
	return 0;
}

int chain_new(struct pktt_txn *txn, struct pktt_table *table, const char *name,
	      struct pktt_chain **ret, struct pktt_error *err)
{
	struct pktt_chain *chain;
	int r = chain_check_name(name, err);

	if (r)
		return r;
	if (chain_at(table, name, txn->gen))
		return pktt_fail(err, -EEXIST, "chain %s is already there", name);
	chain = chain_alloc(txn, table, name);
	if (!chain)
		return pktt_fail(err, -ENOMEM, "no memory for chain %s", name);
	r = chain_enter(txn, chain, err);
	if (r == 0)
		*ret = chain;
	return r;
}

int chain_new_base(struct pktt_txn *txn, struct pktt_table *table,
		   const struct pktt_base_chain *base, struct pktt_error *err)
{
	const char *name = pktt_l3_of(table->family)->hook_name[base->hook];
	struct pktt_chain *chain = chain_alloc(txn, table, name);
	int r;

	if (!chain)
		return pktt_fail(err, -ENOMEM, "no memory for chain %s", name);
	chain->is_base = true;
	chain->is_nat = table->family != PKTT_BRIDGE && strcmp(table->name, "nat") == 0;
	chain->hook = base->hook;
	chain->priority = base->priority;
	chain->hooks = PKTT_HOOK(base->hook);
	chain->policy = calloc(1, sizeof(*chain->policy));
	if (!chain->policy) {
		chain_free(chain);
		return pktt_fail(err, -ENOMEM, "no memory for chain %s", name);
	}
	chain->policy->verdict = PKTT_ACCEPT;
	r = chain_enter(txn, chain, err);
	if (r)
		return r;
	r = hooks_insert(txn->engine, chain);
	return r ? pktt_fail(err, r, "no memory for chain %s", name) : 0;
}

enum pktt_verdict chain_policy_at(const struct pktt_chain *chain, uint64_t gen)
{
	const struct policy *p = __atomic_load_n(&chain->policy, __ATOMIC_ACQUIRE);

	while (p && p->born > gen)
		p = p->older;
	if (p)
		return p->verdict;
	return chain->is_base ? PKTT_ACCEPT : PKTT_RETURN;
}

static int note_policy(struct pktt_txn *txn, const struct pktt_chain *chain, enum pktt_verdict old)
{
	struct pktt_change c = {
		.kind = PKTT_CHANGE_CHAIN_POLICY,
		.table = chain->table,
		.chain = chain,
		.policy = old,
	};

	return change_note(txn, &c);
}

int chain_set_policy(struct pktt_txn *txn, struct pktt_chain *chain, enum pktt_verdict verdict)
{
	enum pktt_verdict old = chain_policy_at(chain, txn->gen);
	struct policy *p;

	if (old == verdict)
		return 0;
	if (note_policy(txn, chain, old))
		return -ENOMEM;
	if (chain->policy && chain->policy->born == txn->gen) {
		chain->policy->verdict = verdict;
		return 0;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	if (txn_undo(txn, UNDO_POLICY, KIND_CHAIN, chain)) {
		free(p);
		return -ENOMEM;
	}
	p->born = txn->gen;
	p->verdict = verdict;
	p->older = chain->policy;
	__atomic_store_n(&chain->policy, p, __ATOMIC_RELEASE);
	return 0;
}

bool chain_has_callers(const struct pktt_chain *chain, uint64_t gen)
{
	list_for_each (n, &chain->callers)
		if (life_is_at(&list_entry(n, struct jump, in_node)->rule->life, gen))
			return true;
	return false;
}

const char *pktt_chain_name(const struct pktt_chain *chain)
{
	return chain_name_at(chain, pktt_engine_generation(chain->table->engine));
}

bool pktt_chain_is_base(const struct pktt_chain *chain)
{
	return chain->is_base;
}

int pktt_chain_priority(const struct pktt_chain *chain)
{
	return chain->priority;
}

enum pktt_hook pktt_chain_hook(const struct pktt_chain *chain)
{
	return chain->hook;
}

enum pktt_verdict pktt_chain_policy(const struct pktt_chain *chain)
{
	return chain_policy_at(chain, pktt_engine_generation(chain->table->engine));
}

static void sum_counters(const struct hits *h, unsigned int n, struct pktt_counters *ret)
{
	*ret = (struct pktt_counters){ 0 };
	for (unsigned int i = 0; i < n; i++) {
		ret->packets += __atomic_load_n(&h[i].c.packets, __ATOMIC_RELAXED);
		ret->bytes += __atomic_load_n(&h[i].c.bytes, __ATOMIC_RELAXED);
	}
}

void pktt_chain_counters(const struct pktt_chain *chain, struct pktt_counters *ret)
{
	sum_counters(chain->hits, chain->table->engine->config.workers, ret);
}

void pktt_rule_counters(const struct pktt_rule *rule, struct pktt_counters *ret)
{
	const struct rule *r = pktt_container_of_const(rule, struct rule, pub);

	sum_counters(r->hits, rule->chain->table->engine->config.workers, ret);
}

const struct pktt_table *pktt_chain_table(const struct pktt_chain *chain)
{
	return chain->table;
}

unsigned int pktt_chain_references(const struct pktt_chain *chain)
{
	uint64_t gen = pktt_engine_generation(chain->table->engine);
	unsigned int count = 0;

	list_for_each (n, &chain->callers)
		count += life_is_at(&list_entry(n, struct jump, in_node)->rule->life, gen);
	return count;
}

struct pktt_chain *chain_next_at(const struct pktt_table *table, const struct pktt_chain *after,
				 uint64_t gen)
{
	struct list *n = list_next(after ? &after->node : &table->chains);

	for (; n != &table->chains; n = list_next(n)) {
		struct pktt_chain *c = list_entry(n, struct pktt_chain, node);

		if (life_is_at(&c->life, gen))
			return c;
	}
	return NULL;
}

struct pktt_chain *pktt_chain_next(const struct pktt_table *table, const struct pktt_chain *after)
{
	return chain_next_at(table, after, pktt_engine_generation(table->engine));
}

struct pktt_chain *pktt_chain_lookup(const struct pktt_table *table, const char *name)
{
	return chain_at(table, name, pktt_engine_generation(table->engine));
}
