/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands as the objects of the JSON document; json_read.c is the inverse. */
#include "desc/command.h"

#include "base/json.h"
#include "desc/args.h"
#include "desc/family.h"

void pktt_json_begin(const char *version, struct json *out)
{
	json_begin_object(out);
	json_key(out, "pkttables");
	json_begin_array(out);
	json_begin_object(out);
	json_key(out, "metainfo");
	json_begin_object(out);
	json_put_text(out, "version", version);
	json_put_uint(out, "json_schema_version", PKTT_JSON_SCHEMA_VERSION);
	json_end_object(out);
	json_end_object(out);
}

void pktt_json_end(struct json *out)
{
	json_end_array(out);
	json_end_object(out);
}

/* A use of the match tcp is {"tcp":{..}}. */
static void put_use(const struct pktt_rule_spec *rule, const struct pktt_use *use, struct json *out)
{
	json_begin_object(out);
	json_key(out, use->ext->name);
	pktt_args_json(use->ext, rule->family, use->args, out);
	json_end_object(out);
}

void pktt_rule_spec_json(const struct pktt_rule_spec *rule, struct json *out)
{
	if (rule->name[0])
		json_put_text(out, "name", rule->name);
	json_key(out, "head");
	pktt_args_json(rule->head.ext, rule->family, rule->head.args, out);
	json_key(out, "matches");
	json_begin_array(out);
	for (unsigned int i = 0; i < rule->nmatches; i++)
		put_use(rule, &rule->match[i], out);
	json_end_array(out);
	json_key(out, "targets");
	json_begin_array(out);
	for (unsigned int i = 0; i < rule->ntargets; i++)
		put_use(rule, &rule->target[i], out);
	json_end_array(out);
}

static void put_counters(const struct pktt_command *cmd, struct json *out)
{
	if (!cmd->has_counters)
		return;
	json_put_uint(out, "packets", cmd->counters.packets);
	json_put_uint(out, "bytes", cmd->counters.bytes);
}

/* No policy: the chain is user-defined. */
static const char *policy_name(enum pktt_verdict policy)
{
	if (policy == PKTT_ACCEPT)
		return "ACCEPT";
	if (policy == PKTT_DROP)
		return "DROP";
	return policy == PKTT_RETURN ? "RETURN" : NULL;
}

static void put_chain(const struct pktt_command *cmd, struct json *out)
{
	const char *policy = policy_name(cmd->policy);

	json_put_text(out, "family", pktt_family_name(cmd->family));
	json_put_text(out, "table", cmd->table);
	json_put_text(out, "name", cmd->chain);
	if (policy)
		json_put_text(out, "policy", policy);
	put_counters(cmd, out);
}

static void put_rule(const struct pktt_command *cmd, struct json *out)
{
	json_put_text(out, "family", pktt_family_name(cmd->family));
	json_put_text(out, "table", cmd->table);
	json_put_text(out, "chain", cmd->chain);
	if (cmd->handle)
		json_put_uint(out, "handle", cmd->handle);
	put_counters(cmd, out);
	pktt_rule_spec_json(cmd->rule, out);
}

static void put_table(const struct pktt_command *cmd, struct json *out)
{
	json_put_text(out, "family", pktt_family_name(cmd->family));
	json_put_text(out, "name", cmd->table);
}

static void put_set(const struct pktt_command *cmd, struct json *out)
{
	json_put_text(out, "name", cmd->chain);
	json_put_text(out, "type", cmd->other);
	json_put_text(out, "options", cmd->element ? cmd->element : "");
}

static void put_element(const struct pktt_command *cmd, struct json *out)
{
	json_put_text(out, "set", cmd->chain);
	json_put_text(out, "value", cmd->element);
}

static void put_object(const char *kind,
		       void (*put)(const struct pktt_command *cmd, struct json *out),
		       const struct pktt_command *cmd, struct json *out)
{
	json_begin_object(out);
	json_key(out, kind);
	json_begin_object(out);
	put(cmd, out);
	json_end_object(out);
	json_end_object(out);
}

void pktt_command_json(const struct pktt_command *cmd, struct json *out)
{
	if (cmd->verb == PKTT_TABLE_BEGIN)
		put_object("table", put_table, cmd, out);
	else if (cmd->verb == PKTT_CHAIN_DECLARE)
		put_object("chain", put_chain, cmd, out);
	else if (cmd->verb == PKTT_RULE_APPEND)
		put_object("rule", put_rule, cmd, out);
	else if (cmd->verb == PKTT_SET_CREATE)
		put_object("set", put_set, cmd, out);
	else if (cmd->verb == PKTT_SET_ADD)
		put_object("element", put_element, cmd, out);
}
