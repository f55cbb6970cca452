/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/command.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>

/* --- What a verb is as a message ---------------------------------------------------------------- */

enum {
	HAS_TABLE = 1 << 0,
	HAS_CHAIN = 1 << 1, /* where it names one */
	HAS_POLICY = 1 << 2,
	HAS_COUNTERS = 1 << 3,
	HAS_RULE = 1 << 4,
	HAS_RULE_AT = 1 << 5,  /* NUMBER, HANDLE or NAME say which rule */
	HAS_POSITION = 1 << 6, /* TO_NUMBER, BEFORE, AFTER */
	HAS_NUMBER = 1 << 7,
	HAS_SET = 1 << 8,
	HAS_TYPE = 1 << 9, /* with OPTIONS */
	HAS_ELEMENT = 1 << 10,
	HAS_NEW_NAME = 1 << 11,
	HAS_HANDLE = 1 << 12, /* that the rule is to have */
};

static const struct verb {
	uint16_t flags; /* NLM_F_* beside REQUEST */
	uint8_t msg;	/* enum pktt_rules_msg */
	bool travels;
	unsigned int has;
} verbs[] = {
	[PKTT_TABLE_BEGIN] = { 0, PKTT_MSG_NEWTABLE, true, HAS_TABLE },
	[PKTT_CHAIN_DECLARE] = { NLM_F_CREATE, PKTT_MSG_NEWCHAIN, true,
				 HAS_TABLE | HAS_CHAIN | HAS_POLICY | HAS_COUNTERS },
	[PKTT_CHAIN_NEW] = { NLM_F_CREATE | NLM_F_EXCL, PKTT_MSG_NEWCHAIN, true,
			     HAS_TABLE | HAS_CHAIN },
	[PKTT_CHAIN_DELETE] = { 0, PKTT_MSG_DELCHAIN, true, HAS_TABLE | HAS_CHAIN },
	[PKTT_CHAIN_RENAME] = { 0, PKTT_MSG_NEWCHAIN, true, HAS_TABLE | HAS_CHAIN | HAS_NEW_NAME },
	[PKTT_CHAIN_FLUSH] = { 0, PKTT_MSG_FLUSH, true, HAS_TABLE | HAS_CHAIN },
	[PKTT_CHAIN_ZERO] = { 0, PKTT_MSG_ZERO, true, HAS_TABLE | HAS_CHAIN | HAS_RULE_AT },
	[PKTT_CHAIN_POLICY] = { 0, PKTT_MSG_NEWCHAIN, true,
				HAS_TABLE | HAS_CHAIN | HAS_POLICY | HAS_COUNTERS },
	[PKTT_RULE_APPEND] = { NLM_F_CREATE | NLM_F_APPEND, PKTT_MSG_NEWRULE, true,
			       HAS_TABLE | HAS_CHAIN | HAS_RULE | HAS_COUNTERS | HAS_HANDLE },
	[PKTT_RULE_INSERT] = { NLM_F_CREATE, PKTT_MSG_NEWRULE, true,
			       HAS_TABLE | HAS_CHAIN | HAS_RULE | HAS_COUNTERS | HAS_HANDLE |
				       HAS_NUMBER | HAS_POSITION },
	[PKTT_RULE_REPLACE] = { NLM_F_REPLACE, PKTT_MSG_NEWRULE, true,
				HAS_TABLE | HAS_CHAIN | HAS_RULE | HAS_COUNTERS | HAS_RULE_AT },
	[PKTT_RULE_DELETE] = { 0, PKTT_MSG_DELRULE, true, HAS_TABLE | HAS_CHAIN | HAS_RULE },
	[PKTT_RULE_DELETE_AT] = { 0, PKTT_MSG_DELRULE, true, HAS_TABLE | HAS_CHAIN | HAS_RULE_AT },
	[PKTT_RULE_CHECK] = { 0, PKTT_MSG_GETRULE, true, HAS_TABLE | HAS_CHAIN | HAS_RULE },
	[PKTT_RULE_MOVE] = { 0, PKTT_MSG_MOVERULE, true,
			     HAS_TABLE | HAS_CHAIN | HAS_RULE_AT | HAS_POSITION },
	[PKTT_SET_CREATE] = { NLM_F_CREATE, PKTT_MSG_NEWSET, true, HAS_SET | HAS_TYPE },
	[PKTT_SET_DESTROY] = { 0, PKTT_MSG_DELSET, true, HAS_SET },
	[PKTT_SET_FLUSH] = { 0, PKTT_MSG_FLUSH, true, HAS_SET },
	[PKTT_SET_ADD] = { NLM_F_CREATE, PKTT_MSG_NEWELEM, true, HAS_SET | HAS_ELEMENT },
	[PKTT_SET_DELETE] = { 0, PKTT_MSG_DELELEM, true, HAS_SET | HAS_ELEMENT },
	[PKTT_SET_SWAP] = { 0, PKTT_MSG_SWAPSET, true, HAS_SET | HAS_NEW_NAME },
};

bool wire_command_travels(enum pktt_verb verb)
{
	return (size_t)verb < pktt_countof(verbs) && verbs[verb].travels;
}

/* --- Out ---------------------------------------------------------------------------------------- */

static void set_name(struct wire_object *obj, enum pktt_attr attr, const char *name)
{
	if (name[0])
		wire_set_text(obj, attr, name);
}

static void set_number(struct wire_object *obj, enum pktt_attr attr, uint64_t number)
{
	if (number)
		wire_set_u64(obj, attr, number);
}

static void set_rule(const struct pktt_command *cmd, unsigned int has, struct wire_object *obj)
{
	if (cmd->rule && has & HAS_RULE)
		wire_set_rule(obj, cmd->rule);
	if (cmd->rule && has & HAS_HANDLE)
		set_number(obj, PKTTA_HANDLE, cmd->rule->handle);
	if (has & (HAS_RULE_AT | HAS_NUMBER))
		set_number(obj, PKTTA_NUMBER, cmd->number);
	if (has & HAS_RULE_AT) {
		set_number(obj, PKTTA_HANDLE, cmd->handle);
		set_name(obj, PKTTA_NAME, cmd->other);
	}
	if (has & HAS_POSITION) {
		set_number(obj, PKTTA_TO_NUMBER, cmd->to_number);
		set_number(obj, PKTTA_BEFORE, cmd->before);
		set_number(obj, PKTTA_AFTER, cmd->after);
	}
}

static void set_counters(const struct pktt_command *cmd, struct wire_object *obj)
{
	const struct pktt_rule_spec *rule = cmd->rule;
	const struct pktt_counters *c = rule ? &rule->counters : &cmd->counters;

	if (!(rule ? rule->has_counters : cmd->has_counters))
		return;
	wire_set_u64(obj, PKTTA_PACKETS, c->packets);
	wire_set_u64(obj, PKTTA_BYTES, c->bytes);
}

static void set_set(const struct pktt_command *cmd, unsigned int has, struct wire_object *obj)
{
	wire_set_text(obj, PKTTA_SET, cmd->chain);
	if (has & HAS_TYPE) {
		wire_set_text(obj, PKTTA_SET_TYPE, cmd->other);
		set_name(obj, PKTTA_OPTIONS, cmd->element ? cmd->element : "");
	}
	if (has & HAS_ELEMENT)
		wire_set_text(obj, PKTTA_ELEMENT, cmd->element);
}

bool wire_command_object(const struct pktt_command *cmd, unsigned int flags,
			 struct wire_object *ret)
{
	const struct verb *v = wire_command_travels(cmd->verb) ? &verbs[cmd->verb] : NULL;

	if (!v)
		return false;
	wire_object_init(ret, (enum pktt_rules_msg)v->msg, cmd->family);
	ret->flags = NLM_F_REQUEST | v->flags;
	if ((cmd->verb == PKTT_TABLE_BEGIN || cmd->verb == PKTT_SET_CREATE) && flags & WIRE_RESTORE)
		ret->flags |= NLM_F_REPLACE;
	if (v->has & HAS_TABLE)
		set_name(ret, PKTTA_TABLE, cmd->table);
	if (v->has & HAS_CHAIN)
		set_name(ret, PKTTA_CHAIN, cmd->chain);
	if (v->has & HAS_POLICY && cmd->policy != PKTT_CONTINUE)
		wire_set_u64(ret, PKTTA_POLICY, cmd->policy);
	if (v->has & HAS_NEW_NAME)
		set_name(ret, PKTTA_NEW_NAME, cmd->other);
	set_rule(cmd, v->has, ret);
	if (v->has & HAS_COUNTERS && flags & WIRE_COUNTERS)
		set_counters(cmd, ret);
	if (v->has & HAS_SET)
		set_set(cmd, v->has, ret);
	if (!ret->rule)
		wire_set_place(ret, &cmd->place);
	return true;
}

long wire_command_encode(const struct pktt_command *cmd, unsigned int flags, void *buf, size_t room)
{
	struct wire_object obj;

	return wire_command_object(cmd, flags, &obj) ? wire_object_encode(&obj, buf, room) : 0;
}

/* --- In ----------------------------------------------------------------------------------------- */

static int verb_of_chain(const struct wire_object *obj, struct pktt_error *err)
{
	if (obj->flags & NLM_F_CREATE)
		return obj->flags & NLM_F_EXCL ? PKTT_CHAIN_NEW : PKTT_CHAIN_DECLARE;
	if (wire_has(obj, PKTTA_NEW_NAME) == wire_has(obj, PKTTA_POLICY))
		return pktt_fail(err, -EINVAL,
				 "NEWCHAIN without NLM_F_CREATE changes a chain: it "
				 "needs POLICY or NEW_NAME, and not both");
	return wire_has(obj, PKTTA_POLICY) ? PKTT_CHAIN_POLICY : PKTT_CHAIN_RENAME;
}

static int verb_of_rule(const struct wire_object *obj, struct pktt_error *err)
{
	if (obj->rule && obj->flags & NLM_F_REPLACE)
		return PKTT_RULE_REPLACE;
	if (obj->rule)
		return obj->flags & NLM_F_APPEND ? PKTT_RULE_APPEND : PKTT_RULE_INSERT;
	return pktt_fail(err, -EINVAL, "NEWRULE needs a rule: HEAD, MATCH, TARGET");
}

/* The verb, or an error. */
static int verb_of(const struct wire_object *obj, struct pktt_error *err)
{
	if (obj->msg == PKTT_MSG_NEWCHAIN)
		return verb_of_chain(obj, err);
	if (obj->msg == PKTT_MSG_NEWRULE)
		return verb_of_rule(obj, err);
	if (obj->msg == PKTT_MSG_DELRULE)
		return obj->rule ? PKTT_RULE_DELETE : PKTT_RULE_DELETE_AT;
	if (obj->msg == PKTT_MSG_FLUSH)
		return wire_has(obj, PKTTA_SET) ? PKTT_SET_FLUSH : PKTT_CHAIN_FLUSH;
	if (obj->msg == PKTT_MSG_GETRULE && !obj->rule)
		return pktt_fail(err, -EINVAL, "GETRULE without a rule changes and checks nothing");
	for (size_t i = 0; i < pktt_countof(verbs); i++)
		if (verbs[i].travels && verbs[i].msg == obj->msg)
			return (int)i;
	return pktt_fail(err, -EINVAL, "message %d asks for no change", (int)obj->msg);
}

static int get_name(const struct wire_object *obj, enum pktt_attr attr, const char *what,
		    char *name, struct pktt_error *err)
{
	const char *text = wire_text(obj, attr);
	int r;

	name[0] = '\0';
	if (!text)
		return 0;
	r = pktt_name_check(what, text, err);
	if (r == 0)
		memcpy(name, text, strlen(text) + 1);
	return r;
}

static int need(const struct wire_object *obj, enum pktt_attr attr, struct pktt_error *err)
{
	if (wire_has(obj, attr))
		return 0;
	return pktt_fail(err, -EINVAL, "the message needs %s", wire_attr_name(attr));
}

static int get_policy(struct pktt_command *cmd, const struct wire_object *obj,
		      struct pktt_error *err)
{
	uint64_t policy = wire_u64(obj, PKTTA_POLICY);

	if (wire_has(obj, PKTTA_POLICY) && policy != PKTT_ACCEPT && policy != PKTT_DROP &&
	    policy != PKTT_RETURN)
		return pktt_fail(err, -EINVAL, "a policy is ACCEPT or DROP");
	cmd->policy = wire_has(obj, PKTTA_POLICY) ? (enum pktt_verdict)policy : PKTT_CONTINUE;
	return 0;
}

/* Which rule it is about. */
static int get_rule_at(struct pktt_command *cmd, const struct wire_object *obj,
		       struct pktt_error *err)
{
	cmd->number = (uint32_t)wire_u64(obj, PKTTA_NUMBER);
	cmd->handle = wire_u64(obj, PKTTA_HANDLE);
	if (cmd->rule) { /* what HANDLE says is not the handle that it is to have */
		cmd->rule->handle = 0;
		if (!cmd->number && !cmd->handle)
			memcpy(cmd->other, cmd->rule->name, sizeof(cmd->other));
	} else if (get_name(obj, PKTTA_NAME, "rule", cmd->other, err)) {
		return -EINVAL;
	}
	if (cmd->number || cmd->handle || cmd->other[0] || cmd->verb == PKTT_CHAIN_ZERO)
		return 0;
	return pktt_fail(err, -EINVAL, "which rule: the message needs NUMBER, HANDLE or NAME");
}

static int get_position(struct pktt_command *cmd, const struct wire_object *obj,
			struct pktt_error *err)
{
	unsigned int n;

	cmd->to_number = (uint32_t)wire_u64(obj, PKTTA_TO_NUMBER);
	cmd->before = wire_u64(obj, PKTTA_BEFORE);
	cmd->after = wire_u64(obj, PKTTA_AFTER);
	n = (cmd->to_number != 0) + (cmd->before != 0) + (cmd->after != 0);
	if (cmd->verb == PKTT_RULE_MOVE && n == 1)
		return 0;
	if (cmd->verb == PKTT_RULE_INSERT && n + (cmd->number != 0) <= 1 && !cmd->to_number)
		return 0;
	return pktt_fail(err, -EINVAL,
			 "the place of a rule is one of %sNUMBER, BEFORE, AFTER, each from 1",
			 cmd->verb == PKTT_RULE_MOVE ? "TO_" : "");
}

static int get_rule(struct pktt_command *cmd, const struct wire_object *obj, unsigned int has,
		    struct pktt_error *err)
{
	int r = 0;

	if (has & HAS_RULE)
		cmd->rule = obj->owned;
	if (has & HAS_NUMBER)
		cmd->number = (uint32_t)wire_u64(obj, PKTTA_NUMBER);
	if (has & HAS_RULE_AT)
		r = get_rule_at(cmd, obj, err);
	if (r == 0 && has & HAS_POSITION)
		r = get_position(cmd, obj, err);
	return r;
}

static int get_set(struct pktt_command *cmd, const struct wire_object *obj, unsigned int has,
		   struct pktt_error *err)
{
	int r = need(obj, PKTTA_SET, err);

	if (r == 0)
		r = get_name(obj, PKTTA_SET, "set", cmd->chain, err);
	if (r == 0 && has & HAS_TYPE)
		r = need(obj, PKTTA_SET_TYPE, err);
	if (r == 0 && has & HAS_TYPE)
		r = get_name(obj, PKTTA_SET_TYPE, "type", cmd->other, err);
	if (r == 0 && has & HAS_ELEMENT)
		r = need(obj, PKTTA_ELEMENT, err);
	cmd->element = wire_text(obj, has & HAS_ELEMENT ? PKTTA_ELEMENT : PKTTA_OPTIONS);
	if (!cmd->element)
		cmd->element = "";
	if (r == 0 && strpbrk(cmd->element, "\r\n"))
		r = pktt_fail(err, -EINVAL, "options and elements of sets are one line");
	return r;
}

static int get_chain(struct pktt_command *cmd, const struct wire_object *obj, unsigned int has,
		     struct pktt_error *err)
{
	/* By its handle, or that of its neighbour, a rule's chain is found. */
	bool is_found = (has & HAS_RULE_AT && cmd->handle) ||
			(cmd->verb == PKTT_RULE_INSERT && (cmd->before || cmd->after));
	bool may_lack = cmd->verb == PKTT_CHAIN_DELETE || cmd->verb == PKTT_CHAIN_FLUSH ||
			cmd->verb == PKTT_CHAIN_ZERO || is_found;

	if (!may_lack && need(obj, PKTTA_CHAIN, err))
		return -EINVAL;
	return get_name(obj, PKTTA_CHAIN, "chain", cmd->chain, err);
}

static void get_counters(struct pktt_command *cmd, unsigned int *flags,
			 const struct wire_object *obj)
{
	cmd->has_counters = wire_has(obj, PKTTA_PACKETS);
	cmd->counters.packets = wire_u64(obj, PKTTA_PACKETS);
	cmd->counters.bytes = wire_u64(obj, PKTTA_BYTES);
	if (cmd->has_counters)
		*flags |= WIRE_COUNTERS;
}

static int get_all(struct pktt_command *cmd, unsigned int *flags, const struct wire_object *obj,
		   struct pktt_error *err)
{
	unsigned int has = verbs[cmd->verb].has;
	int r = 0;

	if (has & HAS_TABLE && obj->family == WIRE_ANY_FAMILY)
		return pktt_fail(err, -EAFNOSUPPORT, "the message needs a family");
	cmd->family = obj->family == WIRE_ANY_FAMILY ? PKTT_IPV4 : (enum pktt_family)obj->family;
	if (has & HAS_TABLE)
		r = get_name(obj, PKTTA_TABLE, "table", cmd->table, err);
	if (r == 0 && has & HAS_SET)
		r = get_set(cmd, obj, has, err);
	if (r == 0 && has & HAS_NEW_NAME)
		r = need(obj, PKTTA_NEW_NAME, err);
	if (r == 0 && has & HAS_NEW_NAME)
		r = get_name(obj, PKTTA_NEW_NAME, has & HAS_SET ? "set" : "chain", cmd->other, err);
	if (r == 0)
		r = get_rule(cmd, obj, has, err);
	if (r == 0 && has & HAS_CHAIN)
		r = get_chain(cmd, obj, has, err);
	if (r == 0 && has & HAS_POLICY)
		r = get_policy(cmd, obj, err);
	if (has & HAS_COUNTERS)
		get_counters(cmd, flags, obj);
	return r;
}

int wire_command_of(struct pktt_command *ret, unsigned int *flags, const struct wire_object *obj,
		    struct pktt_error *err)
{
	int verb = verb_of(obj, err);

	*ret = (struct pktt_command){ .policy = PKTT_CONTINUE };
	*flags = 0;
	if (verb < 0)
		return verb;
	ret->verb = (enum pktt_verb)verb;
	ret->place = ret->chain_place = wire_place(obj);
	if ((verb == PKTT_TABLE_BEGIN || verb == PKTT_SET_CREATE) && obj->flags & NLM_F_REPLACE)
		*flags |= WIRE_RESTORE;
	return get_all(ret, flags, obj, err);
}

int wire_command_decode(struct pktt_command *ret, unsigned int *flags, struct wire_object *obj,
			const struct nlmsghdr *nlh, const struct pktt_catalog *cat,
			struct pktt_error *err)
{
	int r = wire_object_decode(obj, nlh, cat, err);

	if (r)
		return r;
	r = wire_command_of(ret, flags, obj, err);
	if (r)
		wire_object_fini(obj);
	return r;
}
