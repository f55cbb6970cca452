/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules as JSON: {"tcp":{"dport":{..}}} is a use of the match tcp with its arguments. */
#include "desc/command.h"

#include "base/json.h"
#include "desc/args.h"
#include "desc/family.h"

static void put_use(const struct pktt_rule_spec *rule, const struct pktt_use *use, struct json *out)
{
	json_begin_object(out);
	json_key(out, use->ext->name);
	pktt_args_json(use->ext, rule->family, use->args, out);
	json_end_object(out);
}

void pktt_rule_spec_json(const struct pktt_rule_spec *rule, struct json *out)
{
	json_put_text(out, "family", pktt_family_name(rule->family));
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
