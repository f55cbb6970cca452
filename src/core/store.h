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

#include "base/arena.h"
#include "base/list.h"
#include "core/change.h"
#include "core/engine.h"
#include "core/hook.h"
#include "core/index.h"
#include "core/l3.h"
#include "core/rank.h"

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

enum kind { KIND_RULE, KIND_CHAIN, KIND_TABLE, KIND_POLICY, KIND_NAME, KIND_HOOKS };

/* Part of all that dies: waits for two grace periods, see reclaim.c. */
struct limbo {
	struct list node;
	uint64_t gen; /* it is there for nobody from this generation on */
	enum kind kind;
};

/* A worker's own; 32 bytes, so that none of it shares a line with many. */
struct hits {
	struct pktt_counters c;
	uint64_t last_ns; /* since the epoch */
	uint64_t unused;
};

/* One version of a chain's policy; the newest first. A user-defined chain without one returns. */
struct policy {
	struct limbo limbo;
	uint64_t born;
	enum pktt_verdict verdict;
	struct policy *older;
};

/* One version of a chain's name, likewise. */
struct chain_name {
	struct limbo limbo;
	uint64_t born;
	struct chain_name *older;
	struct pktt_chain *chain;
	char text[PKTT_NAME_MAX];
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
	struct pktt_chain *to; /* of the target "jump"; set before the commit */
	bool is_jump, is_goto;
	uint32_t lock; /* held while an extension with state runs */
};

struct rule_body;

/*
 * A rule at a place in a chain. A rule that is moved is another one of these with the same body, and so is
 * one whose text changed because a chain that it names was renamed.
 */
struct rule {
	struct pktt_rule pub; /* first: what engine.h shows */
	struct life life;
	struct list node;	    /* in chain->rules */
	struct use *match, *target; /* the body's, like hits */
	struct hits *hits;	    /* one a worker */
	struct rule_body *body;
	struct limbo limbo;
	struct jump *jump;
	unsigned int njumps;
	bool has_own_spec; /* pub.spec is not the body's */
	struct rank_item rank;
	struct index_node by_handle, by_spec, by_name;
};

/* What runs and what counts, in one piece of memory with the rule's first place. */
struct rule_body {
	struct pktt_engine *engine;
	struct pktt_rule_spec *spec;
	uint64_t spec_hash;
	unsigned int places, nset_up;
	struct rule first;
};

struct pktt_chain {
	struct life life;
	struct limbo limbo;
	struct list node; /* in table->chains */
	struct pktt_table *table;
	struct chain_name *name; /* the newest first */
	bool is_base;
	bool is_nat; /* of a table that is asked once a connection, where connections are tracked */
	enum pktt_hook hook;
	int priority;
	struct policy *policy;
	struct list rules, jumps, callers;
	struct rank rank;  /* of rules, once there are many */
	uint32_t nlinked;  /* rules in the list, of any life */
	uint32_t nrules;   /* in the writer's view */
	uint32_t hooks;	   /* PKTT_HOOK bits of base chains that reach it, in the writer's view */
	uint64_t numbered; /* generation for which rules' numbers are valid, +1; 0 = none */
	struct hits *hits; /* of the policy, one a worker */
	uint64_t visit;	   /* scratch of graph.c: serial << 2 | colour */
	bool is_queued;	   /* likewise */
	struct pktt_chain *next_by_name; /* in table->by_name */
};

#define CHAIN_BUCKETS_MIN 64u

struct pktt_table {
	struct life life;
	struct limbo limbo;
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
	struct limbo limbo;
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

/* What died and is not freed yet: reclaim.c. */
struct reclaim {
	struct list fresh, waiting; /* for the first grace period: not asked for yet, asked for */
	struct list blind;	    /* seen by no reader any more, linked */
	struct list unlinked, leaving, done; /* the same for the second */
	struct set_retired *of_sets;	     /* wait as leaving does */
	size_t count, nfresh;
	size_t died; /* in this transaction */
	/* The thread that waits for grace periods. */
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	bool is_over;
	int grace;	/* enum grace */
	uint64_t reads; /* for ThreadSanitizer only */
};

/* Generations that are held. */
struct snapshots {
	pthread_mutex_t lock; /* nothing is unlinked while a step of a listing holds it */
	struct list all;
};

#define LISTENERS_MAX 4

struct pktt_txn {
	struct pktt_engine *engine;
	uint64_t gen; /* that becomes current at commit */
	struct undo *undo;
	struct list counts;		/* pending: struct hits arrays, set at commit */
	struct list touched;		/* pending: struct rule, new, or newly reached by a hook */
	struct arena arena;		/* of all notes */
	struct note *notes, *last_note; /* changes to tell, oldest first */
	uint64_t nchanges;
	uint32_t wanted; /* bits of the listeners that want changes */
	bool is_quiet;	 /* another note stands for these */
	bool has_jumps;	 /* a rule that jumps is among those touched or dying */
	void *user;
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
	struct reclaim reclaim;
	struct snapshots snapshots;
	struct index by_handle, by_spec,
		by_name;     /* rules; all but the first in the writer's view */
	struct pktt_txn txn; /* the one that is open */
	struct pktt_change_listener listener[LISTENERS_MAX];
	unsigned int nlisteners;
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
	bool is_stateful; /* a rule that is tracked for */
};

/* Something that commit has to look at: rules to check, counters to clear. */
struct pending {
	struct list node;
	void *object;
	struct pktt_counters value;
};

/* A change to be told of. */
struct note {
	struct note *newer;
	struct pktt_change change;
};

/* table.c */
int table_open(struct pktt_txn *txn, enum pktt_family family, const char *name,
	       struct pktt_table **ret, struct pktt_error *err);
struct pktt_table *table_next_at(const struct pktt_engine *engine, const struct pktt_table *after,
				 uint64_t gen);
void table_free(struct pktt_table *table);
void own_tables_free(struct pktt_engine *engine);
/* chain.c */
int chain_new(struct pktt_txn *txn, struct pktt_table *table, const char *name,
	      struct pktt_chain **ret, struct pktt_error *err);
int chain_new_base(struct pktt_txn *txn, struct pktt_table *table,
		   const struct pktt_base_chain *base, struct pktt_error *err);
int chain_check_name(const char *name, struct pktt_error *err);
struct pktt_chain *chain_next_at(const struct pktt_table *table, const struct pktt_chain *after,
				 uint64_t gen);
struct pktt_chain *chain_at(const struct pktt_table *table, const char *name, uint64_t gen);
/* Give it another name, and the rules that jump to it. -ENOMEM. */
int chain_rename(struct pktt_txn *txn, struct pktt_chain *chain, const char *name);
/* Take the newest name away again. */
void chain_unname(struct pktt_chain *chain);
const char *chain_name_at(const struct pktt_chain *chain, uint64_t gen);
/* In the writer's view. */
static inline const char *chain_name(const struct pktt_chain *chain)
{
	return chain->name->text;
}
int chain_set_policy(struct pktt_txn *txn, struct pktt_chain *chain, enum pktt_verdict verdict);
enum pktt_verdict chain_policy_at(const struct pktt_chain *chain, uint64_t gen);
bool chain_has_callers(const struct pktt_chain *chain, uint64_t gen);
void chain_free(struct pktt_chain *chain);
void chain_unlink(struct pktt_chain *chain);
/* rule.c */
int rule_new(struct pktt_chain *chain, struct pktt_rule_spec **spec, struct rule **ret,
	     struct pktt_error *err);
/*
 * The same rule for another place, with its own text if spec is given (taken on success). Its jumps are
 * linked. -ENOMEM.
 */
int rule_twin(struct rule *rule, struct pktt_rule_spec **spec, struct rule **ret);
void rule_free(struct rule *rule);
const struct rule *rule_of(const struct pktt_rule *pub);
struct rule *rule_next_at(const struct pktt_chain *chain, const struct rule *after, uint64_t gen);
/* rule_place.c: in chains, and found there */
/* Born at the transaction's generation, before at or (the list's head) at the end. -ENOMEM: it is freed. */
int rule_enter(struct pktt_txn *txn, struct rule *rule, struct list *at);
int rule_leave(struct pktt_txn *txn, struct rule *rule);
/* The writer's view of a birth or a death taken back. */
void rule_uncount(struct rule *rule);
void rule_recount(struct rule *rule);
void rule_unlink(struct rule *rule);
/* In the writer's view: the handle of the rule that it stands behind; 0 = it is the first. */
uint64_t rule_before(const struct rule *rule);
uint32_t rule_number(const struct rule *rule);
struct rule *rule_by_number(const struct pktt_chain *chain, uint32_t number);
struct rule *rule_by_handle(const struct pktt_engine *engine, uint64_t handle, uint64_t gen);
struct rule *rule_by_name(const struct pktt_chain *chain, const char *name, uint64_t gen);
/* The first that pktt_rule_spec_equal() takes for the same. */
struct rule *rule_like(const struct pktt_chain *chain, const struct pktt_rule_spec *spec,
		       uint64_t gen);
/* txn.c */
int txn_born(struct pktt_txn *txn, enum kind kind, void *object);
int txn_died(struct pktt_txn *txn, enum kind kind, void *object);
int txn_undo(struct pktt_txn *txn, enum undo_what what, enum kind kind, void *object);
int txn_touch(struct pktt_txn *txn, struct rule *rule);
/* At commit, worker 0's counters become *value, the others' zero. */
int txn_count(struct pktt_txn *txn, struct hits *hits, const struct pktt_counters *value);
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
/* change.c */
void change_begin(struct pktt_txn *txn);
/* Note a change, if somebody wants it; what is borrowed lives until the commit has told it. -ENOMEM. */
bool change_is_wanted(const struct pktt_txn *txn);
int change_note(struct pktt_txn *txn, const struct pktt_change *change);
int change_table(struct pktt_txn *txn, enum pktt_change_kind kind, const struct pktt_table *table);
int change_chain(struct pktt_txn *txn, enum pktt_change_kind kind, const struct pktt_chain *chain);
int change_rule(struct pktt_txn *txn, enum pktt_change_kind kind, const struct rule *rule,
		const struct rule *old);
int change_set(struct pktt_txn *txn, enum pktt_change_kind kind, const char *set, const char *text);
void change_tell(struct pktt_txn *txn);
/* reclaim.c */
int reclaim_init(struct pktt_engine *engine);
void reclaim_fini(struct pktt_engine *engine);
/* gen: the first generation in which it is not there for anybody who comes. */
void limbo_add(struct pktt_engine *engine, struct limbo *l, enum kind kind, uint64_t gen);
/* After every transaction: a bounded part of the work. */
void reclaim_step(struct pktt_engine *engine);
/* A reader is about to leave: what it read, it read before memory is given back. */
void reclaim_read_end(struct pktt_engine *engine);
/* snapshot.c */
uint64_t snapshot_oldest(const struct pktt_engine *engine); /* UINT64_MAX = none; under the lock */
/* verify.c: what makes a family tracked */
bool rule_is_stateful(const struct rule *rule);
/* hooks.c */
int hooks_insert(struct pktt_engine *engine, struct pktt_chain *chain);
void hooks_remove(struct pktt_engine *engine, struct pktt_chain *chain);

#endif
