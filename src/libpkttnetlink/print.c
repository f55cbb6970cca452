/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects as lines of rule text and as JSON. */
#include "libpkttnetlink/object.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>

/* What of an object the language says: a command, whose names are the object's. */
static bool command_of(const struct pkttnl_object *obj, struct pktt_command *cmd)
{
	static const struct {
		enum pktt_rules_msg message, deleted;
		enum pktt_verb verb;
	} verbs[] = {
		{ PKTT_MSG_NEWTABLE, PKTT_MSG_DELTABLE, PKTT_TABLE_BEGIN },
		{ PKTT_MSG_NEWCHAIN, PKTT_MSG_DELCHAIN, PKTT_CHAIN_DECLARE },
		{ PKTT_MSG_NEWRULE, PKTT_MSG_DELRULE, PKTT_RULE_APPEND },
		{ PKTT_MSG_NEWSET, PKTT_MSG_DELSET, PKTT_SET_CREATE },
		{ PKTT_MSG_NEWELEM, PKTT_MSG_DELELEM, PKTT_SET_ADD },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (obj->wire.msg == verbs[i].message || obj->wire.msg == verbs[i].deleted) {
			*cmd = (struct pktt_command){ .verb = verbs[i].verb };
			return true;
		}
	return false;
}

static void put_field(char field[PKTT_NAME_MAX], const char *text)
{
	field[0] = '\0';
	if (text)
		strncat(field, text, PKTT_NAME_MAX - 1);
}

static void fill(const struct pkttnl_object *obj, struct pktt_command *cmd)
{
	bool is_set = cmd->verb == PKTT_SET_CREATE || cmd->verb == PKTT_SET_ADD;

	if (pkttnl_family_name((int)obj->wire.family))
		cmd->family = (enum pktt_family)obj->wire.family;
	put_field(cmd->table, pkttnl_object_text(obj, PKTTA_TABLE));
	put_field(cmd->chain, pkttnl_object_text(obj, is_set ? PKTTA_SET : PKTTA_CHAIN));
	put_field(cmd->other, pkttnl_object_text(obj, PKTTA_SET_TYPE));
	cmd->policy = (enum pktt_verdict)pkttnl_object_u64(obj, PKTTA_POLICY);
	cmd->handle = pkttnl_object_u64(obj, PKTTA_HANDLE);
	cmd->has_counters = pkttnl_object_has(obj, PKTTA_PACKETS);
	cmd->counters.packets = pkttnl_object_u64(obj, PKTTA_PACKETS);
	cmd->counters.bytes = pkttnl_object_u64(obj, PKTTA_BYTES);
	cmd->rule = obj->rule ? obj->rule->spec : NULL;
	cmd->element = cmd->verb == PKTT_SET_ADD ? pkttnl_object_element(obj, 0)
						 : pkttnl_object_text(obj, PKTTA_OPTIONS);
	if (!cmd->element)
		cmd->element = "";
}

/* --- Text ------------------------------------------------------------------------------------- */

static void put_chain(const struct pktt_command *cmd, struct str *out)
{
	bool is_base = cmd->policy == PKTT_ACCEPT || cmd->policy == PKTT_DROP;

	str_putf(out, ":%s %s [%" PRIu64 ":%" PRIu64 "]", cmd->chain,
		 is_base ? pkttnl_verdict_name(cmd->policy) : "-", cmd->counters.packets,
		 cmd->counters.bytes);
}

static void put_rule(const struct pktt_command *cmd, struct str *out)
{
	size_t before;

	str_putf(out, "-A %s ", cmd->chain);
	before = out->len;
	if (cmd->rule)
		pktt_rule_spec_print(cmd->rule, out);
	if (out->len == before && !out->failed) /* a rule without anything */
		out->data[--out->len] = '\0';
}

static void put_elements(const struct pkttnl_object *obj, const struct pktt_command *cmd,
			 struct str *out)
{
	const char *element;

	for (unsigned int i = 0; (element = pkttnl_object_element(obj, i)); i++)
		str_putf(out, "%sadd %s %s", i ? "\n" : "", cmd->chain, element);
}

int pkttnl_object_print(const struct pkttnl_object *obj, char *buf, size_t room)
{
	struct str out = STR_INIT;
	struct pktt_command cmd;

	if (command_of(obj, &cmd)) {
		fill(obj, &cmd);
		if (cmd.verb == PKTT_TABLE_BEGIN)
			str_putf(&out, "*%s %s", cmd.table, pkttnl_family_name((int)cmd.family));
		else if (cmd.verb == PKTT_CHAIN_DECLARE)
			put_chain(&cmd, &out);
		else if (cmd.verb == PKTT_RULE_APPEND)
			put_rule(&cmd, &out);
		else if (cmd.verb == PKTT_SET_CREATE)
			str_putf(&out, "create %s %s%s%s", cmd.chain, cmd.other,
				 cmd.element[0] ? " " : "", cmd.element);
		else
			put_elements(obj, &cmd, &out);
	}
	return pkttnl_text_out(&out, buf, room);
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* Names of messages that are no objects of the language. */
static const char *const kinds[PKTT_MSG_COUNT] = {
	[PKTT_MSG_NEWGEN] = "generation",  [PKTT_MSG_NEWTRACE] = "trace",
	[PKTT_MSG_NEWHISTORY] = "history", [PKTT_MSG_NEWSTAT] = "stat",
	[PKTT_MSG_NEWQUEUE] = "queue",	   [PKTT_MSG_LOG] = "log",
	[PKTT_MSG_PACKET] = "packet",	   [PKTT_MSG_FLUSH] = "flush",
	[PKTT_MSG_ZERO] = "zero",	   [PKTT_MSG_MOVERULE] = "move",
	[PKTT_MSG_SWAPSET] = "swap",	   [PKTT_MSG_NEWEXT] = "extension",
};

/* "LAST_HIT" -> "last_hit" */
static void put_key(struct json *j, const char *name)
{
	char key[32] = "";

	for (size_t i = 0; name[i] && i < sizeof(key) - 1; i++)
		key[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
	json_key(j, key);
}

static void put_verdict(struct json *j, uint64_t verdict)
{
	const char *name = pkttnl_verdict_name((uint32_t)verdict);

	if (name)
		json_text(j, name);
	else
		json_uint(j, verdict);
}

static void put_who(struct json *j, const struct wire_who *who)
{
	json_begin_object(j);
	json_put_uint(j, "uid", who->uid);
	json_put_uint(j, "pid", who->pid);
	if (who->program)
		json_put_text(j, "program", who->program);
	json_end_object(j);
}

static void put_value(const struct pkttnl_object *obj, enum pktt_attr attr, struct json *j)
{
	const struct wire_value *v = &obj->wire.value[attr];

	switch (wire_attr_kind(attr)) {
	case WIRE_U32:
	case WIRE_U64:
		if (attr == PKTTA_VERDICT || attr == PKTTA_POLICY)
			put_verdict(j, v->number);
		else
			json_uint(j, v->number);
		break;
	case WIRE_S32:
		json_int(j, (int64_t)v->number);
		break;
	case WIRE_TEXT:
		json_text(j, v->text);
		break;
	case WIRE_DATA:
		json_begin_object(j);
		json_key(j, "hex");
		json_hex(j, v->data, v->len);
		json_end_object(j);
		break;
	case WIRE_NEST:
		put_who(j, &obj->wire.who);
		break;
	}
}

static bool is_rule_part(enum pktt_attr attr)
{
	return attr == PKTTA_HEAD || attr == PKTTA_MATCH || attr == PKTTA_TARGET ||
	       attr == PKTTA_EXT || attr == PKTTA_PAD;
}

/* Attributes by their names, but for those whose bits are in told. */
static void put_attrs(const struct pkttnl_object *obj, uint64_t told, struct json *j)
{
	for (uint64_t left = obj->wire.has & ~told; left; left &= left - 1) {
		enum pktt_attr attr = (enum pktt_attr)__builtin_ctzll(left);

		if (is_rule_part(attr))
			continue;
		put_key(j, wire_attr_name(attr));
		put_value(obj, attr, j);
	}
}

#define BIT(n) (UINT64_C(1) << (n))

static void put_other(const struct pkttnl_object *obj, struct json *j)
{
	const char *kind = kinds[obj->wire.msg];

	json_begin_object(j);
	json_key(j, kind ? kind : "message");
	json_begin_object(j);
	if (pkttnl_family_name((int)obj->wire.family))
		json_put_text(j, "family", pkttnl_family_name((int)obj->wire.family));
	put_attrs(obj, 0, j);
	if (obj->rule)
		pktt_rule_spec_json(obj->rule->spec, j);
	json_end_object(j);
	json_end_object(j);
}

/* What the language's object does not say stands beside it: {"rule":{..},"number":3,"last_hit":..}. */
static void put_beside(const struct pkttnl_object *obj, struct str *out)
{
	uint64_t told = BIT(PKTTA_TABLE) | BIT(PKTTA_CHAIN) | BIT(PKTTA_HANDLE) | BIT(PKTTA_NAME) |
			BIT(PKTTA_POLICY) | BIT(PKTTA_PACKETS) | BIT(PKTTA_BYTES) | BIT(PKTTA_SET) |
			BIT(PKTTA_SET_TYPE) | BIT(PKTTA_OPTIONS) | BIT(PKTTA_ELEMENT);
	struct json j = { out, true };

	if (out->failed || !out->len)
		return;
	out->data[--out->len] = '\0'; /* the brace that closes it */
	put_attrs(obj, told, &j);
	json_end_object(&j);
}

int pkttnl_object_json(const struct pkttnl_object *obj, char *buf, size_t room)
{
	struct str out = STR_INIT;
	struct json j = json_to(&out);
	struct pktt_command cmd;

	if (command_of(obj, &cmd) && (cmd.verb != PKTT_RULE_APPEND || obj->rule)) {
		fill(obj, &cmd);
		pktt_command_json(&cmd, &j);
		put_beside(obj, &out);
	} else {
		put_other(obj, &j);
	}
	return pkttnl_text_out(&out, buf, room);
}
