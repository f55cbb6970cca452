/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets: what ipset calls sets, owned by the engine and named by rules.
 *
 * A type of set is data: its name gives the dimensions ("hash:net,port"), a parameter table its
 * options. Elements may be ranges, prefixes and concatenations, with timeout, counters, comment and
 * packet values. Membership is O(1) for plain elements and O(number of distinct prefix lengths) for
 * prefixes; lists of sets are searched in order.
 *
 * Synchronization: changes by rules (SET) and by transactions take the set's lock; tests by packets
 * are safe beside them.
 */
#ifndef PKTT_CORE_SET_H
#define PKTT_CORE_SET_H

#include "core/engine.h"

struct json;

/* The set of that name as of the current generation; borrowed. NULL = none. */
struct pktt_set *pktt_set_lookup(struct pktt_engine *engine, const char *name);
/* The same in the open transaction's view: for the setup of extensions. Writer only. */
struct pktt_set *pktt_set_find(struct pktt_engine *engine, const char *name);
const char *pktt_set_name(const struct pktt_set *set);
const char *pktt_set_type(const struct pktt_set *set);
uint8_t pktt_set_dims(const struct pktt_set *set);
bool pktt_set_is_list(const struct pktt_set *set); /* of sets of any dimensions */
/* Elements that were not added since the set was full. */
uint64_t pktt_set_full(const struct pktt_set *set);
/*
 * A rule holds it, or no longer does. A set cannot be destroyed while a rule of the transaction's
 * view names it in a parameter of type set-ref; holding it keeps its memory beyond that.
 */
void pktt_set_get(struct pktt_set *set);
void pktt_set_put(struct pktt_set *set);

/* What the match and the target ask for, as ipset's set match has it. */
struct pktt_set_options {
	bool return_nomatch, no_update_counters, no_update_subcounters;
	struct {	    /* counters must compare; op 0 = not asked */
		uint8_t op; /* '=' '!' '<' '>' */
		uint64_t value;
	} packets, bytes;
	bool has_timeout; /* add: */
	uint32_t timeout_s;
	bool replace; /* add --exist */
	bool map_mark, map_priority, map_queue;
};

/* HIT, MISS, or BAD where the packet lacks what a dimension needs (then Linux says no match). */
enum pktt_hit pktt_set_test_packet(struct pktt_set *set, struct pktt_packet *pkt,
				   const struct pktt_set_ref *ref,
				   const struct pktt_set_options *opt);
/* The same, and what was found is given to the packet: mark and priority, as opt says. */
enum pktt_hit pktt_set_map_packet(struct pktt_set *set, struct pktt_packet *pkt,
				  const struct pktt_set_ref *ref,
				  const struct pktt_set_options *opt);
/* 0, or why not: -EEXIST, -ENOSPC (counted), -ENOENT, -EINVAL (the packet lacks a dimension). */
int pktt_set_add_packet(struct pktt_set *set, struct pktt_packet *pkt,
			const struct pktt_set_ref *ref, const struct pktt_set_options *opt);
int pktt_set_delete_packet(struct pktt_set *set, struct pktt_packet *pkt,
			   const struct pktt_set_ref *ref);

/*
 * Within a transaction (core/apply.c calls these): text as ipset save writes it. An error's place
 * has no line, and the column counts from the begin of the options' or element's text.
 */
int pktt_set_create(struct pktt_txn *txn, const char *name, const char *type, const char *options,
		    struct pktt_error *err);
/*
 * The same where one of that name may be there, which then goes, as *table clears a table; again: even
 * one that this transaction has made.
 */
int pktt_set_replace(struct pktt_txn *txn, const char *name, const char *type, const char *options,
		     bool again, struct pktt_error *err);
int pktt_set_destroy(struct pktt_txn *txn, const char *name, struct pktt_error *err);
/* What has expired goes now, and not only when its room is needed. */
void pktt_set_sweep(struct pktt_txn *txn, const char *name);
int pktt_set_flush(struct pktt_txn *txn, const char *name, struct pktt_error *err);
/* Each name has the other's elements then, for rules and lists, too. -EINVAL: of other types. */
int pktt_set_swap(struct pktt_txn *txn, const char *name, const char *other,
		  struct pktt_error *err);
int pktt_set_element_add(struct pktt_txn *txn, const char *name, const char *element,
			 struct pktt_error *err);
int pktt_set_element_delete(struct pktt_txn *txn, const char *name, const char *element,
			    struct pktt_error *err);

/* Is the element (ipset's syntax) in the set at this time? 1, 0 or an error. */
int pktt_set_test(struct pktt_set *set, const char *element, uint64_t time_ns,
		  struct pktt_error *err);
/* ipset save: "create ..." and, elements in a fixed order, "add ..." lines. */
void pktt_set_save(struct pktt_set *set, uint64_t time_ns, struct str *out);
/*
 * All sets, or the one of that name, as of a generation that is current, or was before the commit that
 * listeners are being told of.
 */
void pktt_sets_save_at(struct pktt_engine *engine, uint64_t generation, const char *name,
		       struct str *out);
void pktt_set_json(struct pktt_set *set, uint64_t time_ns, struct json *out);
/* All sets, lists last, at the engine's time. */
void pktt_sets_save(struct pktt_engine *engine, struct str *out);
void pktt_sets_json(struct pktt_engine *engine, struct json *out);
/*
 * Elements one after the other, for listings of any length beside changes: each step takes the lock for a
 * moment. An element that is there throughout is met once if nothing changes; where the set's version
 * is another one at the end than at the beginning, elements may have been met twice or not at all.
 */
struct pktt_set_cursor;
int pktt_set_cursor_new(struct pktt_set_cursor **ret, struct pktt_set *set);
void pktt_set_cursor_free(struct pktt_set_cursor **cursor);
/* Appends ELEMENT OPTIONS, as add takes them. 1, 0 at the end, -ENOMEM. Expired ones are left out. */
int pktt_set_cursor_next(struct pktt_set_cursor *cursor, uint64_t time_ns, struct str *out);
/* Another number after every change of the set's elements. Any thread that holds the set. */
uint64_t pktt_set_version(const struct pktt_set *set);
/* Elements, those included that have expired and were not removed yet. */
uint64_t pktt_set_count(struct pktt_set *set);
/* The options of create. */
void pktt_set_options(const struct pktt_set *set, struct str *out);
/*
 * The element that is equal, with its options as they are now, appended as the cursor does. 1, 0 = it
 * is not there, or an error: -EINVAL for what is no element, or several.
 */
int pktt_set_element_get(struct pktt_set *set, const char *element, uint64_t time_ns,
			 struct str *out, struct pktt_error *err);
/* In name order. */
struct pktt_set *pktt_set_next(struct pktt_engine *engine, const struct pktt_set *after);
/* For the engine: make and break its store of sets. */
struct pktt_set_store;
int pktt_set_store_new(struct pktt_set_store **ret, struct pktt_engine *engine);
void pktt_set_store_free(struct pktt_set_store **store);
struct pktt_set_store *pktt_engine_sets(struct pktt_engine *engine);
/* The transaction's outcome: called by commit and abort after the rules' part. */
/* Whether replaced sets are used by nobody any more: every one that is becomes an error. */
int pktt_set_txn_verify(struct pktt_txn *txn, struct pktt_errors *errs);
void pktt_set_txn_commit(struct pktt_set_store *store, uint64_t generation);
void pktt_set_txn_abort(struct pktt_set_store *store);
/*
 * What readers may still look at: take it, wait for a grace period, give it back. Reclaimed when
 * there is enough of it to be worth the wait.
 */
struct set_retired;
bool pktt_set_wants_reclaim(struct pktt_set_store *store);
struct set_retired *pktt_set_reclaim(struct pktt_set_store *store);
void pktt_set_reclaimed(struct set_retired *all);

/* For set.c: what a transaction belongs to. */
struct pktt_engine *pktt_txn_engine(struct pktt_txn *txn);

#endif
