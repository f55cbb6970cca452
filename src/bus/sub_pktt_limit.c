/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many rules, chains, sets and elements there may be, in all and of one uid; and the phrase that says
 * what a transaction did. Both come from what commands say; elements are asked of their set, since one
 * text may name many of them, or one that is there. What a command that deletes several takes away is
 * counted only where there is a limit, since that costs time.
 *
 * In all is exact after every commit. Nothing in the engine remembers who added it, so what one uid has is
 * what it added less what it took away; what others took away, or what went by its time, is taken off all
 * uids in proportion.
 */
#include "bus/sub_pktt_own.h"

#include "base/own.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SWEEP_REST = 100 };

static uint64_t limit_of(const struct sub_pktt_limits *l, enum sub_kind kind, bool is_peers)
{
	switch (kind) {
	case SUB_RULES:
		return is_peers ? l->peer_rules : l->rules;
	case SUB_CHAINS:
		return is_peers ? l->peer_chains : l->chains;
	case SUB_SETS:
		return is_peers ? l->peer_sets : l->sets;
	case SUB_ELEMENTS:
		return is_peers ? l->peer_elements : l->elements;
	case SUB_KINDS:
		break;
	}
	return 0;
}

static const char *const kind_names[SUB_KINDS] = { "rule", "chain", "set", "element" };

/* --- Counting ---------------------------------------- */

static uint64_t count_rules(const struct pktt_chain *chain)
{
	uint64_t n = 0;

	for (struct pktt_rule *r = NULL; (r = pktt_rule_next(chain, r));)
		n++;
	return n;
}

static void count_table(const struct pktt_table *table, uint64_t *rules, uint64_t *chains)
{
	for (struct pktt_chain *c = NULL; (c = pktt_chain_next(table, c));) {
		*rules += count_rules(c);
		*chains += !pktt_chain_is_base(c);
	}
}

static void count_sets(struct sub_pktt *sub, uint64_t *total)
{
	total[SUB_SETS] = total[SUB_ELEMENTS] = 0;
	for (struct pktt_set *s = NULL; (s = pktt_set_next(sub->engine, s));) {
		total[SUB_SETS]++;
		total[SUB_ELEMENTS] += pktt_set_count(s);
	}
}

static void count_rules_and_chains(struct sub_pktt *sub, uint64_t *total)
{
	total[SUB_RULES] = total[SUB_CHAINS] = 0;
	for (struct pktt_table *t = NULL; (t = pktt_table_next(sub->engine, t));)
		count_table(t, &total[SUB_RULES], &total[SUB_CHAINS]);
}

static uint64_t less(uint64_t has, uint64_t n)
{
	return has > n ? has - n : 0;
}

/* Of all uids, n things of total have gone; rounded so that nobody keeps what is not there. */
static void take_off(struct sub_pktt *sub, unsigned int kind, uint64_t n, uint64_t total)
{
	for (struct sub_uid *u = sub->uids; u; u = u->next) {
		uint64_t share = n < total ? (n * u->has[kind] + total - 1) / total : u->has[kind];

		u->has[kind] -= share < u->has[kind] ? share : u->has[kind];
	}
}

/* What there is now, whoever made it and whoever took it away. */
static void recount(struct sub_pktt *sub)
{
	uint64_t now[SUB_KINDS];

	count_rules_and_chains(sub, now);
	count_sets(sub, now);
	for (unsigned int k = 0; k < SUB_KINDS; k++)
		if (now[k] < sub->total[k])
			take_off(sub, k, sub->total[k] - now[k], sub->total[k]);
	memcpy(sub->total, now, sizeof(now));
}

void sub_limit_init(struct sub_pktt *sub)
{
	for (unsigned int k = 0; k < SUB_KINDS; k++)
		sub->is_limited |= limit_of(&sub->config.limits, (enum sub_kind)k, false) ||
				   limit_of(&sub->config.limits, (enum sub_kind)k, true);
	sub->is_stale = sub->is_limited;
}

/* Rules that pkttd loads itself are not refused, but count. */
void sub_limit_begin(struct sub_pktt *sub)
{
	if (sub->is_stale)
		recount(sub);
	sub->is_stale = false;
}

void sub_limit_own_committed(struct sub_pktt *sub)
{
	sub->is_stale = sub->is_limited;
}

void sub_limit_fini(struct sub_pktt *sub)
{
	while (sub->uids) {
		struct sub_uid *next = sub->uids->next;

		free(sub->uids);
		sub->uids = next;
	}
}

static struct sub_uid *uid_of(struct sub_pktt *sub, uid_t uid)
{
	struct sub_uid *u = sub->uids;

	while (u && u->uid != uid)
		u = u->next;
	if (u || !(u = calloc(1, sizeof(*u))))
		return u;
	u->uid = uid;
	u->next = sub->uids;
	return sub->uids = u;
}

/* --- One command ---------------------------------------- */

struct effect {
	enum sub_kind kind;
	uint64_t added, deleted, chains_deleted;
};

static uint64_t flushed(const struct sub_pktt *sub, const struct pktt_command *cmd,
			uint64_t *chains)
{
	const struct pktt_table *table =
		pktt_table_lookup(sub->engine, cmd->family, cmd->table[0] ? cmd->table : "filter");
	const struct pktt_chain *chain =
		table && cmd->chain[0] ? pktt_chain_lookup(table, cmd->chain) : NULL;
	uint64_t rules = 0;

	if (!sub->is_limited || !table || (cmd->chain[0] && !chain))
		return 0;
	if (chain)
		return count_rules(chain);
	count_table(table, &rules, chains);
	return rules;
}

static uint64_t elements_of(const struct sub_pktt *sub, const char *name)
{
	struct pktt_set *set = sub->is_limited ? pktt_set_find(sub->engine, name) : NULL;

	return set ? pktt_set_count(set) : 0;
}

/* What verbs do by themselves. */
static const struct {
	bool counts;
	uint8_t kind, added, deleted;
} effects[] = {
	[PKTT_RULE_APPEND] = { true, SUB_RULES, 1, 0 },
	[PKTT_RULE_INSERT] = { true, SUB_RULES, 1, 0 },
	[PKTT_RULE_DELETE] = { true, SUB_RULES, 0, 1 },
	[PKTT_RULE_DELETE_AT] = { true, SUB_RULES, 0, 1 },
	[PKTT_CHAIN_NEW] = { true, SUB_CHAINS, 1, 0 },
	[PKTT_CHAIN_DECLARE] = { true, SUB_CHAINS, 1, 0 }, /* of built-in ones see below */
	[PKTT_CHAIN_DELETE] = { true, SUB_CHAINS, 0, 1 },
	[PKTT_SET_CREATE] = { true, SUB_SETS, 1, 0 },
	[PKTT_SET_DESTROY] = { true, SUB_SETS, 0, 1 },
	[PKTT_SET_ADD] = { true, SUB_ELEMENTS, 1, 0 },
	[PKTT_SET_DELETE] = { true, SUB_ELEMENTS, 0, 1 },
};

static bool effect_of(const struct sub_pktt *sub, const struct pktt_command *cmd,
		      unsigned int flags, struct effect *e)
{
	uint64_t unused = 0;

	*e = (struct effect){ .kind = SUB_RULES };
	if (cmd->verb == PKTT_TABLE_BEGIN && !(flags & WIRE_RESTORE))
		return true; /* opens a table: no change */
	if (cmd->verb == PKTT_TABLE_BEGIN || cmd->verb == PKTT_CHAIN_FLUSH) {
		e->deleted = flushed(sub, cmd,
				     cmd->verb == PKTT_TABLE_BEGIN ? &e->chains_deleted : &unused);
		return sub->is_limited;
	}
	if (cmd->verb == PKTT_SET_FLUSH) {
		e->kind = SUB_ELEMENTS;
		e->deleted = elements_of(sub, cmd->chain);
		return sub->is_limited;
	}
	if ((size_t)cmd->verb >= pktt_countof(effects) || !effects[cmd->verb].counts)
		return false;
	/* A built-in chain is declared with its policy. */
	if (cmd->verb == PKTT_CHAIN_DECLARE && cmd->policy != PKTT_CONTINUE)
		return false;
	e->kind = (enum sub_kind)effects[cmd->verb].kind;
	e->added = effects[cmd->verb].added;
	e->deleted = effects[cmd->verb].deleted;
	return true;
}

static bool is_over(uint64_t limit, uint64_t has, const struct sub_tally *t, enum sub_kind kind)
{
	return limit && has + t->added[kind] > limit + t->deleted[kind];
}

/* "1 rule", "2 rules" */
static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static int check(struct sub_pktt *sub, enum sub_kind kind, struct pktt_error *err)
{
	uint64_t all = limit_of(&sub->config.limits, kind, false);
	uint64_t own = limit_of(&sub->config.limits, kind, true);
	uid_t uid = sub->user.who.uid;
	const struct sub_uid *u = own ? uid_of(sub, uid) : NULL;

	if (is_over(all, sub->total[kind], &sub->tally, kind))
		return pktt_fail(err, -ENOSPC, "there may be %" PRIu64 " %s%s in all, and not more",
				 all, kind_names[kind], plural(all));
	if (own && !u)
		return pktt_fail(err, -ENOMEM, "no memory to count what uid %u adds", uid);
	if (u && is_over(own, u->has[kind], &sub->tally, kind))
		return pktt_fail(err, -EDQUOT, "uid %u may have %" PRIu64 " %s%s, and not more",
				 uid, own, kind_names[kind], plural(own));
	return 0;
}

static bool is_of_element(const struct pktt_command *cmd)
{
	return cmd->verb == PKTT_SET_ADD || cmd->verb == PKTT_SET_DELETE;
}

int sub_limit_check(struct sub_pktt *sub, const struct pktt_command *cmd, unsigned int flags,
		    struct pktt_error *err)
{
	struct effect e;

	if (!effect_of(sub, cmd, flags, &e)) {
		sub->tally.others++;
		return 0;
	}
	sub->tally.added[e.kind] += e.added;
	sub->tally.deleted[e.kind] += e.deleted;
	sub->tally.deleted[SUB_CHAINS] += e.chains_deleted;
	sub->tally.has_new_body |=
		cmd->verb >= PKTT_SET_CREATE && cmd->verb <= PKTT_SET_SWAP && !is_of_element(cmd);
	return sub->is_limited && e.added && !is_of_element(cmd) ? check(sub, e.kind, err) : 0;
}

uint64_t sub_limit_elements(const struct sub_pktt *sub, const struct pktt_command *cmd)
{
	return is_of_element(cmd) ? elements_of(sub, cmd->chain) : 0;
}

static uint64_t swept(struct sub_pktt *sub, struct pktt_set *set)
{
	uint64_t before = pktt_set_count(set);

	pktt_set_sweep(sub->txn, pktt_set_name(set));
	return before - pktt_set_count(set);
}

/*
 * Elements whose time has passed stand until somebody needs their room: here it is needed. Looking for
 * them takes as long as the sets are large: who is refused again and again makes us spend a hundredth of
 * our time on it, and no more.
 */
static int check_elements(struct sub_pktt *sub, struct pktt_error *err)
{
	uint64_t gone = 0, since = sub_pktt_lasted_ns(sub);

	if (check(sub, SUB_ELEMENTS, NULL) == 0)
		return 0;
	if (sub->begun_ns >= sub->sweep_ns)
		for (struct pktt_set *s = NULL; (s = pktt_set_next(sub->engine, s));)
			gone += swept(sub, s);
	if (sub->begun_ns >= sub->sweep_ns)
		sub->sweep_ns = sub->begun_ns + SWEEP_REST * (sub_pktt_lasted_ns(sub) - since);
	take_off(sub, SUB_ELEMENTS, gone, sub->total[SUB_ELEMENTS]);
	sub->total[SUB_ELEMENTS] = less(sub->total[SUB_ELEMENTS], gone);
	sub->is_stale = true; /* this may be undone */
	return check(sub, SUB_ELEMENTS, err);
}

/* The command was carried out; its set had so many elements before. */
int sub_limit_applied(struct sub_pktt *sub, const struct pktt_command *cmd, uint64_t before,
		      struct pktt_error *err)
{
	uint64_t *added = &sub->tally.added[SUB_ELEMENTS];
	uint64_t *deleted = &sub->tally.deleted[SUB_ELEMENTS];
	uint64_t after;

	if (!sub->is_limited || !is_of_element(cmd))
		return 0;
	after = elements_of(sub, cmd->chain);
	if (after == before && sub->tally.has_new_body)
		after = cmd->verb == PKTT_SET_ADD ? before + 1 : before; /* by the command's word */
	*added = *added + (after > before ? after - before : 0) - (cmd->verb == PKTT_SET_ADD);
	*deleted =
		*deleted + (after < before ? before - after : 0) - (cmd->verb == PKTT_SET_DELETE);
	return after > before ? check_elements(sub, err) : 0;
}

/* What went is first the uid's own, then everybody's. */
static void settle(struct sub_pktt *sub, unsigned int kind, struct sub_uid *u, uint64_t before)
{
	uint64_t had = before + sub->tally.added[kind], gone = less(had, sub->total[kind]);
	uint64_t own = u ? u->has[kind] + sub->tally.added[kind] : 0;

	if (u)
		u->has[kind] = less(own, gone);
	if (gone > own)
		take_off(sub, kind, gone - own, had - own);
}

void sub_limit_committed(struct sub_pktt *sub)
{
	const struct sub_tally *t = &sub->tally;
	uint64_t before[SUB_KINDS];
	struct sub_uid *u;

	if (!sub->is_limited)
		return;
	u = uid_of(sub, sub->user.who.uid);
	memcpy(before, sub->total, sizeof(before));
	sub->total[SUB_RULES] =
		less(before[SUB_RULES] + t->added[SUB_RULES], t->deleted[SUB_RULES]);
	/* What commands say of chains is not exact, nor what several rules that go say. */
	if (t->added[SUB_CHAINS] || t->deleted[SUB_CHAINS] || t->deleted[SUB_RULES] > 1)
		count_rules_and_chains(sub, sub->total);
	count_sets(sub, sub->total);
	for (unsigned int k = 0; k < SUB_KINDS; k++)
		settle(sub, k, u, before[k]);
}

/* --- The phrase ---------------------------------------- */

static size_t put_part(char *buf, size_t room, size_t at, char sign, uint64_t n, const char *name)
{
	int len;

	if (n == 0 || at >= room)
		return at;
	len = snprintf(buf + at, room - at, "%s%c%" PRIu64 " %s%s", at ? ", " : "", sign, n, name,
		       n == 1 ? "" : "s");
	return len > 0 ? at + (size_t)len : at;
}

void sub_tally_print(const struct sub_tally *t, uint64_t nchanges, char *buf, size_t room)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned int k = 0; k < SUB_KINDS; k++) {
		at = put_part(buf, room, at, '+', t->added[k], kind_names[k]);
		at = put_part(buf, room, at, '-', t->deleted[k], kind_names[k]);
	}
	if (at == 0)
		snprintf(buf, room, "%" PRIu64 " change%s", nchanges, nchanges == 1 ? "" : "s");
}
