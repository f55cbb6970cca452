/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ruleset as JSON: the same objects that the language reads back. */
#include "core/set.h"
#include "core/store.h"

#include "base/json.h"

static void put_place(struct json *j, const struct pktt_table *table)
{
	json_put_text(j, "family", pktt_family_name(table->family));
	json_put_text(j, "table", table->name);
}

static void put_counters(struct json *j, const struct pktt_counters *c)
{
	json_put_uint(j, "packets", c->packets);
	json_put_uint(j, "bytes", c->bytes);
}

static void open_item(struct json *j, const char *kind)
{
	json_begin_object(j);
	json_key(j, kind);
	json_begin_object(j);
}

static void close_item(struct json *j)
{
	json_end_object(j);
	json_end_object(j);
}

static void put_table(struct json *j, const struct pktt_table *table)
{
	open_item(j, "table");
	json_put_text(j, "family", pktt_family_name(table->family));
	json_put_text(j, "name", table->name);
	close_item(j);
}

static void put_chain(struct json *j, const struct pktt_chain *chain)
{
	struct pktt_counters c;

	open_item(j, "chain");
	put_place(j, chain->table);
	json_put_text(j, "name", pktt_chain_name(chain));
	if (pktt_chain_policy(chain) != PKTT_RETURN)
		json_put_text(j, "policy",
			      pktt_chain_policy(chain) == PKTT_DROP ? "DROP" : "ACCEPT");
	if (chain->is_base) {
		pktt_chain_counters(chain, &c);
		put_counters(j, &c);
	}
	close_item(j);
}

static void put_rule(struct json *j, const struct pktt_rule *rule)
{
	struct pktt_counters c;

	open_item(j, "rule");
	put_place(j, rule->chain->table);
	json_put_text(j, "chain", pktt_chain_name(rule->chain));
	json_put_uint(j, "handle", rule->handle);
	pktt_rule_counters(rule, &c);
	put_counters(j, &c);
	pktt_rule_spec_json(rule->spec, j);
	close_item(j);
}

void pktt_save_json(struct pktt_engine *engine, const char *version, struct str *out)
{
	struct json j = json_to(out);

	pktt_json_begin(version, &j);
	pktt_sets_json(engine, &j);
	for (struct pktt_table *t = NULL; (t = pktt_table_next(engine, t));) {
		put_table(&j, t);
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			put_chain(&j, c);
		for (struct pktt_chain *c = NULL; (c = pktt_chain_next(t, c));)
			for (struct pktt_rule *r = NULL; (r = pktt_rule_next(c, r));)
				put_rule(&j, r);
	}
	pktt_json_end(&j);
}
