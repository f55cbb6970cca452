/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a commit changed, for whoever tells programs of it or keeps a history; and views of a
 * generation that stay whole while rules change.
 */
#ifndef PKTT_CORE_CHANGE_H
#define PKTT_CORE_CHANGE_H

#include "core/engine.h"

enum pktt_change_kind {
	PKTT_CHANGE_TABLE_NEW,
	PKTT_CHANGE_TABLE_FLUSH, /* *table with restore semantics: stands for all that went with it */
	PKTT_CHANGE_CHAIN_NEW,
	PKTT_CHANGE_CHAIN_DELETE,
	PKTT_CHANGE_CHAIN_RENAME, /* text: the old name */
	PKTT_CHANGE_CHAIN_POLICY, /* policy: the old one */
	PKTT_CHANGE_RULE_NEW,
	PKTT_CHANGE_RULE_DELETE,
	PKTT_CHANGE_RULE_REPLACE, /* rule: the new one; old: what it stands for */
	PKTT_CHANGE_RULE_MOVE,	  /* the same object elsewhere */
	PKTT_CHANGE_ZERO,	  /* counters of rule, or (NULL) of chain */
	PKTT_CHANGE_SET_NEW,
	PKTT_CHANGE_SET_DELETE,
	PKTT_CHANGE_SET_FLUSH,
	PKTT_CHANGE_SET_SWAP,	 /* text: the other's name */
	PKTT_CHANGE_ELEMENT_NEW, /* text: as given */
	PKTT_CHANGE_ELEMENT_DELETE,
};

struct pktt_change {
	enum pktt_change_kind kind;
	const struct pktt_table *table;
	const struct pktt_chain *chain;
	const struct pktt_rule *rule, *old;
	/*
	 * RULE_*: the rule that it stands (DELETE: stood) behind in the chain, 0 = first; MOVE: where it
	 * stood before. Enough to take the change back.
	 */
	uint64_t after;
	uint64_t to; /* MOVE: behind which rule it stands now, 0 = first */
	enum pktt_verdict policy;
	const char *set, *text;
};

struct pktt_change_listener {
	/*
	 * In the writer's thread, in the order in which the changes were made, when they
	 * have become visible
	 * and before what died can be freed; changes nothing. generation: the new one; user: what
	 * pktt_txn_set_user() said. Then committed(), once.
	 */
	void (*change)(void *ctx, const struct pktt_change *change, uint64_t generation,
		       void *user);
	void (*committed)(void *ctx, uint64_t generation, uint64_t nchanges, void *user);
	/*
	 * Asked at begin: nobody wants single changes now, so that none are collected.
	 * NULL = always wanted.
	 */
	bool (*wants)(void *ctx);
	void *ctx;
};

/* At most 4; borrowed. Writer's thread. */
int pktt_engine_listen(struct pktt_engine *engine, const struct pktt_change_listener *listener);
void pktt_engine_unlisten(struct pktt_engine *engine, const void *ctx);
/* On whose behalf the transaction runs. */
void pktt_txn_set_user(struct pktt_txn *txn, void *user);
/* The generation that commit will make current. */
uint64_t pktt_txn_generation(const struct pktt_txn *txn);

/*
 * Hold the current generation: nothing that lives in it is freed before pktt_snapshot_put(), so that a
 * listing of any length, in steps, by a thread that is no reader, sees one state. Any thread.
 */
struct pktt_snapshot;
int pktt_snapshot_get(struct pktt_snapshot **ret, struct pktt_engine *engine);
/*
 * The same of an earlier generation, while a listener is told of the commit that came right after it:
 * nothing of it has been freed yet.
 */
int pktt_snapshot_get_at(struct pktt_snapshot **ret, struct pktt_engine *engine,
			 uint64_t generation);
void pktt_snapshot_put(struct pktt_snapshot **snapshot);
uint64_t pktt_snapshot_generation(const struct pktt_snapshot *snapshot);
/* As pktt_table_next(), pktt_chain_next(), pktt_rule_next(), in the snapshot. */
struct pktt_table *pktt_snapshot_table(const struct pktt_snapshot *snapshot,
				       const struct pktt_table *after);
struct pktt_chain *pktt_snapshot_chain(const struct pktt_snapshot *snapshot,
				       const struct pktt_table *table,
				       const struct pktt_chain *after);
struct pktt_rule *pktt_snapshot_rule(const struct pktt_snapshot *snapshot,
				     const struct pktt_chain *chain, const struct pktt_rule *after);
enum pktt_verdict pktt_snapshot_policy(const struct pktt_snapshot *snapshot,
				       const struct pktt_chain *chain);
const char *pktt_snapshot_chain_name(const struct pktt_snapshot *snapshot,
				     const struct pktt_chain *chain);

/* The live rule of that handle, in O(1), as of the current generation; NULL. Writer or RCU held. */
struct pktt_rule *pktt_rule_by_handle(const struct pktt_engine *engine, uint64_t handle);
/* Its number in its chain as of the current generation, from 1, in O(log n). Writer's thread. */
uint32_t pktt_rule_position(const struct pktt_rule *rule);
/* ns since the epoch of the last packet that it counted; 0 = none, ever. */
uint64_t pktt_rule_last_hit(const struct pktt_rule *rule);

#endif
