/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: tables, chains, rules and sets of all families, changed in transactions.
 *
 * Overview: an engine owns the catalog of extensions, its families' tables and its sets. A table
 * exists from its first use; its base chains hang at (family, hook, priority).
 *
 * Synchronization: one writer at a time (pktt_txn_begin() takes the engine's lock until commit or
 * abort). Readers run hooks without a lock inside an RCU read side: they load the generation once
 * per batch (env->generation) and see exactly the objects with born <= generation < dies.
 */
#ifndef PKTT_CORE_ENGINE_H
#define PKTT_CORE_ENGINE_H

#include "core/env.h"
#include "desc/command.h"

struct pktt_catalog;
struct pktt_engine;
struct pktt_txn;
struct pktt_table;
struct pktt_set;

/* Time, chance, memory and log come from outside. Settings: see settings.h. */
struct pktt_engine_config {
	unsigned int workers;	   /* counters are kept per worker; at least 1 */
	uint64_t seed;		   /* of every random choice and keyed hash */
	uint32_t hz;		   /* rate credit is rounded to jiffies of 1/hz s; 0 = exact */
	const char *osf_file;	   /* fingerprints for the osf match, or NULL */
	const char *label_file;	   /* names of connection labels, as connlabel.conf; or NULL */
	const char *plugin_folder; /* extensions as shared objects, or NULL */
	bool refuse_stateful; /* commit refuses rules that only the stateful engine can evaluate */
};

int pktt_engine_new(struct pktt_engine **ret, const struct pktt_engine_config *config,
		    struct pktt_error *err);
void pktt_engine_free(struct pktt_engine **engine);
const struct pktt_catalog *pktt_engine_catalog(const struct pktt_engine *engine);
const struct pktt_engine_config *pktt_engine_config(const struct pktt_engine *engine);
/*
 * What time it is (ns since the epoch) for changes that come as text: timeouts count from it.
 * Packets tell it too; before anybody has, timeouts count from the first time told. It never goes
 * back.
 */
void pktt_engine_set_time(struct pktt_engine *engine, uint64_t time_ns);
uint64_t pktt_engine_time(struct pktt_engine *engine);
/* The generation that a batch of packets that begins now reads. */
uint64_t pktt_engine_generation(const struct pktt_engine *engine);

/*
 * Run the hook: every base chain of the packet's family there (inet's too), in order of priority.
 * pkt->in, out, family, time and env are set; the packet is parsed. ACCEPT means go on.
 * Sets pkt->decision. Verdicts: ACCEPT, DROP, REJECT, STOLEN, QUEUE.
 */
enum pktt_verdict pktt_hook_run(struct pktt_engine *engine, struct pktt_packet *pkt,
				enum pktt_hook hook);

struct pktt_std_table; /* core/l3.h */
/*
 * A table beside the family's standard ones, at hooks and priorities of one's own choice. It is copied;
 * the table exists from its first use. -EEXIST for a name that the family has; -EINVAL without a base
 * chain, or for a hook that the family has not. Before the first transaction.
 */
int pktt_table_register(struct pktt_engine *engine, enum pktt_family family,
			const struct pktt_std_table *table, struct pktt_error *err);

/* --- Change ------------------------------------------------------------------------------ */

/* Waits for another transaction of the same engine. */
int pktt_txn_begin(struct pktt_txn **ret, struct pktt_engine *engine, struct pktt_error *err);
/*
 * Make all changes visible at one instant, as the next generation. Refused with a sentence (and the
 * transaction aborted): -ELOOP a loop, named; -ENOENT a chain or set that is not there; -EINVAL a
 * table, hook or family that an extension does not serve.
 */
int pktt_txn_commit(struct pktt_txn **txn, struct pktt_errors *errs);
void pktt_txn_abort(struct pktt_txn **txn);

enum pktt_apply_flags {
	/* *table flushes the table, as iptables-restore without -n; create replaces the set */
	PKTT_APPLY_RESTORE = 1 << 0,
	PKTT_APPLY_COUNTERS = 1 << 1, /* take [p:b] of chains and rules */
	/* create replaces even a set that the transaction has made: several changes are taken back */
	PKTT_APPLY_AGAIN = 1 << 2,
};
/* Carry out one command of the language in the transaction. LIST verbs do nothing here. */
int pktt_txn_apply(struct pktt_txn *txn, struct pktt_command *cmd, unsigned int flags,
		   struct pktt_error *err);

/* --- Look -------------------------------------------------------------------------------- */

struct pktt_rule {
	struct pktt_rule_spec *spec; /* constant once committed */
	uint64_t handle;
	struct pktt_chain *chain;
	uint32_t number; /* as --line-numbers; valid after pktt_chain_number() */
			 /* the rest is rule.c's */
};

/* Rules in order as of the current generation; NULL starts, NULL ends. Writer or RCU held. */
struct pktt_rule *pktt_rule_next(const struct pktt_chain *chain, const struct pktt_rule *after);
void pktt_rule_counters(const struct pktt_rule *rule, struct pktt_counters *ret);
/* Number the rules of a chain for the current generation (cached): rule->number is valid after. */
void pktt_chain_number(struct pktt_chain *chain);
const char *pktt_chain_name(const struct pktt_chain *chain);
bool pktt_chain_is_base(const struct pktt_chain *chain);
enum pktt_hook pktt_chain_hook(const struct pktt_chain *chain);
int pktt_chain_priority(const struct pktt_chain *chain); /* of a base chain, as its hook */
enum pktt_verdict pktt_chain_policy(const struct pktt_chain *chain);
void pktt_chain_counters(const struct pktt_chain *chain, struct pktt_counters *ret);
const struct pktt_table *pktt_chain_table(const struct pktt_chain *chain);
unsigned int pktt_chain_references(const struct pktt_chain *chain);
const char *pktt_table_name(const struct pktt_table *table);
enum pktt_family pktt_table_family(const struct pktt_table *table);
/* Base chains first, in hook order, then the others in order of their making. */
struct pktt_chain *pktt_chain_next(const struct pktt_table *table, const struct pktt_chain *after);
struct pktt_chain *pktt_chain_lookup(const struct pktt_table *table, const char *name);
/* Tables that are there, by family, then in the order raw mangle nat filter security ... */
struct pktt_table *pktt_table_next(const struct pktt_engine *engine,
				   const struct pktt_table *after);
struct pktt_table *pktt_table_lookup(const struct pktt_engine *engine, enum pktt_family family,
				     const char *name);

/* --- Save -------------------------------------------------------------------------------- */

enum pktt_save_flags {
	PKTT_SAVE_COUNTERS = 1 << 0, /* as iptables-save -c */
	PKTT_SAVE_NATIVE = 1 << 1,   /* *table family, names, sets, several targets */
};
/*
 * One family's tables (native: all of them) as text. -ENOTSUP where iptables cannot express a
 * rule.
 */
int pktt_save_text(struct pktt_engine *engine, enum pktt_family family, unsigned int flags,
		   struct str *out, struct pktt_errors *errs);
/* {"pkttables":[{"metainfo":..},{"table":..},{"chain":..},{"rule":..},{"set":..}...]} */
void pktt_save_json(struct pktt_engine *engine, const char *version, struct str *out);

#endif
