/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All verbs but those that list: one command line is one transaction, whatever number of rules it means.
 * What was made comes back with its handle, and is told.
 */
#include "tools/verbs.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/family.h"
#include "tools/guard.h"
#include "tools/list.h"

#include "libpkttnetlink/own.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- The answer ------------------------------------------------------------------------------------ */

struct answer {
	struct verbs *v;
	struct str text;
	struct str added, deleted, other; /* JSON objects */
	struct json j_added, j_deleted, j_other;
};

static void answer_init(struct answer *a, struct verbs *v)
{
	*a = (struct answer){ .v = v };
	a->j_added = json_to(&a->added);
	a->j_deleted = json_to(&a->deleted);
	a->j_other = json_to(&a->other);
}

static void answer_fini(struct answer *a)
{
	str_fini(&a->text);
	str_fini(&a->added);
	str_fini(&a->deleted);
	str_fini(&a->other);
}

static const char *name_of(const struct pkttnl_object *obj)
{
	const struct pkttnl_rule *rule = pkttnl_object_rule(obj);
	const char *name = pkttnl_object_text(obj, PKTTA_NAME);

	if (name && name[0])
		return name;
	name = rule ? pkttnl_rule_name(rule) : NULL;
	return name && name[0] ? name : NULL;
}

static void put_json_object(const struct pkttnl_object *obj, struct json *j)
{
	const char *table = pkttnl_object_text(obj, PKTTA_TABLE);
	const char *chain = pkttnl_object_text(obj, PKTTA_CHAIN);

	json_begin_object(j);
	json_put_text(j, "family", pktt_family_name((enum pktt_family)pkttnl_object_family(obj)));
	if (table)
		json_put_text(j, "table", table);
	if (chain)
		json_put_text(j, "chain", chain);
	if (pkttnl_object_has(obj, PKTTA_NUMBER))
		json_put_uint(j, "number", pkttnl_object_u64(obj, PKTTA_NUMBER));
	if (pkttnl_object_has(obj, PKTTA_HANDLE))
		json_put_uint(j, "handle", pkttnl_object_u64(obj, PKTTA_HANDLE));
	if (name_of(obj))
		json_put_text(j, "name", name_of(obj));
	json_end_object(j);
}

/* "filter/INPUT #13 handle 57 name ssh-admin (family ipv4)" */
static void put_text_object(const struct pkttnl_object *obj, const char *word, struct str *out)
{
	const char *table = pkttnl_object_text(obj, PKTTA_TABLE);
	const char *chain = pkttnl_object_text(obj, PKTTA_CHAIN);

	if (out->len)
		str_putc(out, '\n');
	str_puts(out, word);
	str_putf(out, "%s", table ? table : "");
	if (chain)
		str_putf(out, "/%s", chain);
	if (pkttnl_object_has(obj, PKTTA_NUMBER))
		str_putf(out, " #%" PRIu64, pkttnl_object_u64(obj, PKTTA_NUMBER));
	if (pkttnl_object_has(obj, PKTTA_HANDLE))
		str_putf(out, " handle %" PRIu64, pkttnl_object_u64(obj, PKTTA_HANDLE));
	if (name_of(obj))
		str_putf(out, " name %s", name_of(obj));
	str_putf(out, " (family %s)",
		 pktt_family_name((enum pktt_family)pkttnl_object_family(obj)));
}

static int take_echo(void *ctx, const struct pkttnl_object *obj)
{
	struct answer *a = ctx;

	switch ((unsigned int)pkttnl_object_message(obj)) {
	case PKTT_MSG_NEWRULE:
		put_text_object(obj, "", &a->text);
		put_json_object(obj, &a->j_added);
		break;
	case PKTT_MSG_DELRULE:
		put_text_object(obj, "deleted ", &a->text);
		put_json_object(obj, &a->j_deleted);
		break;
	case PKTT_MSG_NEWCHAIN:
		put_text_object(obj, "chain ", &a->text);
		put_json_object(obj, &a->j_other);
		break;
	case PKTT_MSG_DELCHAIN:
		put_text_object(obj, "deleted chain ", &a->text);
		put_json_object(obj, &a->j_deleted);
		break;
	default:
		break;
	}
	return 0;
}

/* What is said where nothing came back. */
static void put_plain(const struct verbs *v, struct str *out)
{
	static const struct {
		enum pktt_verb verb;
		const char *word;
	} words[] = {
		{ PKTT_CHAIN_NEW, "new chain " },      { PKTT_CHAIN_DELETE, "deleted chain " },
		{ PKTT_CHAIN_FLUSH, "flushed " },      { PKTT_CHAIN_ZERO, "counters zeroed of " },
		{ PKTT_CHAIN_RENAME, "renamed " },     { PKTT_CHAIN_POLICY, "policy of " },
		{ PKTT_RULE_DELETE, "deleted from " }, { PKTT_RULE_DELETE_AT, "deleted from " },
	};

	for (size_t i = 0; i < pktt_countof(words); i++)
		if (words[i].verb == v->seen.verb)
			str_puts(out, words[i].word);
	str_puts(out, v->seen.table);
	if (v->seen.chain[0])
		str_putf(out, "/%s", v->seen.chain);
	if (v->seen.verb == PKTT_CHAIN_RENAME)
		str_putf(out, " to %s", v->seen.other);
	if (v->seen.verb == PKTT_CHAIN_POLICY)
		str_puts(out, v->seen.policy == PKTT_DROP ? " is DROP" : " is ACCEPT");
	str_putf(out, " (family %s)", pktt_family_name(v->seen.family));
}

static void put_list(struct json *j, const char *key, const struct str *items)
{
	if (!items->len)
		return;
	json_key(j, key);
	json_begin_array(j);
	json_raw(j, str_text(items), items->len);
	json_end_array(j);
}

static void say(struct answer *a, uint64_t generation)
{
	struct verbs *v = a->v;
	struct str out = STR_INIT;
	struct json j = json_to(&out);

	if (v->live.json) {
		json_begin_object(&j);
		json_put_bool(&j, "ok", true);
		json_put_uint(&j, "generation", generation);
		put_list(&j, "added", &a->added);
		put_list(&j, "deleted", &a->deleted);
		put_list(&j, "chains", &a->other);
		json_end_object(&j);
		puts(str_text(&out));
	} else if (!v->live.quiet) {
		if (!a->text.len)
			put_plain(v, &a->text);
		printf("%s; generation %" PRIu64 "\n", str_text(&a->text), generation);
	}
	str_fini(&out);
}

/* --- The commands ---------------------------------------------------------------------------------- */

/* The rule of cmd, which it no longer has, in the library's form. */
static int rule_of(struct verbs *v, struct pktt_command *cmd, struct pkttnl_rule **ret,
		   struct pktt_error *err)
{
	int r = pkttnl_rule_from_spec(ret, v->session.cat, &cmd->rule);

	return r ? pktt_fail(err, r, "no memory for a rule") : 0;
}

/* -C: asked at once, outside of any transaction. */
static int check(struct verbs *v, struct pktt_command *cmd, struct pktt_error *err)
{
	struct pkttnl_rule *rule = NULL;
	struct pkttnl_object *obj = NULL;
	int r = rule_of(v, cmd, &rule, err);

	if (r)
		return r;
	r = pkttnl_object_new(&obj, PKTT_MSG_GETRULE, (enum pkttnl_family)cmd->family);
	r = r ? r : pkttnl_object_set_text(obj, PKTTA_TABLE, cmd->table);
	r = r ? r : pkttnl_object_set_text(obj, PKTTA_CHAIN, cmd->chain);
	r = r ? r : pkttnl_object_set_rule(obj, rule);
	r = r ? r : pkttnl_request(v->session.nl, obj, NULL, NULL, &v->session.err);
	pkttnl_object_free(&obj);
	pkttnl_rule_free(&rule);
	if (r && v->session.err.code == r)
		return pktt_fail(err, r, "%s", v->session.err.text);
	return r ? pktt_fail(err, r, "%s", strerror(-r)) : 0;
}

/* Into the line that iptables prints with -v. */
static void describe(struct verbs *v, const struct pktt_command *cmd)
{
	if (cmd->rule && v->alias && v->alias->family <= PKTT_IPV6 &&
	    cmd->list_flags & PKTT_LIST_VERBOSE)
		list_one_line(cmd->rule, &v->lines);
}

static int insert_beside(struct verbs *v, struct pktt_command *cmd, struct pktt_error *err)
{
	struct pkttnl_rule *rule = NULL;
	int r = rule_of(v, cmd, &rule, err);

	if (r)
		return r;
	r = v->before ? pkttnl_txn_insert_before(v->txn, v->before, rule, &v->session.err)
		      : pkttnl_txn_insert_after(v->txn, v->after, rule, &v->session.err);
	pkttnl_rule_free(&rule);
	return r ? pktt_fail(err, r, "%s", v->session.err.text) : 0;
}

static int begin(struct verbs *v, struct pktt_error *err)
{
	int r = pkttnl_txn_new(&v->txn, v->session.nl, v->if_generation,
			       v->live.quiet && !v->live.json ? 0 : PKTTNL_ECHO, &v->session.err);

	return r ? pktt_fail(err, r, "%s", v->session.err.text) : 0;
}

static bool is_added(const struct pktt_command *cmd)
{
	return cmd->verb == PKTT_RULE_APPEND || cmd->verb == PKTT_RULE_INSERT;
}

static int send(struct verbs *v, struct pktt_command *cmd, struct pktt_error *err)
{
	int r = v->txn ? 0 : begin(v, err);

	if (r)
		return r;
	if (v->before || v->after)
		return insert_beside(v, cmd, err);
	return pkttnl_txn_command(v->txn, cmd, PKTTNL_NOFLUSH | PKTTNL_COUNTERS, err);
}

/* One command of the line; the language has checked it, so what fails from here on is the daemon's. */
static int take(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct verbs *v = ctx;
	int r;

	v->seen = *cmd;
	v->seen.rule = NULL;
	v->seen.element = NULL;
	v->nseen++;
	if ((v->before || v->after) && !is_added(cmd))
		return pktt_fail(err, -EINVAL, "--before and --after go with -A and -I");
	if (cmd->verb == PKTT_LIST || cmd->verb == PKTT_LIST_RULES)
		return pktt_fail(err, -EINVAL, "one command at a time");
	v->stage = VERBS_SEND;
	describe(v, cmd);
	r = cmd->verb == PKTT_RULE_CHECK ? check(v, cmd, err) : send(v, cmd, err);
	if (r == 0)
		v->stage = VERBS_PARSE;
	return r;
}

static int commit(struct verbs *v, struct answer *answer, struct pktt_error *err)
{
	uint64_t generation = 0;
	int r;

	v->stage = VERBS_COMMIT;
	pkttnl_txn_on_object(v->txn, take_echo, answer);
	r = pkttnl_txn_commit(v->txn, &generation, &v->session.err);
	if (r)
		return pktt_fail(err, r, "%s", v->session.err.text);
	say(answer, generation);
	return 0;
}

/* Would the administrator's own connection survive it? */
static int ask_guard(struct verbs *v)
{
	struct guard guard;
	int status;

	if (v->alias || v->seen.verb == PKTT_RULE_CHECK)
		return TOOL_OK;
	if (!guard_begin(&guard, &v->session))
		return TOOL_OK;
	guard_words(&guard, v->live.family, v->nwords, v->word);
	status = guard_judge(&guard, v->yes);
	guard_end(&guard);
	return status;
}

static int run(struct verbs *v, struct answer *answer, int *status)
{
	struct pktt_receiver to = { take, v };
	struct pktt_error err = { 0 };
	int r;

	v->stage = VERBS_PARSE;
	r = verbs_read(v, v->session.catalog, &to, &err);
	if (v->lines.len)
		fputs(str_text(&v->lines), stdout);
	if (r == 0 && v->txn)
		r = commit(v, answer, &err);
	if (r)
		*status = verbs_fail(v, &err);
	return r;
}

int verbs_change(struct verbs *v)
{
	struct answer answer;
	int status = TOOL_OK;

	if (session_catalog(&v->session))
		return session_refused(&v->session);
	status = ask_guard(v);
	if (status)
		return status;
	answer_init(&answer, v);
	run(v, &answer, &status);
	pkttnl_txn_free(&v->txn);
	answer_fini(&answer);
	return status;
}
