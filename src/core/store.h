/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How tables, chains and rules are kept; for the files of core only.
 *
 * Generations: an object is there for a reader of generation g if born <= g < dies. A transaction
 * works at generation current + 1, which is its own view; commit stores that number, abort undoes.
 * Objects that are dead for everybody wait in the limbo list until no reader can stand on them.
 */
#ifndef PKTT_CORE_STORE_H
#define PKTT_CORE_STORE_H

#include "base/list.h"
#include "core/engine.h"
#include "core/hook.h"
#include "core/l3.h"

#include <pthread.h>

#define LIFE_NEVER UINT64_MAX

struct life {
	uint64_t born, dies; /* written by the writer only; readers load them with acquire */
};

static inline bool life_is_at(const struct life *l, uint64_t gen)
{
	return __atomic_load_n(&l->born, __ATOMIC_ACQUIRE) <= gen &&
	       gen < __atomic_load_n(&l->dies, __ATOMIC_ACQUIRE);
}

struct pktt_named_registry;

enum kind { KIND_RULE, KIND_CHAIN, KIND_TABLE, KIND_POLICY, KIND_HOOKS };

/* Waits for two grace periods: after the first it is unlinked, after the second freed. */
struct limbo {
	struct list node;
	enum kind kind;
	void *object;
};

/* One version of a chain's policy; the newest first. A user-defined chain without one returns. */
struct policy {
	uint64_t born;
	enum pktt_verdict verdict;
	struct policy *older;
};

/* A jump or goto of a rule: an edge of the graph of chains. Writer only, but for to and is_goto. */
struct jump {
	struct list out_node, in_node; /* in from->jumps and to->callers, once linked */
	struct rule *rule;
	unsigned int target; /* index in rule->target */
	struct pktt_chain *to;
	bool is_linked;
};

/* A match or target as it runs. */
struct use {
	const struct pktt_ext *ext;
	const void *args;
	void *state;
	struct jump *jump; /* of the target "jump" */
	bool is_goto;
	uint32_t lock; /* held while an extension with state runs */
};

struct rule {
	struct pktt_rule pub; /* first: what engine.h shows */
	struct life life;
	struct list node; /* in chain->rules */
	struct use *match, *target;
	struct jump *jump;
	unsigned int njumps, nset_up;
	struct pktt_counters *counters; /* one a worker */
};

struct pktt_chain {
	struct life life;
	struct list node; /* in table->chains */
	struct pktt_table *table;
	char name[PKTT_NAME_MAX];
	char old_name[PKTT_NAME_MAX]; /* before the open transaction renamed it */
	bool is_base;
	bool is_nat; /* of a table that is asked once a connection, where connections are tracked */
	enum pktt_hook hook;
	int priority;
	struct policy *policy;
	struct list rules, jumps, callers;
	uint32_t hooks;	   /* PKTT_HOOK bits of base chains that reach it, in the writer's view */
	uint64_t numbered; /* generation for which rules' numbers are valid, +1; 0 = none */
	struct pktt_counters *counters;	 /* of the policy, one a worker */
	uint64_t visit;			 /* scratch of graph.c: serial << 2 | colour */
	bool is_queued;			 /* likewise */
	struct pktt_chain *next_by_name; /* in table->by_name */
};

#define CHAIN_BUCKETS_MIN 64u

struct pktt_table {
	struct life life;
	struct list node; /* in engine->tables */
	struct pktt_engine *engine;
	enum pktt_family family;
	char name[PKTT_NAME_MAX];
	int order;		     /* among its family's, for listing */
	struct list chains;	     /* base chains first */
	struct pktt_chain **by_name; /* writer only: chains of any life, hashed */
	uint32_t buckets, nchains;
};

/* A base chain, or a function beside the chains. */
struct hook_entry {
	int priority;
	struct pktt_chain *chain;
	const struct pktt_hook_fn *fn;
};

/* What stands at a hook, in order of priority; replaced whole, published by one store. */
struct hooks {
	uint32_t count;
	struct hook_entry at[];
};

struct part {
	void *object;
	void (*free)(void *object);
};

/* A table that a program registered. */
struct own_table {
	struct own_table *older;
	enum pktt_family family;
	struct pktt_std_table std; /* its name is name */
	char name[PKTT_NAME_MAX];
};

struct pktt_engine {
	struct own_table *own_tables;
	struct pktt_engine_config config;
	pthread_mutex_t lock; /* held by the open transaction */
	uint64_t generation;
	uint64_t next_handle;
	uint64_t visits; /* serial of graph walks */
	struct pktt_catalog *catalog;
	struct list tables;
	struct hooks *hooks[PKTT_FAMILY_COUNT][PKTT_HOOK_COUNT];
	struct list limbo;
	uint32_t nlimbo;
	struct pktt_set_store *sets;
	struct pktt_named_registry *named;
	struct pktt_plugins *plugins;
	struct part part[PKTT_SLOT_COUNT];
	uint32_t nstateful[PKTT_FAMILY_COUNT]; /* live rules that need tracking; inet's apart */
};

/* What an aborted transaction takes back, newest first. */
enum undo_what { UNDO_BORN, UNDO_DIED, UNDO_POLICY, UNDO_RENAME };

struct undo {
	struct undo *older;
	enum undo_what what;
	enum kind kind;
	void *object;
};

/* Something that commit has to look at: rules to check, counters to clear. */
struct pending {
	struct list node;
	void *object;
	struct pktt_counters value;
};

struct pktt_txn {
	struct pktt_engine *engine;
	uint64_t gen; /* that becomes current at commit */
	struct undo *undo;
	struct list counts;  /* pending: struct pktt_counters arrays, set at commit */
	struct list touched; /* pending: struct rule, new, or newly reached by a hook */
};

/* table.c */
int table_open(struct pktt_txn *txn, enum pktt_family family, const char *name,
	       struct pktt_table **ret, struct pktt_error *err);
void table_free(struct pktt_table *table);
void own_tables_free(struct pktt_engine *engine);
/* chain.c */
int chain_new(struct pktt_txn *txn, struct pktt_table *table, const char *name,
	      struct pktt_chain **ret, struct pktt_error *err);
int chain_new_base(struct pktt_txn *txn, struct pktt_table *table,
		   const struct pktt_base_chain *base, struct pktt_error *err);
int chain_check_name(const char *name, struct pktt_error *err);
struct pktt_chain *chain_at(const struct pktt_table *table, const char *name, uint64_t gen);
/* Give it another name, and the rules that jump to it. */
void chain_name(struct pktt_chain *chain, const char *name);
int chain_set_policy(struct pktt_txn *txn, struct pktt_chain *chain, enum pktt_verdict verdict);
enum pktt_verdict chain_policy_at(const struct pktt_chain *chain, uint64_t gen);
bool chain_has_callers(const struct pktt_chain *chain, uint64_t gen);
void chain_free(struct pktt_chain *chain);
void chain_unlink(struct pktt_chain *chain);
/* rule.c */
int rule_new(struct pktt_chain *chain, struct pktt_rule_spec **spec, struct rule **ret,
	     struct pktt_error *err);
void rule_free(struct rule *rule);
void rule_unlink(struct rule *rule);
struct rule *rule_next_at(const struct pktt_chain *chain, const struct rule *after, uint64_t gen);
struct rule *rule_by_number(const struct pktt_chain *chain, uint32_t number, uint64_t gen);
/* txn.c */
int txn_born(struct pktt_txn *txn, enum kind kind, void *object);
int txn_died(struct pktt_txn *txn, enum kind kind, void *object);
int txn_undo(struct pktt_txn *txn, enum undo_what what, enum kind kind, void *object);
int txn_touch(struct pktt_txn *txn, struct rule *rule);
/* At commit, worker 0's counters become *value, the others' zero. */
int txn_count(struct pktt_txn *txn, struct pktt_counters *counters,
	      const struct pktt_counters *value);
/* graph.c: jumps resolved, loops refused, which hooks reach which chain */
void graph_link(struct jump *jump, struct pktt_chain *to);
void graph_unlink(struct rule *rule);
/* Jumps to chain came or went. It is looked at once for a serial; what it changes is followed. */
int graph_update_hooks(struct pktt_txn *txn, struct pktt_chain *chain, uint64_t serial);
int graph_check_loop(struct pktt_txn *txn, struct pktt_chain *from, uint64_t serial,
		     struct pktt_error *err);
/* verify.c: what a commit refuses */
int verify_commit(struct pktt_txn *txn, struct pktt_errors *errs);
/* Link the jumps of a rule whose chains are there; -ENOENT names the one that is not. */
int verify_resolve(struct pktt_txn *txn, struct rule *rule, struct pktt_error *err);
/* reclaim.c */
void limbo_add(struct pktt_engine *engine, enum kind kind, void *object);
/* Free what can be; not all = only when there is a batch worth the waiting. */
void limbo_drain(struct pktt_engine *engine, bool all);
/* verify.c: what makes a family tracked */
bool rule_is_stateful(const struct rule *rule);
/* hooks.c */
int hooks_insert(struct pktt_engine *engine, struct pktt_chain *chain);
void hooks_remove(struct pktt_engine *engine, struct pktt_chain *chain);

#endif
