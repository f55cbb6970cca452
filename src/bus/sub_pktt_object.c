/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables, chains, rules and sets as objects that travel. */
#include "bus/sub_pktt_own.h"

#include "base/str.h"

void sub_object_table(struct wire_object *obj, uint8_t msg, const struct pktt_table *table)
{
	wire_object_init(obj, (enum pktt_rules_msg)msg, pktt_table_family(table));
	wire_set_text(obj, PKTTA_TABLE, pktt_table_name(table));
}

void sub_object_chain(struct wire_object *obj, uint8_t msg, const struct pktt_chain *chain,
		      enum pktt_verdict policy)
{
	struct pktt_counters c;

	sub_object_table(obj, msg, pktt_chain_table(chain));
	wire_set_text(obj, PKTTA_CHAIN, pktt_chain_name(chain));
	if (policy != PKTT_RETURN || pktt_table_family(pktt_chain_table(chain)) == PKTT_BRIDGE)
		wire_set_u64(obj, PKTTA_POLICY, policy);
	pktt_chain_counters(chain, &c);
	wire_set_u64(obj, PKTTA_PACKETS, c.packets);
	wire_set_u64(obj, PKTTA_BYTES, c.bytes);
	if (!pktt_chain_is_base(chain))
		return;
	wire_set_u64(obj, PKTTA_HOOK, pktt_chain_hook(chain));
	wire_set_u64(obj, PKTTA_PRIORITY, (uint64_t)(int64_t)pktt_chain_priority(chain));
}

void sub_object_rule(struct wire_object *obj, uint8_t msg, const struct pktt_rule *rule)
{
	uint64_t hit = pktt_rule_last_hit(rule);
	struct pktt_counters c;

	sub_object_table(obj, msg, pktt_chain_table(rule->chain));
	wire_set_text(obj, PKTTA_CHAIN, pktt_chain_name(rule->chain));
	wire_set_u64(obj, PKTTA_HANDLE, rule->handle);
	wire_set_rule(obj, rule->spec);
	pktt_rule_counters(rule, &c);
	wire_set_u64(obj, PKTTA_PACKETS, c.packets);
	wire_set_u64(obj, PKTTA_BYTES, c.bytes);
	if (hit)
		wire_set_u64(obj, PKTTA_LAST_HIT, hit);
}

void sub_object_set(struct wire_object *obj, uint8_t msg, struct pktt_set *set, struct str *options)
{
	wire_object_init(obj, (enum pktt_rules_msg)msg, WIRE_ANY_FAMILY);
	str_clear(options);
	pktt_set_options(set, options);
	wire_set_text(obj, PKTTA_SET, pktt_set_name(set));
	wire_set_text(obj, PKTTA_SET_TYPE, pktt_set_type(set));
	wire_set_text(obj, PKTTA_OPTIONS, str_text(options));
	wire_set_u64(obj, PKTTA_COUNT, pktt_set_count(set));
}

struct nlmsghdr *sub_message(struct nfnl *bus, const struct wire_object *obj)
{
	uint16_t type = (uint16_t)(PKTT_SUBSYS_RULES << 8 | obj->msg);
	struct nlmsghdr *nlh =
		nfnl_begin(bus, SUB_MESSAGE_MAX, type, obj->flags, wire_family(obj->family), 0);

	return nlh && wire_object_put(obj, nlh, nfnl_room(bus)) == 0 ? nlh : NULL;
}
