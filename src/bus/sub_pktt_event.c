/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events: what a commit changed, to who listens, whoever made it. The engine collects single changes
 * only while somebody listens. Then NEWGEN ends the commit, for its followers and for pkttd's history.
 */
#include "bus/sub_pktt_own.h"

#include "base/str.h"

#include <string.h>

static bool wants(void *ctx)
{
	const struct sub_pktt *sub = ctx;

	return nfnl_group_is_heard(sub->bus, PKTT_GROUP_RULES) ||
	       nfnl_group_is_heard(sub->bus, PKTT_GROUP_ELEMENTS);
}

/* Who it was; NULL = pkttd itself. */
static const struct nfnl_who *author(const struct sub_pktt *sub, const void *user)
{
	const struct sub_user *u = user == &sub->user || user == &sub->own ? user : NULL;

	return u && u->is_peer ? &u->who : NULL;
}

static void set_author(struct sub_pktt *sub, struct wire_object *obj, uint64_t generation,
		       const void *user)
{
	const struct nfnl_who *who = author(sub, user);
	struct wire_who w = { 0, 0, "pkttd" };

	if (who)
		w = (struct wire_who){ who->uid, (uint32_t)who->pid, who->program };
	wire_set_who(obj, &w);
	wire_set_u64(obj, PKTTA_GENERATION, generation);
}

/* --- Changes as objects ---------------------------------------- */

static void rule_event(struct wire_object *obj, const struct pktt_change *c)
{
	bool is_new = c->kind == PKTT_CHANGE_RULE_NEW || c->kind == PKTT_CHANGE_RULE_REPLACE;

	if (is_new) {
		sub_object_rule(obj, PKTT_MSG_NEWRULE, c->rule);
		wire_set_u64(obj, PKTTA_AFTER, c->after);
		obj->flags = c->kind == PKTT_CHANGE_RULE_REPLACE ? NLM_F_REPLACE : NLM_F_CREATE;
		return;
	}
	sub_object_table(obj,
			 c->kind == PKTT_CHANGE_RULE_MOVE ? PKTT_MSG_MOVERULE : PKTT_MSG_DELRULE,
			 c->table);
	wire_set_text(obj, PKTTA_CHAIN, pktt_chain_name(c->chain));
	wire_set_u64(obj, PKTTA_HANDLE, c->rule->handle);
	if (c->rule->spec->name[0])
		wire_set_text(obj, PKTTA_NAME, c->rule->spec->name);
	if (c->kind == PKTT_CHANGE_RULE_MOVE)
		wire_set_u64(obj, PKTTA_AFTER, c->to);
}

static void chain_event(struct wire_object *obj, const struct pktt_change *c)
{
	if (c->kind == PKTT_CHANGE_CHAIN_NEW || c->kind == PKTT_CHANGE_CHAIN_POLICY) {
		sub_object_chain(obj, PKTT_MSG_NEWCHAIN, c->chain, pktt_chain_policy(c->chain));
		obj->flags = c->kind == PKTT_CHANGE_CHAIN_NEW ? NLM_F_CREATE : 0;
		return;
	}
	sub_object_table(
		obj, c->kind == PKTT_CHANGE_CHAIN_DELETE ? PKTT_MSG_DELCHAIN : PKTT_MSG_NEWCHAIN,
		c->table);
	wire_set_text(obj, PKTTA_CHAIN,
		      c->kind == PKTT_CHANGE_CHAIN_RENAME ? c->text : pktt_chain_name(c->chain));
	if (c->kind == PKTT_CHANGE_CHAIN_RENAME)
		wire_set_text(obj, PKTTA_NEW_NAME, pktt_chain_name(c->chain));
}

static void zero_event(struct wire_object *obj, const struct pktt_change *c)
{
	sub_object_table(obj, PKTT_MSG_ZERO, c->table);
	if (c->chain)
		wire_set_text(obj, PKTTA_CHAIN, pktt_chain_name(c->chain));
	if (c->rule)
		wire_set_u64(obj, PKTTA_HANDLE, c->rule->handle);
}

static void set_event(struct sub_pktt *sub, struct wire_object *obj, const struct pktt_change *c,
		      struct str *options)
{
	struct pktt_set *set = NULL;

	if (c->kind == PKTT_CHANGE_SET_NEW)
		set = pktt_set_lookup(sub->engine, c->set);
	if (set) {
		sub_object_set(obj, PKTT_MSG_NEWSET, set, options);
		obj->has &= ~(UINT64_C(1) << PKTTA_COUNT); /* its elements are told by themselves */
		obj->flags = NLM_F_CREATE;
		return;
	}
	wire_object_init(obj, PKTT_MSG_DELSET, WIRE_ANY_FAMILY);
	if (c->kind == PKTT_CHANGE_SET_NEW)
		obj->msg = PKTT_MSG_NEWSET;
	else if (c->kind == PKTT_CHANGE_SET_FLUSH)
		obj->msg = PKTT_MSG_FLUSH;
	else if (c->kind == PKTT_CHANGE_SET_SWAP)
		obj->msg = PKTT_MSG_SWAPSET;
	wire_set_text(obj, PKTTA_SET, c->set);
	if (c->kind == PKTT_CHANGE_SET_SWAP)
		wire_set_text(obj, PKTTA_NEW_NAME, c->text);
}

static void element_event(struct wire_object *obj, const struct pktt_change *c)
{
	bool is_new = c->kind == PKTT_CHANGE_ELEMENT_NEW;

	wire_object_init(obj, is_new ? PKTT_MSG_NEWELEM : PKTT_MSG_DELELEM, WIRE_ANY_FAMILY);
	wire_set_text(obj, PKTTA_SET, c->set);
	wire_set_text(obj, PKTTA_ELEMENT, c->text);
}

static void event(struct sub_pktt *sub, struct wire_object *obj, const struct pktt_change *c,
		  struct str *options)
{
	switch (c->kind) {
	case PKTT_CHANGE_TABLE_NEW:
		sub_object_table(obj, PKTT_MSG_NEWTABLE, c->table);
		break;
	case PKTT_CHANGE_TABLE_FLUSH:
		sub_object_table(obj, PKTT_MSG_DELTABLE, c->table);
		break;
	case PKTT_CHANGE_CHAIN_NEW:
	case PKTT_CHANGE_CHAIN_DELETE:
	case PKTT_CHANGE_CHAIN_RENAME:
	case PKTT_CHANGE_CHAIN_POLICY:
		chain_event(obj, c);
		break;
	case PKTT_CHANGE_RULE_NEW:
	case PKTT_CHANGE_RULE_DELETE:
	case PKTT_CHANGE_RULE_REPLACE:
	case PKTT_CHANGE_RULE_MOVE:
		rule_event(obj, c);
		break;
	case PKTT_CHANGE_ZERO:
		zero_event(obj, c);
		break;
	case PKTT_CHANGE_SET_NEW:
	case PKTT_CHANGE_SET_DELETE:
	case PKTT_CHANGE_SET_FLUSH:
	case PKTT_CHANGE_SET_SWAP:
		set_event(sub, obj, c, options);
		break;
	case PKTT_CHANGE_ELEMENT_NEW:
	case PKTT_CHANGE_ELEMENT_DELETE:
		element_event(obj, c);
		break;
	}
}

/* --- Telling ---------------------------------------- */

/* Who follows elements must see what happens to sets, too; who follows both sees it once in each group. */
static void tell(struct sub_pktt *sub, const struct wire_object *obj, uint32_t group)
{
	struct nlmsghdr *nlh =
		nfnl_group_is_heard(sub->bus, group) ? sub_message(sub->bus, obj) : NULL;

	if (nlh)
		nfnl_multicast(sub->bus, group, nlh);
}

/* A rule that takes another's place under another handle: the old one goes by itself. */
static void tell_replaced(struct sub_pktt *sub, const struct pktt_change *c, uint64_t generation,
			  const void *user)
{
	struct pktt_change gone = *c;
	struct wire_object obj;

	gone.kind = PKTT_CHANGE_RULE_DELETE;
	gone.rule = c->old;
	rule_event(&obj, &gone);
	set_author(sub, &obj, generation, user);
	tell(sub, &obj, PKTT_GROUP_RULES);
}

static void change(void *ctx, const struct pktt_change *c, uint64_t generation, void *user)
{
	struct sub_pktt *sub = ctx;
	struct str options = STR_INIT;
	struct wire_object obj;

	event(sub, &obj, c, &options);
	if (c->kind == PKTT_CHANGE_RULE_REPLACE && c->old && c->old->handle != c->rule->handle) {
		tell_replaced(sub, c, generation, user);
		obj.flags = NLM_F_CREATE;
	}
	set_author(sub, &obj, generation, user);
	if (c->kind != PKTT_CHANGE_ELEMENT_NEW && c->kind != PKTT_CHANGE_ELEMENT_DELETE)
		tell(sub, &obj, PKTT_GROUP_RULES);
	if (c->set)
		tell(sub, &obj, PKTT_GROUP_ELEMENTS);
	str_fini(&options);
}

static void committed(void *ctx, uint64_t generation, uint64_t nchanges, void *user)
{
	static const struct sub_tally none;
	struct sub_pktt *sub = ctx;
	const struct nfnl_who *who = author(sub, user);
	bool is_peers = user == &sub->user;
	struct wire_object obj;
	char text[160];

	if (wants(sub)) {
		wire_object_init(&obj, PKTT_MSG_NEWGEN, WIRE_ANY_FAMILY);
		wire_set_u64(&obj, PKTTA_COUNT, nchanges);
		set_author(sub, &obj, generation, user);
		tell(sub, &obj, PKTT_GROUP_RULES);
	}
	if (is_peers)
		sub_limit_committed(sub);
	else
		sub_limit_own_committed(sub);
	if (!sub->config.committed)
		return;
	sub_tally_print(is_peers ? &sub->tally : &none, nchanges, text, sizeof(text));
	sub->config.committed(sub->config.ctx, who, generation, text, is_peers ? sub->seconds : 0);
}

const struct pktt_change_listener sub_listener = { change, committed, wants, NULL };
