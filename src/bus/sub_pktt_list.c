/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions for tables, chains and rules. A listing holds a generation: it is one state however long it
 * takes and whatever changes meanwhile.
 */
#include "bus/sub_pktt_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 512 }; /* messages, before others have their turn */

struct listing {
	struct sub_pktt *sub;
	struct pktt_snapshot *snapshot;
	enum pktt_rules_msg msg; /* NEWTABLE, NEWCHAIN, NEWRULE */
	unsigned int family;	 /* WIRE_ANY_FAMILY = all */
	char table[PKTT_NAME_MAX], chain[PKTT_NAME_MAX];
	/* What was sent last. */
	struct pktt_table *at_table;
	struct pktt_chain *at_chain;
	struct pktt_rule *at_rule;
	uint32_t number;
};

static bool fits_table(const struct listing *l, const struct pktt_table *t)
{
	return (l->family == WIRE_ANY_FAMILY || l->family == (unsigned int)pktt_table_family(t)) &&
	       (!l->table[0] || strcmp(l->table, pktt_table_name(t)) == 0);
}

static bool next_table(struct listing *l)
{
	do
		l->at_table = pktt_snapshot_table(l->snapshot, l->at_table);
	while (l->at_table && !fits_table(l, l->at_table));
	l->at_chain = NULL;
	l->at_rule = NULL;
	return l->at_table;
}

static bool next_chain(struct listing *l)
{
	while (l->at_table || next_table(l)) {
		l->at_chain = pktt_snapshot_chain(l->snapshot, l->at_table, l->at_chain);
		l->at_rule = NULL;
		l->number = 0;
		if (!l->at_chain && !next_table(l))
			return false;
		if (l->at_chain &&
		    (!l->chain[0] ||
		     strcmp(l->chain, pktt_snapshot_chain_name(l->snapshot, l->at_chain)) == 0))
			return true;
	}
	return false;
}

static bool next_rule(struct listing *l)
{
	while (l->at_chain || next_chain(l)) {
		l->at_rule = pktt_snapshot_rule(l->snapshot, l->at_chain, l->at_rule);
		l->number++;
		if (l->at_rule)
			return true;
		if (!next_chain(l))
			return false;
	}
	return false;
}

static bool next_of(struct listing *l)
{
	if (l->msg == PKTT_MSG_NEWTABLE)
		return next_table(l);
	return l->msg == PKTT_MSG_NEWCHAIN ? next_chain(l) : next_rule(l);
}

static void describe(const struct listing *l, struct wire_object *obj)
{
	if (l->msg == PKTT_MSG_NEWTABLE) {
		sub_object_table(obj, PKTT_MSG_NEWTABLE, l->at_table);
	} else if (l->msg == PKTT_MSG_NEWCHAIN) {
		sub_object_chain(obj, PKTT_MSG_NEWCHAIN, l->at_chain,
				 pktt_snapshot_policy(l->snapshot, l->at_chain));
		wire_set_u64(obj, PKTTA_REFERENCES, pktt_chain_references(l->at_chain));
	} else {
		sub_object_rule(obj, PKTT_MSG_NEWRULE, l->at_rule);
		wire_set_u64(obj, PKTTA_NUMBER, l->number);
	}
	if (l->at_chain && l->msg != PKTT_MSG_NEWTABLE)
		wire_set_text(obj, PKTTA_CHAIN, pktt_snapshot_chain_name(l->snapshot, l->at_chain));
	wire_set_u64(obj, PKTTA_GENERATION, pktt_snapshot_generation(l->snapshot));
}

static int fill(struct nfnl_dump *dump, void *state)
{
	struct listing *l = state;
	struct wire_object obj;
	struct nlmsghdr *nlh;

	for (unsigned int n = 0; n < SLICE; n++) {
		if (!next_of(l))
			return 0;
		describe(l, &obj);
		nlh = sub_message(dump->bus, &obj);
		if (!nlh)
			return -EMSGSIZE;
		if (!nfnl_dump_send(dump, nlh))
			return 1;
	}
	return 1;
}

static void listing_free(void *state)
{
	struct listing *l = state;

	pktt_snapshot_put(&l->snapshot);
	free(l);
}

static int take_name(char *to, const struct wire_object *obj, enum pktt_attr attr,
		     struct pktt_error *err)
{
	const char *name = wire_text(obj, attr);

	if (!name)
		return 0;
	if (strlen(name) >= PKTT_NAME_MAX)
		return pktt_fail(err, -ENAMETOOLONG, "the name in %s is too long",
				 wire_attr_name(attr));
	memcpy(to, name, strlen(name) + 1);
	return 0;
}

static int start(struct sub_pktt *sub, struct nfnl_request *req, const struct wire_object *obj,
		 enum pktt_rules_msg msg, struct pktt_error *err)
{
	PKTT_AUTO_FREE struct listing *l = calloc(1, sizeof(*l));
	struct nfnl_dump dump = { .fill = fill, .free = listing_free };
	int r;

	if (!l)
		return pktt_fail(err, -ENOMEM, "no memory for a listing");
	l->sub = sub;
	l->msg = msg;
	l->family = obj->family;
	r = take_name(l->table, obj, PKTTA_TABLE, err);
	if (r == 0)
		r = take_name(l->chain, obj, PKTTA_CHAIN, err);
	if (r)
		return r;
	if (pktt_snapshot_get(&l->snapshot, sub->engine))
		return pktt_fail(err, -ENOMEM, "no memory for a listing");
	dump.state = pktt_take(&l);
	return nfnl_dump_start(req, &dump);
}

/* --- One ---------------------------------------- */

static int answer(struct sub_pktt *sub, struct nfnl_request *req, struct wire_object *obj)
{
	struct nlmsghdr *nlh;

	wire_set_u64(obj, PKTTA_GENERATION, pktt_engine_generation(sub->engine));
	nlh = sub_message(sub->bus, obj);
	if (!nlh)
		return -EMSGSIZE;
	nfnl_send(req->peer, nlh, req->nlh->nlmsg_seq);
	return 0;
}

static struct pktt_table *find_table(struct sub_pktt *sub, const struct wire_object *obj,
				     struct pktt_error *err)
{
	const char *name = wire_text(obj, PKTTA_TABLE);
	struct pktt_table *t = NULL;

	name = name ? name : "filter";
	if (obj->family < PKTT_FAMILY_COUNT)
		t = pktt_table_lookup(sub->engine, (enum pktt_family)obj->family, name);
	if (!t)
		pktt_fail(err, -ENOENT, "there is no table %.60s in that family", name);
	return t;
}

static struct pktt_chain *find_chain(struct sub_pktt *sub, const struct wire_object *obj,
				     struct pktt_error *err)
{
	const char *name = wire_text(obj, PKTTA_CHAIN);
	struct pktt_table *t = find_table(sub, obj, err);
	struct pktt_chain *c = t && name ? pktt_chain_lookup(t, name) : NULL;

	if (t && !c)
		pktt_fail(err, -ENOENT, "there is no chain %.60s in table %s", name ? name : "",
			  pktt_table_name(t));
	return c;
}

static bool is_asked_for(const struct wire_object *obj, const struct pktt_rule *rule,
			 uint32_t number)
{
	const char *name = wire_text(obj, PKTTA_NAME);

	if (obj->rule)
		return pktt_rule_spec_equal(rule->spec, obj->rule);
	if (wire_has(obj, PKTTA_NUMBER))
		return wire_u64(obj, PKTTA_NUMBER) == number;
	return name && strcmp(name, rule->spec->name) == 0;
}

static const struct pktt_rule *find_rule(struct sub_pktt *sub, const struct wire_object *obj,
					 uint32_t *number, struct pktt_error *err)
{
	const struct pktt_rule *rule = NULL;
	const struct pktt_chain *chain;

	if (wire_has(obj, PKTTA_HANDLE) && !obj->rule) {
		rule = pktt_rule_by_handle(sub->engine, wire_u64(obj, PKTTA_HANDLE));
		if (rule)
			*number = pktt_rule_position(rule);
		else
			pktt_fail(err, -ENOENT, "there is no rule with that handle");
		return rule;
	}
	chain = find_chain(sub, obj, err);
	if (!chain)
		return NULL;
	*number = 0;
	while ((rule = pktt_rule_next(chain, rule)))
		if (is_asked_for(obj, rule, ++*number))
			return rule;
	pktt_fail(err, -ENOENT, "chain %s has no such rule", pktt_chain_name(chain));
	return NULL;
}

static int decode(struct sub_pktt *sub, const struct nfnl_request *req, struct wire_object *obj,
		  struct pktt_error *err)
{
	return wire_object_decode(obj, req->nlh, pktt_engine_catalog(sub->engine), err);
}

static bool is_dump(const struct nfnl_request *req)
{
	return (req->nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

int sub_get_table(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	struct wire_object obj, found;
	const struct pktt_table *t;
	int r = decode(sub, req, &obj, err);

	if (r)
		return r;
	if (is_dump(req)) {
		r = start(sub, req, &obj, PKTT_MSG_NEWTABLE, err);
	} else {
		t = find_table(sub, &obj, err);
		if (t)
			sub_object_table(&found, PKTT_MSG_NEWTABLE, t);
		r = t ? answer(sub, req, &found) : -ENOENT;
	}
	wire_object_fini(&obj);
	return r;
}

int sub_get_chain(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	struct wire_object obj, found;
	const struct pktt_chain *c;
	int r = decode(sub, req, &obj, err);

	if (r)
		return r;
	if (is_dump(req)) {
		r = start(sub, req, &obj, PKTT_MSG_NEWCHAIN, err);
	} else {
		c = find_chain(sub, &obj, err);
		if (c) {
			sub_object_chain(&found, PKTT_MSG_NEWCHAIN, c, pktt_chain_policy(c));
			wire_set_u64(&found, PKTTA_REFERENCES, pktt_chain_references(c));
		}
		r = c ? answer(sub, req, &found) : -ENOENT;
	}
	wire_object_fini(&obj);
	return r;
}

int sub_get_rule(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	struct wire_object obj, found;
	const struct pktt_rule *rule;
	uint32_t number = 0;
	int r = decode(sub, req, &obj, err);

	if (r)
		return r;
	if (is_dump(req)) {
		r = start(sub, req, &obj, PKTT_MSG_NEWRULE, err);
	} else {
		rule = find_rule(sub, &obj, &number, err);
		if (rule) {
			sub_object_rule(&found, PKTT_MSG_NEWRULE, rule);
			wire_set_u64(&found, PKTTA_NUMBER, number);
		}
		r = rule ? answer(sub, req, &found) : -ENOENT;
	}
	wire_object_fini(&obj);
	return r;
}

int sub_get_generation(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	struct wire_object obj;

	(void)err;
	wire_object_init(&obj, PKTT_MSG_NEWGEN, WIRE_ANY_FAMILY);
	wire_set_text(&obj, PKTTA_VERSION, sub->version);
	return answer(sub, req, &obj);
}
